#include "sys/memfile.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { PAGE = 4096 };

static int fail(const char *what, struct err *err)
{
    return err_set(err, ERR_IO, "memory file: %s: %s", what, strerror(errno));
}

int memfile_new(int *ret_file, struct err *err)
{
    int fd = memfd_create("evidence", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd < 0)
        return fail("make", err);
    *ret_file = fd;
    return 0;
}

int memfile_resize(int file, uint64_t size, struct err *err)
{
    return ftruncate(file, (off_t)size) < 0 ? fail("resize", err) : 0;
}

int memfile_reader(int file, int *ret_file, struct err *err)
{
    char path[64];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return fail("open for reading", err);
    *ret_file = fd;
    return 0;
}

void memfile_drop(int file, uint64_t from, uint64_t to)
{
    from = (from + PAGE - 1) / PAGE * PAGE;
    to = to / PAGE * PAGE;
    if (to > from)
        (void)fallocate(file, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, (off_t)from,
                        (off_t)(to - from));
}

int memfile_map(int file, size_t size, uint8_t **ret, struct err *err)
{
    void *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    if (p == MAP_FAILED)
        return fail("map", err);
    *ret = p;
    return 0;
}

void memfile_unmap(uint8_t *at, size_t size)
{
    if (at)
        (void)munmap(at, size);
}

bool memfile_seal(int file)
{
    int seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;
    return fcntl(file, F_ADD_SEALS, seals) == 0;
}
