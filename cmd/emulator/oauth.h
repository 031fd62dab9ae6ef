#ifndef HSM_EMULATOR_OAUTH_H
#define HSM_EMULATOR_OAUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "cmd/emulator/clock.h"
#include "cmd/emulator/map.h"

struct hsm_emu;
struct hsm_emu_request;

enum hsm_emu_scope {
	EMU_SCOPE_NONE = 0,
	EMU_SCOPE_PROVIDER_READ = 1,
	EMU_SCOPE_PROVIDER_WRITE = 2,
	EMU_SCOPE_TEMPLATE_READ = 4,
	EMU_SCOPE_TEMPLATE_WRITE = 8,
	EMU_SCOPE_CONVERSATION_READ = 16,
	EMU_SCOPE_CONVERSATION_WRITE = 32,
	EMU_SCOPE_ARCHITECT = 64,
	EMU_SCOPE_WHATSAPP_MANAGEMENT = 1 << 16, /* these two are Meta's */
	EMU_SCOPE_WHATSAPP_MESSAGING = 1 << 17,
	/* Permissions: a route of the public API wants the one that its documentation names. Bits 16 and 17 are Meta's. */
	EMU_MAY_VIEW_INTEGRATIONS = 1 << 7,
	EMU_MAY_VIEW_LIBRARIES = 1 << 8,
	EMU_MAY_ADD_LIBRARIES = 1 << 9,
	EMU_MAY_EDIT_LIBRARIES = 1 << 10,
	EMU_MAY_DELETE_LIBRARIES = 1 << 11,
	EMU_MAY_VIEW_RESPONSES = 1 << 12,
	EMU_MAY_ADD_RESPONSES = 1 << 13,
	EMU_MAY_EDIT_RESPONSES = 1 << 14,
	EMU_MAY_DELETE_RESPONSES = 1 << 15,
	EMU_MAY_VIEW_DEPENDENCIES = 1 << 18,
	EMU_MAY_VIEW_CAMPAIGNS = 1 << 19,
	EMU_MAY_CREATE_MESSAGES = 1 << 20,
	EMU_MAY_VIEW_MESSAGES = 1 << 21,
	EMU_SCOPE_PERMISSIONS = 0x1ff << 7 | 0xf << 18,
	EMU_SCOPE_ALL = 0x7fffffff,
};

const char *hsm_emu_scope_name(enum hsm_emu_scope scope);
/* EMU_SCOPE_NONE: no such scope. */
enum hsm_emu_scope hsm_emu_scope_find(const char *name);

struct hsm_emu_token {
	char text[80];
	char log_id[12]; /* tells tokens apart in the log without giving them away */
	unsigned scopes;
	int64_t expires;
	int64_t window_end; /* of the rate limit */
	int64_t window_count;
	struct hsm_emu_timer timer;
};

struct hsm_emu_oauth {
	struct hsm_emu_map tokens;
};

/* POST /oauth/token */
void hsm_emu_oauth_grant(struct hsm_emu *emu, struct hsm_emu_request *request);

/* An OAuthError. */
void hsm_emu_oauth_fail(struct hsm_emu_request *request, unsigned status, const char *code, const char *description);

#define EMU_TOKEN_ENDLESS INT64_MAX

/* A token of Meta's API, which may have expired; it begins with its first use. NULL: no such token. */
struct hsm_emu_token *hsm_emu_oauth_graph_token(struct hsm_emu *emu, const char *text);

/* Finds the request's token; false: answered with 401. */
bool hsm_emu_oauth_check(struct hsm_emu *emu, struct hsm_emu_request *request);

/* Ends the request's token. */
void hsm_emu_oauth_revoke(struct hsm_emu *emu, struct hsm_emu_request *request);

bool hsm_emu_oauth_load(struct hsm_emu *emu);
void hsm_emu_oauth_release(struct hsm_emu *emu);

#endif
