/* Messages that were sent without an agent, and what becomes of them. */
#include "cmd/emulator/messages.h"

#include <stdlib.h>

#include "cmd/emulator/forms.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/public.h"
#include "cmd/emulator/request.h"

/* Meta refuses a message of a template with one of these at once, and tells of others later. */
#define IS_TEMPLATE_CODE(code) ((code) / 1000 == 132)

static void add_parameters(cJSON *component, const cJSON *parameters)
{
	cJSON *list = cJSON_AddArrayToObject(component, "parameters");
	const cJSON *parameter;
	cJSON_ArrayForEach(parameter, parameters) {
		cJSON *item = cJSON_CreateObject();
		cJSON_AddStringToObject(item, "name", hsm_emu_json_string(parameter, "id"));
		cJSON_AddStringToObject(item, "text", hsm_emu_json_string(parameter, "value"));
		cJSON_AddItemToArray(list, item);
	}
}

/* The message as Genesys shows it whatever the messenger. */
static cJSON *normalize(const cJSON *json, const char *id, const cJSON *whatsapp)
{
	const cJSON *template = hsm_emu_json_get(json, "messagingTemplate");
	cJSON *message = cJSON_CreateObject();
	cJSON_AddStringToObject(message, "id", id);
	cJSON_AddStringToObject(message, "type", whatsapp ? "Structured" : "Text");
	cJSON_AddStringToObject(message, "direction", "Outbound");
	if (!whatsapp) {
		cJSON_AddStringToObject(message, "text", hsm_emu_json_string(json, "textBody"));
		return message;
	}
	cJSON *content = cJSON_CreateObject(), *notification = cJSON_CreateObject();
	struct hsm_buffer name = HSM_BUFFER_INIT(256);
	hsm_buffer_append_format(&name, "cannedresponse@%s", hsm_emu_json_string(template, "responseId"));
	cJSON_AddStringToObject(notification, "id", hsm_buffer_text(&name));
	cJSON_AddStringToObject(notification, "language", hsm_emu_json_string(whatsapp, "language"));
	add_parameters(cJSON_AddObjectToObject(notification, "body"), hsm_emu_json_get(template, "bodyParameters"));
	cJSON_AddStringToObject(content, "contentType", "Notification");
	cJSON_AddItemToObject(content, "template", notification);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(message, "content"), content);
	hsm_buffer_release(&name);
	return message;
}

static void add_receipt(cJSON *message, int64_t fate)
{
	cJSON *receipt = cJSON_CreateObject(), *reason = cJSON_CreateObject();
	struct hsm_buffer text = HSM_BUFFER_INIT(1024);
	hsm_buffer_append_format(&text, "(#%lld) %s", (long long)fate, hsm_emu_outcome_text(fate));
	cJSON_AddStringToObject(reason, "code", "GeneralError");
	cJSON_AddStringToObject(reason, "message", hsm_buffer_text(&text));
	cJSON_AddStringToObject(receipt, "type", "Receipt");
	cJSON_AddStringToObject(receipt, "status", "Failed");
	cJSON_AddTrueToObject(receipt, "isFinalReceipt");
	cJSON_AddItemToArray(cJSON_AddArrayToObject(receipt, "reasons"), reason);
	cJSON_AddItemToArray(cJSON_AddArrayToObject(message, "normalizedReceipts"), receipt);
	hsm_buffer_release(&text);
}

/* A MessageData. What is stored has a status only where the admin path gave it one. */
static cJSON *build_message(const struct hsm_emu *emu, const struct hsm_emu_document *document)
{
	static const char *const ours[] = { "created", "fate", "request" };
	int64_t created = (int64_t)hsm_emu_json_number(document->json, "created", 0);
	int64_t fate = (int64_t)hsm_emu_json_number(document->json, "fate", 0);
	enum hsm_emu_stage stage = hsm_emu_outcome_stage(emu, created, fate);
	const char *status = stage == EMU_STAGE_ACCEPTED  ? "queued" :
			     stage == EMU_STAGE_SENT	  ? "sent" :
			     stage == EMU_STAGE_DELIVERED ? "delivery-success" :
			     IS_TEMPLATE_CODE(fate)	  ? "failed" :
							    "delivery-failed";
	cJSON *message = cJSON_Duplicate(document->json, true);
	for (size_t i = 0; i < sizeof(ours) / sizeof(*ours); i++)
		cJSON_DeleteItemFromObjectCaseSensitive(message, ours[i]);
	if (hsm_emu_json_get(message, "status"))
		return message;
	cJSON_AddStringToObject(message, "status", status);
	if (stage == EMU_STAGE_FAILED)
		add_receipt(message, fate);
	return message;
}

static void answer(const struct hsm_emu *emu, struct hsm_emu_request *request, const struct hsm_emu_document *document)
{
	static const char *const of_message[] = { "id", "conversationId", "fromAddress", "toAddress", "messengerType",
						  "timestamp", "selfUri" };
	cJSON *json = cJSON_CreateObject();
	for (size_t i = 0; i < sizeof(of_message) / sizeof(*of_message); i++)
		cJSON_AddItemToObject(json, of_message[i],
				      cJSON_Duplicate(hsm_emu_json_get(document->json, of_message[i]), true));
	cJSON_AddItemToObject(json, "message", build_message(emu, document));
	hsm_emu_json_append(&request->answer, json);
	cJSON_Delete(json);
}

void hsm_emu_message_add(struct hsm_emu *emu, struct hsm_emu_request *request, cJSON *json, const cJSON *whatsapp,
			 int64_t fate)
{
	struct hsm_emu_document *document = hsm_emu_document_add(emu, request, EMU_MESSAGES);
	char conversation[EMU_ID_SIZE], time[EMU_TIME_SIZE];
	if (!document) {
		cJSON_Delete(json);
		return;
	}
	hsm_emu_id_generate(conversation);
	hsm_emu_document_set(document, "conversationId", conversation);
	hsm_emu_document_set(document, "timestamp", hsm_emu_time_format(hsm_emu_now(emu), time));
	hsm_emu_document_set(document, "fromAddress", hsm_emu_json_string(json, "fromAddress"));
	hsm_emu_document_set(document, "toAddress", hsm_emu_json_string(json, "toAddress"));
	hsm_emu_document_set(document, "direction", "outbound");
	hsm_emu_document_set(document, "messengerType", hsm_emu_json_string(json, "toAddressMessengerType"));
	cJSON_AddItemToObject(document->json, "normalizedMessage", normalize(json, document->id, whatsapp));
	cJSON_AddNumberToObject(document->json, "created", (double)hsm_emu_now(emu));
	cJSON_AddNumberToObject(document->json, "fate", (double)fate);
	cJSON_AddItemToObject(document->json, "request", json);
	hsm_emu_document_save(emu, EMU_MESSAGES, document);
	answer(emu, request, document);
}

void hsm_emu_messages_get(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct hsm_emu_document *document = hsm_emu_document_captured(emu, request, EMU_MESSAGES);
	if (!document)
		return;
	cJSON *message = build_message(emu, document);
	hsm_emu_json_append(&request->answer, message);
	cJSON_Delete(message);
}

void hsm_emu_messages_append(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	const struct hsm_emu_collection *messages = &emu->collections[EMU_MESSAGES];
	cJSON *list = cJSON_CreateArray();
	for (size_t i = 0; i < messages->count; i++) {
		cJSON *message = build_message(emu, messages->documents[i]);
		cJSON_AddItemToObject(message, "request",
				      cJSON_Duplicate(hsm_emu_json_get(messages->documents[i]->json, "request"), true));
		cJSON_AddItemToArray(list, message);
	}
	hsm_emu_json_append(&request->answer, list);
	cJSON_Delete(list);
}

void hsm_emu_admin_set_message(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	static const struct hsm_emu_form form[] = { { "status", .kind = EMU_FORM_TEXT, .required = true }, { 0 } };
	struct hsm_emu_document *document = hsm_emu_document_captured(emu, request, EMU_MESSAGES);
	cJSON *json = document ? hsm_emu_form_read(request, form) : NULL;
	if (!json)
		return;
	hsm_emu_document_set(document, "status", hsm_emu_json_string(json, "status"));
	hsm_emu_document_save(emu, EMU_MESSAGES, document);
	cJSON_Delete(json);
	hsm_emu_messages_get(emu, request);
}
