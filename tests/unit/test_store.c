#include <unistd.h>

#include "base/auto.h"
#include "base/buf.h"
#include "base/digest.h"
#include "base/embed.h"
#include "sample_verdict.h"
#include "store/casefile.h"
#include "store/caseread.h"
#include "store/db.h"
#include "sys/file.h"
#include "t.h"

enum { CASE_MAX = 16 << 20 };

extern const struct embedded case_schema[]; /* of the library of cases */

static char folder[] = "/tmp/assay-test-XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[sizeof folder + 64];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    (void)unlink(path);
    return path;
}

static void remove_folder(void)
{
    static const char *const names[] = {
        "all.case",   "twice.case", "adds.case",    "explain.case", "ids.case",
        "text",       "other.db",   "fresh.case",   "newer.case",   "changed.case",
        "older.case", "half.case",  "damaged.case", "read.case"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        (void)in_folder(names[i]);
    T_EQ(rmdir(folder), 0); /* nothing else was left there: no journal either */
}

static int write_sample(const char *path, const struct sample *s, const char *json,
                        struct err *err)
{
    const struct casefile_setup setup[] = {
        {STR("program"), STR("assay"), STR("0.1.0"), 1, STR("aa")},
        {STR("option"), STR("carve"), STR(""), 0, STR("")},
    };
    struct casefile_input in = {.verdict = &s->verdict,
                                .setup = setup,
                                .n_setup = 2,
                                .findings = &s->findings,
                                .rules = s->rules,
                                .version = "0.1.0",
                                .json = str_of(json)};
    return casefile_write(path, &in, err);
}

static int64_t count(const char *path, const char *sql)
{
    struct db db = {0};
    struct err err = {0};
    int64_t n = -1;
    if (db_open(path, DB_READ, &db, &err) == 0)
        (void)db_number(&db, sql, &n, &err);
    db_close(&db);
    return n;
}

static void digest_of(const char *path, char ret[SHA256_TEXT])
{
    struct arena *arena = arena_new();
    struct bytes content = {0};
    struct err err = {0};
    uint8_t digest[SHA256_SIZE];
    T_EQ(file_read(path, CASE_MAX, arena, &content, &err), 0);
    sha256(content, digest);
    sha256_text(digest, ret);
    arena_free(arena);
}

static void writes_all_tables(void)
{
    struct sample s;
    struct err err = {0};
    const char *path = in_folder("all.case");
    sample_make(&s);
    T_OK(!casefile_is_case(path));
    T_EQ(write_sample(path, &s, "{\"one\":1}", &err), 0);
    T_STR(str_of(err.msg), "");
    T_OK(casefile_is_case(path));
    T_EQ(count(path, "SELECT count(*) FROM host"), 1);
    T_EQ(count(path, "SELECT count(*) FROM setup WHERE verdict = 1"), 2);
    T_EQ(count(path, "SELECT count(*) FROM setup WHERE kind = 'option' AND name = 'carve' AND"
                     " value IS NULL AND files IS NULL AND sha256 IS NULL"),
         1);
    T_EQ(count(path, "SELECT count(*) FROM evidence"), 3);
    T_EQ(count(path, "SELECT count(*) FROM finding"), 3);
    T_EQ(count(path, "SELECT count(*) FROM fact"), 3);
    T_EQ(count(path, "SELECT count(*) FROM fact_finding"), 4);
    T_EQ(count(path, "SELECT count(*) FROM fact_initiator"), 3);
    T_EQ(count(path, "SELECT count(*) FROM gap"), 1);
    T_EQ(count(path, "SELECT count(*) FROM campaign WHERE entry = 'exploited'"), 1);
    T_EQ(count(path, "SELECT count(*) FROM coverage_interval"), 2);
    T_EQ(count(path, "SELECT count(*) FROM timeline WHERE time = '2021-03-03T06:00:00Z'"), 3);
    T_EQ(count(path, "SELECT time FROM finding LIMIT 1"), SAMPLE_TIME);
    T_EQ(count(path, "SELECT count(*) FROM pragma_foreign_key_check"), 0);
    sample_free(&s);
}

static void same_scan_twice_changes_nothing(void)
{
    struct sample s;
    struct err err = {0};
    char before[SHA256_TEXT];
    char after[SHA256_TEXT];
    const char *path = in_folder("twice.case");
    sample_make(&s);
    T_EQ(write_sample(path, &s, "{\"one\":1}", &err), 0);
    digest_of(path, before);
    T_EQ(write_sample(path, &s, "{\"one\":1}", &err), 0);
    digest_of(path, after);
    T_OK(strcmp(before, after) == 0);
    sample_free(&s);
}

static void make_database(const char *path, const char *sql)
{
    struct db db = {0};
    struct err err = {0};
    T_EQ(db_open(path, DB_WRITE, &db, &err), 0);
    T_EQ(db_run(&db, sql, &err), 0);
    db_close(&db);
}

static void another_scan_adds(void)
{
    struct sample s;
    struct err err = {0};
    struct str json = STR("");
    struct arena *arena = arena_new();
    const char *path = in_folder("adds.case");
    sample_make(&s);
    T_EQ(write_sample(path, &s, "{\"one\":1}", &err), 0);
    s.facts[0].state = STATE_REACHED;
    s.hits[1].hit.offset = 5000; /* another record */
    s.hit_id[1][0] = '3';
    s.host = (struct host){STR("MAIL"), STR("mail"), STR("mail")};
    T_EQ(write_sample(path, &s, "{\"two\":2}", &err), 0);
    T_STR(str_of(err.msg), "");
    T_EQ(count(path, "SELECT count(*) FROM verdict"), 2);
    T_EQ(count(path, "SELECT count(*) FROM campaign"), 2);
    T_EQ(count(path, "SELECT count(*) FROM host WHERE name = 'MAIL.example'"), 1);
    T_EQ(count(path, "SELECT count(*) FROM host"), 1); /* its short name is no other host */
    T_EQ(count(path, "SELECT count(*) FROM evidence"), 3);
    T_EQ(count(path, "SELECT count(*) FROM finding"), 4);
    T_EQ(count(path, "SELECT count(*) FROM fact"), 3);
    T_EQ(count(path, "SELECT count(*) FROM fact WHERE state = 'reached'"), 1);
    T_EQ(casefile_verdict(path, arena, &json, &err), 0);
    T_STR(json, "{\"two\":2}"); /* the one written last */
    make_database(path,
                  "INSERT INTO audit (time, event, tool, setup, arguments, paths, verdict)"
                  " SELECT 1, 'complete', tool, '', '', '', digest FROM verdict"
                  " ORDER BY id DESC");
    T_EQ(casefile_verdict(path, arena, &json, &err), 0);
    T_STR(json, "{\"one\":1}"); /* its evidence was scanned again */
    arena_free(arena);
    sample_free(&s);
}

static const char document[] =
    "{\"schema\":\"assay.verdict/1\",\"findings\":[],\"hosts\":[{}]}";

static size_t findings_of(struct case_reader *r, const struct case_filter *filter)
{
    AUTO(case_rows_close) struct case_rows rows = {0};
    struct case_finding f;
    struct err err = {0};
    instant last = INT64_MIN;
    size_t n = 0;
    T_EQ(case_findings(r, filter, &rows, &err), 0);
    while (case_findings_next(&rows, &f, &err) > 0) {
        T_OK(last <= case_finding_when(&f));
        last = case_finding_when(&f);
        n++;
    }
    T_STR(str_of(err.msg), "");
    return n;
}

static void filters(struct case_reader *r)
{
    struct case_filter filter = CASE_FILTER_ALL;
    T_EQ(findings_of(r, &filter), 3);
    filter.from = SAMPLE_TIME + 1;
    T_EQ(findings_of(r, &filter), 0);
    filter.from = filter.to = SAMPLE_TIME;
    T_OK(findings_of(r, &filter) > 0);
    filter.host = STR("nobody");
    T_EQ(findings_of(r, &filter), 0);
    filter.host = STR("MAIL.example");
    T_OK(findings_of(r, &filter) > 0);
}

static void counts(struct case_reader *r)
{
    AUTO(case_rows_close) struct case_rows rules = {0};
    AUTO(case_rows_close) struct case_rows files = {0};
    struct case_filter filter = CASE_FILTER_ALL;
    struct case_evidence file;
    struct case_rule rule;
    struct err err = {0};
    size_t n = 0;
    T_EQ(case_rules(r, &filter, &rules, &err), 0);
    while (case_rules_next(&rules, &rule, &err) > 0)
        n += rule.n;
    T_EQ(n, 3);
    T_EQ(case_evidence(r, &files, &err), 0);
    for (n = 0; case_evidence_next(&files, &file, &err) > 0; n++)
        T_OK(file.path.n > 0);
    T_EQ(n, 3);
    T_STR(str_of(err.msg), "");
}

static void reads_back(void)
{
    struct sample s;
    struct err err = {0};
    struct arena *arena = arena_new();
    struct case_reader r = {0};
    const char *path = in_folder("read.case");
    sample_make(&s);
    T_EQ(write_sample(path, &s, document, &err), 0);
    T_EQ(case_reader_open(path, arena, &r, &err), 0);
    T_STR(str_of(err.msg), "");
    T_OK(json_get(r.document, "hosts") != NULL);
    T_STR(r.tool, "assay 0.1.0");
    T_EQ(r.n_verdicts, 1);
    filters(&r);
    counts(&r);
    case_reader_close(&r);

    struct db db = {0}; /* somebody changed the verdict */
    T_EQ(db_open(path, DB_WRITE, &db, &err), 0);
    T_EQ(db_run(&db, "UPDATE verdict SET json = replace(json, '{}', '')", &err), 0);
    db_close(&db);
    T_EQ(case_reader_open(path, arena, &r, &err), -1);
    T_EQ(err.code, ERR_CORRUPT);
    arena_free(arena);
    sample_free(&s);
}

static size_t hosts_in(const struct case_reader *r, const char *key)
{
    size_t n = 0;
    const struct json *hosts = json_get(r->document, "hosts");
    for (const struct json *h = hosts ? hosts->child : NULL; h; h = h->next)
        n += json_get(h, key) != NULL;
    return n;
}

/* Two verdicts; the first one's evidence lay in `first`, and something was found; the second one's
 * in /b. later: its exit status */
static void two_scans(const char *first, const char *hosts, int later, size_t want_hosts,
                      size_t want_scanned, size_t want_earlier)
{
    struct sample s;
    struct err err = {0};
    struct arena *arena = arena_new();
    struct case_reader r = {0};
    const char *path = in_folder("read.case");
    char sql[512];
    sample_make(&s);
    s.verdict.exit_status = 1;
    T_EQ(write_sample(path, &s,
                      "{\"schema\":\"assay.verdict/1\",\"packs\":[{\"id\":\"p\"}],"
                      "\"hosts\":[{\"host\":\"A\",\"campaigns\":[{}]}]}",
                      &err),
         0);
    s.verdict.exit_status = later;
    T_EQ(write_sample(path, &s, hosts, &err), 0);
    (void)snprintf(sql, sizeof sql,
                   "INSERT INTO setup (verdict, place, kind, name)"
                   " SELECT id, 99, 'root', iif(id = 1, '%s', '/b') FROM verdict",
                   first);
    make_database(path, sql);
    T_EQ(case_reader_open(path, arena, &r, &err), 0);
    T_STR(str_of(err.msg), "");
    T_EQ(hosts_in(&r, "host"), want_hosts);
    T_EQ(hosts_in(&r, "scanned"), want_scanned);
    T_EQ(hosts_in(&r, "earlier"), want_earlier);
    T_EQ(r.n_earlier, want_scanned + want_earlier);
    T_EQ(json_get(json_get(r.document, "packs")->child->next, "id") == NULL, 1);
    case_reader_close(&r);
    arena_free(arena);
    sample_free(&s);
}

static void what_only_an_earlier_scan_read_stays(void)
{
    static const char other[] = "{\"schema\":\"assay.verdict/1\",\"packs\":[{\"id\":\"p\"}],"
                                "\"hosts\":[{\"host\":\"B\"}]}";
    static const char same[] = "{\"schema\":\"assay.verdict/1\",\"packs\":[{\"id\":\"p\"}],"
                               "\"hosts\":[{\"host\":\"A\"}]}";
    two_scans("/a", other, 1, 2, 1, 0);
    two_scans("/bb", other, 1, 2, 1, 0);
    two_scans("/a", same, 1, 1, 0, 1);
    two_scans("/b", same, 1, 1, 0, 0);  /* read again: the later verdict stands alone */
    two_scans("/b", other, 1, 2, 1, 0); /* another server lay at the same path */
    two_scans("/b/c", same, 1, 1, 0, 0);
    two_scans("/b", same, 0, 1, 0, 1); /* what was found is not replaced by nothing */
}

static void explains(void)
{
    struct sample s;
    struct err err = {0};
    struct explained e = {0};
    struct arena *arena = arena_new();
    const char *path = in_folder("explain.case");
    sample_make(&s);
    T_EQ(write_sample(path, &s, "{}", &err), 0);
    T_EQ(casefile_explain(path, STR("AAAAAAAAAAA2"), arena, &e, &err), 0);
    T_OK(e.is_fact);
    T_STR(e.id, ID_TWO);
    T_STR(e.what, "=1+1");
    T_STR(e.host, "MAIL.example");
    T_STR(e.axis, "backdoor");
    T_STR(e.state, "written");
    T_EQ(e.n_initiators, 1);
    T_EQ(e.n_findings, 2);
    T_EQ(e.findings[0].record, 77); /* first, because its corrected time is earlier */
    T_EQ(e.findings[0].corrected, -3600 * INSTANT_SECOND);
    T_EQ(e.findings[0].marks, MARK_CRC_BAD);
    T_STR(e.findings[0].rule_title, "Rule B");
    T_STR(e.findings[0].level, "low");
    T_STR(e.findings[1].path, "a.log");
    T_OK(str_eq(e.findings[1].excerpt, STR(HOSTILE))); /* byte for byte */

    struct str finding = e.findings[1].id;
    T_EQ(casefile_explain(path, str_part(finding, 0, 6), arena, &e, &err), 0);
    T_OK(!e.is_fact);
    T_STR(e.what, HOSTILE_TITLE);
    T_EQ(e.n_findings, 1);
    T_EQ(e.n_facts, 2);
    T_STR(e.facts[0], ID_ONE);
    arena_free(arena);
    sample_free(&s);
}

static void says_why_an_id_is_not_found(void)
{
    static const struct {
        const char *id;
        enum err_code code;
    } cases[] = {
        {"aaaa", ERR_INVALID}, /* two facts */
        {"aaa", ERR_INVALID},  /* too short */
        {"aaaaaaaaaaa1a", ERR_INVALID}, {"aaa%", ERR_INVALID}, {"ffffffffffff", ERR_NOT_FOUND},
    };
    struct sample s;
    struct err err = {0};
    struct arena *arena = arena_new();
    const char *path = in_folder("ids.case");
    sample_make(&s);
    T_EQ(write_sample(path, &s, "{}", &err), 0);
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct explained e;
        err = (struct err){0};
        T_EQ(casefile_explain(path, str_of(cases[i].id), arena, &e, &err), -1);
        T_EQ(err.code, cases[i].code);
    }
    arena_free(arena);
    sample_free(&s);
}

static void refuses(const char *path, enum err_code code)
{
    struct sample s;
    struct err err = {0};
    struct explained e;
    struct arena *arena = arena_new();
    char before[SHA256_TEXT];
    char after[SHA256_TEXT];
    sample_make(&s);
    digest_of(path, before);
    T_EQ(write_sample(path, &s, "{}", &err), -1);
    T_EQ(err.code, code);
    T_OK(str_starts(str_of(err.msg), str_of(path)));
    err = (struct err){0};
    T_EQ(casefile_explain(path, STR("aaaa"), arena, &e, &err), -1);
    T_EQ(err.code, code);
    digest_of(path, after);
    T_OK(strcmp(before, after) == 0); /* left as it was */
    arena_free(arena);
    sample_free(&s);
}

static void refuses_what_is_no_case(void)
{
    struct err err = {0};
    const char *path = in_folder("text");
    T_EQ(file_write(path, STR("#Software: Microsoft Internet Information Services\n"), &err),
         0);
    refuses(path, ERR_INVALID);

    path = in_folder("other.db");
    make_database(path, "CREATE TABLE other (x); PRAGMA user_version = 1");
    T_OK(!casefile_is_case(path));
    refuses(path, ERR_INVALID);
}

/* A case as the program made it when tables were of that version, with a finding in it. */
static void make_old_case(const char *path, size_t version)
{
    struct buf sql = buf_new(1 << 20);
    buf_add_cstr(&sql, "PRAGMA application_id = 0x61736179;");
    for (size_t i = 0; i < version; i++)
        buf_add(&sql, case_schema[i].p, case_schema[i].n);
    buf_addf(&sql, "PRAGMA user_version = %zu;", version);
    buf_add_cstr(&sql,
                 "INSERT INTO host VALUES (7, 'OLD', 'old', 'old');"
                 "INSERT INTO evidence (id, path, bytes, events)"
                 " VALUES ('eeeeeeeeeeee', 'old.log', 5, 1);"
                 "INSERT INTO finding (id, title, level, rule_source, host, evidence, kind,"
                 " source, corrected, offset, size, marks) VALUES ('ffffffffffff', 'Old',"
                 " 'low', 'assay', 7, 'eeeeeeeeeeee', 'iis', 'iis', 0, 0, 5, 0);");
    buf_add_char(&sql, '\0');
    make_database(path, sql.p);
    buf_free(&sql);
}

static struct str tables_of(const char *path, struct arena *arena)
{
    struct db db = {0};
    struct query q = {0};
    struct err err = {0};
    struct str all = STR("");
    T_EQ(db_open(path, DB_READ, &db, &err), 0);
    T_EQ(db_query(&db,
                  "SELECT group_concat(sql, ';') FROM (SELECT sql FROM sqlite_schema"
                  " ORDER BY type, name)",
                  &q, &err),
         0);
    if (query_next(&q, &err) > 0)
        all = column_text(&q, 0, arena);
    query_close(&q);
    db_close(&db);
    return all;
}

static void brings_each_older_case_up_to_date(void)
{
    struct sample s;
    struct arena *arena = arena_new();
    struct err err = {0};
    sample_make(&s);
    s.hits[1].hit.how = STR("CommandLine: base64");
    const char *path = in_folder("fresh.case");
    T_EQ(write_sample(path, &s, "{}", &err), 0);
    struct str fresh = tables_of(path, arena);
    size_t newest = 0;
    while (case_schema[newest].path)
        newest++;
    T_OK(newest >= 7);
    for (size_t version = 1; version <= newest; version++) {
        struct str json;
        path = in_folder("older.case");
        make_old_case(path, version);
        err = (struct err){0};
        T_EQ(casefile_verdict(path, arena, &json, &err), -1);
        T_EQ(err.code, version < newest ? ERR_UNSUPPORTED : ERR_NOT_FOUND);
        err = (struct err){0};
        T_EQ(write_sample(path, &s, "{\"two\":2}", &err), 0);
        T_STR(str_of(err.msg), "");
        T_EQ(count(path, "PRAGMA user_version"), (int64_t)newest);
        T_EQ(count(path, "SELECT count(*) FROM finding WHERE title = 'Old'"), 1);
        T_EQ(count(path, "SELECT count(*) FROM finding WHERE how = 'CommandLine: base64'"), 1);
        T_OK(str_eq(tables_of(path, arena), fresh));
    }
    arena_free(arena);
    sample_free(&s);
}

static void refuses_a_newer_case(void)
{
    struct sample s;
    struct err err = {0};
    const char *path = in_folder("newer.case");
    sample_make(&s);
    T_EQ(write_sample(path, &s, "{}", &err), 0);
    make_database(path, "PRAGMA user_version = 99");
    T_OK(casefile_is_case(path));
    refuses(path, ERR_UNSUPPORTED);
    sample_free(&s);
}

static void needs_a_file_to_read(void)
{
    struct err err = {0};
    struct str json;
    struct arena *arena = arena_new();
    T_EQ(casefile_verdict(in_folder("absent.case"), arena, &json, &err), -1);
    T_EQ(err.code, ERR_NOT_FOUND);
    err = (struct err){0};
    T_EQ(casefile_verdict(":memory:", arena, &json, &err), -1);
    T_EQ(err.code, ERR_INVALID);
    arena_free(arena);
}

static void leaves_nothing_half_written(void)
{
    struct sample s;
    struct err err = {0};
    const char *path = in_folder("half.case");
    sample_make(&s);
    T_EQ(write_sample(path, &s, "{\"one\":1}", &err), 0);
    make_database(path, "CREATE UNIQUE INDEX one ON campaign (pack)"); /* no second verdict */
    s.hits[1].hit.offset = 5000;
    T_EQ(write_sample(path, &s, "{\"two\":2}", &err), -1);
    T_EQ(count(path, "SELECT count(*) FROM finding"), 3);
    T_EQ(count(path, "SELECT count(*) FROM verdict"), 1);
    sample_free(&s);
}

static void refuses_tables_that_are_not_its_own(void)
{
    static const char *const changes[] = {
        "CREATE TRIGGER stop BEFORE INSERT ON campaign BEGIN SELECT raise(ABORT, 'no'); END",
        "DROP VIEW timeline; CREATE VIEW timeline AS SELECT 1",
        "DROP INDEX finding_when",
        "ALTER TABLE fact ADD COLUMN more TEXT",
        "DROP TABLE meta",
    };
    struct sample s;
    struct err err = {0};
    sample_make(&s);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *path = in_folder("changed.case");
        T_EQ(write_sample(path, &s, "{}", &err), 0);
        T_EQ(casefile_check(path, &err), 0);
        make_database(path, changes[i]);
        refuses(path, ERR_CORRUPT);
    }
    const char *path = in_folder("changed.case");
    T_EQ(write_sample(path, &s, "{}", &err), 0);
    make_database(path, "CREATE VIEW mine AS SELECT * FROM finding; ANALYZE");
    T_EQ(casefile_check(path, &err), 0); /* somebody's own questions */
    sample_free(&s);
}

static void a_full_check_finds_what_was_changed(void)
{
    static const char *const changes[] = {
        "UPDATE verdict SET json = '{ }'",
        "PRAGMA foreign_keys = OFF; DELETE FROM host",
    };
    struct sample s;
    sample_make(&s);
    for (size_t i = 0; i < sizeof changes / sizeof *changes; i++) {
        const char *path = in_folder("changed.case");
        struct err err = {0};
        T_EQ(write_sample(path, &s, "{}", &err), 0);
        make_database(path, changes[i]);
        T_EQ(casefile_check(path, &err), -1);
        T_EQ(err.code, ERR_CORRUPT);
    }
    sample_free(&s);
}

/* A case is a file like any other: it may have been damaged or made to do harm. */
static void survives_damage(void)
{
    struct sample s;
    struct err err = {0};
    struct bytes whole = {0};
    struct arena *arena = arena_new();
    const char *path = in_folder("damaged.case");
    sample_make(&s);
    T_EQ(write_sample(path, &s, "{}", &err), 0);
    T_EQ(file_read(path, CASE_MAX, arena, &whole, &err), 0);
    for (size_t i = 0; i < 200; i++) {
        size_t at = i < 100 ? i : i * 997 % whole.n;
        struct arena *scratch = arena_new();
        char *copy = ARENA_ARRAY(scratch, char, whole.n);
        struct explained e;
        memcpy(copy, whole.p, whole.n);
        copy[at] = (char)(copy[at] ^ 0x55);
        T_EQ(file_write(path, (struct str){copy, whole.n}, &err), 0);
        (void)casefile_explain(path, STR(ID_TWO), scratch, &e, &err);
        arena_free(scratch);
    }
    arena_free(arena);
    sample_free(&s);
}

int main(void)
{
    if (!mkdtemp(folder))
        return EXIT_FAILURE;
    T_RUN(writes_all_tables);
    T_RUN(same_scan_twice_changes_nothing);
    T_RUN(another_scan_adds);
    T_RUN(reads_back);
    T_RUN(what_only_an_earlier_scan_read_stays);
    T_RUN(explains);
    T_RUN(says_why_an_id_is_not_found);
    T_RUN(refuses_what_is_no_case);
    T_RUN(brings_each_older_case_up_to_date);
    T_RUN(refuses_a_newer_case);
    T_RUN(needs_a_file_to_read);
    T_RUN(leaves_nothing_half_written);
    T_RUN(refuses_tables_that_are_not_its_own);
    T_RUN(a_full_check_finds_what_was_changed);
    T_RUN(survives_damage);
    remove_folder();
    return t_done();
}
