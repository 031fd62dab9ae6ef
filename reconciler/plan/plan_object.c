/* The one description of a plan: what is printed, saved and read back. */
#include "reconciler/plan/plan.h"

const char *const hsm_action_words[] = { "create", "replace", "update",  "reuse",	 "activate", "settings",
					 "retire", "delete",  "wait",	 "blocked",	 "conflict", "recategorised",
					 NULL };
const char *const hsm_kind_words[] = { "template", "webhook", "library", "response", NULL };
static const char *const compatibility_words[] = { "compatible", "breaking", NULL };

#define AT(type, member) .offset = offsetof(struct type, member)
#define STRING(type, member) { #member, HSM_TYPE_STRING, 0, AT(type, member) }
#define REQUIRED_STRING(type, member) { #member, HSM_TYPE_STRING, HSM_FIELD_REQUIRED, AT(type, member) }
#define INTEGER(type, member) { #member, HSM_TYPE_INTEGER, 0, AT(type, member) }
#define BOOLEAN(type, member) { #member, HSM_TYPE_BOOLEAN, 0, AT(type, member) }

static const struct hsm_field text_element = { "text", HSM_TYPE_STRING, .help = NULL };
#define TEXTS(type, member) \
	{ #member, HSM_TYPE_LIST, 0, AT(type, member), sizeof(struct hsm_string), &text_element }

static const struct hsm_field origin_fields[] = {
	REQUIRED_STRING(hsm_plan_origin, kind), STRING(hsm_plan_origin, commit),  STRING(hsm_plan_origin, author),
	STRING(hsm_plan_origin, date),		STRING(hsm_plan_origin, subject), STRING(hsm_plan_origin, variables),
};
static const struct hsm_object origin_object = { "origin", 0, sizeof(struct hsm_plan_origin),
						 HSM_OBJECT_FIELDS(origin_fields), .help = NULL };

static const struct hsm_field difference_fields[] = {
	REQUIRED_STRING(hsm_plan_difference, language),
	REQUIRED_STRING(hsm_plan_difference, component),
	REQUIRED_STRING(hsm_plan_difference, path),
	{ "old", HSM_TYPE_STRING, 0, AT(hsm_plan_difference, old_value) },
	{ "new", HSM_TYPE_STRING, 0, AT(hsm_plan_difference, new_value) },
	BOOLEAN(hsm_plan_difference, sample),
};
static const struct hsm_object difference_object = { "difference", 0, sizeof(struct hsm_plan_difference),
						     HSM_OBJECT_FIELDS(difference_fields), .help = NULL };
static const struct hsm_field difference_element = { "difference", HSM_TYPE_OBJECT, .object = &difference_object };

static const struct hsm_field live_fields[] = {
	REQUIRED_STRING(hsm_plan_live, id),	     REQUIRED_STRING(hsm_plan_live, name),
	REQUIRED_STRING(hsm_plan_live, fingerprint), REQUIRED_STRING(hsm_plan_live, status),
	REQUIRED_STRING(hsm_plan_live, category),    STRING(hsm_plan_live, since),
	STRING(hsm_plan_live, content),		     TEXTS(hsm_plan_live, parameters),
};
static const struct hsm_object live_object = { "live", 0, sizeof(struct hsm_plan_live),
					       HSM_OBJECT_FIELDS(live_fields), .help = NULL };
static const struct hsm_field live_element = { "live", HSM_TYPE_OBJECT, .object = &live_object };

static const struct hsm_field media_fields[] = {
	REQUIRED_STRING(hsm_plan_media, format), REQUIRED_STRING(hsm_plan_media, path), STRING(hsm_plan_media, sha256),
};
static const struct hsm_object media_object = { "media", 0, sizeof(struct hsm_plan_media),
						HSM_OBJECT_FIELDS(media_fields), .help = NULL };
static const struct hsm_field media_element = { "media", HSM_TYPE_OBJECT, .object = &media_object };

static const struct hsm_field submission_fields[] = {
	REQUIRED_STRING(hsm_plan_submission, category), REQUIRED_STRING(hsm_plan_submission, fingerprint),
	REQUIRED_STRING(hsm_plan_submission, content),	TEXTS(hsm_plan_submission, parameters),
	{ "media", HSM_TYPE_LIST, 0, AT(hsm_plan_submission, media), sizeof(struct hsm_plan_media), &media_element },
	TEXTS(hsm_plan_submission, seen),
};
static const struct hsm_object submission_object = { "submission", 0, sizeof(struct hsm_plan_submission),
						     HSM_OBJECT_FIELDS(submission_fields), .help = NULL };
static const struct hsm_field submission_element = { "submission", HSM_TYPE_OBJECT, .object = &submission_object };

static const struct hsm_field webhook_fields[] = {
	STRING(hsm_plan_webhook, id),
	REQUIRED_STRING(hsm_plan_webhook, url),
	TEXTS(hsm_plan_webhook, events),
	{ "enabled", HSM_TYPE_BOOLEAN, HSM_FIELD_REQUIRED, AT(hsm_plan_webhook, enabled) },
	STRING(hsm_plan_webhook, secret),
};
static const struct hsm_object webhook_object = { "webhook", 0, sizeof(struct hsm_plan_webhook),
						  HSM_OBJECT_FIELDS(webhook_fields), .help = NULL };

static const struct hsm_field response_fields[] = {
	REQUIRED_STRING(hsm_plan_response, language), STRING(hsm_plan_response, id),
	INTEGER(hsm_plan_response, version),	      REQUIRED_STRING(hsm_plan_response, name),
	REQUIRED_STRING(hsm_plan_response, fingerprint), STRING(hsm_plan_response, content),
	TEXTS(hsm_plan_response, libraries),	      TEXTS(hsm_plan_response, seen),
};
static const struct hsm_object response_object = { "response", 0, sizeof(struct hsm_plan_response),
						   HSM_OBJECT_FIELDS(response_fields), .help = NULL };
static const struct hsm_field response_element = { "response", HSM_TYPE_OBJECT, .object = &response_object };

static const struct hsm_field change_fields[] = {
	{ "action", HSM_TYPE_WORD, HSM_FIELD_REQUIRED, AT(hsm_plan_change, action), .words = hsm_action_words },
	{ "kind", HSM_TYPE_WORD, HSM_FIELD_REQUIRED, AT(hsm_plan_change, kind), .words = hsm_kind_words },
	STRING(hsm_plan_change, template),
	REQUIRED_STRING(hsm_plan_change, name),
	INTEGER(hsm_plan_change, version),
	STRING(hsm_plan_change, from_name),
	TEXTS(hsm_plan_change, languages),
	{ "compatibility", HSM_TYPE_WORD, 0, AT(hsm_plan_change, compatibility), .words = compatibility_words },
	TEXTS(hsm_plan_change, breaking),
	BOOLEAN(hsm_plan_change, held),
	STRING(hsm_plan_change, accept),
	BOOLEAN(hsm_plan_change, waiting),
	{ "origin", HSM_TYPE_OBJECT, 0, AT(hsm_plan_change, origin), .object = &origin_object },
	STRING(hsm_plan_change, reason),
	STRING(hsm_plan_change, cost),
	STRING(hsm_plan_change, ignored_until),
	STRING(hsm_plan_change, file),
	INTEGER(hsm_plan_change, line),
	INTEGER(hsm_plan_change, column),
	{ "diffs", HSM_TYPE_LIST, 0, AT(hsm_plan_change, diffs), sizeof(struct hsm_plan_difference),
	  &difference_element },
	{ "live", HSM_TYPE_MAPPING, 0, AT(hsm_plan_change, live), sizeof(struct hsm_plan_live), &live_element },
	{ "submit", HSM_TYPE_MAPPING, 0, AT(hsm_plan_change, submit), sizeof(struct hsm_plan_submission),
	  &submission_element },
	{ "wanted", HSM_TYPE_MAPPING, 0, AT(hsm_plan_change, wanted), sizeof(struct hsm_plan_submission),
	  &submission_element },
	{ "webhook", HSM_TYPE_OBJECT, 0, AT(hsm_plan_change, webhook), .object = &webhook_object },
	{ "live_webhook", HSM_TYPE_OBJECT, 0, AT(hsm_plan_change, live_webhook), .object = &webhook_object },
	{ "responses", HSM_TYPE_LIST, 0, AT(hsm_plan_change, responses), sizeof(struct hsm_plan_response),
	  &response_element },
	{ "live_responses", HSM_TYPE_LIST, 0, AT(hsm_plan_change, live_responses), sizeof(struct hsm_plan_response),
	  &response_element },
};
static const struct hsm_object change_object = { "change", 0, sizeof(struct hsm_plan_change),
						 HSM_OBJECT_FIELDS(change_fields), .help = NULL };
static const struct hsm_field change_element = { "change", HSM_TYPE_OBJECT, .object = &change_object };

static const struct hsm_field summary_fields[] = {
	INTEGER(hsm_plan_summary, create),    INTEGER(hsm_plan_summary, replace),
	INTEGER(hsm_plan_summary, update),    INTEGER(hsm_plan_summary, reuse),
	INTEGER(hsm_plan_summary, activate),  INTEGER(hsm_plan_summary, settings),
	INTEGER(hsm_plan_summary, retire),    INTEGER(hsm_plan_summary, delete),
	INTEGER(hsm_plan_summary, wait),      INTEGER(hsm_plan_summary, blocked),
	INTEGER(hsm_plan_summary, conflict),  INTEGER(hsm_plan_summary, recategorised),
	INTEGER(hsm_plan_summary, in_sync),   INTEGER(hsm_plan_summary, unmanaged),
	INTEGER(hsm_plan_summary, requests),  INTEGER(hsm_plan_summary, prunable),
	INTEGER(hsm_plan_summary, ignored),
};
static const struct hsm_object summary_object = { "summary", 0, sizeof(struct hsm_plan_summary),
						  HSM_OBJECT_FIELDS(summary_fields), .help = NULL };

static const struct hsm_field quota_fields[] = {
	INTEGER(hsm_plan_quota, templates),
	INTEGER(hsm_plan_quota, creates_last_hour),
};
static const struct hsm_object quota_object = { "quota", 0, sizeof(struct hsm_plan_quota),
						HSM_OBJECT_FIELDS(quota_fields), .help = NULL };

static const struct hsm_field violation_fields[] = {
	REQUIRED_STRING(hsm_plan_violation, policy),
	INTEGER(hsm_plan_violation, limit),
	INTEGER(hsm_plan_violation, actual),
	REQUIRED_STRING(hsm_plan_violation, message),
};
static const struct hsm_object violation_object = { "violation", 0, sizeof(struct hsm_plan_violation),
						    HSM_OBJECT_FIELDS(violation_fields), .help = NULL };
static const struct hsm_field violation_element = { "violation", HSM_TYPE_OBJECT, .object = &violation_object };

static const struct hsm_field target_fields[] = {
	{ "backend", HSM_TYPE_WORD, 0, AT(hsm_plan_target, backend), .words = hsm_backend_words,
	  .fallback = HSM_BACKEND_GENESYS },
	REQUIRED_STRING(hsm_plan_target, base_url), STRING(hsm_plan_target, login_url),
	STRING(hsm_plan_target, organization),	    STRING(hsm_plan_target, client_id),
	STRING(hsm_plan_target, client_secret),	    STRING(hsm_plan_target, app),
	STRING(hsm_plan_target, api_version),	    STRING(hsm_plan_target, access_token),
};
static const struct hsm_object target_object = { "target", 0, sizeof(struct hsm_plan_target),
						 HSM_OBJECT_FIELDS(target_fields), .help = NULL };

static const struct hsm_field plan_fields[] = {
	REQUIRED_STRING(hsm_plan, format_version),
	REQUIRED_STRING(hsm_plan, tool_version),
	REQUIRED_STRING(hsm_plan, command),
	REQUIRED_STRING(hsm_plan, environment),
	REQUIRED_STRING(hsm_plan, provider_id),
	STRING(hsm_plan, provider_name),
	STRING(hsm_plan, commit),
	BOOLEAN(hsm_plan, dirty),
	STRING(hsm_plan, folder),
	STRING(hsm_plan, snapshot),
	{ "target", HSM_TYPE_OBJECT, 0, AT(hsm_plan, target), .object = &target_object },
	{ "genesys", HSM_TYPE_OBJECT, 0, AT(hsm_plan, genesys), .object = &target_object },
	STRING(hsm_plan, library),
	STRING(hsm_plan, library_id),
	STRING(hsm_plan, responses),
	{ "window", HSM_TYPE_OBJECT, 0, AT(hsm_plan, window), .object = &hsm_window_object },
	STRING(hsm_plan, hash),
	{ "changes", HSM_TYPE_LIST, HSM_FIELD_REQUIRED | HSM_FIELD_ALWAYS, AT(hsm_plan, changes),
	  sizeof(struct hsm_plan_change), &change_element },
	{ "summary", HSM_TYPE_OBJECT, HSM_FIELD_REQUIRED, AT(hsm_plan, summary), .object = &summary_object },
	{ "quota", HSM_TYPE_OBJECT, 0, AT(hsm_plan, quota), .object = &quota_object },
	{ "violations", HSM_TYPE_LIST, 0, AT(hsm_plan, violations), sizeof(struct hsm_plan_violation),
	  &violation_element },
	STRING(hsm_plan, history),
};
const struct hsm_object hsm_plan_object = { "plan", 0, sizeof(struct hsm_plan), HSM_OBJECT_FIELDS(plan_fields),
					    .help = NULL };
