#include "store/seal.h"

#include <stdlib.h>

#include "base/auto.h"
#include "base/json_read.h"
#include "store/seal_int.h"
#include "sys/file.h"

static void put(struct buf *out, const char *kind, struct str about, struct str says)
{
    const struct str fields[] = {str_of(kind), about, says};
    manifest_line(out, fields, 3);
}

/* --- the document -------------------------------------------------------------------------- */

/* The bytes of a tree: types, names and texts, each with its size before it. */
static void put_text(struct buf *out, char type, struct str text)
{
    buf_addf(out, "%c%zu:", type, text.n);
    buf_add_str(out, text);
}

/* As deep as the reader went: LIMIT_JSON_DEPTH. */
static void put_tree(struct buf *out, const struct json *top)
{
    static const char types[] = {
        [JSON_NULL] = 'n',   [JSON_FALSE] = 'f', [JSON_TRUE] = 't',  [JSON_NUMBER] = 'd',
        [JSON_STRING] = 's', [JSON_ARRAY] = 'a', [JSON_OBJECT] = 'o'};
    put_text(out, types[top->type], top->text);
    for (const struct json *v = top->child; v; v = v->next) {
        put_text(out, 'k', v->key);
        put_tree(out, v);
    }
    buf_add_char(out, 'e');
}

struct parts {
    struct buf *out;
    struct arena *arena;
    struct buf tree;
    struct sha256_run *replay; /* of all parts but those on the program */
};

static struct str named(const struct json *v, const char *member, size_t number,
                        struct arena *arena)
{
    const struct json *name = v->type == JSON_OBJECT ? json_get(v, member) : NULL;
    return name && name->type == JSON_STRING ? name->text : arena_printf(arena, "%zu", number);
}

static void put_part(struct parts *p, struct str name, const struct json *v)
{
    uint8_t digest[SHA256_SIZE];
    char room[SHA256_TEXT];
    buf_clear(&p->tree);
    put_tree(&p->tree, v);
    sha256(str_bytes(buf_str(&p->tree)), digest);
    size_t from = p->out->n;
    put(p->out, "part", name, seal_hex(digest, room));
    if (!str_eq(name, STR("tool")))
        sha256_add(p->replay, str_bytes(str_part(buf_str(p->out), from, SIZE_MAX)));
}

static struct str below(struct parts *p, struct str above, struct str name)
{
    return arena_printf(p->arena, "%.*s/%.*s", STR_ARG(above), STR_ARG(name));
}

/* Each member of an object. */
static void put_members(struct parts *p, struct str name, const struct json *object,
                        const char *without)
{
    for (const struct json *v = object->child; v; v = v->next)
        if (!str_eq(v->key, str_of(without)))
            put_part(p, name.n ? below(p, name, v->key) : v->key, v);
}

static void put_hosts(struct parts *p, const struct json *hosts)
{
    size_t n = 0;
    for (const struct json *h = hosts ? hosts->child : NULL; h; h = h->next, n++) {
        struct str host = below(p, STR("hosts"), named(h, "host", n, p->arena));
        put_members(p, host, h, "campaigns");
        const struct json *list = h->type == JSON_OBJECT ? json_get(h, "campaigns") : NULL;
        size_t k = 0;
        for (const struct json *c = list ? list->child : NULL; c; c = c->next, k++)
            put_members(p, below(p, host, named(c, "id", k, p->arena)), c, "");
    }
}

int seal_document(struct str json, struct buf *out, struct err *err)
{
    struct parts p = {.out = out,
                      .arena = arena_new(),
                      .tree = buf_new(SIZE_MAX / 4),
                      .replay = sha256_start()};
    struct json *document = NULL;
    uint8_t digest[SHA256_SIZE];
    char room[SHA256_TEXT];
    int failed = json_document(json, p.arena, &document, err);
    if (!failed && document->type != JSON_OBJECT)
        failed = err_set(err, ERR_CORRUPT, "the verdict is no document");
    if (!failed) {
        put_members(&p, STR(""), document, "hosts");
        put_hosts(&p, json_get(document, "hosts"));
    }
    sha256_end(p.replay, digest);
    if (!failed)
        put(out, "verdict", STR("replay"), seal_hex(digest, room));
    buf_free(&p.tree);
    arena_free(p.arena);
    return failed;
}

/* --- the case ------------------------------------------------------------------------------ */

struct last { /* the last verdict */
    struct str document, tool;
    uint64_t exit_status, n_verdicts;
};

static int read_last(struct db *db, struct arena *arena, struct last *ret, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    int64_t last = 0;
    if (casefile_last(db, &last, err) < 0 ||
        db_query(db,
                 "SELECT json, tool, exit_status, (SELECT count(*) FROM verdict) FROM verdict"
                 " WHERE id = ?",
                 &q, err) < 0)
        return -1;
    query_signed(&q, 1, last);
    if (query_next(&q, err) < 0)
        return -1;
    *ret = (struct last){
        .document = column_text(&q, 0, arena),
        .tool = column_text(&q, 1, arena),
        .exit_status = (uint64_t)column_number(&q, 2),
        .n_verdicts = (uint64_t)column_number(&q, 3),
    };
    return 0;
}

static int seal_verdict(struct db *db, struct arena *arena, struct buf *out, struct err *err)
{
    uint8_t digest[SHA256_SIZE];
    char room[SHA256_TEXT];
    char number[32];
    struct last last;
    if (read_last(db, arena, &last, err) < 0)
        return -1;
    sha256(str_bytes(last.document), digest);
    put(out, "verdict", STR("document"), seal_hex(digest, room));
    put(out, "verdict", STR("tool"), last.tool);
    put(out, "verdict", STR("exit_status"), seal_number(last.exit_status, number));
    put(out, "case", STR("verdicts"), seal_number(last.n_verdicts, number));
    return seal_document(last.document, out, err);
}

static int seal_setup(struct db *db, struct arena *arena, struct buf *out, struct err *err)
{
    struct casefile_setup *setup;
    size_t n;
    char place[32];
    char files[32];
    if (casefile_read_setup(db, arena, &setup, &n, err) < 0)
        return -1;
    for (size_t i = 0; i < n; i++) {
        const struct str fields[] = {
            STR("setup"),   seal_number(i + 1, place),          setup[i].kind,  setup[i].name,
            setup[i].value, seal_number(setup[i].files, files), setup[i].sha256};
        manifest_line(out, fields, 7);
    }
    return 0;
}

/* --- evidence ------------------------------------------------------------------------------ */

static int by_path(const void *x, const void *y)
{
    const struct sealed_file *a = x;
    const struct sealed_file *b = y;
    int d = str_cmp(a->path, b->path);
    return d ? d : str_cmp(a->sha256, b->sha256);
}

static bool has_path(const struct sealed_file *files, size_t n, struct str path)
{
    size_t low = 0;
    size_t high = n;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_cmp(files[middle].path, path) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low < n && str_eq(files[low].path, path);
}

/* What lies below a file is no file: it came out of it. */
static bool is_member(const struct sealed_file *files, size_t n, struct str path)
{
    for (size_t at = path.n; at > 1; at--)
        if (path.p[at - 1] == '/' && has_path(files, n, str_part(path, 0, at - 1)))
            return true;
    return false;
}

static int read_files(struct db *db, struct arena *arena, struct sealed_case *ret,
                      struct err *err)
{
    AUTO(query_close) struct query q = {0};
    struct sealed_file *files = NULL;
    size_t n = 0;
    size_t cap = 0;
    int got;
    if (db_query(db, "SELECT path, sha256, bytes, format FROM evidence", &q, err) < 0)
        return -1;
    while ((got = query_next(&q, err)) > 0) {
        files = arena_grow(arena, files, n, &cap, sizeof *files);
        files[n++] = (struct sealed_file){.path = column_text(&q, 0, arena),
                                          .sha256 = column_text(&q, 1, arena),
                                          .bytes = (uint64_t)column_number(&q, 2),
                                          .format = column_text(&q, 3, arena)};
    }
    if (n)
        qsort(files, n, sizeof *files, by_path);
    for (size_t i = 0; i < n; i++)
        files[i].member = is_member(files, n, files[i].path);
    ret->files = files;
    ret->n_files = n;
    return got;
}

static int seal_files(struct db *db, struct arena *arena, struct buf *out, struct err *err)
{
    struct sealed_case c = {0};
    char bytes[32];
    if (read_files(db, arena, &c, err) < 0)
        return -1;
    for (size_t i = 0; i < c.n_files; i++) {
        const struct sealed_file *f = &c.files[i];
        const struct str fields[] = {f->member ? STR("member") : STR("file"), f->path,
                                     f->sha256.n ? f->sha256 : STR("-"),
                                     seal_number(f->bytes, bytes),
                                     f->format.n ? f->format : STR("-")};
        manifest_line(out, fields, 5);
    }
    return 0;
}

/* --- all of it ----------------------------------------------------------------------------- */

/* What another program left beside the file may change what it says. */
static int check_alone(const char *path, struct arena *arena, struct err *err)
{
    static const char *const ends[] = {"-wal", "-journal"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
        struct err ignored = {0};
        struct bytes head = {0};
        const char *beside = arena_printf(arena, "%s%s", path, ends[i]).p;
        if (file_head(beside, 1, arena, &head, &ignored) == 0 && head.n)
            return err_set(err, ERR_IO,
                           "%s: it is being written, or a program that wrote to it was ended: "
                           "%s lies beside it",
                           path, beside);
    }
    return 0;
}

/* A case may be larger than memory. */
static void digest_map(struct bytes file, uint8_t ret[SHA256_SIZE])
{
    enum { PIECE = 64 << 20 };
    struct sha256_run *run = sha256_start();
    for (size_t at = 0; at < file.n; at += PIECE) {
        struct bytes piece = {file.p + at, file.n - at < PIECE ? file.n - at : PIECE};
        sha256_add(run, piece);
        file_let_go(piece);
    }
    sha256_end(run, ret);
}

int seal_bytes(const char *path, struct buf *out, struct err *err)
{
    struct file_map map;
    uint8_t digest[SHA256_SIZE];
    char room[SHA256_TEXT];
    char bytes[32];
    if (file_map(path, &map, err) < 0)
        return -1;
    digest_map(map.bytes, digest);
    const struct str fields[] = {STR("case"), STR("file"), seal_hex(digest, room),
                                 seal_number(map.bytes.n, bytes)};
    manifest_line(out, fields, 4);
    file_unmap(&map);
    return 0;
}

static int seal_content(struct db *db, struct arena *arena, struct buf *out, struct err *err)
{
    if (seal_verdict(db, arena, out, err) < 0 || seal_setup(db, arena, out, err) < 0 ||
        seal_files(db, arena, out, err) < 0)
        return -1;
    return seal_tables(db, out, err);
}

int seal_case(const char *path, struct buf *out, struct err *err)
{
    AUTO(db_close) struct db db = {0};
    struct arena *arena = arena_new();
    const struct str head[] = {STR("assay.manifest"), STR("1")};
    manifest_line(out, head, 2);
    int failed = casefile_open_any(path, &db, err);
    if (!failed)
        failed = check_alone(path, arena, err);
    if (!failed)
        failed = seal_bytes(path, out, err);
    if (!failed && seal_content(&db, arena, out, err) < 0)
        failed = err_at(err, "%s", path);
    if (!failed && out->full)
        failed = err_set(err, ERR_LIMIT, "%s: its manifest would be too large", path);
    arena_free(arena);
    return failed;
}

static int read_findings(struct db *db, struct arena *arena, struct sealed_case *ret,
                         struct err *err)
{
    AUTO(query_close) struct query q = {0};
    size_t cap = 0;
    int got;
    if (db_query(db, "SELECT id FROM finding ORDER BY id", &q, err) < 0)
        return -1;
    while ((got = query_next(&q, err)) > 0) {
        struct column c = column_value(&q, 0);
        ret->findings =
            arena_grow(arena, ret->findings, ret->n_findings, &cap, sizeof *ret->findings);
        size_t n = c.bytes.n < ID_TEXT - 1 ? c.bytes.n : ID_TEXT - 1;
        memcpy(ret->findings[ret->n_findings++], c.bytes.p, n);
    }
    return got;
}

int seal_read(const char *path, struct arena *arena, struct sealed_case *ret, struct err *err)
{
    AUTO(db_close) struct db db = {0};
    struct sealed_case c = {0};
    if (casefile_open_any(path, &db, err) < 0)
        return -1;
    struct last last;
    if (read_last(&db, arena, &last, err) < 0 ||
        casefile_read_setup(&db, arena, &c.setup, &c.n_setup, err) < 0 ||
        read_files(&db, arena, &c, err) < 0 || read_findings(&db, arena, &c, err) < 0)
        return err_at(err, "%s", path);
    c.document = last.document;
    c.tool = last.tool;
    c.n_verdicts = last.n_verdicts;
    *ret = c;
    return 0;
}
