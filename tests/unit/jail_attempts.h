/* jail_attempts.h - what somebody would try who took a worker over. Each attempt works in a
 * process without a jail, on most systems, and says so by 0; refused it is -1. */
#pragma once

#include <errno.h>
#include <fcntl.h>
#include <linux/perf_event.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

static char attempts_folder[4096]; /* holds files "victim" and "victim2" */
static void *attempts_code;        /* a page that was writable code before the fork */

static const char *in_folder(const char *name)
{
    static char path[2][4200];
    static int turn;
    turn = !turn;
    (void)snprintf(path[turn], sizeof path[turn], "%s/%s", attempts_folder, name);
    return path[turn];
}

static int as_result(long got)
{
    return got >= 0 ? 0 : -1;
}

/* --- files --- */

static int try_read(void)
{
    return as_result(open("/etc/passwd", O_RDONLY));
}

static int try_read_victim(void)
{
    return as_result(open(in_folder("victim"), O_RDONLY));
}

static int try_write(void)
{
    return as_result(open(in_folder("victim"), O_WRONLY));
}

static int try_create(void)
{
    return as_result(open(in_folder("made"), O_WRONLY | O_CREAT, 0600));
}

static int try_creat(void)
{
    return as_result(syscall(SYS_creat, in_folder("made2"), 0600));
}

static int try_openat2(void)
{
    uint64_t how[3] = {O_RDONLY, 0, 0};
    return as_result(syscall(SYS_openat2, AT_FDCWD, "/etc/passwd", how, sizeof how));
}

static int try_stat(void)
{
    struct stat st;
    return stat("/etc/passwd", &st);
}

static int try_unlink(void)
{
    return unlink(in_folder("victim2"));
}

static int try_rename(void)
{
    return rename(in_folder("victim"), in_folder("moved"));
}

static int try_chmod(void)
{
    return chmod(in_folder("victim"), 0777);
}

static int try_truncate(void)
{
    return truncate(in_folder("victim"), 0);
}

static int try_mkdir(void)
{
    return mkdir(in_folder("folder"), 0700);
}

static int try_link(void)
{
    return symlink("/etc/passwd", in_folder("link"));
}

static int try_folder(void)
{
    return chdir("/");
}

static int try_list(void)
{
    return as_result(open("/", O_RDONLY | O_DIRECTORY));
}

static int try_device(void)
{
    return as_result(open("/dev/zero", O_RDWR));
}

static int try_memory_file(void)
{
    return as_result(syscall(SYS_memfd_create, "x", 0));
}

static int try_parent_memory(void)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/%ld/mem", (long)syscall(SYS_getppid));
    return as_result(open(path, O_RDWR));
}

static int try_output(void)
{
    return as_result(write(STDOUT_FILENO, "", 0));
}

/* --- the network --- */

static int try_socket(void)
{
    return as_result(socket(AF_INET, SOCK_STREAM, 0));
}

static int try_local_socket(void)
{
    return as_result(socket(AF_UNIX, SOCK_DGRAM, 0));
}

static int try_netlink(void)
{
    return as_result(socket(AF_NETLINK, SOCK_RAW, 0));
}

static int try_pair(void)
{
    int pair[2];
    return socketpair(AF_UNIX, SOCK_STREAM, 0, pair);
}

/* --- processes --- */

static int try_exec(void)
{
    char *const words[] = {(char *)(uintptr_t) "true", NULL};
    (void)execve("/bin/true", words, words + 1); /* status 0 where it works */
    return -1;
}

static int try_fork(void)
{
    pid_t pid = fork();
    if (pid == 0)
        _exit(0);
    if (pid > 0)
        (void)waitpid(pid, NULL, 0);
    return as_result(pid);
}

static int try_clone(void)
{
    long pid = syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0);
    if (pid == 0)
        _exit(0);
    return as_result(pid);
}

static int try_ptrace(void)
{
    pid_t parent = (pid_t)syscall(SYS_getppid);
    if (ptrace(PTRACE_SEIZE, parent, 0, 0) < 0)
        return -1;
    (void)ptrace(PTRACE_DETACH, parent, 0, 0); /* it goes on when this process ends */
    return 0;
}

static int try_kill(void)
{
    return kill((pid_t)syscall(SYS_getppid), 0);
}

static int try_kill_thread(void)
{
    pid_t parent = (pid_t)syscall(SYS_getppid);
    return as_result(syscall(SYS_tgkill, parent, parent, 0));
}

static int try_kill_known(void) /* without asking who the parent is */
{
    return as_result(syscall(SYS_tgkill, 1, 1, 0));
}

static int try_read_parent(void)
{
    static char here[16];
    struct iovec to = {here, sizeof here};
    struct iovec from = {(void *)(uintptr_t)here, sizeof here};
    return as_result(syscall(SYS_process_vm_readv, syscall(SYS_getppid), &to, 1, &from, 1, 0));
}

static int try_pidfd(void)
{
    return as_result(syscall(SYS_pidfd_open, getpid(), 0));
}

/* --- code --- */

static int try_map_code(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? -1 : 0;
}

static int try_make_code(void)
{
    void *p = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? -1 : mprotect(p, 4096, PROT_READ | PROT_EXEC);
}

static int try_change_code(void)
{
    *(volatile char *)attempts_code = 1; /* faults where it is not writable any more */
    return 0;
}

static int try_personality(void)
{
    return as_result(syscall(SYS_personality, 0x0400000)); /* READ_IMPLIES_EXEC */
}

/* --- the system, and the way back --- */

static int try_io_uring(void)
{
    char setup[120] = {0};
    return as_result(syscall(SYS_io_uring_setup, 4, setup));
}

static int try_perf(void)
{
    struct perf_event_attr a = {.size = sizeof a, .type = PERF_TYPE_SOFTWARE};
    return as_result(syscall(SYS_perf_event_open, &a, 0, -1, -1, 0));
}

static int try_bpf(void)
{
    struct {
        uint32_t type, key, value, entries;
    } map = {2, 4, 4, 1}; /* an array */
    char attr[128] = {0};
    memcpy(attr, &map, sizeof map);
    return as_result(syscall(SYS_bpf, 0, attr, sizeof attr));
}

static int try_namespace(void)
{
    return as_result(syscall(SYS_unshare, 0x10000000 /* CLONE_NEWUSER */));
}

static int try_dumpable(void)
{
    return prctl(PR_SET_DUMPABLE, 1, 0, 0, 0);
}

static int try_limits(void)
{
    struct rlimit most = {64, 64};
    return setrlimit(RLIMIT_NOFILE, &most);
}

static int try_user(void)
{
    return as_result(syscall(SYS_setuid, getuid()));
}

static int try_key(void)
{
    return as_result(syscall(SYS_keyctl, 0 /* id of the keyring */, -3 /* session */, 1));
}

static int try_terminal(void)
{
    int fd = dup(STDERR_FILENO);
    return as_result(fd);
}

static int try_environment(void)
{
    return environ && *environ ? 0 : -1;
}

static int try_timer(void)
{
    return as_result(syscall(SYS_timer_create, 1, NULL, &(int){0}));
}

#ifdef __x86_64__
static int try_old_call(void) /* the list of calls has other numbers there */
{
    long got = 20; /* getpid */
    __asm__ volatile("int $0x80" : "+a"(got) : : "memory");
    return as_result(got);
}
#endif

static const struct attempt {
    const char *name;
    int (*run)(void);
} ATTEMPTS[] = {
    {"read a file", try_read},
    {"read a file beside the evidence", try_read_victim},
    {"write a file", try_write},
    {"make a file", try_create},
    {"make a file in the old way", try_creat},
    {"open a file in the new way", try_openat2},
    {"ask about a file", try_stat},
    {"delete a file", try_unlink},
    {"move a file", try_rename},
    {"give a file other rights", try_chmod},
    {"cut a file", try_truncate},
    {"make a folder", try_mkdir},
    {"make a link", try_link},
    {"change the folder", try_folder},
    {"list a folder", try_list},
    {"open a device", try_device},
    {"make a file in memory", try_memory_file},
    {"open the parent's memory", try_parent_memory},
    {"write to standard output", try_output},
    {"make a socket", try_socket},
    {"make a local socket", try_local_socket},
    {"make a socket to the kernel", try_netlink},
    {"make a pair of sockets", try_pair},
    {"run a program", try_exec},
    {"fork", try_fork},
    {"clone", try_clone},
    {"trace the parent", try_ptrace},
    {"signal the parent", try_kill},
    {"signal the parent's thread", try_kill_thread},
    {"signal the first process", try_kill_known},
    {"read the parent's memory", try_read_parent},
    {"hold on to a process", try_pidfd},
    {"map code", try_map_code},
    {"turn memory into code", try_make_code},
    {"change code", try_change_code},
    {"make all memory code", try_personality},
    {"set up io_uring", try_io_uring},
    {"watch performance", try_perf},
    {"load a program into the kernel", try_bpf},
    {"make a namespace", try_namespace},
    {"become dumpable", try_dumpable},
    {"change limits", try_limits},
    {"change the user", try_user},
    {"use keys", try_key},
    {"copy a descriptor", try_terminal},
    {"read the environment", try_environment},
    {"make a timer", try_timer},
#ifdef __x86_64__
    {"make a call of another architecture", try_old_call},
#endif
};

enum { ATTEMPTS_N = sizeof ATTEMPTS / sizeof *ATTEMPTS };

static inline void attempts_clean(void)
{
    static const char *const names[] = {"victim", "victim2", "moved", "made", "made2", "link"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        (void)unlink(in_folder(names[i]));
    (void)rmdir(in_folder("folder"));
}

/* Makes the files that attempts are about, as they should be. */
static inline bool attempts_files(void)
{
    attempts_clean();
    static const char *const names[] = {"victim", "victim2"};
    for (int i = 0; i < 2; i++) {
        int fd = open(in_folder(names[i]), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        if (fd < 0 || write(fd, "x", 1) != 1 || close(fd) < 0)
            return false;
    }
    return true;
}

/* Once, before workers are forked. */
static inline bool attempts_prepare(const char *folder)
{
    (void)snprintf(attempts_folder, sizeof attempts_folder, "%s", folder);
    attempts_code = mmap(NULL, 4096, PROT_READ | PROT_WRITE | PROT_EXEC,
                         MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return attempts_files() && attempts_code != MAP_FAILED;
}
