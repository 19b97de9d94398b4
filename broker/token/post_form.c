#include "broker/token/post_form.h"

#include <errno.h>

int
post_form_add(struct post_form *form, const char *name, const char *value)
{
	if (!value)
		return 0;
	if (form->count == FETCH_PARAMETERS_MAX)
		return -E2BIG;
	form->parameters[form->count++] = (struct fetch_parameter){name, value};
	return 0;
}

int
post_form_authenticate(
    struct post_form *form, const struct config_issuer *issuer, int64_t now_s)
{
	size_t i;
	int error = client_auth_init(&form->auth, issuer, now_s);

	for (i = 0; i < form->auth.form_count && !error; i++)
		error = post_form_add(
		    form, form->auth.form[i].name, form->auth.form[i].value);
	return error;
}

const char *
post_form_authorization(const struct post_form *form)
{
	return form->auth.authorization
		   ? secret_reveal(form->auth.authorization)
		   : NULL;
}

void
post_form_done(struct post_form *form)
{
	client_auth_done(&form->auth);
	form->assertion = secret_free(form->assertion);
}
