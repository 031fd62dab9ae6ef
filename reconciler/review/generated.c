#include "reconciler/review/generated.h"

#include <string.h>

static bool is_english(const char *language)
{
	return strncmp(language, "en", 2) == 0 && (!language[2] || language[2] == '_');
}

const char *hsm_generated_text(struct hsm_arena *arena, const struct hsm_wire_component *component,
			       const char *language, const char *code)
{
	bool english = is_english(language), warns = component->security_recommendation.value;
	int minutes = (int)component->code_expiration_minutes.value;
	if (component->security_recommendation.present)
		return hsm_arena_format(arena, english ? "*%s* is your verification code.%s" : "(in Meta's words: the code *%s*%s)", code,
					!warns ? "" : english ? " For your security, do not share this code." : ", and not to share it");
	if (component->code_expiration_minutes.present)
		return hsm_arena_format(arena, english ? "This code expires in %d minutes." :
							 "(in Meta's words: the code expires in %d minutes)", minutes);
	return NULL;
}
