#include "tests/unit/git_fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) && !defined(__SANITIZE_ADDRESS__)
#define __SANITIZE_ADDRESS__
#endif
#endif
#if defined(__SANITIZE_ADDRESS__)
#include <sanitizer/lsan_interface.h>
#endif

#include "schema/base/buffer.h"

static void __attribute__((format(printf, 3, 0)))
run(struct hsm_git_fixture *fixture, const char *command, const char *format, va_list arguments)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(1 << 16);
	hsm_buffer_append_format(&buffer, "cd '%s' && %s", fixture->folder, command);
	hsm_buffer_append_arguments(&buffer, format, arguments);
	int status = system(hsm_buffer_text(&buffer));
	if (status)
		print_error("failed: %s\n", hsm_buffer_text(&buffer));
	hsm_buffer_release(&buffer);
	assert_int_equal(status, 0);
}

void hsm_git_fixture_shell(struct hsm_git_fixture *fixture, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	run(fixture, "", format, arguments);
	va_end(arguments);
}

void hsm_git_fixture_run(struct hsm_git_fixture *fixture, const char *format, ...)
{
	va_list arguments;
	va_start(arguments, format);
	run(fixture, "git ", format, arguments);
	va_end(arguments);
}

void hsm_git_fixture_start(struct hsm_git_fixture *fixture)
{
	*fixture = (struct hsm_git_fixture){ .folder = "/tmp/hsm_test_XXXXXX" };
	assert_non_null(mkdtemp(fixture->folder));
	/* Nothing of the machine's settings. */
	setenv("GIT_CONFIG_NOSYSTEM", "1", 1);
	setenv("GIT_CONFIG_GLOBAL", "/dev/null", 1);
	setenv("GIT_AUTHOR_NAME", "Ana Ruiz", 1);
	setenv("GIT_AUTHOR_EMAIL", "ana@example.com", 1);
	setenv("GIT_COMMITTER_NAME", "Ben", 1);
	setenv("GIT_COMMITTER_EMAIL", "ben@example.com", 1);
	hsm_git_fixture_run(fixture, "init -q -b main .");
}

void hsm_git_fixture_commit_bomb(struct hsm_git_fixture *fixture, const char *ref)
{
	hsm_git_fixture_shell(fixture,
			      "t=$(git mktree </dev/null) && for level in 1 2 3 4 5 6 7 8 9 10 11 12 13 14; do "
			      "t=$(for i in 0 1 2 3 4 5 6 7 8 9; do printf '040000 tree %%s\\td%%d\\n' $t $i; done | "
			      "git mktree); done && c=$(git rev-parse HEAD:hsmctl.yaml) && "
			      "r=$(printf '100644 blob %%s\\thsmctl.yaml\\n040000 tree %%s\\ttemplates\\n' $c $t | git mktree) && "
			      "git update-ref %s $(git commit-tree -m bomb $r)", ref);
}

void hsm_git_fixture_stop(struct hsm_git_fixture *fixture)
{
	hsm_git_fixture_shell(fixture, "chmod -R u+rwX . && rm -rf '%s'", fixture->folder);
}

void hsm_git_fixture_write(struct hsm_git_fixture *fixture, const char *path, const char *text)
{
	char full[512];
	snprintf(full, sizeof(full), "%s/%s", fixture->folder, path);
	hsm_git_fixture_shell(fixture, "mkdir -p \"$(dirname '%s')\"", path);
	FILE *file = fopen(full, "w");
	assert_non_null(file);
	assert_int_equal(fwrite(text, 1, strlen(text), file), strlen(text));
	assert_int_equal(fclose(file), 0);
}

char *hsm_git_fixture_read(const struct hsm_git_fixture *fixture, const char *path)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(1 << 20);
	char full[512], chunk[4096];
	snprintf(full, sizeof(full), "%s/%s", fixture->folder, path);
	FILE *file = fopen(full, "r");
	assert_non_null(file);
	for (size_t got; (got = fread(chunk, 1, sizeof(chunk), file)) > 0;)
		hsm_buffer_append(&buffer, chunk, got);
	fclose(file);
	return hsm_buffer_detach(&buffer);
}

void hsm_git_fixture_commit(struct hsm_git_fixture *fixture, const char *subject)
{
	char date[64];
	int minutes = fixture->minutes++;
	snprintf(date, sizeof(date), "2026-01-%02dT%02d:%02d:00Z", 1 + minutes / 1440, minutes / 60 % 24, minutes % 60);
	setenv("GIT_AUTHOR_DATE", date, 1);
	setenv("GIT_COMMITTER_DATE", date, 1);
	hsm_git_fixture_run(fixture, "add -A");
	hsm_git_fixture_run(fixture, "commit -q --allow-empty -m '%s'", subject);
}

void hsm_git_fixture_ignore_leaks(bool ignore)
{
#if defined(__SANITIZE_ADDRESS__)
	if (ignore)
		__lsan_disable();
	else
		__lsan_enable();
#else
	(void)ignore;
#endif
}
