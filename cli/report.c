#include "cli/report.h"

#include "cli/json_text.h"

#include <inttypes.h>
#include <stdio.h>
#include <time.h>

static const struct text_row {
	const char *name; /* in JSON */
	const char *label;
	const char *(*get)(const struct portvakt_result *result);
} text_rows[] = {
    {"account", "account", portvakt_result_account},
    {"issuer", "issuer", portvakt_result_issuer},
    {"issuer_name", "issuer name", portvakt_result_issuer_name},
    {"subject", "subject", portvakt_result_subject},
    {"acr", "acr", portvakt_result_acr},
    {"consumer", "consumer", portvakt_result_consumer},
    {"supplier", "supplier", portvakt_result_supplier},
    {"delegation_source", "delegation source",
	portvakt_result_delegation_source},
    {"client_id", "client", portvakt_result_client_id},
    {"token_id", "token", portvakt_result_token_id},
};

static const struct time_row {
	const char *name;
	const char *label;
	int64_t (*get)(const struct portvakt_result *result);
} time_rows[] = {
    {"authenticated_at", "authenticated", portvakt_result_authenticated_at},
    {"issued_at", "issued", portvakt_result_issued_at},
    {"expires_at", "expires", portvakt_result_expires_at},
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char *
kind_word(const struct portvakt_result *result)
{
	switch (portvakt_result_subject_kind(result)) {
	case PORTVAKT_SUBJECT_NONE:
		return NULL;
	case PORTVAKT_SUBJECT_PERSON:
		return "person";
	case PORTVAKT_SUBJECT_MACHINE:
		return "machine";
	}
	return NULL;
}

/* A token's own text may hold what a terminal would obey. */
static void
print_safely(const char *text)
{
	const unsigned char *at = (const unsigned char *)text;

	for (; *at; at++)
		putchar(*at < ' ' || *at > '~' ? '?' : *at);
}

static void
print_line(const char *label, const char *text)
{
	if (!text)
		return;
	printf("%-18s", label);
	print_safely(text);
	putchar('\n');
}

static void
print_time(const char *label, int64_t at_s)
{
	time_t when = at_s;
	char text[64];
	struct tm tm;

	if (at_s == 0 || !localtime_r(&when, &tm) ||
	    strftime(text, sizeof(text), "%Y-%m-%d %H:%M:%S %Z", &tm) == 0)
		return;
	print_line(label, text);
}

static void
print_groups(const struct portvakt_result *result)
{
	int64_t until_s;
	size_t i;

	for (i = 0; i < portvakt_result_groups_count(result); i++) {
		print_line("group", portvakt_result_group_name(result, i));
		until_s = portvakt_result_group_granted_until(result, i);
		if (until_s != INT64_MAX)
			print_time("  until", until_s);
	}
}

static void
print_outcome(const struct portvakt_result *result, const char *missing)
{
	const char *detail = portvakt_result_detail(result);

	printf("%s", portvakt_result_word(result));
	if (detail)
		printf(" (%s)", detail);
	if (missing) {
		fputs(", but no member of ", stdout);
		print_safely(missing);
	}
	putchar('\n');
}

void
report_lines(const struct portvakt_result *result, const char *missing)
{
	size_t i;

	print_outcome(result, missing);
	print_line("of a", kind_word(result));
	for (i = 0; i < COUNT(text_rows); i++)
		print_line(text_rows[i].label, text_rows[i].get(result));
	for (i = 0; i < COUNT(time_rows); i++)
		print_time(time_rows[i].label, time_rows[i].get(result));
	for (i = 0; i < portvakt_result_scopes_count(result); i++)
		print_line("scope", portvakt_result_scope(result, i));
	for (i = 0; i < portvakt_result_on_behalf_of_count(result); i++) {
		print_line(
		    "on behalf of", portvakt_result_on_behalf_of(result, i));
		print_line(
		    "  for", portvakt_result_on_behalf_of_resource(result, i));
	}
	print_groups(result);
}

static void
put_groups(struct json_text *json, const struct portvakt_result *result)
{
	int64_t until_s;
	size_t i;

	json_open(json, "groups", '[');
	for (i = 0; i < portvakt_result_groups_count(result); i++) {
		json_open(json, NULL, '{');
		json_put_text(
		    json, "name", portvakt_result_group_name(result, i));
		json_put_integer(
		    json, "gid", portvakt_result_group_gid(result, i));
		until_s = portvakt_result_group_granted_until(result, i);
		if (until_s != INT64_MAX)
			json_put_integer(json, "granted_until", until_s);
		json_close(json, '}');
	}
	json_close(json, ']');
}

static void
put_mandates(struct json_text *json, const struct portvakt_result *result)
{
	size_t i;

	json_open(json, "on_behalf_of", '[');
	for (i = 0; i < portvakt_result_on_behalf_of_count(result); i++) {
		json_open(json, NULL, '{');
		json_put_text(json, "organisation",
		    portvakt_result_on_behalf_of(result, i));
		json_put_text(json, "resource",
		    portvakt_result_on_behalf_of_resource(result, i));
		json_close(json, '}');
	}
	json_close(json, ']');
}

/* What only a good token has. */
static void
put_claims(struct json_text *json, const struct portvakt_result *result)
{
	size_t i;

	json_put_text(json, "subject_kind", kind_word(result));
	for (i = 0; i < COUNT(text_rows); i++)
		json_put_text(
		    json, text_rows[i].name, text_rows[i].get(result));
	if (portvakt_result_level(result) > 0)
		json_put_integer(json, "level", portvakt_result_level(result));
	for (i = 0; i < COUNT(time_rows); i++) {
		if (time_rows[i].get(result) != 0)
			json_put_integer(
			    json, time_rows[i].name, time_rows[i].get(result));
	}
	json_open(json, "scopes", '[');
	for (i = 0; i < portvakt_result_scopes_count(result); i++)
		json_put_text(json, NULL, portvakt_result_scope(result, i));
	json_close(json, ']');
	put_mandates(json, result);
	put_groups(json, result);
}

void
report_json(const struct portvakt_result *result, const char *missing)
{
	struct json_text json = {0};
	bool good = portvakt_result_verdict(result) == PORTVAKT_VERDICT_GOOD;

	json_open(&json, NULL, '{');
	json_put_bool(&json, "good", good && !missing);
	json_put_text(&json, "reason",
	    good && missing ? "group-missing" : portvakt_result_word(result));
	json_put_text(&json, "detail", portvakt_result_detail(result));
	json_put_text(&json, "group_missing", good ? missing : NULL);
	if (good)
		put_claims(&json, result);
	json_close(&json, '}');
	putchar('\n');
}
