#include "reconciler/lifecycle/alert.h"

#include <string.h>

#include "schema/json.h"

const char *const hsm_alert_kind_words[HSM_ALERT_KIND_MAX_] = {
	[HSM_ALERT_NONE] = "none",
	[HSM_ALERT_UNAVAILABLE] = "unavailable",
	[HSM_ALERT_FALLBACK] = "fallback",
	[HSM_ALERT_DISABLED] = "disabled",
	[HSM_ALERT_REJECTED] = "rejected",
	[HSM_ALERT_PAUSED] = "paused",
	[HSM_ALERT_RECATEGORISED] = "recategorised",
	[HSM_ALERT_APPLY_FAILED] = "apply_failed",
	[HSM_ALERT_DRIFT] = "drift",
	[HSM_ALERT_REPOSITORY] = "repository",
	[HSM_ALERT_PUBLICATION] = "publication",
	[HSM_ALERT_WEBHOOK_SILENT] = "webhook_silent",
	[HSM_ALERT_QUALITY] = "quality",
	[HSM_ALERT_UNUSED] = "unused",
	[HSM_ALERT_RECOVERED] = "recovered",
};

static const char *const titles[HSM_ALERT_KIND_MAX_] = {
	[HSM_ALERT_UNAVAILABLE] = "without any fallback",
	[HSM_ALERT_FALLBACK] = "on a fallback",
	[HSM_ALERT_DISABLED] = "disabled",
	[HSM_ALERT_REJECTED] = "rejected",
	[HSM_ALERT_PAUSED] = "paused",
	[HSM_ALERT_RECATEGORISED] = "recategorised",
	[HSM_ALERT_APPLY_FAILED] = "apply failed",
	[HSM_ALERT_DRIFT] = "drift",
	[HSM_ALERT_REPOSITORY] = "repository",
	[HSM_ALERT_PUBLICATION] = "data table",
	[HSM_ALERT_WEBHOOK_SILENT] = "webhook silent",
	[HSM_ALERT_QUALITY] = "of low quality",
	[HSM_ALERT_UNUSED] = "unused, soon archived",
	[HSM_ALERT_RECOVERED] = "recovered",
};

const char *const hsm_alert_format_words[] = { "json", "slack", "teams", NULL };

/* Those that are about the controller itself happen once or not. */
static bool is_counted(enum hsm_alert_kind kind)
{
	return kind < HSM_ALERT_APPLY_FAILED || kind > HSM_ALERT_WEBHOOK_SILENT;
}

void hsm_alerts_append_title(const struct hsm_alerts *alerts, struct hsm_buffer *buffer)
{
	bool first = true;
	hsm_buffer_append_format(buffer, "hsmctl %s: ", alerts->environment);
	for (size_t kind = 1; kind < HSM_ALERT_KIND_MAX_; kind++) {
		if (!alerts->counts[kind])
			continue;
		hsm_buffer_append_string(buffer, first ? "" : ", ");
		if (is_counted((enum hsm_alert_kind)kind))
			hsm_buffer_append_format(buffer, "%zu ", alerts->counts[kind]);
		hsm_buffer_append_string(buffer, titles[kind]);
		first = false;
	}
}

static size_t count_named(const struct hsm_alerts *alerts, size_t first)
{
	size_t end = first;
	while (end < alerts->count && end - first < HSM_ALERT_NAMED && alerts->items[end].kind == alerts->items[first].kind)
		end++;
	return end - first;
}

static size_t skip_kind(const struct hsm_alerts *alerts, size_t first)
{
	size_t end = first;
	while (end < alerts->count && alerts->items[end].kind == alerts->items[first].kind)
		end++;
	return end;
}

/* A line each, and how many more there are. `escape` is of the receiver's markup. */
static void append_lines(const struct hsm_alerts *alerts, void (*escape)(struct hsm_buffer *, const char *),
			 struct hsm_buffer *text)
{
	for (size_t first = 0; first < alerts->count; first = skip_kind(alerts, first)) {
		enum hsm_alert_kind kind = alerts->items[first].kind;
		size_t named = count_named(alerts, first);
		for (size_t i = first; i < first + named; i++) {
			hsm_buffer_append_string(text, "\n- ");
			escape(text, alerts->items[i].subject);
			hsm_buffer_append_string(text, ": ");
			escape(text, alerts->items[i].text);
		}
		if (alerts->counts[kind] > named)
			hsm_buffer_append_format(text, "\n- and %zu more %s", alerts->counts[kind] - named,
						 titles[kind]);
	}
}

static void write_json(const struct hsm_alerts *alerts, const char *title, struct hsm_json_writer *writer)
{
	hsm_json_write_string(writer, "format_version", "1");
	hsm_json_write_string(writer, "environment", alerts->environment);
	hsm_json_write_string(writer, "title", title);
	hsm_json_begin_object(writer, "counts");
	for (size_t kind = 1; kind < HSM_ALERT_KIND_MAX_; kind++)
		if (alerts->counts[kind])
			hsm_json_write_integer(writer, hsm_alert_kind_words[kind], (int64_t)alerts->counts[kind]);
	hsm_json_end_object(writer);
	hsm_json_begin_array(writer, "alerts");
	for (size_t i = 0; i < alerts->count; i++) {
		hsm_json_begin_object(writer, NULL);
		hsm_json_write_string(writer, "kind", hsm_alert_kind_words[alerts->items[i].kind]);
		hsm_json_write_string(writer, "subject", alerts->items[i].subject);
		hsm_json_write_string(writer, "text", alerts->items[i].text);
		hsm_json_end_object(writer);
	}
	hsm_json_end_array(writer);
}

/* Slack's three: https://docs.slack.dev/messaging/formatting-message-text */
static void escape_slack(struct hsm_buffer *buffer, const char *text)
{
	for (; *text; text++) {
		const char *entity = *text == '&' ? "&amp;" : *text == '<' ? "&lt;" : *text == '>' ? "&gt;" : NULL;
		if (entity)
			hsm_buffer_append_string(buffer, entity);
		else
			hsm_buffer_append_char(buffer, *text);
	}
}

/* Adaptive Cards take a little Markdown: https://learn.microsoft.com, "Text formatting in cards" */
static void escape_teams(struct hsm_buffer *buffer, const char *text)
{
	for (; *text; text++) {
		if (*text && strchr("\\*_[]()#`~<>", *text))
			hsm_buffer_append_char(buffer, '\\');
		hsm_buffer_append_char(buffer, *text == '\n' ? ' ' : *text);
	}
}

static void write_slack(const char *text, struct hsm_json_writer *writer)
{
	hsm_json_write_string(writer, "text", text);
}

/* An Adaptive Card in the envelope that Teams' workflows take. */
static void write_teams(const char *title, const char *text, struct hsm_json_writer *writer)
{
	hsm_json_write_string(writer, "type", "message");
	hsm_json_begin_array(writer, "attachments");
	hsm_json_begin_object(writer, NULL);
	hsm_json_write_string(writer, "contentType", "application/vnd.microsoft.card.adaptive");
	hsm_json_begin_object(writer, "content");
	hsm_json_write_string(writer, "$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
	hsm_json_write_string(writer, "type", "AdaptiveCard");
	hsm_json_write_string(writer, "version", "1.4");
	hsm_json_begin_array(writer, "body");
	for (size_t i = 0; i < 2; i++) {
		hsm_json_begin_object(writer, NULL);
		hsm_json_write_string(writer, "type", "TextBlock");
		hsm_json_write_string(writer, "text", i ? text : title);
		hsm_json_write_boolean(writer, "wrap", true);
		if (!i)
			hsm_json_write_string(writer, "weight", "Bolder");
		hsm_json_end_object(writer);
	}
	hsm_json_end_array(writer);
	hsm_json_end_object(writer);
	hsm_json_end_object(writer);
	hsm_json_end_array(writer);
}

void hsm_alerts_append(const struct hsm_alerts *alerts, enum hsm_alert_format format, struct hsm_buffer *buffer)
{
	struct hsm_buffer title = HSM_BUFFER_INIT(HSM_BUFFER_CAP), text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = buffer };
	hsm_alerts_append_title(alerts, &title);
	hsm_json_begin_object(&writer, NULL);
	switch (format) {
	case HSM_ALERT_JSON:
		write_json(alerts, hsm_buffer_text(&title), &writer);
		break;
	case HSM_ALERT_SLACK:
		hsm_buffer_append_format(&text, "*%s*", hsm_buffer_text(&title));
		append_lines(alerts, escape_slack, &text);
		write_slack(hsm_buffer_text(&text), &writer);
		break;
	case HSM_ALERT_TEAMS:
		append_lines(alerts, escape_teams, &text);
		write_teams(hsm_buffer_text(&title), hsm_buffer_text(&text), &writer);
		break;
	}
	hsm_json_end_object(&writer);
	hsm_buffer_release(&title);
	hsm_buffer_release(&text);
}
