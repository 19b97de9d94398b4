#include "broker/login/peer_places.h"

/* Nobody's: neither taken nor with a rate that would be forgotten. */
static bool
is_free(const struct peer_places *places, size_t i, int64_t now_us)
{
	const struct rate *rate = &places->of[i].rate;

	return places->of[i].taken == 0 &&
	       now_us - rate->at_us >= rate->spent_us;
}

/* PEER_PLACES_UIDS: all are others'. */
static size_t
find(const struct peer_places *places, uid_t uid, int64_t now_us)
{
	size_t i, found = PEER_PLACES_UIDS;

	for (i = 0; i < PEER_PLACES_UIDS; i++) {
		if (is_free(places, i, now_us))
			found = i;
		else if (places->of[i].uid == uid)
			return i;
	}
	return found;
}

bool
peer_places_take(struct peer_places *places, uid_t uid, int64_t now_us)
{
	size_t i = find(places, uid, now_us);

	if (i == PEER_PLACES_UIDS)
		return false;
	if (is_free(places, i, now_us))
		places->of[i].rate = (struct rate){0};
	places->of[i].uid = uid;
	if (places->of[i].taken == PEER_PLACES_OF_UID ||
	    !rate_take(&places->of[i].rate, PEER_PLACES_BURST,
		PEER_PLACES_PER_S, now_us))
		return false;
	places->of[i].taken++;
	return true;
}

void
peer_places_leave(struct peer_places *places, uid_t uid)
{
	size_t i;

	for (i = 0; i < PEER_PLACES_UIDS; i++) {
		if (places->of[i].taken > 0 && places->of[i].uid == uid) {
			places->of[i].taken--;
			return;
		}
	}
}
