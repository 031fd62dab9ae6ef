#include "reconciler/desired/history.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "reconciler/desired/commits.h"
#include "reconciler/desired/desired_load.h"
#include "reconciler/desired/history_units.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"

#define DEPTH_MAX 16
#define FOLDERS_MAX 100000 /* no revision that has more is loaded; repository_files.c says why */
#define CHAIN_MAX 16 /* dots in a file's name */
#define TEXT_MAX 200 /* characters of an author's name or a subject */

/* What a commit's tree holds of hsmctl's. */
struct snapshot {
	const struct hsm_history_config *config; /* NULL: not looked at yet */
	bool has_folder;
	git_oid folder;
};

/* The items of one commit that its difference from another touches. */
struct side {
	const struct hsm_history_config *config;
	struct hsm_history_item *items;
	size_t count, capacity;
};

struct found {
	struct hsm_history_entry entry;
	size_t sequence;
};

/* A want that is still open, in the list of its base. */
struct open_want {
	const struct hsm_history_want *want;
	struct open_want *next;
	bool found;
};

struct walk {
	struct hsm_history_reader reader;
	struct open_want **wants; /* per base; NULL: everything is wanted */
	size_t wanted;            /* how many are open */
	bool changes_only; /* nothing of commits without parents */
	size_t folders;    /* walked in the comparison under way */
	struct hsm_commits commits;
	bool missing; /* an object, or a commit */
	struct snapshot *snapshots; /* of each commit, by its index */
	struct found *found;
	size_t count, capacity;
};

void hsm_history_release(struct hsm_history *history)
{
	hsm_arena_release(&history->arena);
	*history = (struct hsm_history){ 0 };
}

static const struct snapshot *take_snapshot(struct walk *walk, const struct hsm_commit *commit)
{
	struct snapshot *snapshot = &walk->snapshots[commit->index];
	struct hsm_history_reader *reader = &walk->reader;
	struct hsm_arena scratch = { 0 };
	const char *prefix = reader->repository->prefix;
	git_oid id;
	bool is_tree;
	if (snapshot->config)
		return snapshot;
	bool found = hsm_tree_find(&reader->trees, &commit->tree, hsm_repository_join(&scratch, prefix, HSM_CONFIG_FILE),
				   &id, &is_tree) && !is_tree;
	snapshot->config = hsm_history_load_config(reader, found ? &id : NULL);
	const char *folder = hsm_repository_join(&scratch, prefix, hsm_config_templates(snapshot->config->desired.config));
	snapshot->has_folder = hsm_tree_find(&reader->trees, &commit->tree, folder, &snapshot->folder, &is_tree) && is_tree;
	hsm_arena_release(&scratch);
	return snapshot;
}

static void add_unit(struct side *side, const struct hsm_history_unit *unit, const char *base)
{
	const struct hsm_environment *environment = side->config->environment;
	if (environment && !hsm_environment_has_template(environment, base))
		return;
	for (size_t i = 0; i < unit->count; i++) {
		if (environment && !hsm_environment_has_language(environment, unit->items[i].language))
			continue;
		HSM_MEMORY_GROW(side->items, side->count, side->capacity);
		side->items[side->count++] = unit->items[i];
	}
}

/* The folder of a template's translations: "x/" follows "x.yaml" with nothing
 * but other "x."s between. */
static const unsigned char *find_folder(struct hsm_tree_cursor after, const char *name, size_t stem)
{
	struct hsm_tree_entry entry;
	while (hsm_tree_next(&after, &entry) && entry.length >= stem && memcmp(entry.name, name, stem) == 0) {
		if (entry.length == stem && entry.is_tree)
			return entry.id;
		if (entry.length == stem || entry.name[stem] != '.')
			break;
	}
	return NULL;
}

/* Adds what the file at the entry defines, where that was asked for. */
static void add_file(struct walk *walk, struct side *side, const struct hsm_tree_entry *entry,
		     struct hsm_tree_cursor after)
{
	size_t stem, base;
	if (entry->name[0] == '.' || !entry->is_file || !hsm_desired_is_yaml(entry->name, entry->length, &stem) ||
	    !hsm_history_find_base(&walk->reader, entry->id, &base))
		return;
	const unsigned char *folder = find_folder(after, entry->name, stem);
	add_unit(side, hsm_history_load_unit(&walk->reader, side->config, base, entry->id, folder),
		 walk->reader.bases[base]);
}

/* A template's file that is the same on both sides; its folder may not be. */
struct unchanged {
	struct hsm_tree_entry entry;
	struct hsm_tree_cursor after[2];
	size_t stem;
};

/* Those whose folder may still come: between x.yaml and x/ git sorts x.b.yaml. */
struct chain {
	struct unchanged items[CHAIN_MAX];
	size_t count;
};

static void remember(struct chain *chain, const struct hsm_tree_entry *entry,
		     const struct hsm_tree_cursor cursors[2])
{
	size_t stem;
	for (; chain->count; chain->count--) {
		const struct unchanged *last = &chain->items[chain->count - 1];
		if (entry->length > last->stem && entry->name[last->stem] == '.' &&
		    memcmp(entry->name, last->entry.name, last->stem) == 0)
			break;
	}
	if (chain->count < CHAIN_MAX && hsm_desired_is_yaml(entry->name, entry->length, &stem))
		chain->items[chain->count++] = (struct unchanged){ *entry, { cursors[0], cursors[1] }, stem };
}

/* The template's file of a folder: where both are there, x.yaml and not x.yml. */
static const struct unchanged *find_unchanged(const struct chain *chain, const struct hsm_tree_entry *folder)
{
	for (size_t i = 0; i < chain->count; i++)
		if (chain->items[i].stem == folder->length &&
		    memcmp(chain->items[i].entry.name, folder->name, folder->length) == 0)
			return &chain->items[i];
	return NULL;
}

static void compare_trees(struct walk *walk, struct side sides[2], const unsigned char *const ids[2],
			  unsigned depth);

/* An entry that only one side has, or that differs (then both are given). */
static void add_difference(struct walk *walk, struct side sides[2], const struct hsm_tree_entry *const entries[2],
			   const struct hsm_tree_cursor cursors[2], const struct chain *chain, unsigned depth)
{
	const struct hsm_tree_entry *any = entries[0] ? entries[0] : entries[1];
	const unsigned char *ids[2] = { NULL, NULL };
	if (!any->is_tree) {
		for (size_t i = 0; i < 2; i++)
			if (entries[i])
				add_file(walk, &sides[i], entries[i], cursors[i]);
		return;
	}
	if (any->name[0] == '.' || depth == DEPTH_MAX || walk->folders++ >= FOLDERS_MAX)
		return;
	for (size_t i = 0; i < 2; i++)
		if (entries[i])
			ids[i] = entries[i]->id;
	compare_trees(walk, sides, ids, depth + 1);
	const struct unchanged *owner = find_unchanged(chain, any);
	for (size_t i = 0; owner && i < 2; i++)
		add_file(walk, &sides[i], &owner->entry, owner->after[i]);
}

/* Gives each side the items of its files that the other has not, or has
 * otherwise. */
/* Behind what differs the trees are mostly the same bytes: no entry needs to be looked at. */
static bool is_rest_equal(const struct hsm_tree_cursor cursors[2], const struct hsm_tree_entry entries[2])
{
	size_t lengths[2];
	for (size_t i = 0; i < 2; i++) {
		if (!entries[i].id)
			return false;
		lengths[i] = (size_t)(cursors[i].end - entries[i].name);
	}
	return lengths[0] == lengths[1] && entries[0].is_file == entries[1].is_file &&
	       entries[0].is_tree == entries[1].is_tree && memcmp(entries[0].name, entries[1].name, lengths[0]) == 0;
}

static void compare_trees(struct walk *walk, struct side sides[2], const unsigned char *const ids[2],
			  unsigned depth)
{
	struct hsm_tree_cursor cursors[2];
	struct hsm_tree_entry entries[2];
	struct chain chain;
	git_odb_object *trees[2];
	bool more[2];
	chain.count = 0;
	for (size_t i = 0; i < 2; i++) {
		trees[i] = hsm_tree_open(&walk->reader.trees, ids[i], &cursors[i]);
		more[i] = hsm_tree_next(&cursors[i], &entries[i]);
	}
	while (more[0] || more[1]) {
		int order = !more[0] ? 1 : !more[1] ? -1 : hsm_tree_compare(&entries[0], &entries[1]);
		const struct hsm_tree_entry *const given[2] = { order <= 0 ? &entries[0] : NULL,
								order >= 0 ? &entries[1] : NULL };
		bool given_differ = order || entries[0].is_file != entries[1].is_file ||
				    memcmp(entries[0].id, entries[1].id, GIT_OID_RAWSZ) != 0;
		if (given_differ)
			add_difference(walk, sides, given, cursors, &chain, depth);
		else
			remember(&chain, &entries[0], cursors);
		if (order <= 0)
			more[0] = hsm_tree_next(&cursors[0], &entries[0]);
		if (order >= 0)
			more[1] = hsm_tree_next(&cursors[1], &entries[1]);
		if (given_differ && is_rest_equal(cursors, entries))
			break;
	}
	git_odb_object_free(trees[0]);
	git_odb_object_free(trees[1]);
}

static int compare_items(const void *left, const void *right)
{
	const struct hsm_history_item *a = left, *b = right;
	if (a->base != b->base)
		return a->base < b->base ? -1 : 1;
	int order = strcmp(a->language, b->language);
	if (order)
		return order;
	if (a->version != b->version)
		return a->version < b->version ? -1 : 1;
	if (a->category != b->category)
		return a->category < b->category ? -1 : 1;
	return (a->compiled > b->compiled) - (a->compiled < b->compiled);
}

static void sort_items(struct side *side)
{
	if (side->count)
		qsort(side->items, side->count, sizeof(*side->items), compare_items);
}

static bool has_item(const struct side *side, const struct hsm_history_item *item)
{
	return side->count && bsearch(item, side->items, side->count, sizeof(*item), compare_items);
}

static bool is_same_translation(const struct hsm_history_item *a, const struct hsm_history_item *b)
{
	return a->base == b->base && strcmp(a->language, b->language) == 0;
}

/* The same files' item on a side whose items are sorted; NULL. */
static const struct hsm_history_item *find_same_files(const struct side *side, const struct hsm_history_item *wanted)
{
	struct hsm_history_item first = { .base = wanted->base, .language = wanted->language, .version = INT64_MIN };
	size_t low = 0, high = side->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (compare_items(&side->items[middle], &first) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	for (; low < side->count && is_same_translation(&side->items[low], wanted); low++)
		if (side->items[low].files == wanted->files)
			return &side->items[low];
	return NULL;
}

/* Those that the files name and that the two configurations give other values: "legal, brand". */
static const char *list_changed_variables(struct walk *walk, const struct side sides[2],
					  const struct hsm_history_item *item)
{
	struct hsm_buffer names = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (size_t i = 0; i < item->files->count; i++) {
		const char *name = item->files->variables[i], *values[2];
		for (size_t j = 0; j < 2; j++)
			values[j] = hsm_config_find_variable(sides[j].config->desired.config, sides[j].config->environment,
							     name, strlen(name), item->language);
		if (values[0] && values[1] && strcmp(values[0], values[1]) != 0)
			hsm_buffer_append_format(&names, "%s%s", names.length ? ", " : "", name);
	}
	const char *text = names.length ? hsm_arena_copy(&walk->reader.history->arena, names.data, names.length) : NULL;
	hsm_buffer_release(&names);
	return text;
}

/* Says of items whose files did not change which variables did. */
static void attribute_to_variables(struct walk *walk, struct side sides[2])
{
	for (size_t i = 0; i < sides[0].count; i++) {
		struct hsm_history_item *item = &sides[0].items[i];
		const struct hsm_history_item *before = item->files->count ? find_same_files(&sides[1], item) : NULL;
		item->variables = before ? list_changed_variables(walk, sides, item) : NULL;
		item->before = item->variables ? before->compiled : NULL;
	}
}

/* The open want that an item answers; NULL. */
static struct open_want *find_want(const struct walk *walk, const struct hsm_history_item *item, bool brought)
{
	struct open_want *open = walk->wants ? walk->wants[item->base] : NULL;
	for (; open; open = open->next) {
		const struct hsm_history_want *want = open->want;
		if (!open->found && (brought || !want->brought) && strcmp(want->language, item->language) == 0 &&
		    hsm_content_equals(want->content, &item->compiled->content) &&
		    (!want->category ||
		     (item->category && strcmp(want->category, hsm_category_words[item->category - 1]) == 0)))
			return open;
	}
	return NULL;
}

static void close_wants(struct walk *walk, const struct hsm_history_item *item)
{
	for (struct open_want *open; (open = find_want(walk, item, true));) {
		open->found = true;
		walk->wanted--;
	}
}

static const struct hsm_history_commit *describe_commit(struct walk *walk, const struct hsm_commit *commit);

static void add_entry(struct walk *walk, const struct hsm_history_item *item,
		      const struct hsm_history_commit *commit)
{
	HSM_MEMORY_GROW(walk->found, walk->count, walk->capacity);
	walk->found[walk->count] = (struct found){ .sequence = walk->count, .entry = {
		.base = walk->reader.bases[item->base],
		.language = item->language,
		.category = item->category ? hsm_category_words[item->category - 1] : "",
		.version = item->version,
		.compiled = *item->compiled,
		.commit = commit,
		.variables = item->variables,
		.before = item->before ? &item->before->content : NULL,
	} };
	walk->count++;
}

/* What a parent had and its child changed: that it had it may be all that is asked. */
static void note_parent(struct walk *walk, const struct side *side, const struct hsm_commit *parent)
{
	for (size_t i = 0; walk->wanted && i < side->count; i++) {
		struct open_want *open = find_want(walk, &side->items[i], false);
		if (!open)
			continue;
		open->found = true;
		walk->wanted--;
		add_entry(walk, &side->items[i], describe_commit(walk, parent));
	}
}

/* Leaves in `mine` what this parent does not have; parent NULL: nothing. */
static void subtract_parent(struct walk *walk, const struct snapshot *snapshot, const struct hsm_commit *commit,
			    struct side *mine)
{
	const struct snapshot *parent = commit ? take_snapshot(walk, commit) : NULL;
	struct side sides[2] = { { .config = snapshot->config }, { .config = parent ? parent->config : NULL } };
	const unsigned char *folder = snapshot->has_folder ? snapshot->folder.id : NULL;
	const unsigned char *other = parent && parent->has_folder ? parent->folder.id : NULL;
	walk->folders = 0;
	if (parent && parent->config == snapshot->config) {
		compare_trees(walk, sides, (const unsigned char *const[2]){ folder, other }, 0);
	} else {
		/* Variables, subsets or the folder may have changed: everything may have. */
		compare_trees(walk, sides, (const unsigned char *const[2]){ folder, NULL }, 0);
		compare_trees(walk, sides, (const unsigned char *const[2]){ NULL, other }, 0);
	}
	sort_items(&sides[0]);
	sort_items(&sides[1]);
	size_t kept = 0;
	for (size_t i = 0; i < sides[0].count; i++) {
		const struct hsm_history_item *item = &sides[0].items[i];
		bool again = kept && compare_items(&sides[0].items[kept - 1], item) == 0;
		if (!again && !has_item(&sides[1], item) && (!mine->config || has_item(mine, item)))
			sides[0].items[kept++] = *item;
	}
	sides[0].count = kept;
	if (commit)
		note_parent(walk, &sides[1], commit);
	if (parent && parent->config != snapshot->config)
		attribute_to_variables(walk, sides);
	free(sides[1].items);
	free(mine->items);
	*mine = sides[0];
}

/* A line of somebody's text: UTF-8, short. */
static const char *clean_text(struct hsm_arena *arena, const char *text)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(4 * TEXT_MAX + 4);
	size_t length = text ? strcspn(text, "\r\n") : 0;
	for (size_t at = 0, characters = 0; at < length && characters < TEXT_MAX; characters++) {
		size_t size = 1;
		while (at + size < length && size < 4 && ((unsigned char)text[at + size] & 0xc0) == 0x80)
			size++;
		bool valid = hsm_text_find_invalid(text + at, size) == size;
		hsm_buffer_append(&buffer, valid ? text + at : "\xef\xbf\xbd", valid ? size : 3);
		at += valid ? size : 1;
	}
	const char *clean = hsm_arena_copy(arena, hsm_buffer_text(&buffer), buffer.length);
	hsm_buffer_release(&buffer);
	return clean;
}

static const char *format_date(struct hsm_arena *arena, const git_time *when)
{
	char text[32] = "";
	time_t seconds = (time_t)when->time + when->offset * 60;
	struct tm date;
	/* Anybody can write any number there. */
	if (when->time < 0 || when->time > INT64_C(253402300799) - 86400 || !gmtime_r(&seconds, &date) ||
	    !strftime(text, sizeof(text), "%Y-%m-%d", &date))
		return "";
	return hsm_arena_copy_string(arena, text);
}

static const struct hsm_history_commit *describe_commit(struct walk *walk, const struct hsm_commit *commit)
{
	struct hsm_arena *arena = &walk->reader.history->arena;
	struct hsm_history_commit *described = hsm_arena_allocate(arena, sizeof(*described));
	git_commit *object = NULL;
	git_oid_tostr(described->id, sizeof(described->id), &commit->id);
	described->ancestor = commit->ancestor;
	described->age = commit->index;
	described->author = described->date = described->subject = "";
	int code = git_commit_lookup(&object, walk->reader.repository->git, &commit->id);
	if (code < 0) {
		hsm_trees_note(&walk->reader.trees, code, &commit->id);
	} else {
		const git_signature *author = git_commit_author(object);
		described->author = clean_text(arena, author ? author->name : NULL);
		described->date = author ? format_date(arena, &author->when) : "";
		described->subject = clean_text(arena, git_commit_message(object));
	}
	git_commit_free(object);
	return described;
}

static void add_entries(struct walk *walk, const struct hsm_commit *commit, const struct side *mine)
{
	const struct hsm_history_commit *described = mine->count ? describe_commit(walk, commit) : NULL;
	for (size_t i = 0; i < mine->count; i++) {
		add_entry(walk, &mine->items[i], described);
		close_wants(walk, &mine->items[i]);
	}
}

static bool is_same(const struct snapshot *a, const struct snapshot *b)
{
	return a->config == b->config && a->has_folder == b->has_folder &&
	       (!a->has_folder || git_oid_equal(&a->folder, &b->folder));
}

static void walk_commit(struct walk *walk, const struct hsm_commit *commit)
{
	const struct snapshot *snapshot = take_snapshot(walk, commit);
	struct side mine = { 0 };
	/* What a merge takes from one side is that side's. */
	for (size_t i = 0; i < commit->parent_count; i++)
		if (is_same(snapshot, take_snapshot(walk, commit->parents[i])))
			return;
	if (!commit->parent_count && !walk->changes_only)
		subtract_parent(walk, snapshot, NULL, &mine);
	for (size_t i = 0; i < commit->parent_count && (!i || mine.count); i++)
		subtract_parent(walk, snapshot, commit->parents[i], &mine);
	add_entries(walk, commit, &mine);
	free(mine.items);
}

static int compare_found(const void *left, const void *right)
{
	const struct found *a = left, *b = right;
	int order = strcmp(a->entry.base, b->entry.base);
	if (!order)
		order = strcmp(a->entry.language, b->entry.language);
	if (!order)
		order = b->entry.commit->ancestor - a->entry.commit->ancestor;
	return order ? order : (a->sequence > b->sequence) - (a->sequence < b->sequence);
}

static int compare_webhooks(const void *left, const void *right)
{
	const struct hsm_history_webhook *a = left, *b = right;
	return strcmp(a->name, b->name);
}

/* Half a history would tell of texts and numbers that they were never there. That it is
 * not whole is known of shallow and partial clones only. */
static int check_read(struct walk *walk, struct hsm_error *error)
{
	const struct hsm_trees *trees = &walk->reader.trees;
	const struct hsm_repository *repository = walk->reader.repository;
	walk->missing = walk->commits.missing || trees->missing;
	if (trees->error.class) {
		*error = trees->error;
		return error->class;
	}
	if (walk->missing && !hsm_repository_is_shallow(repository) && !hsm_repository_is_partial(repository))
		return hsm_error_set(error, HSM_ERROR_FAILED,
				     "objects of the git history are not here, or cannot be read, and this is neither a shallow nor a "
				     "partial clone: git fsck tells more");
	return 0;
}

static void finish(struct walk *walk, struct hsm_history *history)
{
	if (walk->count)
		qsort(walk->found, walk->count, sizeof(*walk->found), compare_found);
	history->entries = hsm_arena_allocate_array(&history->arena, walk->count, sizeof(*history->entries));
	history->count = walk->count;
	for (size_t i = 0; i < walk->count; i++)
		history->entries[i] = walk->found[i].entry;
	if (history->webhook_count)
		qsort(history->webhooks, history->webhook_count, sizeof(*history->webhooks), compare_webhooks);
	if (hsm_repository_is_shallow(walk->reader.repository))
		history->incomplete = "the history is cut off (a shallow clone): git fetch --unshallow";
	else if (walk->missing)
		history->incomplete = "objects of earlier commits are not here (a partial clone): clone without --filter";
	history->complete = !history->incomplete;
}

static void open_wants(struct walk *walk, const struct hsm_history_want *wants, size_t count)
{
	struct hsm_history_reader *reader = &walk->reader;
	walk->wants = hsm_arena_allocate_array(&reader->arena, reader->base_count, sizeof(struct open_want *));
	walk->wanted = count;
	for (size_t i = 0; i < count; i++) {
		const char *base = wants[i].base;
		size_t index = (size_t)(uintptr_t)*hsm_map_at(&reader->base_by_name, &reader->arena, base, strlen(base));
		struct open_want *open = hsm_arena_allocate(&reader->arena, sizeof(*open));
		*open = (struct open_want){ .want = &wants[i], .next = walk->wants[index - 1] };
		walk->wants[index - 1] = open;
	}
}

static void walk_commits(struct walk *walk, bool ancestors)
{
	for (size_t i = 0; i < walk->commits.count && !walk->reader.history->partial; i++) {
		if (walk->commits.items[i]->ancestor != ancestors)
			continue;
		walk_commit(walk, walk->commits.items[i]);
		walk->reader.history->partial = walk->wants && !walk->wanted;
	}
}

struct reading {
	const char *const *bases;
	size_t count;
	bool changes_only;
	const struct hsm_history_want *wants; /* NULL: everything */
	size_t want_count;
};

static int read_history(struct hsm_repository *repository, const struct hsm_desired *desired,
			const struct reading *reading, struct hsm_history *history, struct hsm_error *error)
{
	const char *const *bases = reading->bases;
	size_t count = reading->count;
	struct walk walk = { .changes_only = reading->changes_only,
			     .reader = { .repository = repository, .history = history, .base_count = count,
					 .trees.objects = repository->objects } };
	struct hsm_history_reader *reader = &walk.reader;
	const char **names = hsm_arena_allocate_array(&history->arena, count, sizeof(*names));
	reader->environment = desired->environment ? desired->environment->node.key.text : NULL;
	reader->backend = desired->config ? hsm_config_find_backend(desired->config, desired->environment) :
					    HSM_BACKEND_GENESYS;
	reader->bases = names;
	history->highest = hsm_arena_allocate_array(&history->arena, count, sizeof(*history->highest));
	for (size_t i = 0; i < count; i++) {
		names[i] = hsm_arena_copy_string(&history->arena, bases[i]);
		*hsm_map_at(&reader->base_by_name, &reader->arena, bases[i], strlen(bases[i])) = (void *)(uintptr_t)(i + 1);
	}
	if (reading->wants)
		open_wants(&walk, reading->wants, reading->want_count);
	int rc = hsm_commits_read(repository, desired->commit, &reader->arena, &walk.commits, error);
	walk.snapshots = hsm_arena_allocate_array(&reader->arena, walk.commits.count, sizeof(*walk.snapshots));
	if (!rc) {
		/* What the planned commit descends from tells more than other branches. */
		walk_commits(&walk, true);
		walk_commits(&walk, false);
	}
	if (!rc)
		rc = check_read(&walk, error);
	if (!rc)
		finish(&walk, history);
	free(walk.found);
	hsm_history_reader_release(reader);
	return rc;
}

int hsm_history_read(struct hsm_repository *repository, const struct hsm_desired *desired,
		     const char *const *bases, size_t count, struct hsm_history *history,
		     struct hsm_error *error)
{
	return read_history(repository, desired, &(struct reading){ .bases = bases, .count = count }, history, error);
}

int hsm_history_read_wanted(struct hsm_repository *repository, const struct hsm_desired *desired,
			    const char *const *bases, size_t count, const struct hsm_history_want *wants,
			    size_t want_count, struct hsm_history *history, struct hsm_error *error)
{
	struct reading reading = { .bases = bases, .count = count, .wants = wants, .want_count = want_count };
	return read_history(repository, desired, &reading, history, error);
}

int hsm_history_read_changes(struct hsm_repository *repository, const struct hsm_desired *desired,
			     const char *const *bases, size_t count, struct hsm_history *history,
			     struct hsm_error *error)
{
	struct reading reading = { .bases = bases, .count = count, .changes_only = true };
	return read_history(repository, desired, &reading, history, error);
}

/* The first entry that is not before the translation. */
static size_t find_first(const struct hsm_history *history, const char *base, const char *language, bool after)
{
	size_t low = 0, high = history->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		const struct hsm_history_entry *entry = &history->entries[middle];
		int order = strcmp(entry->base, base);
		if (!order && language)
			order = strcmp(entry->language, language);
		if (order < 0 || (after && !order))
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

const struct hsm_history_entry *hsm_history_find(const struct hsm_history *history, const char *base,
						 const char *language, size_t *count)
{
	size_t first = find_first(history, base, language, false);
	*count = find_first(history, base, language, true) - first;
	return *count ? history->entries + first : NULL;
}
