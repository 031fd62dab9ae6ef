/*
 * How many transactions a second the disk under FOLDER could make durable, one by
 * one, each 4 KiB written and synced: at the end of a file that grows, as a log's
 * are, and over what is there, which is less for the disk to note. Each for SECONDS:
 * fsync_rate FOLDER SECONDS prints both.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 4096
#define FILE_BLOCKS 1024 /* of the file that is written over and over */

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* A file that is gone when the process is; negative on failure. */
static int open_file(const char *folder)
{
	char path[4096];
	snprintf(path, sizeof(path), "%s/fsync_rate.XXXXXX", folder);
	int file = mkstemp(path);
	if (file < 0)
		perror(path);
	else
		unlink(path);
	return file;
}

static int write_block(int file, long at)
{
	char block[BLOCK];
	memset(block, (char)at, sizeof(block));
	return pwrite(file, block, BLOCK, at * BLOCK) == BLOCK ? 0 : -1;
}

/* Syncs a second; blocks: after so many it begins anew, 0: never. Negative on failure. */
static double measure(const char *folder, double seconds, long blocks)
{
	int file = open_file(folder);
	if (file < 0)
		return -1;
	for (long i = 0; i < blocks; i++)
		if (write_block(file, i))
			return -1;
	fsync(file);
	double began = now(), took;
	long count = 0;
	for (; (took = now() - began) < seconds; count++)
		if (write_block(file, blocks ? count % blocks : count) || fdatasync(file))
			return -1;
	close(file);
	return (double)count / took;
}

int main(int argc, char *argv[])
{
	if (argc != 3)
		return 64;
	double seconds = strtod(argv[2], NULL);
	double appending = measure(argv[1], seconds, 0), overwriting = measure(argv[1], seconds, FILE_BLOCKS);
	if (appending < 0 || overwriting < 0)
		return 1;
	printf("%.0f %.0f\n", appending, overwriting);
	return 0;
}
