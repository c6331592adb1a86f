#include "rule/pack.h"

#include "base/num.h"

static const char *const axis_names[PACK_AXES] = {"exposure", "entry", "backdoor", "action",
                                                  "loss"};

const char *pack_axis_name(enum pack_axis axis)
{
    return axis < PACK_AXES ? axis_names[axis] : "";
}

bool build_parse(struct str text, struct build *ret)
{
    struct build b = {{0}};
    size_t at = 0;
    size_t n = 0;
    for (; n < 4; n++) {
        size_t end = str_find(text, STR("."), at);
        uint64_t v;
        if (!num_u64(str_part(text, at, end), &v) || v > UINT32_MAX)
            return false;
        b.part[n] = (uint32_t)v;
        if (end == SIZE_MAX)
            break;
        at = end + 1;
    }
    if (n == 0 || n == 4)
        return false;
    *ret = b;
    return true;
}

int build_cmp(const struct build *a, const struct build *b, size_t parts)
{
    for (size_t i = 0; i < parts; i++)
        if (a->part[i] != b->part[i])
            return a->part[i] < b->part[i] ? -1 : 1;
    return 0;
}

static bool is_zero(const struct build *b)
{
    static const struct build zero = {{0}};
    return build_cmp(b, &zero, 4) == 0;
}

enum build_state pack_judge_build(const struct pack *pack, const struct build *build,
                                  bool update_known, bool *ret_weak, struct str *ret_name)
{
    *ret_weak = false;
    *ret_name = STR("");
    for (size_t i = 0; i < pack->n_not_affected; i++) {
        const struct pack_range *r = &pack->not_affected[i];
        if (build_cmp(build, &r->from, 4) >= 0 && build_cmp(build, &r->to, 4) < 0)
            return BUILD_NOT_AFFECTED;
    }
    for (size_t i = 0; i < pack->n_fixed_from; i++) {
        const struct pack_line *l = &pack->fixed_from[i];
        if (build_cmp(build, &l->line, 2) == 0 && build_cmp(build, &l->build, 4) >= 0 &&
            (is_zero(&l->below) || build_cmp(build, &l->below, 4) < 0))
            return BUILD_FIXED;
    }
    for (size_t i = 0; i < pack->n_fixed; i++) {
        const struct pack_fix *f = &pack->fixed[i];
        if (build_cmp(build, &f->fixed, 3) != 0)
            continue;
        *ret_name = f->name;
        if (!update_known)
            return BUILD_UNKNOWN;
        if (build->part[3] < f->fixed.part[3])
            return BUILD_VULNERABLE;
        *ret_weak = !is_zero(&f->conflict) && build->part[3] < f->conflict.part[3];
        return BUILD_FIXED;
    }
    /* A line the table does not know (a later product) is not called vulnerable. */
    for (size_t i = 0; i < pack->n_fixed; i++)
        if (build_cmp(build, &pack->fixed[i].fixed, 2) == 0)
            return BUILD_VULNERABLE;
    return BUILD_UNKNOWN;
}

bool pack_knows_files(const struct pack *pack, const struct build *build)
{
    for (size_t i = 0; i < pack->n_known_files; i++)
        if (build_cmp(build, &pack->known_files[i], 4) == 0)
            return true;
    return false;
}

bool pack_needs(const struct pack *pack, enum pack_axis axis, struct str source)
{
    for (size_t i = 0; i < pack->n_needs[axis]; i++)
        for (size_t k = 0; k < pack->needs[axis][i].n; k++)
            if (str_eq(pack->needs[axis][i].any_of[k].source, source))
                return true;
    return false;
}

/* --- reading ---------------------------------------------------------------------------- */

static size_t count(const struct yaml *list)
{
    size_t n = 0;
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next)
        n++;
    return n;
}

static int want_flag(const struct yaml *map, const char *key, bool *ret, struct err *err)
{
    struct str text = yaml_text(map, key);
    *ret = str_eq(text, STR("true"));
    if (text.n && !*ret && !str_eq(text, STR("false")))
        return err_set(err, ERR_INVALID, "`%s` is true or false", key);
    return 0;
}

static int want_time(const struct yaml *map, const char *key, instant *ret, struct err *err)
{
    struct str text = yaml_text(map, key);
    *ret = INSTANT_NONE;
    if (text.n && !instant_parse(text, ret))
        return err_set(err, ERR_INVALID, "line %u: %s \"%.*s\" is not a date", map->line, key,
                       STR_ARG(text));
    return 0;
}

static int want_build(const struct yaml *map, const char *key, struct build *ret,
                      struct err *err)
{
    struct str text = yaml_text(map, key);
    *ret = (struct build){{0}};
    if (text.n && !build_parse(text, ret))
        return err_set(err, ERR_INVALID, "line %u: %s \"%.*s\" is not a build", map->line, key,
                       STR_ARG(text));
    return 0;
}

static int read_phases(const struct yaml *list, struct arena *arena, struct pack *p,
                       struct err *err)
{
    p->phases = ARENA_ARRAY(arena, struct pack_phase, count(list));
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next) {
        struct pack_phase *ph = &p->phases[p->n_phases++];
        ph->id = yaml_text(y, "id");
        ph->what = yaml_text(y, "what");
        if (want_time(y, "from", &ph->from, err) < 0 || want_time(y, "to", &ph->to, err) < 0)
            return -1;
        if (ph->from == INSTANT_NONE)
            return err_set(err, ERR_INVALID, "line %u: a phase needs `from`", y->line);
    }
    if (p->n_phases == 0 && !p->general)
        return err_set(err, ERR_INVALID, "a pack needs `phases`");
    if (p->n_phases && p->general)
        return err_set(err, ERR_INVALID, "a general pack has no `phases`");
    return 0;
}

static void read_traces(const struct yaml *list, struct arena *arena, struct pack *p)
{
    p->traces = ARENA_ARRAY(arena, struct pack_trace, count(list));
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next)
        p->traces[p->n_traces++] = (struct pack_trace){
            .kind = yaml_text(y, "kind"),
            .channel = yaml_text(y, "channel"),
            .channel_prefix = yaml_text(y, "channel_prefix"),
            .provider_prefix = yaml_text(y, "provider_prefix"),
            .path_part = yaml_text(y, "path_part"),
        };
}

static int read_known_files(const struct yaml *list, struct arena *arena, struct pack *p,
                            struct err *err)
{
    p->known_files = ARENA_ARRAY(arena, struct build, count(list));
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next)
        if (!build_parse(y->text, &p->known_files[p->n_known_files++]))
            return err_set(err, ERR_INVALID, "line %u: known_files: \"%.*s\" is not a build",
                           y->line, STR_ARG(y->text));
    return 0;
}

static int read_builds(const struct yaml *map, struct arena *arena, struct pack *p,
                       struct err *err)
{
    const struct yaml *ranges = yaml_get(map, "not_affected");
    const struct yaml *lines = yaml_get(map, "fixed_from");
    const struct yaml *fixes = yaml_get(map, "fixed");
    p->not_affected = ARENA_ARRAY(arena, struct pack_range, count(ranges));
    p->fixed_from = ARENA_ARRAY(arena, struct pack_line, count(lines));
    p->fixed = ARENA_ARRAY(arena, struct pack_fix, count(fixes));
    for (const struct yaml *y = ranges ? ranges->child : NULL; y; y = y->next) {
        struct pack_range *r = &p->not_affected[p->n_not_affected++];
        r->why = yaml_text(y, "why");
        if (want_build(y, "from", &r->from, err) < 0 || want_build(y, "to", &r->to, err) < 0)
            return -1;
    }
    for (const struct yaml *y = lines ? lines->child : NULL; y; y = y->next) {
        struct pack_line *l = &p->fixed_from[p->n_fixed_from++];
        if (want_build(y, "line", &l->line, err) < 0 ||
            want_build(y, "build", &l->build, err) < 0 ||
            want_build(y, "below", &l->below, err) < 0)
            return -1;
    }
    for (const struct yaml *y = fixes ? fixes->child : NULL; y; y = y->next) {
        struct pack_fix *f = &p->fixed[p->n_fixed++];
        f->name = yaml_text(y, "name");
        f->kb = yaml_text(y, "kb");
        if (want_build(y, "base", &f->base, err) < 0 ||
            want_build(y, "fixed", &f->fixed, err) < 0 ||
            want_build(y, "conflict", &f->conflict, err) < 0)
            return -1;
    }
    return read_known_files(yaml_get(map, "known_files"), arena, p, err);
}

static int read_source(const struct yaml *y, struct arena *arena, struct pack_source *ret,
                       struct err *err)
{
    const struct yaml *parts = yaml_get(y, "parts");
    struct str tolerance = yaml_text(y, "tolerance");
    struct str *names = ARENA_ARRAY(arena, struct str, count(parts));
    size_t n = 0;
    for (const struct yaml *part = parts ? parts->child : NULL; part; part = part->next)
        names[n++] = part->text;
    *ret = (struct pack_source){.source = yaml_text(y, "source"), .parts = names, .n_parts = n};
    if (ret->source.n == 0)
        return err_set(err, ERR_INVALID, "line %u: a needed source needs `source`", y->line);
    if (tolerance.n && !duration_parse(tolerance, &ret->tolerance))
        return err_set(err, ERR_INVALID, "line %u: tolerance \"%.*s\" is not a duration",
                       y->line, STR_ARG(tolerance));
    return 0;
}

static int read_need(const struct yaml *y, struct arena *arena, struct pack_need *ret,
                     struct err *err)
{
    const struct yaml *any = yaml_get(y, "any_of");
    size_t n = any ? count(any) : 1;
    struct pack_source *sources = ARENA_ARRAY(arena, struct pack_source, n);
    if (!any && read_source(y, arena, sources, err) < 0)
        return -1;
    size_t i = 0;
    for (const struct yaml *s = any ? any->child : NULL; s; s = s->next)
        if (read_source(s, arena, &sources[i++], err) < 0)
            return -1;
    *ret = (struct pack_need){.any_of = sources, .n = n, .why = yaml_text(y, "why")};
    return 0;
}

static int read_needs(const struct yaml *map, struct arena *arena, struct pack *p,
                      struct err *err)
{
    for (size_t axis = 0; axis < PACK_AXES; axis++) {
        const struct yaml *list = yaml_get(map, axis_names[axis]);
        p->needs[axis] = ARENA_ARRAY(arena, struct pack_need, count(list));
        for (const struct yaml *y = list ? list->child : NULL; y; y = y->next)
            if (read_need(y, arena, &p->needs[axis][p->n_needs[axis]++], err) < 0)
                return -1;
        p->standing = p->standing || (p->general && p->n_needs[axis] > 0);
    }
    return 0;
}

static void read_texts(const struct yaml *root, struct arena *arena, struct pack *p)
{
    const struct yaml *advice = yaml_get(root, "advice");
    const struct yaml *collect = yaml_get(root, "collect");
    p->advice = ARENA_ARRAY(arena, struct pack_advice, count(advice));
    p->collect = ARENA_ARRAY(arena, struct pack_collect, count(collect));
    for (const struct yaml *y = advice ? advice->child : NULL; y; y = y->next)
        p->advice[p->n_advice++] = (struct pack_advice){
            .id = yaml_text(y, "id"),
            .text = yaml_text(y, "text"),
            .source = yaml_text(y, "source"),
            .when = yaml_get(y, "when"),
        };
    for (const struct yaml *y = collect ? collect->child : NULL; y; y = y->next)
        p->collect[p->n_collect++] = (struct pack_collect){
            .what = yaml_text(y, "what"),
            .commands = yaml_get(y, "commands"),
        };
}

/* Whose facts a campaign may claim, and what it may conclude from them. */
static int read_claims(const struct yaml *root, struct arena *arena, struct pack *p,
                       struct err *err)
{
    const struct yaml *list = yaml_get(root, "claims");
    struct str *claims = ARENA_ARRAY(arena, struct str, count(list));
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next)
        claims[p->n_claims++] = y->text;
    p->claims = claims;
    if (want_flag(root, "infers", &p->infers, err) < 0)
        return -1;
    if (p->general && (p->infers || (p->n_claims && !p->standing)))
        return err_set(err, ERR_INVALID,
                       "a general pack infers nothing, and claims nothing without `needs`");
    if (p->infers && p->n_claims == 0)
        return err_set(err, ERR_INVALID, "`infers` without `claims`: inferred from what?");
    return 0;
}

bool pack_claims(const struct pack *pack, struct str general)
{
    for (size_t i = 0; i < pack->n_claims; i++)
        if (str_eq(pack->claims[i], general))
            return true;
    return false;
}

static int read_hints(const struct yaml *list, struct arena *arena, struct pack *p,
                      struct err *err)
{
    p->hints = ARENA_ARRAY(arena, struct pack_hint, count(list));
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next) {
        struct pack_hint *h = &p->hints[p->n_hints++];
        *h = (struct pack_hint){.actor = yaml_text(y, "actor"),
                                .kind = yaml_text(y, "kind"),
                                .value = yaml_text(y, "value"),
                                .source = yaml_text(y, "source")};
        if (want_time(y, "from", &h->from, err) < 0 || want_time(y, "to", &h->to, err) < 0)
            return -1;
        if (h->actor.n == 0 || h->kind.n == 0 || h->value.n == 0 || h->source.n == 0)
            return err_set(err, ERR_INVALID,
                           "line %u: a hint needs `actor`, `kind`, `value` and `source`",
                           y->line);
    }
    return 0;
}

int pack_parse(struct str text, struct arena *arena, struct pack *ret, struct err *err)
{
    struct yaml *root = NULL;
    if (yaml_parse(text, arena, &root, err) < 0)
        return -1;
    struct pack p = {
        .id = yaml_text(root, "id"),
        .title = yaml_text(root, "title"),
        .product = yaml_text(root, "product"),
        .about = yaml_text(root, "about"),
        .as_of = yaml_text(root, "as_of"),
        .cves = yaml_get(root, "cves"),
    };
    if (p.id.n == 0)
        return err_set(err, ERR_INVALID, "a pack needs an `id`");
    if (want_flag(root, "general", &p.general, err) < 0)
        return err_at(err, "pack %.*s", STR_ARG(p.id));
    read_traces(yaml_get(root, "traces"), arena, &p);
    read_texts(root, arena, &p);
    if (read_phases(yaml_get(root, "phases"), arena, &p, err) < 0 ||
        read_builds(yaml_get(root, "builds"), arena, &p, err) < 0 ||
        read_needs(yaml_get(root, "needs"), arena, &p, err) < 0 ||
        read_claims(root, arena, &p, err) < 0 ||
        read_hints(yaml_get(root, "hints"), arena, &p, err) < 0)
        return err_at(err, "pack %.*s", STR_ARG(p.id));
    *ret = p;
    return 0;
}
