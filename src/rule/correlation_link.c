/* correlation_link.c - correlations of a rule set: which rules they mean, and which fields of
 * their matches are needed. */
#include <assert.h>
#include <stdlib.h>

#include "rule/correlation_int.h"
#include "rule/nearest.h"

enum {
    SHOWN = 60,
    DEPTH_MAX = 64,      /* documents that wait for each other */
    VISITS_MAX = 100000, /* to see what one correlation needs */
};

#define SHORT(s) (int)((s).n > SHOWN ? SHOWN : (s).n), (s).p

/* ---- documents by id and name ---- */

static int by_key(const void *x, const void *y)
{
    const struct named *a = x;
    const struct named *b = y;
    return str_cmp(a->key, b->key);
}

static struct named *sorted(struct ruleset *set, const char *key, size_t *ret_n)
{
    struct named *list = NULL;
    size_t n = 0;
    size_t cap = 0;
    for (struct document *d = set->documents.first; d; d = d->next) {
        struct str text = yaml_text(d->yaml, key);
        if (text.n == 0 || document_is_filter(d))
            continue;
        list = arena_grow(set->arena, list, n, &cap, sizeof *list);
        list[n++] = (struct named){text, d};
    }
    if (n)
        qsort(list, n, sizeof *list, by_key);
    *ret_n = n;
    return list;
}

/* The document that a correlation means: of its own file if there is one. *ret_n is how many
 * others of the same rank are called so. */
static struct document *find(struct named *list, size_t n, struct str key,
                             const struct document *from, size_t *ret_n)
{
    size_t low = 0;
    size_t high = n;
    struct document *own = NULL;
    struct document *other = NULL;
    size_t n_own = 0;
    size_t n_other = 0;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (str_cmp(list[middle].key, key) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    for (; low < n && str_eq(list[low].key, key); low++) {
        struct document *d = list[low].document;
        if (d == from)
            continue;
        bool is_own = str_eq(d->path, from->path);
        own = is_own && !own ? d : own;
        other = !is_own && !other ? d : other;
        n_own += is_own;
        n_other += !is_own;
    }
    *ret_n = own ? n_own : n_other;
    return own ? own : other;
}

static struct document *resolve(struct ruleset *set, const struct document *from,
                                struct str name, struct err *err)
{
    size_t n = 0;
    struct document *d = find(set->by_id, set->n_by_id, name, from, &n);
    if (d)
        return d; /* the same rule in two sets: either will do */
    d = find(set->by_name, set->n_by_name, name, from, &n);
    if (n > 1) {
        (void)err_set(err, ERR_INVALID,
                      "correlation: %zu rules have the name '%.*s': refer to one by its id", n,
                      SHORT(name));
        return NULL;
    }
    if (d)
        return d;
    struct nearest near = nearest_to(name);
    for (size_t i = 0; i < set->n_by_name; i++)
        if (str_eq(set->by_name[i].document->path, from->path))
            nearest_try(&near, set->by_name[i].key);
    (void)err_set(err, ERR_INVALID, "correlation: no rule has the id or name '%.*s'",
                  SHORT(name));
    if (near.best.n)
        (void)err_behind(err, " (did you mean '%.*s'?)", STR_ARG(near.best));
    return NULL;
}

/* ---- what is needed besides what was chosen ---- */

struct walk {
    struct ruleset *set;
    bool fits; /* the log source of some rule is wanted */
    size_t visits;
};

/* Goes through all that a correlation refers to. */
static void visit(struct walk *w, const struct document *d, unsigned depth,
                  void (*on)(struct walk *w, struct document *d))
{
    struct compile_place at = {0};
    struct correlation_text *text = ARENA_NEW(w->set->arena, struct correlation_text);
    struct err ignored = {0}; /* told when it is compiled */
    if (depth > CORRELATION_CHAIN_MAX || ++w->visits > VISITS_MAX ||
        !document_is_correlation(d) ||
        correlation_parse(d->yaml, w->set->arena, &at, text, &ignored) != 0)
        return;
    for (uint32_t i = 0; i < text->made.n_members; i++) {
        struct document *member = resolve(w->set, d, text->rules[i], &ignored);
        if (!member)
            continue;
        on(w, member);
        visit(w, member, depth + 1, on);
    }
}

static void look_at_logsource(struct walk *w, struct document *d)
{
    w->fits = w->fits || choice_takes_logsource(w->set->choice, d->yaml);
}

static void need(struct walk *w, struct document *d)
{
    (void)w;
    d->needed = true;
}

static void choose(struct ruleset *set, struct document *d)
{
    struct walk w = {.set = set};
    const struct choice *choice = set->choice;
    bool any = choice->logsource.n_wanted + choice->logsource.n_unwanted == 0;
    if (!any)
        visit(&w, d, 0, look_at_logsource);
    if (choice_takes_correlation(choice, d->yaml) && (any || w.fits))
        visit(&w, d, 0, need);
    else
        d->state = DOCUMENT_LEFT_OUT;
}

void correlations_prepare(struct ruleset *set)
{
    bool any = false;
    for (struct document *d = set->documents.first; d; d = d->next)
        any = any || document_is_correlation(d);
    if (!any)
        return;
    set->by_id = sorted(set, "id", &set->n_by_id);
    set->by_name = sorted(set, "name", &set->n_by_name);
    for (struct document *d = set->documents.first; d && set->choice; d = d->next)
        if (document_is_correlation(d) && d->pack.n == 0)
            choose(set, d);
}

/* ---- one correlation ---- */

struct linking {
    struct ruleset *set;
    struct correlation_text **texts; /* by number of rule; NULL: no correlation */
    size_t n, cap;
    unsigned depth;
};

static struct document *document_of(struct linking *l, const struct document *from,
                                    struct str name, struct err *err);
static int link_document(struct linking *l, struct document *d, struct err *err);

/* One for each rule; of those that are no correlation, an empty one. */
static void make_room(struct linking *l)
{
    while (l->n < l->set->n) {
        l->texts = arena_grow(l->set->arena, l->texts, l->n, &l->cap,
                              sizeof(const struct correlation_text *));
        l->texts[l->n++] = NULL;
    }
}

static struct str called(const struct document *d)
{
    struct str name = yaml_text(d->yaml, "name");
    return name.n ? name : yaml_text(d->yaml, "title");
}

/* A rule that stands alone and has an aggregation is a correlation in all but form. */
static bool is_correlating(const struct document *d)
{
    return document_is_correlation(d) || correlation_is_old(d->yaml);
}

static struct document *document_of(struct linking *l, const struct document *from,
                                    struct str name, struct err *err)
{
    struct document *d = resolve(l->set, from, name, err);
    if (!d)
        return NULL;
    if (d->state == DOCUMENT_OPEN) {
        (void)err_set(err, ERR_INVALID, "correlation: '%.*s' refers to itself",
                      SHORT(called(d)));
        return NULL;
    }
    if (d->state == DOCUMENT_WAITING && is_correlating(d))
        (void)link_document(l, d, err);
    if (d->state == DOCUMENT_USED)
        return d;
    (void)err_set(err, err->code == ERR_UNSUPPORTED ? ERR_UNSUPPORTED : ERR_INVALID,
                  "correlation: its rule '%.*s' is not in use%s", SHORT(name),
                  d->state == DOCUMENT_REFUSED ? ": it was refused" : "");
    return NULL;
}

static bool is_meant(const struct correlation_alias *a, struct str called_as,
                     const struct rule *rule)
{
    return str_eq(a->rule, called_as) || (rule->name.n && str_eq(a->rule, rule->name)) ||
           (rule->id.n && str_eq(a->rule, rule->id));
}

static int check_aliases(struct linking *l, const struct document *d,
                         const struct correlation_text *text, struct err *err)
{
    const struct correlation *c = &text->made;
    for (size_t i = 0; i < text->n_aliases; i++) {
        const struct correlation_alias *a = &text->aliases[i];
        bool known = false;
        bool used = false;
        for (uint32_t k = 0; k < c->n_members; k++)
            known = known || is_meant(a, text->rules[k], &l->set->rules[c->members[k].rule]);
        for (uint32_t k = 0; k < c->n_group; k++)
            used = used || str_eq(a->name, c->group[k]);
        for (uint32_t k = 0; k < c->n_value; k++)
            used = used || str_eq(a->name, c->value[k]);
        l->set->compiler.at = (struct compile_place){.node = a->at, .key = true};
        if (!known)
            return err_set(err, ERR_INVALID,
                           "correlation: the alias '%.*s' is for '%.*s', which is none of its "
                           "rules",
                           SHORT(a->name), SHORT(a->rule));
        bool first = i == 0 || !str_eq(text->aliases[i - 1].name, a->name);
        if (!used && first)
            ruleset_notice(l->set, d, a->at,
                           arena_printf(l->set->arena,
                                        "correlation: nothing uses the alias '%.*s'",
                                        STR_ARG(a->name)));
    }
    return 0;
}

/* One record must not stand for two members only because a rule has two names. */
static bool is_member(const struct correlation *c, uint32_t n, uint32_t rule)
{
    for (uint32_t i = 0; i < n; i++)
        if (c->members[i].rule == rule)
            return true;
    return false;
}

static int find_members(struct linking *l, struct document *d, struct correlation_text *text,
                        struct err *err)
{
    struct correlation *c = &text->made;
    c->members = ARENA_ARRAY(l->set->arena, struct correlation_member, c->n_members);
    for (uint32_t i = 0; i < c->n_members; i++) {
        struct err why = {0};
        const struct document *member = document_of(l, d, text->rules[i], &why);
        l->set->compiler.at = (struct compile_place){.node = text->rules_at[i]};
        if (!member) {
            *err = why;
            return -1;
        }
        if (is_member(c, i, member->rule))
            return err_set(
                err, ERR_INVALID,
                "correlation: the rule '%.*s' is named twice, by its name and its id",
                SHORT(text->rules[i]));
        const struct correlation *other = l->set->rules[member->rule].correlation;
        c->members[i] =
            (struct correlation_member){.rule = member->rule, .is_correlation = other != NULL};
        if (other && (c->type == CORRELATE_SUM || c->type == CORRELATE_AVERAGE ||
                      c->type == CORRELATE_RANK))
            return err_set(err, ERR_UNSUPPORTED,
                           "correlation: %s of '%.*s', which is a correlation: its events "
                           "have no one value",
                           correlation_type_name(c->type), SHORT(text->rules[i]));
        if (other && other->chain >= c->chain)
            c->chain = other->chain + 1;
    }
    return 0;
}

static const struct node *never(struct ruleset *set)
{
    struct node *node = ARENA_NEW(set->arena, struct node);
    node->kind = NODE_OR; /* of nothing */
    return node;
}

static int append(struct linking *l, struct document *d, const struct yaml *yaml,
                  struct correlation_text *text, struct err *err)
{
    struct ruleset *set = l->set;
    struct correlation *made = ARENA_NEW(set->arena, struct correlation);
    const struct compiled compiled = {.node = never(set)};
    struct rule rule = {.id = yaml_text(yaml, "id"),
                        .name = yaml_text(yaml, "name"),
                        .title = yaml_text(yaml, "title"),
                        .path = d->path,
                        .status = yaml_text(yaml, "status"),
                        .pack = d->pack,
                        .correlation = made,
                        .document = yaml};
    if (ruleset_read_level(set, yaml, &rule.level, err) != 0)
        return -1;
    *made = text->made;
    ruleset_append(set, &rule, &compiled);
    make_room(l);
    assert(l->texts);
    l->texts[set->n - 1] = text;
    return 0;
}

static int link_new(struct linking *l, struct document *d, struct err *err)
{
    struct ruleset *set = l->set;
    const struct yaml *yaml = d->yaml;
    struct correlation_text *text = ARENA_NEW(set->arena, struct correlation_text);
    if (d->pack.n == 0 && set->n_pipelines &&
        pipeline_apply(set->pipelines, set->n_pipelines, d->yaml, set->arena, &yaml, err) != 0)
        return -1;
    if (correlation_parse(yaml, set->arena, &set->compiler.at, text, err) != 0 ||
        find_members(l, d, text, err) != 0 || check_aliases(l, d, text, err) != 0)
        return -1;
    if (text->made.chain >= CORRELATION_CHAIN_MAX)
        return err_set(err, ERR_LIMIT, "correlation: a chain of more than %d",
                       CORRELATION_CHAIN_MAX);
    return append(l, d, yaml, text, err);
}

static int link_old(struct linking *l, struct document *d, struct err *err)
{
    struct ruleset *set = l->set;
    struct correlation_old *old = ARENA_NEW(set->arena, struct correlation_old);
    if (correlation_old_parse(d->yaml, set->arena, &set->compiler.at, old, err) != 0)
        return -1;
    if (d->pack.n == 0 && set->n_pipelines)
        return err_set(err, ERR_UNSUPPORTED,
                       "an aggregation in a condition: pipelines do not know its fields");
    struct correlation *c = &old->text.made;
    c->members = ARENA_ARRAY(set->arena, struct correlation_member, c->n_members);
    for (uint32_t i = 0; i < c->n_members; i++) {
        struct document member = *d;
        member.yaml = correlation_old_member(d->yaml, old->conditions[i], set->arena);
        set->compiler.at = (struct compile_place){.node = d->yaml};
        if (ruleset_compile(set, &member, err) != 0)
            return -1;
        set->rules[set->n - 1].made = true;
        c->members[i].rule = (uint32_t)(set->n - 1);
    }
    return append(l, d, d->yaml, &old->text, err);
}

static int link_document(struct linking *l, struct document *d, struct err *err)
{
    size_t before = l->set->n;
    int failed = -1;
    struct err why = {0};
    l->set->compiler.at = (struct compile_place){.node = d->yaml};
    d->state = DOCUMENT_OPEN;
    if (++l->depth > DEPTH_MAX)
        (void)err_set(&why, ERR_LIMIT, "correlation: a chain of more than %d", DEPTH_MAX);
    else
        failed = document_is_correlation(d) ? link_new(l, d, &why) : link_old(l, d, &why);
    l->depth--;
    d->state = failed ? DOCUMENT_REFUSED : DOCUMENT_USED;
    d->rule = (uint32_t)(l->set->n - 1);
    if (failed && correlation_is_old(d->yaml))
        l->set->n = before; /* of its parts */
    if (failed) {
        ruleset_refuse_document(l->set, d, &why);
        *err = why;
    }
    return failed;
}

/* ---- fields ---- */

/* What a field of a correlation is called in the events of one of its members. */
static struct str field_of(const struct correlation_text *text, const struct ruleset *set,
                           uint32_t member, struct str name)
{
    const struct rule *rule = &set->rules[text->made.members[member].rule];
    struct str as = text->rules[member];
    for (size_t i = 0; i < text->n_aliases; i++)
        if (str_eq(text->aliases[i].name, name) && is_meant(&text->aliases[i], as, rule))
            return text->aliases[i].field;
    return name;
}

static uint16_t tap_field(struct ruleset *set, uint32_t rule, struct str name)
{
    struct tapped *t = &set->tapped[rule];
    uint32_t field = names_intern(&set->names, name);
    for (size_t i = 0; i < t->n_fields; i++)
        if (t->fields[i] == field)
            return (uint16_t)i;
    uint32_t *more = ARENA_ARRAY(set->arena, uint32_t, t->n_fields + 1);
    if (t->n_fields)
        memcpy(more, t->fields, t->n_fields * sizeof *more);
    more[t->n_fields] = field;
    t->fields = more;
    return (uint16_t)t->n_fields++;
}

/* False if there are too many. */
static bool carry_field(struct correlation *c, struct str name, uint16_t *ret)
{
    uint32_t i = 0;
    while (i < c->n_carry && !str_eq(c->carry[i], name))
        i++;
    if (i == CORRELATION_CARRY_MAX)
        return false;
    if (i == c->n_carry)
        c->carry[c->n_carry++] = name;
    *ret = (uint16_t)i;
    return true;
}

static const uint16_t *places(struct linking *l, const struct correlation_text *text,
                              uint32_t member, const struct str *names, uint32_t n)
{
    struct ruleset *set = l->set;
    const struct correlation_member *m = &text->made.members[member];
    uint16_t *ret = ARENA_ARRAY(set->arena, uint16_t, n);
    for (uint32_t i = 0; i < n; i++) {
        struct str name = field_of(text, set, member, names[i]);
        if (!m->is_correlation)
            ret[i] = tap_field(set, m->rule, name);
        else if (!carry_field(&l->texts[m->rule]->made, name, &ret[i]))
            return NULL;
    }
    return ret;
}

/* Fields that later ones ask for must be known before: they go through the highest numbers
 * first. `made` of the texts is what counts until the end. */
static bool place_fields(struct linking *l, uint32_t number)
{
    struct correlation_text *text = l->texts[number];
    struct correlation *c = &text->made;
    for (uint32_t i = 0; i < c->n_members; i++) {
        struct correlation_member *m = &c->members[i];
        m->group = places(l, text, i, c->group, c->n_group);
        m->value = places(l, text, i, c->value, c->n_value);
        m->carry = places(l, text, i, c->carry, c->n_carry);
        if (!m->group || !m->value || !m->carry)
            return false;
    }
    return true;
}

static void add_tap(struct ruleset *set, uint32_t rule, struct tap tap)
{
    struct tapped *t = &set->tapped[rule];
    struct tap *more = ARENA_ARRAY(set->arena, struct tap, t->n_taps + 1);
    if (t->n_taps)
        memcpy(more, t->taps, t->n_taps * sizeof *more);
    more[t->n_taps++] = tap;
    t->taps = more;
}

/* A rule that correlations rest on is told itself only where one of them says so. What packs
 * say is the verdict: nobody else's correlation silences it. */
static void silence(struct ruleset *set)
{
    bool *wanted = ARENA_ARRAY(set->arena, bool, set->n);
    for (size_t i = 0; i < set->n; i++) {
        const struct correlation *c = set->rules[i].correlation;
        for (uint32_t k = 0; c && k < c->n_members; k++) {
            struct rule *member = &set->rules[c->members[k].rule];
            wanted[c->members[k].rule] = wanted[c->members[k].rule] || c->generate;
            if (member->pack.n == 0 || str_eq(member->pack, set->rules[i].pack))
                member->silent = true;
        }
    }
    for (size_t i = 0; i < set->n; i++)
        set->rules[i].silent = set->rules[i].made || (set->rules[i].silent && !wanted[i]);
    for (const struct document *d = set->documents.first; d; d = d->next)
        if (d->state == DOCUMENT_USED && d->needed && set->choice && d->pack.n == 0 &&
            !document_is_correlation(d) && !choice_takes(set->choice, d->yaml))
            set->rules[d->rule].silent = true;
}

static void finish(struct linking *l)
{
    struct ruleset *set = l->set;
    set->tapped = ARENA_ARRAY(set->arena, struct tapped, set->n);
    set->n_tapped = set->n;
    for (size_t i = set->n; i > 0; i--) {
        if (!set->rules[i - 1].correlation)
            continue;
        bool placed = place_fields(l, (uint32_t)(i - 1));
        struct correlation *made = ARENA_NEW(set->arena, struct correlation);
        *made = l->texts[i - 1]->made;
        if (!placed) { /* of a chain's end: its field count is bounded by its members' */
            made->n_members = 0;
            ruleset_notice(set,
                           &(struct document){.path = set->rules[i - 1].path,
                                              .yaml = set->rules[i - 1].document},
                           NULL,
                           STR("correlation: too many fields are asked for: it is not "
                               "evaluated"));
        }
        set->rules[i - 1].correlation = made;
    }
    for (uint32_t i = 0; i < set->n; i++) {
        const struct correlation *c = set->rules[i].correlation;
        for (uint32_t k = 0; c && k < c->n_members; k++)
            if (!c->members[k].is_correlation)
                add_tap(set, c->members[k].rule, (struct tap){i, k});
    }
    silence(set);
}

void correlations_link(struct ruleset *set)
{
    struct linking l = {.set = set};
    bool any = false;
    for (struct document *d = set->documents.first; d; d = d->next) {
        struct err ignored = {0};
        if (document_is_filter(d) || !document_means_rule(d->yaml) || !is_correlating(d))
            continue;
        if (d->state == DOCUMENT_WAITING && d->problem.code == ERR_NONE)
            (void)link_document(&l, d, &ignored);
        any = any || d->state == DOCUMENT_USED;
    }
    if (any) {
        make_room(&l);
        finish(&l);
    }
}
