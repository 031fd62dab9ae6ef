/*
 * What keeps the registry, over SQLite and, where HSM_POSTGRES is the URL of a
 * database, over PostgreSQL: events and listings in, answers out, whatever happens
 * to the process and to the disk.
 */
#include <stdarg.h>
#include <setjmp.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <dirent.h>
#include <poll.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "reconciler/clock.h"
#include "reconciler/lifecycle/keeper.h"
#include "schema/base/memory.h"
#include "schema/json.h"
#include "schema/name.h"

static const char *postgres; /* the URL; NULL: SQLite */
static unsigned fixtures;

struct fixture {
	char folder[64], url[1024], environment[64];
	struct hsm_keeper *keeper;
	struct hsm_error error;
	_Atomic size_t changed, doubts, errors;
};

static void note_log(void *user, enum hsm_log_level level, const char *message)
{
	struct fixture *fixture = user;
	(void)message;
	fixture->errors += level == HSM_LOG_ERROR;
}

static void note_changed(void *user)
{
	((struct fixture *)user)->changed++;
}

static void note_doubt(void *user)
{
	((struct fixture *)user)->doubts++;
}

static int open_keeper(struct fixture *fixture, struct hsm_keeper **keeper)
{
	/* The texts are copied. */
	char *url = strdup(fixture->url), *environment = strdup(fixture->environment);
	struct hsm_keeper_options options = { .url = url, .environment = environment, .log = note_log, .log_user = fixture,
					      .changed = note_changed, .doubt = note_doubt, .user = fixture, .detach = free };
	int rc = hsm_keeper_open(keeper, &options, &fixture->error);
	memset(url, 'x', strlen(url));
	memset(environment, 'x', strlen(environment));
	free(url);
	free(environment);
	return rc;
}

static void start(struct fixture *fixture)
{
	*fixture = (struct fixture){ .folder = "/tmp/hsm-keeper-XXXXXX" };
	assert_non_null(mkdtemp(fixture->folder));
	snprintf(fixture->environment, sizeof(fixture->environment), "test %d.%u", (int)getpid(), fixtures++);
	if (postgres)
		snprintf(fixture->url, sizeof(fixture->url), "%s", postgres);
	else
		snprintf(fixture->url, sizeof(fixture->url), "sqlite:%s/registry.db", fixture->folder);
}

static void begin(struct fixture *fixture)
{
	start(fixture);
	if (open_keeper(fixture, &fixture->keeper))
		fail_msg("%s", fixture->error.message);
}

static void restart(struct fixture *fixture)
{
	hsm_keeper_close(fixture->keeper);
	if (open_keeper(fixture, &fixture->keeper))
		fail_msg("%s", fixture->error.message);
}

static void end(struct fixture *fixture)
{
	hsm_keeper_close(fixture->keeper);
	DIR *folder = opendir(fixture->folder);
	for (struct dirent *entry; (entry = readdir(folder)) != NULL;)
		if (entry->d_name[0] != '.')
			unlinkat(dirfd(folder), entry->d_name, 0);
	closedir(folder);
	rmdir(fixture->folder);
}

/* Works. */

struct telling {
	struct hsm_work work;
	struct hsm_events events;
	int64_t received;
	int rc;
	_Atomic size_t *done;
};

static int run_telling(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	struct telling *telling = (struct telling *)work;
	return hsm_keeper_take_events(keeper, &telling->events, "test", telling->received, error);
}

/* "id name language status", received now; at: the sender's clock. */
static struct hsm_event make_event(const char *id, const char *name, const char *language, const char *status, int64_t at)
{
	return (struct hsm_event){ .id = id, .kind = HSM_EVENT_STATUS, .time = at, .name = name, .language = language,
				   .value = status, .body = "{}" };
}

static int tell_all(struct fixture *fixture, struct hsm_event *events, size_t count)
{
	struct telling telling = { .work = { .run = run_telling }, .events = { .items = events, .count = count }, .received = hsm_clock_now() };
	return hsm_keeper_do(fixture->keeper, &telling.work, &fixture->error);
}

static void tell(struct fixture *fixture, const char *id, const char *name, const char *language, const char *status,
		 int64_t at)
{
	struct hsm_event event = make_event(id, name, language, status, at);
	if (tell_all(fixture, &event, 1))
		fail_msg("%s: %s", id, fixture->error.message);
}

static char *take_word(char **line)
{
	char *word = strsep(line, " ");
	return word && strcmp(word, "-") != 0 ? word : NULL;
}

static const char *copy_base(struct hsm_arena *arena, const char *name, int64_t *number)
{
	return hsm_arena_copy(arena, name, hsm_name_split(name, number, NULL));
}

/* "name language status category accepted signature" */
static void add_version(struct hsm_arena *arena, struct hsm_world *world, char *line)
{
	struct hsm_world_version *version = &world->versions[world->version_count++];
	version->name = take_word(&line);
	version->language = take_word(&line);
	version->status = take_word(&line);
	version->category = take_word(&line);
	version->accepted = take_word(&line);
	version->signature = take_word(&line);
	version->parameters = "[{\"component\":\"body\",\"name\":\"a\",\"type\":\"TEXT\"}]";
	version->base = copy_base(arena, version->name, &version->number);
	version->id = version->name;
}

/* "base language target held fallback" */
static void add_translation(struct hsm_arena *arena, struct hsm_world *world, char *line)
{
	(void)arena;
	struct hsm_world_translation *translation = &world->translations[world->translation_count++];
	translation->base = take_word(&line);
	translation->language = take_word(&line);
	translation->target = take_word(&line);
	translation->held = take_word(&line);
	translation->fallback = take_word(&line);
	translation->category = "UTILITY";
}

static size_t count_lines(const char *text)
{
	size_t count = 1;
	for (; *text; text++)
		count += *text == '\n';
	return count;
}

static void read_lines(struct hsm_arena *arena, const char *lines, struct hsm_world *world,
		       void (*add)(struct hsm_arena *, struct hsm_world *, char *))
{
	char *rest = hsm_arena_copy_string(arena, lines);
	for (char *line; (line = strsep(&rest, "\n")) != NULL;)
		if (*line)
			add(arena, world, line);
}

struct looking {
	struct hsm_work work;
	struct hsm_world world;
};

static int run_looking(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	return hsm_keeper_take_world(keeper, &((struct looking *)work)->world, error);
}

/* translations NULL: git was not asked. */
static int look(struct fixture *fixture, const char *versions, const char *translations, int64_t began)
{
	struct hsm_arena arena = { 0 };
	struct looking looking = { .work = { .run = run_looking }, .world = { .began = began, .has_git = translations } };
	looking.world.versions =
		hsm_arena_allocate_array(&arena, count_lines(versions), sizeof(*looking.world.versions));
	read_lines(&arena, versions, &looking.world, add_version);
	if (translations) {
		looking.world.translations =
			hsm_arena_allocate_array(&arena, count_lines(translations), sizeof(*looking.world.translations));
		read_lines(&arena, translations, &looking.world, add_translation);
	}
	int rc = hsm_keeper_do(fixture->keeper, &looking.work, &fixture->error);
	hsm_arena_release(&arena);
	return rc;
}

static void show(struct fixture *fixture, const char *versions, const char *translations)
{
	if (look(fixture, versions, translations, hsm_clock_now()))
		fail_msg("%s", fixture->error.message);
}

/* Answers. */

static char *read_body(struct hsm_keeper *keeper, const char *base, const char *language)
{
	struct hsm_answers *answers = hsm_keeper_answers(keeper);
	pthread_rwlock_rdlock(&answers->lock);
	struct hsm_answer *answer = hsm_answers_find(answers, base, language, NULL);
	char *body = answer ? strdup(answer->body) : NULL;
	pthread_rwlock_unlock(&answers->lock);
	return body;
}

static const char *get(const cJSON *json, const char *key)
{
	const char *text = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(json, key));
	return text ? text : "-";
}

/* "use name health kind-of-fallback" */
static void describe(struct hsm_keeper *keeper, const char *base, const char *language, char text[256])
{
	struct hsm_error error;
	char *body = read_body(keeper, base, language);
	cJSON *json;
	snprintf(text, 256, "none");
	if (!body)
		return;
	assert_int_equal(hsm_json_parse(&json, body, strlen(body), &error), 0);
	snprintf(text, 256, "%s %s %s %s", get(json, "use"), get(json, "name"), get(json, "health"),
		 get(cJSON_GetObjectItemCaseSensitive(json, "fallback"), "kind"));
	cJSON_Delete(json);
	free(body);
}

static void expect(struct fixture *fixture, const char *base, const char *language, const char *expected)
{
	char text[256];
	describe(fixture->keeper, base, language, text);
	if (strcmp(text, expected) != 0)
		fail_msg("%s %s: got '%s', expected '%s'", base, language, text, expected);
}

/* Everything, and its rows for the data table. */
static char *read_answers(struct fixture *fixture)
{
	struct hsm_answers *answers = hsm_keeper_answers(fixture->keeper);
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	pthread_rwlock_rdlock(&answers->lock);
	hsm_answers_append(answers, &text);
	for (size_t i = 0; i < answers->count; i++)
		hsm_buffer_append_format(&text, "%s %s %s %s\n", answers->items[i]->key, answers->items[i]->row,
					 answers->items[i]->etag, answers->items[i]->health);
	pthread_rwlock_unlock(&answers->lock);
	return hsm_buffer_detach(&text);
}

/* What the database has, seen from beside. */
static int note_count(void *user, const char *const *values)
{
	*(int64_t *)user = strtoll(values[0], NULL, 10);
	return 0;
}

static struct hsm_database *open_beside(const struct fixture *fixture)
{
	struct hsm_database *database;
	struct hsm_error error;
	if (hsm_database_open(&database, fixture->url, &error))
		fail_msg("%s", error.message);
	return database;
}

static int64_t count_rows(const struct fixture *fixture, const char *sql, const char *id)
{
	struct hsm_database *database = open_beside(fixture);
	struct hsm_error error;
	int64_t count = -1;
	const char *const parameters[] = { fixture->environment, id };
	assert_int_equal(hsm_database_run(database, sql, parameters, id ? 2 : 1, note_count, &count, NULL, &error), 0);
	hsm_database_close(database);
	return count;
}

#define COUNT_EVENTS "SELECT COUNT(*) FROM event WHERE environment = $1"
#define COUNT_EVENT "SELECT COUNT(*) FROM event WHERE environment = $1 AND id = $2"
#define COUNT_CHANGES "SELECT COUNT(*) FROM change WHERE environment = $1"
#define COUNT_ALERTS "SELECT COALESCE(SUM(count), 0) FROM alert WHERE environment = $1 AND kind = $2"
#define COUNT_ALERT_ROWS "SELECT COUNT(*) FROM alert WHERE environment = $1 AND kind = $2"

static bool wait_until(bool (*holds)(struct fixture *), struct fixture *fixture)
{
	for (int i = 0; i < 1000; i++) {
		if (holds(fixture))
			return true;
		usleep(10000);
	}
	return false;
}

#define V1(status) "order_v1 en " status " UTILITY UTILITY a\n"
#define V2(status) "order_v2 en " status " UTILITY UTILITY a\n"
#define SMS "[{\"channel\":\"sms\",\"text\":\"Hi\"}]"

static void a_world_with_git_then_events_then_recovery(void **state)
{
	(void)state;
	struct fixture fixture;
	begin(&fixture);
	expect(&fixture, "order", "en", "none");
	show(&fixture, V1("PENDING"), "order en order_v1 - " SMS);
	expect(&fixture, "order", "en", "channel - fallback channel");
	assert_true(hsm_keeper_counts(fixture.keeper)->waits);
	tell(&fixture, "1", "order_v1", "en", "APPROVED", 1000);
	expect(&fixture, "order", "en", "template order_v1 healthy -");
	assert_false(hsm_keeper_counts(fixture.keeper)->waits);
	show(&fixture, V1("APPROVED") V2("PENDING"), "order en order_v2 - " SMS);
	expect(&fixture, "order", "en", "template order_v1 healthy -");
	tell(&fixture, "2", "order_v2", "en", "APPROVED", 2000);
	expect(&fixture, "order", "en", "template order_v2 healthy -");
	tell(&fixture, "3", "order_v2", "en", "PAUSED", 3000);
	expect(&fixture, "order", "en", "template order_v1 fallback version");
	tell(&fixture, "4", "order_v1", "en", "DISABLED", 4000);
	expect(&fixture, "order", "en", "channel - fallback channel");
	/* What was overtaken changes nothing. */
	tell(&fixture, "5", "order_v1", "en", "APPROVED", 3500);
	expect(&fixture, "order", "en", "channel - fallback channel");
	assert_int_equal(hsm_keeper_counts(fixture.keeper)->stale, 1);
	tell(&fixture, "6", "order_v2", "en", "APPROVED", 5000);
	expect(&fixture, "order", "en", "template order_v2 healthy -");
	/* A listing overrules. */
	show(&fixture, V1("APPROVED") V2("DISABLED"), NULL);
	expect(&fixture, "order", "en", "template order_v1 fallback version");
	/* Nor is it forgotten what git has no more. */
	show(&fixture, V1("APPROVED") V2("APPROVED"), "");
	expect(&fixture, "order", "en", "template order_v2 healthy -");
	assert_int_equal(count_rows(&fixture, COUNT_EVENTS, NULL), 6);
	assert_int_equal(count_rows(&fixture, COUNT_ALERTS, "recovered"), 3);
	assert_int_equal(count_rows(&fixture, COUNT_ALERTS, "paused"), 1);
	assert_int_equal(fixture.errors, 0);
	end(&fixture);
}

static void languages_are_promoted_together(void **state)
{
	(void)state;
	struct fixture fixture;
	begin(&fixture);
	const char *git = "order en order_v2\norder es order_v2";
	show(&fixture, V1("APPROVED") "order_v1 es APPROVED UTILITY UTILITY a", "order en order_v1\norder es order_v1");
	show(&fixture, V1("APPROVED") V2("PENDING") "order_v1 es APPROVED UTILITY UTILITY a\n"
	     "order_v2 es PENDING UTILITY UTILITY a", git);
	tell(&fixture, "1", "order_v2", "en", "APPROVED", 1000);
	expect(&fixture, "order", "en", "template order_v1 healthy -");
	tell(&fixture, "2", "order_v2", "es", "APPROVED", 2000);
	expect(&fixture, "order", "en", "template order_v2 healthy -");
	expect(&fixture, "order", "es", "template order_v2 healthy -");
	end(&fixture);
}

static void an_event_that_comes_again_is_kept_once(void **state)
{
	(void)state;
	struct fixture fixture;
	begin(&fixture);
	show(&fixture, V1("APPROVED"), "order en order_v1 - " SMS);
	struct hsm_event twice[] = { make_event("1", "order_v1", "en", "PAUSED", 1000),
				     make_event("1", "order_v1", "en", "PAUSED", 1000) };
	assert_int_equal(tell_all(&fixture, twice, 2), 0);
	assert_int_equal(hsm_keeper_counts(fixture.keeper)->duplicates, 1);
	size_t changed = fixture.changed;
	for (int i = 0; i < 5; i++)
		assert_int_equal(tell_all(&fixture, twice, 2), 0);
	restart(&fixture);
	assert_int_equal(tell_all(&fixture, twice, 2), 0);
	assert_int_equal(hsm_keeper_counts(fixture.keeper)->duplicates, 2);
	assert_int_equal(count_rows(&fixture, COUNT_EVENTS, NULL), 1);
	assert_int_equal(count_rows(&fixture, COUNT_ALERTS, "paused"), 1);
	assert_int_equal(count_rows(&fixture, COUNT_CHANGES, NULL), 2);
	assert_true(fixture.changed <= changed + 1);
	expect(&fixture, "order", "en", "channel - fallback channel");
	end(&fixture);
}

static void what_nobody_knows_is_kept_and_asked_about(void **state)
{
	(void)state;
	struct fixture fixture;
	begin(&fixture);
	show(&fixture, V1("APPROVED"), "order en order_v1");
	tell(&fixture, "1", "stranger_v1", "en", "APPROVED", 1000);
	tell(&fixture, "2", "order_v9", "en", "APPROVED", 1000);
	assert_int_equal(hsm_keeper_counts(fixture.keeper)->strangers, 2);
	assert_int_equal(fixture.doubts, 2);
	struct hsm_event unknown = { .id = "3", .kind = HSM_EVENT_UNKNOWN, .body = "null" };
	assert_int_equal(tell_all(&fixture, &unknown, 1), 0);
	assert_int_equal(fixture.doubts, 2);
	assert_int_equal(count_rows(&fixture, COUNT_EVENTS, NULL), 3);
	expect(&fixture, "stranger", "en", "none");
	end(&fixture);
}

/* The longest that event.h lets through: a database's index takes it. */
static void words_of_any_length_are_kept(void **state)
{
	(void)state;
	struct fixture fixture;
	struct hsm_arena arena = { 0 };
	struct hsm_events events;
	begin(&fixture);
	char *word = hsm_memory_allocate(100001);
	/* What does not compress. */
	for (size_t i = 0, seed = 1; i < 100000; i++, seed = seed * 1103515245 + 12345)
		word[i] = (char)('a' + (seed >> 16) % 26);
	for (size_t length = 100; length <= 100000; length *= 10) {
		const char *body = hsm_arena_format(&arena, "{\"id\":\"%.*s\",\"event\":\"whatsapp_status_update\","
						    "\"template\":{\"name\":\"%.*s\",\"language\":\"%.*s\",\"status\":\"%.*s\"}}",
						    (int)length, word, (int)length, word, (int)length, word, (int)length, word);
		assert_int_equal(hsm_events_read(&arena, body, strlen(body), &events, &fixture.error), 0);
		if (tell_all(&fixture, events.items, events.count))
			fail_msg("%zu: %s", length, fixture.error.message);
	}
	assert_int_equal(count_rows(&fixture, COUNT_EVENTS, NULL), 4);
	free(word);
	hsm_arena_release(&arena);
	end(&fixture);
}

static void a_restart_keeps_everything(void **state)
{
	(void)state;
	struct fixture fixture;
	begin(&fixture);
	show(&fixture, V1("APPROVED") V2("APPROVED") "plain_v1 en APPROVED UTILITY UTILITY b\n"
	     "lone_v1 en APPROVED UTILITY UTILITY c", "order en order_v2 - " SMS "\nplain en plain_v1\n"
	     "lone en lone_v1 - [{\"template\":\"plain\"}]");
	tell(&fixture, "1", "order_v2", "en", "PAUSED", 1000);
	tell(&fixture, "2", "lone_v1", "en", "REJECTED", 1000);
	struct hsm_event quality = { .id = "3", .kind = HSM_EVENT_QUALITY, .name = "plain_v1", .language = "en",
				     .time = 1000, .value = "YELLOW", .body = "{}" };
	assert_int_equal(tell_all(&fixture, &quality, 1), 0);
	char *before = read_answers(&fixture);
	restart(&fixture);
	char *after = read_answers(&fixture);
	assert_string_equal(after, before);
	assert_non_null(strstr(after, "\"quality\":\"YELLOW\""));
	/* Clocks, too: what was overtaken before is overtaken now. */
	tell(&fixture, "4", "order_v2", "en", "APPROVED", 500);
	assert_int_equal(hsm_keeper_counts(fixture.keeper)->stale, 1);
	expect(&fixture, "order", "en", "template order_v1 fallback version");
	tell(&fixture, "5", "lone_v1", "en", "APPROVED", 2000);
	expect(&fixture, "lone", "en", "template lone_v1 healthy -");
	free(before);
	free(after);
	end(&fixture);
}

/* What a listing alone moved decides about events after a restart, too. */
static void a_restart_keeps_the_clocks_that_a_listing_set(void **state)
{
	(void)state;
	struct fixture fixture;
	begin(&fixture);
	show(&fixture, V1("APPROVED"), "order en order_v1 - " SMS);
	struct hsm_world_version version = { "order", "en", "order_v1", 1, "order_v1", "APPROVED", "UTILITY", NULL,
					     NULL, NULL, NULL, NULL, 5000, 0 };
	struct looking looking = { .work = { .run = run_looking },
				   .world = { .versions = &version, .version_count = 1, .began = hsm_clock_now() } };
	assert_int_equal(hsm_keeper_do(fixture.keeper, &looking.work, &fixture.error), 0);
	restart(&fixture);
	tell(&fixture, "1", "order_v1", "en", "PAUSED", 4000);
	assert_int_equal(hsm_keeper_counts(fixture.keeper)->stale, 1);
	expect(&fixture, "order", "en", "template order_v1 healthy -");
	end(&fixture);
}

static void what_git_says_holds_whatever_is_told_meanwhile(void **state)
{
	(void)state;
	struct fixture fixture;
	begin(&fixture);
	int64_t began = hsm_clock_now() - 1000;
	show(&fixture, "order_v1 en APPROVED MARKETING UTILITY a", "order en order_v1");
	expect(&fixture, "order", "en", "none - progressing -");
	tell(&fixture, "1", "order_v1", "en", "APPROVED", 1000);
	/* A listing that began before the event, with a commit that accepts the category. */
	assert_int_equal(look(&fixture, "order_v1 en PENDING MARKETING MARKETING a", "order en order_v1", began), 0);
	expect(&fixture, "order", "en", "template order_v1 healthy -");
	restart(&fixture);
	expect(&fixture, "order", "en", "template order_v1 healthy -");
	end(&fixture);
}

static void a_clock_that_was_ahead_silences_no_listing(void **state)
{
	(void)state;
	struct fixture fixture;
	begin(&fixture);
	show(&fixture, V1("APPROVED"), "order en order_v1 - " SMS);
	struct hsm_event event = make_event("1", "order_v1", "en", "PAUSED", hsm_clock_now());
	struct telling telling = { .work = { .run = run_telling }, .events = { .items = &event, .count = 1 },
				   .received = hsm_clock_now() + 3600000 };
	assert_int_equal(hsm_keeper_do(fixture.keeper, &telling.work, &fixture.error), 0);
	expect(&fixture, "order", "en", "channel - fallback channel");
	restart(&fixture);
	show(&fixture, V1("APPROVED"), "order en order_v1 - " SMS);
	expect(&fixture, "order", "en", "template order_v1 healthy -");
	end(&fixture);
}

static void a_listing_of_nothing_takes_everything_out_of_use(void **state)
{
	(void)state;
	struct fixture fixture;
	begin(&fixture);
	show(&fixture, V1("APPROVED"), "order en order_v1 - " SMS);
	struct looking looking = { .work = { .run = run_looking }, .world = { .began = hsm_clock_now(), .has_git = true } };
	assert_int_equal(hsm_keeper_do(fixture.keeper, &looking.work, &fixture.error), 0);
	expect(&fixture, "order", "en", "channel - fallback channel");
	/* A late event brings nothing back, but asks. */
	size_t doubts = fixture.doubts;
	tell(&fixture, "1", "order_v1", "en", "APPROVED", hsm_clock_now());
	expect(&fixture, "order", "en", "channel - fallback channel");
	assert_int_equal(fixture.doubts, doubts + 1);
	show(&fixture, V1("APPROVED"), "order en order_v1 - " SMS);
	expect(&fixture, "order", "en", "template order_v1 healthy -");
	end(&fixture);
}

static void a_pause_is_no_silent_webhook(void **state)
{
	(void)state;
	struct fixture fixture;
	begin(&fixture);
	show(&fixture, V1("APPROVED"), "order en order_v1");
	struct hsm_event event = make_event("1", "order_v1", "en", "PAUSED", 1000);
	event.reason = "FIRST_PAUSE";
	assert_int_equal(tell_all(&fixture, &event, 1), 0);
	struct hsm_world_version version = { "order", "en", "order_v1", 1, "order_v1", "PAUSED", "UTILITY", NULL,
					     NULL, NULL, NULL, NULL, 1000, 0 };
	struct looking looking = { .work = { .run = run_looking },
				   .world = { .versions = &version, .version_count = 1, .began = hsm_clock_now() } };
	usleep(2000);
	looking.world.began = hsm_clock_now();
	assert_int_equal(hsm_keeper_do(fixture.keeper, &looking.work, &fixture.error), 0);
	assert_int_equal(hsm_keeper_counts(fixture.keeper)->alerts[HSM_ALERT_WEBHOOK_SILENT], 0);
	char *body = read_body(fixture.keeper, "order", "en");
	assert_non_null(strstr(body, "FIRST_PAUSE"));
	free(body);
	/* One that nobody told is. */
	version.status = "DISABLED";
	looking.world.began = hsm_clock_now();
	assert_int_equal(hsm_keeper_do(fixture.keeper, &looking.work, &fixture.error), 0);
	assert_int_equal(hsm_keeper_counts(fixture.keeper)->alerts[HSM_ALERT_WEBHOOK_SILENT], 1);
	end(&fixture);
}

/* An answer tells of a version of another template. */
static void what_is_told_of_a_fallback_is_what_is_known_of_it(void **state)
{
	(void)state;
	struct fixture fixture;
	begin(&fixture);
	show(&fixture, V1("APPROVED") "plain_v1 en APPROVED UTILITY UTILITY b",
	     "order en order_v1 - [{\"template\":\"plain\"}]\nplain en plain_v1");
	tell(&fixture, "0", "order_v1", "en", "PAUSED", 1000);
	expect(&fixture, "order", "en", "template plain_v1 fallback template");
	struct hsm_event quality = { .id = "1", .kind = HSM_EVENT_QUALITY, .name = "plain_v1", .language = "en",
				     .time = 1000, .value = "RED", .body = "{}" };
	assert_int_equal(tell_all(&fixture, &quality, 1), 0);
	char *body = read_body(fixture.keeper, "order", "en");
	assert_non_null(strstr(body, "\"quality\":\"RED\""));
	free(body);
	tell(&fixture, "2", "plain_v1", "en", "PAUSED", 1000);
	expect(&fixture, "order", "en", "none - unavailable -");
	tell(&fixture, "3", "plain_v1", "en", "APPROVED", 2000);
	expect(&fixture, "order", "en", "template plain_v1 fallback template");
	end(&fixture);
}

/* Many at once. */

struct gate {
	struct hsm_work work;
	sem_t open;
};

static int run_gate(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	(void)keeper;
	(void)error;
	/* Open for good: it may be run again. */
	sem_wait(&((struct gate *)work)->open);
	sem_post(&((struct gate *)work)->open);
	return 0;
}

static void note_done(struct hsm_work *work, int rc, const struct hsm_error *error)
{
	struct telling *telling = (struct telling *)work;
	telling->rc = rc;
	assert_true(rc == 0 || error->message[0]);
	(*telling->done)++;
}

static void wait_for(_Atomic size_t *count, size_t wanted)
{
	for (int i = 0; *count < wanted && i < 6000; i++)
		usleep(10000);
	assert_int_equal(*count, wanted);
}

#define STORM 6000

static void append_many(struct hsm_buffer *versions, struct hsm_buffer *translations)
{
	for (int i = 0; i < STORM; i++) {
		hsm_buffer_append_format(versions, "t%d_v1 en APPROVED UTILITY UTILITY a\n", i);
		hsm_buffer_append_format(translations, "t%d en t%d_v1 - " SMS "\n", i, i);
	}
}

static _Atomic bool stop_reading;

/* As a server's thread reads. */
static void *read_all_the_time(void *context)
{
	struct fixture *fixture = context;
	for (size_t i = 0; !stop_reading; i++) {
		struct hsm_arena arena = { 0 };
		struct hsm_answers *answers = hsm_keeper_answers(fixture->keeper);
		pthread_rwlock_rdlock(&answers->lock);
		struct hsm_answer *answer =
			hsm_answers_find(answers, hsm_arena_format(&arena, "t%zu", i % STORM), "en_US", "en");
		bool good = answer && answer->body[answer->length - 1] == '\n' && strlen(answer->body) == answer->length &&
			    strlen(answer->etag) == 34 && *answer->health;
		if (answer)
			answer->used = (int64_t)i;
		pthread_rwlock_unlock(&answers->lock);
		assert_true(good);
		assert_true(hsm_keeper_counts(fixture->keeper)->waiting <= HSM_KEEPER_WAITING_MAX);
		hsm_keeper_leads(fixture->keeper);
		hsm_arena_release(&arena);
	}
	return NULL;
}

static void tell_storm(struct fixture *fixture, const char *status, int64_t at)
{
	struct hsm_arena arena = { 0 };
	_Atomic size_t done = 0;
	struct telling *tellings = hsm_arena_allocate_array(&arena, STORM, sizeof(*tellings));
	struct hsm_event *events = hsm_arena_allocate_array(&arena, STORM, sizeof(*events));
	for (size_t i = 0; i < STORM; i++) {
		events[i] = make_event(hsm_arena_format(&arena, "%s %zu", status, i), hsm_arena_format(&arena, "t%zu_v1", i),
				       "en", status, at);
		tellings[i] = (struct telling){ .work = { .run = run_telling, .done = note_done, .weight = 200 }, .events = { .items = &events[i], .count = 1 },
						.received = hsm_clock_now(), .done = &done };
		hsm_keeper_queue(fixture->keeper, &tellings[i].work);
	}
	wait_for(&done, STORM);
	for (size_t i = 0; i < STORM; i++)
		assert_int_equal(tellings[i].rc, 0);
	hsm_arena_release(&arena);
}

static void six_thousand_events_at_once_are_a_few_transactions(void **state)
{
	(void)state;
	struct fixture fixture;
	struct hsm_buffer versions = HSM_BUFFER_INIT(HSM_BUFFER_CAP), translations = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	pthread_t readers[2];
	begin(&fixture);
	append_many(&versions, &translations);
	show(&fixture, versions.data, translations.data);
	stop_reading = false;
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&readers[i], NULL, read_all_the_time, &fixture), 0);
	uint64_t transactions = hsm_keeper_counts(fixture.keeper)->transactions;
	int64_t began = hsm_clock_now();
	tell_storm(&fixture, "DISABLED", 1000);
	tell_storm(&fixture, "REINSTATED", 2000);
	tell_storm(&fixture, "PAUSED", 3000);
	int64_t took = hsm_clock_now() - began;
	transactions = hsm_keeper_counts(fixture.keeper)->transactions - transactions;
	stop_reading = true;
	for (size_t i = 0; i < 2; i++)
		pthread_join(readers[i], NULL);
	print_message("3 x %d events: %lld ms, %llu transactions\n", STORM, (long long)took, (unsigned long long)transactions);
	assert_true(transactions < 1500);
	assert_int_equal(hsm_keeper_counts(fixture.keeper)->waiting, 0);
	assert_int_equal(count_rows(&fixture, COUNT_EVENTS, NULL), 3 * STORM);
	/* All are counted, though only the first ones are written, and one in each transaction. */
	assert_int_equal(count_rows(&fixture, COUNT_ALERTS, "disabled"), STORM);
	assert_int_equal(count_rows(&fixture, COUNT_ALERTS, "paused"), STORM);
	assert_true(count_rows(&fixture, COUNT_ALERT_ROWS, "paused") <= (int64_t)transactions + HSM_ALERT_NAMED);
	expect(&fixture, "t0", "en", "channel - fallback channel");
	expect(&fixture, "t5999", "en", "channel - fallback channel");
	hsm_buffer_release(&versions);
	hsm_buffer_release(&translations);
	end(&fixture);
}

static int run_failing(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	(void)keeper;
	return hsm_error_set(error, (enum hsm_error_class)-(int)work->weight, "mine");
}

static void one_works_fault_is_not_the_others(void **state)
{
	(void)state;
	struct fixture fixture;
	begin(&fixture);
	show(&fixture, V1("APPROVED"), "order en order_v1 - " SMS);
	for (int class = HSM_ERROR_FAILED; class >= HSM_ERROR_CONFIG; class--) {
		struct gate gate = { .work = { .run = run_gate } };
		struct hsm_event events[2];
		struct telling tellings[3];
		_Atomic size_t done = 0;
		char ids[2][16];
		if (class == HSM_ERROR_UNAVAILABLE)
			continue;
		sem_init(&gate.open, 0, 0);
		hsm_keeper_queue(fixture.keeper, &gate.work);
		for (int i = 0; i < 3; i++) {
			tellings[i] = (struct telling){ .work = { .run = run_telling, .done = note_done, .weight = 0 }, .done = &done, .rc = 1 };
			if (i == 1) {
				tellings[i].work.run = run_failing;
				tellings[i].work.weight = (size_t)-class;
			} else {
				snprintf(ids[i / 2], sizeof(ids[0]), "%d %d", class, i);
				events[i / 2] = make_event(ids[i / 2], "order_v1", "en", i ? "APPROVED" : "PAUSED", -class * 10 + i);
				tellings[i].events = (struct hsm_events){ .items = &events[i / 2], .count = 1 };
			}
			hsm_keeper_queue(fixture.keeper, &tellings[i].work);
		}
		sem_post(&gate.open);
		wait_for(&done, 3);
		assert_int_equal(tellings[0].rc, 0);
		assert_int_equal(tellings[1].rc, class);
		assert_int_equal(tellings[2].rc, 0);
		sem_destroy(&gate.open);
	}
	expect(&fixture, "order", "en", "template order_v1 healthy -");
	assert_int_equal(count_rows(&fixture, COUNT_EVENTS, NULL), 22);
	end(&fixture);
}

static void too_much_that_waits_is_refused(void **state)
{
	(void)state;
	struct fixture fixture;
	begin(&fixture);
	struct gate gate = { .work = { .run = run_gate } };
	struct telling tellings[3];
	_Atomic size_t done = 0;
	sem_init(&gate.open, 0, 0);
	hsm_keeper_queue(fixture.keeper, &gate.work);
	for (size_t i = 0; i < 3; i++)
		tellings[i] = (struct telling){ .work = { .run = run_telling, .done = note_done, .weight = HSM_KEEPER_WAITING_MAX / 2 },
						.done = &done };
	hsm_keeper_queue(fixture.keeper, &tellings[0].work);
	hsm_keeper_queue(fixture.keeper, &tellings[1].work);
	assert_false(hsm_keeper_has_room(fixture.keeper, tellings[2].work.weight));
	/* What weighs nothing is the controller's own. */
	tellings[2].work.weight = 0;
	hsm_keeper_queue(fixture.keeper, &tellings[2].work);
	sem_post(&gate.open);
	wait_for(&done, 3);
	tellings[2].work.weight = HSM_KEEPER_WAITING_MAX;
	assert_true(hsm_keeper_has_room(fixture.keeper, tellings[2].work.weight));
	hsm_keeper_queue(fixture.keeper, &tellings[2].work);
	wait_for(&done, 4);
	sem_destroy(&gate.open);
	end(&fixture);
}

/* Closing does what waits. */
static void what_waits_is_done_before_the_end(void **state)
{
	(void)state;
	struct fixture fixture;
	begin(&fixture);
	struct hsm_event events[100];
	struct telling tellings[100];
	char ids[100][16];
	_Atomic size_t done = 0;
	for (int i = 0; i < 100; i++) {
		snprintf(ids[i], sizeof(ids[0]), "%d", i);
		events[i] = make_event(ids[i], "order_v1", "en", "PAUSED", i);
		tellings[i] = (struct telling){ .work = { .run = run_telling, .done = note_done, .weight = 1 }, .events = { .items = &events[i], .count = 1 },
						.done = &done };
		hsm_keeper_queue(fixture.keeper, &tellings[i].work);
	}
	hsm_keeper_close(fixture.keeper);
	assert_int_equal(done, 100);
	assert_int_equal(open_keeper(&fixture, &fixture.keeper), 0);
	assert_int_equal(count_rows(&fixture, COUNT_EVENTS, NULL), 100);
	end(&fixture);
}

/* A process that dies. */

#define STREAM 200000

struct streaming {
	struct telling telling;
	struct hsm_event event;
	char id[16];
	int number, acknowledge;
};

static void acknowledge(struct hsm_work *work, int rc, const struct hsm_error *error)
{
	struct streaming *streaming = (struct streaming *)work;
	(void)error;
	if (rc == 0 && write(streaming->acknowledge, &streaming->number, sizeof(int)) != sizeof(int))
		_exit(2);
	free(streaming);
}

/* Until somebody ends it. */
static void stream(struct fixture *fixture, int acknowledged)
{
	if (open_keeper(fixture, &fixture->keeper))
		_exit(3);
	if (look(fixture, V1("APPROVED"), "order en order_v1 - " SMS, hsm_clock_now()))
		_exit(4);
	for (int i = 0; i < STREAM; i++) {
		struct streaming *streaming = hsm_memory_allocate(sizeof(*streaming));
		streaming->number = i;
		streaming->acknowledge = acknowledged;
		snprintf(streaming->id, sizeof(streaming->id), "%d", i);
		streaming->event = make_event(streaming->id, "order_v1", "en", i % 2 ? "APPROVED" : "PAUSED", 1000 + i);
		streaming->telling = (struct telling){ .work = { .run = run_telling, .done = acknowledge, .weight = 1 },
						       .events = { .items = &streaming->event, .count = 1 }, .received = hsm_clock_now() };
		hsm_keeper_queue(fixture->keeper, &streaming->telling.work);
		if (i % 50 == 0)
			usleep(500);
	}
	_exit(5);
}

/* Those that it acknowledged before it was ended; marks them. */
static int stream_until(struct fixture *fixture, int wanted, bool *acknowledged)
{
	int ends[2], count = 0, number;
	assert_int_equal(pipe(ends), 0);
	pid_t child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		close(ends[0]);
		stream(fixture, ends[1]);
	}
	close(ends[1]);
	while (read(ends[0], &number, sizeof(number)) == sizeof(number)) {
		acknowledged[number] = true;
		if (++count == wanted)
			kill(child, SIGKILL);
	}
	int status;
	close(ends[0]);
	waitpid(child, &status, 0);
	assert_true(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
	return count;
}

static int mark(void *user, const char *const *values)
{
	((int *)user)[atoi(values[0])]++;
	return 0;
}

static void what_was_acknowledged_outlives_a_kill(void **state)
{
	(void)state;
	for (int wanted = 1; wanted <= 5000; wanted = wanted * 4 + 13) {
		struct fixture fixture;
		struct hsm_error error;
		bool *acknowledged = hsm_memory_allocate(STREAM);
		int *kept = hsm_memory_allocate(STREAM * sizeof(int)), total = 0;
		start(&fixture);
		int count = stream_until(&fixture, wanted, acknowledged);
		assert_true(count >= wanted);
		assert_int_equal(open_keeper(&fixture, &fixture.keeper), 0);
		struct hsm_database *database = open_beside(&fixture);
		const char *const parameters[] = { fixture.environment };
		assert_int_equal(hsm_database_run(database, "SELECT id FROM event WHERE environment = $1", parameters, 1, mark,
						  kept, NULL, &error), 0);
		hsm_database_close(database);
		int last = -1;
		for (int i = 0; i < STREAM; i++) {
			assert_true(kept[i] <= 1);
			assert_true(kept[i] || !acknowledged[i]);
			total += kept[i];
			last = kept[i] ? i : last;
		}
		/* In order and without gaps, and what is in use is what the last one told. */
		assert_int_equal(total, last + 1);
		expect(&fixture, "order", "en", last % 2 ? "template order_v1 healthy -" : "channel - fallback channel");
		free(acknowledged);
		free(kept);
		end(&fixture);
	}
}

/* SQLite alone. */

static void a_second_keeper_of_the_same_file_is_refused(void **state)
{
	(void)state;
	struct fixture fixture;
	struct hsm_keeper *second = (struct hsm_keeper *)&fixture;
	begin(&fixture);
	show(&fixture, V1("APPROVED"), "order en order_v1");
	assert_int_equal(open_keeper(&fixture, &second), HSM_ERROR_FAILED);
	assert_null(second);
	assert_non_null(strstr(fixture.error.message, "another hsmctl serve"));
	/* The first one is none the worse for it, and its end frees the file. */
	tell(&fixture, "1", "order_v1", "en", "PAUSED", 1000);
	hsm_keeper_close(fixture.keeper);
	assert_int_equal(open_keeper(&fixture, &fixture.keeper), 0);
	end(&fixture);
}

static void a_newer_registry_is_refused(void **state)
{
	(void)state;
	struct fixture fixture;
	struct hsm_error error;
	begin(&fixture);
	hsm_keeper_close(fixture.keeper);
	struct hsm_database *database = open_beside(&fixture);
	assert_int_equal(hsm_database_run(database, "INSERT INTO migration (version) VALUES (99)", NULL, 0, NULL, NULL, NULL,
					  &error), 0);
	hsm_database_close(database);
	assert_int_equal(open_keeper(&fixture, &fixture.keeper), HSM_ERROR_FAILED);
	assert_non_null(strstr(fixture.error.message, "newer hsmctl"));
	end(&fixture);
}

static void urls_that_are_none_are_refused_without_showing_them(void **state)
{
	(void)state;
	static const char *const urls[] = { "", "sqlite:", "mysql://user:hunter2@host/db", "registry.db",
					    "sqlite:/nonexistent/folder/registry.db",
					    "postgres://user:hunter2@127.0.0.1:1/none" };
	for (size_t i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
		struct fixture fixture = { .environment = "e" };
		snprintf(fixture.url, sizeof(fixture.url), "%s", urls[i]);
		assert_true(open_keeper(&fixture, &fixture.keeper) < 0);
		assert_null(fixture.keeper);
		assert_true(fixture.error.message[0]);
		assert_null(strstr(fixture.error.message, "hunter2"));
	}
}

/* No file grows: a disk that is full. */
static void set_file_limit(rlim_t bytes)
{
	struct rlimit limit;
	getrlimit(RLIMIT_FSIZE, &limit);
	limit.rlim_cur = bytes;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
}

static bool is_up(struct fixture *fixture)
{
	return !hsm_keeper_counts(fixture->keeper)->down;
}

static void a_full_disk_is_told_and_got_over(void **state)
{
	(void)state;
	struct fixture fixture;
	begin(&fixture);
	signal(SIGXFSZ, SIG_IGN);
	show(&fixture, V1("APPROVED") V2("APPROVED"), "order en order_v2 - " SMS);
	char *before = read_answers(&fixture);
	struct hsm_event event = make_event("1", "order_v2", "en", "PAUSED", 1000);
	for (int round = 0; round < 3; round++) {
		set_file_limit(4096);
		for (int i = 0; i < 3; i++)
			assert_int_equal(tell_all(&fixture, &event, 1), HSM_ERROR_UNAVAILABLE);
		/* It is not well because it can be read. */
		usleep(round ? 0 : 3500000);
		bool down = hsm_keeper_counts(fixture.keeper)->down;
		char *during = read_answers(&fixture);
		set_file_limit(RLIM_INFINITY);
		assert_true(down);
		assert_string_equal(during, before);
		free(during);
		/* Nor does it wait for an event to be well again. */
		assert_true(wait_until(is_up, &fixture));
	}
	assert_true(fixture.errors > 0);
	assert_int_equal(count_rows(&fixture, COUNT_EVENTS, NULL), 0);
	assert_int_equal(tell_all(&fixture, &event, 1), 0);
	expect(&fixture, "order", "en", "template order_v1 fallback version");
	restart(&fixture);
	expect(&fixture, "order", "en", "template order_v1 fallback version");
	assert_int_equal(count_rows(&fixture, COUNT_EVENT, "1"), 1);
	assert_int_equal(count_rows(&fixture, COUNT_ALERTS, "paused"), 1);
	free(before);
	end(&fixture);
}

/* PostgreSQL alone. */

static bool second_leads(struct fixture *fixture)
{
	return hsm_keeper_leads(fixture->keeper);
}

static bool second_falls_back(struct fixture *fixture)
{
	char text[256];
	describe(fixture->keeper, "order", "en", text);
	return strcmp(text, "template plain_v1 fallback template") == 0;
}

static bool second_recovers(struct fixture *fixture)
{
	char text[256];
	describe(fixture->keeper, "order", "en", text);
	return strcmp(text, "template order_v1 healthy -") == 0;
}

static bool second_tells_quality(struct fixture *fixture)
{
	char *body = read_body(fixture->keeper, "order", "en");
	bool tells = body && strstr(body, "\"quality\":\"RED\"");
	free(body);
	return tells;
}

static void several_keepers_share_a_database(void **state)
{
	(void)state;
	struct fixture first, second;
	begin(&first);
	start(&second);
	snprintf(second.environment, sizeof(second.environment), "%s", first.environment);
	assert_int_equal(open_keeper(&second, &second.keeper), 0);
	assert_true(hsm_keeper_leads(first.keeper));
	assert_false(hsm_keeper_leads(second.keeper));
	show(&first, V1("APPROVED") "plain_v1 en APPROVED UTILITY UTILITY b",
	     "order en order_v1 - [{\"template\":\"plain\"}]\nplain en plain_v1");
	/* The second one has not looked, and writes all the same what follows from the first one's. */
	tell(&second, "1", "order_v1", "en", "PAUSED", 1000);
	expect(&second, "order", "en", "template plain_v1 fallback template");
	tell(&first, "1", "order_v1", "en", "PAUSED", 1000);
	assert_int_equal(hsm_keeper_counts(first.keeper)->duplicates, 1);
	expect(&first, "order", "en", "template plain_v1 fallback template");
	/* The same revision on both sides is one after the other. */
	tell(&first, "2", "order_v1", "en", "APPROVED", 2000);
	assert_true(wait_until(second_recovers, &second));
	tell(&first, "3", "order_v1", "en", "DISABLED", 3000);
	assert_true(wait_until(second_falls_back, &second));
	struct hsm_event quality = { .id = "4", .kind = HSM_EVENT_QUALITY, .name = "plain_v1", .language = "en",
				     .time = 1000, .value = "RED", .body = "{}" };
	assert_int_equal(tell_all(&first, &quality, 1), 0);
	assert_true(wait_until(second_tells_quality, &second));
	char *left = read_answers(&first), *right = read_answers(&second);
	assert_string_equal(left, right);
	free(left);
	free(right);
	end(&first);
	assert_true(wait_until(second_leads, &second));
	end(&second);
}

/* One after the other in a file, at once where a server has the database. */
static void environments_share_a_database(void **state)
{
	(void)state;
	struct fixture first, second;
	begin(&first);
	show(&first, V1("APPROVED"), "order en order_v1 - " SMS);
	tell(&first, "1", "order_v1", "en", "PAUSED", 1000);
	if (!postgres)
		hsm_keeper_close(first.keeper);
	start(&second);
	snprintf(second.url, sizeof(second.url), "%s", first.url);
	assert_int_equal(open_keeper(&second, &second.keeper), 0);
	expect(&second, "order", "en", "none");
	show(&second, V1("APPROVED"), "order en order_v1 - " SMS);
	tell(&second, "1", "order_v1", "en", "DISABLED", 1000);
	expect(&second, "order", "en", "channel - fallback channel");
	if (!postgres) {
		hsm_keeper_close(second.keeper);
		second.keeper = NULL;
		assert_int_equal(open_keeper(&first, &first.keeper), 0);
	}
	tell(&first, "1", "order_v1", "en", "PAUSED", 1000);
	tell(&first, "2", "order_v1", "en", "APPROVED", 2000);
	expect(&first, "order", "en", "template order_v1 healthy -");
	assert_int_equal(count_rows(&first, COUNT_EVENTS, NULL), 2);
	assert_int_equal(count_rows(&second, COUNT_EVENTS, NULL), 1);
	end(&second);
	end(&first);
}

static void *tell_many(void *context)
{
	struct fixture *fixture = context;
	for (int i = 0; i < 200; i++) {
		char id[16];
		snprintf(id, sizeof(id), "%d", i);
		struct hsm_event event = make_event(id, "order_v1", "en", i % 2 ? "APPROVED" : "PAUSED", 1000 + i);
		if (tell_all(fixture, &event, 1))
			return fixture->error.message;
	}
	return NULL;
}

static void two_keepers_that_are_told_the_same_keep_it_once(void **state)
{
	(void)state;
	struct fixture two[2];
	pthread_t threads[2];
	begin(&two[0]);
	start(&two[1]);
	snprintf(two[1].environment, sizeof(two[1].environment), "%s", two[0].environment);
	assert_int_equal(open_keeper(&two[1], &two[1].keeper), 0);
	show(&two[0], V1("APPROVED"), "order en order_v1 - " SMS);
	for (size_t i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&threads[i], NULL, tell_many, &two[i]), 0);
	for (size_t i = 0; i < 2; i++) {
		void *message;
		pthread_join(threads[i], &message);
		if (message)
			fail_msg("%s", (const char *)message);
	}
	assert_int_equal(hsm_keeper_counts(two[0].keeper)->duplicates + hsm_keeper_counts(two[1].keeper)->duplicates, 200);
	assert_int_equal(count_rows(&two[0], COUNT_EVENTS, NULL), 200);
	assert_int_equal(count_rows(&two[0], COUNT_ALERTS, "paused"), 100);
	for (size_t i = 0; i < 2; i++)
		show(&two[i], V1("APPROVED"), NULL);
	for (size_t i = 0; i < 2; i++) {
		expect(&two[i], "order", "en", "template order_v1 healthy -");
		end(&two[i]);
	}
}

static void a_connection_that_breaks_is_made_again(void **state)
{
	(void)state;
	struct fixture fixture;
	struct hsm_error error;
	begin(&fixture);
	show(&fixture, V1("APPROVED"), "order en order_v1 - " SMS);
	struct hsm_database *database = open_beside(&fixture);
	for (int i = 0; i < 3; i++) {
		char id[16];
		snprintf(id, sizeof(id), "%d", i);
		struct hsm_event event = make_event(id, "order_v1", "en", "PAUSED", 1000 + i);
		assert_int_equal(hsm_database_run(database, "SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity "
						  "WHERE datname = current_database() AND pid <> pg_backend_pid() AND "
						  "application_name = 'hsmctl'", NULL, 0, NULL, NULL, NULL, &error), 0);
		int rc = tell_all(&fixture, &event, 1);
		assert_true(rc == 0 || rc == HSM_ERROR_UNAVAILABLE);
		expect(&fixture, "order", "en", rc && !i ? "template order_v1 healthy -" : "channel - fallback channel");
		assert_int_equal(tell_all(&fixture, &event, 1), 0);
		expect(&fixture, "order", "en", "channel - fallback channel");
	}
	hsm_database_close(database);
	assert_int_equal(count_rows(&fixture, COUNT_EVENTS, NULL), 3);
	assert_true(wait_until(second_leads, &fixture));
	end(&fixture);
}

#define BOTH                                                                                 \
	cmocka_unit_test(what_was_acknowledged_outlives_a_kill),                             \
		cmocka_unit_test(a_world_with_git_then_events_then_recovery),                \
		cmocka_unit_test(languages_are_promoted_together),                           \
		cmocka_unit_test(an_event_that_comes_again_is_kept_once),                    \
		cmocka_unit_test(what_nobody_knows_is_kept_and_asked_about),                 \
		cmocka_unit_test(words_of_any_length_are_kept),                              \
		cmocka_unit_test(a_restart_keeps_everything),                                \
		cmocka_unit_test(a_restart_keeps_the_clocks_that_a_listing_set),             \
		cmocka_unit_test(what_git_says_holds_whatever_is_told_meanwhile),            \
		cmocka_unit_test(a_clock_that_was_ahead_silences_no_listing),                \
		cmocka_unit_test(a_listing_of_nothing_takes_everything_out_of_use),          \
		cmocka_unit_test(a_pause_is_no_silent_webhook),                              \
		cmocka_unit_test(what_is_told_of_a_fallback_is_what_is_known_of_it),         \
		cmocka_unit_test(six_thousand_events_at_once_are_a_few_transactions),        \
		cmocka_unit_test(one_works_fault_is_not_the_others),                         \
		cmocka_unit_test(too_much_that_waits_is_refused),                            \
		cmocka_unit_test(what_waits_is_done_before_the_end),                         \
		cmocka_unit_test(environments_share_a_database)

int main(void)
{
	const struct CMUnitTest of_sqlite[] = {
		BOTH,
		cmocka_unit_test(a_second_keeper_of_the_same_file_is_refused),
		cmocka_unit_test(a_newer_registry_is_refused),
		cmocka_unit_test(urls_that_are_none_are_refused_without_showing_them),
		cmocka_unit_test(a_full_disk_is_told_and_got_over),
	};
	const struct CMUnitTest of_postgres[] = {
		BOTH,
		cmocka_unit_test(several_keepers_share_a_database),
		cmocka_unit_test(two_keepers_that_are_told_the_same_keep_it_once),
		cmocka_unit_test(a_connection_that_breaks_is_made_again),
	};
	int failed = cmocka_run_group_tests(of_sqlite, NULL, NULL);
	postgres = getenv("HSM_POSTGRES");
	if (postgres)
		failed += cmocka_run_group_tests(of_postgres, NULL, NULL);
	else
		printf("PostgreSQL: skipped, HSM_POSTGRES is not set\n");
	return failed;
}
