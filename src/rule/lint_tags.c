/* lint_tags.c - tags: "namespace.name".
 *
 * Source: Sigma specification 2.1.0, appendix "Tags"
 */
#include "rule/lint_int.h"
#include "rule/nearest.h"

#define COUNT(list) (sizeof(list) / sizeof *(list))

static const char *const tactics[] = {
    "reconnaissance",  "resource-development",
    "initial-access",  "execution",
    "persistence",     "privilege-escalation",
    "defense-evasion", "credential-access",
    "discovery",       "lateral-movement",
    "collection",      "command-and-control",
    "exfiltration",    "impact",
    "stealth",         "defense-impairment",
};
static const char *const colours[] = {"red",   "amber", "amber-strict",
                                      "green", "clear", "white"};
static const char *const detections[] = {"dfir", "emerging-threats", "threat-hunting"};
static const char *const namespaces[] = {"attack",    "car", "cve", "d3fend",
                                         "detection", "stp", "tlp"};

/* Whether the text is like the form: 'd' a digit, 'a' a letter, '~' digits to the end (at
 * least one), other characters themselves. Case does not count. */
static bool is_like(struct str text, const char *form)
{
    size_t i = 0;
    for (; form[i]; i++) {
        char c = i < text.n ? ascii_lower(text.p[i]) : '\0';
        bool digit = c >= '0' && c <= '9';
        bool letter = c >= 'a' && c <= 'z';
        if (form[i] == '~') {
            for (size_t k = i; k < text.n; k++)
                if (text.p[k] < '0' || text.p[k] > '9')
                    return false;
            return i < text.n;
        }
        if (form[i] == 'd' ? !digit : form[i] == 'a' ? !letter : c != form[i])
            return false;
    }
    return i == text.n;
}

static bool is_like_any(struct str text, const char *const *forms, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (is_like(text, forms[i]))
            return true;
    return false;
}

static bool is_word_of(struct str text, const char *const *words, size_t n)
{
    for (size_t i = 0; i < n; i++)
        if (str_ieq(text, str_of(words[i])))
            return true;
    return false;
}

static bool is_tactic(struct str name)
{
    enum { NAME = 32 };
    char dashed[NAME];
    if (name.n > NAME)
        return false;
    for (size_t i = 0; i < name.n; i++)
        dashed[i] = name.p[i] == '_' ? '-' : name.p[i];
    return is_word_of((struct str){dashed, name.n}, tactics, COUNT(tactics));
}

/* Techniques, groups, software, mitigations, campaigns, data sources, tactics by number. */
static bool is_attack(struct str name)
{
    static const char *const numbers[] = {"dddd", "dddd.ddd"};
    static const char *const kinds[] = {"t", "g", "s", "m", "c", "ds", "ta"};
    for (size_t i = 0; i < COUNT(kinds); i++) {
        struct str number = str_part(name, str_of(kinds[i]).n, name.n);
        if (str_istarts(name, str_of(kinds[i])) &&
            (is_like(number, numbers[0]) || (i == 0 && is_like(number, numbers[1]))))
            return true;
    }
    return is_tactic(name);
}

static bool is_cve(struct str name)
{
    static const char *const forms[] = {"dddd-~", "dddd.~"};
    return is_like_any(name, forms, COUNT(forms)) && name.n >= sizeof "2021-0001" - 1;
}

static bool is_stp(struct str name)
{
    static const char *const forms[] = {"d", "da"};
    return is_like_any(name, forms, COUNT(forms));
}

/* What a tag of this namespace looks like; NULL if it does. */
static const char *name_error(struct str space, struct str name)
{
    if (str_ieq(space, STR("attack")))
        return is_attack(name) ? NULL : "a tactic, or t1059, t1059.001, g0016, s0154";
    if (str_ieq(space, STR("cve")))
        return is_cve(name) ? NULL : "cve.2021-26855";
    if (str_ieq(space, STR("detection")))
        return is_word_of(name, detections, COUNT(detections))
                   ? NULL
                   : "dfir, emerging-threats, threat-hunting";
    if (str_ieq(space, STR("tlp")))
        return is_word_of(name, colours, COUNT(colours))
                   ? NULL
                   : "red, amber, amber-strict, green, clear";
    if (str_ieq(space, STR("stp")))
        return is_stp(name) ? NULL : "a digit, or a digit and a letter: stp.3k";
    if (str_ieq(space, STR("car")))
        return is_like(name, "dddd-dd-ddd") ? NULL : "car.2016-04-005";
    return NULL; /* d3fend names its artefacts in words too */
}

static void look_at_tag(struct lint_file *f, const struct yaml *y)
{
    struct yaml_mark at = yaml_mark_of(y, false, 0);
    size_t dot = str_find(y->text, STR("."), 0);
    struct str space = str_part(y->text, 0, dot);
    struct str name = dot < y->text.n ? str_part(y->text, dot + 1, y->text.n) : STR("");
    if (name.n == 0) {
        lint_tell(f, LINT_WARNING, at, "bad-tag",
                  "the tag '%.*s' is not of the form namespace.name",
                  STR_ARG(lint_short(y->text)));
        return;
    }
    if (!is_word_of(space, namespaces, COUNT(namespaces))) {
        struct nearest near = nearest_to(space);
        for (size_t i = 0; i < COUNT(namespaces); i++)
            nearest_try(&near, str_of(namespaces[i]));
        lint_tell(f, LINT_WARNING, at, "bad-tag", "unknown namespace '%.*s' of a tag%s%.*s%s",
                  STR_ARG(lint_short(space)), near.best.n ? " (did you mean '" : "",
                  STR_ARG(near.best), near.best.n ? "'?)" : "");
        return;
    }
    const char *want = name_error(space, name);
    if (want)
        lint_tell(f, LINT_WARNING, at, "bad-tag", "the tag '%.*s' is not of a known form: %s",
                  STR_ARG(lint_short(y->text)), want);
}

void lint_tags(struct lint_file *f, const struct yaml *tags)
{
    if (!tags || tags->type == YAML_NULL)
        return;
    if (tags->type != YAML_LIST) {
        lint_tell(f, LINT_WARNING, yaml_mark_of(tags, false, 0), "bad-tag", "`tags` is a list");
        return;
    }
    enum { COMPARED = 256 }; /* tags of one rule with each other */
    unsigned n = 0;
    for (const struct yaml *y = tags->child; y; y = y->next, n++) {
        look_at_tag(f, y);
        for (const struct yaml *k = tags->child; k != y && n < COMPARED; k = k->next)
            if (str_ieq(k->text, y->text)) {
                lint_tell(f, LINT_WARNING, yaml_mark_of(y, false, 0), "double-tag",
                          "the tag '%.*s' occurs twice", STR_ARG(lint_short(y->text)));
                break;
            }
    }
}
