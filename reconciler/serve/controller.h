#ifndef HSM_CONTROLLER_H
#define HSM_CONTROLLER_H

#include "reconciler/lifecycle/publication.h"
#include "reconciler/serve/courier.h"
#include "reconciler/serve/follower.h"
#include "reconciler/serve/server.h"

/*
 * `hsmctl serve`: the keeper of the registry, the follower of git, the courier of
 * alerts, the publishers of the data tables and the server that all others talk to.
 */
struct hsm_controller;

/* What a SIGHUP may change. Texts are copied. */
struct hsm_controller_secrets {
	const char *const *tokens; /* any of which may read; none: everybody on loopback may */
	size_t token_count;
	const char *const *send_tokens; /* any of which may send, and read; none: nobody may send */
	size_t send_token_count;
	const char *webhook;      /* key of signatures; NULL: webhooks are refused */
	const char *verify_token; /* NULL: Meta's verification is refused */
	const char *push;         /* NULL: push webhooks are refused */
	const char *certificate, *key; /* PEM; NULL: http */
};

struct hsm_controller_options {
	const char *listen, *registry, *environment;
	const char *default_language; /* NULL: none */
	struct hsm_controller_secrets secrets;
	struct hsm_follower_options follower; /* keeper, environment, log and user are filled in */
	struct hsm_controller_table {
		const char *name; /* NULL: none is kept */
		size_t tables, rows;
	} tables[HSM_PUBLICATION_MAX_];
	const struct hsm_receiver *receivers; /* borrowed */
	size_t receiver_count;
	double quiet; /* of the courier */
	void (*log)(void *user, enum hsm_log_level level, const char *message);
	void *user;
};

#define HSM_TOKEN_MAX 255 /* bytes */

/* Starts everything. The options' texts are borrowed, the secrets copied. */
int hsm_controller_open(struct hsm_controller **controller, const struct hsm_controller_options *options,
			struct hsm_error *error);
/* Lets what is under way end, and ends. */
void hsm_controller_close(struct hsm_controller *controller);

int hsm_controller_renew(struct hsm_controller *controller, const struct hsm_controller_secrets *secrets,
			 struct hsm_error *error);
void hsm_controller_set_mode(struct hsm_controller *controller, bool apply, double interval);

unsigned hsm_controller_port(const struct hsm_controller *controller);

#endif
