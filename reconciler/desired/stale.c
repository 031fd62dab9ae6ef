#include "reconciler/desired/stale.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/desired/history.h"
#include "schema/base/memory.h"

/* The newest entry of a translation on the way to the planned commit, of those that
 * are not newer than an age; NULL: there is none. */
static const struct hsm_history_entry *find_entry(const struct hsm_history *history, const char *base,
						  const char *language, size_t age)
{
	size_t count;
	const struct hsm_history_entry *entry = hsm_history_find(history, base, language, &count);
	for (size_t i = 0; i < count; i++)
		if (entry[i].commit->ancestor && entry[i].commit->age >= age)
			return &entry[i];
	return NULL;
}

static const struct hsm_translation *translation_of(const struct hsm_template *template, size_t i)
{
	return HSM_LIST_ITEM(template->translations, struct hsm_translation, i);
}

static const char *language_of(const struct hsm_template *template, size_t i)
{
	return translation_of(template, i)->node.key.text;
}

/* Whether a commit since the first ones changed the first language and not each of the others after it. */
static bool may_be_stale(const struct hsm_history *changes, const struct hsm_template *template)
{
	const char *base = template->name.text;
	const struct hsm_history_entry *first = find_entry(changes, base, language_of(template, 0), 0);
	for (size_t i = 1; first && i < template->translations.count; i++) {
		const struct hsm_history_entry *other = find_entry(changes, base, language_of(template, i), 0);
		if (!other || other->commit->age > first->commit->age)
			return true;
	}
	return false;
}

/* Not yet committed, a text is newer than any commit. */
static bool is_as_committed(const struct hsm_desired *desired, const struct hsm_template *template,
			    const struct hsm_translation *translation, const struct hsm_history_entry *entry)
{
	struct hsm_arena arena = { 0 };
	struct hsm_findings ignored = { 0 };
	struct hsm_compiled compiled;
	bool same = hsm_compile(&arena, hsm_config_find_backend(desired->config, desired->environment), desired->config,
				desired->environment, template, translation, &compiled, &ignored) == 0 &&
		    hsm_content_equals(&compiled.content, &entry->compiled.content);
	hsm_findings_release(&ignored);
	hsm_arena_release(&arena);
	return same;
}

static void check_template(const struct hsm_desired *desired, const struct hsm_history *history,
			   const struct hsm_template *template, struct hsm_findings *findings)
{
	const char *base = template->name.text;
	const struct hsm_history_entry *first = find_entry(history, base, language_of(template, 0), 0);
	for (size_t i = 1; first && i < template->translations.count; i++) {
		const struct hsm_translation *translation = translation_of(template, i);
		const struct hsm_history_entry *other = find_entry(history, base, translation->node.key.text, 0);
		if (!other || other->commit->age <= first->commit->age ||
		    !is_as_committed(desired, template, translation, other))
			continue;
		/* What the first language said when this one was written. */
		const struct hsm_history_entry *then =
			find_entry(history, base, language_of(template, 0), other->commit->age);
		if (then && hsm_content_equals(&then->compiled.content, &first->compiled.content))
			continue;
		hsm_findings_add(findings, HSM_RULE_STALE, translation->node.key.mark,
				 "%s was changed by %.7s \"%s\" (%s), and %s was not since: is it still right?",
				 language_of(template, 0), first->commit->id, first->commit->subject, first->commit->date,
				 translation->node.key.text);
	}
}

int hsm_stale_find(struct hsm_repository *repository, const struct hsm_desired *desired,
		   const struct hsm_template *const *templates, size_t count, struct hsm_findings *findings,
		   struct hsm_error *error)
{
	struct hsm_desired view = *desired; /* one environment's variables stand for all */
	struct hsm_history changes = { 0 }, history = { 0 };
	size_t asked = 0;
	int rc = 0;
	if (!*desired->commit)
		return 0;
	const char **bases = hsm_memory_resize(NULL, count + 1, sizeof(*bases));
	if (!view.environment)
		view.environment = view.config->environments.items;
	for (size_t i = 0; i < count; i++)
		if (templates[i]->translations.count > 1)
			bases[asked++] = templates[i]->name.text;
	if (asked)
		rc = hsm_history_read_changes(repository, &view, bases, asked, &changes, error);
	asked = 0;
	for (size_t i = 0; !rc && i < count; i++)
		if (templates[i]->translations.count > 1 && may_be_stale(&changes, templates[i]))
			bases[asked++] = templates[i]->name.text;
	if (!rc && asked)
		rc = hsm_history_read(repository, &view, bases, asked, &history, error);
	for (size_t i = 0; !rc && i < count; i++)
		if (templates[i]->translations.count > 1)
			check_template(&view, &history, templates[i], findings);
	hsm_history_release(&history);
	hsm_history_release(&changes);
	free(bases);
	return rc;
}
