#include "reconciler/import/keep.h"

#include <string.h>

/* Where all languages have one. */
static bool has_same_default(const struct hsm_parameter *a, const struct hsm_parameter *b)
{
	const char *one = a->default_value.value.text, *other = b->default_value.value.text;
	return one && other && strcmp(one, other) == 0;
}

static void keep_settings(struct hsm_template *template, const struct hsm_template *file)
{
	template->intent = file->intent;
	template->description = file->description;
	template->routes = file->routes;
	template->fallback = file->fallback;
	template->lifecycle = file->lifecycle;
	for (size_t i = 0; i < template->parameters.count; i++) {
		struct hsm_parameter *parameter = HSM_LIST_ITEM(template->parameters, struct hsm_parameter, i);
		const char *name = parameter->node.key.text;
		const struct hsm_parameter *known = hsm_template_find_parameter(file, name, strlen(name));
		if (known) {
			parameter->description = known->description;
			parameter->max_length = known->max_length;
			parameter->truncate = known->truncate;
			parameter->emoji = known->emoji;
			parameter->allowed = known->allowed;
		}
	}
}

/* A path with variables says another one in each environment: what is written is for all. */
static void keep_sample(struct hsm_string *sample, const struct hsm_string *file)
{
	if (sample->text && file->text && !strstr(file->text, "${"))
		*sample = *file;
}

static void keep_header(struct hsm_header *header, const struct hsm_header *file)
{
	keep_sample(&header->image, &file->image);
	keep_sample(&header->video, &file->video);
	keep_sample(&header->document, &file->document);
}

/* By their titles: their places may have changed. */
static void keep_ids(const struct hsm_list *buttons, const struct hsm_list *file)
{
	for (size_t i = 0; i < buttons->count; i++) {
		struct hsm_button_reply *reply = &HSM_LIST_ITEM(*buttons, struct hsm_button, i)->reply;
		for (size_t j = 0; j < file->count && reply->node.present; j++) {
			const struct hsm_button_reply *known = &HSM_LIST_ITEM(*file, struct hsm_button, j)->reply;
			if (!known->node.present || strcmp(known->title.text, reply->title.text) != 0)
				continue;
			reply->id = known->id;
			reply->data = known->data;
			break;
		}
	}
}

/* Everything is a text there; what was no date may be none. */
static void keep_types(struct hsm_template *template, const struct hsm_template *file)
{
	for (size_t i = 0; i < template->parameters.count; i++) {
		struct hsm_parameter *parameter = HSM_LIST_ITEM(template->parameters, struct hsm_parameter, i);
		const char *name = parameter->node.key.text;
		const struct hsm_parameter *known = hsm_template_find_parameter(file, name, strlen(name));
		if (!known || !has_same_default(parameter, known))
			continue;
		parameter->type = known->type;
		parameter->code = known->code;
		parameter->amount_1000 = known->amount_1000;
	}
}

static void keep_translation(struct hsm_translation *translation, const struct hsm_translation *file)
{
	keep_header(&translation->header, &file->header);
	keep_ids(&translation->buttons, &file->buttons);
	for (size_t i = 0; i < translation->carousel.count && i < file->carousel.count; i++) {
		struct hsm_card *card = HSM_LIST_ITEM(translation->carousel, struct hsm_card, i);
		const struct hsm_card *known = HSM_LIST_ITEM(file->carousel, struct hsm_card, i);
		keep_header(&card->header, &known->header);
		keep_ids(&card->buttons, &known->buttons);
	}
}

void hsm_import_keep(enum hsm_backend_word backend, struct hsm_template *template, const struct hsm_template *file)
{
	keep_settings(template, file);
	if (backend != HSM_BACKEND_META)
		return;
	keep_types(template, file);
	for (size_t i = 0; i < template->translations.count; i++) {
		struct hsm_translation *translation = HSM_LIST_ITEM(template->translations, struct hsm_translation, i);
		for (size_t j = 0; j < file->translations.count; j++) {
			const struct hsm_translation *known = HSM_LIST_ITEM(file->translations, struct hsm_translation, j);
			if (strcmp(known->node.key.text, translation->node.key.text) == 0)
				keep_translation(translation, known);
		}
	}
}
