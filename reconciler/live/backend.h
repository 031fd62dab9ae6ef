#ifndef HSM_BACKEND_H
#define HSM_BACKEND_H

#include "reconciler/live/http.h"
#include "reconciler/live/live.h"

struct hsm_fault;

/* What one API implements: live.h's functions of the same names, and what its
 * errors mean. Everything else (HTTP, tokens, hosts) is common. */
struct hsm_backend {
	int (*read)(struct hsm_connection *connection, bool webhooks, struct hsm_live *live,
		    void (*progress)(void *user, size_t done, size_t total), void *user, struct hsm_error *error);
	void (*create_template)(struct hsm_connection *connection, const char *provider_id,
				const struct hsm_template_create *create, hsm_write_done *done, void *user);
	void (*find_template)(struct hsm_connection *connection, const char *provider_id, const char *name,
			      const char *language, hsm_write_done *done, void *user);
	void (*get_template)(struct hsm_connection *connection, const char *provider_id, const char *id,
			     hsm_write_done *done, void *user);
	void (*delete_template)(struct hsm_connection *connection, const char *provider_id, const char *id,
				const char *name, hsm_write_done *done, void *user);
	void (*write_webhook)(struct hsm_connection *connection, const char *id,
			      const struct hsm_webhook_write *webhook, hsm_write_done *done, void *user);
	void (*delete_webhook)(struct hsm_connection *connection, const char *id, hsm_write_done *done, void *user);
	void (*probe_write)(struct hsm_connection *connection, const char *provider_id, hsm_write_done *done,
			    void *user);

	/* The error that an answer holds. Zeroed where it holds none. */
	void (*read_fault)(struct hsm_arena *arena, const struct hsm_http_answer *answer, struct hsm_fault *fault);
	/* What an answer that is not good comes to, and the class of its error. */
	enum hsm_outcome (*judge)(const struct hsm_http_answer *answer, const struct hsm_fault *fault,
				  enum hsm_error_class *class);
	hsm_http_judge *verdict; /* of every write's requests */

	void (*close)(struct hsm_connection *connection); /* may be NULL */
};

extern const struct hsm_backend hsm_genesys_backend;
extern const struct hsm_backend hsm_graph_backend;

struct hsm_connection {
	const struct hsm_settings *settings;
	const struct hsm_backend *backend;
	struct hsm_http *http;
	void *state; /* the backend's own */
};

#endif
