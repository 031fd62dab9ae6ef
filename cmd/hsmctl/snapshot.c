#include <string.h>
#include <time.h>

#include "cmd/hsmctl/planning.h"
#include "cmd/hsmctl/save.h"
#include "reconciler/live/snapshot.h"

static const char *format_now(struct hsm_arena *arena)
{
	char text[32] = "";
	time_t now = (time_t)hsm_session_now();
	struct tm tm;
	if (gmtime_r(&now, &tm))
		strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%SZ", &tm);
	return hsm_arena_copy_string(arena, text);
}

static int save(struct hsm_session *session, const struct hsm_buffer *text, size_t templates, struct hsm_error *error)
{
	const char *path = session->options.out;
	if (!path || strcmp(path, "-") == 0) {
		hsm_output_write(&session->output, text);
		return 0;
	}
	int rc = hsm_save_file(path, text, error);
	if (!rc)
		hsm_output_log(&session->output, HSM_LEVEL_INFO, "saved %zu templates: hsmctl plan --against %s compares with them",
			       templates, path);
	return rc;
}

int hsm_command_snapshot(struct hsm_session *session, struct hsm_error *error)
{
	struct hsm_live live = { 0 };
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	int rc = hsm_session_connect(session, error);
	if (!rc)
		rc = hsm_planning_read_live(session, true, &live, error);
	if (!rc) {
		struct hsm_snapshot snapshot = { .environment = session->desired.environment->node.key.text,
						 .taken = format_now(&session->arena) };
		hsm_snapshot_save(&live, &snapshot, &text);
		rc = save(session, &text, live.template_count, error);
	}
	hsm_buffer_release(&text);
	hsm_live_release(&live);
	return rc;
}
