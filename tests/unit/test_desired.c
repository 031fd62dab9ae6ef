#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/desired/desired.h"
#include "tests/unit/git_fixture.h"

struct state {
	struct hsm_git_fixture git;
	struct hsm_repository *repository;
	struct hsm_desired desired;
	struct hsm_findings findings;
	struct hsm_error error;
};

static int start(void **user)
{
	struct state *state = calloc(1, sizeof(*state));
	hsm_git_fixture_start(&state->git);
	*user = state;
	return hsm_repository_open(&state->repository, state->git.folder, &state->error);
}

static void forget(struct state *state)
{
	hsm_findings_release(&state->findings);
	hsm_desired_release(&state->desired);
	state->error = (struct hsm_error){ 0 };
}

static int stop(void **user)
{
	struct state *state = *user;
	forget(state);
	hsm_repository_free(state->repository);
	hsm_git_fixture_stop(&state->git);
	free(state);
	return 0;
}

/* Everything, for an environment ("": the only one; NULL: all). */
static int load(struct state *state, const char *revision, const char *environment)
{
	forget(state);
	int rc = hsm_desired_read_config(state->repository, revision, &state->desired, &state->findings, &state->error);
	if (!rc && !revision)
		rc = hsm_desired_find_dirty(state->repository, &state->desired, &state->error);
	if (!rc && environment)
		rc = hsm_desired_choose_environment(&state->desired, *environment ? environment : NULL, &state->error);
	if (!rc)
		rc = hsm_desired_read_templates(state->repository, revision, &state->desired, &state->findings,
						&state->error);
	return rc;
}

#define DEV "environments: {dev: {region: eu-west-1}}\n"
#define META "environments: {dev: {backend: meta, account: '1'}}\n"
#define TWO "environments: {dev: {region: eu-west-1}, prod: {region: eu-west-1}}\n"
#define ONE_TEMPLATE "name: a\ncategory: UTILITY\ntranslations:\n  en_US: {body: Hello}\n"

static void templates_come_by_name_and_translations_by_language(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", DEV);
	hsm_git_fixture_write(&state->git, "templates/1.yaml",
			      "name: zebra\ncategory: MARKETING\ntranslations: {es: {body: Buenas}, en: {body: Hey, version: 7}}\n");
	hsm_git_fixture_write(&state->git, "templates/deep/er/order.yml", "name: order\ncategory: UTILITY\n");
	hsm_git_fixture_write(&state->git, "templates/deep/er/order/es_ES.yaml", "# for Ana\nbody: Hola\n");
	hsm_git_fixture_write(&state->git, "templates/deep/er/order/en.yml", "body: Hi\n");
	hsm_git_fixture_write(&state->git, "templates/README.md", "not: yaml: at all");
	assert_int_equal(load(state, NULL, ""), 0);
	assert_non_null(state->desired.dirty);
	assert_string_equal(state->desired.commit, "");
	assert_int_equal(state->desired.count, 2);
	const struct hsm_desired_template *order = &state->desired.templates[0];
	const struct hsm_desired_template *zebra = &state->desired.templates[1];
	assert_string_equal(order->name, "order");
	assert_string_equal(order->path, "templates/deep/er/order.yml");
	assert_string_equal(order->category, "UTILITY");
	assert_int_equal(order->count, 2);
	assert_string_equal(order->translations[0].language, "en");
	assert_string_equal(order->translations[1].language, "es_ES");
	assert_string_equal(order->translations[1].mark.source->path, "templates/deep/er/order/es_ES.yaml");
	assert_int_equal(order->translations[1].mark.line, 1);
	assert_string_equal(order->translations[1].compiled.content.json, "[{\"type\":\"BODY\",\"text\":\"Hola\"}]");
	assert_int_equal(order->file->translations.count, 2);
	assert_int_equal(zebra->translations[0].version, 7);
	assert_int_equal(zebra->translations[1].version, 0);
	assert_int_equal(zebra->translations[1].mark.line, 3);
	assert_int_equal(zebra->translations[1].mark.column, 16);
	assert_ptr_equal(hsm_desired_find(&state->desired, "order_v2", 5), order);
	assert_ptr_equal(hsm_desired_find(&state->desired, "zebra", 5), zebra);
	assert_null(hsm_desired_find(&state->desired, "zebra", 4));
	assert_null(hsm_desired_find(&state->desired, "orders", 6));
	assert_ptr_equal(hsm_desired_find_translation(order, "es_ES"), &order->translations[1]);
	assert_null(hsm_desired_find_translation(order, "es"));
}

static void a_revision_is_read_from_objects(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", DEV);
	hsm_git_fixture_write(&state->git, "templates/a.yaml", ONE_TEMPLATE);
	hsm_git_fixture_commit(&state->git, "one");
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", "broken: [");
	hsm_git_fixture_write(&state->git, "templates/a.yaml", "broken: [");
	hsm_git_fixture_write(&state->git, "templates/b.yaml", "broken: [");
	assert_int_equal(load(state, "HEAD", ""), 0);
	assert_null(state->desired.dirty);
	assert_int_equal(strlen(state->desired.commit), 40);
	assert_int_equal(state->desired.count, 1);
	assert_string_equal(state->desired.templates[0].path, "templates/a.yaml");
	assert_int_equal(load(state, "v9", ""), HSM_ERROR_NO_INPUT);
	assert_int_equal(load(state, NULL, ""), HSM_ERROR_CONFIG);
	assert_true(state->findings.errors > 0);
	hsm_git_fixture_run(&state->git, "checkout -q .");
	assert_int_equal(load(state, NULL, NULL), HSM_ERROR_INVALID);
	hsm_git_fixture_shell(&state->git, "rm templates/b.yaml");
	assert_int_equal(load(state, NULL, ""), 0);
	assert_null(state->desired.dirty);
}

static void samples_are_files_of_the_repository(void **user)
{
	struct state *state = *user;
	const struct {
		const char *path, *problem; /* NULL: it is sound */
	} samples[] = {
		{ "files/logo.png", NULL },
		{ "files/gone.png", "gone.png" },
		{ "files/text.png", "is not a JPEG or PNG image" },
		{ "../logo.png", "is no file below hsmctl.yaml's folder" },
		{ "/etc/hostname", "is no file below hsmctl.yaml's folder" },
		{ "https://example.com/logo.png", "put the file into the repository" },
	};
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", META);
	hsm_git_fixture_write(&state->git, "files/logo.png", "\x89PNG\r\n\x1a\n and more");
	hsm_git_fixture_write(&state->git, "files/text.png", "just text");
	for (size_t i = 0; i < sizeof(samples) / sizeof(samples[0]); i++) {
		char text[300];
		snprintf(text, sizeof(text), "name: a\ncategory: UTILITY\ntranslations:\n  en_US:\n    header: {image: \"%s\"}\n"
			 "    body: Hello\n", samples[i].path);
		hsm_git_fixture_write(&state->git, "templates/a.yaml", text);
		assert_int_equal(load(state, NULL, ""), samples[i].problem ? HSM_ERROR_INVALID : 0);
		if (samples[i].problem && !strstr(state->findings.items[0].message, samples[i].problem))
			fail_msg("%s: %s", samples[i].path, state->findings.items[0].message);
		if (samples[i].problem)
			assert_int_equal(state->findings.items[0].mark.line, 5);
		else
			assert_string_equal(state->desired.templates[0].translations[0].compiled.media[0].path.text, samples[i].path);
		/* To Genesys a sample is an address like any. */
		hsm_git_fixture_write(&state->git, "hsmctl.yaml", DEV);
		assert_int_equal(load(state, NULL, ""), 0);
		hsm_git_fixture_write(&state->git, "hsmctl.yaml", META);
	}
}

static void a_missing_config_says_how_to_get_one(void **user)
{
	struct state *state = *user;
	assert_int_equal(load(state, NULL, ""), HSM_ERROR_NO_INPUT);
	assert_non_null(strstr(state->error.message, "hsmctl init"));
	hsm_git_fixture_commit(&state->git, "one");
	assert_int_equal(load(state, "HEAD", ""), HSM_ERROR_NO_INPUT);
	assert_non_null(strstr(state->error.message, "hsmctl init"));
}

static void environments_are_chosen_by_name_or_because_there_is_only_one(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", TWO);
	assert_int_equal(load(state, NULL, ""), HSM_ERROR_USAGE);
	assert_non_null(strstr(state->error.message, "dev, prod"));
	assert_int_equal(load(state, NULL, "test"), HSM_ERROR_USAGE);
	assert_non_null(strstr(state->error.message, "'test'"));
	assert_int_equal(load(state, NULL, "prod"), 0);
	assert_string_equal(state->desired.environment->node.key.text, "prod");
}

static void an_environment_has_its_own_variables_languages_and_templates(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "hsmctl.yaml",
			      "environments:\n"
			      "  dev: {region: eu-west-1, languages: [en], templates: [order_*], variables: {brand: Test}}\n"
			      "  prod: {region: eu-west-1, variables: {legal: Ltd}}\n"
			      "variables: {brand: Acme}\n");
	hsm_git_fixture_write(&state->git, "templates/a.yaml",
			      "name: order_a\ncategory: UTILITY\ntranslations:\n  en: {version: 1, body: '${brand}'}\n"
			      "  es: {version: 1, body: '${brand} ${legal}'}\n");
	hsm_git_fixture_write(&state->git, "templates/b.yaml",
			      "name: promo\ncategory: UTILITY\ntranslations:\n  en: {version: 1, body: '${legal}!'}\n");
	hsm_git_fixture_write(&state->git, "templates/c.yaml",
			      "name: order_c\ncategory: UTILITY\ntranslations:\n  es: {version: 1, body: Hola}\n");
	assert_int_equal(load(state, NULL, "dev"), 0);
	assert_int_equal(state->desired.count, 1);
	assert_int_equal(state->desired.templates[0].count, 1);
	assert_non_null(strstr(state->desired.templates[0].translations[0].compiled.content.json, "\"Test\""));
	assert_int_equal(load(state, NULL, "prod"), 0);
	assert_int_equal(state->desired.count, 3);
	assert_non_null(strstr(state->desired.templates[0].translations[1].compiled.content.json, "\"Acme Ltd\""));
	/* Without one, everything is there and checked for whoever has it. */
	assert_int_equal(load(state, NULL, NULL), 0);
	assert_int_equal(state->desired.count, 3);
	assert_int_equal(state->desired.templates[0].count, 2);
	hsm_git_fixture_write(&state->git, "templates/c.yaml",
			      "name: order_c\ncategory: UTILITY\ntranslations:\n  en: {version: 1, body: '${legal}?'}\n");
	assert_int_equal(load(state, NULL, "prod"), 0);
	assert_int_equal(load(state, NULL, NULL), HSM_ERROR_INVALID);
	assert_int_equal(state->findings.count, 1);
	assert_non_null(strstr(state->findings.items[0].message, "in dev"));
}

/* Rule, place and a word of the message of each finding, as "HSM017 file:line word". */
struct expected {
	const char *rule, *path;
	uint32_t line;
	const char *word;
};

static void assert_findings(struct state *state, const struct expected *expected, size_t count)
{
	hsm_findings_sort(&state->findings);
	for (size_t i = 0; i < state->findings.count; i++) {
		const struct hsm_finding *finding = &state->findings.items[i];
		bool right = i < count && strcmp(finding->rule->id, expected[i].rule) == 0 &&
			     strcmp(finding->path, expected[i].path) == 0 && finding->mark.line == expected[i].line &&
			     strstr(finding->message, expected[i].word);
		if (!right)
			fail_msg("finding %zu: %s %s:%u %s", i, finding->rule->id, finding->path, finding->mark.line,
				 finding->message);
	}
	assert_int_equal(state->findings.count, count);
}

static void a_config_that_contradicts_itself_is_refused(void **user)
{
	static const struct {
		const char *text;
		struct expected expected;
	} cases[] = {
		{ "environments:\n  dev:\n    region: eu-west-1\n    base_url: http://localhost\n",
		  { "HSM017", "hsmctl.yaml", 4, "region" } },
		{ "environments:\n  dev:\n    login_url: http://localhost\n", { "HSM017", "hsmctl.yaml", 3, "login_url" } },
		{ "environments:\n  dev:\n    region: eu-west-1\n    webhooks:\n"
		  "      - {name: x, url: 'https://a', events: [e]}\n      - {name: y, url: 'https://a', events: [e]}\n"
		  "      - {name: x, url: 'https://b', events: [e]}\n",
		  { "HSM017", "hsmctl.yaml", 7, "line 5" } },
		/* each API has its keys, whichever of the two says which it is */
		{ "backend: meta\nenvironments:\n  dev:\n    account: '1'\n    region: eu-west-1\n",
		  { "HSM017", "hsmctl.yaml", 5, "'region' is for backend: genesys, and this environment's is meta" } },
		{ "environments:\n  dev:\n    backend: meta\n    account: '1'\n    webhooks: []\n",
		  { "HSM017", "hsmctl.yaml", 5, "'webhooks'" } },
		{ "environments:\n  dev:\n    region: eu-west-1\n    app: '1'\n",
		  { "HSM017", "hsmctl.yaml", 4, "'app' is for backend: meta, and this environment's is genesys" } },
		{ "backend: meta\nenvironments:\n  dev:\n    backend: genesys\n    account: '1'\n",
		  { "HSM017", "hsmctl.yaml", 5, "'account'" } },
		{ "environments:\n  dev:\n    credentials:\n      client_id: A\n      client_secret: B\n      access_token: C\n",
		  { "HSM017", "hsmctl.yaml", 6, "'access_token'" } },
		{ "backend: meta\nenvironments:\n  dev:\n    account: '1'\n    credentials: {client_id: A}\n",
		  { "HSM017", "hsmctl.yaml", 5, "'client_id'" } },
		{ "backend: meta\nenvironments:\n  dev:\n    app: '1'\n", { "HSM006", "hsmctl.yaml", 3, "missing key 'account'" } },
		{ "environments:\n  dev:\n    credentials: {client_id: A}\n", { "HSM006", "hsmctl.yaml", 3, "'client_secret'" } },
		{ "environments:\n  dev:\n    credentials: {client_secret: A}\n", { "HSM006", "hsmctl.yaml", 3, "'client_id'" } },
		{ "environments:\n  dev:\n    backend: meta\n    account: 102290129340398\n", { "HSM007", "hsmctl.yaml", 4, "in quotes" } },
		{ "environments:\n  dev: {backend: meta, account: '1/me'}\n", { "HSM008", "hsmctl.yaml", 2, "digits" } },
		{ "environments:\n  dev: {backend: meta, account: '1', api_version: v23/me}\n", { "HSM008", "hsmctl.yaml", 2, "v23.0" } },
		{ "environments: {}\n", { "HSM008", "hsmctl.yaml", 1, "empty" } },
		{ "nothing: 1\nenvironments: {dev: {}}\n", { "HSM004", "hsmctl.yaml", 1, "nothing" } },
	};
	struct state *state = *user;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		hsm_git_fixture_write(&state->git, "hsmctl.yaml", cases[i].text);
		assert_int_equal(load(state, NULL, NULL), HSM_ERROR_CONFIG);
		assert_int_equal(state->error.class, HSM_ERROR_CONFIG);
		assert_findings(state, &cases[i].expected, 1);
	}
	/* GENESYSCLOUD_REGION may serve an environment that names no address. */
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", "environments: {dev: }\n");
	assert_int_equal(load(state, NULL, NULL), HSM_ERROR_CONFIG);
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", "environments: {dev: {}}\n");
	assert_int_equal(load(state, NULL, NULL), 0);
}

/* An environment goes its own way, into a saved plan or a registry: it says its API itself. */
static void an_environment_says_its_api(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "hsmctl.yaml",
			      "backend: meta\nenvironments:\n  a: {account: '1'}\n  b: {backend: genesys, region: eu-west-1}\n");
	assert_int_equal(load(state, NULL, "a"), 0);
	assert_int_equal(state->desired.environment->backend.value, HSM_BACKEND_META);
	assert_int_equal(load(state, NULL, "b"), 0);
	assert_int_equal(state->desired.environment->backend.value, HSM_BACKEND_GENESYS);
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", DEV);
	assert_int_equal(load(state, NULL, ""), 0);
	assert_int_equal(state->desired.environment->backend.value, HSM_BACKEND_GENESYS);
}

static void a_folder_that_the_config_names_must_be_there(void **user)
{
	struct state *state = *user;
	static const struct expected expected = { "HSM017", "hsmctl.yaml", 1, "tempaltes" };
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", "templates: tempaltes\n" DEV);
	assert_int_equal(load(state, NULL, NULL), HSM_ERROR_CONFIG);
	assert_findings(state, &expected, 1);
	hsm_git_fixture_write(&state->git, "tempaltes/a.yaml", ONE_TEMPLATE);
	assert_int_equal(load(state, NULL, NULL), 0);
	assert_int_equal(state->desired.count, 1);
}

static void all_that_is_wrong_with_all_files_is_found_in_one_run(void **user)
{
	struct state *state = *user;
	static const struct expected expected[] = {
		{ "HSM002", "templates/broken.yaml", 2, "quote" },
		{ "HSM008", "templates/checks.yaml", 6, "exactly one" },
		{ "HSM008", "templates/checks.yaml", 7, "text" },
		{ "HSM008", "templates/checks.yaml", 8, "exactly one" },
		{ "HSM017", "templates/checks.yaml", 9, "'test'" },
		{ "HSM006", "templates/empty.yaml", 1, "no translation" },
		{ "HSM014", "templates/es_ES.yaml", 1, "templates.yaml" },
		{ "HSM006", "templates/nameless.yaml", 1, "name" },
		{ "HSM010", "templates/order.yaml", 4, "'x'" },
		{ "HSM004", "templates/order/de.yaml", 1, "bodi" },
		{ "HSM006", "templates/order/de.yaml", 1, "body" },
		{ "HSM013", "templates/order/en_US.yaml", 1, "templates/order.yaml:4" },
		{ "HSM011", "templates/order/fr.yaml", 1, "brand" },
		{ "HSM014", "templates/order/notes.yaml", 1, "templates/order.yaml" },
		{ "HSM013", "templates/same.yaml", 2, "templates/order.yaml:1" },
		{ "HSM001", "templates/zero.yaml", 1, "UTF-8" },
	};
	static const struct {
		const char *path, *text;
	} files[] = {
		{ "hsmctl.yaml", DEV },
		{ "templates/order.yaml", "name: order\ncategory: UTILITY\ntranslations:\n  en_US: {body: 'Hi {{x}}'}\n" },
		{ "templates/order/en_US.yaml", "body: Hi\n" },
		{ "templates/order/es.yaml", "body: Hola\n" },
		{ "templates/order/de.yaml", "bodi: Hallo\n" },
		{ "templates/order/fr.yaml", "body: 'Bonjour ${brand}'\n" },
		{ "templates/order/notes.yaml", "body: Hi\n" },
		{ "templates/same.yaml", "category: UTILITY\nname: order\ntranslations: {en: {body: y}}\n" },
		{ "templates/es_ES.yaml", "body: Hola\n" },
		{ "templates/empty.yaml", "name: empty\ncategory: UTILITY\n" },
		{ "templates/nameless.yaml", "category: UTILITY\ntranslations: {en: {body: x}}\n" },
		{ "templates/broken.yaml", "name: broken\ncategory: 'UTI\n" },
		{ "templates/zero.yaml", "\xff" },
		{ "templates/checks.yaml", "name: checks\ncategory: UTILITY\ntranslations: {en: {body: x}}\nfallback:\n"
					   "  - template: order\n  - {template: order, channel: sms}\n  - channel: sms\n"
					   "  - text: x\nlifecycle: {accept_breaking: {dev: 1, test: 2}}\n" },
	};
	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		hsm_git_fixture_write(&state->git, files[i].path, files[i].text);
	assert_int_equal(load(state, NULL, ""), HSM_ERROR_INVALID);
	assert_findings(state, expected, sizeof(expected) / sizeof(expected[0]));
	/* What is right is there. */
	const struct hsm_desired_template *order = hsm_desired_find(&state->desired, "order", 5);
	assert_non_null(order);
	assert_int_equal(order->count, 1);
	assert_string_equal(order->translations[0].language, "es");
}

static struct hsm_desired_loader *begin(struct state *state)
{
	forget(state);
	assert_int_equal(hsm_desired_read_config(state->repository, NULL, &state->desired, &state->findings,
						 &state->error), 0);
	assert_int_equal(hsm_desired_choose_environment(&state->desired, NULL, &state->error), 0);
	return hsm_desired_begin_templates(state->repository, NULL, &state->desired, &state->findings);
}

static void templates_are_read_in_pieces(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", DEV);
	hsm_git_fixture_write(&state->git, "templates/a.yaml", ONE_TEMPLATE);
	hsm_git_fixture_write(&state->git, "templates/b.yaml", "name: b\ncategory: UTILITY\ntranslations:\n  en_US: {body: Hey}\n");
	struct hsm_desired_loader *loader = begin(state);
	size_t pieces = 0;
	while (hsm_desired_load_more(loader) > 0)
		pieces++;
	assert_true(pieces >= 4); /* each file, and each template */
	assert_int_equal(hsm_desired_load_more(loader), 0);
	assert_int_equal(hsm_desired_end_load(loader, &state->error), 0);
	assert_int_equal(state->desired.count, 2);

	loader = begin(state); /* the end does what is left */
	assert_true(hsm_desired_load_more(loader) > 0);
	assert_int_equal(hsm_desired_end_load(loader, &state->error), 0);
	assert_int_equal(state->desired.count, 2);

	hsm_git_fixture_write(&state->git, "templates/c.yaml", "name: c\n");
	loader = begin(state);
	while (hsm_desired_load_more(loader) > 0)
		continue;
	assert_int_equal(hsm_desired_load_more(loader), HSM_ERROR_INVALID);
	assert_int_equal(hsm_desired_end_load(loader, &state->error), HSM_ERROR_INVALID);
	assert_non_null(strstr(state->error.message, "the template files have"));
}

static void a_language_beside_no_template_may_be_a_template(void **user)
{
	struct state *state = *user;
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", DEV);
	hsm_git_fixture_write(&state->git, "templates/en_US.yaml", ONE_TEMPLATE);
	hsm_git_fixture_write(&state->git, "templates/group/b.yaml", "name: b\ncategory: UTILITY\n");
	hsm_git_fixture_write(&state->git, "templates/group/b/en.yaml", "body: Hi\n");
	hsm_git_fixture_write(&state->git, "templates/group/b/more/c.yaml",
			      "name: c\ncategory: UTILITY\ntranslations: {en: {body: x}}\n");
	assert_int_equal(load(state, NULL, ""), 0);
	assert_int_equal(state->desired.count, 3);
}

static void several_environments_need_versions(void **user)
{
	struct state *state = *user;
	static const struct expected expected[] = {
		{ "HSM015", "templates/a.yaml", 4, "hsmctl bump" },
		{ "HSM015", "templates/a/es.yaml", 1, "hsmctl bump" },
	};
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", DEV);
	hsm_git_fixture_write(&state->git, "templates/a.yaml", ONE_TEMPLATE);
	hsm_git_fixture_write(&state->git, "templates/a/es.yaml", "body: Hola\n");
	hsm_git_fixture_write(&state->git, "templates/a/de.yaml", "version: 3\nbody: Hallo\n");
	assert_int_equal(load(state, NULL, ""), 0);
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", TWO);
	assert_int_equal(load(state, NULL, "dev"), HSM_ERROR_INVALID);
	assert_findings(state, expected, 2);
}

static void a_folder_of_a_repository_is_read_as_if_it_were_all(void **user)
{
	struct state *state = *user;
	char folder[128];
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", "broken: [");
	hsm_git_fixture_write(&state->git, "templates/a.yaml", "broken: [");
	hsm_git_fixture_write(&state->git, "shop/wa/hsmctl.yaml", DEV);
	hsm_git_fixture_write(&state->git, "shop/wa/templates/a.yaml", ONE_TEMPLATE);
	hsm_git_fixture_commit(&state->git, "one");
	hsm_git_fixture_write(&state->git, "templates/a.yaml", "other: [");
	snprintf(folder, sizeof(folder), "%s/shop/wa", state->git.folder);
	hsm_repository_free(state->repository);
	assert_int_equal(hsm_repository_open(&state->repository, folder, &state->error), 0);
	static const char *const revisions[] = { NULL, "HEAD" };
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(load(state, revisions[i], ""), 0);
		assert_null(state->desired.dirty);
		assert_int_equal(state->desired.count, 1);
		assert_string_equal(state->desired.templates[0].path, "templates/a.yaml");
	}
	hsm_git_fixture_write(&state->git, "shop/wa/templates/b.yml", "name: b\n");
	assert_int_equal(load(state, NULL, ""), HSM_ERROR_INVALID);
	assert_non_null(state->desired.dirty);
}

static void a_bare_repository_is_read_by_revision(void **user)
{
	struct state *state = *user;
	char folder[128];
	hsm_git_fixture_write(&state->git, "hsmctl.yaml", DEV);
	hsm_git_fixture_write(&state->git, "templates/a.yaml", ONE_TEMPLATE);
	hsm_git_fixture_commit(&state->git, "one");
	hsm_git_fixture_run(&state->git, "clone -q --bare . bare.git");
	snprintf(folder, sizeof(folder), "%s/bare.git", state->git.folder);
	hsm_repository_free(state->repository);
	assert_int_equal(hsm_repository_open(&state->repository, folder, &state->error), 0);
	assert_int_equal(load(state, "main", ""), 0);
	assert_int_equal(state->desired.count, 1);
	assert_null(state->desired.dirty);
	assert_int_equal(load(state, NULL, ""), HSM_ERROR_NO_INPUT);
	assert_non_null(strstr(state->error.message, "--rev"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(templates_come_by_name_and_translations_by_language, start, stop),
		cmocka_unit_test_setup_teardown(a_revision_is_read_from_objects, start, stop),
		cmocka_unit_test_setup_teardown(samples_are_files_of_the_repository, start, stop),
		cmocka_unit_test_setup_teardown(a_missing_config_says_how_to_get_one, start, stop),
		cmocka_unit_test_setup_teardown(environments_are_chosen_by_name_or_because_there_is_only_one, start, stop),
		cmocka_unit_test_setup_teardown(an_environment_has_its_own_variables_languages_and_templates, start, stop),
		cmocka_unit_test_setup_teardown(a_config_that_contradicts_itself_is_refused, start, stop),
		cmocka_unit_test_setup_teardown(an_environment_says_its_api, start, stop),
		cmocka_unit_test_setup_teardown(a_folder_that_the_config_names_must_be_there, start, stop),
		cmocka_unit_test_setup_teardown(all_that_is_wrong_with_all_files_is_found_in_one_run, start, stop),
		cmocka_unit_test_setup_teardown(templates_are_read_in_pieces, start, stop),
		cmocka_unit_test_setup_teardown(a_language_beside_no_template_may_be_a_template, start, stop),
		cmocka_unit_test_setup_teardown(several_environments_need_versions, start, stop),
		cmocka_unit_test_setup_teardown(a_folder_of_a_repository_is_read_as_if_it_were_all, start, stop),
		cmocka_unit_test_setup_teardown(a_bare_repository_is_read_by_revision, start, stop),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
