#ifndef HSM_MESSENGER_H
#define HSM_MESSENGER_H

#include "reconciler/live/responses.h"

/*
 * What sends messages: the ways that there are, and one of them with its connection.
 * Requests are queued, and done by hsm_messenger_run, as live.h's writes are. Each that
 * waits holds some 64 KiB: queue no more than a few times what may be under way at once,
 * and the next from the end of one.
 *
 * No error holds a recipient, a parameter or a text, whatever an answer quotes: of a
 * refusal only its status, codes and places are told, and what they mean in our words.
 */

/* What of a template differs from message to message. */
enum hsm_part_kind {
	HSM_PART_TEXT = 1 << 0,     /* a variable of a text */
	HSM_PART_ADDRESS = 1 << 1,  /* the variable of a URL button */
	HSM_PART_MEDIA = 1 << 2,    /* the address of a header's image, video or document */
	HSM_PART_LOCATION = 1 << 3, /* one of the header's four: latitude, longitude, name, address */
	HSM_PART_PAYLOAD = 1 << 4,  /* what a quick reply answers with */
	HSM_PART_COUPON = 1 << 5,   /* the code of a COPY_CODE button */
	HSM_PART_PASSWORD = 1 << 6, /* the one-time password, in the body and in its button */
	HSM_PART_FLOW = 1 << 7,     /* of a FLOW button */
	HSM_PART_PLAIN = 1 << 8,    /* a button that needs nothing: CATALOG, VOICE_CALL */
	HSM_PART_OTHER = 1 << 9,    /* what hsmctl cannot give: products, the end of an offer */
};

struct hsm_part {
	enum hsm_part_kind kind;
	const char *type;    /* of its component: "BODY", "BUTTONS" */
	size_t card, button; /* from 1; 0: the message's own, the component itself */
	const char *name;    /* of the parameter, for people and for Genesys */
	const char *own;     /* that Meta has for it, of a NAMED template; NULL: its place */
	size_t place;        /* in the array that the messaging API takes, from 1 */
	const char *word;    /* of MEDIA "image", of LOCATION "latitude" */
};

/* Texts are copied. */
struct hsm_send {
	const char *phone; /* E.164: +34600123456 */
	const char *label; /* a token that nothing else has: what it can be looked up or known again by */
	const char *template, *language; /* physical name; NULL: a free-form text */
	const char *const *parameters;
	const struct hsm_part *parts; /* one a parameter; the messaging API needs none */
	size_t parameter_count;
	const char *text; /* of a free-form message */
	bool sms;         /* the text goes out as an SMS */
};

struct hsm_conversation_message {
	const char *id, *status; /* status: upper case, DELIVERED, READ and FAILED are final; NULL: not told */
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
	const struct hsm_conversation *conversations; /* of a send one, of a question all that were found; newest first */
	size_t conversation_count;
	bool has_older;         /* of a listing: there are more, older than these */
	struct hsm_error error; /* unless done; BLOCKED where not_approved */
};

/* Called once; the result is borrowed. It may queue further requests. */
typedef void hsm_send_done(void *user, const struct hsm_send_result *result);

/* What is known of a message that may have been sent. */
struct hsm_trace {
	const char *phone, *label;
	const char *message; /* the API's id; NULL: its answer was lost */
};

struct hsm_messenger;

/* What one API implements. */
struct hsm_way {
	const char *word;   /* "graph": in journals; NULL: they say nothing of it */
	unsigned given;     /* kinds of parts that each message is given */
	unsigned kept;      /* that are in the template already */
	bool declared;      /* templates do not tell the types of their parameters: the file does */
	bool lists;         /* conversations with a customer: a lost message is found by its label, and his last one */
	/* The body of the request, as it is sent; NULL where it cannot be written: prepare says why. */
	const char *(*write)(struct hsm_arena *arena, const struct hsm_messenger *messenger, const struct hsm_send *send);
	/* Reads what messages of a template need; may be NULL. Runs the connection. HSM_ERROR_BLOCKED where it cannot be
	 * sent so. */
	int (*prepare)(struct hsm_messenger *messenger, const struct hsm_send *send, struct hsm_error *error);
	/*
	 * Sends once, on a connection of its own: libcurl would send a POST again by itself on a kept one
	 * that dies before the first byte. LOST: it may have been sent.
	 */
	void (*send)(struct hsm_messenger *messenger, const struct hsm_send *send, hsm_send_done *done, void *user);
	/* What became of it, as conversations with its label: of one that was not lost, or where `lists`. NULL: nobody
	 * can be asked. */
	void (*ask)(struct hsm_messenger *messenger, const struct hsm_trace *trace, hsm_send_done *done, void *user);
};

extern const struct hsm_way hsm_conversation_way; /* the messaging API's */
extern const struct hsm_way hsm_graph_way;        /* Meta's POST /{phone number id}/messages */
extern const struct hsm_way hsm_agentless_way;    /* Genesys' POST /conversations/messages/agentless */

struct hsm_messenger {
	const struct hsm_way *way;
	struct hsm_connection *connection;
	const char *from; /* Graph: the phone number's id; agentless: the integration's */
	const char *account, *library; /* agentless: Meta's account, and where its responses are */
	const char *sms;  /* the number that SMS go out from; NULL: none do */
	/* its own */
	struct hsm_arena arena;
	struct hsm_settings settings;       /* of a connection of its own */
	struct hsm_connection *owned, *genesys; /* genesys: what SMS go out by; NULL: none do */
	struct hsm_live_responses responses; /* agentless: what messages refer to */
	double responses_read; /* CLOCK_MONOTONIC; 0: never */
};

/*
 * By the way that the environment says, over the connection that holds its templates
 * where that is the same API. Asks which number or integration it is where only one can
 * be meant: HSM_ERROR_CONFIG where that is not so. Zero-initialise; release in any case,
 * before the connection.
 */
int hsm_messenger_open(struct hsm_messenger *messenger, const struct hsm_environment *environment,
		       struct hsm_connection *connection, struct hsm_error *error);
void hsm_messenger_release(struct hsm_messenger *messenger);

/* Which way a message goes, an SMS too. */
const struct hsm_way *hsm_messenger_find_way(const struct hsm_messenger *messenger, bool sms);

void hsm_messenger_run(struct hsm_messenger *messenger);

#endif
