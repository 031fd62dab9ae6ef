#include "schema/yaml_quote.h"

#include <ctype.h>
#include <string.h>

#include "schema/base/buffer.h"

#define LINE_MAX_LENGTH 200 /* a longer one is no help in a message */

/* The length of "key" in "key: "; 0: there is none. */
static size_t key_length(const char *line, size_t length)
{
	size_t at = 0;
	while (at < length && (isalnum((unsigned char)line[at]) || line[at] == '_' || line[at] == '-'))
		at++;
	return at + 1 < length && line[at] == ':' && line[at + 1] == ' ' ? at : 0;
}

const char *hsm_yaml_quote_line(struct hsm_arena *arena, const struct hsm_source *source, uint32_t line)
{
	size_t length;
	const char *text = hsm_source_line(source, line, &length);
	for (; length && (*text == ' ' || *text == '-'); length--)
		text++;
	while (length && isspace((unsigned char)text[length - 1]))
		length--;
	size_t key = key_length(text, length), value = key + 2;
	while (value < length && text[value] == ' ')
		value++;
	if (!key || length > LINE_MAX_LENGTH || value >= length || strchr("\"'", text[value]))
		return NULL;
	struct hsm_buffer quoted = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_buffer_append(&quoted, text, key);
	hsm_buffer_append_string(&quoted, ": \"");
	for (size_t i = value; i < length; i++) {
		if (text[i] == '"' || text[i] == '\\')
			hsm_buffer_append_char(&quoted, '\\');
		hsm_buffer_append_char(&quoted, text[i]);
	}
	hsm_buffer_append_char(&quoted, '"');
	const char *result = hsm_arena_copy(arena, hsm_buffer_text(&quoted), quoted.length);
	hsm_buffer_release(&quoted);
	return result;
}
