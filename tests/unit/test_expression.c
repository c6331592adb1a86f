/* Expressions: what rule they become, over events, and where mistakes are. */
#include "base/arena.h"
#include "rule/expression.h"
#include "rule/logsource_name.h"
#include "rule/rules.h"
#include "rule/trace.h"
#include "t.h"

static struct arena *arena;
static struct event ev;

static void add(const char *name, const char *value)
{
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, str_of(name), str_of(value));
}

static void make_event(void)
{
    ev = (struct event){.kind = EVENT_WINDOWS, .event_id = 4688, .channel = STR("Security")};
    add("Image", "C:\\Windows\\System32\\cmd.exe");
    add("CommandLine", "cmd.exe /c \"whoami /all\" it's");
    add("User", "EXAMPLE\\bob smith");
    add("IpAddress", "10.1.2.3");
    add("cs(User-Agent)", "curl/7.1");
    add("Path", "\\\\server\\share\\a*b");
    add("Port", "443");
    add("Empty", "");
}

/* 1 it matches, 0 it does not, -1 it is refused: *err says why, *column where. */
static int run(const char *text, unsigned *column, struct err *err)
{
    struct ruleset *set = ruleset_new();
    const struct yaml *source = NULL;
    const struct yaml *rule = NULL;
    const struct refusal *refused = NULL;
    const uint32_t *hits = NULL;
    size_t at = 0;
    int got = -1;
    T_EQ(logsource_named(set, STR("any"), arena, &source, err), 0);
    if (expression_parse(str_of(text), source, arena, &rule, &at, err) < 0) {
        *column = expression_column(str_of(text), at);
    } else {
        ruleset_add_document(set, STR("x"), rule);
        ruleset_freeze(set);
        if (ruleset_refusals(set, &refused)) {
            *column = refused->at.column;
            (void)err_set(err, ERR_INVALID, "%.*s", STR_ARG(refused->reason));
        } else {
            struct matcher *m = matcher_new(set);
            got = (int)matcher_run(m, &ev, &hits);
            matcher_free(m);
        }
    }
    ruleset_free(set);
    return got;
}

static void expect(const char *text, int want)
{
    struct err err = {0};
    unsigned column = 0;
    int got = run(text, &column, &err);
    if (got != want)
        printf("  %s: %s (column %u)\n", text, err.msg, column);
    T_EQ(got, want);
}

static void clauses_are_those_of_sigma(void)
{
    expect("Image|endswith: \\cmd.exe", 1);
    expect("Image|endswith: \\CMD.EXE", 1);
    expect("Image: *cmd*", 1);
    expect("Image: cmd", 0);
    expect("whoami", 1);
    expect("nobody", 0);
    expect("443", 1); /* a keyword */
    expect("EventID: 4688", 1);
    expect("EventID: [4624, 4688]", 1);
    expect("Port|gte: 443", 1);
    expect("Port|lt: 443", 0);
    expect("IpAddress|cidr: 10.0.0.0/8", 1);
    expect("CommandLine|re: 'who.mi'", 1);
    expect("CommandLine|re: who(ami|areyou)", 1);
    expect("cs(User-Agent)|contains: curl", 1);
    expect("Missing: null", 1);
    expect("Empty: ''", 1);
    expect("Missing|exists: false", 1);
    expect("'Image': *cmd.exe", 1);
    expect("[whoami, nobody]", 1);
    expect("|all: [whoami, nobody]", 0);
    expect("CommandLine|contains|all: [whoami, '/all']", 1);
}

static void backslashes_are_typed_once(void)
{
    expect("Image: C:\\Windows\\System32\\cmd.exe", 1);
    expect("Image: 'C:\\Windows\\System32\\cmd.exe'", 1);
    expect("Image: \"C:\\Windows\\System32\\cmd.exe\"", 1);
    expect("C:\\Windows", 1); /* a drive is no field */
    expect("Path|endswith: a\\*b", 1);
    expect("Path|startswith: \\\\\\\\server\\share", 1); /* as in Sigma: \\ before \ */
    expect("Path|endswith: a\\?b", 0);
}

static void quotes_hold_blanks(void)
{
    expect("User: 'EXAMPLE\\bob smith'", 1);
    expect("User: \"EXAMPLE\\bob smith\"", 1);
    expect("CommandLine|contains: 'it''s'", 1);
    expect("CommandLine|contains: \"it's\"", 1);
    expect("CommandLine|contains: \"\"\"whoami\"", 1);
    expect("'whoami /all'", 1);
    expect("'a: b'", 0);
    expect("User|contains: [bob, 'x, y']", 1);
    expect("EventID: '4688'", 1);
    expect("'and' or whoami", 1);
}

static void not_binds_most_and_or_least(void)
{
    expect("whoami or nobody and nobody", 1); /* (whoami) or (nobody and nobody) */
    expect("(whoami or nobody) and nobody", 0);
    expect("nobody and nobody or whoami", 1);
    expect("not nobody and whoami", 1);
    expect("not (nobody and whoami)", 1);
    expect("not whoami or whoami", 1);
    expect("not not whoami", 1);
    expect("NOT nobody AND whoami", 1);
    expect("not (nobody or not (whoami and not nobody))", 1);
}

static void some_of_several(void)
{
    expect("1 of (nobody, whoami)", 1);
    expect("2 of (nobody, whoami)", 0);
    expect("2 of (nobody, whoami, User|contains: [x, bob])", 1);
    expect("all of (whoami, Port: 443)", 1);
    expect("any of (nobody)", 0);
    expect("not 1 of (nobody, no2) and 2 of (Port: 443, EventID: 4688)", 1);
    expect("1", 1); /* a keyword: it is in some field */
}

static void refuse(const char *text, unsigned column, const char *part)
{
    struct err err = {0};
    unsigned at = 0;
    T_EQ(run(text, &at, &err), -1);
    T_EQ(at, column);
    bool said = str_find(str_of(err.msg), str_of(part), 0) != SIZE_MAX;
    if (at != column || !said)
        printf("  %s: column %u: %s\n", text, at, err.msg);
    T_OK(said);
}

static void mistakes_have_their_place(void)
{
    refuse("", 1, "clause is missing");
    refuse("  ", 3, "clause is missing");
    refuse("a and", 6, "clause is missing");
    refuse("a or or b", 6, "clause is missing");
    refuse("and b", 1, "clause is missing");
    refuse("a b", 3, "'and' or 'or' is missing");
    refuse("Image: a b", 10, "needs quotes");
    refuse("(a or b", 1, "not closed");
    refuse("a or b)", 7, "closes nothing");
    refuse("()", 2, "clause is missing");
    refuse("Image:", 7, "value is missing");
    refuse("Image: and b", 8, "value is missing");
    refuse(": b", 1, "name of a field");
    refuse("EventID:4624", 8, "blank between");
    refuse("a: [b", 4, "not closed");
    refuse("a: [b c]", 7, "',' or ']'");
    refuse("a: []", 5, "value is missing");
    refuse("a: 'b", 4, "quote is not closed");
    refuse("2 of x", 6, "wants clauses");
    refuse("1 of (a", 6, "not closed");
    refuse("1 of (not a)", 7, "stand alone");
    refuse("3 of (a, b)", 1, "cannot give 3");
    refuse("\xc3\xa9 and \xc3\xa9 \xc3\xa9", 9, "missing"); /* columns are characters */
    refuse("Image|endwith: x", 7, "endswith");
    refuse("not a and A|re: 'b('", 17, "");
    refuse("A|cidr: 10.0.0.0/99", 9, "network");
}

static void depth_has_a_limit(void)
{
    char text[512];
    memset(text, '(', sizeof text);
    text[sizeof text - 1] = '\0';
    struct err err = {0};
    unsigned column = 0;
    T_EQ(run(text, &column, &err), -1);
    T_OK(strstr(err.msg, "deeply") != NULL);
}

static void parse_only(struct bytes data)
{
    const struct yaml source = {.type = YAML_MAP};
    const struct yaml *rule = NULL;
    struct err err = {0};
    size_t at = 0;
    struct arena *own = arena_new();
    if (expression_parse((struct str){(const char *)data.p, data.n}, &source, own, &rule, &at,
                         &err) < 0)
        T_OK(at <= data.n && err.code != ERR_NONE);
    arena_free(own);
}

static void survives_every_truncation_and_flip(void)
{
    char text[] =
        "not (A|contains: [x, 'y''z', \"q\"] or C:\\w) and 2 of (a: 1, b, c: d(e)) or k";
    struct bytes data = {(const uint8_t *)text, sizeof text - 1};
    t_each_prefix(data, parse_only);
    for (size_t i = 0; i < sizeof text - 1; i++)
        for (unsigned bit = 0; bit < 8; bit++) {
            text[i] = (char)(text[i] ^ 1 << bit);
            parse_only(data);
            text[i] = (char)(text[i] ^ 1 << bit);
        }
}

static void log_sources_have_short_names(void)
{
    struct ruleset *set = ruleset_new();
    const struct yaml *y = NULL;
    struct err err = {0};
    T_EQ(logsource_named(set, STR("windows/process_creation"), arena, &y, &err), 0);
    T_STR(yaml_text(y, "category"), "process_creation");
    T_EQ(logsource_named(set, STR("sysmon"), arena, &y, &err), 0);
    T_STR(yaml_text(y, "service"), "sysmon");
    T_EQ(logsource_named(set, STR("exchange/httpproxy"), arena, &y, &err), 0);
    T_STR(yaml_text(y, "service"), "httpproxy");
    T_EQ(logsource_named(set, STR("windows/procss_creation"), arena, &y, &err), -1);
    T_OK(strstr(err.msg, "'process_creation'") != NULL);
    T_EQ(logsource_named(set, STR("a//b"), arena, &y, &err), -1);
    T_EQ(logsource_named(set, STR(""), arena, &y, &err), -1);
    T_EQ(logsource_named(set, STR("a/b/c/d"), arena, &y, &err), -1);
    ruleset_free(set);
}

int main(void)
{
    arena = arena_new();
    make_event();
    T_RUN(clauses_are_those_of_sigma);
    T_RUN(backslashes_are_typed_once);
    T_RUN(quotes_hold_blanks);
    T_RUN(not_binds_most_and_or_least);
    T_RUN(some_of_several);
    T_RUN(mistakes_have_their_place);
    T_RUN(depth_has_a_limit);
    T_RUN(survives_every_truncation_and_flip);
    T_RUN(log_sources_have_short_names);
    arena_free(arena);
    return t_done();
}
