#include "reconciler/lifecycle/child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "schema/base/arena.h"

#define PAUSE_MIN 1 /* milliseconds */
#define PAUSE_MAX 100
#define READS_MAX 64 /* at once: more than a pipe holds, and it may be written faster than it is read */

enum end { RUNNING, ENDED, LATE, INTERRUPTED };

struct run {
	const struct hsm_child *child;
	struct hsm_buffer *output;
	pid_t pid;
	int writer, reader; /* -1: closed */
	size_t written;
	double deadline;
};

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void close_file(int *file)
{
	if (*file >= 0)
		close(*file);
	*file = -1;
}

/* Whether a variable is one that the child's additions set or remove. */
static bool is_changed(const char *const *changes, const char *variable)
{
	size_t length = strcspn(variable, "=");
	for (; changes && *changes; changes++)
		if (strncmp(*changes, variable, length) == 0 && (!(*changes)[length] || (*changes)[length] == '='))
			return true;
	return false;
}

static char **make_environment(const char *const *changes, struct hsm_arena *arena)
{
	size_t count = 1, used = 0;
	for (char **variable = environ; variable && *variable; variable++)
		count++;
	for (const char *const *change = changes; change && *change; change++)
		count++;
	char **variables = hsm_arena_allocate_array(arena, count, sizeof(*variables));
	for (char **variable = environ; variable && *variable; variable++)
		if (!is_changed(changes, *variable))
			variables[used++] = *variable;
	for (const char *const *change = changes; change && *change; change++)
		if (strchr(*change, '='))
			variables[used++] = (char *)*change;
	return variables;
}

static int set_actions(posix_spawn_file_actions_t *actions, const struct hsm_child *child, int input,
		       int output)
{
	int rc = input >= 0 ? posix_spawn_file_actions_adddup2(actions, input, STDIN_FILENO)
			    : posix_spawn_file_actions_addopen(actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(actions, output, STDOUT_FILENO);
	if (!rc)
		rc = posix_spawn_file_actions_adddup2(actions, output, STDERR_FILENO);
	/* What a library opened without close-on-exec. */
	if (!rc)
		rc = posix_spawn_file_actions_addclosefrom_np(actions, STDERR_FILENO + 1);
	if (!rc && child->folder)
		rc = posix_spawn_file_actions_addchdir_np(actions, child->folder);
	return rc;
}

/* An errno. posix_spawn, since between fork and exec other threads' locks stay locked. */
static int spawn(struct run *run, int input, int output)
{
	const struct hsm_child *child = run->child;
	struct hsm_arena arena = { 0 };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	sigset_t all, none;
	sigfillset(&all);
	sigemptyset(&none);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attributes);
	posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETSIGMASK);
	posix_spawnattr_setsigdefault(&attributes, &all);
	posix_spawnattr_setsigmask(&attributes, &none);
	int rc = set_actions(&actions, child, input, output);
	if (!rc)
		rc = posix_spawnp(&run->pid, child->argv[0], &actions, &attributes, (char *const *)child->argv,
				  make_environment(child->environment, &arena));
	posix_spawnattr_destroy(&attributes);
	posix_spawn_file_actions_destroy(&actions);
	hsm_arena_release(&arena);
	return rc;
}

static int start(struct run *run, struct hsm_error *error)
{
	const struct hsm_child *child = run->child;
	int input[2] = { -1, -1 }, output[2] = { -1, -1 };
	bool opened = pipe2(output, O_CLOEXEC) == 0 && (!child->input_length || pipe2(input, O_CLOEXEC) == 0);
	run->reader = output[0];
	run->writer = input[1];
	int rc = opened ? 0 : errno;
	if (!rc) {
		fcntl(run->reader, F_SETFL, O_NONBLOCK);
		if (run->writer >= 0)
			fcntl(run->writer, F_SETFL, O_NONBLOCK);
		rc = spawn(run, input[0], output[1]);
	}
	close_file(&input[0]);
	close_file(&output[1]);
	if (!rc)
		return 0;
	close_file(&run->reader);
	close_file(&run->writer);
	if (child->folder && access(child->folder, X_OK) != 0)
		return hsm_error_set(error, HSM_ERROR_NO_INPUT, "cannot run '%s' in '%s': %s", child->argv[0],
				     child->folder, strerror(rc));
	if (rc == ENOENT)
		return hsm_error_set(error, HSM_ERROR_NO_INPUT, "no program '%s' here: install it, or correct PATH",
				     child->argv[0]);
	return hsm_error_set(error, HSM_ERROR_FAILED, "cannot run '%s': %s", child->argv[0], strerror(rc));
}

/* write() that gives EPIPE but no SIGPIPE, which it holds back in this thread only:
 * how the process handles it is not this file's. */
static ssize_t write_quietly(int file, const char *data, size_t length)
{
	sigset_t broken, pending, before;
	sigemptyset(&broken);
	sigaddset(&broken, SIGPIPE);
	sigpending(&pending);
	pthread_sigmask(SIG_BLOCK, &broken, &before);
	ssize_t rc = write(file, data, length);
	int reason = errno;
	if (rc < 0 && reason == EPIPE && !sigismember(&pending, SIGPIPE))
		sigtimedwait(&broken, NULL, &(struct timespec){ 0 });
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	errno = reason;
	return rc;
}

static void feed(struct run *run)
{
	const struct hsm_child *child = run->child;
	while (run->writer >= 0) {
		ssize_t wrote = write_quietly(run->writer, child->input + run->written,
					      child->input_length - run->written);
		if (wrote < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		if (wrote > 0)
			run->written += (size_t)wrote;
		if (wrote < 0 || run->written == child->input_length)
			close_file(&run->writer);
	}
}

static void take(struct run *run)
{
	char chunk[4096];
	struct hsm_buffer *output = run->output;
	for (int i = 0; run->reader >= 0 && i < READS_MAX; i++) {
		ssize_t got = read(run->reader, chunk, sizeof(chunk));
		if (got < 0 && (errno == EAGAIN || errno == EINTR))
			return;
		size_t room = output->cap - output->length;
		if (got > 0 && (size_t)got > room) {
			hsm_buffer_append(output, chunk, room);
			output->full = true;
		} else if (got > 0) {
			hsm_buffer_append(output, chunk, (size_t)got);
		} else {
			close_file(&run->reader);
		}
	}
}

static bool has_ended(const struct run *run)
{
	siginfo_t info = { 0 };
	/* Left as a zombie: its number is also its group's, which is still to be killed. */
	int rc = waitid(P_PID, (id_t)run->pid, &info, WEXITED | WNOHANG | WNOWAIT);
	return (rc == 0 && info.si_pid == run->pid) || (rc < 0 && errno == ECHILD);
}

/* It ends when the program does, and not when its output does: a process in the
 * background may hold that open for long (ssh's ControlPersist). */
static enum end watch(struct run *run)
{
	const volatile sig_atomic_t *interrupted = run->child->interrupted;
	int pause = PAUSE_MIN;
	enum end end = RUNNING;
	while (end == RUNNING) {
		struct pollfd files[] = { { .fd = run->reader, .events = POLLIN },
					  { .fd = run->writer, .events = POLLOUT } };
		poll(files, 2, pause);
		if (pause < PAUSE_MAX)
			pause *= 2;
		bool ended = has_ended(run), open = run->reader >= 0;
		feed(run);
		take(run);
		if (open && run->reader < 0)
			pause = PAUSE_MIN; /* its end is near */
		if (ended)
			end = ENDED;
		else if (interrupted && *interrupted)
			end = INTERRUPTED;
		else if (now() >= run->deadline)
			end = LATE;
	}
	close_file(&run->reader);
	close_file(&run->writer);
	return end;
}

/* Kills what is left and gives the program's status. As a container's first
 * process, this one also inherits the group's orphans. */
static int reap(const struct run *run)
{
	int status = 0;
	kill(-run->pid, SIGKILL);
	for (;;) {
		int one;
		pid_t pid = waitpid(-run->pid, &one, 0);
		if (pid == run->pid)
			status = one;
		if (pid < 0 && errno != EINTR)
			return status;
	}
}

static int tell_failure(const struct run *run, int status, struct hsm_error *error)
{
	const char *program = run->child->argv[0], *text = hsm_buffer_text(run->output);
	size_t end = run->output->length;
	while (end && strchr(" \t\r\n", text[end - 1]))
		end--;
	size_t start = end;
	while (start && text[start - 1] != '\n' && text[start - 1] != '\r')
		start--;
	if (WIFSIGNALED(status))
		return hsm_error_set(error, HSM_ERROR_FAILED, "'%s' was ended by signal %d", program, WTERMSIG(status));
	if (start == end)
		return hsm_error_set(error, HSM_ERROR_FAILED, "'%s' failed with exit code %d and said nothing", program,
				     WEXITSTATUS(status));
	return hsm_error_set(error, HSM_ERROR_FAILED, "'%s' failed with exit code %d: %.*s", program,
			     WEXITSTATUS(status), (int)(end - start), text + start);
}

int hsm_child_run(const struct hsm_child *child, struct hsm_buffer *output, struct hsm_error *error)
{
	struct run run = { .child = child, .output = output, .deadline = now() + child->timeout };
	int rc = start(&run, error);
	if (rc)
		return rc;
	enum end end = watch(&run);
	int status = reap(&run);
	if (end == LATE)
		return hsm_error_set(error, HSM_ERROR_UNAVAILABLE, "'%s' took longer than %g s", child->argv[0],
				     child->timeout);
	if (end == INTERRUPTED)
		return hsm_error_set(error, HSM_ERROR_FAILED, "'%s' was interrupted", child->argv[0]);
	return status ? tell_failure(&run, status, error) : 0;
}
