#include "reconciler/delivery/journal.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/random.h>
#include <sys/stat.h>
#include <unistd.h>

#include "reconciler/desired/map.h"
#include "schema/base/memory.h"
#include "schema/base/text.h"
#include "schema/json.h"

#define FORMAT_VERSION "1"
#define LINE_MAX_BYTES ((size_t)64 * 1024)
#define READ_BYTES ((size_t)1024 * 1024)

/* NEW is never written. */
const char *const hsm_row_state_words[] = { "new", "begun", "sent", "refused", "fallback", "unknown", "not_sent",
					    NULL };
#define STATE_COUNT (sizeof(hsm_row_state_words) / sizeof(hsm_row_state_words[0]) - 1)

struct subject_line {
	struct hsm_node node;
	struct hsm_string format_version, input, environment, template, language;
	struct hsm_integer rows;
};

#define AT(member) .offset = offsetof(struct subject_line, member)
static const struct hsm_field subject_fields[] = {
	{ "format_version", HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(format_version) },
	{ "input", HSM_TYPE_STRING, 0, AT(input) },
	{ "environment", HSM_TYPE_STRING, 0, AT(environment) },
	{ "template", HSM_TYPE_STRING, 0, AT(template) },
	{ "language", HSM_TYPE_STRING, 0, AT(language) },
	{ "rows", HSM_TYPE_INTEGER, HSM_FIELD_REQUIRED, AT(rows) },
};
#undef AT
static const struct hsm_object subject_object = {
	"journal", 0, sizeof(struct subject_line), HSM_OBJECT_FIELDS(subject_fields), .help = NULL,
};

struct record_line {
	struct hsm_node node;
	struct hsm_integer row, time;
	struct hsm_word state;
	struct hsm_string token, template, language, conversation, message, reason, way;
};

#define AT(member) .offset = offsetof(struct record_line, member)
static const struct hsm_field record_fields[] = {
	{ "row", HSM_TYPE_INTEGER, HSM_FIELD_REQUIRED, AT(row) },
	{ "state", HSM_TYPE_WORD, HSM_FIELD_REQUIRED, AT(state), .words = hsm_row_state_words + 1 },
	{ "time", HSM_TYPE_INTEGER, HSM_FIELD_REQUIRED, AT(time) },
	{ "token", HSM_TYPE_STRING, 0, AT(token) },
	{ "template", HSM_TYPE_STRING, 0, AT(template) },
	{ "language", HSM_TYPE_STRING, 0, AT(language) },
	{ "conversation", HSM_TYPE_STRING, 0, AT(conversation) },
	{ "message", HSM_TYPE_STRING, 0, AT(message) },
	{ "reason", HSM_TYPE_STRING, 0, AT(reason) },
	{ "way", HSM_TYPE_STRING, 0, AT(way) },
};
#undef AT
static const struct hsm_object record_object = {
	"record", 0, sizeof(struct record_line), HSM_OBJECT_FIELDS(record_fields), .help = NULL,
};

struct hsm_journal {
	char *path;
	int file;
	bool failed; /* a write or a sync did: what is on disk is not known */
	struct hsm_row_record *rows;
	size_t row_count;
	size_t counts[STATE_COUNT];
	struct hsm_buffer line;   /* that is written */
	struct hsm_arena arena;   /* the texts of the rows */
	struct hsm_arena scratch; /* of a line that is read */
	struct hsm_map words;     /* texts that many rows have */
};

static const char *intern(struct hsm_journal *journal, const char *text)
{
	if (!text)
		return NULL;
	void **place = hsm_map_at(&journal->words, &journal->arena, text, strlen(text));
	if (!*place)
		*place = hsm_arena_copy_string(&journal->arena, text);
	return *place;
}

/* A row's records say the same token, and mostly the same ids. */
static const char *keep(struct hsm_journal *journal, const char *kept, const char *text)
{
	return kept && text && strcmp(kept, text) == 0 ? kept : hsm_arena_copy_string(&journal->arena, text);
}

/* Why a record is none; NULL: it is one. What is begun is looked up by its token, and by another one not found. */
static const char *find_fault(const struct hsm_journal *journal, const struct hsm_row_record *record)
{
	size_t length = record->token ? strlen(record->token) : 0;
	if (record->row < 1 || record->row > journal->row_count)
		return "there is no such row";
	if (record->state == HSM_ROW_NEW || (record->state == HSM_ROW_BEGUN && !record->token))
		return "its state has no token";
	if (record->token && (length != HSM_TOKEN_SIZE - 1 || strspn(record->token, "0123456789abcdef") != length))
		return "its token is none";
	return NULL;
}

static void remember(struct hsm_journal *journal, const struct hsm_row_record *record)
{
	struct hsm_row_record *row = &journal->rows[record->row - 1];
	enum hsm_row_state state = record->state == HSM_ROW_NOT_SENT ? HSM_ROW_NEW : record->state;
	journal->counts[row->state]--;
	journal->counts[state]++;
	*row = (struct hsm_row_record){
		.row = record->row,
		.state = state,
		.token = keep(journal, row->token, record->token),
		.template = intern(journal, record->template),
		.language = intern(journal, record->language),
		.conversation = keep(journal, row->conversation, record->conversation),
		.message = keep(journal, row->message, record->message),
		.reason = intern(journal, record->reason),
		.way = intern(journal, record->way),
		.time = record->time,
	};
}

/* Reading */

static int fail(const struct hsm_journal *journal, const char *what, struct hsm_error *error)
{
	return hsm_error_set(error, HSM_ERROR_FAILED, "cannot %s '%s': %s", what, journal->path, strerror(errno));
}

static int check_subject(const char *subject, const cJSON *json, struct hsm_error *error)
{
	const cJSON *version = cJSON_GetObjectItemCaseSensitive(json, subject_fields[0].key);
	if (!cJSON_IsString(version))
		return hsm_error_set(error, HSM_ERROR_INVALID, "it is no journal that hsmctl wrote");
	if (strcmp(version->valuestring, FORMAT_VERSION) != 0)
		return hsm_error_set(error, HSM_ERROR_INVALID, "it is of format version %s, and this hsmctl reads %s",
				     version->valuestring, FORMAT_VERSION);
	cJSON *wanted;
	int rc = hsm_json_parse(&wanted, subject, strlen(subject), error);
	if (rc)
		return rc;
	for (size_t i = 1; !rc && i < subject_object.count; i++) {
		const char *key = subject_fields[i].key;
		const cJSON *left = cJSON_GetObjectItemCaseSensitive(json, key),
			    *right = cJSON_GetObjectItemCaseSensitive(wanted, key);
		if ((left || right) && !cJSON_Compare(left, right, true))
			rc = hsm_error_set(error, HSM_ERROR_STALE,
					   "it is the journal of another send, whose '%s' is not this one's: put what is to "
					   "be sent into a file of another name; without the journal its rows are sent again", key);
	}
	cJSON_Delete(wanted);
	return rc;
}

static int take_record(struct hsm_journal *journal, const cJSON *json, struct hsm_error *error)
{
	struct record_line line = { 0 };
	int rc = hsm_json_read(&journal->scratch, json, &record_object, &line, error);
	if (rc)
		return rc;
	struct hsm_row_record record = {
		.row = line.row.value > 0 ? (size_t)line.row.value : 0,
		.state = (enum hsm_row_state)line.state.value,
		.token = line.token.text,
		.template = line.template.text,
		.language = line.language.text,
		.conversation = line.conversation.text,
		.message = line.message.text,
		.reason = line.reason.text,
		.way = line.way.text,
		.time = line.time.value,
	};
	const char *fault = find_fault(journal, &record);
	if (fault)
		return hsm_error_set(error, HSM_ERROR_INVALID, "%s", fault);
	remember(journal, &record);
	return 0;
}

static int take_line(struct hsm_journal *journal, const char *subject, size_t number, const char *text, size_t length,
		     struct hsm_error *error)
{
	cJSON *json = NULL;
	int rc = hsm_json_parse(&json, text, length, error);
	if (!rc)
		rc = number == 1 ? check_subject(subject, json, error) : take_record(journal, json, error);
	cJSON_Delete(json);
	hsm_arena_clear(&journal->scratch);
	if (!rc)
		return 0;
	if (rc != HSM_ERROR_STALE)
		error->class = HSM_ERROR_INVALID;
	return hsm_error_prefix(error, "%s:%zu", journal->path, number);
}

/* What is read of the file, and not taken yet. */
struct reading {
	char bytes[READ_BYTES];
	size_t length;
	size_t lines; /* taken */
	off_t whole;  /* bytes of them */
};

static int take_lines(struct hsm_journal *journal, const char *subject, struct reading *reading,
		      struct hsm_error *error)
{
	const char *from = reading->bytes, *end = from + reading->length, *newline;
	for (; (newline = memchr(from, '\n', (size_t)(end - from))); from = newline + 1) {
		int rc = take_line(journal, subject, ++reading->lines, from, (size_t)(newline - from), error);
		if (rc)
			return rc;
	}
	reading->whole += from - reading->bytes;
	reading->length = (size_t)(end - from);
	memmove(reading->bytes, from, reading->length);
	return reading->length <= LINE_MAX_BYTES
		       ? 0
		       : hsm_error_set(error, HSM_ERROR_INVALID, "%s:%zu: a line of more than %zu bytes", journal->path,
				       reading->lines + 1, LINE_MAX_BYTES);
}

static int read_lines(struct hsm_journal *journal, const char *subject, struct reading *reading,
		      struct hsm_error *error)
{
	for (;;) {
		ssize_t count = read(journal->file, reading->bytes + reading->length,
				     sizeof(reading->bytes) - reading->length);
		if (count < 0 && errno != EINTR)
			return fail(journal, "read", error);
		if (count == 0)
			return 0;
		reading->length += count > 0 ? (size_t)count : 0;
		int rc = take_lines(journal, subject, reading, error);
		if (rc)
			return rc;
	}
}

/* Writing */

static int write_line(const struct hsm_journal *journal)
{
	const struct hsm_buffer *line = &journal->line;
	for (size_t at = 0; at < line->length;) {
		ssize_t count = write(journal->file, line->data + at, line->length - at);
		if (count < 0 && errno != EINTR)
			return -1;
		at += count > 0 ? (size_t)count : 0;
	}
	return 0;
}

static void format_line(struct hsm_journal *journal, const struct hsm_object *object, const void *base)
{
	struct hsm_json_writer writer = { .buffer = &journal->line };
	hsm_buffer_clear(&journal->line);
	hsm_json_write(&writer, NULL, object, base);
	hsm_buffer_append_char(&journal->line, '\n');
}

static int sync_folder(const char *path)
{
	const char *slash = strrchr(path, '/');
	struct hsm_arena arena = { 0 };
	const char *folder = slash ? hsm_arena_copy(&arena, path, (size_t)(slash - path) + 1) : ".";
	int file = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	int failed = file < 0 || fsync(file);
	int kept = errno;
	if (file >= 0)
		close(file);
	hsm_arena_release(&arena);
	errno = kept;
	return failed ? -1 : 0;
}

/* Only the file that stands at the path is worth a lock. */
static int open_file(struct hsm_journal *journal, struct hsm_error *error)
{
	struct stat opened, named;
	journal->file = open(journal->path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
	if (journal->file < 0 || fstat(journal->file, &opened))
		return fail(journal, "open", error);
	if (!S_ISREG(opened.st_mode))
		return hsm_error_set(error, HSM_ERROR_FAILED, "'%s' is no file", journal->path);
	if (flock(journal->file, LOCK_EX | LOCK_NB)) {
		if (errno != EWOULDBLOCK)
			return fail(journal, "lock", error);
		return hsm_error_set(error, HSM_ERROR_TRY_LATER, "another process is at work on '%s'", journal->path);
	}
	if (stat(journal->path, &named) || named.st_dev != opened.st_dev || named.st_ino != opened.st_ino)
		return hsm_error_set(error, HSM_ERROR_TRY_LATER, "'%s' was replaced meanwhile: run again",
				     journal->path);
	return 0;
}

/* What is read, and perhaps was never synced by who wrote it, is durable after this. */
static int settle(struct hsm_journal *journal, const struct reading *reading, struct hsm_error *error)
{
	static const char beginning[] = "{\"format_version\":\"";
	size_t compared = reading->length < strlen(beginning) ? reading->length : strlen(beginning);
	if (!reading->lines && memcmp(reading->bytes, beginning, compared) != 0)
		return hsm_error_set(error, HSM_ERROR_INVALID, "%s:1: it is no journal that hsmctl wrote", journal->path);
	if (reading->length && ftruncate(journal->file, reading->whole))
		return fail(journal, "cut", error);
	if (!reading->lines && write_line(journal))
		return fail(journal, "write", error);
	if (fsync(journal->file) || sync_folder(journal->path))
		return fail(journal, "sync", error);
	return 0;
}

int hsm_journal_open(struct hsm_journal **journal, const char *path, const struct hsm_journal_subject *subject,
		     struct hsm_error *error)
{
	struct hsm_journal *opened = hsm_memory_allocate(sizeof(*opened));
	struct reading *reading = hsm_memory_allocate(sizeof(*reading));
	opened->path = hsm_memory_copy_string(path);
	opened->line.cap = LINE_MAX_BYTES;
	opened->row_count = subject->rows;
	opened->rows = hsm_arena_allocate_array(&opened->arena, subject->rows, sizeof(*opened->rows));
	opened->counts[HSM_ROW_NEW] = subject->rows;
	format_line(opened, &subject_object, &(struct subject_line){
		.format_version.text = FORMAT_VERSION,
		.input.text = subject->input,
		.environment.text = subject->environment,
		.template.text = subject->template,
		.language.text = subject->language,
		.rows = { .value = (int64_t)subject->rows, .present = true },
	});
	int rc = open_file(opened, error);
	if (!rc)
		rc = read_lines(opened, opened->line.data, reading, error);
	if (!rc)
		rc = settle(opened, reading, error);
	free(reading);
	*journal = rc ? NULL : opened;
	if (rc)
		hsm_journal_close(opened);
	return rc;
}

void hsm_journal_close(struct hsm_journal *journal)
{
	if (!journal)
		return;
	if (journal->file >= 0)
		close(journal->file);
	hsm_buffer_release(&journal->line);
	hsm_arena_release(&journal->scratch);
	hsm_arena_release(&journal->arena);
	free(journal->path);
	free(journal);
}

struct hsm_row_record hsm_journal_find(const struct hsm_journal *journal, size_t row)
{
	struct hsm_row_record none = { .row = row };
	return row >= 1 && row <= journal->row_count && journal->rows[row - 1].state ? journal->rows[row - 1] : none;
}

size_t hsm_journal_count(const struct hsm_journal *journal, enum hsm_row_state state)
{
	return journal->counts[state];
}

static int check_usable(const struct hsm_journal *journal, struct hsm_error *error)
{
	return journal->failed ? hsm_error_set(error, HSM_ERROR_FAILED,
					       "'%s' could not be written before, and what is in it is not certain: run "
					       "again", journal->path)
			       : 0;
}

int hsm_journal_add(struct hsm_journal *journal, const struct hsm_row_record *record, struct hsm_error *error)
{
	int rc = check_usable(journal, error);
	if (rc)
		return rc;
	format_line(journal, &record_object, &(struct record_line){
		.row = { .value = (int64_t)record->row, .present = true },
		.state.value = (int)record->state,
		.time = { .value = record->time, .present = true },
		.token.text = record->token,
		.template.text = record->template,
		.language.text = record->language,
		.conversation.text = record->conversation,
		.message.text = record->message,
		.reason.text = record->reason,
		.way.text = record->way,
	});
	/* What could not be read again is not written. */
	if (find_fault(journal, record) || journal->line.full ||
	    hsm_text_find_invalid(journal->line.data, journal->line.length) != journal->line.length)
		return hsm_error_set(error, HSM_ERROR_FAILED, "this of row %zu cannot stand in '%s'", record->row,
				     journal->path);
	if (write_line(journal)) {
		journal->failed = true;
		return fail(journal, "write", error);
	}
	remember(journal, record);
	return 0;
}

int hsm_journal_sync(struct hsm_journal *journal, struct hsm_error *error)
{
	int rc = check_usable(journal, error);
	if (!rc && fdatasync(journal->file)) {
		journal->failed = true;
		rc = fail(journal, "sync", error);
	}
	return rc;
}

int hsm_token_make(char token[HSM_TOKEN_SIZE], struct hsm_error *error)
{
	unsigned char bytes[(HSM_TOKEN_SIZE - 1) / 2];
	/* The kernel gives so few whole, or none. */
	if (getrandom(bytes, sizeof(bytes), 0) != (ssize_t)sizeof(bytes))
		return hsm_error_set(error, HSM_ERROR_FAILED, "the kernel gives no random bytes: %s", strerror(errno));
	for (size_t i = 0; i < sizeof(bytes); i++)
		snprintf(token + 2 * i, 3, "%02x", bytes[i]);
	return 0;
}
