#include "reconciler/live/graph.h"

#include <stdlib.h>
#include <string.h>

#include "reconciler/live/answer.h"
#include "reconciler/live/pages.h"
#include "reconciler/live/write.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/meta.h"

#define ID_MAX 64

const char hsm_graph_template_fields[] =
	"id,name,language,status,category,correct_category,previous_category,sub_category,parameter_format,"
	"components,message_send_ttl_seconds,quality_score,rejected_reason";

/* Webhooks of an account are the app's, and set in its dashboard. */
static void refuse_webhook(struct hsm_connection *connection, hsm_write_done *done, void *user)
{
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_FORBIDDEN };
	hsm_error_set(&result.error, HSM_ERROR_CONFIG,
		      "environment '%s': webhooks are no part of Meta's accounts: they are the app's, in its dashboard",
		      connection->settings->environment);
	done(user, &result);
}

static void write_webhook(struct hsm_connection *connection, const char *id, const struct hsm_webhook_write *webhook,
			  hsm_write_done *done, void *user)
{
	(void)id;
	(void)webhook;
	refuse_webhook(connection, done, user);
}

static void delete_webhook(struct hsm_connection *connection, const char *id, hsm_write_done *done, void *user)
{
	(void)id;
	refuse_webhook(connection, done, user);
}

static void close_connection(struct hsm_connection *connection)
{
	struct hsm_graph *graph = connection->state;
	if (graph)
		hsm_graph_release_uploads(graph);
	free(graph);
}

const struct hsm_backend hsm_graph_backend = {
	.read = hsm_graph_read,
	.create_template = hsm_graph_create_template,
	.find_template = hsm_graph_find_template,
	.get_template = hsm_graph_get_template,
	.delete_template = hsm_graph_delete_template,
	.write_webhook = write_webhook,
	.delete_webhook = delete_webhook,
	.probe_write = hsm_graph_probe_write,
	.read_fault = hsm_graph_read_fault,
	.judge = hsm_graph_judge,
	.verdict = hsm_graph_verdict,
	.close = close_connection,
};

struct hsm_graph *hsm_graph_of(struct hsm_connection *connection)
{
	if (!connection->state)
		connection->state = hsm_memory_allocate(sizeof(struct hsm_graph));
	return connection->state;
}

const char *hsm_graph_path(struct hsm_arena *arena, const struct hsm_connection *connection, const char *node,
			   const char *rest)
{
	return hsm_arena_format(arena, "/%s/%s%s", connection->settings->api_version, hsm_path_escape(arena, node), rest);
}

const char *hsm_graph_templates_path(struct hsm_arena *arena, const struct hsm_connection *connection,
				     const char *account)
{
	return hsm_graph_path(arena, connection, account, "/message_templates");
}

/* Digits, as all of Graph's are: an id stands in paths. */
const char *hsm_graph_read_id(struct hsm_arena *arena, const cJSON *json)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(json, "id");
	bool whole = cJSON_IsNumber(id) && id->valuedouble >= 1 && id->valuedouble < 1e15 &&
		     id->valuedouble == (double)(int64_t)id->valuedouble;
	const char *text = cJSON_IsString(id) ? id->valuestring :
			   whole	      ? hsm_arena_format(arena, "%.0f", id->valuedouble) :
						"";
	size_t length = strspn(text, "0123456789");
	return length && length <= ID_MAX && !text[length] ? hsm_arena_copy(arena, text, length) : NULL;
}

/* What could not be read is no content that anything equals. */
static struct hsm_content make_content(struct hsm_template_reader *reader, struct hsm_meta_template *meta,
				       const char *problem)
{
	struct hsm_wire_component unreadable = { .node.present = true, .type.text = "UNREADABLE", .text.text = problem };
	struct hsm_list list = { .items = &unreadable, .count = 1, .present = true };
	struct hsm_content content = hsm_content_make(&reader->scratch, problem ? &list : &meta->components);
	return (struct hsm_content){ hsm_arena_copy_string(reader->arena, content.json) };
}

static const char *read_word(struct hsm_template_reader *reader, const cJSON *json, const char *name)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, name));
	return text && *text ? hsm_template_reader_keep_upper(reader, text) : NULL;
}

int hsm_graph_read_template(struct hsm_template_reader *reader, const cJSON *json,
			    struct hsm_live_template *template, struct hsm_error *error)
{
	struct hsm_meta_template meta;
	const char *problem = NULL, *id = hsm_graph_read_id(reader->arena, json);
	if (!cJSON_IsObject(json))
		return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "a template is not an object");
	hsm_meta_read(&reader->scratch, json, &meta, &problem);
	const char *missing = !id ? "id" : !meta.name ? "name" : !meta.language ? "language" :
			      !meta.category ? "category" : !meta.status ? "status" : NULL;
	if (missing)
		return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "template '%.*s' has no '%s' that is one",
				     HSM_TEXT_FIT(meta.name ? meta.name : "", 100), missing);
	const char *reason = read_word(reader, json, "rejected_reason");
	*template = (struct hsm_live_template){
		.id = id,
		.name = hsm_template_reader_keep_name(reader, meta.name),
		.language = hsm_template_reader_keep_word(reader, meta.language),
		.category = hsm_template_reader_keep_word(reader, meta.category),
		.status_word = hsm_template_reader_keep_word(reader, meta.status),
		.status = hsm_status_find(meta.status),
		.rejection_reason = reason && strcmp(reason, "NONE") != 0 ? reason : NULL,
		.correct_category = read_word(reader, json, "correct_category"),
		.previous_category = read_word(reader, json, "previous_category"),
		.quality = read_word(reader, cJSON_GetObjectItemCaseSensitive(json, "quality_score"), "score"),
		.content = make_content(reader, &meta, problem),
	};
	return 0;
}
