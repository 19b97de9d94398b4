#include "broker/login/sentence.h"

#include "broker/login/qr.h"

#include <stdio.h>
#include <string.h>

/*
 * A refusal comes after the last prompt, and what comes there the ssh client
 * spells in octal beyond ASCII. So these sentences do with the letters a to z.
 */
#define ASK_SUPPORT "Kontakt IT-hjelpen og oppgi referansen."
#define TRY_LATER \
	"Vent noen minutter, og logg inn igjen. Lokale kontoer virker."

struct refusal {
	const char *reason;
	const char *what;
	const char *next;
};

/* By reason, for those that a person can do something about. */
static const struct refusal reasons[] = {
    {"other-person",
	"Godkjenningen kom fra en annen person enn den som eier kontoen.",
	"Logg ut i nettleseren, og logg inn igjen med din egen eID."},
    {"acr-too-low",
	"Du ble godkjent med en svakere eID enn denne maskinen krever.",
	"Logg inn igjen, og velg en sikrere eID."},
    {"test-identity", "Du ble godkjent som en testperson.",
	"Logg inn igjen med din egen eID."},
    {"person-number-bad",
	"ID-tjenesten oppga et identitetsnummer som ikke er gyldig.",
	ASK_SUPPORT},
    {"account-locked", "Kontoen er sperret.", ASK_SUPPORT},
    {"denied", "Innloggingen ble avvist i nettleseren.",
	"Logg inn igjen hvis det var en feil. Var det ikke du som logget\n"
	"inn, avviste du rett: meld fra til IT-hjelpen."},
    {"peer-not-entitled", "Bare den som eier skjermen, slipper inn her.",
	ASK_SUPPORT},
    {"busy", "For mange logger inn samtidig.", TRY_LATER},
};

/* By verdict, when the reason has no sentence of its own. */
static const struct refusal verdicts[] = {
    [LOGIN_DENY] = {NULL, "Svaret fra ID-tjenesten kunne ikke godtas.",
	ASK_SUPPORT},
    [LOGIN_ALLOW] = {NULL, "", ""},
    [LOGIN_UNKNOWN_USER] = {NULL, "Kontoen finnes ikke her.", ASK_SUPPORT},
    [LOGIN_OUTAGE] = {NULL, "ID-tjenesten svarer ikke som den skal.",
	TRY_LATER},
    [LOGIN_MISCONFIGURED] = {NULL, "Innloggingen er ikke riktig satt opp her.",
	ASK_SUPPORT},
    [LOGIN_NO_DIALOGUE] = {NULL,
	"Denne tjenesten kan ikke vise en kode og vente til den er godkjent.",
	"Logg inn med ssh eller i en terminal."},
    [LOGIN_EXPIRED] = {NULL, "Ingen godkjente mens koden var gyldig.",
	"Logg inn igjen, og bruk den nye koden."},
};

void
sentence_invite(const struct sentence_invitation *invitation,
    char ret_text[static LOGIN_TEXT_SIZE])
{
	char qr[QR_TEXT_SIZE] = "";

	if (invitation->with_qr && invitation->verification_uri_complete &&
	    qr_draw(invitation->verification_uri_complete, qr) != 0)
		qr[0] = '\0';
	(void)snprintf(ret_text, LOGIN_TEXT_SIZE,
	    "\nLogg inn som %s på %s\n\n"
	    "%s%s"
	    "  1. Åpne   %s\n"
	    "  2. Skriv  %s\n"
	    "  3. Se at siden viser den samme koden, og godkjenn.\n\n"
	    "Koden gjelder i %u min. Godkjenn bare en innlogging som du\n"
	    "selv har startet. Så snart du har godkjent, slipper du inn.\n",
	    invitation->account, invitation->host, qr, qr[0] ? "\n" : "",
	    invitation->verification_uri, invitation->user_code,
	    (invitation->expires_in_s + 59) / 60);
}

const char *
sentence_press_enter(void)
{
	return "\nTrykk Enter når du har godkjent: ";
}

void
sentence_remind(const char *verification_uri, const char *user_code,
    char ret_text[static LOGIN_TEXT_SIZE])
{
	(void)snprintf(ret_text, LOGIN_TEXT_SIZE,
	    "\nInnloggingen er ikke godkjent ennå.\n"
	    "  Åpne   %s\n"
	    "  Skriv  %s\n%s",
	    verification_uri, user_code, sentence_press_enter());
}

static const struct refusal *
find_refusal(enum login_verdict verdict, const char *reason)
{
	size_t i;

	for (i = 0; i < sizeof(reasons) / sizeof(reasons[0]); i++) {
		if (strcmp(reasons[i].reason, reason) == 0)
			return &reasons[i];
	}
	return &verdicts[verdict];
}

void
sentence_refuse(enum login_verdict verdict, const char *reason,
    const char *correlation, char ret_text[static LOGIN_TEXT_SIZE])
{
	const struct refusal *refusal = find_refusal(verdict, reason);

	(void)snprintf(ret_text, LOGIN_TEXT_SIZE, "%s\n%s\nReferanse: %s",
	    refusal->what, refusal->next, correlation);
}
