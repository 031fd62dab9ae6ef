#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cmd/hsmctl/help.h"
#include "cmd/hsmctl/memory.h"
#include "cmd/hsmctl/session.h"
#include "schema/base/memory.h"

/* No setlocale: numbers, case and messages are the same everywhere. */

static void stop_without_memory(void)
{
	static const char message[] = "hsmctl: error: out of memory\n";
	ssize_t ignored = write(STDERR_FILENO, message, sizeof(message) - 1);
	(void)ignored;
	_exit(hsm_exit_code(HSM_ERROR_FAILED));
}

static void note_signal(int number)
{
	(void)number;
	hsm_interrupted = 1;
}

/* The first one lets what is in flight end; the second one kills. No restart:
 * a prompt must end. */
static void catch_signals(void)
{
	struct sigaction action = { .sa_handler = note_signal, .sa_flags = SA_RESETHAND };
	sigemptyset(&action.sa_mask);
	sigaction(SIGINT, &action, NULL);
	sigaction(SIGTERM, &action, NULL);
	signal(SIGPIPE, SIG_IGN); /* a write that fails says so */
	signal(SIGXFSZ, SIG_IGN); /* and one beyond a limit, too */
}

/* Where one of the first three was closed, a file opened later would take its
 * place and get what is meant for it. Writing to this fails. */
static void open_standard_files(void)
{
	int file;
	do
		file = open("/dev/null", O_RDONLY);
	while (file >= 0 && file <= STDERR_FILENO);
	if (file >= 0)
		close(file);
}

static int enter_folder(const char *folder, struct hsm_error *error)
{
	if (chdir(folder) == 0)
		return 0;
	return hsm_error_set(error, HSM_ERROR_NO_INPUT, "cannot work in '%s': %s", folder, strerror(errno));
}

static int run(struct hsm_session *session, struct hsm_error *error)
{
	if (session->options.version)
		return hsm_command_version(session, error);
	if (session->options.help || !session->command) {
		struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		hsm_help_append(session->command, &text);
		if (session->options.help)
			hsm_output_write(&session->output, &text);
		else
			fputs(hsm_buffer_text(&text), stderr);
		hsm_buffer_release(&text);
		return session->options.help ? 0 : HSM_ERROR_USAGE;
	}
	int rc = enter_folder(session->options.directory, error);
	return rc ? rc : session->command->run(session, error);
}

int main(int argc, char *argv[])
{
	struct hsm_session session = { 0 };
	struct hsm_error error = { 0 }, write_error = { 0 };
	hsm_memory_set_exhausted(stop_without_memory);
	hsm_memory_lend();
	open_standard_files();
	catch_signals();
	int rc = hsm_options_parse(argc, argv, &session.command, &session.options, &error);
	hsm_output_begin(&session.output, &session.options);
	hsm_session_begin(&session);
	if (!rc)
		rc = run(&session, &error);
	/* Output is complete before the exit code is chosen. */
	int written = hsm_output_finish(&session.output, &write_error);
	if (rc < 0)
		hsm_output_error(&session.output, &error);
	if (written)
		hsm_output_error(&session.output, &write_error);
	hsm_session_end(&session);
	return hsm_exit_code(hsm_exit_pick(rc, written));
}
