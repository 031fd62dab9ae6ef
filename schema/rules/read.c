/* Reads a template's texts once, with everything that rules count, so that each rule only looks. */
#include <ctype.h>
#include <string.h>
#include <utf8proc.h>

#include "schema/base/text.h"
#include "schema/compile.h"
#include "schema/payload.h"
#include "schema/rules/check.h"

/* The digits, '#', '*', (c) and the like are text unless a selector follows. */
static bool is_emoji(int32_t code_point)
{
	return code_point >= 0x203c && code_point != 0x2122 && code_point != 0x2139 &&
	       utf8proc_get_property(code_point)->boundclass == UTF8PROC_BOUNDCLASS_EXTENDED_PICTOGRAPHIC;
}

static bool is_flag_letter(int32_t code_point)
{
	return code_point >= 0x1f1e6 && code_point <= 0x1f1ff;
}

/* Thai, Lao, Myanmar, Khmer, Han, Kana. */
static bool is_spaceless(int32_t code_point)
{
	return (code_point >= 0x0e00 && code_point < 0x0f00) || (code_point >= 0x1000 && code_point < 0x10a0) ||
	       (code_point >= 0x1780 && code_point < 0x1800) || (code_point >= 0x2e80 && code_point < 0xa000) ||
	       (code_point >= 0x20000 && code_point < 0x30000);
}

static size_t name_length(const char *text)
{
	size_t length = 0;
	while (isalnum((unsigned char)text[length]) || text[length] == '_')
		length++;
	return length;
}

const char *hsm_check_read_default(struct hsm_checker *checker, const struct hsm_parameter *parameter,
				   const char *language)
{
	const struct hsm_string *value = hsm_string_by_key_find(&parameter->default_value, language);
	struct hsm_findings ignored = { 0 }; /* compiling has told them */
	const char *text = value && value->text ? hsm_compile_variables(&checker->arena, checker->config,
									checker->environment, language, value, &ignored) :
						  NULL;
	hsm_findings_release(&ignored);
	return text;
}

static size_t count_placeholders(const char *text)
{
	size_t count = 0;
	for (const char *c = strstr(text, "{{"); c; c = strstr(c + 2, "{{"))
		count++;
	return count;
}

/* Fills in the parameter of the placeholder at text->text + offset; false where there is none. */
static bool read_placeholder(struct hsm_checked_text *text, const struct hsm_template *template, size_t offset)
{
	const char *name = text->text + offset + 2;
	size_t length = name_length(name);
	if (!length || strncmp(name + length, "}}", 2) != 0)
		return false;
	const struct hsm_parameter *parameter = hsm_template_find_parameter(template, name, length);
	if (!parameter)
		return false;
	text->placeholders[text->placeholder_count++] =
		(struct hsm_checked_placeholder){ offset, length + 4, parameter };
	return true;
}

/* The placeholder at an offset: adds what it will be to the lengths. */
static void measure_placeholder(struct hsm_checker *checker, struct hsm_checked_text *text, const char *language)
{
	const struct hsm_parameter *parameter = text->placeholders[text->placeholder_count - 1].parameter;
	const char *value = hsm_check_read_default(checker, parameter, language);
	size_t length = value ? hsm_text_count_characters(value) : 0;
	text->characters += length;
	text->filled += parameter->max_length.present ? (size_t)parameter->max_length.value : length;
}

static size_t measure_character(struct hsm_checked_text *text, size_t at, int32_t *before)
{
	int32_t code_point = 0;
	utf8proc_ssize_t size = utf8proc_iterate((const utf8proc_uint8_t *)text->text + at,
						 (utf8proc_ssize_t)(text->length - at), &code_point);
	bool second = is_flag_letter(code_point) && is_flag_letter(*before);
	bool joined = *before == 0x200d; /* a family is joined of people */
	text->emoji += (is_emoji(code_point) && !joined) || (is_flag_letter(code_point) && !second);
	text->spaceless |= is_spaceless(code_point);
	text->ascii = false;
	*before = second ? 0 : code_point;
	return size > 0 ? (size_t)size : 1;
}

/* One walk over the text: everything that rules count. */
static void measure(struct hsm_checker *checker, struct hsm_checked_text *text, const struct hsm_template *template,
		    const char *language)
{
	bool in_word = false;
	int32_t before = 0;
	size_t characters = 0;
	for (size_t at = 0; at < text->length;) {
		unsigned char c = (unsigned char)text->text[at];
		if (c == '{' && text->placeholders && text->text[at + 1] == '{' && read_placeholder(text, template, at)) {
			measure_placeholder(checker, text, language);
			at += text->placeholders[text->placeholder_count - 1].length;
			in_word = false;
			continue;
		}
		if (isspace(c)) {
			in_word = false;
		} else if (!in_word && (c >= 0x80 || isalnum(c))) {
			text->words++;
			in_word = true;
		}
		characters++;
		if (c >= 0x80) {
			at += measure_character(text, at, &before);
			continue;
		}
		before = c;
		at++;
	}
	text->characters += characters;
	text->filled += characters;
}

/* Most texts have none. */
static const struct hsm_wording_place *find_phrases(struct hsm_checker *checker, const char *text)
{
	struct hsm_wording_place places[HSM_WORDING_MAX_] = { { 0, 0 } };
	bool any = false;
	hsm_wording_find(&checker->filter, text, places);
	for (size_t i = 0; i < HSM_WORDING_MAX_; i++)
		any |= places[i].length > 0;
	if (!any)
		return NULL;
	struct hsm_wording_place *kept = hsm_arena_allocate(&checker->arena, sizeof(places));
	memcpy(kept, places, sizeof(places));
	return kept;
}

static struct hsm_checked_text read_text(struct hsm_checker *checker, const struct hsm_template *template,
					 const char *language, const char *component, const struct hsm_string *string)
{
	struct hsm_checked_text text = { .component = component, .string = string, .ascii = true };
	struct hsm_findings ignored = { 0 }; /* compiling has told them */
	if (!string->text)
		return text;
	text.text = hsm_compile_variables(&checker->arena, checker->config, checker->environment, language, string,
					  &ignored);
	hsm_findings_release(&ignored);
	text.replaced = text.text != string->text;
	if (!text.text)
		return text;
	text.length = strlen(text.text);
	size_t count = count_placeholders(text.text);
	if (count)
		text.placeholders = hsm_arena_allocate_array(&checker->arena, count, sizeof(*text.placeholders));
	measure(checker, &text, template, language);
	text.phrases = find_phrases(checker, text.text);
	return text;
}

static void read_buttons(struct hsm_checker *checker, struct hsm_checked_part *part)
{
	static const struct hsm_string none;
	size_t count = part->buttons->count;
	if (!count)
		return;
	size_t fills = 0; /* buttons with a second title */
	for (size_t i = 0; i < count; i++)
		fills += hsm_check_button(part, i)->otp.autofill_title.text != NULL;
	part->titles = hsm_arena_allocate_array(&checker->arena, count + fills, sizeof(*part->titles));
	part->urls = hsm_arena_allocate_array(&checker->arena, count, sizeof(*part->urls));
	part->payloads = hsm_arena_allocate_array(&checker->arena, count, sizeof(*part->payloads));
	for (size_t i = 0; i < count; i++) {
		const struct hsm_button *button = hsm_check_button(part, i);
		const struct hsm_string *titles[] = { hsm_button_title(button), &button->otp.autofill_title };
		const struct hsm_string *url = button->url.node.present ? &button->url.url : &none;
		for (size_t j = 0; j < 2; j++)
			if (titles[j]->text)
				part->titles[part->title_count++] =
					read_text(checker, part->template, part->language, "button title", titles[j]);
		part->urls[i] = read_text(checker, part->template, part->language, "button URL", url);
		if (button->reply.node.present)
			part->payloads[i] = hsm_payload_encode(&checker->arena, button->reply.id.text, &button->reply.data);
	}
}

static const char *label(struct hsm_checker *checker, const struct hsm_checked_part *part, const char *component)
{
	return part->card ? hsm_arena_format(&checker->arena, "card %zu %s", part->card, component) : component;
}

/* Of a part what the file says is there: now its texts. */
static void read_part(struct hsm_checker *checker, const struct hsm_string *body, const struct hsm_string *footer,
		      struct hsm_checked_part *part)
{
	const struct hsm_template *template = part->template;
	const char *language = part->language;
	part->header = read_text(checker, template, language, label(checker, part, "header"), &part->heading->text);
	part->body = read_text(checker, template, language, label(checker, part, "body"), body);
	part->footer = read_text(checker, template, language, "footer", footer);
	read_buttons(checker, part);
}

static void read_parts(struct hsm_checker *checker, struct hsm_checked_translation *checked)
{
	static const struct hsm_string no_footer;
	const struct hsm_translation *translation = checked->translation;
	struct hsm_checked_part *part;
	checked->part_count = 1 + translation->carousel.count;
	checked->parts = part = hsm_arena_allocate_array(&checker->arena, checked->part_count, sizeof(*part));
	*part = (struct hsm_checked_part){ .template = checked->template, .language = checked->language,
					   .mark = translation->node.key.mark, .heading = &translation->header,
					   .buttons = &translation->buttons };
	read_part(checker, &translation->body, &translation->footer, part);
	for (size_t i = 0; i < translation->carousel.count; i++) {
		const struct hsm_card *card = HSM_LIST_ITEM(translation->carousel, struct hsm_card, i);
		*++part = (struct hsm_checked_part){ .template = checked->template, .language = checked->language,
						     .card = i + 1, .mark = card->node.mark, .heading = &card->header,
						     .buttons = &card->buttons };
		read_part(checker, &card->body, &no_footer, part);
	}
}

/* The APIs of the chosen environment, or of all that have the translation. */
static unsigned find_backends(const struct hsm_config *config, const struct hsm_environment *chosen, const char *name,
			      const char *language)
{
	unsigned backends = 0;
	for (size_t i = 0; !chosen && i < config->environments.count; i++) {
		const struct hsm_environment *environment =
			HSM_LIST_ITEM(config->environments, struct hsm_environment, i);
		if (hsm_environment_has_template(environment, name) && hsm_environment_has_language(environment, language))
			backends |= 1U << hsm_config_find_backend(config, environment);
	}
	return backends ? backends : 1U << hsm_config_find_backend(config, chosen);
}

struct hsm_checked_template hsm_check_read_template(struct hsm_checker *checker, const struct hsm_environment *chosen,
						    const struct hsm_template *template)
{
	const struct hsm_list *list = &template->translations;
	struct hsm_checked_template checked = { .template = template, .count = list->count };
	checked.translations = hsm_arena_allocate_array(&checker->arena, list->count, sizeof(*checked.translations));
	for (size_t i = 0; i < list->count; i++) {
		const struct hsm_translation *translation = HSM_LIST_ITEM(*list, struct hsm_translation, i);
		struct hsm_checked_translation *one = &checked.translations[i];
		const char *language = translation->node.key.text;
		*one = (struct hsm_checked_translation){
			.template = template, .translation = translation, .language = language,
			.backends = find_backends(checker->config, chosen, template->name.text, language) };
		one->offer = read_text(checker, template, language, "offer", &translation->limited_time_offer.text);
		read_parts(checker, one);
		checked.backends |= one->backends;
	}
	return checked;
}
