#include "cmd/emulator/faults.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define FAULTS_MAXIMUM 1000
#define NUMBER_MAXIMUM 1000000000000

enum argument {
	NONE,   /* takes none */
	NUMBER, /* a number, or the default */
	WANTED, /* a number, without default */
	WORD,   /* one of words */
	TEXT,   /* any text, or the default */
};

static const struct kind {
	const char *name;
	enum argument argument;
	int64_t number;
	const char *words; /* the default first */
} kinds[EMU_FAULT_MAX] = {
	[EMU_FAULT_RESET_BEFORE] = { "reset-before", NONE, 0, NULL },
	[EMU_FAULT_STATUS] = { "status", WANTED, 0, NULL },
	[EMU_FAULT_TOO_MANY] = { "429", NUMBER, 0, NULL },
	[EMU_FAULT_HTML] = { "html", NUMBER, 200, NULL },
	[EMU_FAULT_DEEP] = { "deep", NUMBER, 100000, NULL },
	[EMU_FAULT_HUGE] = { "huge", NUMBER, 64 << 20, NULL },
	[EMU_FAULT_EXPIRE_TOKEN] = { "expire-token", NONE, 0, NULL },
	[EMU_FAULT_RESET_AFTER] = { "reset-after", NONE, 0, NULL },
	[EMU_FAULT_STATUS_AFTER] = { "status-after", WANTED, 0, NULL },
	[EMU_FAULT_TRUNCATE] = { "truncate", NONE, 0, NULL },
	[EMU_FAULT_GARBAGE] = { "garbage", NONE, 0, NULL },
	[EMU_FAULT_SLOW] = { "slow", NUMBER, 10, NULL },
	[EMU_FAULT_DELAY] = { "delay", WANTED, 0, NULL },
	[EMU_FAULT_SHIFT_LISTING] = { "shift-listing", WORD, 0, "delete insert total" },
	[EMU_FAULT_REWRITE] = { "rewrite", TEXT, 0, " (rewritten)" },
	[EMU_FAULT_UNKNOWN_STATUS] = { "unknown-status", TEXT, 0, "QUARANTINED" },
	[EMU_FAULT_NOISE] = { "noise", WORD, 0, "all order fields text times" },
	[EMU_FAULT_GRAPH_ERROR] = { "graph-error", TEXT, 0, "2" },
	[EMU_FAULT_CURSORS] = { "cursors", WORD, 0, "loop repeat" },
	[EMU_FAULT_NUMBER_IDS] = { "number-ids", NONE, 0, NULL },
	[EMU_FAULT_LOWER_CASE] = { "lower-case", NONE, 0, NULL },
	[EMU_FAULT_UNKNOWN_PART] = { "unknown-part", WORD, 0, "component button" },
};

const char *hsm_emu_fault_kind_name(const struct hsm_emu_fault *fault)
{
	return kinds[fault->kind].name;
}

static void free_fault(struct hsm_emu_fault *fault)
{
	free(fault->text);
	free(fault->method);
	free(fault->glob);
	free(fault->argument);
}

void hsm_emu_faults_clear(struct hsm_emu *emu)
{
	for (size_t i = 0; i < emu->faults.count; i++)
		free_fault(&emu->faults.faults[i]);
	free(emu->faults.faults);
	emu->faults.faults = NULL;
	emu->faults.count = emu->faults.capacity = 0;
}

static bool read_number(const char *text, int64_t *number)
{
	if (!text || !*text || strlen(text) > 12 || strspn(text, "0123456789") != strlen(text))
		return false;
	*number = strtoll(text, NULL, 10);
	return true;
}

static bool word_is_known(const char *word, const char *words)
{
	size_t length = strlen(word);
	for (const char *at = words; length && (at = strstr(at, word)) != NULL; at += length)
		if ((at == words || at[-1] == ' ') && (!at[length] || at[length] == ' '))
			return true;
	return false;
}

static int read_kind(struct hsm_emu_fault *fault, char *text, struct hsm_error *error)
{
	char *argument = strchr(text, '=');
	if (argument)
		*argument++ = '\0';
	int kind = 0;
	while (kind < EMU_FAULT_MAX && strcmp(kinds[kind].name, text) != 0)
		kind++;
	if (kind == EMU_FAULT_MAX)
		return hsm_error_set(error, HSM_ERROR_USAGE, "there is no fault '%s'", text);
	fault->kind = (enum hsm_emu_fault_kind)kind;
	fault->number = kinds[kind].number;
	enum argument wanted = kinds[kind].argument;
	if (wanted == NONE && argument)
		return hsm_error_set(error, HSM_ERROR_USAGE, "'%s' takes no argument", text);
	if ((wanted == NUMBER && argument) || wanted == WANTED)
		if (!read_number(argument, &fault->number))
			return hsm_error_set(error, HSM_ERROR_USAGE, "'%s' wants a number after =", text);
	bool is_status = fault->kind == EMU_FAULT_STATUS || fault->kind == EMU_FAULT_STATUS_AFTER ||
			 fault->kind == EMU_FAULT_HTML;
	if (is_status && (fault->number < 200 || fault->number > 599))
		return hsm_error_set(error, HSM_ERROR_USAGE, "'%s' wants a status from 200 to 599", text);
	if (wanted == WORD && argument && !word_is_known(argument, kinds[kind].words))
		return hsm_error_set(error, HSM_ERROR_USAGE, "'%s' is one of: %s", text, kinds[kind].words);
	if (wanted == WORD || wanted == TEXT)
		hsm_emu_text_set(&fault->argument, argument ? argument : kinds[kind].words);
	if (wanted == WORD && !argument)
		fault->argument[strcspn(fault->argument, " ")] = '\0';
	return 0;
}

static int read_selector(struct hsm_emu_fault *fault, char *text, struct hsm_error *error)
{
	struct {
		const char *name;
		int64_t *value;
	} selectors[] = {
		{ "at", &fault->at }, { "times", &fault->times }, { "every", &fault->every },
		{ "retry-after", &fault->retry_after },
	};
	char *value = strchr(text, '=');
	if (value)
		*value++ = '\0';
	for (size_t i = 0; i < sizeof(selectors) / sizeof(*selectors); i++)
		if (strcmp(selectors[i].name, text) == 0) {
			if (read_number(value, selectors[i].value) && *selectors[i].value > 0)
				return 0;
			return hsm_error_set(error, HSM_ERROR_USAGE, "'%s' wants a number from 1", text);
		}
	if (strcmp(text, "probability") != 0)
		return hsm_error_set(error, HSM_ERROR_USAGE,
				     "there is no '%s': at, times, every, probability, retry-after", text);
	char *end = NULL;
	fault->probability = value ? strtod(value, &end) : 0;
	if (end && end != value && *end == '%' && end[1] == '\0') {
		fault->probability /= 100;
		end++;
	}
	if (!value || end == value || *end || !(fault->probability > 0 && fault->probability <= 1))
		return hsm_error_set(error, HSM_ERROR_USAGE, "'probability' wants 0.05 or 5%%");
	return 0;
}

int hsm_emu_fault_add(struct hsm_emu *emu, const char *text, struct hsm_error *error)
{
	struct hsm_emu_fault fault = { .text = hsm_memory_copy_string(text) };
	char *copy = hsm_memory_copy_string(text), *rest = copy;
	char *method = strsep(&rest, ":"), *glob = strsep(&rest, ":"), *kind = strsep(&rest, ":"), *selector;
	int failed;
	if (!kind || !*method || !*glob)
		failed = hsm_error_set(error, HSM_ERROR_USAGE, "it is METHOD:PATH:KIND[=ARGUMENT][:SELECTOR=N]...");
	else if (emu->faults.count == FAULTS_MAXIMUM)
		failed = hsm_error_set(error, HSM_ERROR_USAGE, "there are %d faults already", FAULTS_MAXIMUM);
	else
		failed = read_kind(&fault, kind, error);
	while (!failed && (selector = strsep(&rest, ":")) != NULL)
		failed = read_selector(&fault, selector, error);
	if (failed) {
		hsm_error_prefix(error, "fault '%s'", text);
		free_fault(&fault);
	} else {
		fault.method = hsm_memory_copy_string(method);
		fault.glob = hsm_memory_copy_string(glob);
		HSM_MEMORY_GROW(emu->faults.faults, emu->faults.count, emu->faults.capacity);
		emu->faults.faults[emu->faults.count++] = fault;
	}
	free(copy);
	return failed;
}

/* splitmix64 */
double hsm_emu_faults_random(struct hsm_emu_faults *faults)
{
	uint64_t z = faults->random += 0x9e3779b97f4a7c15u;
	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
	z = (z ^ z >> 27) * 0x94d049bb133111ebu;
	z ^= z >> 31;
	return (double)(z >> 11) / 9007199254740992.0;
}

static bool fault_hits(struct hsm_emu_faults *faults, struct hsm_emu_fault *fault)
{
	fault->seen++;
	int64_t times = fault->times ? fault->times : fault->at ? 1 : NUMBER_MAXIMUM;
	return fault->seen >= fault->at && (!fault->every || fault->seen % fault->every == 0) && fault->hits < times &&
	       (fault->probability == 0 || hsm_emu_faults_random(faults) < fault->probability);
}

const struct hsm_emu_fault *hsm_emu_faults_pick(struct hsm_emu *emu, const struct hsm_emu_request *request)
{
	struct hsm_emu_fault *picked = NULL;
	for (size_t i = 0; i < emu->faults.count; i++) {
		struct hsm_emu_fault *fault = &emu->faults.faults[i];
		if (strcmp(fault->method, "*") != 0 && strcmp(fault->method, request->method) != 0)
			continue;
		if (!hsm_text_matches_glob(request->path, fault->glob) &&
		    !hsm_text_matches_glob(request->target, fault->glob))
			continue;
		if (fault_hits(&emu->faults, fault) && !picked)
			picked = fault;
	}
	if (picked)
		picked->hits++;
	return picked;
}

static void append_fault(struct hsm_buffer *out, const struct hsm_emu_fault *fault)
{
	hsm_buffer_append_char(out, '{');
	hsm_emu_json_append_member(out, "fault", fault->text);
	hsm_buffer_append_format(out, ",\"seen\":%lld,\"hits\":%lld}", (long long)fault->seen, (long long)fault->hits);
}

void hsm_emu_faults_append(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	hsm_buffer_append_char(&request->answer, '[');
	for (size_t i = 0; i < emu->faults.count; i++) {
		if (i)
			hsm_buffer_append_char(&request->answer, ',');
		append_fault(&request->answer, &emu->faults.faults[i]);
	}
	hsm_buffer_append_char(&request->answer, ']');
}

void hsm_emu_admin_add_faults(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	cJSON *json = hsm_emu_request_json_any(request), *item;
	struct hsm_error error;
	if (!json)
		return;
	cJSON *list = cJSON_IsObject(json) ? hsm_emu_json_get(json, "faults") : json;
	bool good = cJSON_IsArray(list);
	if (!good)
		hsm_emu_fail(request, 400, "bad.request", "faults are an array of strings");
	cJSON_ArrayForEach(item, list) {
		if (!good)
			break;
		const char *text = cJSON_GetStringValue(item);
		if (!text || hsm_emu_fault_add(emu, text, &error)) {
			hsm_emu_fail(request, 400, "bad.request", "%s", text ? error.message : "a fault is a string");
			good = false;
		}
	}
	cJSON_Delete(json);
	if (good)
		hsm_emu_faults_append(emu, request);
}

void hsm_emu_admin_clear_faults(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	hsm_emu_faults_clear(emu);
	request->status = 204;
}
