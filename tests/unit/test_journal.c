/* The journal of a bulk send: kills, cuts, damage, full disks, and two at once. */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "reconciler/delivery/journal.h"
#include "schema/base/buffer.h"
#include "schema/base/memory.h"

/* Every sync of the process comes here: some of them fail, and it is counted what they were of. */
static bool syncs_fail;
static unsigned file_syncs, folder_syncs;

static int sync_by(long number, int file)
{
	struct stat status;
	if (syncs_fail) {
		errno = EIO;
		return -1;
	}
	if (fstat(file, &status) == 0 && S_ISDIR(status.st_mode))
		folder_syncs++;
	else
		file_syncs++;
	return (int)syscall(number, file);
}

int fsync(int file)
{
	return sync_by(SYS_fsync, file);
}

int fdatasync(int file)
{
	return sync_by(SYS_fdatasync, file);
}

#define INPUT_HASH "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"

#define T1 "00000000000000000000000000000001"
#define T2 "00000000000000000000000000000002"
#define T3 "0123456789abcdef0123456789abcdef"

static const struct hsm_journal_subject subject = { INPUT_HASH, "prod", "order", "en_US", 1000 };

struct fixture {
	char folder[64], path[96];
	struct hsm_journal *journal;
	struct hsm_error error;
};

static int reopen(struct fixture *fixture, const struct hsm_journal_subject *of)
{
	hsm_journal_close(fixture->journal);
	return hsm_journal_open(&fixture->journal, fixture->path, of, &fixture->error);
}

static int make_fixture(void **state)
{
	struct fixture *fixture = hsm_memory_allocate(sizeof(*fixture));
	snprintf(fixture->folder, sizeof(fixture->folder), "/tmp/hsm-journal-XXXXXX");
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->path, sizeof(fixture->path), "%s/journal", fixture->folder);
	*state = fixture;
	return 0;
}

static int remove_fixture(void **state)
{
	struct fixture *fixture = *state;
	hsm_journal_close(fixture->journal);
	unlink(fixture->path);
	rmdir(fixture->folder);
	free(fixture);
	return 0;
}

static void write_file(const char *path, const char *bytes, size_t length)
{
	FILE *file = fopen(path, "wb");
	assert_non_null(file);
	assert_int_equal(fwrite(bytes, 1, length, file), length);
	assert_int_equal(fclose(file), 0);
}

static struct hsm_buffer read_file(const char *path)
{
	struct hsm_buffer bytes = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	char chunk[4096];
	size_t length;
	FILE *file = fopen(path, "rb");
	assert_non_null(file);
	hsm_buffer_append_string(&bytes, "");
	while ((length = fread(chunk, 1, sizeof(chunk), file)) > 0)
		hsm_buffer_append(&bytes, chunk, length);
	fclose(file);
	return bytes;
}

static void assert_file_is(const char *path, const struct hsm_buffer *bytes)
{
	struct hsm_buffer now = read_file(path);
	assert_int_equal(now.length, bytes->length);
	assert_memory_equal(now.data, bytes->data, bytes->length);
	hsm_buffer_release(&now);
}

/* "state token template language conversation message reason time" */
static void assert_row(const struct fixture *fixture, size_t number, const char *expected)
{
	struct hsm_row_record row = hsm_journal_find(fixture->journal, number);
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	const char *const texts[] = { row.token, row.template, row.language, row.conversation, row.message, row.reason };
	assert_int_equal(row.row, number);
	hsm_buffer_append_string(&text, hsm_row_state_words[row.state]);
	for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		hsm_buffer_append_format(&text, " %s", texts[i] ? texts[i] : "-");
	hsm_buffer_append_format(&text, " %lld", (long long)row.time);
	assert_string_equal(hsm_buffer_text(&text), expected);
	hsm_buffer_release(&text);
}

static void add(struct fixture *fixture, const struct hsm_row_record *record)
{
	if (hsm_journal_add(fixture->journal, record, &fixture->error))
		fail_msg("%s", fixture->error.message);
}

static const struct hsm_row_record first_records[] = {
	{ 1, HSM_ROW_BEGUN, T1, "order_v2", "en_US", NULL, NULL, NULL, 1700000000001, NULL },
	{ 2, HSM_ROW_BEGUN, T2, "order_v2", "en_US", NULL, NULL, NULL, 1700000000002, NULL },
	{ 1, HSM_ROW_SENT, T1, "order_v2", "en_US", "c1", "m1", NULL, 1700000000003, NULL },
	{ 3, HSM_ROW_REFUSED, NULL, NULL, NULL, NULL, NULL, "'eta' is no \"day\"\n\xe2\x82\xac", 1700000000004, NULL },
	{ 1000, HSM_ROW_FALLBACK, NULL, "order_v2", "en_US", NULL, NULL, "paused", 0, NULL },
};
static const char *const first_rows[] = {
	"sent " T1 " order_v2 en_US c1 m1 - 1700000000003",
	"begun " T2 " order_v2 en_US - - - 1700000000002",
	"refused - - - - - 'eta' is no \"day\"\n\xe2\x82\xac 1700000000004",
};

static void add_first(struct fixture *fixture)
{
	assert_int_equal(reopen(fixture, &subject), 0);
	for (size_t i = 0; i < sizeof(first_records) / sizeof(first_records[0]); i++)
		add(fixture, &first_records[i]);
	assert_int_equal(hsm_journal_sync(fixture->journal, &fixture->error), 0);
}

static void what_was_certainly_not_sent_is_new_again(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(reopen(fixture, &subject), 0);
	add(fixture, &(struct hsm_row_record){ .row = 2, .state = HSM_ROW_BEGUN, .token = T2, .time = 1 });
	add(fixture, &(struct hsm_row_record){ .row = 2, .state = HSM_ROW_NOT_SENT, .token = T2, .time = 2 });
	assert_int_equal(hsm_journal_count(fixture->journal, HSM_ROW_BEGUN), 0);
	assert_int_equal(reopen(fixture, &subject), 0);
	assert_int_equal(hsm_journal_find(fixture->journal, 2).state, HSM_ROW_NEW);
	assert_int_equal(hsm_journal_count(fixture->journal, HSM_ROW_NEW), subject.rows);
}

static void the_way_that_a_row_went_is_read_again(void **state)
{
	struct fixture *fixture = *state;
	assert_int_equal(reopen(fixture, &subject), 0);
	add(fixture, &(struct hsm_row_record){ .row = 1, .state = HSM_ROW_BEGUN, .token = T1, .time = 1, .way = "graph" });
	add(fixture, &(struct hsm_row_record){ .row = 2, .state = HSM_ROW_BEGUN, .token = T2, .time = 1 });
	assert_int_equal(reopen(fixture, &subject), 0);
	assert_string_equal(hsm_journal_find(fixture->journal, 1).way, "graph");
	assert_null(hsm_journal_find(fixture->journal, 2).way);
}

static void what_was_added_is_found_and_the_last_record_of_a_row_counts(void **state)
{
	struct fixture *fixture = *state;
	add_first(fixture);
	for (int round = 0; round < 3; round++) {
		for (size_t i = 0; i < 3; i++)
			assert_row(fixture, i + 1, first_rows[i]);
		assert_row(fixture, 4, "new - - - - - - 0");
		assert_row(fixture, 1000, "fallback - order_v2 en_US - - paused 0");
		assert_row(fixture, 0, "new - - - - - - 0");
		assert_row(fixture, 1001, "new - - - - - - 0");
		static const size_t counts[] = { 996, 1, 1, 1, 1, 0 };
		for (size_t i = 0; i < 6; i++)
			assert_int_equal(hsm_journal_count(fixture->journal, (enum hsm_row_state)i), counts[i]);
		assert_int_equal(reopen(fixture, &subject), 0);
	}
	add(fixture, &(struct hsm_row_record){ 2, HSM_ROW_UNKNOWN, T3, NULL, NULL, NULL, NULL, NULL, 5, NULL });
	assert_row(fixture, 2, "unknown " T3 " - - - - - 5");
	assert_int_equal(reopen(fixture, &subject), 0);
	assert_row(fixture, 2, "unknown " T3 " - - - - - 5");
	assert_int_equal(hsm_journal_count(fixture->journal, HSM_ROW_UNKNOWN), 1);
	assert_int_equal(hsm_journal_count(fixture->journal, HSM_ROW_BEGUN), 0);
}

static void the_file_is_lines_of_json_that_only_its_owner_reads(void **state)
{
	struct fixture *fixture = *state;
	static const char expected[] =
		"{\"format_version\":\"1\",\"input\":\"" INPUT_HASH "\",\"environment\":\"prod\","
		"\"template\":\"order\",\"language\":\"en_US\",\"rows\":1000}\n"
		"{\"row\":1,\"state\":\"sent\",\"time\":1700000000003,\"token\":\"" T1 "\",\"template\":\"order_v2\","
		"\"language\":\"en_US\",\"conversation\":\"c1\",\"message\":\"m1\"}\n";
	struct stat status;
	assert_int_equal(reopen(fixture, &subject), 0);
	add(fixture, &first_records[2]);
	assert_file_is(fixture->path, &(struct hsm_buffer){ .data = (char *)(uintptr_t)expected, .length = strlen(expected) });
	assert_int_equal(stat(fixture->path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

static void it_is_durable_before_anybody_goes_on(void **state)
{
	struct fixture *fixture = *state;
	file_syncs = folder_syncs = 0;
	assert_int_equal(reopen(fixture, &subject), 0);
	assert_int_equal(file_syncs, 1);
	assert_int_equal(folder_syncs, 1);
	add(fixture, &first_records[0]);
	add(fixture, &first_records[1]);
	assert_int_equal(file_syncs, 1);
	assert_int_equal(hsm_journal_sync(fixture->journal, &fixture->error), 0);
	assert_int_equal(file_syncs, 2);
	/* who made it may have been killed before it was durable */
	assert_int_equal(reopen(fixture, &subject), 0);
	assert_int_equal(file_syncs, 3);
	assert_int_equal(folder_syncs, 2);
}

static int open_in_child(const struct fixture *fixture)
{
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		struct hsm_journal *journal;
		struct hsm_error error;
		_exit(-hsm_journal_open(&journal, fixture->path, &subject, &error));
	}
	int status;
	assert_int_equal(waitpid(child, &status, 0), child);
	assert_true(WIFEXITED(status));
	return -WEXITSTATUS(status);
}

static void one_process_at_a_time_has_it(void **state)
{
	struct fixture *fixture = *state;
	struct hsm_journal *second;
	add_first(fixture);
	assert_int_equal(open_in_child(fixture), HSM_ERROR_TRY_LATER);
	assert_int_equal(hsm_journal_open(&second, fixture->path, &subject, &fixture->error), HSM_ERROR_TRY_LATER);
	assert_null(second);
	assert_non_null(strstr(fixture->error.message, "another process is at work on '/tmp/hsm-journal-"));
	add(fixture, &first_records[0]);
	hsm_journal_close(fixture->journal);
	fixture->journal = NULL;
	assert_int_equal(open_in_child(fixture), 0);
	assert_int_equal(reopen(fixture, &subject), 0);
}

static void one_of_another_subject_is_refused_and_stays_as_it_is(void **state)
{
	struct fixture *fixture = *state;
	static const struct {
		struct hsm_journal_subject subject;
		const char *message;
	} cases[] = {
		{ { "0f86", "prod", "order", "en_US", 1000 }, "whose 'input'" },
		{ { INPUT_HASH, "dev", "order", "en_US", 1000 }, "whose 'environment'" },
		{ { INPUT_HASH, "prod", "orders", "en_US", 1000 }, "whose 'template'" },
		{ { INPUT_HASH, "prod", "order", "en_us", 1000 }, "whose 'language'" },
		{ { INPUT_HASH, "prod", "order", NULL, 1000 }, "whose 'language'" },
		{ { INPUT_HASH, "prod", "order", "en_US", 1001 }, "whose 'rows'" },
		{ { INPUT_HASH, "prod", "order", "en_US", 0 }, "whose 'rows'" },
	};
	add_first(fixture);
	struct hsm_buffer before = read_file(fixture->path);
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		assert_int_equal(reopen(fixture, &cases[i].subject), HSM_ERROR_STALE);
		assert_null(fixture->journal);
		if (!strstr(fixture->error.message, cases[i].message))
			fail_msg("%s", fixture->error.message);
		assert_file_is(fixture->path, &before);
	}
	hsm_buffer_release(&before);
	assert_int_equal(reopen(fixture, &subject), 0);
	unlink(fixture->path);
	struct hsm_journal_subject least = { INPUT_HASH, NULL, NULL, NULL, 0 };
	assert_int_equal(reopen(fixture, &least), 0);
	assert_int_equal(reopen(fixture, &least), 0);
	assert_int_equal(reopen(fixture, &subject), HSM_ERROR_STALE);
}

/* Every place where a line can have been cut. */
static void a_last_line_that_was_cut_is_cut_away(void **state)
{
	struct fixture *fixture = *state;
	add_first(fixture);
	struct hsm_buffer whole = read_file(fixture->path);
	size_t lines = 0, line_end = 0;
	for (size_t length = 0; length < whole.length; length++) {
		if (length && whole.data[length - 1] == '\n') {
			lines++;
			line_end = length;
		}
		hsm_journal_close(fixture->journal);
		fixture->journal = NULL;
		write_file(fixture->path, whole.data, length);
		if (reopen(fixture, &subject))
			fail_msg("%zu bytes: %s", length, fixture->error.message);
		struct hsm_buffer kept = { .data = whole.data, .length = line_end };
		if (!lines)
			kept.length = (size_t)((char *)memchr(whole.data, '\n', whole.length) + 1 - whole.data);
		assert_file_is(fixture->path, &kept);
		size_t known = 1000 - hsm_journal_count(fixture->journal, HSM_ROW_NEW);
		assert_int_equal(known, lines < 2 ? 0 : lines == 2 ? 1 : lines <= 4 ? 2 : 3);
		add(fixture, &first_records[4]);
		assert_int_equal(reopen(fixture, &subject), 0);
		assert_row(fixture, 1000, "fallback - order_v2 en_US - - paused 0");
	}
	assert_int_equal(lines, 5);
	hsm_buffer_release(&whole);
}

#define SUBJECT_LINE \
	"{\"format_version\":\"1\",\"input\":\"" INPUT_HASH "\",\"environment\":\"prod\",\"template\":\"order\"," \
	"\"language\":\"en_US\",\"rows\":1000}\n"
#define ROW(number) "{\"row\":" #number ",\"state\":\"sent\",\"time\":1}\n"
#define BEGUN(token) SUBJECT_LINE "{\"row\":1,\"state\":\"begun\",\"time\":1" token "}\n"

static void what_is_damaged_is_told_at_its_line_and_never_guessed_over(void **state)
{
	struct fixture *fixture = *state;
#define FILE_OF(bytes, expected) { bytes, sizeof(bytes) - 1, expected }
	static const struct {
		const char *bytes;
		size_t length;
		const char *expected;
	} cases[] = {
		FILE_OF(SUBJECT_LINE ROW(1) "{\"row\":2,\"sta\n" ROW(3), ":3: not JSON"),
		FILE_OF(SUBJECT_LINE ROW(1) "{\"row\":2,\"sta\n", ":3: not JSON"),
		FILE_OF(SUBJECT_LINE ROW(1) "{\"row\":2,\"sta" ROW(3), ":3: not JSON"),
		FILE_OF(SUBJECT_LINE "\n" ROW(3), ":2: not JSON"),
		FILE_OF(SUBJECT_LINE "\0\0\0\n" ROW(3), ":2: JSON with a NUL byte"),
		FILE_OF(SUBJECT_LINE "{\"row\":1,\"state\":\"begun\",\"time\":1,\"token\":\"\xff\"}\n", ":2: JSON with bytes that"),
		FILE_OF(SUBJECT_LINE "[]\n", ":2: a record is not an object"),
		FILE_OF(SUBJECT_LINE "{\"state\":\"begun\",\"time\":1}\n", ":2: a record has no 'row'"),
		FILE_OF(SUBJECT_LINE "{\"row\":1,\"time\":1}\n", ":2: a record has no 'state'"),
		FILE_OF(SUBJECT_LINE "{\"row\":1,\"state\":\"begun\"}\n", ":2: a record has no 'time'"),
		FILE_OF(SUBJECT_LINE "{\"row\":1,\"state\":\"new\",\"time\":1}\n", ":2: 'state' is not a known word"),
		FILE_OF(SUBJECT_LINE "{\"row\":1,\"state\":\"lost\",\"time\":1}\n", ":2: 'state' is not a known word"),
		FILE_OF(SUBJECT_LINE "{\"row\":\"1\",\"state\":\"begun\",\"time\":1}\n", ":2: 'row' is not an integer"),
		FILE_OF(BEGUN(""), ":2: its state has no token"),
		FILE_OF(BEGUN(",\"token\":null"), ":2: its state has no token"),
		FILE_OF(BEGUN(",\"token\":\"\""), ":2: its token is none"),
		FILE_OF(BEGUN(",\"token\":\"0123456789abcdef0123456789abcde\""), ":2: its token is none"),
		FILE_OF(BEGUN(",\"token\":\"0123456789abcdef0123456789abcdef0\""), ":2: its token is none"),
		FILE_OF(BEGUN(",\"token\":\"0123456789ABCDEF0123456789abcdef\""), ":2: its token is none"),
		FILE_OF(SUBJECT_LINE ROW(0), ":2: there is no such row"),
		FILE_OF(SUBJECT_LINE ROW(-1), ":2: there is no such row"),
		FILE_OF(SUBJECT_LINE ROW(1001), ":2: there is no such row"),
		FILE_OF(SUBJECT_LINE ROW(1e300), ":2: 'row' is not an integer"),
		FILE_OF(SUBJECT_LINE SUBJECT_LINE, ":2: a record has no 'row'"),
		FILE_OF("{\"format_version\":\"2\",\"rows\":1}\n", ":1: it is of format version 2, and this hsmctl reads 1"),
		FILE_OF("{\"format_version\":1}\n", ":1: it is no journal that hsmctl wrote"),
		FILE_OF("{\"changes\":[]}\n", ":1: it is no journal that hsmctl wrote"),
		FILE_OF("{\"changes\":[]}", ":1: it is no journal that hsmctl wrote"),
		FILE_OF("recipient,name", ":1: it is no journal that hsmctl wrote"),
		FILE_OF("recipient,name\n", ":1: not JSON"),
		FILE_OF("\n", ":1: not JSON"),
		FILE_OF("\0", ":1: it is no journal that hsmctl wrote"),
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		write_file(fixture->path, cases[i].bytes, cases[i].length);
		assert_int_equal(reopen(fixture, &subject), HSM_ERROR_INVALID);
		assert_null(fixture->journal);
		if (strncmp(fixture->error.message, fixture->path, strlen(fixture->path)) != 0 ||
		    !strstr(fixture->error.message, cases[i].expected))
			fail_msg("%zu: %s", i, fixture->error.message);
		assert_file_is(fixture->path,
			       &(struct hsm_buffer){ .data = (char *)(uintptr_t)cases[i].bytes, .length = cases[i].length });
	}
}

static void lines_without_end_are_not_read(void **state)
{
	struct fixture *fixture = *state;
	struct hsm_buffer file = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_buffer_append_string(&file, SUBJECT_LINE);
	while (file.length < 3000000)
		hsm_buffer_append_string(&file, "{\"row\":1,");
	write_file(fixture->path, file.data, file.length);
	assert_int_equal(reopen(fixture, &subject), HSM_ERROR_INVALID);
	assert_non_null(strstr(fixture->error.message, ":2: a line of more than 65536 bytes"));
	assert_file_is(fixture->path, &file);
	hsm_buffer_release(&file);
}

static void what_is_no_file_is_not_opened(void **state)
{
	struct fixture *fixture = *state;
	struct fixture other = { 0 };
	assert_int_equal(mkfifo(fixture->path, 0600), 0);
	assert_int_equal(reopen(fixture, &subject), HSM_ERROR_FAILED);
	snprintf(other.path, sizeof(other.path), "%s", fixture->folder);
	assert_int_equal(reopen(&other, &subject), HSM_ERROR_FAILED);
	snprintf(other.path, sizeof(other.path), "%s/none/journal", fixture->folder);
	assert_int_equal(reopen(&other, &subject), HSM_ERROR_FAILED);
	assert_non_null(strstr(other.error.message, "No such file"));
}

static void records_that_could_not_be_read_again_are_not_written(void **state)
{
	struct fixture *fixture = *state;
	static char longest[70000];
	memset(longest, 'x', sizeof(longest) - 1);
	const struct hsm_row_record records[] = {
		{ .row = 1, .state = HSM_ROW_NEW },
		{ .row = 0, .state = HSM_ROW_SENT },
		{ .row = 1001, .state = HSM_ROW_SENT },
		{ .row = 1, .state = HSM_ROW_BEGUN },
		{ .row = 1, .state = HSM_ROW_SENT, .token = "1" },
		{ .row = 1, .state = HSM_ROW_REFUSED, .reason = "cut \xe2\x82" },
		{ .row = 1, .state = HSM_ROW_REFUSED, .reason = longest },
	};
	add_first(fixture);
	struct hsm_buffer before = read_file(fixture->path);
	for (size_t i = 0; i < sizeof(records) / sizeof(records[0]); i++)
		assert_int_equal(hsm_journal_add(fixture->journal, &records[i], &fixture->error), HSM_ERROR_FAILED);
	assert_file_is(fixture->path, &before);
	hsm_buffer_release(&before);
	assert_row(fixture, 1, first_rows[0]);
	add(fixture, &first_records[1]);
	assert_int_equal(hsm_journal_sync(fixture->journal, &fixture->error), 0);
}

/* No file grows: a disk that is full. */
static void set_file_limit(rlim_t bytes)
{
	struct rlimit limit;
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static void assert_unusable(struct fixture *fixture)
{
	assert_int_equal(hsm_journal_add(fixture->journal, &first_records[0], &fixture->error), HSM_ERROR_FAILED);
	assert_non_null(strstr(fixture->error.message, "could not be written before"));
	assert_int_equal(hsm_journal_sync(fixture->journal, &fixture->error), HSM_ERROR_FAILED);
	assert_non_null(strstr(fixture->error.message, "could not be written before"));
}

static void a_full_disk_ends_it_and_what_was_written_is_there_afterwards(void **state)
{
	struct fixture *fixture = *state;
	signal(SIGXFSZ, SIG_IGN);
	add_first(fixture);
	struct hsm_buffer before = read_file(fixture->path);
	for (size_t more = 0; more < 20; more++) { /* bytes of the line that find room */
		set_file_limit(before.length + more);
		int rc = hsm_journal_add(fixture->journal, &(struct hsm_row_record){ .row = 2, .state = HSM_ROW_SENT },
					 &fixture->error);
		set_file_limit(RLIM_INFINITY);
		assert_int_equal(rc, HSM_ERROR_FAILED);
		assert_non_null(strstr(fixture->error.message, "cannot write '"));
		assert_row(fixture, 2, first_rows[1]);
		/* there is room again, and still nothing is added after half a line */
		assert_unusable(fixture);
		assert_int_equal(reopen(fixture, &subject), 0);
		assert_file_is(fixture->path, &before);
		for (size_t i = 0; i < 3; i++)
			assert_row(fixture, i + 1, first_rows[i]);
	}
	hsm_buffer_release(&before);
}

static void a_full_disk_makes_no_journal(void **state)
{
	struct fixture *fixture = *state;
	signal(SIGXFSZ, SIG_IGN);
	for (rlim_t bytes = 0; bytes < strlen(SUBJECT_LINE); bytes += 7) {
		set_file_limit(bytes);
		int rc = reopen(fixture, &subject);
		set_file_limit(RLIM_INFINITY);
		assert_int_equal(rc, HSM_ERROR_FAILED);
		assert_null(fixture->journal);
	}
	assert_int_equal(reopen(fixture, &subject), 0);
}

static void a_sync_that_fails_ends_it(void **state)
{
	struct fixture *fixture = *state;
	add_first(fixture);
	add(fixture, &first_records[1]);
	syncs_fail = true;
	int rc = hsm_journal_sync(fixture->journal, &fixture->error);
	syncs_fail = false;
	assert_int_equal(rc, HSM_ERROR_FAILED);
	assert_non_null(strstr(fixture->error.message, "cannot sync '"));
	assert_unusable(fixture);
	syncs_fail = true;
	rc = reopen(fixture, &subject);
	syncs_fail = false;
	assert_int_equal(rc, HSM_ERROR_FAILED);
	assert_int_equal(reopen(fixture, &subject), 0);
	for (size_t i = 0; i < 3; i++)
		assert_row(fixture, i + 1, first_rows[i]);
}

static void make_token(size_t row, char token[HSM_TOKEN_SIZE])
{
	snprintf(token, HSM_TOKEN_SIZE, "%032zx", row * 2654435761u);
}

/* Adds records, ten to a sync, and tells how many are durable, until it is killed. */
static void add_until_killed(const char *path, const struct hsm_journal_subject *of, volatile size_t *synced)
{
	struct hsm_journal *journal;
	struct hsm_error error;
	char token[HSM_TOKEN_SIZE];
	if (hsm_journal_open(&journal, path, of, &error))
		_exit(1);
	for (size_t row = of->rows - hsm_journal_count(journal, HSM_ROW_NEW) + 1; row <= of->rows; row++) {
		make_token(row, token);
		struct hsm_row_record record = { .row = row, .state = HSM_ROW_BEGUN, .token = token, .time = 1,
						 .template = "order_v2", .language = "en_US" };
		if (hsm_journal_add(journal, &record, &error))
			_exit(2);
		if (row % 10 == 0) {
			if (hsm_journal_sync(journal, &error))
				_exit(3);
			*synced = row;
		}
	}
	_exit(4);
}

static void what_was_synced_is_there_after_a_kill(void **state)
{
	struct fixture *fixture = *state;
	static const struct hsm_journal_subject large = { INPUT_HASH, "prod", "order", "en_US", 10000000 };
	volatile size_t *synced = mmap(NULL, sizeof(*synced), PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	assert_true((void *)(uintptr_t)synced != MAP_FAILED);
	size_t last = 0;
	for (unsigned round = 0; round < 20; round++) {
		pid_t child = fork();
		assert_true(child >= 0);
		if (child == 0)
			add_until_killed(fixture->path, &large, synced);
		for (size_t before = *synced; *synced == before;)
			usleep(100);
		usleep(500 + round * 377 % 3000);
		kill(child, SIGKILL);
		int status;
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_true(WIFSIGNALED(status));

		assert_int_equal(reopen(fixture, &large), 0);
		size_t count = hsm_journal_count(fixture->journal, HSM_ROW_BEGUN);
		assert_true(count >= *synced && *synced > last);
		for (size_t row = last + 1; row <= count; row++) {
			char token[HSM_TOKEN_SIZE];
			make_token(row, token);
			struct hsm_row_record record = hsm_journal_find(fixture->journal, row);
			assert_int_equal(record.state, HSM_ROW_BEGUN);
			assert_string_equal(record.token, token);
			assert_string_equal(record.template, "order_v2");
		}
		assert_int_equal(hsm_journal_find(fixture->journal, count + 1).state, HSM_ROW_NEW);
		last = count;
		hsm_journal_close(fixture->journal);
		fixture->journal = NULL;
	}
	munmap((void *)(uintptr_t)synced, sizeof(*synced));
}

static void tokens_are_hexadecimal_and_none_is_made_twice(void **state)
{
	(void)state;
	enum { count = 1000 };
	static char tokens[count][HSM_TOKEN_SIZE];
	struct hsm_error error;
	for (size_t i = 0; i < count; i++) {
		assert_int_equal(hsm_token_make(tokens[i], &error), 0);
		assert_int_equal(strspn(tokens[i], "0123456789abcdef"), HSM_TOKEN_SIZE - 1);
		assert_int_equal(tokens[i][HSM_TOKEN_SIZE - 1], '\0');
	}
	qsort(tokens, count, sizeof(tokens[0]), (int (*)(const void *, const void *))strcmp);
	for (size_t i = 1; i < count; i++)
		assert_string_not_equal(tokens[i - 1], tokens[i]);
}

#if defined(__SANITIZE_ADDRESS__)
#define MEMORY_IS_MEASURED 0
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEMORY_IS_MEASURED 0
#endif
#endif
#ifndef MEMORY_IS_MEASURED
#define MEMORY_IS_MEASURED 1
#endif

static double seconds_since(const struct timespec *start)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (double)(now.tv_sec - start->tv_sec) + (double)(now.tv_nsec - start->tv_nsec) / 1e9;
}

/* Bounds that a reader passes by far that is not linear, or keeps the lines; whatever the machine. */
static void a_million_rows_are_no_burden(void **state)
{
	struct fixture *fixture = *state;
	struct hsm_journal_subject large = { INPUT_HASH, "prod", "order", "en_US", 1000000 };
	struct timespec start;
	char token[HSM_TOKEN_SIZE], conversation[37], message[37];
	clock_gettime(CLOCK_MONOTONIC, &start);
	assert_int_equal(reopen(fixture, &large), 0);
	for (size_t row = 1; row <= large.rows; row++) {
		make_token(row, token);
		snprintf(conversation, sizeof(conversation), "%08zx-0000-4000-8000-000000000000", row);
		snprintf(message, sizeof(message), "%08zx-0000-4000-8000-000000000001", row);
		add(fixture, &(struct hsm_row_record){ row, HSM_ROW_SENT, token, "order_v2", "en_US", conversation, message,
						       NULL, 1700000000000, NULL });
	}
	hsm_journal_close(fixture->journal);
	fixture->journal = NULL;
	double written = seconds_since(&start);

	pid_t child = fork();
	assert_true(child >= 0);
	clock_gettime(CLOCK_MONOTONIC, &start);
	if (child == 0)
		_exit(reopen(fixture, &large) || hsm_journal_count(fixture->journal, HSM_ROW_SENT) != large.rows);
	int status;
	struct rusage usage;
	assert_int_equal(wait4(child, &status, 0, &usage), child);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	double read = seconds_since(&start);
	print_message("written in %.1f s, read in %.1f s, %ld MiB\n", written, read, usage.ru_maxrss / 1024);
	assert_true(written < 120 && read < 120);
	assert_true(!MEMORY_IS_MEASURED || usage.ru_maxrss < 300 * 1024);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define TEST(name) cmocka_unit_test_setup_teardown(name, make_fixture, remove_fixture)
		TEST(what_was_certainly_not_sent_is_new_again),
		TEST(the_way_that_a_row_went_is_read_again),
		TEST(what_was_added_is_found_and_the_last_record_of_a_row_counts),
		TEST(the_file_is_lines_of_json_that_only_its_owner_reads),
		TEST(it_is_durable_before_anybody_goes_on),
		TEST(one_process_at_a_time_has_it),
		TEST(one_of_another_subject_is_refused_and_stays_as_it_is),
		TEST(a_last_line_that_was_cut_is_cut_away),
		TEST(what_is_damaged_is_told_at_its_line_and_never_guessed_over),
		TEST(lines_without_end_are_not_read),
		TEST(what_is_no_file_is_not_opened),
		TEST(records_that_could_not_be_read_again_are_not_written),
		TEST(a_full_disk_ends_it_and_what_was_written_is_there_afterwards),
		TEST(a_full_disk_makes_no_journal),
		TEST(a_sync_that_fails_ends_it),
		TEST(what_was_synced_is_there_after_a_kill),
		cmocka_unit_test(tokens_are_hexadecimal_and_none_is_made_twice),
		TEST(a_million_rows_are_no_burden),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
