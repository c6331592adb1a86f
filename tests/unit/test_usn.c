#include "format/usn.h"

#include "format/format.h"
#include "t_ntfs.h"

enum { CREATE = 0x100, DELETE = 0x200 };

static struct t_usn *journal(void)
{
    struct t_usn *u = calloc(1, sizeof *u);
    if (!u)
        abort();
    t_usn_add(u, 2, t_reference(100, 1), t_reference(50, 2), CREATE, 0x20, "x.aspx");
    t_usn_add(u, 3, t_reference(100, 1), t_reference(50, 2), DELETE, 0x20, "x.aspx");
    return u;
}

static void reads_both_versions(void)
{
    struct t_usn *u = journal();
    struct usn usn = usn_open(t_usn_bytes(u), 0, u->n);
    struct usn_record r;
    uint64_t from, to;
    struct err err = {0};
    T_EQ(format_sniff(t_usn_bytes(u)), FORMAT_USN);
    T_EQ(usn_next(&usn, &r, &from, &to, &err), 1);
    T_EQ(r.file.low, t_reference(100, 1));
    T_EQ(r.parent.low, t_reference(50, 2));
    T_EQ(r.reason, CREATE);
    T_EQ(r.attributes, 0x20);
    T_EQ(r.time, instant_of_filetime(T_2021));
    T_EQ(r.name.n, 12);
    T_EQ(usn_next(&usn, &r, &from, &to, &err), 1);
    T_EQ(r.version, 3);
    T_EQ(r.reason, DELETE);
    T_EQ(r.parent.low, t_reference(50, 2));
    T_EQ(usn_next(&usn, &r, &from, &to, &err), 0);
    free(u);
}

static size_t count(struct bytes file, size_t *ret_gaps)
{
    struct usn usn = usn_open(file, 0, file.n);
    struct usn_record r;
    uint64_t from, to;
    struct err err = {0};
    size_t n = 0;
    int got;
    *ret_gaps = 0;
    while ((got = usn_next(&usn, &r, &from, &to, &err)) != 0) {
        n += got > 0;
        *ret_gaps += got < 0;
        if (got < 0)
            T_OK(from < to && to <= file.n);
        else
            T_OK(r.offset + r.size <= file.n);
    }
    return n;
}

static void a_hole_at_the_start_is_passed_over(void)
{
    enum { HOLE = 1 << 20 };
    struct t_usn *u = journal();
    uint8_t *file = calloc(1, HOLE + sizeof u->bytes);
    size_t gaps;
    if (!file)
        abort();
    memcpy(file + HOLE, u->bytes, u->n);
    struct bytes whole = {file, HOLE + sizeof u->bytes};
    T_EQ(format_sniff(whole), FORMAT_TEXT);
    T_EQ(format_sniff_file(whole), FORMAT_USN);
    T_EQ(count(whole, &gaps), 2);
    T_EQ(gaps, 0);
    memset(file + HOLE, 0, u->n);
    T_EQ(format_sniff_file(whole), FORMAT_TEXT);
    free(file);
    free(u);
}

static void damage_ends_at_the_next_record(void)
{
    struct t_usn *u = journal();
    size_t gaps;
    for (int i = 0; i < 100; i++)
        t_usn_add(u, 2, t_reference(200, 1), t_reference(50, 2), CREATE, 0x20, "y.txt");
    u->bytes[4] = 9; /* no such version */
    T_EQ(count(t_usn_bytes(u), &gaps), 101);
    T_EQ(gaps, 1);
    memset(u->bytes + 1000, 0xee, 3500);
    T_OK(count(t_usn_bytes(u), &gaps) > 40);
    T_EQ(gaps, 2);
    free(u);
}

static void ranges_are_counted(void)
{
    struct t_usn *u = journal();
    uint8_t *p = u->bytes + u->n;
    struct usn_record r;
    uint64_t from, to;
    struct err err = {0};
    t_put(p, 80, 4);
    t_put(p + 4, 4, 2);
    u->n += 80;
    struct usn usn = usn_open(t_usn_bytes(u), 0, u->n);
    while (usn_next(&usn, &r, &from, &to, &err) > 0)
        continue;
    T_EQ(usn.ranges, 1);
    free(u);
}

static void read_all(struct bytes file)
{
    size_t gaps;
    (void)count(file, &gaps);
}

static void survives_any_end_and_any_bit(void)
{
    struct t_usn *u = journal();
    t_each_prefix(t_usn_bytes(u), read_all);
    for (size_t i = 0; i < u->n * 8; i++) {
        u->bytes[i / 8] ^= (uint8_t)(1U << (i % 8));
        read_all(t_usn_bytes(u));
        u->bytes[i / 8] ^= (uint8_t)(1U << (i % 8));
    }
    free(u);
}

int main(void)
{
    T_RUN(reads_both_versions);
    T_RUN(a_hole_at_the_start_is_passed_over);
    T_RUN(damage_ends_at_the_next_record);
    T_RUN(ranges_are_counted);
    T_RUN(survives_any_end_and_any_bit);
    return t_done();
}
