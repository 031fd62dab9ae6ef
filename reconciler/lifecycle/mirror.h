#ifndef HSM_MIRROR_H
#define HSM_MIRROR_H

#include <signal.h>

#include "reconciler/desired/repository.h"

/*
 * A bare copy of another git repository, with all its branches, kept by the git
 * program: its transports, credential helpers and ssh configuration are the
 * user's own. Nothing asks a person, and nothing that the other repository
 * brings is executed. The URL is https, ssh or file, or a path.
 */
struct hsm_mirror {
	const char *url;
	const char *branch; /* "main" */
	const char *path;   /* of the copy; hsmctl's alone, one process at a time */
	double timeout;     /* seconds that a fetch may take */
	const volatile sig_atomic_t *interrupted; /* set: stop soon; may be NULL */
};

/*
 * Makes the mirror where it is not there, brings it up to date and gives the
 * commit that the branch is at. What is rewritten or removed there is so here.
 * A mirror that is broken is made anew beside and takes its place: open
 * it again after a fetch. A clean-up may follow what came (git gc --auto), with a
 * time of its own.
 *
 * HSM_ERROR_NO_INPUT where there is no such branch (or no git),
 * HSM_ERROR_UNAVAILABLE where it took too long, HSM_ERROR_FAILED with git's words
 * otherwise, and where the folder is not a mirror of hsmctl's. No message holds
 * what the URL has in front of its host.
 */
int hsm_mirror_fetch(const struct hsm_mirror *mirror, char commit[HSM_COMMIT_SIZE], struct hsm_error *error);

#endif
