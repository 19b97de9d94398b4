#include "broker/token/token_question.h"

#include "broker/json_document.h"
#include "broker/text.h"
#include "broker/token_details.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>

struct copied {
	struct token_question question; /* first: this is what others see */
	const char *resources[TOKEN_RESOURCES_MAX];
	size_t size;
	char text[];
};

static bool
is_listed(const char *const *list, size_t count, const char *word)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(list[i], word) == 0)
			return true;
	}
	return false;
}

/*
 * RFC 8707, 2: a resource becomes the audience, and so says whom the token
 * speaks to. A record names them all.
 */
static bool
are_resources(
    const struct token_question *question, const struct config_issuer *issuer)
{
	char text[TOKEN_RESOURCES_TEXT_SIZE];
	size_t i;

	if (question->resources_count > TOKEN_RESOURCES_MAX)
		return false;
	for (i = 0; i < question->resources_count; i++) {
		if (!is_listed(issuer->resources, issuer->resources_count,
			question->resources[i]))
			return false;
	}
	return token_question_resources(
	    question->resources, question->resources_count, text);
}

static bool
is_detail(const json_t *json, const struct config_issuer *issuer)
{
	struct token_detail detail;

	if (token_detail_read(json, &detail))
		return false;
	return detail.organisation
		   ? is_listed(issuer->details_for, issuer->details_for_count,
			 detail.organisation)
		   : is_listed(issuer->details_types,
			 issuer->details_types_count, detail.type);
}

/* All of it can be recorded, too. */
static bool
are_all_details(const json_t *array, const struct config_issuer *issuer)
{
	char text[TOKEN_DETAILS_TEXT_SIZE];
	const json_t *one;
	size_t i;

	if (json_array_size(array) == 0)
		return false;
	json_array_foreach (array, i, one) {
		if (!is_detail(one, issuer))
			return false;
	}
	return token_details_describe(array, text);
}

/* RFC 9396, 2: an array of objects. */
static bool
are_details(const char *json, const struct config_issuer *issuer)
{
	size_t size = strnlen(json, TOKEN_DETAILS_SIZE);
	json_t *array;
	bool good;

	if (size == TOKEN_DETAILS_SIZE)
		return false;
	array = json_loadb(json, size, JSON_REJECT_DUPLICATES, NULL);
	good = are_all_details(array, issuer);
	json_decref(array);
	return good;
}

bool
token_question_resources(const char *const *resources, size_t count,
    char ret_text[static TOKEN_RESOURCES_TEXT_SIZE])
{
	size_t i, used = 0;

	ret_text[0] = '\0';
	for (i = 0; i < count; i++) {
		used += (size_t)snprintf(ret_text + used,
		    TOKEN_RESOURCES_TEXT_SIZE - used, "%s%s", i > 0 ? " " : "",
		    resources[i]);
		if (used >= TOKEN_RESOURCES_TEXT_SIZE)
			return false;
	}
	return true;
}

static struct token_objection
check_machine(
    const struct token_question *question, const struct config_issuer *issuer)
{
	if (!is_listed(
		issuer->targets, issuer->targets_count, question->target))
		return (struct token_objection){"invalid_scope",
		    "the target is not among the targets of this issuer"};
	if (!are_resources(question, issuer))
		return (struct token_objection){"invalid_target",
		    "a resource is not among the resources of this issuer, or "
		    "there are too many"};
	if (question->authorization_details &&
	    !are_details(question->authorization_details, issuer))
		return (struct token_objection){"invalid_authorization_details",
		    "authorization_details are not of the "
		    "authorization_details_for or authorization_details_types "
		    "of this issuer, or too long"};
	return (struct token_objection){0};
}

static struct token_objection
check_exchange(
    const struct token_question *question, const struct config_issuer *issuer)
{
	const char *user_token = question->user_token;

	if (!is_listed(issuer->exchange_targets, issuer->exchange_targets_count,
		question->target))
		return (struct token_objection){"invalid_target",
		    "the target is not among the exchange_targets of this "
		    "issuer"};
	if (!user_token || !user_token[0] || strchr(user_token, ' ') ||
	    !text_is_ascii(user_token, TOKEN_USER_TOKEN_SIZE))
		return (struct token_objection){
		    "invalid_request", "user_token is no token"};
	if (question->resources_count > 0 || question->authorization_details)
		return (struct token_objection){"invalid_request",
		    "an exchange takes no resource and no "
		    "authorization_details"};
	return (struct token_objection){0};
}

struct token_objection
token_question_check(
    const struct token_question *question, const struct config_issuer *issuer)
{
	switch (question->kind) {
	case TOKEN_MACHINE:
		return check_machine(question, issuer);
	case TOKEN_EXCHANGE:
		return check_exchange(question, issuer);
	}
	return (struct token_objection){
	    "invalid_request", "no such kind of token"};
}

/* With its length before it, so that no two questions run together. */
static bool
add_text(EVP_MD_CTX *context, const char *text)
{
	uint64_t size = text ? strlen(text) : UINT64_MAX;

	return EVP_DigestUpdate(context, &size, sizeof(size)) == 1 &&
	       (!text || EVP_DigestUpdate(context, text, size) == 1);
}

static bool
add_question(EVP_MD_CTX *context, const struct token_question *question,
    const struct config_issuer *issuer)
{
	const uint64_t numbers[] = {question->kind, question->resources_count};
	bool good = EVP_DigestUpdate(context, numbers, sizeof(numbers)) == 1 &&
		    add_text(context, issuer->profile.issuer) &&
		    add_text(context, issuer->client_id) &&
		    add_text(context, question->target) &&
		    add_text(context, question->authorization_details) &&
		    add_text(context, question->user_token);
	size_t i;

	for (i = 0; i < question->resources_count && good; i++)
		good = add_text(context, question->resources[i]);
	return good;
}

int
token_question_digest(const struct token_question *question,
    const struct config_issuer *issuer,
    uint8_t ret_digest[static TOKEN_DIGEST_SIZE])
{
	EVP_MD_CTX *context = EVP_MD_CTX_new();
	bool good = context &&
		    EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
		    add_question(context, question, issuer) &&
		    EVP_DigestFinal_ex(context, ret_digest, NULL) == 1;

	EVP_MD_CTX_free(context);
	return good ? 0 : -ENOMEM;
}

static size_t
size_of(const char *text)
{
	return text ? strlen(text) + 1 : 0;
}

/* Copies text to *at, which moves on. NULL stays NULL. */
static const char *
put_text(char **at, const char *text)
{
	char *copy = *at;

	if (!text)
		return NULL;
	strcpy(copy, text);
	*at += strlen(text) + 1;
	return copy;
}

int
token_question_copy(
    const struct token_question *question, struct token_question **ret_copy)
{
	size_t i, size = size_of(question->issuer) + size_of(question->target) +
			 size_of(question->authorization_details) +
			 size_of(question->user_token);
	struct copied *copy;
	char *at;

	for (i = 0; i < question->resources_count; i++)
		size += size_of(question->resources[i]);
	copy = malloc(sizeof(*copy) + size);
	if (!copy)
		return -ENOMEM;
	copy->size = size;
	copy->question = *question;
	copy->question.resources = copy->resources;
	at = copy->text;
	copy->question.issuer = put_text(&at, question->issuer);
	copy->question.target = put_text(&at, question->target);
	copy->question.authorization_details =
	    put_text(&at, question->authorization_details);
	copy->question.user_token = put_text(&at, question->user_token);
	for (i = 0; i < question->resources_count; i++)
		copy->resources[i] = put_text(&at, question->resources[i]);
	*ret_copy = &copy->question;
	return 0;
}

struct token_question *
token_question_free(struct token_question *question)
{
	struct copied *copy = (struct copied *)question;

	if (copy)
		explicit_bzero(copy->text, copy->size);
	free(copy);
	return NULL;
}
