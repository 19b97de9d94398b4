/*
 * The input is portvakt.conf. What is accepted must hold what the broker
 * builds on; what is refused must say where and why.
 */
#include "broker/config/config.h"
#include "lib/id.h"
#include "lib/name.h"
#include "tests/fuzz/fuzz.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void
must(bool condition)
{
	if (!condition)
		abort();
}

static void
put_file(const char *dir, const char *name, const void *bytes, size_t size)
{
	char path[128];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	must(file && fwrite(bytes, 1, size, file) == size);
	must(fclose(file) == 0);
}

static void
drop_dir(const char *dir)
{
	char path[128];

	(void)snprintf(path, sizeof(path), "%s/portvakt.conf", dir);
	(void)unlink(path);
	(void)rmdir(dir);
}

static void
check_config(const struct config *config)
{
	const struct config_issuer *issuer = &config->issuers[0];

	must(strncmp(issuer->profile.issuer, "https://", 8) == 0);
	must(issuer->profile.algorithms != 0 && issuer->client_id[0]);
	must(issuer->client_auth >= CONFIG_CLIENT_NONE &&
	     issuer->client_auth <= CONFIG_CLIENT_PRIVATE_KEY_JWT);
	must(issuer->acr_rank_min >= 0 &&
	     (size_t)issuer->acr_rank_min <= issuer->profile.acr_ladder_count);
	must(strstr(issuer->scope, "openid") && issuer->hosts_count > 0);
	must(config->login_timeout_s > 0 && config->http_timeout_ms > 0);
	must(config->home_base[0] == '/' && config->shell[0] == '/');
	must(config_service_dialogue(config, "unheard of") ==
	     CONFIG_DIALOGUE_HELD);
}

static void
check_error(const struct config_error *error)
{
	const char *at;

	must(strstr(error->text, "portvakt") != NULL);
	for (at = error->text; *at; at++)
		must((unsigned char)*at >= 0x20 && *at != 0x7f);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char dir[] = "/tmp/portvakt-fuzz-XXXXXX";
	struct config *config = NULL;
	struct config_error error;
	int result;

	must(mkdtemp(dir));
	put_file(dir, "portvakt.conf", data, size);
	result = config_read(dir, &config, &error);
	drop_dir(dir);
	must((result == 0) == (config != NULL));
	if (config)
		check_config(config);
	else
		check_error(&error);
	config_free(config);
	return 0;
}
