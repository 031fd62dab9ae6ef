#include "cmd/hsmctl/output.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "schema/base/text.h"
#include "schema/finding_formats.h"
#include "schema/json.h"

static bool want_color(const struct hsm_options *options, int file)
{
	const char *no_color = getenv("NO_COLOR"), *terminal = getenv("TERM");
	if (options->color != HSM_COLOR_AUTO)
		return options->color == HSM_COLOR_ALWAYS;
	return isatty(file) && !(no_color && *no_color) && !(terminal && strcmp(terminal, "dumb") == 0);
}

void hsm_output_begin(struct hsm_output *output, const struct hsm_options *options)
{
	const char *terminal = getenv("TERM");
	*output = (struct hsm_output){
		.color = options->format == HSM_FORMAT_TEXT && want_color(options, STDOUT_FILENO),
		.json_log = options->log_format == HSM_FORMAT_JSON,
		.quiet = options->quiet,
		.verbose = options->verbose,
	};
	output->color_log = !output->json_log && want_color(options, STDERR_FILENO);
	output->progress = !output->json_log && !output->quiet && isatty(STDERR_FILENO) &&
			   !(terminal && strcmp(terminal, "dumb") == 0);
}

static void write_bytes(struct hsm_output *output, const char *data, size_t length)
{
	if (output->line_shown)
		hsm_output_progress(output, NULL);
	if (length && !output->write_errno && fwrite(data, 1, length, stdout) != length)
		output->write_errno = errno ? errno : EIO;
}

void hsm_output_write(struct hsm_output *output, const struct hsm_buffer *buffer)
{
	write_bytes(output, hsm_buffer_text(buffer), buffer->length);
	if (buffer->full && !output->write_errno)
		output->write_errno = EFBIG;
}

int hsm_output_finish(struct hsm_output *output, struct hsm_error *error)
{
	hsm_output_progress(output, NULL);
	/* A full disk may say so only when the file is closed. */
	if (fclose(stdout) && !output->write_errno)
		output->write_errno = errno;
	if (!output->write_errno)
		return 0;
	return hsm_error_set(error, HSM_ERROR_FAILED, "cannot write the result to stdout: %s",
			     strerror(output->write_errno));
}

static const struct {
	const char *word, *color;
} levels[] = {
	[HSM_LEVEL_ERROR] = { "error", "\033[1;31m" },
	[HSM_LEVEL_WARNING] = { "warning", "\033[1;33m" },
	[HSM_LEVEL_INFO] = { "info", "" },
	[HSM_LEVEL_DEBUG] = { "debug", "\033[2m" },
};

static bool is_shown(const struct hsm_output *output, enum hsm_level level)
{
	return level == HSM_LEVEL_ERROR || (!output->quiet && (level != HSM_LEVEL_DEBUG || output->verbose));
}

static void flush_log(struct hsm_output *output, struct hsm_buffer *line)
{
	hsm_output_progress(output, NULL);
	/* In a CI's log, where both streams are one, lines stand in the order in which they were written. */
	if (fflush(stdout) && !output->write_errno)
		output->write_errno = errno;
	fwrite(hsm_buffer_text(line), 1, line->length, stderr);
	hsm_buffer_release(line);
}

/* Further lines are indented, so that a message can't pretend to be another. */
static void append_indented(struct hsm_buffer *buffer, const char *text)
{
	for (; *text; text++) {
		hsm_buffer_append_char(buffer, *text);
		if (*text == '\n' && text[1])
			hsm_buffer_append_string(buffer, "  ");
	}
}

static void format_now(char text[32])
{
	time_t now = time(NULL);
	struct tm tm;
	strftime(text, 32, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &tm));
}

static void append_text_line(const struct hsm_output *output, enum hsm_level level, const char *message,
			     struct hsm_buffer *line)
{
	bool color = output->color_log && *levels[level].color;
	char now[32];
	format_now(now);
	if (output->timed)
		hsm_buffer_append_format(line, "%s ", now);
	hsm_buffer_append_string(line, "hsmctl: ");
	if (color)
		hsm_buffer_append_string(line, levels[level].color);
	if (level == HSM_LEVEL_ERROR || level == HSM_LEVEL_WARNING)
		hsm_buffer_append_format(line, "%s: ", levels[level].word);
	if (color && level != HSM_LEVEL_DEBUG)
		hsm_buffer_append_string(line, "\033[0m");
	append_indented(line, message);
	hsm_buffer_append_string(line, color && level == HSM_LEVEL_DEBUG ? "\033[0m\n" : "\n");
}

static void log_message(struct hsm_output *output, enum hsm_level level, const char *message)
{
	struct hsm_buffer line = HSM_BUFFER_INIT(HSM_BUFFER_CAP), printable = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = &line };
	hsm_text_append_printable(&printable, message);
	if (output->json_log) {
		char now[32];
		format_now(now);
		hsm_json_begin_object(&writer, NULL);
		if (output->timed)
			hsm_json_write_string(&writer, "time", now);
		hsm_json_write_string(&writer, "level", levels[level].word);
		hsm_json_write_string(&writer, "message", hsm_buffer_text(&printable));
		hsm_json_end_object(&writer);
		hsm_buffer_append_char(&line, '\n');
	} else {
		append_text_line(output, level, hsm_buffer_text(&printable), &line);
	}
	hsm_buffer_release(&printable);
	flush_log(output, &line);
}

void hsm_output_log(struct hsm_output *output, enum hsm_level level, const char *format, ...)
{
	struct hsm_buffer message = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	va_list arguments;
	if (!is_shown(output, level))
		return;
	va_start(arguments, format);
	hsm_buffer_append_arguments(&message, format, arguments);
	va_end(arguments);
	log_message(output, level, hsm_buffer_text(&message));
	hsm_buffer_release(&message);
}

bool hsm_output_ask(struct hsm_output *output, const char *format, ...)
{
	struct hsm_buffer question = HSM_BUFFER_INIT(HSM_BUFFER_CAP), shown = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	char answer[16] = "";
	va_list arguments;
	hsm_output_progress(output, NULL);
	va_start(arguments, format);
	hsm_buffer_append_arguments(&question, format, arguments);
	va_end(arguments);
	hsm_text_append_printable_line(&shown, hsm_buffer_text(&question));
	fprintf(stderr, "%s [y/N] ", hsm_buffer_text(&shown));
	fflush(stderr);
	hsm_buffer_release(&question);
	hsm_buffer_release(&shown);
	if (!fgets(answer, sizeof(answer), stdin))
		answer[0] = '\0';
	if (!strchr(answer, '\n'))
		fputc('\n', stderr);
	return strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0 || strcmp(answer, "Y\n") == 0;
}

void hsm_output_error(struct hsm_output *output, const struct hsm_error *error)
{
	if (*error->message)
		log_message(output, HSM_LEVEL_ERROR, error->message);
}

static void append_finding_json(struct hsm_buffer *line, const struct hsm_finding *finding)
{
	struct hsm_json_writer writer = { .buffer = line };
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "level",
			      finding->severity == HSM_SEVERITY_ERROR ? "error" : "warning");
	hsm_json_write_string(&writer, "message", finding->message);
	hsm_json_write_string(&writer, "rule", finding->rule->id);
	hsm_json_write_string(&writer, "file", finding->path);
	if (finding->mark.line) {
		hsm_json_write_integer(&writer, "line", finding->mark.line);
		hsm_json_write_integer(&writer, "column", finding->mark.column);
	}
	hsm_json_end_object(&writer);
	hsm_buffer_append_char(line, '\n');
}

void hsm_output_findings(struct hsm_output *output, struct hsm_findings *findings)
{
	hsm_findings_sort(findings);
	for (size_t i = 0; i < findings->count; i++) {
		const struct hsm_finding *finding = &findings->items[i];
		struct hsm_buffer line = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		if (!output->verbose && finding->severity == HSM_SEVERITY_WARNING)
			continue;
		if (output->json_log)
			append_finding_json(&line, finding);
		else
			hsm_finding_append_text(&line, finding);
		flush_log(output, &line);
	}
	if (findings->warnings && !output->verbose)
		hsm_output_log(output, HSM_LEVEL_WARNING, "%zu warning%s in the files: hsmctl validate shows %s",
			       findings->warnings, findings->warnings == 1 ? "" : "s",
			       findings->warnings == 1 ? "it" : "them");
}

void hsm_output_progress(struct hsm_output *output, const char *line)
{
	struct winsize size = { 0 };
	struct hsm_buffer printable = HSM_BUFFER_INIT(HSM_ERROR_MESSAGE_SIZE);
	if (!output->progress || (!line && !output->line_shown))
		return;
	if (line)
		hsm_text_append_printable_line(&printable, line);
	size_t width = ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80, at = 0;
	const char *text = hsm_buffer_text(&printable);
	for (size_t characters = 0; text[at]; at++) {
		characters += ((unsigned char)text[at] & 0xc0) != 0x80;
		if (characters == width) /* the last column would wrap */
			break;
	}
	fprintf(stderr, "\r\033[K%.*s", (int)at, text);
	fflush(stderr);
	output->line_shown = line != NULL;
	hsm_buffer_release(&printable);
}

void hsm_output_begin_json(struct hsm_json_writer *writer, struct hsm_buffer *buffer)
{
	*writer = (struct hsm_json_writer){ .buffer = buffer, .indent = 2 };
	hsm_json_begin_object(writer, NULL);
	hsm_json_write_string(writer, "format_version", "1");
}

void hsm_output_end_json(struct hsm_json_writer *writer)
{
	hsm_json_end_object(writer);
	hsm_buffer_append_char(writer->buffer, '\n');
}

void hsm_output_append_findings(int format, const struct hsm_findings *findings, const char *prefix,
				struct hsm_buffer *buffer)
{
	if (format == HSM_FORMAT_JSON)
		hsm_findings_append_json(findings, buffer);
	else if (format == HSM_FORMAT_SARIF)
		hsm_findings_append_sarif(findings, prefix, buffer);
	else if (format == HSM_FORMAT_GITHUB)
		hsm_findings_append_github(findings, prefix, buffer);
	else
		hsm_findings_append_gitlab(findings, prefix, buffer);
}
