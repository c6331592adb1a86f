#include "sys/spill.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

const char *spill_folder(void)
{
    const char *given = getenv("TMPDIR");
    return given && given[0] == '/' ? given : "/tmp";
}

int spill_open(const char *folder, struct spill *ret, struct err *err)
{
    char path[4096];
    int n = snprintf(path, sizeof path, "%s/assay-XXXXXX", folder);
    if (n < 0 || (size_t)n >= sizeof path)
        return err_set(err, ERR_IO, "%s: the path is too long", folder);
    int fd = mkostemp(path, O_CLOEXEC);
    if (fd < 0)
        return err_set(err, ERR_IO, "%s: no temporary file: %s", folder, strerror(errno));
    if (unlink(path) != 0) {
        int why = errno;
        (void)close(fd);
        return err_set(err, ERR_IO, "%s: %s", path, strerror(why));
    }
    *ret = (struct spill){.fd = fd};
    return 0;
}

void spill_close(struct spill *s)
{
    if (s->fd >= 0)
        (void)close(s->fd);
    s->fd = -1;
}

int spill_write(struct spill *s, struct bytes bytes, struct err *err)
{
    size_t done = 0;
    while (done < bytes.n) {
        ssize_t n = pwrite(s->fd, bytes.p + done, bytes.n - done, (off_t)(s->size + done));
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return err_set(err, ERR_IO, "the temporary file: %s", strerror(errno));
        done += (size_t)n;
    }
    s->size += bytes.n;
    return 0;
}

int spill_read(const struct spill *s, uint64_t at, void *ret, size_t n, struct err *err)
{
    char *to = ret;
    size_t done = 0;
    while (done < n) {
        ssize_t got = pread(s->fd, to + done, n - done, (off_t)(at + done));
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return err_set(err, ERR_IO, "the temporary file: %s",
                           got ? strerror(errno) : "it ends too early");
        done += (size_t)got;
    }
    return 0;
}
