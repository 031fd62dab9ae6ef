#include "cmd/hsmctl/doctor_report.h"

#include <stdarg.h>
#include <stdlib.h>

#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/json.h"

static const struct {
	const char *word, *color;
} states[] = {
	[HSM_CHECK_OK] = { "ok", "\033[32m" },
	[HSM_CHECK_WARNING] = { "warning", "\033[33m" },
	[HSM_CHECK_PROBLEM] = { "problem", "\033[31m" },
};

void hsm_doctor_report_release(struct hsm_doctor_report *report)
{
	free(report->checks);
	hsm_arena_release(&report->arena);
	*report = (struct hsm_doctor_report){ 0 };
}

void hsm_doctor_note(struct hsm_doctor_report *report, enum hsm_check_state state, const char *name,
		     const char *advice, const char *format, ...)
{
	struct hsm_buffer message = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	va_list arguments;
	va_start(arguments, format);
	hsm_buffer_append_arguments(&message, format, arguments);
	va_end(arguments);
	HSM_MEMORY_GROW(report->checks, report->count, report->capacity);
	report->checks[report->count++] = (struct hsm_check){
		.state = state,
		.name = name,
		.message = hsm_arena_copy_string(&report->arena, hsm_buffer_text(&message)),
		.advice = hsm_arena_copy_string(&report->arena, advice),
	};
	report->warnings += state == HSM_CHECK_WARNING;
	report->problems += state == HSM_CHECK_PROBLEM;
	hsm_buffer_release(&message);
}

void hsm_doctor_fail(struct hsm_doctor_report *report, const char *name, const char *advice,
		     const struct hsm_error *error)
{
	hsm_doctor_note(report, HSM_CHECK_PROBLEM, name, advice, "%s", error->message);
	report->result = hsm_exit_pick(report->result, error->class);
}

static void append_text(const struct hsm_doctor_report *report, bool color, struct hsm_buffer *text)
{
	for (size_t i = 0; i < report->count; i++) {
		const struct hsm_check *check = &report->checks[i];
		hsm_buffer_append_format(text, "%s%-8s%s %-14s ", color ? states[check->state].color : "",
					 states[check->state].word, color ? "\033[0m" : "", check->name);
		hsm_text_append_printable_line(text, check->message);
		hsm_buffer_append_char(text, '\n');
		if (!check->advice)
			continue;
		hsm_buffer_append_format(text, "%24s", "");
		hsm_text_append_printable_line(text, check->advice);
		hsm_buffer_append_char(text, '\n');
	}
	hsm_buffer_append_format(text, "\n%zu problem%s, %zu warning%s\n", report->problems,
				 report->problems == 1 ? "" : "s", report->warnings,
				 report->warnings == 1 ? "" : "s");
}

static void append_json(const struct hsm_doctor_report *report, const struct hsm_session *session,
			struct hsm_buffer *text)
{
	struct hsm_json_writer writer;
	hsm_output_begin_json(&writer, text);
	if (session->desired.environment)
		hsm_json_write_string(&writer, "environment", session->desired.environment->node.key.text);
	hsm_json_write_integer(&writer, "problem_count", (int64_t)report->problems);
	hsm_json_write_integer(&writer, "warning_count", (int64_t)report->warnings);
	hsm_json_begin_array(&writer, "checks");
	for (size_t i = 0; i < report->count; i++) {
		const struct hsm_check *check = &report->checks[i];
		hsm_json_begin_object(&writer, NULL);
		hsm_json_write_string(&writer, "name", check->name);
		hsm_json_write_string(&writer, "state", states[check->state].word);
		hsm_json_write_string(&writer, "message", check->message);
		if (check->advice)
			hsm_json_write_string(&writer, "advice", check->advice);
		hsm_json_end_object(&writer);
	}
	hsm_json_end_array(&writer);
	hsm_output_end_json(&writer);
}

void hsm_doctor_report_write(const struct hsm_doctor_report *report, struct hsm_session *session)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	if (session->options.format == HSM_FORMAT_JSON)
		append_json(report, session, &text);
	else
		append_text(report, session->output.color, &text);
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
}
