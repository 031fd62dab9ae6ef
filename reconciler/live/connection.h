#ifndef HSM_CONNECTION_H
#define HSM_CONNECTION_H

#include "reconciler/live/oauth.h"

/* Private to live: a connection, and what a backend does for it. One backend per
 * API: it builds paths and bodies and reads answers. */

struct hsm_connection;

struct hsm_backend {
	int (*read)(struct hsm_connection *connection, bool webhooks, struct hsm_live *live,
		    void (*progress)(void *user, size_t done, size_t total), void *user, struct hsm_error *error);
	void (*create_template)(struct hsm_connection *connection, const char *provider_id, const char *name,
				const char *language, const char *category, const char *components,
				hsm_write_done *done, void *user);
	void (*find_template)(struct hsm_connection *connection, const char *provider_id, const char *name,
			      const char *language, hsm_write_done *done, void *user);
	void (*delete_template)(struct hsm_connection *connection, const char *provider_id, const char *id,
				hsm_write_done *done, void *user);
	void (*write_webhook)(struct hsm_connection *connection, const char *id,
			      const struct hsm_webhook_write *webhook, hsm_write_done *done, void *user);
	void (*delete_webhook)(struct hsm_connection *connection, const char *id, hsm_write_done *done, void *user);
	void (*probe_write)(struct hsm_connection *connection, const char *provider_id, hsm_write_done *done,
			    void *user);
};

struct hsm_connection {
	const struct hsm_backend *backend;
	const struct hsm_settings *settings;
	struct hsm_http *http;
	struct hsm_oauth oauth;
};

/* genesys*.c: the Genesys Cloud messaging API. */
extern const struct hsm_backend hsm_genesys_backend;

#endif
