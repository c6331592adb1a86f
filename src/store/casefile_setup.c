/* What decided a verdict, kept beside it. */
#include "base/auto.h"
#include "store/casefile_int.h"

int casefile_put_setup(struct db *db, int64_t verdict, const struct casefile_input *in,
                       struct err *err)
{
    AUTO(query_close) struct query q = {0};
    if (db_query(db,
                 "INSERT INTO setup (verdict, place, kind, name, value, files, sha256)"
                 " VALUES (?, ?, ?, ?, ?, ?, ?)",
                 &q, err) < 0)
        return -1;
    for (size_t i = 0; i < in->n_setup; i++) {
        const struct casefile_setup *s = &in->setup[i];
        query_signed(&q, 1, verdict);
        query_number(&q, 2, i + 1);
        query_text(&q, 3, s->kind);
        query_text(&q, 4, s->name);
        query_text_or_null(&q, 5, s->value);
        if (s->files)
            query_number(&q, 6, s->files);
        query_text_or_null(&q, 7, s->sha256);
        if (query_run(&q, err) < 0)
            return -1;
    }
    return 0;
}

int casefile_read_setup(struct db *db, struct arena *arena, struct casefile_setup **ret,
                        size_t *ret_n, struct err *err)
{
    AUTO(query_close) struct query q = {0};
    struct casefile_setup *list = NULL;
    size_t n = 0;
    size_t cap = 0;
    int64_t tables = 0;
    int64_t last = 0;
    int got;
    if (db_number(db, "SELECT count(*) FROM sqlite_schema WHERE name = 'setup'", &tables, err) <
        0)
        return -1;
    *ret = NULL;
    *ret_n = 0;
    if (tables == 0) /* of version 5 or older */
        return 0;
    if (casefile_last(db, &last, err) < 0)
        return -1;
    if (db_query(db,
                 "SELECT kind, name, value, files, sha256 FROM setup"
                 " WHERE verdict = ? ORDER BY place",
                 &q, err) < 0)
        return -1;
    query_signed(&q, 1, last);
    while ((got = query_next(&q, err)) > 0) {
        list = arena_grow(arena, list, n, &cap, sizeof *list);
        list[n++] = (struct casefile_setup){
            .kind = column_text(&q, 0, arena),
            .name = column_text(&q, 1, arena),
            .value = column_text(&q, 2, arena),
            .files = (uint64_t)column_number(&q, 3),
            .sha256 = column_text(&q, 4, arena),
        };
    }
    *ret = list;
    *ret_n = n;
    return got;
}
