#include "schema/name.h"

#include <string.h>

/* Meta: names are [a-z0-9_], 512 at most; "_v999999" takes eight of them. */
const struct hsm_pattern hsm_name_base_pattern = {
	"^(?!.*_v[1-9][0-9]{0,5}$)[a-z0-9_]{1,504}$",
	"1 to 504 lower-case letters, digits and '_', not ending in _v and a number",
};
const struct hsm_pattern hsm_name_language_pattern = {
	"^[a-z]{2,3}(_[A-Z]{2})?$",
	"a language such as en or en_US",
};
const struct hsm_pattern hsm_name_parameter_pattern = {
	"^[a-z][a-z0-9_]*$",
	"a lower-case letter, then lower-case letters, digits and '_'",
};

size_t hsm_name_split(const char *name, int64_t *version, bool *has_suffix)
{
	size_t length = strlen(name), digits = length;
	while (digits > 0 && name[digits - 1] >= '0' && name[digits - 1] <= '9')
		digits--;
	bool suffix = digits < length && length - digits <= 6 && name[digits] != '0' && digits > 2 &&
		      name[digits - 1] == 'v' && name[digits - 2] == '_';
	*version = 1;
	if (has_suffix)
		*has_suffix = suffix;
	if (!suffix)
		return length;
	*version = 0;
	for (size_t i = digits; i < length; i++)
		*version = *version * 10 + (name[i] - '0');
	return digits - 2;
}

char *hsm_name_join(struct hsm_arena *arena, const char *base, int64_t version)
{
	return hsm_arena_format(arena, "%s_v%lld", base, (long long)version);
}
