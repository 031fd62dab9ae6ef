#include "schema/requirement.h"

#include "schema/name.h"

#define AT(type, member) .offset = offsetof(struct type, member)

static const struct hsm_field language_element = { "language", HSM_TYPE_STRING,
						   .pattern = &hsm_name_language_pattern };
static const struct hsm_field text_element = { "text", HSM_TYPE_STRING, .minimum = 1 };
static const struct hsm_field requirement_fields[] = {
	{ "languages", HSM_TYPE_LIST, 0, AT(hsm_requirement, languages), sizeof(struct hsm_string), &language_element,
	  .minimum = 1, .maximum = 200, .help = "The languages that the flow sends; every one that git has unless given.",
	  .example = "[\"en_US\"]" },
	{ "version", HSM_TYPE_INTEGER, 0, AT(hsm_requirement, version), .minimum = 1, .maximum = HSM_VERSION_MAXIMUM,
	  .help = "The active version is this one or a later one." },
	{ "parameters", HSM_TYPE_LIST, 0, AT(hsm_requirement, parameters), sizeof(struct hsm_string), &text_element,
	  .maximum = 200, .help = "The names that the flow fills in, in the order of the array that it sends.",
	  .example = "[\"customer\", \"order_id\"]" },
	{ "buttons", HSM_TYPE_LIST, 0, AT(hsm_requirement, buttons), sizeof(struct hsm_string), &text_element,
	  .maximum = 20, .help = "The ids of reply buttons that the flow switches on, or the tokens.", .example = "[\"TRACK\"]" },
};
static const struct hsm_object requirement_object = {
	"requirement", 0, sizeof(struct hsm_requirement), HSM_OBJECT_FIELDS(requirement_fields),
	.help = "What a flow needs of a template.",
};
static const struct hsm_field requirement_element = { "requirement", HSM_TYPE_OBJECT, .object = &requirement_object };

static const struct hsm_field requirements_fields[] = {
	{ "templates", HSM_TYPE_MAPPING, HSM_FIELD_REQUIRED, AT(hsm_requirements, templates),
	  sizeof(struct hsm_requirement), &requirement_element, .key_pattern = &hsm_name_base_pattern, .minimum = 1,
	  .help = "The templates that the flow sends, by base name." },
};
const struct hsm_object hsm_requirements_object = {
	"requirements", 0, sizeof(struct hsm_requirements), HSM_OBJECT_FIELDS(requirements_fields),
	.help = "What a flow needs: hsmctl check --requires FILE says whether all of it is active.",
};
