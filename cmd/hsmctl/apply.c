#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <time.h>
#include <unistd.h>

#include "cmd/hsmctl/planning.h"
#include "reconciler/apply/apply.h"
#include "reconciler/apply/media.h"
#include "reconciler/apply/window.h"
#include "reconciler/clock.h"
#include "reconciler/review/review.h"
#include "schema/json.h"

static const char *step_verb(const struct hsm_step *step)
{
	switch ((enum hsm_action)step->change->action.value) {
	case HSM_ACTION_CREATE:
	case HSM_ACTION_REPLACE:
		return "create";
	case HSM_ACTION_UPDATE:
		return "update";
	case HSM_ACTION_RETIRE:
		return "retire";
	case HSM_ACTION_DELETE:
		return "delete";
	case HSM_ACTION_REUSE:
	case HSM_ACTION_ACTIVATE:
	case HSM_ACTION_SETTINGS:
	case HSM_ACTION_WAIT:
	case HSM_ACTION_BLOCKED:
	case HSM_ACTION_CONFLICT:
	case HSM_ACTION_RECATEGORISED:
		break;
	}
	return "";
}

static const char *state_word(enum hsm_step_state state)
{
	static const char *const words[] = {
		[HSM_STEP_WAITING] = "waiting", [HSM_STEP_RUNNING] = "running", [HSM_STEP_DONE] = "done",
		[HSM_STEP_ALREADY] = "already", [HSM_STEP_FAILED] = "failed",	[HSM_STEP_SKIPPED] = "skipped",
	};
	return words[state];
}

/* The names that are in flight, as many as a line may need. */
static void append_running(struct hsm_buffer *line, const struct hsm_apply_report *report)
{
	size_t shown = 0;
	for (size_t i = 0; i < report->count && shown < 4; i++) {
		const struct hsm_step *step = &report->steps[i];
		if (step->state != HSM_STEP_RUNNING)
			continue;
		hsm_buffer_append_format(line, "%s%s%s%s", shown++ ? ", " : " ", step->name, step->language ? " " : "",
					 step->language ? step->language : "");
	}
}

static void show_bar(struct hsm_session *session, const struct hsm_apply_report *report)
{
	enum { WIDTH = 24 };
	struct hsm_buffer line = HSM_BUFFER_INIT(4096);
	size_t ended = report->done + report->already + report->failed + report->skipped;
	size_t filled = report->count ? ended * WIDTH / report->count : WIDTH;
	hsm_buffer_append_char(&line, '[');
	for (size_t i = 0; i < WIDTH; i++)
		hsm_buffer_append_char(&line, i < filled ? '#' : '.');
	hsm_buffer_append_format(&line, "] %zu/%zu", ended, report->count);
	append_running(&line, report);
	hsm_output_progress(&session->output, hsm_buffer_text(&line));
	hsm_buffer_release(&line);
}

/* "order_v1 en_US", "response order_v1 en_US", "webhook hooks" */
static const char *step_label(struct hsm_arena *arena, const struct hsm_step *step)
{
	int kind = step->change->kind.value;
	return hsm_arena_format(arena, "%s%s%s%s%s", kind == HSM_KIND_TEMPLATE ? "" : hsm_kind_words[kind - 1],
				kind == HSM_KIND_TEMPLATE ? "" : " ", step->name, step->language ? " " : "",
				step->language ? step->language : "");
}

static void log_step(struct hsm_session *session, const struct hsm_step *step)
{
	struct hsm_arena arena = { 0 };
	const char *label = step_label(&arena, step);
	if (step->state == HSM_STEP_DONE)
		hsm_output_log(&session->output, HSM_LEVEL_INFO, "%s %s: %s", step_verb(step), label,
			       step->status ? step->status : "done");
	else if (step->state == HSM_STEP_ALREADY)
		hsm_output_log(&session->output, HSM_LEVEL_INFO, "%s %s: done already", step_verb(step), label);
	else if (step->state == HSM_STEP_FAILED)
		hsm_output_log(&session->output, HSM_LEVEL_ERROR, "%s %s: %s", step_verb(step), label,
			       step->error->message);
	if (step->note)
		hsm_output_log(&session->output, HSM_LEVEL_WARNING, "%s: %s", label, step->note);
	hsm_arena_release(&arena);
}

struct progress {
	struct hsm_session *session;
	double next; /* when the bar may be drawn again */
};

/* A bar on a terminal, with what needs attention above it; a line per step elsewhere. */
static void show_progress(void *user, const struct hsm_apply_report *report, const struct hsm_step *step)
{
	const double pause = 0.05; /* nobody reads faster */
	struct progress *progress = user;
	struct hsm_session *session = progress->session;
	bool ended = step->state != HSM_STEP_RUNNING && step->state != HSM_STEP_SKIPPED;
	if (ended && (!session->output.progress || step->state == HSM_STEP_FAILED || step->note))
		log_step(session, step);
	if (session->output.progress && hsm_clock_monotonic() >= progress->next) {
		show_bar(session, report);
		progress->next = hsm_clock_monotonic() + pause;
	}
}

static void warn_of_problems(struct hsm_session *session, const struct hsm_plan *plan)
{
	for (size_t i = 0; i < plan->changes.count; i++) {
		const struct hsm_plan_change *change = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
		int action = change->action.value;
		if (action == HSM_ACTION_BLOCKED || action == HSM_ACTION_CONFLICT || action == HSM_ACTION_RECATEGORISED)
			hsm_output_log(&session->output, HSM_LEVEL_WARNING, "%s is %s: %s", change->name.text,
				       action == HSM_ACTION_CONFLICT ? "in conflict" :
								       hsm_action_words[action - 1],
				       change->reason.text);
	}
}

/* Enter, end of file and Ctrl-C are no. */
static void append_steps_json(struct hsm_json_writer *writer, const struct hsm_apply_report *report)
{
	hsm_json_begin_array(writer, "steps");
	for (size_t i = 0; i < report->count; i++) {
		const struct hsm_step *step = &report->steps[i];
		hsm_json_begin_object(writer, NULL);
		hsm_json_write_string(writer, "action", hsm_action_words[step->change->action.value - 1]);
		hsm_json_write_string(writer, "kind", hsm_kind_words[step->change->kind.value - 1]);
		hsm_json_write_string(writer, "name", step->name);
		if (step->language)
			hsm_json_write_string(writer, "language", step->language);
		hsm_json_write_string(writer, "state", state_word(step->state));
		if (step->status)
			hsm_json_write_string(writer, "status", step->status);
		if (step->note)
			hsm_json_write_string(writer, "note", step->note);
		if (step->error)
			hsm_json_write_string(writer, "error", step->error->message);
		hsm_json_end_object(writer);
	}
	hsm_json_end_array(writer);
}

static void print_json(struct hsm_session *session, const struct hsm_plan *plan, const struct hsm_apply_report *report)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer;
	hsm_output_begin_json(&writer, &text);
	hsm_json_write_string(&writer, "tool_version", HSM_VERSION);
	hsm_json_write_string(&writer, "environment", plan->environment.text);
	hsm_json_write_string(&writer, "provider_id", plan->provider_id.text);
	if (plan->commit.text)
		hsm_json_write_string(&writer, "commit", plan->commit.text);
	append_steps_json(&writer, report);
	hsm_json_begin_object(&writer, "summary");
	hsm_json_write_integer(&writer, "done", (int64_t)report->done);
	hsm_json_write_integer(&writer, "already", (int64_t)report->already);
	hsm_json_write_integer(&writer, "failed", (int64_t)report->failed);
	hsm_json_write_integer(&writer, "skipped", (int64_t)report->skipped);
	hsm_json_end_object(&writer);
	hsm_output_end_json(&writer);
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
}

/* What remains, by name where a person can read it. */
static void append_remaining(struct hsm_buffer *text, const struct hsm_apply_report *report)
{
	size_t shown = 0;
	for (size_t i = 0; i < report->count && shown < 20; i++) {
		const struct hsm_step *step = &report->steps[i];
		if (step->state == HSM_STEP_SKIPPED)
			hsm_buffer_append_format(text, "%s %s%s%s", shown++ ? "," : "Not begun:", step->name,
						 step->language ? " " : "", step->language ? step->language : "");
	}
	if (report->skipped > shown)
		hsm_buffer_append_format(text, " and %zu more", report->skipped - shown);
	hsm_buffer_append_string(text, shown ? ".\n" : "");
}

static void print_text(struct hsm_session *session, const struct hsm_apply_report *report)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_buffer_append_format(&text, "Applied: %zu done", report->done);
	if (report->already)
		hsm_buffer_append_format(&text, ", %zu done already", report->already);
	if (report->failed)
		hsm_buffer_append_format(&text, ", %zu failed", report->failed);
	if (report->skipped)
		hsm_buffer_append_format(&text, ", %zu not begun", report->skipped);
	hsm_buffer_append_string(&text, ".\n");
	append_remaining(&text, report);
	if (report->failed || report->skipped)
		hsm_buffer_append_string(&text, "What is done stays done; run again for the rest.\n");
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
}

static bool has_webhooks(const struct hsm_plan *plan)
{
	for (size_t i = 0; i < plan->changes.count; i++)
		if (HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i)->kind.value == HSM_KIND_WEBHOOK)
			return true;
	return false;
}

static bool is_over(const struct hsm_session *session)
{
	return hsm_interrupted || (session->deadline > 0 && hsm_clock_monotonic() >= session->deadline);
}

/* Until a quota may have room again. False: nobody waits any longer. */
static bool wait_for_room(struct hsm_session *session, const struct hsm_apply_report *report, double until)
{
	const double next = hsm_clock_monotonic() + session->options.interval;
	if (!report->quota || next > until)
		return false;
	hsm_output_log(&session->output, HSM_LEVEL_INFO, "no room for %zu more: trying again in %.0f s",
		       report->failed + report->skipped, session->options.interval);
	while (hsm_clock_monotonic() < next && !is_over(session))
		nanosleep(&(struct timespec){ .tv_nsec = 100000000 }, NULL);
	return !is_over(session);
}

/* Goes on with what is left of a plan, once what was done is live. */
static int run_rest(struct hsm_session *session, const struct hsm_plan *plan, const struct hsm_apply_options *options,
		    struct hsm_apply_report *report, struct hsm_error *error)
{
	struct hsm_live live = { 0 };
	size_t done = report->done;
	int rc = hsm_planning_read_live(session, has_webhooks(plan), &live, error);
	if (rc)
		return rc;
	hsm_apply_report_release(report);
	rc = hsm_apply_run(session->connection, plan, &live, options, report, error);
	/* Of this command's doing, though not of this round's. */
	report->done += done;
	report->already -= done < report->already ? done : report->already;
	hsm_live_release(&live);
	return rc;
}

/* Where samples are uploaded from, and to: found before anything is written. A saved plan needs no repository but
 * for these, and is applied in any of its folders. */
static int prepare_samples(struct hsm_session *session, const struct hsm_plan *plan, struct hsm_error *error)
{
	if (!hsm_apply_has_media(plan))
		return 0;
	if (!session->settings.app)
		return hsm_error_set(error, HSM_ERROR_CONFIG,
				     "environment '%s' has no app: write the id of the Meta app that the token is of, since "
				     "samples are uploaded to it", plan->environment.text);
	if (session->repository)
		return 0;
	int rc = hsm_session_open_repository(session, error);
	const char *folder = plan->folder.text ? plan->folder.text : "";
	if (!rc)
		hsm_repository_enter(session->repository, hsm_arena_copy(&session->arena, folder, strlen(folder) - !!*folder));
	return rc;
}

static int run(struct hsm_session *session, const struct hsm_plan *plan, const struct hsm_live *live,
	       struct hsm_error *error)
{
	int rc = prepare_samples(session, plan, error);
	if (rc)
		return rc;

	struct hsm_apply_report report = { 0 };
	struct progress progress = { .session = session };
	struct hsm_apply_options options = {
		.responses = session->responses,
		.saved = session->options.arguments.count > 0,
		.parallelism = (unsigned)session->options.parallelism,
		.repository = session->repository,
		.progress = show_progress,
		.user = &progress,
	};
	const double until = hsm_clock_monotonic() + session->options.patience;
	rc = hsm_apply_run(session->connection, plan, live, &options, &report, error);
	while (rc && wait_for_room(session, &report, until))
		rc = run_rest(session, plan, &options, &report, error);
	hsm_output_progress(&session->output, NULL);
	if (session->options.format == HSM_FORMAT_JSON)
		print_json(session, plan, &report);
	else if (report.count)
		print_text(session, &report);
	hsm_apply_report_release(&report);
	return rc;
}

/* Only what is written counts: an apply with nothing to do may run at any time. */
static int check_window(struct hsm_session *session, const struct hsm_plan *plan, struct hsm_error *error)
{
	bool open = true;
	int rc = 0;
	if (plan->window.node.present && hsm_apply_count_steps(plan))
		rc = hsm_window_check(&plan->window, hsm_session_now(), &open, error);
	if (rc || open || hsm_planning_may_exceed(session, "apply_window"))
		return rc;
	return hsm_error_set(error, HSM_ERROR_POLICY,
			     "%s may be applied %s only; where it is meant to be now: --exceed apply_window",
			     plan->environment.text, hsm_window_describe(&session->arena, &plan->window));
}

/* What was reviewed is what is done. */
static int check_expected(const struct hsm_session *session, const struct hsm_plan *plan, struct hsm_error *error)
{
	const char *expected = session->options.expect;
	if (!expected || strncasecmp(plan->hash.text, expected, strlen(expected)) == 0)
		return 0;
	return hsm_error_set(error, HSM_ERROR_STALE,
			     "git or %s moved since the plan %s was made: what an apply does now is the plan above, %.*s; "
			     "review it, or find out what moved with hsmctl drift",
			     plan->environment.text, expected, HSM_REVIEW_HASH_LENGTH, plan->hash.text);
}

static int check_hash_option(const char *hash, struct hsm_error *error)
{
	size_t length = hash ? strlen(hash) : 0;
	if (!hash || (length >= HSM_REVIEW_HASH_LENGTH && length < HSM_FINGERPRINT_SIZE &&
		      strspn(hash, "0123456789abcdefABCDEF") == length))
		return 0;
	return hsm_error_set(error, HSM_ERROR_USAGE,
			     "--expect %s: a plan's hash is %d to %d hexadecimal digits, as plan shows it", hash,
			     HSM_REVIEW_HASH_LENGTH, HSM_FINGERPRINT_SIZE - 1);
}

/* Shows, asks, does; live is what a saved plan is compared with, else NULL. */
static int carry_out(struct hsm_session *session, const struct hsm_plan *plan, const struct hsm_live *live,
		     struct hsm_error *error)
{
	if (session->options.format == HSM_FORMAT_TEXT)
		hsm_planning_print(session, plan);
	int rc = check_expected(session, plan, error);
	if (!rc)
		rc = hsm_planning_check_policy(session, plan, error);
	if (!rc)
		rc = check_window(session, plan, error);
	if (rc)
		return rc;
	warn_of_problems(session, plan);
	if (hsm_apply_count_steps(plan) && !session->options.yes &&
	    (!hsm_output_ask(&session->output, "Apply %" PRId64 " request%s to %s?", plan->summary.requests.value,
			     plan->summary.requests.value == 1 ? "" : "s", plan->environment.text) ||
	     hsm_interrupted))
		return hsm_error_set(error, HSM_ERROR_FAILED, "not confirmed: nothing was applied");
	rc = run(session, plan, live, error);
	if (!session->options.strict || !hsm_plan_has_problems(plan) || hsm_exit_pick(rc, HSM_ERROR_BLOCKED) == rc)
		return rc;
	return hsm_error_set(error, HSM_ERROR_BLOCKED,
			     "some templates are blocked, in conflict or recategorised (--strict)");
}

static int apply_saved(struct hsm_session *session, const char *path, struct hsm_error *error)
{
	struct hsm_plan plan;
	struct hsm_live live = { 0 };
	struct hsm_live_responses responses = { 0 };
	struct hsm_buffer moved = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	const struct hsm_options *options = &session->options;
	if (options->prune || options->revision || options->targets.count || options->resubmit.count ||
	    options->overwrite.count)
		return hsm_error_set(error, HSM_ERROR_USAGE,
				     "a saved plan is applied as it is: give --prune, --rev, --target, --resubmit and "
				     "--overwrite to hsmctl plan --out");
	int rc = hsm_planning_load(session, path, &plan, error);
	if (!rc)
		rc = hsm_planning_read_saved(session, &plan, &live, &responses, error);
	if (!rc) {
		rc = hsm_apply_check_stale(&plan, &live, &moved, error);
		if (moved.length)
			hsm_output_log(&session->output, HSM_LEVEL_WARNING, "what the plan touches moved:\n%s",
				       hsm_buffer_text(&moved));
	}
	if (!rc)
		rc = carry_out(session, &plan, &live, error);
	hsm_buffer_release(&moved);
	hsm_live_release(&live);
	hsm_responses_release(&responses);
	return rc;
}

static int check_clean(struct hsm_session *session, struct hsm_error *error)
{
	int rc = hsm_session_read_config(session, error);
	if (rc || session->options.allow_dirty || !session->desired.dirty)
		return rc;
	return hsm_error_set(error, HSM_ERROR_FAILED,
			     "'%s' differs from HEAD: commit it, or apply a revision with --rev, or say --allow-dirty",
			     session->desired.dirty);
}

static int apply_git(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_planning planning = { 0 };
	int rc = check_clean(session, error);
	if (!rc)
		rc = hsm_planning_make(session, &planning, error);
	if (!rc)
		rc = carry_out(session, &planning.plan, NULL, error);
	hsm_planning_release(&planning);
	return rc;
}

int hsm_command_apply(struct hsm_session *session, struct hsm_error *error)
{
	if (!session->options.yes && !isatty(STDIN_FILENO))
		return hsm_error_set(error, HSM_ERROR_USAGE,
				     "apply asks before it changes anything, and nobody can be asked here: say --yes");
	int rc = check_hash_option(session->options.expect, error);
	if (rc)
		return rc;
	if (session->options.arguments.count)
		return apply_saved(session, session->options.arguments.items[0], error);
	return apply_git(session, error);
}
