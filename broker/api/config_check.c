#include "broker/api/config_check.h"

#include "broker/api/api_config.h"
#include "broker/api/misnomer.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>
#include <unistd.h>

static int
become_service(void)
{
	const struct passwd *user = getpwnam("portvakt-api");
	const struct group *verify = getgrnam("portvakt-verify");
	gid_t groups[1];

	if (geteuid() != 0 || !user)
		return 0;
	if (verify)
		groups[0] = verify->gr_gid;
	if (setgroups(verify ? 1 : 0, groups) < 0 ||
	    setresgid(user->pw_gid, user->pw_gid, user->pw_gid) < 0 ||
	    setresuid(user->pw_uid, user->pw_uid, user->pw_uid) < 0)
		return -errno;
	return 0;
}

static int
check_names(const struct api_config *config, const char *trust)
{
	struct portvakt *portvakt = NULL;
	int error = portvakt_open(trust, &portvakt);

	if (!error)
		(void)misnomers_print(portvakt, trust, config, "", stderr);
	portvakt_close(portvakt);
	return error;
}

int
config_check_run(const char *config_dir, const char *trust)
{
	struct api_config *config = NULL;
	struct config_error why;
	int error = become_service();

	if (!error && api_config_read(config_dir, &config, &why) < 0) {
		(void)fprintf(stderr, "%s\n", why.text);
		return EX_CONFIG;
	}
	if (!error)
		error = check_names(config, trust);
	api_config_free(config);
	if (!error)
		return EX_OK;
	(void)fprintf(stderr, "cannot check: %s\n", strerrordesc_np(-error));
	return EX_OSERR;
}
