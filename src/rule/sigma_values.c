/* sigma_values.c - see sigma_values.h.
 *
 * What is offered besides the value itself:
 *   GUIDs           also without braces, as some rules write them
 *   padded texts    also without the blanks behind them
 *   mapped fields   the text in the rule's terms (rules/map)
 *   web servers     decoded texts, and for cs-uri-query the stem and the whole URI
 */
#include "rule/sigma_values.h"

#include "rule/fold.h"
#include "rule/forms.h"

struct gather { /* values being collected */
    struct eval *e;
    struct values *f;
    size_t cap;
};

static void add_value(struct gather *g, const struct value *value)
{
    enum { USUAL = 2 }; /* values of a field */
    struct values *f = g->f;
    if (g->cap == 0) {
        f->v = ARENA_ARRAY(g->e->arena, struct value, USUAL);
        g->cap = USUAL;
    }
    f->v = arena_grow(g->e->arena, f->v, f->n, &g->cap, sizeof *f->v);
    f->v[f->n++] = *value;
}

static void add(struct gather *g, struct str raw, enum field_type type)
{
    add_value(g, &(struct value){.raw = raw, .type = type});
}

bool sigma_is_web(enum event_kind kind)
{
    return kind == EVENT_IIS || kind == EVENT_HTTPERR || kind == EVENT_ACCESS;
}

static void add_decoded(struct gather *g, struct str raw)
{
    struct form forms[FORMS_MAX];
    size_t n = forms_of(raw, g->e->arena, forms);
    for (size_t i = 0; i < n; i++)
        add_value(
            g, &(struct value){.raw = forms[i].text, .type = FIELD_TEXT, .how = forms[i].how});
}

static struct str join(struct eval *e, struct str a, struct str with, struct str b)
{
    char *to = arena_alloc(e->arena, a.n + with.n + b.n + 1, 1);
    if (a.n)
        memcpy(to, a.p, a.n);
    if (with.n)
        memcpy(to + a.n, with.p, with.n);
    if (b.n)
        memcpy(to + a.n + with.n, b.p, b.n);
    return (struct str){to, a.n + with.n + b.n};
}

bool sigma_unpadded(enum event_kind kind, struct str text, struct str *ret)
{
    size_t n = text.n;
    if (kind != EVENT_WINDOWS || n == 0 || text.p[n - 1] != ' ')
        return false;
    while (n > 0 && text.p[n - 1] == ' ')
        n--;
    *ret = (struct str){text.p, n};
    return n > 0;
}

/* Further forms of the values from `first` on. */
static void add_forms(struct gather *g, size_t first)
{
    size_t n = g->f->n;
    for (size_t i = first; i < n; i++) {
        struct value v = g->f->v[i];
        if (v.type == FIELD_GUID && v.raw.n > 2 && v.raw.p[0] == '{')
            add(g, (struct str){v.raw.p + 1, v.raw.n - 2}, FIELD_TEXT);
        struct str unpadded;
        if (sigma_unpadded(g->e->ev->kind, v.raw, &unpadded))
            add(g, unpadded, FIELD_TEXT);
        if (sigma_is_web(g->e->ev->kind) && v.type != FIELD_NULL)
            add_decoded(g, v.raw);
    }
}

static void add_uri(struct gather *g)
{
    struct str stem = event_text(g->e->ev, "cs-uri-stem");
    struct str query = event_text(g->e->ev, "cs-uri-query");
    size_t first = g->f->n;
    if (stem.n)
        add(g, stem, FIELD_TEXT);
    if (stem.n && query.n)
        add(g, join(g->e, stem, STR("?"), query), FIELD_TEXT);
    add_forms(g, first);
}

bool sigma_head_value(const struct event *ev, struct str name, struct str *ret)
{
    if (ev->kind != EVENT_WINDOWS)
        return false;
    if (str_eq(name, STR("Channel")))
        *ret = ev->channel;
    else if (str_eq(name, STR("Provider_Name")))
        *ret = ev->provider;
    else if (str_eq(name, STR("Computer")))
        *ret = ev->host;
    else
        return false;
    return ret->n > 0;
}

static struct str decimal(struct arena *arena, uint32_t v)
{
    enum { DIGITS = 10 };
    char *to = arena_alloc(arena, DIGITS, 1);
    size_t at = DIGITS;
    do {
        to[--at] = (char)('0' + v % 10);
        v /= 10;
    } while (v);
    return (struct str){to + at, DIGITS - at};
}

/* False if it is not known where the field is. */
static bool read_places(struct gather *g, uint32_t field)
{
    const struct eval *e = g->e;
    for (uint32_t i = 0; e->places && i < e->n_sources; i++) {
        if (e->sources[i] != field)
            continue;
        for (uint32_t k = 0; k < e->places[i].n; k++) {
            const struct field *f = &e->ev->fields[e->places[i].at[k]];
            add(g, f->value, f->type);
        }
        return true;
    }
    return false;
}

static void read_field(struct gather *g, uint32_t field)
{
    struct eval *e = g->e;
    struct str name = e->names->list[field];
    if (e->ev->kind == EVENT_WINDOWS && str_eq(name, STR("EventID"))) {
        add(g, decimal(e->arena, e->ev->event_id), FIELD_NUMBER);
        return;
    }
    size_t at = 0;
    const struct field *f = NULL;
    bool known = read_places(g, field);
    while (!known && (f = event_find(e->ev, name, &at)) != NULL)
        add(g, f->value, f->type);
    struct str head = {0};
    if (g->f->n == 0 && sigma_head_value(e->ev, name, &head))
        add(g, head, FIELD_TEXT);
}

static struct values *field_values(struct eval *e, uint32_t field)
{
    struct values *f = &e->fields[field];
    if (f->epoch == e->epoch)
        return f;
    *f = (struct values){.epoch = e->epoch};
    struct gather g = {.e = e, .f = f};
    read_field(&g, field);
    f->own = f->n;
    add_forms(&g, 0);
    struct str name = e->names->list[field];
    if (sigma_is_web(e->ev->kind) && str_eq(name, STR("cs-uri-query")))
        add_uri(&g);
    return f;
}

/* ---- views ---- */

/* How much of the text the prefix covers; '?' stands for one or more digits. */
static size_t prefix_length(struct str prefix, struct str folded)
{
    size_t t = 0;
    for (size_t p = 0; p < prefix.n; p++) {
        if (prefix.p[p] != '?') {
            if (t == folded.n || folded.p[t] != prefix.p[p])
                return 0;
            t++;
            continue;
        }
        size_t start = t;
        while (t < folded.n && folded.p[t] >= '0' && folded.p[t] <= '9')
            t++;
        if (t == start)
            return 0;
    }
    return t;
}

static void add_swapped(struct gather *g, const struct view *view, struct str raw)
{
    struct str folded = fold_str(raw, g->e->arena);
    for (size_t i = 0; i < view->n_values; i++) {
        if (str_eq(view->values[i].from, folded))
            add(g, view->values[i].to, FIELD_TEXT);
    }
    for (size_t i = 0; i < view->n_prefixes && folded.n == raw.n; i++) {
        size_t n = prefix_length(view->prefixes[i].from, folded);
        if (n == 0)
            continue;
        struct str rest = {raw.p + n, raw.n - n};
        add(g, join(g->e, view->prefixes[i].to, STR(""), rest), FIELD_TEXT);
        return;
    }
}

/* The first values of several fields as one text. */
static void add_joined(struct gather *g, const struct view *view)
{
    struct str whole = {0};
    for (size_t i = 0; i < view->n_from; i++) {
        const struct values *f = field_values(g->e, view->from[i]);
        struct str part = f->own ? f->v[0].raw : (struct str){0};
        if (part.n && whole.n)
            whole = join(g->e, whole, view->with, part);
        else if (part.n)
            whole = part;
    }
    if (whole.n)
        add(g, whole, FIELD_TEXT);
}

static struct values *view_values(struct eval *e, const struct view *view, struct values *f)
{
    if (f->epoch == e->epoch)
        return f;
    *f = (struct values){.epoch = e->epoch};
    struct gather g = {.e = e, .f = f};
    const struct values *first = field_values(e, view->from[0]);
    for (size_t i = 0; i < first->n; i++)
        add_value(&g, &(struct value){.raw = first->v[i].raw,
                                      .type = first->v[i].type,
                                      .how = first->v[i].how});
    f->own = first->own;
    if (view->n_from > 1)
        add_joined(&g, view);
    size_t n = f->n;
    for (size_t i = 0; i < n && view->n_values + view->n_prefixes; i++)
        add_swapped(&g, view, f->v[i].raw);
    if (sigma_is_web(e->ev->kind) && view->n_from > 1)
        add_forms(&g, first->n);
    return f;
}

struct values *sigma_values(struct eval *e, uint32_t field)
{
    for (size_t i = 0; e->feed && i < e->feed->n_views; i++) {
        if (e->feed->views[i].field == field)
            return view_values(e, &e->feed->views[i], &e->views[e->feed->base + i]);
    }
    return field_values(e, field);
}

/* ---- keywords ---- */

static bool is_unnamed(const struct field *f)
{
    return f->section == SECTION_DATA && (f->name.n == 0 || str_eq(f->name, STR("Data")));
}

/* " first second third" */
static struct str unnamed_data(struct eval *e)
{
    const struct event *ev = e->ev;
    size_t n = 0;
    for (size_t i = 0; i < ev->n; i++)
        n += is_unnamed(&ev->fields[i]) ? ev->fields[i].value.n + 1 : 0;
    if (n == 0)
        return (struct str){0};
    char *to = arena_alloc(e->arena, n, 1);
    n = 0;
    for (size_t i = 0; i < ev->n; i++) {
        const struct field *f = &ev->fields[i];
        if (!is_unnamed(f))
            continue;
        to[n++] = ' ';
        if (f->value.n)
            memcpy(to + n, f->value.p, f->value.n);
        n += f->value.n;
    }
    return (struct str){to, n};
}

static void add_texts(struct gather *g, enum field_section section)
{
    const struct event *ev = g->e->ev;
    for (size_t i = 0; i < ev->n; i++) {
        const struct field *f = &ev->fields[i];
        if (f->section == section && f->value.n && f->type != FIELD_NULL)
            add(g, f->value, f->type);
    }
}

struct values *sigma_texts(struct eval *e)
{
    struct values *f = &e->texts;
    if (f->epoch == e->epoch)
        return f;
    *f = (struct values){.epoch = e->epoch};
    struct gather g = {.e = e, .f = f};
    add_texts(&g, SECTION_DATA);
    struct str together = unnamed_data(e);
    if (together.n)
        add(&g, together, FIELD_TEXT);
    if (f->n == 0)
        add_texts(&g, SECTION_MESSAGE);
    add_texts(&g, SECTION_SYSTEM);
    f->own = f->n;
    add_forms(&g, 0);
    if (sigma_is_web(e->ev->kind))
        add_uri(&g);
    return f;
}
