#include "schema/finding.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/conceal.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

void hsm_findings_release(struct hsm_findings *findings)
{
	free(findings->items);
	hsm_arena_release(&findings->arena);
	*findings = (struct hsm_findings){ 0 };
}

static void __attribute__((format(printf, 5, 0)))
add(struct hsm_findings *findings, const struct hsm_rule *rule, struct hsm_mark mark, const char *path,
    const char *format, va_list arguments)
{
	struct hsm_buffer message = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_buffer_append_arguments(&message, format, arguments);
	if (message.data)
		hsm_conceal_users(message.data);
	HSM_MEMORY_GROW(findings->items, findings->count, findings->capacity);
	findings->items[findings->count++] = (struct hsm_finding){
		.rule = rule,
		.severity = rule->severity,
		.mark = mark,
		.path = hsm_arena_copy_string(&findings->arena, path),
		.message = hsm_arena_copy_string(&findings->arena, hsm_buffer_text(&message)),
	};
	if (rule->severity == HSM_SEVERITY_ERROR)
		findings->errors++;
	else
		findings->warnings++;
	hsm_buffer_release(&message);
}

void hsm_findings_add(struct hsm_findings *findings, enum hsm_rule_id rule, struct hsm_mark mark,
		      const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(findings, &hsm_rules[rule], mark, mark.source ? mark.source->path : "", format, arguments);
	va_end(arguments);
}

void hsm_findings_add_of(struct hsm_findings *findings, const struct hsm_rule *rule, struct hsm_mark mark,
			 const char *format, va_list arguments)
{
	add(findings, rule, mark, mark.source ? mark.source->path : "", format, arguments);
}

void hsm_findings_add_at(struct hsm_findings *findings, enum hsm_rule_id rule, const char *path, uint32_t line,
			 uint32_t column, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(findings, &hsm_rules[rule], (struct hsm_mark){ .line = line, .column = column }, path, format, arguments);
	va_end(arguments);
}

void hsm_findings_add_file(struct hsm_findings *findings, enum hsm_rule_id rule, const char *path,
			   const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	add(findings, &hsm_rules[rule], (struct hsm_mark){ 0 }, path, format, arguments);
	va_end(arguments);
}

static int compare(const void *left, const void *right)
{
	const struct hsm_finding *a = left, *b = right;
	int order = strcmp(a->path, b->path);
	if (!order)
		order = (a->mark.line > b->mark.line) - (a->mark.line < b->mark.line);
	if (!order)
		order = (a->mark.column > b->mark.column) - (a->mark.column < b->mark.column);
	if (!order)
		order = strcmp(a->rule->id, b->rule->id);
	return order ? order : strcmp(a->message, b->message);
}

void hsm_findings_sort(struct hsm_findings *findings)
{
	if (findings->count)
		qsort(findings->items, findings->count, sizeof(*findings->items), compare);
}

#define EXCERPT_CHARACTERS 100

static size_t skip_characters(const char *line, size_t length, size_t count)
{
	size_t at = 0;
	while (count-- && at < length) {
		at++;
		while (at < length && ((unsigned char)line[at] & 0xc0) == 0x80)
			at++;
	}
	return at;
}

/* The line around the column, without passwords, with a caret under it. The text before the caret
 * is escaped first: what is printed decides where the caret stands. */
static void append_excerpt(struct hsm_buffer *buffer, const struct hsm_mark *mark)
{
	size_t length;
	const char *text = hsm_source_line(mark->source, mark->line, &length);
	struct hsm_buffer shown = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_buffer_append(&shown, text, length);
	hsm_conceal_users(shown.data);
	const char *line = shown.data;
	length = strlen(line);
	size_t column = mark->column - 1;
	size_t first = column > EXCERPT_CHARACTERS * 3 / 4 ? column - EXCERPT_CHARACTERS * 3 / 4 : 0;
	size_t start = skip_characters(line, length, first);
	size_t caret = start + skip_characters(line + start, length - start, column - first);
	size_t end = start + skip_characters(line + start, length - start, EXCERPT_CHARACTERS);
	struct hsm_buffer before = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	char *part = strndup(line + start, caret - start);
	hsm_text_append_printable_line(&before, part ? part : "");
	free(part);
	part = strndup(line + caret, end - caret);
	hsm_buffer_append_format(buffer, "    %s%s", first ? "..." : "", hsm_buffer_text(&before));
	hsm_text_append_printable_line(buffer, part ? part : "");
	free(part);
	hsm_buffer_append_string(buffer, end < length ? "...\n" : "\n");
	size_t indent = hsm_text_count_characters(hsm_buffer_text(&before)) + (first ? 3 : 0);
	hsm_buffer_append_format(buffer, "    %*s^\n", (int)indent, "");
	hsm_buffer_release(&before);
	hsm_buffer_release(&shown);
}

void hsm_finding_append_text(struct hsm_buffer *buffer, const struct hsm_finding *finding)
{
	hsm_text_append_printable_line(buffer, finding->path);
	if (finding->mark.line)
		hsm_buffer_append_format(buffer, ":%u:%u", finding->mark.line, finding->mark.column);
	hsm_buffer_append_format(buffer, ": %s %s: ",
				 finding->severity == HSM_SEVERITY_ERROR ? "error" : "warning", finding->rule->id);
	hsm_text_append_printable_line(buffer, finding->message);
	hsm_buffer_append_char(buffer, '\n');
	if (finding->mark.source && finding->mark.line)
		append_excerpt(buffer, &finding->mark);
}
