#include "reconciler/lifecycle/keeper.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "schema/base/memory.h"
#include "schema/name.h"

#define LEAD_INTERVAL 2    /* seconds */
#define REFRESH_INTERVAL 1 /* what other processes wrote */
#define BATCH_MAX 2000

struct hsm_keeper {
	struct hsm_keeper_options options;
	char *environment;
	struct hsm_store *store;
	struct hsm_registry registry;
	struct hsm_answers answers;
	struct hsm_keeper_counts counts;
	_Atomic bool leads;
	pthread_t thread;
	pthread_mutex_t mutex;
	pthread_cond_t wake;
	struct hsm_work *first, **last;
	bool stopping;
	/* of the transaction */
	struct hsm_registry_template **changed; /* to be decided anew */
	size_t changed_count, changed_capacity;
	bool doubt;
	struct hsm_arena scratch; /* of an event or a decision: a new one for each would cost more than they do */
};

int64_t hsm_keeper_now(void)
{
	struct timespec now;
	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

struct hsm_answers *hsm_keeper_answers(struct hsm_keeper *keeper)
{
	return &keeper->answers;
}

bool hsm_keeper_leads(const struct hsm_keeper *keeper)
{
	return keeper->leads;
}

struct hsm_store *hsm_keeper_store(struct hsm_keeper *keeper)
{
	return keeper->store;
}

struct hsm_registry *hsm_keeper_registry(struct hsm_keeper *keeper)
{
	return &keeper->registry;
}

struct hsm_keeper_counts *hsm_keeper_counts(struct hsm_keeper *keeper)
{
	return &keeper->counts;
}

static void mark_changed(struct hsm_keeper *keeper, const char *base)
{
	struct hsm_registry_template *template = hsm_registry_find_template(&keeper->registry, base);
	if (keeper->changed_count && keeper->changed[keeper->changed_count - 1] == template)
		return;
	HSM_MEMORY_GROW(keeper->changed, keeper->changed_count, keeper->changed_capacity);
	keeper->changed[keeper->changed_count++] = template;
	template->touched = true;
}

static int add_alert(struct hsm_keeper *keeper, enum hsm_alert_kind kind, const char *name, const char *language,
		     const char *text, struct hsm_error *error)
{
	struct hsm_alert alert = { .kind = kind, .text = text,
				   .subject = hsm_arena_format(&keeper->scratch, "%s %s", name, language) };
	keeper->counts.alerts[kind]++;
	return hsm_store_add_alert(keeper->store, &alert, hsm_keeper_now(), error);
}

static const char *describe_status(struct hsm_arena *arena, const struct hsm_registry_version *version,
				   enum hsm_alert_kind kind, const char *value)
{
	if (kind == HSM_ALERT_RECATEGORISED)
		return hsm_arena_format(arena, "its category is %s now, or will be; git accepts %s",
					value ? value : version->category, version->accepted ? version->accepted : "any");
	if (kind == HSM_ALERT_QUALITY)
		return "its quality is RED: it will be paused unless fewer people block or report it";
	return hsm_arena_format(arena, "%s%s%s", version->status, version->reason ? ": " : "",
				version->reason ? version->reason : "");
}

/* What was told is kept, and people are told of what matters. */
static int keep_told(struct hsm_keeper *keeper, struct hsm_registry_version *version, const struct hsm_told *told,
		     const char *value, struct hsm_error *error)
{
	keeper->doubt |= told->doubtful;
	if (told->effect == HSM_EFFECT_APPLIED)
		mark_changed(keeper, version->base);
	int rc = hsm_store_save_version(keeper->store, version, error);
	if (!rc && told->alert)
		rc = add_alert(keeper, told->alert, version->name, version->language,
			       describe_status(&keeper->scratch, version, told->alert, value), error);
	hsm_arena_clear(&keeper->scratch);
	return rc;
}

static int take_event(struct hsm_keeper *keeper, const struct hsm_event *event, const char *source, int64_t received,
		      struct hsm_error *error)
{
	bool fresh;
	int rc = hsm_store_add_event(keeper->store, event, source, received, &fresh, error);
	if (rc)
		return rc;
	keeper->counts.last_event = received;
	if (!fresh) {
		keeper->counts.duplicates++;
		return 0;
	}
	keeper->counts.events[event->kind]++;
	struct hsm_registry_version *version =
		event->name && event->language ? hsm_registry_find_name(&keeper->registry, event->name, event->language) :
						 NULL;
	struct hsm_told told = hsm_decide_event(version, event, received);
	keeper->counts.stale += told.effect == HSM_EFFECT_STALE;
	if (!version) {
		/* It may be one that was made a moment ago: a listing tells. */
		keeper->counts.strangers += event->kind != HSM_EVENT_UNKNOWN;
		keeper->doubt |= event->kind == HSM_EVENT_STATUS;
		return 0;
	}
	return keep_told(keeper, version, &told, event->value, error);
}

int hsm_keeper_take_events(struct hsm_keeper *keeper, const struct hsm_events *events, const char *source,
			   int64_t received, struct hsm_error *error)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < events->count; i++)
		rc = take_event(keeper, &events->items[i], source, received, error);
	return rc;
}

static int take_version(struct hsm_keeper *keeper, const struct hsm_world *world,
			const struct hsm_world_version *row, size_t *missed, struct hsm_error *error)
{
	/* What neither git nor the registry knows is nobody's here. */
	if (!hsm_registry_find_template(&keeper->registry, row->base))
		return 0;
	struct hsm_registry_version *version =
		hsm_registry_add_version(&keeper->registry, row->base, row->name, row->language);
	struct hsm_seen seen = { row->status, row->category, row->reason, row->modified, world->began };
	bool silent = false, changed = version->number != row->number;
	const struct hsm_registry_version before = *version;
	if (!version->status && !world->has_git)
		keeper->counts.unplanned = true;
	struct hsm_told told = hsm_decide_seen(version, &seen, &silent);
	*missed += silent;
	version->number = row->number;
	version->created = row->created;
	changed |= hsm_registry_set(&version->id, row->id);
	/* Names that some commit told once are not forgotten where history is not read. */
	if (row->accepted)
		changed |= hsm_registry_set(&version->accepted, row->accepted);
	if (row->signature)
		changed |= hsm_registry_set(&version->signature, row->signature);
	if (row->parameters && (row->signature || !version->parameters))
		changed |= hsm_registry_set(&version->parameters, row->parameters);
	/* What git says of it holds, whatever was told meanwhile. */
	if (changed)
		told.effect = HSM_EFFECT_APPLIED;
	/* Clocks decide about later events: they are kept where nothing else changed, too. */
	bool moved = before.changed != version->changed || before.categorised != version->categorised ||
		     before.created != version->created;
	return told.effect == HSM_EFFECT_APPLIED || moved ? keep_told(keeper, version, &told, NULL, error) : 0;
}

static int take_translation(struct hsm_keeper *keeper, const struct hsm_world_translation *row,
			    struct hsm_error *error)
{
	struct hsm_registry_translation *translation =
		hsm_registry_add_translation(&keeper->registry, row->base, row->language);
	bool changed = !translation->managed;
	translation->managed = 1;
	changed |= hsm_registry_set(&translation->category, row->category);
	changed |= hsm_registry_set(&translation->target, row->target);
	changed |= hsm_registry_set(&translation->held, row->held);
	changed |= hsm_registry_set(&translation->suggested, row->suggested);
	changed |= hsm_registry_set(&translation->fallback, row->fallback);
	changed |= hsm_registry_set(&translation->routes, row->routes);
	if (!changed)
		return 0;
	mark_changed(keeper, row->base);
	return hsm_store_save_translation(keeper->store, translation, error);
}

static int compare_names(const void *a, const void *b)
{
	const struct hsm_world_version *left = a, *right = b;
	int order = strcmp(left->name, right->name);
	return order ? order : strcmp(left->language, right->language);
}

static int compare_translations(const void *a, const void *b)
{
	const struct hsm_world_translation *left = a, *right = b;
	int order = strcmp(left->base, right->base);
	return order ? order : strcmp(left->language, right->language);
}

/* Of nothing, bsearch wants an array all the same. */
static bool has(const void *key, const void *items, size_t count, size_t size, int (*compare)(const void *, const void *))
{
	return count && bsearch(key, items, count, size, compare);
}

/* What the registry has and the listing has not. */
static int take_gone(struct hsm_keeper *keeper, const struct hsm_world *world, struct hsm_error *error)
{
	struct hsm_seen seen = { .began = world->began };
	bool silent;
	int rc = 0;
	for (size_t i = 0; i < keeper->registry.count; i++) {
		struct hsm_registry_template *template = keeper->registry.templates[i];
		for (size_t j = 0; !rc && j < template->version_count; j++) {
			struct hsm_registry_version *version = template->versions[j];
			struct hsm_world_version key = { .name = version->name, .language = version->language };
			if (has(&key, world->versions, world->version_count, sizeof(key), compare_names))
				continue;
			struct hsm_told told = hsm_decide_seen(version, &seen, &silent);
			if (told.effect == HSM_EFFECT_APPLIED)
				rc = keep_told(keeper, version, &told, NULL, error);
		}
	}
	return rc;
}

/* What git had and has no more keeps what is in use, while it may be used. */
static int take_unmanaged(struct hsm_keeper *keeper, const struct hsm_world *world, struct hsm_error *error)
{
	int rc = 0;
	for (size_t i = 0; i < keeper->registry.count; i++) {
		struct hsm_registry_template *template = keeper->registry.templates[i];
		for (size_t j = 0; !rc && j < template->translation_count; j++) {
			struct hsm_registry_translation *translation = template->translations[j];
			struct hsm_world_translation key = { .base = translation->base, .language = translation->language };
			if (!translation->managed ||
			    has(&key, world->translations, world->translation_count, sizeof(key), compare_translations))
				continue;
			translation->managed = 0;
			hsm_registry_set(&translation->target, NULL);
			mark_changed(keeper, translation->base);
			rc = hsm_store_save_translation(keeper->store, translation, error);
		}
	}
	return rc;
}

int hsm_keeper_take_world(struct hsm_keeper *keeper, const struct hsm_world *world, struct hsm_error *error)
{
	size_t missed = 0;
	int rc = 0;
	if (world->version_count)
		qsort(world->versions, world->version_count, sizeof(*world->versions), compare_names);
	if (world->translation_count)
		qsort(world->translations, world->translation_count, sizeof(*world->translations),
		      compare_translations);
	for (size_t i = 0; !rc && i < world->translation_count; i++)
		rc = take_translation(keeper, &world->translations[i], error);
	for (size_t i = 0; !rc && i < world->version_count; i++)
		rc = take_version(keeper, world, &world->versions[i], &missed, error);
	if (!rc)
		rc = take_gone(keeper, world, error);
	if (!rc && world->has_git)
		rc = take_unmanaged(keeper, world, error);
	struct hsm_alert alert = { HSM_ALERT_WEBHOOK_SILENT, "webhook",
				   "a status changed and no webhook told: check that the webhook is registered, that its URL "
				   "reaches this controller and that its secret is the same on both sides" };
	if (!rc && missed) {
		keeper->counts.alerts[alert.kind]++;
		rc = hsm_store_add_alert(keeper->store, &alert, hsm_keeper_now(), error);
	}
	return rc;
}

static const char *in_use(const struct hsm_registry_translation *translation)
{
	return translation->substitute ? translation->substitute_name : translation->active;
}

/* What people are told where another thing is in use now. */
static enum hsm_alert_kind find_alert(const struct hsm_registry_translation *translation, const struct hsm_use *use)
{
	bool had_trouble = translation->substitute || (translation->preferred && !translation->active);
	if (use->substitute)
		return HSM_ALERT_FALLBACK;
	if (!use->active)
		return translation->preferred ? HSM_ALERT_UNAVAILABLE : HSM_ALERT_NONE;
	return had_trouble ? HSM_ALERT_RECOVERED : HSM_ALERT_NONE;
}

static const char *describe_use(struct hsm_arena *arena, const struct hsm_use *use)
{
	if (use->substitute)
		return hsm_arena_format(arena, "%s: %s is used instead", use->cause, use->substitute_name);
	if (!use->active)
		return hsm_arena_format(arena, "%s, and nothing may be used instead: correct it, or give its file a fallback",
					use->cause);
	return hsm_arena_format(arena, "%s is in use", use->active);
}

/* Keeps what was decided of a translation, where it is something new. */
static int keep_use(struct hsm_keeper *keeper, struct hsm_arena *arena, struct hsm_registry_translation *translation,
		    const struct hsm_use *use, struct hsm_error *error)
{
	const char *before = hsm_arena_copy_string(arena, in_use(translation));
	const char *after = use->substitute ? use->substitute_name : use->active;
	enum hsm_alert_kind alert = find_alert(translation, use);
	bool moved = !hsm_registry_equals(before, after) ||
		     !hsm_registry_equals(translation->substitute, use->substitute);
	if (translation->active && !hsm_registry_equals(translation->active, use->active))
		hsm_registry_set(&translation->previous, translation->active);
	else if (use->active && hsm_registry_equals(translation->previous, use->active))
		hsm_registry_set(&translation->previous, NULL);
	bool changed = moved;
	changed |= hsm_registry_set(&translation->preferred, use->preferred);
	changed |= hsm_registry_set(&translation->active, use->active);
	changed |= hsm_registry_set(&translation->substitute, use->substitute);
	changed |= hsm_registry_set(&translation->substitute_name, use->substitute_name);
	changed |= hsm_registry_set(&translation->substitute_text, use->substitute_text);
	changed |= hsm_registry_set(&translation->cause, use->cause);
	if (!changed)
		return 0;
	if (moved)
		translation->since = hsm_keeper_now();
	int rc = hsm_store_save_translation(keeper->store, translation, error);
	if (rc || !moved)
		return rc;
	const char *text = describe_use(arena, use);
	keeper->counts.changes++;
	rc = hsm_store_add_change(keeper->store, translation, before, text, translation->since, error);
	if (!rc && alert)
		rc = add_alert(keeper, alert, translation->base, translation->language, text, error);
	return rc;
}

static int decide_template(struct hsm_keeper *keeper, struct hsm_registry_template *template, struct hsm_error *error)
{
	struct hsm_arena *arena = &keeper->scratch;
	int rc = 0;
	template->touched = true;
	for (size_t i = 0; !rc && i < template->translation_count; i++) {
		struct hsm_use use;
		hsm_decide_use(arena, &keeper->registry, template, template->translations[i], &use);
		/* Borrowed texts may be its own. */
		use.preferred = hsm_arena_copy_string(arena, use.preferred);
		use.active = hsm_arena_copy_string(arena, use.active);
		use.substitute_name = hsm_arena_copy_string(arena, use.substitute_name);
		rc = keep_use(keeper, arena, template->translations[i], &use, error);
		hsm_arena_clear(arena);
	}
	return rc;
}

/* Whether it is, or may come to be, on a fallback that is a template. */
static bool leans_on_others(const struct hsm_registry_template *template)
{
	for (size_t i = 0; i < template->translation_count; i++)
		if (template->translations[i]->cause && template->translations[i]->fallback &&
		    strstr(template->translations[i]->fallback, "\"template\""))
			return true;
	return false;
}

/* Decides what the transaction's work changed, and then whatever leans on that. */
static int settle(struct hsm_keeper *keeper, struct hsm_error *error)
{
	int rc = 0;
	for (size_t i = 0; !rc && i < keeper->changed_count; i++)
		rc = decide_template(keeper, keeper->changed[i], error);
	for (size_t i = 0; !rc && keeper->changed_count && i < keeper->registry.count; i++)
		if (leans_on_others(keeper->registry.templates[i]))
			rc = decide_template(keeper, keeper->registry.templates[i], error);
	return rc;
}

static void note_reviews(struct hsm_keeper *keeper)
{
	bool waits = false;
	for (size_t i = 0; !waits && i < keeper->registry.count; i++) {
		const struct hsm_registry_template *template = keeper->registry.templates[i];
		for (size_t j = 0; !waits && j < template->version_count; j++) {
			const char *status = template->versions[j]->status;
			waits = status && (strcmp(status, "PENDING") == 0 || strcmp(status, "IN_REVIEW") == 0 ||
					   strcmp(status, "IN_APPEAL") == 0 || strcmp(status, "PAUSED") == 0);
		}
	}
	keeper->counts.waits = waits;
}

static bool reads_only(const struct hsm_work *works)
{
	for (; works; works = works->next)
		if (!works->reads)
			return false;
	return true;
}

static int read_works(struct hsm_keeper *keeper, struct hsm_work *works, struct hsm_error *error)
{
	int rc = 0;
	for (; !rc && works; works = works->next)
		rc = works->run(keeper, works, error);
	return rc;
}

/* All of the works in one transaction. */
static int transact(struct hsm_keeper *keeper, struct hsm_work *works, struct hsm_error *error)
{
	keeper->changed_count = 0;
	keeper->doubt = false;
	int rc = hsm_store_begin(keeper->store, &keeper->registry, error);
	bool begun = !rc;
	for (struct hsm_work *work = works; !rc && work; work = work->next)
		rc = work->run(keeper, work, error);
	if (!rc)
		rc = settle(keeper, error);
	if (begun && rc)
		hsm_store_rollback(keeper->store);
	if (!rc)
		rc = hsm_store_commit(keeper->store, error);
	keeper->counts.down = rc != 0;
	keeper->counts.transactions++;
	if (!rc)
		return 0;
	keeper->counts.failures++;
	/* What is in memory may be what was never written. */
	hsm_registry_clear(&keeper->registry);
	hsm_store_forget(keeper->store);
	return rc;
}

static void log_error(struct hsm_keeper *keeper, const struct hsm_error *error)
{
	keeper->options.log(keeper->options.log_user, HSM_LOG_ERROR, error->message);
}

static void publish(struct hsm_keeper *keeper)
{
	uint64_t before = keeper->answers.generation;
	hsm_answers_update(&keeper->answers, &keeper->registry);
	if (keeper->answers.generation != before) {
		note_reviews(keeper);
		keeper->options.changed(keeper->options.user);
	}
}

static void finish(struct hsm_keeper *keeper, struct hsm_work *works, int rc, const struct hsm_error *error)
{
	for (struct hsm_work *next; works; works = next) {
		next = works->next;
		keeper->counts.waiting -= works->weight;
		if (works->done)
			works->done(works, rc, error);
	}
}

/* Where one of many fails by its own fault, the others do not suffer for it. */
static void do_works(struct hsm_keeper *keeper, struct hsm_work *works)
{
	struct hsm_error error = { 0 };
	int rc = reads_only(works) ? read_works(keeper, works, &error) : transact(keeper, works, &error);
	if (rc && rc != HSM_ERROR_UNAVAILABLE && works->next) {
		for (struct hsm_work *next; works; works = next) {
			next = works->next;
			works->next = NULL;
			do_works(keeper, works);
		}
		return;
	}
	if (rc)
		log_error(keeper, &error);
	else
		publish(keeper);
	if (keeper->doubt && !rc) {
		keeper->counts.doubtful = true;
		keeper->options.doubt(keeper->options.user);
	}
	finish(keeper, works, rc, &error);
}

/* At most BATCH_MAX of what waits; NULL where nothing does. */
static struct hsm_work *take_batch(struct hsm_keeper *keeper)
{
	struct hsm_work *works = keeper->first, *last = works;
	for (size_t i = 1; last && last->next && i < BATCH_MAX; i++)
		last = last->next;
	if (!last)
		return NULL;
	keeper->first = last->next;
	if (!keeper->first)
		keeper->last = &keeper->first;
	last->next = NULL;
	return works;
}

/* Waits for work, at most a second; stopping is told where nothing waits any more. */
static struct hsm_work *wait_for_work(struct hsm_keeper *keeper, bool *stop)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_sec += REFRESH_INTERVAL;
	pthread_mutex_lock(&keeper->mutex);
	while (!keeper->first && !keeper->stopping &&
	       pthread_cond_timedwait(&keeper->wake, &keeper->mutex, &until) == 0)
		;
	struct hsm_work *works = take_batch(keeper);
	*stop = keeper->stopping && !works;
	pthread_mutex_unlock(&keeper->mutex);
	return works;
}

/* Who leads, and what others wrote. */
static void look_around(struct hsm_keeper *keeper)
{
	struct hsm_error error;
	bool leads = false;
	int rc = hsm_store_lead(keeper->store, &leads, &error);
	keeper->leads = leads;
	/* What could not be written is well again when something can be, not when it can be read. */
	if (!rc && keeper->counts.down) {
		rc = transact(keeper, NULL, &error);
		if (!rc)
			publish(keeper);
	}
	/* A registry that could not be read is read as soon as it can be. */
	if (!rc && (hsm_store_is_shared(keeper->store) || !hsm_store_revision(keeper->store))) {
		rc = hsm_store_refresh(keeper->store, &keeper->registry, &error);
		if (!rc)
			publish(keeper);
	}
	if (rc && !keeper->counts.down)
		log_error(keeper, &error);
	keeper->counts.down = rc != 0;
}

static void *keep(void *context)
{
	struct hsm_keeper *keeper = context;
	time_t next = 0;
	for (bool stop = false; !stop;) {
		struct timespec now;
		struct hsm_work *works = wait_for_work(keeper, &stop);
		if (works)
			do_works(keeper, works);
		clock_gettime(CLOCK_MONOTONIC, &now);
		if (now.tv_sec >= next) {
			look_around(keeper);
			next = now.tv_sec + (keeper->leads ? LEAD_INTERVAL : REFRESH_INTERVAL);
		}
	}
	return NULL;
}

int hsm_keeper_open(struct hsm_keeper **opened, const struct hsm_keeper_options *options, struct hsm_error *error)
{
	struct hsm_keeper *keeper = hsm_memory_allocate(sizeof(*keeper));
	pthread_condattr_t attributes;
	bool leads = false;
	keeper->options = *options;
	keeper->last = &keeper->first;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&keeper->mutex, NULL);
	pthread_cond_init(&keeper->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	hsm_answers_begin(&keeper->answers, options->detach);
	int rc = hsm_store_open(&keeper->store, options->url, options->environment, error);
	if (!rc)
		rc = hsm_store_lead(keeper->store, &leads, error);
	if (!rc && !leads && !hsm_store_is_shared(keeper->store))
		rc = hsm_error_set(error, HSM_ERROR_FAILED,
				   "another hsmctl serve has this registry: end it, or use PostgreSQL where several are to run");
	keeper->leads = leads;
	if (!rc)
		rc = hsm_store_refresh(keeper->store, &keeper->registry, error);
	if (!rc) {
		publish(keeper);
		rc = pthread_create(&keeper->thread, NULL, keep, keeper) == 0 ?
			     0 :
			     hsm_error_set(error, HSM_ERROR_FAILED, "cannot start a thread");
	}
	*opened = rc ? NULL : keeper;
	if (rc) {
		keeper->thread = 0;
		hsm_keeper_close(keeper);
	}
	return rc;
}

void hsm_keeper_close(struct hsm_keeper *keeper)
{
	if (!keeper)
		return;
	if (keeper->thread) {
		pthread_mutex_lock(&keeper->mutex);
		keeper->stopping = true;
		pthread_cond_signal(&keeper->wake);
		pthread_mutex_unlock(&keeper->mutex);
		pthread_join(keeper->thread, NULL);
	}
	hsm_store_close(keeper->store);
	hsm_registry_clear(&keeper->registry);
	hsm_answers_end(&keeper->answers);
	pthread_mutex_destroy(&keeper->mutex);
	pthread_cond_destroy(&keeper->wake);
	hsm_arena_release(&keeper->scratch);
	free(keeper->changed);
	free(keeper);
}

bool hsm_keeper_has_room(struct hsm_keeper *keeper, size_t weight)
{
	return keeper->counts.waiting + weight <= HSM_KEEPER_WAITING_MAX;
}

void hsm_keeper_queue(struct hsm_keeper *keeper, struct hsm_work *work)
{
	pthread_mutex_lock(&keeper->mutex);
	keeper->counts.waiting += work->weight;
	work->next = NULL;
	*keeper->last = work;
	keeper->last = &work->next;
	pthread_cond_signal(&keeper->wake);
	pthread_mutex_unlock(&keeper->mutex);
}

struct waiting {
	pthread_mutex_t mutex;
	pthread_cond_t done;
	bool is_done;
	int rc;
	struct hsm_error error;
};

/* A work that somebody waits for, around his own. */
struct waited {
	struct hsm_work work;
	struct hsm_work *inner;
	struct waiting *waiting;
};

static int run_waited(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	struct waited *waited = (struct waited *)work;
	return waited->inner->run(keeper, waited->inner, error);
}

static void end_waited(struct hsm_work *work, int rc, const struct hsm_error *error)
{
	struct waiting *waiting = ((struct waited *)work)->waiting;
	pthread_mutex_lock(&waiting->mutex);
	waiting->is_done = true;
	waiting->rc = rc;
	if (rc)
		waiting->error = *error;
	pthread_cond_signal(&waiting->done);
	pthread_mutex_unlock(&waiting->mutex);
}

int hsm_keeper_do(struct hsm_keeper *keeper, struct hsm_work *work, struct hsm_error *error)
{
	struct waiting waiting = { .mutex = PTHREAD_MUTEX_INITIALIZER, .done = PTHREAD_COND_INITIALIZER };
	struct waited waited = { .work = { .run = run_waited, .done = end_waited, .reads = work->reads }, .inner = work,
				 .waiting = &waiting };
	hsm_keeper_queue(keeper, &waited.work);
	pthread_mutex_lock(&waiting.mutex);
	while (!waiting.is_done)
		pthread_cond_wait(&waiting.done, &waiting.mutex);
	pthread_mutex_unlock(&waiting.mutex);
	if (waiting.rc)
		*error = waiting.error;
	return waiting.rc;
}
