/* indicator.c - see indicator.h: the set, its table of exact values, its patterns. */
#include "rule/indicator.h"

#include <assert.h>

#include "base/buf.h"
#include "rule/fold.h"
#include "rule/regex_need.h"

enum {
    NONE = -1,
    SHOWN_VALUE = 120, /* bytes of a value in a note */
    ABOUT_MAX = 600,   /* bytes of what a list says of an indicator */
    NEED_MIN = 3,      /* bytes of a literal that is worth looking for */
    SLOTS_FIRST = 1024,
    SCORE_MEDIUM = 40, /* the scores from which a finding is of medium, of high level */
    SCORE_HIGH = 70,
};

struct indicators *indicators_new(void)
{
    struct arena *arena = arena_new();
    struct indicators *set = ARENA_NEW(arena, struct indicators);
    set->arena = arena;
    set->n_slots = SLOTS_FIRST;
    set->slots = ARENA_ARRAY(arena, struct indicator_slot, SLOTS_FIRST);
    return set;
}

void indicators_free(struct indicators *set)
{
    if (!set)
        return;
    for (size_t i = 0; i < set->n_regexes; i++)
        regex_free(set->regexes[i]);
    arena_free(set->arena);
}

/* --- lists and their notes ------------------------------------------------------------------- */

static struct str file_of(struct str path)
{
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '/')
        at--;
    return str_part(path, at, path.n);
}

void indicators_begin(struct indicators *set, struct str path, const char *form)
{
    set->lists =
        arena_grow(set->arena, set->lists, set->n_lists, &set->cap_lists, sizeof *set->lists);
    struct str kept = arena_str(set->arena, path);
    set->lists[set->n_lists++] =
        (struct indicator_list){.path = kept, .name = file_of(kept), .form = form};
}

static struct indicator_list *current(struct indicators *set)
{
    assert(set->n_lists > 0);
    return &set->lists[set->n_lists - 1];
}

/* The start of a value; not in the middle of a character. */
static struct str shown(struct str value)
{
    size_t n = value.n < SHOWN_VALUE ? value.n : SHOWN_VALUE;
    while (n < value.n && n > 0 && ((unsigned char)value.p[n] & 0xc0) == 0x80)
        n--;
    return str_part(value, 0, n);
}

static void note(struct indicators *set, struct indicator_notes *notes, uint32_t place,
                 struct str value, const char *why)
{
    if (notes->n++ >= INDICATOR_TOLD)
        return;
    notes->list =
        arena_grow(set->arena, notes->list, notes->n - 1, &notes->cap, sizeof *notes->list);
    notes->list[notes->n - 1] =
        (struct indicator_note){place, arena_str(set->arena, shown(value)), why};
}

void indicators_refuse(struct indicators *set, uint32_t place, struct str value,
                       const char *why)
{
    note(set, &current(set)->refused, place, value, why);
}

void indicators_warn(struct indicators *set, uint32_t place, struct str value, const char *why)
{
    note(set, &current(set)->warnings, place, value, why);
}

void indicators_leave(struct indicators *set)
{
    current(set)->left++;
}

/* --- the table of exact values ---------------------------------------------------------------- */

static unsigned char tag_of(enum indicator_type type)
{
    static const char tags[INDICATOR_TYPES] = "mshiadunfrpwet";
    return (unsigned char)tags[type];
}

static struct indicator_slot *slot_of(const struct indicators *set, uint64_t hash)
{
    size_t at = (size_t)hash & (set->n_slots - 1);
    while (set->slots[at].used && set->slots[at].hash != hash)
        at = (at + 1) & (set->n_slots - 1);
    return &set->slots[at];
}

static void grow_slots(struct indicators *set)
{
    struct indicator_slot *old = set->slots;
    size_t n = set->n_slots;
    set->n_slots = 2 * n;
    set->slots = ARENA_ARRAY(set->arena, struct indicator_slot, set->n_slots);
    for (size_t i = 0; i < n; i++)
        if (old[i].used)
            *slot_of(set, old[i].hash) = old[i];
}

static struct indicator_slot *take_slot(struct indicators *set, uint64_t hash)
{
    if (2 * (set->n_used + 1) > set->n_slots)
        grow_slots(set);
    struct indicator_slot *slot = slot_of(set, hash);
    if (!slot->used) {
        *slot = (struct indicator_slot){.hash = hash, .first = UINT32_MAX, .used = true};
        set->n_used++;
    }
    return slot;
}

/* Says that something of this tag is there, without an indicator of its own. */
static void mark(struct indicators *set, unsigned char tag, struct str text)
{
    (void)take_slot(set, indicator_hash(tag, text.p, text.n));
}

/* The same value of the same list, if it is there already. */
static struct indicator *repeated(struct indicators *set, const struct indicator_slot *slot,
                                  const struct indicator *it)
{
    for (uint32_t i = slot->first; i != UINT32_MAX; i = set->list[i].next) {
        struct indicator *other = &set->list[i];
        if (other->list == it->list && other->type == it->type && str_eq(other->key, it->key))
            return other;
    }
    return NULL;
}

/* --- patterns ---------------------------------------------------------------------------------- */

static bool has_wildcard(struct str s)
{
    return s.n && (memchr(s.p, '*', s.n) || memchr(s.p, '?', s.n));
}

static bool is_name(struct str s)
{
    for (size_t i = 0; i < s.n; i++)
        if (!indicator_is_name_char((unsigned char)s.p[i]))
            return false;
    return s.n > 0 && s.p[s.n - 1] != '.';
}

static struct str base_of(struct str path)
{
    size_t at = path.n;
    while (at > 0 && path.p[at - 1] != '\\')
        at--;
    return str_part(path, at, path.n);
}

/* A regular expression for a text with '*' (anything but the ends of a path) and '?'. */
static struct str regex_of_wildcards(struct str s, bool whole, struct arena *arena)
{
    enum { GROWTH = 16, AROUND = 64 };
    struct buf out = buf_new(GROWTH * s.n + AROUND);
    bool start = s.n && s.p[0] == '*';
    bool end = s.n && s.p[s.n - 1] == '*';
    if (whole)
        buf_add_cstr(&out, "^");
    else if (!start)
        buf_add_cstr(&out, "(?<![\\w.-])");
    for (size_t i = 0; i < s.n; i++) {
        char c = s.p[i];
        if (c == '*' && i + 1 < s.n && s.p[i + 1] == '*')
            continue;
        if (c == '*')
            buf_add_cstr(&out, whole ? ".*" : "[^\"<>|\\r\\n]*");
        else if (c == '?')
            buf_add_cstr(&out, whole ? "." : "[^\"<>|\\r\\n\\\\]");
        else if ((unsigned char)c < 0x80 && !(ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z') &&
                 !(c >= '0' && c <= '9'))
            buf_addf(&out, "\\x%02x", (unsigned char)c);
        else
            buf_add_char(&out, c);
    }
    if (whole)
        buf_add_cstr(&out, "$");
    else if (!end)
        buf_add_cstr(&out, "(?![\\w-]|\\.\\w)");
    struct str ret = arena_str(arena, buf_str(&out));
    buf_free(&out);
    return ret;
}

/* The longest piece of a text without separators of paths, wildcards and quotes, which logs
 * write in more than one way. */
static struct str longest_piece(struct str s)
{
    struct str best = STR("");
    for (size_t from = 0; from < s.n;) {
        size_t to = from;
        while (to < s.n && !memchr("\\/*?\"", s.p[to], 5))
            to++;
        if (to - from > best.n)
            best = str_part(s, from, to);
        from = to + 1;
    }
    return best;
}

static const struct regex *compile(struct indicators *set, struct str pattern)
{
    struct err err = {0};
    struct regex *r = regex_new(pattern, REGEX_IGNORE_CASE | REGEX_DOT_ALL, set->arena, &err);
    if (!r)
        return NULL;
    set->regexes = arena_grow(set->arena, set->regexes, set->n_regexes, &set->cap_regexes,
                              sizeof(struct regex *));
    set->regexes[set->n_regexes++] = r;
    return r;
}

/* Whether values of a type are compared by a search of their own. */
static bool is_pattern(enum indicator_type type, struct str key)
{
    if (type == INDICATOR_FILE_NAME || type == INDICATOR_PIPE)
        return !is_name(key);
    if (type == INDICATOR_FILE_PATH)
        return has_wildcard(key) || !is_name(base_of(key));
    return type == INDICATOR_FILE_REGEX || type == INDICATOR_USER_AGENT ||
           type == INDICATOR_TEXT;
}

/* Compiles what is needed; false with *why set if it cannot be used. */
static bool make_pattern(struct indicators *set, const struct indicator *it, struct str but,
                         struct indicator_pattern *ret, const char **why)
{
    enum indicator_type type = (enum indicator_type)it->type;
    bool wild =
        type == INDICATOR_FILE_REGEX || (type != INDICATOR_TEXT && has_wildcard(it->key));
    struct str pattern = it->key;
    if (set->n_patterns == INDICATOR_PATTERNS_MAX) {
        *why = "too many texts, wildcards and regular expressions";
        return false;
    }
    if (wild && type != INDICATOR_FILE_REGEX)
        pattern = regex_of_wildcards(
            it->key, type == INDICATOR_USER_AGENT || type == INDICATOR_PIPE, set->arena);
    ret->text = it->key;
    ret->regex = wild ? compile(set, pattern) : NULL;
    ret->but = but.n ? compile(set, but) : NULL;
    if ((wild && !ret->regex) || (but.n && !ret->but)) {
        *why = "its regular expression is not one";
        return false;
    }
    if (wild && type != INDICATOR_FILE_REGEX && longest_piece(it->key).n < NEED_MIN) {
        *why = "wildcards with hardly a letter between them";
        return false;
    }
    return true;
}

/* --- adding ------------------------------------------------------------------------------------ */

static uint8_t level_of(const struct indicator_item *item, enum indicator_type type, bool known)
{
    if (known)
        return LEVEL_INFORMATIONAL;
    if (item->level >= 0)
        return (uint8_t)item->level;
    if (item->score >= 0)
        return item->score < SCORE_MEDIUM ? LEVEL_LOW
               : item->score < SCORE_HIGH ? LEVEL_MEDIUM
                                          : LEVEL_HIGH;
    return type <= INDICATOR_SHA256 ? LEVEL_HIGH : LEVEL_MEDIUM;
}

/* A path without folders is a name; a name with folders is a path. */
static enum indicator_type settle(enum indicator_type type, struct str value)
{
    bool folders = value.n && (memchr(value.p, '\\', value.n) || memchr(value.p, '/', value.n));
    if (type == INDICATOR_FILE_PATH && !folders)
        return INDICATOR_FILE_NAME;
    if (type == INDICATOR_FILE_NAME && folders)
        return INDICATOR_FILE_PATH;
    return type;
}

/* Paths are compared from the start of a folder's name. */
static struct str trimmed_path(struct str key)
{
    while (key.n && key.p[0] == '\\')
        key = str_part(key, 1, key.n);
    return key;
}

static void note_lengths(struct indicators *set, struct str key)
{
    unsigned bits = (unsigned char)key.p[16];
    bool v4 = bits >= 96 && memcmp(key.p, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0;
    if (v4)
        set->v4_lengths |= UINT64_C(1) << (bits - 96);
    else
        set->v6_lengths[bits / 64] |= UINT64_C(1) << bits % 64;
}

static void note_marks(struct indicators *set, const struct indicator *it)
{
    size_t host = 0;
    if (it->type == INDICATOR_ADDRESS)
        note_lengths(set, it->key);
    if (it->type == INDICATOR_FILE_PATH)
        mark(set, 'F', base_of(it->key));
    if (it->type == INDICATOR_URL) {
        while (host < it->key.n && it->key.p[host] != '/' && it->key.p[host] != '?')
            host++;
        mark(set, 'U', str_part(it->key, 0, host));
    }
}

static void add_pattern(struct indicators *set, struct indicator_pattern *p, uint32_t number)
{
    p->indicator = number;
    set->patterns = arena_grow(set->arena, set->patterns, set->n_patterns, &set->cap_patterns,
                               sizeof *set->patterns);
    set->patterns[set->n_patterns++] = *p;
}

static void count(struct indicators *set, const struct indicator *it)
{
    struct indicator_list *list = current(set);
    list->n++;
    list->of_type[it->type]++;
    list->ending += it->until != INSTANT_NONE;
    list->has_level[it->level] = true;
    set->has[it->type] = true;
}

static void put(struct indicators *set, struct indicator *it, struct indicator_slot *slot,
                const struct indicator_item *item)
{
    it->next = slot->first;
    slot->first = (uint32_t)set->n;
    if (str_eq(it->value, it->key))
        it->value = it->key;
    else
        it->value = arena_str(set->arena, it->value);
    it->about = arena_str(set->arena, str_part(item->about, 0, ABOUT_MAX));
    set->list = arena_grow(set->arena, set->list, set->n, &set->cap, sizeof *set->list);
    set->list[set->n++] = *it;
    count(set, it);
}

static void merge(struct indicators *set, struct indicator *old, const struct indicator *it)
{
    current(set)->repeated++;
    if (it->until == INSTANT_NONE || (old->until != INSTANT_NONE && it->until > old->until))
        old->until = it->until;
    if (it->tlp > old->tlp)
        old->tlp = it->tlp;
}

/* Finds type and key. False if that fails; *why says so. */
static bool read_item(const struct indicator_item *item, struct arena *scratch,
                      struct indicator *it, const char **why)
{
    bool raw = item->type == INDICATOR_FILE_REGEX || item->type == INDICATOR_TEXT ||
               item->type == INDICATOR_USER_AGENT;
    it->value = raw ? str_trim(item->value) : indicator_refang(item->value, scratch);
    enum indicator_type type =
        item->type == INDICATOR_TYPES ? indicator_shape(it->value) : item->type;
    type = settle(type, it->value);
    it->type = (uint8_t)type;
    it->key = indicator_key(type, it->value, scratch, why);
    if (it->key.n && type == INDICATOR_FILE_PATH)
        it->key = trimmed_path(it->key);
    return it->key.n > 0;
}

void indicators_add(struct indicators *set, const struct indicator_item *item)
{
    const char *why = "";
    struct arena *scratch = arena_new();
    struct indicator_pattern pattern = {0};
    struct indicator it = {.from = item->from,
                           .until = item->until,
                           .list = (uint32_t)set->n_lists - 1,
                           .place = item->place,
                           .tlp = (uint8_t)item->tlp};
    bool ok = read_item(item, scratch, &it, &why);
    if (ok && set->n == INDICATORS_MAX) {
        ok = false;
        why = "too many indicators: the rest of the lists is not used";
    }
    if (!ok) {
        indicators_refuse(set, item->place, item->value, why);
        arena_free(scratch);
        return;
    }
    enum indicator_type type = (enum indicator_type)it.type;
    const char *known = indicator_known(type, it.key);
    struct indicator_slot *slot =
        take_slot(set, indicator_hash(tag_of(type), it.key.p, it.key.n));
    struct indicator *old = repeated(set, slot, &it);
    it.known = known != NULL;
    it.level = level_of(item, type, it.known);
    if (old) {
        merge(set, old, &it);
    } else {
        it.key = arena_str(set->arena, it.key);
        bool search = is_pattern(type, it.key);
        if (search && !make_pattern(set, &it, item->but, &pattern, &why)) {
            indicators_refuse(set, item->place, item->value, why);
        } else {
            if (search)
                add_pattern(set, &pattern, (uint32_t)set->n);
            put(set, &it, slot, item);
            if (!search)
                note_marks(set, &it);
            if (known)
                indicators_warn(set, item->place, it.value, known);
        }
    }
    arena_free(scratch);
}

/* --- ending ------------------------------------------------------------------------------------ */

static void make_filter(struct indicators *set)
{
    enum { BITS_EACH = 16 };
    size_t bits = 1024;
    while (bits < set->n_used * BITS_EACH)
        bits *= 2;
    set->filter = ARENA_ARRAY(set->arena, uint64_t, bits / 64);
    set->filter_mask = bits - 1;
    for (size_t i = 0; i < set->n_slots; i++) {
        size_t bit = (size_t)(set->slots[i].hash >> 20) & set->filter_mask;
        if (set->slots[i].used)
            set->filter[bit / 64] |= UINT64_C(1) << bit % 64;
    }
}

struct needs {
    struct indicators *set;
    struct literal *list;
    size_t n, cap;
};

static void need(struct needs *needs, size_t pattern, struct str text)
{
    needs->list =
        arena_grow(needs->set->arena, needs->list, needs->n, &needs->cap, sizeof *needs->list);
    needs->list[needs->n++] =
        (struct literal){.id = (uint32_t)pattern, .test = TEXT_CONTAINS, .text = text};
}

/* A text with '+' for blanks, as IIS writes user agents. */
static struct str with_plus(struct str s, struct arena *arena)
{
    char *out = ARENA_ARRAY(arena, char, s.n + 1);
    for (size_t i = 0; i < s.n; i++)
        out[i] = s.p[i] == ' ' ? '+' : s.p[i];
    return (struct str){out, s.n};
}

/* The literals of one pattern; false if none is known. */
static bool add_needs(struct needs *needs, size_t number)
{
    struct indicators *set = needs->set;
    const struct indicator_pattern *p = &set->patterns[number];
    const struct indicator *it = &set->list[p->indicator];
    struct str text = longest_piece(it->key);
    if (it->type == INDICATOR_FILE_REGEX) {
        struct regex_need found = {0};
        regex_need_of(it->key, set->arena, &found);
        for (size_t i = 0; i < found.n; i++)
            if (longest_piece(found.any[i]).n < NEED_MIN)
                return false;
        for (size_t i = 0; i < found.n; i++)
            need(needs, number, longest_piece(found.any[i]));
        return found.n > 0;
    }
    if (text.n < NEED_MIN)
        text = it->key;
    need(needs, number, text);
    if (memchr(text.p, ' ', text.n))
        need(needs, number, with_plus(text, set->arena));
    return true;
}

void indicators_finish(struct indicators *set)
{
    struct needs needs = {.set = set};
    uint32_t *ungated = ARENA_ARRAY(set->arena, uint32_t, set->n_patterns);
    for (size_t i = 0; i < set->n_patterns; i++)
        if (!add_needs(&needs, i))
            ungated[set->n_ungated++] = (uint32_t)i;
    set->ungated = ungated;
    set->needs = literals_new(needs.list, needs.n, set->arena);
    make_filter(set);
}

static struct rule rule_of(const struct indicators *set, const struct indicator_list *list,
                           enum level level, const char *more)
{
    return (struct rule){
        .id = arena_printf(set->arena, "indicators:%.*s", STR_ARG(list->name)),
        .name = STR(""),
        .title = arena_printf(set->arena, "Indicator of %.*s%s", STR_ARG(list->name), more),
        .path = list->path,
        .status = STR(""),
        .level = level,
        .pack = STR(""),
        .indicators = set,
    };
}

void indicators_bind(struct indicators *set, struct ruleset *rules)
{
    for (size_t i = 0; i < set->n_lists; i++) {
        struct indicator_list *list = &set->lists[i];
        for (int level = LEVEL_CRITICAL; level >= LEVEL_INFORMATIONAL; level--) {
            if (!list->has_level[level])
                continue;
            struct rule rule = rule_of(set, list, (enum level)level, "");
            list->rules[level] = ruleset_stand_for(rules, &rule);
        }
        if (list->ending) {
            struct rule rule = rule_of(set, list, LEVEL_INFORMATIONAL, ", out of date");
            list->outdated = ruleset_stand_for(rules, &rule);
        }
    }
}

bool indicator_is_outdated(const struct indicator *it, instant t)
{
    return it->until != INSTANT_NONE && t != INSTANT_NONE && t >= it->until;
}

uint32_t indicators_rule(const struct indicators *set, uint32_t indicator, instant t)
{
    const struct indicator *it = &set->list[indicator];
    const struct indicator_list *list = &set->lists[it->list];
    return indicator_is_outdated(it, t) ? list->outdated : list->rules[it->level];
}

/* --- words --------------------------------------------------------------------------------------- */

static const struct {
    const char *name, *words;
} types[INDICATOR_TYPES] = {
    [INDICATOR_MD5] = {"md5", "MD5"},
    [INDICATOR_SHA1] = {"sha1", "SHA-1"},
    [INDICATOR_SHA256] = {"sha256", "SHA-256"},
    [INDICATOR_IMPHASH] = {"imphash", "import hash"},
    [INDICATOR_ADDRESS] = {"address", "address"},
    [INDICATOR_DOMAIN] = {"domain", "domain"},
    [INDICATOR_URL] = {"url", "URL"},
    [INDICATOR_FILE_NAME] = {"file-name", "file name"},
    [INDICATOR_FILE_PATH] = {"file-path", "file path"},
    [INDICATOR_FILE_REGEX] = {"file-regex", "file path like"},
    [INDICATOR_PIPE] = {"pipe", "named pipe"},
    [INDICATOR_USER_AGENT] = {"user-agent", "user agent"},
    [INDICATOR_EMAIL] = {"email", "e-mail address"},
    [INDICATOR_TEXT] = {"text", "text"},
};

const char *indicator_type_name(enum indicator_type type)
{
    return type < INDICATOR_TYPES ? types[type].name : "unknown";
}

const char *tlp_name(enum tlp tlp)
{
    static const char *const names[] = {"",          "TLP:CLEAR",        "TLP:GREEN",
                                        "TLP:AMBER", "TLP:AMBER+STRICT", "TLP:RED"};
    return names[tlp];
}

struct str indicator_words(const struct indicators *set, uint32_t indicator,
                           struct arena *arena)
{
    const struct indicator *it = &set->list[indicator];
    return arena_printf(arena, "%s %.*s", types[it->type].words,
                        STR_ARG(str_part(it->value, 0, 300)));
}

struct str indicator_sentence(const struct indicators *set, uint32_t indicator,
                              struct str field, instant t, struct arena *arena)
{
    const struct indicator *it = &set->list[indicator];
    struct str words = indicator_words(set, indicator, arena);
    bool outdated = indicator_is_outdated(it, t);
    char until[INSTANT_TEXT];
    return arena_printf(arena, "%.*s in %.*s; list %.*s:%u%s%s%s%.*s%s%.*s", STR_ARG(words),
                        STR_ARG(str_part(field, 0, SHOWN_VALUE)),
                        STR_ARG(set->lists[it->list].name), it->place, it->tlp ? ", " : "",
                        tlp_name((enum tlp)it->tlp), outdated ? "; out of date since " : "",
                        STR_ARG(outdated ? instant_text(it->until, until) : STR("")),
                        it->about.n ? "; it says: " : "", STR_ARG(it->about));
}

/* Letters and digits only, folded: "IP-Dst" and "ip_dst" are one name. */
static struct str plain_name(struct str text, char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < text.n && n < size; i++) {
        char c = ascii_lower(text.p[i]);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[n++] = c;
    }
    return (struct str){out, n};
}

bool indicator_type_parse(struct str text, enum indicator_type *ret)
{
    static const struct {
        const char *name;
        enum indicator_type type;
    } names[] = {
        {"md5", INDICATOR_MD5},
        {"filehashmd5", INDICATOR_MD5},
        {"hashmd5", INDICATOR_MD5},
        {"md5hash", INDICATOR_MD5},
        {"sha1", INDICATOR_SHA1},
        {"filehashsha1", INDICATOR_SHA1},
        {"hashsha1", INDICATOR_SHA1},
        {"sha1hash", INDICATOR_SHA1},
        {"sha256", INDICATOR_SHA256},
        {"filehashsha256", INDICATOR_SHA256},
        {"hashsha256", INDICATOR_SHA256},
        {"sha256hash", INDICATOR_SHA256},
        {"imphash", INDICATOR_IMPHASH},
        {"filehashimphash", INDICATOR_IMPHASH},
        {"ip", INDICATOR_ADDRESS},
        {"ips", INDICATOR_ADDRESS},
        {"ipaddress", INDICATOR_ADDRESS},
        {"ipaddr", INDICATOR_ADDRESS},
        {"address", INDICATOR_ADDRESS},
        {"ipv4", INDICATOR_ADDRESS},
        {"ipv6", INDICATOR_ADDRESS},
        {"ipv4addr", INDICATOR_ADDRESS},
        {"ipv6addr", INDICATOR_ADDRESS},
        {"ipv4address", INDICATOR_ADDRESS},
        {"ipv6address", INDICATOR_ADDRESS},
        {"ipsrc", INDICATOR_ADDRESS},
        {"ipdst", INDICATOR_ADDRESS},
        {"srcip", INDICATOR_ADDRESS},
        {"dstip", INDICATOR_ADDRESS},
        {"sourceip", INDICATOR_ADDRESS},
        {"destinationip", INDICATOR_ADDRESS},
        {"ipport", INDICATOR_ADDRESS},
        {"ipsrcport", INDICATOR_ADDRESS},
        {"ipdstport", INDICATOR_ADDRESS},
        {"cidr", INDICATOR_ADDRESS},
        {"network", INDICATOR_ADDRESS},
        {"netblock", INDICATOR_ADDRESS},
        {"ipv4cidr", INDICATOR_ADDRESS},
        {"domain", INDICATOR_DOMAIN},
        {"domainname", INDICATOR_DOMAIN},
        {"hostname", INDICATOR_DOMAIN},
        {"fqdn", INDICATOR_DOMAIN},
        {"dns", INDICATOR_DOMAIN},
        {"url", INDICATOR_URL},
        {"link", INDICATOR_URL},
        {"filename", INDICATOR_FILE_NAME},
        {"name", INDICATOR_FILE_NAME},
        {"filepath", INDICATOR_FILE_PATH},
        {"path", INDICATOR_FILE_PATH},
        {"uri", INDICATOR_FILE_PATH},
        {"uripath", INDICATOR_FILE_PATH},
        {"fileregex", INDICATOR_FILE_REGEX},
        {"filepathregex", INDICATOR_FILE_REGEX},
        {"filenameregex", INDICATOR_FILE_REGEX},
        {"pathregex", INDICATOR_FILE_REGEX},
        {"pipe", INDICATOR_PIPE},
        {"namedpipe", INDICATOR_PIPE},
        {"pipename", INDICATOR_PIPE},
        {"useragent", INDICATOR_USER_AGENT},
        {"ua", INDICATOR_USER_AGENT},
        {"httpuseragent", INDICATOR_USER_AGENT},
        {"email", INDICATOR_EMAIL},
        {"emailaddr", INDICATOR_EMAIL},
        {"emailaddress", INDICATOR_EMAIL},
        {"emailsrc", INDICATOR_EMAIL},
        {"emaildst", INDICATOR_EMAIL},
        {"emailsender", INDICATOR_EMAIL},
        {"sender", INDICATOR_EMAIL},
        {"mail", INDICATOR_EMAIL},
        {"text", INDICATOR_TEXT},
        {"string", INDICATOR_TEXT},
        {"keyword", INDICATOR_TEXT},
        {"patterninfile", INDICATOR_TEXT},
        {"commandline", INDICATOR_TEXT},
        {"mutex", INDICATOR_TEXT},
        {"registry", INDICATOR_TEXT},
        {"regkey", INDICATOR_TEXT},
        {"registrykey", INDICATOR_TEXT},
    };
    char room[64];
    struct str name = plain_name(text, room, sizeof room);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_eq(name, str_of(names[i].name))) {
            *ret = names[i].type;
            return true;
        }
    }
    return false;
}

bool tlp_parse(struct str text, enum tlp *ret)
{
    static const struct {
        const char *name;
        enum tlp tlp;
    } names[] = {{"clear", TLP_CLEAR}, {"white", TLP_CLEAR}, {"green", TLP_GREEN},
                 {"amber", TLP_AMBER}, {"red", TLP_RED},     {"amberstrict", TLP_AMBER_STRICT}};
    char room[32];
    struct str name = plain_name(text, room, sizeof room);
    if (str_starts(name, STR("tlp")))
        name = str_part(name, 3, name.n);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_eq(name, str_of(names[i].name))) {
            *ret = names[i].tlp;
            return true;
        }
    }
    return false;
}
