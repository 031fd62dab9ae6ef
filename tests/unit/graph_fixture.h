#ifndef TESTS_GRAPH_FIXTURE_H
#define TESTS_GRAPH_FIXTURE_H

#include "tests/unit/live_fixture.h"

/* As live_fixture.h, of Meta's Graph API. */

#define ACCOUNT "102290129340398"
#define GRAPH "/v23.0/"
#define GRAPH_TEMPLATES GRAPH ACCOUNT "/message_templates"
#define GRAPH_LIST "GET " GRAPH_TEMPLATES "?fields=*&limit="
#define GRAPH_CREATE "POST " GRAPH_TEMPLATES
#define ACCOUNT_REPLY { .request = "GET " GRAPH ACCOUNT "?fields=id,name", .status = 200,                     \
			.body = "{\"name\":\"Acme\",\"id\":\"" ACCOUNT "\"}" }
#define GRAPH_ROW(id, name, language, status)                                                                  \
	"{\"name\":\"" name "\",\"language\":\"" language "\",\"status\":\"" status "\",\"category\":\"utility\",\"id\":" id "," \
	"\"parameter_format\":\"POSITIONAL\",\"components\":[{\"type\":\"BODY\",\"text\":\"Hi.\"}]}"
/* What it says of the next page's address must not be followed. */
#define GRAPH_NEXT(cursor) ",\"paging\":{\"cursors\":{\"before\":\"b\",\"after\":\"" cursor "\"},"              \
			   "\"next\":\"http://127.0.0.1:1/stolen?access_token=" LIVE_TOKEN "\"}"
#define GRAPH_PAGE(rows, paging) "{\"data\":[" rows "]" paging "}"
#define GRAPH_ERROR(code, rest)                                                                                 \
	"{\"error\":{\"message\":\"Invalid parameter\",\"type\":\"OAuthException\",\"code\":" code rest                \
	",\"fbtrace_id\":\"AbC-trace\"}}"
/* An hour until calls are taken again. */
#define GRAPH_SPENT "X-Business-Use-Case-Usage: {\"" ACCOUNT "\":[{\"type\":\"whatsapp_business_management\"," \
		    "\"call_count\":100,\"total_cputime\":1,\"total_time\":1,\"estimated_time_to_regain_access\":60}]}\n"

static inline void graph_fixture_open(struct live_fixture *fixture, const struct http_reply *replies, size_t count)
{
	live_fixture_open(fixture, replies, count);
	fixture->settings = (struct hsm_settings){
		.environment = "dev",
		.backend = HSM_BACKEND_META,
		.base_url = fixture->settings.base_url,
		.access_token = LIVE_TOKEN,
		.account = ACCOUNT,
		.app = "670843887433847",
		.api_version = "v23.0",
		.token_variable = "META_ACCESS_TOKEN",
		.parallelism = 4,
	};
}

#endif
