#include "reconciler/live/genesys_write.h"

#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"

/* Beyond this, a 429 is no rate limit that passes in a minute, but a quota. */
#define QUOTA_SECONDS 180

struct hsm_genesys_write *hsm_genesys_write_make(struct hsm_connection *connection, const char *path,
						 hsm_write_done *done, void *user)
{
	struct hsm_genesys_write *write = hsm_memory_allocate(sizeof(*write));
	*write = (struct hsm_genesys_write){ .connection = connection, .done = done, .user = user };
	write->path = hsm_arena_copy_string(&write->arena, path);
	return write;
}

static void release(void *user)
{
	struct hsm_genesys_write *write = user;
	if (--write->references)
		return;
	hsm_arena_release(&write->arena);
	free(write);
}

static bool is_code(const char *code, const char *wanted)
{
	return code && strcmp(code, wanted) == 0;
}

/* The hour's creates are spent: no rate limit that waiting a minute helps. */
static enum hsm_http_verdict judge(const struct hsm_http_answer *answer)
{
	struct hsm_arena arena = { 0 };
	struct hsm_fault fault;
	enum hsm_http_verdict verdict = HSM_HTTP_AS_STATUS;
	if (answer->status != 429)
		return verdict;
	hsm_fault_read(&arena, answer, &fault);
	if (is_code(fault.code.text, "messaging.template.hourly.limit"))
		verdict = HSM_HTTP_FINAL;
	hsm_arena_release(&arena);
	return verdict;
}

void hsm_genesys_write_send(struct hsm_genesys_write *write, const char *method, const char *path, const char *body,
			    enum hsm_http_repeat repeat, hsm_http_done *done)
{
	write->references++;
	hsm_http_send(write->connection->http, &(struct hsm_http_request){
		.method = method,
		.base = write->connection->settings->base_url,
		.path = path,
		.content_type = "application/json",
		.body = body,
		.secret = write->secret,
		.repeat = repeat,
		.judge = judge,
		.done = done,
		.user = write,
		.release = release,
	});
}

void hsm_genesys_write_end(struct hsm_genesys_write *write, const struct hsm_write_result *result)
{
	write->done(write->user, result);
}

static enum hsm_outcome judge_fate(const struct hsm_http_answer *answer)
{
	switch (answer->fate) {
	case HSM_HTTP_INTERRUPTED:
		return HSM_OUTCOME_INTERRUPTED;
	case HSM_HTTP_NOT_SENT:
		return answer->error.class == HSM_ERROR_AUTH ? HSM_OUTCOME_FORBIDDEN : HSM_OUTCOME_UNAVAILABLE;
	case HSM_HTTP_LOST:
	case HSM_HTTP_ANSWERED:
		break;
	}
	return HSM_OUTCOME_LOST;
}

static enum hsm_outcome judge_status(const struct hsm_http_answer *answer, const char *code)
{
	bool hourly = is_code(code, "messaging.template.hourly.limit");
	if (hourly || is_code(code, "messaging.template.limit"))
		return HSM_OUTCOME_QUOTA;
	if (answer->status >= 500 || answer->status < 300 || answer->status == 408)
		return HSM_OUTCOME_LOST;
	switch (answer->status) {
	case 401:
	case 403:
		return HSM_OUTCOME_FORBIDDEN;
	case 409:
		return is_code(code, "messaging.template.name.locked") ? HSM_OUTCOME_LOCKED : HSM_OUTCOME_EXISTS;
	case 429:
		return answer->retry_after > QUOTA_SECONDS ? HSM_OUTCOME_QUOTA : HSM_OUTCOME_UNAVAILABLE;
	default:
		return answer->status < 400 ? HSM_OUTCOME_UNAVAILABLE : HSM_OUTCOME_REFUSED;
	}
}

/* Which exit code it comes to where nothing else failed. */
static enum hsm_error_class find_class(enum hsm_outcome outcome, long status)
{
	switch (outcome) {
	case HSM_OUTCOME_LOCKED:
	case HSM_OUTCOME_QUOTA:
		return HSM_ERROR_TRY_LATER;
	case HSM_OUTCOME_REFUSED:
		return status == 400 || status == 422 ? HSM_ERROR_INVALID : HSM_ERROR_FAILED;
	case HSM_OUTCOME_FORBIDDEN:
		return HSM_ERROR_AUTH;
	case HSM_OUTCOME_LOST:
	case HSM_OUTCOME_UNAVAILABLE:
		return HSM_ERROR_UNAVAILABLE;
	case HSM_OUTCOME_DONE:
	case HSM_OUTCOME_EXISTS:
	case HSM_OUTCOME_INTERRUPTED:
		break;
	}
	return HSM_ERROR_FAILED;
}

enum hsm_outcome hsm_genesys_judge(const struct hsm_http_answer *answer, const char *code,
				   enum hsm_error_class *class)
{
	*class = answer->error.class;
	if (answer->fate != HSM_HTTP_ANSWERED)
		return judge_fate(answer);
	enum hsm_outcome outcome = judge_status(answer, code);
	*class = find_class(outcome, answer->status);
	return outcome;
}

void hsm_genesys_write_fail(struct hsm_genesys_write *write, const struct hsm_http_answer *answer)
{
	struct hsm_write_result result = { 0 };
	enum hsm_error_class class;
	struct hsm_arena arena = { 0 };
	struct hsm_fault fault;
	hsm_fault_read(&arena, answer, &fault);
	result.outcome = hsm_genesys_judge(answer, fault.code.text, &class);
	hsm_arena_release(&arena);
	if (write->reads && result.outcome == HSM_OUTCOME_LOST)
		result.outcome = HSM_OUTCOME_UNAVAILABLE;
	hsm_answer_fail(answer, class, &result.error);
	hsm_genesys_write_end(write, &result);
}

void hsm_genesys_delete_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_DONE };
	bool gone = answer->fate == HSM_HTTP_ANSWERED && (answer->status == 404 || answer->status == 410);
	if (gone || hsm_answer_is_good(answer))
		hsm_genesys_write_end(user, &result);
	else
		hsm_genesys_write_fail(user, answer);
}
