#include "reconciler/desired/bump.h"

#include "cmd/hsmctl/session.h"
#include "schema/base/text.h"

static void append_bump(struct hsm_buffer *text, const struct hsm_bump *bump)
{
	hsm_text_append_printable_line(text, bump->path);
	hsm_buffer_append_format(text, ":%u ", bump->mark.line);
	hsm_text_append_printable_line(text, bump->base);
	hsm_buffer_append_char(text, ' ');
	hsm_text_append_printable_line(text, bump->language);
	if (bump->old_version)
		hsm_buffer_append_format(text, " v%lld", (long long)bump->old_version);
	else
		hsm_buffer_append_string(text, " none");
	hsm_buffer_append_format(text, " → v%lld\n", (long long)bump->new_version);
}

static int find_base(struct hsm_session *session, char base[HSM_COMMIT_SIZE], struct hsm_error *error)
{
	if (session->options.base)
		return hsm_repository_resolve(session->repository, session->options.base, base, error);
	return hsm_repository_find_base(session->repository, base, error);
}

int hsm_command_bump(struct hsm_session *session, struct hsm_error *error)
{
	char base[HSM_COMMIT_SIZE];
	struct hsm_bumps bumps = { 0 };
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	if (session->options.revision)
		return hsm_error_set(error, HSM_ERROR_USAGE,
				     "bump writes the work tree's files: it takes no --rev");
	int rc = hsm_session_open_repository(session, error);
	if (!rc)
		rc = find_base(session, base, error);
	if (!rc) {
		rc = hsm_bump_find(session->repository, NULL, base, &bumps, &session->findings, error);
		hsm_output_findings(&session->output, &session->findings);
	}
	if (!rc && bumps.count)
		rc = hsm_bump_write(session->repository, &bumps, error);
	for (size_t i = 0; !rc && i < bumps.count; i++)
		append_bump(&text, &bumps.items[i]);
	if (!rc && !bumps.count)
		hsm_output_log(&session->output, HSM_LEVEL_INFO, "no version needs a bump");
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
	hsm_bumps_release(&bumps);
	return rc;
}
