#include "schema/meta.h"

#include <string.h>

const char *hsm_meta_url_sample(const char *url, const char *sample)
{
	const char *variable = url ? strstr(url, "{{") : NULL;
	size_t length = variable ? (size_t)(variable - url) : 0;
	return sample && variable && strncmp(sample, url, length) == 0 && sample[length] ? sample + length : sample;
}

static void project_parameters(struct hsm_list *parameters)
{
	for (size_t i = 0; i < parameters->count; i++) {
		struct hsm_wire_parameter *parameter = HSM_LIST_ITEM(*parameters, struct hsm_wire_parameter, i);
		const char *sample = hsm_message_parameter_sample(parameter);
		*parameter = (struct hsm_wire_parameter){
			.node.present = true,
			.name = parameter->name,
			.type.text = "TEXT",
			.text = { .node.present = true, .default_value.text = sample },
		};
	}
}

static void project_button(struct hsm_wire_button *button)
{
	struct hsm_string *number = &button->phone_number.phone_number;
	button->reply.id.text = NULL;
	if (number->text && *number->text == '+')
		number->text++;
	project_parameters(&button->url.parameters);
	/* The variable of an address has a number, whatever the template's format is. */
	for (size_t i = 0; i < button->url.parameters.count; i++) {
		struct hsm_wire_parameter *parameter = HSM_LIST_ITEM(button->url.parameters, struct hsm_wire_parameter, i);
		struct hsm_string *sample = &parameter->text.default_value;
		parameter->name.text = NULL;
		sample->text = hsm_meta_url_sample(button->url.url.text, sample->text);
	}
}

void hsm_meta_project(struct hsm_list *components)
{
	for (size_t i = 0; i < components->count; i++) {
		struct hsm_wire_component *component = HSM_LIST_ITEM(*components, struct hsm_wire_component, i);
		component->media.text = NULL;
		project_parameters(&component->parameters);
		for (size_t j = 0; j < component->buttons.count; j++)
			project_button(HSM_LIST_ITEM(component->buttons, struct hsm_wire_button, j));
		for (size_t j = 0; j < component->cards.count; j++)
			hsm_meta_project(&HSM_LIST_ITEM(component->cards, struct hsm_wire_card, j)->components);
	}
}

/* The number of places that are used. */
static size_t place_media(struct hsm_list *components, const char *const *places, size_t count)
{
	size_t used = 0;
	for (size_t i = 0; i < components->count; i++) {
		struct hsm_wire_component *component = HSM_LIST_ITEM(*components, struct hsm_wire_component, i);
		if (hsm_meta_is_media(component) && used < count)
			component->media.text = places[used++];
		for (size_t j = 0; j < component->cards.count; j++)
			used += place_media(&HSM_LIST_ITEM(component->cards, struct hsm_wire_card, j)->components, places + used,
					    count - used);
	}
	return used;
}

void hsm_meta_place_media(struct hsm_list *components, const char *const *places, size_t count)
{
	place_media(components, places, count);
}
