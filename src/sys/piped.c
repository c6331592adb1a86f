#include "sys/piped.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "sys/interrupt.h"
#include "sys/spill.h"

static int copy(struct spill *to, struct err *err)
{
    enum { PIECE = 1 << 16 };
    char piece[PIECE];
    for (;;) {
        ssize_t n = read(STDIN_FILENO, piece, sizeof piece);
        if (interrupt_pending())
            return err_set(err, ERR_INTERRUPTED, "interrupted");
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return err_set(err, ERR_IO, PIPED_CALLED ": %s", strerror(errno));
        if (n == 0)
            return 0;
        if (spill_write(to, (struct bytes){(const unsigned char *)piece, (size_t)n}, err) < 0)
            return err_at(err, PIPED_CALLED);
    }
}

/* Keeps what comes through a pipe. *ret: the file */
static int keep(int *ret, struct err *err)
{
    struct spill spill = {.fd = -1};
    if (spill_open(spill_folder(), &spill, err) < 0)
        return -1;
    if (copy(&spill, err) < 0) {
        spill_close(&spill);
        return -1;
    }
    *ret = spill.fd; /* until the process ends */
    return 0;
}

int piped_path(char ret[PIPED_PATH], struct err *err)
{
    static int file = -1; /* there is one standard input */
    struct stat st;
    if (file < 0 && isatty(STDIN_FILENO))
        return err_set(err, ERR_IO, PIPED_CALLED ": it is a terminal; nothing is piped in");
    if (file < 0 && fstat(STDIN_FILENO, &st) == 0 && S_ISREG(st.st_mode))
        file = STDIN_FILENO;
    if (file < 0 && keep(&file, err) < 0)
        return -1;
    (void)snprintf(ret, PIPED_PATH, "/proc/self/fd/%d", file);
    return 0;
}
