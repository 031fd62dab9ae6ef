#include "schema/wire.h"

#define AT(type, member) .offset = offsetof(struct type, member)

static const struct hsm_field default_fields[] = {
	{ "default", HSM_TYPE_STRING, 0, AT(hsm_wire_default, default_value) },
};
static const struct hsm_object default_object = {
	"value", 0, sizeof(struct hsm_wire_default), HSM_OBJECT_FIELDS(default_fields), .help = NULL,
};

static const struct hsm_field currency_fields[] = {
	{ "default", HSM_TYPE_STRING, 0, AT(hsm_wire_currency, default_value) },
	{ "code", HSM_TYPE_STRING, 0, AT(hsm_wire_currency, code) },
	{ "amount_1000", HSM_TYPE_INTEGER, 0, AT(hsm_wire_currency, amount_1000) },
};
static const struct hsm_object currency_object = {
	"currency", 0, sizeof(struct hsm_wire_currency), HSM_OBJECT_FIELDS(currency_fields), .help = NULL,
};

static const struct hsm_field parameter_fields[] = {
	{ "name", HSM_TYPE_STRING, 0, AT(hsm_wire_parameter, name) },
	{ "type", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_parameter, type) },
	{ "text", HSM_TYPE_OBJECT, 0, AT(hsm_wire_parameter, text), .object = &default_object },
	{ "date", HSM_TYPE_OBJECT, 0, AT(hsm_wire_parameter, date), .object = &default_object },
	{ "date_time", HSM_TYPE_OBJECT, 0, AT(hsm_wire_parameter, date_time), .object = &default_object },
	{ "currency", HSM_TYPE_OBJECT, 0, AT(hsm_wire_parameter, currency), .object = &currency_object },
};
const struct hsm_object hsm_wire_parameter_object = {
	"parameter", 0, sizeof(struct hsm_wire_parameter), HSM_OBJECT_FIELDS(parameter_fields), .help = NULL,
};
static const struct hsm_field parameter_element = { "parameter", HSM_TYPE_OBJECT,
						    .object = &hsm_wire_parameter_object };

static const struct hsm_field reply_fields[] = {
	{ "id", HSM_TYPE_STRING, 0, AT(hsm_wire_reply, id) }, /* Meta has none: messages say it */
	{ "title", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_reply, title) },
};
static const struct hsm_object reply_object = {
	"reply", 0, sizeof(struct hsm_wire_reply), HSM_OBJECT_FIELDS(reply_fields), .help = NULL,
};

static const struct hsm_field url_fields[] = {
	{ "title", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_url, title) },
	{ "url", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_url, url) },
	{ "parameters", HSM_TYPE_LIST, 0, AT(hsm_wire_url, parameters), sizeof(struct hsm_wire_parameter),
	  &parameter_element },
};
static const struct hsm_object url_object = {
	"url", 0, sizeof(struct hsm_wire_url), HSM_OBJECT_FIELDS(url_fields), .help = NULL,
};

static const struct hsm_field phone_number_fields[] = {
	{ "title", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_phone_number, title) },
	{ "phone_number", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_phone_number, phone_number) },
};
static const struct hsm_object phone_number_object = {
	"phone_number", 0, sizeof(struct hsm_wire_phone_number), HSM_OBJECT_FIELDS(phone_number_fields), .help = NULL,
};

static const struct hsm_field copy_code_fields[] = {
	{ "example", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_copy_code, example) },
};
static const struct hsm_object copy_code_object = {
	"copy_code", 0, sizeof(struct hsm_wire_copy_code), HSM_OBJECT_FIELDS(copy_code_fields), .help = NULL,
};

static const struct hsm_field app_fields[] = {
	{ "package_name", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_app, package_name) },
	{ "signature_hash", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_app, signature_hash) },
};
static const struct hsm_object app_object = {
	"app", 0, sizeof(struct hsm_wire_app), HSM_OBJECT_FIELDS(app_fields), .help = NULL,
};
static const struct hsm_field app_element = { "app", HSM_TYPE_OBJECT, .object = &app_object };

static const struct hsm_field otp_fields[] = {
	{ "otp_type", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_otp, otp_type) },
	{ "title", HSM_TYPE_STRING, 0, AT(hsm_wire_otp, title) },
	{ "autofill_title", HSM_TYPE_STRING, 0, AT(hsm_wire_otp, autofill_title) },
	{ "apps", HSM_TYPE_LIST, 0, AT(hsm_wire_otp, apps), sizeof(struct hsm_wire_app), &app_element },
};
static const struct hsm_object otp_object = {
	"otp", 0, sizeof(struct hsm_wire_otp), HSM_OBJECT_FIELDS(otp_fields), .help = NULL,
};

static const struct hsm_field flow_fields[] = {
	{ "title", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_flow, title) },
	{ "id", HSM_TYPE_STRING, 0, AT(hsm_wire_flow, id) },
	{ "name", HSM_TYPE_STRING, 0, AT(hsm_wire_flow, name) },
	{ "json", HSM_TYPE_STRING, 0, AT(hsm_wire_flow, json) },
	{ "action", HSM_TYPE_STRING, 0, AT(hsm_wire_flow, action) },
	{ "screen", HSM_TYPE_STRING, 0, AT(hsm_wire_flow, screen) },
};
static const struct hsm_object flow_object = {
	"flow", 0, sizeof(struct hsm_wire_flow), HSM_OBJECT_FIELDS(flow_fields), .help = NULL,
};

static const struct hsm_field plain_fields[] = {
	{ "title", HSM_TYPE_STRING, 0, AT(hsm_wire_plain, title) },
};
static const struct hsm_object plain_object = {
	"plain", 0, sizeof(struct hsm_wire_plain), HSM_OBJECT_FIELDS(plain_fields), .help = NULL,
};

static const struct hsm_field button_fields[] = {
	{ "type", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_button, type) },
	{ "reply", HSM_TYPE_OBJECT, 0, AT(hsm_wire_button, reply), .object = &reply_object },
	{ "url", HSM_TYPE_OBJECT, 0, AT(hsm_wire_button, url), .object = &url_object },
	{ "phone_number", HSM_TYPE_OBJECT, 0, AT(hsm_wire_button, phone_number), .object = &phone_number_object },
	{ "copy_code", HSM_TYPE_OBJECT, 0, AT(hsm_wire_button, copy_code), .object = &copy_code_object },
	{ "otp", HSM_TYPE_OBJECT, 0, AT(hsm_wire_button, otp), .object = &otp_object },
	{ "flow", HSM_TYPE_OBJECT, 0, AT(hsm_wire_button, flow), .object = &flow_object },
	{ "plain", HSM_TYPE_OBJECT, 0, AT(hsm_wire_button, plain), .object = &plain_object },
};
const struct hsm_object hsm_wire_button_object = {
	"button", 0, sizeof(struct hsm_wire_button), HSM_OBJECT_FIELDS(button_fields), .help = NULL,
};
static const struct hsm_field button_element = { "button", HSM_TYPE_OBJECT, .object = &hsm_wire_button_object };

static const struct hsm_field card_fields[] = {
	{ "components", HSM_TYPE_LIST, 0, AT(hsm_wire_card, components),
	  sizeof(struct hsm_wire_component), &hsm_wire_component_element },
};
static const struct hsm_object card_object = {
	"card", 0, sizeof(struct hsm_wire_card), HSM_OBJECT_FIELDS(card_fields), .help = NULL,
};
static const struct hsm_field card_element = { "card", HSM_TYPE_OBJECT, .object = &card_object };

static const struct hsm_field component_fields[] = {
	{ "type", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_component, type) },
	{ "format", HSM_TYPE_STRING, 0, AT(hsm_wire_component, format) },
	{ "text", HSM_TYPE_STRING, 0, AT(hsm_wire_component, text) },
	{ "parameters", HSM_TYPE_LIST, 0, AT(hsm_wire_component, parameters), sizeof(struct hsm_wire_parameter),
	  &parameter_element },
	{ "media", HSM_TYPE_STRING, 0, AT(hsm_wire_component, media) },
	{ "buttons", HSM_TYPE_LIST, 0, AT(hsm_wire_component, buttons), sizeof(struct hsm_wire_button),
	  &button_element },
	{ "security_recommendation", HSM_TYPE_BOOLEAN, 0, AT(hsm_wire_component, security_recommendation) },
	{ "code_expiration_minutes", HSM_TYPE_INTEGER, 0, AT(hsm_wire_component, code_expiration_minutes) },
	{ "has_expiration", HSM_TYPE_BOOLEAN, 0, AT(hsm_wire_component, has_expiration) },
	{ "cards", HSM_TYPE_LIST, 0, AT(hsm_wire_component, cards), sizeof(struct hsm_wire_card), &card_element },
	{ "sub_category", HSM_TYPE_STRING, 0, AT(hsm_wire_component, sub_category) },
	{ "time_to_live", HSM_TYPE_INTEGER, 0, AT(hsm_wire_component, time_to_live) },
};
const struct hsm_object hsm_wire_component_object = {
	"component", 0, sizeof(struct hsm_wire_component), HSM_OBJECT_FIELDS(component_fields), .help = NULL,
};
const struct hsm_field hsm_wire_component_element = { "component", HSM_TYPE_OBJECT,
						      .object = &hsm_wire_component_object };

static const struct hsm_field template_fields[] = {
	{ "name", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_template, name) },
	{ "language", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_template, language) },
	{ "category", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_template, category) },
	{ "components", HSM_TYPE_LIST, HSM_FIELD_REQUIRED, AT(hsm_wire_template, components),
	  sizeof(struct hsm_wire_component), &hsm_wire_component_element },
	{ "id", HSM_TYPE_STRING, HSM_FIELD_REQUIRED | HSM_FIELD_READ_ONLY, AT(hsm_wire_template, id) },
	{ "status", HSM_TYPE_STRING, HSM_FIELD_REQUIRED | HSM_FIELD_READ_ONLY, AT(hsm_wire_template, status) },
	{ "rejection_reason", HSM_TYPE_STRING, HSM_FIELD_READ_ONLY, AT(hsm_wire_template, rejection_reason) },
	{ "correct_category", HSM_TYPE_STRING, HSM_FIELD_READ_ONLY, AT(hsm_wire_template, correct_category) },
	{ "previous_category", HSM_TYPE_STRING, HSM_FIELD_READ_ONLY, AT(hsm_wire_template, previous_category) },
	{ "quality", HSM_TYPE_STRING, HSM_FIELD_READ_ONLY, AT(hsm_wire_template, quality) },
	{ "dateCreated", HSM_TYPE_STRING, HSM_FIELD_READ_ONLY, AT(hsm_wire_template, date_created) },
	{ "dateModified", HSM_TYPE_STRING, HSM_FIELD_READ_ONLY, AT(hsm_wire_template, date_modified) },
};
const struct hsm_object hsm_wire_template_object = {
	"template", 0, sizeof(struct hsm_wire_template), HSM_OBJECT_FIELDS(template_fields), .help = NULL,
};

static const struct hsm_field event_element = { "event", HSM_TYPE_STRING, .help = NULL };
static const struct hsm_field webhook_fields[] = {
	{ "name", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_webhook, name) },
	{ "url", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_wire_webhook, url) },
	{ "events", HSM_TYPE_LIST, HSM_FIELD_REQUIRED, AT(hsm_wire_webhook, events), sizeof(struct hsm_string),
	  &event_element },
	{ "enabled", HSM_TYPE_BOOLEAN, 0, AT(hsm_wire_webhook, enabled) },
	{ "secret", HSM_TYPE_STRING, 0, AT(hsm_wire_webhook, secret) },
	{ "id", HSM_TYPE_STRING, HSM_FIELD_REQUIRED | HSM_FIELD_READ_ONLY, AT(hsm_wire_webhook, id) },
};
const struct hsm_object hsm_wire_webhook_object = {
	"webhook", 0, sizeof(struct hsm_wire_webhook), HSM_OBJECT_FIELDS(webhook_fields), .help = NULL,
};
