#ifndef HSM_LIMITS_H
#define HSM_LIMITS_H

/*
 * What Meta lets an account have and do. Each language of a template counts as one;
 * a number on its own, since neither API tells it.
 */
enum {
	HSM_LIMIT_UNVERIFIED = 250,      /* templates of a business portfolio that is not verified */
	HSM_LIMIT_VERIFIED = 6000,       /* of a verified one with an approved display name */
	HSM_LIMIT_CREATES_PER_HOUR = 100,
};

#endif
