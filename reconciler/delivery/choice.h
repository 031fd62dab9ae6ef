#ifndef HSM_CHOICE_H
#define HSM_CHOICE_H

#include "reconciler/delivery/message.h"
#include "reconciler/lifecycle/registry.h"

/* What is to be sent now for a template in a language, by the registry. */

enum hsm_choice_kind {
	HSM_CHOICE_NONE = 0, /* nothing may be sent */
	HSM_CHOICE_WAIT,     /* nothing yet: a review is under way */
	HSM_CHOICE_TEMPLATE,
	HSM_CHOICE_CHANNEL,  /* another channel is to be used */
};

struct hsm_choice {
	enum hsm_choice_kind kind;
	const char *language; /* that was found: es for es_MX */
	bool fallback;        /* in place of the one that should be in use */
	const char *reason;   /* why it is not that one; NULL */
	/* TEMPLATE; of WAIT what is waited for, where it is known */
	struct hsm_form form;
	const char *id;       /* the API's */
	const char *category, *accepted; /* accepted NULL: any */
	const char *content;  /* JSON */
	/* CHANNEL */
	const char *channel, *text;
};

/*
 * The translation that answers for a language: its own, else that of the language
 * without its region, else that of the default (may be NULL); NULL where there is none.
 */
const struct hsm_registry_translation *hsm_choice_find(const struct hsm_registry *registry, const char *base,
						       const char *language, const char *default_language);

/*
 * Everything is copied into the arena. HSM_ERROR_NO_INPUT where no translation answers,
 * HSM_ERROR_BLOCKED where hsm_form_make says so for this way.
 */
int hsm_choose(struct hsm_arena *arena, const struct hsm_registry *registry, const char *base, const char *language,
	       const char *default_language, const struct hsm_way *way, struct hsm_choice *choice,
	       struct hsm_error *error);

#endif
