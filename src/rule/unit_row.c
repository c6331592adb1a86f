/* unit_row.c - see unit_row.h.
 *
 * The evaluator offers a rule more than the values that stand in the line: decoded forms, the
 * stem and the query as one text, fields that are made of others (rule/sigma_values.c,
 * event/row.h). For each of these a literal of the rule either stands in the line in one of the
 * forms that are looked at here, or is taken apart where something was put between, or is not
 * asked for.
 */
#include "rule/unit_row.h"

#include <string.h>

#include "base/utf.h"
#include "event/row.h"
#include "rule/fold.h"
#include "rule/forms.h"
#include "rule/literals.h"
#include "rule/regex_need.h"
#include "rule/row_window.h"

enum {
    CLAUSES_MAX = 6,     /* of one rule: the best */
    CLAUSE_WORDS = 2048, /* literals of one clause; one with more is not asked for */
    PIECES_MAX = 16,     /* of one value */
};

/* ---- clauses --------------------------------------------------------------------------------- */

struct clause { /* one of these literals has to be there */
    uint32_t *words;
    uint32_t n;
    uint32_t cost; /* how often one will be, roughly */
};

struct clauses { /* all of these; none: nothing is needed */
    struct clause at[CLAUSES_MAX];
    uint32_t n;
};

struct making {
    const struct names *names;
    enum event_kind kind;
    bool web;
    const struct feed *feed;
    struct arena *arena;
    struct names words; /* literals by number */
    uint32_t *stamp;    /* by literal: the clause that got it last */
    size_t stamps;
    uint32_t clause; /* counts clauses */
};

/* How often a literal is met in ordinary rows, roughly: by its length, and whether it has a
 * character that they do not have. */
static uint32_t cost_of(struct str word)
{
    static const uint32_t by_length[] = {4000, 4000, 1000, 400, 100, 24, 12, 6};
    for (size_t i = 0; i < word.n; i++)
        if (strchr("${}|`^*!'\"[]@", word.p[i]))
            return 2;
    return word.n < sizeof by_length / sizeof *by_length ? by_length[word.n] : 3;
}

static struct clause start(struct making *m)
{
    m->clause++;
    return (struct clause){.n = 0};
}

static void put_word(struct making *m, struct clause *c, uint32_t number)
{
    while (m->stamps <= number)
        m->stamp = arena_grow(m->arena, m->stamp, m->stamps, &m->stamps, sizeof *m->stamp);
    if (m->stamp[number] == m->clause)
        return;
    m->stamp[number] = m->clause;
    size_t cap = c->n;
    if ((c->n & (c->n - 1)) == 0)
        c->words = arena_grow(m->arena, c->words, c->n, &cap, sizeof *c->words);
    c->words[c->n++] = number;
    c->cost += cost_of(m->words.list[number]);
}

static void add_word(struct making *m, struct clause *c, struct str word)
{
    put_word(m, c, names_intern(&m->words, word));
}

/* Adds a clause; of too many the dearest goes. Clauses are kept by their cost. */
static void add_clause(struct clauses *all, const struct clause *c)
{
    if (c->n == 0 || c->n > CLAUSE_WORDS)
        return;
    uint32_t at = all->n;
    while (at > 0 && all->at[at - 1].cost > c->cost)
        at--;
    if (at == CLAUSES_MAX)
        return;
    uint32_t last = all->n < CLAUSES_MAX ? all->n++ : CLAUSES_MAX - 1;
    memmove(&all->at[at + 1], &all->at[at], (last - at) * sizeof *all->at);
    all->at[at] = *c;
}

static void add_all(struct clauses *to, const struct clauses *from)
{
    for (uint32_t i = 0; i < from->n; i++)
        add_clause(to, &from->at[i]);
}

/* What is needed where one of the parts is enough: of each part one clause. */
static void either(struct making *m, struct clauses *so_far, const struct clauses *part)
{
    struct clauses both = {.n = 0};
    uint32_t n = so_far->n > part->n ? so_far->n : part->n;
    for (uint32_t i = 0; so_far->n && part->n && i < n; i++) {
        const struct clause *a = &so_far->at[i < so_far->n ? i : so_far->n - 1];
        const struct clause *b = &part->at[i < part->n ? i : part->n - 1];
        struct clause c = start(m);
        for (uint32_t k = 0; k < a->n; k++)
            put_word(m, &c, a->words[k]);
        for (uint32_t k = 0; k < b->n; k++)
            put_word(m, &c, b->words[k]);
        add_clause(&both, &c);
    }
    *so_far = both;
}

/* ---- values ------------------------------------------------------------------------------------ */

struct offer {       /* how the values of a field stand to the line */
    bool unknown;    /* nothing is needed of the line */
    bool made;       /* its text says nothing */
    bool webpath;    /* slashes behind a ':' may have been two */
    bool path;       /* its first slash may have been put there */
    char between[4]; /* characters that may have been put between two parts */
    const char *const *needs;
};

static struct offer offer_of(const struct making *m, uint32_t field)
{
    struct offer o = {.between = {m->web ? '?' : '\0'}};
    if (field == FIELD_KEYWORD) {
        if (!m->web)
            memcpy(o.between, "? +", 4); /* unnamed data are one text */
        return o;
    }
    const struct view *view = NULL;
    for (size_t i = 0; m->feed && i < m->feed->n_views && !view; i++)
        if (m->feed->views[i].field == field)
            view = &m->feed->views[i];
    if (view && (view->n_values || view->n_prefixes || view->n_from == 0 ||
                 (view->n_from > 1 && view->with.n != 1))) {
        o.unknown = true;
        return o;
    }
    if (view && view->n_from > 1)
        o.between[1] = view->with.p[0];
    size_t n = view ? view->n_from : 1;
    for (size_t i = 0; i < n; i++) {
        struct str name = m->names->list[view ? view->from[i] : field];
        struct row_field f = row_field_of(m->kind, name);
        o.unknown |= f.relation == ROW_AFTER || (n > 1 && f.needs);
        o.made |= f.relation == ROW_MADE;
        o.webpath |= f.relation == ROW_WEBPATH;
        o.path |= f.relation == ROW_PATH;
        o.needs = f.needs;
    }
    return o;
}

static bool is_between(const struct offer *o, char c)
{
    return (unsigned char)c >= CODED_DASH || (c && memchr(o->between, c, sizeof o->between));
}

/* The parts of a text that stand in the line, each as a clause of its own. */
static void need_text(struct making *m, const struct offer *o, struct str text,
                      struct clauses *ret)
{
    if (o->path && text.n && (text.p[0] == '/' || text.p[0] == '\\'))
        text = str_part(text, 1, text.n);
    size_t from = 0;
    for (size_t at = 0; at <= text.n; at++) {
        bool end = at == text.n || is_between(o, text.p[at]);
        bool halt = !end && o->webpath && text.p[at] == ':';
        if (!end && !halt)
            continue;
        struct str piece = str_part(text, from, halt ? at + 1 : at);
        struct clause c = start(m);
        if (piece.n)
            add_word(m, &c, fold_str(piece, m->arena));
        add_clause(ret, &c);
        from = at + 1;
    }
}

static void need_words(struct making *m, const char *const *words, struct clauses *ret)
{
    struct clause c = start(m);
    for (size_t i = 0; words && words[i]; i++)
        add_word(m, &c, str_of(words[i]));
    add_clause(ret, &c);
}

static void need_regex(struct making *m, const struct offer *o, const struct regex *regex,
                       struct clauses *ret)
{
    struct regex_need need;
    regex_need_of(regex_pattern(regex), m->arena, &need);
    for (size_t i = 0; i < need.n; i++) {
        struct clauses one = {.n = 0};
        need_text(m, o, need.any[i], &one);
        if (i == 0)
            *ret = one;
        else
            either(m, ret, &one);
    }
}

/* One form of one value. */
static void need_pattern(struct making *m, const struct offer *o, const struct pattern *p,
                         struct clauses *ret)
{
    *ret = (struct clauses){.n = 0};
    bool there = p->op != OP_NULL && p->op != OP_EXISTS && p->op != OP_FIELD &&
                 p->part == PART_NONE && !o->unknown;
    if (!there || (p->op == OP_TEXT && p->text.test == TEXT_EXACT && p->text.text.n == 0))
        return;
    if (!o->made && p->op == OP_TEXT && p->text.test != TEXT_ANY)
        need_text(m, o, p->text.text, ret);
    if (!o->made && p->op == OP_REGEX)
        need_regex(m, o, p->regex, ret);
    need_words(m, o->needs, ret);
}

static void need_item(struct making *m, const struct item *item, struct clauses *ret)
{
    struct offer o = offer_of(m, item->field);
    *ret = (struct clauses){.n = 0};
    for (size_t i = 0; i < item->n && !item->negate; i++) {
        struct clauses value = {.n = 0};
        for (const struct pattern *p = &item->patterns[i]; p; p = p->or_else) {
            struct clauses form;
            need_pattern(m, &o, p, &form);
            if (p == &item->patterns[i])
                value = form;
            else
                either(m, &value, &form);
        }
        if (item->all)
            add_all(ret, &value);
        else if (i == 0)
            *ret = value;
        else
            either(m, ret, &value);
    }
}

/* The tree is at most as deep as conditions may nest; see sigma_condition.c. */
static void need_node(struct making *m, const struct node *node, struct clauses *ret)
{
    *ret = (struct clauses){.n = 0};
    if (node->kind == NODE_ITEM) {
        need_item(m, node->item, ret);
        return;
    }
    if (node->kind == NODE_NOT || (node->kind == NODE_AT_LEAST && node->need == 0))
        return;
    for (uint32_t i = 0; i < node->n; i++) {
        struct clauses part;
        need_node(m, node->child[i], &part);
        if (node->kind == NODE_AND)
            add_all(ret, &part);
        else if (i == 0)
            *ret = part;
        else
            either(m, ret, &part);
    }
}

/* ---- the table ------------------------------------------------------------------------------------ */

enum {
    WISHES_MAX = 64,
    LEFT_MAX = 12,
    LEARN_FIRST = 16, /* rows looked at closely before triggers are chosen anew */
    LEARN_LAST = 1 << 12,
    SAMPLE = 32,          /* behind these, one row of so many is looked at closely, */
    LEARN_WELL = 1 << 10, /* until so many have been; */
    SAMPLE_LATE = 256,    /* then one of so many */
};

struct left { /* rules that were left together, and what decides them */
    uint32_t rules[LEFT_MAX];
    size_t n;
    struct wish wish;
};

struct by_word {  /* which rules a literal triggers */
    uint32_t *at; /* those of literal i: rules[at[i]] up to rules[at[i + 1]] */
    uint32_t *rules;
};

struct row_needs {
    struct arena *arena;
    enum event_kind kind;
    const struct names *names;
    const struct row_rule *all;
    bool web;
    bool always;           /* some rule needs nothing */
    struct clauses *rules; /* beside `all` */
    size_t n;
    struct names texts;        /* the literals */
    struct literals *triggers; /* of each rule the first clause */
    struct literals *words;    /* all of them */
    struct by_word by_word;
    struct literal_hits hits;
    struct row_window *window; /* for the triggers */
    uint32_t *met;             /* by literal: in how many rows */
    uint32_t seen;             /* rows, while it is learned */
    uint32_t rows;             /* of those that were learned from */
    uint32_t learn;            /* when triggers are chosen anew */
    bool high;                 /* the row may have bytes of 0x80 and above in some form */
    bool *is_left;             /* by rule, while they are collected */
    bool unsure;    /* `left` are those whose trigger is there, whatever else they need */
    uint32_t *left; /* by the last row */
    size_t n_left;
    struct left *wishes;
    size_t n_wishes;
};

static struct literals *table_of(const struct names *texts, const bool *wanted,
                                 struct arena *arena)
{
    uint8_t classes[256];
    literals_classes(STR("+ \\/"), classes);
    struct arena *scratch = arena_new();
    struct literal *list = ARENA_ARRAY(scratch, struct literal, texts->n);
    size_t n = 0;
    for (uint32_t i = 0; i < texts->n; i++)
        if (!wanted || wanted[i])
            list[n++] = (struct literal){i, TEXT_CONTAINS, texts->list[i]};
    struct literals *table = literals_new_raw(list, n, classes, arena);
    arena_free(scratch);
    return table;
}

/* Lists for each literal the rules that it triggers. */
static void list_by_word(struct row_needs *needs)
{
    struct by_word *by = &needs->by_word;
    size_t total = 0;
    for (size_t i = 0; i < needs->n; i++)
        total += needs->rules[i].n ? needs->rules[i].at[0].n : 0;
    by->at = ARENA_ARRAY(needs->arena, uint32_t, (size_t)needs->texts.n + 2);
    by->rules = ARENA_ARRAY(needs->arena, uint32_t, total);
    for (int filling = 0; filling < 2; filling++) {
        for (uint32_t i = 0; i < needs->n; i++)
            for (uint32_t k = 0; needs->rules[i].n && k < needs->rules[i].at[0].n; k++) {
                uint32_t word = needs->rules[i].at[0].words[k];
                if (filling)
                    by->rules[by->at[word + 1]++] = i;
                else
                    by->at[word + 2]++;
            }
        for (uint32_t i = 0; !filling && i < needs->texts.n; i++)
            by->at[i + 2] += by->at[i + 1];
    }
}

static void set_triggers(struct row_needs *needs)
{
    struct arena *scratch = arena_new();
    bool *wanted = ARENA_ARRAY(scratch, bool, (size_t)needs->texts.n + 1);
    for (size_t i = 0; i < needs->n; i++)
        for (uint32_t k = 0; needs->rules[i].n && k < needs->rules[i].at[0].n; k++)
            wanted[needs->rules[i].at[0].words[k]] = true;
    needs->triggers = table_of(&needs->texts, wanted, needs->arena);
    row_window_forget(needs->window);
    list_by_word(needs);
    arena_free(scratch);
}

static void keep(struct clauses *to, const struct clauses *from, struct arena *arena)
{
    *to = *from;
    for (uint32_t i = 0; i < from->n; i++) {
        to->at[i].words = ARENA_ARRAY(arena, uint32_t, from->at[i].n);
        memcpy(to->at[i].words, from->at[i].words, from->at[i].n * sizeof(uint32_t));
    }
}

struct row_needs *row_needs_new(const struct names *names, enum event_kind kind,
                                const struct row_rule *rules, size_t n, struct arena *arena)
{
    struct row_needs *needs = ARENA_NEW(arena, struct row_needs);
    struct arena *scratch = arena_new();
    struct making m = {.names = names,
                       .kind = kind,
                       .web =
                           kind == EVENT_IIS || kind == EVENT_HTTPERR || kind == EVENT_ACCESS,
                       .arena = scratch,
                       .words = {.arena = scratch}};
    needs->arena = arena;
    needs->window = row_window_new(arena);
    needs->kind = kind;
    needs->names = names;
    needs->web = m.web;
    struct row_rule *copy = ARENA_ARRAY(arena, struct row_rule, n);
    if (n)
        memcpy(copy, rules, n * sizeof *copy);
    needs->all = copy;
    needs->left = ARENA_ARRAY(arena, uint32_t, n);
    needs->wishes = ARENA_ARRAY(arena, struct left, WISHES_MAX);
    needs->rules = ARENA_ARRAY(arena, struct clauses, n);
    for (size_t i = 0; i < n; i++) {
        struct clauses all = {.n = 0};
        if (rules[i].feed->conditions)
            need_node(&m, rules[i].feed->conditions, &all);
        struct clauses own;
        m.feed = rules[i].feed;
        need_node(&m, rules[i].node, &own);
        m.feed = NULL;
        add_all(&all, &own);
        needs->always |= all.n == 0;
        keep(&needs->rules[needs->n++], &all, arena);
    }
    needs->texts = (struct names){
        .arena = arena, .list = ARENA_ARRAY(arena, struct str, m.words.n), .n = m.words.n};
    for (uint32_t i = 0; i < m.words.n; i++)
        needs->texts.list[i] = arena_str(arena, m.words.list[i]);
    needs->words = table_of(&needs->texts, NULL, arena);
    set_triggers(needs);
    needs->met = ARENA_ARRAY(arena, uint32_t, (size_t)m.words.n + 1);
    needs->is_left = ARENA_ARRAY(arena, bool, n);
    needs->learn = LEARN_FIRST;
    literal_hits_init(&needs->hits, m.words.n ? m.words.n : 1, arena);
    arena_free(scratch);
    return needs;
}

/* ---- a row ------------------------------------------------------------------------------------------ */

static bool clause_met(const struct row_needs *needs, const struct clause *c)
{
    for (uint32_t i = 0; i < c->n; i++)
        if (literal_hits_has(&needs->hits, c->words[i]))
            return true;
    return false;
}

static bool all_met(const struct row_needs *needs, const struct clauses *rule)
{
    uint32_t k = 0;
    while (k < rule->n && clause_met(needs, &rule->at[k]))
        k++;
    return k == rule->n;
}

/* The rules that the literals found trigger, by their numbers. */
static void find_triggered(struct row_needs *needs)
{
    const struct by_word *by = &needs->by_word;
    needs->n_left = 0;
    for (uint32_t i = 0; i < needs->hits.n; i++) {
        uint32_t word = needs->hits.list[i];
        for (uint32_t k = by->at[word]; k < by->at[word + 1]; k++) {
            uint32_t rule = by->rules[k];
            if (needs->is_left[rule])
                continue;
            needs->is_left[rule] = true;
            size_t at = needs->n_left++;
            for (; at > 0 && needs->left[at - 1] > rule; at--)
                needs->left[at] = needs->left[at - 1];
            needs->left[at] = rule;
        }
    }
    for (size_t i = 0; i < needs->n_left; i++)
        needs->is_left[needs->left[i]] = false;
}

static bool find_left(struct row_needs *needs)
{
    const struct by_word *by = &needs->by_word;
    for (uint32_t i = 0; i < needs->hits.n; i++) {
        uint32_t word = needs->hits.list[i];
        for (uint32_t k = by->at[word]; k < by->at[word + 1]; k++)
            needs->is_left[by->rules[k]] = true;
    }
    needs->n_left = 0;
    for (uint32_t i = 0; i < needs->n; i++) {
        const struct clauses *rule = &needs->rules[i];
        if ((needs->is_left[i] && all_met(needs, rule)) || rule->n == 0)
            needs->left[needs->n_left++] = i;
        needs->is_left[i] = false;
    }
    return needs->n_left > 0;
}

/* The clause that was met least often goes to the front. */
static void choose_trigger(const struct row_needs *needs, struct clauses *rule)
{
    uint32_t best = 0;
    uint64_t least = UINT64_MAX;
    for (uint32_t k = 0; k < rule->n; k++) {
        uint64_t n = rule->at[k].cost;
        for (uint32_t i = 0; i < rule->at[k].n; i++)
            n += (uint64_t)needs->met[rule->at[k].words[i]] << 16;
        if (n < least) {
            least = n;
            best = k;
        }
    }
    struct clause front = rule->at[0];
    rule->at[0] = rule->at[best];
    rule->at[best] = front;
}

/* Rows are learned from whether they hold a trigger or not: else what is looked for would seem to
 * be frequent, and all that is not, rare. */
static bool is_sample(struct row_needs *needs)
{
    if (needs->rows >= LEARN_LAST)
        return false;
    needs->seen++;
    uint32_t each = needs->rows < LEARN_WELL ? SAMPLE : SAMPLE_LATE;
    return needs->seen <= LEARN_FIRST || needs->seen % each == 0;
}

/* What is rare is known when some rows have been seen. It has no bearing on what is found. */
static void learn(struct row_needs *needs)
{
    for (uint32_t i = 0; i < needs->hits.n; i++)
        needs->met[needs->hits.list[i]]++;
    if (++needs->rows != needs->learn)
        return;
    needs->learn *= 4;
    for (size_t i = 0; i < needs->n; i++)
        if (needs->rules[i].n)
            choose_trigger(needs, &needs->rules[i]);
    set_triggers(needs);
}

static bool leave_all(struct row_needs *needs)
{
    needs->n_left = needs->n;
    for (uint32_t i = 0; i < needs->n; i++)
        needs->left[i] = i;
    return true;
}

static void scan(struct row_needs *needs, struct str text, struct arena *scratch)
{
    struct str folded = needs->high ? fold_str(text, scratch) : text;
    literals_scan_raw(needs->words, str_bytes(folded), &needs->hits);
}

static int hex(char c)
{
    char low = (char)(c | 32);
    return c >= '0' && c <= '9' ? c - '0' : low >= 'a' && low <= 'f' ? low - 'a' + 10 : -1;
}

/* The whole line as webpath_of_stem rewrites a stem. */
static struct str as_webpath(struct str s, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        int high = c == '%' && s.n - i > 2 ? hex(s.p[i + 1]) : -1;
        int low = high >= 0 ? hex(s.p[i + 2]) : -1;
        if (low >= 0 && high >= 2 && high <= 7 && !(high == 7 && low == 15)) {
            c = (char)(high * 16 + low);
            i += 2;
        }
        c = c == '\\' ? '/' : c;
        if (c != '/' || n == 0 || out[n - 1] != '/')
            out[n++] = c;
    }
    return (struct str){out, n};
}

/* A text and, of web servers' rows, its decoded forms. A '+' is a blank in our tables. */
static void scan_forms(struct row_needs *needs, struct str text, struct arena *scratch)
{
    scan(needs, text, scratch);
    if (!needs->web || !memchr(text.p, '%', text.n))
        return;
    struct str once = forms_decode(text, false, scratch);
    scan(needs, once, scratch);
    if (memchr(once.p, '%', once.n))
        scan(needs, forms_decode(once, false, scratch), scratch);
}

static struct str with_single_quotes(struct str s, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, s.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++) {
        out[n++] = s.p[i];
        i += s.p[i] == '"' && i + 1 < s.n && s.p[i + 1] == '"';
    }
    return (struct str){out, n};
}

static void scan_all(struct row_needs *needs, struct str text, unsigned marks,
                     struct arena *scratch)
{
    scan_forms(needs, text, scratch);
    if (marks & (ROW_PERCENT | ROW_SLASHES))
        scan_forms(needs, as_webpath(text, scratch), scratch);
}

static bool met_alone(struct row_needs *needs, struct bytes row, bool sample,
                      struct arena *scratch)
{
    unsigned marks = row_marks(row);
    needs->unsure = !needs->always && !sample && marks == 0;
    if (needs->unsure) {
        literal_hits_clear(&needs->hits);
        literals_scan_raw(needs->triggers, row, &needs->hits);
        find_triggered(needs);
        return needs->n_left > 0;
    }
    if ((marks & ROW_HIGH && !utf8_valid(row)) || (marks & ROW_APOSTROPHES && !needs->web))
        return leave_all(needs);
    struct str text = {(const char *)row.p, row.n};
    literal_hits_clear(&needs->hits);
    needs->high = (marks & (ROW_HIGH | ROW_PERCENT)) != 0;
    scan_all(needs, text, marks, scratch);
    if (marks & ROW_QUOTES && !needs->web)
        scan_all(needs, with_single_quotes(text, scratch), marks, scratch);
    bool left = find_left(needs);
    if (sample)
        learn(needs);
    return left;
}

bool row_needs_met(struct row_needs *needs, struct bytes text, struct bytes row,
                   struct arena *scratch)
{
    bool sample = is_sample(needs);
    if (!needs->always && !sample &&
        row_window_look(needs->window, needs->triggers, text, row, &needs->hits) ==
            WINDOW_PLAIN) {
        needs->unsure = true;
        find_triggered(needs);
        return needs->n_left > 0;
    }
    return met_alone(needs, row, sample, scratch);
}

bool row_needs_sure(struct row_needs *needs, struct bytes row, bool narrow)
{
    size_t n = 0;
    if (!needs->unsure)
        return needs->n_left > 0;
    literal_hits_clear(&needs->hits);
    literals_scan_raw(needs->words, row, &needs->hits);
    for (size_t i = 0; i < needs->n_left; i++) {
        if (!all_met(needs, &needs->rules[needs->left[i]]))
            continue;
        if (!narrow)
            return true;
        needs->left[n++] = needs->left[i];
    }
    if (narrow)
        needs->n_left = n;
    return n > 0;
}

void row_needs_forget(struct row_needs *needs)
{
    row_window_forget(needs->window);
}

size_t row_needs_left(const struct row_needs *needs, const uint32_t **ret)
{
    *ret = needs->left;
    return needs->n_left;
}

/* ---- what decides the rules that are left ----------------------------------------------------------- */

struct wishing {
    const struct row_needs *needs;
    const struct feed *feed;
    struct str *names;
    size_t n, cap;
    bool whole; /* names are not enough */
    bool timed;
};

static void wish_name(struct wishing *w, struct str name)
{
    for (size_t i = 0; i < w->n; i++)
        if (str_eq(w->names[i], name))
            return;
    w->whole |= row_field_of(w->needs->kind, name).relation == ROW_AFTER;
    w->names = arena_grow(w->needs->arena, w->names, w->n, &w->cap, sizeof *w->names);
    w->names[w->n++] = name;
}

/* The query is offered with the stem, too. */
static void wish_value(struct wishing *w, struct str name)
{
    wish_name(w, name);
    if (w->needs->web && row_same_name(name, STR("cs-uri-query")))
        wish_name(w, STR("cs-uri-stem"));
}

static void wish_field(struct wishing *w, uint32_t field)
{
    if (field == FIELD_KEYWORD) {
        w->whole = true;
        return;
    }
    const struct view *view = NULL;
    for (size_t i = 0; w->feed && i < w->feed->n_views && !view; i++)
        if (w->feed->views[i].field == field)
            view = &w->feed->views[i];
    for (size_t i = 0; view && i < view->n_from; i++)
        wish_value(w, w->needs->names->list[view->from[i]]);
    if (!view)
        wish_value(w, w->needs->names->list[field]);
}

static void wish_node(struct wishing *w, const struct node *node)
{
    for (uint32_t i = 0; i < node->n; i++)
        wish_node(w, node->child[i]);
    if (node->kind != NODE_ITEM)
        return;
    wish_field(w, node->item->field);
    for (size_t i = 0; i < node->item->n; i++)
        for (const struct pattern *p = &node->item->patterns[i]; p; p = p->or_else) {
            w->timed |= p->part != PART_NONE;
            if (p->op == OP_FIELD)
                wish_field(w, p->other);
        }
}

static void make_wish(struct row_needs *needs, struct left *left, uint32_t *last_id)
{
    struct wishing w = {.needs = needs};
    for (size_t i = 0; i < left->n; i++) {
        const struct row_rule *rule = &needs->all[left->rules[i]];
        w.feed = NULL;
        if (rule->feed->conditions)
            wish_node(&w, rule->feed->conditions);
        w.feed = rule->feed;
        wish_node(&w, rule->node);
    }
    *last_id += *last_id == UINT32_MAX ? 2 : 1;
    left->wish = (struct wish){
        .names = w.names, .n = (uint32_t)w.n, .timed = w.timed, .id = w.whole ? 0 : *last_id};
}

const struct wish *row_needs_wish(struct row_needs *needs, uint32_t *last_id)
{
    if (needs->n_left == 0 || needs->n_left > LEFT_MAX)
        return NULL;
    size_t size = needs->n_left * sizeof *needs->left;
    struct left *left = needs->wishes;
    struct left *end = left + needs->n_wishes;
    while (left < end &&
           (left->n != needs->n_left || memcmp(left->rules, needs->left, size) != 0))
        left++;
    if (left == end) {
        if (needs->n_wishes == WISHES_MAX)
            return NULL;
        needs->n_wishes++;
        left->n = needs->n_left;
        memcpy(left->rules, needs->left, size);
        make_wish(needs, left, last_id);
    }
    return left->wish.id ? &left->wish : NULL;
}
