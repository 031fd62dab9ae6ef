/*
 * A value: the first byte says by which rules it is sanitised, the second what type it has. What is
 * sent of it is fit to be sent and stays as it is; what is refused is not repeated in the
 * error.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "reconciler/delivery/message.h"
#include "schema/base/text.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds)
{
	if (!holds)
		abort();
}

static struct hsm_sanitize_rules make_rules(struct hsm_arena *arena, uint8_t byte)
{
	static const char *const expressions[] = { NULL, "[\\p{L}\\p{M} ]", "[ -~]*", "(?:(?:.)*)*" };
	struct hsm_allowed *allowed = NULL;
	struct hsm_error error;
	if (expressions[byte & 3])
		check(!hsm_allowed_make(&allowed, arena, expressions[byte & 3], &error));
	return (struct hsm_sanitize_rules){ .emoji = (enum hsm_emoji)(byte >> 2 & 3), .truncate = byte >> 4 & 1,
					    .max_length = byte >> 5, .allowed = allowed };
}

static void check_sanitized(struct hsm_arena *arena, const struct hsm_sanitized *sent,
			    const struct hsm_sanitize_rules *rules)
{
	struct hsm_sanitized again;
	struct hsm_error error;
	const char *text = hsm_arena_copy(arena, sent->text, sent->length);
	bool cut = false;
	for (size_t i = 0; i < sent->note_count; i++) {
		cut |= sent->notes[i].action == HSM_SANITIZE_TRUNCATED;
		check(sent->notes[i].action != HSM_SANITIZE_REJECTED && sent->notes[i].position);
	}
	check(strlen(text) == sent->length && hsm_text_find_invalid(text, sent->length) == sent->length);
	check(hsm_text_count_characters(text) <= (rules->max_length ? rules->max_length : HSM_VALUE_MAX));
	check(!strpbrk(text, "\n\r\t\177") && !strstr(text, "     ") && *text != ' ' && text[sent->length - 1] != ' ');
	check(strcmp(hsm_text_canonical(arena, text), text) == 0);
	/* An end that was cut may be what a joiner before it was for; and notes beyond the first are not told. */
	check(!hsm_sanitize(arena, text, sent->length, rules, &again, &error));
	check(cut || !again.changes || sent->changes > sent->note_count);
}

static void check_message(struct hsm_arena *arena, const struct hsm_named_value *value, enum hsm_parameter_type type,
			  const struct hsm_sanitize_rules *rules)
{
	const struct hsm_slot slots[] = {
		{ .component = "body", .name = "a", .type = type, .code = "EUR", .rules = *rules },
		{ .component = "button 1", .name = "a", .type = type, .code = "EUR", .rules = *rules, .part.kind = HSM_PART_ADDRESS },
	};
	struct hsm_form form = { .name = "f", .language = "ar", .slots = slots, .slot_count = 2, .body = "So {{1}}." };
	struct hsm_built_message message;
	struct hsm_error error;
	if (hsm_message_build(arena, &form, value, 1, &message, &error)) {
		check(message.problem_count && *error.message);
		return;
	}
	const char *url = message.values[1].wire, *filled = hsm_message_fill(arena, &message, form.body, 0);
	check(strlen(url) <= HSM_VALUE_MAX && url[strspn(url, "-._~%0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
							     "abcdefghijklmnopqrstuvwxyz")] == '\0');
	check(hsm_text_find_invalid(filled, strlen(filled)) == strlen(filled));
	check(strlen(filled) == strlen(message.values[0].shown) + strlen("So ."));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct hsm_arena arena = { 0 };
	struct hsm_sanitized sanitized;
	struct hsm_error error;
	if (size < 2)
		return 0;
	struct hsm_sanitize_rules rules = make_rules(&arena, data[0]);
	/* A copy of its own, so that reading past its end is seen. */
	struct hsm_named_value value = { "a", malloc(size - 2 ? size - 2 : 1), size - 2 };
	memcpy((char *)(uintptr_t)value.value, data + 2, size - 2);
	if (!hsm_sanitize(&arena, value.value, value.length, &rules, &sanitized, &error))
		check_sanitized(&arena, &sanitized, &rules);
	check_message(&arena, &value, (enum hsm_parameter_type)(data[1] % 4 + 1), &rules);
	free((char *)(uintptr_t)value.value);
	hsm_arena_release(&arena);
	return 0;
}
