/* What people say of findings: policy.rules in hsmctl.yaml, and comments beside lines. */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"
#include "schema/base/regex.h"
#include "schema/base/text.h"
#include "schema/rules.h"

#define ID_LENGTH 6 /* "HSM123" */
#define IDS_MAX 8   /* in one comment */

/* "# hsmctl: ignore HSM123 reason" */
struct ignore {
	const struct hsm_source *source;
	struct hsm_mark mark;      /* of the id */
	const struct hsm_rule *rule; /* NULL: there is none of that id */
	uint32_t first, last;      /* the lines whose findings it drops */
	bool used;
};

struct control {
	struct hsm_findings *findings;
	struct ignore *ignores;
	size_t count, capacity;
};

/* What a file is loaded by cannot be left out: there would be nothing to check. */
static bool may_be_controlled(const struct hsm_rule *rule)
{
	return rule->severity == HSM_SEVERITY_WARNING || rule < hsm_rules || rule >= hsm_rules + HSM_RULE_MAX_;
}

static size_t indentation(const char *line, size_t length)
{
	size_t at = 0;
	while (at < length && line[at] == ' ')
		at++;
	return at;
}

/* Whether what stands before the comment begins a text of several lines: "body: |". */
static bool begins_block(const char *line, size_t length)
{
	while (length && line[length - 1] == ' ')
		length--;
	while (length && strchr("+-0123456789", line[length - 1]))
		length--;
	return length && (line[length - 1] == '|' || line[length - 1] == '>');
}

/* The last line of the block that begins in a line. */
static uint32_t block_end(const struct hsm_source *source, uint32_t line)
{
	size_t length;
	const char *text = hsm_source_line(source, line, &length);
	size_t outer = indentation(text, length);
	uint32_t last = line;
	for (uint32_t next = line + 1; next <= source->line_count; next++) {
		text = hsm_source_line(source, next, &length);
		size_t inner = indentation(text, length);
		if (inner < length && inner <= outer)
			break;
		last = inner < length ? next : last;
	}
	return last;
}

/* Which lines a comment at an offset of a line is about: its own, or, where it
 * stands alone, the next that is no comment. */
static void find_lines(const struct hsm_source *source, uint32_t line, size_t offset, uint32_t *first, uint32_t *last)
{
	size_t length;
	const char *text = hsm_source_line(source, line, &length);
	*first = *last = line;
	if (indentation(text, length) < offset) {
		if (begins_block(text, offset))
			*last = block_end(source, line);
		return;
	}
	for (uint32_t next = line + 1; next <= source->line_count; next++) {
		text = hsm_source_line(source, next, &length);
		size_t inner = indentation(text, length);
		*first = *last = next;
		if (inner == length || text[inner] == '#')
			continue;
		if (begins_block(text, length))
			*last = block_end(source, next);
		return;
	}
}

static struct ignore *add_ignore(struct control *control)
{
	HSM_MEMORY_GROW(control->ignores, control->count, control->capacity);
	return &control->ignores[control->count++];
}

static bool is_id(const char *text)
{
	return strncmp(text, "HSM", 3) == 0 && isdigit((unsigned char)text[3]) && isdigit((unsigned char)text[4]) &&
	       isdigit((unsigned char)text[5]) && !isalnum((unsigned char)text[6]);
}

/* The ids of a comment, at text in a line, and whether a reason follows. */
static void read_comment(struct control *control, const struct hsm_source *source, uint32_t line, const char *start,
			 size_t comment, const char *text)
{
	size_t count = 0;
	uint32_t first, last;
	struct hsm_mark mark = { .source = source, .line = line, .end_line = line };
	find_lines(source, line, comment, &first, &last);
	for (; is_id(text) && count < IDS_MAX; count++) {
		char id[ID_LENGTH + 1] = "";
		memcpy(id, text, ID_LENGTH);
		mark.column = 1;
		for (const char *c = start; c < text; c++)
			mark.column += ((unsigned char)*c & 0xc0) != 0x80;
		mark.end_column = mark.column + ID_LENGTH;
		*add_ignore(control) = (struct ignore){ source, mark, hsm_rule_find(id), first, last, false };
		text += ID_LENGTH;
		text += strspn(text, ", ");
	}
	if (!count) {
		mark.column = mark.end_column = (uint32_t)comment + 1;
		hsm_findings_add(control->findings, HSM_RULE_IGNORE_UNUSED, mark,
				 "this ignores nothing: write # hsmctl: ignore HSM123 and the reason");
	} else if (!text[strspn(text, " \t\r")] || strchr("\r\n", text[strspn(text, " \t")])) {
		hsm_findings_add(control->findings, HSM_RULE_IGNORE_REASON, mark,
				 "an ignore without a reason: write why after the id");
	}
}

static void read_source(struct control *control, const struct hsm_source *source)
{
	static const char words[] = "hsmctl: ignore";
	uint32_t line = 1;
	for (const char *found = source->text; (found = strstr(found, words)); found += sizeof(words) - 1) {
		size_t offset = (size_t)(found - source->text), length;
		while (line < source->line_count && source->lines[line] <= offset)
			line++;
		const char *start = hsm_source_line(source, line, &length), *sign = found;
		while (sign > start && sign[-1] == ' ')
			sign--;
		if (sign == start || sign[-1] != '#' || (sign - 1 > start && sign[-2] != ' '))
			continue;
		const char *ids = found + sizeof(words) - 1;
		read_comment(control, source, line, start, (size_t)(sign - 1 - start), ids + strspn(ids, " "));
	}
}

static bool is_ignored(struct control *control, const struct hsm_finding *finding)
{
	bool ignored = false;
	for (size_t i = 0; i < control->count; i++) {
		struct ignore *ignore = &control->ignores[i];
		if (ignore->rule != finding->rule || ignore->source != finding->mark.source ||
		    finding->mark.line < ignore->first || finding->mark.line > ignore->last)
			continue;
		ignore->used = ignored = true;
	}
	return ignored;
}

/* "error", "warn" or "off"; NULL: as the rule says. */
static const char *find_policy(const struct hsm_config *config, const struct hsm_finding *finding)
{
	for (size_t i = 0; i < config->policy.rules.count; i++) {
		const struct hsm_keyed_string_by_key *row =
			HSM_LIST_ITEM(config->policy.rules, struct hsm_keyed_string_by_key, i);
		if (strcmp(row->key.text, finding->rule->id) != 0)
			continue;
		for (size_t j = 0; j < row->value.by_key.count; j++) {
			const struct hsm_keyed_string *path =
				HSM_LIST_ITEM(row->value.by_key, struct hsm_keyed_string, j);
			if (hsm_text_matches_glob(finding->path, path->key.text))
				return path->value.text;
		}
		return row->value.value.text;
	}
	return NULL;
}

static void report_unused(const struct control *control)
{
	for (size_t i = 0; i < control->count; i++) {
		const struct ignore *ignore = &control->ignores[i];
		if (!ignore->rule)
			hsm_findings_add(control->findings, HSM_RULE_IGNORE_UNUSED, ignore->mark, "there is no such rule");
		else if (!may_be_controlled(ignore->rule))
			hsm_findings_add(control->findings, HSM_RULE_IGNORE_UNUSED, ignore->mark,
					 "%s cannot be ignored: the file must load", ignore->rule->id);
		else if (!ignore->used)
			hsm_findings_add(control->findings, HSM_RULE_IGNORE_UNUSED, ignore->mark,
					 "%s finds nothing here any more: remove the comment", ignore->rule->id);
	}
}

void hsm_rules_control(const struct hsm_config *config, const struct hsm_source *const *sources, size_t count,
		       bool unused, struct hsm_findings *findings)
{
	struct control control = { .findings = findings };
	size_t found = findings->count, kept = 0;
	for (size_t i = 0; i < count; i++)
		read_source(&control, sources[i]);
	size_t errors = 0, warnings = 0;
	for (size_t i = 0; i < findings->count; i++) {
		struct hsm_finding finding = findings->items[i];
		bool controlled = i < found && may_be_controlled(finding.rule);
		const char *policy = controlled ? find_policy(config, &finding) : NULL;
		bool off = policy && strcmp(policy, "off") == 0;
		if (controlled && (is_ignored(&control, &finding) || off))
			continue;
		if (policy)
			finding.severity = strcmp(policy, "error") == 0 ? HSM_SEVERITY_ERROR : HSM_SEVERITY_WARNING;
		errors += finding.severity == HSM_SEVERITY_ERROR;
		warnings += finding.severity == HSM_SEVERITY_WARNING;
		findings->items[kept++] = finding;
	}
	findings->count = kept;
	findings->errors = errors;
	findings->warnings = warnings;
	if (unused)
		report_unused(&control);
	free(control.ignores);
}

void hsm_rules_check_config(const struct hsm_config *config, struct hsm_findings *findings)
{
	const struct hsm_string *names = &config->policy.names, *allowed = &config->delivery.allowed;
	struct hsm_arena arena = { 0 };
	struct hsm_regex *regex = NULL;
	struct hsm_allowed *characters;
	struct hsm_error error;
	if (names->text && hsm_regex_make(&regex, names->text, &error))
		hsm_findings_add(findings, HSM_RULE_VALUE, names->mark, "%s", error.message);
	hsm_regex_free(regex);
	if (allowed->text && hsm_allowed_make(&characters, &arena, allowed->text, &error))
		hsm_findings_add(findings, HSM_RULE_VALUE, allowed->mark, "%s", error.message);
	hsm_arena_release(&arena);
	for (size_t i = 0; i < config->policy.rules.count; i++) {
		const struct hsm_string *id =
			&HSM_LIST_ITEM(config->policy.rules, struct hsm_keyed_string_by_key, i)->key;
		const struct hsm_rule *rule = hsm_rule_find(id->text);
		if (!rule && is_id(id->text)) /* loading has told of other forms */
			hsm_findings_add(findings, HSM_RULE_CONFIG, id->mark, "there is no rule %s: hsmctl explain lists them",
					 id->text);
		else if (rule && !may_be_controlled(rule))
			hsm_findings_add(findings, HSM_RULE_CONFIG, id->mark, "%s cannot be changed: files must load", id->text);
	}
}
