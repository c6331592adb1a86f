/* taken_over.c - put before zlib, this does what somebody would who found a hole in it: the
 * first time a worker unpacks something, an attempt of jail_attempts.h is made.
 *
 * ASSAY_TEST_ATTEMPT  its number
 * ASSAY_TEST_FOLDER   what it may spoil
 * ASSAY_TEST_PARENT   set: it is made by the program's first process, which has no jail
 */
#include <dlfcn.h>

#include "../unit/jail_attempts.h"

struct z_stream_s;
int inflate(struct z_stream_s *stream, int flush);

enum { BROKE_OUT = 77 }; /* exit status */

static int (*real_inflate)(struct z_stream_s *stream, int flush);
static int attempt = -1;

static void attempt_now(void)
{
    int which = attempt;
    attempt = -1;
    if (which >= 0 && ATTEMPTS[which].run() == 0)
        _exit(BROKE_OUT);
}

__attribute__((constructor)) static void begin(void)
{
    const char *number = getenv("ASSAY_TEST_ATTEMPT");
    const char *folder = getenv("ASSAY_TEST_FOLDER");
    void *found = dlsym(RTLD_NEXT, "inflate");
    memcpy(&real_inflate, &found, sizeof found);
    if (!number || !folder || !attempts_prepare(folder))
        return;
    attempt = atoi(number);
    if (attempt >= ATTEMPTS_N)
        _exit(0); /* there are no more */
    if (getenv("ASSAY_TEST_PARENT"))
        attempt_now();
}

int inflate(struct z_stream_s *stream, int flush)
{
    attempt_now();
    return real_inflate(stream, flush);
}
