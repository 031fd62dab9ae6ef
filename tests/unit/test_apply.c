/*
 * Apply against a connection of the test's own: it answers each write from a
 * script and keeps a log. The linker takes these in place of reconciler/live's.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/apply/apply.h"
#include "schema/base/buffer.h"
#include "schema/content.h"
#include "schema/json.h"

struct queued {
	char text[128];
	char content[256];
	hsm_write_done *done;
	void *user;
};

struct hsm_connection {
	struct queued queue[64];
	size_t head, tail;
	struct hsm_buffer log;
	unsigned running, most_running;
};

static struct hsm_connection fake;

/* How a write is answered: matched by its start. */
struct answer {
	const char *write; /* "create order_v2 en_US" */
	enum hsm_outcome outcome;
	const char *found; /* the content that is there: "same", "other", NULL; "untold": the answer does not say */
	const char *category;
	enum hsm_error_class class;
	enum hsm_status status;
};
static const struct answer *script;
static size_t script_length;

static void queue(const char *content, hsm_write_done *done, void *user, const char *format, ...)
	__attribute__((format(printf, 4, 5)));

static void queue(const char *content, hsm_write_done *done, void *user, const char *format, ...)
{
	struct queued *item = &fake.queue[fake.tail++];
	va_list arguments;
	va_start(arguments, format);
	vsnprintf(item->text, sizeof(item->text), format, arguments);
	va_end(arguments);
	snprintf(item->content, sizeof(item->content), "%s", content);
	item->done = done;
	item->user = user;
	hsm_buffer_append_format(&fake.log, "%s\n", item->text);
	if (++fake.running > fake.most_running)
		fake.most_running = fake.running;
}

void hsm_connection_create_template(struct hsm_connection *connection, const char *provider_id,
				    const struct hsm_template_create *create, hsm_write_done *done, void *user)
{
	(void)connection;
	(void)provider_id;
	struct hsm_arena arena = { 0 };
	struct hsm_list list;
	struct hsm_error error;
	assert_int_equal(hsm_content_read(&arena, create->components, &list, &error), 0);
	queue(hsm_content_make(&arena, &list).json, done, user, "create %s %s %s", create->name, create->language,
	      create->category);
	hsm_arena_release(&arena);
}

static char sent[256]; /* the last lookup's create is compared with this */

void hsm_connection_find_template(struct hsm_connection *connection, const char *provider_id, const char *name,
				  const char *language, hsm_write_done *done, void *user)
{
	(void)connection;
	(void)provider_id;
	queue(sent, done, user, "find %s %s", name, language);
}

void hsm_connection_delete_template(struct hsm_connection *connection, const char *provider_id, const char *id,
				    const char *name, hsm_write_done *done, void *user)
{
	(void)connection;
	(void)provider_id;
	queue("", done, user, "delete %s %s", id, name);
}

void hsm_connection_write_webhook(struct hsm_connection *connection, const char *id,
				  const struct hsm_webhook_write *webhook, hsm_write_done *done, void *user)
{
	(void)connection;
	queue("", done, user, "webhook %s %s %s %zu %s", id ? id : "new", webhook->name, webhook->url,
	      webhook->event_count, webhook->secret ? webhook->secret : "-");
}

void hsm_connection_delete_webhook(struct hsm_connection *connection, const char *id, hsm_write_done *done,
				   void *user)
{
	(void)connection;
	queue("", done, user, "delete webhook %s", id);
}

static struct answer find_answer(const char *text)
{
	for (size_t i = 0; i < script_length; i++)
		if (strncmp(script[i].write, text, strlen(script[i].write)) == 0)
			return script[i];
	return (struct answer){ .outcome = HSM_OUTCOME_DONE, .found = "same" };
}

static void answer(const struct queued *item)
{
	struct answer answer = find_answer(item->text);
	const char *category = answer.category ? answer.category : "UTILITY";
	struct hsm_live_template template = { .id = "id", .status_word = "PENDING", .category = category,
					      .status = answer.status };
	struct hsm_write_result result = { .outcome = answer.outcome };
	if (strncmp(item->text, "create", 6) == 0)
		snprintf(sent, sizeof(sent), "%s", item->content);
	template.content.json = answer.found && strcmp(answer.found, "same") == 0   ? item->content :
				answer.found && strcmp(answer.found, "untold") == 0 ? NULL :
										      "other";
	bool has_template = strncmp(item->text, "create", 6) == 0 || strncmp(item->text, "find", 4) == 0;
	if (answer.outcome == HSM_OUTCOME_DONE && answer.found && has_template)
		result.template = &template;
	if (answer.outcome != HSM_OUTCOME_DONE)
		hsm_error_set(&result.error, answer.class ? answer.class : HSM_ERROR_FAILED, "%s failed", item->text);
	fake.running--;
	item->done(item->user, &result);
}

void hsm_connection_run(struct hsm_connection *connection)
{
	(void)connection;
	while (fake.head < fake.tail)
		answer(&fake.queue[fake.head++]);
}

/* A plan read from its JSON, as a saved one is. */
static struct hsm_plan read_plan(struct hsm_arena *arena, const char *changes)
{
	struct hsm_plan plan = { 0 };
	struct hsm_error error;
	const char *text = hsm_arena_format(
		arena,
		"{\"format_version\":\"1\",\"tool_version\":\"x\",\"command\":\"plan\",\"environment\":\"dev\",\"provider_id\":\"p\","
		"\"provider_name\":\"P\",\"dirty\":false,\"changes\":[%s],\"summary\":{\"create\":0,\"replace\":0,"
		"\"update\":0,\"reuse\":0,\"activate\":0,\"settings\":0,\"retire\":0,\"delete\":0,\"wait\":0,"
		"\"blocked\":0,\"conflict\":0,\"recategorised\":0,\"in_sync\":0,\"unmanaged\":0,\"requests\":0}}",
		changes);
	cJSON *json = NULL;
	if (hsm_json_parse(&json, text, strlen(text), &error) != 0 ||
	    hsm_json_read(arena, json, &hsm_plan_object, &plan, &error) != 0)
		fail_msg("%s", error.message);
	cJSON_Delete(json);
	return plan;
}

static struct hsm_content content_of(struct hsm_arena *arena, const char *body)
{
	struct hsm_list list;
	struct hsm_error error;
	const char *json = hsm_arena_format(arena, "[{\"type\":\"BODY\",\"text\":\"%s\"}]", body);
	assert_int_equal(hsm_content_read(arena, json, &list, &error), 0);
	return hsm_content_make(arena, &list);
}

static const char *fingerprint_of(struct hsm_arena *arena, const char *body)
{
	struct hsm_content content = content_of(arena, body);
	return hsm_content_fingerprint(arena, &content);
}

static const char *create_row(struct hsm_arena *arena, const char *name, const char *language, const char *body)
{
	return hsm_arena_format(
		arena,
		"{\"action\":\"create\",\"kind\":\"template\",\"template\":\"order\",\"name\":\"%s\",\"version\":1,"
		"\"languages\":[\"%s\"],\"submit\":{\"%s\":{\"category\":\"UTILITY\",\"fingerprint\":\"%s\","
		"\"content\":\"[{\\\"type\\\":\\\"BODY\\\",\\\"text\\\":\\\"%s\\\"}]\"}}}",
		name, language, language, fingerprint_of(arena, body), body);
}

#define DELETE_ROW \
	"{\"action\":\"delete\",\"kind\":\"template\",\"template\":\"old\",\"name\":\"old_v1\",\"languages\":[\"en\"]," \
	"\"live\":{\"en\":{\"id\":\"id-old\",\"name\":\"old_v1\",\"fingerprint\":\"f\",\"status\":\"APPROVED\"," \
	"\"category\":\"UTILITY\"}}}"
#define WEBHOOK_ROW \
	"{\"action\":\"create\",\"kind\":\"webhook\",\"name\":\"hook\",\"webhook\":{\"url\":\"https://h\"," \
	"\"events\":[\"a\",\"b\"],\"enabled\":true,\"secret\":\"TEST_HOOK_SECRET\"}}"

static int run(struct hsm_arena *arena, const char *rows, const struct answer *answers, size_t count,
	       struct hsm_apply_report *report, struct hsm_error *error)
{
	struct hsm_plan *plan = hsm_arena_allocate(arena, sizeof(*plan));
	struct hsm_apply_options options = { .parallelism = 2 };
	*plan = read_plan(arena, rows);
	script = answers;
	script_length = count;
	hsm_buffer_release(&fake.log);
	memset(&fake, 0, sizeof(fake));
	fake.log.cap = HSM_BUFFER_CAP;
	return hsm_apply_run(&fake, plan, NULL, &options, report, error);
}

struct fixture {
	struct hsm_arena arena;
	struct hsm_apply_report report;
	struct hsm_error error;
};

static void release(struct fixture *fixture)
{
	hsm_apply_report_release(&fixture->report);
	hsm_arena_release(&fixture->arena);
	hsm_buffer_release(&fake.log);
}

static void creates_come_first_then_webhooks_then_deletes(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	setenv("TEST_HOOK_SECRET", "s3", 1);
	const char *rows = hsm_arena_format(&f.arena, "%s,%s,%s,%s,%s", DELETE_ROW, WEBHOOK_ROW,
					    create_row(&f.arena, "order_v1", "en", "A"),
					    create_row(&f.arena, "order_v1", "es", "B"),
					    create_row(&f.arena, "order_v1", "fr", "C"));
	assert_int_equal(run(&f.arena, rows, NULL, 0, &f.report, &f.error), 0);
	assert_string_equal(hsm_buffer_text(&fake.log), "create order_v1 en UTILITY\ncreate order_v1 es UTILITY\n"
							"create order_v1 fr UTILITY\nwebhook new hook https://h 2 s3\n"
							"delete id-old old_v1\n");
	assert_int_equal(fake.most_running, 2);
	assert_int_equal(f.report.done, 5);
	release(&f);
}

static void a_missing_signature_key_is_found_before_anything_is_written(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	unsetenv("TEST_HOOK_SECRET");
	const char *rows =
		hsm_arena_format(&f.arena, "%s,%s", create_row(&f.arena, "order_v1", "en", "A"), WEBHOOK_ROW);
	assert_int_equal(run(&f.arena, rows, NULL, 0, &f.report, &f.error), HSM_ERROR_AUTH);
	assert_string_equal(hsm_buffer_text(&fake.log), "");
	assert_non_null(strstr(f.error.message, "TEST_HOOK_SECRET"));
	release(&f);
}

/* What one create of two may meet, and what comes of both and of a delete. */
static const struct {
	const char *name;
	struct answer answers[2];
	int status;
	const char *log;
	size_t done, already, failed, skipped;
} cases[] = {
	{ "it exists, equal", { { "create order_v1 en", HSM_OUTCOME_EXISTS, NULL, NULL, 0, 0 } }, 0,
	  "create order_v1 en UTILITY\ncreate order_v1 es UTILITY\nfind order_v1 en\n", 1, 1, 0, 0 },
	{ "it exists, with other content",
	  { { "create order_v1 en", HSM_OUTCOME_EXISTS, NULL, NULL, 0, 0 },
	    { "find", HSM_OUTCOME_DONE, "other", NULL, 0, 0 } },
	  HSM_ERROR_PARTIAL, "create order_v1 en UTILITY\ncreate order_v1 es UTILITY\nfind order_v1 en\n", 1, 0, 1, 0 },
	{ "its answer is lost and it is there", { { "create order_v1 en", HSM_OUTCOME_LOST, NULL, NULL, 0, 0 } }, 0,
	  "create order_v1 en UTILITY\ncreate order_v1 es UTILITY\nfind order_v1 en\n", 1, 1, 0, 0 },
	{ "its answer is lost and it is not there",
	  { { "create order_v1 en", HSM_OUTCOME_LOST, NULL, NULL, 0, 0 }, { "find", HSM_OUTCOME_DONE, NULL, NULL, 0, 0 } },
	  HSM_ERROR_PARTIAL, "create order_v1 en UTILITY\ncreate order_v1 es UTILITY\nfind order_v1 en\n", 1, 0, 1, 0 },
	{ "its answer is lost and one of that name is being deleted",
	  { { "create order_v1 en", HSM_OUTCOME_LOST, NULL, NULL, 0, 0 },
	    { "find", HSM_OUTCOME_DONE, "same", NULL, 0, HSM_STATUS_PENDING_DELETION } },
	  HSM_ERROR_PARTIAL, "create order_v1 en UTILITY\ncreate order_v1 es UTILITY\nfind order_v1 en\n", 1, 0, 1, 0 },
	{ "it is refused", { { "create order_v1 en", HSM_OUTCOME_REFUSED, NULL, NULL, HSM_ERROR_FAILED, 0 } },
	  HSM_ERROR_PARTIAL, "create order_v1 en UTILITY\ncreate order_v1 es UTILITY\n", 1, 0, 1, 0 },
	{ "its name is locked", { { "create order_v1", HSM_OUTCOME_LOCKED, NULL, NULL, HSM_ERROR_TRY_LATER, 0 } },
	  HSM_ERROR_TRY_LATER, "create order_v1 en UTILITY\ncreate order_v1 es UTILITY\n", 0, 0, 2, 0 },
	{ "the API makes it another category", { { "create order_v1 en", HSM_OUTCOME_DONE, "same", "MARKETING", 0, 0 } },
	  0, "create order_v1 en UTILITY\ncreate order_v1 es UTILITY\n", 2, 0, 0, 0 },
	{ "its answer does not tell the content", { { "create order_v1 en", HSM_OUTCOME_DONE, "untold", NULL, 0, 0 } }, 0,
	  "create order_v1 en UTILITY\ncreate order_v1 es UTILITY\n", 2, 0, 0, 0 },
	{ "nobody may write", { { "create", HSM_OUTCOME_FORBIDDEN, NULL, NULL, HSM_ERROR_AUTH, 0 } }, HSM_ERROR_AUTH,
	  "create order_v1 en UTILITY\ncreate order_v1 es UTILITY\n", 0, 0, 2, 0 },
};

static void what_a_create_meets_decides_its_row(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture f = { 0 };
		const char *rows = hsm_arena_format(&f.arena, "%s,%s", create_row(&f.arena, "order_v1", "en", "A"),
						    create_row(&f.arena, "order_v1", "es", "B"));
		int status = run(&f.arena, rows, cases[i].answers, cases[i].answers[1].write ? 2 : 1, &f.report,
				 &f.error);
		if (status != cases[i].status || strcmp(hsm_buffer_text(&fake.log), cases[i].log) != 0)
			fail_msg("%s: %d %s", cases[i].name, status, hsm_buffer_text(&fake.log));
		assert_int_equal(f.report.done, cases[i].done);
		assert_int_equal(f.report.already, cases[i].already);
		assert_int_equal(f.report.failed, cases[i].failed);
		assert_int_equal(f.report.skipped, cases[i].skipped);
		if (strstr(cases[i].name, "category"))
			assert_string_equal(f.report.steps[0].note, "submitted as UTILITY, and the API made it MARKETING");
		release(&f);
	}
}

/* What makes every further create pointless, or harmful, stops them. */
static void some_failures_stop_the_rest(void **state)
{
	(void)state;
	static const struct {
		struct answer answer;
		int status;
	} stops[] = {
		{ { "create order_v1 en", HSM_OUTCOME_QUOTA, NULL, NULL, HSM_ERROR_TRY_LATER, 0 }, HSM_ERROR_PARTIAL },
		{ { "create order_v1 en", HSM_OUTCOME_DONE, "other", NULL, 0, 0 }, HSM_ERROR_PARTIAL },
		{ { "create order_v1 en", HSM_OUTCOME_INTERRUPTED, NULL, NULL, 0, 0 }, HSM_ERROR_PARTIAL },
		{ { "create order_v1 en", HSM_OUTCOME_UNAVAILABLE, NULL, NULL, HSM_ERROR_UNAVAILABLE, 0 },
		  HSM_ERROR_UNAVAILABLE },
	};
	for (size_t i = 0; i < sizeof(stops) / sizeof(stops[0]); i++) {
		struct fixture f = { 0 };
		const char *rows = hsm_arena_format(&f.arena, "%s,%s,%s,%s", create_row(&f.arena, "order_v1", "en", "A"),
						    create_row(&f.arena, "order_v1", "es", "B"),
						    create_row(&f.arena, "order_v1", "fr", "C"), DELETE_ROW);
		assert_int_equal(run(&f.arena, rows, &stops[i].answer, 1, &f.report, &f.error), stops[i].status);
		/* Two were under way together; the third and the delete are never begun. */
		assert_string_equal(hsm_buffer_text(&fake.log),
				    "create order_v1 en UTILITY\ncreate order_v1 es UTILITY\n");
		assert_int_equal(f.report.done, 1);
		assert_int_equal(f.report.skipped + f.report.failed, 3);
		release(&f);
	}
}

static void nothing_old_goes_while_something_new_failed(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	static const struct answer refused = { "create", HSM_OUTCOME_REFUSED, NULL, NULL, HSM_ERROR_FAILED, 0 };
	const char *rows =
		hsm_arena_format(&f.arena, "%s,%s", create_row(&f.arena, "order_v1", "en", "A"), DELETE_ROW);
	assert_int_equal(run(&f.arena, rows, &refused, 1, &f.report, &f.error), HSM_ERROR_FAILED);
	assert_string_equal(hsm_buffer_text(&fake.log), "create order_v1 en UTILITY\n");
	assert_int_equal(f.report.skipped, 1);
	release(&f);
}

static void a_delete_that_waits_is_no_step(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	const char *rows = "{\"action\":\"delete\",\"kind\":\"template\",\"template\":\"old\",\"name\":\"old_v1\","
			   "\"languages\":[\"en\"],\"waiting\":true,\"live\":{\"en\":{\"id\":\"id-old\",\"name\":\"old_v1\","
			   "\"fingerprint\":\"f\",\"status\":\"APPROVED\",\"category\":\"UTILITY\"}}}";
	assert_int_equal(run(&f.arena, rows, NULL, 0, &f.report, &f.error), 0);
	assert_int_equal(f.report.count, 0);
	release(&f);
}

static struct hsm_live_template live_template(struct hsm_arena *arena, const char *name, const char *body)
{
	return (struct hsm_live_template){ .id = hsm_arena_format(arena, "id-%s", name),
					   .name = name,
					   .language = "en",
					   .category = "UTILITY",
					   .status_word = "APPROVED",
					   .status = HSM_STATUS_APPROVED,
					   .content = content_of(arena, body) };
}

/* A saved plan replaces order_v1 ("A") by order_v2 ("B"). */
static struct hsm_plan saved_plan(struct hsm_arena *arena)
{
	return read_plan(arena, hsm_arena_format(
		arena,
		"{\"action\":\"replace\",\"kind\":\"template\",\"template\":\"order\",\"name\":\"order_v2\",\"version\":2,"
		"\"from_name\":\"order_v1\",\"languages\":[\"en\"],\"live\":{\"en\":{\"id\":\"id-order_v1\",\"name\":"
		"\"order_v1\",\"fingerprint\":\"%s\",\"status\":\"APPROVED\",\"category\":\"UTILITY\"}},\"submit\":{\"en\":"
		"{\"category\":\"UTILITY\",\"fingerprint\":\"%s\",\"content\":\"[{\\\"type\\\":\\\"BODY\\\",\\\"text\\\":"
		"\\\"B\\\"}]\",\"seen\":[\"order_v1\"]}}}",
		fingerprint_of(arena, "A"), fingerprint_of(arena, "B")));
}

static void a_saved_plan_is_stale_exactly_when_what_it_touches_moved(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		const char *live[3][2]; /* name, body */
		const char *moved;
		enum hsm_status last; /* the last one's status, where it is another than APPROVED */
	} worlds[] = {
		{ "as it was", { { "order_v1", "A" } }, "", 0 },
		{ "something else came", { { "order_v1", "A" }, { "other_v1", "X" } }, "", 0 },
		{ "done already", { { "order_v1", "A" }, { "order_v2", "B" } }, "", 0 },
		{ "done and deleted", { { "order_v1", "A" }, { "order_v2", "B" } }, "order_v2 en was created and deleted since\n",
		  HSM_STATUS_PENDING_DELETION },
		{ "the number is taken", { { "order_v1", "A" }, { "order_v2", "X" } },
		  "order_v2 en was created since, with other content than planned\n", 0 },
		{ "another version came", { { "order_v1", "A" }, { "order_v3", "X" } }, "order_v3 en was created since\n", 0 },
		{ "the old one went", { { "other_v1", "A" } }, "order_v1 en is gone since\n", 0 },
		{ "the old one changed", { { "order_v1", "X" } }, "order_v1 en has other content now\n", 0 },
	};
	for (size_t i = 0; i < sizeof(worlds) / sizeof(worlds[0]); i++) {
		struct hsm_arena arena = { 0 };
		struct hsm_live_template templates[3];
		struct hsm_live live = { .templates = templates };
		struct hsm_buffer moved = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
		struct hsm_error error;
		struct hsm_plan plan = saved_plan(&arena);
		for (size_t j = 0; j < 3 && worlds[i].live[j][0]; j++)
			templates[live.template_count++] =
				live_template(&arena, worlds[i].live[j][0], worlds[i].live[j][1]);
		if (worlds[i].last)
			templates[live.template_count - 1].status = worlds[i].last;
		int status = hsm_apply_check_stale(&plan, &live, &moved, &error);
		if (strcmp(hsm_buffer_text(&moved), worlds[i].moved) != 0)
			fail_msg("%s: %s", worlds[i].name, hsm_buffer_text(&moved));
		assert_int_equal(status, *worlds[i].moved ? HSM_ERROR_STALE : 0);
		hsm_buffer_release(&moved);
		hsm_arena_release(&arena);
	}
}

static void a_saved_plan_does_not_repeat_what_is_done(void **state)
{
	(void)state;
	struct fixture f = { 0 };
	struct hsm_plan plan = saved_plan(&f.arena);
	struct hsm_live_template templates[] = { live_template(&f.arena, "order_v1", "A"),
						 live_template(&f.arena, "order_v2", "B") };
	struct hsm_live live = { .templates = templates, .template_count = 2 };
	struct hsm_apply_options options = { .saved = true };
	memset(&fake, 0, sizeof(fake));
	fake.log.cap = HSM_BUFFER_CAP;
	assert_int_equal(hsm_apply_run(&fake, &plan, &live, &options, &f.report, &f.error), 0);
	assert_string_equal(hsm_buffer_text(&fake.log), "");
	assert_int_equal(f.report.already, 1);
	release(&f);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(creates_come_first_then_webhooks_then_deletes),
		cmocka_unit_test(a_missing_signature_key_is_found_before_anything_is_written),
		cmocka_unit_test(what_a_create_meets_decides_its_row),
		cmocka_unit_test(some_failures_stop_the_rest),
		cmocka_unit_test(nothing_old_goes_while_something_new_failed),
		cmocka_unit_test(a_delete_that_waits_is_no_step),
		cmocka_unit_test(a_saved_plan_is_stale_exactly_when_what_it_touches_moved),
		cmocka_unit_test(a_saved_plan_does_not_repeat_what_is_done),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
