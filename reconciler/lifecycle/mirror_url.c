#include "reconciler/lifecycle/mirror_url.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "schema/base/conceal.h"

#define TOKEN_MIN 8 /* https://TOKEN@host; shorter ones are names, such as git */
#define SECRETS 2

/* As above, and where that is. user@host:path has no scheme. */
static size_t find_user(const char *url, const char **user)
{
	const char *scheme = strstr(url, "://");
	*user = scheme ? scheme + 3 : url;
	return hsm_conceal_measure_user(*user, scheme ? strlen(*user) : strcspn(url, "/"));
}

void hsm_mirror_url_append(struct hsm_buffer *buffer, const char *url)
{
	const char *user;
	size_t length = find_user(url, &user);
	hsm_buffer_append(buffer, url, (size_t)(user - url));
	hsm_buffer_append_string(buffer, user + length);
}

static int read_digit(char c)
{
	return isdigit((unsigned char)c) ? c - '0' : tolower((unsigned char)c) - 'a' + 10;
}

/* %40 is @. */
static char *decode(struct hsm_arena *arena, const char *text)
{
	char *decoded = hsm_arena_copy_string(arena, text), *end = decoded;
	for (const char *c = text; *c; c++) {
		if (c[0] == '%' && isxdigit((unsigned char)c[1]) && isxdigit((unsigned char)c[2])) {
			*end++ = (char)(read_digit(c[1]) * 16 + read_digit(c[2]));
			c += 2;
		} else {
			*end++ = *c;
		}
	}
	*end = '\0';
	return decoded;
}

bool hsm_mirror_url_read_user(struct hsm_arena *arena, const char *url, const char **user, const char **password)
{
	const char *start;
	size_t length = find_user(url, &start);
	if (!length || (strncasecmp(url, "https://", 8) != 0 && strncasecmp(url, "http://", 7) != 0))
		return false;
	char *name = hsm_arena_copy(arena, start, length - 1), *colon = strchr(name, ':');
	if (colon)
		*colon = '\0';
	*user = decode(arena, name);
	*password = colon ? decode(arena, colon + 1) : NULL;
	return true;
}

/* The URL's user, where that may be a token, and its password, as they are meant; "" for none. */
static void find_secrets(struct hsm_arena *arena, const char *url, const char *secrets[SECRETS])
{
	const char *start;
	size_t length = find_user(url, &start);
	char *user = hsm_arena_copy(arena, start, length ? length - 1 : 0), *colon = strchr(user, ':');
	if (colon)
		*colon = '\0';
	secrets[0] = strlen(user) >= TOKEN_MIN ? decode(arena, user) : "";
	secrets[1] = colon ? decode(arena, colon + 1) : "";
}

/* How much of the text's beginning is secret. */
static size_t measure_secret(const char *text, const char *const secrets[SECRETS])
{
	size_t longest = 0;
	for (size_t i = 0; i < SECRETS; i++) {
		size_t length = hsm_conceal_measure(text, secrets[i]);
		longest = length > longest ? length : longest;
	}
	return longest;
}

void hsm_mirror_url_append_concealed(struct hsm_buffer *buffer, const char *url, const char *text)
{
	struct hsm_arena arena = { 0 };
	const char *secrets[SECRETS];
	find_secrets(&arena, url, secrets);
	while (*text) {
		size_t secret = measure_secret(text, secrets);
		if (secret) {
			hsm_buffer_append_string(buffer, "***");
			text += secret;
		} else if (strncmp(text, "://", 3) == 0) {
			hsm_buffer_append_string(buffer, "://");
			text += 3;
			text += hsm_conceal_measure_user(text, strcspn(text, HSM_CONCEAL_URL_END));
		} else {
			hsm_buffer_append_char(buffer, *text++);
		}
	}
	hsm_arena_release(&arena);
}
