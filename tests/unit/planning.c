#include "tests/unit/planning.h"

#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "schema/name.h"

#define ONE_ENVIRONMENT "environments:\n  dev: {base_url: \"http://127.0.0.1:1\"}\n"

const char *const planning_configs[] = { ONE_ENVIRONMENT, "backend: meta\n" ONE_ENVIRONMENT, NULL };

static const struct hsm_history_commit now_commit = { "3f9c2e1000000000000000000000000000000000", "Ana Ruiz",
						      "2026-11-20", "Shorter delivery line", true, 0 };
static const struct hsm_history_commit old_commit = { "1111111000000000000000000000000000000000", "Ben",
						      "2026-11-01", "First", true, 1 };

static int compare_entries(const void *a, const void *b)
{
	const struct hsm_history_entry *left = a, *right = b;
	int order = strcmp(left->base, right->base);
	if (!order)
		order = strcmp(left->language, right->language);
	return order ? order : (int)left->commit->age - (int)right->commit->age;
}

static void add_entries(struct planning *planning, const struct hsm_template *file,
			const struct hsm_history_commit *commit)
{
	struct hsm_history *history = &planning->history;
	for (size_t i = 0; i < file->translations.count; i++) {
		const struct hsm_translation *translation =
			HSM_LIST_ITEM(file->translations, struct hsm_translation, i);
		struct hsm_history_entry *entry = &history->entries[history->count++];
		entry->base = file->name.text;
		entry->language = translation->node.key.text;
		entry->category = hsm_category_words[file->category.value - 1];
		entry->version = translation->version.value;
		entry->commit = commit;
		entry->compiled = loading_compile(&planning->loading, planning->desired.config, file, entry->language);
	}
}

static void add_template(struct planning *planning, const struct hsm_template *file)
{
	struct hsm_desired_template *template = &planning->desired.templates[planning->desired.count++];
	struct hsm_arena *arena = &planning->loading.arena;
	template->name = file->name.text;
	template->path = hsm_arena_format(arena, "templates/%s.yaml", file->name.text);
	template->category = hsm_category_words[file->category.value - 1];
	template->file = file;
	template->translations = hsm_arena_allocate_array(arena, file->translations.count,
							  sizeof(*template->translations));
	for (size_t i = 0; i < file->translations.count; i++) {
		const struct hsm_translation *translation =
			HSM_LIST_ITEM(file->translations, struct hsm_translation, i);
		template->translations[template->count++] = (struct hsm_desired_translation){
			.language = translation->node.key.text,
			.version = translation->version.value,
			.mark = translation->node.key.mark,
			.file = translation,
			.compiled = loading_compile(&planning->loading, planning->desired.config, file,
						    translation->node.key.text),
		};
	}
}

static const struct hsm_content *find_content(const struct planning *planning, const char *base, size_t length,
					      const char *language, const struct hsm_history_commit *commit)
{
	for (size_t i = 0; i < planning->history.count; i++) {
		const struct hsm_history_entry *entry = &planning->history.entries[i];
		if (strncmp(entry->base, base, length) == 0 && !entry->base[length] &&
		    strcmp(entry->language, language) == 0 && entry->commit == commit)
			return &entry->compiled.content;
	}
	fail_msg("no content for %s %s", base, language);
	return NULL;
}

static struct hsm_content make_body(struct planning *planning, const char *body)
{
	struct hsm_arena *arena = &planning->loading.arena;
	struct hsm_list list;
	struct hsm_error error;
	const char *json = hsm_arena_format(arena, "[{\"type\":\"BODY\",\"text\":\"%s\"}]", body);
	if (hsm_content_read(arena, json, &list, &error) != 0)
		fail_msg("%s", error.message);
	return hsm_content_make(arena, &list);
}

static void add_live(struct planning *planning, char *line)
{
	struct hsm_live *live = &planning->live;
	struct hsm_live_template *template = &live->templates[live->template_count];
	const char *words[4];
	char *rest = line;
	int64_t version;
	for (size_t i = 0; i < 4; i++) {
		words[i] = strsep(&rest, " ");
		if (!rest)
			fail_msg("a live template has five words: %s", line);
	}
	*template = (struct hsm_live_template){
		.id = hsm_arena_format(&planning->loading.arena, "id-%zu", ++live->template_count),
		.name = words[0],
		.language = words[1],
		.status_word = words[2],
		.status = hsm_status_find(words[2]),
		.category = words[3],
		.created = "2026-11-20T09:00:00Z",
	};
	size_t length = hsm_name_split(words[0], &version, NULL);
	bool now = strcmp(rest, "git") == 0;
	template->content = now || strcmp(rest, "old") == 0 ?
				    *find_content(planning, words[0], length, words[1], now ? &now_commit : &old_commit) :
				    make_body(planning, rest);
	if (template->status == HSM_STATUS_REJECTED)
		template->rejection_reason = "PROMOTIONAL";
}

static int compare_templates(const void *a, const void *b)
{
	const struct hsm_desired_template *left = a, *right = b;
	return strcmp(left->name, right->name);
}

void planning_start(struct planning *planning, const char *config, const char *const git[], const char *const old[],
		    const char *live)
{
	struct hsm_arena *arena = &planning->loading.arena;
	struct hsm_config *parsed = loading_config(&planning->loading, config ? config : planning_configs[0]);
	enum { MAX = 64 };
	planning->desired.config = parsed;
	planning->desired.environment = parsed->environments.items;
	memcpy(planning->desired.commit, now_commit.id, sizeof(planning->desired.commit));
	planning->desired.templates = hsm_arena_allocate_array(arena, MAX, sizeof(*planning->desired.templates));
	planning->history.entries = hsm_arena_allocate_array(arena, MAX, sizeof(*planning->history.entries));
	planning->live.templates = hsm_arena_allocate_array(arena, MAX, sizeof(*planning->live.templates));
	planning->live.provider_id = "p-1";
	planning->live.provider_name = "Acme WhatsApp";
	planning->history.complete = true;
	for (size_t i = 0; git && git[i]; i++) {
		const struct hsm_template *file = loading_template(&planning->loading, git[i]);
		add_template(planning, file);
		add_entries(planning, file, &now_commit);
	}
	qsort(planning->desired.templates, planning->desired.count, sizeof(struct hsm_desired_template),
	      compare_templates);
	for (size_t i = 0; old && old[i]; i++)
		add_entries(planning, loading_template(&planning->loading, old[i]), &old_commit);
	qsort(planning->history.entries, planning->history.count, sizeof(struct hsm_history_entry), compare_entries);
	char *lines = hsm_arena_copy_string(arena, live ? live : "");
	for (char *line; (line = strsep(&lines, "\n"));)
		if (*line)
			add_live(planning, line);
}

void planning_make(struct planning *planning)
{
	planning->options.command = planning->options.command ? planning->options.command : "plan";
	hsm_plan_make(&planning->loading.arena, &planning->desired, &planning->live, &planning->history,
		      planning->registry, &planning->options, &planning->plan);
}

void planning_release(struct planning *planning)
{
	loading_release(&planning->loading);
	*planning = (struct planning){ 0 };
}

static void append_row(struct hsm_buffer *buffer, const struct hsm_plan_change *change)
{
	hsm_buffer_append_format(buffer, "%s %s", hsm_action_words[change->action.value - 1], change->name.text);
	if (change->from_name.text)
		hsm_buffer_append_format(buffer, " <- %s", change->from_name.text);
	for (size_t i = 0; i < change->languages.count; i++)
		hsm_buffer_append_format(buffer, "%s%s", i ? "," : " ",
					 HSM_LIST_ITEM(change->languages, struct hsm_string, i)->text);
	if (change->compatibility.value)
		hsm_buffer_append_string(buffer, change->compatibility.value == HSM_BREAKING ? " BREAKING" : " compatible");
	hsm_buffer_append_string(buffer, change->held.value ? " held" : "");
	hsm_buffer_append_string(buffer, change->waiting.value ? " waiting" : "");
	if (change->origin.kind.text)
		hsm_buffer_append_format(buffer, " %s", change->origin.kind.text);
	if (change->reason.text)
		hsm_buffer_append_format(buffer, ": %s", change->reason.text);
	hsm_buffer_append_char(buffer, '\n');
}

const char *planning_rows(struct planning *planning)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (size_t i = 0; i < planning->plan.changes.count; i++)
		append_row(&buffer, HSM_LIST_ITEM(planning->plan.changes, struct hsm_plan_change, i));
	const char *rows = hsm_arena_copy(&planning->loading.arena, hsm_buffer_text(&buffer), buffer.length);
	hsm_buffer_release(&buffer);
	return rows;
}
