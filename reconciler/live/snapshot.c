#include "reconciler/live/snapshot.h"

#include <string.h>

#include "reconciler/live/genesys.h"
#include "schema/json.h"
#include "schema/wire.h"

struct file {
	struct hsm_node node;
	struct hsm_string format_version, tool_version, environment, taken;
	struct hsm_string organization_id, organization_name, provider_id, provider_name;
	struct hsm_list webhooks; /* struct hsm_wire_webhook */
};

#define AT(member) .offset = offsetof(struct file, member)

static const struct hsm_field webhook_element = { "webhook", HSM_TYPE_OBJECT, .object = &hsm_wire_webhook_object };
/* Templates, by far the most of it, are read and written one by one. */
static const struct hsm_field file_fields[] = {
	{ "format_version", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(format_version) },
	{ "tool_version", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(tool_version) },
	{ "environment", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(environment) },
	{ "taken", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(taken) },
	{ "organization_id", HSM_TYPE_STRING, 0, AT(organization_id) },
	{ "organization_name", HSM_TYPE_STRING, 0, AT(organization_name) },
	{ "provider_id", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(provider_id) },
	{ "provider_name", HSM_TYPE_STRING, 0, AT(provider_name) },
	{ "webhooks", HSM_TYPE_LIST, 0, AT(webhooks), sizeof(struct hsm_wire_webhook), &webhook_element },
};
static const struct hsm_object file_object = {
	"snapshot", 0, sizeof(struct file), HSM_OBJECT_FIELDS(file_fields), .help = NULL,
};

static void write_optional(struct hsm_json_writer *writer, const char *key, const char *text)
{
	if (text)
		hsm_json_write_string(writer, key, text);
}

static void write_template(struct hsm_json_writer *writer, const struct hsm_live_template *template)
{
	hsm_json_begin_object(writer, NULL);
	hsm_json_write_string(writer, "id", template->id);
	hsm_json_write_string(writer, "name", template->name);
	hsm_json_write_string(writer, "language", template->language);
	hsm_json_write_string(writer, "category", template->category);
	hsm_json_write_string(writer, "status", template->status_word);
	write_optional(writer, "rejection_reason", template->rejection_reason);
	write_optional(writer, "correct_category", template->correct_category);
	write_optional(writer, "previous_category", template->previous_category);
	write_optional(writer, "quality", template->quality);
	write_optional(writer, "dateCreated", template->created);
	write_optional(writer, "dateModified", template->modified);
	hsm_json_write_raw(writer, "components", template->content.json);
	hsm_json_end_object(writer);
}

static void write_webhook(struct hsm_json_writer *writer, const struct hsm_live_webhook *webhook)
{
	hsm_json_begin_object(writer, NULL);
	hsm_json_write_string(writer, "id", webhook->id);
	hsm_json_write_string(writer, "name", webhook->name);
	hsm_json_write_string(writer, "url", webhook->url);
	hsm_json_begin_array(writer, "events");
	for (size_t i = 0; i < webhook->event_count; i++)
		hsm_json_write_string(writer, NULL, webhook->events[i]);
	hsm_json_end_array(writer);
	hsm_json_write_boolean(writer, "enabled", webhook->enabled);
	hsm_json_end_object(writer);
}

void hsm_snapshot_save(const struct hsm_live *live, const struct hsm_snapshot *snapshot, struct hsm_buffer *buffer)
{
	struct hsm_json_writer writer = { .buffer = buffer };
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "format_version", "1");
	hsm_json_write_string(&writer, "tool_version", HSM_VERSION);
	hsm_json_write_string(&writer, "environment", snapshot->environment);
	hsm_json_write_string(&writer, "taken", snapshot->taken);
	write_optional(&writer, "organization_id", live->organization_id);
	write_optional(&writer, "organization_name", live->organization_name);
	hsm_json_write_string(&writer, "provider_id", live->provider_id);
	write_optional(&writer, "provider_name", live->provider_name);
	hsm_json_begin_array(&writer, "templates");
	for (size_t i = 0; i < live->template_count; i++)
		write_template(&writer, &live->templates[i]);
	hsm_json_end_array(&writer);
	hsm_json_begin_array(&writer, "webhooks");
	for (size_t i = 0; i < live->webhook_count; i++)
		write_webhook(&writer, &live->webhooks[i]);
	hsm_json_end_array(&writer);
	hsm_json_end_object(&writer);
	hsm_buffer_append_char(buffer, '\n');
}

static int read_templates(const cJSON *entities, struct hsm_live *live, struct hsm_error *error)
{
	struct hsm_template_reader reader = { .arena = &live->arena };
	const cJSON *entity;
	int rc = 0;
	if (!cJSON_IsArray(entities))
		return hsm_error_set(error, HSM_ERROR_INVALID, "it has no templates");
	live->templates = hsm_arena_allocate_array(&live->arena, (size_t)cJSON_GetArraySize(entities),
						   sizeof(*live->templates));
	cJSON_ArrayForEach(entity, entities)
	{
		rc = hsm_genesys_read_template(&reader, entity, &live->templates[live->template_count++], error);
		if (rc)
			break;
	}
	hsm_arena_release(&reader.scratch);
	return rc;
}

static int read_file(const cJSON *json, struct hsm_live *live, struct hsm_snapshot *snapshot, struct hsm_error *error)
{
	struct file file = { 0 };
	int rc = hsm_json_read(&live->arena, json, &file_object, &file, error);
	if (rc)
		return rc;
	if (strcmp(file.format_version.text, "1") != 0)
		return hsm_error_set(error, HSM_ERROR_INVALID, "it is of format version %s, and this hsmctl reads 1",
				     file.format_version.text);
	*snapshot = (struct hsm_snapshot){ .environment = file.environment.text, .taken = file.taken.text };
	live->organization_id = file.organization_id.text;
	live->organization_name = file.organization_name.text;
	live->provider_id = file.provider_id.text;
	live->provider_name = file.provider_name.text;
	hsm_genesys_keep_webhooks(live, &file.webhooks);
	return read_templates(cJSON_GetObjectItemCaseSensitive(json, "templates"), live, error);
}

int hsm_snapshot_load(const char *data, size_t length, struct hsm_live *live, struct hsm_snapshot *snapshot,
		      struct hsm_error *error)
{
	struct hsm_error why;
	cJSON *json;
	int rc = hsm_json_parse(&json, data, length, &why);
	if (!rc) {
		rc = read_file(json, live, snapshot, &why);
		cJSON_Delete(json);
	}
	return rc ? hsm_error_set(error, HSM_ERROR_INVALID, "not a snapshot that hsmctl saved: %s", why.message) : 0;
}
