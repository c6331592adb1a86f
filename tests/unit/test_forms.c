#include "rule/forms.h"

#include "rule/rules.h"
#include "t.h"

static void forms_come_plainest_first(void)
{
    static const struct {
        const char *text;
        const char *want[FORMS_MAX];
    } cases[] = {
        {"plain", {NULL}},
        {"a+b", {"a b"}},
        {"%2e%2e/x", {"../x"}},
        {"%252e+%2b", {"%2e++", "%2e +", ".++", ". +"}},
        {"a%2520b", {"a%20b", "a b"}},
        {"..%c0%af..", {"../.."}},
        {"%e0%80%af%c1%9c", {"/\\"}},
        {"%25c0%25af", {"%c0%af", "/"}},
        {"%ff", {"\xef\xbf\xbd"}},
        {"%25%", {"%%"}},
    };
    struct arena *a = arena_new();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct form forms[FORMS_MAX];
        size_t n = forms_of(str_of(cases[i].text), a, forms);
        size_t want = 0;
        while (want < FORMS_MAX && cases[i].want[want])
            want++;
        t_eq(n, want, cases[i].text, __FILE__, __LINE__);
        for (size_t k = 0; k < n && k < want; k++)
            T_OK(str_eq(forms[k].text, str_of(cases[i].want[k])));
    }
    arena_free(a);
}

static void how_it_matched(enum event_kind kind, const char *stem, const char *query,
                           const char *want_how, const char *want_text)
{
    static const char rule[] = "title: t\nlogsource: {category: webserver}\n"
                               "detection: {s: {cs-uri-query|contains: '../etc'}, "
                               "condition: s}\n";
    struct ruleset *set = ruleset_new();
    ruleset_add(set, STR("t"), STR(""), str_of(rule));
    ruleset_freeze(set);
    struct matcher *m = matcher_new(set);
    struct arena *a = arena_new();
    struct event ev = {.kind = kind, .time = INSTANT_NONE, .channel = STR("")};
    event_add(&ev, a, SECTION_DATA, FIELD_TEXT, STR("cs-uri-stem"), str_of(stem));
    event_add(&ev, a, SECTION_DATA, FIELD_TEXT, STR("cs-uri-query"), str_of(query));
    const uint32_t *hits = NULL;
    size_t n = matcher_run(m, &ev, &hits);
    T_EQ(n, want_how ? 1 : 0);
    if (n && want_how) {
        struct str how;
        struct str text = matcher_decoded(m, 0, &how);
        T_OK(str_eq(how, str_of(want_how)));
        T_OK(str_eq(text, str_of(want_text)));
    }
    arena_free(a);
    matcher_free(m);
    ruleset_free(set);
}

static void a_match_says_what_was_decoded(void)
{
    how_it_matched(EVENT_IIS, "/x", "f=../etc", "", "");
    how_it_matched(EVENT_IIS, "/x", "f=..%2fetc", "percent-decoded", "f=../etc");
    how_it_matched(EVENT_HTTPERR, "/x", "f=..%252fetc", "percent-decoded twice", "f=../etc");
    how_it_matched(EVENT_ACCESS, "/x/..%c0%afetc", "-", "percent-decoded", "/x/../etc");
    how_it_matched(EVENT_ACCESS, "/x/../etc", "a", "", ""); /* the whole URI, as it stands */
    how_it_matched(EVENT_IIS, "/x", "f=..%25252fetc", NULL, NULL); /* not three times */
    how_it_matched(EVENT_HTTPPROXY, "/x", "f=../etc", NULL, NULL);
}

int main(void)
{
    T_RUN(forms_come_plainest_first);
    T_RUN(a_match_says_what_was_decoded);
    return t_done();
}
