/* jail_calls.c - libseccomp behind jail_calls.h. */
#include "sys/jail_calls.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include <seccomp.h>

#include "sys/jail.h"

/* Each can harm nobody but the process itself. */
static const int PLAIN[] = {
    SCMP_SYS(brk),           SCMP_SYS(munmap), SCMP_SYS(mremap),         SCMP_SYS(madvise),
    SCMP_SYS(close),         SCMP_SYS(lseek),  SCMP_SYS(exit),           SCMP_SYS(exit_group),
    SCMP_SYS(getpid),        SCMP_SYS(gettid), SCMP_SYS(rt_sigprocmask), SCMP_SYS(rt_sigreturn),
    SCMP_SYS(getrandom), /* the C library, for its heap */
    SCMP_SYS(sysinfo),   /* qsort asks how much memory there is */
    SCMP_SYS(clock_gettime), SCMP_SYS(futex),
};

/* The C library and others ask for these and live with a refusal. Nothing is opened. */
static const int REFUSED[] = {
    SCMP_SYS(open),         SCMP_SYS(openat),
    SCMP_SYS(stat),         SCMP_SYS(fstat),
    SCMP_SYS(lstat),        SCMP_SYS(newfstatat),
    SCMP_SYS(statx),        SCMP_SYS(access),
    SCMP_SYS(faccessat),    SCMP_SYS(faccessat2),
    SCMP_SYS(readlink),     SCMP_SYS(readlinkat),
    SCMP_SYS(ioctl),        SCMP_SYS(prlimit64),
    SCMP_SYS(rt_sigaction), SCMP_SYS(sched_getaffinity),
};

#ifdef JAIL_SANITIZED
/* What the sanitizers need to watch memory and to say what they found. */
static const int SANITIZERS[] = {
    SCMP_SYS(mprotect),     SCMP_SYS(sigaltstack), SCMP_SYS(sched_yield),
    SCMP_SYS(rt_sigaction), SCMP_SYS(openat),      SCMP_SYS(read),
    SCMP_SYS(pread64),      SCMP_SYS(newfstatat),  SCMP_SYS(fstat),
    SCMP_SYS(readlink),     SCMP_SYS(getppid),     SCMP_SYS(prlimit64),
    SCMP_SYS(prctl),        SCMP_SYS(ioctl),       SCMP_SYS(sched_getaffinity),
};
enum { SANITIZERS_N = sizeof SANITIZERS / sizeof *SANITIZERS };
#else
static const int *const SANITIZERS = NULL;
enum { SANITIZERS_N = 0 };
#endif

enum {
    PLAIN_N = sizeof PLAIN / sizeof *PLAIN,
    REFUSED_N = sizeof REFUSED / sizeof *REFUSED,
};

static bool is_needed(int call)
{
    for (int i = 0; i < SANITIZERS_N; i++)
        if (SANITIZERS[i] == call)
            return true;
    return false;
}

static int add_plain(scmp_filter_ctx list)
{
    int failed = 0;
    for (int i = 0; i < PLAIN_N && !failed; i++)
        failed = seccomp_rule_add(list, SCMP_ACT_ALLOW, PLAIN[i], 0);
    for (int i = 0; i < SANITIZERS_N && !failed; i++)
        failed = seccomp_rule_add(list, SCMP_ACT_ALLOW, SANITIZERS[i], 0);
    for (int i = 0; i < REFUSED_N && !failed; i++)
        if (!is_needed(REFUSED[i]))
            failed = seccomp_rule_add(list, SCMP_ACT_ERRNO(EPERM), REFUSED[i], 0);
    return failed;
}

/* Memory that is never run; the descriptor of a message is the parent's, and of a complaint
 * the standard one; a signal is to itself. */
static int add_limited(scmp_filter_ctx list, bool output)
{
    struct {
        int call;
        struct scmp_arg_cmp arg[2];
        unsigned n;
    } rules[] = {
        {SCMP_SYS(mmap), {SCMP_A2(SCMP_CMP_MASKED_EQ, PROT_EXEC, 0)}, 1},
        {SCMP_SYS(recvfrom), {SCMP_A0(SCMP_CMP_EQ, JAIL_SOCKET, 0)}, 1},
        {SCMP_SYS(recvmsg), {SCMP_A0(SCMP_CMP_EQ, JAIL_SOCKET, 0)}, 1},
        {SCMP_SYS(sendto),
         {SCMP_A0(SCMP_CMP_EQ, JAIL_SOCKET, 0), SCMP_A4(SCMP_CMP_EQ, 0, 0)},
         2},
        {SCMP_SYS(write), {SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO, 0)}, 1},
        {SCMP_SYS(writev), {SCMP_A0(SCMP_CMP_EQ, STDERR_FILENO, 0)}, 1},
        {SCMP_SYS(tgkill), {SCMP_A0(SCMP_CMP_EQ, (scmp_datum_t)getpid(), 0)}, 1},
        {SCMP_SYS(write), {SCMP_A0(SCMP_CMP_EQ, STDOUT_FILENO, 0)}, 1},
    };
    size_t n = sizeof rules / sizeof *rules - !output;
    int failed = 0;
    for (size_t i = 0; i < n && !failed; i++)
        failed = seccomp_rule_add_array(list, SCMP_ACT_ALLOW, rules[i].call, rules[i].n,
                                        rules[i].arg);
    return failed;
}

bool jail_calls(bool output)
{
    scmp_filter_ctx list = seccomp_init(SCMP_ACT_KILL_PROCESS);
    if (!list) /* before Linux 4.14; the process has one thread */
        list = seccomp_init(SCMP_ACT_KILL_THREAD);
    if (!list)
        return false;
    int failed = seccomp_attr_set(list, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS);
    if (failed)
        failed = seccomp_attr_set(list, SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_THREAD);
    failed = failed ? failed : add_plain(list);
    failed = failed ? failed : add_limited(list, output);
    failed = failed ? failed : seccomp_load(list);
    seccomp_release(list);
    return failed == 0;
}
