#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "cmd/hsmctl/planning.h"
#include "cmd/hsmctl/save.h"
#include "reconciler/import/import.h"
#include "schema/base/text.h"
#include "schema/json.h"
#include "schema/name.h"
#include "schema/yaml.h"

#define PAYLOAD_MAX ((size_t)64 << 20)
#define NOTHING_TO_ADOPT                                                                              \
	"nothing of it was changed outside git, so that there is nothing to adopt; hsmctl plan shows what differs"

struct importing {
	struct hsm_session *session;
	struct hsm_import_item *items; /* in the session's arena */
	size_t count;
	enum hsm_backend_word backend;
	const char *folder; /* of the templates */
	bool pinned;
	struct hsm_planning planning; /* of --adopt */
	struct hsm_import import;
	const char **kept; /* per file: why it was not written; NULL: it was */
	const char **diffs; /* per file: what --adopt changed in it; NULL: it is new */
	size_t left_out;
};

static bool is_adopted(const struct importing *importing, const char *base, size_t length)
{
	const struct hsm_option_list *names = &importing->session->options.adopt;
	for (size_t i = 0; i < names->count; i++)
		if (strlen(names->items[i]) == length && strncmp(names->items[i], base, length) == 0)
			return true;
	return false;
}

static int read_payload(struct importing *importing, const char *path, struct hsm_error *error)
{
	const char *data;
	size_t length;
	int rc = hsm_session_read_file(importing->session, path, PAYLOAD_MAX, &data, &length, error);
	if (rc)
		return rc;
	rc = hsm_import_read(&importing->session->arena, data, length, &importing->items, &importing->count, error);
	return rc ? hsm_error_prefix(error, "%s", path) : 0;
}

static int read_payloads(struct importing *importing, struct hsm_error *error)
{
	const struct hsm_options *options = &importing->session->options;
	int rc = 0;
	for (size_t i = 0; !rc && i < options->from.count; i++)
		rc = read_payload(importing, options->from.items[i], error);
	for (size_t i = 0; !rc && i < options->arguments.count; i++)
		rc = read_payload(importing, options->arguments.items[i], error);
	return rc;
}

static const struct hsm_plan_change *find_row(const struct hsm_plan *plan, const char *base, const char *language)
{
	for (size_t i = 0; i < plan->changes.count; i++) {
		const struct hsm_plan_change *change = HSM_LIST_ITEM(plan->changes, struct hsm_plan_change, i);
		int action = change->action.value;
		if (change->kind.value != HSM_KIND_TEMPLATE || strcmp(change->template.text, base) != 0 ||
		    (action != HSM_ACTION_CONFLICT && action != HSM_ACTION_RECATEGORISED))
			continue;
		for (size_t j = 0; j < change->languages.count; j++)
			if (strcmp(HSM_LIST_ITEM(change->languages, struct hsm_string, j)->text, language) == 0)
				return change;
	}
	return NULL;
}

static const struct hsm_plan_live *find_live(const struct hsm_plan_change *change, const char *language)
{
	for (size_t i = 0; i < change->live.count; i++) {
		const struct hsm_plan_live *live = HSM_LIST_ITEM(change->live, struct hsm_plan_live, i);
		if (strcmp(live->node.key.text, language) == 0)
			return live;
	}
	return NULL;
}

/* One language: what is live where no commit ever had that, else what git says, applied or not. */
static int adopt_translation(struct importing *importing, const struct hsm_desired_template *template,
			     const struct hsm_desired_translation *translation, const struct hsm_plan_live *live,
			     struct hsm_error *error)
{
	struct hsm_arena *arena = &importing->session->arena;
	struct hsm_import_item *item = &importing->items[importing->count++];
	*item = (struct hsm_import_item){
		.name = live ? live->name.text : translation->version ?
			hsm_arena_format(arena, "%s_v%lld", template->name, (long long)translation->version) : template->name,
		.language = translation->language,
		.category = live ? live->category.text : template->category,
		.file = template->file,
		.backend = importing->backend,
		.live = true,
	};
	int rc = hsm_content_read(arena, live ? live->content.text : translation->compiled.content.json,
				  &item->components, error);
	/* Its parameters are those of git, as long as they are as many. */
	if (!rc && hsm_content_count_parameters(&item->components) == translation->compiled.name_count) {
		item->names = translation->compiled.names;
		item->name_count = translation->compiled.name_count;
	}
	return rc;
}

/* Adds nothing where nothing was changed outside git. */
static int adopt(struct importing *importing, const struct hsm_plan *plan, const char *base, struct hsm_error *error)
{
	const struct hsm_desired_template *template = hsm_desired_find(&importing->session->desired, base, strlen(base));
	const char *category = NULL;
	size_t first = importing->count;
	bool any = false;
	int rc = 0;
	if (!template)
		return hsm_error_set(error, HSM_ERROR_USAGE, "--adopt %s: git has no template of that name here", base);
	for (size_t i = 0; !rc && i < template->count; i++) {
		const struct hsm_desired_translation *translation = &template->translations[i];
		const struct hsm_plan_change *change = find_row(plan, base, translation->language);
		const struct hsm_plan_live *live = change ? find_live(change, translation->language) : NULL;
		any |= live != NULL;
		if (change && change->action.value == HSM_ACTION_RECATEGORISED)
			category = live->category.text;
		rc = adopt_translation(importing, template, translation, live, error);
	}
	for (size_t i = first; category && i < importing->count; i++)
		importing->items[i].category = category;
	if (!any)
		importing->count = first;
	return rc;
}

/* Just these, each into its file. */
static int read_adopted(struct importing *importing, struct hsm_error *error)
{
	struct hsm_session *session = importing->session;
	const struct hsm_option_list *names = &session->options.adopt;
	size_t room = 0;
	bool any = false;
	int rc = hsm_planning_make(session, &importing->planning, error);
	for (size_t i = 0; i < session->desired.count; i++)
		room += session->desired.templates[i].count;
	importing->items = hsm_arena_allocate_array(&session->arena, room * names->count, sizeof(*importing->items));
	for (size_t i = 0; !rc && i < names->count; i++) {
		size_t before = importing->count;
		rc = adopt(importing, &importing->planning.plan, names->items[i], error);
		any |= importing->count > before;
		/* Beside others it may have been adopted by an import that was cut short. */
		if (!rc && importing->count == before && names->count > 1)
			hsm_output_log(&session->output, HSM_LEVEL_WARNING, "--adopt %s: " NOTHING_TO_ADOPT, names->items[i]);
	}
	return rc || any ? rc : hsm_error_set(error, HSM_ERROR_USAGE, "--adopt %s: " NOTHING_TO_ADOPT, names->items[0]);
}

/* What is live and not burnt, of bases that git has not. */
static int read_live(struct importing *importing, struct hsm_error *error)
{
	struct hsm_session *session = importing->session;
	struct hsm_live live = { 0 };
	int rc = hsm_session_read_templates(session, error);
	if (!rc)
		rc = hsm_session_connect(session, error);
	if (!rc)
		rc = hsm_planning_read_live(session, false, &live, error);
	importing->items = hsm_arena_allocate_array(&session->arena, live.template_count, sizeof(*importing->items));
	for (size_t i = 0; !rc && i < live.template_count; i++) {
		const struct hsm_live_template *template = &live.templates[i];
		struct hsm_import_item *item = &importing->items[importing->count];
		int64_t version;
		size_t length = hsm_name_split(template->name, &version, NULL);
		if (hsm_status_is_burnt(template->status) ||
		    hsm_desired_find(&session->desired, template->name, length))
			continue;
		item->name = hsm_arena_copy_string(&session->arena, template->name);
		item->language = hsm_arena_copy_string(&session->arena, template->language);
		item->category = hsm_arena_copy_string(&session->arena, template->category);
		item->backend = importing->backend;
		item->live = true;
		rc = hsm_content_read(&session->arena, template->content.json, &item->components, error);
		if (!rc)
			item->names = hsm_content_find_names(&session->arena, &item->components, &item->name_count);
		importing->count++;
	}
	hsm_live_release(&live);
	return rc;
}

/* The API of the chosen environment; where none is, that of all, or the file's where they differ. */
static enum hsm_backend_word find_backend(const struct hsm_desired *desired)
{
	const struct hsm_list *environments = &desired->config->environments;
	const struct hsm_environment *chosen = desired->environment;
	for (size_t i = 0; !desired->environment && i < environments->count; i++) {
		const struct hsm_environment *environment = HSM_LIST_ITEM(*environments, struct hsm_environment, i);
		if (i && hsm_config_find_backend(desired->config, environment) != hsm_config_find_backend(desired->config, chosen))
			return hsm_config_find_backend(desired->config, NULL);
		chosen = environment;
	}
	return hsm_config_find_backend(desired->config, chosen);
}

/* Where files go, and whether they need versions: as hsmctl.yaml says, where there is one. */
static int read_place(struct importing *importing, struct hsm_error *error)
{
	struct hsm_session *session = importing->session;
	importing->folder = "templates";
	importing->backend = HSM_BACKEND_GENESYS;
	if (session->options.from.count && access("hsmctl.yaml", F_OK) != 0)
		return 0;
	int rc = session->options.from.count && !session->options.environment ? hsm_session_read_config(session, error) :
									       hsm_session_choose_environment(session, error);
	if (rc)
		return rc;
	importing->backend = find_backend(&session->desired);
	importing->folder = hsm_config_templates(session->desired.config);
	importing->pinned = session->desired.config->environments.count > 1;
	return 0;
}

/* The file of a template: where git has it, else a new one. */
static const char *find_path(const struct importing *importing, const char *base)
{
	struct hsm_session *session = importing->session;
	const struct hsm_desired_template *template = hsm_desired_find(&session->desired, base, strlen(base));
	return template ? template->path : hsm_arena_format(&session->arena, "%s/%s.yaml", importing->folder, base);
}

/* What stands in a file that is to be written over; NULL where there is none. */
static int read_old(struct importing *importing, const char *path, const char **old, size_t *length,
		    struct hsm_error *error)
{
	*old = NULL;
	return access(path, F_OK) != 0 && errno == ENOENT ? 0 :
		hsm_session_read_file(importing->session, path, HSM_YAML_SIZE_MAX, old, length, error);
}

/* Whether a new file may be written at a path: nothing stands there, or just this, as an
 * import that was cut short has left it. */
static bool is_free(struct importing *importing, const char *path, const char *text)
{
	struct hsm_error ignored;
	const char *old;
	size_t length;
	return read_old(importing, path, &old, &length, &ignored) == 0 &&
	       (!old || (length == strlen(text) && memcmp(old, text, length) == 0));
}

/* The comments that a file begins with: an editor finds the schema there. */
static void append_head(struct hsm_buffer *text, const char *old)
{
	while (*old == '#') {
		size_t length = strcspn(old, "\n");
		length += old[length] == '\n';
		hsm_buffer_append(text, old, length);
		old += length;
	}
}

static int write_file(struct importing *importing, const struct hsm_import_file *file, const char **kept,
		      const char **diff, struct hsm_error *error)
{
	struct hsm_arena *arena = &importing->session->arena;
	const char *path = find_path(importing, file->base);
	const char *beside = hsm_arena_copy(arena, path, strlen(path) - strlen(".yaml"));
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	bool adopted = is_adopted(importing, file->base, strlen(file->base));
	if (!adopted && !is_free(importing, path, file->text)) {
		*kept = hsm_arena_format(arena, "%s is there already: --adopt %s writes over it", path, file->base);
		return 0;
	}
	if (access(beside, F_OK) == 0) {
		*kept = hsm_arena_format(arena, "its translations stand in %s/: move them away first", beside);
		return 0;
	}
	const char *old = NULL;
	size_t length = 0;
	int rc = adopted ? read_old(importing, path, &old, &length, error) : 0;
	if (!rc && old)
		append_head(&text, old);
	hsm_buffer_append_string(&text, file->text);
	if (!rc)
		rc = hsm_save_file(path, &text, error);
	if (!rc && old)
		rc = hsm_repository_diff_texts(arena, path, old, length, text.data, text.length, diff, error);
	hsm_buffer_release(&text);
	return rc;
}

static int write_files(struct importing *importing, struct hsm_error *error)
{
	struct hsm_arena *arena = &importing->session->arena;
	int rc = importing->import.count ? hsm_save_make_folders(hsm_arena_format(arena, "%s/", importing->folder), error) : 0;
	importing->kept = hsm_arena_allocate_array(arena, importing->import.count, sizeof(*importing->kept));
	importing->diffs = hsm_arena_allocate_array(arena, importing->import.count, sizeof(*importing->diffs));
	for (size_t i = 0; !rc && i < importing->import.count; i++) {
		rc = write_file(importing, &importing->import.files[i], &importing->kept[i],
				&importing->diffs[i], error);
		importing->left_out += importing->kept[i] != NULL;
	}
	for (size_t i = 0; i < importing->count; i++)
		importing->left_out += importing->items[i].problem && !importing->items[i].superseded;
	return rc;
}

static void append_text(const struct importing *importing, struct hsm_buffer *text)
{
	for (size_t i = 0; i < importing->import.count; i++) {
		const struct hsm_import_file *file = &importing->import.files[i];
		hsm_buffer_append_string(text, importing->kept[i] ? "left out " : "wrote ");
		hsm_text_append_printable_line(text, importing->kept[i] ? file->base : find_path(importing, file->base));
		hsm_buffer_append_string(text, importing->kept[i] ? ": " : " (");
		for (size_t j = 0; j < file->count && !importing->kept[i]; j++)
			hsm_buffer_append_format(text, "%s%s", j ? ", " : "", file->items[j]->language);
		hsm_text_append_printable_line(text, importing->kept[i] ? importing->kept[i] : ")");
		hsm_buffer_append_char(text, '\n');
		hsm_text_append_printable(text, importing->diffs[i] ? importing->diffs[i] : "");
	}
	for (size_t i = 0; i < importing->count; i++) {
		if (!importing->items[i].problem)
			continue;
		hsm_buffer_append_string(text, "left out ");
		hsm_text_append_printable_line(text, importing->items[i].name);
		hsm_buffer_append_char(text, ' ');
		hsm_text_append_printable_line(text, importing->items[i].language);
		hsm_buffer_append_string(text, ": ");
		hsm_text_append_printable_line(text, importing->items[i].problem);
		hsm_buffer_append_format(text, "%s%s%s\n", importing->items[i].superseded ? "" : " (",
					 importing->items[i].superseded ? "" : hsm_rules[HSM_RULE_REPRESENTABLE].id,
					 importing->items[i].superseded ? "" : ")");
	}
}

static void append_json(const struct importing *importing, struct hsm_buffer *text)
{
	struct hsm_json_writer writer;
	hsm_output_begin_json(&writer, text);
	hsm_json_begin_array(&writer, "files");
	for (size_t i = 0; i < importing->import.count; i++) {
		const struct hsm_import_file *file = &importing->import.files[i];
		hsm_json_begin_object(&writer, NULL);
		hsm_json_write_string(&writer, "template", file->base);
		hsm_json_write_string(&writer, "path", find_path(importing, file->base));
		hsm_json_write_boolean(&writer, "written", !importing->kept[i]);
		if (importing->kept[i])
			hsm_json_write_string(&writer, "reason", importing->kept[i]);
		if (importing->diffs[i])
			hsm_json_write_string(&writer, "diff", importing->diffs[i]);
		hsm_json_begin_array(&writer, "languages");
		for (size_t j = 0; j < file->count; j++)
			hsm_json_write_string(&writer, NULL, file->items[j]->language);
		hsm_json_end_array(&writer);
		hsm_json_end_object(&writer);
	}
	hsm_json_end_array(&writer);
	hsm_json_begin_array(&writer, "left_out");
	for (size_t i = 0; i < importing->count; i++) {
		if (!importing->items[i].problem)
			continue;
		hsm_json_begin_object(&writer, NULL);
		hsm_json_write_string(&writer, "name", importing->items[i].name);
		hsm_json_write_string(&writer, "language", importing->items[i].language);
		hsm_json_write_string(&writer, "reason", importing->items[i].problem);
		hsm_json_end_object(&writer);
	}
	hsm_json_end_array(&writer);
	hsm_output_end_json(&writer);
}

static void print(struct importing *importing)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	if (importing->session->options.format == HSM_FORMAT_JSON)
		append_json(importing, &text);
	else
		append_text(importing, &text);
	hsm_output_write(&importing->session->output, &text);
	hsm_buffer_release(&text);
}

int hsm_command_import(struct hsm_session *session, struct hsm_error *error)
{
	struct importing importing = { .session = session };
	const struct hsm_options *options = &session->options;
	if (options->revision)
		return hsm_error_set(error, HSM_ERROR_USAGE, "import writes the work tree's files: it takes no --rev");
	if (options->arguments.count && !options->from.count)
		return hsm_error_set(error, HSM_ERROR_USAGE, "payload files are given with --from");
	int rc = read_place(&importing, error);
	if (!rc)
		rc = options->from.count  ? read_payloads(&importing, error) :
		     options->adopt.count ? read_adopted(&importing, error) :
					    read_live(&importing, error);
	if (!rc) {
		hsm_import_make(importing.items, importing.count, importing.backend, importing.pinned, &importing.import);
		rc = write_files(&importing, error);
	}
	if (!rc) {
		print(&importing);
		if (importing.left_out)
			rc = hsm_error_set(error, HSM_ERROR_INVALID, "%zu left out", importing.left_out);
	}
	hsm_import_release(&importing.import);
	hsm_planning_release(&importing.planning);
	return rc;
}
