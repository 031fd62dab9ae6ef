#include "reconciler/live/write.h"

#include <stdlib.h>

#include "reconciler/live/answer.h"
#include "schema/base/memory.h"

struct hsm_write *hsm_write_make(struct hsm_connection *connection, const char *path, hsm_write_done *done,
				 void *user)
{
	struct hsm_write *write = hsm_memory_allocate(sizeof(*write));
	*write = (struct hsm_write){ .connection = connection, .done = done, .user = user };
	write->path = hsm_arena_copy_string(&write->arena, path);
	return write;
}

void hsm_write_release(void *user)
{
	struct hsm_write *write = user;
	if (--write->references)
		return;
	hsm_arena_release(&write->arena);
	free(write);
}

void hsm_write_send(struct hsm_write *write, const char *method, const char *path, const char *body,
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
		.judge = write->connection->backend->verdict,
		.done = done,
		.user = write,
		.release = hsm_write_release,
	});
}

void hsm_write_end(struct hsm_write *write, const struct hsm_write_result *result)
{
	write->done(write->user, result);
}

void hsm_write_fail(struct hsm_write *write, const struct hsm_http_answer *answer)
{
	const struct hsm_connection *connection = write->connection;
	struct hsm_write_result result = { 0 };
	enum hsm_error_class class;
	struct hsm_arena arena = { 0 };
	struct hsm_fault fault;
	connection->backend->read_fault(&arena, answer, &fault);
	result.outcome = connection->backend->judge(answer, &fault, &class);
	hsm_arena_release(&arena);
	if (write->reads && result.outcome == HSM_OUTCOME_LOST)
		result.outcome = HSM_OUTCOME_UNAVAILABLE;
	hsm_answer_fail(connection, answer, class, &result.error);
	hsm_write_end(write, &result);
}

void hsm_write_delete_done(void *user, const struct hsm_http_answer *answer)
{
	struct hsm_write_result result = { .outcome = HSM_OUTCOME_DONE };
	bool gone = answer->fate == HSM_HTTP_ANSWERED && (answer->status == 404 || answer->status == 410);
	if (gone || hsm_answer_is_good(answer))
		hsm_write_end(user, &result);
	else
		hsm_write_fail(user, answer);
}
