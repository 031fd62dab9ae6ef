#include "reconciler/review/tokens.h"

#include <stdlib.h>
#include <string.h>

#include "schema/base/memory.h"

static bool equal(const struct hsm_token *a, const struct hsm_token *b)
{
	return a->length == b->length && memcmp(a->text, b->text, a->length) == 0;
}

/* lengths[i][j]: of the longest common subsequence of what follows i and j. */
typedef unsigned short lengths[HSM_TOKENS_MAX + 1][HSM_TOKENS_MAX + 1];

void hsm_tokens_compare(struct hsm_token *old_tokens, size_t old_count, struct hsm_token *new_tokens,
			size_t new_count)
{
	lengths *common = hsm_memory_allocate(sizeof(*common));
	for (size_t i = old_count; i-- > 0;)
		for (size_t j = new_count; j-- > 0;) {
			unsigned short skip_old = (*common)[i + 1][j], skip_new = (*common)[i][j + 1];
			(*common)[i][j] = equal(&old_tokens[i], &new_tokens[j]) ?
						  (unsigned short)((*common)[i + 1][j + 1] + 1) :
					  skip_old > skip_new ? skip_old :
								skip_new;
		}
	for (size_t i = 0, j = 0; i < old_count || j < new_count;) {
		bool both = i < old_count && j < new_count;
		if (both && equal(&old_tokens[i], &new_tokens[j])) {
			i++;
			j++;
		} else if (j == new_count || (both && (*common)[i + 1][j] >= (*common)[i][j + 1])) {
			old_tokens[i++].changed = true;
		} else {
			new_tokens[j++].changed = true;
		}
	}
	free(common);
}
