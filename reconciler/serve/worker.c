#include "reconciler/serve/worker.h"

#include <stdarg.h>
#include <time.h>

#include "schema/base/buffer.h"

int hsm_worker_start(struct hsm_worker *worker, void *(*run)(void *context), void *context,
		     void (*log)(void *user, enum hsm_log_level level, const char *message), void *user,
		     struct hsm_error *error)
{
	pthread_condattr_t attributes;
	worker->log = log;
	worker->user = user;
	pthread_condattr_init(&attributes);
	pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
	pthread_mutex_init(&worker->mutex, NULL);
	pthread_cond_init(&worker->wake, &attributes);
	pthread_condattr_destroy(&attributes);
	worker->started = pthread_create(&worker->thread, NULL, run, context) == 0;
	return worker->started ? 0 : hsm_error_set(error, HSM_ERROR_FAILED, "cannot start a thread");
}

void hsm_worker_stop(struct hsm_worker *worker)
{
	if (!worker->started)
		return;
	pthread_mutex_lock(&worker->mutex);
	worker->stopping = 1;
	pthread_cond_signal(&worker->wake);
	pthread_mutex_unlock(&worker->mutex);
	pthread_join(worker->thread, NULL);
	worker->started = false;
}

void hsm_worker_release(struct hsm_worker *worker)
{
	pthread_mutex_destroy(&worker->mutex);
	pthread_cond_destroy(&worker->wake);
}

void hsm_worker_sleep(struct hsm_worker *worker, unsigned milliseconds)
{
	struct timespec until;
	clock_gettime(CLOCK_MONOTONIC, &until);
	until.tv_nsec += (long)milliseconds * 1000000;
	until.tv_sec += until.tv_nsec / 1000000000;
	until.tv_nsec %= 1000000000;
	if (!worker->stopping)
		pthread_cond_timedwait(&worker->wake, &worker->mutex, &until);
}

void hsm_worker_log(const struct hsm_worker *worker, enum hsm_log_level level, const char *format, ...)
{
	struct hsm_buffer text = HSM_BUFFER_INIT(65536);
	va_list arguments;
	va_start(arguments, format);
	hsm_buffer_append_arguments(&text, format, arguments);
	va_end(arguments);
	worker->log(worker->user, level, hsm_buffer_text(&text));
	hsm_buffer_release(&text);
}
