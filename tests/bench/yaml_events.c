/*
 * What libyaml itself costs: its events over the files of a folder, and nothing
 * done with them. The measure of what validating may cost.
 */
#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static size_t count_events(const unsigned char *data, size_t size)
{
	yaml_parser_t parser;
	yaml_event_t event;
	size_t count = 0;
	int done = 0;
	if (!yaml_parser_initialize(&parser))
		abort();
	yaml_parser_set_input_string(&parser, data, size);
	while (!done && yaml_parser_parse(&parser, &event)) {
		done = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
		count++;
	}
	yaml_parser_delete(&parser);
	return count;
}

int main(int argc, char *argv[])
{
	static unsigned char data[1 << 20];
	size_t files = 0, events = 0;
	DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;
	if (!folder) {
		fprintf(stderr, "usage: %s FOLDER\n", argv[0]);
		return 64;
	}
	for (struct dirent *entry; (entry = readdir(folder));) {
		char path[4096];
		if (!strstr(entry->d_name, ".yaml"))
			continue;
		snprintf(path, sizeof(path), "%s/%s", argv[1], entry->d_name);
		FILE *file = fopen(path, "rb");
		if (!file)
			continue;
		events += count_events(data, fread(data, 1, sizeof(data), file));
		fclose(file);
		files++;
	}
	closedir(folder);
	printf("%zu files, %zu events\n", files, events);
	return 0;
}
