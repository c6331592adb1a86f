/* unit_wake.c - for each program the cheapest set of bits of which it needs one.
 *
 * A program whose set is not hit cannot be satisfied, so that it need not be looked at. NOT,
 * and what only the plain evaluator answers, needs no bit.
 */
#include <stdlib.h>

#include "rule/unit_int.h"

struct need {
    uint32_t *atoms;
    uint32_t n;
    float cost;
    bool known; /* false: nothing is needed for certain */
};

struct waker {
    const struct unit *u;
    struct arena *scratch;
};

static struct need joined(struct waker *w, const struct need *list, uint32_t n)
{
    struct need all = {.known = true};
    uint32_t total = 0;
    for (uint32_t i = 0; i < n; i++)
        total += list[i].n;
    all.atoms = ARENA_ARRAY(w->scratch, uint32_t, total);
    for (uint32_t i = 0; i < n; i++) {
        if (!list[i].known)
            return (struct need){0};
        if (list[i].n)
            memcpy(all.atoms + all.n, list[i].atoms, list[i].n * sizeof *all.atoms);
        all.n += list[i].n;
        all.cost += list[i].cost;
    }
    return all;
}

static int by_cost(const void *a, const void *b)
{
    const struct need *x = a;
    const struct need *y = b;
    if (x->known != y->known)
        return x->known ? -1 : 1;
    return (x->cost > y->cost) - (x->cost < y->cost);
}

/* At least `need` of n: whichever these are, one of any n - need + 1 is among them. */
static struct need of_several(struct waker *w, struct need *list, uint32_t n, uint32_t need)
{
    if (need == 0 || need > n)
        return (struct need){0};
    qsort(list, n, sizeof *list, by_cost);
    return joined(w, list, n - need + 1);
}

static struct need of_test(struct waker *w, const struct test *t)
{
    struct need *values = ARENA_ARRAY(w->scratch, struct need, t->n);
    struct need *forms = ARENA_ARRAY(w->scratch, struct need, t->n);
    uint32_t n = 0;
    uint32_t n_forms = 0;
    for (uint32_t i = 0; i < t->n; i++) {
        uint32_t *entry = &w->u->alternatives[t->from + i];
        const struct atom *a = &w->u->atoms[*entry & ~LAST];
        uint32_t *number = ARENA_NEW(w->scratch, uint32_t);
        *number = *entry & ~LAST;
        forms[n_forms++] = (struct need){
            .atoms = number, .n = 1, .cost = a->cost, .known = a->answer != ANSWER_ASKED};
        if (*entry & LAST) {
            values[n++] = joined(w, forms, n_forms);
            n_forms = 0;
        }
    }
    return of_several(w, values, n, t->all ? n : 1);
}

static struct need of_step(struct waker *w, uint32_t number)
{
    const struct step *s = &w->u->steps[number];
    if (s->kind == STEP_TEST && !s->negate)
        return of_test(w, &w->u->tests[s->test]);
    if (s->kind != STEP_AT_LEAST)
        return (struct need){.known = s->kind == STEP_NO};
    struct need *list = ARENA_ARRAY(w->scratch, struct need, s->n);
    for (uint32_t i = 0; i < s->n; i++)
        list[i] = of_step(w, w->u->children[s->from + i]);
    return of_several(w, list, s->n, s->need);
}

/* The lists of each slot: first their lengths, then they are filled. */
static void add_wakes(struct unit *u, const struct need *needs, struct arena *arena)
{
    for (uint32_t i = 0; i < u->n_slots; i++)
        u->slots[i].wakes = ARENA_ARRAY(arena, uint32_t, u->slots[i].n_bits + 1);
    for (uint32_t p = 0; p < u->n_programs; p++)
        for (uint32_t i = 0; i < needs[p].n; i++) {
            const struct atom *a = &u->atoms[needs[p].atoms[i]];
            u->slots[a->slot].wakes[a->bit]++;
        }
    for (uint32_t i = 0; i < u->n_slots; i++) {
        struct slot *s = &u->slots[i];
        for (uint32_t k = 0; k < s->n_bits; k++)
            s->wakes[k + 1] += s->wakes[k];
        s->first = s->wakes[s->n_bits] > 0;
        s->woken = ARENA_ARRAY(arena, uint32_t, s->wakes[s->n_bits]);
    }
    for (uint32_t p = u->n_programs; p-- > 0;)
        for (uint32_t i = 0; i < needs[p].n; i++) {
            const struct atom *a = &u->atoms[needs[p].atoms[i]];
            struct slot *s = &u->slots[a->slot];
            s->woken[--s->wakes[a->bit]] = p;
        }
}

void unit_wake(struct unit *u, struct arena *arena)
{
    struct waker w = {.u = u, .scratch = arena_new()};
    struct need *needs = ARENA_ARRAY(w.scratch, struct need, u->n_programs);
    u->always = ARENA_ARRAY(arena, uint32_t, u->n_programs);
    for (uint32_t p = 0; p < u->n_programs; p++) {
        needs[p] = of_step(&w, u->roots[p]);
        if (!needs[p].known)
            u->always[u->n_always++] = p;
    }
    add_wakes(u, needs, arena);
    arena_free(w.scratch);
}
