#ifndef HSM_BACKEND_H
#define HSM_BACKEND_H

#include "reconciler/live/http.h"
#include "reconciler/live/live.h"

/* What one API implements: live.h's functions of the same names. Everything
 * else (HTTP, tokens, hosts) is common. */
struct hsm_backend {
	int (*read)(struct hsm_connection *connection, bool webhooks, struct hsm_live *live,
		    void (*progress)(void *user, size_t done, size_t total), void *user, struct hsm_error *error);
	void (*create_template)(struct hsm_connection *connection, const char *provider_id, const char *name,
				const char *language, const char *category, const char *components,
				hsm_write_done *done, void *user);
	void (*find_template)(struct hsm_connection *connection, const char *provider_id, const char *name,
			      const char *language, hsm_write_done *done, void *user);
	void (*get_template)(struct hsm_connection *connection, const char *provider_id, const char *id,
			     hsm_write_done *done, void *user);
	void (*delete_template)(struct hsm_connection *connection, const char *provider_id, const char *id,
				hsm_write_done *done, void *user);
	void (*write_webhook)(struct hsm_connection *connection, const char *id,
			      const struct hsm_webhook_write *webhook, hsm_write_done *done, void *user);
	void (*delete_webhook)(struct hsm_connection *connection, const char *id, hsm_write_done *done, void *user);
	void (*probe_write)(struct hsm_connection *connection, const char *provider_id, hsm_write_done *done,
			    void *user);
};

extern const struct hsm_backend hsm_genesys_backend;

struct hsm_connection {
	const struct hsm_settings *settings;
	const struct hsm_backend *backend;
	struct hsm_http *http;
};

#endif
