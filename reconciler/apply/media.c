#include "reconciler/apply/media.h"

#include <string.h>

#include "reconciler/desired/media.h"

static const char *find_commit(const struct hsm_plan *plan)
{
	return plan->dirty.value ? NULL : plan->commit.text;
}

static int read_one(struct hsm_arena *arena, struct hsm_repository *repository, const struct hsm_plan *plan,
		    const struct hsm_plan_media *media, struct hsm_media_file *file, struct hsm_error *error)
{
	if (!repository)
		return hsm_error_set(error, HSM_ERROR_NO_INPUT,
				     "%s: apply this plan in its repository: samples are uploaded from there", media->path.text);
	int rc = hsm_media_read(repository, find_commit(plan), media->path.text, media->format.text, arena, file, error);
	if (rc == HSM_ERROR_NO_INPUT && find_commit(plan)) /* the work tree's was checked, and is not what is uploaded */
		return hsm_error_set(error, HSM_ERROR_NO_INPUT, "%s is not in commit %.12s: commit the sample with what shows it",
				     media->path.text, find_commit(plan));
	if (rc || !media->sha256.text || strcmp(media->sha256.text, file->fingerprint) == 0)
		return rc;
	return hsm_error_set(error, HSM_ERROR_STALE, "%s is not the file that was planned; plan again", media->path.text);
}

bool hsm_apply_has_media(const struct hsm_plan *plan)
{
	for (size_t i = 0; i < plan->changes.count; i++) {
		const struct hsm_list *submit = &HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i)->submit;
		for (size_t j = 0; j < submit->count; j++)
			if (HSM_LIST_ITEM(*submit, struct hsm_plan_submission, j)->media.count)
				return true;
	}
	return false;
}

static int note_submission(struct hsm_arena *arena, struct hsm_repository *repository, const struct hsm_plan *plan,
			   const struct hsm_plan_submission *submission, struct hsm_error *error)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < submission->media.count; i++) {
		struct hsm_plan_media *media = HSM_LIST_ITEM(submission->media, struct hsm_plan_media, i);
		struct hsm_arena scratch = { 0 };
		struct hsm_media_file file;
		rc = read_one(&scratch, repository, plan, media, &file, error);
		if (!rc)
			media->sha256.text = hsm_arena_copy_string(arena, file.fingerprint);
		hsm_arena_release(&scratch);
	}
	return rc;
}

int hsm_apply_note_media(struct hsm_arena *arena, struct hsm_repository *repository, struct hsm_plan *plan,
			 struct hsm_error *error)
{
	int rc = 0;
	for (size_t i = 0; i < plan->changes.count; i++) {
		const struct hsm_list *submit = &HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i)->submit;
		for (size_t j = 0; !rc && j < submit->count; j++)
			rc = note_submission(arena, repository, plan, HSM_LIST_ITEM(*submit, struct hsm_plan_submission, j), error);
	}
	return rc;
}

int hsm_apply_read_media(struct hsm_arena *arena, struct hsm_repository *repository, const struct hsm_plan *plan,
			 const struct hsm_plan_submission *submission, const struct hsm_media **media,
			 struct hsm_error *error)
{
	size_t count = submission->media.count;
	struct hsm_media *items = hsm_arena_allocate_array(arena, count, sizeof(*items));
	int rc = 0;
	for (size_t i = 0; !rc && i < count; i++) {
		struct hsm_media_file file;
		rc = read_one(arena, repository, plan, HSM_LIST_ITEM(submission->media, struct hsm_plan_media, i), &file, error);
		if (!rc)
			items[i] = (struct hsm_media){ .name = file.name, .type = file.type, .bytes = file.bytes,
						       .length = file.length };
	}
	*media = items;
	return rc;
}
