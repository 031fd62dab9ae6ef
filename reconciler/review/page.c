#include "reconciler/review/page.h"

#include <string.h>

#include "schema/base/arena.h"
#include "schema/base/text.h"

/* Colours and shapes of WhatsApp on a phone, light and dark. */
static const char style[] =
	":root{color-scheme:light dark;--page:#fff;--text:#111b21;--soft:#667781;--line:#d1d7db;--chat:#efeae2;"
	"--bubble:#fff;--link:#027eb5;--new:#d5f5d5;--old:#fbdada;--value:#0b7a5f;--media:#cfd8dc;--warn:#9a2020}"
	"@media (prefers-color-scheme:dark){:root{--page:#0d1418;--text:#e9edef;--soft:#9aa6ad;--line:#2f3b43;"
	"--chat:#18252c;--bubble:#26353d;--link:#53bdeb;--new:#1d4a2c;--old:#5a2328;--value:#6fd8b5;--media:#37474f;"
	"--warn:#ff8f8f}}"
	"*{box-sizing:border-box}"
	"body{margin:0 auto;max-width:72rem;padding:1rem;background:var(--page);color:var(--text);"
	"font:16px/1.4 system-ui,\"Segoe UI\",Roboto,\"Noto Sans\",sans-serif;overflow-wrap:anywhere}"
	"h1{font-size:1.4rem}h2{font-size:1.15rem;margin:2rem 0 .5rem}h3{font-size:1rem;margin:1rem 0 .5rem}"
	"table{border-collapse:collapse;width:100%}td,th{text-align:start;vertical-align:top;padding:.3rem .6rem;"
	"border-bottom:1px solid var(--line)}"
	".note{color:var(--soft)}.warn{color:var(--warn);font-weight:600}"
	".pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(20rem,100%),1fr));gap:1rem}"
	".side{min-width:0}"
	".chat{background:var(--chat);border-radius:.6rem;padding:.8rem;max-width:26rem}"
	".bubble,.button{background:var(--bubble);border-radius:.5rem;box-shadow:0 1px 1px rgba(0,0,0,.15)}"
	".bubble{padding:.45rem .6rem}.chat[dir=ltr] .bubble{border-top-left-radius:0}"
	".chat[dir=rtl] .bubble{border-top-right-radius:0}"
	".header{font-weight:700;margin-bottom:.2rem}.body{white-space:pre-wrap}.header,.footer{white-space:pre-wrap}"
	".footer{color:var(--soft);font-size:.82rem;margin-top:.25rem}"
	".media{background:var(--media);border-radius:.3rem;min-height:6rem;display:flex;flex-direction:column;"
	"align-items:center;justify-content:center;margin-bottom:.4rem;padding:.4rem;text-align:center}"
	".media b{font-size:.75rem;letter-spacing:.08em}"
	".button{color:var(--link);text-align:center;padding:.5rem;margin-top:.2rem}"
	".button small{display:block;color:var(--soft);font-size:.72rem}"
	".offer{background:var(--chat);border-radius:.3rem;padding:.35rem .5rem;margin-bottom:.35rem;font-weight:600}"
	".offer small{display:block;color:var(--soft);font-weight:400}"
	".cards{display:grid;grid-template-columns:repeat(auto-fill,minmax(min(11rem,100%),1fr));gap:.5rem;"
	"margin-top:.5rem}.card{min-width:0}.chat[dir] .card .bubble{border-radius:.5rem}"
	".link{color:var(--link);text-decoration:underline}.value{color:var(--value);border-bottom:1px dotted}"
	".quote{border-inline-start:3px solid var(--line);padding-inline-start:.5rem;color:var(--soft)}"
	"code{font-family:ui-monospace,Menlo,Consolas,\"Noto Sans Mono\",monospace;font-size:.92em}"
	"ins{background:var(--new);text-decoration:none;border-radius:.2rem}"
	"del{background:var(--old);border-radius:.2rem}"
	"s,del{text-decoration:line-through}";

void hsm_html_append(struct hsm_buffer *buffer, const char *text)
{
	struct hsm_buffer printable = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_text_append_printable(&printable, text);
	for (const char *c = hsm_buffer_text(&printable); *c; c++) {
		if (strchr("&<>\"'", *c))
			hsm_buffer_append_format(buffer, "&#%d;", *c);
		else
			hsm_buffer_append_char(buffer, *c);
	}
	hsm_buffer_release(&printable);
}

void hsm_html_append_part(struct hsm_buffer *buffer, const char *text, size_t length)
{
	struct hsm_arena arena = { 0 };
	hsm_html_append(buffer, hsm_arena_copy(&arena, text, length));
	hsm_arena_release(&arena);
}

void hsm_page_append_begin(struct hsm_buffer *buffer, const char *title)
{
	hsm_buffer_append_string(
		buffer, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
			"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">\n"
			"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<title>");
	hsm_html_append(buffer, title);
	hsm_buffer_append_format(buffer, "</title>\n<style>%s</style>\n</head>\n<body>\n", style);
}

void hsm_page_append_end(struct hsm_buffer *buffer)
{
	hsm_buffer_append_string(buffer, "</body>\n</html>\n");
}
