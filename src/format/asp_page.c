#include "format/asp_page.h"

#include "base/buf.h"
#include "base/digest.h"
#include "base/limits.h"
#include "base/utf.h"
#include "format/asp_text.h"
#include "format/asp_value.h"

enum {
    HASH_DIGITS = 32,
    HASH_CODES = 1 << 16, /* tokens of which the hash is made: padding behind them counts not */
    KEY_BYTES = 128,
    LARGE_TOKENS = 4096, /* of a page in which much is not what it seems */
    PICTURE_PAGE = 512,  /* bytes of a page that is little more than an include */
    SMALL_TOKENS = 1500, /* of a page that is little more than what it hides */
    TINY_TOKENS = 400, /* of one that is little more than a request and what is done with it */
    LINES_BYTES = 1 << 18, /* of constants that a page writes to another */
    BINARY_HEAD = 512,     /* bytes that must read as script in a file that is none */
};

const char *asp_can_name(enum asp_can can)
{
    static const char *const names[ASP_CANS] = {
        [ASP_EVAL] = "eval",
        [ASP_PROCESS] = "process-start",
        [ASP_LOAD] = "assembly-load",
        [ASP_COMPILE] = "compile",
        [ASP_REFLECT] = "reflection",
        [ASP_DESERIALISE] = "deserialise",
        [ASP_NATIVE] = "native-code",
        [ASP_WRITE] = "file-write",
        [ASP_UPLOAD] = "file-upload",
        [ASP_READ] = "file-read",
        [ASP_BROWSE] = "file-browse",
        [ASP_DELETE] = "file-delete",
        [ASP_SQL] = "sql",
        [ASP_TUNNEL] = "tunnel",
        [ASP_FETCH] = "web-request",
        [ASP_REGISTRY] = "registry",
        [ASP_CREDENTIALS] = "credential-log",
        [ASP_ACCOUNT] = "account",
        [ASP_SECRETS] = "secret-read",
    };
    return (unsigned)can < ASP_CANS ? names[can] : "";
}

const char *asp_sure_name(enum asp_sure sure)
{
    static const char *const names[] = {"", "weak", "likely", "certain"};
    return (unsigned)sure < sizeof names / sizeof *names ? names[sure] : "";
}

/* --- structure --------------------------------------------------------------------------------- */

static bool is_plain_join(const struct asp_token *t)
{
    return t->kind == ASP_OPERATOR && (t->op == '+' || t->op == '&');
}

/* Kinds of tokens, operators, and the words that mean something; names of the page's own,
 * strings, numbers and layout are left out. A string joined of pieces is one. */
static struct str structural_hash(const struct asp_code *code, size_t n, struct arena *arena)
{
    struct buf kinds = buf_new((size_t)HASH_CODES * 4);
    for (size_t i = 0; i < n && !kinds.full; i++) {
        const struct asp_token *t = &code->tokens[i];
        if (t->kind <= ASP_NEWLINE)
            continue;
        if (i >= 2 && t->kind == ASP_STRING && is_plain_join(t - 1) && t[-2].kind == ASP_STRING)
            continue;
        if (is_plain_join(t) && i && t[-1].kind == ASP_STRING && i + 1 < n &&
            t[1].kind == ASP_STRING)
            continue;
        buf_add_char(&kinds, (char)('0' + t->kind));
        if (t->kind == ASP_OPERATOR)
            buf_add_char(&kinds, (char)t->op);
        else if (t->kind ==
                 ASP_NAME) /* the word, not its number: that is another in each version */
            buf_add_str(&kinds, asp_word_name((enum asp_word)code->names[t->name].word));
    }
    uint8_t digest[SHA256_SIZE];
    char hex[SHA256_TEXT];
    sha256(str_bytes(buf_str(&kinds)), digest);
    sha256_text(digest, hex);
    buf_free(&kinds);
    return arena_str(arena, (struct str){hex, HASH_DIGITS});
}

static void look(struct bytes file, enum asp_kind kind, bool deeper, struct arena *arena,
                 struct asp_verdict *ret);

/* --- verdict ------------------------------------------------------------------------------------ */

static struct str clean(struct str s, struct arena *arena)
{
    s = utf8_repair(str_bytes(str_part(s, 0, KEY_BYTES)), arena);
    return arena_str(arena, s);
}

static size_t line_of(struct str text, const char *at)
{
    if (at < text.p || at > text.p + text.n)
        return 0;
    size_t line = 1;
    for (const char *p = text.p; p < at && (p = memchr(p, '\n', (size_t)(at - p))); p++)
        line++;
    return line;
}

static void explain(const struct asp_findings *f, struct str text, struct arena *arena,
                    struct asp_verdict *ret)
{
    const struct asp_found *best = NULL;
    for (size_t i = 0; i < ASP_CANS; i++) {
        const struct asp_found *one = &f->best[i];
        if (one->sure >= ASP_LIKELY)
            ret->can_sure |= 1U << i;
        if (one->sure && (!best || one->sure > best->sure))
            best = one;
    }
    if (!best || best->sure < ret->sure)
        return;
    ret->sure = best->sure;
    ret->key = clean(best->key, arena);
    size_t line = line_of(text, best->at);
    struct str where = line ? arena_printf(arena, "line %zu", line) : STR("decoded script");
    ret->why = ret->key.n ? arena_printf(arena, "%.*s: %s (item \"%.*s\")", STR_ARG(where),
                                         best->why, STR_ARG(ret->key))
                          : arena_printf(arena, "%.*s: %s", STR_ARG(where), best->why);
}

/* Of code whose page stands elsewhere, what is not certain says little. */
static void doubt_code(struct asp_findings *f)
{
    for (size_t i = 0; i < ASP_CANS; i++)
        if (f->best[i].sure == ASP_LIKELY)
            f->best[i].sure = ASP_WEAK;
}

static unsigned can(const struct asp_findings *f, enum asp_can what)
{
    return f->reached >> what & 1;
}

/* A large page of which one thing only is told, and that is likely: what flows through as many
 * functions is known too little for that. */
static void doubt(struct asp_findings *f, size_t n_tokens)
{
    uint32_t likely = 0;
    for (size_t i = 0; i < ASP_CANS; i++) {
        if (f->best[i].sure == ASP_CERTAIN)
            return;
        likely |= f->best[i].sure == ASP_LIKELY ? 1U << i : 0;
    }
    uint32_t paths = 1U << ASP_READ | 1U << ASP_WRITE | 1U << ASP_UPLOAD | 1U << ASP_BROWSE |
                     1U << ASP_DELETE | 1U << ASP_SQL;
    if (n_tokens < LARGE_TOKENS || (likely & (likely - 1)) || (likely & ~paths))
        return;
    for (size_t i = 0; i < ASP_CANS; i++)
        if (f->best[i].sure == ASP_LIKELY)
            f->best[i].sure = ASP_WEAK;
}

/* The tokens of a handler up to the end of its classes: what stands behind is no script. */
static size_t script_tokens(const struct asp_code *code)
{
    for (size_t i = code->n_tokens; i > 0; i--) {
        const struct asp_token *t = &code->tokens[i - 1];
        if (t->kind == ASP_OPERATOR ? t->op == '}'
                                    : t->kind == ASP_NAME && t->lang == ASP_VB &&
                                          code->names[t->name].word == W_end)
            return i;
    }
    return code->n_tokens;
}

/* Whether the bytes of a request are read, as a tunnel does. */
static bool reads_bytes(const struct asp_code *code)
{
    return asp_has_word(code, W_inputstream) || asp_has_word(code, W_binaryread) ||
           asp_has_word(code, W_getbufferedinputstream);
}

/* Connections to other machines, and the data for them come with the request. */
static void weigh_connections(struct asp_findings *f, const struct asp_code *code)
{
    const struct asp_token *at = &code->tokens[0];
    bool answers = asp_has_word(code, W_binarywrite) || asp_has_word(code, W_outputstream) ||
                   asp_has_word(code, W_receive) || asp_has_word(code, W_getstream);
    if (f->connects && answers && (reads_bytes(code) || asp_has_word(code, W_frombase64string)))
        asp_tell(f, ASP_TUNNEL, ASP_LIKELY, "passes data on to another machine", &ASP_NOTHING,
                 at);
    if (can(f, ASP_TUNNEL) && (can(f, ASP_PROCESS) || can(f, ASP_NATIVE)))
        asp_tell(f, ASP_TUNNEL, ASP_LIKELY, "connects to another machine and starts programs",
                 &ASP_NOTHING, at);
    if (f->small && f->asks_named && reads_bytes(code) &&
        asp_has_word(code, W_getrequeststream))
        asp_tell(f, ASP_TUNNEL, ASP_LIKELY, "passes requests on to where they say",
                 &ASP_NOTHING, at);
}

/* A page of its own, with no other files, that has what only tools for a whole server have
 * together. */
static void weigh(struct asp_findings *f, const struct asp_code *code)
{
    const struct asp_token *at = &code->tokens[0];
    if (!f->self_contained)
        return;
    weigh_connections(f, code);
    unsigned files = can(f, ASP_BROWSE) + can(f, ASP_DELETE) +
                     (can(f, ASP_READ) | can(f, ASP_WRITE)) + can(f, ASP_UPLOAD);
    unsigned others = can(f, ASP_REGISTRY) + can(f, ASP_SQL) + can(f, ASP_TUNNEL) +
                      can(f, ASP_NATIVE) + can(f, ASP_FETCH);
    if (can(f, ASP_PROCESS) && files >= 2)
        asp_tell(f, ASP_PROCESS, ASP_LIKELY, "starts programs and works with files",
                 &ASP_NOTHING, at);
    else if (files == 4 && others >= 1)
        asp_tell(f, ASP_BROWSE, ASP_LIKELY, "a file manager of one page", &ASP_NOTHING, at);
}

static void hide(struct asp_verdict *ret, const char *how, struct arena *arena)
{
    ret->hidden = ret->hidden.n ? arena_printf(arena, "%.*s, %s", STR_ARG(ret->hidden), how)
                                : str_of(how);
}

static enum asp_word word_at(const struct asp_code *code, size_t i)
{
    const struct asp_token *t = &code->tokens[i];
    return t->kind == ASP_NAME ? (enum asp_word)code->names[t->name].word : W_NONE;
}

/* "Sub Session_OnStart": the server calls it. */
static bool is_event(const struct asp_code *code, size_t i)
{
    const struct asp_token *t = &code->tokens[i];
    struct str name = t->kind == ASP_NAME ? code->names[t->name].text : STR("");
    return str_iends(name, STR("_onstart")) || str_iends(name, STR("_onend"));
}

/* Whether the parts of a page do something when it is asked for, beside what its functions and
 * classes do when other pages call them. */
static bool acts_alone(const struct asp_code *code)
{
    enum asp_word inside = W_NONE;
    bool starts = true;
    for (size_t i = 0; i + 1 < code->n_tokens; i++) {
        const struct asp_token *t = &code->tokens[i];
        enum asp_word word = word_at(code, i);
        bool first = starts;
        starts = t->kind <= ASP_NEWLINE;
        if (t->lang != ASP_VB)
            return true;
        if (!first || starts)
            continue;
        bool opens = word == W_public || word == W_private;
        enum asp_word what = opens ? word_at(code, i + 1) : word;
        if (inside != W_NONE) {
            if (word == W_end && word_at(code, i + 1) == inside)
                inside = W_NONE;
            continue;
        }
        if (is_event(code, i + 1))
            return true;
        if (what == W_class || what == W_function || what == W_sub)
            inside = what;
        else if (!opens && word != W_dim && word != W_const && word != W_option && word != W_on)
            return true;
    }
    return false;
}

/* The constants that are written to pages, as one. */
static struct str lines_of(const struct asp_findings *f, struct arena *arena)
{
    struct buf all = buf_new(LINES_BYTES);
    for (size_t i = 0; i < f->n_lines; i++) {
        buf_add_str(&all, f->lines[i]);
        buf_add_char(&all, '\n');
    }
    struct str text = arena_str(arena, buf_str(&all));
    buf_free(&all);
    return text;
}

static bool is_shell(struct str page, struct arena *arena)
{
    struct asp_verdict v;
    look(str_bytes(page), ASP_KIND_NET, false, arena, &v);
    return v.sure >= ASP_LIKELY;
}

static bool writes_shell(const struct asp_findings *f, struct arena *arena)
{
    for (size_t i = 0; i < f->n_written; i++)
        if (is_shell(f->written[i], arena))
            return true;
    return f->n_lines > 1 && is_shell(lines_of(f, arena), arena);
}

/* What is likely of a page that belongs to no application. */
static void weigh_lone(struct asp_findings *f)
{
    for (size_t i = 0; i < ASP_CANS; i++)
        if (f->lone[i].sure > f->best[i].sure) {
            f->best[i] = f->lone[i];
            f->can |= 1U << i;
            f->reached |= 1U << i;
        }
}

static void judge(struct asp_code *code, const struct asp_page *page, struct str text,
                  bool deeper, struct arena *arena, struct asp_verdict *ret)
{
    struct asp_findings *f = ARENA_NEW(arena, struct asp_findings);
    size_t n = code->n_tokens;
    f->self_contained = !page->includes && !page->has_behind && !page->library;
    size_t told = page->handler ? script_tokens(code) : n;
    f->small = told < SMALL_TOKENS;
    f->tiny = told < TINY_TOKENS;
    f->classic = page->classic;
    f->application = page->application;
    bool net = !page->classic && page->net;
    f->form = net && (page->form || str_ifind(text, STR("multipart/form-data"), 0) != SIZE_MAX);
    f->kinds = net && asp_asks_kind(code);
    bool lone = net && f->self_contained && !asp_is_of_site(code, page);
    f->code = page->code;
    f->typed =
        asp_has_word(code, W_typenamehandling) || asp_has_word(code, W_simpletyperesolver);
    f->password = f->secret = f->makes_named = STR("");
    f->of_site = page->classic && f->self_contained && asp_find_reach(code, page, text);
    asp_follow(code, page, f);
    code->n_tokens = n;
    ret->cut |= code->cut;
    lone = lone && !f->kept;
    if (lone)
        weigh_lone(f);
    if (f->can == 0)
        return;
    weigh(f, code);
    if (!lone)
        doubt(f, told);
    if (page->classic)
        asp_weigh_classic(f, code);
    if (deeper && writes_shell(f, arena))
        asp_tell(f, ASP_WRITE, ASP_LIKELY, "writes a web shell to a file", &ASP_NOTHING,
                 &code->tokens[0]);
    if (page->code)
        doubt_code(f);
    if (code->escaped)
        hide(ret, "escaped names", arena);
    if (f->script_in_text)
        hide(ret, "script in strings", arena);
    ret->can |= f->can;
    explain(f, text, arena, ret);
    ret->password = clean(f->secret.n ? f->secret : f->password, arena);
    ret->hash = structural_hash(code, n, arena);
    const struct asp_found *eval = &f->best[ASP_EVAL];
    ret->asks_request = eval->sure == ASP_CERTAIN;
}

/* Whether bytes between "<%" and "%>" in a file that is no text are script after all. */
static bool reads_as_script(struct str code)
{
    size_t odd = 0;
    size_t n = code.n < BINARY_HEAD ? code.n : BINARY_HEAD;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)code.p[i];
        odd += c < 0x20 && c != '\t' && c != '\n' && c != '\r' && c != '\f';
    }
    return odd * 20 <= n;
}

/* A file that is no script by its name is run as script. */
static void include_of_picture(const struct asp_page *page, struct str text,
                               struct arena *arena, struct asp_verdict *ret)
{
    ret->has_script = true;
    bool much = page->script_included || text.n > PICTURE_PAGE;
    ret->sure = much ? ASP_WEAK : ASP_LIKELY;
    ret->can = 1U << ASP_EVAL;
    ret->can_sure = much ? 0 : ret->can;
    ret->why = arena_printf(arena, "line %zu: runs the script of a picture or archive",
                            line_of(text, page->picture));
}

static uint8_t part_mark(enum asp_part_kind kind)
{
    return kind == ASP_OUTPUT ? ASP_MARK_SHOWN : kind == ASP_ELEMENT ? ASP_MARK_ELEMENT : 0;
}

static void look(struct bytes file, enum asp_kind kind, bool deeper, struct arena *arena,
                 struct asp_verdict *ret)
{
    enum asp_encoding encoding;
    struct asp_page page;
    struct asp_code code;
    *ret = (struct asp_verdict){.key = STR(""),
                                .password = STR(""),
                                .why = STR(""),
                                .hidden = STR(""),
                                .hash = STR("")};
    if (file.n > LIMIT_LOOKED_AT) {
        file.n = LIMIT_LOOKED_AT;
        ret->cut = true;
    }
    struct str text = asp_text(file, arena, &encoding);
    asp_split(text, kind, arena, &page);
    ret->cut |= page.cut;
    if (page.picture)
        include_of_picture(&page, text, arena, ret);
    if (page.n_parts == 0)
        return;
    asp_code_init(&code, arena);
    for (size_t i = 0; i < page.n_parts; i++) {
        const struct asp_part *part = &page.parts[i];
        if (!reads_as_script(part->code))
            continue;
        ret->has_script = true;
        size_t from = code.n_tokens;
        asp_lex(&code, part->code, part->lang);
        if (from < code.n_tokens)
            code.tokens[from].marks = part_mark(part->kind);
    }
    if (encoding > ASP_UTF16)
        hide(ret, asp_encoding_name(encoding), arena);
    for (size_t i = 0; i < page.n_parts; i++)
        if (page.parts[i].encoded) {
            hide(ret, "script encoder", arena);
            break;
        }
    ret->cut |= code.cut;
    page.classic = kind == ASP_KIND_CLASSIC;
    page.net |= kind == ASP_KIND_NET;
    if (code.n_tokens == 0 || !asp_may_act(&code))
        return;
    page.library = page.classic && !acts_alone(&code);
    judge(&code, &page, text, deeper, arena, ret);
}

void asp_look(struct bytes file, enum asp_kind kind, struct arena *arena,
              struct asp_verdict *ret)
{
    look(file, kind, true, arena, ret);
}
