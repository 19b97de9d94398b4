/*
 * authorization_details as Ansattporten's documentation prints it, and beside
 * each what differs in one thing and must be refused.
 */
#include "tests/unit/unit.h"
#include "tests/vectors/mint.h"
#include "verify/mandate.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
	NODES_MAX = 2048,
};

#define UPIS "iso6523-actorid-upis"

/* Altinn 3, as answered since rights came along. */
static const char resource_answer[] =
    "[{\"type\":\"ansattporten:altinn:resource\","
    "\"resource\":\"urn:altinn:resource:infoflyt\","
    "\"resource_name\":\"Infoflyt\",\"authorized_parties\":[{"
    "\"orgno\":{\"authority\":\"" UPIS "\",\"ID\":\"0192:314758625\"},"
    "\"resource\":\"urn:altinn:resource:infoflyt\","
    "\"actions\":[\"read\"],\"name\":\"Ape\",\"unit_type\":\"BEDR\"}]}]";

/* Altinn 3, as answered before: no actions, the resource without its prefix. */
static const char resource_older[] =
    "[{\"authorized_parties\":[{\"orgno\":{\"authority\":\"" UPIS "\","
    "\"ID\":\"0192:314758625\"},\"resource\":\"resource_enkeltrettighet\","
    "\"name\":\"UGJENNOMSIKTIG MINIMALISTISK APE\",\"unit_type\":\"BEDR\"},"
    "{\"orgno\":{\"authority\":\"" UPIS "\",\"ID\":\"0192:311094688\"},"
    "\"resource\":\"resource_enkeltrettighet\","
    "\"name\":\"UKJENT ETTERP\xc3\x85KLOK STRUTS LTD\","
    "\"unit_type\":\"NUF\"}],"
    "\"resource\":\"urn:altinn:resource:resource_enkeltrettighet\","
    "\"type\":\"ansattporten:altinn:resource\","
    "\"resource_name\":\"Ressurs for enkeltrettigheter testing\"}]";

/* Altinn 2. */
static const char service_answer[] =
    "[{\"resource\":\"urn:altinn:resource:2480:40\","
    "\"type\":\"ansattporten:altinn:service\","
    "\"resource_name\":\"Produkter og tjenester\",\"reportees\":[{"
    "\"Rights\":[\"Read\",\"ArchiveDelete\",\"ArchiveRead\"],"
    "\"Authority\":\"" UPIS "\",\"ID\":\"0192:987464291\","
    "\"Name\":\"DIGITALISERINGSDIREKTORATET AVD LEIKANGER\"}]}]";

/* The employer's own, since Virksomhetsbroen. */
static const char orgno_answer[] =
    "[{\"type\":\"ansattporten:orgno\",\"authorized_parties\":[{"
    "\"orgno\":{\"authority\":\"" UPIS "\",\"ID\":\"0192:911830868\"},"
    "\"name\":\"KDI\",\"rights\":[\"les\",\"skriv\"]}]}]";

/* And before it. */
static const char orgno_older[] =
    "[{\"type\":\"ansattporten:orgno\",\"orgno\":{"
    "\"Authority\":\"" UPIS "\",\"ID\":\"0192:987464291\"}}]";

/* "ORGANISATION RESOURCE RIGHT,RIGHT;..." of every mandate. */
static const struct answer {
	const char *text;
	const char *mandates;
} answers[] = {
    {resource_answer, "0192:314758625 urn:altinn:resource:infoflyt read;"},
    {resource_older,
	"0192:314758625 urn:altinn:resource:resource_enkeltrettighet ;"
	"0192:311094688 urn:altinn:resource:resource_enkeltrettighet ;"},
    {service_answer, "0192:987464291 urn:altinn:resource:2480:40 "
		     "Read,ArchiveDelete,ArchiveRead;"},
    {orgno_answer, "0192:911830868  les,skriv;"},
    {orgno_older, "0192:987464291  ;"},

    /* on one's own behalf */
    {"[{\"type\":\"ansattporten:altinn:resource\"}]", ""},
    {"[{\"type\":\"ansattporten:altinn:service\"}]", ""},
    {"[{\"type\":\"ansattporten:orgno\"}]", ""},
    {"[]", ""},

    /* what is somebody else's: ID-porten, Maskinporten */
    {"[{\"type\":\"idporten:fullmakt\",\"permission_roles\":[{\"authorizer\":"
     "{\"name\":\"x\",\"pid\":\"21879498012\"}}]}]",
	""},
    {"[{\"type\":\"urn:altinn:systemuser\",\"systemuser_id\":[\"u\"],"
     "\"systemuser_org\":{\"authority\":\"" UPIS "\","
     "\"ID\":\"0192:910753614\"},\"system_id\":\"i\"}]",
	""},
    {"[{\"type\":\"ansattporten:altinn:Resource\",\"reportees\":1}]", ""},

    /* several entries */
    {"[{\"type\":\"ansattporten:orgno\"},{\"type\":\"ansattporten:orgno\","
     "\"orgno\":{\"authority\":\"" UPIS "\",\"ID\":\"0192:911830868\"}},"
     "{\"type\":\"x\"},{\"type\":\"ansattporten:altinn:service\","
     "\"resource\":\"urn:altinn:resource:1:2\",\"reportees\":[{"
     "\"authority\":\"" UPIS "\",\"ID\":\"0192:991825827\","
     "\"rights\":[]}]}]",
	"0192:911830868  ;0192:991825827 urn:altinn:resource:1:2 ;"},
};

static const struct twin {
	const char *text;
	const char *from;
	const char *to;
} twins[] = {
    /* the type */
    {resource_answer, "\"type\":", "\"Type\":"},
    {resource_answer, "\"ansattporten:altinn:resource\"", "null"},
    {resource_answer, "\"ansattporten:altinn:resource\"",
	"[\"ansattporten:altinn:resource\"]"},
    {resource_answer, "ansattporten:altinn:resource",
	"ansattporten:altinn:service"},
    {resource_answer, "ansattporten:altinn:resource", "ansattporten:orgno"},
    {service_answer, "ansattporten:altinn:service",
	"ansattporten:altinn:resource"},
    {service_answer, "ansattporten:altinn:service", "ansattporten:orgno"},
    {orgno_answer, "ansattporten:orgno", "ansattporten:altinn:resource"},
    {orgno_older, "ansattporten:orgno", "ansattporten:altinn:resource"},

    /* the parties */
    {resource_answer, "authorized_parties", "authorised_parties"},
    {resource_answer, "authorized_parties", "Authorized_parties"},
    {resource_answer, "authorized_parties", "reportees"},
    {resource_answer, "\"authorized_parties\":",
	"\"orgno\":{},"
	"\"authorized_parties\":"},
    {resource_answer, "\"authorized_parties\":",
	"\"reportees\":[],"
	"\"authorized_parties\":"},
    {service_answer, "\"reportees\":",
	"\"authorized_parties\":[],"
	"\"reportees\":"},
    {service_answer, "reportees", "Reportees"},
    {orgno_older, "\"orgno\":{", "\"authorized_parties\":[],\"orgno\":{"},
    {"[{\"type\":\"ansattporten:orgno\",\"authorized_parties\":[]}]", "", ""},
    {"[{\"type\":\"ansattporten:orgno\",\"authorized_parties\":{}}]", "", ""},
    {"[{\"type\":\"ansattporten:orgno\",\"authorized_parties\":null}]", "", ""},
    {"[{\"type\":\"ansattporten:orgno\",\"authorized_parties\":[[]]}]", "", ""},
    {"[{\"type\":\"ansattporten:orgno\",\"authorized_parties\":[{}]}]", "", ""},
    {"[{\"type\":\"ansattporten:orgno\",\"name\":\"self\"}]", "", ""},

    /* the misprint of the documentation, alone and beside the right key */
    {orgno_older, "\"orgno\":", "\"orgno:\":"},
    {orgno_answer, "\"orgno\":", "\"orgno:\":"},

    /* the organisation */
    {orgno_answer, "\"orgno\":{", "\"orgno\":[{\"x\":1}],\"o\":{"},
    {orgno_answer, "\"orgno\":{", "\"ID\":\"0192:911830868\",\"orgno\":{"},
    {orgno_answer, "\"orgno\":{", "\"Authority\":\"" UPIS "\",\"orgno\":{"},
    {orgno_answer, "\"orgno\":{", "\"authority\":\"" UPIS "\",\"orgno\":{"},
    {orgno_answer, "\"authority\":",
	"\"Authority\":\"" UPIS "\","
	"\"authority\":"},
    {orgno_answer, "\"authority\":", "\"AUTHORITY\":"},
    {orgno_answer, "\"authority\":\"" UPIS "\",", ""},
    {orgno_answer, UPIS, "iso6523-actorid"},
    {orgno_answer, UPIS, "ISO6523-ACTORID-UPIS"},
    {orgno_answer, "\"" UPIS "\"", "null"},
    {orgno_answer, "\"ID\":", "\"id\":"},
    {orgno_answer, "0192:911830868", "0192:911830869"},
    {orgno_answer, "0192:911830868", "911830868"},
    {orgno_answer, "0192:911830868", "9908:911830868"},
    {orgno_answer, "0192:911830868", "0192:911830868 "},
    {orgno_answer, "\"0192:911830868\"", "911830868"},
    {orgno_older, "987464291", "987464292"},
    {orgno_older, "\"Authority\":",
	"\"authority\":\"" UPIS "\","
	"\"Authority\":"},
    {service_answer, "987464291", "987464292"},
    {service_answer, UPIS, "upis"},
    {service_answer, "\"Authority\":",
	"\"authority\":\"" UPIS "\","
	"\"Authority\":"},
    {service_answer, "\"Authority\":", "\"orgno\":{},\"Authority\":"},

    /* the resource */
    {resource_answer,
	"\"resource\":\"urn:altinn:resource:infoflyt\","
	"\"resource_name\"",
	"\"resource_name\""},
    {resource_answer,
	"\"resource\":\"urn:altinn:resource:infoflyt\","
	"\"actions\"",
	"\"resource\":\"urn:altinn:resource:svarut\",\"actions\""},
    {resource_answer,
	"\"resource\":\"urn:altinn:resource:infoflyt\","
	"\"actions\"",
	"\"resource\":\"urn:altinn:resource:infoflyx\",\"actions\""},
    {resource_answer,
	"\"resource\":\"urn:altinn:resource:infoflyt\","
	"\"actions\"",
	"\"resource\":\"\",\"actions\""},
    {resource_answer,
	"\"resource\":\"urn:altinn:resource:infoflyt\","
	"\"actions\"",
	"\"resource\":null,\"actions\""},
    {resource_older, "enkeltrettighet\",\"name\":\"UKJENT",
	"enkeltrettigheter\",\"name\":\"UKJENT"},
    {service_answer, "\"resource\":\"urn:altinn:resource:2480:40\",", ""},
    {service_answer, "\"urn:altinn:resource:2480:40\"", "2480"},
    {service_answer, "urn:altinn:resource:2480:40", ""},
    {service_answer, "urn:altinn:resource:2480:40", "urn:altinn:\\n"},
    {orgno_answer, "\"authorized_parties\"",
	"\"resource\":\"urn:altinn:resource:a\",\"authorized_parties\""},
    {orgno_answer, "\"name\"", "\"resource\":\"a\",\"name\""},

    /* the rights */
    {resource_answer, "[\"read\"]", "\"read\""},
    {resource_answer, "[\"read\"]", "{\"read\":true}"},
    {resource_answer, "[\"read\"]", "null"},
    {resource_answer, "[\"read\"]", "[1]"},
    {resource_answer, "[\"read\"]", "[\"\"]"},
    {resource_answer, "[\"read\"]", "[[\"read\"]]"},
    {resource_answer, "[\"read\"]", "[\"read\\u0007\"]"},
    {resource_answer, "\"actions\":", "\"rights\":[],\"actions\":"},
    {service_answer, "\"Rights\":", "\"rights\":[\"Read\"],\"Rights\":"},
    {orgno_answer, "\"rights\":", "\"actions\":[\"les\"],\"rights\":"},

    /* entries and the claim */
    {"{\"type\":\"ansattporten:orgno\"}", "", ""},
    {"\"ansattporten:orgno\"", "", ""},
    {"null", "", ""},
    {"[null]", "", ""},
    {"[[]]", "", ""},
    {"[{}]", "", ""},
    {"[\"ansattporten:orgno\"]", "", ""},
    {"[{\"type\":\"x\"},{}]", "", ""},
};

static struct objection
read_mandates(char *text, struct identity *identity)
{
	static struct json_node nodes[NODES_MAX];
	struct json json;

	identity->mandates_count = 0;
	identity->rights_count = 0;
	if (json_read(text, strlen(text), nodes, NODES_MAX, &json) < 0)
		fail_msg("not JSON: %s", text);
	return mandates_get(&json, json.nodes, identity);
}

static void
write_slice(FILE *out, struct slice text)
{
	assert_int_equal(fwrite(text.at, 1, text.size, out), text.size);
}

static char *
describe(const struct identity *identity)
{
	char *text = NULL;
	size_t size = 0, i, right;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	for (i = 0; i < identity->mandates_count; i++) {
		const struct identity_mandate *mandate = &identity->mandates[i];

		write_slice(out, mandate->organisation);
		fputc(' ', out);
		write_slice(out, mandate->resource);
		for (right = 0; right < mandate->rights_count; right++) {
			fputc(right == 0 ? ' ' : ',', out);
			write_slice(out,
			    identity->rights[mandate->rights_first + right]);
		}
		fputs(mandate->rights_count == 0 ? " ;" : ";", out);
	}
	assert_int_equal(fclose(out), 0);
	return text;
}

static void
test_published_answers(void **state)
{
	static struct identity identity;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(answers) / sizeof(*answers); i++) {
		char *text = strdup(answers[i].text);
		struct objection found = read_mandates(text, &identity);
		char *mandates = describe(&identity);

		if (is_objection(found))
			fail_msg("refused: %s", answers[i].text);
		assert_string_equal(mandates, answers[i].mandates);
		free(mandates);
		free(text);
	}
}

static void
test_what_is_not_exactly_right(void **state)
{
	static struct identity identity;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(twins) / sizeof(*twins); i++) {
		const struct twin *twin = &twins[i];
		char *text =
		    *twin->from ? mint_replace(twin->text, twin->from, twin->to)
				: strdup(twin->text);
		struct objection found = read_mandates(text, &identity);

		if (!is_objection(found))
			fail_msg("%s for %s in %s", twin->to, twin->from,
			    twin->text);
		assert_int_equal(found.result, EVIDENCE_CLAIMS_MALFORMED);
		assert_string_equal(found.detail, "authorization_details");
		free(text);
	}
}

static void
test_without_a_claim_nobody_is_acted_for(void **state)
{
	static struct identity identity;
	struct json json = {.text = ""};

	(void)state;
	assert_false(is_objection(mandates_get(&json, NULL, &identity)));
	assert_int_equal(identity.mandates_count, 0);
}

/* One entry with that many parties, each with that many rights. */
static char *
many(size_t parties, size_t rights)
{
	char *text = NULL;
	size_t size = 0, i, right;
	FILE *out = open_memstream(&text, &size);

	assert_non_null(out);
	fputs(
	    "[{\"type\":\"ansattporten:orgno\",\"authorized_parties\":[", out);
	for (i = 0; i < parties; i++) {
		fprintf(out,
		    "%s{\"orgno\":{\"authority\":\"" UPIS "\","
		    "\"ID\":\"0192:911830868\"},\"rights\":[",
		    i > 0 ? "," : "");
		for (right = 0; right < rights; right++)
			fprintf(out, "%s\"r\"", right > 0 ? "," : "");
		fputs("]}", out);
	}
	fputs("]}]", out);
	assert_int_equal(fclose(out), 0);
	return text;
}

static bool
takes_many(size_t parties, size_t rights)
{
	static struct identity identity;
	char *text = many(parties, rights);
	bool taken = !is_objection(read_mandates(text, &identity));

	if (taken) {
		assert_int_equal(identity.mandates_count, parties);
		assert_int_equal(identity.rights_count, parties * rights);
	}
	free(text);
	return taken;
}

static void
test_there_are_limits(void **state)
{
	(void)state;
	assert_true(takes_many(IDENTITY_MANDATES_MAX, 4));
	assert_false(takes_many(IDENTITY_MANDATES_MAX + 1, 0));
	assert_true(takes_many(1, IDENTITY_RIGHTS_MAX));
	assert_false(takes_many(1, IDENTITY_RIGHTS_MAX + 1));
	assert_false(takes_many(3, IDENTITY_RIGHTS_MAX / 2));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_published_answers),
	    cmocka_unit_test(test_what_is_not_exactly_right),
	    cmocka_unit_test(test_without_a_claim_nobody_is_acted_for),
	    cmocka_unit_test(test_there_are_limits),
	};

	return cmocka_run_group_tests_name("mandate", tests, NULL, NULL);
}
