#include "broker/issuer/client_assertion.h"

#include "broker/issuer/assertion.h"

int
client_assertion_mint(const struct client_assertion *assertion, int64_t now_s,
    struct secret **ret_jwt)
{
	const struct assertion said = {
	    .key = assertion->key,
	    .key_id = assertion->key_id,
	    .algorithm = assertion->algorithm,
	    .issuer = assertion->client_id,
	    .subject = assertion->client_id,
	    .audience = assertion->audience,
	    .not_before = true,
	};

	return assertion_mint(&said, now_s, ret_jwt);
}
