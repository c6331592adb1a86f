/* The Sigma language as a table of cases: reads the file named on its command line and says
 * which of its lines do not hold. The file tells how it is written. */
#include "base/num.h"
#include "rule/rules.h"
#include "t.h"

enum {
    FIELDS_MAX = 16, /* of one event */
    TEXT_MAX = 8192, /* bytes of one rule */
    CASES_LEAST = 300,
};

struct state {
    struct arena *arena; /* the file's */
    const char *path;
    size_t line;
    struct str group;
    struct str source; /* log source, in YAML */
    struct event head;
    struct placeholder_line { /* lists of the group */
        struct str name;
        struct str values[FIELDS_MAX];
        size_t n;
    } lists[FIELDS_MAX];
    size_t n_lists;
    struct str rule; /* what the rule line says, for messages */
    struct ruleset *set;
    struct matcher *matchers[2]; /* the fast one and the plain one */
    size_t cases;
};

static void wrong(const struct state *s, const char *what, struct str line)
{
    t_failed++;
    printf("%s:%zu: %s: %.*s | %.*s\n", s->path, s->line, what, STR_ARG(s->rule),
           STR_ARG(line));
}

/* ---- rules ---- */

static void close_rule(struct state *s)
{
    matcher_free(s->matchers[0]);
    matcher_free(s->matchers[1]);
    ruleset_free(s->set);
    s->matchers[0] = s->matchers[1] = NULL;
    s->set = NULL;
}

static void open_rule(struct state *s, struct str text)
{
    close_rule(s);
    s->set = ruleset_new();
    ruleset_add(s->set, STR("cases.yml"), STR(""), text);
    for (size_t i = 0; i < s->n_lists; i++)
        ruleset_placeholder(s->set, s->lists[i].name, s->lists[i].values, s->lists[i].n);
    ruleset_freeze(s->set);
    s->matchers[0] = matcher_new(s->set);
    s->matchers[1] = matcher_new_plain(s->set);
}

/* "selections => condition"; the condition is "s" if it is not given. */
static void read_rule(struct state *s, struct str line)
{
    size_t arrow = str_find(line, STR(" => "), 0);
    struct str selections = str_part(line, 0, arrow);
    struct str condition = arrow == SIZE_MAX ? STR("s") : str_part(line, arrow + 4, line.n);
    s->rule = line;
    open_rule(s, arena_printf(s->arena,
                              "title: t\nid: 1\nlogsource: %.*s\ndetection: {%.*s, condition: "
                              "%.*s}\n",
                              STR_ARG(s->source), STR_ARG(selections), STR_ARG(condition)));
}

/* ---- events ---- */

static char escape_of(struct str text, size_t *at)
{
    uint64_t v = 0;
    char c = text.p[(*at)++];
    if (c != 'x')
        return c == 'n' ? '\n' : c == 't' ? '\t' : c;
    T_OK(num_hex(str_part(text, *at, *at + 2), &v));
    *at += 2;
    return (char)v;
}

/* A value: as it stands, or in double quotes with \n \t \" \\ \x00. */
static struct str value_of(struct str text, struct arena *arena)
{
    if (text.n < 2 || text.p[0] != '"' || text.p[text.n - 1] != '"')
        return text;
    char *to = arena_alloc(arena, text.n, 1);
    size_t n = 0;
    for (size_t at = 1; at + 1 < text.n;) {
        char c = text.p[at++];
        to[n++] = c == '\\' ? escape_of(text, &at) : c;
    }
    return (struct str){to, n};
}

static void add_field(struct event *ev, struct arena *arena, struct str field)
{
    enum field_section section = SECTION_DATA;
    enum field_type type = FIELD_TEXT;
    if (field.n > 2 && field.p[1] == ':') {
        char mark = field.p[0];
        section = mark == 'S'   ? SECTION_SYSTEM
                  : mark == 'M' ? SECTION_MESSAGE
                  : mark == 'D' ? SECTION_DERIVED
                                : SECTION_DATA;
        type = mark == 'N' ? FIELD_NULL : mark == 'G' ? FIELD_GUID : FIELD_TEXT;
        field = str_part(field, 2, field.n);
    }
    size_t equal = str_find(field, STR("="), 0);
    struct str value = str_part(field, equal == SIZE_MAX ? field.n : equal + 1, field.n);
    event_add(ev, arena, section, type, str_part(field, 0, equal), value_of(value, arena));
}

/* Fields, separated by " | ". */
static struct event event_of(const struct state *s, struct str line, struct arena *arena)
{
    struct event ev = s->head;
    while (line.n) {
        size_t bar = str_find(line, STR(" | "), 0);
        add_field(&ev, arena, str_part(line, 0, bar));
        line = bar == SIZE_MAX ? STR("") : str_part(line, bar + 3, line.n);
    }
    return ev;
}

static void check_matcher(struct state *s, struct matcher *m, const struct event *ev,
                          struct str line, size_t want, unsigned marks)
{
    const uint32_t *hits = NULL;
    bool wants = matcher_wants(m, ev);
    bool may = matcher_may(m, ev);
    size_t got = matcher_run(m, ev, &hits);
    if (got != want)
        wrong(s, got ? "matches" : "does not match", line);
    if (got && !wants)
        wrong(s, "matches an event that it does not want", line);
    if (got && !may)
        wrong(s, "matches an event that it says it may not", line);
    for (size_t i = 0; i < got; i++)
        if (matcher_marks(m, i) != marks)
            wrong(s, marks ? "is not marked" : "is marked", line);
}

static void check_event(struct state *s, struct str line, size_t want, unsigned marks)
{
    struct arena *arena = arena_new();
    struct event ev = event_of(s, line, arena);
    const struct refusal *refused = NULL;
    s->cases++;
    if (!s->set || ruleset_refusals(s->set, &refused) > 0) {
        wrong(s, "the rule is refused", refused ? refused->reason : line);
    } else {
        for (size_t i = 0; i < 2; i++)
            check_matcher(s, s->matchers[i], &ev, line, want, marks);
    }
    arena_free(arena);
}

/* Whether some refusal or notice says this. */
static void check_told(struct state *s, struct str line,
                       size_t (*told)(const struct ruleset *, const struct refusal **))
{
    const struct refusal *list = NULL;
    size_t n = told(s->set, &list);
    s->cases++;
    for (size_t i = 0; i < n; i++) {
        if (str_find(list[i].reason, line, 0) != SIZE_MAX)
            return;
    }
    wrong(s, n ? "told is something else" : "nothing is told", n ? list[0].reason : line);
}

/* ---- lines ---- */

static void start_group(struct state *s, struct str title)
{
    s->group = title;
    s->source = STR("{product: windows}");
    s->n_lists = 0;
    s->head = (struct event){.kind = EVENT_WINDOWS,
                             .time = instant_of_civil(2021, 3, 14, 6, 40, 13),
                             .event_id = 1,
                             .channel = STR("Test/Operational"),
                             .provider = STR("Maker"),
                             .host = STR("HOST1")};
    close_rule(s);
    printf("  %.*s\n", STR_ARG(title));
}

/* "kind=iis channel=Security id=4688" */
static void read_head(struct state *s, struct str line)
{
    while (line.n) {
        size_t blank = str_find(line, STR(" "), 0);
        struct str word = str_part(line, 0, blank);
        struct str value = str_part(word, str_find(word, STR("="), 0) + 1, word.n);
        uint64_t id = 0;
        if (str_starts(word, STR("id=")) && num_u64(value, &id))
            s->head.event_id = (uint32_t)id;
        else if (str_starts(word, STR("channel=")))
            s->head.channel = value;
        else if (str_eq(word, STR("kind=iis")))
            s->head.kind = EVENT_IIS;
        else
            wrong(s, "unknown word", word);
        line = blank == SIZE_MAX ? STR("") : str_part(line, blank + 1, line.n);
    }
}

/* "name = value, value" */
static void read_list(struct state *s, struct str line)
{
    size_t equal = str_find(line, STR(" ="), 0);
    struct placeholder_line *list = &s->lists[s->n_lists++];
    *list = (struct placeholder_line){.name = str_part(line, 0, equal)};
    line = str_trim(str_part(line, equal + 2, line.n));
    while (line.n && list->n < FIELDS_MAX) {
        size_t comma = str_find(line, STR(", "), 0);
        list->values[list->n++] = str_part(line, 0, comma);
        line = comma == SIZE_MAX ? STR("") : str_part(line, comma + 2, line.n);
    }
}

static bool take(struct str *line, const char *word)
{
    struct str w = str_of(word);
    if (!str_starts(*line, w))
        return false;
    *line = str_part(*line, w.n, line->n);
    return true;
}

static void read_line(struct state *s, struct str line)
{
    struct str all = line;
    if (take(&line, "== "))
        start_group(s, line);
    else if (take(&line, "source: "))
        s->source = line;
    else if (take(&line, "head: "))
        read_head(s, line);
    else if (take(&line, "list: "))
        read_list(s, line);
    else if (take(&line, "rule: "))
        read_rule(s, line);
    else if (take(&line, "  yes: "))
        check_event(s, line, 1, 0);
    else if (take(&line, "  reduced: "))
        check_event(s, line, 1, MARK_REDUCED);
    else if (take(&line, "  twice: "))
        check_event(s, line, 2, 0);
    else if (take(&line, "  no: "))
        check_event(s, line, 0, 0);
    else if (take(&line, "  refused: "))
        check_told(s, line, ruleset_refusals);
    else if (take(&line, "  notice: "))
        check_told(s, line, ruleset_notices);
    else if (line.n && line.p[0] != '#')
        wrong(s, "not understood", all);
}

static bool next_line(FILE *file, struct state *s, struct str *ret)
{
    char line[TEXT_MAX];
    if (!fgets(line, sizeof line, file))
        return false;
    size_t n = strcspn(line, "\n");
    s->line++;
    *ret = arena_str(s->arena, (struct str){line, n});
    return true;
}

/* Lines up to "end" as they are: whole documents. */
static void read_documents(FILE *file, struct state *s)
{
    struct str line;
    struct str text = STR("");
    while (next_line(file, s, &line) && !str_eq(line, STR("end")))
        text = arena_printf(s->arena, "%.*s%.*s\n", STR_ARG(text), STR_ARG(line));
    s->rule = STR("documents");
    open_rule(s, text);
}

int main(int argc, char **argv)
{
    FILE *file = argc == 2 ? fopen(argv[1], "r") : NULL;
    struct state s = {.arena = arena_new(), .path = argc == 2 ? argv[1] : ""};
    struct str line;
    T_OK(file != NULL);
    while (file && next_line(file, &s, &line)) {
        if (str_eq(line, STR("documents:")))
            read_documents(file, &s);
        else
            read_line(&s, line);
    }
    printf("  %zu cases\n", s.cases);
    T_OK(s.cases >= CASES_LEAST);
    close_rule(&s);
    arena_free(s.arena);
    if (file)
        (void)fclose(file);
    return t_done();
}
