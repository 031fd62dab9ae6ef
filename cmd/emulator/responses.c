#include "cmd/emulator/responses.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/listing.h"
#include "cmd/emulator/operators.h"
#include "cmd/emulator/public.h"
#include "cmd/emulator/request.h"

/* "Fields that can be updated: name, libraries, and texts." A PUT says nothing of what else it would change. */
static const char *const updatable[] = { "name", "libraries", "texts", NULL };
static const char *const fixed[] = {
	"interactionType", "substitutions", "substitutionsSchema", "responseType",
	"messagingTemplate", "assets", "footer", "appleInvitation", NULL,
};

bool hsm_emu_response_is_in(const struct hsm_emu_document *response, const char *library)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, hsm_emu_json_get(response->json, "libraries"))
		if (strcmp(hsm_emu_json_string(item, "id"), library) == 0)
			return true;
	return false;
}

const cJSON *hsm_emu_response_whatsapp(const struct hsm_emu_document *response)
{
	return hsm_emu_json_get(hsm_emu_json_get(response->json, "messagingTemplate"), "whatsApp");
}

/* Replaces the members of a response that json has. */
static void copy_members(cJSON *response, const cJSON *json, const char *const *keys)
{
	for (; *keys; keys++) {
		const cJSON *value = hsm_emu_json_get(json, *keys);
		if (!value || cJSON_IsNull(value))
			continue;
		cJSON_DeleteItemFromObjectCaseSensitive(response, *keys);
		cJSON_AddItemToObject(response, *keys, cJSON_Duplicate(value, true));
	}
}

static bool has_fault(const struct hsm_emu_request *request, enum hsm_emu_fault_kind kind)
{
	return request->fault && request->fault->kind == kind;
}

/* A new one as the body has it, or with what else a fault makes of it. */
static void fill(struct hsm_emu *emu, const struct hsm_emu_request *request, struct hsm_emu_document *response,
		 const cJSON *json)
{
	char time[EMU_TIME_SIZE];
	cJSON *text;
	copy_members(response->json, json, updatable);
	copy_members(response->json, json, fixed);
	cJSON *whatsapp = hsm_emu_json_get(hsm_emu_json_get(response->json, "messagingTemplate"), "whatsApp");
	cJSON_DeleteItemFromObjectCaseSensitive(whatsapp, "templateStatus");
	cJSON_DeleteItemFromObjectCaseSensitive(whatsapp, "statusInfo");
	if (has_fault(request, EMU_FAULT_REWRITE))
		cJSON_ArrayForEach(text, hsm_emu_json_get(response->json, "texts"))
			hsm_emu_fault_rewrite(request->fault, text, "content");
	cJSON_AddNumberToObject(response->json, "version", 1);
	hsm_emu_document_set(response, "dateCreated", hsm_emu_time_format(hsm_emu_now(emu), time));
	hsm_emu_document_save(emu, EMU_RESPONSES, response);
}

void hsm_emu_responses_create(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	cJSON *json = hsm_emu_form_read(request, hsm_emu_response_form);
	bool good = json && hsm_emu_response_check(emu, request, json);
	struct hsm_emu_document *response = good ? hsm_emu_document_add(emu, request, EMU_RESPONSES) : NULL;
	if (response) {
		fill(emu, request, response, json);
		hsm_emu_json_append(&request->answer, response->json);
	}
	cJSON_Delete(json);
}

void hsm_emu_responses_get(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct hsm_emu_document *response = hsm_emu_document_captured(emu, request, EMU_RESPONSES);
	if (response)
		hsm_emu_json_append(&request->answer, response->json);
}

void hsm_emu_responses_replace(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_document *response = hsm_emu_document_captured(emu, request, EMU_RESPONSES);
	cJSON *json = response ? hsm_emu_form_read(request, hsm_emu_response_form) : NULL;
	if (!json)
		return;
	cJSON *changed = cJSON_Duplicate(response->json, true);
	copy_members(changed, json, updatable);
	if (hsm_emu_response_check(emu, request, changed) &&
	    hsm_emu_document_take_version(request, response, json)) {
		copy_members(response->json, json, updatable);
		hsm_emu_document_save(emu, EMU_RESPONSES, response);
		hsm_emu_json_append(&request->answer, response->json);
	}
	cJSON_Delete(changed);
	cJSON_Delete(json);
}

void hsm_emu_responses_delete(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_document *response = hsm_emu_document_captured(emu, request, EMU_RESPONSES);
	if (!response)
		return;
	hsm_emu_document_remove(emu, EMU_RESPONSES, response);
	request->status = 204;
}

/* Makes page 2 of a listing differ from what page 1 promised. */
static void shift(struct hsm_emu *emu, struct hsm_emu_request *request, const char *library)
{
	struct hsm_emu_collection *responses = &emu->collections[EMU_RESPONSES];
	size_t at = 0;
	while (at < responses->count && !hsm_emu_response_is_in(responses->documents[at], library))
		at++;
	struct hsm_emu_document *first = at < responses->count ? responses->documents[at] : NULL;
	if (first && strcmp(request->fault->argument, "delete") == 0) {
		hsm_emu_document_remove(emu, EMU_RESPONSES, first);
	} else if (first && strcmp(request->fault->argument, "insert") == 0) {
		struct hsm_emu_document *copy = hsm_emu_document_add(emu, request, EMU_RESPONSES);
		if (!copy)
			return;
		fill(emu, request, copy, first->json);
		memmove(responses->documents + 1, responses->documents, (responses->count - 1) * sizeof(copy));
		responses->documents[0] = copy;
	}
}

void hsm_emu_responses_list(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct hsm_emu_collection *responses = &emu->collections[EMU_RESPONSES];
	const char *library = hsm_emu_request_query(request, "libraryId");
	struct hsm_emu_listing listing = { 0 };
	if (!library || !*library) {
		hsm_emu_form_fail(request, "missing.value", "libraryId");
	} else if (!hsm_emu_document_find(emu, EMU_LIBRARIES, library)) {
		hsm_emu_fail(request, 404, "not.found", "There is no such library");
	} else {
		if (has_fault(request, EMU_FAULT_SHIFT_LISTING))
			shift(emu, request, library);
		for (size_t i = 0; i < responses->count; i++)
			if (hsm_emu_response_is_in(responses->documents[i], library))
				hsm_emu_listing_add(&listing, responses->documents[i]->json);
		hsm_emu_listing_answer(&listing, request);
	}
}

static const struct hsm_emu_form filter_form[] = {
	{ "name", .kind = EMU_FORM_TEXT, .required = true,
	  .words = (const char *const[]){ "name", "libraryId", "text.contentType", "messagingTemplate", "responseType",
					  NULL } },
	{ "operator", .kind = EMU_FORM_TEXT, .required = true, .words = hsm_emu_operators },
	{ "values", .kind = EMU_FORM_TEXT_LIST, .required = true },
	{ 0 },
};

static const struct hsm_emu_form query_form[] = {
	{ "queryPhrase", .kind = EMU_FORM_TEXT },
	{ "pageSize", .kind = EMU_FORM_NUMBER },
	{ "pageNumber", .kind = EMU_FORM_NUMBER },
	{ "filters", .kind = EMU_FORM_LIST, .fields = filter_form },
	{ 0 },
};

/* Adds a member of each object. */
static void add_texts(cJSON *texts, const cJSON *objects, const char *key)
{
	const cJSON *object;
	cJSON_ArrayForEach(object, objects) {
		const char *text = hsm_emu_json_string(object, key);
		if (text)
			cJSON_AddItemToArray(texts, cJSON_CreateString(text));
	}
}

static bool filter_holds(const struct hsm_emu_document *response, const cJSON *filter)
{
	const char *name = hsm_emu_json_string(filter, "name"), *text = NULL;
	cJSON *texts = cJSON_CreateArray();
	if (strcmp(name, "libraryId") == 0)
		add_texts(texts, hsm_emu_json_get(response->json, "libraries"), "id");
	else if (strcmp(name, "text.contentType") == 0)
		add_texts(texts, hsm_emu_json_get(response->json, "texts"), "contentType");
	else if (strcmp(name, "messagingTemplate") == 0)
		text = hsm_emu_response_whatsapp(response) ? "whatsApp" : NULL;
	else
		text = hsm_emu_json_string(response->json, name);
	if (text)
		cJSON_AddItemToArray(texts, cJSON_CreateString(text));
	bool holds = hsm_emu_operator_holds(hsm_emu_json_string(filter, "operator"), texts,
					    hsm_emu_json_get(filter, "values"));
	cJSON_Delete(texts);
	return holds;
}

static bool has_phrase(const cJSON *response, const char *phrase)
{
	const cJSON *text;
	bool found = strcasestr(hsm_emu_json_string(response, "name"), phrase) != NULL;
	cJSON_ArrayForEach(text, hsm_emu_json_get(response, "texts"))
		found = found || strcasestr(hsm_emu_json_string(text, "content"), phrase);
	return found;
}

void hsm_emu_responses_query(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct hsm_emu_collection *responses = &emu->collections[EMU_RESPONSES];
	struct hsm_emu_listing listing = { 0 };
	cJSON *json = hsm_emu_form_read(request, query_form);
	if (!json)
		return;
	const char *phrase = hsm_emu_json_string(json, "queryPhrase");
	for (size_t i = 0; i < responses->count; i++) {
		const cJSON *filter;
		bool holds = !phrase || has_phrase(responses->documents[i]->json, phrase);
		cJSON_ArrayForEach(filter, hsm_emu_json_get(json, "filters"))
			holds = holds && filter_holds(responses->documents[i], filter);
		if (holds)
			hsm_emu_listing_add(&listing, responses->documents[i]->json);
	}
	hsm_emu_listing_answer_results(&listing, request, json);
	cJSON_Delete(json);
}
