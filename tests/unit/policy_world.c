#include "tests/unit/policy_world.h"

#include "tests/unit/unit.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const staff_ladder[] = {
    "idporten-loa-substantial", "idporten-loa-high"};
static const char *const partner_ladder[] = {"idporten-loa-substantial"};
static const struct issuer_profile staff = {.issuer = "https://staff.example",
    .acr_ladder = staff_ladder,
    .acr_ladder_count = 2};
static const struct issuer_profile partner = {
    .issuer = "https://partner.example",
    .acr_ladder = partner_ladder,
    .acr_ladder_count = 1};
static const struct policy_known_issuer issuers[] = {
    {.name = "staff",
	.profile = &staff,
	.level_substantial = "idporten-loa-substantial",
	.level_high = "idporten-loa-high"},
    {.name = "partner",
	.profile = &partner,
	.level_substantial = "idporten-loa-substantial"},
};

static void
put_text(const char *dir, const char *name, const char *text)
{
	char path[PATH_MAX];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
}

static void
drop_file(const char *dir, const char *name)
{
	char path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	(void)unlink(path);
}

static int
read_accounts(struct local_accounts **ret_accounts)
{
	char dir[] = "/tmp/portvakt-policy-XXXXXX";
	int error;

	if (!mkdtemp(dir))
		return -1;
	put_text(dir, "passwd", "root:x:0:0:::\nper:x:1000:1000:::\n");
	put_text(dir, "group", "root:x:0:\nkantine:x:1900000099:per\n");
	error = local_accounts_read(dir, ret_accounts);
	drop_file(dir, "passwd");
	drop_file(dir, "group");
	(void)rmdir(dir);
	return error;
}

struct policy_test_world *
policy_world_new(void)
{
	struct policy_test_world *world = calloc(1, sizeof(*world));

	if (!world || read_accounts(&world->local) != 0) {
		free(world);
		return NULL;
	}
	world->files = calloc(1, sizeof(*world->files));
	return world;
}

void
policy_world_free(struct policy_test_world *world)
{
	policy_text_free(world->text);
	policy_files_free(world->files);
	local_accounts_free(world->local);
	free(world);
}

char *
policy_world_source(const char *path)
{
	const char *top = getenv("top_srcdir");
	char whole[PATH_MAX];
	size_t size = 0;
	char *text = NULL;
	FILE *file;

	(void)snprintf(whole, sizeof(whole), "%s/%s", top ? top : ".", path);
	file = fopen(whole, "r");
	if (!file)
		fail_msg("cannot open %s", whole);
	if (getdelim(&text, &size, '\0', file) < 0) {
		free(text);
		text = strdup("");
	}
	assert_int_equal(fclose(file), 0);
	return text;
}

void
policy_world_put(struct policy_test_world *world, const char *name,
    const char *path, bool shipped)
{
	char *text = policy_world_source(path);

	assert_int_equal(
	    policy_files_add(world->files, name, text, strlen(text), shipped,
		strcmp(name, "units.conf") == 0),
	    0);
	free(text);
}

int
policy_world_read(struct policy_test_world *world)
{
	const struct policy_world known = {.issuers = issuers,
	    .issuers_count = sizeof(issuers) / sizeof(issuers[0]),
	    .local = world->local,
	    .was_in_force = world->was_in_force};

	world->text = policy_text_free(world->text);
	return policy_read(world->files, &known, &world->text, &world->error);
}
