#include "reconciler/lifecycle/alert.h"

#include <string.h>

#include "schema/json.h"

#define TEXT_MAX 600   /* bytes of a subject or text; they may hold what others wrote */
#define LINES_MAX 12000 /* bytes of all lines: Teams takes 28 KB of JSON, Slack 40,000 characters */

const char *const hsm_alert_kind_words[HSM_ALERT_KIND_MAX_] = {
	[HSM_ALERT_NONE] = "none",
	[HSM_ALERT_UNAVAILABLE] = "unavailable",
	[HSM_ALERT_FALLBACK] = "fallback",
	[HSM_ALERT_DISABLED] = "disabled",
	[HSM_ALERT_REJECTED] = "rejected",
	[HSM_ALERT_PAUSED] = "paused",
	[HSM_ALERT_RECATEGORISED] = "recategorised",
	[HSM_ALERT_DELIVERY] = "delivery",
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
	[HSM_ALERT_DELIVERY] = "arriving less often",
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

/* Where a text ends that is not to be longer: between two characters. */
static size_t cut(const char *text)
{
	size_t length = strnlen(text, TEXT_MAX + 1);
	if (length > TEXT_MAX)
		for (length = TEXT_MAX; (text[length] & 0xc0) == 0x80;)
			length--;
	return length;
}

/* One line of a receiver's markup, in which text from outside stays text. */
typedef void append_escaped(struct hsm_buffer *buffer, char c);

static void append_line(struct hsm_buffer *buffer, append_escaped *escape, const char *text)
{
	size_t length = cut(text);
	for (size_t i = 0; i < length; i++)
		escape(buffer, (unsigned char)text[i] < 0x20 || text[i] == 0x7f ? ' ' : text[i]);
	hsm_buffer_append_string(buffer, text[length] ? "..." : "");
}

/* A line each, and how many more there are. */
static void append_lines(const struct hsm_alerts *alerts, append_escaped *escape, struct hsm_buffer *text)
{
	for (size_t first = 0; first < alerts->count; first = skip_kind(alerts, first)) {
		enum hsm_alert_kind kind = alerts->items[first].kind;
		size_t end = first + count_named(alerts, first), next = first;
		for (; next < end && text->length < LINES_MAX; next++) {
			hsm_buffer_append_string(text, "\n- ");
			append_line(text, escape, alerts->items[next].subject);
			hsm_buffer_append_string(text, ": ");
			append_line(text, escape, alerts->items[next].text);
		}
		if (alerts->counts[kind] > next - first)
			hsm_buffer_append_format(text, "\n- and %zu more %s", alerts->counts[kind] - (next - first),
						 titles[kind]);
	}
}

/* As far as it is not too long. */
static void write_text(struct hsm_json_writer *writer, const char *key, const char *text)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	size_t length = cut(text);
	hsm_buffer_append(&buffer, text, length);
	hsm_buffer_append_string(&buffer, text[length] ? "..." : "");
	hsm_json_write_string(writer, key, hsm_buffer_text(&buffer));
	hsm_buffer_release(&buffer);
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
	for (size_t first = 0; first < alerts->count; first = skip_kind(alerts, first)) {
		size_t end = first + count_named(alerts, first);
		for (size_t i = first; i < end; i++) {
			hsm_json_begin_object(writer, NULL);
			hsm_json_write_string(writer, "kind", hsm_alert_kind_words[alerts->items[i].kind]);
			write_text(writer, "subject", alerts->items[i].subject);
			write_text(writer, "text", alerts->items[i].text);
			hsm_json_end_object(writer);
		}
	}
	hsm_json_end_array(writer);
}

/* Slack's three: https://docs.slack.dev/messaging/formatting-message-text */
static void escape_slack(struct hsm_buffer *buffer, char c)
{
	const char *entity = c == '&' ? "&amp;" : c == '<' ? "&lt;" : c == '>' ? "&gt;" : NULL;
	if (entity)
		hsm_buffer_append_string(buffer, entity);
	else
		hsm_buffer_append_char(buffer, c);
}

/* Adaptive Cards take a little Markdown: https://learn.microsoft.com, "Text formatting in cards" */
static void escape_teams(struct hsm_buffer *buffer, char c)
{
	if (strchr("\\*_[]()#`~<>", c))
		hsm_buffer_append_char(buffer, '\\');
	hsm_buffer_append_char(buffer, c);
}

/* Its *, _, ~ and ` cannot be escaped: nothing is markup then. */
static void write_slack(const char *text, struct hsm_json_writer *writer)
{
	hsm_json_write_string(writer, "text", text);
	hsm_json_write_boolean(writer, "mrkdwn", false);
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
	struct hsm_buffer title = HSM_BUFFER_INIT(HSM_BUFFER_CAP), text = HSM_BUFFER_INIT(HSM_BUFFER_CAP),
			  escaped = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer = { .buffer = buffer };
	hsm_alerts_append_title(alerts, &title);
	hsm_json_begin_object(&writer, NULL);
	switch (format) {
	case HSM_ALERT_JSON:
		write_json(alerts, hsm_buffer_text(&title), &writer);
		break;
	case HSM_ALERT_SLACK:
		append_line(&text, escape_slack, hsm_buffer_text(&title));
		append_lines(alerts, escape_slack, &text);
		write_slack(hsm_buffer_text(&text), &writer);
		break;
	case HSM_ALERT_TEAMS:
		append_line(&escaped, escape_teams, hsm_buffer_text(&title));
		append_lines(alerts, escape_teams, &text);
		write_teams(hsm_buffer_text(&escaped), hsm_buffer_text(&text), &writer);
		break;
	}
	hsm_json_end_object(&writer);
	hsm_buffer_release(&title);
	hsm_buffer_release(&text);
	hsm_buffer_release(&escaped);
}
