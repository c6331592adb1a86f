/* bench_literals.c - how fast many literals are looked for, on one thread.
 *
 * bench_literals [-f FIELD] RULES EVIDENCE [LOG...]
 *
 * The literals are those of all rules below RULES, field by field; the texts are the values of
 * the fields of that name in the EVTX files below EVIDENCE. Each LOG is searched line by line
 * for the literals of the rules for web servers. Beside our search: the same literals one after
 * the other with memmem. Time is processor time, the best of several rounds.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/limits.h"
#include "base/utf.h"
#include "bench.h"
#include "event/source.h"
#include "rule/fold.h"
#include "rule/literals.h"
#include "rule/rules_int.h"
#include "sys/dir.h"
#include "sys/file.h"

enum { VALUES_MAX = 1 << 18, ROUNDS = 15, LEAST_LITERALS = 100 };

struct asked {
    struct str name;
    struct literal *list;
    size_t n;
    size_t cap;
    struct str *values; /* folded */
    size_t n_values;
    size_t cap_values;
    size_t bytes;
};

static struct ruleset *rules;
static struct asked *fields; /* by field number */
static struct asked web;     /* what rules ask of rows of web logs, as TEXT_CONTAINS */
static size_t n_fields;
static struct arena *all;

static void walk(const char *root, const char *suffix, void (*take)(const char *path))
{
    struct arena *arena = arena_new();
    struct dir_list list = {0};
    struct err err = {0};
    if (dir_walk(root, 0, arena, &list, &err) != 0) {
        (void)fprintf(stderr, "%s: %s\n", root, err.msg);
        exit(2);
    }
    for (size_t i = 0; i < list.n; i++)
        if (str_iends(list.entries[i].path, str_of(suffix)))
            take(list.entries[i].path.p);
    arena_free(arena);
}

static void load_rule(const char *path)
{
    struct arena *arena = arena_new();
    struct bytes text = {0};
    struct err err = {0};
    if (file_read(path, LIMIT_RULE_FILE, arena, &text, &err) == 0)
        ruleset_add(rules, str_of(path), STR(""), (struct str){(const char *)text.p, text.n});
    arena_free(arena);
}

static void take_literal(struct asked *f, const struct pattern *p)
{
    if (p->op != OP_TEXT || p->cased || p->text.test == TEXT_ANY || p->text.test == TEXT_GLOB ||
        (p->text.text.n == 0 && p->text.test != TEXT_EXACT))
        return;
    for (size_t i = 0; i < f->n; i++)
        if (f->list[i].test == p->text.test && str_eq(f->list[i].text, p->text.text))
            return;
    f->list = arena_grow(all, f->list, f->n, &f->cap, sizeof *f->list);
    f->list[f->n] = (struct literal){(uint32_t)f->n, p->text.test, p->text.text};
    f->n++;
}

static void take_node(const struct node *node, int depth)
{
    for (uint32_t i = 0; i < node->n && depth < LIMIT_YAML_DEPTH; i++)
        take_node(node->child[i], depth + 1);
    if (node->kind != NODE_ITEM || node->item->field >= n_fields)
        return;
    for (size_t i = 0; i < node->item->n; i++)
        take_literal(&fields[node->item->field], &node->item->patterns[i]);
}

static void take_value(struct str name, struct str value, struct arena *scratch)
{
    for (size_t i = 0; i < n_fields; i++) {
        struct asked *f = &fields[i];
        if (f->n < LEAST_LITERALS || f->n_values >= VALUES_MAX || !str_eq(f->name, name))
            continue;
        f->values = arena_grow(all, f->values, f->n_values, &f->cap_values, sizeof *f->values);
        f->values[f->n_values++] = arena_str(all, fold_str(value, scratch));
        f->bytes += value.n;
    }
}

static void load_events(const char *path)
{
    struct arena *arena = arena_new();
    struct file_map map;
    struct err err = {0};
    struct span gap;
    struct event ev = {0};
    if (file_map(path, &map, &err) != 0)
        return;
    struct source *source = source_open(map.bytes, FORMAT_EVTX, str_of(path),
                                        (struct span){.to = map.bytes.n}, arena);
    for (int got; (got = source_next(source, arena, &ev, &gap, &err)) != 0;) {
        if (got > 0)
            source_fill(source, arena, &ev);
        for (size_t i = 0; got > 0 && i < ev.n; i++)
            take_value(ev.fields[i].name, ev.fields[i].value, arena);
        ev = (struct event){0};
    }
    source_close(source);
    arena_free(arena);
    file_unmap(&map);
}

/* The plainest search, by the fastest function of the C library. */
static void scan_plain(const struct asked *f, struct str text, struct literal_hits *hits)
{
    for (size_t i = 0; i < f->n; i++) {
        const struct literal *x = &f->list[i];
        bool is = false;
        if (x->text.n > text.n)
            continue;
        if (x->test == TEXT_CONTAINS)
            is = str_find(text, x->text, 0) != SIZE_MAX;
        else if (x->test == TEXT_PREFIX)
            is = str_starts(text, x->text);
        else if (x->test == TEXT_SUFFIX)
            is = str_eq(str_part(text, text.n - x->text.n, text.n), x->text);
        else
            is = str_eq(text, x->text);
        if (is)
            literal_hits_add(hits, x->id);
    }
}

struct result {
    double seconds; /* of one pass over the values */
    uint64_t hits;
};

static struct result measure(const struct asked *f, const struct literals *l, size_t share,
                             struct arena *arena)
{
    struct result best = {.seconds = 1e9};
    struct literal_hits hits;
    literal_hits_init(&hits, (uint32_t)f->n, arena);
    for (int k = 0; k < (l ? ROUNDS : 1); k++) {
        uint64_t sum = 0;
        double from = cpu_now();
        for (size_t i = 0; i < f->n_values; i += share) {
            literal_hits_clear(&hits);
            if (l)
                literals_scan(l, f->values[i], &hits);
            else
                scan_plain(f, f->values[i], &hits);
            sum += hits.n;
        }
        double took = (cpu_now() - from) * (double)share;
        if (took < best.seconds)
            best.seconds = took;
        best.hits = sum;
    }
    return best;
}

/* A text made to cause work: what every literal begins with, all but its last byte. Told
 * are the mean and the worst part of 4 KiB. */
static void bench_hostile(const struct asked *f, const struct literals *l, struct arena *arena)
{
    enum { PART = 4096, TIMES = 50 };
    struct literal_hits hits;
    literal_hits_init(&hits, (uint32_t)f->n, arena);
    size_t room = 0;
    for (size_t i = 0; i < f->n; i++)
        room += f->list[i].text.n;
    char *text = ARENA_ARRAY(arena, char, room + 1);
    size_t n = 0;
    for (size_t i = 0; i < f->n; i++) {
        size_t part = f->list[i].text.n ? f->list[i].text.n - 1 : 0;
        if (part > 0)
            memcpy(text + n, f->list[i].text.p, part);
        n += part;
    }
    double worst = 0;
    double sum = 0;
    for (size_t at = 0; at < n; at += PART) {
        struct str part = str_part((struct str){text, n}, at, at + PART);
        double best = 1e9;
        for (int k = 0; k < TIMES; k++) {
            double from = cpu_now();
            literal_hits_clear(&hits);
            literals_scan(l, part, &hits);
            double took = cpu_now() - from;
            best = took < best ? took : best;
        }
        sum += best;
        worst = best / (double)part.n > worst ? best / (double)part.n : worst;
    }
    printf("  hostile text: ns per byte %.1f, its worst part %.1f\n", sum * 1e9 / (double)n,
           worst * 1e9);
}

static void show_lengths(const struct asked *f)
{
    size_t by_test[TEXT_CONTAINS + 1] = {0};
    size_t by_length[9] = {0};
    for (size_t i = 0; i < f->n; i++) {
        by_test[f->list[i].test]++;
        if (f->list[i].test == TEXT_CONTAINS)
            by_length[f->list[i].text.n < 8 ? f->list[i].text.n : 8]++;
    }
    printf("  exact %zu, prefix %zu, suffix %zu, contains %zu (of 1..7 bytes:",
           by_test[TEXT_EXACT], by_test[TEXT_PREFIX], by_test[TEXT_SUFFIX],
           by_test[TEXT_CONTAINS]);
    for (size_t i = 1; i < 8; i++)
        printf(" %zu", by_length[i]);
    printf(")\n");
}

static void bench_field(const struct asked *f)
{
    struct arena *arena = arena_new();
    double from = cpu_now();
    struct literals *l = literals_new(f->list, f->n, arena);
    double build = cpu_now() - from;
    double per = 1e9 / (double)f->n_values;
    printf("%.*s: %zu literals, %zu values of %.0f bytes\n", STR_ARG(f->name), f->n,
           f->n_values, (double)f->bytes / (double)f->n_values);
    show_lengths(f);
    struct result fast = measure(f, l, 1, arena);
    bench_hostile(f, l, arena);
    literals_no_vectors(l);
    struct result scalar = measure(f, l, 1, arena);
    struct result plain = measure(f, NULL, f->n_values / 2000 + 1, arena);
    printf(
        "  build %.2f ms, %zu bytes; hits %.2f; ns per value: best %.0f, scalar %.0f (%.1f), "
        "memmem %.0f (%.0f)%s\n",
        build * 1e3, arena_used(arena), (double)fast.hits / (double)f->n_values,
        fast.seconds * per, scalar.seconds * per, scalar.seconds / fast.seconds,
        plain.seconds * per, plain.seconds / fast.seconds,
        fast.hits == scalar.hits ? "" : " DIFFER");
    arena_free(arena);
}

/* A row holds what one of its fields holds. */
static void take_web(const struct asked *f)
{
    if (!str_starts(f->name, STR("cs-")) && !str_starts(f->name, STR("c-uri")))
        return;
    for (size_t i = 0; i < f->n; i++) {
        struct literal x = {(uint32_t)web.n, TEXT_CONTAINS, f->list[i].text};
        bool known = x.text.n < 2;
        for (size_t k = 0; k < web.n; k++)
            known |= str_eq(web.list[k].text, x.text);
        if (known)
            continue;
        web.list = arena_grow(all, web.list, web.n, &web.cap, sizeof *web.list);
        web.list[web.n++] = x;
    }
}

/* The seconds of one pass over the lines; line by line, or the whole as one text. */
static double scan_log(const struct literals *l, struct bytes log, bool lines, bool any,
                       uint64_t *ret_hits)
{
    struct arena *arena = arena_new();
    struct literal_hits hits;
    literal_hits_init(&hits, (uint32_t)web.n, arena);
    double best = 1e9;
    for (int k = 0; k < ROUNDS; k++) {
        uint64_t sum = 0;
        double from = cpu_now();
        for (size_t at = 0; at < log.n;) {
            const uint8_t *p = log.p + at;
            const uint8_t *end = lines ? memchr(p, '\n', log.n - at) : NULL;
            struct bytes row = {p, end ? (size_t)(end - p) : log.n - at};
            if (any) {
                sum += literals_any_raw(l, row);
            } else {
                literal_hits_clear(&hits);
                literals_scan_raw(l, row, &hits);
                sum += hits.n;
            }
            at += row.n + 1;
        }
        double took = cpu_now() - from;
        best = took < best ? took : best;
        *ret_hits = sum;
    }
    arena_free(arena);
    return best;
}

static void bench_log(const char *path, size_t shortest)
{
    struct arena *arena = arena_new();
    struct bytes log = read_file(path);
    uint8_t class_of[256];
    struct literal *list = ARENA_ARRAY(arena, struct literal, web.n);
    size_t n = 0;
    for (size_t i = 0; i < web.n; i++)
        if (web.list[i].text.n >= shortest)
            list[n++] = web.list[i];
    literals_classes(STR("+ \\/"), class_of);
    struct literals *l = literals_new_raw(list, n, class_of, arena);
    double seconds[5];
    uint64_t hits[5];
    seconds[0] = scan_log(l, log, true, false, &hits[0]);
    seconds[1] = scan_log(l, log, true, true, &hits[1]);
    seconds[2] = scan_log(l, log, false, false, &hits[2]);
    seconds[4] = scan_log(NULL, log, true, false, &hits[4]);
    literals_no_vectors(l);
    seconds[3] = scan_log(l, log, true, false, &hits[3]);
    double giga = (double)log.n / 1e9;
    printf("%s: %zu literals of %zu and more bytes; GB/s: rows %.2f (%" PRIu64
           " hits), any %.2f (%" PRIu64 "), whole %.2f, scalar rows %.2f, lines alone %.1f%s\n",
           path, n, shortest, giga / seconds[0], hits[0], giga / seconds[1], hits[1],
           giga / seconds[2], giga / seconds[3], giga / seconds[4],
           hits[0] == hits[3] ? "" : " DIFFER");
    free((void *)(uintptr_t)log.p);
    arena_free(arena);
}

/* What every text goes through before: UTF-16 to UTF-8, folding. */
static void bench_texts(void)
{
    enum { SIZE = 1 << 16, TIMES = 300 };
    struct arena *arena = arena_new();
    uint8_t *wide = ARENA_ARRAY(arena, uint8_t, 2 * SIZE);
    char *text = ARENA_ARRAY(arena, char, 3 * SIZE);
    double narrowing = 1e9;
    double folding = 1e9;
    for (size_t i = 0; i < SIZE; i++)
        wide[2 * i] = (uint8_t)(i % 9 == 0 ? 'A' + i % 26 : 'a' + i % 26);
    for (int k = 0; k < TIMES; k++) {
        struct arena *scratch = arena_new();
        double from = cpu_now();
        size_t n = utf16le_put(text, (struct bytes){wide, 2 * SIZE});
        double took = cpu_now() - from;
        narrowing = took < narrowing ? took : narrowing;
        from = cpu_now();
        (void)fold_str((struct str){text, n}, scratch);
        took = cpu_now() - from;
        folding = took < folding ? took : folding;
        arena_free(scratch);
    }
    printf("ASCII of 64 KiB: UTF-16 to UTF-8 %.1f GB/s of UTF-16, folding %.1f GB/s\n",
           2 * SIZE / narrowing / 1e9, SIZE / folding / 1e9);
    arena_free(arena);
}

int main(int argc, char **argv)
{
    const char *only = argc > 2 && strcmp(argv[1], "-f") == 0 ? argv[2] : NULL;
    argc -= only ? 2 : 0;
    argv += only ? 2 : 0;
    if (argc < 3) {
        (void)fputs("usage: bench_literals [-f FIELD] RULES EVIDENCE [LOG...]\n", stderr);
        return 2;
    }
    bench_texts();
    all = arena_new();
    rules = ruleset_new();
    walk(argv[1], ".yml", load_rule);
    ruleset_freeze(rules);
    n_fields = rules->names.n;
    fields = calloc(n_fields, sizeof *fields);
    for (size_t i = 0; i < n_fields; i++)
        fields[i].name = rules->names.list[i];
    for (size_t i = 0; i < rules->n; i++)
        take_node(rules->compiled[i].node, 0);
    walk(argv[2], ".evtx", load_events);
    for (size_t i = 0; i < n_fields; i++)
        if (fields[i].n >= LEAST_LITERALS && fields[i].n_values > 0 &&
            (!only || str_eq(fields[i].name, str_of(only))))
            bench_field(&fields[i]);
    for (size_t i = 0; i < n_fields; i++)
        take_web(&fields[i]);
    for (int i = 3; i < argc; i++)
        for (size_t shortest = 3; shortest <= 7; shortest += 2)
            bench_log(argv[i], shortest);
    return 0;
}
