#ifndef HSM_CONVERSATIONS_H
#define HSM_CONVERSATIONS_H

#include "reconciler/live/live.h"

/*
 * The messaging API's conversations: what sends a message, and tells what became of
 * it. Queued, and done by hsm_connection_run, as live.h's writes are. Each that waits
 * holds some 64 KiB: queue no more than a few times what may be under way at once, and
 * the next from the end of one.
 *
 * No error holds a recipient, a parameter or a text, whatever an answer quotes: of a
 * refusal only its status, codes and places are told, and what they mean in our words.
 */

struct hsm_conversation_message {
	const char *id, *status; /* status: the API's word, upper case; NULL: not told */
	int64_t error;           /* Meta's code of a failed delivery (132015); 0: none told */
	const char *error_text;  /* what that means; NULL: not known here */
};

struct hsm_conversation {
	const char *id, *label; /* NULL: not told */
	const char *session_status; /* OPEN, CLOSED; NULL: not told */
	const char *last_user_message; /* RFC 3339; NULL: never, or not told */
	const struct hsm_conversation_message *messages;
	size_t message_count;
};

struct hsm_send_result {
	enum hsm_outcome outcome; /* DONE, REFUSED, LOST (of a send), QUOTA, FORBIDDEN, UNAVAILABLE, INTERRUPTED */
	bool session_closed;      /* REFUSED: the 24 hours are over */
	int64_t error_code;       /* REFUSED: Meta's code, where the answer tells one; else 0 */
	bool not_approved;        /* REFUSED: the template may not be sent (not approved, paused, disabled, gone) */
	const struct hsm_conversation *conversations; /* of a send one, of a listing all that were found; newest first */
	size_t conversation_count;
	bool has_older;         /* of a listing: there are more, older than these */
	struct hsm_error error; /* unless done; BLOCKED where not_approved */
};

/* Called once; the result is borrowed. It may queue further requests. */
typedef void hsm_send_done(void *user, const struct hsm_send_result *result);

/* Texts are copied. */
struct hsm_send {
	const char *phone; /* E.164: +34600123456 */
	const char *label; /* what it can be looked up by: a token that nothing else has */
	const char *template, *language; /* physical name; NULL: a free-form text */
	const char *const *parameters;
	size_t parameter_count;
	const char *text; /* of a free-form message */
};

/* The body of the request, as it is sent. */
const char *hsm_send_write(struct hsm_arena *arena, const struct hsm_send *send);

/*
 * Sends once, on a connection of its own: libcurl would send a POST again by itself on a kept one
 * that dies before the first byte. LOST: it may have been sent: look it up by its label.
 */
void hsm_conversation_send(struct hsm_connection *connection, const struct hsm_send *send, hsm_send_done *done,
			   void *user);

/*
 * The newest conversations with an address, at most 100, read afresh. None of them is
 * left out: where one can't be read, the whole is UNAVAILABLE. So unless has_older is set,
 * a label that is not among them is one that the API does not know, or not yet.
 */
void hsm_conversation_list(struct hsm_connection *connection, const char *phone, hsm_send_done *done, void *user);

#endif
