#include "report/lang.h"

#include "base/buf.h"
#include "base/utf.h"

enum {
    TEXTS_MAX = 4096,     /* of a language */
    TEMPLATES_MAX = 8192, /* of a language */
    HOLES_MAX = 16,       /* of one template */
    TRIES_MAX = 4096,     /* steps of one comparison: a hostile sentence costs no more */
    DEPTH_MAX = 3,        /* of sentences within sentences */
    SENTENCE_MAX = 1 << 16,
};

struct text {
    struct str id, words;
};

struct template
{
    struct str english, words;
};

struct lang {
    struct str code;
    struct text *texts; /* of the language, then of English */
    size_t n_texts;
    struct template *templates;
    size_t n_templates;
    bool english;
};

/* --- reading ---------------------------------------------------------------------------------- */

struct reader {
    struct lang *lang;
    struct arena *arena;
    size_t cap_texts, cap_templates;
    struct str english; /* a template's first line, waiting for its second */
    size_t line;
    enum { IN_HEAD, IN_TEXTS, IN_SENTENCES } part;
};

static int refuse(const struct reader *r, const char *why, struct err *err)
{
    return err_set(err, ERR_INVALID, "language file, line %zu: %s", r->line, why);
}

static int read_text(struct reader *r, struct str line, struct err *err)
{
    struct lang *l = r->lang;
    size_t eq = str_find(line, STR(" = "), 0);
    if (eq == SIZE_MAX)
        return refuse(r, "want ID = TEXT", err);
    if (l->n_texts >= TEXTS_MAX)
        return err_set(err, ERR_LIMIT, "language file: more than %d texts", TEXTS_MAX);
    l->texts = arena_grow(r->arena, l->texts, l->n_texts, &r->cap_texts, sizeof *l->texts);
    l->texts[l->n_texts++] = (struct text){str_trim(str_part(line, 0, eq)),
                                           str_trim(str_part(line, eq + 3, line.n))};
    return 0;
}

static int read_sentence(struct reader *r, struct str line, struct err *err)
{
    struct lang *l = r->lang;
    if (str_starts(line, STR("= ")) && r->english.n == 0) {
        r->english = str_part(line, 2, line.n);
        return 0;
    }
    if (!str_starts(line, STR("> ")) || r->english.n == 0)
        return refuse(r, "want \"= English\" and below it \"> translation\"", err);
    if (l->n_templates >= TEMPLATES_MAX)
        return err_set(err, ERR_LIMIT, "language file: more than %d sentences", TEMPLATES_MAX);
    l->templates = arena_grow(r->arena, l->templates, l->n_templates, &r->cap_templates,
                              sizeof *l->templates);
    l->templates[l->n_templates++] = (struct template){r->english, str_part(line, 2, line.n)};
    r->english = STR("");
    return 0;
}

static int read_head(struct reader *r, struct str line, struct err *err)
{
    struct str word = STR("language ");
    if (!str_starts(line, word))
        return refuse(r, "want \"language CODE\", [texts] or [sentences]", err);
    struct str code = str_trim(str_part(line, word.n, line.n));
    for (size_t i = 0; i < code.n; i++) {
        char c = ascii_lower(code.p[i]);
        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'))
            return refuse(r, "a language's code has letters, digits and '-'", err);
    }
    if (code.n == 0)
        return refuse(r, "the language's code is missing", err);
    r->lang->code = code;
    return 0;
}

static int read_line(struct reader *r, struct str line, struct err *err)
{
    if (line.n == 0 || line.p[0] == '#')
        return 0;
    if (str_eq(line, STR("[texts]")))
        r->part = IN_TEXTS;
    else if (str_eq(line, STR("[sentences]")))
        r->part = IN_SENTENCES;
    else if (r->part == IN_TEXTS)
        return read_text(r, line, err);
    else if (r->part == IN_SENTENCES)
        return read_sentence(r, line, err);
    else
        return read_head(r, line, err);
    return 0;
}

static int read_file(struct reader *r, struct str file, struct err *err)
{
    r->part = IN_HEAD;
    r->english = STR("");
    r->line = 0;
    if (!utf8_valid(str_bytes(file)))
        return err_set(err, ERR_INVALID, "language file: it is not UTF-8");
    for (size_t at = 0; at < file.n;) {
        size_t end = str_find(file, STR("\n"), at);
        r->line++;
        if (read_line(r, str_trim(str_part(file, at, end)), err) < 0)
            return -1;
        at = end == SIZE_MAX ? file.n : end + 1;
    }
    if (r->lang->code.n == 0)
        return err_set(err, ERR_INVALID, "language file: \"language CODE\" is missing");
    return r->english.n ? refuse(r, "a sentence without its translation", err) : 0;
}

int lang_load(struct str english, struct str other, struct arena *arena, struct lang **ret,
              struct err *err)
{
    struct reader r = {.lang = ARENA_NEW(arena, struct lang), .arena = arena};
    if (other.n && read_file(&r, other, err) < 0)
        return -1;
    struct str code = r.lang->code;
    size_t n_templates = r.lang->n_templates;
    if (read_file(&r, english, err) < 0)
        return -1;
    r.lang->n_templates = n_templates; /* English needs none */
    r.lang->english = other.n == 0;
    r.lang->code = code.n ? code : r.lang->code;
    *ret = r.lang;
    return 0;
}

/* --- fixed texts ------------------------------------------------------------------------------ */

struct str lang_code(const struct lang *lang)
{
    return lang->code;
}

bool lang_find(const struct lang *lang, const char *head, struct str tail, struct str *ret)
{
    struct str first = str_of(head);
    for (size_t i = 0; i < lang->n_texts; i++) {
        struct str id = lang->texts[i].id;
        if (id.n == first.n + tail.n && str_starts(id, first) &&
            str_eq(str_part(id, first.n, id.n), tail)) {
            *ret = lang->texts[i].words;
            return true;
        }
    }
    return false;
}

struct str lang_text(const struct lang *lang, const char *id)
{
    struct str words = str_of(id);
    (void)lang_find(lang, id, STR(""), &words);
    return words;
}

int lang_next(struct str text, size_t *at, struct lang_piece *ret)
{
    if (*at >= text.n)
        return 0;
    size_t open = str_find(text, STR("{"), *at);
    size_t close = open == SIZE_MAX ? SIZE_MAX : str_find(text, STR("}"), open);
    if (open != *at || close == SIZE_MAX) {
        size_t end = close == SIZE_MAX ? text.n : open;
        *ret = (struct lang_piece){false, str_part(text, *at, end)};
        *at = end;
        return 1;
    }
    *ret = (struct lang_piece){true, str_part(text, open + 1, close)};
    *at = close + 1;
    return 1;
}

/* --- sentences -------------------------------------------------------------------------------- */

struct hole {
    struct str name, value;
};

struct fit { /* of a sentence into a template */
    struct hole holes[HOLES_MAX];
    size_t n;
    unsigned tries;
};

/* Whether `text` fits the template from `at` on; fills the holes. A hole is as short as it can be,
 * and never empty. */
static bool fits(struct fit *f, struct str template, size_t at, struct str text)
{
    struct lang_piece piece;
    if (lang_next(template, &at, &piece) == 0)
        return text.n == 0;
    if (!piece.hole)
        return str_starts(text, piece.text) &&
               fits(f, template, at, str_part(text, piece.text.n, text.n));
    if (f->n == HOLES_MAX || text.n == 0)
        return false;
    size_t mine = f->n++;
    size_t after = at;
    struct lang_piece next;
    bool last = lang_next(template, &after, &next) == 0;
    f->holes[mine] = (struct hole){piece.text, text};
    if (last)
        return true;
    for (size_t end = 1; end <= text.n && f->tries < TRIES_MAX; end++) {
        end = next.hole ? end : str_find(text, next.text, end);
        if (end == SIZE_MAX)
            break;
        f->tries++;
        f->n = mine + 1;
        f->holes[mine].value = str_part(text, 0, end);
        if (fits(f, template, at, str_part(text, end, text.n)))
            return true;
    }
    return false;
}

static bool sentence(const struct lang *lang, struct str english, unsigned depth,
                     struct arena *arena, struct str *ret);

/* A hole whose name begins with '*' is a sentence itself. */
static struct str hole_value(const struct lang *lang, const struct hole *h, unsigned depth,
                             struct arena *arena)
{
    struct str value = h->value;
    if (h->name.n && h->name.p[0] == '*')
        (void)sentence(lang, h->value, depth + 1, arena, &value);
    return value;
}

static struct str fill(const struct lang *lang, struct str words, const struct fit *f,
                       unsigned depth, struct arena *arena)
{
    struct buf b = buf_new(SENTENCE_MAX);
    struct lang_piece piece;
    for (size_t at = 0; lang_next(words, &at, &piece);) {
        const struct hole *h = NULL;
        for (size_t i = 0; piece.hole && i < f->n && !h; i++)
            h = str_eq(f->holes[i].name, piece.text) ? &f->holes[i] : NULL;
        if (h)
            buf_add_str(&b, hole_value(lang, h, depth, arena));
        else if (!piece.hole)
            buf_add_str(&b, piece.text);
    }
    struct str filled = arena_str(arena, buf_str(&b));
    buf_free(&b);
    return filled;
}

static bool by_template(const struct lang *lang, struct str english, unsigned depth,
                        struct arena *arena, struct str *ret)
{
    for (size_t i = 0; i < lang->n_templates; i++) {
        struct fit f = {.n = 0};
        if (!fits(&f, lang->templates[i].english, 0, english))
            continue;
        *ret = fill(lang, lang->templates[i].words, &f, depth, arena);
        return true;
    }
    return false;
}

/* Part by part: all of them must be known, or the sentence would be of two languages. */
static bool by_parts(const struct lang *lang, struct str english, unsigned depth,
                     struct arena *arena, struct str *ret)
{
    struct str mark = STR("; ");
    struct buf b = buf_new(SENTENCE_MAX);
    bool known = str_find(english, mark, 0) != SIZE_MAX;
    for (size_t at = 0; known && at < english.n;) {
        size_t end = str_find(english, mark, at);
        struct str part;
        known = by_template(lang, str_part(english, at, end), depth, arena, &part);
        if (known && b.n)
            buf_add_str(&b, lang_text(lang, "join.parts"));
        if (known)
            buf_add_str(&b, part);
        at = end == SIZE_MAX ? english.n : end + mark.n;
    }
    if (known)
        *ret = arena_str(arena, buf_str(&b));
    buf_free(&b);
    return known;
}

static bool sentence(const struct lang *lang, struct str english, unsigned depth,
                     struct arena *arena, struct str *ret)
{
    *ret = english;
    if (lang->english || english.n > SENTENCE_MAX || depth > DEPTH_MAX)
        return lang->english;
    return by_template(lang, english, depth, arena, ret) ||
           by_parts(lang, english, depth, arena, ret);
}

bool lang_sentence(const struct lang *lang, struct str english, struct arena *arena,
                   struct str *ret)
{
    return sentence(lang, english, 0, arena, ret);
}
