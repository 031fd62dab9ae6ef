/*
 * Notes how programs were started: hsmctl, and whatever it starts. Preloaded, it appends what
 * /proc/self/cmdline shows everybody to the file that NOTE_ARGV names, a line for each program.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

__attribute__((constructor)) static void note(void)
{
	static char line[1 << 17];
	const char *path = getenv("NOTE_ARGV");
	if (!path || (strcmp(program_invocation_short_name, "hsmctl") != 0 && !getenv("NOTE_ARGV_CHILD")))
		return;
	setenv("NOTE_ARGV_CHILD", "yes", 1);
	int file = open("/proc/self/cmdline", O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? -1 : read(file, line, sizeof(line) - 1);
	if (file >= 0)
		close(file);
	file = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666);
	if (length < 0 || file < 0)
		abort();
	for (ssize_t i = 0; i < length; i++)
		line[i] = line[i] == '\0' || line[i] == '\n' ? ' ' : line[i];
	line[length++] = '\n';
	if (write(file, line, (size_t)length) != length)
		abort();
	close(file);
}
