#include <math.h>

#include "reconciler/live/answer.h"
#include "reconciler/live/graph.h"
#include "schema/base/text.h"
#include "schema/json.h"

/*
 * What Graph's errors mean: by code and subcode, never by their texts, which are
 * in the language of whoever made the token. The table is of Meta's page of error
 * codes where it lists one, else of what projects logged.
 */

#define ANY (-1)
#define NONE 0 /* no subcode */
#define FIELDS_MAX 10 /* blamed fields that are shown */
#define DEPTH_MAX 6   /* steps of the way to one */

enum nature {
	FINAL,
	LIMIT,   /* not done, and taken later */
	PASSING, /* a fault of the service: it may have been done */
};

static const struct row {
	int64_t first, last; /* codes */
	int64_t subcode;
	enum nature nature;
	enum hsm_outcome outcome;
	enum hsm_error_class class;
	const char *meaning;
} rows[] = {
	{ 1, 2, ANY, PASSING, HSM_OUTCOME_LOST, HSM_ERROR_UNAVAILABLE, "Meta's service has a fault that passes" },
	{ 4, 4, ANY, LIMIT, HSM_OUTCOME_QUOTA, HSM_ERROR_TRY_LATER, "the app's calls of this hour are spent" },
	{ 80007, 80008, ANY, LIMIT, HSM_OUTCOME_QUOTA, HSM_ERROR_TRY_LATER,
	  "the account's calls of this hour, or its creates, are spent" },
	{ 130429, 130429, ANY, LIMIT, HSM_OUTCOME_QUOTA, HSM_ERROR_TRY_LATER, "calls come faster than Meta takes them" },
	{ 10, 10, ANY, FINAL, HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH,
	  "the access token lacks a permission: it needs whatsapp_business_management" },
	{ 190, 190, ANY, FINAL, HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH,
	  "the access token is wrong, has expired or was withdrawn: make a new one, which does not expire for a system "
	  "user, and set it" },
	{ 200, 299, ANY, FINAL, HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH,
	  "the access token lacks a permission: it needs whatsapp_business_management, and the account" },
	{ 100, 100, HSM_GRAPH_MISSING, FINAL, HSM_OUTCOME_FORBIDDEN, HSM_ERROR_AUTH,
	  "there is no such object, or the access token may not see it" },
	{ 100, 100, 2388019, FINAL, HSM_OUTCOME_QUOTA, HSM_ERROR_TRY_LATER,
	  "the account holds as many templates as it may" },
	/* Others log it for a name that exists: whoever meets it must look. */
	{ 100, 100, 2388023, FINAL, HSM_OUTCOME_LOCKED, HSM_ERROR_TRY_LATER,
	  "this language of the name is being deleted: for four weeks it can't be created again" },
	{ 100, 100, 2388024, FINAL, HSM_OUTCOME_EXISTS, HSM_ERROR_FAILED, "the name has this language already" },
	{ 100, 100, 2388039, FINAL, HSM_OUTCOME_REFUSED, HSM_ERROR_FAILED,
	  "it can't be changed now: it is in review, or was changed too often" },
	{ 100, 100, 2388040, FINAL, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, "a text is longer than it may be" },
	{ 100, 100, 2388043, FINAL, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID,
	  "a component is not as Meta wants it: most often an example is missing" },
	{ 100, 100, 2388046, FINAL, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID,
	  "Meta takes names of lower-case letters, digits and '_' only" },
	{ 100, 100, 2388047, FINAL, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, "the header's form is wrong" },
	{ 100, 100, 2388072, FINAL, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, "the body's form is wrong" },
	{ 100, 100, 2388073, FINAL, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, "the footer's form is wrong" },
	{ 100, 100, 2388148, FINAL, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID,
	  "an AUTHENTICATION template must have exactly one OTP button" },
	{ 100, 100, 2388155, FINAL, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID,
	  "a sample template of Meta's has this name: take another" },
	{ 100, 100, 2388293, FINAL, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID, "too many parameters for so few words" },
	{ 100, 100, 2388299, FINAL, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID,
	  "a parameter stands at the start or at the end of a text" },
	{ 100, 100, NONE, FINAL, HSM_OUTCOME_REFUSED, HSM_ERROR_INVALID,
	  "Meta refuses a value; of a create it may be the category: all languages of a name must have the same" },
};

static const struct row *find_row(const struct hsm_fault *fault)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(*rows); i++)
		if (fault->number >= rows[i].first && fault->number <= rows[i].last &&
		    (rows[i].subcode == ANY || rows[i].subcode == fault->subnumber))
			return &rows[i];
	return NULL;
}

static const cJSON *get(const cJSON *json, const char *name)
{
	return cJSON_GetObjectItemCaseSensitive(json, name);
}

static const char *read_text(struct hsm_arena *arena, const cJSON *json, const char *name)
{
	const char *text = cJSON_GetStringValue(get(json, name));
	return text && *text ? hsm_arena_copy_string(arena, text) : NULL;
}

static int64_t read_code(const cJSON *json, const char *name)
{
	const cJSON *number = get(json, name);
	return cJSON_IsNumber(number) && fabs(number->valuedouble) < 1e15 ? (int64_t)number->valuedouble : 0;
}

/* ["components",0,"text"]: one blamed field. */
static const char *read_field(struct hsm_arena *arena, const cJSON *way)
{
	struct hsm_buffer field = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	const cJSON *step;
	int steps = 0;
	cJSON_ArrayForEach(step, way)
	{
		if (++steps > DEPTH_MAX)
			break;
		if (cJSON_IsString(step))
			hsm_buffer_append_format(&field, "%s%s", field.length ? "." : "", step->valuestring);
		else if (cJSON_IsNumber(step) && step->valuedouble >= 0 && step->valuedouble < 1e6)
			hsm_buffer_append_format(&field, "[%d]", (int)step->valuedouble);
	}
	const char *text = field.length ? hsm_arena_copy(arena, field.data, field.length) : NULL;
	hsm_buffer_release(&field);
	return text;
}

static void read_fields(struct hsm_arena *arena, const cJSON *specs, struct hsm_list *details)
{
	const cJSON *way;
	struct hsm_fault_detail *items = hsm_arena_allocate_array(arena, FIELDS_MAX, sizeof(*items));
	details->items = items;
	cJSON_ArrayForEach(way, specs)
	{
		const char *field = details->count < FIELDS_MAX ? read_field(arena, way) : NULL;
		if (field)
			items[details->count++].field_name.text = field;
	}
}

/* Its words: the one for users says the most, but is in anybody's language. */
static const char *read_words(struct hsm_arena *arena, const cJSON *error)
{
	const char *title = read_text(arena, error, "error_user_title"), *words = read_text(arena, error, "error_user_msg");
	const char *details = read_text(arena, get(error, "error_data"), "details");
	if (title && words)
		return hsm_arena_format(arena, "%s: %s", title, words);
	return words ? words : details ? details : title ? title : read_text(arena, error, "message");
}

void hsm_graph_read_fault(struct hsm_arena *arena, const struct hsm_http_answer *answer, struct hsm_fault *fault)
{
	cJSON *json;
	*fault = (struct hsm_fault){ 0 };
	if (answer->fate != HSM_HTTP_ANSWERED || hsm_json_parse(&json, answer->body, answer->length, NULL))
		return;
	const cJSON *error = get(json, "error");
	fault->number = read_code(error, "code");
	fault->subnumber = read_code(error, "error_subcode");
	if (cJSON_IsNumber(get(error, "code")))
		fault->code.text = fault->subnumber ? hsm_arena_format(arena, "%lld/%lld", (long long)fault->number,
								       (long long)fault->subnumber) :
						      hsm_arena_format(arena, "%lld", (long long)fault->number);
	fault->transient = cJSON_IsTrue(get(error, "is_transient"));
	fault->message.text = read_words(arena, error);
	fault->context_id.text = read_text(arena, error, "fbtrace_id");
	read_fields(arena, get(get(error, "error_data"), "blame_field_specs"), &fault->details);
	const struct row *row = find_row(fault);
	fault->meaning = row ? row->meaning : NULL;
	cJSON_Delete(json);
}

static enum nature find_nature(const struct hsm_fault *fault, const struct row *row)
{
	if (row && row->nature != FINAL)
		return row->nature;
	return fault->transient ? PASSING : FINAL;
}

enum hsm_outcome hsm_graph_judge(const struct hsm_http_answer *answer, const struct hsm_fault *fault,
				 enum hsm_error_class *class)
{
	const struct row *row = find_row(fault);
	enum hsm_outcome outcome = row ? row->outcome : hsm_answer_outcome(answer);
	if (find_nature(fault, row) == PASSING)
		outcome = HSM_OUTCOME_LOST;
	*class = row && outcome == row->outcome ? row->class : hsm_outcome_class(outcome, answer);
	return outcome;
}

enum hsm_http_verdict hsm_graph_verdict(const struct hsm_http_answer *answer)
{
	static const enum hsm_http_verdict verdicts[] = { [FINAL] = HSM_HTTP_AS_STATUS, [LIMIT] = HSM_HTTP_REPEAT,
							  [PASSING] = HSM_HTTP_PASSING };
	struct hsm_arena arena = { 0 };
	struct hsm_fault fault;
	if (answer->status < 400)
		return HSM_HTTP_AS_STATUS;
	hsm_graph_read_fault(&arena, answer, &fault);
	enum nature nature = find_nature(&fault, find_row(&fault));
	hsm_arena_release(&arena);
	return verdicts[nature];
}

int hsm_graph_fail(const struct hsm_connection *connection, const struct hsm_http_answer *answer,
		   struct hsm_error *error)
{
	struct hsm_arena arena = { 0 };
	struct hsm_fault fault;
	enum hsm_error_class class;
	hsm_graph_read_fault(&arena, answer, &fault);
	hsm_graph_judge(answer, &fault, &class);
	hsm_arena_release(&arena);
	/* It is no template that is refused. */
	if (class == HSM_ERROR_INVALID)
		class = HSM_ERROR_FAILED;
	return hsm_answer_fail(connection, answer, class, error);
}
