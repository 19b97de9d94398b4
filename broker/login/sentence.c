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

enum { SPAN_SIZE = 32, WHY_SIZE = 512 };

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
	"Du ble godkjent med en svakere eID enn det som kreves her.",
	"Logg inn igjen, og velg en sikrere eID."},
    {"authentication-too-old",
	"Du logget inn hos ID-tjenesten for lenge siden.",
	"Logg ut i nettleseren, og logg inn igjen."},
    {"issuer-unknown", "ID-tjenesten til denne kontoen er ikke satt opp her.",
	ASK_SUPPORT},
    {"issuer-no-login", "ID-tjenesten til denne kontoen logger ingen inn her.",
	ASK_SUPPORT},
    {"level-unreachable",
	"ID-tjenesten til denne kontoen har ingen eID som er sterk nok her.",
	ASK_SUPPORT},
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

#define FETCH_ANOTHER "Hent et nytt token, og logg inn igjen."
#define MAKE_HANDLE "Hent en engangskode: portvakt handle --service"

/* The same of tokens. */
static const struct refusal token_reasons[] = {
    {"tokens-not-configured", "Denne tjenesten tar ikke imot token.",
	ASK_SUPPORT},
    {"not-a-token", "Det du skrev, er verken et token eller en engangskode.",
	"Lim inn hele tokenet."},
    {"expired", "Tokenet gjelder ikke lenger.", FETCH_ANOTHER},
    {"not-yet-valid", "Tokenet er datert fram i tid.", ASK_SUPPORT},
    {"audience-wrong", "Tokenet er utstedt til en annen tjeneste.",
	"Hent et token for denne tjenesten, og logg inn igjen."},
    {"scope-missing", "Tokenet mangler et scope som kreves her.",
	"Hent et token med det, og logg inn igjen."},
    {"issuer-wrong", "Tokenet er fra en annen ID-tjeneste enn kontoens.",
	FETCH_ANOTHER},
    {"other-person", "Tokenet er en annens enn den som eier kontoen.",
	"Logg inn med ditt eget token."},
    {"machine-token", "Tokenet er en maskins, og slipper ingen inn.",
	"Logg inn med ditt eget token."},
    {"login-token", "Dette er et id_token, og det gir ikke tilgang.",
	"Hent et access token for denne tjenesten."},
    {"proof-missing", "Tokenet er bundet til programmet som hentet det.",
	"Hent et token uten en slik binding (DPoP)."},
    {"certificate-missing", "Tokenet er bundet til et sertifikat.",
	"Hent et token uten en slik binding."},
    {"revoked", "Tokenet er trukket tilbake.",
	"Logg inn hos ID-tjenesten, og hent et nytt token."},
    {"acr-too-low",
	"Tokenet er hentet med en svakere eID enn det som kreves her.",
	"Hent et nytt med en sikrere eID."},
    {"authentication-too-old",
	"Du logget inn hos ID-tjenesten for lenge siden.",
	"Logg inn der, og hent et nytt token."},
};

static const struct refusal token_refusal = {
    NULL, "Tokenet ble ikke godtatt.", FETCH_ANOTHER};

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

/* "15 minutter", in the largest unit that leaves nothing over. */
static void
write_span(int64_t span_s, char *ret_text, size_t size)
{
	static const struct {
		int64_t s;
		const char *one;
		const char *many;
	} units[] = {{86400, "dag", "dager"}, {3600, "time", "timer"},
	    {60, "minutt", "minutter"}, {1, "sekund", "sekunder"}};
	size_t i = 0;

	while (span_s % units[i].s != 0)
		i++;
	(void)snprintf(ret_text, size, "%lld %s",
	    (long long)(span_s / units[i].s),
	    span_s == units[i].s ? units[i].one : units[i].many);
}

/* Why there is a code at all: "sudo krever nivå high ...", or nothing. */
static void
write_why(const struct need *need, char *ret_text, size_t size)
{
	char span[SPAN_SIZE];

	ret_text[0] = '\0';
	if (!need || !need->service)
		return;
	write_span(need->max_age_s, span, sizeof(span));
	if (need->service->acr && need->max_age_s)
		(void)snprintf(ret_text, size,
		    "\n%s krever nivå %s\nog en innlogging som er høyst %s "
		    "gammel.\n",
		    need->service->name, need->service->acr, span);
	else if (need->service->acr)
		(void)snprintf(ret_text, size, "\n%s krever nivå %s.\n",
		    need->service->name, need->service->acr);
	else if (need->max_age_s)
		(void)snprintf(ret_text, size,
		    "\n%s krever en innlogging som er høyst %s gammel.\n",
		    need->service->name, span);
}

void
sentence_invite(const struct sentence_invitation *invitation,
    char ret_text[static LOGIN_TEXT_SIZE])
{
	char qr[QR_TEXT_SIZE] = "", why[WHY_SIZE];

	if (invitation->with_qr && invitation->verification_uri_complete &&
	    qr_draw(invitation->verification_uri_complete, qr) != 0)
		qr[0] = '\0';
	write_why(invitation->need, why, sizeof(why));
	(void)snprintf(ret_text, LOGIN_TEXT_SIZE,
	    "%s\nLogg inn som %s på %s\n\n"
	    "%s%s"
	    "  1. Åpne   %s\n"
	    "  2. Skriv  %s\n"
	    "  3. Se at siden viser den samme koden, og godkjenn.\n\n"
	    "Koden gjelder i %u min. Godkjenn bare en innlogging som du\n"
	    "selv har startet. Så snart du har godkjent, slipper du inn.\n",
	    why, invitation->account, invitation->host, qr, qr[0] ? "\n" : "",
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
find_reason(const struct refusal *table, size_t count, const char *reason)
{
	size_t i;

	for (i = 0; i < count; i++) {
		if (strcmp(table[i].reason, reason) == 0)
			return &table[i];
	}
	return NULL;
}

#define COUNT(table) (sizeof(table) / sizeof((table)[0]))

static const struct refusal *
find_refusal(const struct sentence_refusal *refusal)
{
	const struct refusal *found = NULL;

	if (refusal->by_token)
		found = find_reason(
		    token_reasons, COUNT(token_reasons), refusal->reason);
	if (!found)
		found = find_reason(reasons, COUNT(reasons), refusal->reason);
	if (!found && refusal->by_token && refusal->verdict == LOGIN_DENY)
		found = &token_refusal;
	return found ? found : &verdicts[refusal->verdict];
}

/* One wording for whatever is wrong with it: the record says which. */
static void
refuse_handle(const struct sentence_refusal *refusal,
    char ret_text[static LOGIN_TEXT_SIZE])
{
	(void)snprintf(ret_text, LOGIN_TEXT_SIZE,
	    "Engangskoden gjelder ikke.\n" MAKE_HANDLE
	    " %s < token\nReferanse: %s",
	    refusal->service, refusal->correlation);
}

static void
refuse_cut(const struct sentence_refusal *refusal,
    char ret_text[static LOGIN_TEXT_SIZE])
{
	(void)snprintf(ret_text, LOGIN_TEXT_SIZE,
	    "Tokenet ble kuttet etter %zu tegn: dette programmet tar ikke "
	    "flere.\n" MAKE_HANDLE " %s < token\nReferanse: %s",
	    refusal->token_size, refusal->service, refusal->correlation);
}

/* False: it is refused as all else is. */
static bool
refuse_token(const struct sentence_refusal *refusal,
    char ret_text[static LOGIN_TEXT_SIZE])
{
	static const char handle[] = "handle-";

	if (!refusal->by_token)
		return false;
	if (strcmp(refusal->reason, "token-cut") == 0)
		refuse_cut(refusal, ret_text);
	else if (strncmp(refusal->reason, handle, sizeof(handle) - 1) == 0)
		refuse_handle(refusal, ret_text);
	else
		return false;
	return true;
}

/* What an earlier login lacks, and how to get a better one. */
static void
refuse_step_up(const struct need *need, const char *correlation,
    char ret_text[static LOGIN_TEXT_SIZE])
{
	bool held = need->service->dialogue == CONFIG_DIALOGUE_HELD;
	char span[SPAN_SIZE], age[SPAN_SIZE + 32] = "", level[WHY_SIZE] = "";

	write_span(need->max_age_s, span, sizeof(span));
	if (need->max_age_s)
		(void)snprintf(age, sizeof(age), "\nikke eldre enn %s", span);
	if (need->service->acr)
		(void)snprintf(level, sizeof(level), " med eID av grad\n%s%s",
		    need->service->acr, age[0] ? "," : "");
	(void)snprintf(ret_text, LOGIN_TEXT_SIZE,
	    "%s krever en innlogging%s%s.\n%s\nReferanse: %s",
	    need->service->name, level, age,
	    held ? "Logg inn med koden:\n"
		   "ssh -o PreferredAuthentications=keyboard-interactive"
		 : "Logg inn med koden i en terminal, og start dette igjen.",
	    correlation);
}

static void
refuse_group(const struct need *need, const char *correlation,
    char ret_text[static LOGIN_TEXT_SIZE])
{
	char names[LOGIN_TEXT_SIZE / 2] = "";
	size_t i, at;

	for (i = 0; i < need->service->groups_count; i++) {
		at = strlen(names);
		(void)snprintf(names + at, sizeof(names) - at, "\n  %s",
		    need->service->groups[i].name);
	}
	(void)snprintf(ret_text, LOGIN_TEXT_SIZE,
	    "%s er bare for medlemmer av%s\n"
	    "Be din leder om tilgang. Har du den alt: logg inn igjen med "
	    "koden.\nReferanse: %s",
	    need->service->name, names, correlation);
}

void
sentence_refuse(const struct sentence_refusal *refusal,
    char ret_text[static LOGIN_TEXT_SIZE])
{
	const struct need *need = refusal->need;
	const struct refusal *words;

	if (need && need->service &&
	    strcmp(refusal->reason, "step-up-needed") == 0) {
		refuse_step_up(need, refusal->correlation, ret_text);
		return;
	}
	if (need && need->service &&
	    strcmp(refusal->reason, "group-missing") == 0) {
		refuse_group(need, refusal->correlation, ret_text);
		return;
	}
	if (refuse_token(refusal, ret_text))
		return;
	words = find_refusal(refusal);
	(void)snprintf(ret_text, LOGIN_TEXT_SIZE, "%s\n%s\nReferanse: %s",
	    words->what, words->next, refusal->correlation);
}
