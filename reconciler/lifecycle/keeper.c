#include "reconciler/lifecycle/keeper_state.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reconciler/clock.h"
#include "schema/base/memory.h"

#define LEAD_INTERVAL 2    /* seconds */
#define REFRESH_INTERVAL 1 /* what other processes wrote */
#define BATCH_MAX 2000

struct hsm_answers *hsm_keeper_answers(struct hsm_keeper *keeper)
{
	return &keeper->answers;
}

struct hsm_routing *hsm_keeper_routing(struct hsm_keeper *keeper)
{
	return &keeper->routing;
}

bool hsm_keeper_leads(const struct hsm_keeper *keeper)
{
	return keeper->leads;
}

struct hsm_store *hsm_keeper_store(struct hsm_keeper *keeper)
{
	return keeper->store;
}

struct hsm_registry *hsm_keeper_registry(struct hsm_keeper *keeper)
{
	return &keeper->registry;
}

struct hsm_keeper_counts *hsm_keeper_counts(struct hsm_keeper *keeper)
{
	return &keeper->counts;
}

static bool reads_only(const struct hsm_work *works)
{
	for (; works; works = works->next)
		if (!works->reads)
			return false;
	return true;
}

static int read_works(struct hsm_keeper *keeper, struct hsm_work *works, struct hsm_error *error)
{
	int rc = 0;
	for (; !rc && works; works = works->next)
		rc = works->run(keeper, works, error);
	return rc;
}

/* All of the works in one transaction. */
static int transact(struct hsm_keeper *keeper, struct hsm_work *works, struct hsm_error *error)
{
	keeper->changed_count = keeper->unsaved_count = 0;
	keeper->doubt = false;
	int rc = hsm_store_begin(keeper->store, &keeper->registry, error);
	bool begun = !rc;
	for (struct hsm_work *work = works; !rc && work; work = work->next)
		rc = work->run(keeper, work, error);
	if (!rc)
		rc = hsm_keeper_settle(keeper, error);
	if (begun && rc)
		hsm_store_rollback(keeper->store);
	if (!rc)
		rc = hsm_store_commit(keeper->store, error);
	keeper->counts.down = rc != 0;
	keeper->counts.transactions++;
	if (!rc)
		return 0;
	keeper->counts.failures++;
	/* What is in memory may be what was never written. */
	hsm_registry_clear(&keeper->registry);
	hsm_store_forget(keeper->store);
	return rc;
}

static void log_error(struct hsm_keeper *keeper, const struct hsm_error *error)
{
	keeper->options.log(keeper->options.log_user, HSM_LOG_ERROR, error->message);
}

static void publish(struct hsm_keeper *keeper)
{
	uint64_t before = keeper->answers.generation;
	hsm_routing_update(&keeper->routing, &keeper->registry);
	hsm_answers_update(&keeper->answers, &keeper->registry);
	keeper->counts.waits = keeper->registry.waiting > 0;
	if (keeper->answers.generation != before)
		keeper->options.changed(keeper->options.user);
}

static void finish(struct hsm_keeper *keeper, struct hsm_work *works, int rc, const struct hsm_error *error)
{
	for (struct hsm_work *next; works; works = next) {
		next = works->next;
		keeper->counts.waiting -= works->weight;
		if (works->done)
			works->done(works, rc, error);
	}
}

/* Where one of many fails by its own fault, the others do not suffer for it. */
static void do_works(struct hsm_keeper *keeper, struct hsm_work *works)
{
	struct hsm_error error = { 0 };
	int rc = reads_only(works) ? read_works(keeper, works, &error) : transact(keeper, works, &error);
	if (rc && rc != HSM_ERROR_UNAVAILABLE && works->next) {
		for (struct hsm_work *next; works; works = next) {
			next = works->next;
			works->next = NULL;
			do_works(keeper, works);
		}
		return;
	}
	if (rc)
		log_error(keeper, &error);
	else
		publish(keeper);
	if (keeper->doubt && !rc) {
		keeper->counts.doubtful = true;
		keeper->options.doubt(keeper->options.user);
	}
	finish(keeper, works, rc, &error);
}

/* At most BATCH_MAX of what waits; NULL where nothing does. */
static struct hsm_work *take_batch(struct hsm_keeper *keeper)
{
	struct hsm_work *works = keeper->first, *last = works;
	for (size_t i = 1; last && last->next && i < BATCH_MAX; i++)
		last = last->next;
	if (!last)
		return NULL;
	keeper->first = last->next;
	if (!keeper->first)
		keeper->last = &keeper->first;
	last->next = NULL;
	return works;
}

/* Waits for work, at most a second; stopping is told where nothing waits any more. */
static struct hsm_work *wait_for_work(struct hsm_keeper *keeper, bool *stop)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += REFRESH_INTERVAL;
	pthread_mutex_lock(&keeper->mutex);
	while (!keeper->first && !keeper->stopping &&
	       pthread_cond_timedwait(&keeper->wake, &keeper->mutex, &until) == 0)
		;
	struct hsm_work *works = take_batch(keeper);
	*stop = keeper->stopping && !works;
	pthread_mutex_unlock(&keeper->mutex);
	return works;
}

/* Who leads, and what others wrote. */
static void look_around(struct hsm_keeper *keeper)
{
	struct hsm_error error;
	bool leads = false;
	int rc = hsm_store_lead(keeper->store, &leads, &error);
	keeper->leads = leads;
	/* What could not be written is well again when something can be, not when it can be read. */
	if (!rc && keeper->counts.down) {
		rc = transact(keeper, NULL, &error);
		if (!rc)
			publish(keeper);
	}
	/* A registry that could not be read is read as soon as it can be. */
	if (!rc && (hsm_store_is_shared(keeper->store) || !hsm_store_revision(keeper->store))) {
		rc = hsm_store_refresh(keeper->store, &keeper->registry, &error);
		if (!rc)
			publish(keeper);
	}
	if (rc && !keeper->counts.down)
		log_error(keeper, &error);
	keeper->counts.down = rc != 0;
}

static void *keep(void *context)
{
	struct hsm_keeper *keeper = context;
	time_t next = 0;
	for (bool stop = false; !stop;) {
		struct timespec now;
		struct hsm_work *works = wait_for_work(keeper, &stop);
		if (works)
			do_works(keeper, works);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec >= next) {
			look_around(keeper);
			next = now.tv_sec + (keeper->leads ? LEAD_INTERVAL : REFRESH_INTERVAL);
		}
	}
	return NULL;
}

int hsm_keeper_open(struct hsm_keeper **opened, const struct hsm_keeper_options *options, struct hsm_error *error)
{
	struct hsm_keeper *keeper = hsm_memory_allocate(sizeof(*keeper));
	pthread_condattr_t attributes;
	bool leads = false;
	keeper->options = *options;
	keeper->last = &keeper->first;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&keeper->mutex, NULL);
	pthread_cond_init(&keeper->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	hsm_answers_begin(&keeper->answers, options->detach);
	hsm_routing_begin(&keeper->routing);
	int rc = hsm_store_open(&keeper->store, options->url, options->environment, error);
	if (!rc)
		rc = hsm_store_lead(keeper->store, &leads, error);
	if (!rc && !leads && !hsm_store_is_shared(keeper->store))
		rc = hsm_error_set(error, HSM_ERROR_FAILED,
				   "another hsmctl serve has this registry: end it, or use PostgreSQL where several are to run");
	keeper->leads = leads;
	if (!rc)
		rc = hsm_store_refresh(keeper->store, &keeper->registry, error);
	if (!rc) {
		publish(keeper);
		rc = pthread_create(&keeper->thread, NULL, keep, keeper) == 0 ?
			     0 :
			     hsm_error_set(error, HSM_ERROR_FAILED, "cannot start a thread");
	}
	*opened = rc ? NULL : keeper;
	if (rc) {
		keeper->thread = 0;
		hsm_keeper_close(keeper);
	}
	return rc;
}

void hsm_keeper_close(struct hsm_keeper *keeper)
{
	if (!keeper)
		return;
	if (keeper->thread) {
		pthread_mutex_lock(&keeper->mutex);
		keeper->stopping = true;
		pthread_cond_signal(&keeper->wake);
		pthread_mutex_unlock(&keeper->mutex);
		pthread_join(keeper->thread, NULL);
	}
	hsm_store_close(keeper->store);
	hsm_registry_clear(&keeper->registry);
	hsm_answers_end(&keeper->answers);
	hsm_routing_end(&keeper->routing);
	pthread_mutex_destroy(&keeper->mutex);
	pthread_cond_destroy(&keeper->wake);
	hsm_arena_release(&keeper->scratch);
	free(keeper->changed);
	free(keeper->unsaved);
	free(keeper);
}

bool hsm_keeper_has_room(struct hsm_keeper *keeper, size_t weight)
{
	return keeper->counts.waiting + weight <= HSM_KEEPER_WAITING_MAX;
}

void hsm_keeper_queue(struct hsm_keeper *keeper, struct hsm_work *work)
{
	pthread_mutex_lock(&keeper->mutex);
	keeper->counts.waiting += work->weight;
	work->next = NULL;
	*keeper->last = work;
	keeper->last = &work->next;
	pthread_cond_signal(&keeper->wake);
	pthread_mutex_unlock(&keeper->mutex);
}

struct waiting {
	pthread_mutex_t mutex;
	pthread_cond_t done;
	bool is_done;
	int rc;
	struct hsm_error error;
};

/* A work that somebody waits for, around his own. */
struct waited {
	struct hsm_work work;
	struct hsm_work *inner;
	struct waiting *waiting;
};

static int run_waited(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	struct waited *waited = (struct waited *)work;
	return waited->inner->run(keeper, waited->inner, error);
}

static void end_waited(struct hsm_work *work, int rc, const struct hsm_error *error)
{
	struct waiting *waiting = ((struct waited *)work)->waiting;
	pthread_mutex_lock(&waiting->mutex);
	waiting->is_done = true;
	waiting->rc = rc;
	if (rc)
		waiting->error = *error;
	pthread_cond_signal(&waiting->done);
	pthread_mutex_unlock(&waiting->mutex);
}

int hsm_keeper_do(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	struct waiting waiting = { .mutex = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER };
	struct waited waited = { .work = { .run = run_waited, .done = end_waited, .reads = work->reads }, .inner = work,
				 .waiting = &waiting };
	hsm_keeper_queue(keeper, &waited.work);
	pthread_mutex_lock(&waiting.mutex);
	while (!waiting.is_done)
		pthread_cond_wait(&waiting.done, &waiting.mutex);
	pthread_mutex_unlock(&waiting.mutex);
	if (waiting.rc)
		*error = waiting.error;
	return waiting.rc;
}

/* One alert, as some work. */
struct telling {
	struct hsm_work work;
	struct hsm_alert alert;
};

static int run_telling(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	const struct telling *telling = (struct telling *)work;
	keeper->counts.alerts[telling->alert.kind]++;
	return hsm_store_add_alert(keeper->store, &telling->alert, hsm_clock_now(), error);
}

void hsm_keeper_tell(struct hsm_keeper *keeper, enum hsm_alert_kind kind, const char *subject, const char *text)
{
	struct telling telling = { .work.run = run_telling, .alert = { kind, subject, text } };
	struct hsm_error error;
	/* Where the database is away it is logged, and there is nowhere to keep it. */
	hsm_keeper_do(keeper, &telling.work, &error);
}
