#include <string.h>

#include "cmd/hsmctl/session.h"
#include "schema/base/text.h"
#include "schema/rule.h"

static const char *severity(const struct hsm_rule *rule)
{
	return rule->severity == HSM_SEVERITY_ERROR ? "error" : "warning";
}

static void append_indented(struct hsm_buffer *text, const char *example)
{
	bool begins = true;
	struct hsm_buffer printable = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_text_append_printable(&printable, example);
	for (const char *c = hsm_buffer_text(&printable); *c; c++) {
		if (begins)
			hsm_buffer_append_string(text, "    ");
		hsm_buffer_append_char(text, *c);
		begins = *c == '\n';
	}
	hsm_buffer_release(&printable);
}

static void append_page(struct hsm_buffer *text, const struct hsm_rule *rule)
{
	hsm_buffer_append_format(text, "%s %s (%s)\n\n%s\n\nWhy:    %s\nSource: %s\nFix:    %s\n", rule->id, rule->name,
				 severity(rule), rule->summary, rule->protects, rule->source, rule->fix);
	if (rule->backend)
		hsm_buffer_append_format(text, "Only:   backend: %s\n", hsm_backend_words[rule->backend - 1]);
	if (!rule->good)
		return;
	hsm_buffer_append_string(text, "\nGood:\n\n");
	append_indented(text, rule->good);
	hsm_buffer_append_string(text, "\nBad:\n\n");
	append_indented(text, rule->bad);
}

static void append_markdown(struct hsm_buffer *text, const struct hsm_rule *rule)
{
	hsm_buffer_append_format(text, "## %s %s\n\n%s: %s.\n\n- why: %s\n- source: %s\n- fix: %s\n", rule->id, rule->name,
				 rule->severity == HSM_SEVERITY_ERROR ? "Error" : "Warning", rule->summary,
				 rule->protects, rule->source, rule->fix);
	if (rule->backend)
		hsm_buffer_append_format(text, "- only: `backend: %s`\n", hsm_backend_words[rule->backend - 1]);
	hsm_buffer_append_char(text, '\n');
	if (!rule->good)
		return;
	hsm_buffer_append_string(text, "```yaml\n# good\n");
	hsm_text_append_printable(text, rule->good);
	hsm_buffer_append_string(text, "```\n\n```yaml\n# bad\n");
	hsm_text_append_printable(text, rule->bad);
	hsm_buffer_append_string(text, "```\n\n");
}

static const struct hsm_rule *find_rule(const char *id)
{
	for (const struct hsm_rule *rule = hsm_rule_next(NULL); rule; rule = hsm_rule_next(rule))
		if (strcmp(rule->id, id) == 0 || strcmp(rule->name, id) == 0)
			return rule;
	return NULL;
}

static int explain_one(struct hsm_session *session, const char *id, struct hsm_buffer *text, struct hsm_error *error)
{
	const struct hsm_rule *rule = find_rule(id);
	if (!rule)
		return hsm_error_set(error, HSM_ERROR_USAGE, "no rule '%s': hsmctl explain lists them", id);
	if (session->options.format == HSM_FORMAT_MARKDOWN)
		append_markdown(text, rule);
	else
		append_page(text, rule);
	return 0;
}

static void explain_all(struct hsm_session *session, struct hsm_buffer *text)
{
	bool markdown = session->options.format == HSM_FORMAT_MARKDOWN;
	if (markdown)
		hsm_buffer_append_string(text, "# Rules\n\nWhat `hsmctl validate` finds, and plan and apply refuse. "
					       "Written by `make rules` from the table of rules.\n\n");
	for (const struct hsm_rule *rule = hsm_rule_next(NULL); rule; rule = hsm_rule_next(rule)) {
		if (markdown)
			append_markdown(text, rule);
		else
			hsm_buffer_append_format(text, "%s  %-7s  %s\n", rule->id, severity(rule), rule->summary);
	}
}

int hsm_command_explain(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	int rc = 0;
	if (session->options.arguments.count)
		rc = explain_one(session, session->options.arguments.items[0], &text, error);
	else
		explain_all(session, &text);
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
	return rc;
}
