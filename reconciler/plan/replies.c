/* What the reply buttons of a live version send. */
#include "reconciler/plan/versions.h"

#include "schema/payload.h"

struct listing {
	struct hsm_arena *arena;
	const char **sent; /* NULL: they are counted only */
	size_t count;
	bool told; /* all of them are */
};

static void add(struct listing *listing, const char *sent)
{
	if (listing->sent)
		listing->sent[listing->count] = sent;
	listing->count++;
	listing->told &= sent != NULL;
}

static void add_components(struct listing *listing, const struct hsm_list *components)
{
	for (size_t i = 0; i < components->count; i++) {
		const struct hsm_wire_component *component = HSM_LIST_ITEM(*components, struct hsm_wire_component, i);
		for (size_t j = 0; j < component->buttons.count; j++) {
			const struct hsm_wire_reply *reply = &HSM_LIST_ITEM(component->buttons, struct hsm_wire_button, j)->reply;
			if (reply->node.present)
				add(listing, reply->id.text);
		}
		for (size_t j = 0; j < component->cards.count; j++)
			add_components(listing, &HSM_LIST_ITEM(component->cards, struct hsm_wire_card, j)->components);
	}
}

static void add_buttons(struct listing *listing, const struct hsm_list *buttons)
{
	for (size_t i = 0; i < buttons->count; i++) {
		const struct hsm_button_reply *reply = &HSM_LIST_ITEM(*buttons, struct hsm_button, i)->reply;
		if (reply->node.present)
			add(listing, hsm_payload_encode(listing->arena, reply->id.text, &reply->data));
	}
}

static void list(struct listing *listing, const struct hsm_list *components, const struct hsm_translation *file)
{
	listing->count = 0;
	listing->told = true;
	if (!file) {
		add_components(listing, components);
		return;
	}
	add_buttons(listing, &file->buttons);
	for (size_t i = 0; i < file->carousel.count; i++)
		add_buttons(listing, &HSM_LIST_ITEM(file->carousel, struct hsm_card, i)->buttons);
}

bool hsm_versions_list_replies(struct hsm_arena *arena, const struct hsm_version *version,
			       const struct hsm_list *components, const struct hsm_desired_translation *translation,
			       struct hsm_replies *replies)
{
	struct listing listing = { .arena = arena };
	const struct hsm_translation *file = NULL;
	list(&listing, components, NULL);
	if (!listing.told && hsm_content_equals(&translation->compiled.content, &version->live->content)) {
		file = translation->file;
		list(&listing, components, file);
	}
	listing.sent = hsm_arena_allocate_array(arena, listing.count, sizeof(*listing.sent));
	list(&listing, components, file);
	*replies = (struct hsm_replies){ listing.sent, listing.count };
	return listing.told;
}
