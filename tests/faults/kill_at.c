/*
 * Preloaded, it ends the process as kill -9 does at the Nth of what the outside
 * sees of it: before, amid and after each write, before and after each sync, rename
 * and send, and after each answer that it receives (HSM_KILL_AT=N). Its clock is
 * wrong by so many seconds (HSM_CLOCK_OFFSET). And where it sleeps, its clocks move on
 * instead (HSM_SKIP_SLEEP=1): what waits for seconds is tested in milliseconds.
 */
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define SECOND 1000000000L
#define SHARE 1000 /* of a sleep that is slept */

static atomic_long left;
static atomic_long skipped; /* nanoseconds */
static long clock_offset;
static int skips_sleep;

__attribute__((constructor)) static void read_environment(void)
{
	const char *at = getenv("HSM_KILL_AT"), *offset = getenv("HSM_CLOCK_OFFSET");
	atomic_store(&left, at ? strtol(at, NULL, 10) : 0);
	clock_offset = offset ? strtol(offset, NULL, 10) : 0;
	skips_sleep = getenv("HSM_SKIP_SLEEP") != NULL;
	/* What it starts is another process. */
	unsetenv("LD_PRELOAD");
}

static int is_time(void)
{
	return atomic_fetch_sub(&left, 1) == 1;
}

static void count(void)
{
	if (is_time())
		kill(getpid(), SIGKILL);
}

#define BOTH_SIDES(type, call)       \
	do {                         \
		count();             \
		type result_ = call; \
		count();             \
		return result_;      \
	} while (0)

/* What only people read is no state. */
static int is_output(int file)
{
	return file == STDOUT_FILENO || file == STDERR_FILENO;
}

/* As a full disk or a machine that loses its power leaves it. */
static void count_half(int file, const void *data, size_t size)
{
	if (!is_time())
		return;
	syscall(SYS_write, file, data, size / 2);
	kill(getpid(), SIGKILL);
}

ssize_t write(int file, const void *data, size_t size)
{
	if (is_output(file))
		return syscall(SYS_write, file, data, size);
	count_half(file, data, size);
	BOTH_SIDES(ssize_t, syscall(SYS_write, file, data, size));
}

ssize_t pwrite64(int file, const void *data, size_t size, off64_t at)
{
	BOTH_SIDES(ssize_t, syscall(SYS_pwrite64, file, data, size, at));
}

int fsync(int file)
{
	BOTH_SIDES(int, (int)syscall(SYS_fsync, file));
}

int fdatasync(int file)
{
	BOTH_SIDES(int, (int)syscall(SYS_fdatasync, file));
}

int rename(const char *from, const char *to)
{
	BOTH_SIDES(int, (int)syscall(SYS_rename, from, to));
}

int renameat(int from_folder, const char *from, int to_folder, const char *to)
{
	BOTH_SIDES(int, (int)syscall(SYS_renameat, from_folder, from, to_folder, to));
}

int unlink(const char *path)
{
	BOTH_SIDES(int, (int)syscall(SYS_unlink, path));
}

ssize_t send(int file, const void *data, size_t size, int flags)
{
	BOTH_SIDES(ssize_t, syscall(SYS_sendto, file, data, size, flags, NULL, 0));
}

ssize_t sendmsg(int file, const struct msghdr *message, int flags)
{
	BOTH_SIDES(ssize_t, syscall(SYS_sendmsg, file, message, flags));
}

ssize_t recv(int file, void *data, size_t size, int flags)
{
	ssize_t result = syscall(SYS_recvfrom, file, data, size, flags, NULL, NULL);
	if (result > 0)
		count();
	return result;
}

int clock_gettime(clockid_t which, struct timespec *now)
{
	int result = (int)syscall(SYS_clock_gettime, which, now);
	long more = atomic_load(&skipped);
	if (result || (which != CLOCK_REALTIME && which != CLOCK_MONOTONIC))
		return result;
	now->tv_sec += (which == CLOCK_REALTIME ? clock_offset : 0) + (more + now->tv_nsec) / SECOND;
	now->tv_nsec = (more + now->tv_nsec) % SECOND;
	return 0;
}

int nanosleep(const struct timespec *wanted, struct timespec *rest)
{
	struct timespec slept = *wanted;
	if (skips_sleep) {
		long nanoseconds = wanted->tv_sec * SECOND + wanted->tv_nsec;
		atomic_fetch_add(&skipped, nanoseconds - nanoseconds / SHARE);
		slept = (struct timespec){ .tv_nsec = nanoseconds / SHARE % SECOND };
	}
	return (int)syscall(SYS_nanosleep, &slept, rest);
}

time_t time(time_t *to)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	if (to)
		*to = now.tv_sec;
	return now.tv_sec;
}
