#ifndef TESTS_PLANNING_H
#define TESTS_PLANNING_H

#include "reconciler/plan/plan.h"
#include "tests/unit/loading.h"

/*
 * A planner's input written down in a few lines, and its plan in as many.
 *
 * Live templates, one a line: NAME LANGUAGE STATUS CATEGORY CONTENT, where the
 * content is "git" (what the template says now), "old" (what it said in an
 * earlier commit), or a body's text that no commit ever had.
 */
struct planning {
	struct loading loading;
	struct hsm_desired desired;
	struct hsm_live live;
	struct hsm_history history;
	struct hsm_registry_state *registry;
	struct hsm_plan_options options;
	struct hsm_plan plan;
};

/* One environment, "dev", on each API that there is a backend for; ends with NULL. */
extern const char *const planning_configs[];

/* git and old are template files' texts, NULL: none; old is what an earlier commit
 * said of any of them. Config NULL: one environment, "dev". */
void planning_start(struct planning *planning, const char *config, const char *const git[], const char *const old[],
		    const char *live);
void planning_make(struct planning *planning);
void planning_release(struct planning *planning);

/*
 * Its rows, one a line: ACTION NAME [<- FROM] LANGUAGES [compatible|BREAKING]
 * [held] [waiting] [ORIGIN] [: REASON].
 */
const char *planning_rows(struct planning *planning);

#endif
