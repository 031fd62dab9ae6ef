/* Messages that the public API sends without an agent. */
#include <string.h>

#include "cmd/emulator/forms.h"
#include "cmd/emulator/json.h"
#include "cmd/emulator/messages.h"
#include "cmd/emulator/placeholders.h"
#include "cmd/emulator/public.h"
#include "cmd/emulator/request.h"
#include "cmd/emulator/responses.h"

static const char *const messengers[] = { "sms", "whatsapp", NULL };

static const struct hsm_emu_form parameter_form[] = {
	{ "id", .kind = EMU_FORM_TEXT, .required = true }, { "value", .kind = EMU_FORM_TEXT, .required = true }, { 0 },
};

static const struct hsm_emu_form card_form[] = {
	{ "index", .kind = EMU_FORM_NUMBER, .required = true },
	{ "bodyParameters", .kind = EMU_FORM_LIST, .fields = parameter_form },
	{ "buttonUrlParameters", .kind = EMU_FORM_LIST, .fields = parameter_form },
	{ 0 },
};

static const struct hsm_emu_form carousel_form[] = {
	{ "cardParameters", .kind = EMU_FORM_LIST, .fields = card_form }, { 0 },
};

static const struct hsm_emu_form template_form[] = {
	{ "responseId", .kind = EMU_FORM_TEXT, .required = true },
	{ "headerParameters", .kind = EMU_FORM_LIST, .fields = parameter_form },
	{ "bodyParameters", .kind = EMU_FORM_LIST, .fields = parameter_form },
	{ "buttonUrlParameters", .kind = EMU_FORM_LIST, .fields = parameter_form },
	{ "carouselParameters", .kind = EMU_FORM_OBJECT, .fields = carousel_form },
	{ 0 },
};

static const struct hsm_emu_form send_form[] = {
	{ "fromAddress", .kind = EMU_FORM_TEXT, .required = true },
	{ "toAddress", .kind = EMU_FORM_TEXT, .required = true },
	{ "toAddressMessengerType", .kind = EMU_FORM_TEXT, .required = true, .words = messengers },
	{ "textBody", .kind = EMU_FORM_TEXT },
	{ "useExistingActiveConversation", .kind = EMU_FORM_SWITCH },
	{ "messagingTemplate", .kind = EMU_FORM_OBJECT, .fields = template_form },
	{ 0 },
};

/* What Meta makes of a message of a template that is not APPROVED. */
static int64_t find_code(const char *status)
{
	return strcmp(status, "PAUSED") == 0 ? 132015 : strcmp(status, "DISABLED") == 0 ? 132016 : 132001;
}

/* What becomes of a message; false: answered. Genesys takes what Meta then refuses. */
static bool find_fate(struct hsm_emu *emu, struct hsm_emu_request *request, const cJSON *integration,
		      const struct hsm_emu_document *response, int64_t *fate)
{
	const cJSON *whatsapp = hsm_emu_response_whatsapp(response);
	const char *account = hsm_emu_json_string(integration, "whatsAppBusinessAccountId");
	const char *name = hsm_emu_json_string(whatsapp, "name"), *language = hsm_emu_json_string(whatsapp, "language");
	const struct hsm_emu_template *template =
		account ? hsm_emu_account_find(hsm_emu_account_get(emu, account), name, language) : NULL;
	*fate = 132001;
	if (!template)
		return true;
	bool approved = strcmp(template->status, "APPROVED") == 0;
	const struct hsm_emu_outcome *outcome = hsm_emu_outcomes_pick(emu, name, language, approved);
	*fate = find_code(template->status);
	if (!outcome && !approved)
		return true;
	if (!hsm_emu_outcome_accepts(request, outcome, "messagingTemplate.responseId"))
		return false;
	*fate = hsm_emu_outcome_fate(outcome);
	if (*fate == EMU_FATE_DELIVERED && !hsm_emu_placeholders_fit(response, template))
		*fate = 132000;
	return true;
}

/* whatsapp gets the response's template. */
static bool check_whatsapp(struct hsm_emu *emu, struct hsm_emu_request *request, const cJSON *json,
			   const cJSON **whatsapp, int64_t *fate)
{
	const cJSON *template = hsm_emu_json_get(json, "messagingTemplate");
	const char *id = hsm_emu_json_string(template, "responseId"), *status;
	const cJSON *integration = hsm_emu_seed_find(emu, EMU_INTEGRATIONS, hsm_emu_json_string(json, "fromAddress"));
	const struct hsm_emu_document *response = id ? hsm_emu_document_find(emu, EMU_RESPONSES, id) : NULL;
	struct hsm_buffer phone = HSM_BUFFER_INIT(EMU_BODY_MAXIMUM);
	const char *wrong = NULL;
	*whatsapp = response ? hsm_emu_response_whatsapp(response) : NULL;
	hsm_buffer_append_format(&phone, "+%s", hsm_emu_json_string(json, "toAddress"));
	status = hsm_emu_json_string(integration, "status");
	if (!integration || (status && strcmp(status, "Active") != 0))
		wrong = "fromAddress";
	else if (!hsm_emu_phone_is_valid(hsm_buffer_text(&phone)))
		wrong = "toAddress";
	else if (!cJSON_IsObject(template))
		wrong = "messagingTemplate";
	else if (!*whatsapp)
		wrong = "messagingTemplate.responseId";
	if (wrong)
		hsm_emu_form_fail(request, "invalid.value", wrong);
	hsm_buffer_release(&phone);
	return !wrong && hsm_emu_placeholders_check(request, response, template) &&
	       find_fate(emu, request, integration, response, fate);
}

static bool check_sms(struct hsm_emu_request *request, const cJSON *json, int64_t *fate)
{
	const char *text = hsm_emu_json_string(json, "textBody");
	const char *wrong = !hsm_emu_phone_is_valid(hsm_emu_json_string(json, "fromAddress")) ? "fromAddress" :
			    !hsm_emu_phone_is_valid(hsm_emu_json_string(json, "toAddress"))   ? "toAddress" :
			    !text || !*text						      ? "textBody" :
												NULL;
	*fate = EMU_FATE_DELIVERED;
	if (wrong)
		hsm_emu_form_fail(request, "invalid.value", wrong);
	return !wrong;
}

void hsm_emu_agentless_send(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	cJSON *json = hsm_emu_form_read(request, send_form);
	const cJSON *whatsapp = NULL;
	int64_t fate;
	if (!json)
		return;
	if (strcmp(hsm_emu_json_string(json, "toAddressMessengerType"), "sms") == 0 ?
		    check_sms(request, json, &fate) :
		    check_whatsapp(emu, request, json, &whatsapp, &fate))
		hsm_emu_message_add(emu, request, json, whatsapp, fate);
	else
		cJSON_Delete(json);
}
