/* faults.c - put before the C library, this makes a disk or an evidence file fail at a moment
 * that is counted out.
 *
 * ASSAY_TEST_FAULT   WHAT:N:NAME. Of the calls on files in whose path NAME stands, the Nth fails:
 *                    write  ENOSPC from the Nth write, sync or truncate on, as on a full disk
 *                    once   EIO at the Nth of these calls only
 *                    read   EIO at the Nth read only
 *                    kill   the program is killed at the Nth write, sync, truncate or unlink
 *                    open   EIO at the Nth time that such a file is opened
 *                    map    EIO at the Nth file that a worker maps (NAME is not looked at)
 */
#undef _FILE_OFFSET_BITS /* both names of each call are defined here */
#undef _FORTIFY_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum what { NOTHING, FULL, ONCE, READ, KILL, OPEN, MAP };

static enum what what;
static long at;
static char name[256];
static long *counted; /* shared by all processes */
static int is_worker;

static void *real(const char *function)
{
    return dlsym(RTLD_NEXT, function);
}

#define REAL(type, function)                \
    static __typeof__(type) next;           \
    if (!next) {                            \
        void *found = real(function);       \
        memcpy(&next, &found, sizeof next); \
    }

__attribute__((constructor)) static void begin(void)
{
    static const char *const names[] = {"", "write", "once", "read", "kill", "open", "map"};
    char text[300];
    const char *given = getenv("ASSAY_TEST_FAULT");
    if (!given || strlen(given) >= sizeof text)
        return;
    memcpy(text, given, strlen(given) + 1);
    char *number = strchr(text, ':');
    char *path = number ? strchr(number + 1, ':') : NULL;
    if (!path)
        return;
    *number++ = '\0';
    *path++ = '\0';
    for (size_t i = 1; i < sizeof names / sizeof *names; i++)
        if (strcmp(text, names[i]) == 0)
            what = (enum what)i;
    at = atol(number);
    (void)snprintf(name, sizeof name, "%s", path);
    counted =
        mmap(NULL, sizeof *counted, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (counted == MAP_FAILED)
        what = NOTHING;
}

static int is_meant(int fd)
{
    char link[64];
    char path[4096];
    if (is_worker)
        return 0;
    (void)snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t n = readlink(link, path, sizeof path - 1);
    path[n > 0 ? n : 0] = '\0';
    return strstr(path, name) != NULL;
}

static long count(void)
{
    return __atomic_add_fetch(counted, 1, __ATOMIC_RELAXED);
}

/* Whether a call that changes a file fails now; errno is set. */
static int changes(int meant)
{
    if ((what != FULL && what != ONCE && what != KILL) || !meant)
        return 0;
    long n = count();
    if (what == KILL && n == at)
        (void)kill(getpid(), SIGKILL);
    errno = what == FULL ? ENOSPC : EIO;
    return what == FULL ? n >= at : what == ONCE && n == at;
}

static int reads(int fd)
{
    errno = EIO;
    return what == READ && is_meant(fd) && count() == at;
}

pid_t fork(void)
{
    REAL(pid_t(*)(void), "fork")
    pid_t pid = next();
    is_worker |= pid == 0;
    return pid;
}

ssize_t write(int fd, const void *p, size_t n)
{
    REAL(ssize_t(*)(int, const void *, size_t), "write")
    return changes(what && is_meant(fd)) ? -1 : next(fd, p, n);
}

ssize_t pwrite(int fd, const void *p, size_t n, off_t to)
{
    REAL(ssize_t(*)(int, const void *, size_t, off_t), "pwrite")
    return changes(what && is_meant(fd)) ? -1 : next(fd, p, n, to);
}

ssize_t pwrite64(int fd, const void *p, size_t n, off64_t to)
{
    REAL(ssize_t(*)(int, const void *, size_t, off64_t), "pwrite64")
    return changes(what && is_meant(fd)) ? -1 : next(fd, p, n, to);
}

int fsync(int fd)
{
    REAL(int (*)(int), "fsync")
    return changes(what && is_meant(fd)) ? -1 : next(fd);
}

int fdatasync(int fd)
{
    REAL(int (*)(int), "fdatasync")
    return changes(what && is_meant(fd)) ? -1 : next(fd);
}

int ftruncate(int fd, off_t n)
{
    REAL(int (*)(int, off_t), "ftruncate")
    return changes(what && is_meant(fd)) ? -1 : next(fd, n);
}

int ftruncate64(int fd, off64_t n)
{
    REAL(int (*)(int, off64_t), "ftruncate64")
    return changes(what && is_meant(fd)) ? -1 : next(fd, n);
}

int unlink(const char *path)
{
    REAL(int (*)(const char *), "unlink")
    return changes(what && !is_worker && strstr(path, name)) ? -1 : next(path);
}

ssize_t read(int fd, void *p, size_t n)
{
    REAL(ssize_t(*)(int, void *, size_t), "read")
    return reads(fd) ? -1 : next(fd, p, n);
}

ssize_t pread(int fd, void *p, size_t n, off_t from)
{
    REAL(ssize_t(*)(int, void *, size_t, off_t), "pread")
    return reads(fd) ? -1 : next(fd, p, n, from);
}

ssize_t pread64(int fd, void *p, size_t n, off64_t from)
{
    REAL(ssize_t(*)(int, void *, size_t, off64_t), "pread64")
    return reads(fd) ? -1 : next(fd, p, n, from);
}

static int opens(const char *path)
{
    errno = EIO;
    return what == OPEN && !is_worker && strstr(path, name) && count() == at;
}

int open(const char *path, int flags, ...)
{
    REAL(int (*)(const char *, int, ...), "open")
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    return opens(path) ? -1 : next(path, flags, mode);
}

int open64(const char *path, int flags, ...)
{
    REAL(int (*)(const char *, int, ...), "open64")
    va_list args;
    va_start(args, flags);
    mode_t mode = flags & O_CREAT ? va_arg(args, mode_t) : 0;
    va_end(args);
    return opens(path) ? -1 : next(path, flags, mode);
}

static int maps(int fd, int flags)
{
    if (what != MAP || !is_worker || fd < 0 || !(flags & MAP_PRIVATE) || count() != at)
        return 0;
    errno = EIO;
    return 1;
}

void *mmap(void *to, size_t n, int protection, int flags, int fd, off_t from)
{
    REAL(void *(*)(void *, size_t, int, int, int, off_t), "mmap")
    return maps(fd, flags) ? MAP_FAILED : next(to, n, protection, flags, fd, from);
}

void *mmap64(void *to, size_t n, int protection, int flags, int fd, off64_t from)
{
    REAL(void *(*)(void *, size_t, int, int, int, off64_t), "mmap64")
    return maps(fd, flags) ? MAP_FAILED : next(to, n, protection, flags, fd, from);
}
