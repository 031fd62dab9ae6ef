#include "reconciler/live/genesys.h"

#include <ctype.h>
#include <string.h>

#include "reconciler/live/answer.h"
#include "schema/base/text.h"
#include "schema/json.h"

const struct hsm_backend hsm_genesys_backend = {
	.read = hsm_genesys_read,
	.create_template = hsm_genesys_create_template,
	.find_template = hsm_genesys_find_template,
	.get_template = hsm_genesys_get_template,
	.delete_template = hsm_genesys_delete_template,
	.write_webhook = hsm_genesys_write_webhook,
	.delete_webhook = hsm_genesys_delete_webhook,
	.probe_write = hsm_genesys_probe_write,
	.read_fault = hsm_genesys_read_fault,
	.judge = hsm_genesys_judge,
	.verdict = hsm_genesys_verdict,
};

const char *hsm_genesys_templates_path(struct hsm_arena *arena, const char *provider_id)
{
	return hsm_arena_format(arena, HSM_GENESYS_PROVIDERS "/%s/templates", hsm_path_escape(arena, provider_id));
}

const char *hsm_genesys_keep_time(struct hsm_arena *arena, const char *text)
{
	static const char shape[] = "0000-00-00T00:00:00";
	size_t i = 0;
	while (text && text[i] && shape[i] &&
	       (shape[i] == '0' ? isdigit((unsigned char)text[i]) != 0 : text[i] == shape[i]))
		i++;
	return i == sizeof(shape) - 1 && text[i] ? hsm_arena_copy_string(arena, text) : NULL;
}

int hsm_genesys_read_template(struct hsm_template_reader *reader, const cJSON *json,
			      struct hsm_live_template *template, struct hsm_error *error)
{
	struct hsm_wire_template wire = { 0 };
	int status = hsm_json_read(&reader->scratch, json, &hsm_wire_template_object, &wire, error);
	if (status)
		return wire.name.text ? hsm_error_prefix(error, "template '%.*s'", HSM_TEXT_FIT(wire.name.text, 100)) : status;
	struct hsm_content content = hsm_content_make(&reader->scratch, &wire.components);
	bool has_reason = wire.rejection_reason.text && *wire.rejection_reason.text;
	*template = (struct hsm_live_template){
		.id = hsm_arena_copy_string(reader->arena, wire.id.text),
		.name = hsm_template_reader_keep_name(reader, wire.name.text),
		.language = hsm_template_reader_keep_word(reader, wire.language.text),
		.category = hsm_template_reader_keep_upper(reader, wire.category.text),
		.status_word = hsm_template_reader_keep_word(reader, wire.status.text),
		.status = hsm_status_find(wire.status.text),
		.rejection_reason = has_reason ? hsm_template_reader_keep_word(reader, wire.rejection_reason.text) : NULL,
		.correct_category = hsm_template_reader_keep_word(reader, wire.correct_category.text),
		.previous_category = hsm_template_reader_keep_word(reader, wire.previous_category.text),
		.quality = hsm_template_reader_keep_word(reader, wire.quality.text),
		.created = hsm_genesys_keep_time(reader->arena, wire.date_created.text),
		.modified = hsm_genesys_keep_time(reader->arena, wire.date_modified.text),
		.content.json = hsm_arena_copy_string(reader->arena, content.json),
	};
	return 0;
}
