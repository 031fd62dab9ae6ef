#ifndef HSM_SENDER_H
#define HSM_SENDER_H

#include "reconciler/delivery/choice.h"
#include "reconciler/delivery/journal.h"
#include "reconciler/live/messenger.h"

/*
 * Sends messages, a wave at a time: what is to be sent is chosen, its status read, the
 * messages begun for the record, sent at once, and what was lost looked up, where the way
 * that they go can tell: else it is UNKNOWN, and never sent again. Nothing is sent whose
 * version was not APPROVED a moment before, in a category that git accepts; nothing is
 * sent twice.
 */

#define HSM_WAY_SMS "sms"

/* One message, what is known of it before, and what became of it. */
struct hsm_delivery {
	const char *phone, *template, *language; /* base name */
	const struct hsm_named_value *values;
	size_t value_count;
	const char *text;  /* what to send instead while the customer's 24 hours are open; NULL: the template always */
	char token[HSM_TOKEN_SIZE];
	int64_t begun;     /* when an earlier run began it, milliseconds since 1970; 0: none did */
	bool doomed;       /* it would be refused today: looked up, and REFUSED for its reason where it was not sent */
	void *user;

	enum hsm_row_state state; /* NEW where it was not sent and may be later, BEGUN where it may have been and
				   * nobody could be asked */
	enum hsm_error_class problem; /* of one that is not sent: INVALID its values, NO_INPUT there is no such
				       * template, BLOCKED nothing may be sent for it, TRY_LATER not yet; 0: none */
	const struct hsm_choice *choice;  /* NULL: none was made */
	struct hsm_built_message message; /* of a template */
	bool as_text;      /* the text was sent, or would be */
	bool as_sms;       /* the fallback's text was, as an SMS */
	const char *sms;   /* that text, filled in */
	const char *way;   /* that it was begun by: a way's word, or HSM_WAY_SMS; NULL: the messaging API's */
	bool wants_window; /* whether the 24 hours are open is still to be asked */
	const char *conversation, *message_id;
	const char *reason; /* what was in its way; no value stands in it */
	const char *refused; /* the version that the API refused to send a moment ago; NULL */
	double lost;       /* when its answer was lost, CLOCK_MONOTONIC; 0: in an earlier run */
	unsigned sends, looks; /* so far */
};

/* Answers what is to be sent now; afresh: not from what was answered before. The choice
 * lives as long as the wave. */
typedef int hsm_sender_choose(void *user, const char *template, const char *language, bool afresh,
			      const struct hsm_choice **choice, struct hsm_error *error);

struct hsm_sender {
	struct hsm_connection *connection; /* to what holds the templates */
	struct hsm_messenger *messenger;
	const char *provider_id; /* its templates' statuses are read; NULL: whoever chooses knows them */
	hsm_sender_choose *choose;
	void *choose_user;
	/* Makes durable that these are begun, before they are sent; what it gives another state is not sent. May be
	 * NULL. */
	int (*begin)(void *user, struct hsm_delivery *const *deliveries, size_t count, struct hsm_error *error);
	void *begin_user;
	/* Told of a version that the API refused to send, with Meta's code (0: none), before it chooses again; may be
	 * NULL. */
	void (*refused)(void *user, const char *name, const char *language, int64_t code);
	void *refused_user;
	double wait;      /* seconds that a template may take to be approved */
	bool patient;     /* what was lost is waited for and looked for until it is known; else it stays BEGUN, and a
			   * later call looks again */
	double deadline;  /* CLOCK_MONOTONIC; 0: none */
	/* the sender's own; zero-initialise */
	double started;   /* the first wave, CLOCK_MONOTONIC */
	bool labelled;    /* the API tells the labels of conversations */
	const volatile sig_atomic_t *interrupted; /* set: begin nothing more; may be NULL */
};

/*
 * Chooses and builds, and asks whether the customer's 24 hours are open where a text is
 * to be sent then; sends nothing. A delivery whose values are wrong is REFUSED after it,
 * the others are NEW, or FALLBACK; whose template may not be sent (yet) is NEW with a
 * problem. An error stops the wave: HSM_ERROR_AUTH, HSM_ERROR_UNAVAILABLE.
 */
int hsm_sender_prepare(struct hsm_sender *sender, struct hsm_arena *arena, struct hsm_delivery *deliveries,
		       size_t count, struct hsm_error *error);

/*
 * Prepares and sends. Those that an earlier run began are looked up first: what is found
 * was sent, what is not is sent. An error says why some are still NEW or BEGUN.
 */
int hsm_sender_send(struct hsm_sender *sender, struct hsm_arena *arena, struct hsm_delivery *deliveries, size_t count,
		    struct hsm_error *error);

/* Fills {{name}} of its text by its values, once. HSM_ERROR_INVALID where there is no such value: it has no text then. */
int hsm_delivery_fill_text(struct hsm_arena *arena, struct hsm_delivery *delivery, struct hsm_error *error);

/* The request that it is. Borrows from the delivery, and the arena. */
struct hsm_send hsm_delivery_make_send(struct hsm_arena *arena, const struct hsm_messenger *messenger,
				       const struct hsm_delivery *delivery);

/* The body of that request. HSM_ERROR_BLOCKED where the messenger can't send it. */
int hsm_delivery_write(struct hsm_arena *arena, struct hsm_messenger *messenger, const struct hsm_delivery *delivery,
		       const char **body, struct hsm_error *error);

#endif
