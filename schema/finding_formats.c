#include "schema/finding_formats.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/fingerprint.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/json.h"

static const char *level(const struct hsm_finding *finding)
{
	return finding->severity == HSM_SEVERITY_ERROR ? "error" : "warning";
}

static void write_position(struct hsm_json_writer *writer, const char *key, const struct hsm_source *source,
			   uint32_t line, uint32_t column)
{
	hsm_json_begin_object(writer, key);
	hsm_json_write_integer(writer, "line", line);
	hsm_json_write_integer(writer, "column", column);
	if (source)
		hsm_json_write_integer(writer, "byte", (int64_t)hsm_source_offset(source, line, column));
	hsm_json_end_object(writer);
}

static void write_diagnostic(struct hsm_json_writer *writer, const struct hsm_finding *finding)
{
	const struct hsm_mark *mark = &finding->mark;
	hsm_json_begin_object(writer, NULL);
	hsm_json_write_string(writer, "rule", finding->rule->id);
	hsm_json_write_string(writer, "severity", level(finding));
	hsm_json_write_string(writer, "summary", finding->rule->summary);
	hsm_json_write_string(writer, "detail", finding->message);
	hsm_json_begin_object(writer, "range");
	hsm_json_write_string(writer, "filename", finding->path);
	if (mark->line) {
		write_position(writer, "start", mark->source, mark->line, mark->column);
		write_position(writer, "end", mark->source, mark->end_line, mark->end_column);
	}
	hsm_json_end_object(writer);
	hsm_json_end_object(writer);
}

void hsm_findings_append_json(const struct hsm_findings *findings, struct hsm_buffer *buffer)
{
	struct hsm_json_writer writer = { .buffer = buffer, .indent = 2 };
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "format_version", "1");
	hsm_json_write_boolean(&writer, "valid", !findings->errors);
	hsm_json_write_integer(&writer, "error_count", (int64_t)findings->errors);
	hsm_json_write_integer(&writer, "warning_count", (int64_t)findings->warnings);
	hsm_json_begin_array(&writer, "diagnostics");
	for (size_t i = 0; i < findings->count; i++)
		write_diagnostic(&writer, &findings->items[i]);
	hsm_json_end_array(&writer);
	hsm_json_end_object(&writer);
	hsm_buffer_append_char(buffer, '\n');
}

/* The rules that findings have, once each, by id. */
static const struct hsm_rule **list_rules(const struct hsm_findings *findings, size_t *count)
{
	const struct hsm_rule **rules = hsm_memory_resize(NULL, findings->count + 1, sizeof(*rules));
	*count = 0;
	for (const struct hsm_rule *rule = hsm_rule_next(NULL); rule; rule = hsm_rule_next(rule))
		for (size_t i = 0; i < findings->count; i++)
			if (findings->items[i].rule == rule) {
				rules[(*count)++] = rule;
				break;
			}
	return rules;
}

static void write_text_object(struct hsm_json_writer *writer, const char *key, const char *text)
{
	hsm_json_begin_object(writer, key);
	hsm_json_write_string(writer, "text", text);
	hsm_json_end_object(writer);
}

static void write_sarif_rule(struct hsm_json_writer *writer, const struct hsm_rule *rule)
{
	struct hsm_arena arena = { 0 };
	hsm_json_begin_object(writer, NULL);
	hsm_json_write_string(writer, "id", rule->id);
	hsm_json_write_string(writer, "name", rule->name);
	write_text_object(writer, "shortDescription", rule->summary);
	write_text_object(writer, "fullDescription",
			  hsm_arena_format(&arena, "%s. Why: %s. Source: %s.", rule->summary, rule->protects,
					   rule->source));
	write_text_object(writer, "help", rule->fix);
	hsm_json_begin_object(writer, "defaultConfiguration");
	hsm_json_write_string(writer, "level", rule->severity == HSM_SEVERITY_ERROR ? "error" : "warning");
	hsm_json_end_object(writer);
	hsm_json_end_object(writer);
	hsm_arena_release(&arena);
}

/* A path as a relative URI. */
static char *make_uri(struct hsm_arena *arena, const char *prefix, const char *path)
{
	struct hsm_buffer uri = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	const char *parts[] = { prefix, path };
	for (size_t i = 0; i < 2; i++)
		for (const char *c = parts[i]; *c; c++) {
			if (isalnum((unsigned char)*c) || strchr("/._-~", *c))
				hsm_buffer_append_char(&uri, *c);
			else
				hsm_buffer_append_format(&uri, "%%%02X", (unsigned char)*c);
		}
	char *copy = hsm_arena_copy(arena, hsm_buffer_text(&uri), uri.length);
	hsm_buffer_release(&uri);
	return copy;
}

static void write_sarif_result(struct hsm_json_writer *writer, const struct hsm_finding *finding, size_t rule_index,
			       const char *prefix)
{
	const struct hsm_mark *mark = &finding->mark;
	struct hsm_arena arena = { 0 };
	hsm_json_begin_object(writer, NULL);
	hsm_json_write_string(writer, "ruleId", finding->rule->id);
	hsm_json_write_integer(writer, "ruleIndex", (int64_t)rule_index);
	hsm_json_write_string(writer, "level", level(finding));
	write_text_object(writer, "message", finding->message);
	hsm_json_begin_array(writer, "locations");
	hsm_json_begin_object(writer, NULL);
	hsm_json_begin_object(writer, "physicalLocation");
	hsm_json_begin_object(writer, "artifactLocation");
	hsm_json_write_string(writer, "uri", make_uri(&arena, prefix, finding->path));
	hsm_json_end_object(writer);
	if (mark->line) {
		hsm_json_begin_object(writer, "region");
		hsm_json_write_integer(writer, "startLine", mark->line);
		hsm_json_write_integer(writer, "startColumn", mark->column);
		hsm_json_write_integer(writer, "endLine", mark->end_line ? mark->end_line : mark->line);
		hsm_json_write_integer(writer, "endColumn", mark->end_column ? mark->end_column : mark->column + 1);
		hsm_json_end_object(writer);
	}
	hsm_json_end_object(writer);
	hsm_json_end_object(writer);
	hsm_json_end_array(writer);
	hsm_json_end_object(writer);
	hsm_arena_release(&arena);
}

void hsm_findings_append_sarif(const struct hsm_findings *findings, const char *prefix, struct hsm_buffer *buffer)
{
	struct hsm_json_writer writer = { .buffer = buffer, .indent = 2 };
	size_t count;
	const struct hsm_rule **rules = list_rules(findings, &count);
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "$schema", "https://json.schemastore.org/sarif-2.1.0.json");
	hsm_json_write_string(&writer, "version", "2.1.0");
	hsm_json_begin_array(&writer, "runs");
	hsm_json_begin_object(&writer, NULL);
	hsm_json_begin_object(&writer, "tool");
	hsm_json_begin_object(&writer, "driver");
	hsm_json_write_string(&writer, "name", "hsmctl");
	hsm_json_write_string(&writer, "version", HSM_VERSION);
	hsm_json_begin_array(&writer, "rules");
	for (size_t i = 0; i < count; i++)
		write_sarif_rule(&writer, rules[i]);
	hsm_json_end_array(&writer);
	hsm_json_end_object(&writer);
	hsm_json_end_object(&writer);
	hsm_json_write_string(&writer, "columnKind", "unicodeCodePoints");
	hsm_json_begin_array(&writer, "results");
	for (size_t i = 0; i < findings->count; i++) {
		size_t at = 0;
		while (rules[at] != findings->items[i].rule)
			at++;
		write_sarif_result(&writer, &findings->items[i], at, prefix);
	}
	hsm_json_end_array(&writer);
	hsm_json_end_object(&writer);
	hsm_json_end_array(&writer);
	hsm_json_end_object(&writer);
	hsm_buffer_append_char(buffer, '\n');
	free(rules);
}

/* What ends a value in a workflow command, and a property, is written in percent. */
static void append_escaped(struct hsm_buffer *buffer, const char *text, bool property)
{
	struct hsm_buffer printable = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_text_append_printable(&printable, text);
	for (const char *c = hsm_buffer_text(&printable); *c; c++) {
		if (*c == '%' || *c == '\r' || *c == '\n' || (property && (*c == ':' || *c == ',')))
			hsm_buffer_append_format(buffer, "%%%02X", (unsigned char)*c);
		else
			hsm_buffer_append_char(buffer, *c);
	}
	hsm_buffer_release(&printable);
}

static void append_command(struct hsm_buffer *buffer, const struct hsm_finding *finding, const char *prefix)
{
	const struct hsm_mark *mark = &finding->mark;
	hsm_buffer_append_format(buffer, "::%s file=", level(finding));
	append_escaped(buffer, prefix, true);
	append_escaped(buffer, finding->path, true);
	if (mark->line)
		hsm_buffer_append_format(buffer, ",line=%u,col=%u", mark->line, mark->column);
	/* A range of columns is shown on one line only. */
	if (mark->line && mark->end_line == mark->line)
		hsm_buffer_append_format(buffer, ",endLine=%u,endColumn=%u", mark->end_line, mark->end_column);
	hsm_buffer_append_format(buffer, ",title=%s %s::", finding->rule->id, finding->rule->name);
	append_escaped(buffer, finding->message, false);
	hsm_buffer_append_char(buffer, '\n');
}

void hsm_findings_append_github(const struct hsm_findings *findings, const char *prefix, struct hsm_buffer *buffer)
{
	for (int severity = HSM_SEVERITY_ERROR; severity <= HSM_SEVERITY_WARNING; severity++)
		for (size_t i = 0; i < findings->count; i++)
			if ((int)findings->items[i].severity == severity)
				append_command(buffer, &findings->items[i], prefix);
}

/*
 * GitLab matches the issues of two branches by fingerprint, so that it holds no
 * line; the second of two that are equal in all else is told by its number.
 */
static void write_identity(struct hsm_json_writer *writer, const struct hsm_findings *findings, size_t index)
{
	const struct hsm_finding *finding = &findings->items[index];
	struct hsm_buffer identity = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	char fingerprint[HSM_FINGERPRINT_SIZE];
	size_t equal = 0;
	for (size_t i = 0; i < index; i++)
		equal += findings->items[i].rule == finding->rule &&
			 strcmp(findings->items[i].path, finding->path) == 0 &&
			 strcmp(findings->items[i].message, finding->message) == 0;
	hsm_buffer_append_format(&identity, "%s\n%s\n%s\n%zu", finding->rule->id, finding->path, finding->message,
				 equal);
	hsm_fingerprint_compute(identity.data, identity.length, fingerprint);
	hsm_json_write_string(writer, "fingerprint", fingerprint);
	hsm_buffer_release(&identity);
}

void hsm_findings_append_gitlab(const struct hsm_findings *findings, const char *prefix, struct hsm_buffer *buffer)
{
	struct hsm_json_writer writer = { .buffer = buffer, .indent = 2 };
	struct hsm_arena arena = { 0 };
	hsm_json_begin_array(&writer, NULL);
	for (size_t i = 0; i < findings->count; i++) {
		const struct hsm_finding *finding = &findings->items[i];
		hsm_json_begin_object(&writer, NULL);
		hsm_json_write_string(&writer, "description", finding->message);
		hsm_json_write_string(&writer, "check_name", finding->rule->id);
		write_identity(&writer, findings, i);
		hsm_json_write_string(&writer, "severity",
				      finding->severity == HSM_SEVERITY_ERROR ? "major" : "minor");
		hsm_json_begin_object(&writer, "location");
		hsm_json_write_string(&writer, "path", hsm_arena_format(&arena, "%s%s", prefix, finding->path));
		hsm_json_begin_object(&writer, "lines");
		hsm_json_write_integer(&writer, "begin", finding->mark.line ? finding->mark.line : 1);
		hsm_json_end_object(&writer);
		hsm_json_end_object(&writer);
		hsm_json_end_object(&writer);
	}
	hsm_json_end_array(&writer);
	hsm_buffer_append_char(buffer, '\n');
	hsm_arena_release(&arena);
}
