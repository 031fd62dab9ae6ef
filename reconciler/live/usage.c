#include "reconciler/live/usage.h"

#include <string.h>

#include "schema/json.h"

#define PERCENT_MAX 1000
#define MINUTES_MAX (24 * 60)

/* Numbers from outside may be anything, and no numbers. */
static void raise(int *value, double number, int most)
{
	int limited = number > most ? most : number >= 0 ? (int)number : 0;
	if (limited > *value)
		*value = limited;
}

static void read_value(const cJSON *json, struct hsm_usage *usage)
{
	static const char *const shares[] = { "call_count", "total_cputime", "total_time", NULL };
	const cJSON *type = cJSON_GetObjectItemCaseSensitive(json, "type"), *item;
	/* Of an account's messages: what they use takes nothing from its management. */
	if (cJSON_IsString(type) && strcmp(type->valuestring, "whatsapp") == 0)
		return;
	cJSON_ArrayForEach(item, json)
	{
		if (!cJSON_IsNumber(item))
			read_value(item, usage);
		else if (item->string && hsm_word_find(shares, item->string))
			raise(&usage->percent, item->valuedouble, PERCENT_MAX);
		else if (item->string && strcmp(item->string, "estimated_time_to_regain_access") == 0)
			raise(&usage->minutes, item->valuedouble, MINUTES_MAX);
	}
}

void hsm_usage_read(const char *json, size_t length, struct hsm_usage *usage)
{
	cJSON *parsed;
	if (hsm_json_parse(&parsed, json, length, NULL))
		return;
	read_value(parsed, usage);
	cJSON_Delete(parsed);
}
