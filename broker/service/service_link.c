#include "broker/service/service_link.h"

#include "broker/clock.h"
#include "broker/register/person_link.h"
#include "broker/service/service_answer.h"
#include "verify/person_number.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include <systemd/sd-daemon.h>

enum { TELL_EVERY_S = 60 };

static bool
is_person(const struct config_issuer *issuer, const char *number)
{
	switch (person_number_check(slice_of(number))) {
	case PERSON_NUMBER_REAL:
		return true;
	case PERSON_NUMBER_SYNTHETIC:
		return issuer->profile.test;
	case PERSON_NUMBER_INVALID:
		break;
	}
	return false;
}

/*
 * Under each key: links are made anew only at a login. Two accounts for one
 * number are nobody's; the register keeps that from happening under one key.
 * 0 with the account or "", or -EIO.
 */
static int
find_holder(struct register_db *db, const struct person_keys *keys,
    const char *person_number, struct account *ret_holder)
{
	struct account holder = {.id = 0}, other;
	enum register_result result;
	struct person_link link;
	unsigned int number;
	size_t age;

	for (age = 0; (number = person_keys_number(keys, age)) != 0; age++) {
		if (person_key_link(keys, number, person_number, &link))
			return -EIO;
		result = person_link_find(db, &link, &other);
		if (result != REGISTER_OK && result != REGISTER_NOT_FOUND)
			return -EIO;
		if (result != REGISTER_OK)
			continue;
		if (holder.id != 0 && holder.id != other.id) {
			*ret_holder = (struct account){.id = 0};
			return 0;
		}
		holder = other;
	}
	*ret_holder = holder;
	return 0;
}

static json_t *
name_holder(struct broker *broker, const struct config_issuer *issuer,
    const struct service_question *question)
{
	struct account holder;
	int64_t epoch = 0;
	json_t *answer;
	int error;

	if (find_holder(
		broker->db, broker->person_keys, question->pid, &holder) ||
	    person_links_epoch(broker->db, &epoch) != REGISTER_OK) {
		(void)broker_register_trouble(broker);
		return service_error(
		    question->id, "outage", "the register cannot be read");
	}
	answer = service_done(question->id);
	if (holder.id == 0 ||
	    strcmp(holder.issuer, issuer->profile.issuer) != 0)
		error = json_object_set_new(answer, "account", json_null());
	else
		error = json_object_update_new(
		    answer, json_pack("{s:s, s:I, s:I}", "account", holder.name,
				"uid", (json_int_t)holder.uid, "links_epoch",
				(json_int_t)epoch));
	if (error) {
		json_decref(answer);
		return NULL;
	}
	return answer;
}

/* Once a minute at most: it is a flood that it tells of. */
static void
tell_flood(struct broker *broker)
{
	int64_t now_s = clock_boot_s();

	if (broker->link_flood_told_at_s &&
	    now_s - broker->link_flood_told_at_s < TELL_EVERY_S)
		return;
	broker->link_flood_told_at_s = now_s;
	fprintf(stderr,
	    SD_WARNING "service.sock: more than %d identity numbers a second "
		       "are asked for, more than services need; the rest is "
		       "not answered\n",
	    SERVICE_LINK_PER_S);
}

json_t *
service_link(struct broker *broker, const struct service_question *question)
{
	const struct config_issuer *issuer;

	if (!rate_take(&broker->links_rate, SERVICE_LINK_BURST,
		SERVICE_LINK_PER_S, clock_boot_us())) {
		tell_flood(broker);
		return service_error(
		    question->id, "busy", "too many links were asked for");
	}
	issuer = config_issuer_by_name(broker->realm->config, question->issuer);
	if (!issuer)
		return service_error(question->id, "issuer-unknown",
		    "no issuer section of portvakt.conf has this name");
	if (!issuer->links_persons)
		return service_error(question->id, "misconfigured",
		    "the issuer's section does not say links_persons");
	if (!is_person(issuer, question->pid))
		return service_error(question->id, "bad-request",
		    "pid is not an identity number of this issuer");
	if (!broker->person_keys)
		return service_error(question->id, "outage",
		    "the keys of identity numbers cannot be read; see the "
		    "journal of portvaktd");
	return name_holder(broker, issuer, question);
}
