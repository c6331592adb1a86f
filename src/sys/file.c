#include "sys/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/auto.h"

void file_close(int file)
{
    if (file >= 0)
        (void)close(file);
}

static void close_fd(const int *fd)
{
    file_close(*fd);
}

static int open_evidence(const char *path, struct err *err)
{
    int flags = O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK;
    int fd = open(path, flags | O_NOATIME);
    if (fd < 0 && errno == EPERM) /* O_NOATIME needs to be the owner */
        fd = open(path, flags);
    if (fd < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    return fd;
}

static int regular_size(int fd, const char *path, uint64_t *ret, struct err *err)
{
    struct stat st;
    if (fstat(fd, &st) < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    if (!S_ISREG(st.st_mode))
        return err_set(err, ERR_IO, "%s: not a regular file", path);
    *ret = (uint64_t)st.st_size;
    return 0;
}

static int64_t nanoseconds(const struct timespec *t)
{
    enum { PER_SECOND = 1000000000 };
    return (int64_t)((uint64_t)t->tv_sec * PER_SECOND + (uint64_t)t->tv_nsec);
}

static int identify(const struct stat *st, const char *path, struct file_id *ret,
                    struct err *err)
{
    if (!S_ISREG(st->st_mode))
        return err_set(err, ERR_IO, "%s: not a regular file", path);
    *ret = (struct file_id){.size = (uint64_t)st->st_size,
                            .modified_ns = nanoseconds(&st->st_mtim),
                            .changed_ns = nanoseconds(&st->st_ctim),
                            .inode = st->st_ino};
    return 0;
}

int file_identify(const char *path, struct file_id *ret, struct err *err)
{
    struct stat st;
    if (stat(path, &st) < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    return identify(&st, path, ret, err);
}

int file_open_known(const char *path, int *ret_file, struct file_id *ret_id, struct err *err)
{
    int fd = open_evidence(path, err);
    struct stat st;
    if (fd < 0)
        return -1;
    int failed = fstat(fd, &st) < 0 ? err_set(err, ERR_IO, "%s: %s", path, strerror(errno))
                                    : identify(&st, path, ret_id, err);
    if (failed)
        file_close(fd);
    else
        *ret_file = fd;
    return failed;
}

int file_open(const char *path, int *ret_file, struct err *err)
{
    struct file_id id;
    return file_open_known(path, ret_file, &id, err);
}

/* In the jail the size of a file is where it ends: nothing can be asked about files there. */
static int map_whole(int fd, struct file_map *ret, struct err *err)
{
    off_t size = lseek(fd, 0, SEEK_END);
    if (size < 0)
        return err_set(err, ERR_IO, "%s", strerror(errno));
    if (size == 0) {
        *ret = (struct file_map){0};
        return 0;
    }
    if ((uint64_t)size > SIZE_MAX / 2)
        return err_set(err, ERR_LIMIT, "too large to map");
    void *p = mmap(NULL, (size_t)size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (p == MAP_FAILED)
        return err_set(err, ERR_IO, "%s", strerror(errno));
    (void)madvise(p, (size_t)size, MADV_SEQUENTIAL);
    *ret = (struct file_map){{p, (size_t)size}};
    return 0;
}

int file_map_open(int file, struct file_map *ret, struct err *err)
{
    int failed = map_whole(file, ret, err);
    file_close(file);
    return failed;
}

int file_map(const char *path, struct file_map *ret, struct err *err)
{
    int fd;
    if (file_open(path, &fd, err) < 0)
        return -1;
    return file_map_open(fd, ret, err) < 0 ? err_at(err, "%s", path) : 0;
}

void file_let_go(struct bytes part)
{
    enum { PAGE = 4096 };
    uintptr_t from = ((uintptr_t)part.p + PAGE - 1) / PAGE * PAGE;
    uintptr_t to = ((uintptr_t)part.p + part.n) / PAGE * PAGE;
    if (part.n && to > from)
        (void)madvise((void *)from, to - from, MADV_DONTNEED);
}

void file_unmap(struct file_map *map)
{
    if (map->bytes.n)
        (void)munmap((void *)(uintptr_t)map->bytes.p, map->bytes.n);
    *map = (struct file_map){0};
}

static int read_upto(int fd, const char *path, uint8_t *out, size_t want, size_t *ret,
                     struct err *err)
{
    size_t n = 0;
    while (n < want) {
        ssize_t got = read(fd, out + n, want - n);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        if (got == 0)
            break;
        n += (size_t)got;
    }
    *ret = n;
    return 0;
}

int file_head(const char *path, size_t max, struct arena *arena, struct bytes *ret,
              struct err *err)
{
    AUTO(close_fd) int fd = open_evidence(path, err);
    uint64_t size;
    if (fd < 0 || regular_size(fd, path, &size, err) < 0)
        return -1;
    size_t want = size < max ? (size_t)size : max;
    uint8_t *p = ARENA_ARRAY(arena, uint8_t, want);
    size_t n;
    if (read_upto(fd, path, p, want, &n, err) < 0)
        return -1;
    *ret = (struct bytes){p, n};
    return 0;
}

int file_read(const char *path, size_t max, struct arena *arena, struct bytes *ret,
              struct err *err)
{
    AUTO(close_fd) int fd = open_evidence(path, err);
    uint64_t size;
    if (fd < 0 || regular_size(fd, path, &size, err) < 0)
        return -1;
    if (size > max)
        return err_set(err, ERR_LIMIT, "%s: larger than %zu bytes", path, max);
    uint8_t *p = ARENA_ARRAY(arena, uint8_t, (size_t)size);
    size_t n;
    if (read_upto(fd, path, p, (size_t)size, &n, err) < 0)
        return -1;
    *ret = (struct bytes){p, n};
    return 0;
}

static int write_all(int fd, struct str content, bool durable)
{
    while (content.n) {
        ssize_t n = write(fd, content.p, content.n);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0)
            return -1;
        content = str_part(content, (size_t)n, content.n);
    }
    return durable ? fsync(fd) : 0;
}

static int write_beside(const char *path, struct str content, bool durable, struct err *err)
{
    char temporary[4096];
    int n = snprintf(temporary, sizeof temporary, "%s.XXXXXX", path);
    if (n < 0 || (size_t)n >= sizeof temporary)
        return err_set(err, ERR_INVALID, "%s: the path is too long", path);
    AUTO(close_fd) int fd = mkostemp(temporary, O_CLOEXEC);
    if (fd < 0)
        return err_set(err, ERR_IO, "%s: %s", temporary, strerror(errno));
    if (write_all(fd, content, durable) < 0 || fchmod(fd, 0644) < 0 ||
        rename(temporary, path) < 0) {
        (void)err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        (void)unlink(temporary);
        return -1;
    }
    return 0;
}

int file_write(const char *path, struct str content, struct err *err)
{
    return write_beside(path, content, true, err);
}

int file_write_one_of_many(const char *path, struct str content, struct err *err)
{
    return write_beside(path, content, false, err);
}

int file_create(const char *path, struct str content, bool is_private, struct err *err)
{
    int flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW;
    AUTO(close_fd) int fd = open(path, flags, is_private ? 0600 : 0644);
    if (fd < 0)
        return err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
    if (write_all(fd, content, true) < 0) {
        (void)err_set(err, ERR_IO, "%s: %s", path, strerror(errno));
        (void)unlink(path);
        return -1;
    }
    return 0;
}
