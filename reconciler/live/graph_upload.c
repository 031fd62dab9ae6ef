#include <stdlib.h>
#include <string.h>

#include "reconciler/live/answer.h"
#include "reconciler/live/graph.h"
#include "reconciler/live/pages.h"
#include "reconciler/live/write.h"
#include "schema/base/fingerprint.h"
#include "schema/base/memory.h"
#include "schema/json.h"

/*
 * Files of headers, by the resumable upload API: a session, the bytes, and where
 * their answer was lost the offset from which on they are missing.
 * https://developers.facebook.com/docs/graph-api/guides/upload
 */

#define ATTEMPTS_MAX 5 /* at sending bytes */
#define SESSION_MAX 2048
#define HANDLE_MAX 65536
#define SCHEME "OAuth" /* the guide's, for what is sent to a session */

struct waiter {
	struct waiter *next;
	hsm_graph_uploaded *done;
	void *user;
};

struct hsm_graph_upload {
	struct hsm_graph_upload *next;
	struct hsm_connection *connection;
	struct hsm_arena arena;
	char fingerprint[HSM_FINGERPRINT_SIZE];
	const char *name, *type;
	const char *bytes; /* of the first that waits */
	size_t length;

	const char *path; /* of the session; NULL: none yet */
	size_t offset;
	unsigned attempts;
	const char *handle; /* NULL: not there yet */
	struct waiter *waiters;
};

static void free_upload(struct hsm_graph_upload *upload)
{
	hsm_arena_release(&upload->arena);
	free(upload);
}

void hsm_graph_release_uploads(struct hsm_graph *graph)
{
	while (graph->uploads) {
		struct hsm_graph_upload *upload = graph->uploads;
		graph->uploads = upload->next;
		for (struct waiter *waiter = upload->waiters; waiter; waiter = waiter->next)
			hsm_write_release(waiter->user);
		free_upload(upload);
	}
}

/* Tells all that wait. One that failed is forgotten: who asks again tries again. */
static void finish(struct hsm_graph_upload *upload, const struct hsm_write_result *failure)
{
	struct waiter *waiters = upload->waiters;
	struct hsm_graph_upload **at = &hsm_graph_of(upload->connection)->uploads;
	upload->waiters = NULL;
	while (failure && *at != upload)
		at = &(*at)->next;
	if (failure)
		*at = upload->next;
	for (struct waiter *waiter = waiters; waiter; waiter = waiter->next)
		waiter->done(waiter->user, upload->handle, failure);
	if (failure)
		free_upload(upload);
}

/* Nothing was created yet, whatever became of the file. */
static enum hsm_outcome judge(const struct hsm_http_answer *answer, enum hsm_error_class *class)
{
	struct hsm_arena arena = { 0 };
	struct hsm_fault fault;
	hsm_graph_read_fault(&arena, answer, &fault);
	enum hsm_outcome outcome = hsm_graph_judge(answer, &fault, class);
	hsm_arena_release(&arena);
	return outcome;
}

static void fail(struct hsm_graph_upload *upload, const struct hsm_http_answer *answer)
{
	struct hsm_write_result result = { 0 };
	enum hsm_error_class class;
	result.outcome = judge(answer, &class);
	if (result.outcome == HSM_OUTCOME_LOST || result.outcome == HSM_OUTCOME_EXISTS)
		result.outcome = HSM_OUTCOME_UNAVAILABLE;
	hsm_answer_fail(upload->connection, answer, class, &result.error);
	hsm_error_prefix(&result.error, "'%.200s' is not uploaded", upload->name);
	finish(upload, &result);
}

static void fail_unusable(struct hsm_graph_upload *upload, const struct hsm_http_answer *answer, const char *why)
{
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_UNAVAILABLE };
	hsm_answer_unusable(answer, why, &result.error);
	hsm_error_prefix(&result.error, "'%.200s' is not uploaded", upload->name);
	finish(upload, &result);
}

/* To the session. Its id is a capability: it is not shown. */
static void send(struct hsm_graph_upload *upload, struct hsm_http_request request)
{
	const struct hsm_settings *settings = upload->connection->settings;
	request.base = settings->base_url;
	request.path = upload->path;
	request.shown_path = hsm_arena_format(&upload->arena, "/%s/upload:...", settings->api_version);
	request.scheme = SCHEME;
	request.judge = hsm_graph_verdict;
	request.user = upload;
	hsm_http_send(upload->connection->http, &request);
}

static void bytes_done(void *user, const struct hsm_http_answer *answer);

static void send_bytes(struct hsm_graph_upload *upload)
{
	upload->attempts++;
	send(upload, (struct hsm_http_request){
		.method = "POST",
		.content_type = "application/octet-stream",
		.header = hsm_arena_format(&upload->arena, "file_offset: %zu", upload->offset),
		.bytes = upload->bytes + upload->offset,
		.length = upload->length - upload->offset,
		.repeat = HSM_HTTP_ONCE, /* from the offset where they ended, not from this one */
		.done = bytes_done,
	});
}

static cJSON *parse(const struct hsm_http_answer *answer)
{
	cJSON *json;
	return hsm_answer_is_good(answer) && !hsm_json_parse(&json, answer->body, answer->length, NULL) ? json : NULL;
}

static void offset_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_graph_upload *upload = user;
	cJSON *json = parse(answer);
	const cJSON *offset = cJSON_GetObjectItemCaseSensitive(json, "file_offset");
	bool known = cJSON_IsNumber(offset) && offset->valuedouble >= 0 && offset->valuedouble <= (double)upload->length;
	upload->offset = known ? (size_t)offset->valuedouble : 0;
	cJSON_Delete(json);
	if (known)
		send_bytes(upload);
	else if (hsm_answer_is_good(answer))
		fail_unusable(upload, answer, "the session does not tell how much of the file is there");
	else
		fail(upload, answer);
}

static bool is_handle(const char *text)
{
	return text && *text && strlen(text) <= HANDLE_MAX;
}

static void bytes_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_graph_upload *upload = user;
	enum hsm_error_class class;
	cJSON *json = parse(answer);
	const char *handle = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "h"));
	if (is_handle(handle))
		upload->handle = hsm_arena_copy_string(&upload->arena, handle);
	cJSON_Delete(json);
	if (upload->handle)
		finish(upload, NULL);
	else if (upload->attempts < ATTEMPTS_MAX && judge(answer, &class) == HSM_OUTCOME_LOST)
		send(upload, (struct hsm_http_request){ .method = "GET", .repeat = HSM_HTTP_READ, .done = offset_done });
	else if (hsm_answer_is_good(answer))
		fail_unusable(upload, answer, "it has no handle 'h'");
	else
		fail(upload, answer);
}

/* "upload:MTph...==?sig=ARZq...": it becomes a path, as it is. */
static bool is_session(const char *id)
{
	static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~:/?=&%+,;@!$*'()";
	return id && strncmp(id, "upload:", 7) == 0 && strlen(id) <= SESSION_MAX && !id[strspn(id, allowed)] &&
	       !strstr(id, "..");
}

static void session_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_graph_upload *upload = user;
	cJSON *json = parse(answer);
	const char *id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, "id"));
	if (is_session(id))
		upload->path = hsm_arena_format(&upload->arena, "/%s/%s", upload->connection->settings->api_version, id);
	cJSON_Delete(json);
	if (upload->path)
		send_bytes(upload);
	else if (hsm_answer_is_good(answer))
		fail_unusable(upload, answer, "it has no 'id' of an upload session");
	else
		fail(upload, answer);
}

static void begin_session(struct hsm_graph_upload *upload)
{
	struct hsm_arena *arena = &upload->arena;
	const char *rest = hsm_arena_format(arena, "/uploads?file_name=%s&file_length=%zu&file_type=%s",
					    hsm_path_escape(arena, upload->name), upload->length,
					    hsm_path_escape(arena, upload->type));
	hsm_http_send(upload->connection->http, &(struct hsm_http_request){
		.method = "POST",
		.base = upload->connection->settings->base_url,
		.path = hsm_graph_path(arena, upload->connection, upload->connection->settings->app, rest),
		.content_type = "application/json",
		.body = "",
		.repeat = HSM_HTTP_REPEATABLE, /* a session that nobody uses goes by itself */
		.judge = hsm_graph_verdict,
		.done = session_done,
		.user = upload,
	});
}

static struct hsm_graph_upload *find(const struct hsm_graph *graph, const char *fingerprint, const char *type)
{
	for (struct hsm_graph_upload *upload = graph->uploads; upload; upload = upload->next)
		if (strcmp(upload->fingerprint, fingerprint) == 0 && strcmp(upload->type, type) == 0)
			return upload;
	return NULL;
}

static void wait(struct hsm_graph_upload *upload, hsm_graph_uploaded *done, void *user)
{
	struct waiter **end = &upload->waiters;
	struct waiter *waiter = hsm_arena_allocate(&upload->arena, sizeof(*waiter));
	*waiter = (struct waiter){ NULL, done, user };
	while (*end)
		end = &(*end)->next;
	*end = waiter;
}

void hsm_graph_upload(struct hsm_connection *connection, const struct hsm_media *media, hsm_graph_uploaded *done,
		      void *user)
{
	struct hsm_graph *graph = hsm_graph_of(connection);
	char fingerprint[HSM_FINGERPRINT_SIZE];
	hsm_fingerprint_compute(media->bytes, media->length, fingerprint);
	struct hsm_graph_upload *upload = find(graph, fingerprint, media->type);
	if (upload && upload->handle) {
		done(user, upload->handle, NULL);
		return;
	}
	if (!upload) {
		upload = hsm_memory_allocate(sizeof(*upload));
		*upload = (struct hsm_graph_upload){ .next = graph->uploads, .connection = connection,
						     .bytes = media->bytes, .length = media->length };
		memcpy(upload->fingerprint, fingerprint, sizeof(fingerprint));
		upload->name = hsm_arena_copy_string(&upload->arena, media->name);
		upload->type = hsm_arena_copy_string(&upload->arena, media->type);
		graph->uploads = upload;
		begin_session(upload);
	}
	wait(upload, done, user);
}
