#include "schema/meta.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "schema/base/buffer.h"
#include "schema/base/text.h"
#include "schema/template.h"

enum { NAMES_MAX = 256, APPS_MAX = 5, ITEMS_MAX = 1000 };

struct reader {
	struct hsm_arena *arena;
	struct hsm_meta_template *template;
	const char *names[NAMES_MAX];
	size_t name_count;
	size_t item_count; /* components, cards and buttons */
	bool named;
	bool generated; /* Meta wrote its body and footer */
	const char *problem;
};

static const char *text_of(const cJSON *object, const char *key)
{
	const cJSON *item = cJSON_GetObjectItemCaseSensitive(object, key);
	return cJSON_IsString(item) ? item->valuestring : NULL;
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

/* How many of a list are read: all, or, where they are more than a template may have, none. */
static size_t take_items(struct reader *reader, const cJSON *list)
{
	size_t count = (size_t)cJSON_GetArraySize(list);
	if (count > ITEMS_MAX - reader->item_count) {
		reader->problem = "more components, cards and buttons than a template may have";
		return 0;
	}
	reader->item_count += count;
	return count;
}

struct samples {
	const cJSON *example;
	const char *key, *named_key;
	const char *first; /* of a URL's only parameter */
};

static void add_parameter(struct reader *reader, struct hsm_list *parameters, const char *name, const char *sample)
{
	if (reader->name_count == NAMES_MAX) {
		reader->problem = "more than 256 parameters";
		return;
	}
	reader->template->invented += !sample;
	reader->names[reader->name_count++] = name;
	*HSM_LIST_ITEM(*parameters, struct hsm_wire_parameter, parameters->count) = (struct hsm_wire_parameter){
		.node.present = true,
		.name.text = name,
		.type.text = "TEXT",
		.text = { .node.present = true,
			  .default_value.text = sample ? hsm_arena_copy_string(reader->arena, sample) : "sample" },
	};
	parameters->count++;
	parameters->present = true;
}

/* Named templates number the placeholder of a URL: it has no name then. */
static const char *read_name(struct hsm_arena *arena, const char *text, size_t length)
{
	return strspn(text, "0123456789") >= length ? NULL : hsm_arena_copy(arena, text, length);
}

static size_t find_name(const struct hsm_list *parameters, const char *name)
{
	size_t i = 0;
	for (; i < parameters->count; i++) {
		const char *other = HSM_LIST_ITEM(*parameters, struct hsm_wire_parameter, i)->name.text;
		if (name && other ? strcmp(name, other) == 0 : name == other)
			break;
	}
	return i;
}

/* {{first_name}} becomes {{1}}. */
static const char *number_named(struct reader *reader, const char *text, const struct samples *samples,
				struct hsm_list *parameters)
{
	struct hsm_buffer buffer = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	for (const char *c = text; *c;) {
		const char *end = strncmp(c, "{{", 2) == 0 ? strstr(c, "}}") : NULL;
		if (!end) {
			hsm_buffer_append_char(&buffer, *c++);
			continue;
		}
		const char *name = read_name(reader->arena, c + 2, (size_t)(end - c) - 2);
		size_t index = find_name(parameters, name);
		if (index == parameters->count)
			add_parameter(reader, parameters, name,
				      samples->first ? samples->first :
				      name ? find_named_sample(samples->example, samples->named_key, name) : NULL);
		hsm_buffer_append_format(&buffer, "{{%zu}}", index + 1);
		c = end + 2;
	}
	text = hsm_arena_copy(reader->arena, hsm_buffer_text(&buffer), buffer.length);
	hsm_buffer_release(&buffer);
	return text;
}

static size_t count_placeholders(const char *text)
{
	size_t count = 0;
	for (const char *c = strstr(text, "{{"); c; c = strstr(c + 2, "{{"))
		count++;
	return count;
}

/* The highest number of a placeholder. */
static size_t highest_number(const char *text)
{
	unsigned long highest = 0;
	for (const char *c = strstr(text, "{{"); c; c = strstr(c + 2, "{{")) {
		unsigned long number = strtoul(c + 2, NULL, 10);
		highest = number > highest ? number : highest;
	}
	return highest;
}

static const char *read_text(struct reader *reader, const char *text, const struct samples *samples,
			     struct hsm_list *parameters)
{
	size_t count = reader->named ? count_placeholders(text) : highest_number(text);
	size_t room = NAMES_MAX - reader->name_count;
	if (count)
		parameters->items = hsm_arena_allocate_array(reader->arena, count < room ? count : room,
							     sizeof(struct hsm_wire_parameter));
	if (reader->named)
		return number_named(reader, text, samples, parameters);
	for (size_t i = 0; i < count && i <= room; i++)
		add_parameter(reader, parameters, NULL,
			      samples->first ? samples->first : find_sample(samples->example, samples->key, i));
	return hsm_arena_copy_string(reader->arena, text);
}

/* Meta answers with an address of its own instead of the handle that it was given. */
static void keep_media(struct reader *reader, const char *handle)
{
	struct hsm_meta_template *template = reader->template;
	if (template->media_count == HSM_META_MEDIA_MAX) {
		reader->problem = "more media than a template may have";
		return;
	}
	template->media[template->media_count++] = handle ? hsm_arena_copy_string(reader->arena, handle) : "";
}

static void read_header(struct reader *reader, const cJSON *json, struct hsm_wire_component *component)
{
	const cJSON *example = cJSON_GetObjectItemCaseSensitive(json, "example");
	struct samples samples = { example, "header_text", "header_text_named_params", NULL };
	const char *format = text_of(json, "format"), *text = text_of(json, "text");
	component->format.text = hsm_text_upper_case(reader->arena, format ? format : "TEXT");
	if (strcmp(component->format.text, "TEXT") == 0)
		component->text.text = read_text(reader, text ? text : "", &samples, &component->parameters);
	else if (hsm_meta_is_media(component))
		keep_media(reader, find_sample(example, "header_handle", 0));
}

static const char *first_example(const cJSON *json)
{
	const cJSON *example = cJSON_GetObjectItemCaseSensitive(json, "example");
	const cJSON *first = cJSON_IsArray(example) ? cJSON_GetArrayItem(example, 0) : example;
	return cJSON_IsString(first) ? first->valuestring : NULL;
}

/* A query's parameter, decoded; NULL where it is not there. */
static const char *find_query(struct hsm_arena *arena, const char *url, const char *key)
{
	const char *query = strchr(url, '?');
	size_t length = strlen(key);
	for (const char *at = query; at; at = strchr(at + 1, '&')) {
		if (strncmp(at + 1, key, length) != 0 || at[1 + length] != '=')
			continue;
		const char *value = at + 2 + length;
		return hsm_text_percent_decode(arena, value, strcspn(value, "&"));
	}
	return NULL;
}

static void add_app(struct hsm_arena *arena, struct hsm_list *apps, const char *package_name, const char *hash)
{
	if (!package_name || !hash)
		return;
	if (!apps->items)
		apps->items = hsm_arena_allocate_array(arena, APPS_MAX, sizeof(struct hsm_wire_app));
	if (apps->count == APPS_MAX)
		return;
	*HSM_LIST_ITEM(*apps, struct hsm_wire_app, apps->count) = (struct hsm_wire_app){
		.node.present = true,
		.package_name.text = hsm_arena_copy_string(arena, package_name),
		/* Older bodies have it as a query would. */
		.signature_hash.text = hsm_text_percent_decode(arena, hash, strlen(hash)),
	};
	apps->count++;
	apps->present = true;
}

static void read_otp(struct reader *reader, const cJSON *json, struct hsm_wire_otp *otp)
{
	struct hsm_arena *arena = reader->arena;
	const cJSON *app;
	otp->node.present = true;
	otp->otp_type.text = hsm_text_upper_case(arena, text_of(json, "otp_type"));
	otp->title.text = hsm_arena_copy_string(arena, text_of(json, "text"));
	otp->autofill_title.text = hsm_arena_copy_string(arena, text_of(json, "autofill_text"));
	cJSON_ArrayForEach(app, cJSON_GetObjectItemCaseSensitive(json, "supported_apps"))
		add_app(arena, &otp->apps, text_of(app, "package_name"), text_of(app, "signature_hash"));
	if (!otp->apps.count)
		add_app(arena, &otp->apps, text_of(json, "package_name"), text_of(json, "signature_hash"));
}

/* Lists show a button for one-time passwords as the address that it opens; NULL: it is none. */
static const char *find_otp_address(const cJSON *json)
{
	static const char prefix[] = "https://www.whatsapp.com/otp/code/";
	const char *url = text_of(json, "url");
	return url && strncmp(url, prefix, sizeof(prefix) - 1) == 0 ? url : NULL;
}

static bool read_otp_address(struct reader *reader, const cJSON *json, struct hsm_wire_button *button)
{
	struct hsm_arena *arena = reader->arena;
	const char *url = find_otp_address(json), *type = url ? find_query(arena, url, "otp_type") : NULL;
	if (!type)
		return false;
	button->type.text = "OTP";
	button->otp.node.present = true;
	button->otp.otp_type.text = hsm_text_upper_case(arena, type);
	button->otp.title.text = hsm_arena_copy_string(arena, text_of(json, "text"));
	button->otp.autofill_title.text = find_query(arena, url, "cta_display_name");
	add_app(arena, &button->otp.apps, find_query(arena, url, "package_name"), find_query(arena, url, "signature_hash"));
	return true;
}

static void read_url(struct reader *reader, const cJSON *json, struct hsm_wire_url *url)
{
	const char *text = text_of(json, "url");
	struct samples samples = { .first = hsm_meta_url_sample(text, first_example(json)) };
	url->node.present = true;
	url->title.text = hsm_arena_copy_string(reader->arena, text_of(json, "text"));
	url->url.text = read_text(reader, text, &samples, &url->parameters);
}

/* Ids are texts in what is sent, and may be numbers in what is listed. */
static const char *read_id(struct hsm_arena *arena, const cJSON *json, const char *key)
{
	const cJSON *id = cJSON_GetObjectItemCaseSensitive(json, key);
	bool whole = cJSON_IsNumber(id) && id->valuedouble >= 1 && id->valuedouble <= 9007199254740992.0; /* 2^53 */
	return whole ? hsm_arena_format(arena, "%.0f", id->valuedouble) : hsm_arena_copy_string(arena, text_of(json, key));
}

static void read_flow(struct reader *reader, const cJSON *json, struct hsm_wire_flow *flow)
{
	struct hsm_arena *arena = reader->arena;
	*flow = (struct hsm_wire_flow){
		.node.present = true,
		.title.text = hsm_arena_copy_string(arena, text_of(json, "text")),
		.id.text = read_id(arena, json, "flow_id"),
		.name.text = hsm_arena_copy_string(arena, text_of(json, "flow_name")),
		.json.text = hsm_arena_copy_string(arena, text_of(json, "flow_json")),
		.action.text = hsm_arena_copy_string(arena, text_of(json, "flow_action")),
		.screen.text = hsm_arena_copy_string(arena, text_of(json, "navigate_screen")),
	};
}

static void read_button(struct reader *reader, const cJSON *json, struct hsm_wire_button *button)
{
	struct hsm_arena *arena = reader->arena;
	const char *type = text_of(json, "type"), *phone_number = text_of(json, "phone_number");
	const char *title = hsm_arena_copy_string(arena, text_of(json, "text"));
	button->node.present = true;
	button->type.text = type = type ? hsm_text_upper_case(arena, type) : "?";
	if (strcmp(type, "QUICK_REPLY") == 0 && title) {
		button->type.text = "REPLY";
		button->reply = (struct hsm_wire_reply){ .node.present = true, .title.text = title };
	} else if (strcmp(type, "URL") == 0 && title && text_of(json, "url")) {
		if (!read_otp_address(reader, json, button))
			read_url(reader, json, &button->url);
	} else if (strcmp(type, "PHONE_NUMBER") == 0 && title && phone_number) {
		button->phone_number = (struct hsm_wire_phone_number){
			.node.present = true, .title.text = title,
			.phone_number.text = hsm_arena_copy_string(arena, phone_number + (*phone_number == '+')) };
	} else if (strcmp(type, "COPY_CODE") == 0 && first_example(json)) {
		button->copy_code = (struct hsm_wire_copy_code){
			.node.present = true, .example.text = hsm_arena_copy_string(arena, first_example(json)) };
	} else if (strcmp(type, "OTP") == 0 && text_of(json, "otp_type")) {
		read_otp(reader, json, &button->otp);
	} else if (strcmp(type, "FLOW") == 0 && title) {
		read_flow(reader, json, &button->flow);
	} else {
		button->plain = (struct hsm_wire_plain){ .node.present = true, .title.text = title };
	}
}

static void read_buttons(struct reader *reader, const cJSON *json, struct hsm_list *buttons)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "buttons"), *item;
	size_t count = take_items(reader, list);
	buttons->items = hsm_arena_allocate_array(reader->arena, count, sizeof(struct hsm_wire_button));
	buttons->present = true;
	for (item = count ? list->child : NULL; item; item = item->next)
		read_button(reader, item, HSM_LIST_ITEM(*buttons, struct hsm_wire_button, buttons->count++));
}

static void read_limited_time_offer(struct reader *reader, const cJSON *json, struct hsm_wire_component *component)
{
	const cJSON *offer = cJSON_GetObjectItemCaseSensitive(json, "limited_time_offer");
	component->text.text = hsm_arena_copy_string(reader->arena, text_of(offer, "text"));
	component->has_expiration = (struct hsm_boolean){
		.value = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(offer, "has_expiration")), .present = true };
}

static bool is_of_type(const cJSON *json, const char *type)
{
	const char *found = text_of(json, "type");
	return found && strcasecmp(found, type) == 0;
}

/* Whether Meta writes the texts: it says a body's then, but with a code in it that is not the file's. */
static bool is_generated(const cJSON *components)
{
	const cJSON *component, *button;
	cJSON_ArrayForEach(component, components) {
		if (is_of_type(component, "BODY") && (!text_of(component, "text") ||
						      cJSON_GetObjectItemCaseSensitive(component, "add_security_recommendation")))
			return true;
		cJSON_ArrayForEach(button, cJSON_GetObjectItemCaseSensitive(component, "buttons"))
			if (is_of_type(button, "OTP") || find_otp_address(button))
				return true;
	}
	return false;
}

static void read_body(struct reader *reader, const cJSON *json, struct hsm_wire_component *component)
{
	struct samples samples = { cJSON_GetObjectItemCaseSensitive(json, "example"), "body_text",
				   "body_text_named_params", NULL };
	const char *text = text_of(json, "text");
	if (reader->generated)
		component->security_recommendation = (struct hsm_boolean){
			.value = cJSON_IsTrue(cJSON_GetObjectItemCaseSensitive(json, "add_security_recommendation")), .present = true };
	else
		component->text.text = read_text(reader, text ? text : "", &samples, &component->parameters);
}

static void read_footer(struct reader *reader, const cJSON *json, struct hsm_wire_component *component)
{
	const cJSON *minutes = cJSON_GetObjectItemCaseSensitive(json, "code_expiration_minutes");
	if (cJSON_IsNumber(minutes))
		component->code_expiration_minutes = (struct hsm_integer){ .value = minutes->valueint, .present = true };
	else
		component->text.text = hsm_arena_copy_string(reader->arena, text_of(json, "text"));
}

static void read_components(struct reader *reader, const cJSON *json, struct hsm_list *components);

static void read_cards(struct reader *reader, const cJSON *json, struct hsm_list *cards)
{
	const cJSON *list = cJSON_GetObjectItemCaseSensitive(json, "cards"), *item;
	size_t count = take_items(reader, list);
	cards->items = hsm_arena_allocate_array(reader->arena, count, sizeof(struct hsm_wire_card));
	cards->present = true;
	for (item = count ? list->child : NULL; item; item = item->next) {
		struct hsm_wire_card *card = HSM_LIST_ITEM(*cards, struct hsm_wire_card, cards->count++);
		card->node.present = true;
		read_components(reader, cJSON_GetObjectItemCaseSensitive(item, "components"), &card->components);
	}
}

/* Components that are not known here keep their type: they differ from any that a file has. */
static void read_component(struct reader *reader, const cJSON *json, struct hsm_wire_component *component)
{
	const char *type = text_of(json, "type");
	component->node.present = true;
	component->type.text = type = type ? hsm_text_upper_case(reader->arena, type) : "?";
	if (strcmp(type, "HEADER") == 0)
		read_header(reader, json, component);
	else if (strcmp(type, "BODY") == 0)
		read_body(reader, json, component);
	else if (strcmp(type, "FOOTER") == 0)
		read_footer(reader, json, component);
	else if (strcmp(type, "BUTTONS") == 0)
		read_buttons(reader, json, &component->buttons);
	else if (strcmp(type, "LIMITED_TIME_OFFER") == 0)
		read_limited_time_offer(reader, json, component);
	else if (strcmp(type, "CAROUSEL") == 0)
		read_cards(reader, json, &component->cards);
	else
		component->text.text = hsm_arena_copy_string(reader->arena, text_of(json, "text"));
}

static void read_components(struct reader *reader, const cJSON *json, struct hsm_list *components)
{
	size_t count = take_items(reader, json);
	const cJSON *item;
	/* One more, for the options of a template. */
	components->items = hsm_arena_allocate_array(reader->arena, count + 1, sizeof(struct hsm_wire_component));
	components->present = true;
	for (item = count ? json->child : NULL; item; item = item->next)
		read_component(reader, item, HSM_LIST_ITEM(*components, struct hsm_wire_component, components->count++));
}

/* CUSTOM, which lists show, is none. */
static void read_options(struct reader *reader, const cJSON *json, struct hsm_list *components)
{
	const char *sub_category = hsm_text_upper_case(reader->arena, text_of(json, "sub_category"));
	const cJSON *seconds = cJSON_GetObjectItemCaseSensitive(json, "message_send_ttl_seconds");
	bool known = sub_category && hsm_word_find(hsm_sub_category_words, sub_category);
	if (!known && !(cJSON_IsNumber(seconds) && seconds->valueint > 0))
		return;
	struct hsm_wire_component *options = HSM_LIST_ITEM(*components, struct hsm_wire_component, components->count++);
	*options = (struct hsm_wire_component){ .node.present = true, .type.text = "OPTIONS" };
	options->sub_category.text = known ? sub_category : NULL;
	if (cJSON_IsNumber(seconds) && seconds->valueint > 0)
		options->time_to_live = (struct hsm_integer){ .value = seconds->valueint, .present = true };
}

static void keep_names(const struct reader *reader)
{
	struct hsm_meta_template *template = reader->template;
	template->name_count = reader->name_count;
	template->names = hsm_arena_allocate_array(reader->arena, reader->name_count, sizeof(*template->names));
	for (size_t i = 0; i < reader->name_count; i++)
		template->names[i] = reader->names[i];
}

int hsm_meta_read(struct hsm_arena *arena, const cJSON *json, struct hsm_meta_template *template,
		  const char **problem)
{
	struct reader reader = { .arena = arena, .template = template };
	const cJSON *components = cJSON_GetObjectItemCaseSensitive(json, "components");
	const char *format = text_of(json, "parameter_format");
	*template = (struct hsm_meta_template){
		.name = hsm_arena_copy_string(arena, text_of(json, "name")),
		.language = hsm_arena_copy_string(arena, text_of(json, "language")),
		.category = hsm_text_upper_case(arena, text_of(json, "category")),
		.status = hsm_text_upper_case(arena, text_of(json, "status")),
	};
	reader.named = format && strcasecmp(format, "NAMED") == 0;
	reader.generated = is_generated(components);
	read_components(&reader, components, &template->components);
	if (!template->components.count && !reader.problem)
		reader.problem = "it has no components";
	read_options(&reader, json, &template->components);
	if (reader.named)
		keep_names(&reader);
	*problem = reader.problem;
	return reader.problem ? HSM_ERROR_INVALID : 0;
}
