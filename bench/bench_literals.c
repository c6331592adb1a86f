/* bench_literals.c - how fast many literals are looked for, on one thread.
 *
 * bench_literals RULES EVIDENCE [LOG...]
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
#include "bench.h"
#include "event/source.h"
#include "rule/fold.h"
#include "rule/literals.h"
#include "rule/rules_int.h"
#include "sys/dir.h"
#include "sys/file.h"

enum { VALUES_MAX = 1 << 18, FIELDS_SHOWN = 16, ROUNDS = 5, LEAST_LITERALS = 100 };

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

int main(int argc, char **argv)
{
    if (argc < 3) {
        (void)fputs("usage: bench_literals RULES EVIDENCE [LOG...]\n", stderr);
        return 2;
    }
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
        if (fields[i].n >= LEAST_LITERALS && fields[i].n_values > 0)
            bench_field(&fields[i]);
    return 0;
}
