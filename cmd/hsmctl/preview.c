#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cmd/hsmctl/session.h"
#include "reconciler/review/bubble.h"
#include "reconciler/review/page.h"
#include "schema/meta.h"

#define BUBBLE_COLUMNS 60

struct preview {
	struct hsm_session *session;
	struct hsm_desired old; /* of --diff */
	unsigned width;
	size_t shown;
	struct hsm_buffer text;
};

/* What one revision says of a translation. */
struct side {
	const struct hsm_desired_template *template; /* NULL: nothing */
	const struct hsm_desired_translation *translation;
	struct hsm_message message;
};

/* All of --diff's revision; what is wrong with its files nobody can mend. */
static int read_old(struct preview *preview, struct hsm_error *error)
{
	struct hsm_session *session = preview->session;
	struct hsm_findings findings = { 0 };
	const char *revision = session->options.diff;
	int rc = hsm_desired_read_config(session->repository, revision, &preview->old, &findings, error);
	if (!rc)
		rc = hsm_desired_choose_environment(&preview->old, session->options.environment, error);
	if (!rc)
		rc = hsm_desired_read_templates(session->repository, revision, &preview->old, &findings, error);
	hsm_findings_release(&findings);
	/* What is right of it is there. */
	return rc == HSM_ERROR_INVALID ? 0 : rc ? hsm_error_prefix(error, "--diff %s", revision) : 0;
}

static void place_media(struct hsm_arena *arena, const struct hsm_compiled *compiled, struct hsm_list *components)
{
	const char **places = hsm_arena_allocate_array(arena, compiled->media_count, sizeof(*places));
	for (size_t i = 0; i < compiled->media_count; i++)
		places[i] = compiled->media[i].path.text;
	hsm_meta_place_media(components, places, compiled->media_count);
}

static struct side find_side(struct preview *preview, const struct hsm_desired *desired, const char *base,
			     const char *language)
{
	struct side side = { .template = hsm_desired_find(desired, base, strlen(base)) };
	struct hsm_error ignored;
	if (side.template)
		side.translation = hsm_desired_find_translation(side.template, language);
	if (!side.translation)
		return (struct side){ 0 };
	side.message.names = side.translation->compiled.names;
	side.message.name_count = side.translation->compiled.name_count;
	/* It was compiled: it can be read. */
	hsm_content_read(&preview->session->arena, side.translation->compiled.content.json, &side.message.components,
			 &ignored);
	place_media(&preview->session->arena, &side.translation->compiled, &side.message.components);
	return side;
}

static void append_heading(struct preview *preview, const char *base, const char *language, const char *what)
{
	bool html = preview->session->options.format == HSM_FORMAT_HTML;
	hsm_buffer_append_format(&preview->text, html ? "<h2>%s <span class=\"note\">%s%s%s</span></h2>\n<div class=\"pair\">\n" :
							"%s %s%s%s\n", base, language, *what ? ", " : "", what);
}

static void append_bubble(struct preview *preview, const struct side *side, const struct side *other, bool old,
			  const char *caption)
{
	bool html = preview->session->options.format == HSM_FORMAT_HTML;
	if (!side->translation)
		return;
	struct hsm_bubble_style style = { .language = side->translation->language,
					  .other = other && other->translation ? &other->message : NULL, .old = old,
					  .color = preview->session->output.color, .width = preview->width };
	if (*caption)
		hsm_buffer_append_format(&preview->text, html ? "<div class=\"side\"><h3>%s</h3>\n" : "%s:\n", caption);
	else if (html)
		hsm_buffer_append_string(&preview->text, "<div class=\"side\">\n");
	if (html)
		hsm_bubble_append_html(&preview->text, &side->message, &style);
	else
		hsm_bubble_append_text(&preview->text, &side->message, &style);
	hsm_buffer_append_string(&preview->text, html ? "</div>\n" : "");
}

static void append_translation(struct preview *preview, const char *base, const char *language)
{
	struct hsm_session *session = preview->session;
	struct side now = find_side(preview, &session->desired, base, language), before = { 0 };
	bool html = session->options.format == HSM_FORMAT_HTML;
	if (session->options.diff)
		before = find_side(preview, &preview->old, base, language);
	if (now.translation && before.translation &&
	    hsm_content_equals(&now.translation->compiled.content, &before.translation->compiled.content))
		return;
	bool both = now.translation && before.translation;
	append_heading(preview, base, language, !session->options.diff || both ? "" : now.translation ? "new" : "removed");
	append_bubble(preview, &before, &now, true, both ? "before" : "");
	append_bubble(preview, &now, session->options.diff ? &before : NULL, false, both ? "after" : "");
	hsm_buffer_append_string(&preview->text, html ? "</div>\n" : "\n");
	preview->shown++;
}

/* What a revision has; of the older one only what the newer has not. */
static void append_all(struct preview *preview, const struct hsm_desired *desired, const struct hsm_desired *newer)
{
	for (size_t i = 0; i < desired->count; i++) {
		const struct hsm_desired_template *template = &desired->templates[i];
		for (size_t j = 0; hsm_session_names_template(preview->session, template->name) && j < template->count; j++) {
			const char *language = template->translations[j].language;
			if (!newer || !find_side(preview, newer, template->name, language).translation)
				append_translation(preview, template->name, language);
		}
	}
}

static unsigned find_width(void)
{
	struct winsize size;
	unsigned width = ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col ? size.ws_col : 80;
	return width < BUBBLE_COLUMNS ? width : BUBBLE_COLUMNS;
}

static int draw(struct preview *preview, struct hsm_error *error)
{
	struct hsm_session *session = preview->session;
	bool html = session->options.format == HSM_FORMAT_HTML;
	if (html) {
		hsm_page_append_begin(&preview->text, "hsmctl preview");
		hsm_buffer_append_string(&preview->text, "<h1>hsmctl preview: ");
		hsm_html_append(&preview->text, session->desired.environment->node.key.text);
		hsm_buffer_append_string(&preview->text, "</h1>\n");
	}
	append_all(preview, &session->desired, NULL);
	if (session->options.diff)
		append_all(preview, &preview->old, &session->desired);
	if (!preview->shown)
		hsm_buffer_append_string(&preview->text, html ? "<p>Nothing differs.</p>\n" : "Nothing differs.\n");
	if (html)
		hsm_page_append_end(&preview->text);
	int rc = hsm_session_check_names(session, error);
	if (!rc)
		hsm_output_write(&session->output, &preview->text);
	return rc;
}

int hsm_command_preview(struct hsm_session *session, struct hsm_error *error)
{
	struct preview preview = { .session = session, .width = find_width(), .text = HSM_BUFFER_INIT(HSM_BUFFER_CAP) };
	struct hsm_error drawing;
	int files = hsm_session_read_templates(session, error), rc = files;
	/* Whoever is writing a template wants to see what is right already. */
	if (files == HSM_ERROR_INVALID)
		rc = 0;
	if (!rc && session->options.diff)
		rc = read_old(&preview, &drawing);
	if (!rc)
		rc = draw(&preview, &drawing);
	if (rc && rc != files)
		*error = drawing;
	else
		rc = files;
	hsm_desired_release(&preview.old);
	hsm_buffer_release(&preview.text);
	return rc;
}
