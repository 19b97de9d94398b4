#include "ctl/failure.h"

#include "ctl/admin_client.h"
#include "ctl/text.h"
#include "lib/paths.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

static const struct {
	const char *word;
	const char *remedy;
} remedies[] = {
    {"not-permitted", "Run portvaktctl as root."},
    {"group-unknown", "portvaktctl explain NAME lists the groups; the rules "
		      "in force name them (portvakt-access(5))."},
    {"unit-unknown", "units.conf has the units and their numbers."},
    {"pid-invalid", "11 digits with both check digits; a synthetic number is "
		    "accepted of a test issuer alone."},
    {"pid-not-believed",
	"Give the subject instead; or set links_persons = true "
	"for an issuer that verifies identity numbers itself, "
	"portvakt.conf(5)."},
    {"pid-taken", "One person has one account: portvaktctl account list."},
    {"time-invalid", "The beginning comes before the end, and what is known of "
		     "the past does not go that far back."},
    {"self", "Ask another giver."},
    {"no-quota", "The rules name nobody who may be authorised at the level of "
		 "this unit: see quota in portvakt-access(5)."},
    {"not-a-giver", "The quota of the group names the groups of its givers; "
		    "portvaktctl explain shows what they take."},
    {"other-unit", "A giver of the unit itself, or of one above it at the "
		   "level that the quota names, may do it."},
    {"unit-not-established", "units.conf says since when a unit is "
			     "established for a service."},
    {"no-person", "portvaktctl account list shows the accounts."},
    {"exists", "portvaktctl authorised shows it: withdraw it first to change "
	       "it, and leave it out of a file to import."},
    {"order-taken", "portvaktctl authorised shows which places are free."},
    {"too-many", "portvaktctl authorised shows who is; --exception takes the "
		 "basis for one more."},
    {"too-many-of-person", "Withdraw what this person needs no more."},
    {"order-invalid", "1 is who is called first; portvaktctl authorised "
		      "shows which places are free."},
    {"basis-invalid", "Name the law, circular or decision: --basis \"KSF "
		      "2/2005\"."},
    {"reason-invalid", "It is kept: --reason \"new leader\"."},
    {"exception-invalid", "Name the decision: --exception \"vedtak 9\"."},
    {"from-past", "Leave --from out and it begins at once."},
    {"until-past", "Give an --until that is ahead, or none: it then holds "
		   "until it is withdrawn."},
    {"until-before-from", "Give an --until that is later than --from."},
    {"notice-unknown", "portvaktctl notices --all lists them."},
    {"nothing-to-withdraw", "portvaktctl authorised --person NAME shows what "
			    "this one has."},
    {"level-unknown", "acr= takes a word of that ladder; level= takes low, "
		      "substantial and high as far as level_* of the issuer's "
		      "section names one of its words."},
    {"rules-unknown", "The register has the rules since they were first in "
		      "force: choose a later --as-of."},
    {"rules-invalid", "Mend the files of --rules. Nothing was changed: the "
		      "rules in force stay."},
    {"issuer-missing", "Name the account's: --issuer NAME."},
    {"issuer-unknown", "Use one of these names, or the issuer's URL."},
    {"issuer-unsuitable", "Name an issuer of people's tokens: --issuer NAME."},
    {"too-many-rows", "Cut the file into smaller ones; nothing was "
		      "imported."},
    {"issuer-not-configured", "portvaktctl status lists the issuers of "
			      "portvakt.conf."},
    {"before-ahead", "Leave --before out, or give a time that is past: what "
		     "is issued later is kept out by portvaktctl account "
		     "lock."},
    {"not-found", "portvaktctl account list shows the accounts."},
    {"name-invalid", "A name is a lower-case letter or _ and at most 31 more "
		     "of a-z 0-9 _ -."},
    {"name-taken", "Choose another name, or remove that account first."},
    {"name-local", "Local accounts and groups come first: choose another "
		   "name."},
    {"id-refused", "Leave the uid out and the next free one is taken; "
		   "portvaktctl(8) lists the ranges."},
    {"id-taken", "A uid is never given twice: leave it out and the next free "
		 "one is taken."},
    {"subject-taken", "One person has one account: portvaktctl account list "
		      "shows which."},
    {"subject-invalid", "Copy the claim \"sub\" as the issuer sends it."},
    {"subject-is-pid", "Use account add NAME --pid, which asks for the number "
		       "without showing it; leave this one out of scripts and "
		       "files."},
    {"field-invalid", "Home and shell are absolute paths; in no field stands "
		      "a colon or a control character."},
    {"ids-exhausted", "Name a uid that was never given: --uid; portvaktctl(8) "
		      "lists the ranges."},
    {"bad-request", "portvaktd and portvaktctl may be of different versions: "
		    "restart portvaktd."},
    {"config-invalid", "The old configuration stays in force until the new "
		       "one is good."},
    {"not-configured", "Write portvakt.conf (see portvakt.conf(5)), then "
		       "portvaktctl reload."},
    {"failed", "The journal of portvaktd says more."},
};

static const char *
remedy_of(const char *word)
{
	size_t i;

	for (i = 0; i < sizeof(remedies) / sizeof(remedies[0]); i++) {
		if (strcmp(remedies[i].word, word) == 0)
			return remedies[i].remedy;
	}
	return NULL;
}

int
failure_print(
    const struct invocation *invocation, const struct failure *failure)
{
	json_t *object;

	fputs("portvaktctl: ", stderr);
	(void)text_put(stderr, failure->text, SIZE_MAX);
	fprintf(stderr, "\n%s%s", failure->remedy ? failure->remedy : "",
	    failure->remedy ? "\n" : "");
	if (!invocation_json(invocation))
		return failure->code;
	object = json_pack("{s:s, s:s, s:s?}", "error", failure->word, "text",
	    failure->text, "remedy", failure->remedy);
	(void)json_dumpf(object, stdout, JSON_INDENT(2));
	putchar('\n');
	json_decref(object);
	return failure->code;
}

struct failure
failure_of_errno(int error)
{
	switch (error) {
	case -EACCES:
		return (struct failure){EXIT_NOT_PERMITTED, "not-permitted",
		    "you may not talk to portvaktd on " PORTVAKT_ADMIN_SOCKET,
		    "Run portvaktctl as root."};
	case -ENOENT:
	case -ECONNREFUSED:
		return (struct failure){EXIT_UNREACHABLE, "broker-down",
		    "portvaktd does not run: nobody listens "
		    "on " PORTVAKT_ADMIN_SOCKET,
		    "systemctl start portvakt-admin.socket portvaktd.service; "
		    "journalctl -u portvaktd says why it stopped."};
	case -ETIMEDOUT:
		return (struct failure){EXIT_UNREACHABLE, "broker-silent",
		    "portvaktd did not answer in time",
		    "systemctl status portvaktd shows what it does. A change "
		    "may have been made all the same: look before you repeat."};
	case -EPERM:
		return (struct failure){EXIT_UNREACHABLE, "broker-untrusted",
		    PORTVAKT_RUNDIR " or who listens there is not trusted",
		    "That directory must belong to root or to the broker's "
		    "user and be writable by nobody else, and the one above "
		    "it by root alone."};
	case -EBADMSG:
	case -EMSGSIZE:
		return (struct failure){EXIT_UNREACHABLE, "broker-incompatible",
		    "portvaktd and portvaktctl do not understand each other",
		    "They may be of different versions: restart portvaktd."};
	default:
		return (struct failure){EXIT_UNREACHABLE, "broker-lost",
		    "the connection to portvaktd broke before its answer",
		    "journalctl -u portvaktd says why. A change may have been "
		    "made all the same: look before you repeat."};
	}
}

int
failure_print_errno(const struct invocation *invocation, int error)
{
	struct failure failure = failure_of_errno(error);

	return failure_print(invocation, &failure);
}

int
failure_print_answer(const struct invocation *invocation, const json_t *answer,
    const char *place)
{
	const char *word = json_string_value(json_object_get(answer, "error"));
	const char *text = json_string_value(json_object_get(answer, "text"));
	bool permitted = strcmp(word, "not-permitted") != 0;
	struct failure failure = {permitted ? EXIT_REFUSED : EXIT_NOT_PERMITTED,
	    word, text, remedy_of(word)};
	char placed[2048];

	if (place) {
		(void)snprintf(placed, sizeof(placed), "%s: %s", place, text);
		failure.text = placed;
	}
	return failure_print(invocation, &failure);
}
