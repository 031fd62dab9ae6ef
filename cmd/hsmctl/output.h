#ifndef HSM_OUTPUT_H
#define HSM_OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

#include "cmd/hsmctl/command.h"
#include "schema/base/buffer.h"
#include "schema/base/error.h"
#include "schema/finding.h"

/*
 * Where text leaves the program. Results go to stdout; progress, logs and
 * prompts to stderr, escaped so that text from outside can't move a cursor.
 */
struct hsm_output {
	bool color;       /* of results, on stdout */
	bool color_log;   /* of stderr */
	bool quiet, verbose;
	bool json_log;
	bool timed;       /* log lines say when: of a service */
	bool progress;    /* stderr is a terminal on which a line may be rewritten */
	bool line_shown;  /* a progress line stands there now */
	int write_errno;  /* of the first write to stdout that failed; 0: none */
};

void hsm_output_begin(struct hsm_output *output, const struct hsm_options *options);

/* Results. The bytes must be safe for a terminal already, as the JSON writer's
 * and hsm_text_append_printable's are. */
void hsm_output_write(struct hsm_output *output, const struct hsm_buffer *buffer);

/* Everything has been written, or HSM_ERROR_FAILED: call it last. */
int hsm_output_finish(struct hsm_output *output, struct hsm_error *error);

enum hsm_level { HSM_LEVEL_ERROR, HSM_LEVEL_WARNING, HSM_LEVEL_INFO, HSM_LEVEL_DEBUG };

/* A line to stderr: "hsmctl: error: message" or {"level","message"}. DEBUG is
 * shown with --verbose, INFO and WARNING without --quiet. Text is escaped here. */
void hsm_output_log(struct hsm_output *output, enum hsm_level level, const char *format, ...)
	__attribute__((format(printf, 3, 4)));

/* Asks on the terminal; false unless the answer is yes. */
bool hsm_output_ask(struct hsm_output *output, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The error's message, unless it is "". */
void hsm_output_error(struct hsm_output *output, const struct hsm_error *error);

/* The errors among findings, sorted, to stderr: with source line and caret, or as
 * JSON lines. How many warnings there are in a line, or, with --verbose, each. */
void hsm_output_findings(struct hsm_output *output, struct hsm_findings *findings);

/* Sorted findings in a format for programs (json, sarif, github, gitlab). prefix goes before each path: the
 * folder of hsmctl.yaml in the repository, "messages/". */
void hsm_output_append_findings(int format, const struct hsm_findings *findings, const char *prefix,
				struct hsm_buffer *buffer);

/*
 * One line on a terminal that the next one, or any log line, takes the place of;
 * nothing elsewhere (look at output->progress). Cut at the terminal's width.
 * NULL takes it away.
 */
void hsm_output_progress(struct hsm_output *output, const char *line);

/* {"format_version":"1", ... }: an indented object for `--format json`. */
struct hsm_json_writer;
void hsm_output_begin_json(struct hsm_json_writer *writer, struct hsm_buffer *buffer);
void hsm_output_end_json(struct hsm_json_writer *writer);

#endif
