#include "broker/token/token_grant.h"

token_grant_fn
token_grant_find(
    const struct token_question *question, const struct config_issuer *issuer)
{
	switch (question->kind) {
	case TOKEN_MACHINE:
		if (issuer->kind->service.subjects == SERVICE_PEOPLE)
			return NULL;
		return issuer->kind->takes_jwt_grant ? jwt_grant_fill
						     : client_credentials_fill;
	case TOKEN_EXCHANGE:
		return token_exchange_fill;
	}
	return NULL;
}
