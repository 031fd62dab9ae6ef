/*
 * Lets the Nth call of a kind fail. Preloaded, it stands before the C library's functions,
 * in the program that FAIL_PROGRAM names and in none that this one starts:
 *
 *   FAIL_COUNTS=FILE     calls of each kind, and failures, as 64-bit numbers in the order of kinds[]
 *   FAIL_KIND=write      what fails: the FAIL_AT-th call of it, and with FAIL_ON=1 every later one
 *   FAIL_ERRNO=28        with this errno; a write or read of half the bytes where it is 0
 *
 * FAIL_COUNTS alone counts. What is written to standard error is never failed: the program
 * is to tell what went wrong.
 */
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

enum kind { OPEN, CREATE, READ, WRITE, SYNC, RENAME, MKDIR, TRUNCATE, CLOSE, STREAM, MAP, RANDOM, THREAD, SOCKET,
	    SEND, RECEIVE, REMOVE, STATUS, LISTING, LOCK, PIPE, SPAWN, MEMORY, KINDS };
static const char *const kinds[KINDS] = {
	[OPEN] = "open", [CREATE] = "create", [READ] = "read", [WRITE] = "write", [SYNC] = "sync", [RENAME] = "rename",
	[MKDIR] = "mkdir", [TRUNCATE] = "truncate", [CLOSE] = "close", [STREAM] = "stream", [MAP] = "map",
	[RANDOM] = "random", [THREAD] = "thread", [SOCKET] = "socket", [SEND] = "send", [RECEIVE] = "receive",
	[REMOVE] = "remove", [STATUS] = "status", [LISTING] = "listing", [LOCK] = "lock", [PIPE] = "pipe",
	[SPAWN] = "spawn", [MEMORY] = "memory",
};

/* In the file, so that they are there however the program ends. */
static _Atomic uint64_t *counts;
static int failing = KINDS, reason;
static uint64_t at;
static bool on;

__attribute__((constructor)) static void begin(void)
{
	const char *program = getenv("FAIL_PROGRAM"), *path = getenv("FAIL_COUNTS"), *kind = getenv("FAIL_KIND");
	size_t size = (KINDS + 1) * sizeof(*counts);
	if (!path || !program || strcmp(program, program_invocation_short_name) != 0)
		return;
	int file = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (file < 0 || ftruncate(file, (off_t)size))
		abort();
	void *memory = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
	close(file);
	if (memory == MAP_FAILED)
		abort();
	for (int i = 0; kind && i < KINDS; i++)
		if (strcmp(kinds[i], kind) == 0)
			failing = i;
	if (kind && failing == KINDS)
		abort();
	at = kind ? strtoull(getenv("FAIL_AT"), NULL, 10) : 0;
	reason = kind ? atoi(getenv("FAIL_ERRNO")) : 0;
	on = getenv("FAIL_ON") != NULL;
	counts = memory; /* from here on calls count */
}

/* A place for a debugger to stop at. */
__attribute__((noinline)) static void note_failure(void)
{
	atomic_fetch_add(&counts[KINDS], 1);
}

static bool fails(enum kind kind)
{
	if (!counts)
		return false;
	uint64_t number = atomic_fetch_add(&counts[kind], 1) + 1;
	if ((int)kind != failing || (on ? number < at : number != at))
		return false;
	note_failure();
	errno = reason;
	return true;
}

/* The next function of a name, and its type. */
#define NEXT(name)                                                        \
	static __typeof__(&name) next;                                    \
	if (!next)                                                        \
		*(void **)&next = dlsym(RTLD_NEXT, #name)

/* A function whose failure is the value `failed` and an errno. */
#define FAILING(kind, type, name, parameters, arguments, failed)           \
	type name parameters                                               \
	{                                                                  \
		NEXT(name);                                                \
		return fails(kind) ? failed : next arguments;              \
	}

#define EVENT_SIZE 8 /* bytes of an eventfd, which is no disk, and takes them at once */

/* Of half the bytes, where that is what is asked for. */
#define FAILING_BYTES(kind, name, parameters, arguments, file, length)     \
	ssize_t name parameters                                            \
	{                                                                  \
		NEXT(name);                                                \
		if (file == STDERR_FILENO || length <= EVENT_SIZE || !fails(kind)) \
			return next arguments;                             \
		if (reason)                                                \
			return -1;                                         \
		length /= 2;                                               \
		return next arguments;                                     \
	}

FAILING_BYTES(READ, read, (int file, void *data, size_t length), (file, data, length), file, length)
FAILING_BYTES(READ, pread, (int file, void *data, size_t length, off_t place), (file, data, length, place), file, length)
FAILING_BYTES(READ, pread64, (int file, void *data, size_t length, off64_t place), (file, data, length, place), file, length)
FAILING_BYTES(WRITE, write, (int file, const void *data, size_t length), (file, data, length), file, length)
FAILING_BYTES(WRITE, pwrite, (int file, const void *data, size_t length, off_t place), (file, data, length, place), file, length)
FAILING_BYTES(WRITE, pwrite64, (int file, const void *data, size_t length, off64_t place), (file, data, length, place), file, length)
FAILING_BYTES(SEND, send, (int file, const void *data, size_t length, int flags), (file, data, length, flags), file, length)
FAILING_BYTES(RECEIVE, recv, (int file, void *data, size_t length, int flags), (file, data, length, flags), file, length)

FAILING(WRITE, ssize_t, writev, (int file, const struct iovec *parts, int count), (file, parts, count), -1)
FAILING(SEND, ssize_t, sendmsg, (int file, const struct msghdr *message, int flags), (file, message, flags), -1)
FAILING(SEND, ssize_t, sendto, (int file, const void *data, size_t length, int flags, const struct sockaddr *address, socklen_t size),
	(file, data, length, flags, address, size), -1)
FAILING(RECEIVE, ssize_t, recvmsg, (int file, struct msghdr *message, int flags), (file, message, flags), -1)
FAILING(RECEIVE, ssize_t, recvfrom, (int file, void *data, size_t length, int flags, struct sockaddr *address, socklen_t *size),
	(file, data, length, flags, address, size), -1)

FAILING(SYNC, int, fsync, (int file), (file), -1)
FAILING(SYNC, int, fdatasync, (int file), (file), -1)
FAILING(RENAME, int, rename, (const char *from, const char *to), (from, to), -1)
FAILING(RENAME, int, renameat, (int from_folder, const char *from, int to_folder, const char *to), (from_folder, from, to_folder, to), -1)
FAILING(RENAME, int, link, (const char *from, const char *to), (from, to), -1)
FAILING(MKDIR, int, mkdir, (const char *path, mode_t mode), (path, mode), -1)
FAILING(MKDIR, int, mkdirat, (int folder, const char *path, mode_t mode), (folder, path, mode), -1)
FAILING(TRUNCATE, int, ftruncate, (int file, off_t length), (file, length), -1)
FAILING(TRUNCATE, int, ftruncate64, (int file, off64_t length), (file, length), -1)
FAILING(MAP, void *, mmap, (void *address, size_t length, int protection, int flags, int file, off_t place),
	(address, length, protection, flags, file, place), MAP_FAILED)
FAILING(MAP, void *, mmap64, (void *address, size_t length, int protection, int flags, int file, off64_t place),
	(address, length, protection, flags, file, place), MAP_FAILED)
FAILING(RANDOM, ssize_t, getrandom, (void *data, size_t length, unsigned flags), (data, length, flags), -1)
FAILING(RANDOM, int, getentropy, (void *data, size_t length), (data, length), -1)
FAILING(SOCKET, int, socket, (int domain, int type, int protocol), (domain, type, protocol), -1)
FAILING(SOCKET, int, connect, (int file, const struct sockaddr *address, socklen_t size), (file, address, size), -1)
FAILING(SOCKET, int, bind, (int file, const struct sockaddr *address, socklen_t size), (file, address, size), -1)
FAILING(SOCKET, int, listen, (int file, int backlog), (file, backlog), -1)
FAILING(SOCKET, int, accept4, (int file, struct sockaddr *address, socklen_t *size, int flags), (file, address, size, flags), -1)
FAILING(REMOVE, int, unlink, (const char *path), (path), -1)
FAILING(REMOVE, int, unlinkat, (int folder, const char *path, int flags), (folder, path, flags), -1)
FAILING(STATUS, int, stat, (const char *path, struct stat *status), (path, status), -1)
FAILING(STATUS, int, lstat, (const char *path, struct stat *status), (path, status), -1)
FAILING(STATUS, int, fstat, (int file, struct stat *status), (file, status), -1)
FAILING(STATUS, int, fstatat, (int folder, const char *path, struct stat *status, int flags), (folder, path, status, flags), -1)
FAILING(STATUS, int, stat64, (const char *path, struct stat64 *status), (path, status), -1)
FAILING(STATUS, int, lstat64, (const char *path, struct stat64 *status), (path, status), -1)
FAILING(STATUS, int, fstat64, (int file, struct stat64 *status), (file, status), -1)
FAILING(STATUS, int, access, (const char *path, int mode), (path, mode), -1)
FAILING(STATUS, int, faccessat, (int folder, const char *path, int mode, int flags), (folder, path, mode, flags), -1)
FAILING(STATUS, int, fchmod, (int file, mode_t mode), (file, mode), -1)
FAILING(LISTING, DIR *, opendir, (const char *path), (path), NULL)
FAILING(LISTING, DIR *, fdopendir, (int file), (file), NULL)
FAILING(LISTING, struct dirent *, readdir, (DIR *folder), (folder), NULL)
FAILING(LISTING, struct dirent64 *, readdir64, (DIR *folder), (folder), NULL)
FAILING(LOCK, int, flock, (int file, int operation), (file, operation), -1)
FAILING(PIPE, int, pipe2, (int files[2], int flags), (files, flags), -1)
FAILING(PIPE, int, eventfd, (unsigned count, int flags), (count, flags), -1)
FAILING(PIPE, int, socketpair, (int domain, int type, int protocol, int files[2]), (domain, type, protocol, files), -1)
FAILING(STREAM, FILE *, fopen, (const char *path, const char *mode), (path, mode), NULL)
FAILING(STREAM, FILE *, fopen64, (const char *path, const char *mode), (path, mode), NULL)

/* Those that return what errno would be. */
FAILING(THREAD, int, pthread_create, (pthread_t *thread, const pthread_attr_t *attributes, void *(*run)(void *), void *user),
	(thread, attributes, run, user), reason)
FAILING(SPAWN, int, posix_spawnp, (pid_t *pid, const char *path, const posix_spawn_file_actions_t *actions,
	const posix_spawnattr_t *attributes, char *const argv[], char *const environment[]),
	(pid, path, actions, attributes, argv, environment), reason)

/* What is written is gone, and the file is closed all the same. */
int close(int file)
{
	NEXT(close);
	bool failed = fails(CLOSE);
	int rc = next(file);
	if (failed)
		errno = reason;
	return failed ? -1 : rc;
}

size_t fwrite(const void *data, size_t size, size_t count, FILE *stream)
{
	NEXT(fwrite);
	return stream != stderr && fails(STREAM) ? 0 : next(data, size, count, stream);
}

int fflush(FILE *stream)
{
	NEXT(fflush);
	return stream != stderr && fails(STREAM) ? EOF : next(stream);
}

int fclose(FILE *stream)
{
	NEXT(fclose);
	bool failed = stream != stderr && fails(STREAM);
	int rc = next(stream);
	if (failed)
		errno = reason;
	return failed ? EOF : rc;
}

/* One of their own name each, since the mode is there only where a file may be made. */
#define FAILING_OPEN(name, parameters, arguments)                          \
	int name parameters                                                \
	{                                                                  \
		NEXT(name);                                                \
		mode_t mode = 0;                                           \
		if (flags & (O_CREAT | __O_TMPFILE)) {                     \
			va_list list;                                      \
			va_start(list, flags);                             \
			mode = va_arg(list, mode_t);                       \
			va_end(list);                                      \
		}                                                          \
		return fails((flags & O_ACCMODE) == O_RDONLY ? OPEN : CREATE) ? -1 : next arguments; \
	}
FAILING_OPEN(open, (const char *path, int flags, ...), (path, flags, mode))
FAILING_OPEN(open64, (const char *path, int flags, ...), (path, flags, mode))
FAILING_OPEN(openat, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
FAILING_OPEN(openat64, (int folder, const char *path, int flags, ...), (folder, path, flags, mode))
FAILING(CREATE, int, mkostemp, (char *path, int flags), (path, flags), -1)
FAILING(CREATE, int, mkstemp, (char *path), (path), -1)
FAILING(CREATE, int, mkstemp64, (char *path), (path), -1)

#define FAILING_LOCK(name)                                                  \
	int name(int file, int command, ...)                               \
	{                                                                  \
		NEXT(name);                                                \
		va_list list;                                              \
		va_start(list, command);                                   \
		void *argument = va_arg(list, void *);                     \
		va_end(list);                                              \
		bool locks = command == F_SETLK || command == F_SETLKW;    \
		return locks && fails(LOCK) ? -1 : next(file, command, argument); \
	}
FAILING_LOCK(fcntl)
FAILING_LOCK(fcntl64)

#ifndef WITHOUT_MEMORY
/* dlsym itself may allocate. The C library's own, under their other names. */
void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size)
{
	return fails(MEMORY) ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
	return fails(MEMORY) ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
	return fails(MEMORY) ? NULL : __libc_realloc(memory, size);
}
#endif
