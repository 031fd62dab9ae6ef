/* What a response is, as the models of the SDKs have it. */
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "cmd/emulator/responses.h"

#define WORDS(...) ((const char *const[]){ __VA_ARGS__, NULL })

static const struct hsm_emu_form library_form[] = {
	{ "id", .kind = EMU_FORM_TEXT, .required = true },
	{ "name", .kind = EMU_FORM_TEXT },
	{ "selfUri", .kind = EMU_FORM_TEXT },
	{ 0 },
};

static const struct hsm_emu_form text_form[] = {
	{ "content", .kind = EMU_FORM_TEXT, .required = true },
	{ "contentType", .kind = EMU_FORM_TEXT, .words = WORDS("text/plain", "text/html") },
	{ "type", .kind = EMU_FORM_TEXT, .words = WORDS("body", "subject") },
	{ 0 },
};

static const struct hsm_emu_form substitution_form[] = {
	{ "id", .kind = EMU_FORM_TEXT, .required = true },
	{ "description", .kind = EMU_FORM_TEXT },
	{ "defaultValue", .kind = EMU_FORM_TEXT },
	{ 0 },
};

static const struct hsm_emu_form header_form[] = {
	{ "type", .kind = EMU_FORM_TEXT, .words = WORDS("Text", "Image", "Video", "Document") },
	{ "content", .kind = EMU_FORM_TEXT },
	{ 0 },
};

static const struct hsm_emu_form footer_form[] = {
	{ "type", .kind = EMU_FORM_TEXT, .words = WORDS("Text") }, { "content", .kind = EMU_FORM_TEXT }, { 0 },
};

static const struct hsm_emu_form button_form[] = {
	{ "type", .kind = EMU_FORM_TEXT, .words = WORDS("QuickReply", "PhoneNumber", "Url") },
	{ "content", .kind = EMU_FORM_TEXT },
	{ "contentText", .kind = EMU_FORM_TEXT },
	{ "payload", .kind = EMU_FORM_TEXT },
	{ 0 },
};

static const struct hsm_emu_form card_text_form[] = {
	{ "content", .kind = EMU_FORM_TEXT, .required = true },
	{ "contentType", .kind = EMU_FORM_TEXT, .required = true, .words = WORDS("text/plain") },
	{ 0 },
};

static const struct hsm_emu_form card_form[] = {
	{ "header", .kind = EMU_FORM_OBJECT, .required = true, .fields = header_form },
	{ "buttons", .kind = EMU_FORM_LIST, .required = true, .fields = button_form },
	{ "cardBodyText", .kind = EMU_FORM_OBJECT, .fields = card_text_form },
	{ 0 },
};

static const struct hsm_emu_form carousel_form[] = {
	{ "cards", .kind = EMU_FORM_LIST, .required = true, .fields = card_form }, { 0 },
};

static const struct hsm_emu_form whatsapp_form[] = {
	{ "name", .kind = EMU_FORM_TEXT, .required = true },
	{ "namespace", .kind = EMU_FORM_TEXT },
	{ "language", .kind = EMU_FORM_TEXT, .required = true },
	{ "header", .kind = EMU_FORM_OBJECT, .fields = header_form },
	{ "messageFooter", .kind = EMU_FORM_OBJECT, .fields = footer_form },
	{ "buttons", .kind = EMU_FORM_LIST, .fields = button_form },
	{ "integrationId", .kind = EMU_FORM_TEXT },
	{ "category", .kind = EMU_FORM_TEXT, .words = WORDS("marketing") },
	{ "carousel", .kind = EMU_FORM_OBJECT, .fields = carousel_form },
	{ "templateStatus", .kind = EMU_FORM_ANY },
	{ "statusInfo", .kind = EMU_FORM_ANY },
	{ 0 },
};

static const struct hsm_emu_form template_form[] = {
	{ "whatsApp", .kind = EMU_FORM_OBJECT, .fields = whatsapp_form }, { 0 },
};

static const struct hsm_emu_form asset_form[] = {
	{ "id", .kind = EMU_FORM_TEXT, .required = true },
	{ "assetUsage", .kind = EMU_FORM_TEXT },
	{ "contentLocation", .kind = EMU_FORM_TEXT },
	{ "selfUri", .kind = EMU_FORM_TEXT },
	{ 0 },
};

static const struct hsm_emu_form signature_form[] = {
	{ "type", .kind = EMU_FORM_TEXT, .words = WORDS("Signature") },
	{ "applicableResources", .kind = EMU_FORM_TEXT_LIST, .words = WORDS("Campaign") },
	{ 0 },
};

const struct hsm_emu_form hsm_emu_response_form[] = {
	{ "name", .kind = EMU_FORM_TEXT },
	{ "version", .kind = EMU_FORM_NUMBER },
	{ "libraries", .kind = EMU_FORM_LIST, .required = true, .fields = library_form },
	{ "texts", .kind = EMU_FORM_LIST, .fields = text_form },
	{ "interactionType", .kind = EMU_FORM_TEXT, .words = WORDS("chat", "email", "twitter") },
	{ "substitutions", .kind = EMU_FORM_LIST, .fields = substitution_form },
	{ "substitutionsSchema", .kind = EMU_FORM_ANY },
	{ "responseType", .kind = EMU_FORM_TEXT,
	  .words = WORDS("MessagingTemplate", "CampaignSmsTemplate", "CampaignEmailTemplate", "Footer", "Form",
			 "AppleInvitation") },
	{ "messagingTemplate", .kind = EMU_FORM_OBJECT, .fields = template_form },
	{ "assets", .kind = EMU_FORM_LIST, .fields = asset_form },
	{ "footer", .kind = EMU_FORM_OBJECT, .fields = signature_form },
	{ "appleInvitation", .kind = EMU_FORM_ANY },
	{ "id", .kind = EMU_FORM_ANY },
	{ "createdBy", .kind = EMU_FORM_ANY },
	{ "dateCreated", .kind = EMU_FORM_ANY },
	{ "selfUri", .kind = EMU_FORM_ANY },
	{ 0 },
};

/* "Required for responseTypes: Standard, Footer, MessagingTemplate and CampaignEmailTemplate"; none is Standard. */
static bool wants_texts(const char *type)
{
	return !type || strcmp(type, "Footer") == 0 || strcmp(type, "MessagingTemplate") == 0 ||
	       strcmp(type, "CampaignEmailTemplate") == 0;
}

static bool check_libraries(struct hsm_emu *emu, struct hsm_emu_request *request, const cJSON *libraries)
{
	const cJSON *library;
	int number = 0;
	cJSON_ArrayForEach(library, libraries) {
		char field[64];
		snprintf(field, sizeof(field), "libraries[%d].id", number++);
		if (hsm_emu_document_find(emu, EMU_LIBRARIES, hsm_emu_json_string(library, "id")))
			continue;
		hsm_emu_form_fail(request, "invalid.value", field);
		return false;
	}
	return true;
}

static bool check_substitutions(struct hsm_emu_request *request, const cJSON *substitutions)
{
	const cJSON *substitution, *earlier;
	int number = 0;
	cJSON_ArrayForEach(substitution, substitutions) {
		char field[64];
		snprintf(field, sizeof(field), "substitutions[%d].id", number++);
		for (earlier = substitutions->child; earlier != substitution; earlier = earlier->next) {
			if (strcmp(hsm_emu_json_string(earlier, "id"), hsm_emu_json_string(substitution, "id")) != 0)
				continue;
			hsm_emu_form_fail(request, "duplicate.value", field);
			return false;
		}
	}
	return true;
}

bool hsm_emu_response_check(struct hsm_emu *emu, struct hsm_emu_request *request, const cJSON *response)
{
	const char *name = hsm_emu_json_string(response, "name"), *type = hsm_emu_json_string(response, "responseType");
	const cJSON *template = hsm_emu_json_get(response, "messagingTemplate");
	const char *lacking = NULL;
	if (!name || !*name)
		lacking = "name";
	else if (wants_texts(type) && !cJSON_GetArraySize(hsm_emu_json_get(response, "texts")))
		lacking = "texts";
	else if (type && strcmp(type, "MessagingTemplate") == 0 &&
		 !cJSON_IsObject(hsm_emu_json_get(template, "whatsApp")))
		lacking = "messagingTemplate.whatsApp";
	if (lacking)
		hsm_emu_form_fail(request, "missing.value", lacking);
	return !lacking && check_libraries(emu, request, hsm_emu_json_get(response, "libraries")) &&
	       check_substitutions(request, hsm_emu_json_get(response, "substitutions"));
}
