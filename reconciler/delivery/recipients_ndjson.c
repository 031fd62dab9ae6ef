#include <ctype.h>
#include <string.h>

#include "reconciler/delivery/recipients_state.h"
#include "schema/json.h"

/*
 * cJSON reads the line. It keeps no places, and numbers as doubles: both are taken
 * from the text, which is JSON then, as cJSON reads it.
 */

/* cJSON takes any control character for a blank. */
static const char *skip_blanks(const char *c)
{
	while ((unsigned char)*c <= ' ')
		c++;
	return c;
}

static const char *skip_string(const char *c)
{
	for (c++; *c != '"'; c++)
		c += *c == '\\';
	return c + 1;
}

static const char *skip_digits(const char *c)
{
	while (isdigit((unsigned char)*c))
		c++;
	return c;
}

/* NULL where it is none: cJSON takes 007 and 1. as well. */
static const char *skip_number(const char *c)
{
	const char *digits = c + (*c == '-');
	c = skip_digits(digits);
	if (c == digits || (*digits == '0' && c > digits + 1))
		return NULL;
	if (*c == '.') {
		digits = c + 1;
		c = skip_digits(digits);
		if (c == digits)
			return NULL;
	}
	return *c == 'e' || *c == 'E' ? skip_digits(c + 1 + (c[1] == '+' || c[1] == '-')) : c;
}

/* Its value stands at *at, which is moved behind it. */
static int take_value(struct hsm_recipients *recipients, const cJSON *member, const char **at,
		      struct hsm_named_value *value, struct hsm_error *error)
{
	const char *start = *at;
	if (cJSON_IsString(member)) {
		*at = skip_string(start);
		*value = (struct hsm_named_value){ member->string, member->valuestring, strlen(member->valuestring) };
		return 0;
	}
	if (!cJSON_IsNumber(member))
		return hsm_recipients_fail(recipients, start, error, "%s, where a text or a number is wanted",
					   cJSON_IsNull(member)   ? "null"
					   : cJSON_IsArray(member)  ? "an array"
					   : cJSON_IsObject(member) ? "an object"
								    : "true or false");
	*at = skip_number(start);
	if (!*at)
		return hsm_recipients_fail(recipients, start, error, "a number that JSON does not know");
	size_t length = (size_t)(*at - start);
	*value = (struct hsm_named_value){ member->string, hsm_arena_copy(&recipients->row_arena, start, length), length };
	return 0;
}

static int take_members(struct hsm_recipients *recipients, const char *object, struct hsm_error *error)
{
	const char *keys[HSM_RECIPIENTS_COLUMNS_MAX], *phone = NULL, *phone_at = NULL;
	const char *c = object;
	const cJSON *member;
	recipients->name_count = 0;
	cJSON_ArrayForEach(member, recipients->json)
	{
		const char *key = skip_blanks(c + 1); /* behind the brace, or a comma */
		if (recipients->name_count == HSM_RECIPIENTS_COLUMNS_MAX)
			return hsm_recipients_fail(recipients, key, error, "more than %d members",
						   HSM_RECIPIENTS_COLUMNS_MAX);
		if (!*member->string)
			return hsm_recipients_fail(recipients, key, error, "a member without a name");
		struct hsm_named_value value;
		const char *start = c = skip_blanks(skip_blanks(skip_string(key)) + 1);
		int rc = take_value(recipients, member, &c, &value, error);
		if (rc)
			return rc;
		c = skip_blanks(c);
		keys[recipients->name_count] = key;
		recipients->names[recipients->name_count++] = member->string;
		if (strcmp(member->string, HSM_RECIPIENT_COLUMN) != 0) {
			recipients->values[recipients->recipient.value_count++] = value;
		} else {
			phone = value.value;
			phone_at = start;
		}
	}
	size_t repeated = hsm_recipients_find_repeated(recipients);
	if (repeated != recipients->name_count)
		return hsm_recipients_fail(recipients, keys[repeated], error, "a second member of this name");
	if (!phone)
		return hsm_recipients_fail(recipients, object, error, "no member is named '%s'", HSM_RECIPIENT_COLUMN);
	return hsm_recipients_take_phone(recipients, phone, phone_at, error);
}

int hsm_recipients_read_ndjson(struct hsm_recipients *recipients, struct hsm_error *error)
{
	const char *row = recipients->at, *end = memchr(row, '\n', (size_t)(recipients->end - row));
	recipients->at = end ? end + 1 : recipients->end;
	if (!end)
		end = recipients->end;
	if (end - row > (ptrdiff_t)HSM_RECIPIENTS_ROW_MAX)
		return hsm_recipients_fail(recipients, row, error, "a row of more than %zu bytes",
					   HSM_RECIPIENTS_ROW_MAX);
	int rc = hsm_recipients_check_text(recipients, row, end, error);
	if (rc)
		return rc;
	while (row < end && strchr(" \t\r", *row))
		row++;
	if (row == end || *row != '{')
		return hsm_recipients_fail(recipients, row, error, "no object: each line is one");
	cJSON_Delete(recipients->json);
	recipients->json = NULL;
	size_t at;
	const char *fault = hsm_json_parse_at(&recipients->json, row, (size_t)(end - row), &at);
	return fault ? hsm_recipients_fail(recipients, row + at, error, "%s", fault)
		     : take_members(recipients, row, error);
}
