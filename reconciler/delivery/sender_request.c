/* What a delivery is as a request: its texts filled in, its parameters at their places, by the way that it goes. */
#include <string.h>

#include "reconciler/delivery/wave.h"

static const struct hsm_named_value *find_value(const struct hsm_delivery *delivery, const char *name, size_t length)
{
	for (size_t i = 0; i < delivery->value_count; i++)
		if (strncmp(delivery->values[i].name, name, length) == 0 && !delivery->values[i].name[length])
			return &delivery->values[i];
	return NULL;
}

/* {{name}} of the text by its values; NULL where there is none of a name. */
static const char *fill(struct hsm_arena *arena, const struct hsm_delivery *delivery, const char *text,
			struct hsm_error *error)
{
	struct hsm_buffer filled = HSM_BUFFER_INIT(HSM_BUFFER_CAP);
	const char *open, *close, *result = NULL;
	int rc = 0;
	while (!rc && (open = strstr(text, "{{")) && (close = strstr(open, "}}"))) {
		const struct hsm_named_value *value = find_value(delivery, open + 2, (size_t)(close - open) - 2);
		hsm_buffer_append(&filled, text, (size_t)(open - text));
		if (value)
			hsm_buffer_append(&filled, value->value, value->length);
		else
			rc = hsm_error_set(error, HSM_ERROR_INVALID, "the text has {{%.*s}}, and there is no such value",
					   (int)(close - open < 100 ? close - open - 2 : 100), open + 2);
		text = close + 2;
	}
	hsm_buffer_append_string(&filled, text);
	if (!rc)
		result = hsm_arena_copy(arena, hsm_buffer_text(&filled), filled.length);
	hsm_buffer_release(&filled);
	return result;
}

int hsm_delivery_fill_text(struct hsm_arena *arena, struct hsm_delivery *delivery, struct hsm_error *error)
{
	if (!delivery->text)
		return 0;
	delivery->text = fill(arena, delivery, delivery->text, error);
	return delivery->text ? 0 : error->class;
}

/* By whom it can be sent; else whoever asked for it sends it. */
void hsm_wave_choose_channel(struct hsm_wave *wave, struct hsm_delivery *delivery)
{
	const struct hsm_choice *choice = delivery->choice;
	const char *reason = hsm_arena_format(wave->arena, "by %s: %s", choice->channel, choice->reason);
	struct hsm_error error;
	bool sends = wave->sender->messenger->sms && choice->text && strcmp(choice->channel, HSM_WAY_SMS) == 0;
	delivery->sms = sends ? fill(wave->arena, delivery, choice->text, &error) : NULL;
	delivery->as_sms = delivery->sms != NULL;
	if (sends && !delivery->sms)
		hsm_wave_refuse(delivery, HSM_ROW_REFUSED, HSM_ERROR_INVALID, hsm_arena_copy_string(wave->arena, error.message));
	else if (!sends)
		hsm_wave_refuse(delivery, HSM_ROW_FALLBACK, HSM_OK, reason);
	else
		delivery->reason = reason;
}

struct hsm_send hsm_delivery_make_send(struct hsm_arena *arena, const struct hsm_messenger *messenger,
				       const struct hsm_delivery *delivery)
{
	struct hsm_send send = { .phone = delivery->phone, .label = delivery->token };
	const struct hsm_built_message *message = &delivery->message;
	if (delivery->as_text || delivery->as_sms) {
		send.text = delivery->as_sms ? delivery->sms : delivery->text;
		send.sms = delivery->as_sms;
		return send;
	}
	const char **parameters = hsm_arena_allocate_array(arena, message->value_count, sizeof(*parameters));
	struct hsm_part *parts = hsm_arena_allocate_array(arena, message->value_count, sizeof(*parts));
	for (size_t i = 0; i < message->value_count; i++) {
		parts[i] = delivery->choice->form.slots[i].part;
		/* What has no types is given its texts as people read them. */
		bool shown = messenger->way->declared && parts[i].kind == HSM_PART_TEXT;
		parameters[i] = shown ? message->values[i].shown : message->values[i].wire;
	}
	send.template = message->name;
	send.language = message->language;
	send.parameters = parameters;
	send.parts = parts;
	send.parameter_count = message->value_count;
	return send;
}

int hsm_delivery_write(struct hsm_arena *arena, struct hsm_messenger *messenger, const struct hsm_delivery *delivery,
		       const char **body, struct hsm_error *error)
{
	const struct hsm_way *way = hsm_messenger_find_way(messenger, delivery->as_sms);
	struct hsm_send send = hsm_delivery_make_send(arena, messenger, delivery);
	int rc = way->prepare ? way->prepare(messenger, &send, error) : 0;
	if (!rc)
		*body = way->write(arena, messenger, &send);
	return rc;
}
