#include "format/asp_split.h"

#include "format/asp_encode.h"

enum {
    TAG_BYTES = 4096,    /* of one tag with its attributes */
    GUESS_BYTES = 16384, /* of script by which its language is guessed */
    RAZOR_DEPTH = 4096,  /* braces */
    DIRECTIVE_BYTES = 8192,
};

/* --- tags and attributes ------------------------------------------------------------------- */

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

static bool is_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           c == '_' || c == '-' || c == ':';
}

/* The value of an attribute, with or without quotes; "" if it is not there. */
static struct str attribute(struct str tag, struct str name)
{
    for (size_t at = 0; (at = str_ifind(tag, name, at)) != SIZE_MAX; at++) {
        size_t i = at + name.n;
        if (at > 0 && is_name(tag.p[at - 1]))
            continue;
        while (i < tag.n && is_space(tag.p[i]))
            i++;
        if (i >= tag.n || tag.p[i] != '=')
            continue;
        for (i++; i < tag.n && is_space(tag.p[i]);)
            i++;
        char quote = i < tag.n && (tag.p[i] == '"' || tag.p[i] == '\'') ? tag.p[i++] : '\0';
        size_t to = i;
        while (to < tag.n && (quote ? tag.p[to] != quote : !is_space(tag.p[to])))
            to++;
        return str_trim(str_part(tag, i, to));
    }
    return STR("");
}

static bool has_server(struct str tag)
{
    return str_ieq(attribute(tag, STR("runat")), STR("server"));
}

/* Where "%>" stands; SIZE_MAX if nowhere. */
static size_t nugget_end(struct str text, size_t at)
{
    while (at + 1 < text.n) {
        const char *p = memchr(text.p + at, '%', text.n - 1 - at);
        if (!p)
            return SIZE_MAX;
        at = (size_t)(p - text.p);
        if (p[1] == '>')
            return at;
        at++;
    }
    return SIZE_MAX;
}

/* The end of a tag that starts at `at`: where its '>' is, outside quotes and nuggets. */
static size_t tag_end(struct str text, size_t at)
{
    size_t limit = text.n - at < TAG_BYTES ? text.n : at + TAG_BYTES;
    char quote = '\0';
    size_t bare = SIZE_MAX;
    for (size_t i = at; i < limit; i++) {
        char c = text.p[i];
        if (c == '<' && i + 1 < limit && text.p[i + 1] == '%') {
            size_t to = nugget_end(str_part(text, 0, limit), i + 2);
            i = to == SIZE_MAX ? limit : to + 1;
        } else if (quote) {
            quote = c == quote ? '\0' : quote;
            bare = c == '>' && bare == SIZE_MAX ? i : bare;
        } else if (c == '"' || c == '\'') {
            quote = c;
        } else if (c == '>') {
            return i;
        }
    }
    return bare; /* a quote that does not close */
}

static enum asp_lang lang_of(struct str name)
{
    static const struct {
        const char *name;
        enum asp_lang lang;
    } names[] = {
        {"vb", ASP_VB},
        {"vbs", ASP_VB},
        {"vbscript", ASP_VB},
        {"vbscript.encode", ASP_VB},
        {"visualbasic", ASP_VB},
        {"c#", ASP_CSHARP},
        {"cs", ASP_CSHARP},
        {"csharp", ASP_CSHARP},
        {"js", ASP_JSCRIPT},
        {"jscript", ASP_JSCRIPT},
        {"jscript.encode", ASP_JSCRIPT},
        {"javascript", ASP_JSCRIPT},
        {"jscript.net", ASP_JSCRIPT},
    };
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_ieq(name, str_of(names[i].name)))
            return names[i].lang;
    return ASP_LANG_NONE;
}

/* --- parts --------------------------------------------------------------------------------- */

struct splitting {
    struct str text;
    struct arena *arena;
    struct asp_page *page;
    bool behind_directive; /* what follows is a handler's code */
};

static void add_part(struct splitting *s, enum asp_part_kind kind, struct str code,
                     enum asp_lang lang)
{
    struct asp_page *page = s->page;
    bool encoded = false;
    code = str_trim(code);
    if (code.n == 0)
        return;
    if (page->n_parts == ASP_PARTS) {
        page->cut = true;
        return;
    }
    if (str_find(str_part(code, 0, 4096), STR("#@~^"), 0) != SIZE_MAX)
        encoded = asp_encode_undo(code, s->arena, &code);
    page->parts =
        arena_grow(s->arena, page->parts, page->n_parts, &page->cap_parts, sizeof *page->parts);
    page->parts[page->n_parts++] =
        (struct asp_part){.kind = kind, .lang = lang, .code = code, .encoded = encoded};
}

static void add_control(struct splitting *s, enum asp_control_kind kind, struct str id,
                        struct str object)
{
    struct asp_page *page = s->page;
    if (id.n == 0)
        return;
    if (page->n_controls == ASP_CONTROLS) {
        page->cut = true;
        return;
    }
    page->controls = arena_grow(s->arena, page->controls, page->n_controls, &page->cap_controls,
                                sizeof *page->controls);
    page->controls[page->n_controls++] =
        (struct asp_control){.kind = kind, .id = id, .object = object};
}

static void read_directive(struct splitting *s, struct str text)
{
    text = str_part(str_trim(text), 0, DIRECTIVE_BYTES);
    enum asp_lang lang = lang_of(attribute(text, STR("language")));
    if (lang && !s->page->lang)
        s->page->lang = lang;
    struct str base = attribute(text, STR("inherits"));
    s->page->has_behind |=
        (base.n && !str_istarts(base, STR("System."))) ||
        attribute(text, STR("codebehind")).n || attribute(text, STR("codefile")).n ||
        attribute(text, STR("masterpagefile")).n || attribute(text, STR("src")).n;
    if (str_istarts(text, STR("import")) &&
        str_find(attribute(text, STR("namespace")), STR("="), 0) != SIZE_MAX)
        add_part(s, ASP_STATEMENTS, attribute(text, STR("namespace")), ASP_LANG_NONE);
    struct str word = text;
    for (word.n = 0; word.n < text.n && is_name(text.p[word.n]);)
        word.n++;
    s->page->net |= lang == ASP_CSHARP;
    s->page->net |= word.n && !str_ieq(word, STR("language")) &&
                    !str_ieq(word, STR("codepage")) && !str_ieq(word, STR("lcid")) &&
                    !str_ieq(word, STR("enablesessionstate")) &&
                    !str_ieq(word, STR("transaction"));
    s->page->foreign |= !asp_is_common_library(attribute(text, STR("namespace"))) &&
                        str_find(attribute(text, STR("namespace")), STR("="), 0) == SIZE_MAX;
    s->page->foreign |= str_istarts(text, STR("reference")) ||
                        str_istarts(text, STR("mastertype")) ||
                        (str_istarts(text, STR("assembly")) &&
                         !asp_is_common_library(attribute(text, STR("name")))) ||
                        !asp_is_common_library(attribute(text, STR("assembly")));
    s->page->application |= str_istarts(text, STR("application"));
    if (str_istarts(text, STR("webhandler")) || str_istarts(text, STR("webservice")) ||
        str_istarts(text, STR("servicehost")) ||
        (attribute(text, STR("class")).n && !str_istarts(text, STR("page")) &&
         !str_istarts(text, STR("control"))))
        s->page->handler = s->behind_directive = true;
}

/* A nugget that starts at `at`, where "<%" stands. Returns where to go on. */
static size_t read_nugget(struct splitting *s, size_t at)
{
    struct str text = s->text;
    size_t from = at + 2;
    if (str_starts(str_part(text, from, text.n), STR("--"))) {
        size_t to = str_find(text, STR("--%>"), from);
        if (to != SIZE_MAX)
            return to + 4;
    }
    size_t to = nugget_end(text, from);
    size_t next = to == SIZE_MAX ? text.n : to + 2;
    struct str code = str_part(text, from, to);
    size_t blank = 0;
    while (blank < code.n && is_space(code.p[blank]))
        blank++;
    char first = blank < code.n ? code.p[blank] : '\0';
    struct str rest = str_part(code, blank + 1, code.n);
    if (first == '@')
        read_directive(s, rest);
    else if (first == '=' || first == ':')
        add_part(s, ASP_OUTPUT, rest, ASP_LANG_NONE);
    else if (first == '#' && !str_starts(rest, STR("@~^")))
        add_part(s, ASP_BOUND, rest, ASP_LANG_NONE);
    else if (first != '$')
        add_part(s, ASP_STATEMENTS, code, ASP_LANG_NONE);
    return next;
}

static size_t read_script(struct splitting *s, size_t at)
{
    size_t end = tag_end(s->text, at);
    if (end == SIZE_MAX)
        return at + 1;
    struct str tag = str_part(s->text, at, end);
    if (!has_server(tag))
        return at + 1; /* nuggets may stand in it */
    size_t to = str_ifind(s->text, STR("</script"), end);
    if (attribute(tag, STR("src")).n)
        s->page->includes = true;
    add_part(s, ASP_ELEMENT, str_part(s->text, end + 1, to),
             lang_of(attribute(tag, STR("language"))));
    return to == SIZE_MAX ? s->text.n : to;
}

/* --- controls ------------------------------------------------------------------------------ */

static bool is_text_control(struct str name, struct str type)
{
    static const char *const names[] = {"asp:textbox",         "asp:hiddenfield", "textarea",
                                        "asp:dropdownlist",    "asp:listbox",     "select",
                                        "asp:radiobuttonlist", "asp:checkboxlist"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_ieq(name, str_of(names[i])))
            return true;
    return str_ieq(name, STR("input")) && !str_ieq(type, STR("submit")) &&
           !str_ieq(type, STR("button")) && !str_ieq(type, STR("checkbox"));
}

static size_t read_tag(struct splitting *s, size_t at)
{
    size_t end = tag_end(s->text, at);
    if (end == SIZE_MAX)
        return at + 1;
    struct str tag = str_part(s->text, at + 1, end);
    size_t n = 0;
    while (n < tag.n && is_name(tag.p[n]))
        n++;
    struct str name = str_part(tag, 0, n);
    struct str type = attribute(tag, STR("type"));
    s->page->net |= str_istarts(name, STR("asp:"));
    s->page->form |= str_ieq(name, STR("asp:fileupload")) || str_ieq(type, STR("file"));
    if (!has_server(tag))
        return at + 1;
    struct str id = attribute(tag, STR("id"));
    struct str object = attribute(tag, STR("progid"));
    object = object.n ? object : attribute(tag, STR("classid"));
    if (str_ieq(name, STR("object")))
        add_control(s, ASP_CONTROL_OBJECT, id, object);
    else if (str_ieq(name, STR("asp:fileupload")) || str_ieq(type, STR("file")))
        add_control(s, ASP_CONTROL_FILE, id, STR(""));
    else if (is_text_control(name, type))
        add_control(s, ASP_CONTROL_TEXT, id, STR(""));
    return at + 1; /* nuggets may stand in its attributes */
}

/* Whether a file that is included is named as what holds no script. */
static bool is_picture(struct str file)
{
    static const char *const ends[] = {".jpg", ".jpeg", ".gif", ".png", ".bmp", ".ico",
                                       ".rar", ".zip",  ".swf", ".mp3", ".doc", ".pdf"};
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (str_iends(file, str_of(ends[i])))
            return true;
    return false;
}

static size_t read_comment(struct splitting *s, size_t at)
{
    struct str head = str_trim(str_part(s->text, at + 4, at + 64));
    if (!str_istarts(head, STR("#include")))
        return at + 4;
    s->page->includes = true;
    size_t end = str_find(s->text, STR("-->"), at);
    struct str tag = str_part(s->text, at + 4, end < at + TAG_BYTES ? end : at + TAG_BYTES);
    struct str file = attribute(tag, STR("file"));
    file = file.n ? file : attribute(tag, STR("virtual"));
    if (!is_picture(file))
        s->page->script_included = true;
    else if (!s->page->picture)
        s->page->picture = s->text.p + at;
    return at + 4;
}

/* --- handlers ------------------------------------------------------------------------------- */

/* A handler's code: all that stands outside further directives. */
static void read_handler(struct splitting *s, size_t at)
{
    while (at < s->text.n) {
        size_t next = str_find(s->text, STR("<%@"), at);
        add_part(s, ASP_STATEMENTS, str_part(s->text, at, next), ASP_LANG_NONE);
        if (next == SIZE_MAX)
            return;
        at = read_nugget(s, next);
    }
}

static size_t read_at(struct splitting *s, size_t at)
{
    char c = ascii_lower(s->text.p[at + 1]);
    struct str rest = str_part(s->text, at + 1, at + 8);
    if (c == '%')
        return read_nugget(s, at);
    if (c == 's' && str_istarts(rest, STR("script")))
        return read_script(s, at);
    if (c == '!' && str_starts(rest, STR("!--")))
        return read_comment(s, at);
    if (str_istarts(rest, STR("asp:")) || str_istarts(rest, STR("input")) ||
        str_istarts(rest, STR("textare")) || str_istarts(rest, STR("select")) ||
        str_istarts(rest, STR("object")))
        return read_tag(s, at);
    return at + 1;
}

static void read_page(struct splitting *s)
{
    size_t at = 0;
    while (at + 1 < s->text.n && !s->behind_directive) {
        const char *p = memchr(s->text.p + at, '<', s->text.n - 1 - at);
        if (!p)
            return;
        at = read_at(s, (size_t)(p - s->text.p));
    }
    if (s->behind_directive)
        read_handler(s, at);
}

/* --- Razor ---------------------------------------------------------------------------------- */

/* The end of a block behind its opening bracket; strings and comments are passed over. */
static size_t block_end(struct str text, size_t at, char open, char close)
{
    size_t depth = 1;
    for (size_t i = at; i < text.n; i++) {
        char c = text.p[i];
        if (c == '"') {
            while (++i < text.n && text.p[i] != '"' && text.p[i] != '\n')
                i += text.p[i] == '\\';
        } else if (c == open) {
            depth += depth < RAZOR_DEPTH;
        } else if (c == close && --depth == 0) {
            return i;
        }
    }
    return text.n;
}

static size_t razor_word_end(struct str text, size_t at)
{
    while (at < text.n && is_name(text.p[at]) && text.p[at] != ':' && text.p[at] != '-')
        at++;
    return at;
}

/* "@name(...).b[...]": up to what is no part of such an expression. */
static size_t razor_inline_end(struct str text, size_t at)
{
    for (;;) {
        at = razor_word_end(text, at);
        if (at >= text.n)
            return at;
        char c = text.p[at];
        if (c == '(' || c == '[')
            at = block_end(text, at + 1, c, c == '(' ? ')' : ']') + 1;
        else if (c == '.' && at + 1 < text.n && is_name(text.p[at + 1]))
            at++;
        else
            return at;
    }
}

/* "@if (...) {...}", "@functions {...}": a keyword with a block behind it. */
static bool razor_is_block(struct str word)
{
    static const char *const words[] = {"functions", "if",  "for",  "foreach", "while", "using",
                                        "switch",    "try", "lock", "do",      "code"};
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (str_eq(word, str_of(words[i])))
            return true;
    return false;
}

/* "@Code ... End Code", "@Functions ... End Functions" in Visual Basic. False if it is none. */
static bool read_razor_vb(struct splitting *s, struct str word, size_t from, size_t *ret_to)
{
    struct str text = s->text;
    struct str end = str_ieq(word, STR("code"))        ? STR("End Code")
                     : str_ieq(word, STR("functions")) ? STR("End Functions")
                                                       : STR("");
    while (from < text.n && is_space(text.p[from]))
        from++;
    if (end.n == 0 || from >= text.n || text.p[from] == '{')
        return false;
    size_t to = str_ifind(text, end, from);
    if (to == SIZE_MAX)
        return false;
    add_part(s, ASP_STATEMENTS, str_part(text, from, to), ASP_VB);
    *ret_to = to + end.n;
    return true;
}

static size_t read_razor_at(struct splitting *s, size_t at)
{
    struct str text = s->text;
    char c = text.p[at + 1];
    size_t to;
    if (c == '{' || c == '(') {
        to = block_end(text, at + 2, c, c == '{' ? '}' : ')');
        add_part(s, c == '{' ? ASP_STATEMENTS : ASP_OUTPUT, str_part(text, at + 2, to),
                 ASP_CSHARP);
        return to;
    }
    size_t word_to = razor_word_end(text, at + 1);
    struct str word = str_part(text, at + 1, word_to);
    if (word.n == 0 || (at > 0 && is_name(text.p[at - 1])))
        return at + 1;
    if (read_razor_vb(s, word, word_to, &to))
        return to;
    if (str_eq(word, STR("inherits")) || str_eq(word, STR("model")))
        s->page->has_behind = true;
    if (razor_is_block(word)) {
        size_t open = str_find(text, STR("{"), word_to);
        to = open == SIZE_MAX ? word_to : block_end(text, open + 1, '{', '}');
        struct str code = str_part(text, str_eq(word, STR("functions")) ? open : at + 1, to);
        add_part(s, ASP_STATEMENTS, code, ASP_CSHARP);
        return to + 1;
    }
    to = razor_inline_end(text, word_to);
    add_part(s, ASP_OUTPUT, str_part(text, at + 1, to), ASP_CSHARP);
    return to;
}

static void read_razor(struct splitting *s)
{
    size_t at = 0;
    while (at + 1 < s->text.n) {
        const char *p = memchr(s->text.p + at, '@', s->text.n - 1 - at);
        if (!p)
            return;
        size_t here = (size_t)(p - s->text.p);
        size_t next = read_razor_at(s, here);
        at = next > here ? next : here + 1;
    }
}

/* --- language -------------------------------------------------------------------------------- */

static size_t count_of(struct str text, struct str what)
{
    size_t n = 0;
    for (size_t at = 0; (at = str_ifind(text, what, at)) != SIZE_MAX; at += what.n)
        n++;
    return n;
}

/* By how its statements end. */
static enum asp_lang guess(struct str code)
{
    code = str_part(code, 0, GUESS_BYTES);
    size_t semicolons = count_of(code, STR(";"));
    size_t words = count_of(code, STR("dim ")) + count_of(code, STR("end if")) +
                   count_of(code, STR("end sub")) + count_of(code, STR(" then")) +
                   count_of(code, STR("end function"));
    if (semicolons == 0 || words > semicolons)
        return ASP_VB;
    return ASP_CSHARP;
}

static enum asp_lang page_lang(const struct asp_page *page, enum asp_kind kind)
{
    if (page->lang)
        return page->lang;
    if (kind == ASP_KIND_CLASSIC)
        return ASP_VB;
    for (size_t i = 0; i < page->n_parts; i++)
        if (page->parts[i].lang)
            return page->parts[i].lang;
    const struct asp_part *longest = NULL;
    for (size_t i = 0; i < page->n_parts; i++)
        if (!longest || page->parts[i].code.n > longest->code.n)
            longest = &page->parts[i];
    return longest ? guess(longest->code) : ASP_CSHARP;
}

void asp_split(struct str text, enum asp_kind kind, struct arena *arena, struct asp_page *ret)
{
    struct splitting s = {.text = text, .arena = arena, .page = ret};
    *ret = (struct asp_page){0};
    if (kind == ASP_KIND_CODE_CS || kind == ASP_KIND_CODE_VB) {
        ret->has_behind = ret->code = true;
        add_part(&s, ASP_STATEMENTS, text, kind == ASP_KIND_CODE_CS ? ASP_CSHARP : ASP_VB);
    } else if (kind == ASP_KIND_RAZOR)
        read_razor(&s);
    else
        read_page(&s);
    if (ret->n_parts == 0)
        return;
    ret->lang = page_lang(ret, kind);
    for (size_t i = 0; i < ret->n_parts; i++)
        if (!ret->parts[i].lang)
            ret->parts[i].lang = ret->lang;
}
