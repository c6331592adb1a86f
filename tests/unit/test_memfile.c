#include "sys/memfile.h"

#include <unistd.h>

#include "sys/file.h"
#include "t.h"

static void what_one_writes_another_reads(void)
{
    struct err err = {0};
    uint8_t *at = NULL;
    int file = -1;
    int reader = -1;
    char text[4] = "";
    T_EQ(memfile_new(&file, &err), 0);
    T_EQ(memfile_resize(file, 3, &err), 0);
    T_EQ(memfile_map(file, 1 << 20, &at, &err), 0);
    memcpy(at, "abc", 3);
    T_OK(!memfile_seal(file)); /* it is mapped for writing still */
    memfile_unmap(at, 1 << 20);
    T_OK(memfile_seal(file));
    T_EQ(memfile_reader(file, &reader, &err), 0);
    T_EQ(pread(reader, text, 3, 0), 3);
    T_STR(str_of(text), "abc");
    T_OK(write(reader, "x", 1) < 0);
    T_OK(memfile_resize(file, 4, &err) < 0);
    T_EQ(err.code, ERR_IO);
    file_close(reader);
    file_close(file);
}

static void what_is_dropped_reads_as_zeros(void)
{
    enum { PAGE = 4096 };
    struct err err = {0};
    uint8_t *at = NULL;
    int file = -1;
    T_EQ(memfile_new(&file, &err), 0);
    T_EQ(memfile_resize(file, 3 * PAGE, &err), 0);
    T_EQ(memfile_map(file, 3 * PAGE, &at, &err), 0);
    memset(at, 'x', 3 * PAGE);
    memfile_drop(file, 1, 2 * PAGE + 1);
    T_EQ(at[0], 'x');
    T_EQ(at[PAGE], 0);
    T_EQ(at[2 * PAGE], 'x');
    memfile_unmap(at, 3 * PAGE);
    file_close(file);
}

int main(void)
{
    T_RUN(what_one_writes_another_reads);
    T_RUN(what_is_dropped_reads_as_zeros);
    return t_done();
}
