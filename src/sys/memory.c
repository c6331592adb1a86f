#include "sys/memory.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/num.h"
#include "base/str.h"

/* "VmData:\t   68276 kB" */
static size_t read_status(struct str status)
{
    static const struct str NAME = {"\nVmData:", 8};
    uint64_t kb = 0;
    size_t at = str_find(status, NAME, 0);
    if (at >= status.n)
        return 0;
    struct str rest = str_part(status, at + NAME.n, status.n);
    size_t from = 0;
    while (from < rest.n && (rest.p[from] == ' ' || rest.p[from] == '\t'))
        from++;
    size_t to = str_find(rest, STR(" kB"), from);
    return num_u64(str_part(rest, from, to), &kb) ? (size_t)kb * 1024 : 0;
}

size_t memory_in_use(void)
{
    char text[8192];
    size_t n = 0;
    int fd = open("/proc/self/status", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return 0;
    ssize_t got;
    while (n < sizeof text &&
           ((got = read(fd, text + n, sizeof text - n)) > 0 || (got < 0 && errno == EINTR)))
        n += got > 0 ? (size_t)got : 0;
    (void)close(fd);
    return read_status((struct str){text, n});
}

static int status_of_end;

/* Memory ran out: whoever asked for it has said how much, and aborts. */
static void end(int number)
{
    static const char TOLD[] =
        "assay: --max-memory is too little for what was found: no verdict\n";
    (void)number;
    (void)!write(STDERR_FILENO, TOLD, sizeof TOLD - 1);
    _exit(status_of_end);
}

void memory_limit(size_t bytes, int exit_status)
{
    static rlim_t before;
    static bool known;
    struct rlimit now;
    if (getrlimit(RLIMIT_DATA, &now) < 0)
        return;
    if (!known)
        before = now.rlim_cur;
    known = true;
    now.rlim_cur = bytes && bytes < now.rlim_max ? bytes : bytes ? now.rlim_cur : before;
    status_of_end = exit_status;
    (void)signal(SIGABRT, bytes ? end : SIG_DFL);
    (void)setrlimit(RLIMIT_DATA, &now);
}
