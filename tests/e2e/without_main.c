/* without_main.c - runs a program as on a kernel that lacks something.
 *
 *     without landlock|seccomp|both PROGRAM ARGUMENT...
 */
#include <errno.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include <seccomp.h>

enum { CANNOT = 99 };

static int lack(scmp_filter_ctx list, int call)
{
    return seccomp_rule_add(list, SCMP_ACT_ERRNO(ENOSYS), call, 0);
}

int main(int argc, char **argv)
{
    scmp_filter_ctx list = seccomp_init(SCMP_ACT_ALLOW);
    if (argc < 3 || !list)
        return CANNOT;
    int failed = 0;
    if (strcmp(argv[1], "seccomp") != 0)
        failed = lack(list, SCMP_SYS(landlock_create_ruleset));
    if (strcmp(argv[1], "landlock") != 0)
        failed |= lack(list, SCMP_SYS(seccomp)) ||
                  seccomp_rule_add(list, SCMP_ACT_ERRNO(EINVAL), SCMP_SYS(prctl), 1,
                                   SCMP_A0(SCMP_CMP_EQ, PR_SET_SECCOMP, 0));
    if (failed || seccomp_load(list) < 0)
        return CANNOT;
    seccomp_release(list);
    (void)execv(argv[2], argv + 2);
    return CANNOT;
}
