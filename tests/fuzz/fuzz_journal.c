/*
 * A journal's file: what is read of it is read again, and one that is refused stays as
 * it is.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "reconciler/delivery/journal.h"
#include "schema/base/buffer.h"
#include "schema/base/text.h"

#define ROWS 8

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[] = "/tmp/hsm-fuzz-XXXXXX", path[64];
static const struct hsm_journal_subject subject = { "i", "e", "t", "l", ROWS };

/* Disks are not what is tested. */
int fsync(int file)
{
	return file < 0 ? -1 : 0;
}

int fdatasync(int file)
{
	return file < 0 ? -1 : 0;
}

static void check(bool holds)
{
	if (!holds)
		abort();
}

static void remove_folder(void)
{
	unlink(path);
	rmdir(folder);
}

static void write_file(const uint8_t *data, size_t size)
{
	if (!*path) {
		check(mkdtemp(folder));
		snprintf(path, sizeof(path), "%s/journal", folder);
		atexit(remove_folder);
	}
	int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	check(file >= 0 && write(file, data, size) == (ssize_t)size);
	close(file);
}

/* Refused: all of the file. Opened: its whole lines, or only a first one in the place of a cut one. */
static void check_file(const uint8_t *data, size_t size, bool opened)
{
	static uint8_t bytes[1 << 21];
	int file = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = file < 0 ? -1 : read(file, bytes, sizeof(bytes));
	check(length >= 0);
	close(file);
	const uint8_t *newline = memrchr(data, '\n', size);
	size_t whole = newline ? (size_t)(newline + 1 - data) : 0;
	if (!opened || whole)
		check((size_t)length == (opened ? whole : size) && memcmp(bytes, data, (size_t)length) == 0);
	else
		check(length > 0 && memchr(bytes, '\n', (size_t)length) == bytes + length - 1);
}

static void append_word(struct hsm_buffer *text, const char *word)
{
	check(!word || hsm_text_find_invalid(word, strlen(word)) == strlen(word));
	hsm_buffer_append_format(text, "\n%s%s", word ? "=" : "", word ? word : "");
}

static char *describe(const struct hsm_journal *journal)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	size_t counts[HSM_ROW_UNKNOWN + 1] = { 0 };
	for (size_t i = 1; i <= ROWS; i++) {
		struct hsm_row_record row = hsm_journal_find(journal, i);
		check(row.row == i && row.state <= HSM_ROW_UNKNOWN);
		counts[row.state]++;
		hsm_buffer_append_format(&text, "%d %lld", (int)row.state, (long long)row.time);
		append_word(&text, row.token);
		append_word(&text, row.template);
		append_word(&text, row.language);
		append_word(&text, row.conversation);
		append_word(&text, row.message);
		append_word(&text, row.reason);
	}
	for (size_t i = 0; i <= HSM_ROW_UNKNOWN; i++)
		check(hsm_journal_count(journal, (enum hsm_row_state)i) == counts[i]);
	return hsm_buffer_detach(&text);
}

/* Another reading has the same, and so has one of all rows added once more. */
static void check_readings(struct hsm_journal *journal)
{
	struct hsm_error error;
	char *first = describe(journal);
	for (int round = 0; round < 2; round++) {
		for (size_t i = 1; round && i <= ROWS; i++) {
			struct hsm_row_record row = hsm_journal_find(journal, i);
			check(row.state == HSM_ROW_NEW || hsm_journal_add(journal, &row, &error) == 0);
		}
		check(hsm_journal_sync(journal, &error) == 0);
		hsm_journal_close(journal);
		check(hsm_journal_open(&journal, path, &subject, &error) == 0);
		char *again = describe(journal);
		check(strcmp(first, again) == 0);
		free(again);
	}
	hsm_journal_close(journal);
	free(first);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hsm_journal *journal;
	struct hsm_error error;
	write_file(data, size);
	int rc = hsm_journal_open(&journal, path, &subject, &error);
	check_file(data, size, !rc);
	if (!rc) {
		check_readings(journal);
		return 0;
	}
	check((rc == HSM_ERROR_INVALID || rc == HSM_ERROR_STALE) && !journal);
	check(hsm_text_find_invalid(error.message, strlen(error.message)) == strlen(error.message));
	return 0;
}
