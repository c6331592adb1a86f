/* The Sigma language, one case a line: a detection, an event, whether it matches. */
#include "rule/rules.h"
#include "t.h"

enum { NO, YES, REFUSED };

struct sigma_case {
    const char *detection; /* YAML, one line of flow style; "c: ..." gives the condition */
    const char *fields;    /* "name=value" separated by '\n'; see add_field */
    int want;
};

/* "name=value"; in front of the name: "S:" system, "M:" message, "D:" derived, "N:" null,
 * "G:" GUID. */
static void add_field(struct event *ev, struct arena *arena, const char *line, size_t n)
{
    enum field_section section = SECTION_DATA;
    enum field_type type = FIELD_TEXT;
    if (n > 2 && line[1] == ':') {
        section = line[0] == 'S'   ? SECTION_SYSTEM
                  : line[0] == 'M' ? SECTION_MESSAGE
                  : line[0] == 'D' ? SECTION_DERIVED
                                   : SECTION_DATA;
        type = line[0] == 'N' ? FIELD_NULL : line[0] == 'G' ? FIELD_GUID : FIELD_TEXT;
        line += 2;
        n -= 2;
    }
    const char *equal = memchr(line, '=', n);
    size_t name = equal ? (size_t)(equal - line) : n;
    size_t value = equal ? n - name - 1 : 0;
    event_add(ev, arena, section, type, (struct str){line, name},
              (struct str){equal ? equal + 1 : "", value});
}

static struct event event_of(const char *fields, struct arena *arena)
{
    struct event ev = {.kind = EVENT_WINDOWS,
                       .time = instant_of_civil(2021, 3, 14, 6, 40, 13),
                       .event_id = 1,
                       .channel = STR("Test/Operational"),
                       .provider = STR("Maker"),
                       .host = STR("HOST1")};
    while (*fields) {
        size_t n = strcspn(fields, "\n");
        add_field(&ev, arena, fields, n);
        fields += n + (fields[n] == '\n');
    }
    return ev;
}

static int match_text(const char *rule, const struct event *ev)
{
    struct ruleset *set = ruleset_new();
    const struct refusal *refusals = NULL;
    const uint32_t *hits = NULL;
    ruleset_add(set, STR("t.yml"), STR(""), (struct str){rule, strlen(rule)});
    ruleset_freeze(set);
    int got = REFUSED;
    if (ruleset_refusals(set, &refusals) == 0) {
        struct matcher *m = matcher_new(set);
        bool wants = matcher_wants(m, ev);
        got = matcher_run(m, ev, &hits) > 0 ? YES : NO;
        T_OK(wants || got == NO);
        matcher_free(m);
    }
    ruleset_free(set);
    return got;
}

static void check(const struct sigma_case *t, const struct event *ev)
{
    char rule[2048];
    const char *split = strstr(t->detection, " c: ");
    int n = split ? (int)(split - t->detection) : (int)strlen(t->detection);
    (void)snprintf(rule, sizeof rule,
                   "title: t\nlogsource: {product: windows}\ndetection:\n  %.*s\n"
                   "  condition: %s\n",
                   n, t->detection, split ? split + 4 : "s");
    int got = match_text(rule, ev);
    if (got != t->want) {
        t_failed++;
        printf("%s | %s: %d, want %d\n", t->detection, t->fields, got, t->want);
    }
}

static void run_cases(const struct sigma_case *cases, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        struct arena *arena = arena_new();
        struct event ev = event_of(cases[i].fields, arena);
        check(&cases[i], &ev);
        arena_free(arena);
    }
}

#define RUN(cases) run_cases(cases, sizeof(cases) / sizeof((cases)[0]))

static void values_have_wildcards_and_escapes(void)
{
    static const struct sigma_case cases[] = {
        {"s: {F: abc}", "F=abc", YES},
        {"s: {F: abc}", "F=ABC", YES},
        {"s: {F: abc}", "F=abcd", NO},
        {"s: {F: abc}", "F= abc", NO},
        {"s: {F: ' abc'}", "F= abc", YES},
        {"s: {F: abc*}", "F=abcdef", YES},
        {"s: {F: abc*}", "F=abc", YES},
        {"s: {F: '*abc'}", "F=xabc", YES},
        {"s: {F: '*abc'}", "F=abcx", NO},
        {"s: {F: '*abc*'}", "F=xxabcxx", YES},
        {"s: {F: 'a*c'}", "F=abbbc", YES},
        {"s: {F: 'a*c'}", "F=abbbcd", NO},
        {"s: {F: 'a*b*c'}", "F=a-b-b-c", YES},
        {"s: {F: 'a*b*c'}", "F=a-c-b", NO},
        {"s: {F: 'a?c'}", "F=abc", YES},
        {"s: {F: 'a?c'}", "F=ac", NO},
        {"s: {F: 'a?c'}",
         "F=a\xc3\xa4"
         "c",
         YES},
        {"s: {F: 'a??c'}",
         "F=a\xc3\xa4"
         "c",
         NO},
        {"s: {F: 'a\\*c'}", "F=a*c", YES},
        {"s: {F: 'a\\*c'}", "F=abc", NO},
        {"s: {F: 'a\\?c'}", "F=a?c", YES},
        {"s: {F: 'a\\?c'}", "F=abc", NO},
        {"s: {F: 'C:\\Windows\\x'}", "F=c:\\windows\\X", YES},
        {"s: {F: '\\\\server\\share'}", "F=\\server\\share", YES},
        {"s: {F: '\\\\\\\\server'}", "F=\\\\server", YES},
        {"s: {F: 'a\\\\*'}", "F=a\\bcd", YES},
        {"s: {F: 'a\\\\*'}", "F=a*", NO},
        {"s: {F: 'a\\\\\\*'}", "F=a\\*", YES},
        {"s: {F: 'a\\\\\\*'}", "F=a\\b", NO},
        {"s: {F: '*'}", "F=x", YES},
        {"s: {F: '*'}", "F=", YES},
        {"s: {F: '*'}", "G=x", NO},
        {"s: {F: '**a**'}", "F=bab", YES},
        {"s: {F: '?'}", "F=", NO},
        {"s: {F: [a, b]}", "F=b", YES},
        {"s: {F: [a, b]}", "F=c", NO},
        {"s: {F: a, G: b}", "F=a\nG=b", YES},
        {"s: {F: a, G: b}", "F=a\nG=c", NO},
        {"s: [{F: a}, {G: b}]", "G=b", YES},
        {"s: [{F: a}, {G: b}]", "G=a", NO},
        {"s: {F: \xc3\x84}", "F=\xc3\xa4", YES},                 /* A umlaut */
        {"s: {F: \xd0\x9f\xd0\xa0}", "F=\xd0\xbf\xd1\x80", YES}, /* Cyrillic */
        {"s: {F: \xce\xa3}", "F=\xcf\x82", YES},                 /* final sigma */
        {"s: {F: stra\xc3\x9f"
         "e}",
         "F=STRASSE", NO},
        {"s: {F: I}", "F=\xc4\xb1", NO}, /* dotless i is another letter */
        {"s: {'f': abc}", "F=abc", YES},
        {"s: {ThreatName: abc}", "Threat Name=abc", YES},
        {"s: {F: {G: a}}", "F=a", REFUSED},
        {"s: {F: []}", "F=a", REFUSED},
        {"s: {}", "F=a", REFUSED},
        {"s: []", "F=a", REFUSED},
    };
    RUN(cases);
}

static void numbers_match_as_numbers_or_text(void)
{
    static const struct sigma_case cases[] = {
        {"s: {F: 4}", "F=4", YES},
        {"s: {F: 500}", "F=0x1f4", YES},
        {"s: {F: 0x1f4}", "F=500", YES},
        {"s: {F: '500'}", "F=0x1f4", NO},
        {"s: {F: '4'}", "F=4", YES},
        {"s: {F: '0x17'}", "F=0x17", YES},
        {"s: {F: '0x17'}", "F=23", NO},
        {"s: {F: -1}", "F=-1", YES},
        {"s: {F: 4}", "F=44", NO},
        {"s: {F: 1.5}", "F=1.5", YES},
        {"s: {F: 1.5}", "F=1.50", YES},
        {"s: {F: true}", "F=true", YES},
        {"s: {F: true}", "F=True", YES},
        {"s: {F: true}", "F=false", NO},
        {"s: {F: no}", "F=false", YES},
        {"s: {F: no}", "F=no", YES},
        {"s: {F|contains: 4}", "F=x4x", YES},
        {"s: {F|startswith: 10}", "F=10.0.0.1", YES},
        {"s: {F: 18446744073709551615}", "F=18446744073709551615", YES},
        {"s: {F: 0123}", "F=0123", YES},
        {"s: {F: 2021-03-14}", "F=2021-03-14", YES},
    };
    RUN(cases);
}

static void null_empty_and_missing_differ(void)
{
    static const struct sigma_case cases[] = {
        {"s: {F: null}", "G=a", YES},
        {"s: {F: null}", "F=", YES},
        {"s: {F: null}", "N:F=", YES},
        {"s: {F: null}", "F=a", NO},
        {"s: {F: null}", "F=-", NO},
        {"s: {F: ''}", "F=", YES},
        {"s: {F: ''}", "G=a", NO},
        {"s: {F: ''}", "F=a", NO},
        {"s: {F: ['', null]}", "G=a", YES},
        {"s: {F: ~}", "G=a", YES},
        {"s: {F: }", "G=a", YES},
        {"s: {F: null}", "F=\nF=", YES},
        {"s: {F: null}", "F=\nF=a", NO},
        {"s: {F|exists: true}", "F=", YES},
        {"s: {F|exists: true}", "N:F=", YES},
        {"s: {F|exists: true}", "G=a", NO},
        {"s: {F|exists: false}", "G=a", YES},
        {"s: {F|exists: false}", "F=a", NO},
        {"s: {F|exists: 'no'}", "F=a", REFUSED},
        {"s: {F|exists: maybe}", "F=a", REFUSED},
        {"s: {F: '-'}", "F=-", YES},
        {"s: {F: a} c: not s", "G=a", YES},
        {"s: {F|contains: a} c: not s", "F=b", YES},
        {"s: {F|gt: 3} c: not s", "G=a", YES},
        {"s: {F: null} c: not s", "G=a", NO},
        {"s: {F: '*'}", "N:F=", NO},
    };
    RUN(cases);
}

static void modifiers_place_and_combine(void)
{
    static const struct sigma_case cases[] = {
        {"s: {F|contains: abc}", "F=xABCx", YES},
        {"s: {F|contains: ''}", "F=x", YES},
        {"s: {F|contains: abc}", "F=ab", NO},
        {"s: {F|startswith: abc}", "F=abcx", YES},
        {"s: {F|startswith: abc}", "F=xabc", NO},
        {"s: {F|endswith: '\\cmd.exe'}", "F=C:\\Windows\\CMD.EXE", YES},
        {"s: {F|endswith: '\\cmd.exe'}", "F=cmd.exe", NO},
        {"s: {F|endswith: 'a\\'}", "F=xa\\", YES},
        {"s: {F|contains: 'a*b'}", "F=xxa--bxx", YES},
        {"s: {F|startswith: 'a*b'}", "F=a-bx", YES},
        {"s: {F|startswith: 'a*b'}", "F=xa-bx", NO},
        {"s: {F|contains: [a, b]}", "F=xb", YES},
        {"s: {F|contains|all: [a, b]}", "F=xb", NO},
        {"s: {F|contains|all: [a, b]}", "F=xba", YES},
        {"s: {F|all: [a, b]}", "F=a\nF=b", YES},
        {"s: {F|all: [a, b]}", "F=a\nF=c", NO},
        {"s: {F: a}", "F=b\nF=a", YES},
        {"s: {F: a} c: not s", "F=b\nF=a", NO},
        {"s: {F|cased: Abc}", "F=Abc", YES},
        {"s: {F|cased: Abc}", "F=abc", NO},
        {"s: {F|contains|cased: Abc}", "F=xAbcx", YES},
        {"s: {F|cased|contains: Abc}", "F=xabcx", NO},
        {"s: {F|neq: a}", "F=b", YES},
        {"s: {F|neq: a}", "F=A", NO},
        {"s: {F|neq: a}", "G=a", YES},
        {"s: {F|neq: [a, b]}", "F=b", NO},
        {"s: {F|contains|neq: a}", "F=xax", NO},
        {"s: {F|wrong: a}", "F=a", REFUSED},
        {"s: {F|: a}", "F=a", REFUSED},
        {"s: {F|CONTAINS: a}", "F=a", REFUSED},
        {"s: {F|expand: '%x%'}", "F=a", REFUSED},
        {"s: {F|contains|expand: '%x%'}", "F=a", REFUSED},
        {"s: {F|i: a}", "F=a", REFUSED},
        {"s: {F|re|cased: a}", "F=a", REFUSED},
    };
    RUN(cases);
}

static void encodings(void)
{
    static const struct sigma_case cases[] = {
        {"s: {F|windash|contains: ' -enc'}", "F=x -enc y", YES},
        {"s: {F|contains|windash: ' -enc'}", "F=x /enc y", YES},
        {"s: {F|contains|windash: ' -enc'}",
         "F=x \xe2\x80\x93"
         "enc y",
         YES},
        {"s: {F|contains|windash: ' -enc'}",
         "F=x \xe2\x80\x94"
         "enc y",
         YES},
        {"s: {F|contains|windash: ' -enc'}",
         "F=x \xe2\x80\x95"
         "enc y",
         YES},
        {"s: {F|contains|windash: ' -enc'}", "F=x _enc y", NO},
        {"s: {F|contains|windash: ' /enc'}", "F=x -enc y", YES},
        {"s: {F|windash: '-a -b'}", "F=/a -b", YES},
        {"s: {F|windash: '-a -b'}", "F=/a /b", YES},
        {"s: {F|windash: 'a-b'}", "F=a/b", NO},
        {"s: {F|windash: 'a-b'}", "F=a-b", YES},
        {"s: {F|windash: 'a - b'}", "F=a / b", NO},
        {"s: {F|base64: foobar}", "F=Zm9vYmFy", YES},
        {"s: {F|base64|contains: foo}", "F=xxZm9vxx", YES},
        {"s: {F|base64|contains: foob}", "F=Zm9vYg==", YES},
        {"s: {F|base64: 'fo*'}", "F=Zm9v", REFUSED},
        {"s: {F|base64offset|contains: foobar}", "F=xZm9vYmFyx", YES},
        {"s: {F|base64offset|contains: foobar}", "F=eGZvb2Jhcnh4", YES},
        {"s: {F|base64offset|contains: foobar}", "F=eHhmb29iYXJ4", YES},
        {"s: {F|base64offset|contains: foobar}", "F=Zm9iYXI=", NO},
        {"s: {F|wide|base64offset|contains: foo}", "F=xZgBvAG8Ax", YES},
        {"s: {F|utf16le|base64|contains: foo}", "F=xZgBvAG8Ax", YES},
        {"s: {F|utf16be|base64|contains: foo}", "F=xAGYAbwBvx", YES},
        {"s: {F|utf16|base64|contains: foo}", "F=x//5mAG8AbwA=", YES},
        {"s: {F|wide: foo}", "F=foo", REFUSED},
    };
    RUN(cases);
}

static void expressions_addresses_and_comparisons(void)
{
    static const struct sigma_case cases[] = {
        {"s: {F|re: 'a.c'}", "F=xabcx", YES},
        {"s: {F|re: '^a.c$'}", "F=xabcx", NO},
        {"s: {F|re: 'a.c'}", "F=ABC", NO},
        {"s: {F|re|i: 'a.c'}", "F=ABC", YES},
        {"s: {F|re: '(?i)a.c'}", "F=ABC", YES},
        {"s: {F|re|s: 'a.*c'}", "F=a\rc", YES},
        {"s: {F|re: '\\d{3}'}", "F=x123", YES},
        {"s: {F|re|i|m: '^B$'}", "F=b", YES},
        {"s: {F|re: '(unclosed'}", "F=b", REFUSED},
        {"s: {F|re: ['a', 'b']}", "F=b", YES},
        {"s: {F|re|all: ['a', 'b']}", "F=b", NO},
        {"s: {F|cidr: 10.0.0.0/8}", "F=10.200.3.4", YES},
        {"s: {F|cidr: 10.0.0.0/8}", "F=11.0.0.1", NO},
        {"s: {F|cidr: 10.1.2.3/8}", "F=10.200.3.4", YES},
        {"s: {F|cidr: 192.168.1.128/25}", "F=192.168.1.127", NO},
        {"s: {F|cidr: 192.168.1.128/25}", "F=192.168.1.129", YES},
        {"s: {F|cidr: 0.0.0.0/0}", "F=8.8.8.8", YES},
        {"s: {F|cidr: 'fe80::/10'}", "F=fe80::1", YES},
        {"s: {F|cidr: 'fe80::/10'}", "F=fec0::1", NO},
        {"s: {F|cidr: '::1/128'}", "F=::1", YES},
        {"s: {F|cidr: 10.0.0.0/8}", "F=10.1.1.1:80", NO},
        {"s: {F|cidr: 10.0.0.0/8}", "F=host", NO},
        {"s: {F|cidr: 10.0.0.0/33}", "F=10.1.1.1", REFUSED},
        {"s: {F|cidr: ten}", "F=10.1.1.1", REFUSED},
        {"s: {F|lt: 5}", "F=4", YES},
        {"s: {F|lt: 5}", "F=5", NO},
        {"s: {F|lte: 5}", "F=5", YES},
        {"s: {F|gt: 5}", "F=6", YES},
        {"s: {F|gt: 5}", "F=0x6", YES},
        {"s: {F|gt: 5}", "F=5", NO},
        {"s: {F|gte: 5}", "F=5", YES},
        {"s: {F|gte: 5}", "F=5.5", YES},
        {"s: {F|gt: -5}", "F=-4", YES},
        {"s: {F|gt: 5}", "F=six", NO},
        {"s: {F|gt: six}", "F=6", REFUSED},
        {"s: {F|gt: 9007199254740992}", "F=9007199254740993", YES},
        {"s: {F|fieldref: G}", "F=abc\nG=ABC", YES},
        {"s: {F|fieldref: G}", "F=abc\nG=abd", NO},
        {"s: {F|fieldref: G}", "F=abc", NO},
        {"s: {F|fieldref|startswith: G}", "F=abcd\nG=abc", YES},
        {"s: {F|fieldref|endswith: G}", "F=xabc\nG=abc", YES},
        {"s: {F|fieldref|contains: G}", "F=xabcx\nG=abc", YES},
        {"s: {F|fieldref|contains: G}", "F=xabcx\nG=abd", NO},
        {"s: {F|equalsfield: G}", "F=abc\nG=abc", YES},
        {"s: {F|endswithfield: G}", "F=xabc\nG=abc", YES},
    };
    RUN(cases);
}

static void parts_of_a_time(void)
{
    static const struct sigma_case cases[] = {
        {"s: {F|hour: 6}", "F=2021-03-14T06:40:13Z", YES},
        {"s: {F|hour: 7}", "F=2021-03-14T06:40:13Z", NO},
        {"s: {F|minute: 40}", "F=2021-03-14T06:40:13Z", YES},
        {"s: {F|day: 14}", "F=2021-03-14T06:40:13Z", YES},
        {"s: {F|week: 10}", "F=2021-03-14T06:40:13Z", YES},
        {"s: {F|week: 11}", "F=2021-03-15T06:40:13Z", YES},
        {"s: {F|week: 53}", "F=2021-01-03T00:00:00Z", YES},
        {"s: {F|week: 1}", "F=2021-01-04T00:00:00Z", YES},
        {"s: {F|week: 53}", "F=2020-12-31T00:00:00Z", YES},
        {"s: {F|week: 1}", "F=2019-12-30T00:00:00Z", YES},
        {"s: {F|week: 52}", "F=2022-01-01T00:00:00Z", YES},
        {"s: {F|week: 52}", "F=2023-01-01T00:00:00Z", YES},
        {"s: {F|month: 3}", "F=2021-03-14T06:40:13Z", YES},
        {"s: {F|year: 2021}", "F=2021-03-14T06:40:13Z", YES},
        {"s: {F|hour|gte: 20}", "F=2021-03-14T21:00:00Z", YES},
        {"s: {F|hour|lt: 6}", "F=2021-03-14T06:40:13Z", NO},
        {"s: {F|hour: 6}", "F=six", NO},
        {"s: {TimeCreated|hour: 6}", "F=a", YES},
        {"s: {TimeCreated|hour: 7}", "F=a", NO},
        {"s: {TimeCreated|hour: 9}", "TimeCreated=2021-03-14T09:00:00Z", YES},
    };
    RUN(cases);
}

static void keywords_see_all_values(void)
{
    static const struct sigma_case cases[] = {
        {"s: [abc]", "F=xABCx", YES},
        {"s: abc", "F=xABCx", YES},
        {"s: [abc, def]", "F=def", YES},
        {"s: [abc]", "abc=x", NO},
        {"s: [abc]", "S:Provider_Name=abc", YES},
        {"s: [abc]", "D:F=abc", NO},
        {"s: [abc]", "M:Message=abc", YES},
        {"s: [abc]", "M:Message=abc\nF=def", NO},
        {"s: {'|all': [abc, def]}", "F=abc\nG=def", YES},
        {"s: {'|all': [abc, def]}", "F=abc\nG=dex", NO},
        {"s: [' -x ']", "Data=cmd\nData=-x y", YES},
        {"s: [' cmd -x']", "Data=cmd\nData=-x y", YES},
        {"s: [' -x ']", "Data=-x y", YES},
        {"s: [' cmd']", "F=cmd", NO},
        {"s: ['a*c']", "F=xabbcx", YES},
        {"s: [4711]", "F=x4711x", YES},
        {"s: {'|re': 'a.c'}", "F=xabcx", YES},
        {"s: [abc, {F: def}]", "F=def", YES},
        {"s: [abc, {F: def}]", "G=abc", YES},
        {"s: [null]", "F=def", REFUSED},
        {"s: {'|exists': true}", "F=def", REFUSED},
    };
    RUN(cases);
}

static void conditions(void)
{
    static const struct sigma_case cases[] = {
        {"a: {F: a}\n  b: {G: b} c: a and b", "F=a\nG=b", YES},
        {"a: {F: a}\n  b: {G: b} c: a and b", "F=a", NO},
        {"a: {F: a}\n  b: {G: b} c: a or b", "F=a", YES},
        {"a: {F: a}\n  b: {G: b} c: a and not b", "F=a", YES},
        {"a: {F: a}\n  b: {G: b} c: a AND NOT b", "F=a", YES},
        {"a: {F: a}\n  b: {G: b} c: not a or b", "F=a", NO},
        {"a: {F: a}\n  b: {G: b} c: not (a or b)", "F=x", YES},
        {"a: {F: a}\n  b: {G: b} c: not not a", "F=a", YES},
        {"a: {F: a}\n  b: {G: b}\n  d: {H: d} c: a or b and d", "F=a", YES},
        {"a: {F: a}\n  b: {G: b}\n  d: {H: d} c: (a or b) and d", "F=a", NO},
        {"a: {F: a}\n  b: {G: b}\n  d: {H: d} c: (a or b)and(d)", "F=a\nH=d", YES},
        {"s1: {F: a}\n  s2: {G: b} c: 1 of s*", "G=b", YES},
        {"s1: {F: a}\n  s2: {G: b} c: any of s*", "G=b", YES},
        {"s1: {F: a}\n  s2: {G: b} c: all of s*", "G=b", NO},
        {"s1: {F: a}\n  s2: {G: b} c: all of s*", "F=a\nG=b", YES},
        {"s1: {F: a}\n  s2: {G: b}\n  s3: {H: c} c: 2 of s*", "F=a\nG=b", YES},
        {"s1: {F: a}\n  s2: {G: b}\n  s3: {H: c} c: 2 of s*", "F=a", NO},
        {"s1: {F: a} c: 2 of s*", "F=a", REFUSED},
        {"s1: {F: a}\n  _s2: {G: b} c: 1 of them", "G=b", NO},
        {"s1: {F: a}\n  _s2: {G: b} c: all of them", "F=a", YES},
        {"s1: {F: a}\n  s2: {G: b} c: 1 of THEM", "F=a", YES},
        {"a_x: {F: a}\n  a_y: {G: b} c: 1 of a*x", "F=a", YES},
        {"a_x: {F: a}\n  a_y: {G: b} c: 1 of a*x", "G=b", NO},
        {"all: {F: a} c: all", "F=a", YES},
        {"s: {F: a} c: '1 of x*'", "F=a", REFUSED},
        {"s: {F: a} c: t", "F=a", REFUSED},
        {"s: {F: a} c: s and", "F=a", REFUSED},
        {"s: {F: a} c: (s", "F=a", REFUSED},
        {"s: {F: a} c: s)", "F=a", REFUSED},
        {"s: {F: a} c: s s", "F=a", REFUSED},
        {"s: {F: a} c: ''", "F=a", REFUSED},
        {"s: {F: a} c: s | stdev(F) > 3", "F=a", REFUSED},
        {"s: {F: a}\n  t: {F: b} c: [s, t]", "F=b", YES},
        {"s: {F: a}\n  t: {F: b} c: []", "F=b", REFUSED},
        {"s: {F: a}\n  timeframe: 5m c: s", "F=a", REFUSED},
    };
    RUN(cases);
}

static void heads_and_guids(void)
{
    static const struct sigma_case cases[] = {
        {"s: {EventID: 1}", "F=a", YES},
        {"s: {EventID: 2}", "F=a", NO},
        {"s: {EventID: 1}", "EventID=4647", YES},
        {"s: {EventID: 4647}", "EventID=4647", NO},
        {"s: {EventID: [2, 1], F: a}", "F=a", YES},
        {"s: {EventID: 2} c: not s", "F=a", YES},
        {"s: {Channel: test/operational}", "F=a", YES},
        {"s: {Channel|contains: security}", "F=a", NO},
        {"s: {Provider_Name: maker}", "F=a", YES},
        {"s: {Computer: host1}", "F=a", YES},
        {"s: {F: a}", "S:F=b\nF=a", NO},
        {"s: {F: a}", "D:F=a", YES},
        {"s: {F: '{0CCE9217-69AE-11D9-BED3-505054503030}'}",
         "G:F={0CCE9217-69AE-11D9-BED3-505054503030}", YES},
        {"s: {F: 0CCE9217-69AE-11D9-BED3-505054503030}",
         "G:F={0CCE9217-69AE-11D9-BED3-505054503030}", YES},
        {"s: {F: 0CCE9217-69AE-11D9-BED3-505054503030}",
         "F={0CCE9217-69AE-11D9-BED3-505054503030}", NO},
    };
    RUN(cases);
}

static void documents_that_are_no_rules_are_refused(void)
{
    static const char *const texts[] = {
        "- a\n- b\n",
        "title: t\n",
        "title: t\ndetection: {s: {F: a}, condition: s}\n",
        "title: t\nlogsource: {product: windows}\n",
        "title: t\nlogsource: {product: windows}\ndetection: {s: {F: a}}\n",
        "title: t\nlogsource: windows\ndetection: {s: {F: a}, condition: s}\n",
        "title: t\ncorrelation: {type: event_count}\n",
        "title: t\nlogsource: {product: windows}\nfilter: {rules: [a], s: {F: a}}\n",
        "action: other\ntitle: t\n",
        "action: repeat\ntitle: t\n",
        "title: t\nlogsource: {definition: x}\ndetection: {s: {F: a}, condition: s}\n",
        ("title: t\nlevel: bad\nlogsource: {product: windows}\n"
         "detection: {s: {F: a}, condition: s}\n"),
        "title: &a t\n",
        "title: *a\n",
        "title: t\ntitle: u\n",
        "title: [\n",
        "\xff\xff",
    };
    struct event ev = {.kind = EVENT_WINDOWS};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
        T_EQ(match_text(texts[i], &ev), REFUSED);
}

static void a_file_may_hold_several_rules(void)
{
    static const char text[] =
        "---\ntitle: one\nid: 1-1\nlevel: high\nstatus: test\nlogsource: {product: windows}\n"
        "detection: {s: {F: a}, condition: s}\nassay: {axis: entry}\n"
        "---\ntitle: bad\nid: 2-2\nlogsource: {product: windows}\ndetection: {}\n"
        "---\ntitle: three\nlogsource: {product: linux}\ndetection: {s: [a], condition: s}\n";
    struct ruleset *set = ruleset_new();
    ruleset_add(set, STR("a/b.yml"), STR("pack"), (struct str){text, sizeof text - 1});
    ruleset_freeze(set);
    const struct refusal *refusals = NULL;
    T_EQ(ruleset_count(set), 2);
    T_EQ(ruleset_refusals(set, &refusals), 1);
    T_STR(refusals[0].id, "2-2");
    T_STR(refusals[0].path, "a/b.yml");
    T_STR(refusals[0].reason, "no condition");
    const struct rule *rule = ruleset_get(set, 0);
    T_STR(rule->title, "one");
    T_STR(rule->id, "1-1");
    T_STR(rule->status, "test");
    T_STR(rule->pack, "pack");
    T_EQ(rule->level, LEVEL_HIGH);
    T_EQ(ruleset_get(set, 1)->level, LEVEL_MEDIUM);
    T_STR(yaml_text(yaml_get(rule->document, "assay"), "axis"), "entry");
    T_OK(ruleset_reaches(set, 0));
    T_OK(!ruleset_reaches(set, 1));
    ruleset_free(set);
}

static void matches_come_in_the_order_of_the_rules(void)
{
    struct ruleset *set = ruleset_new();
    static const char *const values[] = {"b", "a", "c", "a"};
    for (size_t i = 0; i < 4; i++) {
        char text[200];
        int n = snprintf(text, sizeof text,
                         "title: t\nlogsource: {product: windows}\n"
                         "detection: {s: {F: %s}, condition: s}\n",
                         values[i]);
        ruleset_add(set, STR("x"), STR(""), (struct str){text, (size_t)n});
    }
    ruleset_freeze(set);
    struct matcher *m = matcher_new(set);
    struct arena *arena = arena_new();
    struct event ev = event_of("F=a", arena);
    const uint32_t *hits = NULL;
    for (int round = 0; round < 3; round++) {
        T_EQ(matcher_run(m, &ev, &hits), 2);
        T_EQ(hits[0], 1);
        T_EQ(hits[1], 3);
    }
    arena_free(arena);
    matcher_free(m);
    ruleset_free(set);
}

static void deep_conditions_are_refused(void)
{
    char text[4096] = "title: t\nlogsource: {product: windows}\n"
                      "detection:\n  s: {F: a}\n  condition: ";
    size_t n = strlen(text);
    memset(text + n, '(', 200);
    n += 200;
    text[n++] = 's';
    memset(text + n, ')', 200);
    text[n + 200] = '\0';
    struct event ev = {.kind = EVENT_WINDOWS};
    T_EQ(match_text(text, &ev), REFUSED);
}

/* A few bytes of text ask for a large rule again and again. */
static void a_collection_has_a_bound(void)
{
    enum { VALUES = 20000, REPEATS = 20000, ROOM = 1 << 20 };
    static char text[ROOM];
    size_t n = (size_t)snprintf(text, sizeof text,
                                "title: t\nlogsource: {product: windows}\n"
                                "detection:\n  condition: s\n  s: {F: [a");
    for (size_t i = 0; i < VALUES; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, ",%zu", i % 10);
    n += (size_t)snprintf(text + n, sizeof text - n, "]}\n");
    for (size_t i = 0; i < REPEATS; i++)
        n += (size_t)snprintf(text + n, sizeof text - n, "---\naction: repeat\n");
    struct ruleset *set = ruleset_new();
    const struct refusal *refusals = NULL;
    ruleset_add(set, STR("x"), STR(""), (struct str){text, n});
    ruleset_freeze(set);
    T_OK(ruleset_count(set) > 10 && ruleset_count(set) < 1000);
    T_OK(ruleset_refusals(set, &refusals) > 1000);
    T_EQ(refusals[0].code, ERR_LIMIT);
    ruleset_free(set);
}

/* The values of all rules together. */
static void placeholders_have_a_bound(void)
{
    enum { VALUES = 250, RULES = 40 };
    struct str values[VALUES];
    char names[VALUES][8];
    for (size_t i = 0; i < VALUES; i++)
        values[i] = (struct str){names[i], (size_t)snprintf(names[i], 8, "v%zu", i)};
    struct ruleset *set = ruleset_new();
    const struct refusal *refusals = NULL;
    ruleset_placeholder(set, STR("x"), values, VALUES);
    for (size_t i = 0; i < RULES; i++)
        ruleset_add(set, STR("x"), STR(""),
                    STR("logsource: {product: windows}\n"
                        "detection: {s: {F|expand: '%x%-%x%'}, condition: s}\n"));
    ruleset_freeze(set);
    T_EQ(ruleset_count(set) + ruleset_refusals(set, &refusals), RULES);
    T_OK(ruleset_count(set) >= 10 && ruleset_count(set) <= 20);
    T_EQ(refusals[0].code, ERR_LIMIT);
    ruleset_free(set);
}

static void levels_have_names(void)
{
    enum level level = LEVEL_LOW;
    T_OK(level_parse(STR("Critical"), &level));
    T_EQ(level, LEVEL_CRITICAL);
    T_OK(!level_parse(STR("severe"), &level));
    T_OK(strcmp(level_name(LEVEL_INFORMATIONAL), "informational") == 0);
}

static void a_runaway_expression_is_given_up(void)
{
    static const char rule[] =
        "title: t\nlogsource: {product: windows}\n"
        "detection: {s: {F|re: '^(a?){40}(a*)*(a|aa)+(a*)*$'}, condition: s}\n";
    struct ruleset *set = ruleset_new();
    ruleset_add(set, STR("x"), STR(""), (struct str){rule, sizeof rule - 1});
    ruleset_freeze(set);
    struct matcher *m = matcher_new(set);
    struct arena *arena = arena_new();
    struct event ev =
        event_of("F=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab", arena);
    const uint32_t *hits = NULL;
    T_EQ(matcher_run(m, &ev, &hits), 0);
    T_EQ(matcher_limits(m), 1);
    arena_free(arena);
    matcher_free(m);
    ruleset_free(set);
}

int main(void)
{
    T_RUN(values_have_wildcards_and_escapes);
    T_RUN(numbers_match_as_numbers_or_text);
    T_RUN(null_empty_and_missing_differ);
    T_RUN(modifiers_place_and_combine);
    T_RUN(encodings);
    T_RUN(expressions_addresses_and_comparisons);
    T_RUN(parts_of_a_time);
    T_RUN(keywords_see_all_values);
    T_RUN(conditions);
    T_RUN(heads_and_guids);
    T_RUN(documents_that_are_no_rules_are_refused);
    T_RUN(a_file_may_hold_several_rules);
    T_RUN(matches_come_in_the_order_of_the_rules);
    T_RUN(deep_conditions_are_refused);
    T_RUN(a_collection_has_a_bound);
    T_RUN(placeholders_have_a_bound);
    T_RUN(levels_have_names);
    T_RUN(a_runaway_expression_is_given_up);
    return t_done();
}
