#include "broker/service/service_answer.h"

#include "broker/service/service_question.h"

static json_t *
id_or_null(int64_t id)
{
	return id == SERVICE_NO_ID ? json_null() : json_integer(id);
}

json_t *
service_done(int64_t id)
{
	return json_pack("{s:o, s:b}", "id", id_or_null(id), "ok", 1);
}

json_t *
service_error(int64_t id, const char *word, const char *text)
{
	return json_pack("{s:o, s:b, s:s, s:s}", "id", id_or_null(id), "ok", 0,
	    "error", word, "text", text);
}
