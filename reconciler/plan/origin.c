/* Whose a difference is, from git history alone. */
#include <string.h>

#include "reconciler/plan/planner.h"

static void name_commit(struct hsm_plan_origin *origin, const struct hsm_history_commit *commit)
{
	origin->commit.text = commit->id;
	origin->author.text = commit->author;
	origin->date.text = commit->date;
	origin->subject.text = commit->subject;
}

void hsm_origin_find(struct hsm_planner *planner, const char *base, const char *language,
		     const struct hsm_live_template *live, const struct hsm_desired_translation *translation,
		     struct hsm_plan_origin *origin)
{
	const struct hsm_history *history = planner->history;
	const struct hsm_history_entry *brought = NULL;
	bool known = !live || hsm_versions_find_entry(history, base, language, &live->content);
	if (translation)
		brought = hsm_versions_find_entry(history, base, language, &translation->compiled.content);
	*origin = (struct hsm_plan_origin){ .node.present = true };
	if (known) {
		origin->kind.text = "git-ahead";
		/* Without an entry it is a change that no commit has yet. */
		if (brought)
			name_commit(origin, brought->commit);
		if (brought && brought->variables && live && hsm_content_equals(brought->before, &live->content))
			origin->variables.text = brought->variables;
		return;
	}
	origin->kind.text = history->complete ? "out-of-band" : "unknown";
	planner->unknown_origins |= !history->complete;
}

/* Entries stand newest first, those of ancestors before others. */
void hsm_origin_find_successor(struct hsm_planner *planner, const char *base, const struct hsm_live_template *live,
			       struct hsm_plan_origin *origin)
{
	size_t count;
	const struct hsm_history_entry *entries = hsm_history_find(planner->history, base, live->language, &count);
	for (size_t i = 1; i < count; i++)
		if (hsm_content_equals(&entries[i].compiled.content, &live->content)) {
			if (entries[i].commit->ancestor)
				name_commit(origin, entries[i - 1].commit);
			return;
		}
}
