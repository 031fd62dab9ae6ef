#include "cmd/emulator/operators.h"

#include <string.h>

#include "schema/base/text.h"

const char *const hsm_emu_operators[] = { "IN", "EQUALS", "NOTEQUALS", "BEGINS_WITH", "ENDS_WITH", "CONTAINS", NULL };

static bool compares(const char *operator, const char *text, const char *value)
{
	if (strcmp(operator, "BEGINS_WITH") == 0)
		return hsm_text_starts_with(text, value);
	if (strcmp(operator, "ENDS_WITH") == 0)
		return hsm_text_ends_with(text, value);
	if (strcmp(operator, "CONTAINS") == 0)
		return strstr(text, value) != NULL;
	return strcmp(text, value) == 0;
}

bool hsm_emu_operator_holds(const char *operator, const cJSON *texts, const cJSON *values)
{
	const cJSON *text, *value;
	bool found = false;
	cJSON_ArrayForEach(text, texts)
		cJSON_ArrayForEach(value, values)
			found = found || compares(operator, text->valuestring, value->valuestring);
	return found != (strcmp(operator, "NOTEQUALS") == 0);
}
