#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/forms.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/listing.h"
#include "cmd/emulator/operators.h"
#include "cmd/emulator/public.h"
#include "cmd/emulator/request.h"
#include "cmd/emulator/responses.h"
#include "schema/base/text.h"

static const struct hsm_emu_form division_form[] = {
	{ "id", .kind = EMU_FORM_TEXT, .required = true },
	{ "name", .kind = EMU_FORM_TEXT },
	{ "selfUri", .kind = EMU_FORM_ANY },
	{ 0 },
};

static const struct hsm_emu_form library_form[] = {
	{ "name", .kind = EMU_FORM_TEXT, .required = true },
	{ "version", .kind = EMU_FORM_NUMBER },
	{ "division", .kind = EMU_FORM_OBJECT, .fields = division_form },
	{ "responseType", .kind = EMU_FORM_TEXT }, /* of no use any more */
	{ "id", .kind = EMU_FORM_ANY },
	{ "createdBy", .kind = EMU_FORM_ANY },
	{ "dateCreated", .kind = EMU_FORM_ANY },
	{ "selfUri", .kind = EMU_FORM_ANY },
	{ 0 },
};

void hsm_emu_libraries_create(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	cJSON *json = hsm_emu_form_read(request, library_form);
	struct hsm_emu_document *library = json ? hsm_emu_document_add(emu, request, EMU_LIBRARIES) : NULL;
	char time[EMU_TIME_SIZE];
	if (library) {
		const cJSON *division = hsm_emu_json_get(json, "division");
		hsm_emu_document_set(library, "name", hsm_emu_json_string(json, "name"));
		cJSON_AddNumberToObject(library->json, "version", 1);
		hsm_emu_document_set(library, "dateCreated", hsm_emu_time_format(hsm_emu_now(emu), time));
		if (cJSON_IsObject(division))
			cJSON_AddItemToObject(library->json, "division", cJSON_Duplicate(division, true));
		hsm_emu_document_save(emu, EMU_LIBRARIES, library);
		hsm_emu_json_append(&request->answer, library->json);
	}
	cJSON_Delete(json);
}

void hsm_emu_libraries_get(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct hsm_emu_document *library = hsm_emu_document_captured(emu, request, EMU_LIBRARIES);
	if (library)
		hsm_emu_json_append(&request->answer, library->json);
}

/* "Fields that can be updated: name." */
void hsm_emu_libraries_replace(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_document *library = hsm_emu_document_captured(emu, request, EMU_LIBRARIES);
	cJSON *json = library ? hsm_emu_form_read(request, library_form) : NULL;
	if (json && hsm_emu_document_take_version(request, library, json)) {
		hsm_emu_document_set(library, "name", hsm_emu_json_string(json, "name"));
		hsm_emu_document_save(emu, EMU_LIBRARIES, library);
		hsm_emu_json_append(&request->answer, library->json);
	}
	cJSON_Delete(json);
}

/* "This will remove any responses associated with the library." */
void hsm_emu_libraries_delete(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_document *library = hsm_emu_document_captured(emu, request, EMU_LIBRARIES);
	struct hsm_emu_collection *responses = &emu->collections[EMU_RESPONSES];
	if (!library)
		return;
	for (size_t i = responses->count; i-- > 0;)
		if (hsm_emu_response_is_in(responses->documents[i], library->id))
			hsm_emu_document_remove(emu, EMU_RESPONSES, responses->documents[i]);
	hsm_emu_document_remove(emu, EMU_LIBRARIES, library);
	request->status = 204;
}

static bool has_messaging_template(const struct hsm_emu *emu, const struct hsm_emu_document *library)
{
	const struct hsm_emu_collection *responses = &emu->collections[EMU_RESPONSES];
	for (size_t i = 0; i < responses->count; i++)
		if (hsm_emu_response_is_in(responses->documents[i], library->id) &&
		    hsm_emu_response_whatsapp(responses->documents[i]))
			return true;
	return false;
}

void hsm_emu_libraries_list(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct hsm_emu_collection *libraries = &emu->collections[EMU_LIBRARIES];
	const char *prefix = hsm_emu_request_query(request, "libraryPrefix");
	struct hsm_emu_listing listing = { 0 };
	bool whatsapp;
	if (!hsm_emu_request_choice(request, "messagingTemplateFilter", "", "whatsapp", &whatsapp))
		return;
	for (size_t i = 0; i < libraries->count; i++) {
		const struct hsm_emu_document *library = libraries->documents[i];
		if (hsm_text_starts_with(hsm_emu_json_string(library->json, "name"), prefix ? prefix : "") &&
		    (!whatsapp || has_messaging_template(emu, library)))
			hsm_emu_listing_add(&listing, library->json);
	}
	hsm_emu_listing_answer(&listing, request);
}

static const char *const query_keys[] = { "Name", "DivisionId", "Id", NULL };

static const struct hsm_emu_form item_form[] = {
	{ "key", .kind = EMU_FORM_TEXT, .required = true, .words = query_keys },
	{ "operator", .kind = EMU_FORM_TEXT, .required = true, .words = hsm_emu_operators },
	{ "value", .kind = EMU_FORM_TEXT },
	{ 0 },
};

static const struct hsm_emu_form group_form[] = {
	{ "and", .kind = EMU_FORM_LIST, .fields = item_form },
	{ "or", .kind = EMU_FORM_LIST, .fields = item_form },
	{ "not", .kind = EMU_FORM_LIST, .fields = item_form },
	{ "criteria", .kind = EMU_FORM_OBJECT, .fields = item_form },
	{ 0 },
};

static const struct hsm_emu_form query_form[] = {
	{ "query", .kind = EMU_FORM_LIST, .required = true, .fields = group_form },
	{ 0 },
};

/* "Users can set DivisionId parameter as '*' to fetch libraries that aren't associated with any divisions." */
static bool item_holds(const cJSON *library, const cJSON *item)
{
	const char *key = hsm_emu_json_string(item, "key"), *value = hsm_emu_json_string(item, "value");
	const char *division = hsm_emu_json_string(hsm_emu_json_get(library, "division"), "id");
	const char *text = strcmp(key, "Name") == 0 ? hsm_emu_json_string(library, "name") :
			   strcmp(key, "Id") == 0   ? hsm_emu_json_string(library, "id") :
						      division ? division : "*";
	cJSON *texts = cJSON_CreateStringArray(&text, 1), *values = cJSON_CreateStringArray(&value, value ? 1 : 0);
	bool holds = hsm_emu_operator_holds(hsm_emu_json_string(item, "operator"), texts, values);
	cJSON_Delete(texts);
	cJSON_Delete(values);
	return holds;
}

static int count_holding(const cJSON *library, const cJSON *items)
{
	const cJSON *item;
	int count = 0;
	cJSON_ArrayForEach(item, items)
		count += item_holds(library, item);
	return count;
}

static bool group_holds(const cJSON *library, const cJSON *group)
{
	const cJSON *all = hsm_emu_json_get(group, "and"), *any = hsm_emu_json_get(group, "or");
	const cJSON *one = hsm_emu_json_get(group, "criteria");
	return count_holding(library, all) == cJSON_GetArraySize(all) &&
	       (!cJSON_GetArraySize(any) || count_holding(library, any)) &&
	       !count_holding(library, hsm_emu_json_get(group, "not")) &&
	       (!cJSON_IsObject(one) || item_holds(library, one));
}

void hsm_emu_libraries_query(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct hsm_emu_collection *libraries = &emu->collections[EMU_LIBRARIES];
	struct hsm_emu_listing listing = { 0 };
	cJSON *json = hsm_emu_form_read(request, query_form);
	if (!json)
		return;
	for (size_t i = 0; i < libraries->count; i++) {
		const cJSON *library = libraries->documents[i]->json, *group;
		bool holds = true;
		cJSON_ArrayForEach(group, hsm_emu_json_get(json, "query"))
			holds = holds && group_holds(library, group);
		if (holds)
			hsm_emu_listing_add(&listing, library);
	}
	hsm_emu_listing_answer(&listing, request);
	cJSON_Delete(json);
}
