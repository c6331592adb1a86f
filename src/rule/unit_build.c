/* unit_build.c - the candidates of a class become a unit. */
#include "rule/unit_int.h"

#include "rule/fold.h"
#include "rule/regex_need.h"
#include "rule/sigma_values.h"

enum { TABLE_START = 256 };

struct table {    /* numbers of things that are told apart by a hash and a comparison */
    uint32_t *at; /* number + 1; 0: free */
    uint64_t *hash;
    uint32_t size;
    uint32_t n;
};

struct growing {
    uint32_t *p;
    size_t n;
    size_t cap;
};

struct place { /* what a slot is of */
    uint32_t field;
    const struct view *view; /* NULL: the event's own */
};

struct builder {
    struct unit *u;
    struct eval *e;
    const struct ruleset *set;
    struct arena *arena;   /* the unit's */
    struct arena *scratch; /* while it is built: all that grows */
    struct place *places;  /* beside u->slots */
    size_t cap_atoms, cap_slots, cap_places, cap_tests, cap_steps;
    struct table atoms, tests;
    struct growing alternatives, children, sources;
};

/* ---- tables ---- */

static uint64_t mix(uint64_t h, uint64_t v)
{
    h = (h ^ v) * UINT64_C(0x9e3779b97f4a7c15);
    return h ^ h >> 29;
}

static uint64_t mix_text(uint64_t h, struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        h = (h ^ (unsigned char)s.p[i]) * UINT64_C(0x100000001b3);
    return mix(h, s.n);
}

static void table_put(struct table *t, uint64_t hash, uint32_t number)
{
    uint32_t i = (uint32_t)hash & (t->size - 1);
    while (t->at[i])
        i = (i + 1) & (t->size - 1);
    t->at[i] = number + 1;
    t->hash[i] = hash;
}

static void table_add(struct table *t, uint64_t hash, uint32_t number, struct arena *arena)
{
    if (t->n * 2 >= t->size) {
        struct table old = *t;
        t->size = old.size ? old.size * 2 : TABLE_START;
        t->at = ARENA_ARRAY(arena, uint32_t, t->size);
        t->hash = ARENA_ARRAY(arena, uint64_t, t->size);
        for (uint32_t i = 0; i < old.size; i++)
            if (old.at[i])
                table_put(t, old.hash[i], old.at[i] - 1);
    }
    table_put(t, hash, number);
    t->n++;
}

/* The next number with this hash; start with *at = 0. */
static bool table_next(const struct table *t, uint64_t hash, uint32_t *at, uint32_t *ret)
{
    while (t->size) {
        uint32_t i = ((uint32_t)hash + (*at)++) & (t->size - 1);
        if (t->at[i] == 0)
            return false;
        *ret = t->at[i] - 1;
        if (t->hash[i] == hash)
            return true;
    }
    return false;
}

static void push(struct builder *b, struct growing *list, uint32_t v)
{
    list->p = arena_grow(b->scratch, list->p, list->n, &list->cap, sizeof *list->p);
    list->p[list->n++] = v;
}

static void *settled(struct builder *b, const void *list, size_t n, size_t size)
{
    void *copy = arena_alloc(b->arena, n, size);
    if (n)
        memcpy(copy, list, n * size);
    return copy;
}

/* ---- slots ---- */

static const struct view *view_of(const struct feed *feed, uint32_t field)
{
    for (size_t i = 0; feed && field != FIELD_KEYWORD && i < feed->n_views; i++)
        if (feed->views[i].field == field)
            return &feed->views[i];
    return NULL;
}

static uint32_t source_of(struct builder *b, uint32_t field);

/* What sigma_values.c looks at besides the field itself. */
static void add_partner(struct builder *b, uint32_t field)
{
    struct str name = b->set->names.list[field];
    uint32_t stem = 0;
    if (sigma_is_web(b->e->ev->kind) && str_eq(name, STR("cs-uri-query")) &&
        names_known(&b->set->names, STR("cs-uri-stem"), &stem))
        (void)source_of(b, stem);
}

static uint32_t source_of(struct builder *b, uint32_t field)
{
    for (size_t i = 0; i < b->sources.n; i++)
        if (b->sources.p[i] == field)
            return (uint32_t)i;
    push(b, &b->sources, field);
    uint32_t number = (uint32_t)b->sources.n - 1;
    add_partner(b, field);
    return number;
}

/* Rows of web servers are offered in further forms; the EventID is the head's. */
static bool is_as_it_stands(const struct builder *b, uint32_t field, const struct view *view)
{
    enum event_kind kind = b->e->ev->kind;
    if (sigma_is_web(kind))
        return false;
    if (view && (view->n_from != 1 || view->n_values || view->n_prefixes))
        return false;
    uint32_t own = view ? view->from[0] : field;
    return kind != EVENT_WINDOWS || !str_eq(b->set->names.list[own], STR("EventID"));
}

/* The number of the field's values among the sources, if that is all there is to the slot. */
static uint32_t add_sources(struct builder *b, uint32_t field, const struct view *view)
{
    uint32_t first = NONE;
    if (field == FIELD_KEYWORD)
        return NONE;
    for (size_t i = 0; view && i < view->n_from; i++) {
        uint32_t source = source_of(b, view->from[i]);
        first = i == 0 ? source : first;
    }
    if (!view)
        first = source_of(b, field);
    return is_as_it_stands(b, field, view) ? first : NONE;
}

static uint32_t slot_of(struct builder *b, const struct feed *feed, uint32_t field)
{
    struct unit *u = b->u;
    const struct view *view = view_of(feed, field);
    for (uint32_t i = 0; i < u->n_slots; i++)
        if (b->places[i].field == field && b->places[i].view == view)
            return i;
    u->slots = arena_grow(b->scratch, u->slots, u->n_slots, &b->cap_slots, sizeof *u->slots);
    b->places =
        arena_grow(b->scratch, b->places, u->n_slots, &b->cap_places, sizeof *b->places);
    b->places[u->n_slots] = (struct place){field, view};
    u->slots[u->n_slots] =
        (struct slot){.field = field, .feed = feed, .source = add_sources(b, field, view)};
    return u->n_slots++;
}

/* ---- atoms ---- */

static uint64_t pattern_hash(const struct pattern *p)
{
    uint64_t h = (uint64_t)p->op | (uint64_t)p->cased << 8 | (uint64_t)p->yes << 9 |
                 (uint64_t)p->part << 10 | (uint64_t)p->text.test << 16;
    h = mix(h, (uint64_t)(uintptr_t)p->regex);
    if (p->op == OP_FIELD)
        return mix(h, p->other);
    return mix_text(mix(h, p->number.size), p->text.text);
}

static bool same_number(struct number a, struct number b)
{
    return a.whole == b.whole && a.minus == b.minus && a.size == b.size && a.d <= b.d &&
           a.d >= b.d;
}

static bool same_network(const struct network *a, const struct network *b)
{
    return memcmp(a->address, b->address, sizeof a->address) == 0 && a->bits == b->bits &&
           a->v6 == b->v6;
}

static bool same_pattern(const struct pattern *a, const struct pattern *b)
{
    return a->op == b->op && a->cased == b->cased && a->yes == b->yes && a->part == b->part &&
           a->text.test == b->text.test && str_eq(a->text.text, b->text.text) &&
           same_number(a->number, b->number) && same_network(&a->network, &b->network) &&
           a->regex == b->regex && a->other == b->other;
}

bool unit_is_literal(const struct pattern *p)
{
    return p->op == OP_TEXT && !p->cased &&
           (p->text.test == TEXT_EXACT || p->text.test == TEXT_PREFIX ||
            p->text.test == TEXT_SUFFIX || p->text.test == TEXT_CONTAINS);
}

static bool is_number(const struct pattern *p)
{
    return p->op == OP_NUMBER && p->part == PART_NONE;
}

/* Rare in evidence, or not: a longer literal is rarer. */
static float literal_cost(enum text_test test, size_t n)
{
    float base = test == TEXT_EXACT ? 0.2F : test == TEXT_CONTAINS ? 1.0F : 0.6F;
    return base * (n < 3 ? 30.0F : n < 5 ? 6.0F : n < 8 ? 2.0F : 1.0F);
}

static struct str longest_piece(struct str coded)
{
    struct str longest = {0};
    for (size_t at = 0; at < coded.n;) {
        size_t n = 0;
        while (at + n < coded.n && (unsigned char)coded.p[at + n] < CODED_DASH)
            n++;
        if (n > longest.n)
            longest = (struct str){coded.p + at, n};
        at += n + 1;
    }
    return longest;
}

static bool is_ascii(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if ((unsigned char)s.p[i] >= 0x80)
            return false;
    return true;
}

struct regex_need unit_need(const struct pattern *p, struct arena *arena)
{
    struct regex_need need = {0};
    if (p->op == OP_REGEX) {
        regex_need_of(regex_pattern(p->regex), arena, &need);
        return need;
    }
    if (p->op != OP_TEXT || p->text.test == TEXT_ANY)
        return need;
    struct str piece = longest_piece(p->text.text);
    if (piece.n == 0 || (p->cased && !is_ascii(piece)))
        return need;
    need.any = ARENA_NEW(arena, struct str);
    need.any[0] = p->cased ? fold_str(piece, arena) : piece;
    need.n = 1;
    need.shortest = piece.n;
    return need;
}

static void answer_atom(struct builder *b, struct atom *atom)
{
    const struct pattern *p = atom->pattern;
    atom->answer = ANSWER_BIT;
    if (unit_is_literal(p)) {
        atom->cost = literal_cost(p->text.test, p->text.text.n);
    } else if (is_number(p)) {
        atom->cost = 1.0F;
    } else {
        struct regex_need need = unit_need(p, b->arena);
        atom->answer = need.n ? ANSWER_GATED : ANSWER_ASKED;
        atom->cost = (float)need.n * literal_cost(TEXT_CONTAINS, need.shortest);
    }
    atom->bit = atom->answer == ANSWER_ASKED ? NONE : b->u->slots[atom->slot].n_bits++;
}

static uint32_t atom_of(struct builder *b, const struct feed *feed, uint32_t field,
                        const struct pattern *p)
{
    struct unit *u = b->u;
    uint32_t slot = slot_of(b, feed, field);
    uint64_t hash = mix(pattern_hash(p), slot);
    uint32_t found = 0;
    for (uint32_t at = 0; table_next(&b->atoms, hash, &at, &found);) {
        const struct atom *a = &u->atoms[found];
        if (a->slot == slot && same_pattern(a->pattern, p) &&
            (p->op != OP_FIELD || a->feed == feed))
            return found;
    }
    if (p->op == OP_FIELD)
        (void)slot_of(b, feed, p->other); /* its sources are wished for too */
    u->wish.timed |= p->part != PART_NONE;
    u->atoms = arena_grow(b->scratch, u->atoms, u->n_atoms, &b->cap_atoms, sizeof *u->atoms);
    u->atoms[u->n_atoms] = (struct atom){.pattern = p, .feed = feed, .slot = slot};
    answer_atom(b, &u->atoms[u->n_atoms]);
    table_add(&b->atoms, hash, u->n_atoms, b->scratch);
    return u->n_atoms++;
}

/* ---- tests ---- */

static uint32_t test_of(struct builder *b, const struct feed *feed, const struct item *item)
{
    struct unit *u = b->u;
    struct growing *list = &b->alternatives;
    size_t from = list->n;
    uint64_t hash = item->all;
    for (size_t i = 0; i < item->n; i++) {
        for (const struct pattern *p = &item->patterns[i]; p; p = p->or_else) {
            uint32_t atom = atom_of(b, feed, item->field, p);
            push(b, list, atom | (p->or_else ? 0 : LAST));
            hash = mix(hash, list->p[list->n - 1]);
        }
    }
    uint32_t n = (uint32_t)(list->n - from);
    uint32_t found = 0;
    for (uint32_t at = 0; table_next(&b->tests, hash, &at, &found);) {
        const struct test *t = &u->tests[found];
        if (t->all != item->all || t->n != n ||
            (n && memcmp(list->p + t->from, list->p + from, n * sizeof *list->p) != 0))
            continue;
        list->n = from;
        return found;
    }
    u->tests = arena_grow(b->scratch, u->tests, u->n_tests, &b->cap_tests, sizeof *u->tests);
    u->tests[u->n_tests] = (struct test){.all = item->all, .from = (uint32_t)from, .n = n};
    table_add(&b->tests, hash, u->n_tests, b->scratch);
    return u->n_tests++;
}

/* ---- programs ---- */

static uint32_t add_step(struct builder *b, struct step step)
{
    struct unit *u = b->u;
    u->steps = arena_grow(b->scratch, u->steps, u->n_steps, &b->cap_steps, sizeof *u->steps);
    u->steps[u->n_steps] = step;
    return u->n_steps++;
}

static uint32_t step_of(struct builder *b, const struct feed *feed, const struct node *node);

static uint32_t item_step(struct builder *b, const struct feed *feed, const struct node *node)
{
    sigma_eval_feed(b->e, feed);
    enum tri known = sigma_eval_head(b->e, node);
    if (known != TRI_MAYBE)
        return add_step(
            b, (struct step){.kind = known == TRI_YES ? STEP_YES : STEP_NO, .test = NONE});
    return add_step(b, (struct step){.kind = STEP_TEST,
                                     .negate = node->item->negate,
                                     .test = test_of(b, feed, node->item)});
}

static uint32_t not_step(struct builder *b, const struct feed *feed, const struct node *node)
{
    uint32_t child = step_of(b, feed, node->child[0]);
    enum step_kind kind = b->u->steps[child].kind;
    if (kind == STEP_YES || kind == STEP_NO)
        return add_step(b, (struct step){.kind = kind == STEP_YES ? STEP_NO : STEP_YES});
    push(b, &b->children, child);
    return add_step(
        b, (struct step){.kind = STEP_NOT, .from = (uint32_t)b->children.n - 1, .n = 1});
}

/* At least `need` of the children; those that are known already are left out. */
static uint32_t list_step(struct builder *b, const struct feed *feed, const struct node *node,
                          uint32_t need)
{
    uint32_t *open = ARENA_ARRAY(b->scratch, uint32_t, node->n);
    uint32_t n = 0;
    for (uint32_t i = 0; i < node->n; i++) {
        uint32_t child = step_of(b, feed, node->child[i]);
        enum step_kind kind = b->u->steps[child].kind;
        if (kind == STEP_YES)
            need -= need > 0;
        else if (kind != STEP_NO)
            open[n++] = child;
    }
    if (need == 0 || n < need)
        return add_step(b, (struct step){.kind = need == 0 ? STEP_YES : STEP_NO});
    if (n == 1)
        return open[0];
    uint32_t from = (uint32_t)b->children.n;
    for (uint32_t i = 0; i < n; i++)
        push(b, &b->children, open[i]);
    return add_step(b,
                    (struct step){.kind = STEP_AT_LEAST, .need = need, .from = from, .n = n});
}

/* As deep as conditions may nest; see sigma_condition.c. */
static uint32_t step_of(struct builder *b, const struct feed *feed, const struct node *node)
{
    switch (node->kind) {
    case NODE_ITEM:
        return item_step(b, feed, node);
    case NODE_NOT:
        return not_step(b, feed, node);
    case NODE_AND:
        return list_step(b, feed, node, node->n);
    case NODE_OR:
        return list_step(b, feed, node, 1);
    case NODE_AT_LEAST:
        return list_step(b, feed, node, node->need);
    }
    return add_step(b, (struct step){.kind = STEP_NO});
}

/* The feed's conditions are in the event's own names, the rule in those of the mapping. */
static uint32_t program_of(struct builder *b, const struct candidate *c)
{
    const struct node *rule = b->set->compiled[c->rule].node;
    if (!c->feed->conditions)
        return step_of(b, c->feed, rule);
    uint32_t own = step_of(b, NULL, c->feed->conditions);
    uint32_t asked = step_of(b, c->feed, rule);
    uint32_t from = (uint32_t)b->children.n;
    push(b, &b->children, own);
    push(b, &b->children, asked);
    return add_step(b, (struct step){.kind = STEP_AT_LEAST, .need = 2, .from = from, .n = 2});
}

/* ---- tables of slots ---- */

static void add_literals(struct builder *b, const struct atom *atom, struct literal *list,
                         size_t *n)
{
    const struct pattern *p = atom->pattern;
    if (unit_is_literal(p)) {
        list[(*n)++] = (struct literal){atom->bit, p->text.test, p->text.text};
    } else if (atom->answer == ANSWER_GATED) {
        struct regex_need need = unit_need(p, b->arena);
        for (size_t i = 0; i < need.n; i++)
            list[(*n)++] = (struct literal){atom->bit, TEXT_CONTAINS, need.any[i]};
    }
}

static void fill_slot(struct builder *b, uint32_t number, struct literal *list,
                      struct number_bit *numbers)
{
    struct slot *slot = &b->u->slots[number];
    size_t n = 0;
    for (uint32_t i = 0; i < b->u->n_atoms; i++) {
        const struct atom *atom = &b->u->atoms[i];
        if (atom->slot != number || atom->bit == NONE)
            continue;
        if (is_number(atom->pattern))
            numbers[slot->n_numbers++] = (struct number_bit){atom->pattern->number, atom->bit};
        else
            add_literals(b, atom, list, &n);
    }
    slot->table = literals_new(list, n, b->arena);
    slot->numbers = settled(b, numbers, slot->n_numbers, sizeof *numbers);
    literal_hits_init(&slot->hits, slot->n_bits, b->arena);
}

static void fill_slots(struct builder *b)
{
    struct unit *u = b->u;
    size_t most = 0;
    for (uint32_t i = 0; i < u->n_atoms; i++)
        most += u->atoms[i].answer == ANSWER_GATED ? REGEX_NEED_MAX : 1;
    struct literal *list = ARENA_ARRAY(b->scratch, struct literal, most);
    struct number_bit *numbers = ARENA_ARRAY(b->scratch, struct number_bit, u->n_atoms);
    for (uint32_t i = 0; i < u->n_slots; i++)
        fill_slot(b, i, list, numbers);
}

/* ---- the whole ---- */

static void settle(struct builder *b, uint32_t wish_id)
{
    struct unit *u = b->u;
    uint32_t n = (uint32_t)b->sources.n;
    struct str *names = ARENA_ARRAY(b->arena, struct str, n);
    for (uint32_t i = 0; i < n; i++)
        names[i] = b->set->names.list[b->sources.p[i]];
    u->atoms = settled(b, u->atoms, u->n_atoms, sizeof *u->atoms);
    u->slots = settled(b, u->slots, u->n_slots, sizeof *u->slots);
    u->tests = settled(b, u->tests, u->n_tests, sizeof *u->tests);
    u->steps = settled(b, u->steps, u->n_steps, sizeof *u->steps);
    u->alternatives = settled(b, b->alternatives.p, b->alternatives.n, sizeof *u->alternatives);
    u->children = settled(b, b->children.p, b->children.n, sizeof *u->children);
    u->stamp = ARENA_ARRAY(b->arena, uint32_t, u->n_programs);
    u->shapes = shapes_new(names, n, b->arena);
    u->sources = settled(b, b->sources.p, n, sizeof *u->sources);
    u->wish = (struct wish){.names = names, .n = n, .timed = u->wish.timed, .id = wish_id};
}

struct unit *unit_new(struct matcher *m, const struct class *class)
{
    struct arena *arena = m->class_arena;
    struct unit *u = ARENA_NEW(arena, struct unit);
    struct builder b = {
        .u = u, .e = &m->eval, .set = m->set, .arena = arena, .scratch = arena_new()};
    u->candidates = class->candidates;
    u->n_programs = (uint32_t) class->n;
    u->roots = ARENA_ARRAY(arena, uint32_t, class->n);
    for (uint32_t i = 0; i < u->n_programs; i++)
        u->roots[i] = program_of(&b, &class->candidates[i]);
    fill_slots(&b);
    settle(&b, m->wish_id);
    unit_texts(u, m);
    unit_wake(u, arena);
    arena_free(b.scratch);
    return u;
}
