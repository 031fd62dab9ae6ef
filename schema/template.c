#include "schema/template.h"

#include <string.h>

#include "schema/name.h"
#include "schema/payload.h"

const char *const hsm_category_words[] = { "UTILITY", "MARKETING", "AUTHENTICATION", NULL };
const char *const hsm_parameter_type_words[] = { "TEXT", "DATE", "DATE_TIME", "CURRENCY", NULL };
const char *const hsm_emoji_words[] = { "keep", "strip", "name", NULL };
const char *const hsm_sub_category_words[] = { "ORDER_DETAILS", "ORDER_STATUS", "RICH_ORDER_STATUS", NULL };
const char *const hsm_otp_type_words[] = { "COPY_CODE", "ONE_TAP", "ZERO_TAP", NULL };
static const char *const parameter_format_words[] = { "POSITIONAL", "NAMED", NULL };
static const char *const on_breaking_words[] = { "hold", "publish", NULL };
static const char *const channel_words[] = { "sms", NULL };

static const struct hsm_pattern currency_pattern = { "^[A-Z]{3}$", "an ISO 4217 code such as EUR" };

#define AT(type, member) .offset = offsetof(struct type, member)

static const struct hsm_field parameter_fields[] = {
	{ "type", HSM_TYPE_WORD, 0, AT(hsm_parameter, type), .words = hsm_parameter_type_words,
	  .fallback = HSM_PARAMETER_TEXT, .help = "What the value is. TEXT is the default." },
	{ "default", HSM_TYPE_STRING_BY_KEY, HSM_FIELD_REQUIRED | HSM_FIELD_MESSAGE, AT(hsm_parameter, default_value),
	  .key_pattern = &hsm_name_language_pattern, .minimum = 1, .maximum = 1024,
	  .help = "The sample that reviewers see: one value, or one per language. DATE as YYYY-MM-DD, DATE_TIME as "
		  "RFC 3339; of a CURRENCY what is shown where the currency cannot be.",
	  .example = "\"ORD-12345\"" },
	{ "description", HSM_TYPE_STRING, 0, AT(hsm_parameter, description), .help = "What the value means." },
	{ "max_length", HSM_TYPE_INTEGER, 0, AT(hsm_parameter, max_length), .minimum = 1, .maximum = 1024,
	  .help = "The longest value that senders may give, in characters." },
	{ "truncate", HSM_TYPE_BOOLEAN, 0, AT(hsm_parameter, truncate),
	  .help = "Of a TEXT: true cuts a longer value where it is sent; else it is refused." },
	{ "emoji", HSM_TYPE_WORD, 0, AT(hsm_parameter, emoji), .words = hsm_emoji_words,
	  .help = "Of a TEXT: whether emoji in its values are sent, left out, or replaced by their English names; "
		  "unless given as delivery in hsmctl.yaml says." },
	{ "allowed", HSM_TYPE_STRING, 0, AT(hsm_parameter, allowed), .minimum = 1, .maximum = 1000,
	  .help = "Of a TEXT: a regular expression (PCRE2) that each character of its values must match; unless "
		  "given as delivery in hsmctl.yaml says.",
	  .example = "\"[\\\\p{L}\\\\p{M}\\\\p{N} .,-]\"" },
	{ "code", HSM_TYPE_STRING, 0, AT(hsm_parameter, code), .pattern = &currency_pattern,
	  .help = "Of a CURRENCY: the ISO 4217 code of the sample.", .example = "\"EUR\"" },
	{ "amount_1000", HSM_TYPE_INTEGER, 0, AT(hsm_parameter, amount_1000), .minimum = INT64_C(-9007199254740991),
	  .maximum = INT64_C(9007199254740991),
	  .help = "Of a CURRENCY: the sample's amount times 1000.", .example = "12990" },
};
static const struct hsm_object parameter_object = {
	"parameter", 0, sizeof(struct hsm_parameter), HSM_OBJECT_FIELDS(parameter_fields),
	.help = "A value that the sender fills in.",
};

static const struct hsm_field header_fields[] = {
	{ "text", HSM_TYPE_STRING, HSM_FIELD_SHORTHAND | HSM_FIELD_MESSAGE, AT(hsm_header, text),
	  .help = "A line of text.", .example = "\"Order #{{order_id}}\"" },
	{ "image", HSM_TYPE_STRING, HSM_FIELD_VARIABLES, AT(hsm_header, image),
	  .help = "A sample image: its https URL; on Meta a file of the repository, which is uploaded." },
	{ "video", HSM_TYPE_STRING, HSM_FIELD_VARIABLES, AT(hsm_header, video),
	  .help = "A sample video, likewise." },
	{ "document", HSM_TYPE_STRING, HSM_FIELD_VARIABLES, AT(hsm_header, document),
	  .help = "A sample document, likewise." },
	{ "location", HSM_TYPE_BOOLEAN, 0, AT(hsm_header, location), .help = "true: the sender gives a place." },
	{ "product", HSM_TYPE_BOOLEAN, 0, AT(hsm_header, product),
	  .help = "On Meta. true: the sender names a product of the catalogue." },
};
static const struct hsm_object header_object = {
	"header", HSM_OBJECT_ONE_OF, sizeof(struct hsm_header), HSM_OBJECT_FIELDS(header_fields),
	.help = "A line of text, or one of an image, a video, a document, a location or a product.",
};

static const struct hsm_field data_element = { "data", HSM_TYPE_STRING, 0, AT(hsm_keyed_string, value),
					       .pattern = &hsm_payload_value_pattern };
static const struct hsm_field reply_fields[] = {
	{ "id", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_button_reply, id), .pattern = &hsm_payload_id_pattern,
	  .minimum = 1, .maximum = HSM_PAYLOAD_SIZE_MAX, .help = "What flows receive when the customer taps it.",
	  .example = "\"PAYLOAD_CHECK_ORDER\"" },
	{ "data", HSM_TYPE_MAPPING, 0, AT(hsm_button_reply, data), sizeof(struct hsm_keyed_string), &data_element,
	  .key_pattern = &hsm_name_parameter_pattern, .minimum = 1, .maximum = HSM_PAYLOAD_DATA_MAX,
	  .help = "What flows receive beside it: the two are sent as one token. Nothing personal: it is the same for "
		  "all customers, and logged on its way.",
	  .example = "{\"step\": \"2\", \"tier\": \"gold\"}" },
	{ "title", HSM_TYPE_STRING, HSM_FIELD_REQUIRED | HSM_FIELD_MESSAGE, AT(hsm_button_reply, title), .minimum = 1,
	  .maximum = 25, .help = "What the customer reads.", .example = "\"Check Order Status\"" },
};
static const struct hsm_object reply_object = {
	"reply", 0, sizeof(struct hsm_button_reply), HSM_OBJECT_FIELDS(reply_fields),
	.help = "A quick reply.",
};

static const struct hsm_field url_fields[] = {
	{ "title", HSM_TYPE_STRING, HSM_FIELD_REQUIRED | HSM_FIELD_MESSAGE, AT(hsm_button_url, title), .minimum = 1,
	  .maximum = 25, .help = "What the customer reads." },
	{ "url", HSM_TYPE_STRING, HSM_FIELD_REQUIRED | HSM_FIELD_VARIABLES, AT(hsm_button_url, url), .minimum = 1,
	  .maximum = 2000, .help = "Where it leads; may end in one {{parameter}}.",
	  .example = "\"https://shop.example.com/orders/{{order_id}}\"" },
};
static const struct hsm_object url_object = {
	"url", 0, sizeof(struct hsm_button_url), HSM_OBJECT_FIELDS(url_fields), .help = "Opens a web page.",
};

static const struct hsm_field phone_number_fields[] = {
	{ "title", HSM_TYPE_STRING, HSM_FIELD_REQUIRED | HSM_FIELD_MESSAGE, AT(hsm_button_phone_number, title),
	  .minimum = 1, .maximum = 25, .help = "What the customer reads." },
	{ "phone_number", HSM_TYPE_STRING, HSM_FIELD_REQUIRED | HSM_FIELD_VARIABLES,
	  AT(hsm_button_phone_number, phone_number), .minimum = 1, .maximum = 20, .help = "The number to call.",
	  .example = "\"+442071838750\"" },
};
static const struct hsm_object phone_number_object = {
	"phone_number", 0, sizeof(struct hsm_button_phone_number), HSM_OBJECT_FIELDS(phone_number_fields),
	.help = "Calls a number.",
};

static const struct hsm_field copy_code_fields[] = {
	{ "example", HSM_TYPE_STRING, HSM_FIELD_REQUIRED | HSM_FIELD_VARIABLES, AT(hsm_button_copy_code, example),
	  .minimum = 1, .maximum = 15, .help = "A sample of the code.", .example = "\"25OFF\"" },
};
static const struct hsm_object copy_code_object = {
	"copy_code", 0, sizeof(struct hsm_button_copy_code), HSM_OBJECT_FIELDS(copy_code_fields),
	.help = "Copies a code.",
};

static const struct hsm_pattern package_pattern = { "^[A-Za-z][A-Za-z0-9_]*(\\.[A-Za-z][A-Za-z0-9_]*)+$",
						    "an Android package such as com.example.app" };
static const struct hsm_field app_fields[] = {
	{ "package_name", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_app, package_name), .pattern = &package_pattern,
	  .minimum = 1, .maximum = 224, .help = "The Android app.", .example = "\"com.example.app\"" },
	{ "signature_hash", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_app, signature_hash), .minimum = 11,
	  .maximum = 11, .help = "The hash of its signing key.", .example = "\"K8a/AINcGX7\"" },
};
static const struct hsm_object app_object = {
	"app", 0, sizeof(struct hsm_app), HSM_OBJECT_FIELDS(app_fields), .help = "An app that may take the code.",
};
static const struct hsm_field app_element = { "app", HSM_TYPE_OBJECT, .object = &app_object };

#define TITLE_FIELD(type)                                                                                     \
	{ "title", HSM_TYPE_STRING, HSM_FIELD_REQUIRED | HSM_FIELD_MESSAGE, AT(type, title), .minimum = 1,        \
	  .maximum = 25, .help = "What the customer reads." }

static const struct hsm_field otp_fields[] = {
	{ "type", HSM_TYPE_WORD, HSM_FIELD_REQUIRED, AT(hsm_button_otp, type), .words = hsm_otp_type_words,
	  .help = "How the code reaches the app: copied, by one tap, or by none." },
	TITLE_FIELD(hsm_button_otp),
	{ "autofill_title", HSM_TYPE_STRING, HSM_FIELD_MESSAGE, AT(hsm_button_otp, autofill_title), .minimum = 1,
	  .maximum = 25, .help = "Of ONE_TAP and ZERO_TAP: what stands on the button that fills the code in." },
	{ "zero_tap_terms_accepted", HSM_TYPE_BOOLEAN, 0, AT(hsm_button_otp, zero_tap_terms_accepted),
	  .help = "Of ZERO_TAP: true, or Meta refuses it." },
	{ "apps", HSM_TYPE_LIST, 0, AT(hsm_button_otp, apps), sizeof(struct hsm_app), &app_element, .minimum = 1,
	  .maximum = 5, .help = "Of ONE_TAP and ZERO_TAP: the apps that may take it." },
};
static const struct hsm_object otp_object = {
	"otp", 0, sizeof(struct hsm_button_otp), HSM_OBJECT_FIELDS(otp_fields), .help = "Passes a one-time password on.",
};

static const struct hsm_field flow_fields[] = {
	TITLE_FIELD(hsm_button_flow),
	{ "id", HSM_TYPE_STRING, HSM_FIELD_VARIABLES, AT(hsm_button_flow, id), .minimum = 1, .maximum = 100,
	  .help = "The WhatsApp Flow by its id; or" },
	{ "name", HSM_TYPE_STRING, HSM_FIELD_VARIABLES, AT(hsm_button_flow, name), .minimum = 1, .maximum = 200,
	  .help = "by its name; or" },
	{ "json", HSM_TYPE_STRING, 0, AT(hsm_button_flow, json), .minimum = 1, .help = "itself, as JSON text." },
	{ "action", HSM_TYPE_STRING, 0, AT(hsm_button_flow, action), .minimum = 1, .maximum = 100,
	  .help = "navigate or data_exchange.", .example = "\"navigate\"" },
	{ "screen", HSM_TYPE_STRING, 0, AT(hsm_button_flow, screen), .minimum = 1, .maximum = 200,
	  .help = "The screen that it begins with." },
};
static const struct hsm_object flow_object = {
	"flow", 0, sizeof(struct hsm_button_flow), HSM_OBJECT_FIELDS(flow_fields), .help = "Opens a WhatsApp Flow.",
};

static const struct hsm_field plain_fields[] = { TITLE_FIELD(hsm_button_plain) };
#define PLAIN_OBJECT(text)                                                                                    \
	{ "plain_button", 0, sizeof(struct hsm_button_plain), HSM_OBJECT_FIELDS(plain_fields), .help = (text) }
static const struct hsm_object catalog_object = PLAIN_OBJECT("Opens the catalogue.");
static const struct hsm_object multi_product_object = PLAIN_OBJECT("Shows several products, which the sender names.");
static const struct hsm_object single_product_object = PLAIN_OBJECT("Shows the product of the header.");
static const struct hsm_object voice_call_object = PLAIN_OBJECT("Calls the business on WhatsApp.");

const struct hsm_plain_kind hsm_plain_kinds[] = {
	{ "CATALOG", offsetof(struct hsm_button, catalog) },
	{ "MPM", offsetof(struct hsm_button, multi_product) },
	{ "SPM", offsetof(struct hsm_button, single_product) },
	{ "VOICE_CALL", offsetof(struct hsm_button, voice_call) },
	{ NULL, 0 },
};

static const struct hsm_field button_fields[] = {
	{ "reply", HSM_TYPE_OBJECT, 0, AT(hsm_button, reply), .object = &reply_object },
	{ "url", HSM_TYPE_OBJECT, 0, AT(hsm_button, url), .object = &url_object },
	{ "phone_number", HSM_TYPE_OBJECT, 0, AT(hsm_button, phone_number), .object = &phone_number_object },
	{ "copy_code", HSM_TYPE_OBJECT, 0, AT(hsm_button, copy_code), .object = &copy_code_object },
	{ "otp", HSM_TYPE_OBJECT, 0, AT(hsm_button, otp), .object = &otp_object },
	{ "flow", HSM_TYPE_OBJECT, 0, AT(hsm_button, flow), .object = &flow_object },
	{ "catalog", HSM_TYPE_OBJECT, 0, AT(hsm_button, catalog), .object = &catalog_object },
	{ "multi_product", HSM_TYPE_OBJECT, 0, AT(hsm_button, multi_product), .object = &multi_product_object },
	{ "single_product", HSM_TYPE_OBJECT, 0, AT(hsm_button, single_product), .object = &single_product_object },
	{ "voice_call", HSM_TYPE_OBJECT, 0, AT(hsm_button, voice_call), .object = &voice_call_object },
};
static const struct hsm_object button_object = {
	"button", HSM_OBJECT_ONE_OF, sizeof(struct hsm_button), HSM_OBJECT_FIELDS(button_fields),
	.help = "One of a quick reply, a link, a call or a code to copy; on Meta also of a one-time password, a "
		"WhatsApp Flow, a catalogue, products or a call on WhatsApp.",
};
static const struct hsm_field button_element = { "button", HSM_TYPE_OBJECT, .object = &button_object };

static const struct hsm_field authentication_fields[] = {
	{ "security_recommendation", HSM_TYPE_BOOLEAN, 0, AT(hsm_authentication, security_recommendation),
	  .help = "true: the body warns not to share the code." },
	{ "code_expiration_minutes", HSM_TYPE_INTEGER, 0, AT(hsm_authentication, code_expiration_minutes), .minimum = 1,
	  .maximum = 90, .help = "The footer says after how many minutes the code is no longer good." },
};
static const struct hsm_object authentication_object = {
	"authentication", 0, sizeof(struct hsm_authentication), HSM_OBJECT_FIELDS(authentication_fields),
	.help = "On Meta, in place of body and footer: their texts, which it writes itself.",
};

static const struct hsm_field limited_time_offer_fields[] = {
	{ "text", HSM_TYPE_STRING, HSM_FIELD_REQUIRED | HSM_FIELD_MESSAGE, AT(hsm_limited_time_offer, text),
	  .minimum = 1, .maximum = 16, .help = "What is offered.", .example = "\"Expiring offer!\"" },
	{ "has_expiration", HSM_TYPE_BOOLEAN, 0, AT(hsm_limited_time_offer, has_expiration),
	  .help = "true: the sender gives the time when it ends, and it is counted down." },
};
static const struct hsm_object limited_time_offer_object = {
	"limited_time_offer", 0, sizeof(struct hsm_limited_time_offer), HSM_OBJECT_FIELDS(limited_time_offer_fields),
	.help = "On Meta: an offer that ends.",
};

#define HEADER_FIELD(type) { "header", HSM_TYPE_OBJECT, 0, AT(type, header), .object = &header_object }

static const struct hsm_field card_fields[] = {
	HEADER_FIELD(hsm_card),
	{ "body", HSM_TYPE_STRING, HSM_FIELD_MESSAGE, AT(hsm_card, body), .minimum = 1, .help = "Its text." },
	{ "buttons", HSM_TYPE_LIST, 0, AT(hsm_card, buttons), sizeof(struct hsm_button), &button_element, .minimum = 1,
	  .maximum = 2, .help = "One or two." },
};
static const struct hsm_object card_object = {
	"card", 0, sizeof(struct hsm_card), HSM_OBJECT_FIELDS(card_fields), .help = "A card of a carousel.",
};
static const struct hsm_field card_element = { "card", HSM_TYPE_OBJECT, .object = &card_object };

static const struct hsm_field translation_fields[] = {
	{ "version", HSM_TYPE_INTEGER, 0, AT(hsm_translation, version), .minimum = 1, .maximum = HSM_VERSION_MAXIMUM,
	  .help = "Pins the version: this content is <name>_v<version> in every environment. `hsmctl bump` writes it.",
	  .example = "1" },
	HEADER_FIELD(hsm_translation),
	{ "body", HSM_TYPE_STRING, HSM_FIELD_REQUIRED | HSM_FIELD_MESSAGE, AT(hsm_translation, body), .minimum = 1,
	  .instead = "authentication",
	  .help = "The message, which is there unless 'authentication' is. {{name}} is a parameter, ${name} a variable "
		  "of hsmctl.yaml.",
	  .example = "\"Hi {{customer}}, your order {{order_id}} is confirmed.\"" },
	{ "footer", HSM_TYPE_STRING, HSM_FIELD_MESSAGE, AT(hsm_translation, footer), .minimum = 1,
	  .help = "A line in small print.", .example = "\"Reply STOP to opt-out.\"" },
	{ "buttons", HSM_TYPE_LIST, 0, AT(hsm_translation, buttons), sizeof(struct hsm_button), &button_element,
	  .minimum = 1, .maximum = 10, .help = "At most ten, in the order shown." },
	{ "authentication", HSM_TYPE_OBJECT, 0, AT(hsm_translation, authentication), .object = &authentication_object },
	{ "limited_time_offer", HSM_TYPE_OBJECT, 0, AT(hsm_translation, limited_time_offer),
	  .object = &limited_time_offer_object },
	{ "carousel", HSM_TYPE_LIST, 0, AT(hsm_translation, carousel), sizeof(struct hsm_card), &card_element,
	  .minimum = 1, .maximum = 10, .help = "On Meta: cards that are swiped through." },
};
const struct hsm_object hsm_translation_object = {
	"translation", 0, sizeof(struct hsm_translation), HSM_OBJECT_FIELDS(translation_fields),
	.help = "The template in one language: what is submitted, reviewed and versioned.",
};

static const struct hsm_field fallback_fields[] = {
	{ "template", HSM_TYPE_STRING, 0, AT(hsm_fallback, template), .pattern = &hsm_name_base_pattern,
	  .help = "The base name of a template to send in its place." },
	{ "channel", HSM_TYPE_WORD, 0, AT(hsm_fallback, channel), .words = channel_words,
	  .help = "Another channel to send by." },
	{ "text", HSM_TYPE_STRING_BY_KEY, HSM_FIELD_MESSAGE, AT(hsm_fallback, text), .minimum = 1,
	  .key_pattern = &hsm_name_language_pattern, .help = "What to send there: one text, or one per language." },
};
static const struct hsm_object fallback_object = {
	"fallback", 0, sizeof(struct hsm_fallback), HSM_OBJECT_FIELDS(fallback_fields),
	.help = "What to do when the template may not be sent.",
};

static const struct hsm_field lifecycle_fields[] = {
	{ "keep", HSM_TYPE_INTEGER, 0, AT(hsm_lifecycle, keep), .minimum = 1, .maximum = 1000,
	  .fallback = HSM_LIFECYCLE_KEEP_DEFAULT, .help = "Versions of each translation that pruning keeps." },
	{ "on_breaking", HSM_TYPE_WORD, 0, AT(hsm_lifecycle, on_breaking), .words = on_breaking_words,
	  .fallback = HSM_ON_BREAKING_HOLD,
	  .help = "Whether a version that breaks its flows waits for accept_breaking, or is used once approved." },
	{ "accept_breaking", HSM_TYPE_INTEGER_BY_KEY, 0, AT(hsm_lifecycle, accept_breaking), .minimum = 1,
	  .maximum = HSM_VERSION_MAXIMUM,
	  .help = "Flows are ready for breaking versions up to this one: a number, or one per environment.",
	  .example = "3" },
};
static const struct hsm_object lifecycle_object = {
	"lifecycle", 0, sizeof(struct hsm_lifecycle), HSM_OBJECT_FIELDS(lifecycle_fields),
	.help = "How versions come and go.",
};

static const struct hsm_field parameter_element = { "parameter", HSM_TYPE_OBJECT, .object = &parameter_object };
static const struct hsm_field translation_element = { "translation", HSM_TYPE_OBJECT,
						      .object = &hsm_translation_object };
static const struct hsm_field route_element = { "route", HSM_TYPE_STRING, 0, AT(hsm_keyed_string, value), .minimum = 1 };
static const struct hsm_field fallback_element = { "fallback", HSM_TYPE_OBJECT, .object = &fallback_object };

#define PARAMETERS_FIELD                                                                                     \
	{ "parameters", HSM_TYPE_MAPPING, 0, AT(hsm_template, parameters), sizeof(struct hsm_parameter),         \
	  &parameter_element, .key_pattern = &hsm_name_parameter_pattern, .maximum = 100,                        \
	  .help = "The values that a sender fills in, by name." }

static const struct hsm_field inputs_fields[] = { PARAMETERS_FIELD };
const struct hsm_object hsm_template_inputs_object = {
	"inputs", 0, sizeof(struct hsm_template), HSM_OBJECT_FIELDS(inputs_fields),
	.help = "The parameters of a template.",
};

static const struct hsm_field template_fields[] = {
	{ "name", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(hsm_template, name), .pattern = &hsm_name_base_pattern,
	  .help = "The base name; versions are <name>_v1, <name>_v2 and so on.", .example = "\"order_confirmation\"" },
	{ "category", HSM_TYPE_WORD, HSM_FIELD_REQUIRED, AT(hsm_template, category), .words = hsm_category_words,
	  .help = "By what the customer did or needs, not by tone. The provider bills and limits by it." },
	{ "intent", HSM_TYPE_STRING, 0, AT(hsm_template, intent),
	  .help = "What the customer did or needs, in a word.", .example = "\"order_update\"" },
	{ "description", HSM_TYPE_STRING, 0, AT(hsm_template, description), .help = "For the people who edit it." },
	{ "parameter_format", HSM_TYPE_WORD, 0, AT(hsm_template, parameter_format), .words = parameter_format_words,
	  .fallback = HSM_PARAMETER_FORMAT_POSITIONAL,
	  .help = "On Meta: whether its senders give values by their place or by their names." },
	{ "sub_category", HSM_TYPE_WORD, 0, AT(hsm_template, sub_category), .words = hsm_sub_category_words,
	  .help = "On Meta: what kind of order message it is." },
	{ "time_to_live", HSM_TYPE_INTEGER, 0, AT(hsm_template, time_to_live), .minimum = 30, .maximum = 2592000,
	  .help = "On Meta: for how many seconds it is tried to deliver a message.", .example = "600" },
	PARAMETERS_FIELD,
	{ "translations", HSM_TYPE_MAPPING, 0, AT(hsm_template, translations), sizeof(struct hsm_translation),
	  &translation_element, .key_pattern = &hsm_name_language_pattern,
	  .help = "One per language; or in files of their own, <this file without .yaml>/<language>.yaml." },
	{ "routes", HSM_TYPE_MAPPING, 0, AT(hsm_template, routes), sizeof(struct hsm_keyed_string), &route_element,
	  .key_pattern = &hsm_payload_id_pattern,
	  .help = "Where each button's id leads, whatever its data: a queue's name, flow: and a bot flow's, or none." },
	{ "fallback", HSM_TYPE_LIST, 0, AT(hsm_template, fallback), sizeof(struct hsm_fallback), &fallback_element,
	  .help = "Tried in order when the template may not be sent." },
	{ "lifecycle", HSM_TYPE_OBJECT, 0, AT(hsm_template, lifecycle), .object = &lifecycle_object },
};
const struct hsm_object hsm_template_object = {
	"template", 0, sizeof(struct hsm_template), HSM_OBJECT_FIELDS(template_fields),
	.help = "A WhatsApp message template: a base name, a category, typed parameters and a translation per language.",
};

static const struct hsm_field *find_present(const struct hsm_object *object, const void *base)
{
	for (size_t i = 0; i < object->count; i++)
		if (hsm_field_is_present(&object->fields[i], base))
			return &object->fields[i];
	return NULL;
}

const char *hsm_header_kind(const struct hsm_header *header)
{
	const struct hsm_field *kind = find_present(&header_object, header);
	return kind ? kind->key : NULL;
}

const char *hsm_button_kind(const struct hsm_button *button)
{
	const struct hsm_field *kind = find_present(&button_object, button);
	return kind ? kind->key : NULL;
}

const struct hsm_string *hsm_button_title(const struct hsm_button *button)
{
	static const struct hsm_string none;
	const struct hsm_field *kind = find_present(&button_object, button);
	const struct hsm_field *title = kind ? hsm_object_find(kind->object, "title") : NULL;
	return title ? hsm_field_at(title, hsm_field_at(kind, button)) : &none;
}

const struct hsm_parameter *hsm_template_find_parameter(const struct hsm_template *template, const char *name,
							size_t length)
{
	for (size_t i = 0; i < template->parameters.count; i++) {
		const struct hsm_parameter *parameter = HSM_LIST_ITEM(template->parameters, struct hsm_parameter, i);
		if (strncmp(parameter->node.key.text, name, length) == 0 && !parameter->node.key.text[length])
			return parameter;
	}
	return NULL;
}
