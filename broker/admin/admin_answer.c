#include "broker/admin/admin_answer.h"

json_t *
admin_done(json_t *result)
{
	return json_pack("{s:b, s:o}", "ok", 1, "result", result);
}

json_t *
admin_error(const char *word, const char *text)
{
	return json_pack(
	    "{s:b, s:s, s:s}", "ok", 0, "error", word, "text", text);
}

json_t *
admin_bad_request(const char *text)
{
	return admin_error("bad-request", text);
}

json_t *
admin_not_configured(struct broker *broker)
{
	return admin_error("not-configured", broker->config_error.text);
}

static const char *
result_word(enum register_result result)
{
	static const char *const words[] = {
	    [REGISTER_FAILED] = "failed",
	    [REGISTER_OK] = "ok",
	    [REGISTER_NOT_FOUND] = "not-found",
	    [REGISTER_NAME_INVALID] = "name-invalid",
	    [REGISTER_NAME_TAKEN] = "name-taken",
	    [REGISTER_NAME_LOCAL] = "name-local",
	    [REGISTER_ID_REFUSED] = "id-refused",
	    [REGISTER_ID_TAKEN] = "id-taken",
	    [REGISTER_SUBJECT_TAKEN] = "subject-taken",
	    [REGISTER_SUBJECT_INVALID] = "subject-invalid",
	    [REGISTER_SUBJECT_IS_PID] = "subject-is-pid",
	    [REGISTER_FIELD_INVALID] = "field-invalid",
	    [REGISTER_IDS_EXHAUSTED] = "ids-exhausted",
	};

	return words[result];
}

json_t *
admin_refuse(struct broker *broker, enum register_result result)
{
	return admin_error(result_word(result),
	    result == REGISTER_FAILED ? register_error(broker->db)
				      : register_result_text(result));
}

json_t *
admin_with_row(json_t *reply, size_t row)
{
	(void)json_object_set_new(reply, "row", json_integer((json_int_t)row));
	return reply;
}

json_t *
admin_published(struct broker *broker, int error, json_t *reply)
{
	if (!error && !broker->publication.trust_behind)
		return reply;
	json_decref(reply);
	return admin_error("failed",
	    error ? "the register is changed, but the directory image could "
		    "not be published; see the journal of portvaktd, then: "
		    "portvaktctl reload"
		  : "the change is in force for logins, but the trust image "
		    "could not be published, so services do not see it yet; "
		    "see the journal of portvaktd");
}

const char *
admin_text(const json_t *object, const char *name)
{
	return json_string_value(json_object_get(object, name));
}

json_t *
admin_time_or_null(int64_t at_s)
{
	return at_s ? json_integer(at_s) : json_null();
}

json_t *
admin_text_or_null(const char *text)
{
	return text && text[0] ? json_string(text) : json_null();
}
