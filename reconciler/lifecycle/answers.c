#include "reconciler/lifecycle/answers.h"

#include <stdlib.h>
#include <string.h>

#include "schema/base/fingerprint.h"
#include "schema/base/hash.h"
#include "schema/base/memory.h"
#include "schema/json.h"
#include "schema/name.h"

void hsm_answers_begin(struct hsm_answers *answers, void (*detach)(void *attachment))
{
	*answers = (struct hsm_answers){ .detach = detach };
	pthread_rwlock_init(&answers->lock, NULL);
}

static void drop_attachment(struct hsm_answers *answers, struct hsm_answer *answer)
{
	if (answer->attachment)
		answers->detach(answer->attachment);
	answer->attachment = NULL;
}

static void clear_texts(struct hsm_answer *answer)
{
	free(answer->body);
	free(answer->row);
	free(answer->quality);
	answer->body = answer->row = answer->quality = NULL;
}

/* Over both, with the NUL between. */
static size_t hash(const char *base, const char *language, size_t length)
{
	return (size_t)hsm_hash_add(hsm_hash_add(HSM_HASH_START, base, strlen(base) + 1), language, length);
}

static struct hsm_answer **find_slot(const struct hsm_answers *answers, const char *base, const char *language,
				     size_t length)
{
	size_t mask = answers->slot_count - 1, at = hash(base, language, length) & mask;
	for (struct hsm_answer *answer; (answer = answers->slots[at]) != NULL; at = (at + 1) & mask)
		if (strcmp(answer->base, base) == 0 && strncmp(answer->language, language, length) == 0 &&
		    !answer->language[length])
			break;
	return &answers->slots[at];
}

static void fill_slots(struct hsm_answers *answers, size_t slot_count)
{
	free(answers->slots);
	answers->slot_count = slot_count;
	answers->slots = hsm_memory_allocate(answers->slot_count * sizeof(struct hsm_answer *));
	for (size_t i = 0; i < answers->count; i++) {
		struct hsm_answer *answer = answers->items[i];
		*find_slot(answers, answer->base, answer->language, strlen(answer->language)) = answer;
	}
}

static void grow_slots(struct hsm_answers *answers)
{
	if (answers->count * 2 >= answers->slot_count)
		fill_slots(answers, answers->slot_count ? answers->slot_count * 2 : 256);
}

static void free_answer(struct hsm_answers *answers, struct hsm_answer *answer)
{
	drop_attachment(answers, answer);
	clear_texts(answer);
	free(answer->base);
	free(answer->language);
	free(answer->key);
	free(answer);
}

void hsm_answers_end(struct hsm_answers *answers)
{
	for (size_t i = 0; i < answers->count; i++)
		free_answer(answers, answers->items[i]);
	free(answers->items);
	free(answers->slots);
	pthread_rwlock_destroy(&answers->lock);
}

static void remove_answer(struct hsm_answers *answers, const char *base, const char *language)
{
	size_t at = 0;
	while (at < answers->count && (strcmp(answers->items[at]->base, base) != 0 ||
				       strcmp(answers->items[at]->language, language) != 0))
		at++;
	if (at == answers->count)
		return;
	free_answer(answers, answers->items[at]);
	answers->count--;
	memmove(answers->items + at, answers->items + at + 1, (answers->count - at) * sizeof(struct hsm_answer *));
	fill_slots(answers, answers->slot_count);
}

static char *make_key(const char *base, const char *language)
{
	struct hsm_buffer key = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	hsm_buffer_append_format(&key, "%s:%s", base, language);
	return hsm_buffer_detach(&key);
}

static struct hsm_answer *add(struct hsm_answers *answers, const char *base, const char *language)
{
	size_t length = strlen(language);
	grow_slots(answers);
	struct hsm_answer **slot = find_slot(answers, base, language, length);
	if (*slot)
		return *slot;
	struct hsm_answer *answer = *slot = hsm_memory_allocate(sizeof(*answer));
	answer->base = hsm_memory_copy_string(base);
	answer->language = hsm_memory_copy_string(language);
	answer->key = make_key(base, language);
	HSM_MEMORY_GROW(answers->items, answers->count, answers->capacity);
	/* Sorted; they mostly come in order. */
	size_t at = answers->count++;
	for (; at > 0; at--) {
		const struct hsm_answer *before = answers->items[at - 1];
		int order = strcmp(before->base, base);
		if (order < 0 || (order == 0 && strcmp(before->language, language) < 0))
			break;
		answers->items[at] = answers->items[at - 1];
	}
	answers->items[at] = answer;
	return answer;
}

struct hsm_answer *hsm_answers_find(const struct hsm_answers *answers, const char *base, const char *language,
				    const char *fallback_language)
{
	if (!answers->slot_count)
		return NULL;
	size_t length = strlen(language), short_length = strcspn(language, "_");
	struct hsm_answer *answer = *find_slot(answers, base, language, length);
	if (!answer && short_length < length)
		answer = *find_slot(answers, base, language, short_length);
	if (!answer && fallback_language)
		answer = *find_slot(answers, base, fallback_language, strlen(fallback_language));
	return answer;
}

bool hsm_answers_has(const struct hsm_answers *answers, const char *base)
{
	size_t low = 0, high = answers->count;
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		if (strcmp(answers->items[middle]->base, base) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low < answers->count && strcmp(answers->items[low]->base, base) == 0;
}

/* What is told of a translation. */
struct telling {
	const struct hsm_registry_translation *translation;
	const char *name;                            /* physical; NULL: no template may be sent */
	const struct hsm_registry_version *version;  /* of name */
	const struct hsm_registry_version *withdrawn; /* the preferred one */
	const char *use;                             /* "template", "channel", "none" */
};

static struct telling read_telling(const struct hsm_registry *registry, const struct hsm_registry_template *template,
				   const struct hsm_registry_translation *translation)
{
	const char *language = translation->language, *preferred = translation->preferred;
	bool other = hsm_registry_equals(translation->substitute, "template");
	bool channel = hsm_registry_equals(translation->substitute, "channel");
	struct telling telling = { .translation = translation };
	telling.name = other ? translation->substitute_name : translation->active;
	telling.use = telling.name ? "template" : channel ? "channel" : "none";
	telling.withdrawn = preferred ? hsm_registry_find_version(template, preferred, language) : NULL;
	telling.version = telling.name ? hsm_registry_find_name(registry, telling.name, language) : NULL;
	return telling;
}

static const char *find_health(const struct telling *telling)
{
	const struct hsm_registry_translation *translation = telling->translation;
	if (translation->substitute)
		return "fallback";
	if (telling->name)
		return translation->held ? "suspended" : "healthy";
	return translation->preferred || !translation->target ? "unavailable" : "progressing";
}

static void write_fallback(struct hsm_json_writer *writer, const struct hsm_registry_translation *translation)
{
	hsm_json_begin_object(writer, "fallback");
	hsm_json_write_string(writer, "kind", translation->substitute);
	if (translation->preferred)
		hsm_json_write_string(writer, "for", translation->preferred);
	if (translation->cause)
		hsm_json_write_string(writer, "reason", translation->cause);
	hsm_json_end_object(writer);
}

static void write_version(struct hsm_json_writer *writer, const struct hsm_registry_version *version)
{
	hsm_json_write_integer(writer, "version", version->number);
	hsm_json_write_string(writer, "status", version->status);
	if (version->category)
		hsm_json_write_string(writer, "category", version->category);
	if (version->quality)
		hsm_json_write_string(writer, "quality", version->quality);
	if (version->parameters)
		hsm_json_write_raw(writer, "parameters", version->parameters);
}

static void write_body(struct hsm_buffer *buffer, const struct telling *telling)
{
	const struct hsm_registry_translation *translation = telling->translation;
	struct hsm_json_writer writer = { .buffer = buffer };
	char since[32];
	hsm_registry_format_time(translation->since, since);
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "template", translation->base);
	hsm_json_write_string(&writer, "language", translation->language);
	hsm_json_write_string(&writer, "use", telling->use);
	if (telling->name)
		hsm_json_write_string(&writer, "name", telling->name);
	if (telling->version)
		write_version(&writer, telling->version);
	if (hsm_registry_equals(translation->substitute, "channel")) {
		hsm_json_write_string(&writer, "channel", translation->substitute_name);
		hsm_json_write_string(&writer, "text", translation->substitute_text);
	}
	if (translation->substitute)
		write_fallback(&writer, translation);
	else if (translation->cause)
		hsm_json_write_string(&writer, "reason", translation->cause);
	if (translation->previous)
		hsm_json_write_string(&writer, "previous", translation->previous);
	if (translation->held)
		hsm_json_write_string(&writer, "held", translation->held);
	if (translation->routes)
		hsm_json_write_raw(&writer, "routes", translation->routes);
	hsm_json_write_string(&writer, "health", find_health(telling));
	if (translation->since)
		hsm_json_write_string(&writer, "since", since);
	hsm_json_end_object(&writer);
	hsm_buffer_append_char(buffer, '\n');
}

/* "order_id,customer": the order of the array that a sender fills. */
static void append_names(struct hsm_buffer *buffer, const struct hsm_registry_version *version)
{
	cJSON *parameters = version && version->parameters ? cJSON_Parse(version->parameters) : NULL;
	const cJSON *parameter;
	cJSON_ArrayForEach(parameter, parameters) {
		const char *name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(parameter, "name"));
		hsm_buffer_append_format(buffer, "%s%s", buffer->length ? "," : "", name ? name : "?");
	}
	cJSON_Delete(parameters);
}

/* The columns of publication.h, in its order. */
static void write_row(struct hsm_buffer *buffer, const char *key, const struct telling *telling)
{
	const struct hsm_registry_translation *translation = telling->translation;
	struct hsm_json_writer writer = { .buffer = buffer };
	struct hsm_buffer names = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	bool channel = hsm_registry_equals(translation->substitute, "channel");
	append_names(&names, telling->version);
	hsm_json_begin_object(&writer, NULL);
	hsm_json_write_string(&writer, "key", key);
	hsm_json_write_string(&writer, "use", telling->use);
	hsm_json_write_string(&writer, "template", telling->name ? telling->name : "");
	hsm_json_write_string(&writer, "language", translation->language);
	hsm_json_write_string(&writer, "parameters", hsm_buffer_text(&names));
	hsm_json_write_boolean(&writer, "fallback", translation->substitute != NULL);
	hsm_json_write_string(&writer, "channel", channel ? translation->substitute_name : "");
	hsm_json_write_string(&writer, "text", channel ? translation->substitute_text : "");
	hsm_json_end_object(&writer);
	hsm_buffer_release(&names);
}

static void update_one(struct hsm_answers *answers, const struct hsm_registry *registry,
		       const struct hsm_registry_template *template, const struct hsm_registry_translation *translation)
{
	struct hsm_answer *answer = add(answers, translation->base, translation->language);
	struct telling telling = read_telling(registry, template, translation);
	struct hsm_buffer body = HSM_BUFFER_INIT(HSM_BUFFER_CAP), row = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	char fingerprint[HSM_FINGERPRINT_SIZE];
	write_body(&body, &telling);
	write_row(&row, answer->key, &telling);
	drop_attachment(answers, answer);
	clear_texts(answer);
	answer->length = body.length;
	answer->body = hsm_buffer_detach(&body);
	answer->row = hsm_buffer_detach(&row);
	answer->health = find_health(&telling);
	if (telling.version && telling.version->quality)
		answer->quality = hsm_memory_copy_string(telling.version->quality);
	hsm_fingerprint_compute(answer->body, answer->length, fingerprint);
	answer->etag[0] = '"';
	memcpy(answer->etag + 1, fingerprint, HSM_ETAG_SIZE - 4);
	memcpy(answer->etag + HSM_ETAG_SIZE - 3, "\"", 2);
}

/* An answer tells of the version that it gives, which may be another template's. */
static void touch_substituted(struct hsm_registry *registry)
{
	for (size_t i = 0; i < registry->leaning_count; i++)
		for (size_t j = 0; j < registry->leaning[i]->translation_count; j++) {
			const struct hsm_registry_translation *translation = registry->leaning[i]->translations[j];
			int64_t number;
			if (!hsm_registry_equals(translation->substitute, "template"))
				continue;
			char *base = hsm_memory_copy_string(translation->substitute_name);
			base[hsm_name_split(base, &number, NULL)] = '\0';
			const struct hsm_registry_template *other = hsm_registry_find_template(registry, base);
			if (other && other->touched)
				hsm_registry_touch(registry, registry->leaning[i]);
			free(base);
		}
}

void hsm_answers_update(struct hsm_answers *answers, struct hsm_registry *registry)
{
	touch_substituted(registry);
	pthread_rwlock_wrlock(&answers->lock);
	for (size_t i = 0; i < registry->touched_count; i++) {
		const struct hsm_registry_template *template = registry->touched[i];
		for (size_t j = 0; j < template->translation_count; j++) {
			const struct hsm_registry_translation *translation = template->translations[j];
			/* What git has no more is answered while it, or its fallback, may be used. */
			if (!translation->managed && !translation->active && !translation->substitute)
				remove_answer(answers, translation->base, translation->language);
			else
				update_one(answers, registry, template, translation);
		}
		answers->generation++;
	}
	hsm_registry_clear_touched(registry);
	pthread_rwlock_unlock(&answers->lock);
}

void hsm_answers_append(const struct hsm_answers *answers, struct hsm_buffer *buffer)
{
	hsm_buffer_append_string(buffer, "{\"templates\":[");
	for (size_t i = 0; i < answers->count; i++) {
		hsm_buffer_append_string(buffer, i ? "," : "");
		hsm_buffer_append(buffer, answers->items[i]->body, answers->items[i]->length - 1);
	}
	hsm_buffer_append_string(buffer, "]}\n");
}
