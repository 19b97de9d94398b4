#include "broker/config/config.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* One machine: its configuration, and its own accounts beside it. */
struct machine {
	char dir[64];
	struct config *config;
	struct config_error error;
};

static const char issuer_head[] = "issuer \"https://idp.example:8443/op\" {\n"
				  "\tclient_id = \"portvakt\"\n"
				  "\tclient_auth = \"none\"\n"
				  "\talgorithms = { \"RS256\" }\n";

static void
put_file(const char *dir, const char *name, const char *text, mode_t mode)
{
	char path[PATH_MAX];
	FILE *file;

	(void)snprintf(path, sizeof(path), "%s/%s", dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static int
set_up(void **state)
{
	struct machine *machine = calloc(1, sizeof(*machine));
	char path[PATH_MAX];

	(void)snprintf(
	    machine->dir, sizeof(machine->dir), "/tmp/portvakt-config-XXXXXX");
	if (!mkdtemp(machine->dir))
		return -1;
	put_file(machine->dir, "passwd",
	    "root:x:0:0::/root:/bin/bash\nper:x:1000:1000::/:/bin/sh\n", 0644);
	put_file(machine->dir, "group", "root:x:0:\nkantine:x:1900100099:per\n",
	    0644);
	(void)snprintf(path, sizeof(path), "%s/portvakt.conf.d", machine->dir);
	*state = machine;
	return mkdir(path, 0755);
}

static int
tear_down(void **state)
{
	struct machine *machine = *state;
	char command[128];

	config_free(machine->config);
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", machine->dir);
	free(machine);
	return system(command);
}

static int
read_machine(struct machine *machine)
{
	machine->config = config_free(machine->config);
	return config_read(machine->dir, &machine->config, &machine->error);
}

static void
put_conf(struct machine *machine, const char *text)
{
	put_file(machine->dir, "portvakt.conf", text, 0644);
}

__attribute__((format(printf, 2, 3))) static void
put_conf_format(struct machine *machine, const char *format, ...)
{
	char text[8192];
	va_list arguments;

	va_start(arguments, format);
	(void)vsnprintf(text, sizeof(text), format, arguments);
	va_end(arguments);
	put_conf(machine, text);
}

static void
assert_refused(struct machine *machine, int error, const char *said)
{
	assert_int_equal(read_machine(machine), error);
	assert_null(machine->config);
	if (!strstr(machine->error.text, said))
		fail_msg(
		    "\"%s\" does not say \"%s\"", machine->error.text, said);
}

static void
put_key(struct machine *machine, const char *name, EVP_PKEY *key,
    const char *password)
{
	char path[PATH_MAX];
	FILE *file;

	assert_non_null(key);
	(void)snprintf(path, sizeof(path), "%s/%s", machine->dir, name);
	file = fopen(path, "w");
	assert_non_null(file);
	assert_int_equal(
	    PEM_write_PrivateKey(file, key, password ? EVP_aes_128_cbc() : NULL,
		NULL, 0, NULL, (void *)(uintptr_t)password),
	    1);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, 0640), 0);
	EVP_PKEY_free(key);
}

static void
test_reads_the_shortest_configuration(void **state)
{
	struct machine *machine = *state;
	const struct config *config;

	put_conf_format(machine, "%s}\n", issuer_head);
	assert_int_equal(read_machine(machine), 0);
	config = machine->config;
	assert_string_equal(
	    config->issuers[0].profile.issuer, "https://idp.example:8443/op");
	assert_string_equal(config->issuers[0].client_id, "portvakt");
	assert_int_equal(config->issuers[0].client_auth, CONFIG_CLIENT_NONE);
	assert_int_equal(config->issuers[0].profile.algorithms, EVIDENCE_RS256);
	assert_string_equal(config->issuers[0].scope, "openid profile");
	assert_int_equal(config->issuers[0].profile.roles_claims_count, 1);
	assert_string_equal(
	    config->issuers[0].profile.roles_claims[0], "roles");
	assert_null(config->issuers[0].profile.units_claim);
	assert_false(config->issuers[0].profile.test);
	assert_false(config->issuers[0].links_persons);
	assert_int_equal(config->issuers[0].profile.clock_skew_s, 10);
	assert_int_equal(config->issuers[0].acr_rank_min, 0);
	assert_int_equal(config->issuers[0].max_age_s, 12 * 3600);
	assert_null(config->issuers[0].ca_file);
	assert_null(config->proxy);
	assert_int_equal(config->issuers_count, 1);
	assert_string_equal(config->issuers[0].name, "staff");
	assert_int_equal(config->hosts_count, 1);
	assert_int_equal(config->issuers[0].hosts_count, 1);
	assert_string_equal(config->issuers[0].hosts[0], "idp.example:8443");
	assert_int_equal(config->login_timeout_s, 300);
	assert_int_equal(config->http_timeout_ms, 5000);
	assert_string_equal(config->home_base, "/home");
	assert_string_equal(config->shell, "/bin/bash");
	assert_false(config->enumerate);
}

static const char two_issuers[] =
    "issuer \"https://a.example\" {\n"
    "\tname = \"staff\" client_id = a client_auth = none\n"
    "\talgorithms = { RS256 } hosts = { \"keys.example\" }\n"
    "\tacr = { idporten-loa-low, low, idporten-loa-high }\n"
    "\tacr_minimum = low level_high = low\n%s}\n"
    "issuer \"https://b.example\" {\n"
    "\tclient_id = b client_auth = none algorithms = { RS256 }\n"
    "\thosts = { \"keys.example\" } %s\n}\n";

static void
test_reads_several_issuers(void **state)
{
	struct machine *machine = *state;
	const struct config *config;
	const struct config_issuer *staff, *partner;

	put_conf_format(machine, two_issuers, "", "name = \"partner\"");
	if (read_machine(machine) != 0)
		fail_msg("%s", machine->error.text);
	config = machine->config;
	assert_int_equal(config->issuers_count, 2);
	staff = config_issuer_by_name(config, "staff");
	partner = config_issuer_by_url(config, "https://b.example");
	assert_ptr_equal(staff, &config->issuers[0]);
	assert_ptr_equal(partner, &config->issuers[1]);
	assert_string_equal(partner->name, "partner");
	assert_null(config_issuer_by_name(config, "other"));
	assert_null(config_issuer_by_url(config, "https://b.example/"));
	assert_string_equal(staff->level_low, "idporten-loa-low");
	assert_null(staff->level_substantial);
	assert_string_equal(staff->level_high, "low");
	assert_null(partner->level_high);
	assert_int_equal(config->hosts_count, 3);
	assert_string_equal(config->hosts[0], "a.example");
	assert_string_equal(config->hosts[1], "b.example");
	assert_string_equal(config->hosts[2], "keys.example");
}

static void
test_refuses_issuers_that_cannot_be_told_apart(void **state)
{
	struct machine *machine = *state;

	put_conf_format(machine, two_issuers, "", "");
	assert_refused(machine, -EINVAL, ":10: issuer \"https://b.example\"");
	assert_refused(machine, -EINVAL, "each needs a name");
	put_conf_format(machine, two_issuers, "", "name = \"staff\"");
	assert_refused(machine, -EINVAL, "another issuer has its name");
	put_file(machine->dir, "ca.pem", "any", 0644);
	put_conf_format(machine,
	    "issuer \"https://a\" { name = a client_id = x client_auth = none "
	    "algorithms = { RS256 } }\nissuer \"https://b\" { name = b "
	    "client_id = x client_auth = none algorithms = { RS256 }\n"
	    "ca_file = \"%s/ca.pem\" }\n",
	    machine->dir);
	assert_refused(
	    machine, -EINVAL, ":3: issuer \"https://b\": its ca_file");
}

static const char full_conf[] =
    "# Everything that there is. ${THIS} is a \"comment\" with a { in it.\n"
    "issuer 'https://idp.example' {\n"
    "\tclient_id = \"portvakt # no comment\"\n"
    "\tclient_auth = \"private_key_jwt\"\n"
    "\tclient_key_file = \"%s/client.pem\"\n"
    "\tclient_key_id = \"portvakt-1\"\n"
    "\tclient_key_algorithm = \"ES256\"\n"
    "\tscope = \"profile openid\"\n"
    "\talgorithms = {\n\t\t\"RS256\", # one\n\t\t\"PS256\", \"ES256\"\n\t}\n"
    "\tacr = { \"low\", \"substantial\", \"high\" }\n"
    "\tacr_minimum = \"substantial\"\n"
    "\troles_claims = { \"realm_access.roles\", \"groups\" }\n"
    "\tunits_claim = \"unit\" test = true\n"
    "\tlinks_persons = true\n"
    "\tca_file = \"%s/ca.pem\"\n"
    "\thosts = { \"Login.Idp.example\", \"keys.idp.example:8443\",\n"
    "\t    \"idp.example:443\" }\n"
    "\tclock_skew_s = 0\n"
    "\tmax_age_s = 900\n"
    "}\n"
    "login { timeout_s = 60 }\n"
    "fetch { timeout_ms = 2000  proxy = \"http://proxy.example:3128\" }\n"
    "history { keep_days = 400 }\n"
    "accounts { home_base = \"/srv/home\" shell = \"/bin/sh\" "
    "enumerate = true }\n"
    "pam \"gdm-password\" { dialogue = \"terminal\" }\n"
    "pam \"su\" { dialogue = \"none\" }\n"
    "pam \"su\" { dialogue = \"none\" }\n";

static void
check_full_issuer(const struct config_issuer *issuer)
{
	assert_string_equal(issuer->client_id, "portvakt # no comment");
	assert_int_equal(issuer->client_auth, CONFIG_CLIENT_PRIVATE_KEY_JWT);
	assert_null(issuer->client_secret);
	assert_non_null(strstr(secret_reveal(issuer->client_key), "PRIVATE"));
	assert_string_equal(issuer->client_key_id, "portvakt-1");
	assert_string_equal(issuer->client_key_algorithm, "ES256");
	assert_int_equal(issuer->profile.algorithms,
	    EVIDENCE_RS256 | EVIDENCE_PS256 | EVIDENCE_ES256);
	assert_int_equal(issuer->profile.acr_ladder_count, 3);
	assert_string_equal(issuer->profile.acr_ladder[2], "high");
	assert_int_equal(issuer->acr_rank_min, 2);
	assert_int_equal(issuer->max_age_s, 900);
	assert_int_equal(issuer->profile.clock_skew_s, 0);
	assert_int_equal(issuer->profile.roles_claims_count, 2);
	assert_string_equal(
	    issuer->profile.roles_claims[0], "realm_access.roles");
	assert_string_equal(issuer->profile.roles_claims[1], "groups");
	assert_string_equal(issuer->profile.units_claim, "unit");
	assert_true(issuer->profile.test);
	assert_true(issuer->links_persons);
	assert_int_equal(issuer->hosts_count, 3);
	assert_string_equal(issuer->hosts[0], "idp.example");
	assert_string_equal(issuer->hosts[1], "keys.idp.example:8443");
	assert_string_equal(issuer->hosts[2], "login.idp.example");
}

static void
test_reads_everything_there_is(void **state)
{
	struct machine *machine = *state;
	const struct config *config;

	put_key(machine, "client.pem", EVP_EC_gen("P-256"), NULL);
	put_file(machine->dir, "ca.pem", "any", 0644);
	put_conf_format(machine, full_conf, machine->dir, machine->dir);
	if (read_machine(machine) != 0)
		fail_msg("%s", machine->error.text);
	config = machine->config;
	check_full_issuer(&config->issuers[0]);
	assert_int_equal(config->login_timeout_s, 60);
	assert_int_equal(config->history_keep_days, 400);
	assert_int_equal(config->http_timeout_ms, 2000);
	assert_string_equal(config->proxy, "http://proxy.example:3128");
	assert_string_equal(config->home_base, "/srv/home");
	assert_string_equal(config->shell, "/bin/sh");
	assert_true(config->enumerate);
}

static void
test_knows_which_tokens_log_in(void **state)
{
	struct machine *machine = *state;
	const struct config_service *db, *door;

	put_conf_format(machine, two_issuers, "",
	    "name = b acr = { high } acr_minimum = high }\n"
	    "pam postgresql { token_audiences = { \"https://db\", db }\n"
	    "\ttoken_scopes = { \"db:read\" } token_issuer = b\n"
	    "\ttoken_peers = { postgres } }\n"
	    "pam sudo { token_audiences = { sudo } ");
	if (read_machine(machine) != 0)
		fail_msg("%s", machine->error.text);
	db = config_service(machine->config, "postgresql");
	assert_true(config_service_takes_tokens(db));
	assert_int_equal(db->token_audiences_count, 2);
	assert_string_equal(db->token_audiences[0], "https://db");
	assert_int_equal(db->token_scopes_count, 1);
	assert_string_equal(db->token_scopes[0], "db:read");
	assert_string_equal(db->token_issuer, "b");
	assert_int_equal(db->token_peers_count, 1);
	assert_string_equal(db->token_peers[0], "postgres");
	assert_false(config_service_is_strict(db));
	door = config_service(machine->config, "sudo-i");
	assert_string_equal(door->token_audiences[0], "sudo");
	assert_false(
	    config_service_takes_tokens(config_service(machine->config, "su")));
}

static void
test_knows_what_services_need(void **state)
{
	struct machine *machine = *state;
	const struct config_service *sudo, *su;

	put_conf_format(machine, two_issuers, "",
	    "name = b acr = { high } acr_minimum = high }\n"
	    "pam sudo { acr = high max_age = 15min\n"
	    "\tgroups = { ko-drift,\n\t\tko-vakt } }\n"
	    "pam \"su\" { acr = \"idporten-loa-high\" max_age = 2h ");
	if (read_machine(machine) != 0)
		fail_msg("%s", machine->error.text);
	sudo = config_service(machine->config, "sudo");
	assert_int_equal(sudo->dialogue, CONFIG_DIALOGUE_TERMINAL);
	assert_string_equal(sudo->acr, "high");
	assert_int_equal(sudo->acr_rank_min[0], 2);
	assert_int_equal(sudo->acr_rank_min[1], 1);
	assert_int_equal(sudo->max_age_s, 900);
	assert_int_equal(sudo->groups_count, 2);
	assert_string_equal(sudo->groups[1].name, "ko-vakt");
	assert_int_equal(sudo->groups[0].place.line, 11);
	assert_int_equal(sudo->groups[1].place.line, 12);
	assert_non_null(strstr(sudo->groups[1].place.file, "portvakt.conf"));
	su = config_service(machine->config, "su");
	assert_int_equal(su->acr_rank_min[0], 3);
	assert_int_equal(su->acr_rank_min[1], -1);
	assert_int_equal(su->max_age_s, 7200);
	assert_null(config_service(machine->config, "unheard-of"));
	assert_null(config_service(machine->config, "sshd")->acr);
}

static void
test_takes_authorization_details(void **state)
{
	struct machine *machine = *state;

	put_conf_format(machine,
	    "%sauthorization_details = '[{\"type\":\"ansattporten:orgno\"}]' }",
	    issuer_head);
	if (read_machine(machine) != 0)
		fail_msg("%s", machine->error.text);
	assert_string_equal(machine->config->issuers[0].authorization_details,
	    "[{\"type\":\"ansattporten:orgno\"}]");
}

static void
test_knows_how_services_talk(void **state)
{
	struct machine *machine = *state;

	put_conf_format(machine,
	    "%s}\npam \"kiosk\" { dialogue = \"none\" }\n"
	    "pam \"sudo\" { dialogue = \"held\" }\n",
	    issuer_head);
	assert_int_equal(read_machine(machine), 0);
	assert_int_equal(config_service_dialogue(machine->config, "sshd"),
	    CONFIG_DIALOGUE_HELD);
	assert_int_equal(config_service_dialogue(machine->config, "login"),
	    CONFIG_DIALOGUE_TERMINAL);
	assert_int_equal(config_service_dialogue(machine->config, "cron"),
	    CONFIG_DIALOGUE_NONE);
	assert_int_equal(config_service_dialogue(machine->config, "kiosk"),
	    CONFIG_DIALOGUE_NONE);
	assert_int_equal(config_service_dialogue(machine->config, "sudo"),
	    CONFIG_DIALOGUE_HELD);
	assert_int_equal(config_service_dialogue(machine->config, "unheard"),
	    CONFIG_DIALOGUE_HELD);
}

/* What one door says of tokens leaves what it needs of a login, and so on. */
static void
test_other_doors_ask_each_for_itself(void **state)
{
	struct machine *machine = *state;
	const struct config_service *door;

	put_conf_format(machine,
	    "%s}\npam sudo { max_age = 15min token_audiences = { sudo } }\n"
	    "pam sudo-i { token_audiences = { door } }\n"
	    "pam su { max_age = 15min token_audiences = { su } }\n"
	    "pam su-l { max_age = 8h }\n",
	    issuer_head);
	if (read_machine(machine) != 0)
		fail_msg("%s", machine->error.text);
	door = config_service(machine->config, "sudo-i");
	assert_int_equal(door->max_age_s, 900);
	assert_true(config_service_is_strict(door));
	assert_string_equal(door->token_audiences[0], "door");
	door = config_service(machine->config, "su-l");
	assert_int_equal(door->max_age_s, 28800);
	assert_string_equal(door->token_audiences[0], "su");
}

/* "sudo -i" is another PAM service, and another door to the same room. */
static void
test_other_doors_ask_for_the_same(void **state)
{
	struct machine *machine = *state;
	const struct config *config;

	put_conf_format(machine,
	    "%s}\npam sudo { max_age = 15min }\n"
	    "pam sudo-i { dialogue = held }\n"
	    "pam su { max_age = 15min }\npam su-l { max_age = 8h }\n",
	    issuer_head);
	if (read_machine(machine) != 0)
		fail_msg("%s", machine->error.text);
	config = machine->config;
	assert_int_equal(config_service(config, "sudo-i")->max_age_s, 900);
	assert_string_equal(config_service(config, "sudo-i")->name, "sudo-i");
	assert_true(config_service_is_strict(config_service(config, "sudo-i")));
	assert_int_equal(
	    config_service_dialogue(config, "sudo-i"), CONFIG_DIALOGUE_HELD);
	assert_int_equal(config_service(config, "su-l")->max_age_s, 28800);
	assert_false(config_service_is_strict(config_service(config, "cron")));
	assert_false(config_service_is_strict(config_service(config, "sshd")));
}

struct refusal {
	const char *text; /* behind issuer_head */
	const char *said;
};

/* Each stands inside the issuer section, from line 5 on. */
static const struct refusal issuer_refusals[] = {
    {"clientid = \"x\" }", ":5: no such option 'clientid'"},
    {"client_id = \"x\" }", ":5: client_id stands twice"},
    {"algorithms = { \"ES256\" } }", ":5: algorithms stands twice"},
    {"scope = { \"openid\" } }", ":5: unexpected token"},
    {"scope = \"profile\" }", ":5: scope = \"profile\": the scope must hold"},
    {"scope = \"xopenid openidx\" }", "must hold"},
    {"acr = { \"low\" } }", "no acr_minimum"},
    {"acr = { \"low\" }\nacr_minimum = \"high\" }", ":6: acr_minimum \"high\""},
    {"acr_minimum = \"high\" }", "is not in acr"},
    {"acr = { \"low\", \"low\" } acr_minimum = \"low\" }", "stands twice"},
    {"clock_skew_s = -1 }", "from 0 to 300"},
    {"clock_skew_s = 010 }", "decimal number"},
    {"clock_skew_s = 0x10 }", "decimal number"},
    {"clock_skew_s = \"\" }", "decimal number"},
    {"clock_skew_s = 4294967297 }", "decimal number"},
    {"clock_skew_s = 18446744073709551617 }", "decimal number"},
    {"clock_skew_s = \"1 0\" }", "decimal number"},
    {"clock_skew_s = 301 }", "from 0 to 300"},
    {"max_age_s = 2592001 }", "from 0 to 2592000"},
    {"roles_claim = \"roles\" }", ":5: no such option 'roles_claim'"},
    {"roles_claims = { \"a..b\" } }", ":5: roles_claims = \"a..b\""},
    {"roles_claims = { \"a\", \"a\" } }", "stands twice"},
    {"roles_claims = { a, b, c, d, e, f, g, h, i } }", "at most 8 values"},
    {"units_claim = \".a\" }", "write a claim's name"},
    {"test = yes }", "one of false true"},
    {"ca_file = \"ca.pem\" }", "absolute path"},
    {"scope = open*id }", "this character needs quotes"},
    {"scope = { { \"openid\" } } }", ":5: a '{' too many"},
    {"hosts = { \"https://x\" } }", "HOST or HOST:PORT"},
    {"hosts = { \"a@b\" } }", "HOST or HOST:PORT"},
    {"hosts = { \"a:0\" } }", "HOST or HOST:PORT"},
    {"hosts = { \"a:65536\" } }", "HOST or HOST:PORT"},
    {"hosts = { \"a\", \"a\" } }", "stands twice"},
    {"client_secret_file = \"/x\" }", "client_auth does not use it"},
    {"client_key_id = \"/x\" }", "client_auth does not use it"},
    {"scope = \"openid ${HOME}\" }", ":5: environment variables"},
    {"scope = ${HOME} }", ":5: environment variables"},
    {"scope = \"openid\\x00\" }", ":5: a backslash"},
    {"scope = \"openid\\0\" }", ":5: a backslash"},
    {"scope = \"openid\n\" }", ":5: a text is not closed"},
    {"scope = 'openid", "ends inside a text"},
    {"\n# no end\n", ":1: the '{' here is not closed"},
    {"} }", ":5: a '}' without its '{'"},
    {"} }\n", ":5: a '}' without its '{'"},
    {"} /* x */", ":5: a comment begins with '#'"},
    {"} // x", ":5: a comment begins with '#'"},
    {"scope += \"x\" }", ":5: this character needs quotes"},
    {"} include(\"/etc/passwd\")", ":5: this character needs quotes"},
    {"}\nlogin|timeout_s = 3", ":6: no sub-section"},
    {"}\r\n", ":5: a control character"},
    {"}\nissuer \"https://idp.example:8443/op\" { }",
	":6: a second section of issuer"},
    {"}\npam sudo { acr = high }", ":6: acr = \"high\": no issuer of"},
    {"}\npam sudo { max_age = 15 }", "a number and s, min, h or d"},
    {"}\npam sudo { max_age = 0min }", "a number and s, min, h or d"},
    {"}\npam sudo { max_age = 367d }", "a number and s, min, h or d"},
    {"}\npam sudo { groups = { \"Ko Drift\" } }", "the names of access"},
    {"}\npam db { token_audiences = { \"a b\" } }", "without a space"},
    {"}\npam db {\n token_issuer = staff }",
	":7: pam \"db\": no token logs in there: write token_audiences"},
    {"}\npam db { token_peers = { postgres } }", "write token_audiences"},
    {"}\npam db { token_peers = { \"Post Gres\" } }", "of local accounts"},
    {"}\npam db { token_audiences = { a } token_issuer = other }",
	"no issuer section has this name"},
    {"}\npam db { token_audiences = { unspecified } }", "is no audience"},
    {"}\npam db { token_scopes = { \"db:read\" } }",
	"tokens of other services"},
    {"}\npam db { token_scopes = { openid, profile } }",
	":6: pam \"db\": token_scopes: every service's tokens have these: "
	"write token_audiences, or a scope that is this service's own"},
    {"}\npam db { token_audiences = { a } }\n"
     "pam db { token_audiences = { b } }",
	":7: pam \"db\": the section that ends at "},
    {"}\npam sudo { max_age = 1h }\npam sudo { max_age = 2h }",
	":7: pam \"sudo\": the section that ends at "},
    {"authorization_details = '{}' }", "a JSON array of objects"},
    {"authorization_details = '[]' }", "a JSON array of objects"},
    {"authorization_details = '[{\"type\":1}]' }", "a JSON array of objects"},
    {"authorization_details = '[{}, 1]' }", "a JSON array of objects"},
    {"name = \"Staff\" }", "1 to 32 of a to z"},
    {"acr = { l } acr_minimum = l level_high = h }",
	"level_high \"h\" is not in acr"},
    {"}\nlogin { }\nlogin { }", ":7: a second login section"},
    {"}\nlogin { timeout_s = 0 }", "from 1 to 1800"},
    {"}\nlogin { timeout_s = 1801 }", "from 1 to 1800"},
    {"}\nfetch { timeout_ms = 99 }", "from 100 to 60000"},
    {"}\nfetch { proxy = \"https://p\" }", "http://HOST:PORT"},
    {"}\nfetch { proxy = \"http://u:p@p:1\" }", "http://HOST:PORT"},
    {"}\nfetch { proxy = \"http://p/x\" }", "http://HOST:PORT"},
    {"}\naccounts { enumerate = yes }", "one of false true"},
    {"}\naccounts { shell = \"bash\" }", "absolute path"},
    {"}\naccounts { home_base = \"/home/\" }", "absolute path"},
    {"}\naccounts { home_base = \"/a/../b\" }", "absolute path"},
    {"}\naccounts { home_base = \"/a:b\" }", "absolute path"},
    {"}\npam \"a/b\" { dialogue = \"none\" }", "a file in /etc/pam.d"},
    {"}\npam \"su\" { dialogue = \"loud\" }", "one of none terminal held"},
    {"}\npam \"su\" { }", ":6: pam \"su\": it says nothing"},
    {"}\npam { dialogue = \"none\" }", "missing title"},
    {"}\npam \"su\" { dialogue = \"none\" }\n# x\n"
     "pam \"su\" { dialogue = \"held\" }",
	"portvakt.conf:6 says otherwise"},
    {"}\nunheard { }", "no such option 'unheard'"},
};

static void
test_refuses_in_the_issuer_section_and_after(void **state)
{
	struct machine *machine = *state;
	size_t i;

	for (i = 0; i < sizeof(issuer_refusals) / sizeof(issuer_refusals[0]);
	     i++) {
		put_conf_format(
		    machine, "%s%s", issuer_head, issuer_refusals[i].text);
		assert_refused(machine, -EINVAL, issuer_refusals[i].said);
	}
}

static void
test_refuses_what_is_no_issuer(void **state)
{
	static const char *const refused[] = {"http://idp.example", "https://",
	    "https://idp.example?x=1", "https://idp.example#x",
	    "https://u@idp.example", "https://idp.example/ ",
	    "https://idp.example:", "https://idp.example:0443",
	    "https://idp_example", "https://.example", "https://[::1",
	    "HTTPS://idp.example", "idp.example", ""};
	struct machine *machine = *state;
	size_t i;

	for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
		put_conf_format(machine,
		    "issuer \"%s\" { client_id = x client_auth = none "
		    "algorithms = RS256 }",
		    refused[i]);
		assert_refused(machine, -EINVAL, "the https address");
	}
	put_conf(machine, "issuer \"https://[::1]:8443\" { client_id = x "
			  "client_auth = none algorithms = RS256 }");
	assert_int_equal(read_machine(machine), 0);
	assert_string_equal(machine->config->issuers[0].hosts[0], "[::1]:8443");
}

static void
test_a_kind_says_what_is_known_of_it(void **state)
{
	struct machine *machine = *state;
	const struct config_issuer *issuer;

	put_conf(machine, "issuer \"https://test.idporten.no\" {\n"
			  "kind = idporten client_id = x client_auth = none\n"
			  "acr_minimum = idporten-loa-substantial }\n");
	assert_int_equal(read_machine(machine), 0);
	issuer = &machine->config->issuers[0];
	assert_string_equal(issuer->kind->name, "idporten");
	assert_int_equal(issuer->profile.algorithms, EVIDENCE_RS256);
	assert_int_equal(issuer->profile.acr_ladder_count, 3);
	assert_int_equal(issuer->acr_rank_min, 2);
	assert_string_equal(issuer->level_high, "idporten-loa-high");
}

/* What the section says stands, as far as it goes. */
static void
test_settings_go_over_those_of_the_kind(void **state)
{
	struct machine *machine = *state;
	const struct config_issuer *issuer;

	put_conf(machine,
	    "issuer \"https://ansattporten.no\" {\n"
	    "kind = ansattporten client_id = x client_auth = none\n"
	    "acr = { entraid, substantial, high } acr_minimum = entraid }\n");
	assert_int_equal(read_machine(machine), 0);
	issuer = &machine->config->issuers[0];
	assert_int_equal(issuer->profile.algorithms, EVIDENCE_RS256);
	assert_int_equal(issuer->profile.acr_ladder_count, 3);
	assert_int_equal(issuer->acr_rank_min, 1);
	put_conf(machine, "issuer \"https://a\" { client_id = x client_auth = "
			  "none algorithms = ES256 }\n");
	assert_int_equal(read_machine(machine), 0);
	issuer = &machine->config->issuers[0];
	assert_string_equal(issuer->kind->name, "generic");
	assert_int_equal(issuer->profile.algorithms, EVIDENCE_ES256);
	assert_int_equal(issuer->profile.acr_ladder_count, 0);
}

static void
test_refuses_what_a_kind_is_not(void **state)
{
	struct machine *machine = *state;

	put_conf(machine, "issuer \"https://idporten.no/\" { kind = idporten "
			  "client_id = x client_auth = none\n"
			  "acr_minimum = idporten-loa-high }\n");
	assert_refused(machine, -EINVAL, "without the slash at the end");
	put_conf(machine, "issuer \"https://idporten.no\" { kind = idporten "
			  "client_id = x client_auth = none }\n");
	assert_refused(machine, -EINVAL, "no acr_minimum");
	put_conf(machine, "issuer \"https://maskinporten.no\" {\n"
			  "kind = maskinporten }\n");
	assert_refused(machine, -EINVAL, "with a slash at the end");
	put_conf(machine, "issuer \"https://a\" { kind = other }\n");
	assert_refused(machine, -EINVAL, "kind = \"other\": write");
}

/* Services verify its tokens, and nobody is asked for anything. */
static void
test_reads_issuers_without_login(void **state)
{
	struct machine *machine = *state;
	const struct config_issuer *issuer;

	put_conf(machine, "issuer \"https://maskinporten.no/\" {\n"
			  "kind = maskinporten }\n"
			  "issuer \"https://idporten.no\" {\n"
			  "kind = idporten login = false name = innbyggere\n"
			  "links_persons = true }\n");
	assert_refused(machine, -EINVAL, ":2: issuer \"https://maskinporten");
	put_conf(machine, "issuer \"https://maskinporten.no/\" {\n"
			  "kind = maskinporten name = maskin }\n"
			  "issuer \"https://idporten.no\" {\n"
			  "kind = idporten login = false name = innbyggere\n"
			  "links_persons = true }\n");
	if (read_machine(machine) != 0)
		fail_msg("%s", machine->error.text);
	issuer = &machine->config->issuers[0];
	assert_false(issuer->logs_people_in);
	assert_true(issuer->oauth_metadata);
	assert_null(issuer->client_id);
	assert_int_equal(issuer->client_auth, 0);
	assert_int_equal(issuer->profile.algorithms, EVIDENCE_RS256);
	assert_false(issuer->introspects);
	assert_int_equal(issuer->targets_count, 0);
	assert_int_equal(issuer->exchange_targets_count, 0);
	issuer = &machine->config->issuers[1];
	assert_false(issuer->logs_people_in);
	assert_false(issuer->oauth_metadata);
	assert_true(issuer->links_persons);
	assert_int_equal(issuer->profile.acr_ladder_count, 3);
	assert_int_equal(config_next_login(machine->config, 0), 2);
}

static void
test_names_one_that_is_alone(void **state)
{
	struct machine *machine = *state;

	put_conf(machine, "issuer \"https://maskinporten.no/\" {\n"
			  "kind = maskinporten }\n");
	assert_int_equal(read_machine(machine), 0);
	assert_string_equal(machine->config->issuers[0].name, "maskinporten");
}

static void
test_reads_what_this_machine_gets(void **state)
{
	struct machine *machine = *state;
	const struct config_issuer *issuer;
	const struct config *config;

	put_key(machine, "rsa.pem", EVP_RSA_gen(2048), NULL);
	put_file(machine->dir, "secret", "hemmelig", 0640);
	put_conf_format(machine,
	    "issuer \"https://maskinporten.no/\" {\n"
	    "kind = maskinporten name = maskin client_id = m\n"
	    "client_auth = private_key_jwt client_key_id = k\n"
	    "client_key_file = \"%s/rsa.pem\" client_key_algorithm = RS256\n"
	    "targets = { \"ks:fiks\", \"nav:helse/sykepenger/afp.read\" }\n"
	    "resources = { \"https://a\" } authorization_details_for = "
	    "{ \"0192:974760673\" }\n"
	    "authorization_details_types = { \"urn:t\" } }\n"
	    "issuer \"https://tokenx\" { name = tokenx login = false\n"
	    "algorithms = RS256 client_id = t metadata = "
	    "oauth-authorization-server\n"
	    "client_auth = client_secret_post client_secret_file = "
	    "\"%s/secret\"\n"
	    "introspection = true exchange_targets = { \"prod:ns:app\" }\n"
	    "targets = { reports } }\n"
	    "issuer \"https://a\" { name = a client_id = x client_auth = none "
	    "algorithms = RS256 }\n",
	    machine->dir, machine->dir);
	if (read_machine(machine) != 0)
		fail_msg("%s", machine->error.text);
	config = machine->config;
	issuer = config_issuer_by_name(config, "maskin");
	assert_int_equal(issuer->targets_count, 2);
	assert_string_equal(issuer->targets[0], "ks:fiks");
	assert_int_equal(issuer->resources_count, 1);
	assert_string_equal(issuer->resources[0], "https://a");
	assert_int_equal(issuer->details_for_count, 1);
	assert_string_equal(issuer->details_for[0], "0192:974760673");
	assert_int_equal(issuer->details_types_count, 1);
	assert_string_equal(issuer->details_types[0], "urn:t");
	assert_string_equal(issuer->client_id, "m");
	assert_non_null(issuer->client_key);
	issuer = config_issuer_by_name(config, "tokenx");
	assert_int_equal(issuer->resources_count, 0);
	assert_int_equal(issuer->details_for_count, 0);
	assert_int_equal(issuer->details_types_count, 0);
	assert_true(issuer->introspects);
	assert_true(issuer->oauth_metadata);
	assert_int_equal(issuer->exchange_targets_count, 1);
	assert_string_equal(issuer->exchange_targets[0], "prod:ns:app");
	/* People log in at the one that does not say otherwise. */
	assert_int_equal(config_next_login(config, 0), 2);
	assert_int_equal(config_next_login(config, 3), 3);
}

/* Each stands behind "kind = maskinporten", in line 2. */
static const struct refusal machine_refusals[] = {
    {"login = true }", ":2: login: an issuer of kind maskinporten logs"},
    {"login = ja }", ":2: login"},
    {"client_id = x }", ":2: client_id: nothing uses it without login"},
    {"client_key_id = x }", ":2: client_key_id: nothing uses it"},
    {"scope = openid }", ":2: scope: only logins use it"},
    {"max_age_s = 0 }", ":2: max_age_s: only logins use it"},
    {"acr = { high } }", ":2: acr: an issuer of machine tokens"},
    {"links_persons = true }", ":2: links_persons: an issuer of machine"},
    {"introspection = true }", ":2: introspection: an issuer of machine"},
    {"exchange_targets = { a } }", ":2: exchange_targets: an issuer of"},
    {"targets = { \"a b\" } }", ":2: targets = \"a b\""},
    {"targets = { a, a } }", "stands twice"},
    {"resources = { a } }", ":2: resources: only tokens for targets"},
    {"authorization_details_for = { \"0192:974760673\" } }",
	":2: authorization_details_for: only tokens for targets"},
    {"targets = { a } authorization_details_for = { \"0192:974760674\" } }",
	":2: authorization_details_for = \"0192:974760674\": write 0192:"},
    {"targets = { a }\n"
     "authorization_details_types = { \"urn:altinn:systemuser\" } }",
	":3: authorization_details_types = \"urn:altinn:systemuser\": write"},
    {"targets = { a } }", "has no client_id: login, introspection, targets"},
    {"targets = { a } client_id = x }", "has no client_auth"},
    {"targets = { a } client_id = x\nclient_auth = none }",
	":3: client_auth: targets are got with a signed assertion"},
    {"metadata = discovery }", ":2: metadata"},
    {"kind = generic }", "kind stands twice"},
};

/* Behind "login = false algorithms = RS256", in line 2. */
static const struct refusal other_refusals[] = {
    {"acr_minimum = high }", ":2: acr_minimum: only logins use it"},
    {"authorization_details = '[{\"type\":\"a\"}]' }", "only logins use it"},
    {"introspection = true client_id = x\nclient_auth = none }",
	":3: client_auth: introspection, targets and exchange_targets need"},
    {"targets = { a } client_id = x\nclient_auth = none }",
	":3: client_auth: introspection, targets and exchange_targets need"},
    {"exchange_targets = { a } client_id = x\nclient_auth = none }",
	":3: client_auth: introspection, targets and exchange_targets need"},
    {"acr = { high } }\npam su { acr = high }",
	":3: acr = \"high\": no issuer of logins has this level"},
};

static void
test_refuses_what_nothing_would_use(void **state)
{
	struct machine *machine = *state;
	size_t i;

	for (i = 0; i < sizeof(machine_refusals) / sizeof(*machine_refusals);
	     i++) {
		put_conf_format(machine,
		    "issuer \"https://maskinporten.no/\" {\n"
		    "kind = maskinporten %s\n",
		    machine_refusals[i].text);
		assert_refused(machine, -EINVAL, machine_refusals[i].said);
	}
	for (i = 0; i < sizeof(other_refusals) / sizeof(*other_refusals); i++) {
		put_conf_format(machine,
		    "issuer \"https://a\" {\n"
		    "login = false algorithms = RS256 %s\n",
		    other_refusals[i].text);
		assert_refused(machine, -EINVAL, other_refusals[i].said);
	}
}

static void
test_targets_of_maskinporten_need_an_rsa_key(void **state)
{
	struct machine *machine = *state;

	put_key(machine, "ec.pem", EVP_EC_gen("P-256"), NULL);
	put_conf_format(machine,
	    "issuer \"https://maskinporten.no/\" {\n"
	    "kind = maskinporten client_id = m client_key_id = k\n"
	    "client_auth = private_key_jwt client_key_file = \"%s/ec.pem\"\n"
	    "client_key_algorithm = ES256\ntargets = { \"ks:fiks\" } }\n",
	    machine->dir);
	assert_refused(machine, -EINVAL,
	    ":4: client_key_algorithm: Maskinporten takes RSA keys alone");
}

static void
test_an_issuer_of_people_gives_machines_nothing(void **state)
{
	struct machine *machine = *state;

	put_file(machine->dir, "secret", "hemmelig", 0640);
	put_conf_format(machine,
	    "issuer \"https://idporten.no\" {\n"
	    "kind = idporten login = false client_id = m\n"
	    "client_auth = client_secret_post client_secret_file = "
	    "\"%s/secret\"\n"
	    "targets = { reports } }\n",
	    machine->dir);
	assert_refused(machine, -EINVAL,
	    ":4: targets: an issuer of this kind gives machines no tokens");
}

/* Only issuers of logins have levels for a pam section. */
static void
test_logins_have_their_levels_alone(void **state)
{
	struct machine *machine = *state;
	const struct config_service *sudo;

	put_conf_format(machine, two_issuers, "",
	    "name = b acr = { high } acr_minimum = high }\n"
	    "issuer \"https://c\" { name = c login = false acr = { high }\n"
	    "algorithms = { RS256 } }\npam sudo { acr = high ");
	if (read_machine(machine) != 0)
		fail_msg("%s", machine->error.text);
	sudo = config_service(machine->config, "sudo");
	assert_int_equal(sudo->acr_rank_min[1], 1);
	assert_int_equal(sudo->acr_rank_min[2], -1);
}

static void
test_requires_what_every_issuer_needs(void **state)
{
	struct machine *machine = *state;

	put_conf(machine, "issuer \"https://a\" { client_id = x client_auth = "
			  "none\n\n}\n");
	assert_refused(machine, -EINVAL,
	    ":3: the issuer section that ends here "
	    "has no algorithms");
	put_conf(machine, "");
	assert_refused(machine, -EINVAL, "no issuer section");
	put_conf(machine, "login { }\n");
	assert_refused(machine, -EINVAL, "no issuer section");
	put_conf_format(
	    machine, "%sca_file = \"/nowhere/ca.pem\" }", issuer_head);
	assert_refused(machine, -ENOENT, ":5: ca_file /nowhere/ca.pem: there");
	put_file(machine->dir, "portvakt.conf", "\"unclosed at the end", 0644);
	assert_refused(machine, -EINVAL, ":1: the file ends inside a text");
}

static void
test_reads_drop_ins_in_the_order_of_their_names(void **state)
{
	struct machine *machine = *state;
	const char *dir = machine->dir;

	put_conf_format(machine, "%s}\n", issuer_head);
	put_file(dir, "portvakt.conf.d/20-b.conf",
	    "pam \"b\" { dialogue = none }\n", 0644);
	put_file(dir, "portvakt.conf.d/10-a.conf",
	    "pam \"a\" { dialogue = none }\n", 0644);
	put_file(dir, "portvakt.conf.d/.30-c.conf", "junk", 0644);
	put_file(dir, "portvakt.conf.d/30-c.conf~", "junk", 0644);
	put_file(dir, "portvakt.conf.d/.conf", "junk", 0644);
	assert_int_equal(read_machine(machine), 0);
	assert_int_equal(config_service_dialogue(machine->config, "a"),
	    CONFIG_DIALOGUE_NONE);
	assert_int_equal(config_service_dialogue(machine->config, "b"),
	    CONFIG_DIALOGUE_NONE);

	put_file(dir, "portvakt.conf.d/30-c.conf",
	    "\npam \"a\" { dialogue = held }\n", 0644);
	assert_refused(
	    machine, -EINVAL, "portvakt.conf.d/30-c.conf:2: pam \"a\"");
	put_file(dir, "portvakt.conf.d/30-c.conf", issuer_head, 0644);
	assert_refused(machine, -EINVAL, "30-c.conf:1: the '{'");
}

static void
test_refuses_files_that_others_can_write(void **state)
{
	struct machine *machine = *state;
	char path[PATH_MAX];

	put_conf_format(machine, "%s}\n", issuer_head);
	put_file(machine->dir, "portvakt.conf.d/a.conf", "", 0666);
	assert_refused(machine, -EPERM, "a.conf: others can write it");
	put_file(machine->dir, "portvakt.conf.d/a.conf", "", 0644);
	(void)snprintf(path, sizeof(path), "%s/portvakt.conf.d", machine->dir);
	assert_int_equal(chmod(path, 0777), 0);
	assert_refused(machine, -EPERM, "portvakt.conf.d: others can write");
	assert_int_equal(chmod(path, 0755), 0);
	assert_int_equal(chmod(machine->dir, 0770), 0);
	assert_refused(machine, -EPERM, "others can write it");
	assert_int_equal(chmod(machine->dir, 0755), 0);
	assert_int_equal(read_machine(machine), 0);

	(void)snprintf(path, sizeof(path), "%s/portvakt.conf", machine->dir);
	assert_int_equal(chmod(path, 0664), 0);
	assert_refused(machine, -EPERM, "portvakt.conf: others can write it");
	assert_int_equal(unlink(path), 0);
	assert_refused(machine, -ENOENT, "no such file");
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_refused(machine, -EINVAL, "not a regular file");
}

static void
put_key_conf(struct machine *machine, const char *algorithm)
{
	put_conf_format(machine,
	    "issuer \"https://idp.example\" {\n\tclient_id = x\n"
	    "\tclient_auth = private_key_jwt\n\talgorithms = RS256\n"
	    "\tclient_key_file = \"%s/key.pem\"\n\tclient_key_id = k\n"
	    "\tclient_key_algorithm = %s\n}\n",
	    machine->dir, algorithm);
}

static void
test_refuses_keys_that_do_not_fit(void **state)
{
	struct machine *machine = *state;

	put_key(machine, "key.pem", EVP_EC_gen("P-256"), NULL);
	put_key_conf(machine, "RS256");
	assert_refused(machine, -EINVAL, "RS256 needs an RSA key");
	put_key(machine, "key.pem", EVP_EC_gen("P-384"), NULL);
	put_key_conf(machine, "ES256");
	assert_refused(machine, -EINVAL, "ES256 needs a P-256 key");
	put_key(machine, "key.pem", EVP_RSA_gen(1024), NULL);
	assert_refused(machine, -EINVAL, "ES256 needs a P-256 key");
	put_key_conf(machine, "RS256");
	assert_refused(machine, -EINVAL, "2048 bits or more");
	put_key(machine, "key.pem", EVP_RSA_gen(2048), NULL);
	assert_int_equal(read_machine(machine), 0);
	put_key(machine, "key.pem", EVP_EC_gen("P-256"), "password");
	assert_refused(machine, -EINVAL, ":5: client_key_file");
	assert_refused(machine, -EINVAL, "the key is encrypted");
	put_file(machine->dir, "key.pem", "-----BEGIN JUNK-----\n", 0640);
	assert_refused(machine, -EINVAL, "no private key in PEM form");
	put_file(machine->dir, "key.pem", "", 0640);
	assert_refused(machine, -EINVAL, "no private key in PEM form");
	put_key_conf(machine, "HS256");
	assert_refused(machine, -EINVAL, "one of ES256 RS256");
}

static void
test_refuses_secrets_that_others_can_read(void **state)
{
	struct machine *machine = *state;
	char path[PATH_MAX], link_path[PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s/secret", machine->dir);
	(void)snprintf(link_path, sizeof(link_path), "%s/link", machine->dir);
	put_conf_format(machine,
	    "issuer \"https://idp.example\" { client_id = x algorithms = "
	    "RS256\n"
	    "client_auth = client_secret_basic\nclient_secret_file = \"%s\" }",
	    path);
	assert_refused(machine, -ENOENT, ":3: client_secret_file");
	put_file(machine->dir, "secret", "hemmelig\n", 0600);
	assert_int_equal(read_machine(machine), 0);
	assert_string_equal(
	    secret_reveal(machine->config->issuers[0].client_secret),
	    "hemmelig");
	assert_int_equal(
	    secret_size(machine->config->issuers[0].client_secret), 8);
	assert_int_equal(chmod(path, 0644), 0);
	assert_refused(machine, -EPERM, "others can read this secret");
	assert_null(strstr(machine->error.text, "hemmelig"));
	assert_int_equal(chmod(path, 0660), 0);
	assert_refused(machine, -EPERM, "others can write it");
	put_file(machine->dir, "secret", "two\nlines\n", 0640);
	assert_refused(machine, -EINVAL, "one line of printable ASCII");
	put_file(machine->dir, "secret", "\n", 0640);
	assert_refused(machine, -EINVAL, "one line of printable ASCII");
	assert_int_equal(rename(path, link_path), 0);
	assert_int_equal(symlink(link_path, path), 0);
	assert_refused(machine, -ELOOP, "symbolic link");
}

static void
test_refuses_a_secret_of_another_group(void **state)
{
	struct machine *machine = *state;
	char path[PATH_MAX];

	if (geteuid() != 0)
		skip();
	(void)snprintf(path, sizeof(path), "%s/secret", machine->dir);
	put_conf_format(machine,
	    "issuer \"https://idp.example\" { client_id = x algorithms = "
	    "RS256\n"
	    "client_auth = client_secret_post\nclient_secret_file = \"%s\" }",
	    path);
	put_file(machine->dir, "secret", "hemmelig", 0640);
	assert_int_equal(read_machine(machine), 0);
	assert_int_equal(chown(path, 0, getegid() + 1), 0);
	assert_refused(machine, -EPERM, "others can read this secret");
	assert_int_equal(chmod(path, 0600), 0);
	assert_int_equal(read_machine(machine), 0);
	assert_int_equal(chown(path, 12345, getegid()), 0);
	assert_refused(machine, -EPERM, "belongs to another user");
}

static void
test_reads_the_shipped_sample(void **state)
{
	struct machine *machine = *state;
	const char *top = getenv("top_srcdir");
	char command[PATH_MAX + 128];

	(void)snprintf(command, sizeof(command),
	    "sed '/_file = /d; s/private_key_jwt/none/; /client_key_/d' "
	    "'%s/packaging/portvakt.conf' > %s/portvakt.conf",
	    top ? top : ".", machine->dir);
	assert_int_equal(system(command), 0);
	if (read_machine(machine) != 0)
		fail_msg("%s", machine->error.text);
	assert_int_equal(machine->config->issuers_count, 1);
}

int
main(void)
{
#define CASE(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
	    CASE(test_reads_the_shortest_configuration),
	    CASE(test_reads_everything_there_is),
	    CASE(test_reads_several_issuers),
	    CASE(test_refuses_issuers_that_cannot_be_told_apart),
	    CASE(test_knows_which_tokens_log_in),
	    CASE(test_knows_what_services_need),
	    CASE(test_takes_authorization_details),
	    CASE(test_knows_how_services_talk),
	    CASE(test_other_doors_ask_for_the_same),
	    CASE(test_other_doors_ask_each_for_itself),
	    CASE(test_refuses_in_the_issuer_section_and_after),
	    CASE(test_refuses_what_is_no_issuer),
	    CASE(test_a_kind_says_what_is_known_of_it),
	    CASE(test_settings_go_over_those_of_the_kind),
	    CASE(test_reads_issuers_without_login),
	    CASE(test_names_one_that_is_alone),
	    CASE(test_reads_what_this_machine_gets),
	    CASE(test_refuses_what_nothing_would_use),
	    CASE(test_targets_of_maskinporten_need_an_rsa_key),
	    CASE(test_an_issuer_of_people_gives_machines_nothing),
	    CASE(test_logins_have_their_levels_alone),
	    CASE(test_refuses_what_a_kind_is_not),
	    CASE(test_requires_what_every_issuer_needs),
	    CASE(test_reads_drop_ins_in_the_order_of_their_names),
	    CASE(test_refuses_files_that_others_can_write),
	    CASE(test_refuses_keys_that_do_not_fit),
	    CASE(test_refuses_secrets_that_others_can_read),
	    CASE(test_refuses_a_secret_of_another_group),
	    CASE(test_reads_the_shipped_sample),
	};

	return cmocka_run_group_tests_name("config", tests, NULL, NULL);
}
