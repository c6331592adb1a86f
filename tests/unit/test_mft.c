#include "format/mft.h"

#include "format/format.h"
#include "t_ntfs.h"

enum { IN_USE = 1, FOLDER = 3 };

/* Root, inetpub, wwwroot, and a page in it. */
static struct t_mft *server(void)
{
    struct t_mft *m = calloc(1, sizeof *m);
    if (!m)
        abort();
    t_mft_file(m, 0, 1, IN_USE, "$MFT", t_reference(5, 5), NULL);
    t_mft_file(m, 5, 5, FOLDER, ".", t_reference(5, 5), NULL);
    t_mft_file(m, 6, 1, FOLDER, "inetpub", t_reference(5, 5), NULL);
    t_mft_file(m, 7, 2, FOLDER, "wwwroot", t_reference(6, 1), NULL);
    t_mft_file(m, 8, 1, IN_USE, "x.aspx", t_reference(7, 2), "<%@ Page %>");
    return m;
}

struct reading {
    struct arena *arena;
    struct mft *mft;
    struct mft_entry e;
    size_t gaps;
    uint64_t from, to;
};

static struct reading reading_of(struct bytes file)
{
    struct reading r = {.arena = arena_new()};
    r.mft = mft_open(file, r.arena);
    return r;
}

static bool next(struct reading *r)
{
    struct err err = {0};
    int got;
    while ((got = mft_next(r->mft, r->arena, &r->e, &r->from, &r->to, &err)) < 0)
        r->gaps++;
    return got > 0;
}

static bool find(struct reading *r, uint32_t number)
{
    while (next(r))
        if (r->e.number == number)
            return true;
    return false;
}

static struct str folder(struct reading *r, bool *lost)
{
    return mft_folder(r->mft, r->e.names[0].parent, r->e.names[0].parent_sequence, r->arena,
                      lost);
}

static void tells_a_table(void)
{
    struct t_mft *m = server();
    T_EQ(mft_record_size(t_mft_bytes(m)), 1024);
    T_EQ(format_sniff(t_mft_bytes(m)), FORMAT_MFT);
    m->bytes[0] = 'X'; /* the first record is lost; two behind it are not there */
    T_EQ(mft_record_size(t_mft_bytes(m)), 0);
    t_mft_file(m, 1, 1, IN_USE, "$MFTMirr", t_reference(5, 5), NULL);
    t_mft_file(m, 2, 1, IN_USE, "$LogFile", t_reference(5, 5), NULL);
    T_EQ(mft_record_size(t_mft_bytes(m)), 1024);
    free(m);
}

static void an_entry_has_names_times_and_content(void)
{
    struct t_mft *m = server();
    struct reading r = reading_of(t_mft_bytes(m));
    bool lost = true;
    T_OK(find(&r, 8));
    T_OK(r.e.in_use && !r.e.directory && r.e.has_si);
    T_EQ(r.e.sequence, 1);
    T_EQ(r.e.usn, 4242);
    T_EQ(r.e.attributes, 0x20);
    T_EQ(r.e.offset, 8 * 1024);
    T_EQ(r.e.si.created, instant_of_filetime(T_2021 + 1));
    T_EQ(r.e.si.accessed, instant_of_filetime(T_2021 + 4));
    T_EQ(r.e.n_names, 1);
    T_STR(r.e.names[0].name, "x.aspx");
    T_EQ(r.e.n_streams, 1);
    T_EQ(r.e.streams[0].size, 11);
    T_OK(bytes_eq(r.e.streams[0].content, str_bytes(STR("<%@ Page %>"))));
    T_STR(folder(&r, &lost), "\\inetpub\\wwwroot");
    T_OK(!lost);
    T_OK(!next(&r));
    T_EQ(r.gaps, 0);
    arena_free(r.arena);
    free(m);
}

static void links_short_names_and_streams_are_told_apart(void)
{
    struct t_mft *m = server();
    t_mft_begin(m, 9, 1, IN_USE, 0);
    t_mft_standard(m, T_2021, 0);
    t_mft_name(m, "LONGNA~1.ASP", t_reference(7, 2), T_DOS, T_2021);
    t_mft_name(m, "longname.aspx", t_reference(7, 2), T_WINDOWS, T_2021);
    t_mft_name(m, "second.aspx", t_reference(6, 1), 0, T_2021);
    t_mft_outside(m, 0x80, 0, 123456);
    t_mft_outside(m, 0x80, 30, 0);
    t_mft_attribute(m, 0x80, "Zone", str_bytes(STR("ZoneId=3")));
    t_mft_end(m);
    struct reading r = reading_of(t_mft_bytes(m));
    T_OK(find(&r, 9));
    T_EQ(r.e.n_names, 2);
    T_STR(r.e.names[0].name, "longname.aspx");
    T_STR(r.e.names[1].name, "second.aspx");
    T_STR(r.e.short_name, "LONGNA~1.ASP");
    T_EQ(r.e.n_streams, 2);
    T_OK(!r.e.streams[0].resident && r.e.streams[1].resident);
    T_EQ(r.e.streams[0].size, 123456);
    T_STR(r.e.streams[1].name, "Zone");
    arena_free(r.arena);
    free(m);
}

static void records_that_extend_an_entry_are_part_of_it(void)
{
    struct t_mft *m = server();
    t_mft_begin(m, 9, 4, IN_USE, 0);
    t_mft_standard(m, T_2021, 0);
    t_mft_outside(m, 0x20, 0, 400);
    t_mft_end(m);
    t_mft_begin(m, 10, 1, IN_USE, t_reference(9, 4));
    t_mft_name(m, "far.asp", t_reference(7, 2), T_BOTH, T_2021);
    t_mft_outside(m, 0x80, 0, 77);
    t_mft_end(m);
    t_mft_begin(m, 11, 1, IN_USE, t_reference(9, 3)); /* of a file that had this entry before */
    t_mft_name(m, "old.asp", t_reference(9, 3), T_BOTH, T_2021);
    t_mft_end(m);
    struct reading r = reading_of(t_mft_bytes(m));
    bool lost = false;
    T_OK(find(&r, 9));
    T_OK(r.e.has_list);
    T_EQ(r.e.n_names, 1);
    T_STR(r.e.names[0].name, "far.asp");
    T_EQ(r.e.streams[0].size, 77);
    T_OK(next(&r));
    T_EQ(r.e.number, 11);
    T_OK(r.e.extension);
    T_STR(folder(&r, &lost), "\\$Orphan");
    T_OK(lost);
    T_OK(!next(&r));
    arena_free(r.arena);
    free(m);
}

static void a_file_that_is_gone_keeps_its_path(void)
{
    struct t_mft *m = server();
    t_mft_file(m, 7, 3, 2, "wwwroot", t_reference(6, 1),
               NULL); /* deleted: one more than before */
    t_mft_file(m, 8, 2, 0, "x.aspx", t_reference(7, 2), "<%@ Page %>");
    struct reading r = reading_of(t_mft_bytes(m));
    bool lost = true;
    T_OK(find(&r, 8));
    T_OK(!r.e.in_use);
    T_STR(folder(&r, &lost), "\\inetpub\\wwwroot");
    T_OK(!lost);
    arena_free(r.arena);
    t_mft_file(m, 7, 3, FOLDER, "other", t_reference(6, 1), NULL); /* and taken by another */
    r = reading_of(t_mft_bytes(m));
    T_OK(find(&r, 8));
    T_STR(folder(&r, &lost), "\\$Orphan");
    T_OK(lost);
    arena_free(r.arena);
    free(m);
}

static void a_ring_of_folders_ends(void)
{
    struct t_mft *m = server();
    t_mft_file(m, 6, 1, FOLDER, "a", t_reference(7, 2), NULL);
    t_mft_file(m, 7, 2, FOLDER, "b", t_reference(6, 1), NULL);
    struct reading r = reading_of(t_mft_bytes(m));
    bool lost = false;
    T_OK(find(&r, 8));
    struct str path = folder(&r, &lost);
    T_OK(lost);
    T_OK(str_starts(path, STR("\\$Orphan")));
    T_OK(path.n < 4096);
    arena_free(r.arena);
    free(m);
}

static void damage_costs_its_record(void)
{
    struct t_mft *m = server();
    m->bytes[7 * 1024 + 510] ^= 1; /* its first sector was not written with the others */
    struct reading r = reading_of(t_mft_bytes(m));
    size_t n = 0;
    while (next(&r))
        n++;
    T_EQ(n, 4);
    T_EQ(r.gaps, 1);
    T_EQ(r.from, 7 * 1024);
    arena_free(r.arena);
    free(m);
}

static void half_a_record_is_told_and_is_a_gap(void)
{
    struct t_mft *m = server();
    m->bytes[8 * 1024 + 1022] ^= 1;
    struct reading r = reading_of(t_mft_bytes(m));
    T_OK(find(&r, 8));
    T_STR(r.e.names[0].name, "x.aspx");
    T_EQ(r.gaps, 0);
    T_OK(!next(&r));
    T_EQ(r.gaps, 1);
    arena_free(r.arena);
    free(m);
}

static void fixups_that_were_undone_are_fine(void)
{
    struct t_mft *m = server();
    for (size_t at = 0; at < m->n * 1024; at += 512)
        if (m->bytes[at / 1024 * 1024] == 'F')
            memcpy(m->bytes + at + 510, m->bytes + at / 1024 * 1024 + 50 + (at / 512 % 2) * 2,
                   2);
    struct reading r = reading_of(t_mft_bytes(m));
    size_t n = 0;
    while (next(&r))
        n++;
    T_EQ(n, 5);
    T_EQ(r.gaps, 0);
    arena_free(r.arena);
    free(m);
}

static void read_all(struct bytes file)
{
    struct reading r = reading_of(file);
    bool lost;
    while (next(&r)) {
        T_OK(r.e.offset + r.e.size <= file.n);
        if (r.e.n_names)
            (void)folder(&r, &lost);
    }
    arena_free(r.arena);
}

static void survives_any_end_and_any_bit(void)
{
    struct t_mft *m = server();
    struct bytes whole = t_mft_bytes(m);
    t_each_prefix((struct bytes){whole.p + 5 * 1024, 4 * 1024}, read_all);
    for (size_t i = 0; i < 4 * 1024 * 8; i++) {
        m->bytes[5 * 1024 + i / 8] ^= (uint8_t)(1U << (i % 8));
        read_all((struct bytes){whole.p + 5 * 1024, 4 * 1024});
        m->bytes[5 * 1024 + i / 8] ^= (uint8_t)(1U << (i % 8));
    }
    free(m);
}

int main(void)
{
    T_RUN(tells_a_table);
    T_RUN(an_entry_has_names_times_and_content);
    T_RUN(links_short_names_and_streams_are_told_apart);
    T_RUN(records_that_extend_an_entry_are_part_of_it);
    T_RUN(a_file_that_is_gone_keeps_its_path);
    T_RUN(a_ring_of_folders_ends);
    T_RUN(damage_costs_its_record);
    T_RUN(half_a_record_is_told_and_is_a_gap);
    T_RUN(fixups_that_were_undone_are_fine);
    T_RUN(survives_any_end_and_any_bit);
    return t_done();
}
