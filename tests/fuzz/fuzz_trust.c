/*
 * Any bytes as a trust image, with the sizes and the checksum put right so
 * that the fuzzer gets past them: opened, asked everything, and asked again
 * after what was mapped has changed. With libFuzzer:
 *   tests/fuzz/run trust 60 verify/[a-o]*.c verify/pe*.c verify/pol*.c \
 *       verify/[q-t]*.c -lcrypto
 */
#include "lib/trust_image.h"
#include "tests/fuzz/fuzz.h"
#include "verify/trust.h"

#include <stdlib.h>
#include <string.h>

enum {
	SIZE_MAX_TRIED = 1 << 16,
	AT_S = 1500,
};

static void
decide(const struct trust *trust, const struct trust_account *account)
{
	const struct policy *policy = trust_policy(trust);
	const struct decision_query query = {
	    .locked = account->locked,
	    .authorisations = account->authorisations,
	    .authorisations_count = account->authorisations_count,
	    .now_s = AT_S,
	};
	struct decision decision;
	size_t i;

	for (i = 0; i < policy->groups_count; i++)
		decision_make_one(
		    policy, &policy->groups[i], &query, &decision);
}

static void
ask(struct trust *trust)
{
	struct trust_account account;
	size_t i;

	for (i = 0; i < trust_issuers_count(trust); i++) {
		const struct trust_issuer *issuer = trust_issuer_at(trust, i);

		if (trust_account_by_subject(
			trust, issuer, slice_of("sub-kari"), &account) == 0)
			decide(trust, &account);
		(void)trust_session_is_revoked(
		    trust, issuer, slice_of("sid-1"));
		(void)trust_keys(trust, issuer, AT_S);
		(void)trust_keys_age_s(trust, issuer, AT_S);
	}
	if (trust_account_by_name(trust, "kari", &account) == 0)
		decide(trust, &account);
	(void)trust_account_by_name(trust, "nobody", &account);
}

static void
put_right(uint8_t *image, size_t size)
{
	struct image_checksum checksum;
	struct image_header header;

	memcpy(&header, image, sizeof(header));
	header.size_bytes = size;
	header.checksum = 0;
	header.successor = 0;
	memcpy(image, &header, sizeof(header));
	image_checksum_init(&checksum);
	image_checksum_add(&checksum, image, size);
	header.checksum = image_checksum_end(&checksum);
	memcpy(image, &header, sizeof(header));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct trust *trust;
	uint8_t *image;
	size_t i;

	size -= size % IMAGE_STRIPE;
	if (size < sizeof(struct image_header) || size > SIZE_MAX_TRIED)
		return 0;
	image = malloc(size);
	if (!image)
		return 0;
	memcpy(image, data, size);
	put_right(image, size);
	if (trust_open_bytes(image, size, &trust) == 0) {
		ask(trust);
		for (i = sizeof(struct image_header); i < size; i++)
			image[i] ^= (uint8_t)(0xff * (i % 3 == 0));
		ask(trust);
		(void)trust_close(trust);
	}
	free(image);
	return 0;
}
