/* indicator_json.c - see indicator_json.h. */
#include "rule/indicator_json.h"

static size_t pass_blanks(struct str s, size_t at)
{
    while (at < s.n &&
           (s.p[at] == ' ' || s.p[at] == '\n' || s.p[at] == '\r' || s.p[at] == '\t'))
        at++;
    return at;
}

/* Behind the string whose quote stands at `at`; the end of the text if it has no end. */
static size_t pass_string(struct str s, size_t at)
{
    for (at++; at < s.n && s.p[at] != '"'; at++)
        at += s.p[at] == '\\';
    return at < s.n ? at + 1 : s.n;
}

/* Behind the value at `at`: brackets and quotes are counted, nothing else is looked at. */
static size_t pass_value(struct str s, size_t at)
{
    size_t depth = 0;
    while (at < s.n) {
        char c = s.p[at];
        if (c == '"') {
            at = pass_string(s, at);
        } else if (c == '{' || c == '[') {
            depth++;
            at++;
        } else if (c == '}' || c == ']') {
            if (depth == 0)
                return at;
            depth--;
            at++;
        } else if (depth == 0 && (c == ',' || c == ':')) {
            return at;
        } else {
            at++;
        }
        if (depth == 0 && (c == '}' || c == ']' || c == '"'))
            return at;
    }
    return at;
}

bool json_enter(struct str text, size_t at, struct json_place *ret)
{
    at = pass_blanks(text, at);
    if (at >= text.n || (text.p[at] != '{' && text.p[at] != '['))
        return false;
    *ret = (struct json_place){.text = text, .at = at + 1, .object = text.p[at] == '{'};
    return true;
}

static bool read_key(struct json_place *p, struct str *ret_key)
{
    if (p->at >= p->text.n || p->text.p[p->at] != '"')
        return false;
    size_t from = p->at + 1;
    size_t to = pass_string(p->text, p->at);
    size_t colon = pass_blanks(p->text, to);
    if (colon >= p->text.n || p->text.p[colon] != ':')
        return false;
    *ret_key = str_part(p->text, from, to - 1);
    p->at = pass_blanks(p->text, colon + 1);
    return true;
}

bool json_step(struct json_place *p, struct str *ret_key, struct str *ret_value)
{
    struct str key = STR("");
    if (p->damaged)
        return false;
    p->at = pass_blanks(p->text, p->at);
    if (p->at < p->text.n && p->text.p[p->at] == ',')
        p->at = pass_blanks(p->text, p->at + 1);
    if (p->at < p->text.n && (p->text.p[p->at] == '}' || p->text.p[p->at] == ']'))
        return false;
    if (p->at >= p->text.n || (p->object && !read_key(p, &key))) {
        p->damaged = true;
        return false;
    }
    size_t from = p->at;
    p->at = pass_value(p->text, from);
    if (p->at <= from) {
        p->damaged = true;
        return false;
    }
    *ret_key = key;
    *ret_value = str_part(p->text, from, p->at);
    return true;
}
