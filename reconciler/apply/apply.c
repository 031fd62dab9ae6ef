#include "reconciler/apply/apply.h"

#include <stdlib.h>
#include <string.h>

#include "reconciler/apply/media.h"
#include "reconciler/apply/steps.h"

struct run {
	struct hsm_connection *connection;
	const struct hsm_plan *plan;
	const struct hsm_live *live; /* NULL: everything is to do */
	const struct hsm_apply_options *options;
	struct hsm_apply_report *report;
	struct hsm_arena arena;
	struct hsm_versions versions;
	const char *library_id; /* of the responses; NULL: it is not made yet */
	struct task *tasks;
	size_t next, end; /* steps of the phase that are not begun */
	bool stopped;     /* begin nothing more */
	bool quota;       /* the account's is spent, which the responses' organisation does not mind */
	bool partial;     /* a row stopped that only a person can resolve */
};

/* What a callback needs to find its step again. */
struct task {
	struct run *run;
	struct hsm_step *step;
	bool lost; /* looked up because no answer came, not because of a 409 */
	struct hsm_arena media; /* what is uploaded with its create, until that is done */
};

void hsm_apply_report_release(struct hsm_apply_report *report)
{
	hsm_arena_release(&report->arena);
	*report = (struct hsm_apply_report){ 0 };
}

static void begin_next(struct run *run);

static void set_state(struct run *run, struct hsm_step *step, enum hsm_step_state state)
{
	step->state = state;
	run->report->done += state == HSM_STEP_DONE;
	run->report->already += state == HSM_STEP_ALREADY;
	run->report->failed += state == HSM_STEP_FAILED;
	run->report->skipped += state == HSM_STEP_SKIPPED;
	if (run->options->progress)
		run->options->progress(run->options->user, run->report, step);
}

/* A step's end: the next one of the phase may begin. */
static void finish(struct run *run, struct hsm_step *step, enum hsm_step_state state)
{
	set_state(run, step, state);
	begin_next(run);
}

static void keep_error(struct run *run, struct hsm_step *step, const struct hsm_error *error)
{
	struct hsm_error *kept = hsm_arena_allocate(&run->report->arena, sizeof(*kept));
	*kept = *error;
	step->error = kept;
}

static void fail(struct run *run, struct hsm_step *step, const struct hsm_error *error)
{
	keep_error(run, step, error);
	finish(run, step, HSM_STEP_FAILED);
}

/* The date is the API's; what to do is not. */
static void fail_locked(struct run *run, struct hsm_step *step, const struct hsm_error *why)
{
	struct hsm_error error;
	const char *base = step->change->template.text;
	hsm_error_set(&error, why->class, "%s; plan or apply with --resubmit %s, or a bump, takes the next number",
		      why->message, base);
	fail(run, step, &error);
}

/* Of a failed write: whether the steps behind it can fare better. */
static void handle_failure(struct task *task, const struct hsm_write_result *result)
{
	struct run *run = task->run;
	switch (result->outcome) {
	case HSM_OUTCOME_QUOTA:
		run->stopped = run->quota = run->report->quota = true;
		break;
	case HSM_OUTCOME_FORBIDDEN:
	case HSM_OUTCOME_UNAVAILABLE:
		run->stopped = true;
		break;
	case HSM_OUTCOME_INTERRUPTED:
		run->stopped = true;
		keep_error(run, task->step, &result->error);
		finish(run, task->step, HSM_STEP_SKIPPED);
		return;
	case HSM_OUTCOME_LOCKED:
		fail_locked(run, task->step, &result->error);
		return;
	case HSM_OUTCOME_DONE:
	case HSM_OUTCOME_EXISTS:
	case HSM_OUTCOME_REFUSED:
	case HSM_OUTCOME_LOST:
		break;
	}
	fail(run, task->step, &result->error);
}

/* What the server says of a create, kept and compared with what was sent. */
static void take_answer(struct task *task, const struct hsm_live_template *template, enum hsm_step_state state)
{
	struct run *run = task->run;
	struct hsm_step *step = task->step;
	const struct hsm_plan_submission *submission = hsm_step_submission(step);
	struct hsm_arena *arena = &run->report->arena;
	step->status = hsm_arena_copy_string(arena, template->status_word);
	if (strcmp(template->category, submission->category.text) != 0)
		step->note = hsm_arena_format(arena, "submitted as %s, and the API made it %s",
					      submission->category.text, template->category);
	/* Some answers have the id and the status alone. */
	if (!template->content.json || strcmp(template->content.json, submission->content.text) == 0) {
		finish(run, step, state);
		return;
	}
	struct hsm_error error;
	run->partial = true;
	if (state == HSM_STEP_DONE) {
		/* Otherwise every run would replace what the last one made. */
		run->stopped = true;
		hsm_error_set(&error, HSM_ERROR_FAILED,
			      "%s %s: the API keeps other content than was sent, so nothing more is submitted; "
			      "write in git what it keeps (sent %.12s, kept %.12s)",
			      step->name, step->language, submission->fingerprint.text,
			      hsm_content_fingerprint(arena, &template->content));
	} else {
		hsm_error_set(&error, run->options->saved ? HSM_ERROR_STALE : HSM_ERROR_PARTIAL,
			      "%s %s: somebody else has created it with other content; plan again", step->name,
			      step->language);
	}
	fail(run, step, &error);
}

static void lookup_done(void *user, const struct hsm_write_result *result)
{
	struct task *task = user;
	struct hsm_error error;
	if (result->outcome != HSM_OUTCOME_DONE) {
		handle_failure(task, result);
		return;
	}
	if (result->template && !hsm_status_is_gone(result->template->status)) {
		take_answer(task, result->template, HSM_STEP_ALREADY);
		return;
	}
	task->run->partial = true;
	hsm_error_set(&error, HSM_ERROR_PARTIAL,
		      task->lost ? "%s %s: no answer came, and it is not there; run again" :
				   "%s %s: the API says that it exists and does not list it; run again",
		      task->step->name, task->step->language);
	fail(task->run, task->step, &error);
}

static void create_done(void *user, const struct hsm_write_result *result)
{
	struct task *task = user;
	hsm_arena_release(&task->media);
	if (result->outcome == HSM_OUTCOME_DONE && result->template) {
		take_answer(task, result->template, HSM_STEP_DONE);
	} else if (result->outcome == HSM_OUTCOME_EXISTS || result->outcome == HSM_OUTCOME_LOST) {
		/* Its answer was lost, or an earlier run's was: look, never repeat. */
		task->lost = result->outcome == HSM_OUTCOME_LOST;
		hsm_connection_find_template(task->run->connection, task->run->plan->provider_id.text,
					     task->step->name, task->step->language, lookup_done, task);
	} else {
		handle_failure(task, result);
	}
}

static void write_done(void *user, const struct hsm_write_result *result)
{
	struct task *task = user;
	if (result->outcome == HSM_OUTCOME_DONE)
		finish(task->run, task->step, HSM_STEP_DONE);
	else
		handle_failure(task, result);
}

static void library_done(void *user, const struct hsm_write_result *result)
{
	struct task *task = user;
	if (result->outcome == HSM_OUTCOME_DONE)
		task->run->library_id = hsm_arena_copy_string(&task->run->arena, result->id);
	else
		task->run->stopped = true; /* what it was to hold has no place */
	write_done(task, result);
}

static void begin_response(struct task *task)
{
	struct run *run = task->run;
	bool library = task->step->change->kind.value == HSM_KIND_LIBRARY;
	hsm_steps_write_response(run->options->responses, task->step, run->library_id, library ? library_done : write_done,
				 task);
}

static bool is_response(const struct hsm_step *step)
{
	return step->change->kind.value == HSM_KIND_LIBRARY || step->change->kind.value == HSM_KIND_RESPONSE;
}

static void begin_webhook(struct task *task)
{
	const struct hsm_plan_change *change = task->step->change;
	const struct hsm_plan_webhook *webhook = &change->webhook;
	const struct hsm_list *events = &webhook->events;
	const char **names = hsm_arena_allocate_array(&task->run->arena, events->count, sizeof(*names));
	for (size_t i = 0; i < events->count; i++)
		names[i] = HSM_LIST_ITEM(*events, struct hsm_string, i)->text;
	struct hsm_webhook_write write = {
		.name = change->name.text,
		.url = webhook->url.text,
		.events = names,
		.event_count = events->count,
		.enabled = webhook->enabled.value,
		.secret = webhook->secret.text ? getenv(webhook->secret.text) : NULL,
	};
	hsm_connection_write_webhook(task->run->connection,
				     change->live_webhook.node.present ? change->live_webhook.id.text : NULL, &write,
				     write_done, task);
}

static void begin_create(struct task *task, const struct hsm_plan_submission *submission)
{
	struct hsm_error error;
	const struct hsm_media *media;
	if (hsm_apply_read_media(&task->media, task->run->options->repository, task->run->plan, submission, &media,
				 &error)) {
		hsm_arena_release(&task->media);
		task->run->stopped = true; /* it is another repository, or another commit: the next one fares no better */
		fail(task->run, task->step, &error);
		return;
	}
	struct hsm_template_create create = {
		.media = media,
		.media_count = submission->media.count,
		.name = task->step->name,
		.language = task->step->language,
		.category = submission->category.text,
		.components = submission->content.text,
	};
	hsm_connection_create_template(task->run->connection, task->run->plan->provider_id.text, &create, create_done,
				       task);
}

static void begin_step(struct task *task)
{
	struct run *run = task->run;
	struct hsm_step *step = task->step;
	const struct hsm_plan_submission *submission = hsm_step_submission(step);
	const struct hsm_plan_live *removal = hsm_step_removal(step);
	set_state(run, step, HSM_STEP_RUNNING);
	if (submission)
		begin_create(task, submission);
	else if (is_response(step))
		begin_response(task);
	else if (removal)
		hsm_connection_delete_template(run->connection, run->plan->provider_id.text, removal->id.text,
					       removal->name.text, write_done, task);
	else if (hsm_step_phase(step->change) == HSM_PHASE_DELETE)
		hsm_connection_delete_webhook(run->connection, step->change->live_webhook.id.text, write_done, task);
	else
		begin_webhook(task);
}

/* Whether a plan that was stopped halfway did this step then. */
static bool is_done_already(const struct run *run, const struct hsm_step *step)
{
	if (!run->live)
		return false;
	const struct hsm_plan_submission *submission = hsm_step_submission(step);
	const struct hsm_live_webhook *webhook;
	if (is_response(step))
		return hsm_steps_response_is_done(run->live->responses, step);
	if (step->change->kind.value == HSM_KIND_WEBHOOK) {
		webhook = hsm_steps_find_webhook(run->live, step->name);
		bool wanted = step->change->webhook.node.present;
		return wanted ? webhook && hsm_steps_webhook_equals(webhook, &step->change->webhook) : !webhook;
	}
	const struct hsm_live_template *live = hsm_steps_find_live(&run->versions, step->name, step->language);
	if (submission)
		return live && strcmp(live->content.json, submission->content.text) == 0;
	return !live;
}

/* One step at a time: what is not begun can still be stopped. */
static void begin_next(struct run *run)
{
	while (run->next < run->end) {
		size_t index = run->next++;
		struct hsm_step *step = &run->report->steps[index];
		if (is_done_already(run, step)) {
			set_state(run, step, HSM_STEP_ALREADY);
			continue;
		}
		if (run->stopped) {
			set_state(run, step, HSM_STEP_SKIPPED);
			continue;
		}
		run->tasks[index] = (struct task){ .run = run, .step = step };
		begin_step(&run->tasks[index]);
		return;
	}
}

static void run_phase(struct run *run, enum hsm_phase phase)
{
	const struct hsm_apply_report *report = run->report;
	run->next = run->end;
	while (run->end < report->count && hsm_step_phase(report->steps[run->end].change) == phase)
		run->end++;
	if (phase == HSM_PHASE_LIBRARY && run->quota)
		run->stopped = false;
	/* Nothing old goes while something new failed to come. */
	if (phase >= HSM_PHASE_RESPONSE_DELETE && (report->failed || report->skipped))
		run->stopped = true;
	unsigned parallelism = run->options->parallelism ? run->options->parallelism : 1;
	for (unsigned i = 0; i < parallelism; i++)
		begin_next(run);
	bool responses = phase >= HSM_PHASE_LIBRARY && phase <= HSM_PHASE_RESPONSE_DELETE;
	if (!responses || run->options->responses)
		hsm_connection_run(responses ? run->options->responses : run->connection);
}

/* A signature key that is missing must not be found out halfway. */
static int check_secrets(const struct hsm_plan *plan, struct hsm_error *error)
{
	for (size_t i = 0; i < plan->changes.count; i++) {
		const struct hsm_plan_change *change = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
		const char *variable = change->webhook.secret.text;
		const char *value = variable ? getenv(variable) : NULL;
		if (variable && hsm_step_phase(change) == HSM_PHASE_WEBHOOK && (!value || !*value))
			return hsm_error_set(error, HSM_ERROR_AUTH,
					     "webhook '%s': its key is to come from %s, which is not set in this "
					     "environment", change->name.text, variable);
	}
	return 0;
}

/* The class of the whole: credentials and a missing API before what is stale or
 * done in part. */
static int conclude(const struct run *run, struct hsm_error *error)
{
	static const enum hsm_error_class order[] = { HSM_ERROR_AUTH, HSM_ERROR_UNAVAILABLE, HSM_ERROR_STALE };
	const struct hsm_apply_report *report = run->report;
	const struct hsm_step *first = NULL;
	for (size_t i = 0; i < report->count; i++)
		if (!first && report->steps[i].state == HSM_STEP_FAILED)
			first = &report->steps[i];
	for (size_t j = 0; j < sizeof(order) / sizeof(order[0]); j++)
		for (size_t i = 0; i < report->count; i++)
			if (report->steps[i].state == HSM_STEP_FAILED && report->steps[i].error->class == order[j]) {
				*error = *report->steps[i].error;
				return order[j];
			}
	if (!first && !report->skipped)
		return 0;
	if (!first)
		return hsm_error_set(error, HSM_ERROR_PARTIAL, "stopped: %zu of %zu steps are not begun; run again",
				     report->skipped, report->count);
	*error = *first->error;
	if (report->done || report->already || run->partial)
		error->class = HSM_ERROR_PARTIAL;
	return error->class;
}

int hsm_apply_run(struct hsm_connection *connection, const struct hsm_plan *plan, const struct hsm_live *live,
		  const struct hsm_apply_options *options, struct hsm_apply_report *report,
		  struct hsm_error *error)
{
	struct run run = { .connection = connection, .plan = plan, .live = live, .options = options,
			   .report = report };
	int status = check_secrets(plan, error);
	if (status)
		return status;
	if (live)
		hsm_versions_make(&run.arena, live, &run.versions);
	run.library_id = plan->library_id.text;
	if (!run.library_id && live && live->responses)
		run.library_id = live->responses->library_id;
	hsm_steps_make(plan, report);
	run.tasks = hsm_arena_allocate_array(&run.arena, report->count, sizeof(*run.tasks));
	for (int phase = 0; phase < HSM_PHASE_MAX_; phase++)
		run_phase(&run, (enum hsm_phase)phase);
	hsm_arena_release(&run.arena);
	return conclude(&run, error);
}
