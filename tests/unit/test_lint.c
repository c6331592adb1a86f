#include "rule/lint.h"

#include "base/buf.h"
#include "rule/lint_int.h"
#include "t.h"

/* A rule without a fault; %s is put where a case wants its slip. */
#define HEAD "title: A rule\nid: 6f3e2987-db24-4c78-a860-b4f4095a7095\n"
#define META "status: test\nlevel: high\ndate: 2026-01-31\n"
#define SOURCE "logsource: {product: windows, category: process_creation}\n"
#define DETECTION "detection:\n  sel:\n    Image: a.exe\n  condition: sel\n"

/* "LINE:COLUMN severity check: text" of each problem, a line each. */
static struct buf lint_of(const char *const *texts, size_t n)
{
    struct lint *lint = lint_new();
    struct buf out = buf_new(1 << 20);
    const struct lint_problem *p;
    char path[] = "a.yml";
    for (size_t i = 0; i < n; i++, path[0]++)
        lint_add(lint, str_of(path), str_of(texts[i]));
    size_t count = lint_finish(lint, &p);
    struct lint_totals totals = lint_count(lint);
    T_EQ(totals.errors + totals.warnings + totals.notes, count);
    for (size_t i = 0; i < count; i++)
        buf_addf(&out, "%.*s:%u:%u %s %s: %.*s\n", STR_ARG(p[i].path), p[i].at.line,
                 p[i].at.column, lint_severity_name(p[i].severity), p[i].check,
                 STR_ARG(p[i].text));
    lint_free(lint);
    return out;
}

static void expect(const char *text, const char *want)
{
    const char *const texts[] = {text};
    struct buf out = lint_of(texts, 1);
    if (!str_eq(buf_str(&out), str_of(want)))
        printf("of\n%s\ngot\n%.*swant\n%s", text, STR_ARG(buf_str(&out)), want);
    T_OK(str_eq(buf_str(&out), str_of(want)));
    buf_free(&out);
}

static void a_good_rule_has_no_problem(void)
{
    expect(HEAD META SOURCE DETECTION, "");
    expect(HEAD META SOURCE DETECTION "tags: [attack.t1059.001, attack.initial-access, "
                                      "attack.initial_access, cve.2021-26855, tlp.red, "
                                      "attack.g0016, detection.dfir, stp.3k, "
                                      "car.2016-04-005, d3fend.d3-am]\n"
                                      "related:\n  - id: 6f3e2987-db24-4c78-a860-b4f4095a7096\n"
                                      "    type: derived\n",
           "");
}

static void the_head(void)
{
    expect(META SOURCE DETECTION,
           "a.yml:1:1 warning missing-id: the rule has no id; its findings cannot be told from "
           "others of its title\n"
           "a.yml:1:1 warning missing-title: the rule has no title\n");
    expect(HEAD SOURCE DETECTION,
           "a.yml:1:1 warning missing-level: the rule has no level; it counts as medium\n"
           "a.yml:1:1 warning missing-status: the rule has no status\n");
    expect("title: x\nid: 123\n" META SOURCE DETECTION,
           "a.yml:2:5 warning bad-id: the id '123' is no UUID\n");
    expect(HEAD "status: tset\nlevel: hihg\n" SOURCE DETECTION,
           "a.yml:3:9 warning unknown-status: unknown status 'tset' (did you mean 'test'?)\n"
           "a.yml:4:8 error unknown-level: unknown level 'hihg' (did you mean 'high'?)\n");
    expect(HEAD META "falsepositive: x\nour_own: y\n" SOURCE DETECTION,
           "a.yml:6:1 warning unknown-key: unknown key 'falsepositive' (did you mean "
           "'falsepositives'?)\n"
           "a.yml:7:1 note unknown-key: unknown key 'our_own'\n");
    expect(
        HEAD
        "status: test\nlevel: low\ndate: 2021/03/02\nmodified: 2021-02-30\n" SOURCE DETECTION,
        "a.yml:5:7 warning old-date: date '2021/03/02': since Sigma 2.0 dates are written "
        "with '-'\n"
        "a.yml:6:11 warning bad-date: modified '2021-02-30' is no date; want one such as "
        "2026-11-23\n");
    expect(HEAD META "modified: 2025-12-31\n" SOURCE DETECTION,
           "a.yml:6:11 warning bad-date: modified 2025-12-31 is before the date of the rule, "
           "2026-01-31\n");
}

static void tags(void)
{
    expect(HEAD META "tags:\n  - attack.t1059\n  - atack.t1059\n  - attack.t10\n  - t1059\n"
                     "  - cve.2021-1\n  - attack.T1059\n  - attack.excution\n" SOURCE DETECTION,
           "a.yml:8:5 warning bad-tag: unknown namespace 'atack' of a tag (did you mean "
           "'attack'?)\n"
           "a.yml:9:5 warning bad-tag: the tag 'attack.t10' is not of a known form: a tactic, "
           "or t1059, t1059.001, g0016, s0154\n"
           "a.yml:10:5 warning bad-tag: the tag 't1059' is not of the form namespace.name\n"
           "a.yml:11:5 warning bad-tag: the tag 'cve.2021-1' is not of a known form: "
           "cve.2021-26855\n"
           "a.yml:12:5 warning double-tag: the tag 'attack.T1059' occurs twice\n"
           "a.yml:13:5 warning bad-tag: the tag 'attack.excution' is not of a known form: a "
           "tactic, or t1059, t1059.001, g0016, s0154\n");
}

static void ids_of_two_files(void)
{
    const char *const texts[] = {HEAD META SOURCE DETECTION, HEAD META SOURCE DETECTION};
    struct buf out = lint_of(texts, 2);
    T_STR(buf_str(&out), "b.yml:2:5 warning duplicate-id: the id is that of a.yml:2 too\n");
    buf_free(&out);
}

static void what_the_engine_refuses_has_its_place(void)
{
    expect(HEAD META SOURCE "detection:\n  sel:\n    Image|containz: x\n    User|re: '('\n"
                            "    LogonId|cidr: 1.2.3.4.5\n  condition: sel or selx\n",
           "a.yml:9:11 error refused: unknown modifier 'containz' (did you mean 'contains'?)\n"
           "a.yml:10:14 error refused: regular expression, byte 1: missing closing "
           "parenthesis\n"
           "a.yml:11:19 error refused: '1.2.3.4.5' is not a network address\n"
           "a.yml:12:21 error refused: condition: unknown selection at 'selx' (did you mean "
           "'sel'?)\n");
    expect(HEAD META SOURCE "detection:\n  sel:\n    Image: x\n",
           "a.yml:8:3 error refused: no condition\n");
    expect(HEAD META DETECTION, "a.yml:1:1 error refused: no log source\n");
    expect(HEAD "a: [\n", "a.yml:4:1 error refused: did not find expected node content\n");
    expect("title: x\ntitle: y\n", "a.yml:2:1 error refused: the key 'title' occurs twice\n");
}

static void conditions(void)
{
    expect(HEAD META SOURCE "detection:\n  sel:\n    User: x\n  spare:\n    User: y\n"
                            "  condition: sel\n",
           "a.yml:10:3 warning unused-selection: the condition does not use 'spare'\n");
    expect(HEAD META SOURCE "detection:\n  sel:\n    User: x\n  condition: all of them\n",
           "a.yml:10:21 warning lonely-them: 'them' is one selection only; name it\n");
    expect(HEAD META SOURCE "detection:\n  of:\n    User: x\n  condition: of\n",
           "a.yml:8:3 warning bad-name: 'of' is a word of conditions and cannot be named by "
           "one\n");
    expect(HEAD META SOURCE "detection:\n  a1:\n    User: x\n  a2:\n    User: y\n"
                            "  condition: 1 of a*\n",
           "");
}

static void values(void)
{
    static const struct {
        const char *item, *want;
    } cases[] = {
        {"Image: C:\\Temp\\*",
         "9:19 warning escaped-star: '\\*' is a literal star; a backslash "
         "and a wildcard are '\\\\*'\n"},
        {"Image: C:\\Temp\\\\*", ""},
        {"CommandLine|contains: ' -Filter \\*'", ""},
        {"Imag|contains: x",
         "9:5 warning unknown-field: events of process_creation have no field "
         "'Imag' (did you mean 'Image'?)\n"},
        {"GrandParentImage|contains: x",
         "9:5 note unknown-field: events of process_creation have no field "
         "'GrandParentImage'\n"},
        {"imphash: x", ""},
        {"Image|contains: '*x*'", "9:21 warning needless-star: the star does nothing: the "
                                  "modifier already allows any text there\n"},
        {"Image|contains: '*'", ""},
        {"Image|endswith: 'x*'", "9:23 warning needless-star: with a star at this end, "
                                 "'contains' says what is meant\n"},
        {"Image: 'x '", "9:14 note blank: a blank at this end has to be in the event too\n"},
        {"CommandLine|contains: ' x '", ""},
        {"CommandLine|contains|windash: [abc, '-x']", ""},
        {"CommandLine|contains|windash: abc",
         "9:5 warning no-dash: windash does nothing: no value has a dash\n"},
        {"Image|contains|all: x",
         "9:5 warning needless-all: 'all' does nothing: there is one value\n"},
        {"Image: [a, b, A]",
         "9:19 warning double-value: the value stands in the list already, in line 9\n"},
        {"Image|base64offset: abc", "9:5 warning base64offset: base64offset without contains "
                                    "compares the whole text: say base64offset|contains\n"},
        {"Image|re: 'x(a+)+$'",
         "9:17 warning nested-quantifiers: a repeated group of something "
         "repeated: on long texts the expression is given up and does "
         "not match\n"},
        {"Image|re: '(\\w*)*'",
         "9:15 warning nested-quantifiers: a repeated group of something "
         "repeated: on long texts the expression is given up and does "
         "not match\n"},
        {"Image|re: '(?:[a)+]{2,})+'",
         "9:15 warning nested-quantifiers: a repeated group of something repeated: on long "
         "texts the expression is given up and does not match\n"},
        {"Image|re: '(a+b)+'", ""},
        {"Image|re: '(a|b)+c+'", ""},
        {"Image|re: '(/a+)+'", ""},
        {"Image|re: '\\(a+\\)+'", ""},
        {"Image|re: '(a{1,3})+'", ""},
        {"Image|contains|expand: '%x%'",
         "9:28 warning not-evaluated: the placeholder %x% needs a list of values, and none is "
         "given\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[2000];
        char want[400];
        (void)snprintf(text, sizeof text,
                       HEAD META SOURCE "detection:\n  sel:\n    %s\n  condition: sel\n",
                       cases[i].item);
        (void)snprintf(want, sizeof want, "%s%s", cases[i].want[0] ? "a.yml:" : "",
                       cases[i].want);
        expect(text, want);
    }
}

static void filters(void)
{
    static const char rule[] = HEAD META SOURCE DETECTION;
    static const struct {
        const char *condition, *want;
    } cases[] = {
        {"not s", ""},
        {"1 of s* and (NOT s)", ""},
        {"s", "b.yml:6:14 warning filter-keeps: the filter's condition has no 'not': its rules "
              "then find only what it selects\n"},
        {"nothing or s",
         "b.yml:6:14 error refused: condition: unknown selection at 'nothing'\n"
         "b.yml:6:14 warning filter-keeps: the filter's condition has no 'not': "
         "its rules then find only what it selects\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[600];
        (void)snprintf(text, sizeof text,
                       "title: A filter\nid: 0e95725d-7320-415d-80f7-004da920fc11\n" SOURCE
                       "filter:\n  rules: [6f3e2987-db24-4c78-a860-b4f4095a7095]\n"
                       "  condition: %s\n  s: {User: x}\n",
                       cases[i].condition);
        const char *const texts[] = {rule, text};
        struct buf out = lint_of(texts, 2);
        if (!str_eq(buf_str(&out), str_of(cases[i].want)))
            printf("%s: %.*s\n", cases[i].condition, STR_ARG(buf_str(&out)));
        T_OK(str_eq(buf_str(&out), str_of(cases[i].want)));
        buf_free(&out);
    }
}

static void what_is_no_rule_is_left_alone(void)
{
    const char *const texts[] = {"author: somebody\nfiles: [a, b]\n", "", "---\n---\n"};
    struct buf out = lint_of(texts, 3);
    T_STR(buf_str(&out), "");
    buf_free(&out);
    expect("- a\n- b\n", "a.yml:1:1 error refused: not a rule: the document is not a map\n");
}

static void log_sources_without_evidence_are_a_note(void)
{
    expect(HEAD META "logsource: {product: zeek, service: dns}\n" DETECTION,
           "a.yml:6:1 note no-evidence: no evidence that is read can feed this log source\n");
}

static void uuids(void)
{
    T_OK(lint_is_uuid(STR("6f3e2987-DB24-4c78-a860-b4f4095a7095")));
    T_OK(!lint_is_uuid(STR("6f3e2987-db24-4c78-a860-b4f4095a709")));
    T_OK(!lint_is_uuid(STR("6f3e2987-db24-4c78-a860_b4f4095a7095")));
    T_OK(!lint_is_uuid(STR("6f3e2987-db24-4c78-a860-b4f4095a709g")));
}

static void harmless(struct bytes data)
{
    struct lint *lint = lint_new();
    const struct lint_problem *p;
    lint_add(lint, STR("a.yml"), (struct str){(const char *)data.p, data.n});
    (void)lint_finish(lint, &p);
    lint_free(lint);
}

static void prefixes_and_flipped_bits_are_harmless(void)
{
    static const char sample[] =
        HEAD META "tags: [attack.t1]\n" SOURCE "detection:\n  s:\n    A|re: '(a+)+'\n"
                  "    B|contains|windash: ['*x', 'C:\\a\\*']\n"
                  "  condition: 1 of them\n";
    char copy[sizeof sample];
    t_each_prefix((struct bytes){(const uint8_t *)sample, sizeof sample - 1}, harmless);
    for (size_t i = 0; i < (sizeof sample - 1) * 8; i += 3) {
        memcpy(copy, sample, sizeof sample);
        copy[i / 8] = (char)(copy[i / 8] ^ 1 << i % 8);
        harmless((struct bytes){(const uint8_t *)copy, sizeof sample - 1});
    }
}

int main(void)
{
    T_RUN(a_good_rule_has_no_problem);
    T_RUN(the_head);
    T_RUN(tags);
    T_RUN(ids_of_two_files);
    T_RUN(what_the_engine_refuses_has_its_place);
    T_RUN(conditions);
    T_RUN(values);
    T_RUN(filters);
    T_RUN(what_is_no_rule_is_left_alone);
    T_RUN(log_sources_without_evidence_are_a_note);
    T_RUN(uuids);
    T_RUN(prefixes_and_flipped_bits_are_harmless);
    return t_done();
}
