#include "reconciler/serve/publisher.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/clock.h"
#include "reconciler/live/datatables.h"
#include "reconciler/serve/place.h"
#include "reconciler/serve/worker.h"
#include "schema/base/memory.h"

#define WHOLE_INTERVAL 600 /* seconds */
#define RUN_MAX 900
#define LOOK_MILLISECONDS 500
#define BACK_OFF_FIRST 2
#define BACK_OFF_MAX 300
#define SOME_MAX 500 /* rows; of more, reading all of them costs less */

/* The rows as they were last written. */
struct copy {
	struct hsm_arena arena;
	struct hsm_publication_row *rows; /* by key */
	size_t count;
	uint64_t generation;
};

struct hsm_publisher {
	struct hsm_publisher_options options;
	struct hsm_worker worker;
	bool woken;
	struct hsm_publisher_status status;
	/* The thread's own. */
	struct hsm_place place;
	char commit[HSM_COMMIT_SIZE]; /* that the place is of */
	struct copy written;
	struct hsm_publication_result tables; /* of the last whole run */
	double next_whole, not_before, back_off;
	char alerted[HSM_ERROR_MESSAGE_SIZE];
};

static void release_copy(struct copy *copy)
{
	hsm_arena_release(&copy->arena);
	*copy = (struct copy){ 0 };
}

/* Answers are in the order of base and language, rows are wanted in that of keys. */
static int compare_rows(const void *a, const void *b)
{
	const struct hsm_publication_row *left = a, *right = b;
	return strcmp(left->key, right->key);
}

static void copy_answers(struct hsm_keeper *keeper, struct copy *copy)
{
	struct hsm_answers *answers = hsm_keeper_answers(keeper);
	pthread_rwlock_rdlock(&answers->lock);
	copy->rows = hsm_arena_allocate_array(&copy->arena, answers->count, sizeof(*copy->rows));
	for (size_t i = 0; i < answers->count; i++)
		copy->rows[copy->count++] = (struct hsm_publication_row){
			hsm_arena_copy_string(&copy->arena, answers->items[i]->key),
			hsm_arena_copy_string(&copy->arena, answers->items[i]->row),
			hsm_arena_copy_string(&copy->arena, answers->items[i]->base),
		};
	copy->generation = answers->generation;
	pthread_rwlock_unlock(&answers->lock);
	if (copy->count)
		qsort(copy->rows, copy->count, sizeof(*copy->rows), compare_rows);
}

/* A flow that looks a payload up knows nothing else: it chooses the table, too. */
static void copy_routes(struct hsm_keeper *keeper, struct copy *copy)
{
	struct hsm_routing *routing = hsm_keeper_routing(keeper);
	struct hsm_buffer row = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	pthread_rwlock_rdlock(&routing->lock);
	copy->rows = hsm_arena_allocate_array(&copy->arena, routing->payload_count, sizeof(*copy->rows));
	for (size_t i = 0; i < routing->payload_count; i++) {
		const char *payload = hsm_arena_copy_string(&copy->arena, routing->payloads[i]);
		if (!hsm_datatable_has_path(payload))
			continue; /* what nobody can look up in a table: somebody else made such a button */
		hsm_buffer_clear(&row);
		hsm_routing_append_row(routing, payload, &row);
		copy->rows[copy->count++] = (struct hsm_publication_row){
			payload, hsm_arena_copy_string(&copy->arena, hsm_buffer_text(&row)), payload
		};
	}
	copy->generation = routing->generation;
	pthread_rwlock_unlock(&routing->lock);
	hsm_buffer_release(&row);
}

static void (*const copiers[HSM_PUBLICATION_MAX_])(struct hsm_keeper *keeper, struct copy *copy) = {
	[HSM_PUBLICATION_ANSWERS] = copy_answers,
	[HSM_PUBLICATION_ROUTES] = copy_routes,
};

static bool lacks_any(const struct copy *now, const struct copy *written)
{
	for (size_t i = 0; i < written->count; i++)
		if (!now->count ||
		    !bsearch(&written->rows[i], now->rows, now->count, sizeof(*now->rows), compare_rows))
			return true;
	return false;
}

static struct hsm_publication_row *find_changes(struct hsm_publisher *publisher, struct copy *now, size_t *count)
{
	struct hsm_publication_row *changes = hsm_arena_allocate_array(&now->arena, now->count, sizeof(*changes));
	*count = 0;
	for (size_t i = 0; i < now->count; i++) {
		const struct hsm_publication_row *old = NULL;
		if (publisher->written.count)
			old = bsearch(&now->rows[i], publisher->written.rows, publisher->written.count,
				      sizeof(*publisher->written.rows), compare_rows);
		if (!old || strcmp(old->row, now->rows[i].row) != 0)
			changes[(*count)++] = now->rows[i];
	}
	return changes;
}

/* A connection to where the last good commit says. */
static int find_place(struct hsm_publisher *publisher, struct hsm_error *error)
{
	const struct hsm_publisher_options *options = &publisher->options;
	struct hsm_follower_status status;
	hsm_follower_read_status(options->follower, &status);
	if (publisher->place.connection && strcmp(status.commit, publisher->commit) == 0) {
		publisher->place.settings.deadline = hsm_clock_monotonic() + RUN_MAX;
		return 0;
	}
	hsm_place_release(&publisher->place);
	int rc = hsm_place_open_repository(&publisher->place, options->path, options->folder, error);
	if (!rc)
		rc = hsm_place_read_config(&publisher->place, status.commit, options->environment, error);
	if (!rc)
		rc = hsm_place_connect(&publisher->place, options->parallelism, RUN_MAX, &publisher->worker.stopping, error);
	memcpy(publisher->commit, status.commit, sizeof(publisher->commit));
	return rc;
}

static int write_rows(struct hsm_publisher *publisher, struct copy *now, bool whole, size_t *writes,
		      struct hsm_error *error)
{
	const struct hsm_publisher_options *options = &publisher->options;
	struct hsm_publication_options publication = { &hsm_publication_kinds[options->publication], options->name,
						       options->tables, options->rows, options->environment };
	struct hsm_publication_result result = { 0 };
	size_t count;
	const struct hsm_publication_row *changes = find_changes(publisher, now, &count);
	/* Only a whole run deletes. */
	whole |= !publisher->tables.table_count || count > SOME_MAX || lacks_any(now, &publisher->written);
	int rc = hsm_publication_check_rows(now->rows, now->count, &publication, error);
	if (!rc && whole)
		rc = hsm_publication_run(publisher->place.connection, now->rows, now->count, &publication, &result, error);
	else if (!rc && count)
		rc = hsm_publication_update(publisher->place.connection, changes, count, &publication, &publisher->tables,
					    &result, error);
	*writes = result.created + result.replaced + result.deleted;
	if (!rc && whole) {
		hsm_publication_result_release(&publisher->tables);
		publisher->tables = result;
		publisher->next_whole = hsm_clock_monotonic() + WHOLE_INTERVAL;
	} else {
		hsm_publication_result_release(&result);
	}
	return rc;
}

/* A failure is told once, until it is another or all is well. */
static void tell_failure(struct hsm_publisher *publisher, const char *message)
{
	if (*message)
		hsm_worker_log(&publisher->worker, HSM_LOG_ERROR, "%s", message);
	if (*message && strcmp(message, publisher->alerted) != 0)
		hsm_keeper_tell(publisher->options.keeper, HSM_ALERT_PUBLICATION,
				hsm_publication_kinds[publisher->options.publication].title, message);
	snprintf(publisher->alerted, sizeof(publisher->alerted), "%s", message);
}

static void note(struct hsm_publisher *publisher, int rc, size_t rows, size_t writes, const char *message)
{
	double back_off = publisher->back_off ? 2 * publisher->back_off : BACK_OFF_FIRST;
	publisher->back_off = !rc ? 0 : back_off > BACK_OFF_MAX ? BACK_OFF_MAX : back_off;
	publisher->not_before = hsm_clock_monotonic() + publisher->back_off;
	pthread_mutex_lock(&publisher->worker.mutex);
	publisher->status.runs++;
	publisher->status.failures += rc != 0;
	publisher->status.writes += writes;
	publisher->woken |= rc != 0;
	if (!rc) {
		publisher->status.published = hsm_clock_now();
		publisher->status.rows = rows;
	}
	snprintf(publisher->status.failure, sizeof(publisher->status.failure), "%s", message);
	pthread_mutex_unlock(&publisher->worker.mutex);
}

static void publish(struct hsm_publisher *publisher)
{
	struct hsm_error error = { 0 };
	struct copy now = { 0 };
	size_t writes = 0;
	copiers[publisher->options.publication](publisher->options.keeper, &now);
	bool whole = hsm_clock_monotonic() >= publisher->next_whole;
	if (!now.count || (now.generation == publisher->written.generation && !whole)) {
		release_copy(&now);
		return;
	}
	int rc = find_place(publisher, &error);
	if (!rc)
		rc = write_rows(publisher, &now, whole, &writes, &error);
	if (publisher->worker.stopping) {
		release_copy(&now);
		return;
	}
	note(publisher, rc, now.count, writes, rc ? error.message : "");
	tell_failure(publisher, rc ? error.message : "");
	if (rc) {
		/* What of it was written is not known: the next run looks at everything. */
		publisher->next_whole = 0;
		hsm_place_release(&publisher->place);
		release_copy(&now);
		return;
	}
	release_copy(&publisher->written);
	publisher->written = now;
}

static bool is_due(const struct hsm_publisher *publisher)
{
	struct hsm_follower_status status;
	double now = hsm_clock_monotonic();
	if (now < publisher->not_before || !hsm_keeper_leads(publisher->options.keeper))
		return false;
	/* Before the first plan the answers may be those of an older git. */
	hsm_follower_read_status(publisher->options.follower, &status);
	return *status.commit && status.planned && (publisher->woken || now >= publisher->next_whole);
}

static void *run(void *context)
{
	struct hsm_publisher *publisher = context;
	while (!publisher->worker.stopping) {
		bool due = is_due(publisher);
		pthread_mutex_lock(&publisher->worker.mutex);
		if (due)
			publisher->woken = false;
		else
			hsm_worker_sleep(&publisher->worker, LOOK_MILLISECONDS);
		pthread_mutex_unlock(&publisher->worker.mutex);
		if (due)
			publish(publisher);
	}
	return NULL;
}

int hsm_publisher_open(struct hsm_publisher **opened, const struct hsm_publisher_options *options,
		       struct hsm_error *error)
{
	struct hsm_publisher *publisher = hsm_memory_allocate(sizeof(*publisher));
	publisher->options = *options;
	publisher->woken = true;
	*opened = publisher;
	return hsm_worker_start(&publisher->worker, run, publisher, options->log, options->user, error);
}

void hsm_publisher_stop(struct hsm_publisher *publisher)
{
	if (publisher)
		hsm_worker_stop(&publisher->worker);
}

void hsm_publisher_free(struct hsm_publisher *publisher)
{
	if (!publisher)
		return;
	hsm_worker_release(&publisher->worker);
	hsm_place_release(&publisher->place);
	hsm_publication_result_release(&publisher->tables);
	release_copy(&publisher->written);
	free(publisher);
}

void hsm_publisher_wake(struct hsm_publisher *publisher)
{
	pthread_mutex_lock(&publisher->worker.mutex);
	publisher->woken = true;
	pthread_cond_signal(&publisher->worker.wake);
	pthread_mutex_unlock(&publisher->worker.mutex);
}

void hsm_publisher_read_status(struct hsm_publisher *publisher, struct hsm_publisher_status *status)
{
	pthread_mutex_lock(&publisher->worker.mutex);
	*status = publisher->status;
	pthread_mutex_unlock(&publisher->worker.mutex);
}
