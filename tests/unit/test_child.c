#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "reconciler/lifecycle/child.h"

struct state {
	struct hsm_buffer output;
	struct hsm_error error;
	struct hsm_child child;
	const char *argv[4];
};

static int start(void **user)
{
	struct state *state = calloc(1, sizeof(*state));
	state->output = (struct hsm_buffer)HSM_BUFFER_INIT(HSM_CHILD_OUTPUT_MAX);
	state->child = (struct hsm_child){ .argv = state->argv, .timeout = 20 };
	*user = state;
	return 0;
}

static int stop(void **user)
{
	struct state *state = *user;
	hsm_buffer_release(&state->output);
	free(state);
	return 0;
}

static int run(struct state *state, const char *command)
{
	state->argv[0] = "sh";
	state->argv[1] = "-c";
	state->argv[2] = command;
	hsm_buffer_clear(&state->output);
	memset(&state->error, 0, sizeof(state->error));
	return hsm_child_run(&state->child, &state->output, &state->error);
}

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static size_t count_files(void)
{
	size_t count = 0;
	DIR *files = opendir("/proc/self/fd");
	while (readdir(files))
		count++;
	closedir(files);
	return count;
}

/* A killed process may be another's zombie for a moment. */
static bool is_gone(pid_t pid)
{
	for (int i = 0; i < 100 && kill(pid, 0) == 0; i++) {
		char path[64], text[256] = "";
		snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
		FILE *file = fopen(path, "r");
		if (file) {
			size_t got = fread(text, 1, sizeof(text) - 1, file);
			fclose(file);
			if (got && strstr(text, ") Z "))
				return true;
		}
		usleep(20000);
	}
	return kill(pid, 0) != 0;
}

static void output_and_errors_come_in_their_order(void **user)
{
	struct state *state = *user;
	assert_int_equal(run(state, "echo one; echo two >&2; echo three"), 0);
	assert_string_equal(hsm_buffer_text(&state->output), "one\ntwo\nthree\n");
	assert_string_equal(state->error.message, "");
}

static void what_fails_tells_its_last_line(void **user)
{
	struct state *state = *user;
	assert_int_equal(run(state, "echo one; printf 'it broke \\r\\n\\n' >&2; exit 3"), HSM_ERROR_FAILED);
	assert_string_equal(state->error.message, "'sh' failed with exit code 3: it broke");
	assert_int_equal(run(state, "exit 1"), HSM_ERROR_FAILED);
	assert_non_null(strstr(state->error.message, "said nothing"));
	assert_int_equal(run(state, "kill -TERM $$"), HSM_ERROR_FAILED);
	assert_non_null(strstr(state->error.message, "signal 15"));
}

static void what_is_not_there_has_a_class_of_its_own(void **user)
{
	struct state *state = *user;
	state->argv[0] = "no-such-program";
	assert_int_equal(hsm_child_run(&state->child, &state->output, &state->error), HSM_ERROR_NO_INPUT);
	assert_non_null(strstr(state->error.message, "no-such-program"));
	assert_null(strstr(state->error.message, " in "));
	state->child.folder = "/nowhere";
	assert_int_equal(run(state, "true"), HSM_ERROR_NO_INPUT);
	assert_non_null(strstr(state->error.message, "/nowhere"));
}

static void it_has_its_folder_and_its_environment(void **user)
{
	struct state *state = *user;
	static const char *const environment[] = { "ADDED=1", "CHANGED=new", "REMOVED", "EMPTY=", NULL };
	setenv("CHANGED", "old", 1);
	setenv("CHANGED_NOT", "same", 1);
	setenv("REMOVED", "old", 1);
	state->child.folder = "/";
	state->child.environment = environment;
	assert_int_equal(run(state, "pwd; echo \"$ADDED $CHANGED $CHANGED_NOT ${REMOVED-none} ${EMPTY-none}.\"; "
				    "env | grep -c ^CHANGED="), 0);
	assert_string_equal(hsm_buffer_text(&state->output), "/\n1 new same none .\n1\n");
}

static void input_is_given_while_output_is_taken(void **user)
{
	struct state *state = *user;
	size_t length = (size_t)1 << 20;
	char *input = malloc(length);
	memset(input, 'x', length);
	state->child.input = input;
	state->child.input_length = length;
	state->output.cap = length;
	assert_int_equal(run(state, "cat"), 0);
	assert_int_equal(state->output.length, length);
	assert_false(state->output.full);
	assert_memory_equal(state->output.data, input, length);
	assert_int_equal(run(state, "wc -c < /dev/stdin"), 0);
	assert_string_equal(hsm_buffer_text(&state->output), "1048576\n");
	free(input);
	state->child.input_length = 0;
	assert_int_equal(run(state, "wc -c"), 0);
	assert_string_equal(hsm_buffer_text(&state->output), "0\n");
}

static void input_that_nobody_reads_ends_nothing(void **user)
{
	struct state *state = *user;
	static char input[1 << 20];
	sigset_t pending;
	signal(SIGPIPE, SIG_DFL);
	state->child.input = input;
	state->child.input_length = sizeof(input);
	assert_int_equal(run(state, "exec <&-; sleep 0.1; echo done"), 0);
	assert_string_equal(hsm_buffer_text(&state->output), "done\n");
	assert_int_equal(run(state, "true"), 0);
	sigpending(&pending);
	assert_false(sigismember(&pending, SIGPIPE));
}

static void output_is_capped(void **user)
{
	struct state *state = *user;
	assert_int_equal(run(state, "head -c 300000 /dev/zero | tr '\\0' x; echo end"), 0);
	assert_int_equal(state->output.length, HSM_CHILD_OUTPUT_MAX);
	assert_true(state->output.full);
}

static void a_flood_of_output_does_not_outlast_the_time(void **user)
{
	struct state *state = *user;
	state->child.timeout = 0.3;
	double began = now();
	assert_int_equal(run(state, "yes"), HSM_ERROR_UNAVAILABLE);
	assert_string_equal(state->error.message, "'sh' took longer than 0.3 s");
	assert_true(now() - began < 5);
}

static void what_takes_too_long_is_killed_with_its_children(void **user)
{
	struct state *state = *user;
	pid_t one, two;
	state->child.timeout = 0.5;
	double began = now();
	assert_int_equal(run(state, "trap '' TERM; sh -c 'echo $$; sleep 60; true' & echo $$; wait"),
			 HSM_ERROR_UNAVAILABLE);
	assert_true(now() - began < 5);
	assert_int_equal(sscanf(hsm_buffer_text(&state->output), "%d %d", &one, &two), 2);
	assert_true(is_gone(one));
	assert_true(is_gone(two));
}

static void what_stays_in_the_background_is_neither_waited_for_nor_kept(void **user)
{
	struct state *state = *user;
	pid_t pid;
	double began = now();
	assert_int_equal(run(state, "sleep 60 & echo $!"), 0);
	assert_true(now() - began < 5);
	assert_int_equal(sscanf(hsm_buffer_text(&state->output), "%d", &pid), 1);
	assert_true(is_gone(pid));
}

static volatile sig_atomic_t interrupted;

static void *interrupt_soon(void *user)
{
	(void)user;
	usleep(200000);
	interrupted = 1;
	return NULL;
}

static void an_interruption_ends_it_soon(void **user)
{
	struct state *state = *user;
	pthread_t thread;
	interrupted = 0;
	state->child.interrupted = &interrupted;
	assert_int_equal(pthread_create(&thread, NULL, interrupt_soon, NULL), 0);
	double began = now();
	assert_int_equal(run(state, "sleep 60"), HSM_ERROR_FAILED);
	assert_true(now() - began < 5);
	assert_string_equal(state->error.message, "'sh' was interrupted");
	assert_int_equal(pthread_join(thread, NULL), 0);
}

static void signals_and_files_are_not_inherited(void **user)
{
	struct state *state = *user;
	sigset_t blocked, before;
	sigfillset(&blocked);
	signal(SIGPIPE, SIG_IGN);
	pthread_sigmask(SIG_BLOCK, &blocked, &before);
	int file = dup(STDERR_FILENO); /* not close-on-exec */
	assert_int_equal(run(state, "grep SigBlk /proc/self/status; sh -c 'kill -PIPE $$; echo ignored'; "
				    "ls /proc/self/fd | wc -l; "
				    "test -t 0 || (exec </dev/tty) 2>/dev/null || echo no terminal"), 0);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	signal(SIGPIPE, SIG_DFL);
	close(file);
	/* 0, 1, 2 and the listed folder. */
	assert_string_equal(hsm_buffer_text(&state->output),
			    "SigBlk:\t0000000000000000\n4\nno terminal\n");
}

static void *run_often(void *user)
{
	struct hsm_buffer output = HSM_BUFFER_INIT(HSM_CHILD_OUTPUT_MAX);
	const char *const argv[] = { "cat", NULL };
	const struct hsm_child child = { .argv = argv, .timeout = 20, .input = "text", .input_length = 4 };
	struct hsm_error error;
	for (int i = 0; i < 50; i++)
		if (hsm_child_run(&child, &output, &error))
			*(int *)user = 1;
	if (output.length != 200)
		*(int *)user = 1;
	hsm_buffer_release(&output);
	return NULL;
}

static void many_runs_at_once_leave_nothing(void **user)
{
	pthread_t threads[4];
	int failed[4] = { 0 };
	size_t before = count_files();
	(void)user;
	for (int i = 0; i < 4; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, run_often, &failed[i]), 0);
	for (int i = 0; i < 4; i++) {
		assert_int_equal(pthread_join(threads[i], NULL), 0);
		assert_int_equal(failed[i], 0);
	}
	assert_int_equal(count_files(), before);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(output_and_errors_come_in_their_order, start, stop),
		cmocka_unit_test_setup_teardown(what_fails_tells_its_last_line, start, stop),
		cmocka_unit_test_setup_teardown(what_is_not_there_has_a_class_of_its_own, start, stop),
		cmocka_unit_test_setup_teardown(it_has_its_folder_and_its_environment, start, stop),
		cmocka_unit_test_setup_teardown(input_is_given_while_output_is_taken, start, stop),
		cmocka_unit_test_setup_teardown(input_that_nobody_reads_ends_nothing, start, stop),
		cmocka_unit_test_setup_teardown(output_is_capped, start, stop),
		cmocka_unit_test_setup_teardown(a_flood_of_output_does_not_outlast_the_time, start, stop),
		cmocka_unit_test_setup_teardown(what_takes_too_long_is_killed_with_its_children, start, stop),
		cmocka_unit_test_setup_teardown(what_stays_in_the_background_is_neither_waited_for_nor_kept, start, stop),
		cmocka_unit_test_setup_teardown(an_interruption_ends_it_soon, start, stop),
		cmocka_unit_test_setup_teardown(signals_and_files_are_not_inherited, start, stop),
		cmocka_unit_test_setup_teardown(many_runs_at_once_leave_nothing, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
