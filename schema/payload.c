#include "schema/payload.h"

#include <openssl/evp.h>
#include <stdlib.h>
#include <string.h>

#include "schema/base/text.h"

#define PREFIX "T1_"
#define DIGITS "0123456789"
#define SMALL "abcdefghijklmnopqrstuvwxyz"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZ" SMALL

/* The loaders' patterns, and the same for tokens, of which each tap may bring one. */
const struct hsm_pattern hsm_payload_id_pattern = { "^[A-Za-z0-9_-]+$", "letters, digits, '_' and '-'" };
static const char id_characters[] = LETTERS DIGITS "_-";
const struct hsm_pattern hsm_payload_value_pattern = {
	"^[A-Za-z0-9_.-]{1,32}$",
	"1 to 32 letters, digits, '_', '.' and '-'",
};
static const char value_characters[] = LETTERS DIGITS "_.-";
static const char key_characters[] = SMALL DIGITS "_";

static void swap(char *text, char from, char to)
{
	for (; *text; text++)
		if (*text == from)
			*text = to;
}

static const char *encode_base64(struct hsm_arena *arena, const char *text, size_t length)
{
	char *token = hsm_arena_allocate(arena, strlen(PREFIX) + (length + 2) / 3 * 4 + 1), *digits = token + strlen(PREFIX);
	memcpy(token, PREFIX, strlen(PREFIX));
	EVP_EncodeBlock((unsigned char *)digits, (const unsigned char *)text, (int)length);
	digits[strcspn(digits, "=")] = '\0';
	swap(digits, '+', '-');
	swap(digits, '/', '_');
	return token;
}

/* NULL where it is none, or holds a NUL. */
static const char *decode_base64(struct hsm_arena *arena, const char *digits)
{
	char padded[HSM_PAYLOAD_SIZE_MAX + 4];
	size_t length = strlen(digits), padding = (4 - length % 4) % 4;
	if (length >= HSM_PAYLOAD_SIZE_MAX || padding == 3 || digits[strspn(digits, id_characters)])
		return NULL;
	memcpy(padded, digits, length + 1);
	memcpy(padded + length, "===", padding);
	padded[length + padding] = '\0';
	swap(padded, '-', '+');
	swap(padded, '_', '/');
	char *text = hsm_arena_allocate(arena, sizeof(padded));
	int size = EVP_DecodeBlock((unsigned char *)text, (const unsigned char *)padded, (int)(length + padding));
	size_t wanted = length * 3 / 4;
	text[wanted] = '\0';
	return size >= 0 && strlen(text) == wanted ? text : NULL;
}

static int compare_keys(const void *a, const void *b)
{
	const struct hsm_keyed_string *left = a, *right = b;
	return strcmp(left->key.text, right->key.text);
}

const char *hsm_payload_encode(struct hsm_arena *arena, const char *id, const struct hsm_list *data)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(HSM_PAYLOAD_SIZE_MAX);
	struct hsm_keyed_string *items = hsm_arena_allocate_array(arena, data->count, sizeof(*items));
	if (!data->count)
		return id;
	memcpy(items, data->items, data->count * sizeof(*items));
	qsort(items, data->count, sizeof(*items), compare_keys);
	hsm_buffer_append_string(&text, id);
	for (size_t i = 0; i < data->count; i++)
		hsm_buffer_append_format(&text, "%c%s=%s", i ? '&' : '?', items[i].key.text, items[i].value.text);
	const char *token = text.full ? NULL : encode_base64(arena, text.data, text.length);
	hsm_buffer_release(&text);
	return token && strlen(token) <= HSM_PAYLOAD_SIZE_MAX ? token : NULL;
}

/* "step=2&tier=gold", each key after the one before. */
static bool read_data(struct hsm_arena *arena, const char *text, struct hsm_list *data)
{
	struct hsm_keyed_string *items = hsm_arena_allocate_array(arena, HSM_PAYLOAD_DATA_MAX, sizeof(*items));
	*data = (struct hsm_list){ .items = items, .present = true };
	while (data->count < HSM_PAYLOAD_DATA_MAX) {
		struct hsm_keyed_string *item = &items[data->count++];
		size_t length = strspn(text, key_characters);
		if (!length || !strchr(SMALL, *text) || text[length] != '=')
			return false;
		item->key.text = hsm_arena_copy(arena, text, length);
		text += length + 1;
		length = strspn(text, value_characters);
		if (!length || length > HSM_PAYLOAD_VALUE_MAX)
			return false;
		item->value.text = hsm_arena_copy(arena, text, length);
		if (data->count > 1 && compare_keys(item - 1, item) >= 0)
			return false;
		text += length;
		if (*text != '&')
			break;
		text++;
	}
	return !*text;
}

static bool read_token(struct hsm_arena *arena, const char *sent, struct hsm_payload *payload)
{
	if (!hsm_text_starts_with(sent, PREFIX) || strlen(sent) > HSM_PAYLOAD_SIZE_MAX)
		return false;
	payload->text = decode_base64(arena, sent + strlen(PREFIX));
	size_t length = payload->text ? strspn(payload->text, id_characters) : 0;
	if (!length || payload->text[length] != '?' || !read_data(arena, payload->text + length + 1, &payload->data))
		return false;
	payload->id = hsm_arena_copy(arena, payload->text, length);
	/* The last digit of base64 has bits that say nothing. */
	const char *again = hsm_payload_encode(arena, payload->id, &payload->data);
	return again && strcmp(again, sent) == 0;
}

struct hsm_payload hsm_payload_decode(struct hsm_arena *arena, const char *sent)
{
	struct hsm_payload payload = { 0 };
	return read_token(arena, sent, &payload) ? payload : (struct hsm_payload){ .id = sent, .text = sent };
}
