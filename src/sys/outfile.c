#include "sys/outfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

int outfile_open(const char *path, struct outfile *ret, struct err *err)
{
    *ret = (struct outfile){.fd = STDOUT_FILENO, .path = path};
    if (!path)
        return 0;
    int n = snprintf(ret->temporary, sizeof ret->temporary, "%s.XXXXXX", path);
    if (n < 0 || (size_t)n >= sizeof ret->temporary)
        return err_set(err, ERR_INVALID, "%s: the path is too long", path);
    ret->fd = mkostemp(ret->temporary, O_CLOEXEC);
    if (ret->fd < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    ret->open = true;
    return 0;
}

int outfile_put(struct outfile *f, struct str text, struct err *err)
{
    while (text.n && !f->gone) {
        ssize_t n = write(f->fd, text.p, text.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0 && errno == EPIPE && !f->path)
            f->gone = true;
        else if (n < 0)
            return err_set(err, ERR_IO, "%s: %s", f->path ? f->path : "standard output",
                           strerror(errno));
        else
            text = str_part(text, (size_t)n, text.n);
    }
    return 0;
}

int outfile_commit(struct outfile *f, struct err *err)
{
    if (!f->open)
        return 0;
    if (fsync(f->fd) < 0 || fchmod(f->fd, 0644) < 0 || rename(f->temporary, f->path) < 0)
        return err_set(err, ERR_IO, "%s: %s", f->path, strerror(errno));
    f->open = false;
    (void)close(f->fd);
    return 0;
}

void outfile_close(struct outfile *f)
{
    if (!f->open)
        return;
    f->open = false;
    (void)close(f->fd);
    (void)unlink(f->temporary);
}
