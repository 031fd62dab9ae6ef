/* What a fault does to a request. */
#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/graph_spoil.h"
#include "cmd/emulator/graph_templates.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/noise.h"
#include "cmd/emulator/request.h"

#define DEEP_MAXIMUM 10000000

static void answer_status(struct hsm_emu_request *request, unsigned status)
{
	const char *code = status == 401	 ? "bad.credentials"
			   : status == 403	 ? "not.authorized"
			   : status == 404	 ? "not.found"
			   : status == 429	 ? "too.many.requests.retry.after"
			   : status >= 500	 ? "internal.server.error"
						 : "bad.request";
	request->retry_after = (long)request->fault->retry_after;
	if (strcmp(request->path, "/oauth/token") == 0)
		hsm_emu_oauth_fail(request, status, "server_error", "an emulated fault");
	else
		hsm_emu_fail(request, status, code, "An emulated fault");
}

/* Minting has its own way to say so. */
static void answer_too_many(struct hsm_emu_request *request)
{
	if (strcmp(request->path, "/oauth/token") == 0) {
		hsm_emu_oauth_fail(request, 400, "invalid_request", "rate limit exceeded");
		return;
	}
	hsm_emu_fail(request, 429, "too.many.requests.retry.after",
		 "Rate limit exceeded the maximum. Retry the request in [%lld] seconds", (long long)request->fault->number);
	request->retry_after = (long)(request->fault->number ? request->fault->number : request->fault->retry_after);
}

static void answer_html(struct hsm_emu_request *request)
{
	request->status = (unsigned)request->fault->number;
	request->content_type = "text/html; charset=utf-8";
	hsm_buffer_append_string(&request->answer, "<!DOCTYPE html><html><head><title>Service</title></head>"
						   "<body><h1>We will be back soon</h1></body></html>\n");
}

static void answer_deep(struct hsm_emu_request *request)
{
	int64_t depth = request->fault->number < DEEP_MAXIMUM ? request->fault->number : DEEP_MAXIMUM;
	hsm_buffer_append_string(&request->answer, "{\"entities\":");
	for (int64_t i = 0; i < depth; i++)
		hsm_buffer_append_char(&request->answer, '[');
	for (int64_t i = 0; i < depth; i++)
		hsm_buffer_append_char(&request->answer, ']');
	hsm_buffer_append_char(&request->answer, '}');
}

static void expire_token(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	if (!hsm_emu_oauth_check(emu, request))
		return;
	hsm_emu_oauth_revoke(emu, request);
	hsm_emu_fail(request, 401, "bad.credentials", "Invalid login credentials.");
}

/* Makes page 2 of a listing differ from what page 1 promised. */
static void shift_listing(struct hsm_emu *emu, const struct hsm_emu_fault *fault, const char *provider)
{
	if (!provider || (!hsm_emu_provider_find(emu, provider) && !hsm_emu_waba_find(emu, provider)))
		return;
	struct hsm_emu_account *account = hsm_emu_account_get(emu, provider);
	if (strcmp(fault->argument, "delete") == 0 && account->count) {
		hsm_emu_template_remove(emu, account->templates[0]);
	} else if (strcmp(fault->argument, "insert") == 0) {
		char name[64];
		snprintf(name, sizeof(name), "emulator_shift_%llu", (unsigned long long)emu->sequence + 1);
		hsm_emu_template_add(emu, account, &(struct hsm_emu_template_start){
			.name = name, .language = "en_US", .status = "APPROVED",
			.components = "[{\"type\":\"BODY\",\"text\":\"Came in between two pages.\"}]",
			.graph = hsm_emu_waba_find(emu, provider) ? hsm_emu_graph_template_build(emu, NULL, false) : NULL,
			.created = account->count ? account->templates[0]->created - 1 : 0 });
	}
}

void hsm_emu_fault_rewrite(const struct hsm_emu_fault *fault, cJSON *object, const char *key)
{
	const char *text = hsm_emu_json_string(object, key);
	bool trim = strcmp(fault->argument, "trim") == 0;
	struct hsm_buffer other = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	if (!text)
		return;
	hsm_buffer_append_string(&other, text);
	if (!trim)
		hsm_buffer_append_string(&other, fault->argument);
	while (trim && other.length && ((unsigned char)other.data[--other.length] & 0xc0) == 0x80)
		continue;
	other.data[other.length] = '\0';
	cJSON_ReplaceItemInObjectCaseSensitive(object, key, cJSON_CreateString(other.data));
	hsm_buffer_release(&other);
}

bool hsm_emu_fault_before(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct hsm_emu_fault *fault = request->fault;
	switch (fault->kind) {
	case EMU_FAULT_RESET_BEFORE:
		request->manner = EMU_MANNER_RESET;
		return true;
	case EMU_FAULT_STATUS:
		answer_status(request, (unsigned)fault->number);
		return true;
	case EMU_FAULT_TOO_MANY:
		answer_too_many(request);
		return true;
	case EMU_FAULT_HTML:
		answer_html(request);
		return true;
	case EMU_FAULT_DEEP:
		answer_deep(request);
		return true;
	case EMU_FAULT_HUGE:
		request->manner = EMU_MANNER_HUGE;
		request->manner_argument = fault->number;
		return true;
	case EMU_FAULT_EXPIRE_TOKEN:
		expire_token(emu, request);
		return true;
	case EMU_FAULT_SHIFT_LISTING:
		shift_listing(emu, fault, request->captures[0]);
		return false;
	case EMU_FAULT_GRAPH_ERROR:
		hsm_emu_fail(request, strtol(fault->argument, NULL, 10) > 2 ? 400 : 500, fault->argument, "An emulated fault");
		return true;
	case EMU_FAULT_RESET_AFTER:
	case EMU_FAULT_STATUS_AFTER:
	case EMU_FAULT_TRUNCATE:
	case EMU_FAULT_GARBAGE:
	case EMU_FAULT_SLOW:
	case EMU_FAULT_DELAY:
	case EMU_FAULT_REWRITE:
	case EMU_FAULT_UNKNOWN_STATUS:
	case EMU_FAULT_NOISE:
	case EMU_FAULT_CURSORS:
	case EMU_FAULT_NUMBER_IDS:
	case EMU_FAULT_LOWER_CASE:
	case EMU_FAULT_UNKNOWN_PART:
	case EMU_FAULT_MAX:
		break;
	}
	return false;
}

static cJSON *take_answer(struct hsm_emu_request *request)
{
	cJSON *json = cJSON_ParseWithLength(hsm_buffer_text(&request->answer), request->answer.length);
	if (json)
		hsm_buffer_clear(&request->answer);
	return json;
}

static void put_answer(struct hsm_emu_request *request, cJSON *json)
{
	if (json)
		hsm_emu_json_append(&request->answer, json);
	cJSON_Delete(json);
}

static void change_total(struct hsm_emu_request *request)
{
	cJSON *json = take_answer(request), *total = hsm_emu_json_get(json, "total");
	if (cJSON_IsNumber(total))
		cJSON_SetNumberValue(total, total->valuedouble + 1);
	put_answer(request, json);
}

static void change_status(struct hsm_emu_request *request)
{
	cJSON *json = take_answer(request), *entities = hsm_emu_json_get(json, request->graph ? "data" : "entities");
	cJSON *changed = entities ? cJSON_GetArrayItem(entities, 0) : json;
	const cJSON *messages = hsm_emu_json_get(changed, "messages"); /* of a conversation */
	changed = messages ? messages->child : changed;
	if (hsm_emu_json_get(changed, "status"))
		cJSON_ReplaceItemInObjectCaseSensitive(changed, "status",
						       cJSON_CreateString(request->fault->argument));
	put_answer(request, json);
}

static void answer_garbage(struct hsm_emu_request *request)
{
	hsm_buffer_clear(&request->answer);
	hsm_buffer_append_string(&request->answer, "{\"id\": \"\xff\xfe\", garbage ]]");
}

/* Says something else than what is so, where there is something to say. */
static void change_answer(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct hsm_emu_fault *fault = request->fault;
	if (request->status >= 300)
		return;
	if (fault->kind == EMU_FAULT_UNKNOWN_STATUS)
		change_status(request);
	else if (fault->kind == EMU_FAULT_NOISE)
		hsm_emu_noise_add(emu, &request->answer, fault->argument);
	else
		hsm_emu_graph_spoil(request);
}

void hsm_emu_fault_after(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct hsm_emu_fault *fault = request->fault;
	switch (fault->kind) {
	case EMU_FAULT_RESET_AFTER:
		request->manner = EMU_MANNER_RESET;
		break;
	case EMU_FAULT_STATUS_AFTER:
		hsm_buffer_clear(&request->answer);
		answer_status(request, (unsigned)fault->number);
		break;
	case EMU_FAULT_TRUNCATE:
		request->manner = EMU_MANNER_TRUNCATE;
		break;
	case EMU_FAULT_GARBAGE:
		answer_garbage(request);
		break;
	case EMU_FAULT_SLOW:
		request->manner = EMU_MANNER_SLOW;
		request->manner_argument = fault->number > 10 ? fault->number : 10;
		break;
	case EMU_FAULT_DELAY:
		request->delay += fault->number;
		break;
	case EMU_FAULT_SHIFT_LISTING:
		if (strcmp(fault->argument, "total") == 0)
			change_total(request);
		break;
	case EMU_FAULT_UNKNOWN_STATUS:
	case EMU_FAULT_NOISE:
	case EMU_FAULT_NUMBER_IDS:
	case EMU_FAULT_LOWER_CASE:
	case EMU_FAULT_UNKNOWN_PART:
		change_answer(emu, request);
		break;
	case EMU_FAULT_CURSORS: /* the listing does it */
	case EMU_FAULT_GRAPH_ERROR:
	case EMU_FAULT_REWRITE:
	case EMU_FAULT_RESET_BEFORE:
	case EMU_FAULT_STATUS:
	case EMU_FAULT_TOO_MANY:
	case EMU_FAULT_HTML:
	case EMU_FAULT_DEEP:
	case EMU_FAULT_HUGE:
	case EMU_FAULT_EXPIRE_TOKEN:
	case EMU_FAULT_MAX:
		break;
	}
}
