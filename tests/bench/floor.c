/*
 * What the libraries themselves cost, and nothing done with what they give:
 *
 *   floor FOLDER                     libyaml's events over the files of a folder
 *   floor FOLDER REPOSITORY PAGES    and libgit2 reading the blobs of HEAD, and cJSON
 *                                    parsing the files of the folder PAGES
 */
#include <cjson/cJSON.h>
#include <dirent.h>
#include <git2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <yaml.h>

static size_t files, events, blobs, pages;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "floor: %s\n", what);
	exit(1);
}

static void read_events(const char *data, size_t size)
{
	yaml_parser_t parser;
	yaml_event_t event;
	int done = 0;
	if (!yaml_parser_initialize(&parser))
		die("libyaml has no memory");
	yaml_parser_set_input_string(&parser, (const unsigned char *)data, size);
	while (!done && yaml_parser_parse(&parser, &event)) {
		done = event.type == YAML_STREAM_END_EVENT;
		yaml_event_delete(&event);
		events++;
	}
	yaml_parser_delete(&parser);
	files++;
}

static void parse_page(const char *data, size_t size)
{
	cJSON *page = cJSON_ParseWithLength(data, size);
	if (!page)
		die("a page is no JSON");
	cJSON_Delete(page);
	pages++;
}

static void read_files(const char *path, const char *suffix, void (*take)(const char *data, size_t size))
{
	static char data[8 << 20];
	DIR *folder = opendir(path);
	if (!folder)
		die(path);
	for (struct dirent *entry; (entry = readdir(folder));) {
		char name[4096];
		if (!strstr(entry->d_name, suffix))
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		FILE *file = fopen(name, "rb");
		if (!file)
			die(name);
		take(data, fread(data, 1, sizeof(data), file));
		fclose(file);
	}
	closedir(folder);
}

static int read_blob(const char *root, const git_tree_entry *entry, void *repository)
{
	git_blob *blob = NULL;
	(void)root;
	if (git_tree_entry_type(entry) != GIT_OBJECT_BLOB)
		return 0;
	if (git_blob_lookup(&blob, repository, git_tree_entry_id(entry)) < 0 || !git_blob_rawcontent(blob))
		die("a blob is not to be read");
	git_blob_free(blob);
	blobs++;
	return 0;
}

static void read_blobs(const char *path)
{
	git_repository *repository = NULL;
	git_object *tree = NULL;
	git_libgit2_init();
	if (git_repository_open(&repository, path) < 0 || git_revparse_single(&tree, repository, "HEAD^{tree}") < 0 ||
	    git_tree_walk((git_tree *)tree, GIT_TREEWALK_PRE, read_blob, repository) < 0)
		die(git_error_last()->message);
	git_object_free(tree);
	git_repository_free(repository);
	git_libgit2_shutdown();
}

int main(int argc, char *argv[])
{
	if (argc != 2 && argc != 4) {
		fprintf(stderr, "usage: floor FOLDER [REPOSITORY PAGES]\n");
		return 64;
	}
	read_files(argv[1], ".yaml", read_events);
	if (argc == 4) {
		read_blobs(argv[2]);
		read_files(argv[3], ".json", parse_page);
	}
	printf("%zu files, %zu events, %zu blobs, %zu pages\n", files, events, blobs, pages);
	return 0;
}
