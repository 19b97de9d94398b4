#include "pam_module/failure.h"

#include <errno.h>
#include <stddef.h>

/*
 * Without æ, ø and å: what sshd hands over with a refusal the OpenSSH client
 * prints in octal, whatever the locale.
 */
#define SUPPORT "Lokale kontoer virker fortsatt. Kontakt IT-hjelpen."

static const struct failure failures[] = {
    {-ENOENT, LOGIN_OUTAGE, "Innloggingstjenesten er ikke i gang. " SUPPORT,
	"portvaktd is not running: systemctl status portvaktd"},
    {-ECONNREFUSED, LOGIN_OUTAGE,
	"Innloggingstjenesten er ikke i gang. " SUPPORT,
	"portvaktd is not running: systemctl status portvaktd"},
    {-ETIMEDOUT, LOGIN_OUTAGE, "Innloggingstjenesten svarer ikke. " SUPPORT,
	"portvaktd hangs: journalctl -u portvaktd, then restart it"},
    {-ECONNRESET, LOGIN_OUTAGE,
	"Innloggingstjenesten stanset midt i innloggingen. Logg inn "
	"igjen. " SUPPORT,
	"portvaktd ended in the middle of a call: journalctl -u portvaktd"},
    {-EBADMSG, LOGIN_OUTAGE,
	"Innloggingstjenesten ga et svar som ikke kan brukes. " SUPPORT,
	"not a message of the login protocol: are portvaktd and this module "
	"of the same release?"},
    {-EMSGSIZE, LOGIN_OUTAGE,
	"Innloggingstjenesten ga et svar som ikke kan brukes. " SUPPORT,
	"a message over the limit: are portvaktd and this module of the same "
	"release?"},
    {-EPERM, LOGIN_MISCONFIGURED,
	"Innloggingstjenesten er satt opp feil og blir ikke brukt. " SUPPORT,
	"the socket's directory and the process behind it must belong to "
	"portvaktd's user or root, and nobody else may write there; the "
	"directory above it is root's alone"},
    {-EACCES, LOGIN_MISCONFIGURED,
	"Dette programmet har ikke tilgang til innloggingstjenesten. " SUPPORT,
	"this application may not use the broker's socket"},
    {-EINVAL, LOGIN_MISCONFIGURED,
	"Dette programmet er satt opp feil for innlogging. " SUPPORT,
	"the application's PAM_TTY, PAM_RHOST or service name is longer than "
	"the login protocol allows, or not printable ASCII"},
    {-E2BIG, LOGIN_DENY,
	"Svaret var for langt og er ikke brukt. Gi et kortere svar.",
	"the person's answer is longer than the login protocol allows"},
    {-ECANCELED, LOGIN_NO_DIALOGUE, NULL,
	"the application's conversation with the person failed or was ended"},
    {-ENOTTY, LOGIN_NO_DIALOGUE, NULL,
	"the application has no conversation function, so nobody can be asked"},
};

const char failure_unavailable_text[] =
    "Innloggingstjenesten kan ikke brukes. " SUPPORT;

static const struct failure unlisted = {
    0, LOGIN_OUTAGE, failure_unavailable_text, "the broker cannot be reached"};

const char failure_strict_text[] =
    "Denne tjenesten krever en innlogging som ikke kan kontrolleres akkurat "
    "nå. Prøv igjen om litt. " SUPPORT;

const char failure_locked_text[] = "Kontoen er sperret. Kontakt IT-hjelpen.";

const struct failure *
failure_find(int error)
{
	size_t i;

	for (i = 0; i < sizeof(failures) / sizeof(failures[0]); i++) {
		if (failures[i].error == error)
			return &failures[i];
	}
	return &unlisted;
}
