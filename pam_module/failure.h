/*
 * What the module itself must say: the broker cannot be asked, or its answer
 * cannot be used. Each way of failing has its verdict, a sentence for the
 * person (bokmål; gettext will find the others) and a remedy for the log.
 */
#pragma once

#include "lib/login_protocol.h"

struct failure {
	int error; /* negative errno */
	enum login_verdict verdict;
	const char *person; /* NULL: there is nobody to tell */
	const char *remedy;
};

/* Never NULL: what the table does not list is an outage. */
const struct failure *failure_find(int error);

/* A format with the service: no answer came through at the token's prompt. */
#define FAILURE_NO_TOKEN_FORMAT                                             \
	"Programmet tok ikke imot svaret. Tokenet er trolig for langt for " \
	"det. Lag en engangskode med\n"                                     \
	"  portvakt handle --service %s < token\n"                          \
	"og skriv den her, eller trykk bare Enter."

/* Ours by the uid, and the directory image does not say more. */
extern const char failure_unavailable_text[];

/* The account phase without a broker, for an account that is locked. */
extern const char failure_locked_text[];

/* The same, where the service asks for what only the broker can tell. */
extern const char failure_strict_text[];
