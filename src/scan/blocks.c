#include "scan/blocks.h"

#include <inttypes.h>
#include <stdlib.h>

#include "detect/part.h"

struct piece { /* a part, and where it was found */
    struct part part;
    size_t evidence;
    size_t order; /* in the findings */
};

struct script {
    size_t from, to; /* its pieces */
    size_t order;    /* of its first piece */
};

struct batch {
    size_t from, to; /* scripts */
};

struct told { /* a hit that is known */
    size_t evidence;
    uint64_t offset;
    uint32_t rule;
};

struct blocks {
    struct piece *pieces; /* those of one script side by side, by number, then as found */
    size_t n_pieces;
    struct script *scripts; /* in the order of the evidence */
    size_t n_scripts;
    struct batch *batches;
    size_t n_batches, cap_batches;
    struct told *told; /* by evidence and offset */
    size_t n_told;
};

static int cmp_u64(uint64_t a, uint64_t b)
{
    return a < b ? -1 : a > b;
}

static int cmp_caseless(struct str a, struct str b)
{
    for (size_t i = 0; i < a.n && i < b.n; i++) {
        int d = ascii_lower(a.p[i]) - ascii_lower(b.p[i]);
        if (d)
            return d;
    }
    return cmp_u64(a.n, b.n);
}

static int cmp_script(const struct part *a, const struct part *b)
{
    int d = cmp_caseless(a->ev.host, b->ev.host);
    d = d ? d : cmp_caseless(a->block, b->block);
    return d ? d : cmp_u64(a->total, b->total);
}

static int by_script(const void *x, const void *y)
{
    const struct piece *a = x;
    const struct piece *b = y;
    int d = cmp_script(&a->part, &b->part);
    d = d ? d : cmp_u64(a->part.number, b->part.number);
    return d ? d : cmp_u64(a->order, b->order);
}

/* --- gathering ----------------------------------------------------------------------------- */

static void read_pieces(struct blocks *b, const struct findings *f, struct arena *arena)
{
    size_t n = 0;
    for (size_t i = 0; i < f->n_later; i++)
        n += f->later[i].signal.later == LATER_PART;
    b->pieces = ARENA_ARRAY(arena, struct piece, n);
    for (size_t i = 0; i < f->n_later; i++) {
        struct piece *p = &b->pieces[b->n_pieces];
        struct err ignored = {0};
        if (f->later[i].signal.later != LATER_PART ||
            part_read(&f->later[i].signal, arena, &p->part, &ignored) < 0)
            continue;
        p->evidence = f->later[i].evidence;
        p->order = i;
        b->n_pieces++;
    }
    if (b->n_pieces)
        qsort(b->pieces, b->n_pieces, sizeof *b->pieces, by_script);
}

static bool is_alone(const struct blocks *b, size_t from, size_t to)
{
    for (size_t i = from + 1; i < to; i++)
        if (b->pieces[i].part.number != b->pieces[from].part.number)
            return false;
    return true;
}

static int by_order(const void *x, const void *y)
{
    const struct script *a = x;
    const struct script *b = y;
    return cmp_u64(a->order, b->order);
}

static void find_scripts(struct blocks *b, struct arena *arena)
{
    size_t from = 0;
    b->scripts = ARENA_ARRAY(arena, struct script, b->n_pieces);
    for (size_t i = 1; i <= b->n_pieces; i++) {
        if (i < b->n_pieces && cmp_script(&b->pieces[from].part, &b->pieces[i].part) == 0)
            continue;
        if (!is_alone(b, from, i))
            b->scripts[b->n_scripts++] = (struct script){from, i, b->pieces[from].order};
        from = i;
    }
    if (b->n_scripts)
        qsort(b->scripts, b->n_scripts, sizeof *b->scripts, by_order);
}

static const struct piece *first_piece(const struct blocks *b, size_t script)
{
    return &b->pieces[b->scripts[script].from];
}

static size_t bytes_of(const struct blocks *b, size_t script)
{
    size_t n = 0;
    for (size_t i = b->scripts[script].from; i < b->scripts[script].to; i++)
        n += b->pieces[i].part.text.n;
    return n;
}

static void make_batches(struct blocks *b, struct arena *arena)
{
    size_t bytes = 0;
    for (size_t i = 0; i < b->n_scripts; i++) {
        bool other = i == 0 || first_piece(b, i)->evidence != first_piece(b, i - 1)->evidence ||
                     bytes > BLOCK_BATCH_BYTES;
        if (other) {
            b->batches = arena_grow(arena, b->batches, b->n_batches, &b->cap_batches,
                                    sizeof *b->batches);
            b->batches[b->n_batches++] = (struct batch){i, i};
            bytes = 0;
        }
        b->batches[b->n_batches - 1].to = i + 1;
        bytes += bytes_of(b, i);
    }
}

static int by_place(const void *x, const void *y)
{
    const struct told *a = x;
    const struct told *b = y;
    int d = cmp_u64(a->evidence, b->evidence);
    return d ? d : cmp_u64(a->offset, b->offset);
}

static void sort_told(struct blocks *b, const struct findings *f, struct arena *arena)
{
    b->told = ARENA_ARRAY(arena, struct told, f->n_hits + f->n_part_matches);
    b->n_told = f->n_hits + f->n_part_matches;
    for (size_t i = 0; i < f->n_hits; i++)
        b->told[i] =
            (struct told){f->hits[i].evidence, f->hits[i].hit.offset, f->hits[i].hit.rule};
    for (size_t i = 0; i < f->n_part_matches; i++)
        b->told[f->n_hits + i] = (struct told){
            f->part_matches[i].evidence, f->part_matches[i].offset, f->part_matches[i].rule};
    if (b->n_told)
        qsort(b->told, b->n_told, sizeof *b->told, by_place);
}

struct blocks *blocks_gather(const struct findings *f, struct arena *arena)
{
    struct blocks *b = ARENA_NEW(arena, struct blocks);
    read_pieces(b, f, arena);
    find_scripts(b, arena);
    if (b->n_scripts) {
        make_batches(b, arena);
        sort_told(b, f, arena);
    }
    return b;
}

size_t blocks_works(const struct blocks *b)
{
    return b->n_batches;
}

struct work blocks_work(const struct blocks *b, size_t item)
{
    const struct piece *first = first_piece(b, b->batches[item].from);
    const struct piece *last = first_piece(b, b->batches[item].to - 1);
    const struct event *ev = &last->part.ev;
    return (struct work){
        .kind = WORK_BLOCK,
        .evidence = first->evidence,
        .span = {.from = first->part.ev.offset, .to = ev->offset + ev->size},
        .item = item,
    };
}

/* --- joining ------------------------------------------------------------------------------- */

struct joining {
    const struct blocks *blocks;
    const struct script *script;
    struct arena *arena;
    struct buf text;
    uint32_t parts;    /* joined */
    uint32_t versions; /* the most wordings that a part was found in */
    bool cut;          /* a limit was reached */
};

static bool same_number(const struct joining *j, size_t a, size_t b)
{
    return j->blocks->pieces[a].part.number == j->blocks->pieces[b].part.number;
}

/* The wordings of the part that starts at piece `from`; the last ones are left out where
 * there are too many. *ret_end is where the next part starts. */
static uint32_t wordings(struct joining *j, size_t from, struct str ret[BLOCK_VERSIONS_MAX],
                         size_t *ret_end)
{
    uint32_t n = 0;
    size_t i = from;
    for (; i < j->script->to && same_number(j, from, i); i++) {
        struct str text = j->blocks->pieces[i].part.text;
        uint32_t k = 0;
        while (k < n && !str_eq(ret[k], text))
            k++;
        if (k < n)
            continue;
        if (n == BLOCK_VERSIONS_MAX)
            j->cut = true;
        else
            ret[n++] = text;
    }
    *ret_end = i;
    return n;
}

/* Joins the parts, the given wording of each where there is one. Where parts are missing, a
 * line ends: nothing may match across. */
static void join(struct joining *j, uint32_t version)
{
    struct str texts[BLOCK_VERSIONS_MAX];
    uint32_t expected = 1;
    buf_clear(&j->text);
    j->parts = 0;
    for (size_t i = j->script->from, next; i < j->script->to; i = next) {
        uint32_t number = j->blocks->pieces[i].part.number;
        uint32_t n = wordings(j, i, texts, &next);
        j->versions = n > j->versions ? n : j->versions;
        struct str text = texts[version < n ? version : 0];
        if (j->parts == BLOCK_PARTS_MAX || text.n + 1 > BLOCK_BYTES_MAX - j->text.n) {
            j->cut = true;
            return;
        }
        if (number != expected && j->parts)
            buf_add_char(&j->text, '\n');
        buf_add_str(&j->text, text);
        expected = number + 1;
        j->parts++;
    }
}

static struct str how_joined(const struct joining *j, uint32_t version)
{
    uint32_t total = j->blocks->pieces[j->script->from].part.total;
    struct str missing = STR("");
    struct str which = STR("");
    if (j->parts < total)
        missing = arena_printf(j->arena, "; %" PRIu32 " missing", total - j->parts);
    if (version)
        which = arena_printf(j->arena, "; other wording %" PRIu32, version + 1);
    return arena_printf(j->arena, "script block of %" PRIu32 " parts%.*s%.*s", total,
                        STR_ARG(missing), STR_ARG(which));
}

static struct event joined_event(const struct joining *j)
{
    const struct part *first = &j->blocks->pieces[j->script->from].part;
    struct event ev = first->ev;
    struct field *fields = ARENA_ARRAY(j->arena, struct field, ev.n);
    memcpy(fields, ev.fields, ev.n * sizeof *fields);
    fields[first->text_at].value = buf_str(&j->text);
    ev.fields = fields;
    ev.cap = ev.n;
    for (size_t i = j->script->from; i < j->script->to; i++)
        ev.marks |= j->blocks->pieces[i].part.ev.marks;
    ev.marks |= MARK_REASSEMBLED;
    return ev;
}

/* Marks the rules that matched one of the parts. */
static void mark_told(const struct blocks *b, const struct script *s, bool *already)
{
    for (size_t i = s->from; i < s->to; i++) {
        const struct told key = {b->pieces[i].evidence, b->pieces[i].part.ev.offset, 0};
        size_t low = 0;
        size_t high = b->n_told;
        while (low < high) {
            size_t middle = low + (high - low) / 2;
            if (by_place(&b->told[middle], &key) < 0)
                low = middle + 1;
            else
                high = middle;
        }
        for (; low < b->n_told && by_place(&b->told[low], &key) == 0; low++)
            already[b->told[low].rule] = true;
    }
}

static void tell_cut(const struct joining *j, struct buf *reply)
{
    const struct event *ev = &j->blocks->pieces[j->script->from].part.ev;
    struct str why =
        arena_printf(j->arena,
                     "a script in parts that was not joined whole: it has more "
                     "than %d bytes, %d parts or %d wordings of a part",
                     (int)BLOCK_BYTES_MAX, (int)BLOCK_PARTS_MAX, (int)BLOCK_VERSIONS_MAX);
    signal_write(reply, &(struct signal){.type = SIGNAL_GAP,
                                         .a = ev->offset,
                                         .b = ev->offset + ev->size,
                                         .text = why});
}

static void answer_script(struct joining *j, struct detect *d, size_t n_rules,
                          struct buf *reply)
{
    bool *already = ARENA_ARRAY(j->arena, bool, n_rules);
    mark_told(j->blocks, j->script, already);
    j->text = buf_new(BLOCK_BYTES_MAX);
    j->versions = 1;
    for (uint32_t version = 0; version < j->versions; version++) {
        join(j, version);
        struct event ev = joined_event(j);
        detect_made(d, &ev, how_joined(j, version), already, j->arena);
    }
    if (j->cut)
        tell_cut(j, reply);
    buf_free(&j->text);
}

void blocks_answer(const struct blocks *b, const struct work *work,
                   const struct work_shared *shared, struct buf *reply)
{
    struct arena *arena = arena_new();
    struct arena *one = arena_new();
    struct detect *d =
        detect_new(shared->detect, shared->matcher, (struct bytes){0}, arena, reply);
    const struct batch *batch = &b->batches[work->item];
    for (size_t i = batch->from; i < batch->to; i++) {
        struct joining j = {.blocks = b, .script = &b->scripts[i], .arena = one};
        answer_script(&j, d, ruleset_count(shared->detect->rules), reply);
        arena_reset(one);
    }
    detect_end(d);
    arena_free(one);
    arena_free(arena);
}
