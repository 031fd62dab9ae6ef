#include "reconciler/live/live.h"

void hsm_live_release(struct hsm_live *live)
{
	hsm_arena_release(&live->arena);
	*live = (struct hsm_live){ 0 };
}
