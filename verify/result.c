#include "verify/result.h"

#include "verify/reason.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct result_group {
	const char *name;
	int64_t until_s;
	uint32_t gid;
};

struct result_mandate {
	const char *organisation;
	const char *resource;
};

struct portvakt_result {
	size_t holders; /* 0: a constant */
	size_t size_bytes;
	enum portvakt_reason reason;
	const char *detail;
	enum portvakt_subject kind;
	const char *texts[RESULT_TEXTS];
	int level;
	int64_t authenticated_at_s;
	int64_t issued_at_s;
	int64_t expires_at_s;
	size_t groups_count;
	size_t scopes_count;
	size_t mandates_count;
	struct result_group *groups; /* these lie behind the structure */
	struct result_mandate *mandates;
	const char **scopes;
};

static size_t
text_size(struct slice text)
{
	return text.size > 0 ? text.size + 1 : 0;
}

static size_t
count_granted(const struct result_source *source)
{
	size_t count = 0, i;

	for (i = 0; i < source->decisions_count; i++)
		count += source->decisions[i].outcome == DECISION_GRANTED;
	return count;
}

static size_t
size_of_texts(const struct result_source *source)
{
	const struct identity *identity = source->identity;
	size_t size = 0, i;

	for (i = 0; i < RESULT_TEXTS; i++)
		size += text_size(source->texts[i]);
	for (i = 0; i < identity->scopes_count; i++)
		size += text_size(identity->scopes[i]);
	for (i = 0; i < identity->mandates_count; i++)
		size += text_size(identity->mandates[i].organisation) +
			text_size(identity->mandates[i].resource);
	for (i = 0; i < source->decisions_count; i++) {
		if (source->decisions[i].outcome == DECISION_GRANTED)
			size += strlen(source->decisions[i].group->name) + 1;
	}
	return size;
}

/* Where the next text goes. */
static const char *
put_text(char **at, struct slice text)
{
	char *start = *at;

	if (text.size == 0)
		return NULL;
	memcpy(start, text.at, text.size);
	start[text.size] = '\0';
	*at = start + text.size + 1;
	return start;
}

static void
put_groups(struct portvakt_result *result, const struct result_source *source,
    char **at)
{
	size_t i;

	for (i = 0; i < source->decisions_count; i++) {
		const struct decision *decision = &source->decisions[i];

		if (decision->outcome != DECISION_GRANTED)
			continue;
		result->groups[result->groups_count++] = (struct result_group){
		    .name = put_text(at, slice_of(decision->group->name)),
		    .gid = decision->group->gid,
		    .until_s = decision->changes_at_s,
		};
	}
}

static void
put_identity(
    struct portvakt_result *result, const struct identity *identity, char **at)
{
	size_t i;

	result->level = identity->acr_rank;
	result->authenticated_at_s = identity->authenticated_at_s;
	result->issued_at_s = identity->issued_at_s;
	result->expires_at_s = identity->expires_at_s;
	for (i = 0; i < identity->scopes_count; i++)
		result->scopes[result->scopes_count++] =
		    put_text(at, identity->scopes[i]);
	for (i = 0; i < identity->mandates_count; i++) {
		const struct identity_mandate *mandate = &identity->mandates[i];

		result->mandates[result->mandates_count++] =
		    (struct result_mandate){
			.organisation = put_text(at, mandate->organisation),
			.resource = put_text(at, mandate->resource),
		    };
	}
}

/* The structure, and behind it the lists; then where the texts begin. */
static struct portvakt_result *
allocate(const struct result_source *source, char **ret_texts)
{
	const struct identity *identity = source->identity;
	size_t groups = count_granted(source);
	struct portvakt_result *result;
	size_t size;

	size = sizeof(*result) + groups * sizeof(struct result_group) +
	       identity->mandates_count * sizeof(struct result_mandate) +
	       identity->scopes_count * sizeof(const char *);
	result = malloc(size + size_of_texts(source));
	if (!result)
		return NULL;
	*result = (struct portvakt_result){
	    .holders = 1, .size_bytes = size + size_of_texts(source)};
	result->groups = (struct result_group *)(result + 1);
	result->mandates = (struct result_mandate *)(result->groups + groups);
	result->scopes =
	    (const char **)(result->mandates + identity->mandates_count);
	*ret_texts = (char *)(result->scopes + identity->scopes_count);
	return result;
}

int
result_new(
    const struct result_source *source, struct portvakt_result **ret_result)
{
	struct portvakt_result *result;
	char *at = NULL;
	size_t i;

	result = allocate(source, &at);
	if (!result)
		return -ENOMEM;
	result->reason = PORTVAKT_GOOD;
	result->kind = source->kind;
	for (i = 0; i < RESULT_TEXTS; i++)
		result->texts[i] = put_text(&at, source->texts[i]);
	put_groups(result, source, &at);
	put_identity(result, source->identity, &at);
	*ret_result = result;
	return 0;
}

struct portvakt_result *
result_new_refusal(enum portvakt_reason reason, const char *detail)
{
	static const struct portvakt_result no_memory = {
	    .reason = PORTVAKT_NO_MEMORY};
	union {
		const struct portvakt_result *constant;
		struct portvakt_result *result;
	} none = {.constant = &no_memory};
	struct portvakt_result *result = malloc(sizeof(*result));

	if (!result)
		return none.result;
	*result = (struct portvakt_result){
	    .holders = 1,
	    .size_bytes = sizeof(*result),
	    .reason = reason,
	    .detail = detail,
	};
	return result;
}

struct portvakt_result *
result_new_refusal_of(enum portvakt_reason reason, const char *detail,
    const struct slice texts[static RESULT_TEXTS])
{
	struct portvakt_result *result;
	size_t size = sizeof(*result), i;
	char *at;

	for (i = 0; i < RESULT_TEXTS; i++)
		size += text_size(texts[i]);
	result = malloc(size);
	if (!result) /* said with less, or that there is no memory */
		return result_new_refusal(reason, detail);
	*result = (struct portvakt_result){
	    .holders = 1,
	    .size_bytes = size,
	    .reason = reason,
	    .detail = detail,
	};
	at = (char *)(result + 1);
	for (i = 0; i < RESULT_TEXTS; i++)
		result->texts[i] = put_text(&at, texts[i]);
	return result;
}

struct portvakt_result *
result_hold(struct portvakt_result *result)
{
	if (result->holders > 0)
		result->holders++;
	return result;
}

void
portvakt_result_free(struct portvakt_result *result)
{
	if (!result || result->holders == 0 || --result->holders > 0)
		return;
	explicit_bzero(result, result->size_bytes);
	free(result);
}

size_t
result_size_bytes(const struct portvakt_result *result)
{
	return result->size_bytes;
}

enum portvakt_verdict
portvakt_result_verdict(const struct portvakt_result *result)
{
	return reason_verdict(portvakt_result_reason(result));
}

enum portvakt_reason
portvakt_result_reason(const struct portvakt_result *result)
{
	return result ? result->reason : PORTVAKT_NOT_JUDGED;
}

const char *
portvakt_result_word(const struct portvakt_result *result)
{
	return reason_word(portvakt_result_reason(result));
}

const char *
portvakt_result_detail(const struct portvakt_result *result)
{
	return result ? result->detail : NULL;
}

enum portvakt_subject
portvakt_result_subject_kind(const struct portvakt_result *result)
{
	return result ? result->kind : PORTVAKT_SUBJECT_NONE;
}

const char *
result_recorded(const struct portvakt_result *result, enum result_text which)
{
	return result ? result->texts[which] : NULL;
}

/* Whose a refused token is, is nobody's business. */
static const char *
text(const struct portvakt_result *result, enum result_text which)
{
	return portvakt_result_reason(result) == PORTVAKT_GOOD
		   ? result_recorded(result, which)
		   : NULL;
}

const char *
portvakt_result_account(const struct portvakt_result *result)
{
	return text(result, RESULT_ACCOUNT);
}

const char *
portvakt_result_issuer(const struct portvakt_result *result)
{
	return text(result, RESULT_ISSUER);
}

const char *
portvakt_result_issuer_name(const struct portvakt_result *result)
{
	return text(result, RESULT_ISSUER_NAME);
}

const char *
portvakt_result_subject(const struct portvakt_result *result)
{
	return text(result, RESULT_SUBJECT);
}

const char *
portvakt_result_client_id(const struct portvakt_result *result)
{
	return text(result, RESULT_CLIENT_ID);
}

const char *
portvakt_result_token_id(const struct portvakt_result *result)
{
	return text(result, RESULT_TOKEN_ID);
}

const char *
portvakt_result_acr(const struct portvakt_result *result)
{
	return text(result, RESULT_ACR);
}

const char *
portvakt_result_consumer(const struct portvakt_result *result)
{
	return text(result, RESULT_CONSUMER);
}

const char *
portvakt_result_supplier(const struct portvakt_result *result)
{
	return text(result, RESULT_SUPPLIER);
}

const char *
portvakt_result_delegation_source(const struct portvakt_result *result)
{
	return text(result, RESULT_DELEGATION_SOURCE);
}

int
portvakt_result_level(const struct portvakt_result *result)
{
	return result ? result->level : 0;
}

int64_t
portvakt_result_authenticated_at(const struct portvakt_result *result)
{
	return result ? result->authenticated_at_s : 0;
}

int64_t
portvakt_result_issued_at(const struct portvakt_result *result)
{
	return result ? result->issued_at_s : 0;
}

int64_t
portvakt_result_expires_at(const struct portvakt_result *result)
{
	return result ? result->expires_at_s : 0;
}

size_t
portvakt_result_groups_count(const struct portvakt_result *result)
{
	return result ? result->groups_count : 0;
}

static const struct result_group *
group(const struct portvakt_result *result, size_t index)
{
	return index < portvakt_result_groups_count(result)
		   ? &result->groups[index]
		   : NULL;
}

const char *
portvakt_result_group_name(const struct portvakt_result *result, size_t index)
{
	return group(result, index) ? group(result, index)->name : NULL;
}

uint32_t
portvakt_result_group_gid(const struct portvakt_result *result, size_t index)
{
	return group(result, index) ? group(result, index)->gid : 0;
}

int64_t
portvakt_result_group_granted_until(
    const struct portvakt_result *result, size_t index)
{
	return group(result, index) ? group(result, index)->until_s : 0;
}

bool
portvakt_result_has_group(
    const struct portvakt_result *result, const char *name)
{
	size_t i;

	for (i = 0; i < portvakt_result_groups_count(result); i++) {
		if (strcmp(result->groups[i].name, name) == 0)
			return true;
	}
	return false;
}

size_t
portvakt_result_scopes_count(const struct portvakt_result *result)
{
	return result ? result->scopes_count : 0;
}

const char *
portvakt_result_scope(const struct portvakt_result *result, size_t index)
{
	return index < portvakt_result_scopes_count(result)
		   ? result->scopes[index]
		   : NULL;
}

size_t
portvakt_result_on_behalf_of_count(const struct portvakt_result *result)
{
	return result ? result->mandates_count : 0;
}

static const struct result_mandate *
mandate_at(const struct portvakt_result *result, size_t index)
{
	return index < portvakt_result_on_behalf_of_count(result)
		   ? &result->mandates[index]
		   : NULL;
}

const char *
portvakt_result_on_behalf_of(const struct portvakt_result *result, size_t index)
{
	const struct result_mandate *mandate = mandate_at(result, index);

	return mandate ? mandate->organisation : NULL;
}

const char *
portvakt_result_on_behalf_of_resource(
    const struct portvakt_result *result, size_t index)
{
	const struct result_mandate *mandate = mandate_at(result, index);

	return mandate ? mandate->resource : NULL;
}
