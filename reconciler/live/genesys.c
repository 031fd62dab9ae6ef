/* What the Genesys messaging API's answers look like. */
#include "reconciler/live/genesys.h"

#include <ctype.h>

const struct hsm_backend hsm_genesys_backend = {
	.read = hsm_genesys_read,
	.create_template = hsm_genesys_create_template,
	.find_template = hsm_genesys_find_template,
	.delete_template = hsm_genesys_delete_template,
	.write_webhook = hsm_genesys_write_webhook,
	.delete_webhook = hsm_genesys_delete_webhook,
	.probe_write = hsm_genesys_probe_write,
};

const struct hsm_field hsm_genesys_template_element = { "template", HSM_TYPE_OBJECT,
							.object = &hsm_wire_template_object, .help = NULL };
const struct hsm_field hsm_genesys_webhook_element = { "webhook", HSM_TYPE_OBJECT,
						       .object = &hsm_wire_webhook_object, .help = NULL };

int hsm_genesys_parse(const struct hsm_http_answer *answer, cJSON **json, struct hsm_error *error)
{
	bool has_id = *answer->correlation;
	int rc = hsm_json_parse(json, answer->body, answer->length, error);
	if (!rc)
		return 0;
	/* The id goes to the end: the message tells first what is wrong. */
	struct hsm_error why = *error;
	return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "%s: %.1024s%s%s%s", answer->request, why.message,
			     has_id ? " (correlation id " : "", answer->correlation, has_id ? ")" : "");
}

int hsm_genesys_read_page(struct hsm_arena *arena, const struct hsm_http_answer *answer,
			  const struct hsm_field *element, size_t item_size, struct hsm_genesys_page *page,
			  struct hsm_error *error)
{
	const struct hsm_field fields[] = {
		{ "pageNumber", HSM_TYPE_INTEGER, 0, .offset = offsetof(struct hsm_genesys_page, page_number) },
		{ "pageCount", HSM_TYPE_INTEGER, 0, .offset = offsetof(struct hsm_genesys_page, page_count) },
		{ "total", HSM_TYPE_INTEGER, 0, .offset = offsetof(struct hsm_genesys_page, total) },
		{ "entities", HSM_TYPE_LIST, HSM_FIELD_REQUIRED, offsetof(struct hsm_genesys_page, entities), item_size,
		  element, .help = NULL },
	};
	const struct hsm_object object = { "page", 0, sizeof(*page), HSM_OBJECT_FIELDS(fields), .help = NULL };
	cJSON *json;
	*page = (struct hsm_genesys_page){ 0 };
	int rc = hsm_genesys_parse(answer, &json, error);
	if (rc)
		return rc;
	rc = hsm_json_read(arena, json, &object, page, error);
	cJSON_Delete(json);
	/* The bare prefix: the answer is JSON and says something else. */
	return rc ? hsm_error_prefix(error, "%s", answer->request) : 0;
}

static const char *copy_upper(struct hsm_arena *arena, const char *text)
{
	char *copy = hsm_arena_copy_string(arena, text);
	for (char *c = copy; *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return copy;
}

void hsm_genesys_convert_template(struct hsm_arena *arena, struct hsm_wire_template *wire,
				  struct hsm_live_template *template)
{
	*template = (struct hsm_live_template){
		.id = hsm_arena_copy_string(arena, wire->id.text),
		.name = hsm_arena_copy_string(arena, wire->name.text),
		.language = hsm_arena_copy_string(arena, wire->language.text),
		.category = copy_upper(arena, wire->category.text),
		.status_word = copy_upper(arena, wire->status.text),
		.status = hsm_status_find(wire->status.text),
		.rejection_reason = hsm_arena_copy_string(arena, wire->rejection_reason.text),
		.created = hsm_arena_copy_string(arena, wire->date_created.text),
		.modified = hsm_arena_copy_string(arena, wire->date_modified.text),
		.content = hsm_content_make(arena, &wire->components),
	};
}
