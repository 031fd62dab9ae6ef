#include "reconciler/flow/expression.h"

#include <string.h>

void hsm_expression_append_literal(struct hsm_buffer *buffer, const char *text)
{
	hsm_buffer_append_char(buffer, '"');
	for (; *text; text++) {
		const char *special = strchr("\"\\\n\r\t", *text);
		if (special)
			hsm_buffer_append_format(buffer, "\\%c", "\"\\nrt"[special - "\"\\\n\r\t"]);
		else
			hsm_buffer_append_char(buffer, *text);
	}
	hsm_buffer_append_char(buffer, '"');
}

void hsm_expression_append_equal(struct hsm_buffer *buffer, const char *name, const char *text)
{
	hsm_buffer_append_format(buffer, "%s == ", name);
	hsm_expression_append_literal(buffer, text);
}

/* The arguments of an Append so far. */
struct arguments {
	struct hsm_buffer text, literal; /* literal: what is not in text yet */
	size_t count;
};

static void flush_literal(struct arguments *arguments)
{
	if (!arguments->literal.length)
		return;
	hsm_buffer_append_string(&arguments->text, arguments->count++ ? ", " : "");
	hsm_expression_append_literal(&arguments->text, hsm_buffer_text(&arguments->literal));
	hsm_buffer_clear(&arguments->literal);
}

/* The length of the parameter's name in "{{name}}"; 0 where text begins with none. */
static size_t find_name(const struct hsm_message *message, const char *text)
{
	if (strncmp(text, "{{", 2) != 0)
		return 0;
	size_t length = strcspn(text + 2, "}");
	if (strncmp(text + 2 + length, "}}", 2) != 0)
		return 0;
	for (size_t i = 0; i < message->name_count; i++)
		if (strncmp(message->names[i], text + 2, length) == 0 && !message->names[i][length])
			return length;
	return 0;
}

static void append_text(struct arguments *arguments, const struct hsm_message *message, const char *text,
			const char *prefix)
{
	while (*text) {
		size_t length = find_name(message, text);
		if (!length) {
			hsm_buffer_append_char(&arguments->literal, *text++);
			continue;
		}
		flush_literal(arguments);
		hsm_buffer_append_format(&arguments->text, "%s%s%.*s", arguments->count++ ? ", " : "", prefix, (int)length,
					 text + 2);
		text += length + 4;
	}
}

void hsm_expression_append_message(struct hsm_buffer *buffer, const struct hsm_message *message, const char *prefix)
{
	static const char *const types[] = { "HEADER", "BODY", "FOOTER" };
	struct hsm_arena arena = { 0 };
	struct arguments arguments = { HSM_BUFFER_INIT(HSM_BUFFER_CAP), HSM_BUFFER_INIT(HSM_BUFFER_CAP), 0 };
	size_t first = 0;
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		const struct hsm_wire_component *component = hsm_content_find(&message->components, types[i]);
		if (!component || !component->text.text)
			continue;
		if (arguments.count || arguments.literal.length)
			hsm_buffer_append_char(&arguments.literal, '\n');
		const char *text = component->text.text;
		/* What has no parameters, has no placeholders: a footer. */
		if (component->parameters.count)
			text = hsm_message_name_placeholders(&arena, message, text, first);
		append_text(&arguments, message, text, prefix);
		first += component->parameters.count;
	}
	flush_literal(&arguments);
	hsm_buffer_append_format(buffer, arguments.count > 1 ? "Append(%s)" : "%s", hsm_buffer_text(&arguments.text));
	hsm_buffer_release(&arguments.text);
	hsm_buffer_release(&arguments.literal);
	hsm_arena_release(&arena);
}

/* A list as "|en|es_ES|", for Contains. */
static void append_list(struct hsm_buffer *buffer, const char *const *languages, size_t count)
{
	hsm_buffer_append_string(buffer, "\"|");
	for (size_t i = 0; i < count; i++)
		hsm_buffer_append_format(buffer, "%s|", languages[i]);
	hsm_buffer_append_char(buffer, '"');
}

void hsm_expression_append_language(struct hsm_buffer *buffer, const char *variable, const char *const *languages,
				    size_t count, const char *other)
{
	size_t closing = 1;
	hsm_buffer_append_string(buffer, "If(Contains(");
	append_list(buffer, languages, count);
	hsm_buffer_append_format(buffer, ", Append(\"|\", %s, \"|\")), %s, ", variable, variable);
	for (size_t i = 0; i < count; i++) {
		if (strchr(languages[i], '_'))
			continue;
		hsm_buffer_append_format(buffer, "If(Contains(%s, \"%s_\"), \"%s\", ", variable, languages[i], languages[i]);
		closing++;
	}
	hsm_expression_append_literal(buffer, other);
	while (closing--)
		hsm_buffer_append_char(buffer, ')');
}
