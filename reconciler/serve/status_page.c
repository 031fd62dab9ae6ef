/* The page at /: for people, without scripts, and nothing is loaded. */
#include <cjson/cJSON.h>
#include <inttypes.h>
#include <string.h>

#include "reconciler/clock.h"
#include "reconciler/review/page.h"
#include "reconciler/serve/controller_state.h"
#include "schema/base/age.h"

#define ROWS_MAX 500 /* of healthy ones: a page for people */

static const char style[] =
	"<style>table{border-collapse:collapse;width:100%;font-size:.9rem}th,td{text-align:left;padding:.25rem .6rem;"
	"border-bottom:1px solid var(--line);vertical-align:top;white-space:nowrap;overflow-wrap:normal}"
	"td:nth-child(6){white-space:normal;min-width:14rem}.scroll{overflow-x:auto}"
	".healthy{color:#15803d}.fallback,.suspended{color:#b45309}.unavailable{color:var(--warn);font-weight:700}"
	".progressing{color:var(--soft)}dl{display:grid;grid-template-columns:max-content 1fr;gap:.2rem 1rem}dt{color:"
	"var(--soft)}dd{margin:0}@media (prefers-color-scheme:dark){.healthy{color:#4ade80}.fallback,.suspended{color:#fbbf24}}"
	"</style>\n";

struct paging {
	struct hsm_controller *controller;
	struct hsm_buffer *buffer;
	struct hsm_arena arena;
	int64_t now; /* milliseconds */
};

static void append_fact(struct paging *paging, const char *title, const char *text)
{
	hsm_buffer_append_format(paging->buffer, "<dt>%s</dt><dd>", title);
	hsm_html_append(paging->buffer, text);
	hsm_buffer_append_string(paging->buffer, "</dd>\n");
}

static const char *format_age(struct paging *paging, int64_t time)
{
	return time ? hsm_arena_format(&paging->arena, "%s ago",
				       hsm_age_format(&paging->arena, (paging->now - time) / 1000)) :
		      "never";
}

static void append_publications(struct paging *paging)
{
	for (size_t i = 0; i < HSM_PUBLICATION_MAX_; i++) {
		struct hsm_publisher_status status;
		if (!paging->controller->publishers[i])
			continue;
		hsm_publisher_read_status(paging->controller->publishers[i], &status);
		append_fact(paging, hsm_publication_kinds[i].title,
			    hsm_arena_format(&paging->arena, "%zu rows, equal %s", status.rows,
					     format_age(paging, status.published)));
		if (*status.failure)
			append_fact(paging, "problem", status.failure);
	}
}

static void append_facts(struct paging *paging)
{
	struct hsm_controller *controller = paging->controller;
	struct hsm_follower_status status;
	hsm_follower_read_status(controller->follower, &status);
	hsm_buffer_append_string(paging->buffer, "<dl>\n");
	append_fact(paging, "commit",
		    *status.commit ? hsm_arena_format(&paging->arena, "%.12s", status.commit) : "none yet");
	append_fact(paging, "plan", *status.summary ? status.summary : "none yet");
	append_fact(paging, "planned", format_age(paging, status.planned));
	append_fact(paging, "listed", format_age(paging, status.listed));
	append_fact(paging, "last webhook", format_age(paging, hsm_keeper_counts(controller->keeper)->last_event));
	append_fact(paging, "leads", hsm_keeper_leads(controller->keeper) ? "yes" : "no: another process does");
	append_fact(paging, "registry", hsm_keeper_counts(controller->keeper)->down ? "cannot be reached" : "up");
	if (*status.failure)
		append_fact(paging, "problem", status.failure);
	append_publications(paging);
	hsm_buffer_append_string(paging->buffer, "</dl>\n");
}

static void append_cell(struct paging *paging, const char *text)
{
	hsm_buffer_append_string(paging->buffer, "<td>");
	hsm_html_append(paging->buffer, text ? text : "");
	hsm_buffer_append_string(paging->buffer, "</td>");
}

static const char *read_text(const cJSON *json, const char *key)
{
	return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
}

static void append_answer(struct paging *paging, const struct hsm_answer *answer)
{
	cJSON *json = cJSON_Parse(answer->body);
	const cJSON *fallback = cJSON_GetObjectItemCaseSensitive(json, "fallback");
	const char *name = read_text(json, "name"), *channel = read_text(json, "channel");
	const char *reason = read_text(fallback, "reason");
	hsm_buffer_append_string(paging->buffer, "<tr>");
	append_cell(paging, answer->base);
	append_cell(paging, answer->language);
	hsm_buffer_append_format(paging->buffer, "<td class=\"%s\">%s</td>", answer->health, answer->health);
	append_cell(paging, name ? name : channel ? channel : "nothing");
	append_cell(paging, answer->quality);
	append_cell(paging, reason ? reason : read_text(json, "reason") ? read_text(json, "reason") :
						read_text(json, "held"));
	append_cell(paging, read_text(json, "since"));
	hsm_buffer_append_string(paging->buffer, "</tr>\n");
	cJSON_Delete(json);
}

/* What is not healthy first, all of it. */
static void append_templates(struct paging *paging)
{
	struct hsm_answers *answers = hsm_keeper_answers(paging->controller->keeper);
	size_t shown = 0;
	pthread_rwlock_rdlock(&answers->lock);
	hsm_buffer_append_format(paging->buffer, "<h2>Templates <span class=\"note\">%zu</span></h2>\n", answers->count);
	hsm_buffer_append_string(paging->buffer, "<div class=\"scroll\"><table id=\"templates\"><thead><tr><th>template</th>"
						 "<th>language</th><th>health</th><th>in use</th><th>quality</th>"
						 "<th>why</th><th>since</th></tr></thead><tbody>\n");
	for (int healthy = 0; healthy < 2; healthy++)
		for (size_t i = 0; i < answers->count; i++) {
			if ((strcmp(answers->items[i]->health, "healthy") == 0) != (healthy == 1))
				continue;
			if (!healthy || shown < ROWS_MAX)
				append_answer(paging, answers->items[i]);
			shown++;
		}
	hsm_buffer_append_string(paging->buffer, "</tbody></table></div>\n");
	if (shown > ROWS_MAX)
		hsm_buffer_append_format(paging->buffer, "<p class=\"note\">Of those that are healthy the first are shown.</p>\n");
	pthread_rwlock_unlock(&answers->lock);
}

static void append_events(struct paging *paging, const char *text)
{
	cJSON *events = cJSON_Parse(text);
	const cJSON *event;
	hsm_buffer_append_string(paging->buffer, "<h2>Events</h2>\n<div class=\"scroll\"><table id=\"events\"><thead><tr>"
						 "<th>received</th><th>kind</th><th>name</th><th>language</th>"
						 "<th>value</th></tr></thead><tbody>\n");
	cJSON_ArrayForEach(event, events) {
		static const char *const keys[] = { "received", "kind", "name", "language", "value" };
		hsm_buffer_append_string(paging->buffer, "<tr>");
		for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++)
			append_cell(paging, read_text(event, keys[i]));
		hsm_buffer_append_string(paging->buffer, "</tr>\n");
	}
	hsm_buffer_append_string(paging->buffer, "</tbody></table></div>\n");
	cJSON_Delete(events);
}

void hsm_controller_append_page(struct hsm_controller *controller, const char *events, struct hsm_buffer *buffer)
{
	struct paging paging = { .controller = controller, .buffer = buffer, .now = hsm_clock_now() };
	hsm_page_append_begin(buffer, "hsmctl serve");
	hsm_buffer_append_string(buffer, style);
	hsm_buffer_append_string(buffer, "<h1>hsmctl serve: ");
	hsm_html_append(buffer, controller->options.environment);
	hsm_buffer_append_string(buffer, "</h1>\n");
	append_facts(&paging);
	append_templates(&paging);
	append_events(&paging, events);
	hsm_page_append_end(buffer);
	hsm_arena_release(&paging.arena);
}
