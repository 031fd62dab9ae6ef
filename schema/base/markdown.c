#include "schema/base/markdown.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "schema/base/text.h"

/* GitHub's and GitLab's marks: emphasis, code, links, HTML, tables, math. */
static const char special[] = "\\`*~<>&|[]$";

/*
 * Mentions and references (@team, #12, GH-12) are found in what is rendered, so
 * no escape helps: an invisible word joiner (U+2060) parts them.
 */
static bool needs_joiner(const char *text, const char *at)
{
	return *at == '@' || *at == '#' || (*at == '-' && at - text >= 2 && strncasecmp(at - 2, "gh", 2) == 0);
}

/* Within a word '_' says nothing. A URL has its colon, or "www."; so has :emoji:. */
static bool needs_entity(const char *text, const char *at)
{
	char before = at > text ? at[-1] : ' ';
	if (*at == '_')
		return !isalnum((unsigned char)before) || !isalnum((unsigned char)at[1]);
	if (*at == ':')
		return at[1] && (isalnum((unsigned char)at[1]) || strchr("/+-_", at[1]));
	return strchr(special, *at) || (*at == '.' && strchr("wW", before));
}

void hsm_markdown_append(struct hsm_buffer *buffer, const char *text)
{
	struct hsm_buffer printable = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_text_append_printable(&printable, text);
	const char *start = hsm_buffer_text(&printable);
	for (const char *at = start; *at; at++) {
		if (*at == '\n')
			hsm_buffer_append_string(buffer, "<br>");
		else if (needs_joiner(start, at))
			hsm_buffer_append_format(buffer, "&#%d;&#8288;", *at);
		else if (needs_entity(start, at))
			hsm_buffer_append_format(buffer, "&#%d;", *at);
		else
			hsm_buffer_append_char(buffer, *at);
	}
	hsm_buffer_release(&printable);
}
