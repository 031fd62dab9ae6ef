/*
 * How many transactions a second the disk under FOLDER could make durable, one by
 * one: 4 KiB written and synced, for SECONDS. fsync_rate FOLDER SECONDS
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define BLOCK 4096
#define FILE_BLOCKS 1024 /* as a log that is written over and over */

static double now(void)
{
	struct timespec time;
	clock_gettime(CLOCK_MONOTONIC, &time);
	return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

int main(int argc, char *argv[])
{
	char path[4096], block[BLOCK];
	if (argc != 3)
		return 64;
	snprintf(path, sizeof(path), "%s/fsync_rate.XXXXXX", argv[1]);
	int file = mkstemp(path);
	if (file < 0) {
		perror(path);
		return 1;
	}
	unlink(path);
	memset(block, 'x', sizeof(block));
	/* Blocks that are there: what their allocation costs is not meant. */
	for (off_t i = 0; i < FILE_BLOCKS; i++)
		if (pwrite(file, block, BLOCK, i * BLOCK) != BLOCK)
			return 1;
	fsync(file);
	double began = now(), seconds = strtod(argv[2], NULL), took;
	long count = 0;
	while ((took = now() - began) < seconds) {
		block[0] = (char)count;
		if (pwrite(file, block, BLOCK, count % FILE_BLOCKS * BLOCK) != BLOCK || fdatasync(file))
			return 1;
		count++;
	}
	printf("%.0f\n", (double)count / took);
	return 0;
}
