/* send --from: to all recipients in a file. */
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/hsmctl/save.h"
#include "cmd/hsmctl/send.h"
#include "schema/base/fingerprint.h"
#include "schema/base/text.h"
#include "schema/json.h"

#define FILE_MAX ((size_t)1 << 30)
#define PROBLEMS_SHOWN 20

struct sending_bulk {
	struct hsm_sending *sending;
	struct hsm_session *session;
	struct hsm_bulk bulk;
	const char *journal; /* path */
	size_t problems;
};

static void show_problem(void *user, const char *message)
{
	struct sending_bulk *sending = user;
	if (sending->problems++ < PROBLEMS_SHOWN)
		hsm_output_log(&sending->session->output, HSM_LEVEL_ERROR, "%s", message);
}

static void show_progress(void *user, size_t done)
{
	struct sending_bulk *sending = user;
	char line[64];
	snprintf(line, sizeof(line), "sending: %zu of %zu", done, sending->bulk.rows);
	hsm_output_progress(&sending->session->output, line);
}

static int find_format(const char *path, enum hsm_recipients_format *format, struct hsm_error *error)
{
	bool csv = hsm_text_ends_with(path, ".csv");
	*format = csv ? HSM_RECIPIENTS_CSV : HSM_RECIPIENTS_NDJSON;
	if (csv || hsm_text_ends_with(path, ".ndjson") || hsm_text_ends_with(path, ".jsonl"))
		return 0;
	return hsm_error_set(error, HSM_ERROR_USAGE, "--from %s: a file's name ends in .csv, .ndjson or .jsonl", path);
}

static int open_rows(struct sending_bulk *sending, const char *path, char fingerprint[HSM_FINGERPRINT_SIZE],
		     struct hsm_error *error)
{
	enum hsm_recipients_format format;
	const char *data;
	size_t length;
	int rc = find_format(path, &format, error);
	if (!rc)
		rc = hsm_session_read_file(sending->session, path, FILE_MAX, &data, &length, error);
	if (rc)
		return rc;
	hsm_fingerprint_compute(data, length, fingerprint);
	return hsm_recipients_open(&sending->bulk.recipients, path, format, data, length, error);
}

static int open_journal(struct sending_bulk *sending, const char *fingerprint, struct hsm_error *error)
{
	struct hsm_bulk *bulk = &sending->bulk;
	struct hsm_journal_subject subject = { fingerprint, sending->session->settings.environment, bulk->template,
					       bulk->language ? bulk->language : "", bulk->rows };
	return hsm_bulk_open(bulk, sending->journal, &subject, error);
}

/* Nothing is sent unless every row is right, or the others are meant. What a journal tells of is sent or not, whatever
 * is thought of it today. */
static int check_rows(struct sending_bulk *sending, const char *fingerprint, struct hsm_error *error)
{
	struct hsm_bulk *bulk = &sending->bulk;
	int rc = hsm_bulk_check(bulk, error);
	if (sending->problems > PROBLEMS_SHOWN)
		hsm_output_log(&sending->session->output, HSM_LEVEL_ERROR, "and %zu more", sending->problems - PROBLEMS_SHOWN);
	if (!rc && access(sending->journal, F_OK) == 0 && !sending->session->options.dry_run)
		rc = open_journal(sending, fingerprint, error);
	if (rc)
		return rc;
	if (!bulk->rows)
		return hsm_error_set(error, HSM_ERROR_INVALID, "%s has no recipients", bulk->name);
	if (bulk->wrong_count && !sending->session->options.skip_invalid)
		return hsm_error_set(error, HSM_ERROR_INVALID,
				     "%zu of %zu rows are wrong and nothing was sent now: correct them, or say --skip-invalid",
				     bulk->wrong_count, bulk->rows);
	return 0;
}

static int print_bodies(struct sending_bulk *sending, struct hsm_error *error)
{
	struct hsm_bulk *bulk = &sending->bulk;
	struct hsm_arena arena = { 0 };
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	int rc = 0;
	hsm_recipients_rewind(bulk->recipients);
	for (size_t row = 0; !rc && row < bulk->rows; row++) {
		const struct hsm_recipient *recipient = NULL;
		struct hsm_delivery delivery;
		struct hsm_error ignored;
		if (hsm_recipients_next(bulk->recipients, &recipient, &ignored) || bulk->wrong[row])
			continue;
		rc = hsm_bulk_read(bulk, &arena, recipient, &delivery, error);
		if (!rc && delivery.message.name)
			rc = hsm_send_append_body(sending->sending, &arena, &delivery, &text, error);
		hsm_output_write(&sending->session->output, &text);
		hsm_buffer_clear(&text);
		hsm_arena_clear(&arena);
	}
	hsm_buffer_release(&text);
	hsm_arena_release(&arena);
	return rc;
}

static int save_results(struct sending_bulk *sending, const char *path, struct hsm_error *error)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(FILE_MAX);
	bool recipients = sending->session->options.show_recipients;
	int rc = hsm_bulk_append_results(&sending->bulk, recipients, &text, error);
	/* Whom was written to is nobody else's business. */
	mode_t mask = umask(recipients ? 077 : 022);
	umask(recipients ? 077 : mask);
	if (!rc)
		rc = hsm_save_file(path, &text, error);
	umask(mask);
	hsm_buffer_release(&text);
	return rc;
}

/* How many arrived, of those that were followed. */
static size_t count_arrived(const struct hsm_bulk *bulk)
{
	size_t count = 0;
	for (size_t row = 0; bulk->arrivals && row < bulk->rows; row++) {
		const char *status = bulk->arrivals[row].status;
		count += status && (strcmp(status, "DELIVERED") == 0 || strcmp(status, "READ") == 0);
	}
	return count;
}

static void print_summary(struct sending_bulk *sending, const char *results)
{
	struct hsm_session *session = sending->session;
	const struct hsm_bulk *bulk = &sending->bulk;
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	struct hsm_json_writer writer;
	size_t counts[HSM_ROW_UNKNOWN + 1], left = bulk->rows - hsm_bulk_count_final(bulk);
	for (int state = HSM_ROW_SENT; state <= HSM_ROW_UNKNOWN; state++)
		counts[state] = hsm_journal_count(bulk->journal, (enum hsm_row_state)state);
	counts[HSM_ROW_REFUSED] += bulk->wrong_count;
	if (session->options.format == HSM_FORMAT_JSON) {
		hsm_output_begin_json(&writer, &text);
		hsm_json_write_integer(&writer, "rows", (int64_t)bulk->rows);
		for (int state = HSM_ROW_SENT; state <= HSM_ROW_UNKNOWN; state++)
			hsm_json_write_integer(&writer, hsm_row_state_words[state], (int64_t)counts[state]);
		hsm_json_write_integer(&writer, "left", (int64_t)left);
		if (bulk->arrivals)
			hsm_json_write_integer(&writer, "arrived", (int64_t)count_arrived(bulk));
		hsm_json_write_string(&writer, "results", results);
		hsm_output_end_json(&writer);
	} else {
		hsm_buffer_append_format(&text, "Of %zu: %zu sent, %zu refused, %zu by another channel, %zu unknown, %zu left.\n",
					 bulk->rows, counts[HSM_ROW_SENT], counts[HSM_ROW_REFUSED], counts[HSM_ROW_FALLBACK],
					 counts[HSM_ROW_UNKNOWN], left);
		if (bulk->arrivals)
			hsm_buffer_append_format(&text, "%zu have arrived.\n", count_arrived(bulk));
		hsm_text_append_printable_line(&text, results);
		hsm_buffer_append_string(&text, left ? " has a line for each; run again for the rest.\n" : " has a line for each.\n");
	}
	hsm_output_write(&session->output, &text);
	hsm_buffer_release(&text);
}

/* What is unknown is nothing that another run sends. */
static void warn_unknown(struct sending_bulk *sending)
{
	size_t unknown = hsm_journal_count(sending->bulk.journal, HSM_ROW_UNKNOWN);
	if (unknown)
		hsm_output_log(&sending->session->output, HSM_LEVEL_WARNING,
			       "%zu may have been sent, and nobody can tell: no run sends them again; their lines say why",
			       unknown);
}

static int judge(const struct hsm_bulk *bulk, struct hsm_error *error)
{
	size_t sent = hsm_journal_count(bulk->journal, HSM_ROW_SENT);
	return sent == bulk->rows ? 0 :
				    hsm_error_set(error, HSM_ERROR_PARTIAL, "%zu of %zu were sent", sent, bulk->rows);
}

static int carry_out(struct sending_bulk *sending, const char *fingerprint, struct hsm_error *error)
{
	struct hsm_session *session = sending->session;
	struct hsm_bulk *bulk = &sending->bulk;
	const char *results = session->options.results;
	struct hsm_error why;
	if (!session->options.yes &&
	    (!hsm_output_ask(&session->output, "Send %s to %zu recipients from %s?", bulk->template,
			     bulk->rows - bulk->wrong_count, session->settings.environment) || hsm_interrupted))
		return hsm_error_set(error, HSM_ERROR_FAILED, "not confirmed: nothing was sent");
	if (!results)
		results = hsm_arena_format(&session->arena, "%s.results.ndjson", bulk->name);
	int rc = open_journal(sending, fingerprint, error);
	if (rc)
		return rc;
	rc = hsm_bulk_send(bulk, error);
	hsm_output_progress(&session->output, NULL);
	if (!rc && session->options.follow > 0 && hsm_bulk_follow(bulk, session->options.follow, &why))
		hsm_output_log(&session->output, HSM_LEVEL_WARNING, "what became of the messages is not known of all: %s",
			       why.message);
	int saved = save_results(sending, results, &why);
	warn_unknown(sending);
	if (!saved)
		print_summary(sending, results);
	else if (!rc)
		*error = why;
	return rc ? rc : saved ? saved : judge(bulk, error);
}

int hsm_send_bulk(struct hsm_sending *given, struct hsm_error *error)
{
	struct hsm_session *session = given->session;
	const char *path = session->options.from.items[0];
	const struct hsm_desired_template *template =
		hsm_desired_find(&session->desired, given->template, strlen(given->template));
	struct sending_bulk sending = {
		.sending = given,
		.session = session,
		.journal = hsm_arena_format(&session->arena, "%s.journal", path),
		.bulk = { .sender = &given->sender, .name = path, .template = given->template, .language = given->language,
			  .text = session->options.text, .wave = (unsigned)session->options.parallelism,
			  .rate = (double)session->options.rate, .progress = show_progress, .problem = show_problem },
	};
	char fingerprint[HSM_FINGERPRINT_SIZE];
	sending.bulk.user = &sending;
	sending.bulk.language_is_parameter =
		template && hsm_template_find_parameter(template->file, HSM_LANGUAGE_COLUMN, strlen(HSM_LANGUAGE_COLUMN));
	int rc = open_rows(&sending, path, fingerprint, error);
	if (!rc)
		rc = check_rows(&sending, fingerprint, error);
	if (!rc)
		rc = session->options.dry_run ? print_bodies(&sending, error) : carry_out(&sending, fingerprint, error);
	hsm_recipients_free(sending.bulk.recipients);
	hsm_bulk_release(&sending.bulk);
	return rc;
}
