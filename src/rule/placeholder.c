/* placeholder.c - see placeholder.h. */
#include "rule/placeholder.h"

#include "base/ckd.h"
#include "base/limits.h"

struct part { /* of a value: text, or a placeholder with its list */
    struct str text;
    const struct placeholder *list;
};

struct parts {
    struct part *p;
    size_t n;
    size_t cap;
};

static struct placeholder *find(const struct placeholders *lists, struct str name)
{
    struct placeholder *list = lists ? lists->first : NULL;
    while (list && !str_eq(list->name, name))
        list = list->next;
    return list;
}

void placeholders_add(struct placeholders *lists, struct str name, const struct str *values,
                      size_t n)
{
    struct placeholder *list = find(lists, name);
    if (!list) {
        list = ARENA_NEW(lists->arena, struct placeholder);
        list->name = arena_str(lists->arena, name);
        list->next = lists->first;
        lists->first = list;
    }
    for (size_t i = 0; i < n; i++) {
        list->values =
            arena_grow(lists->arena, list->values, list->n, &list->cap, sizeof *list->values);
        list->values[list->n++] = arena_str(lists->arena, values[i]);
    }
}

/* ---- a value as parts ---- */

/* The bytes of "%name%" at `at`; 0 if it is none. Neither a backslash nor a wildcard is part of
 * a name. */
static size_t placeholder_at(struct str value, size_t at, enum placeholder_use use)
{
    if (value.p[at] != '%')
        return 0;
    for (size_t i = at + 1; i < value.n; i++) {
        char c = value.p[i];
        if (c == '%')
            return i > at + 1 ? i + 1 - at : 0;
        if (c == '\\' || (use == PLACEHOLDER_SIGMA && (c == '*' || c == '?')))
            return 0;
    }
    return 0;
}

static void add_part(struct parts *parts, struct arena *arena, struct part part)
{
    if (!part.list && part.text.n == 0)
        return;
    parts->p = arena_grow(arena, parts->p, parts->n, &parts->cap, sizeof *parts->p);
    parts->p[parts->n++] = part;
}

static int add_placeholder(const struct placeholders *lists, struct parts *parts,
                           struct arena *arena, struct str name, struct err *err)
{
    const struct placeholder *list = find(lists, name);
    int shown = (int)(name.n > 60 ? 60 : name.n);
    if (!list)
        return err_set(err, ERR_NOT_FOUND,
                       "the placeholder %%%.*s%% needs a list of values, and none is given",
                       shown, name.p);
    if (list->n == 0)
        return err_set(err, ERR_INVALID, "the list of values for %%%.*s%% is empty", shown,
                       name.p);
    add_part(parts, arena, (struct part){.list = list});
    return 0;
}

static int split(const struct placeholders *lists, struct str value, enum placeholder_use use,
                 struct arena *arena, struct parts *ret, struct err *err)
{
    size_t from = 0;
    for (size_t at = 0; at < value.n;) {
        char next = at + 1 < value.n ? value.p[at + 1] : '\0';
        size_t n = placeholder_at(value, at, use);
        if (value.p[at] == '\\' && next == '%') {
            add_part(ret, arena, (struct part){.text = str_part(value, from, at)});
            from = at + 1;
            at += 2;
        } else if (value.p[at] == '\\' && next == '\\') {
            at += 2;
        } else if (n == 0) {
            at++;
        } else {
            add_part(ret, arena, (struct part){.text = str_part(value, from, at)});
            struct str name = str_part(value, at + 1, at + n - 1);
            if (add_placeholder(lists, ret, arena, name, err) != 0)
                return -1;
            from = at += n;
        }
    }
    add_part(ret, arena, (struct part){.text = str_part(value, from, value.n)});
    return 0;
}

/* ---- parts as texts ---- */

static bool ends_in_escape(struct str text)
{
    size_t n = 0;
    while (n < text.n && text.p[text.n - 1 - n] == '\\')
        n++;
    return n % 2 == 1;
}

/* A value of a list, so that what follows it is not escaped by it. */
static struct str closed(struct str text, enum placeholder_use use, struct arena *arena)
{
    if (use != PLACEHOLDER_SIGMA || !ends_in_escape(text))
        return text;
    return arena_printf(arena, "%.*s\\", STR_ARG(text));
}

/* "(?:first|second)" */
static struct str alternatives(const struct placeholder *list, struct arena *arena)
{
    size_t n = sizeof "(?:)";
    for (size_t i = 0; i < list->n; i++)
        n += list->values[i].n + 1;
    char *to = arena_alloc(arena, n, 1);
    n = 0;
    for (size_t i = 0; i < list->n; i++) {
        const char *mark = i ? "|" : "(?:";
        memcpy(to + n, mark, strlen(mark));
        n += strlen(mark);
        if (list->values[i].n)
            memcpy(to + n, list->values[i].p, list->values[i].n);
        n += list->values[i].n;
    }
    to[n++] = ')';
    return (struct str){to, n};
}

/* The values that a part stands for. */
static struct str *choices_of(const struct part *part, enum placeholder_use use,
                              struct arena *arena, size_t *n)
{
    *n = part->list && use != PLACEHOLDER_REGEX ? part->list->n : 1;
    struct str *choices = ARENA_ARRAY(arena, struct str, *n);
    for (size_t i = 0; i < *n; i++)
        choices[i] = !part->list                ? part->text
                     : use == PLACEHOLDER_REGEX ? alternatives(part->list, arena)
                                                : closed(part->list->values[i], use, arena);
    return choices;
}

struct texts {
    struct str *p;
    size_t n;
};

static struct str join(struct str a, struct str b, struct arena *arena)
{
    char *to = arena_alloc(arena, a.n + b.n + 1, 1);
    if (a.n)
        memcpy(to, a.p, a.n);
    if (b.n)
        memcpy(to + a.n, b.p, b.n);
    return (struct str){to, a.n + b.n};
}

/* Each text with each of the choices behind it. */
static int multiply(struct texts *texts, const struct str *choices, size_t n, size_t room,
                    struct arena *arena, struct err *err)
{
    size_t total = 0;
    size_t before = arena_used(arena);
    if (ckd_mul(&total, texts->n, n) || total > LIMIT_EXPLODED_VALUES)
        return err_set(err, ERR_LIMIT, "the placeholders of a value give more than %d values",
                       LIMIT_EXPLODED_VALUES);
    struct str *all = ARENA_ARRAY(arena, struct str, total);
    for (size_t i = 0; i < texts->n; i++) {
        for (size_t k = 0; k < n; k++)
            all[i * n + k] = join(texts->p[i], choices[k], arena);
        if (arena_used(arena) - before > room)
            return err_set(err, ERR_LIMIT, "the placeholders of the rules give too much text");
    }
    *texts = (struct texts){all, total};
    return 0;
}

static int expand(const struct placeholders *lists, const struct parts *parts,
                  enum placeholder_use use, struct texts *texts, struct err *err)
{
    struct arena *arena = lists->arena;
    size_t before = arena_used(arena);
    for (size_t i = 0; i < parts->n; i++) {
        size_t n = 0;
        const struct str *choices = choices_of(&parts->p[i], use, arena, &n);
        size_t spent = lists->bytes + (arena_used(arena) - before);
        size_t room = spent < LIMIT_EXPLODED_BYTES ? LIMIT_EXPLODED_BYTES - spent : 0;
        if (multiply(texts, choices, n, room, arena, err) != 0)
            return -1;
    }
    return 0;
}

int placeholders_expand(struct placeholders *lists, struct str value, enum placeholder_use use,
                        struct str **ret, size_t *ret_n, struct err *err)
{
    struct parts parts = {0};
    struct texts texts = {.p = ARENA_NEW(lists->arena, struct str), .n = 1};
    size_t before = arena_used(lists->arena);
    int failed = split(lists, value, use, lists->arena, &parts, err);
    if (failed == 0)
        failed = expand(lists, &parts, use, &texts, err);
    lists->bytes += arena_used(lists->arena) - before;
    if (failed)
        return -1;
    *ret = texts.p;
    *ret_n = texts.n;
    return 0;
}
