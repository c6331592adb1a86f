/* The report of a case as one page that needs nothing else: no script, no network. */
#include <stdlib.h>

#include "base/base64.h"
#include "base/digest.h"
#include "report/page.h"

/* The chain's links: of each fact, the earlier one it is joined to, by the campaign's own chain. */
static void link_facts(struct page_host *h)
{
    for (const struct json *c = doc_list(h->json, "campaigns"); c; c = c->next)
        for (const struct json *l = doc_list(c, "chain"); l; l = l->next) {
            size_t to = names_find(&h->ids, doc_text(l, "to"));
            size_t from = names_find(&h->ids, doc_text(l, "from"));
            if (to == SIZE_MAX || from == SIZE_MAX || h->facts[to].from != SIZE_MAX ||
                from == to)
                continue;
            h->facts[to].from = from;
            h->facts[to].by = doc_text(l, "by");
            h->facts[to].sure = doc_text(l, "confidence");
        }
}

static enum lane lane_of(const struct json *fact)
{
    static const struct {
        const char *axis;
        enum lane lane;
    } lanes[] = {{"backdoor", LANE_DOOR},
                 {"action", LANE_ACT},
                 {"loss", LANE_LOSS},
                 {"logging", LANE_LOGS}};
    for (size_t i = 0; i < sizeof lanes / sizeof *lanes; i++)
        if (doc_is(fact, "axis", lanes[i].axis))
            return lanes[i].lane;
    if (!doc_is(fact, "axis", "entry"))
        return LANE_NONE;
    bool in = doc_is(fact, "state", "reached") || doc_is(fact, "state", "exploited");
    return in ? LANE_IN : LANE_TRIED;
}

static int by_time(const void *a, const void *b)
{
    const struct page_fact *x = a;
    const struct page_fact *y = b;
    bool none_x = x->time == INSTANT_NONE;
    bool none_y = y->time == INSTANT_NONE;
    if (none_x != none_y)
        return none_x - none_y;
    if (x->time != y->time)
        return x->time < y->time ? -1 : 1;
    return str_cmp(x->id, y->id);
}

static void read_facts(struct page *p, struct page_host *h)
{
    size_t n = doc_count(h->json, "facts");
    h->facts = ARENA_ARRAY(p->arena, struct page_fact, n + 1);
    for (const struct json *f = doc_list(h->json, "facts"); f; f = f->next) {
        struct str id = doc_text(f, "id");
        if (id.n == 0 || names_find(&h->ids, id) != SIZE_MAX)
            continue;
        (void)names_number(&h->ids, id, p->arena);
        h->facts[h->n_facts++] = (struct page_fact){
            .json = f,
            .id = id,
            .time = doc_time(f, "time"),
            .last = doc_time(f, "last"),
            .lane = lane_of(f),
            .from = SIZE_MAX,
        };
    }
    qsort(h->facts, h->n_facts, sizeof *h->facts, by_time);
    h->ids = (struct names){.n = 0};
    for (size_t i = 0; i < h->n_facts; i++)
        (void)names_number(&h->ids, h->facts[i].id, p->arena);
    link_facts(h);
}

static void choose_fact(struct page *p, struct page_fact *f)
{
    if (p->linked.n >= (p->many ? PAGE_FACTS_MANY : PAGE_FACTS)) {
        p->n_facts_left++;
        return;
    }
    f->linked = true;
    (void)names_number(&p->linked, f->id, p->arena);
    size_t places = 0;
    for (const struct json *w = doc_list(f->json, "where"); w && places < PAGE_PLACES;
         w = w->next, places++)
        if (doc_text(w, "sha256").n)
            (void)names_number(&p->evidence, doc_text(w, "sha256"), p->arena);
}

static void choose_facts_of(struct page *p, struct page_host *h, bool minor)
{
    for (size_t k = 0; k < h->n_facts; k++) {
        struct page_fact *f = &h->facts[k];
        bool is_minor = f->lane == LANE_TRIED || f->lane == LANE_NONE;
        if (is_minor == minor && names_find(&p->linked, f->id) == SIZE_MAX)
            choose_fact(p, f);
    }
}

/* Which facts have an entry, where there are too many: what matters before who only looked. */
static void choose_facts(struct page *p, struct page_host *hosts, size_t n)
{
    for (size_t i = 0; i < n; i++) {
        if (hosts[i].full)
            choose_facts_of(p, &hosts[i], false);
        else
            p->n_facts_left += doc_count(hosts[i].json, "facts");
    }
    for (size_t i = 0; i < n; i++)
        if (hosts[i].full)
            choose_facts_of(p, &hosts[i], true);
}

struct ranked {
    const struct json *host;
    int weight;
    size_t place;
};

static int worse_first(const void *a, const void *b)
{
    const struct ranked *x = a;
    const struct ranked *y = b;
    if (x->weight != y->weight)
        return x->weight > y->weight ? -1 : 1;
    return x->place < y->place ? -1 : x->place > y->place;
}

static struct page_host *read_hosts(struct page *p, size_t *ret_n)
{
    size_t n = doc_count(p->in->document, "hosts");
    struct ranked *ranked = ARENA_ARRAY(p->arena, struct ranked, n + 1);
    struct page_host *hosts = ARENA_ARRAY(p->arena, struct page_host, n + 1);
    size_t at = 0;
    for (const struct json *h = doc_list(p->in->document, "hosts"); h; h = h->next) {
        struct outcome o;
        (void)outcome_worst(h, &o);
        ranked[at] = (struct ranked){h, o.weight, at};
        at++;
    }
    qsort(ranked, n, sizeof *ranked, worse_first);
    for (size_t i = 0; i < n; i++) {
        hosts[i].json = ranked[i].host;
        hosts[i].number = i + 1;
        hosts[i].full = n <= PAGE_MANY || i < PAGE_FULL;
        if (i < PAGE_HOSTS)
            read_facts(p, &hosts[i]);
    }
    *ret_n = n;
    return hosts;
}

/* --- the frame -------------------------------------------------------------------------------- */

static void style_digest(struct str style, struct buf *out)
{
    uint8_t digest[SHA256_SIZE];
    char text[64] = "";
    sha256(str_bytes(style), digest);
    base64_encode((struct bytes){digest, sizeof digest}, text);
    buf_add_cstr(out, text);
}

static void head(struct page *p)
{
    page_raw(p, "<!DOCTYPE html>\n<html lang=\"");
    html_attribute(p->out, lang_code(p->lang));
    page_raw(p, "\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                "style-src 'sha256-");
    style_digest(p->in->style, p->out);
    page_raw(p, "'; base-uri 'none'; form-action 'none'\">\n"
                "<meta name=\"referrer\" content=\"no-referrer\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"color-scheme\" content=\"light dark\">\n<title>");
    page_plain(p, "page.title", NULL, 0);
    page_raw(p, "</title>\n<style>");
    buf_add_str(p->out, p->in->style);
    page_raw(p, "</style>\n</head>\n<body>\n<a class=\"skip\" href=\"#summary\">");
    page_say(p, "page.skip");
    page_raw(p, "</a>\n");
}

static void banner(struct page *p)
{
    const struct json *d = p->in->document;
    struct str tlp = doc_text(json_get(d, "indicators"), "tlp");
    page_raw(p, "<header>\n<h1>");
    page_say(p, "page.title");
    page_raw(p, "</h1>\n<p class=\"quiet\">");
    PAGE_SAY(p, "page.made_by", {"tool", p->in->reader->tool},
             {"date", doc_text(d, "packs_as_of")});
    if (tlp.n) {
        page_raw(p, " <strong>");
        page_evidence(p, tlp);
        page_raw(p, "</strong>");
    }
    page_raw(p, "</p>\n</header>\n");
}

static void contents(struct page *p, const struct page_host *hosts, size_t n)
{
    static const struct {
        const char *id, *text;
    } parts[] = {{"findings", "findings.title"},
                 {"gaps", "gaps.title"},
                 {"evidence", "evidence.title"},
                 {"made", "made.title"},
                 {"words", "words.title"}};
    page_raw(p, "<nav aria-label=\"");
    page_plain(p, "page.contents", NULL, 0);
    page_raw(p, "\">\n<ul>\n<li><a href=\"#summary\">");
    page_say(p, "first.title");
    page_raw(p, "</a></li>\n");
    for (size_t i = 0; i < n && !p->many; i++) {
        page_rawf(p, "<li><a href=\"#h%zu\">", hosts[i].number);
        page_evidence(p, doc_text(hosts[i].json, "host"));
        page_raw(p, "</a></li>\n");
    }
    if (p->many) {
        page_raw(p, "<li><a href=\"#servers\">");
        page_say(p, "many.servers");
        page_raw(p, "</a></li>\n");
    }
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        page_rawf(p, "<li><a href=\"#%s\">", parts[i].id);
        page_say(p, parts[i].text);
        page_raw(p, "</a></li>\n");
    }
    page_raw(p, "</ul>\n</nav>\n");
}

/* Where there are many, those without a section of their own: a card each. */
static void other_hosts(struct page *p, const struct page_host *hosts, size_t n)
{
    if (!p->many)
        return;
    page_raw(p, "<section aria-labelledby=\"others\">\n<h2 id=\"others\">");
    page_say(p, "first.more_hosts");
    page_raw(p, "</h2>\n<p>");
    page_say(p, "many.whole");
    page_raw(p, "</p>\n");
    for (size_t i = PAGE_FULL; i < n && i < PAGE_HOSTS; i++)
        page_card(p, &hosts[i]);
    page_raw(p, "</section>\n");
}

static void left_out(struct page *p, size_t n)
{
    if (n <= PAGE_HOSTS && p->n_facts_left == 0)
        return;
    page_raw(p, "<p class=\"limits\">");
    PAGE_SAY(p, "page.left", {"hosts", page_u64(p, n > PAGE_HOSTS ? n - PAGE_HOSTS : 0)},
             {"facts", page_u64(p, p->n_facts_left)});
    page_raw(p, "</p>\n");
}

static int put_page(struct page *p, struct err *err)
{
    size_t n = 0;
    struct page_host *hosts = read_hosts(p, &n);
    p->many = n > PAGE_MANY;
    choose_facts(p, hosts, n);
    head(p);
    banner(p);
    contents(p, hosts, n);
    page_raw(p, "<main>\n");
    if (p->many)
        page_many(p, hosts, n);
    else
        page_first(p, hosts, n);
    for (size_t i = 0; i < n && hosts[i].full; i++)
        page_story(p, &hosts[i]);
    other_hosts(p, hosts, n);
    left_out(p, n);
    if (page_tables(p, err) < 0)
        return -1;
    page_made(p);
    page_raw(p, "</main>\n<footer><p class=\"quiet\">");
    page_say(p, "page.end");
    page_raw(p, "</p></footer>\n</body>\n</html>\n");
    return 0;
}

void report_of_host(struct report_case *in, struct str host)
{
    struct json *document = ARENA_NEW(in->arena, struct json);
    *document = *in->document;
    struct json **end = &document->child;
    for (const struct json *m = in->document->child; m; m = m->next) {
        struct json *copy = ARENA_NEW(in->arena, struct json);
        *copy = *m;
        *end = copy;
        end = &copy->next;
        if (!str_eq(m->key, STR("hosts")))
            continue;
        copy->child = NULL;
        for (const struct json *h = m->child; h && !copy->child; h = h->next)
            if (str_eq(doc_text(h, "host"), host)) {
                copy->child = ARENA_NEW(in->arena, struct json);
                *copy->child = *h;
                copy->child->next = NULL;
            }
    }
    *end = NULL;
    in->document = document;
    in->host = host;
}

int report_case_html(const struct report_case *in, struct buf *out, struct err *err)
{
    struct page p = {.out = out, .lang = in->lang, .arena = in->arena, .in = in};
    if (put_page(&p, err) < 0)
        return -1;
    if (out->full)
        return err_set(err, ERR_LIMIT, "the report is too large");
    return 0;
}
