/* engine_random_main.c - the fast matcher against the plain one, over made rules and events.
 *
 * engine_random ROUNDS [SEEDS]   SEEDS: a file of numbers, tried first
 *   Each round makes some rules and events of the same few letters, from one seed. Where the two
 *   differ, rule and event are made smaller as long as they do, and are told with the seed.
 */
#include "made_rules.h"
#include "random_rounds.h"
#include "rule/rules.h"

enum {
    RULES = 14,  /* of a round */
    EVENTS = 12, /* of a round */
    FIELDS = 8,
    TOLD_MAX = 3,
};

static const char *const sources[] = {
    "{product: windows}",
    "{product: windows}",
    "{product: windows, service: security}",
    "{product: windows, category: process_creation}",
    "{product: windows, category: process_creation}",
    "{product: windows, category: network_connection}",
    "{product: windows, category: registry_add}",
    "{product: windows, category: registry_event}",
    "{product: windows, category: webserver}",
};

static const char *const names[] = {"F",
                                    "G",
                                    "H",
                                    "f",
                                    "F G",
                                    "Image",
                                    "User",
                                    "NewProcessName",
                                    "Data",
                                    "Channel",
                                    "Hashes",
                                    "ProcessId",
                                    "Direction",
                                    "Provider_Name",
                                    "TimeCreated",
                                    "cs-uri-query",
                                    "c-uri",
                                    "cs-uri-stem",
                                    "Initiated",
                                    "EventType",
                                    "EventID",
                                    "SubjectUserName",
                                    "SubjectDomainName",
                                    "Application"};

static const struct made_names MADE = {sources, sizeof sources / sizeof *sources, names,
                                       sizeof names / sizeof *names};

/* ---- events ---- */

static const struct event heads[] = {
    {.kind = EVENT_WINDOWS,
     .event_id = 1,
     .channel = {"Microsoft-Windows-Sysmon/Operational", 36}},
    {.kind = EVENT_WINDOWS, .event_id = 4688, .channel = {"Security", 8}},
    {.kind = EVENT_WINDOWS, .event_id = 4657, .channel = {"Security", 8}},
    {.kind = EVENT_WINDOWS, .event_id = 5156, .channel = {"SECURITY", 8}},
    {.kind = EVENT_WINDOWS, .event_id = 4624, .channel = {"ab", 2}},
    {.kind = EVENT_WINDOWS,
     .event_id = 12,
     .channel = {"Microsoft-Windows-Sysmon/Operational", 36}},
    {.kind = EVENT_IIS},
};

static struct str event_value(struct random *r, struct arena *arena)
{
    static const char *const others[] = {"10.1.2.3",
                                         "192.0.2.7",
                                         "%%1904",
                                         "%%14592",
                                         "false",
                                         "true",
                                         "1",
                                         "0x1",
                                         "2021-03-14T06:40:13Z",
                                         "{AB-0}",
                                         "4624",
                                         "CreateKey",
                                         "\\device\\harddiskvolume2\\ab",
                                         "S-1-16-12288"};
    if (below(r, 4) == 0)
        return str_of(ONE_OF(r, others));
    return text_of(r, arena, below(r, 12) == 0 ? 40 : 6);
}

static void make_event(struct random *r, struct arena *arena, struct event *ev)
{
    *ev = heads[below(r, sizeof heads / sizeof *heads)];
    ev->time = below(r, 4) ? instant_of_civil(2021, 3, 14, 6, 40, 13) : INSTANT_NONE;
    ev->provider = below(r, 2) ? STR("Ab") : STR("");
    ev->host = below(r, 2) ? STR("aB") : STR("");
    for (size_t n = below(r, FIELDS); n > 0; n--) {
        static const enum field_type types[] = {FIELD_TEXT, FIELD_TEXT,   FIELD_TEXT,
                                                FIELD_TEXT, FIELD_NUMBER, FIELD_GUID,
                                                FIELD_NULL};
        static const enum field_section sections[] = {
            SECTION_DATA, SECTION_DATA,   SECTION_DATA,    SECTION_DATA,
            SECTION_DATA, SECTION_SYSTEM, SECTION_MESSAGE, SECTION_DERIVED};
        struct str name = str_of(below(r, 10) ? ONE_OF(r, names) : "image");
        enum field_type type = types[below(r, sizeof types / sizeof *types)];
        enum field_section section = sections[below(r, sizeof sections / sizeof *sections)];
        struct str value = type == FIELD_NULL ? STR("") : event_value(r, arena);
        if (str_eq(name, STR("Channel")) || str_eq(name, STR("EventID")))
            continue; /* the head's own; readers give no others */
        if (str_eq(name, STR("Data")) && below(r, 2))
            name = STR("");
        event_add(ev, arena, section, type, name, value);
    }
}

static void tell_event(const struct event *ev)
{
    printf("kind %d id %u channel %.*s provider %.*s host %.*s%s\n", (int)ev->kind,
           (unsigned)ev->event_id, STR_ARG(ev->channel), STR_ARG(ev->provider),
           STR_ARG(ev->host), ev->time == INSTANT_NONE ? "" : " timed");
    for (size_t i = 0; i < ev->n; i++)
        printf("  section %d type %d [%.*s] = [%.*s]\n", (int)ev->fields[i].section,
               (int)ev->fields[i].type, STR_ARG(ev->fields[i].name),
               STR_ARG(ev->fields[i].value));
}

/* ---- comparing ---- */

struct pair {
    struct ruleset *set;
    struct matcher *plain;
    struct matcher *fast;
};

static struct pair open_pair(const struct made_rule *rules, size_t n, struct arena *arena)
{
    struct pair p = {.set = ruleset_new()};
    for (size_t i = 0; i < n; i++)
        ruleset_add(p.set, STR("made.yml"), STR(""), rule_text(&rules[i], i, arena));
    ruleset_freeze(p.set);
    p.plain = matcher_new_plain(p.set);
    p.fast = matcher_new(p.set);
    return p;
}

static void close_pair(struct pair *p)
{
    matcher_free(p->plain);
    matcher_free(p->fast);
    ruleset_free(p->set);
}

static bool is_wished(const struct wish *wish, const struct event *ev, size_t field)
{
    for (uint32_t i = 0; i < wish->n; i++) {
        size_t at = 0;
        for (const struct field *f; (f = event_find(ev, wish->names[i], &at)) != NULL;)
            if ((size_t)(f - ev->fields) == field)
                return true;
    }
    return false;
}

/* The event with the wished fields alone, and the answers that a reader gives. */
static struct event wished_event(const struct wish *wish, const struct event *ev,
                                 struct arena *arena)
{
    struct event some = *ev;
    some.fields = NULL;
    some.n = some.cap = 0;
    for (size_t i = 0; i < ev->n; i++)
        if (is_wished(wish, ev, i))
            event_add(&some, arena, ev->fields[i].section, ev->fields[i].type,
                      ev->fields[i].name, ev->fields[i].value);
    struct wished *list = ARENA_ARRAY(arena, struct wished, wish->n * (some.n + 1));
    for (uint32_t i = wish->n; i-- > 0;) {
        size_t at = 0;
        for (const struct field *f; (f = event_find(&some, wish->names[i], &at)) != NULL;)
            list[some.n_wished++] = (struct wished){(uint16_t)i, (uint16_t)(f - some.fields)};
    }
    some.wished = list;
    some.wish = wish->id;
    return some;
}

/* As an event log might hold the texts. */
static struct bytes raw_of(const struct event *ev, bool wide, struct arena *arena)
{
    size_t n = 64;
    for (size_t i = 0; i < ev->n; i++)
        n += 2 * ev->fields[i].value.n + 2;
    uint8_t *p = arena_alloc(arena, n, 1);
    size_t at = 1;
    for (size_t i = 0; i < ev->n; i++) {
        struct str v = ev->fields[i].value;
        for (size_t k = 0; k < v.n; k++) {
            unsigned char c = (unsigned char)v.p[k];
            bool long_s = c == 0xc5 && k + 1 < v.n && (unsigned char)v.p[k + 1] == 0xbf;
            bool kelvin = c == 0xe2 && k + 2 < v.n && (unsigned char)v.p[k + 1] == 0x84;
            p[at] = long_s ? 0x7f : kelvin ? 0x2a : c;
            k += long_s ? 1 : kelvin ? 2 : 0;
            at += wide ? 2 : 1;
        }
        at += 2;
    }
    return (struct bytes){p, n};
}

static bool has_wide_letters(const struct event *ev)
{
    for (size_t i = 0; i < ev->n; i++)
        for (size_t k = 0; k < ev->fields[i].value.n; k++)
            if ((unsigned char)ev->fields[i].value.p[k] >= 0x80)
                return true;
    return false;
}

static bool may_agrees(const struct pair *p, const struct event *ev, bool want,
                       struct arena *arena)
{
    bool wide = has_wide_letters(ev) || ev->n % 2;
    matcher_raw(p->fast, (struct bytes){0});
    matcher_raw(p->fast, raw_of(ev, wide, arena));
    const struct wish *wish = matcher_wish(p->fast, ev);
    bool may = false;
    if (wish) {
        struct event some = wished_event(wish, ev, arena);
        may = matcher_may(p->fast, &some);
        some.wish = 0;
    } else {
        may = matcher_may(p->fast, ev);
    }
    return may == want;
}

/* What differs; NULL if nothing. *ret_rule: the first rule that does. */
static const char *difference(const struct pair *p, const struct event *ev, struct arena *arena,
                              uint32_t *ret_rule)
{
    const uint32_t *a = NULL;
    const uint32_t *b = NULL;
    bool wanted = matcher_wants(p->plain, ev);
    *ret_rule = UINT32_MAX;
    if (wanted != matcher_wants(p->fast, ev))
        return "what is wanted";
    size_t n = matcher_run(p->plain, ev, &a);
    size_t m = matcher_run(p->fast, ev, &b);
    for (size_t i = 0; i < n || i < m; i++) {
        if (i < n && i < m && a[i] == b[i])
            continue;
        *ret_rule = i < n && (i >= m || a[i] < b[i]) ? a[i] : b[i];
        return "which rules match";
    }
    for (size_t i = 0; i < n; i++) {
        struct str how[2];
        *ret_rule = a[i];
        if (matcher_marks(p->plain, i) != matcher_marks(p->fast, i))
            return "the marks";
        if (!str_eq(matcher_decoded(p->plain, i, &how[0]),
                    matcher_decoded(p->fast, i, &how[1])) ||
            !str_eq(how[0], how[1]))
            return "the decoded text";
    }
    *ret_rule = n ? a[0] : UINT32_MAX;
    return !wanted || may_agrees(p, ev, n > 0, arena) ? NULL : "what may match";
}

/* ---- making smaller ---- */

static bool differs(const struct made_rule *rule, const struct event *ev)
{
    struct arena *arena = arena_new();
    uint32_t at = 0;
    struct pair p = open_pair(rule, 1, arena);
    bool found = ruleset_count(p.set) == 1 && difference(&p, ev, arena, &at) != NULL;
    close_pair(&p);
    arena_free(arena);
    return found;
}

static bool fewer_fields(const struct made_rule *rule, struct event *ev, struct arena *arena)
{
    for (size_t i = 0; i < ev->n; i++) {
        struct event less = *ev;
        less.fields = ARENA_ARRAY(arena, struct field, ev->n);
        memcpy(less.fields, ev->fields, ev->n * sizeof *ev->fields);
        memmove(less.fields + i, less.fields + i + 1, (ev->n - i - 1) * sizeof *ev->fields);
        less.n--;
        if (differs(rule, &less)) {
            *ev = less;
            return true;
        }
        if (ev->fields[i].value.n == 0)
            continue;
        less.n++;
        memcpy(less.fields, ev->fields, ev->n * sizeof *ev->fields);
        struct str v = ev->fields[i].value;
        less.fields[i].value = str_part(v, 0, v.n / 2);
        if (!differs(rule, &less))
            less.fields[i].value = str_part(v, v.n - v.n / 2, v.n);
        if (differs(rule, &less)) {
            *ev = less;
            return true;
        }
    }
    return false;
}

static bool smaller_selection(struct made_rule *rule, size_t s, const struct event *ev)
{
    struct selection *sel = &rule->selections[s];
    for (size_t i = 0; i < sel->n; i++) {
        struct made_rule less = *rule;
        struct selection *to = &less.selections[s];
        memmove(to->items + i, to->items + i + 1, (to->n - i - 1) * sizeof *to->items);
        if (--to->n && differs(&less, ev)) {
            *rule = less;
            return true;
        }
        for (size_t k = 0; sel->items[i].n > 1 && k < sel->items[i].n; k++) {
            less = *rule;
            struct item *item = &less.selections[s].items[i];
            item->values[k] = item->values[--item->n];
            if (differs(&less, ev)) {
                *rule = less;
                return true;
            }
        }
    }
    return false;
}

static bool smaller_rule(struct made_rule *rule, const struct event *ev)
{
    static const char *const simple[] = {
        "s0", "s1", "s2", "not s0", "s0 and s1", "s0 and not s1", "s0 or s1"};
    for (size_t i = 0; i < sizeof simple / sizeof *simple; i++) {
        struct made_rule less = *rule;
        less.condition = str_of(simple[i]);
        if (less.condition.n < rule->condition.n && differs(&less, ev)) {
            *rule = less;
            return true;
        }
    }
    for (size_t s = 0; s < rule->n; s++)
        if (smaller_selection(rule, s, ev))
            return true;
    return false;
}

static void tell(uint64_t seed, const char *what, struct made_rule rule, struct event ev,
                 struct arena *arena)
{
    printf("seed %" PRIu64 ": %s differ\n", seed, what);
    if (differs(&rule, &ev))
        while (smaller_rule(&rule, &ev) || fewer_fields(&rule, &ev, arena))
            continue;
    else
        printf("(not with this rule alone)\n");
    struct str text = rule_text(&rule, 0, arena);
    printf("%.*s", STR_ARG(text));
    tell_event(&ev);
}

/* ---- rounds ---- */

static void round_of(uint64_t seed, struct tally *t)
{
    struct random r = {seed * UINT64_C(0x9e3779b97f4a7c15) | 1, &MADE};
    struct arena *arena = arena_new();
    struct made_rule rules[RULES];
    for (size_t i = 0; i < RULES; i++)
        rules[i] = make_rule(&r, arena);
    struct pair p = open_pair(rules, RULES, arena);
    t->rounds++;
    t->rules += ruleset_count(p.set);
    for (size_t i = 0; i < EVENTS; i++) {
        struct event ev;
        const uint32_t *hits = NULL;
        uint32_t rule = 0;
        make_event(&r, arena, &ev);
        const char *what = difference(&p, &ev, arena, &rule);
        t->events++;
        t->matches += matcher_run(p.plain, &ev, &hits);
        if (!what || t->differences++ >= TOLD_MAX)
            continue;
        struct str id = rule < ruleset_count(p.set) ? ruleset_get(p.set, rule)->id : STR("");
        tell(seed, what, rules[id.n ? strtoul(id.p, NULL, 10) % RULES : 0], ev, arena);
    }
    close_pair(&p);
    arena_free(arena);
}

int main(int argc, char **argv)
{
    struct tally t = random_rounds(argc, argv, round_of);
    printf("%" PRIu64 " rounds, %" PRIu64 " rules, %" PRIu64 " events, %" PRIu64
           " matches, %" PRIu64 " differences\n",
           t.rounds, t.rules, t.events, t.matches, t.differences);
    return t.differences || t.matches < t.rounds;
}
