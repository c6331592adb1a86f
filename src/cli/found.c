#include "cli/found.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/csv.h"
#include "base/json.h"
#include "base/safe.h"
#include "base/utf.h"
#include "event/event_wire.h"

enum {
    WIDTH = 80,
    VALUE_MAX = 1000, /* bytes of one value on a line */
    LINE_BYTES = 1 << 20,
};

void found_write(const struct found *f, bool fields, struct buf *out)
{
    event_wire(&f->ev, fields, out);
    wire_text(out, f->how);
    wire_number(out, f->n_hits, 4);
    for (size_t i = 0; i < f->n_hits; i++) {
        wire_text(out, f->hit[i].field);
        wire_text(out, str_part(f->hit[i].text, 0, (size_t)1 << 20));
        wire_text(out, f->hit[i].how);
        wire_number(out, f->hit[i].at, 4);
    }
}

bool found_read(struct str bytes, struct arena *arena, struct found *ret)
{
    struct cur in = cur_of(str_bytes(bytes), 0);
    event_wire_read(&in, arena, &ret->ev);
    ret->how = wire_read_text(&in);
    uint32_t n = cur_u32(&in);
    if (in.bad || n > FOUND_HITS)
        return false;
    ret->n_hits = n;
    for (uint32_t i = 0; i < n; i++) {
        ret->hit[i] = (struct trace_value){.hit = true};
        ret->hit[i].field = wire_read_text(&in);
        ret->hit[i].text = wire_read_text(&in);
        ret->hit[i].how = wire_read_text(&in);
        ret->hit[i].at = cur_u32(&in);
    }
    return !in.bad && cur_left(&in) == 0;
}

/* ---- pieces of a line ---- */

/* "Sysmon 1", "Security 4688", "iis"; "finding". */
static void put_source(const struct found *f, struct buf *out)
{
    const struct event *ev = &f->ev;
    struct str name = ev->channel.n ? ev->channel : ev->provider;
    if (f->entry.n) {
        buf_add_str(out, f->entry);
        return;
    }
    if (ev->kind != EVENT_WINDOWS) {
        buf_add_cstr(out, event_kind_name(ev->kind));
        return;
    }
    if (str_istarts(name, STR("Microsoft-Windows-")))
        name = str_part(name, sizeof "Microsoft-Windows-" - 1, name.n);
    if (str_iends(name, STR("/Operational")))
        name = str_part(name, 0, name.n - (sizeof "/Operational" - 1));
    safe_terminal(out, str_part(name, 0, 100));
    buf_addf(out, " %" PRIu32, ev->event_id);
}

/* Where the record stands in its file: its number, or its offset. */
static void put_place(const struct found *f, struct buf *out)
{
    const struct event *ev = &f->ev;
    if (f->entry.n)
        safe_terminal(out, str_part(f->id, 0, 100));
    else if (ev->record)
        buf_addf(out, "#%" PRIu64, ev->record);
    else
        buf_addf(out, "@%" PRIu64, ev->offset);
}

static void put_time(const struct event *ev, struct buf *out)
{
    char text[INSTANT_TEXT];
    struct str t = instant_text(ev->time, text);
    buf_add_str(out, t.n ? t : STR("-"));
}

static void put_marks(const struct event *ev, struct str how, struct buf *out)
{
    if (ev->marks & MARK_RECOVERED)
        buf_add_cstr(out, " (recovered)");
    if (ev->marks & MARK_DELETED)
        buf_add_cstr(out, " (deleted)");
    if (how.n) {
        buf_add_cstr(out, " (decoded: ");
        safe_terminal(out, str_part(how, 0, 200));
        buf_add_char(out, ')');
    }
}

static bool is_hit(const struct found *f, struct str field)
{
    for (size_t i = 0; i < f->n_hits; i++)
        if (str_ieq(f->hit[i].field, field))
            return true;
    return false;
}

/* ---- a line for a terminal ---- */

struct line {
    const struct found_form *form;
    struct buf *out;
    size_t column; /* characters so far */
};

/* Characters of a text that has been made safe. */
static size_t columns(struct str s)
{
    size_t n = 0;
    for (size_t i = 0; i < s.n; i++)
        n += ((unsigned char)s.p[i] & 0xc0) != 0x80;
    return n;
}

/* The first `n` characters. */
static struct str cut(struct str s, size_t n)
{
    size_t i = 0;
    for (; i < s.n; i++) {
        bool starts = ((unsigned char)s.p[i] & 0xc0) != 0x80;
        if (starts && n-- == 0)
            break;
    }
    return str_part(s, 0, i);
}

static void put(struct line *l, struct str safe, bool marked)
{
    size_t room = WIDTH - l->column;
    bool whole = columns(safe) <= room;
    struct str text = whole ? safe : cut(safe, room ? room - 1 : 0);
    if (marked && l->form->colour)
        buf_add_cstr(l->out, "\x1b[1;31m");
    buf_add_str(l->out, text);
    if (marked && l->form->colour)
        buf_add_cstr(l->out, "\x1b[0m");
    if (!whole && room)
        buf_add_cstr(l->out, "\xe2\x80\xa6");
    l->column += whole ? columns(safe) : room;
}

/* A value from where it matters: what matched is to be in sight. */
static struct str window(const struct trace_value *v, size_t room)
{
    size_t from = v->at < v->text.n ? v->at : 0;
    size_t before = room / 4;
    if (v->text.n <= room || from < before)
        return str_part(v->text, 0, VALUE_MAX);
    from -= before;
    while (from < v->text.n && ((unsigned char)v->text.p[from] & 0xc0) == 0x80)
        from++;
    return str_part(v->text, from, from + VALUE_MAX);
}

/* The name of a field, shortened where it would leave too little room for the value. */
static void put_name(const struct line *l, struct str name, struct buf *out)
{
    enum { VALUE_ROOM = 24, NAME_ROOM = 6 };
    size_t used = l->column + VALUE_ROOM + 2;
    size_t room = used + NAME_ROOM < WIDTH ? WIDTH - used : NAME_ROOM;
    struct buf safe = buf_new(LINE_BYTES);
    safe_terminal(&safe, name);
    bool whole = columns(buf_str(&safe)) <= room;
    buf_add_str(out, whole ? buf_str(&safe) : cut(buf_str(&safe), room - 1));
    buf_add_cstr(out, whole ? "" : "\xe2\x80\xa6");
    buf_add_cstr(out, name.n ? "=" : "");
    buf_free(&safe);
}

static void put_value(struct line *l, const struct trace_value *v, bool marked)
{
    struct buf b = buf_new(LINE_BYTES);
    if (l->column + 1 >= WIDTH)
        return;
    put(l, STR(" "), false);
    if (marked && !l->form->colour)
        buf_add_char(&b, '*');
    put_name(l, v->field, &b);
    size_t used = l->column + columns(buf_str(&b));
    struct str shown = window(v, used < WIDTH ? WIDTH - used : 0);
    if (shown.p != v->text.p)
        buf_add_cstr(&b, "\xe2\x80\xa6");
    safe_terminal(&b, shown);
    put(l, buf_str(&b), marked);
    buf_free(&b);
}

static void print_line(const struct found_form *form, const struct found *f, struct buf *out)
{
    struct line l = {.form = form, .out = out};
    struct buf b = buf_new(LINE_BYTES);
    char text[INSTANT_TEXT];
    struct str time = instant_text_plain(f->ev.time, text);
    put(&l, time.n > 4 ? str_part(time, 0, time.n - 4) : STR("no time            "), false);
    buf_add_char(&b, ' ');
    safe_terminal(&b, str_part(f->ev.host, 0, str_find(f->ev.host, STR("."), 0)));
    put(&l, cut(buf_str(&b), 14), false);
    buf_clear(&b);
    buf_add_cstr(&b, f->ev.host.n ? " " : "");
    put_source(f, &b);
    put(&l, cut(buf_str(&b), 24), false);
    buf_clear(&b);
    buf_add_char(&b, ' ');
    put_place(f, &b);
    buf_add_cstr(&b, f->ev.marks & MARK_RECOVERED ? " (recovered)" : "");
    buf_add_cstr(&b, f->ev.marks & MARK_DELETED ? " (deleted)" : "");
    buf_add_cstr(&b, f->how.n ? " (decoded)" : "");
    put(&l, buf_str(&b), false);
    buf_free(&b);
    for (size_t i = 0; i < f->n_hits; i++)
        put_value(&l, &f->hit[i], true);
    for (size_t i = 0; i < form->n_fields; i++) {
        size_t at = 0;
        const struct field *found = NULL;
        while (!is_hit(f, form->fields[i]) &&
               (found = event_find(&f->ev, form->fields[i], &at)) != NULL)
            put_value(&l, &(struct trace_value){.field = found->name, .text = found->value},
                      false);
    }
    buf_add_char(out, '\n');
}

/* ---- columns for programs ---- */

static void put_cell(const struct found_form *form, struct str text, bool last, struct buf *out)
{
    bool csv = form->format == AS_CSV;
    if (csv)
        csv_cell(out, text);
    else
        safe_terminal(out, text);
    buf_add_cstr(out, !last ? (csv ? "," : "\t") : csv ? "\r\n" : "\n");
}

static struct str all_values(const struct event *ev, struct str name, struct buf *b)
{
    size_t at = 0;
    const struct field *f = NULL;
    buf_clear(b);
    while ((f = event_find(ev, name, &at)) != NULL) {
        buf_add_cstr(b, b->n ? "; " : "");
        buf_add_str(b, f->value);
    }
    return buf_str(b);
}

static void print_columns(const struct found_form *form, const struct evidence *evidence,
                          const struct found *f, struct buf *out)
{
    struct buf b = buf_new((size_t)64 << 20);
    put_time(&f->ev, &b);
    put_cell(form, buf_str(&b), false, out);
    put_cell(form, f->ev.host, false, out);
    buf_clear(&b);
    put_source(f, &b);
    put_cell(form, buf_str(&b), false, out);
    put_cell(form, evidence->path, false, out);
    buf_clear(&b);
    put_place(f, &b);
    put_marks(&f->ev, f->how, &b);
    put_cell(form, buf_str(&b), false, out);
    buf_clear(&b);
    for (size_t i = 0; i < f->n_hits; i++) { /* not by a format: values may hold NUL */
        buf_add_cstr(&b, b.n ? "; " : "");
        buf_add_str(&b, f->hit[i].field);
        buf_add_cstr(&b, f->hit[i].field.n ? "=" : "");
        buf_add_str(&b, f->hit[i].text);
    }
    put_cell(form, buf_str(&b), form->n_fields == 0, out);
    for (size_t i = 0; i < form->n_fields; i++)
        put_cell(form, all_values(&f->ev, form->fields[i], &b), i + 1 == form->n_fields, out);
    buf_free(&b);
}

/* ---- JSON ---- */

static void put_matched(struct json_out *j, const struct found *f)
{
    json_begin(j, '[');
    for (size_t i = 0; i < f->n_hits; i++) {
        json_begin(j, '{');
        json_key(j, "field");
        json_str(j, f->hit[i].field);
        json_key(j, "value");
        json_str(j, f->hit[i].text);
        if (f->hit[i].how.n) {
            json_key(j, "how");
            json_str(j, f->hit[i].how);
        }
        json_end(j, '}');
    }
    json_end(j, ']');
}

/* The event as `assay dump` has it, with where it is and what matched. */
static void print_json(const struct evidence *evidence, const struct found *f, struct buf *out)
{
    buf_add_cstr(out, "{\"path\":");
    struct json_out j = json_out(out);
    json_str(&j, evidence->path);
    json_key(&j, "matched");
    put_matched(&j, f);
    if (f->how.n) {
        json_key(&j, "decoded");
        json_str(&j, f->how);
    }
    buf_add_cstr(out, ",\"event\":");
    event_json(&f->ev, out);
    buf_add_char(out, '}');
}

/* What a case holds has an id, and the columns of its table for fields. */
static void print_entry(const struct evidence *evidence, const struct found *f, struct buf *out)
{
    struct json_out j = json_out(out);
    json_begin(&j, '{');
    json_key(&j, "entry");
    json_str(&j, f->entry);
    json_key(&j, "id");
    json_str(&j, f->id);
    json_key(&j, "time");
    json_time(&j, f->ev.time);
    json_key(&j, "host");
    json_str(&j, f->ev.host);
    json_key(&j, "path");
    json_str(&j, evidence->path);
    json_key(&j, "matched");
    put_matched(&j, f);
    event_json_fields(&f->ev, &j);
    json_end(&j, '}');
}

void found_tell_no_field(const char *where, struct str name, struct str meant)
{
    struct buf b = buf_new(1000);
    safe_terminal(&b, str_part(name, 0, 100));
    if (meant.n) {
        buf_add_cstr(&b, "; did you mean ");
        safe_terminal(&b, str_part(meant, 0, 100));
        buf_add_char(&b, '?');
    }
    (void)fprintf(stderr, "assay: none of %s a field %.*s\n", where, STR_ARG(buf_str(&b)));
    buf_free(&b);
}

void found_head(const struct found_form *form, struct buf *out)
{
    if (form->format != AS_CSV)
        return;
    buf_add_cstr(out, "time,host,source,path,record,matched");
    for (size_t i = 0; i < form->n_fields; i++) {
        buf_add_char(out, ',');
        csv_cell(out, form->fields[i]);
    }
    buf_add_cstr(out, "\r\n");
}

void found_print(const struct found_form *form, const struct evidence *evidence,
                 const struct found *f, struct buf *out)
{
    bool json = form->format == AS_JSON || form->format == AS_JSONL;
    if (json && f->entry.n)
        print_entry(evidence, f, out);
    else if (json)
        print_json(evidence, f, out);
    else if (form->format == AS_TEXT && form->fit)
        print_line(form, f, out);
    else
        print_columns(form, evidence, f, out);
    if (form->format == AS_JSONL)
        buf_add_char(out, '\n');
}
