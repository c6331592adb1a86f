#include "cli/progress.h"

#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "base/json.h"
#include "base/safe.h"

enum {
    COLUMNS = 80,       /* where the terminal does not say */
    COLUMNS_MAX = 500,  /* no line is longer, however wide it is */
    COLUMNS_LEAST = 20, /* on what is narrower nothing is shown */
    PATH_LEAST = 12,    /* columns; where there are fewer no path is shown */
    TEXT_BYTES = 16384,
};

static const double SMOOTH = 20;         /* seconds: older speed counts less and less */
static const double TERMINAL_EACH = 0.2; /* seconds */
static const double JSON_EACH = 1;
static const double LINE_EACH = 10; /* of text that does not go to a terminal */

int progress_mode(const char *text, enum progress_mode *ret, struct err *err)
{
    static const char *const names[] = {"auto", "text", "json", "none"};
    if (!text)
        return 0;
    for (enum progress_mode i = PROGRESS_AUTO; i <= PROGRESS_NONE; i++) {
        if (strcmp(text, names[i]) == 0) {
            *ret = i;
            return 0;
        }
    }
    return err_set(err, ERR_INVALID, "--progress %s: want auto, text, json or none", text);
}

/* ---- the estimate ---- */

/* At first the speed since the start; later what was seen lately counts more. */
static double smooth(double old, double seen, double step, double at)
{
    double weight = at < SMOOTH ? step / at : step / SMOOTH;
    weight = weight < 1 ? weight : 1;
    return old + weight * (seen - old);
}

double progress_estimate(struct estimate *e, double at, const struct scan_progress *now)
{
    enum { SECONDS_MAX = 100 * 86400 };
    double step = at - e->at;
    if (step > 0) {
        double done = now->bytes_done > e->done ? (double)(now->bytes_done - e->done) : 0;
        double events = now->events > e->events ? (double)(now->events - e->events) : 0;
        e->rate = smooth(e->rate, done / step, step, at);
        e->event_rate = smooth(e->event_rate, events / step, step, at);
        e->at = at;
        e->done = now->bytes_done;
        e->events = now->events;
    }
    double left = now->bytes > now->bytes_done ? (double)(now->bytes - now->bytes_done) : 0;
    if (now->growing) /* who knows how much more an archive holds */
        return PROGRESS_UNKNOWN;
    if (left <= 0)
        return 0;
    if (e->rate <= 0)
        return PROGRESS_UNKNOWN;
    return left / e->rate < SECONDS_MAX ? left / e->rate : SECONDS_MAX;
}

/* ---- text ---- */

static void put_bytes(struct buf *out, uint64_t done, uint64_t all)
{
    static const char *const units[] = {"kB", "MB", "GB", "TB"};
    double unit = 1e3;
    size_t i = 0;
    for (; i < 3 && (double)all >= unit * 1e3; i++)
        unit *= 1e3;
    buf_addf(out, "%.*f/%.*f %s", i > 1, (double)done / unit, i > 1, (double)all / unit,
             units[i]);
}

static void put_time(struct buf *out, double left)
{
    uint64_t s = (uint64_t)(left + 0.5);
    if (s < 60)
        buf_addf(out, "%u s", (unsigned)s);
    else if (s < 3600)
        buf_addf(out, "%u:%02u min", (unsigned)(s / 60), (unsigned)(s % 60));
    else
        buf_addf(out, "%u:%02u h", (unsigned)(s / 3600), (unsigned)(s / 60 % 60));
}

static void put_left(struct buf *out, const struct scan_progress *now, double left)
{
    if (now->finishing) {
        buf_add_cstr(out, "finishing");
        return;
    }
    if (now->growing)
        buf_add_cstr(out, "more in archives");
    if (left < 0)
        return;
    put_time(out, left);
    buf_add_cstr(out, " left");
}

static void put_rate(struct buf *out, double rate)
{
    if (rate >= 1e6)
        buf_addf(out, "%.1f M events/s", rate / 1e6);
    else if (rate >= 1e4)
        buf_addf(out, "%.0f k events/s", rate / 1e3);
    else
        buf_addf(out, "%.0f events/s", rate);
}

/* The columns that text without control characters takes, at most: some letters beyond ASCII
 * take two. */
static size_t width_of(const char *p, size_t n)
{
    size_t columns = 0;
    for (size_t i = 0; i < n; i++) {
        unsigned char c = (unsigned char)p[i];
        columns += c < 0x80 ? 1 : c >= 0xc0 ? 2 : 0;
    }
    return columns;
}

/* The end of a path, which says more than its start, made to fit. */
static void put_path(struct buf *out, struct str path, size_t columns)
{
    struct buf safe = buf_new(TEXT_BYTES);
    safe_terminal(&safe, str_part(path, path.n > 2000 ? path.n - 2000 : 0, path.n));
    size_t from = 0;
    if (width_of(safe.p, safe.n) > columns) {
        buf_add_cstr(out, "...");
        columns -= 3;
    }
    while (from < safe.n && (width_of(safe.p + from, safe.n - from) > columns ||
                             ((unsigned char)safe.p[from] & 0xc0) == 0x80))
        from++;
    buf_add(out, safe.p + from, safe.n - from);
    buf_free(&safe);
}

/* Adds a part if it fits. */
static void put_part(struct buf *out, struct buf *part, size_t most)
{
    size_t comma = out->n ? 2 : 0;
    if (part->n && out->n + comma + part->n <= most) {
        buf_add_cstr(out, comma ? ", " : "");
        buf_add_str(out, buf_str(part));
    }
    buf_clear(part);
}

void progress_text(const struct scan_progress *now, const struct estimate *e, double left,
                   size_t columns, struct buf *out)
{
    size_t most = (columns < COLUMNS_MAX ? columns : COLUMNS_MAX) - 1;
    struct buf part = buf_new(TEXT_BYTES);
    struct buf line = buf_new(TEXT_BYTES);
    if (columns < COLUMNS_LEAST)
        return;
    if (now->files)
        buf_addf(&part, "%zu/%zu files", now->files_done, now->files);
    put_part(&line, &part, most);
    put_bytes(&part, now->bytes_done, now->bytes);
    put_part(&line, &part, most);
    put_left(&part, now, left);
    put_part(&line, &part, most);
    if (now->hits)
        buf_addf(&part, "%zu finding%s", now->hits, now->hits == 1 ? "" : "s");
    put_part(&line, &part, most);
    put_rate(&part, e->event_rate);
    put_part(&line, &part, most);
    if (now->path.n && line.n + 2 + PATH_LEAST <= most) {
        buf_add_cstr(&line, ": ");
        put_path(&line, now->path, most - line.n);
    }
    buf_add_str(out, buf_str(&line));
    buf_free(&line);
    buf_free(&part);
}

/* ---- JSON ---- */

static void put_seconds(struct json_out *j, const char *key, double seconds)
{
    char text[32];
    int n = snprintf(text, sizeof text, "%.1f", seconds);
    json_key(j, key);
    if (seconds < 0)
        json_null(j);
    else
        json_raw(j, (struct str){text, (size_t)n});
}

static void put_number(struct json_out *j, const char *key, uint64_t v)
{
    json_key(j, key);
    json_u64(j, v);
}

void progress_json(const struct scan_progress *now, double seconds, double left,
                   struct buf *out)
{
    struct json_out j = json_out(out);
    json_begin(&j, '{');
    json_key(&j, "type");
    json_cstr(&j, "progress");
    put_number(&j, "files", now->files);
    put_number(&j, "files_done", now->files_done);
    put_number(&j, "bytes", now->bytes);
    put_number(&j, "bytes_done", now->bytes_done);
    put_number(&j, "events", now->events);
    put_number(&j, "findings", now->hits);
    put_seconds(&j, "seconds", seconds);
    put_seconds(&j, "seconds_left", left);
    json_key(&j, "growing");
    json_bool(&j, now->growing);
    json_key(&j, "path");
    json_str(&j, now->path);
    json_end(&j, '}');
    buf_add_char(out, '\n');
}

/* ---- on standard error ---- */

static double since(const struct progress *p)
{
    struct timespec now;
    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)(now.tv_sec - p->start.tv_sec) +
           (double)(now.tv_nsec - p->start.tv_nsec) / 1e9;
}

static size_t terminal_columns(void)
{
    struct winsize size = {0};
    if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) < 0 || size.ws_col == 0)
        return COLUMNS;
    return size.ws_col;
}

void progress_begin(struct progress *p, enum progress_mode mode, bool quiet)
{
    bool terminal = isatty(STDERR_FILENO) == 1;
    if (mode == PROGRESS_AUTO)
        mode = terminal && !quiet ? PROGRESS_TEXT : PROGRESS_NONE;
    *p = (struct progress){.mode = mode, .terminal = terminal, .shown_at = -1e9};
    (void)clock_gettime(CLOCK_MONOTONIC, &p->start);
}

static void take_line_away(struct progress *p)
{
    if (p->columns)
        (void)fprintf(stderr, "\r%*s\r", (int)p->columns, "");
    p->columns = 0;
}

static void show_line(struct progress *p, double left)
{
    struct buf line = buf_new(TEXT_BYTES);
    progress_text(&p->last, &p->estimate, left, p->terminal ? terminal_columns() : COLUMNS,
                  &line);
    if (p->terminal) {
        size_t columns = width_of(line.p, line.n);
        size_t over = p->columns > columns ? p->columns - columns : 0;
        (void)fprintf(stderr, "\r%.*s%*s", STR_ARG(buf_str(&line)), (int)over, "");
        p->columns = columns;
    } else {
        (void)fprintf(stderr, "assay: %.*s\n", STR_ARG(buf_str(&line)));
    }
    (void)fflush(stderr);
    buf_free(&line);
}

static void show_json(const struct progress *p, double seconds, double left)
{
    struct buf line = buf_new((size_t)1 << 20);
    progress_json(&p->last, seconds, left, &line);
    (void)fwrite(line.p, 1, line.n, stderr);
    (void)fflush(stderr);
    buf_free(&line);
}

void progress_show(void *context, const struct scan_progress *now)
{
    struct progress *p = context;
    double at = since(p);
    double each = p->mode == PROGRESS_JSON ? JSON_EACH
                  : p->terminal            ? TERMINAL_EACH
                                           : LINE_EACH;
    p->last = *now;
    if (p->mode != PROGRESS_NONE && at - p->shown_at >= each) {
        double left = progress_estimate(&p->estimate, at, now);
        p->shown_at = at;
        if (p->mode == PROGRESS_JSON)
            show_json(p, at, left);
        else
            show_line(p, left);
    }
    p->last.path = STR(""); /* it ends with the call */
}

void progress_end(struct progress *p)
{
    take_line_away(p);
    p->last.growing = false;
    if (p->mode == PROGRESS_JSON)
        show_json(p, since(p), 0);
    p->mode = PROGRESS_NONE;
}
