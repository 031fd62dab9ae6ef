#include "reconciler/serve/follower.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reconciler/apply/apply.h"
#include "reconciler/apply/window.h"
#include "reconciler/clock.h"
#include "reconciler/lifecycle/mirror.h"
#include "reconciler/live/responses.h"
#include "reconciler/review/rows.h"
#include "reconciler/serve/place.h"
#include "reconciler/serve/worker.h"
#include "schema/base/memory.h"

#define BACK_OFF_FIRST 5   /* seconds */
#define BACK_OFF_MAX 300
#define CYCLE_MAX 1800     /* seconds: a listing that takes longer is given up */
#define HOUR 3600

struct hsm_follower {
	struct hsm_follower_options options;
	struct hsm_worker worker;
	bool pushed, doubtful;
	struct hsm_follower_status status;
	/* The thread's own. */
	double began, next_listing, next_plan, next_sweep; /* CLOCK_MONOTONIC; began: the last cycle */
	double back_off;
	char alerted_plan[HSM_FINGERPRINT_SIZE]; /* the plan's hash that people were told of */
	char alerted_failure[HSM_ERROR_MESSAGE_SIZE];
};

/* What one cycle works with. */
struct cycle {
	struct hsm_follower *follower;
	struct hsm_place place;
	struct hsm_live live;
	struct hsm_live_responses responses;
	struct hsm_history history;
	struct hsm_plan plan; /* in the place's arena */
	int64_t began;
	bool plans;
};

static void release(struct cycle *cycle)
{
	hsm_history_release(&cycle->history);
	hsm_live_release(&cycle->live);
	hsm_responses_release(&cycle->responses);
	hsm_place_release(&cycle->place);
}

/* The commit to follow, once git was asked. */
static int find_commit(struct cycle *cycle, char commit[HSM_COMMIT_SIZE], struct hsm_error *error)
{
	struct hsm_follower *follower = cycle->follower;
	const struct hsm_follower_options *options = &follower->options;
	int rc = 0;
	if (options->url) {
		struct hsm_mirror mirror = { .url = options->url, .branch = options->branch, .path = options->path,
					     .timeout = options->fetch_timeout, .interrupted = &follower->worker.stopping };
		rc = hsm_mirror_fetch(&mirror, commit, error);
	}
	if (!rc)
		rc = hsm_place_open_repository(&cycle->place, options->path, options->folder, error);
	if (!rc && !options->url)
		rc = hsm_repository_resolve(cycle->place.repository, "HEAD", commit, error);
	if (!rc && !*commit)
		rc = hsm_error_set(error, HSM_ERROR_NO_INPUT, "'%s' has no commit yet", options->path);
	return rc;
}

static int read_git(struct cycle *cycle, struct hsm_error *error)
{
	struct hsm_follower *follower = cycle->follower;
	struct hsm_place *place = &cycle->place;
	char commit[HSM_COMMIT_SIZE] = "";
	int rc = find_commit(cycle, commit, error);
	if (!rc)
		rc = hsm_place_read_config(place, commit, follower->options.environment, error);
	if (!rc)
		rc = hsm_desired_read_templates(place->repository, commit, &place->desired, &place->findings, error);
	pthread_mutex_lock(&follower->worker.mutex);
	follower->status.fetched = hsm_clock_now();
	if (!rc)
		memcpy(follower->status.commit, commit, sizeof(commit));
	pthread_mutex_unlock(&follower->worker.mutex);
	if (rc && *commit)
		return hsm_error_prefix(error, "commit %.12s", commit);
	return rc;
}

static int connect_live(struct cycle *cycle, struct hsm_error *error)
{
	const struct hsm_follower *follower = cycle->follower;
	return hsm_place_connect(&cycle->place, follower->options.parallelism, CYCLE_MAX, &follower->worker.stopping, error);
}

static int list_live(struct cycle *cycle, struct hsm_error *error)
{
	struct hsm_follower *follower = cycle->follower;
	bool webhooks = cycle->plans && cycle->place.desired.environment->webhooks.count;
	double begin = hsm_clock_monotonic();
	cycle->began = hsm_clock_now();
	hsm_keeper_counts(follower->options.keeper)->doubtful = false;
	int rc = hsm_live_read(cycle->place.connection, webhooks, &cycle->live, NULL, NULL, error);
	if (rc)
		return rc;
	pthread_mutex_lock(&follower->worker.mutex);
	follower->status.listed = hsm_clock_now();
	follower->status.list_duration = hsm_clock_monotonic() - begin;
	follower->status.templates = cycle->live.template_count;
	hsm_connection_rate(cycle->place.connection, &follower->status.rate_count, &follower->status.rate_allowed);
	pthread_mutex_unlock(&follower->worker.mutex);
	return 0;
}

struct world_work {
	struct hsm_work work;
	struct hsm_world world;
	const char *environment; /* of hsmctl.yaml, as JSON; NULL: nobody asked */
};

static int run_world(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	const struct world_work *given = (struct world_work *)work;
	int rc = hsm_keeper_take_world(keeper, &given->world, error);
	/* Every process sends by it, also those that never read git. */
	if (!rc && given->environment)
		rc = hsm_store_set(hsm_keeper_store(keeper), HSM_PLACE_KEY, given->environment, error);
	return rc;
}

static int tell_keeper(struct cycle *cycle, struct hsm_error *error)
{
	struct world_work work = { .work.run = run_world };
	hsm_world_make(&cycle->place.arena, &cycle->live, cycle->plans ? &cycle->place.desired : NULL,
		       cycle->plans ? &cycle->history : NULL, cycle->began, &work.world);
	if (cycle->plans)
		work.environment = hsm_place_write(&cycle->place.arena, cycle->place.desired.environment);
	return hsm_keeper_do(cycle->follower->options.keeper, &work.work, error);
}

static int read_history(struct cycle *cycle, struct hsm_error *error)
{
	struct hsm_plan_options options = { .now = time(NULL) };
	size_t count;
	const char **bases =
		hsm_plan_list_questions(&cycle->place.arena, &cycle->place.desired, &cycle->live, &options, true, &count);
	cycle->history.complete = true;
	if (!count && !cycle->live.webhook_count)
		return 0;
	return hsm_history_read(cycle->place.repository, &cycle->place.desired, bases, count, &cycle->history, error);
}

/* After what is in use was told: that does not wait for another organisation. */
static int read_responses(struct cycle *cycle, struct hsm_error *error)
{
	struct hsm_place *place = &cycle->place;
	int rc = hsm_place_connect_responses(place, error);
	if (rc || !place->responses)
		return rc;
	rc = hsm_responses_read(place->responses, place->settings.account,
				place->desired.environment->genesys.library.text, &cycle->responses, error);
	cycle->live.responses = rc ? NULL : &cycle->responses;
	return rc;
}

static size_t count_rows(const struct hsm_plan *plan, bool problems)
{
	size_t count = 0;
	for (size_t i = 0; i < plan->changes.count; i++) {
		int action = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i)->action.value;
		bool is_problem = action == HSM_ACTION_BLOCKED || action == HSM_ACTION_CONFLICT ||
				  action == HSM_ACTION_RECATEGORISED;
		count += problems ? is_problem : action != HSM_ACTION_WAIT && action != HSM_ACTION_REUSE;
	}
	return count;
}

static void make_plan(struct cycle *cycle)
{
	struct hsm_follower *follower = cycle->follower;
	struct hsm_plan_options options = { .command = "plan", .now = time(NULL) };
	double begin = hsm_clock_monotonic();
	hsm_plan_make(&cycle->place.arena, &cycle->place.desired, &cycle->live, &cycle->history, NULL, &options, &cycle->plan);
	pthread_mutex_lock(&follower->worker.mutex);
	follower->status.planned = hsm_clock_now();
	follower->status.plan_duration = hsm_clock_monotonic() - begin;
	follower->status.differences = count_rows(&cycle->plan, false);
	follower->status.problems = count_rows(&cycle->plan, true);
	snprintf(follower->status.summary, sizeof(follower->status.summary), "%s",
		 hsm_review_counts(&cycle->place.arena, &cycle->plan));
	pthread_mutex_unlock(&follower->worker.mutex);
}

/* Each plan is told of once: what an apply is about to mend is none. */
static void tell_plan(struct cycle *cycle)
{
	struct hsm_follower *follower = cycle->follower;
	bool differs = follower->options.apply ? follower->status.problems > 0 : follower->status.differences > 0;
	const char *hash = differs ? cycle->plan.hash.text : "";
	if (strcmp(hash, follower->alerted_plan) == 0)
		return;
	snprintf(follower->alerted_plan, sizeof(follower->alerted_plan), "%s", hash);
	hsm_worker_log(&follower->worker, HSM_LOG_INFO, "commit %.12s: %s", follower->status.commit, follower->status.summary);
	if (differs)
		hsm_keeper_tell(follower->options.keeper, HSM_ALERT_DRIFT, "plan", follower->status.summary);
}

/* Why an apply may not begin now; NULL: it may. */
static const char *find_obstacle(struct cycle *cycle)
{
	const struct hsm_plan *plan = &cycle->plan;
	struct hsm_error error;
	bool open = true;
	if (plan->violations.count)
		return HSM_LIST_ITEM(plan->violations, struct hsm_plan_violation, 0)->message.text;
	if (plan->window.node.present && (hsm_window_check(&plan->window, time(NULL), &open, &error) || !open))
		return "outside of the environment's apply_window";
	if (!hsm_keeper_leads(cycle->follower->options.keeper))
		return "another process leads now";
	return NULL;
}

static int apply_plan(struct cycle *cycle, struct hsm_error *error)
{
	struct hsm_follower *follower = cycle->follower;
	struct hsm_apply_report report = { 0 };
	struct hsm_apply_options options = { .parallelism = follower->options.parallelism,
					     .repository = cycle->place.repository,
					     .responses = cycle->place.responses };
	if (!follower->options.apply || !hsm_apply_count_steps(&cycle->plan))
		return 0;
	const char *obstacle = find_obstacle(cycle);
	if (obstacle) {
		hsm_worker_log(&follower->worker, HSM_LOG_WARNING, "not applied: %s", obstacle);
		return 0;
	}
	int rc = hsm_apply_run(cycle->place.connection, &cycle->plan, NULL, &options, &report, error);
	hsm_worker_log(&follower->worker, rc ? HSM_LOG_ERROR : HSM_LOG_INFO,
		 "applied commit %.12s: %zu done, %zu done already, %zu failed, %zu not begun", follower->status.commit,
		 report.done, report.already, report.failed, report.skipped);
	hsm_apply_report_release(&report);
	pthread_mutex_lock(&follower->worker.mutex);
	follower->status.applies++;
	follower->status.failed_applies += rc != 0;
	follower->pushed |= !rc; /* what was made is git's target now */
	pthread_mutex_unlock(&follower->worker.mutex);
	if (rc)
		hsm_keeper_tell(follower->options.keeper, HSM_ALERT_APPLY_FAILED, "apply", error->message);
	return rc;
}

/* Between plans only hsmctl.yaml is needed: where to ask. */
static int read_config(struct cycle *cycle, struct hsm_error *error)
{
	const struct hsm_follower_options *options = &cycle->follower->options;
	int rc = hsm_place_open_repository(&cycle->place, options->path, options->folder, error);
	return rc ? rc :
		    hsm_place_read_config(&cycle->place, cycle->follower->status.commit, options->environment, error);
}

/* Statuses alone: what is in use follows them while git cannot be read. */
static int run_listing(struct cycle *cycle, struct hsm_error *error)
{
	cycle->plans = false;
	int rc = read_config(cycle, error);
	if (!rc)
		rc = connect_live(cycle, error);
	if (!rc)
		rc = list_live(cycle, error);
	if (!rc)
		rc = tell_keeper(cycle, error);
	/* A version that somebody made: only a plan tells whether git means it. */
	if (!rc && atomic_exchange(&hsm_keeper_counts(cycle->follower->options.keeper)->unplanned, false))
		hsm_follower_push(cycle->follower);
	return rc;
}

static int run_plan(struct cycle *cycle, struct hsm_error *error)
{
	int rc = connect_live(cycle, error);
	if (!rc)
		rc = list_live(cycle, error);
	if (!rc)
		rc = read_history(cycle, error);
	if (!rc)
		rc = tell_keeper(cycle, error);
	if (!rc)
		rc = read_responses(cycle, error);
	if (rc)
		return rc;
	make_plan(cycle);
	tell_plan(cycle);
	return apply_plan(cycle, error);
}

/* A failure is told once, until it is another or all is well. */
static void tell_failure(struct hsm_follower *follower, enum hsm_alert_kind kind, const char *message)
{
	pthread_mutex_lock(&follower->worker.mutex);
	snprintf(follower->status.failure, sizeof(follower->status.failure), "%s", message);
	pthread_mutex_unlock(&follower->worker.mutex);
	if (!*message) {
		follower->alerted_failure[0] = '\0';
		return;
	}
	hsm_worker_log(&follower->worker, HSM_LOG_ERROR, "%s", message);
	if (kind && strncmp(follower->alerted_failure, message, sizeof(follower->alerted_failure) - 1) != 0)
		hsm_keeper_tell(follower->options.keeper, kind, "repository", message);
	snprintf(follower->alerted_failure, sizeof(follower->alerted_failure), "%s", message);
}

static int run_cycle(struct hsm_follower *follower, bool plans)
{
	struct cycle cycle = { .follower = follower, .plans = plans };
	struct hsm_error error = { 0 }, listing_error = { 0 };
	int rc = plans ? read_git(&cycle, &error) : 0;
	bool broken = rc != 0;
	if (plans && !rc)
		rc = run_plan(&cycle, &error);
	else if (!plans)
		rc = run_listing(&cycle, &error);
	release(&cycle);
	/* The last good commit is followed while the new one cannot be read. */
	if (broken && *follower->status.commit && !follower->worker.stopping) {
		struct cycle again = { .follower = follower };
		run_listing(&again, &listing_error);
		release(&again);
	}
	if (!follower->worker.stopping)
		tell_failure(follower, broken ? HSM_ALERT_REPOSITORY : HSM_ALERT_NONE, rc ? error.message : "");
	return rc;
}

/* When the next listing and plan are due, after a cycle that ended with rc. */
static void schedule(struct hsm_follower *follower, double began, bool planned, int rc)
{
	struct hsm_keeper_counts *counts = hsm_keeper_counts(follower->options.keeper);
	pthread_mutex_lock(&follower->worker.mutex);
	follower->status.cycles++;
	follower->status.failures += rc != 0;
	follower->began = began;
	double interval = hsm_decide_interval(follower->status.list_duration, counts->waits, counts->doubtful);
	if (planned && !rc)
		follower->next_plan = began + follower->options.interval;
	follower->back_off = !rc ? 0 : follower->back_off ? 2 * follower->back_off : BACK_OFF_FIRST;
	if (follower->back_off > BACK_OFF_MAX)
		follower->back_off = BACK_OFF_MAX;
	follower->next_listing = began + interval;
	if (rc) {
		follower->next_listing = hsm_clock_monotonic() + follower->back_off;
		if (planned)
			follower->next_plan = follower->next_listing;
	}
	pthread_mutex_unlock(&follower->worker.mutex);
}

/* Waits until something is to do. *plans: a plan is. */
static bool wait_for_turn(struct hsm_follower *follower, bool *plans)
{
	bool listing = false;
	*plans = false;
	pthread_mutex_lock(&follower->worker.mutex);
	while (!follower->worker.stopping && !listing && !*plans) {
		double now = hsm_clock_monotonic();
		*plans = follower->pushed || now >= follower->next_plan;
		/* What came to be doubted meanwhile brings the next listing forward. */
		double doubted = follower->began + hsm_decide_interval(follower->status.list_duration, false, true);
		listing = now >= follower->next_listing ||
			  (follower->doubtful && !follower->back_off && now >= doubted);
		if (hsm_keeper_leads(follower->options.keeper) && (*plans || listing))
			break;
		*plans = listing = false;
		hsm_worker_sleep(&follower->worker, 200);
	}
	/* Without a commit there is nothing to list by. */
	*plans |= !*follower->status.commit;
	if (*plans)
		follower->pushed = false;
	follower->doubtful = false;
	bool stopping = follower->worker.stopping;
	pthread_mutex_unlock(&follower->worker.mutex);
	return !stopping;
}

static int run_sweep(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	(void)work;
	return hsm_keeper_sweep(keeper, error);
}

static void sweep(struct hsm_follower *follower)
{
	struct hsm_work work = { .run = run_sweep };
	struct hsm_error error;
	if (hsm_clock_monotonic() < follower->next_sweep)
		return;
	hsm_keeper_do(follower->options.keeper, &work, &error);
	follower->next_sweep = hsm_clock_monotonic() + HOUR;
}

static void *follow(void *context)
{
	struct hsm_follower *follower = context;
	bool plans;
	while (wait_for_turn(follower, &plans)) {
		double began = hsm_clock_monotonic();
		int rc = run_cycle(follower, plans);
		schedule(follower, began, plans, rc);
		sweep(follower);
	}
	return NULL;
}

int hsm_follower_open(struct hsm_follower **opened, const struct hsm_follower_options *options,
		      struct hsm_error *error)
{
	struct hsm_follower *follower = hsm_memory_allocate(sizeof(*follower));
	follower->options = *options;
	follower->next_sweep = hsm_clock_monotonic() + HOUR;
	*opened = follower;
	return hsm_worker_start(&follower->worker, follow, follower, options->log, options->user, error);
}

void hsm_follower_stop(struct hsm_follower *follower)
{
	if (follower)
		hsm_worker_stop(&follower->worker);
}

void hsm_follower_free(struct hsm_follower *follower)
{
	if (!follower)
		return;
	hsm_worker_release(&follower->worker);
	free(follower);
}

void hsm_follower_push(struct hsm_follower *follower)
{
	pthread_mutex_lock(&follower->worker.mutex);
	follower->pushed = true;
	pthread_cond_signal(&follower->worker.wake);
	pthread_mutex_unlock(&follower->worker.mutex);
}

void hsm_follower_doubt(struct hsm_follower *follower)
{
	pthread_mutex_lock(&follower->worker.mutex);
	follower->doubtful = true;
	pthread_cond_signal(&follower->worker.wake);
	pthread_mutex_unlock(&follower->worker.mutex);
}

void hsm_follower_set(struct hsm_follower *follower, bool apply, double interval)
{
	pthread_mutex_lock(&follower->worker.mutex);
	follower->options.apply = apply;
	follower->options.interval = interval;
	pthread_mutex_unlock(&follower->worker.mutex);
}

void hsm_follower_read_status(struct hsm_follower *follower, struct hsm_follower_status *status)
{
	pthread_mutex_lock(&follower->worker.mutex);
	*status = follower->status;
	pthread_mutex_unlock(&follower->worker.mutex);
}
