/* unit_texts.c - what keywords need of the raw bytes of evidence. */
#include "rule/unit_int.h"

struct list {
    struct str *p;
    size_t n;
    size_t cap;
};

static void add(struct list *list, struct str text, struct arena *arena)
{
    list->p = arena_grow(arena, list->p, list->n, &list->cap, sizeof *list->p);
    list->p[list->n++] = text;
}

/* False if nothing is known of some keyword. */
static bool gather(const struct unit *u, struct list *list, struct arena *arena)
{
    for (uint32_t i = 0; i < u->n_atoms; i++) {
        const struct atom *a = &u->atoms[i];
        if (u->slots[a->slot].field != FIELD_KEYWORD)
            continue;
        if (unit_is_literal(a->pattern)) {
            add(list, a->pattern->text.text, arena);
            continue;
        }
        struct regex_need need = unit_need(a->pattern, arena);
        for (size_t k = 0; k < need.n; k++)
            add(list, need.any[k], arena);
        if (need.n == 0)
            return false;
    }
    return true;
}

static bool is_set(const struct text_set *set, const struct list *list)
{
    bool same = set->n == list->n;
    for (size_t i = 0; same && i < set->n; i++)
        same = str_eq(set->texts[i], list->p[i]);
    return same;
}

static struct text_set *new_set(struct matcher *m, const struct list *list)
{
    struct arena *arena = m->class_arena;
    struct text_set *set = ARENA_NEW(arena, struct text_set);
    struct str *texts = ARENA_ARRAY(arena, struct str, list->n);
    for (size_t i = 0; i < list->n; i++)
        texts[i] = arena_str(arena, list->p[i]);
    *set = (struct text_set){.texts = texts,
                             .n = list->n,
                             .table = keywords_new(texts, list->n, arena),
                             .next = m->text_sets};
    m->text_sets = set;
    return set;
}

void unit_texts(struct unit *u, struct matcher *m)
{
    struct arena *scratch = arena_new();
    struct list list = {0};
    bool known = gather(u, &list, scratch);
    u->whole = !known || (list.n && m->eval.ev->kind != EVENT_WINDOWS);
    if (!u->whole && list.n) {
        struct text_set *set = m->text_sets;
        while (set && !is_set(set, &list))
            set = set->next;
        u->texts = set ? set : new_set(m, &list);
        u->whole = u->texts->table == NULL;
    }
    u->wish.apart = u->texts != NULL;
    arena_free(scratch);
}

bool unit_texts_stand(struct text_set *set, const struct matcher *m)
{
    if (m->raw.n == 0)
        return true;
    if (set->turn != m->raw_turn) {
        set->turn = m->raw_turn;
        set->stands = keywords_stand(set->table, m->raw);
    }
    return set->stands;
}
