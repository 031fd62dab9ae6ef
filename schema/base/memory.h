#ifndef HSM_MEMORY_H
#define HSM_MEMORY_H

#include <stddef.h>

/*
 * Memory that is there or ends the program. A command-line tool that is out of
 * memory can do nothing better than stop, and everything hsmctl does is safe to
 * stop at any moment; so callers need no path of their own for it.
 */

/* Zeroed memory; free() it. */
void *hsm_memory_allocate(size_t size);

/* count * size bytes, checked for overflow; what is new is not zeroed. */
void *hsm_memory_resize(void *memory, size_t count, size_t size);

char *hsm_memory_copy_string(const char *text);

/*
 * Called once when memory is out; must not return. The default aborts. Only
 * cmd/ sets one, since only cmd/ prints and exits.
 */
void hsm_memory_set_exhausted(void (*handler)(void));

/* Memory is out, as a library says. */
_Noreturn void hsm_memory_exhausted(void);

/*
 * Room for one item more in an array that grows by doubling: give the array,
 * its count and its capacity; the count is the caller's to raise.
 */
#define HSM_MEMORY_GROW(array, count, capacity)                                          \
	do {                                                                             \
		if ((count) == (capacity)) {                                             \
			(capacity) = (capacity) ? (capacity) * 2 : 8;                    \
			(array) = hsm_memory_resize((array), (capacity), sizeof(*(array))); \
		}                                                                        \
	} while (0)

#endif
