#include "cmd/emulator/log.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cmd/emulator/json.h"
#include "cmd/emulator/request.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

struct counter {
	char *key;
	uint64_t count;
};

static void count(struct hsm_emu_map *map, const char *key)
{
	struct counter *counter = hsm_emu_map_get(map, key);
	if (!counter) {
		counter = hsm_memory_allocate(sizeof(*counter));
		counter->key = hsm_memory_copy_string(key);
		hsm_emu_map_put(map, counter->key, counter);
	}
	counter->count++;
}

static void clear_entry(struct hsm_emu_log_entry *entry)
{
	free(entry->method);
	free(entry->path);
	free(entry->query);
	free(entry->body);
	free(entry->fault);
	*entry = (struct hsm_emu_log_entry){ 0 };
}

/* The body of a write as text, for the log; a secret of /oauth/token stays out. */
static char *copy_body(const struct hsm_emu_request *request)
{
	const char *text = hsm_buffer_text(&request->body);
	size_t length = request->body.length;
	if (!length || strstr(request->path, "/upload:") || strcmp(request->path, "/oauth/token") == 0)
		return NULL;
	if (length > EMU_LOG_BODY_MAXIMUM)
		length = EMU_LOG_BODY_MAXIMUM;
	length = hsm_text_find_invalid(text, length);
	char *copy = hsm_memory_allocate(length + 1);
	memcpy(copy, text, length);
	return copy;
}

/* A query without the values of its tokens. */
static char *copy_query(const char *query)
{
	struct hsm_buffer copy = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (size_t length; *query; query += length + (query[length] == '&')) {
		length = strcspn(query, "&");
		const char *equals = memchr(query, '=', length);
		bool secret = equals && (hsm_text_starts_with(query, "access_token=") || hsm_text_starts_with(query, "input_token="));
		hsm_buffer_append(&copy, query, secret ? (size_t)(equals + 1 - query) : length);
		hsm_buffer_append_string(&copy, secret ? "..." : "");
		hsm_buffer_append_string(&copy, query[length] ? "&" : "");
	}
	return copy.data ? hsm_buffer_detach(&copy) : hsm_memory_copy_string("");
}

void hsm_emu_log_add(struct hsm_emu *emu, const struct hsm_emu_request *request, const char *route)
{
	struct hsm_emu_log *log = &emu->log;
	char key[256];
	unsigned status = request->manner == EMU_MANNER_RESET ? 0 : request->status;
	if (!log->ring)
		log->ring = hsm_memory_allocate(EMU_LOG_SIZE * sizeof(*log->ring));
	struct hsm_emu_log_entry *entry = &log->ring[log->count % EMU_LOG_SIZE];
	const char *query = strchr(request->target, '?');
	clear_entry(entry);
	entry->number = ++log->count;
	entry->time = hsm_emu_now(emu);
	entry->method = hsm_memory_copy_string(request->method);
	entry->path = hsm_memory_copy_string(request->path);
	entry->query = copy_query(query ? query + 1 : "");
	entry->body = copy_body(request);
	hsm_emu_text_set(&entry->fault, request->fault ? hsm_emu_fault_kind_name(request->fault) : NULL);
	if (request->token)
		memcpy(entry->token, request->token->log_id, sizeof(entry->token));
	entry->status = status;
	snprintf(key, sizeof(key), "%s %s", request->method, route);
	count(&log->routes, key);
	snprintf(key, sizeof(key), "%u", status);
	count(&log->statuses, key);
	if (emu->options.verbose) {
		struct hsm_buffer line = HSM_BUFFER_INIT(8192), target = HSM_BUFFER_INIT(8192);
		hsm_buffer_append_format(&target, "%.*s%s%s", (int)strcspn(request->target, "?"), request->target,
					 query ? "?" : "", entry->query);
		hsm_text_append_printable_line(&line, hsm_buffer_text(&target));
		hsm_buffer_release(&target);
		fprintf(stderr, "%s %s %u%s%s\n", request->method, hsm_buffer_text(&line), status,
			entry->fault ? " fault " : "", entry->fault ? entry->fault : "");
		hsm_buffer_release(&line);
	}
}

static void free_counter(void *value, void *context)
{
	struct counter *counter = value;
	(void)context;
	free(counter->key);
	free(counter);
}

void hsm_emu_log_release(struct hsm_emu *emu)
{
	struct hsm_emu_log *log = &emu->log;
	for (size_t i = 0; log->ring && i < EMU_LOG_SIZE; i++)
		clear_entry(&log->ring[i]);
	free(log->ring);
	hsm_emu_map_visit(&log->routes, free_counter, NULL);
	hsm_emu_map_visit(&log->statuses, free_counter, NULL);
	hsm_emu_map_release(&log->routes);
	hsm_emu_map_release(&log->statuses);
	*log = (struct hsm_emu_log){ 0 };
}

/* Text from a URL need not be UTF-8; JSON must be. */
static void append_member(struct hsm_buffer *out, const char *key, const char *text)
{
	struct hsm_buffer printable = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	if (hsm_text_find_invalid(text, strlen(text)) < strlen(text)) {
		hsm_text_append_printable(&printable, text);
		text = hsm_buffer_text(&printable);
	}
	hsm_emu_json_append_member(out, key, text);
	hsm_buffer_release(&printable);
}

static void append_entry(struct hsm_buffer *out, const struct hsm_emu_log_entry *entry)
{
	char time[EMU_TIME_SIZE];
	hsm_buffer_append_format(out, "{\"number\":%llu", (unsigned long long)entry->number);
	hsm_emu_json_append_member(out, "time", hsm_emu_time_format(entry->time, time));
	append_member(out, "method", entry->method);
	append_member(out, "path", entry->path);
	append_member(out, "query", entry->query);
	hsm_buffer_append_format(out, ",\"status\":%u", entry->status);
	if (*entry->token)
		hsm_emu_json_append_member(out, "token", entry->token);
	if (entry->fault)
		hsm_emu_json_append_member(out, "fault", entry->fault);
	if (entry->body)
		hsm_emu_json_append_member(out, "body", entry->body);
	hsm_buffer_append_char(out, '}');
}

void hsm_emu_admin_get_requests(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	struct hsm_emu_log *log = &emu->log;
	uint64_t first = log->count > EMU_LOG_SIZE ? log->count - EMU_LOG_SIZE : 0;
	hsm_buffer_append_format(&request->answer, "{\"total\":%llu,\"requests\":[", (unsigned long long)log->count);
	for (uint64_t i = first; i < log->count; i++) {
		if (i > first)
			hsm_buffer_append_char(&request->answer, ',');
		append_entry(&request->answer, &log->ring[i % EMU_LOG_SIZE]);
	}
	hsm_buffer_append_string(&request->answer, "]}");
}

void hsm_emu_admin_delete_requests(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	hsm_emu_log_release(emu);
	request->status = 204;
}

static void append_counter(void *value, void *context)
{
	const struct counter *counter = value;
	cJSON_AddNumberToObject(context, counter->key, (double)counter->count);
}

void hsm_emu_log_append_counters(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	cJSON *counters = cJSON_CreateObject();
	cJSON_AddNumberToObject(counters, "total", (double)emu->log.count);
	hsm_emu_map_visit(&emu->log.routes, append_counter, cJSON_AddObjectToObject(counters, "requests"));
	hsm_emu_map_visit(&emu->log.statuses, append_counter, cJSON_AddObjectToObject(counters, "statuses"));
	cJSON *deliveries = cJSON_AddObjectToObject(counters, "deliveries");
	cJSON_AddNumberToObject(deliveries, "pending", (double)emu->deliveries.count);
	cJSON_AddNumberToObject(deliveries, "attempts", (double)emu->deliveries.attempts);
	cJSON_AddNumberToObject(deliveries, "delivered", (double)emu->deliveries.delivered);
	cJSON_AddNumberToObject(deliveries, "failed", (double)emu->deliveries.failed);
	hsm_emu_json_append(&request->answer, counters);
	cJSON_Delete(counters);
}

void hsm_emu_admin_get_counters(struct hsm_emu *emu, struct hsm_emu_request *request)
{
	hsm_emu_log_append_counters(emu, request);
}
