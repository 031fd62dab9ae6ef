#include "schema/meta.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "schema/base/buffer.h"

enum { NAMES_MAX = 256 };

struct reader {
	struct hsm_arena *arena;
	struct hsm_meta_template *template;
	const char *names[NAMES_MAX];
	size_t name_count;
	bool named;
	const char *problem;
};

static void fail(struct reader *reader, const char *format, const char *what)
{
	if (!reader->problem)
		reader->problem = hsm_arena_format(reader->arena, "%s %s", format, what);
}

static const char *text_of(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	return cJSON_IsString(item) ? item->valuestring : NULL;
}

static const char *copy_upper(struct hsm_arena *arena, const char *text)
{
	char *copy = hsm_arena_copy_string(arena, text);
	for (char *c = copy; c && *c; c++)
		*c = (char)toupper((unsigned char)*c);
	return copy;
}

/* The sample of the nth parameter: lists hold one list of them or are one themselves. */
static const char *find_sample(const cJSON *example, const char *key, size_t index)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(example, key);
	if (cJSON_IsArray(cJSON_GetArrayItem(list, 0)))
		list = cJSON_GetArrayItem(list, 0);
	const cJSON *item = cJSON_GetArrayItem(list, (int)index);
	return cJSON_IsString(item) ? item->valuestring : NULL;
}

static const char *find_named_sample(const cJSON *example, const char *key, const char *name)
{
	const cJSON *item;
	cJSON_ArrayForEach(item, cJSON_GetObjectItemCaseSensitive(example, key)) {
		const char *param = text_of(item, "param_name");
		if (param && strcmp(param, name) == 0)
			return text_of(item, "example");
	}
	return NULL;
}

struct samples {
	const cJSON *example;
	const char *key, *named_key;
	const char *first; /* of a URL's only parameter */
};

static void add_parameter(struct reader *reader, struct hsm_list *parameters, const char *sample)
{
	if (!parameters->items)
		parameters->items = hsm_arena_allocate_array(reader->arena, NAMES_MAX, sizeof(struct hsm_wire_parameter));
	if (parameters->count == NAMES_MAX) {
		fail(reader, "more than 256", "parameters");
		return;
	}
	reader->template->invented += !sample;
	*HSM_LIST_ITEM(*parameters, struct hsm_wire_parameter, parameters->count) = (struct hsm_wire_parameter){
		.node.present = true,
		.type.text = "TEXT",
		.text = { .node.present = true,
			  .default_value.text = sample ? hsm_arena_copy_string(reader->arena, sample) : "sample" },
	};
	parameters->count++;
	parameters->present = true;
}

static size_t find_name(const struct reader *reader, size_t first, const char *name)
{
	size_t i = first;
	while (i < reader->name_count && strcmp(reader->names[i], name) != 0)
		i++;
	return i - first;
}

/* {{first_name}} becomes {{1}}; numbers stay. */
static const char *number_named(struct reader *reader, const char *text, const struct samples *samples,
				struct hsm_list *parameters)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	size_t first = reader->name_count;
	for (const char *c = text; *c;) {
		const char *end = strncmp(c, "{{", 2) == 0 ? strstr(c, "}}") : NULL;
		if (!end) {
			hsm_buffer_append_char(&buffer, *c++);
			continue;
		}
		const char *name = hsm_arena_copy(reader->arena, c + 2, (size_t)(end - c) - 2);
		size_t index = find_name(reader, first, name);
		if (first + index == reader->name_count && reader->name_count < NAMES_MAX) {
			reader->names[reader->name_count++] = name;
			const char *sample = samples->first ? samples->first :
					     find_named_sample(samples->example, samples->named_key, name);
			add_parameter(reader, parameters, sample);
		}
		hsm_buffer_append_format(&buffer, "{{%zu}}", index + 1);
		c = end + 2;
	}
	text = hsm_arena_copy(reader->arena, hsm_buffer_text(&buffer), buffer.length);
	hsm_buffer_release(&buffer);
	return text;
}

/* The highest number of a placeholder. */
static size_t highest_number(const char *text)
{
	unsigned long highest = 0;
	for (const char *c = strstr(text, "{{"); c; c = strstr(c + 2, "{{")) {
		unsigned long number = strtoul(c + 2, NULL, 10);
		highest = number > highest ? number : highest;
	}
	return highest < NAMES_MAX ? highest : NAMES_MAX;
}

static const char *read_text(struct reader *reader, const char *text, const struct samples *samples,
			     struct hsm_list *parameters)
{
	if (reader->named)
		return number_named(reader, text, samples, parameters);
	size_t count = highest_number(text);
	for (size_t i = 0; i < count; i++)
		add_parameter(reader, parameters,
			      samples->first ? samples->first : find_sample(samples->example, samples->key, i));
	return hsm_arena_copy_string(reader->arena, text);
}

static void read_header(struct reader *reader, const cJSON *json, struct hsm_wire_component *component)
{
	const cJSON *example = cJSON_GetObjectItemCaseSensitive(json, "example");
	struct samples samples = { example, "header_text", "header_text_named_params", NULL };
	const char *format = text_of(json, "format"), *text = text_of(json, "text");
	component->format.text = copy_upper(reader->arena, format ? format : "TEXT");
	if (strcmp(component->format.text, "TEXT") == 0) {
		component->text.text = read_text(reader, text ? text : "", &samples, &component->parameters);
	} else {
		const char *handle = find_sample(example, "header_handle", 0);
		component->media.text = hsm_arena_copy_string(reader->arena, handle);
	}
}

/* The id that a flow receives: Meta's quick replies have only a text. */
static const char *make_id(struct hsm_arena *arena, const char *title)
{
	struct hsm_buffer id = HSM_BUFFER_INIT(256);
	for (const char *c = title; *c; c++) {
		if (isalnum((unsigned char)*c))
			hsm_buffer_append_char(&id, (char)toupper((unsigned char)*c));
		else if (id.length && id.data[id.length - 1] != '_' && (unsigned char)*c < 0x80)
			hsm_buffer_append_char(&id, '_');
	}
	while (id.length && id.data[id.length - 1] == '_')
		id.data[--id.length] = '\0';
	const char *copy = hsm_arena_format(arena, "PAYLOAD%s%s", id.length ? "_" : "", hsm_buffer_text(&id));
	hsm_buffer_release(&id);
	return copy;
}

static const char *first_example(const cJSON *json)
{
	const cJSON *example = cJSON_GetObjectItemCaseSensitive(json, "example");
	const cJSON *first = cJSON_IsArray(example) ? cJSON_GetArrayItem(example, 0) : example;
	return cJSON_IsString(first) ? first->valuestring : NULL;
}

/* The part of the sample URL that the variable stands for. */
static const char *url_sample(struct hsm_arena *arena, const char *url, const char *sample)
{
	const char *variable = strstr(url, "{{");
	size_t length = variable ? (size_t)(variable - url) : 0;
	if (sample && variable && strncmp(sample, url, length) == 0 && sample[length])
		return hsm_arena_copy_string(arena, sample + length);
	return sample;
}

static void read_button(struct reader *reader, const cJSON *json, struct hsm_wire_button *button)
{
	struct hsm_arena *arena = reader->arena;
	const char *type = copy_upper(arena, text_of(json, "type"));
	const char *title = hsm_arena_copy_string(arena, text_of(json, "text"));
	button->node.present = true;
	button->type.text = type ? type : "?";
	if (type && strcmp(type, "QUICK_REPLY") == 0 && title) {
		button->type.text = "REPLY";
		button->reply = (struct hsm_wire_reply){ .node.present = true, .id.text = make_id(arena, title),
							 .title.text = title };
	} else if (type && strcmp(type, "URL") == 0 && title && text_of(json, "url")) {
		const char *url = text_of(json, "url");
		struct samples samples = { .first = url_sample(arena, url, first_example(json)) };
		button->url.node.present = true;
		button->url.title.text = title;
		button->url.url.text = read_text(reader, url, &samples, &button->url.parameters);
	} else if (type && strcmp(type, "PHONE_NUMBER") == 0 && title && text_of(json, "phone_number")) {
		button->phone_number = (struct hsm_wire_phone_number){
			.node.present = true, .title.text = title,
			.phone_number.text = hsm_arena_copy_string(arena, text_of(json, "phone_number")) };
	} else if (type && strcmp(type, "COPY_CODE") == 0 && first_example(json)) {
		button->copy_code = (struct hsm_wire_copy_code){
			.node.present = true, .example.text = hsm_arena_copy_string(arena, first_example(json)) };
	} else {
		fail(reader, "a button of type", type ? type : "none");
	}
}

static void make_ids_unique(struct hsm_arena *arena, struct hsm_list *buttons)
{
	for (size_t i = 0; i < buttons->count; i++) {
		struct hsm_wire_button *button = HSM_LIST_ITEM(*buttons, struct hsm_wire_button, i);
		const char *base = button->reply.id.text;
		for (size_t j = 0, next = 2; base && j < i;) {
			const char *other = HSM_LIST_ITEM(*buttons, struct hsm_wire_button, j++)->reply.id.text;
			if (!other || strcmp(other, button->reply.id.text) != 0)
				continue;
			button->reply.id.text = hsm_arena_format(arena, "%s_%zu", base, next++);
			j = 0;
		}
	}
}

static void read_buttons(struct reader *reader, const cJSON *json, struct hsm_list *buttons)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "buttons"), *item;
	size_t count = (size_t)cJSON_GetArraySize(list);
	buttons->items = hsm_arena_allocate_array(reader->arena, count, sizeof(struct hsm_wire_button));
	buttons->present = true;
	cJSON_ArrayForEach(item, list)
		read_button(reader, item, HSM_LIST_ITEM(*buttons, struct hsm_wire_button, buttons->count++));
	make_ids_unique(reader->arena, buttons);
}

static void read_component(struct reader *reader, const cJSON *json, struct hsm_wire_component *component)
{
	const char *type = copy_upper(reader->arena, text_of(json, "type")), *text = text_of(json, "text");
	struct samples samples = { cJSON_GetObjectItemCaseSensitive(json, "example"), "body_text",
				   "body_text_named_params", NULL };
	component->node.present = true;
	component->type.text = type ? type : "?";
	if (type && strcmp(type, "HEADER") == 0)
		read_header(reader, json, component);
	else if (type && (strcmp(type, "BODY") == 0 || strcmp(type, "FOOTER") == 0) && text)
		component->text.text = read_text(reader, text, &samples, &component->parameters);
	else if (type && strcmp(type, "BODY") == 0)
		fail(reader, "a body", "without text, which Meta writes itself");
	else if (type && strcmp(type, "FOOTER") == 0)
		fail(reader, "a footer", "without text, which Meta writes itself");
	else if (type && strcmp(type, "BUTTONS") == 0)
		read_buttons(reader, json, &component->buttons);
	else
		fail(reader, "a component of type", type ? type : "none");
}

int hsm_meta_read(struct hsm_arena *arena, const cJSON *json, struct hsm_meta_template *template,
		  const char **problem)
{
	struct reader reader = { .arena = arena, .template = template };
	const cJSON *components = cJSON_GetObjectItemCaseSensitive(json, "components"), *item;
	const char *format = text_of(json, "parameter_format");
	size_t count = (size_t)cJSON_GetArraySize(components);
	*template = (struct hsm_meta_template){
		.name = hsm_arena_copy_string(arena, text_of(json, "name")),
		.language = hsm_arena_copy_string(arena, text_of(json, "language")),
		.category = copy_upper(arena, text_of(json, "category")),
		.status = copy_upper(arena, text_of(json, "status")),
	};
	reader.named = format && strcasecmp(format, "NAMED") == 0;
	template->components.items = hsm_arena_allocate_array(arena, count, sizeof(struct hsm_wire_component));
	template->components.present = true;
	cJSON_ArrayForEach(item, components)
		read_component(&reader, item, HSM_LIST_ITEM(template->components, struct hsm_wire_component,
							    template->components.count++));
	if (reader.named) {
		template->names = hsm_arena_allocate_array(arena, reader.name_count, sizeof(*template->names));
		if (reader.name_count)
			memcpy(template->names, reader.names, reader.name_count * sizeof(*template->names));
		template->name_count = reader.name_count;
	}
	if (!count)
		fail(&reader, "no", "components");
	*problem = reader.problem;
	return reader.problem ? HSM_ERROR_INVALID : 0;
}
