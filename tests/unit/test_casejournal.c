#include <unistd.h>

#include "base/cur.h"
#include "store/casefile.h"
#include "store/db.h"
#include "t.h"

static char folder[] = "/tmp/assay-test-XXXXXX";
static char path[sizeof folder + 16];

static const struct case_scan SCAN = {
    .tool = {"assay 1", 7},
    .setup = {"aa", 2},
    .arguments = {"[]", 2},
    .paths = {"[\"x\"]", 5},
    .began = 5,
};

static int64_t count(const char *sql)
{
    struct db db = {0};
    struct err err = {0};
    int64_t n = -1;
    if (db_open(path, DB_READ, &db, &err) == 0)
        (void)db_number(&db, sql, &n, &err);
    db_close(&db);
    return n;
}

static void change(const char *sql)
{
    struct db db = {0};
    struct err err = {0};
    T_EQ(db_open(path, DB_WRITE, &db, &err), 0);
    T_EQ(db_run(&db, sql, &err), 0);
    db_close(&db);
}

static void begin(void)
{
    (void)snprintf(path, sizeof path, "%s/one.case", folder);
    (void)unlink(path);
}

static void open_journal(const struct case_scan *scan, bool resume, struct arena *arena,
                         struct case_journal *ret)
{
    struct err err = {0};
    *ret = (struct case_journal){0};
    T_EQ(case_journal_open(path, scan, resume, arena, ret, &err), 0);
    T_STR(str_of(err.msg), "");
}

/* Two pieces: keys of a's and of b's, 3 and 4 bytes. */
static void keep_two(struct case_journal *j)
{
    uint8_t pieces[2 * CASE_PIECE] = {0};
    struct err err = {0};
    memset(pieces, 'a', SHA256_SIZE);
    pieces[SHA256_SIZE] = 3;
    memset(pieces + CASE_PIECE, 'b', SHA256_SIZE);
    pieces[CASE_PIECE + SHA256_SIZE] = 4;
    struct case_part part = {{pieces, sizeof pieces}, {(const uint8_t *)"oneFOUR", 7}};
    T_EQ(case_journal_add(j, &part, &err), 0);
    T_STR(str_of(err.msg), "");
}

static bool knows(const struct case_journal *j, int letter, struct case_place *ret)
{
    uint8_t key[SHA256_SIZE];
    memset(key, letter, sizeof key);
    return case_journal_find(j, key, ret);
}

static void makes_nothing_before_something_is_kept(void)
{
    struct arena *arena = arena_new();
    struct case_journal j;
    begin();
    open_journal(&SCAN, false, arena, &j);
    T_OK(access(path, F_OK) != 0);
    keep_two(&j);
    T_OK(access(path, F_OK) == 0);
    case_journal_close(&j);
    T_EQ(count("SELECT count(*) FROM scan WHERE state = 'running'"), 1);
    T_EQ(count("SELECT count(*) FROM audit WHERE event = 'started' AND time = 5"), 1);
    arena_free(arena);
}

static void gives_what_was_kept_to_who_goes_on(void)
{
    struct arena *arena = arena_new();
    struct buf said = buf_new(100);
    struct case_journal j;
    struct case_place place = {0};
    struct err err = {0};
    begin();
    open_journal(&SCAN, false, arena, &j);
    keep_two(&j);
    T_EQ(case_journal_interrupted(&j, 9, &err), 0);
    case_journal_close(&j);
    T_EQ(count("SELECT count(*) FROM scan WHERE state = 'interrupted'"), 1);

    open_journal(&SCAN, true, arena, &j);
    T_OK(case_journal_resumes(&j));
    T_OK(!knows(&j, 'c', &place));
    T_OK(knows(&j, 'b', &place));
    T_EQ(place.from, 3);
    T_EQ(place.n, 4);
    T_OK(case_journal_read(&j, place.part, &said));
    T_STR(buf_str(&said), "oneFOUR");
    case_journal_close(&j);

    open_journal(&SCAN, false, arena, &j); /* who does not go on is told that one could */
    T_EQ(j.same, 1);
    T_OK(!knows(&j, 'b', &place));
    case_journal_close(&j);
    buf_free(&said);
    arena_free(arena);
}

static void gives_nothing_that_was_made_otherwise_or_is_damaged(void)
{
    struct arena *arena = arena_new();
    struct buf said = buf_new(100);
    struct case_scan other = SCAN;
    struct case_journal j;
    struct case_place place = {0};
    begin();
    open_journal(&SCAN, false, arena, &j);
    keep_two(&j);
    case_journal_close(&j);
    other.setup = STR("bb");
    open_journal(&other, true, arena, &j);
    T_OK(!case_journal_resumes(&j));
    T_EQ(j.other, 1);
    T_OK(!knows(&j, 'a', &place));
    case_journal_close(&j);

    change("UPDATE part SET said = x'00'");
    open_journal(&SCAN, true, arena, &j);
    T_OK(knows(&j, 'a', &place));
    T_OK(!case_journal_read(&j, place.part, &said));
    T_EQ(said.n, 0);
    case_journal_close(&j);

    change("UPDATE part SET pieces = substr(pieces, 1, 79)"); /* the second one is cut off */
    open_journal(&SCAN, true, arena, &j);
    T_OK(knows(&j, 'a', &place));
    T_OK(!knows(&j, 'b', &place));
    case_journal_close(&j);
    change("UPDATE part SET pieces = cast(replace(hex(zeroblob(40)), '0', 'f') AS BLOB)");
    open_journal(&SCAN, true, arena, &j); /* larger than anything */
    T_OK(!knows(&j, 'f', &place) || place.n > 0);
    case_journal_close(&j);
    buf_free(&said);
    arena_free(arena);
}

static void a_complete_scan_leaves_no_part(void)
{
    struct arena *arena = arena_new();
    struct case_journal j;
    struct case_scan elsewhere = SCAN;
    struct err err = {0};
    struct db db = {0};
    begin();
    elsewhere.paths = STR("[\"y\"]");
    open_journal(&elsewhere, false, arena, &j);
    keep_two(&j);
    case_journal_close(&j);
    open_journal(&SCAN, false, arena, &j);
    keep_two(&j);
    case_journal_close(&j);
    change("INSERT INTO verdict (id, digest, tool, exit_status, json) VALUES (3, 'd', 't', 1, "
           "'')");
    T_EQ(db_open(path, DB_WRITE, &db, &err), 0);
    struct case_ended ended = {.scan = &SCAN, .row = j.row, .now = 8};
    T_EQ(case_scan_complete(&db, &ended, 3, &err), 0);
    T_EQ(case_scan_complete(&db, &ended, 3, &err), 0); /* the same once more */
    db_close(&db);
    T_EQ(count("SELECT count(*) FROM part"), 1); /* of the other paths */
    T_EQ(count("SELECT count(*) FROM scan WHERE verdict = 3 AND state = 'complete'"), 1);
    T_EQ(count("SELECT count(*) FROM audit WHERE event = 'complete' AND exit_status = 1"), 2);
    arena_free(arena);
}

int main(void)
{
    T_OK(mkdtemp(folder) != NULL);
    T_RUN(makes_nothing_before_something_is_kept);
    T_RUN(gives_what_was_kept_to_who_goes_on);
    T_RUN(gives_nothing_that_was_made_otherwise_or_is_damaged);
    T_RUN(a_complete_scan_leaves_no_part);
    (void)unlink(path);
    T_EQ(rmdir(folder), 0);
    return t_done();
}
