/* indicator_find.c - one pass over a text for everything that may be an indicator.
 *
 * A text is cut into words: letters, digits and what stands inside of names. Hashes, IPv4
 * addresses, hosts, e-mail addresses and names of files are words or parts of words, and are
 * looked up in one table; what spans words (URLs, folders before a name) is looked at only where
 * a word says that it may be worth it. What is no word at all is searched for by literals.
 */
#include "rule/indicator.h"

#include "base/ip.h"
#include "base/utf.h"
#include "event/row.h"
#include "rule/fold.h"

enum {
    HITS_MAX = 64,      /* told of one record */
    FOUND_MAX = 200,    /* bytes of the text that matched */
    LABELS_MAX = 24,    /* of a host, from its end */
    BORDERS_MAX = 32,   /* places in a URL up to which it is compared */
    PATH_REACH = 260,   /* bytes before a file's name */
    STARTS_MAX = 48,    /* places before a file's name from which its path is compared */
    LOCAL_MAX = 64,     /* bytes of an e-mail address before the '@' */
    PERCENT_ROUNDS = 2, /* of decoding */
    PERCENT_MAX = 1 << 20,
    V4_LEN = 15,
    V6_LEN = 45,
    V4_MIN = 7,
    HASH_MIN = 32,
    MAPPED = 96,
};

enum { /* what characters a word holds */
       W_NAME = 1,
       W_DOT = 2,
       W_DIGIT = 4,
       W_AT = 8,
       W_COLON = 16 /* in no word */
};

struct indicator_finder {
    const struct indicators *set;
    struct arena *arena;   /* of the finder */
    struct arena *scratch; /* of one text */
    uint32_t *stamp;       /* per indicator: the record in which it was found last */
    uint32_t record;
    size_t n_record; /* found in it */
    struct tally {
        uint32_t span, n;
    } * tallies; /* per indicator: findings in the stretch */
    uint32_t span;
    struct literal_hits hits;
    struct regex_scratch *regex;
    uint8_t class[256];
    uint64_t limits;
    bool names, hashes, hosts;
    /* the event that is looked at */
    struct arena *out;
    struct indicator_hit *found;
    size_t n, cap;
    const struct event *ev;
    struct str field;
    const char *how;
    bool only_may; /* a row: it is enough that there is something */
    bool may;
    char url[INDICATOR_TEXT_MAX];
};

struct indicator_finder *indicator_finder_new(const struct indicators *set)
{
    struct arena *arena = arena_new();
    struct indicator_finder *f = ARENA_NEW(arena, struct indicator_finder);
    f->set = set;
    f->arena = arena;
    f->scratch = arena_new();
    f->stamp = ARENA_ARRAY(arena, uint32_t, set->n + 1);
    f->tallies = ARENA_ARRAY(arena, struct tally, set->n + 1);
    f->record = 1;
    f->span = 1;
    f->regex = regex_scratch_new(arena);
    f->names = set->has[INDICATOR_FILE_NAME] || set->has[INDICATOR_FILE_PATH] ||
               set->has[INDICATOR_PIPE];
    f->hashes = set->has[INDICATOR_MD5] || set->has[INDICATOR_SHA1] ||
                set->has[INDICATOR_SHA256] || set->has[INDICATOR_IMPHASH];
    f->hosts =
        set->has[INDICATOR_DOMAIN] || set->has[INDICATOR_URL] || set->has[INDICATOR_EMAIL];
    if (set->n_patterns)
        literal_hits_init(&f->hits, (uint32_t)set->n_patterns, arena);
    for (unsigned c = 0; c < 256; c++)
        f->class[c] = indicator_is_name_char((unsigned char)c) ? W_NAME : 0;
    f->class['.'] |= W_DOT;
    f->class['@'] |= W_AT;
    f->class[':'] = W_COLON;
    for (unsigned c = '0'; c <= '9'; c++)
        f->class[c] |= W_DIGIT;
    return f;
}

void indicator_finder_free(struct indicator_finder *f)
{
    if (!f)
        return;
    regex_scratch_free(f->regex);
    arena_free(f->scratch);
    arena_free(f->arena);
}

void indicator_finder_record(struct indicator_finder *f)
{
    f->record++;
    f->n_record = 0;
    if (f->record == 0) { /* the count has gone round: old stamps would look like new ones */
        memset(f->stamp, 0, f->set->n * sizeof *f->stamp);
        f->record = 1;
    }
}

void indicator_finder_span(struct indicator_finder *f)
{
    if (++f->span == 0) {
        memset(f->tallies, 0, f->set->n * sizeof *f->tallies);
        f->span = 1;
    }
}

uint32_t indicator_finder_count(struct indicator_finder *f, uint32_t indicator)
{
    struct tally *t = &f->tallies[indicator];
    if (t->span != f->span)
        *t = (struct tally){.span = f->span};
    return ++t->n;
}

uint64_t indicator_finder_limits(const struct indicator_finder *f)
{
    return f->limits;
}

/* --- what was found ------------------------------------------------------------------------ */

static struct str shortened(struct str s)
{
    size_t n = s.n < FOUND_MAX ? s.n : FOUND_MAX;
    while (n < s.n && n > 0 && ((unsigned char)s.p[n] & 0xc0) == 0x80)
        n--;
    return str_part(s, 0, n);
}

static void tell(struct indicator_finder *f, uint32_t indicator, struct str found)
{
    f->may = true;
    if (f->only_may || f->stamp[indicator] == f->record)
        return;
    f->stamp[indicator] = f->record;
    if (f->n_record++ >= HITS_MAX) {
        f->limits++;
        return;
    }
    f->found = arena_grow(f->out, f->found, f->n, &f->cap, sizeof *f->found);
    f->found[f->n++] = (struct indicator_hit){
        .indicator = indicator,
        .field = f->field,
        .found = arena_str(f->out, shortened(found)),
        .how = f->how,
    };
}

static const struct indicator_slot *look_up(const struct indicators *set, uint64_t hash)
{
    size_t bit = (size_t)(hash >> 20) & set->filter_mask;
    if (!(set->filter[bit / 64] >> bit % 64 & 1))
        return NULL;
    size_t at = (size_t)hash & (set->n_slots - 1);
    while (set->slots[at].used && set->slots[at].hash != hash)
        at = (at + 1) & (set->n_slots - 1);
    return set->slots[at].used ? &set->slots[at] : NULL;
}

static bool is_marked(const struct indicators *set, unsigned char tag, struct str text)
{
    return look_up(set, indicator_hash(tag, text.p, text.n)) != NULL;
}

/* Tells of all indicators of this type and normal form. */
static void probe(struct indicator_finder *f, unsigned char tag, enum indicator_type type,
                  struct str key, struct str found)
{
    const struct indicators *set = f->set;
    const struct indicator_slot *slot = look_up(set, indicator_hash(tag, key.p, key.n));
    for (uint32_t i = slot ? slot->first : UINT32_MAX; i != UINT32_MAX; i = set->list[i].next)
        if (set->list[i].type == type && str_eq(set->list[i].key, key))
            tell(f, i, found);
}

/* --- hashes ---------------------------------------------------------------------------------- */

static bool is_alnum(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || (unsigned char)c >= 0x80;
}

static bool is_hex_digit(char c)
{
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
}

/* Whether a hash of 32 digits is said to be one of imports. */
static bool is_imphash(const struct indicator_finder *f, struct str text, size_t at)
{
    struct str word = STR("imphash");
    if (str_ieq(f->field, word))
        return true;
    for (size_t gap = 1; gap <= 4 && gap + word.n <= at; gap++)
        if (str_eq(str_part(text, at - gap - word.n, at - gap), word))
            return true;
    return false;
}

static void hash_word(struct indicator_finder *f, struct str text, size_t from, size_t to)
{
    struct str s = str_part(text, from, to);
    if (s.n == 64)
        probe(f, 'h', INDICATOR_SHA256, s, s);
    else if (s.n == 40)
        probe(f, 's', INDICATOR_SHA1, s, s);
    else if (s.n != 32)
        return;
    else if (is_imphash(f, text, from))
        probe(f, 'i', INDICATOR_IMPHASH, s, s);
    else
        probe(f, 'm', INDICATOR_MD5, s, s);
}

static void hashes(struct indicator_finder *f, struct str text, size_t from, size_t to)
{
    for (size_t at = from; at < to;) {
        size_t end = at;
        bool hex = true;
        for (; end < to && is_alnum(text.p[end]); end++)
            hex = hex && is_hex_digit(text.p[end]);
        if (hex && end - at >= HASH_MIN)
            hash_word(f, text, at, end);
        at = end + 1;
    }
}

/* --- addresses --------------------------------------------------------------------------------- */

static void probe_lengths(struct indicator_finder *f, const uint8_t address[16],
                          uint64_t lengths, unsigned base, struct str found)
{
    uint8_t key[17];
    for (; lengths; lengths &= lengths - 1) {
        unsigned bits = base + (unsigned)__builtin_ctzll(lengths);
        indicator_mask(address, bits, key);
        key[16] = (uint8_t)bits;
        probe(f, 'a', INDICATOR_ADDRESS, (struct str){(const char *)key, sizeof key}, found);
    }
}

/* Four numbers below 256 with dots between them, and nothing else. */
static bool read_quad(struct str s, uint8_t ret[4])
{
    unsigned value = 0;
    size_t digits = 0;
    size_t part = 0;
    for (size_t i = 0; i <= s.n; i++) {
        if (i == s.n || s.p[i] == '.') {
            if (digits == 0 || digits > 3 || value > 255 || part == 4)
                return false;
            ret[part++] = (uint8_t)value;
            value = 0;
            digits = 0;
        } else {
            value = value * 10 + (unsigned)(s.p[i] - '0');
            digits++;
            if (digits > 3)
                return false;
        }
    }
    return part == 4;
}

static bool is_quad_char(char c)
{
    return (c >= '0' && c <= '9') || c == '.';
}

static void v4_word(struct indicator_finder *f, struct str s)
{
    uint8_t address[16] = {[10] = 0xff, [11] = 0xff};
    while (s.n && s.p[0] == '.')
        s = str_part(s, 1, s.n);
    while (s.n && s.p[s.n - 1] == '.')
        s = str_part(s, 0, s.n - 1);
    if (s.n >= V4_MIN && s.n <= V4_LEN && read_quad(s, address + 12))
        probe_lengths(f, address, f->set->v4_lengths, MAPPED, s);
}

/* A dash may stand between two addresses; a letter or a further number makes it none. */
static void v4(struct indicator_finder *f, struct str text, size_t from, size_t to)
{
    for (size_t at = from; at < to;) {
        size_t end = at;
        while (end < to && is_quad_char(text.p[end]))
            end++;
        bool alone = (at == from || !(is_alnum(text.p[at - 1]) || text.p[at - 1] == '_')) &&
                     (end == to || !(is_alnum(text.p[end]) || text.p[end] == '_'));
        if (alone && end - at >= V4_MIN)
            v4_word(f, str_part(text, at, end));
        at = end == at ? at + 1 : end;
    }
}

static bool is_v6_char(char c)
{
    return is_hex_digit(c) || c == ':' || c == '.';
}

/* Looks at what stands around a colon; returns where to go on. */
static size_t v6(struct indicator_finder *f, struct str text, size_t colon)
{
    size_t from = colon;
    size_t to = colon;
    size_t colons = 0;
    bool pair = false;
    while (from > 0 && colon - from < 4 && is_hex_digit(text.p[from - 1]))
        from--;
    for (; to < text.n && is_v6_char(text.p[to]); to++) {
        colons += text.p[to] == ':';
        pair = pair || (to > colon && text.p[to] == ':' && text.p[to - 1] == ':');
    }
    size_t next = to;
    while (to > from + 2 &&
           (text.p[to - 1] == '.' || (text.p[to - 1] == ':' && text.p[to - 2] != ':')))
        to--;
    bool before = from > 0 && indicator_is_name_char((unsigned char)text.p[from - 1]);
    bool behind = next < text.n && indicator_is_name_char((unsigned char)text.p[next]);
    struct ip ip;
    struct str s = str_part(text, from, to);
    if (!before && !behind && (pair || colons == 7) && s.n <= V6_LEN && ip_parse(s, &ip) &&
        !ip.v4)
        for (unsigned i = 0; i < 3; i++)
            probe_lengths(f, ip.byte, f->set->v6_lengths[i], 64 * i, s);
    return next;
}

/* --- hosts, e-mail addresses, URLs ----------------------------------------------------------- */

static bool is_host_char(char c)
{
    return is_alnum(c) || c == '-' || c == '.' || c == '_';
}

static void domains(struct indicator_finder *f, struct str host)
{
    size_t labels = 0;
    size_t dots = 0;
    for (size_t at = host.n; at > 0 && labels < LABELS_MAX; at--) {
        bool start = at == 1 || host.p[at - 2] == '.';
        if (!start)
            continue;
        labels++;
        if (dots++ > 0)
            probe(f, 'd', INDICATOR_DOMAIN, str_part(host, at - 1, host.n), host);
    }
}

static void urls(struct indicator_finder *f, struct str text, size_t from)
{
    size_t host = 0;
    struct str rest = str_part(text, from, text.n);
    size_t n = indicator_url(rest, f->url, &host);
    struct str url = {f->url, n};
    if (host == 0 || !is_marked(f->set, 'U', str_part(url, 0, host)))
        return;
    size_t borders = 0;
    probe(f, 'u', INDICATOR_URL, url, url);
    for (size_t at = host; at < n && borders < BORDERS_MAX; at++) {
        if (url.p[at] != '/' && url.p[at] != '?' && url.p[at] != '&')
            continue;
        borders++;
        probe(f, 'u', INDICATOR_URL, str_part(url, 0, at), url);
    }
}

static bool stands_before(struct str text, size_t at, struct str what)
{
    return at >= what.n && str_eq(str_part(text, at - what.n, at), what);
}

/* Whether what begins here is a place on a network, not a name inside of a path. */
static bool may_be_host(struct str text, size_t from)
{
    if (from == 0)
        return true;
    if (text.p[from - 1] == '/')
        return stands_before(text, from, STR("//"));
    if (text.p[from - 1] == '\\')
        return stands_before(text, from, STR("\\\\")) ||
               stands_before(text, from, STR("unc\\"));
    return true;
}

static void email(struct indicator_finder *f, struct str text, size_t from, size_t to)
{
    size_t at = from;
    size_t local = 0;
    while (at > 0 && local++ < LOCAL_MAX &&
           (indicator_is_name_char((unsigned char)text.p[at - 1]) || text.p[at - 1] == '+'))
        at--;
    while (at < from && (text.p[at] == '+' || text.p[at] == '.'))
        at++;
    struct str s = str_part(text, at, to);
    probe(f, 'e', INDICATOR_EMAIL, s, s);
}

/* "user@host", "\\host@SSL\share", "http://user@host/": what of a word is its host. */
static struct str host_of(struct indicator_finder *f, struct str text, size_t from, size_t to)
{
    size_t first = from;
    while (first < to && text.p[first] != '@')
        first++;
    if (first < to && stands_before(text, from, STR("\\\\")))
        return str_part(text, from, first);
    size_t last = to;
    while (last > from && text.p[last - 1] != '@')
        last--;
    if (last > from && f->set->has[INDICATOR_EMAIL])
        email(f, text, from, to);
    return str_part(text, last > from ? last : from, to);
}

static void hosts(struct indicator_finder *f, struct str text, size_t from, size_t to)
{
    while (to > from && !is_alnum(text.p[to - 1]))
        to--;
    if (!may_be_host(text, from))
        return;
    struct str host = host_of(f, text, from, to);
    while (host.n && !is_alnum(host.p[0]))
        host = str_part(host, 1, host.n);
    for (size_t i = 0; i < host.n; i++)
        if (!is_host_char(host.p[i]))
            return;
    if (host.n == 0)
        return;
    if (f->set->has[INDICATOR_DOMAIN])
        domains(f, host);
    size_t start = (size_t)(host.p - text.p);
    size_t end = start + host.n;
    bool is_url = stands_before(text, start, STR("//")) ||
                  (end < text.n && memchr("/:?", text.p[end], 3));
    if (f->set->has[INDICATOR_URL] && is_url)
        urls(f, text, start);
}

/* --- names of files and pipes -------------------------------------------------------------------- */

static bool ends_path(unsigned char c)
{
    static const char ends[] = "\"<>|*?`";
    return c < ' ' || memchr(ends, c, sizeof ends - 1);
}

/* Compares the folders before a name too. Separators of either kind, also doubled, are one. */
static void paths(struct indicator_finder *f, struct str text, size_t from, size_t to)
{
    char path[PATH_REACH + INDICATOR_TEXT_MAX];
    size_t n = 0;
    size_t start = from;
    size_t starts = 0;
    if (to - from > INDICATOR_TEXT_MAX)
        return;
    while (start > 0 && from - start < PATH_REACH &&
           !ends_path((unsigned char)text.p[start - 1]))
        start--;
    for (size_t i = start; i < to; i++) {
        char c = text.p[i] == '/' ? '\\' : text.p[i];
        if (c != '\\' || n == 0 || path[n - 1] != '\\')
            path[n++] = c;
    }
    for (size_t at = n; at > 0 && starts < STARTS_MAX; at--) {
        if (at > 1 && indicator_is_name_char((unsigned char)path[at - 2]))
            continue;
        struct str s = {path + at - 1, n - at + 1};
        if (!indicator_is_name_char((unsigned char)s.p[0]) && s.p[0] != '%')
            continue;
        starts++;
        probe(f, 'f', INDICATOR_FILE_PATH, s, (struct str){path, n});
    }
}

static bool is_pipe_field(struct str name)
{
    return str_ieq(name, STR("PipeName")) || str_ieq(name, STR("RelativeTargetName"));
}

static void names(struct indicator_finder *f, struct str text, size_t from, size_t to)
{
    while (to > from && text.p[to - 1] == '.')
        to--;
    struct str s = str_part(text, from, to);
    if (s.n == 0)
        return;
    if (f->set->has[INDICATOR_FILE_NAME])
        probe(f, 'n', INDICATOR_FILE_NAME, s, s);
    if (f->set->has[INDICATOR_PIPE] &&
        (f->only_may || stands_before(text, from, STR("pipe\\")) ||
         (is_pipe_field(f->field) && (from == 0 || (from == 1 && text.p[0] == '\\')))))
        probe(f, 'p', INDICATOR_PIPE, s, s);
    if (f->set->has[INDICATOR_FILE_PATH] && is_marked(f->set, 'F', s))
        paths(f, text, from, to);
}

/* --- words ----------------------------------------------------------------------------------------- */

static void word(struct indicator_finder *f, struct str text, size_t from, size_t to,
                 unsigned holds)
{
    if (f->hashes && to - from >= HASH_MIN)
        hashes(f, text, from, to);
    if (f->set->v4_lengths && (holds & W_DOT) && (holds & W_DIGIT) && to - from >= V4_MIN)
        v4(f, text, from, to);
    if (f->hosts && (holds & (W_DOT | W_AT)))
        hosts(f, text, from, to);
    if (f->names)
        names(f, text, from, to);
}

static void words(struct indicator_finder *f, struct str text)
{
    const unsigned char *p = (const unsigned char *)text.p;
    uint64_t v6_lengths = f->set->v6_lengths[0] | f->set->v6_lengths[1] | f->set->v6_lengths[2];
    size_t v6_done = 0;
    for (size_t at = 0; at < text.n;) {
        unsigned holds = f->class[p[at]];
        if (!(holds & W_NAME)) {
            if (holds == W_COLON && v6_lengths && at >= v6_done)
                v6_done = v6(f, text, at);
            at++;
            continue;
        }
        size_t to = at + 1;
        while (to < text.n && (f->class[p[to]] & W_NAME))
            holds |= f->class[p[to++]];
        if (to - at > 2)
            word(f, text, at, to, holds);
        at = to;
    }
}

/* --- patterns ---------------------------------------------------------------------------------------- */

/* Separators of either kind, also doubled, as one backslash; with_blanks: '+' as a blank. */
static struct str respelled(struct indicator_finder *f, struct str text, bool slashes,
                            bool with_blanks)
{
    char *out = ARENA_ARRAY(f->scratch, char, text.n + 1);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        char c = text.p[i];
        if (slashes && c == '/')
            c = '\\';
        if (with_blanks && c == '+')
            c = ' ';
        if (!slashes || c != '\\' || n == 0 || out[n - 1] != '\\')
            out[n++] = c;
    }
    return (struct str){out, n};
}

static bool is_border(struct str text, size_t at)
{
    return at >= text.n || !indicator_is_name_char((unsigned char)text.p[at]) ||
           (text.p[at] == '.' &&
            (at + 1 >= text.n || !indicator_is_name_char((unsigned char)text.p[at + 1])));
}

/* Where a path or name stands with nothing else of a name around it. */
static size_t find_bordered(struct str text, struct str key)
{
    bool open = key.n && key.p[key.n - 1] == '\\'; /* a folder: whatever is in it */
    for (size_t at = str_find(text, key, 0); at != SIZE_MAX; at = str_find(text, key, at + 1))
        if ((at == 0 || !indicator_is_name_char((unsigned char)text.p[at - 1])) &&
            (open || is_border(text, at + key.n)))
            return at;
    return SIZE_MAX;
}

static bool regex_matches(struct indicator_finder *f, const struct regex *r, struct str text)
{
    enum regex_result got = regex_search(r, text, f->regex);
    f->limits += got == REGEX_LIMIT;
    return got == REGEX_YES;
}

static bool path_matches(struct indicator_finder *f, const struct indicator_pattern *p,
                         struct str text, struct str slashed)
{
    if (!p->regex)
        return find_bordered(slashed, p->text) != SIZE_MAX;
    if (!regex_matches(f, p->regex, slashed) && !regex_matches(f, p->regex, text))
        return false;
    return !p->but || !(regex_matches(f, p->but, slashed) || regex_matches(f, p->but, text));
}

static bool is_agent_field(struct str name)
{
    return str_ifind(name, STR("agent"), 0) != SIZE_MAX;
}

static bool agent_matches(struct indicator_finder *f, const struct indicator_pattern *p,
                          struct str text)
{
    if (!is_agent_field(f->field))
        return false;
    bool plus = text.n && !memchr(text.p, ' ', text.n);
    struct str s = str_trim(plus ? respelled(f, text, false, true) : text);
    return p->regex ? regex_matches(f, p->regex, s)
                    : str_eq(s, p->text) || str_eq(text, p->text);
}

static bool pipe_name_matches(struct indicator_finder *f, const struct indicator_pattern *p,
                              struct str name)
{
    return p->regex ? regex_matches(f, p->regex, name) : str_eq(name, p->text);
}

static bool pipe_matches(struct indicator_finder *f, const struct indicator_pattern *p,
                         struct str slashed)
{
    struct str lead = STR("pipe\\");
    struct str s = slashed;
    while (s.n && s.p[0] == '\\')
        s = str_part(s, 1, s.n);
    if (is_pipe_field(f->field) && pipe_name_matches(f, p, s))
        return true;
    size_t tries = 0;
    for (size_t at = str_find(slashed, lead, 0); at != SIZE_MAX && tries++ < HITS_MAX;
         at = str_find(slashed, lead, at + 1)) {
        size_t to = at + lead.n;
        while (to < slashed.n && !ends_path((unsigned char)slashed.p[to]) &&
               slashed.p[to] != ' ' && slashed.p[to] != '\'')
            to++;
        if (pipe_name_matches(f, p, str_part(slashed, at + lead.n, to)))
            return true;
    }
    return false;
}

static bool text_is_in(struct indicator_finder *f, const struct indicator_pattern *p,
                       struct str text)
{
    if (str_find(text, p->text, 0) != SIZE_MAX)
        return true;
    return memchr(p->text.p, ' ', p->text.n) && memchr(text.p, '+', text.n) &&
           str_find(respelled(f, text, false, true), p->text, 0) != SIZE_MAX;
}

static void pattern(struct indicator_finder *f, uint32_t number, struct str text,
                    struct str slashed)
{
    const struct indicator_pattern *p = &f->set->patterns[number];
    const struct indicator *it = &f->set->list[p->indicator];
    bool is = false;
    if (f->stamp[p->indicator] == f->record && !f->only_may)
        return;
    if (it->type >= INDICATOR_FILE_NAME && it->type <= INDICATOR_FILE_REGEX)
        is = path_matches(f, p, text, slashed);
    else if (it->type == INDICATOR_USER_AGENT)
        is = agent_matches(f, p, text);
    else if (it->type == INDICATOR_PIPE)
        is = pipe_matches(f, p, slashed);
    else
        is = text_is_in(f, p, text);
    if (is)
        tell(f, p->indicator, text);
}

static bool may_be_path(struct str text)
{
    return memchr(text.p, '\\', text.n) || memchr(text.p, '/', text.n) ||
           memchr(text.p, '.', text.n);
}

static void patterns(struct indicator_finder *f, struct str text)
{
    literal_hits_clear(&f->hits);
    literals_scan(f->set->needs, text, &f->hits);
    bool ungated = f->set->n_ungated && may_be_path(text);
    if (f->only_may) {
        f->may = f->may || f->hits.n || ungated;
        return;
    }
    if (f->hits.n == 0 && !ungated)
        return;
    struct str slashed = respelled(f, text, true, false);
    for (uint32_t i = 0; i < f->hits.n; i++)
        pattern(f, f->hits.list[i], text, slashed);
    for (size_t i = 0; ungated && i < f->set->n_ungated; i++)
        pattern(f, f->set->ungated[i], text, slashed);
}

/* --- texts, fields, events ----------------------------------------------------------------------------- */

static int hex_value(char c)
{
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The text with its percent escapes undone; itself if it has none. */
static struct str unescaped(struct indicator_finder *f, struct str text)
{
    const char *first = text.n ? memchr(text.p, '%', text.n) : NULL;
    if (!first || text.n > PERCENT_MAX)
        return text;
    char *out = ARENA_ARRAY(f->scratch, char, text.n);
    size_t n = 0;
    for (size_t i = 0; i < text.n; i++) {
        int high = text.p[i] == '%' && text.n - i > 2 ? hex_value(text.p[i + 1]) : -1;
        int low = high >= 0 ? hex_value(text.p[i + 2]) : -1;
        out[n++] = low >= 0 ? ascii_lower((char)(high * 16 + low)) : text.p[i];
        i += low >= 0 ? 2 : 0;
    }
    return n < text.n ? (struct str){out, n} : text;
}

static void look(struct indicator_finder *f, struct str text)
{
    struct str folded = fold_str(text, f->scratch);
    f->how = "";
    for (int round = 0; folded.n && !(f->only_may && f->may); round++) {
        words(f, folded);
        if (f->set->n_patterns)
            patterns(f, folded);
        struct str plain = round < PERCENT_ROUNDS ? unescaped(f, folded) : folded;
        if (plain.p == folded.p)
            break;
        folded = plain;
        f->how = "percent-decoded";
    }
}

size_t indicators_find(struct indicator_finder *f, const struct event *ev, struct arena *arena,
                       const struct indicator_hit **ret)
{
    enum { SHORTEST = 3 };
    f->out = arena;
    f->found = NULL;
    f->n = f->cap = 0;
    f->ev = ev;
    f->only_may = false;
    for (size_t i = 0; i < ev->n; i++) {
        const struct field *field = &ev->fields[i];
        if (field->type == FIELD_NULL || field->value.n < SHORTEST)
            continue;
        struct arena_mark mark = arena_mark(f->scratch);
        f->field = field->name;
        look(f, field->value);
        arena_back(f->scratch, &mark);
    }
    *ret = f->found;
    return f->n;
}

/* Whether fields may read otherwise than the line: a quote that is written twice is one, and what
 * is not UTF-8 is repaired, or read as windows-1252. */
static bool reads_otherwise(struct bytes row)
{
    unsigned marks = row_marks(row);
    return (marks & (ROW_QUOTES | ROW_APOSTROPHES)) || (marks & ROW_HIGH && !utf8_valid(row));
}

bool indicators_may_row(struct indicator_finder *f, struct bytes row)
{
    struct str text = {(const char *)row.p, row.n};
    if (row.n == 0)
        return false;
    if (memchr(row.p, 0, row.n) || reads_otherwise(row))
        return true; /* NUL: UTF-16, or damaged */
    f->only_may = true;
    f->may = false;
    f->field = STR("");
    struct arena_mark mark = arena_mark(f->scratch);
    look(f, text);
    arena_back(f->scratch, &mark);
    return f->may;
}
