/* indicator_import.c - the form of a list, and lists of lines and tables. */
#include "rule/indicator_import.h"

#include "base/num.h"
#include "base/utf.h"

enum {
    COLUMNS_MAX = 64,
    PARTS_MAX = 4, /* of a line between semicolons */
    LEVEL_NAME_MAX = 24,
};

/* --- what lists have in common -------------------------------------------------------------- */

bool indicator_score(struct str text, struct indicator_item *item)
{
    struct str s = str_trim(text);
    uint64_t number;
    enum level level;
    if (str_iends(s, STR("%")))
        s = str_part(s, 0, s.n - 1);
    if (num_u64(s, &number)) {
        item->score = number > 100 ? 100 : (int)number;
        return true;
    }
    if (str_ieq(s, STR("very high")))
        s = STR("high");
    if (str_ieq(s, STR("info")) || str_ieq(s, STR("none")))
        s = STR("informational");
    if (str_ieq(s, STR("moderate")))
        s = STR("medium");
    if (!level_parse(s, &level))
        return false;
    item->level = (int)level;
    return true;
}

/* Names of types that say nothing but that it is an indicator. */
static bool is_any_type(struct str type)
{
    static const char *const names[] = {"",          "hash",      "filehash", "file hash",
                                        "file-hash", "file_hash", "ioc",      "indicator",
                                        "unknown",   "other"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (str_ieq(type, str_of(names[i])))
            return true;
    return false;
}

/* Parts of composed types that are no indicators of their own. */
static bool is_passed_over(struct str type)
{
    return str_ieq(type, STR("port")) || str_ieq(type, STR("size")) ||
           str_ieq(type, STR("value"));
}

/* "filename|sha256": the hash says more, and the name alone far less than both. */
static bool is_named_hash(struct str type, size_t bar)
{
    return str_ieq(str_part(type, 0, bar), STR("filename")) ||
           str_ieq(str_part(type, 0, bar), STR("malware-sample"));
}

bool indicators_add_named(struct indicators *set, struct indicator_item item, struct str type)
{
    type = str_trim(type);
    size_t bar = str_find(type, STR("|"), 0);
    if (bar != SIZE_MAX) {
        size_t at = str_find(item.value, STR("|"), 0);
        struct indicator_item part = item;
        bool any = false;
        part.value = str_part(item.value, 0, at);
        if (!(is_named_hash(type, bar) && at != SIZE_MAX))
            any = indicators_add_named(set, part, str_part(type, 0, bar));
        part.value = at == SIZE_MAX ? STR("") : str_part(item.value, at + 1, item.value.n);
        struct str rest = str_part(type, bar + 1, type.n);
        if (part.value.n && !is_passed_over(rest))
            any = indicators_add_named(set, part, rest) || any;
        return any;
    }
    if (str_ieq(type, STR("malware-sample")))
        type = STR("filename");
    if (!is_any_type(type) && !indicator_type_parse(type, &item.type))
        return false;
    if (str_ieq(type, STR("uri")) && str_find(item.value, STR("://"), 0) != SIZE_MAX)
        item.type = INDICATOR_URL;
    indicators_add(set, &item);
    return true;
}

/* --- lines ------------------------------------------------------------------------------------ */

struct lines {
    struct indicators *set;
    struct arena *arena; /* of one line */
    struct str comment;  /* the comment line before; borrowed from the text */
    bool keywords;       /* by its name a list of free texts */
    bool any;            /* a line that is no comment was seen */
};

static struct indicator_list *list_of(struct indicators *set)
{
    return &set->lists[set->n_lists - 1];
}

static bool is_host_kind(enum indicator_type type)
{
    return type == INDICATOR_ADDRESS || type == INDICATOR_DOMAIN || type == INDICATOR_URL ||
           type == INDICATOR_EMAIL;
}

/* Parts between semicolons, trimmed; those that are not there are empty. */
static size_t split_parts(struct str line, struct str part[PARTS_MAX])
{
    size_t n = 0;
    for (size_t at = 0; at <= line.n && n < PARTS_MAX;) {
        size_t to = n == PARTS_MAX - 1 ? line.n : str_find(line, STR(";"), at);
        to = to == SIZE_MAX ? line.n : to;
        part[n++] = str_trim(str_part(line, at, to));
        at = to + 1;
    }
    return n;
}

static int bounded_score(int64_t score)
{
    if (score < 0)
        return 0;
    return score > 100 ? 100 : (int)score;
}

/* "HASH;about", "HASH;score;about", "host;about", "REGEX;score;regex of what is harmless" */
static void between_semicolons(struct lines *l, struct str line, uint32_t place)
{
    struct str part[PARTS_MAX] = {{0}};
    size_t n = split_parts(line, part);
    struct indicator_item item = INDICATOR_ITEM;
    int64_t score = 0;
    item.place = place;
    item.value = part[0];
    item.type = indicator_shape(indicator_refang(part[0], l->arena));
    bool scored = n > 1 && num_i64(part[1], &score);
    size_t about = scored ? 2 : 1;
    if (scored)
        item.score = bounded_score(score);
    if (item.type <= INDICATOR_IMPHASH || is_host_kind(item.type)) {
        item.about = n > about ? part[about] : l->comment;
        indicators_add(l->set, &item);
    } else if (scored && score <= 0) {
        indicators_leave(l->set); /* it takes from a score: it is of what is harmless */
    } else if (scored) {
        item.type = INDICATOR_FILE_REGEX;
        item.but = n > 2 ? part[2] : STR("");
        item.about = l->comment;
        indicators_add(l->set, &item);
    } else {
        indicators_refuse(l->set, place, line,
                          "between semicolons, but neither a hash, an address or a domain, nor "
                          "a regular expression with a score");
    }
}

/* "domain: evil.example": a type before the value. */
static bool has_type(struct str line, struct indicator_item *item)
{
    enum { SHORTEST = 2, LONGEST = 24 };
    size_t colon = str_find(line, STR(":"), 0);
    if (colon == SIZE_MAX || colon < SHORTEST || colon > LONGEST ||
        str_starts(str_part(line, colon, line.n), STR("://")) ||
        !indicator_type_parse(str_part(line, 0, colon), &item->type))
        return false;
    item->value = str_trim(str_part(line, colon + 1, line.n));
    return item->value.n > 0;
}

static size_t find_blank(struct str s, size_t at)
{
    while (at < s.n && s.p[at] != ' ' && s.p[at] != '\t')
        at++;
    return at;
}

/* "0.0.0.0 evil.example", as lists for blocking have it: the domain is what is meant. */
static struct str without_sink(struct str line)
{
    size_t blank = find_blank(line, 0);
    struct str sink = str_part(line, 0, blank);
    bool is = str_eq(sink, STR("0.0.0.0")) || str_eq(sink, STR("127.0.0.1")) ||
              str_eq(sink, STR("::")) || str_eq(sink, STR("::1"));
    return is && blank < line.n ? str_trim(str_part(line, blank, line.n)) : line;
}

/* A value, then a comma or a tab and what is said of it. */
static void split_about(struct lines *l, struct indicator_item *item)
{
    struct str line = item->value;
    size_t at = 0;
    if (indicator_shape(indicator_refang(line, l->arena)) != INDICATOR_TYPES)
        return;
    while (at < line.n && line.p[at] != ',' && line.p[at] != '\t')
        at++;
    struct str first = str_trim(str_part(line, 0, at));
    if (at == line.n || indicator_shape(indicator_refang(first, l->arena)) == INDICATOR_TYPES)
        return;
    item->value = first;
    item->about = str_trim(str_part(line, at + 1, line.n));
}

/* What stands behind " #" is said of the value before it. */
static struct str cut_comment(struct str line, struct str *ret_about)
{
    for (size_t i = 1; i < line.n; i++) {
        if (line.p[i] == '#' && (line.p[i - 1] == ' ' || line.p[i - 1] == '\t')) {
            *ret_about = str_trim(str_part(line, i + 1, line.n));
            return str_trim(str_part(line, 0, i));
        }
    }
    return line;
}

static void one_line(struct lines *l, struct str line, uint32_t place)
{
    struct indicator_item item = INDICATOR_ITEM;
    line = str_trim(line);
    if (line.n == 0)
        return;
    if (line.p[0] == '#' || str_starts(line, STR("//")) || line.p[0] == ';') {
        l->comment = str_trim(str_part(line, 1, line.n));
        return;
    }
    item.place = place;
    l->any = true;
    if (l->keywords) {
        item.type = INDICATOR_TEXT;
        item.value = line;
        indicators_add(l->set, &item);
        return;
    }
    if (memchr(line.p, ';', line.n)) {
        if (list_of(l->set)->n == 0)
            list_of(l->set)->form = "LOKI list";
        between_semicolons(l, line, place);
        return;
    }
    item.value = without_sink(cut_comment(line, &item.about));
    if (!has_type(item.value, &item))
        split_about(l, &item);
    indicators_add(l->set, &item);
}

static bool has_word(struct str path, struct str word)
{
    return str_ifind(path, word, 0) != SIZE_MAX;
}

void indicators_read_lines(struct indicators *set, struct str text)
{
    struct lines l = {.set = set, .arena = arena_new(), .comment = STR("")};
    uint32_t place = 0;
    l.keywords = has_word(list_of(set)->name, STR("keyword"));
    for (size_t at = 0; at < text.n;) {
        const char *end = memchr(text.p + at, '\n', text.n - at);
        size_t to = end ? (size_t)(end - text.p) : text.n;
        arena_reset(l.arena);
        one_line(&l, str_part(text, at, to), ++place);
        at = to + 1;
    }
    arena_free(l.arena);
}

/* --- tables ------------------------------------------------------------------------------------ */

enum column_kind {
    COLUMN_OTHER,
    COLUMN_VALUE,
    COLUMN_TYPED, /* its name is the type of its values */
    COLUMN_TYPE,
    COLUMN_ABOUT,
    COLUMN_SCORE,
    COLUMN_TLP,
    COLUMN_FROM,
    COLUMN_UNTIL,
    COLUMN_TO_IDS,
};

struct column {
    enum column_kind kind;
    enum indicator_type type; /* COLUMN_TYPED; INDICATOR_TYPES: by shape */
};

struct table {
    struct indicators *set;
    struct str text;
    size_t at;
    uint32_t line; /* of the row being read */
    uint32_t next_line;
    char delimiter;
    struct arena *arena; /* of one row */
    struct str cells[COLUMNS_MAX];
    size_t n_cells;
    struct column columns[COLUMNS_MAX];
    size_t n_columns;
    bool unclosed; /* a quote had no end */
};

static const struct {
    const char *name;
    enum column_kind kind;
} columns[] = {
    {"indicator", COLUMN_VALUE},
    {"indicators", COLUMN_VALUE},
    {"value", COLUMN_VALUE},
    {"ioc", COLUMN_VALUE},
    {"iocs", COLUMN_VALUE},
    {"iocvalue", COLUMN_VALUE},
    {"indicatorvalue", COLUMN_VALUE},
    {"observable", COLUMN_VALUE},
    {"observablevalue", COLUMN_VALUE},
    {"artifact", COLUMN_VALUE},
    {"hash", COLUMN_TYPED},
    {"hashes", COLUMN_TYPED},
    {"filehash", COLUMN_TYPED},
    {"host", COLUMN_TYPED},
    {"type", COLUMN_TYPE},
    {"indicatortype", COLUMN_TYPE},
    {"ioctype", COLUMN_TYPE},
    {"observabletype", COLUMN_TYPE},
    {"kind", COLUMN_TYPE},
    {"datatype", COLUMN_TYPE},
    {"description", COLUMN_ABOUT},
    {"comment", COLUMN_ABOUT},
    {"comments", COLUMN_ABOUT},
    {"note", COLUMN_ABOUT},
    {"notes", COLUMN_ABOUT},
    {"name", COLUMN_ABOUT},
    {"title", COLUMN_ABOUT},
    {"threat", COLUMN_ABOUT},
    {"threatname", COLUMN_ABOUT},
    {"malware", COLUMN_ABOUT},
    {"malwareprintable", COLUMN_ABOUT},
    {"malwarefamily", COLUMN_ABOUT},
    {"family", COLUMN_ABOUT},
    {"signature", COLUMN_ABOUT},
    {"info", COLUMN_ABOUT},
    {"eventinfo", COLUMN_ABOUT},
    {"context", COLUMN_ABOUT},
    {"campaign", COLUMN_ABOUT},
    {"text", COLUMN_ABOUT},
    {"link", COLUMN_OTHER},
    {"reference", COLUMN_OTHER},
    {"score", COLUMN_SCORE},
    {"confidence", COLUMN_SCORE},
    {"confidencelevel", COLUMN_SCORE},
    {"level", COLUMN_SCORE},
    {"severity", COLUMN_SCORE},
    {"tlp", COLUMN_TLP},
    {"marking", COLUMN_TLP},
    {"tlpcolor", COLUMN_TLP},
    {"tlpcolour", COLUMN_TLP},
    {"validfrom", COLUMN_FROM},
    {"validuntil", COLUMN_UNTIL},
    {"validto", COLUMN_UNTIL},
    {"expires", COLUMN_UNTIL},
    {"expiry", COLUMN_UNTIL},
    {"expiration", COLUMN_UNTIL},
    {"expirationdate", COLUMN_UNTIL},
    {"expirationdatetime", COLUMN_UNTIL},
    {"toids", COLUMN_TO_IDS},
};

/* Letters and digits of a column's name. */
static struct str bare_name(struct str s, char *out, size_t size)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n && n < size; i++) {
        char c = ascii_lower(s.p[i]);
        if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
            out[n++] = c;
    }
    return (struct str){out, n};
}

static struct column column_of(struct str name)
{
    char room[LEVEL_NAME_MAX];
    struct str bare = bare_name(name, room, sizeof room);
    struct column c = {COLUMN_OTHER, INDICATOR_TYPES};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        if (str_eq(bare, str_of(columns[i].name))) {
            c.kind = columns[i].kind;
            return c;
        }
    }
    if (indicator_type_parse(name, &c.type))
        c.kind = COLUMN_TYPED;
    return c;
}

static struct str quoted_cell(struct table *t)
{
    char *out = NULL;
    size_t n = 0;
    size_t from = ++t->at;
    for (; t->at < t->text.n; t->at++) {
        char c = t->text.p[t->at];
        t->next_line += c == '\n';
        if (c == '"' && t->at + 1 < t->text.n && t->text.p[t->at + 1] == '"') {
            t->at++;
            n++;
            continue;
        }
        if (c == '"')
            break;
        n++;
    }
    if (t->at == t->text.n)
        t->unclosed = true;
    out = ARENA_ARRAY(t->arena, char, n + 1);
    n = 0;
    for (size_t i = from; i < t->at; i++) {
        out[n++] = t->text.p[i];
        i += t->text.p[i] == '"';
    }
    t->at += t->at < t->text.n;
    while (t->at < t->text.n && t->text.p[t->at] != t->delimiter && t->text.p[t->at] != '\n')
        t->at++;
    return (struct str){out, n};
}

static struct str next_cell(struct table *t)
{
    size_t at = t->at;
    while (at < t->text.n && (t->text.p[at] == ' ' || t->text.p[at] == '\r'))
        at++;
    if (at < t->text.n && t->text.p[at] == '"') {
        t->at = at;
        return quoted_cell(t);
    }
    at = t->at;
    while (t->at < t->text.n && t->text.p[t->at] != t->delimiter && t->text.p[t->at] != '\n')
        t->at++;
    return str_trim(str_part(t->text, at, t->at));
}

/* Reads a row into the cells; false behind the last one. */
static bool next_row(struct table *t)
{
    if (t->at >= t->text.n)
        return false;
    t->line = ++t->next_line;
    t->n_cells = 0;
    for (;;) {
        struct str cell = next_cell(t);
        if (t->n_cells < COLUMNS_MAX)
            t->cells[t->n_cells++] = cell;
        if (t->at >= t->text.n)
            break;
        if (t->text.p[t->at++] == '\n')
            break;
    }
    return true;
}

/* Whether the cells are the names of columns: at least one that holds indicators. A name alone
 * is one only where it cannot be a value itself. */
static bool read_header(struct table *t)
{
    bool value = false;
    for (size_t i = 0; i < t->n_cells; i++) {
        t->columns[i] = column_of(t->cells[i]);
        value =
            value || t->columns[i].kind == COLUMN_VALUE || t->columns[i].kind == COLUMN_TYPED;
    }
    t->n_columns = t->n_cells;
    return value;
}

static struct indicator_item item_of_row(struct table *t, bool *ret_left, struct str *ret_type,
                                         bool *ret_bad_end)
{
    struct indicator_item item = INDICATOR_ITEM;
    item.place = t->line;
    for (size_t i = 0; i < t->n_cells && i < t->n_columns; i++) {
        struct str cell = str_trim(t->cells[i]);
        enum column_kind kind = t->columns[i].kind;
        if (cell.n == 0)
            continue;
        if (kind == COLUMN_TYPE)
            *ret_type = cell;
        else if (kind == COLUMN_ABOUT && item.about.n == 0)
            item.about = cell;
        else if (kind == COLUMN_ABOUT)
            item.about =
                arena_printf(t->arena, "%.*s; %.*s", STR_ARG(item.about), STR_ARG(cell));
        else if (kind == COLUMN_SCORE)
            (void)indicator_score(cell, &item);
        else if (kind == COLUMN_TLP)
            (void)tlp_parse(cell, &item.tlp);
        else if (kind == COLUMN_FROM)
            (void)instant_parse(cell, &item.from);
        else if (kind == COLUMN_UNTIL)
            *ret_bad_end = !instant_parse(cell, &item.until);
        else if (kind == COLUMN_TO_IDS)
            *ret_left = str_eq(cell, STR("0")) || str_ieq(cell, STR("false"));
    }
    return item;
}

static void add_row(struct table *t)
{
    bool left = false;
    bool bad_end = false;
    bool whole = false; /* a column of values of any type is there */
    bool any = false;
    struct str type = STR("");
    struct indicator_item item = item_of_row(t, &left, &type, &bad_end);
    for (size_t i = 0; i < t->n_columns; i++)
        whole = whole || t->columns[i].kind == COLUMN_VALUE;
    for (size_t i = 0; i < t->n_cells && i < t->n_columns; i++) {
        const struct column *c = &t->columns[i];
        item.value = str_trim(t->cells[i]);
        if (item.value.n == 0 || c->kind != (whole ? COLUMN_VALUE : COLUMN_TYPED))
            continue;
        any = true;
        item.type = whole ? INDICATOR_TYPES : c->type;
        if (left)
            indicators_leave(t->set);
        else if (!whole)
            indicators_add(t->set, &item);
        else if (!indicators_add_named(t->set, item, type))
            indicators_refuse(t->set, t->line, item.value, "of a type that is not looked for");
    }
    if (!any && t->n_cells > 0 && (t->n_cells > 1 || t->cells[0].n))
        indicators_refuse(t->set, t->line, t->cells[0], "a row without a value");
    if (bad_end && any)
        indicators_warn(t->set, t->line, item.value,
                        "the end of its validity cannot be read: it is taken as without end");
}

/* The line at a place, without what marks it as a comment. */
static struct str header_line(struct str text, size_t at, size_t *ret_next, bool *ret_comment)
{
    const char *end = memchr(text.p + at, '\n', text.n - at);
    size_t to = end ? (size_t)(end - text.p) : text.n;
    struct str line = str_trim(str_part(text, at, to));
    *ret_next = to + 1;
    *ret_comment = line.n && line.p[0] == '#';
    while (line.n && (line.p[0] == '#' || line.p[0] == ' '))
        line = str_part(line, 1, line.n);
    return line;
}

static bool is_header(struct table *t, struct str line)
{
    static const char delimiters[] = ",;\t|";
    for (size_t i = 0; i < sizeof delimiters - 1; i++) {
        struct table try = *t;
        try.text = line;
        try.at = 0;
        try.delimiter = delimiters[i];
        if (next_row(&try) && try.n_cells > 1 && read_header(&try)) {
            t->delimiter = try.delimiter;
            memcpy(t->columns, try.columns, sizeof t->columns);
            t->n_columns = try.n_columns;
            return true;
        }
    }
    return false;
}

/* Finds the header: the first line that is no comment, or a comment before it. */
static bool find_header(struct table *t)
{
    bool found = false;
    for (size_t at = 0; at < t->text.n;) {
        bool comment = false;
        size_t next = 0;
        struct str line = header_line(t->text, at, &next, &comment);
        bool is = line.n && (comment || !found) && is_header(t, line);
        found = found || is;
        if (line.n && !comment) {
            t->at = is ? next : at;
            t->next_line += is;
            return found;
        }
        t->next_line++;
        at = next;
    }
    t->at = t->text.n;
    return found;
}

static bool is_comment_row(const struct table *t)
{
    size_t at = t->at;
    while (at < t->text.n && (t->text.p[at] == ' ' || t->text.p[at] == '\t'))
        at++;
    return at < t->text.n && t->text.p[at] == '#';
}

static void pass_line(struct table *t)
{
    const char *end = memchr(t->text.p + t->at, '\n', t->text.n - t->at);
    t->at = end ? (size_t)(end - t->text.p) + 1 : t->text.n;
    t->next_line++;
}

bool indicators_read_table(struct indicators *set, struct str text)
{
    struct table t = {.set = set, .text = text, .arena = arena_new()};
    bool found = find_header(&t);
    while (found && t.at < t.text.n) {
        if (is_comment_row(&t)) {
            pass_line(&t);
            continue;
        }
        arena_reset(t.arena);
        (void)next_row(&t);
        if (t.unclosed)
            indicators_refuse(set, t.line, t.cells[0],
                              "a quote without its end: the rest of the list is not read");
        else if (t.n_cells > 1 || t.cells[0].n)
            add_row(&t);
    }
    arena_free(t.arena);
    return found;
}

/* --- the form of a list ------------------------------------------------------------------------- */

static bool looks_like_json(struct str s)
{
    s = str_trim(str_part(s, 0, 4096));
    if (s.n < 2 || (s.p[0] != '{' && s.p[0] != '['))
        return false;
    struct str rest = str_trim(str_part(s, 1, s.n));
    return rest.n && (rest.p[0] == '"' || rest.p[0] == '{' || rest.p[0] == '}' ||
                      rest.p[0] == ']' || rest.p[0] == '[');
}

static int read_json(struct indicators *set, struct str path, struct str text, struct err *err)
{
    bool stix = str_find(text, STR("\"objects\""), 0) != SIZE_MAX ||
                str_find(text, STR("\"pattern\""), 0) != SIZE_MAX ||
                str_find(text, STR("\"spec_version\""), 0) != SIZE_MAX;
    bool misp = str_find(text, STR("\"Attribute\""), 0) != SIZE_MAX;
    if (misp) {
        indicators_begin(set, path, "MISP");
        indicators_read_misp(set, text);
    } else if (stix) {
        indicators_begin(set, path, "STIX 2");
        indicators_read_stix(set, text);
    } else {
        return err_set(err, ERR_INVALID, "%.*s: JSON that is neither a STIX bundle nor MISP's",
                       STR_ARG(path));
    }
    return 0;
}

static bool is_empty(struct bytes b)
{
    for (size_t i = 0; i < b.n; i++)
        if (b.p[i] > ' ')
            return false;
    return true;
}

int indicators_import(struct indicators *set, struct str path, struct bytes content,
                      struct err *err)
{
    struct arena *arena = arena_new();
    int failed = 0;
    struct str text =
        utf16le_looks(content) ? utf16le_decode(content, arena) : utf8_or_ansi(content, arena);
    if (str_starts(text, STR("\xef\xbb\xbf")))
        text = str_part(text, 3, text.n);
    if (text.n && memchr(text.p, '\0', text.n)) {
        failed = err_set(err, ERR_INVALID, "%.*s: not a text, and so no list of indicators",
                         STR_ARG(path));
    } else if (looks_like_json(text)) {
        failed = read_json(set, path, text, err);
    } else {
        indicators_begin(set, path, "CSV");
        if (!indicators_read_table(set, text)) {
            list_of(set)->form = "text";
            indicators_read_lines(set, text);
        }
        if (is_empty(content))
            indicators_warn(set, 1, STR(""), "the list is empty");
    }
    arena_free(arena);
    return failed;
}
