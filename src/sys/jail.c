#include "sys/jail.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/num.h"
#include "sys/jail_calls.h"

#ifdef JAIL_SANITIZED
enum { SANITIZED = 1 };
#else
enum { SANITIZED = 0 };
#endif

enum {
    DESCRIPTORS = 16,    /* a worker has the standard ones, a socket and a file */
    MAPS_MAX = 64 << 20, /* bytes that the system says of the process's memory */
    SWEPT_MAX = 1 << 20, /* descriptors looked at where they cannot be closed in one go */
};

static const struct {
    enum jail_part part;
    const char *name, *text;
} PARTS[] = {
    {JAIL_CALLS, "calls", "system calls (seccomp)"},
    {JAIL_PATHS, "paths", "files (Landlock)"},
    {JAIL_MEMORY, "memory", "memory (RLIMIT_DATA)"},
    {JAIL_CODE, "code", "unwritable code"},
};

enum { PARTS_N = sizeof PARTS / sizeof *PARTS };

unsigned jail_left_out(void)
{
    return SANITIZED ? JAIL_PATHS | JAIL_MEMORY : 0;
}

const char *jail_name(enum jail_part part)
{
    for (int i = 0; i < PARTS_N; i++)
        if (PARTS[i].part == part)
            return PARTS[i].name;
    return "";
}

const char *jail_text(enum jail_part part)
{
    for (int i = 0; i < PARTS_N; i++)
        if (PARTS[i].part == part)
            return PARTS[i].text;
    return "";
}

void jail_list(unsigned parts, struct buf *out)
{
    for (int i = 0; i < PARTS_N; i++)
        if (parts & PARTS[i].part)
            buf_addf(out, "%s%s", out->n ? ", " : "", PARTS[i].text);
}

static int fail(const char *what, struct err *err)
{
    return err_set(err, ERR_IO, "jail: %s: %s", what, strerror(errno));
}

/* --- what was inherited -------------------------------------------------------------------- */

static void close_from(unsigned first)
{
    if (syscall(SYS_close_range, first, ~0U, 0) == 0) /* Linux 5.9 */
        return;
    struct rlimit most = {0};
    (void)getrlimit(RLIMIT_NOFILE, &most);
    for (unsigned fd = first; fd < most.rlim_cur && fd < SWEPT_MAX; fd++)
        (void)close((int)fd);
}

/* The standard descriptors that are not kept lead nowhere, so that no file gets their number. */
static int keep_descriptors(const struct jail_spec *spec, struct err *err)
{
    if (spec->socket >= 0 && spec->socket != JAIL_SOCKET && dup2(spec->socket, JAIL_SOCKET) < 0)
        return fail("socket", err);
    close_from(spec->socket >= 0 ? JAIL_SOCKET + 1 : JAIL_SOCKET);
    int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nowhere < 0)
        return fail("/dev/null", err);
    int failed = dup2(nowhere, STDIN_FILENO) < 0;
    if (!spec->output)
        failed |= dup2(nowhere, STDOUT_FILENO) < 0;
    if (!spec->output && !SANITIZED) /* they tell what they find there */
        failed |= dup2(nowhere, STDERR_FILENO) < 0;
    if (nowhere > STDERR_FILENO)
        (void)close(nowhere);
    return failed ? fail("standard descriptors", err) : 0;
}

/* Valgrind makes code and opens files in the process that it watches: what it needs is left
 * open there, and those parts count as missing. */
static bool is_watched(void)
{
    const char *first = getenv("LD_PRELOAD");
    return first && strstr(first, "/vgpreload_");
}

static void wipe_environment(void)
{
    for (char **e = environ; e && *e; e++)
        explicit_bzero(*e, strlen(*e));
    (void)clearenv();
}

/* --- rights ---------------------------------------------------------------------------------- */

static int limit(unsigned what, rlim_t most)
{
    struct rlimit now;
    if (getrlimit(what, &now) < 0)
        return -1;
    most = most < now.rlim_max ? most : now.rlim_max;
    return setrlimit(what, &(struct rlimit){most, most});
}

static int drop_rights(const struct jail_spec *spec, bool watched, struct err *err)
{
    struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
    struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {0};
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 || prctl(PR_SET_DUMPABLE, 0, 0, 0, 0) < 0 ||
        syscall(SYS_capset, &head, none) < 0)
        return fail("rights", err);
    if (limit(RLIMIT_CORE, 0) < 0 || limit(RLIMIT_NPROC, 0) < 0 ||
        (!watched && limit(RLIMIT_NOFILE, DESCRIPTORS) < 0) || limit(RLIMIT_MEMLOCK, 0) < 0 ||
        (!spec->output && limit(RLIMIT_FSIZE, 0) < 0))
        return fail("limits", err);
    return 0;
}

/* --- memory -------------------------------------------------------------------------------- */

struct mapping {
    uintptr_t from, to;
    bool writable, runs, shared, stack;
};

static bool take_hex(struct str *text, uintptr_t *ret)
{
    size_t n = 0;
    uintptr_t v = 0;
    for (; n < text->n && n < 2 * sizeof v; n++) {
        char c = text->p[n];
        int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
        if (digit < 0)
            break;
        v = v << 4 | (uintptr_t)digit;
    }
    *text = str_part(*text, n, text->n);
    *ret = v;
    return n > 0;
}

/* "7f5a1c000000-7f5a1c021000 rw-p 00000000 00:00 0  [stack]" */
static bool read_mapping(struct str line, struct mapping *ret)
{
    struct mapping m = {0};
    if (!take_hex(&line, &m.from) || line.n < 1 || line.p[0] != '-')
        return false;
    line = str_part(line, 1, line.n);
    if (!take_hex(&line, &m.to) || line.n < 5 || m.to <= m.from)
        return false;
    m.writable = line.p[2] == 'w';
    m.runs = line.p[3] == 'x';
    m.shared = line.p[4] == 's';
    m.stack = str_iends(line, STR("[stack]"));
    *ret = m;
    return true;
}

static bool read_maps(struct buf *out)
{
    char chunk[4096];
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return false;
    ssize_t n;
    while ((n = read(fd, chunk, sizeof chunk)) > 0 || (n < 0 && errno == EINTR))
        buf_add(out, chunk, n > 0 ? (size_t)n : 0);
    (void)close(fd);
    return n == 0 && !out->full;
}

/* PCRE2 keeps the code that it made from regular expressions writable: no longer here. */
static bool seal(const struct mapping *m)
{
    void *at = (void *)m->from; // NOLINT(performance-no-int-to-ptr): the system gave a number
    return mprotect(at, m->to - m->from, PROT_READ | PROT_EXEC) == 0;
}

/* Makes all code unwritable and limits memory to what is in use and so much more. Returns
 * which of the two parts hold. */
static unsigned settle_memory(size_t more)
{
    struct buf maps = buf_new(MAPS_MAX);
    uint64_t in_use = 0;
    unsigned parts = 0;
    if (read_maps(&maps)) {
        bool sealed = true;
        struct str left = buf_str(&maps);
        while (left.n) {
            struct mapping m;
            size_t end = str_find(left, STR("\n"), 0);
            bool is_one = read_mapping(str_part(left, 0, end), &m);
            left = end < left.n ? str_part(left, end + 1, left.n) : STR("");
            if (is_one && m.writable && m.runs)
                sealed = seal(&m) && sealed;
            if (is_one && m.writable && !m.shared && !m.stack) /* as the system counts */
                in_use += m.to - m.from;
        }
        parts |= sealed ? JAIL_CODE : 0;
        if (!SANITIZED && limit(RLIMIT_DATA, in_use + more) == 0)
            parts |= JAIL_MEMORY;
    }
    buf_free(&maps);
    return parts;
}

/* --- files --------------------------------------------------------------------------------- */

/* As <linux/landlock.h> has it; the header of an older system lacks the later rights. */
struct landlock_handled {
    uint64_t files, network, scope;
};

enum { LANDLOCK_GET_VERSION = 1, LANDLOCK_RIGHTS_KNOWN = 7 };

/* All the rights that a version knows, refused everywhere. The first version had 13 rights of
 * files; the second added one (moving), the third (cutting), the fifth (devices' own calls);
 * the fourth TCP; the sixth sockets without a path and signals.
 * Source: Documentation/userspace-api/landlock.rst of Linux. */
static bool refuse_paths(void)
{
    static const struct landlock_handled BY_VERSION[LANDLOCK_RIGHTS_KNOWN] = {
        {(1 << 13) - 1, 0, 0}, {(1 << 14) - 1, 0, 0}, {(1 << 15) - 1, 0, 0},
        {(1 << 15) - 1, 3, 0}, {(1 << 16) - 1, 3, 0}, {(1 << 16) - 1, 3, 3},
        {(1 << 16) - 1, 3, 3},
    };
    static const size_t SIZE[LANDLOCK_RIGHTS_KNOWN] = {8, 8, 8, 16, 16, 24, 24};
    long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_GET_VERSION);
    if (version < 1)
        return false;
    size_t v = version < LANDLOCK_RIGHTS_KNOWN ? (size_t)version : LANDLOCK_RIGHTS_KNOWN;
    long fd = syscall(SYS_landlock_create_ruleset, &BY_VERSION[v - 1], SIZE[v - 1], 0);
    if (fd < 0)
        return false;
    bool held = syscall(SYS_landlock_restrict_self, fd, 0) == 0;
    (void)close((int)fd);
    return held;
}

int jail_enter(const struct jail_spec *spec, unsigned *ret_parts, struct err *err)
{
    bool watched = is_watched();
    if (SANITIZED && spec->output) { /* leaks are looked for at the end, by tracing */
        *ret_parts = 0;
        return 0;
    }
    if (keep_descriptors(spec, err) < 0)
        return -1;
    wipe_environment();
    if (drop_rights(spec, watched, err) < 0)
        return -1;
    if (watched) {
        *ret_parts = 0;
        return 0;
    }
    unsigned parts = settle_memory(spec->memory);
    if (!SANITIZED && refuse_paths())
        parts |= JAIL_PATHS;
    *ret_parts = parts | (jail_calls(spec->output) ? JAIL_CALLS : 0);
    return 0;
}
