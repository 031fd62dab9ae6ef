#include "schema/base/markdown.h"

#include <string.h>
#include <strings.h>

#include "schema/base/text.h"

/*
 * GitHub's and GitLab's marks: emphasis, code, links, HTML, tables, math,
 * :emoji:, URLs by their colon.
 */
static const char special[] = "\\`*_~<>&|[]$:\"'";

/*
 * Mentions and references (@team, #12, GH-12) are found in what is rendered, so
 * no escape helps: an invisible word joiner (U+2060) parts them.
 */
static bool needs_joiner(const char *text, const char *at)
{
	return *at == '@' || *at == '#' || (*at == '-' && at - text >= 2 && strncasecmp(at - 2, "gh", 2) == 0);
}

/* "www." begins a link too. */
static bool needs_entity(const char *text, const char *at)
{
	return strchr(special, *at) || (*at == '.' && at > text && strchr("wW", at[-1]));
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
