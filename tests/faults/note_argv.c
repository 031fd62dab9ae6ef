/*
 * Notes how programs were started: hsmctl, and whatever it starts. Preloaded, it appends what
 * /proc/self/cmdline shows everybody to the file that NOTE_ARGV names, a line for each program.
 * What hsmctl would write to /dev/null goes to that file's name with ".discarded".
 */
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static int append_to(const char *path)
{
	int file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (file < 0)
		abort();
	return file;
}

static void keep_discarded(const char *path)
{
	char discarded[4096];
	snprintf(discarded, sizeof(discarded), "%s.discarded", path);
	for (int output = STDOUT_FILENO; output <= STDERR_FILENO; output++) {
		struct stat status;
		if (fstat(output, &status) || !S_ISCHR(status.st_mode) || status.st_rdev != makedev(1, 3))
			continue;
		int file = append_to(discarded);
		if (dup2(file, output) != output)
			abort();
		close(file);
	}
}

__attribute__((constructor)) static void note(void)
{
	static char line[1 << 17];
	const char *path = getenv("NOTE_ARGV");
	bool is_hsmctl = strcmp(program_invocation_short_name, "hsmctl") == 0;
	if (!path || (!is_hsmctl && !getenv("NOTE_ARGV_CHILD")))
		return;
	if (is_hsmctl)
		keep_discarded(path);
	setenv("NOTE_ARGV_CHILD", "yes", 1);
	int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? -1 : read(file, line, sizeof(line) - 1);
	if (file >= 0)
		close(file);
	if (length < 0)
		abort();
	file = append_to(path);
	for (ssize_t i = 0; i < length; i++)
		line[i] = line[i] == '\0' || line[i] == '\n' ? ' ' : line[i];
	line[length++] = '\n';
	if (write(file, line, (size_t)length) != length)
		abort();
	close(file);
}
