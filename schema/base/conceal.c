#include "schema/base/conceal.h"

#include <ctype.h>
#include <string.h>

#define SECRET_MIN 4
#define PART_MIN 8

/* The next byte of an encoded text, and how long it is there; 0: none. */
typedef size_t read_byte(const char *text, unsigned char *byte);

static int read_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

static size_t read_hex(const char *text, unsigned char *byte)
{
	int high = read_digit(text[0]), low = high < 0 ? -1 : read_digit(text[1]);
	*byte = (unsigned char)(high * 16 + low);
	return low < 0 ? 0 : 2;
}

/* In a form, + is a blank; elsewhere it is itself. */
static size_t read_percent(const char *text, unsigned char *byte)
{
	if (*text == '%' && read_hex(text + 1, byte))
		return 3;
	*byte = (unsigned char)*text;
	return *text != '\0';
}

static size_t read_form(const char *text, unsigned char *byte)
{
	size_t length = read_percent(text, byte);
	if (*text == '+')
		*byte = ' ';
	return length;
}

/* How much of the text is the secret, or its beginning, of which so many bytes were found. */
static size_t judge(size_t length, size_t found, const char *secret)
{
	return !secret[found] || found >= PART_MIN ? length : 0;
}

static size_t measure(const char *text, const char *secret, read_byte *read)
{
	size_t length = 0, found = 0, more;
	unsigned char byte;
	while (secret[found] && (more = read(text + length, &byte)) && byte == (unsigned char)secret[found]) {
		length += more;
		found++;
	}
	return judge(length, found, secret);
}

/* Of both alphabets. */
static int read_base64_digit(char c)
{
	if (isupper((unsigned char)c))
		return c - 'A';
	if (islower((unsigned char)c))
		return c - 'a' + 26;
	if (isdigit((unsigned char)c))
		return c - '0' + 52;
	return c == '+' || c == '-' ? 62 : c == '/' || c == '_' ? 63 : -1;
}

/* The secret's first bit is that of the text's first digit, or comes after so many that are of another byte. */
static size_t measure_base64(const char *text, const char *secret, unsigned others)
{
	unsigned bits = 0, count = 0;
	size_t length = 0, found = 0;
	while (secret[found]) {
		int digit = read_base64_digit(text[length]);
		if (digit < 0)
			break;
		length++;
		bits = (bits << 6 | (unsigned)digit) & 0xffff;
		count += 6 - others;
		others = 0;
		if (count < 8)
			continue;
		count -= 8;
		if ((bits >> count & 0xff) != (unsigned char)secret[found])
			break;
		found++;
	}
	return judge(length, found, secret);
}

static size_t longer(size_t a, size_t b)
{
	return a > b ? a : b;
}

size_t hsm_conceal_measure(const char *text, const char *secret)
{
	size_t length = longer(measure(text, secret, read_percent), measure(text, secret, read_form));
	if (strnlen(secret, SECRET_MIN) < SECRET_MIN)
		return *secret ? length : 0;
	length = longer(length, measure(text, secret, read_hex));
	for (unsigned others = 0; others < 6; others += 2)
		length = longer(length, measure_base64(text, secret, others));
	while (length && ((unsigned char)text[length] & 0xc0) == 0x80) /* the rest of a character */
		length++;
	return length;
}

static size_t measure_longest(const char *text, const char *const *secrets, size_t count)
{
	size_t length = 0;
	for (size_t i = 0; i < count; i++)
		if (secrets[i] && strnlen(secrets[i], SECRET_MIN) == SECRET_MIN)
			length = longer(length, hsm_conceal_measure(text, secrets[i]));
	return length;
}

bool hsm_conceal_finds(const char *text, const char *secret)
{
	while (*text && !measure_longest(text, &secret, 1))
		text++;
	return *text != '\0';
}

void hsm_conceal(struct hsm_buffer *text, const char *const *secrets, size_t count)
{
	struct hsm_buffer concealed = HSM_BUFFER_INIT(text->cap);
	for (const char *next = hsm_buffer_text(text); *next;) {
		size_t length = measure_longest(next, secrets, count);
		hsm_buffer_append(&concealed, length ? "***" : next, length ? 3 : 1);
		next += longer(length, 1);
	}
	hsm_buffer_release(text);
	*text = concealed;
}

size_t hsm_conceal_measure_user(const char *text, size_t length)
{
	size_t end = 0;
	while (end < length && text[end] != '/')
		end++;
	const char *at = memrchr(text, '@', end), *colon = memrchr(text, ':', end);
	/* A '/' in a password belongs there as %2F; a port would be digits. */
	if (!at && colon && colon + 1 < text + end && !isdigit((unsigned char)colon[1]))
		at = memrchr(text, '@', length);
	return at ? (size_t)(at + 1 - text) : 0;
}

void hsm_conceal_users(char *text)
{
	char *to = text;
	while (*text) {
		bool is_url = strncmp(text, "://", 3) == 0;
		for (int i = 0; i < (is_url ? 3 : 1); i++)
			*to++ = *text++;
		size_t length = is_url ? hsm_conceal_measure_user(text, strcspn(text, HSM_CONCEAL_URL_END)) : 0;
		for (const char *end = text + length - 1; length && text < end; text++)
			if (((unsigned char)*text & 0xc0) != 0x80) /* the first byte of a character */
				*to++ = '*';
	}
	*to = '\0';
}
