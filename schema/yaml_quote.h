#ifndef HSM_YAML_QUOTE_H
#define HSM_YAML_QUOTE_H

#include "schema/source.h"

/*
 * A line "key: some text" with the text in quotes, as people must write what YAML
 * reads as something else; in the arena. NULL where the line is no such one.
 */
const char *hsm_yaml_quote_line(struct hsm_arena *arena, const struct hsm_source *source, uint32_t line);

#endif
