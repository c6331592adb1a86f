/* The time line as a picture: an overview of the whole time, and a picture for each burst of
 * activity, for an intrusion lasts minutes in a window of months. Drawn twice: for screens and
 * paper, and for phones, where the style sheet shows the other. */
#include <inttypes.h>

#include "report/page.h"

enum {
    WIDE = 960,
    NARROW = 360,
    MARGIN = 6,
    LANE = 44,      /* height of a lane: its name above, its marks below */
    BAND = 16,      /* height of marks and bands */
    STRIPS = 30,    /* height of the lane of coverage */
    TICKS = 26,     /* height of the axis */
    MARK = 30,      /* marks nearer than this are one, with a count */
    BAR = 8,        /* the same of those who looked: bars as high as they are many */
    BURSTS = 6,     /* pictures of bursts at most */
    BURST_GAP = 30, /* minutes of silence between two bursts */
    STEPS = 24,     /* lines below a burst's picture */
    BANDS = 400,    /* of one lane */
};

struct canvas {
    struct page *p;
    int width;
    instant from, to;
    int y;
    double labelled; /* where the last label of the axis stands */
};

static bool is_drawn(enum lane lane)
{
    return lane < LANES;
}

/* --- where things stand ------------------------------------------------------------------------- */

static double x_of(const struct canvas *c, instant t)
{
    double span = (double)(c->to - c->from);
    double at = t <= c->from ? 0 : t >= c->to ? span : (double)(t - c->from);
    return MARGIN + at / span * (c->width - 2 * MARGIN);
}

/* The year and month of an instant. */
static void civil(instant t, int *year, int *month)
{
    char text[INSTANT_TEXT];
    struct str s = instant_text(t, text);
    *year = 0;
    *month = 1;
    for (size_t i = 0; i < 4 && i < s.n; i++)
        *year = *year * 10 + (s.p[i] - '0');
    if (s.n >= 7)
        *month = (s.p[5] - '0') * 10 + (s.p[6] - '0');
}

/* --- the axis ----------------------------------------------------------------------------------- */

static void tick(struct canvas *c, instant t, struct str label)
{
    double x = x_of(c, t);
    bool first = x < 40;
    bool last = x > c->width - 40;
    page_rawf(c->p, "<line class=\"tick\" x1=\"%.1f\" x2=\"%.1f\" y1=\"%d\" y2=\"%d\"/>", x, x,
              TICKS - 6, c->y);
    if (c->labelled > 0 && x - c->labelled < 78)
        return;
    c->labelled = first ? x + 34 : x;
    page_rawf(c->p, "<text x=\"%.1f\" y=\"14\" text-anchor=\"%s\">", x,
              first  ? "start"
              : last ? "end"
                     : "middle");
    html_attribute(c->p->out, label);
    page_raw(c->p, "</text>");
}

static void month_ticks(struct canvas *c, int most)
{
    static const int steps[] = {1, 2, 3, 6, 12, 24, 60, 120, 600};
    enum { N_STEPS = sizeof steps / sizeof *steps, DAYS_OF_MONTH = 31 };
    int64_t months = (c->to - c->from) / (DAYS_OF_MONTH * INSTANT_DAY) + 1;
    size_t k = 0;
    while (k + 1 < N_STEPS && months / steps[k] > most)
        k++;
    int year;
    int month;
    civil(c->from, &year, &month);
    month -= (month - 1) % (steps[k] < 12 ? steps[k] : 12);
    for (int i = 0; i < 4 * most + 4; i++) {
        instant t = instant_of_civil(year + (month - 1) / 12, (month - 1) % 12 + 1, 1, 0, 0, 0);
        month += steps[k];
        if (t == INSTANT_NONE || t > c->to)
            break;
        char text[INSTANT_TEXT];
        if (t >= c->from)
            tick(c, t, str_part(instant_text(t, text), 0, 7));
    }
}

static void axis(struct canvas *c)
{
    static const int64_t steps[] = {1,     2,     5,     10,    15,     30,     60,
                                    120,   300,   600,   900,   1800,   3600,   7200,
                                    10800, 21600, 43200, 86400, 172800, 604800, 1209600};
    enum { N_STEPS = sizeof steps / sizeof *steps, DAY_SECONDS = 86400 };
    int most = c->width / 110;
    int64_t seconds = (c->to - c->from) / INSTANT_SECOND;
    size_t k = 0;
    while (k < N_STEPS && seconds / steps[k] > most)
        k++;
    if (k == N_STEPS) {
        month_ticks(c, most);
        return;
    }
    instant step = steps[k] * INSTANT_SECOND;
    instant t = c->from / step * step;
    for (; t <= c->to; t += step) {
        char text[INSTANT_TEXT];
        struct str all = instant_text(t, text);
        if (t >= c->from && all.n >= 19)
            tick(c, t,
                 steps[k] >= DAY_SECONDS ? str_part(all, 0, 10)
                 : steps[k] >= 60        ? str_part(all, 11, 16)
                                         : str_part(all, 11, 19));
    }
}

/* --- bands -------------------------------------------------------------------------------------- */

static void lane_name(struct canvas *c, const char *id)
{
    page_rawf(c->p, "<text class=\"lane\" x=\"%d\" y=\"%d\">", MARGIN, c->y + 14);
    page_plain(c->p, id, NULL, 0);
    page_raw(c->p, "</text>\n");
}

/* A stretch of time, with its word inside where there is room. */
static void band(const struct canvas *c, instant from, instant to, const char *class,
                 struct str word, bool inside)
{
    if (from == INSTANT_NONE)
        from = c->from;
    if (to == INSTANT_NONE)
        to = c->to;
    if (to < c->from || from > c->to)
        return;
    double x = x_of(c, from);
    double w = x_of(c, to) - x;
    page_rawf(c->p, "<rect class=\"%s\" x=\"%.1f\" y=\"%d\" width=\"%.1f\" height=\"%d\">",
              class, x, c->y + 20, w < 1.5 ? 1.5 : w, BAND);
    page_raw(c->p, "<title>");
    html_attribute(c->p->out, word);
    page_raw(c->p, ", ");
    html_attribute(c->p->out, page_time(c->p, from));
    page_raw(c->p, " - ");
    html_attribute(c->p->out, page_time(c->p, to));
    page_raw(c->p, "</title></rect>");
    if (inside && w > 10 * (double)word.n) {
        page_rawf(c->p, "<text class=\"in\" x=\"%.1f\" y=\"%d\">", x + 6, c->y + 20 + 12);
        html_attribute(c->p->out, word);
        page_raw(c->p, "</text>");
    }
    page_raw(c->p, "\n");
}

static struct str word(const struct page *p, const char *head, struct str state)
{
    struct str words = state;
    (void)lang_find(p->lang, head, state, &words);
    return words;
}

static void exposure_lane(struct canvas *c, const struct json *campaign)
{
    size_t n = 0;
    const struct json *i = doc_list(json_get(campaign, "exposure"), "intervals");
    if (!i)
        return;
    lane_name(c, "lane.exposure");
    for (; i && n++ < BANDS; i = i->next) {
        struct str state = doc_text(i, "state");
        band(c, doc_time(i, "from"), doc_time(i, "to"),
             str_eq(state, STR("vulnerable"))  ? "vulnerable"
             : str_eq(state, STR("mitigated")) ? "mitigated"
                                               : "closed",
             word(c->p, "interval.", state), true);
    }
    c->y += LANE;
}

static bool is_log(const struct json *row)
{
    const struct json *tolerance = json_get(row, "tolerance_seconds");
    return tolerance && tolerance->type == JSON_NUMBER;
}

static struct str source_of(const struct page *p, const struct json *row)
{
    struct str source = doc_text(row, "source");
    struct str part = doc_text(row, "part");
    (void)lang_find(p->lang, "source.", source, &source);
    return part.n ? arena_printf(p->arena, "%.*s (%.*s)", STR_ARG(source), STR_ARG(part))
                  : source;
}

/* One needed record: a thin strip where it is there, nothing where it is not. */
static void strip(const struct canvas *c, const struct json *row, double y, double height)
{
    size_t n = 0;
    page_raw(c->p, "<g><title>");
    html_attribute(c->p->out, source_of(c->p, row));
    page_raw(c->p, "</title>");
    for (const struct json *i = doc_list(row, "intervals"); i && n < BANDS; i = i->next, n++) {
        instant from = doc_time(i, "from");
        instant to = doc_time(i, "to");
        double x = x_of(c, from == INSTANT_NONE ? c->from : from);
        double w = x_of(c, to == INSTANT_NONE ? c->to : to) - x;
        page_rawf(
            c->p,
            "<rect class=\"covered\" x=\"%.1f\" y=\"%.1f\" width=\"%.1f\" height=\"%.1f\"/>", x,
            y, w < 1.5 ? 1.5 : w, height > 2 ? height - 1 : height);
    }
    page_raw(c->p, "</g>\n");
}

/* What the records cover: strips one below the other, so that none hides what another lacks. Files
 * have no time of their own and no strip. */
static void coverage_lane(struct canvas *c, const struct json *campaign)
{
    size_t n = 0;
    size_t at = 0;
    const struct json *rows = doc_list(campaign, "coverage");
    for (const struct json *r = rows; r; r = r->next)
        n += is_log(r);
    if (!rows)
        return;
    lane_name(c, "lane.coverage");
    page_rawf(c->p, "<rect class=\"frame\" x=\"%d\" y=\"%d\" width=\"%d\" height=\"%d\"/>",
              MARGIN, c->y + 20, c->width - 2 * MARGIN, STRIPS);
    double height = n ? (double)STRIPS / (double)n : STRIPS;
    for (const struct json *r = rows; r; r = r->next)
        if (is_log(r))
            strip(c, r, c->y + 20 + (double)at++ * height, height);
    c->y += LANE + STRIPS - BAND;
}

/* --- marks -------------------------------------------------------------------------------------- */

static const char *lane_class(enum lane lane)
{
    static const char *const classes[] = {
        [LANE_TRIED] = "m-tried", [LANE_IN] = "m-in",     [LANE_DOOR] = "m-door",
        [LANE_ACT] = "m-act",     [LANE_LOSS] = "m-loss", [LANE_LOGS] = "m-logs",
    };
    return classes[lane];
}

static const char *lane_text(enum lane lane)
{
    static const char *const texts[] = {
        [LANE_TRIED] = "lane.tried", [LANE_IN] = "lane.in",     [LANE_DOOR] = "lane.door",
        [LANE_ACT] = "lane.act",     [LANE_LOSS] = "lane.loss", [LANE_LOGS] = "lane.logs",
    };
    return texts[lane];
}

/* Each lane has a shape of its own: colour is not all that tells them apart. */
static void shape(const struct canvas *c, enum lane lane, double x, size_t n, size_t most)
{
    int y = c->y + 20;
    if (lane == LANE_TRIED) {
        int height = 3 + (int)((size_t)(BAND - 3) * n / (most ? most : 1));
        page_rawf(c->p,
                  "<rect class=\"m-tried\" x=\"%.1f\" y=\"%d\" width=\"5\" height=\"%d\"/>",
                  x - 2.5, y + BAND - height, height);
        return;
    }
    page_rawf(c->p, "<path class=\"%s\" d=\"", lane_class(lane));
    if (lane == LANE_IN)
        page_rawf(c->p, "M%.1f %dl9 16h-18z", x, y);
    else if (lane == LANE_DOOR)
        page_rawf(c->p, "M%.1f %dh14v14h-14z", x - 7, y + 1);
    else if (lane == LANE_ACT)
        page_rawf(c->p, "M%.1f %da7 7 0 1 0 14 0a7 7 0 1 0 -14 0z", x - 7, y + 8);
    else if (lane == LANE_LOSS)
        page_rawf(c->p, "M%.1f %dl9 8l-9 8l-9 -8z", x, y);
    else
        page_rawf(c->p, "M%.1f %dl12 12m0 -12l-12 12", x - 6, y + 2);
    page_raw(c->p, "\"/>");
}

/* Facts of a lane that are drawn as one mark. */
struct group {
    const struct page_fact *first;
    size_t n;
    double x;
};

static void mark(const struct canvas *c, enum lane lane, const struct group *g, size_t most)
{
    bool link = g->first->linked;
    if (link) {
        page_raw(c->p, "<a href=\"#f-");
        html_id(c->p->out, g->first->id);
        page_raw(c->p, "\">");
    } else {
        page_raw(c->p, "<g>");
    }
    page_raw(c->p, "<title>");
    PAGE_PLAIN(c->p, "lane.mark", {"what", lang_text(c->p->lang, lane_text(lane))},
               {"n", page_u64(c->p, g->n)}, {"time", page_time(c->p, g->first->time)});
    page_raw(c->p, "</title>");
    shape(c, lane, g->x, g->n, most);
    if (g->n > 1 && lane != LANE_TRIED)
        page_rawf(c->p, "<text class=\"count\" x=\"%.1f\" y=\"%d\">%zu</text>", g->x + 10,
                  c->y + 33, g->n);
    page_raw(c->p, link ? "</a>\n" : "</g>\n");
}

/* SVG's <title> takes no elements: its text is made plain. */
static bool is_mark(const struct canvas *c, const struct page_fact *f, enum lane lane)
{
    return f->lane == lane && f->time != INSTANT_NONE && f->time >= c->from && f->time <= c->to;
}

static double within(double x, double least, double most)
{
    return x > most ? most : x < least ? least : x;
}

/* Goes over a lane's marks, drawing them or not; returns how many acts the largest stands for. */
static size_t marks(const struct canvas *c, const struct page_host *h, enum lane lane,
                    bool draw, size_t most)
{
    struct group g = {.n = 0};
    size_t largest = 0;
    bool tried = lane == LANE_TRIED;
    for (size_t i = 0; i < h->n_facts; i++) {
        const struct page_fact *f = &h->facts[i];
        if (!is_mark(c, f, lane))
            continue;
        double x = x_of(c, f->time);
        if (g.n == 0 || x - g.x >= (tried ? BAR : MARK)) {
            if (g.n && draw)
                mark(c, lane, &g, most);
            g = (struct group){f, 0,
                               tried ? within(x, MARGIN + 3, c->width - MARGIN - 3)
                                     : within(x, MARGIN + 9, c->width - 34)};
        }
        g.n++;
        largest = g.n > largest ? g.n : largest;
    }
    if (g.n && draw)
        mark(c, lane, &g, most);
    return largest;
}

static bool has_marks(const struct canvas *c, const struct page_host *h, enum lane lane)
{
    for (size_t i = 0; i < h->n_facts; i++)
        if (is_mark(c, &h->facts[i], lane))
            return true;
    return false;
}

static void mark_lanes(struct canvas *c, const struct page_host *h)
{
    for (unsigned lane = 0; lane < LANES; lane++) {
        if (!has_marks(c, h, (enum lane)lane))
            continue;
        lane_name(c, lane_text((enum lane)lane));
        page_rawf(c->p, "<line class=\"base\" x1=\"%d\" x2=\"%d\" y1=\"%d\" y2=\"%d\"/>",
                  MARGIN, c->width - MARGIN, c->y + 20 + BAND, c->y + 20 + BAND);
        size_t most = marks(c, h, (enum lane)lane, false, 0);
        (void)marks(c, h, (enum lane)lane, true, most);
        c->y += LANE;
    }
}

/* --- a picture ---------------------------------------------------------------------------------- */

static int lanes_of(const struct canvas *c, const struct page_host *h, const struct json *worst,
                    bool bands)
{
    int n = 0;
    for (unsigned lane = 0; lane < LANES; lane++)
        n += has_marks(c, h, (enum lane)lane);
    if (bands && worst)
        n += (doc_list(json_get(worst, "exposure"), "intervals") != NULL) +
             (doc_list(worst, "coverage") != NULL);
    return n;
}

/* One picture in one width; `name` is the id of its title's text. */
static void draw(struct page *p, const struct page_host *h, const struct json *worst, int width,
                 instant from, instant to, size_t burst)
{
    struct canvas c = {p, width, from, to, TICKS, 0};
    bool bands = burst == 0 && worst;
    int height = TICKS + LANE * lanes_of(&c, h, worst, bands) + 4;
    height += bands && doc_list(worst, "coverage") ? STRIPS - BAND : 0;
    const char *size = width == WIDE ? "wide" : "narrow";
    page_rawf(p, "<svg class=\"%s\" viewBox=\"0 0 %d %d\" role=\"group\" ", size, width,
              height);
    page_rawf(p, "aria-labelledby=\"p%zu-%zu-%s\">\n<title id=\"p%zu-%zu-%s\">", h->number,
              burst, size, h->number, burst, size);
    html_attribute(p->out, lang_text(p->lang, burst ? "picture.burst" : "picture.title"));
    page_raw(p, ", ");
    html_text(p->out, page_time(p, from));
    page_raw(p, " - ");
    html_text(p->out, page_time(p, to));
    page_raw(p, "</title>\n");
    c.y = height - 4;
    axis(&c);
    page_raw(p, "\n");
    c.y = TICKS;
    if (bands) {
        exposure_lane(&c, worst);
        coverage_lane(&c, worst);
    }
    mark_lanes(&c, h);
    page_raw(p, "</svg>\n");
}

static void both(struct page *p, const struct page_host *h, const struct json *worst,
                 instant from, instant to, size_t burst)
{
    draw(p, h, worst, WIDE, from, to, burst);
    draw(p, h, worst, NARROW, from, to, burst);
}

/* --- bursts ------------------------------------------------------------------------------------- */

static bool is_of_burst(const struct page_fact *f)
{
    return f->time != INSTANT_NONE && is_drawn(f->lane) && f->lane != LANE_TRIED &&
           f->lane != LANE_LOGS;
}

struct burst {
    size_t first, last; /* places in facts[] */
    size_t n;
};

/* Keeps a burst among the best, which stay in order of time: the least of them makes room. */
static void keep_burst(struct burst *best, size_t *n, const struct burst *now)
{
    size_t least = 0;
    if (*n < BURSTS) {
        best[(*n)++] = *now;
        return;
    }
    for (size_t k = 1; k < BURSTS; k++)
        least = best[k].n < best[least].n ? k : least;
    if (now->n <= best[least].n)
        return;
    for (size_t k = least; k + 1 < BURSTS; k++)
        best[k] = best[k + 1];
    best[BURSTS - 1] = *now;
}

/* The bursts with the most to tell, in order of time. Returns how many there are in all. */
static size_t find_bursts(const struct page_host *h, struct burst *best, size_t *ret_n)
{
    struct burst now = {.n = 0};
    size_t all = 0;
    *ret_n = 0;
    for (size_t i = 0; i <= h->n_facts; i++) {
        bool end = i == h->n_facts;
        if (!end && !is_of_burst(&h->facts[i]))
            continue;
        if (now.n &&
            (end || h->facts[i].time - h->facts[now.last].time > BURST_GAP * INSTANT_MINUTE)) {
            if (now.n > 1) {
                keep_burst(best, ret_n, &now);
                all++;
            }
            now.n = 0;
        }
        now.first = now.n ? now.first : i;
        now.last = i;
        now.n++;
    }
    return all;
}

/* The steps of a burst in words, one line for acts of one kind that follow each other. */
static void steps(struct page *p, const struct page_host *h, const struct burst *b)
{
    size_t lines = 0;
    size_t left = 0;
    page_raw(p, "<ol class=\"steps\">\n");
    for (size_t i = b->first; i <= b->last; i++) {
        const struct page_fact *f = &h->facts[i];
        if (!is_of_burst(f))
            continue;
        if (lines++ >= STEPS) {
            left++;
            continue;
        }
        char text[INSTANT_TEXT];
        page_rawf(p, "<li><span class=\"key %s\">", lane_class(f->lane));
        page_say(p, lane_text(f->lane));
        page_raw(p, "</span> <span class=\"t\">");
        html_text(p->out, str_part(instant_text_plain(f->time, text), 11, 19));
        page_raw(p, "</span> ");
        page_sentence(p, doc_text(f->json, "what"));
        page_raw(p, " ");
        page_put_id(p, f->id);
        page_raw(p, "</li>\n");
    }
    page_raw(p, "</ol>\n");
    if (left) {
        page_raw(p, "<p>");
        page_count(p, "more", left);
        page_raw(p, "</p>\n");
    }
}

static void one_burst(struct page *p, const struct page_host *h, const struct burst *b,
                      size_t number)
{
    instant from = h->facts[b->first].time;
    instant to = h->facts[b->last].time;
    instant room = (to - from) / 20 + INSTANT_SECOND;
    page_raw(p, "<figure>\n<figcaption>");
    PAGE_SAY(p, "picture.burst_caption", {"n", page_u64(p, b->n)}, {"from", page_time(p, from)},
             {"to", page_time(p, to)});
    page_raw(p, "</figcaption>\n");
    bool drawn = b->n > 3 && to - from > 3 * INSTANT_SECOND;
    if (drawn)
        both(p, h, NULL, from - room, to + room, number);
    page_raw(p, drawn ? "<details><summary>" : "<details open><summary>");
    page_say(p, "picture.steps");
    page_raw(p, "</summary>\n");
    steps(p, h, b);
    page_raw(p, "</details>\n</figure>\n");
}

/* --- the whole ---------------------------------------------------------------------------------- */

static void stretch(instant t, instant *from, instant *to)
{
    if (t == INSTANT_NONE)
        return;
    *from = *from == INSTANT_NONE || t < *from ? t : *from;
    *to = *to == INSTANT_NONE || t > *to ? t : *to;
}

/* From the first to the last of what there is to draw, the campaign's window included where
 * records begin later. */
static bool limits(const struct page_host *h, const struct json *worst, instant *from,
                   instant *to)
{
    *from = *to = INSTANT_NONE;
    const struct json *window = worst ? json_get(worst, "window") : NULL;
    stretch(doc_time(window, "from"), from, to);
    stretch(doc_time(window, "to"), from, to);
    for (size_t i = 0; i < h->n_facts; i++)
        if (is_drawn(h->facts[i].lane))
            stretch(h->facts[i].time, from, to);
    for (const struct json *i =
             doc_list(json_get(worst ? worst : h->json, "exposure"), "intervals");
         i; i = i->next) {
        stretch(doc_time(i, "from"), from, to);
        stretch(doc_time(i, "to"), from, to);
    }
    return *from != INSTANT_NONE && *to > *from;
}

void page_picture(struct page *p, const struct page_host *h)
{
    struct outcome o;
    const struct json *worst = outcome_worst(h->json, &o);
    instant from;
    instant to;
    if (!limits(h, worst, &from, &to))
        return;
    page_rawf(p,
              "<section class=\"time\" aria-labelledby=\"h%zu-time\">\n<h3 id=\"h%zu-time\">",
              h->number, h->number);
    page_say(p, "picture.heading");
    page_raw(p, "</h3>\n<figure>\n<figcaption>");
    page_say(p, "picture.caption");
    page_raw(p, "</figcaption>\n");
    both(p, h, worst, from, to, 0);
    page_raw(p, "</figure>\n");
    struct burst best[BURSTS];
    size_t n;
    size_t all = find_bursts(h, best, &n);
    for (size_t i = 0; i < n; i++)
        one_burst(p, h, &best[i], i + 1);
    if (all > n) {
        page_raw(p, "<p>");
        page_count(p, "picture.bursts_left", all - n);
        page_raw(p, "</p>\n");
    }
    page_raw(p, "</section>\n");
}
