/* What happened on a host: each campaign with who came in, what they did, what they left. */
#include "report/page.h"

enum { STORY_OPEN = 40 /* facts of one list that are not folded away */ };

/* --- a fact ------------------------------------------------------------------------------------- */

static void place(struct page *p, const struct json *w)
{
    struct str sha = doc_text(w, "sha256");
    bool cited = sha.n && names_find(&p->evidence, sha) != SIZE_MAX;
    page_raw(p, "<li>");
    if (cited) {
        page_raw(p, "<a href=\"#e-");
        html_id(p->out, sha);
        page_raw(p, "\">");
    }
    page_evidence(p, doc_text(w, "path"));
    page_raw(p, cited ? "</a>" : "");
    const struct json *offset = json_get(w, "offset");
    const struct json *record = json_get(w, "record");
    if (offset && offset->type == JSON_NUMBER)
        PAGE_SAY(p, "fact.offset", {"n", offset->text});
    if (record && record->type == JSON_NUMBER)
        PAGE_SAY(p, "fact.record", {"n", record->text});
    page_raw(p, "</li>");
}

static void places(struct page *p, const struct json *fact)
{
    size_t n = 0;
    size_t all = doc_count(fact, "where");
    page_raw(p, "<details class=\"places\"><summary>");
    page_count(p, all == 1 ? "fact.places_one" : "fact.places", all);
    page_raw(p, "</summary><ul>");
    for (const struct json *w = doc_list(fact, "where"); w && n < PAGE_PLACES; w = w->next, n++)
        place(p, w);
    if (all > n) {
        page_raw(p, "<li>");
        page_count(p, "more", all - n);
        page_raw(p, "</li>");
    }
    page_raw(p, "</ul>");
    size_t findings = 0;
    for (const struct json *f = doc_list(fact, "findings"); f && findings < PAGE_PLACES;
         f = f->next, findings++) {
        page_raw(p, findings ? " <code class=\"id\">" : "<p>");
        if (findings == 0) {
            page_say(p, "fact.findings");
            page_raw(p, " <code class=\"id\">");
        }
        html_text(p->out, f->text);
        page_raw(p, "</code>");
    }
    page_raw(p, findings ? "</p></details>" : "</details>");
}

static void labelled(struct page *p, const char *id, struct str value)
{
    if (value.n == 0)
        return;
    page_raw(p, " · ");
    PAGE_SAY(p, id, {"value", value});
}

static void initiators(struct page *p, const struct json *fact)
{
    size_t n = 0;
    for (const struct json *i = doc_list(fact, "initiators"); i && n < PAGE_PLACES;
         i = i->next) {
        page_raw(p, n++ ? ", " : " · ");
        page_evidence(p, i->text);
    }
}

static void about_fact(struct page *p, const struct page_host *h, const struct page_fact *f)
{
    const struct json *j = f->json;
    page_raw(p, "<p class=\"meta\">");
    page_word(p, "sure_word.", doc_text(j, "confidence"));
    initiators(p, j);
    labelled(p, "fact.kind", doc_text(j, "kind"));
    labelled(p, "fact.object", doc_text(j, "object"));
    labelled(p, "fact.mailbox", doc_text(j, "mailbox"));
    labelled(p, "fact.request", doc_text(j, "request"));
    if (doc_is(j, "time_of", "last_change")) {
        page_raw(p, " · ");
        page_say(p, "fact.last_change");
    }
    const struct json *corrected = json_get(j, "time_corrected_seconds");
    if (corrected && corrected->type == JSON_NUMBER && !str_eq(corrected->text, STR("0")))
        labelled(p, "fact.corrected", corrected->text);
    if (f->from != SIZE_MAX) {
        page_raw(p, " · ");
        page_say(p, "fact.joined");
        page_raw(p, " ");
        page_put_id(p, h->facts[f->from].id);
        page_raw(p, ": ");
        page_sentence(p, f->by);
        page_raw(p, " (");
        page_word(p, "sure_word.", f->sure);
        page_raw(p, ")");
    }
    page_raw(p, "</p>");
}

static const char *lane_class_of(enum lane lane)
{
    static const char *const classes[] = {
        [LANE_TRIED] = "m-tried", [LANE_IN] = "m-in",     [LANE_DOOR] = "m-door",
        [LANE_ACT] = "m-act",     [LANE_LOSS] = "m-loss", [LANE_LOGS] = "m-logs",
        [LANES] = "m-none",       [LANE_NONE] = "m-none",
    };
    return classes[lane];
}

static void one_fact(struct page *p, struct page_host *h, struct page_fact *f)
{
    const struct json *j = f->json;
    if (f->shown || !f->linked)
        return;
    f->shown = true;
    page_raw(p, "<li id=\"f-");
    html_id(p->out, f->id);
    page_raw(p, "\"><p><span class=\"t\">");
    page_put_span(p, f->time, f->last);
    page_rawf(p, "</span> <span class=\"key %s\">", lane_class_of(f->lane));
    page_word(p, "axis.", doc_text(j, "axis"));
    page_raw(p, ": ");
    page_word(p, "state.", doc_text(j, "state"));
    page_raw(p, "</span> ");
    page_sentence(p, doc_text(j, "what"));
    page_raw(p, " <code class=\"id\">");
    html_text(p->out, f->id);
    page_raw(p, "</code></p>");
    about_fact(p, h, f);
    places(p, j);
    page_raw(p, "</li>\n");
}

/* --- lists of facts ------------------------------------------------------------------------------- */

/* Which facts a list takes. */
struct fact_choice {
    struct page_host *host;
    struct str pack; /* "": any */
    const bool *of;  /* by place in facts[]; NULL: any */
    bool any_pack;
};

static bool is_chosen(const struct fact_choice *c, size_t i)
{
    const struct page_fact *f = &c->host->facts[i];
    return !f->shown && f->linked && (!c->of || c->of[i]) &&
           (c->any_pack || str_eq(doc_text(f->json, "pack"), c->pack));
}

static size_t count_chosen(const struct fact_choice *c)
{
    size_t n = 0;
    for (size_t i = 0; i < c->host->n_facts; i++)
        n += is_chosen(c, i);
    return n;
}

/* The facts of a choice that have no entry yet, by time, folded away where they are many. */
static void fact_list(struct page *p, const struct fact_choice *c, const char *summary,
                      bool open)
{
    size_t n = count_chosen(c);
    if (n == 0)
        return;
    page_raw(p, open && n <= STORY_OPEN ? "<details open><summary>" : "<details><summary>");
    page_count(p, summary, n);
    page_raw(p, "</summary>\n<ol class=\"facts\">\n");
    for (size_t i = 0; i < c->host->n_facts; i++)
        if (is_chosen(c, i))
            one_fact(p, c->host, &c->host->facts[i]);
    page_raw(p, "</ol></details>\n");
}

/* --- who -------------------------------------------------------------------------------------------- */

/* Whose act each fact of a campaign is: it names them, or it is joined to one that does. */
static bool *acts_of(struct page *p, const struct page_host *h, const struct json *who,
                     struct str pack)
{
    bool *of = ARENA_ARRAY(p->arena, bool, h->n_facts + 1);
    struct str value = doc_text(who, "value");
    for (size_t i = 0; i < h->n_facts; i++) {
        const struct page_fact *f = &h->facts[i];
        const struct json *named = doc_list(f->json, "initiators");
        if (!str_eq(doc_text(f->json, "pack"), pack))
            continue;
        for (const struct json *n = named; n; n = n->next)
            of[i] = of[i] || str_eq(n->text, value);
        if (!named && f->from < i) /* the chain goes to earlier facts */
            of[i] = of[f->from];
    }
    for (const struct json *id = doc_list(who, "facts"); id; id = id->next) {
        size_t at = names_find(&h->ids, id->text);
        if (at != SIZE_MAX)
            of[at] = true;
    }
    return of;
}

static void geo(struct page *p, const struct json *who)
{
    static const char *const keys[] = {"country", "city", "organisation"};
    const struct json *g = json_get(who, "geo");
    if (!g)
        return;
    page_raw(p, " (");
    for (size_t i = 0; i < 3; i++) {
        if (doc_text(g, keys[i]).n == 0)
            continue;
        page_evidence(p, doc_text(g, keys[i]));
        page_raw(p, " ");
    }
    if (doc_number(g, "asn"))
        page_rawf(p, "AS%llu", (unsigned long long)doc_number(g, "asn"));
    page_raw(p, ")");
}

static void one_intruder(struct page *p, struct page_host *h, const struct json *campaign,
                         const struct json *who)
{
    struct str pack = doc_text(campaign, "id");
    page_raw(p, "<div class=\"who\"><h5>");
    page_word(p, "who.", doc_text(who, "kind"));
    page_raw(p, " ");
    page_evidence(p, doc_text(who, "value"));
    geo(p, who);
    page_raw(p, "</h5>\n<p>");
    page_word(p, "role.", doc_text(who, "role"));
    page_raw(p, " · ");
    page_word(p, "state.", doc_text(who, "state"));
    page_raw(p, " · ");
    page_put_span(p, doc_time(who, "first"), doc_time(who, "last"));
    page_raw(p, "</p>\n");
    struct fact_choice c = {.host = h, .pack = pack, .of = acts_of(p, h, who, pack)};
    fact_list(p, &c, "story.acts", true);
    page_raw(p, "</div>\n");
}

/* Those who only looked: a table, with links to what they did. */
static void lookers(struct page *p, const struct json *campaign)
{
    size_t n = 0;
    size_t all = 0;
    for (const struct json *i = doc_list(json_get(campaign, "entry"), "initiators"); i;
         i = i->next)
        all += !doc_is(i, "role", "intruder");
    if (all == 0)
        return;
    page_raw(p, "<details><summary>");
    page_count(p, "story.lookers", all);
    page_raw(p, "</summary>\n<div class=\"scroll\" tabindex=\"0\"><table><thead><tr>");
    static const char *const columns[] = {"col.who", "col.role", "col.state", "col.when",
                                          "col.facts"};
    for (size_t i = 0; i < sizeof columns / sizeof *columns; i++) {
        page_raw(p, "<th scope=\"col\">");
        page_say(p, columns[i]);
        page_raw(p, "</th>");
    }
    page_raw(p, "</tr></thead><tbody>\n");
    for (const struct json *i = doc_list(json_get(campaign, "entry"), "initiators"); i;
         i = i->next) {
        if (doc_is(i, "role", "intruder") || n++ >= PAGE_LIST)
            continue;
        page_raw(p, "<tr><th scope=\"row\">");
        page_evidence(p, doc_text(i, "value"));
        geo(p, i);
        page_raw(p, "</th><td>");
        page_word(p, "role.", doc_text(i, "role"));
        page_raw(p, "</td><td>");
        page_word(p, "state.", doc_text(i, "state"));
        page_raw(p, "</td><td class=\"t\">");
        page_put_span(p, doc_time(i, "first"), doc_time(i, "last"));
        page_raw(p, "</td><td>");
        page_put_ids(p, doc_list(i, "facts"), 6);
        page_raw(p, "</td></tr>\n");
    }
    page_raw(p, "</tbody></table></div>\n");
    if (n > PAGE_LIST)
        page_count(p, "more", n - PAGE_LIST);
    page_raw(p, "</details>\n");
}

static void who(struct page *p, struct page_host *h, const struct json *campaign)
{
    const struct json *entry = json_get(campaign, "entry");
    const struct json *all = doc_list(entry, "initiators");
    const struct json *way = doc_list(entry, "candidates");
    if (way) {
        page_raw(p, "<p>");
        page_say(p, "story.candidates");
        for (; way; way = way->next) {
            page_raw(p, " <code>");
            html_text(p->out, way->text);
            page_raw(p, "</code>");
        }
        page_raw(p, "</p>\n");
    }
    if (!all)
        return;
    page_raw(p, "<h4>");
    page_say(p, "story.who");
    page_raw(p, "</h4>\n");
    size_t n = 0;
    for (const struct json *i = all; i && n < PAGE_LIST; i = i->next)
        if (doc_is(i, "role", "intruder") || doc_text(i, "role").n == 0) {
            one_intruder(p, h, campaign, i);
            n++;
        }
    lookers(p, campaign);
}

/* --- the five answers ------------------------------------------------------------------------------- */

static void axis_answer(struct page *p, const struct json *campaign, const char *axis)
{
    const struct json *a = json_get(campaign, axis);
    struct str state = doc_text(a, "state");
    page_raw(p, "<tr><th scope=\"row\">");
    page_word(p, "question.", str_of(axis));
    page_raw(p, "</th><td><strong>");
    page_word(p, arena_printf(p->arena, "five.%s.", axis).p, state);
    page_raw(p, "</strong> <span class=\"quiet\">(<code>");
    html_text(p->out, state);
    page_raw(p, "</code>");
    if (doc_text(a, "confidence").n) {
        page_raw(p, ", ");
        page_word(p, "sure_word.", doc_text(a, "confidence"));
    }
    if (doc_text(a, "basis").n) {
        page_raw(p, ", ");
        page_word(p, "basis.", doc_text(a, "basis"));
    }
    page_raw(p, ")</span>");
    if (doc_text(a, "reason").n) {
        page_raw(p, "<br>");
        page_sentence(p, doc_text(a, "reason"));
    }
    if (doc_time(a, "first") != INSTANT_NONE) {
        page_raw(p, "<br><span class=\"t\">");
        page_put_span(p, doc_time(a, "first"), doc_time(a, "last"));
        page_raw(p, "</span>");
    }
    if (doc_text(a, "reachable").n) {
        page_raw(p, "<br>");
        page_word(p, "reachable.", doc_text(a, "reachable"));
    }
    for (const struct json *k = doc_list(a, "kinds"); k; k = k->next) {
        page_raw(p, k == doc_list(a, "kinds") ? "<br>" : ", ");
        page_word(p, "kind.", k->text);
    }
    if (doc_list(a, "facts")) {
        page_raw(p, "<br>");
        page_put_ids(p, doc_list(a, "facts"), 12);
    }
    page_raw(p, "</td></tr>\n");
}

static void answers(struct page *p, const struct json *campaign)
{
    static const char *const axes[] = {"exposure", "entry", "backdoor", "action", "loss"};
    page_raw(p, "<table class=\"answers\"><caption>");
    page_say(p, "story.answers");
    page_raw(p, "</caption><tbody>\n");
    for (size_t i = 0; i < sizeof axes / sizeof *axes; i++)
        axis_answer(p, campaign, axes[i]);
    page_raw(p, "</tbody></table>\n");
}

/* --- back doors, exposure, loss ---------------------------------------------------------------------- */

static void pair(struct page *p, const char *label)
{
    page_raw(p, "<dt>");
    page_say(p, label);
    page_raw(p, "</dt><dd>");
}

/* Who is named by the facts of a back door. */
static void by_whom(struct page *p, const struct page_host *h, const struct json *item)
{
    struct str said[8];
    size_t n = 0;
    for (const struct json *id = doc_list(item, "facts"); id; id = id->next) {
        size_t at = names_find(&h->ids, id->text);
        const struct json *f = at == SIZE_MAX ? NULL : h->facts[at].json;
        if (!f || !doc_is(f, "axis", "backdoor") || doc_is(f, "state", "used"))
            continue;
        for (const struct json *w = doc_list(f, "initiators"); w; w = w->next) {
            bool known = n == sizeof said / sizeof *said;
            for (size_t k = 0; k < n; k++)
                known = known || str_eq(said[k], w->text);
            if (known)
                continue;
            said[n++] = w->text;
            page_raw(p, n > 1 ? ", " : " · ");
            if (n == 1) {
                page_say(p, "door.by");
                page_raw(p, " ");
            }
            page_evidence(p, w->text);
        }
    }
}

static void one_door(struct page *p, const struct page_host *h, const struct json *item)
{
    const struct json *presence = json_get(item, "presence");
    const struct json *use = json_get(item, "use");
    page_raw(p, "<li><h5>");
    if (doc_text(item, "where").n)
        page_evidence(p, doc_text(item, "where"));
    else
        page_say(p, "door.nowhere");
    page_raw(p, "</h5>\n<dl class=\"pairs\">");
    pair(p, "door.what");
    page_sentence(p, doc_text(item, "what"));
    page_raw(p, "</dd>");
    pair(p, "door.written");
    page_put_time(p, doc_time(item, "written"));
    by_whom(p, h, item);
    page_raw(p, "</dd>");
    pair(p, "door.presence");
    page_raw(p, "<strong>");
    page_word(p, "presence.", doc_text(presence, "state"));
    page_raw(p, "</strong> ");
    if (doc_time(presence, "at") != INSTANT_NONE)
        page_put_time(p, doc_time(presence, "at"));
    if (doc_text(presence, "why").n) {
        page_raw(p, " (");
        page_sentence(p, doc_text(presence, "why"));
        page_raw(p, ")");
    }
    page_raw(p, "</dd>");
    pair(p, "door.use");
    page_word(p, "use.", doc_text(use, "state"));
    if (doc_is(use, "state", "seen")) {
        page_raw(p, " ");
        page_put_span(p, doc_time(use, "first"), doc_time(use, "last"));
    }
    page_raw(p, "</dd>");
    pair(p, "col.facts");
    page_put_ids(p, doc_list(item, "facts"), 40);
    page_raw(p, "</dd></dl></li>\n");
}

static void doors(struct page *p, const struct page_host *h, const struct json *campaign)
{
    const struct json *items = doc_list(json_get(campaign, "backdoor"), "items");
    size_t n = 0;
    if (!items)
        return;
    page_raw(p, "<h4>");
    page_say(p, "story.doors");
    page_raw(p, "</h4>\n<ul class=\"doors\">\n");
    for (; items && n < PAGE_LIST; items = items->next, n++)
        one_door(p, h, items);
    page_raw(p, "</ul>\n");
    if (items) {
        size_t left = 0;
        for (; items; items = items->next)
            left++;
        page_count(p, "more", left);
    }
}

static void head_row(struct page *p, const char *const *columns, size_t n)
{
    page_raw(p, "<thead><tr>");
    for (size_t i = 0; i < n; i++) {
        page_raw(p, "<th scope=\"col\">");
        page_say(p, columns[i]);
        page_raw(p, "</th>");
    }
    page_raw(p, "</tr></thead>\n");
}

static void exposure(struct page *p, const struct json *campaign)
{
    static const char *const columns[] = {"col.state", "col.when", "col.build", "col.sure"};
    const struct json *i = doc_list(json_get(campaign, "exposure"), "intervals");
    size_t n = 0;
    if (!i)
        return;
    page_raw(p, "<h4>");
    page_say(p, "story.exposure");
    page_raw(p, "</h4>\n<div class=\"scroll\" tabindex=\"0\"><table>");
    head_row(p, columns, 4);
    page_raw(p, "<tbody>\n");
    for (; i && n < PAGE_LIST; i = i->next, n++) {
        page_raw(p, "<tr><th scope=\"row\">");
        page_word(p, "interval.", doc_text(i, "state"));
        page_raw(p, "</th><td class=\"t\">");
        page_put_span(p, doc_time(i, "from"), doc_time(i, "to"));
        page_raw(p, "</td><td>");
        page_evidence(p, doc_text(i, "build"));
        page_raw(p, " ");
        page_evidence(p, doc_text(i, "name"));
        page_raw(p, "</td><td>");
        page_word(p, "sure_word.", doc_text(i, "confidence"));
        page_raw(p, ", ");
        page_word(p, "basis.", doc_text(i, "basis"));
        page_raw(p, " ");
        page_put_ids(p, doc_list(i, "facts"), 12);
        page_raw(p, "</td></tr>\n");
    }
    page_raw(p, "</tbody></table></div>\n");
}

static void bounds(struct page *p, const struct json *b, bool bytes)
{
    const struct json *high = json_get(b, "high");
    uint64_t low = doc_number(b, "low");
    if (bytes)
        page_put_bytes(p, low);
    else
        page_evidence(p, page_u64(p, low));
    page_raw(p, " ");
    if (!high || high->type != JSON_NUMBER) {
        page_say(p, "loss.no_high");
        return;
    }
    page_say(p, "loss.to");
    page_raw(p, " ");
    if (bytes)
        page_put_bytes(p, doc_number(b, "high"));
    else
        page_evidence(p, high->text);
}

static void archives(struct page *p, const struct json *loss)
{
    size_t n = 0;
    for (const struct json *a = doc_list(loss, "archives"); a && n < PAGE_LIST;
         a = a->next, n++) {
        page_raw(p, "<li>");
        page_say(p, doc_true(a, "fetched") ? "loss.fetched" : "loss.ready");
        page_raw(p, " ");
        page_evidence(p, doc_text(a, "where"));
        page_raw(p, ", ");
        if (json_get(a, "bytes"))
            bounds(p, json_get(a, "bytes"), true);
        page_raw(p, " ");
        page_put_ids(p, doc_list(a, "facts"), 12);
        page_raw(p, "</li>\n");
    }
}

static void loss(struct page *p, const struct json *campaign)
{
    const struct json *l = json_get(campaign, "loss");
    bool any = doc_list(l, "archives") || doc_list(l, "secrets") || doc_list(l, "encrypted") ||
               json_get(l, "bytes");
    if (!any)
        return;
    page_raw(p, "<h4>");
    page_say(p, "story.loss");
    page_raw(p, "</h4>\n<ul>\n");
    if (json_get(l, "mailboxes")) {
        page_raw(p, "<li>");
        page_say(p, "loss.mailboxes");
        page_raw(p, " ");
        bounds(p, json_get(l, "mailboxes"), false);
        page_raw(p, "</li>\n<li>");
        page_say(p, "loss.bytes");
        page_raw(p, " ");
        bounds(p, json_get(l, "bytes"), true);
        page_raw(p, "</li>\n");
    }
    if (doc_text(l, "unbounded_why").n) {
        page_raw(p, "<li>");
        page_say(p, "loss.unbounded");
        page_raw(p, " ");
        page_sentence(p, doc_text(l, "unbounded_why"));
        page_raw(p, "</li>\n");
    }
    archives(p, l);
    for (const struct json *s = doc_list(l, "secrets"); s; s = s->next) {
        page_raw(p, "<li>");
        page_say(p, "loss.stolen");
        page_raw(p, " ");
        page_sentence(p, doc_text(s, "words"));
        page_raw(p, " ");
        page_put_ids(p, doc_list(s, "facts"), 12);
        page_raw(p, "</li>\n");
    }
    if (doc_list(l, "encrypted")) {
        page_raw(p, "<li>");
        page_say(p, "loss.encrypted");
        page_raw(p, " ");
        page_put_ids(p, doc_list(l, "encrypted"), 12);
        page_raw(p, "</li>\n");
    }
    page_raw(p, "</ul>\n");
}

/* --- hints, window, advice --------------------------------------------------------------------------- */

static void hints(struct page *p, const struct json *campaign)
{
    const struct json *x = doc_list(campaign, "hints");
    if (!x)
        return;
    page_raw(p, "<h4>");
    page_say(p, "story.hints");
    page_raw(p, "</h4>\n<p>");
    page_say(p, "story.hints_note");
    page_raw(p, "</p>\n<ul>\n");
    for (; x; x = x->next) {
        page_raw(p, "<li>");
        PAGE_SAY(p, "hint.line", {"kind", doc_text(x, "kind")}, {"value", doc_text(x, "value")},
                 {"actor", doc_text(x, "actor")}, {"source", doc_text(x, "source")});
        const struct json *other = doc_list(x, "alternatives");
        if (other) {
            page_raw(p, " ");
            page_say(p, "hint.others");
        }
        for (; other; other = other->next) {
            page_raw(p, " ");
            page_evidence(p, other->text);
            page_raw(p, other->next ? "," : "");
        }
        page_raw(p, " ");
        page_put_ids(p, doc_list(x, "facts"), 12);
        page_raw(p, "</li>\n");
    }
    page_raw(p, "</ul>\n");
}

static void window(struct page *p, const struct json *campaign)
{
    const struct json *w = json_get(campaign, "window");
    page_raw(p, "<p class=\"quiet\">");
    page_say(p, "story.window");
    page_raw(p, " ");
    if (doc_time(w, "from") != INSTANT_NONE || doc_time(w, "to") != INSTANT_NONE) {
        page_put_span(p, doc_time(w, "from"), doc_time(w, "to"));
        page_raw(p, ", ");
    }
    page_sentence(p, doc_text(w, "why"));
    page_raw(p, "</p>\n");
    const struct json *phase = doc_list(w, "phases");
    if (!phase)
        return;
    page_raw(p, "<details><summary>");
    page_say(p, "story.phases");
    page_raw(p, "</summary><ul>\n");
    for (; phase; phase = phase->next) {
        page_raw(p, "<li><span class=\"t\">");
        page_put_span(p, doc_time(phase, "from"), doc_time(phase, "to"));
        page_raw(p, "</span> ");
        page_sentence(p, doc_text(phase, "what"));
        page_raw(p, " <code>");
        html_text(p->out, doc_text(phase, "id"));
        page_raw(p, "</code></li>\n");
    }
    page_raw(p, "</ul></details>\n");
}

static bool is_earlier(const struct json *first, const struct json *campaign, struct str id)
{
    for (const struct json *c = first; c != campaign; c = c->next)
        for (const struct json *a = doc_list(c, "advice"); a; a = a->next)
            if (str_eq(a->text, id))
                return true;
    return false;
}

/* All advice of a host: that of each campaign; of one id once, from the campaign named first. */
static void advice(struct page *p, const struct page_host *h)
{
    const struct json *first = doc_list(h->json, "campaigns");
    page_rawf(p, "<section aria-labelledby=\"h%zu-do\">\n<h3 id=\"h%zu-do\">", h->number,
              h->number);
    page_say(p, "story.advice");
    page_raw(p, "</h3>\n<ol class=\"advice\">\n");
    size_t n = 0;
    for (const struct json *c = first; c; c = c->next)
        for (const struct json *id = doc_list(c, "advice"); id; id = id->next)
            for (const struct json *a = doc_list(p->in->document, "advice"); a; a = a->next) {
                if (!str_eq(doc_text(a, "id"), id->text) ||
                    !str_eq(doc_text(a, "pack"), doc_text(c, "id")) ||
                    is_earlier(first, c, id->text))
                    continue;
                n++;
                page_raw(p, "<li>");
                page_prose(p, doc_text(a, "text"));
                page_raw(p, "<br><span class=\"quiet\">");
                PAGE_SAY(p, "story.advice_source", {"source", doc_text(a, "source")},
                         {"pack", doc_text(a, "pack")});
                page_raw(p, "</span></li>\n");
            }
    if (n == 0) {
        page_raw(p, "<li>");
        page_say(p, first ? "first.do_nothing" : "first.do_collect");
        page_raw(p, "</li>\n");
    }
    page_raw(p, "</ol></section>\n");
}

/* --- a campaign, a host --------------------------------------------------------------------------------- */

static void one_campaign(struct page *p, struct page_host *h, const struct json *c)
{
    struct outcome o = outcome_of(c);
    page_rawf(p, "<section class=\"campaign %s\">\n<h3>", tone_class(o.tone));
    page_sentence(p, doc_text(c, "title"));
    page_raw(p, " <code>");
    html_text(p->out, doc_text(c, "id"));
    page_raw(p, "</code></h3>\n<p class=\"headline\">");
    page_sentence(p, doc_text(c, "headline"));
    page_raw(p, "</p>\n");
    if (o.tone != TONE_BAD) {
        page_raw(p, "<details><summary>");
        page_say(p, "story.answers");
        page_raw(p, "</summary>\n");
    }
    window(p, c);
    answers(p, c);
    exposure(p, c);
    doors(p, h, c);
    loss(p, c);
    hints(p, c);
    who(p, h, c);
    struct fact_choice rest = {.host = h, .pack = doc_text(c, "id")};
    fact_list(p, &rest, "story.nobody", false);
    page_raw(p, o.tone == TONE_BAD ? "</section>\n" : "</details></section>\n");
}

static void other_facts(struct page *p, struct page_host *h)
{
    bool *logging = ARENA_ARRAY(p->arena, bool, h->n_facts + 1);
    for (const struct json *id = doc_list(h->json, "logging"); id; id = id->next) {
        size_t at = names_find(&h->ids, id->text);
        if (at != SIZE_MAX)
            logging[at] = true;
    }
    struct fact_choice logs = {.host = h, .of = logging, .any_pack = true};
    struct fact_choice rest = {.host = h, .any_pack = true};
    if (count_chosen(&rest) == 0)
        return;
    page_raw(p, "<section><h3>");
    page_say(p, "story.other");
    page_raw(p, "</h3>\n");
    fact_list(p, &logs, "story.logging", true);
    fact_list(p, &rest, "story.unattributed", true);
    page_raw(p, "</section>\n");
}

static void clocks(struct page *p, const struct json *host)
{
    const struct json *against = doc_list(host, "clock_against");
    if (doc_text(host, "clock").n == 0 && !against)
        return;
    page_raw(p, "<section><h3>");
    page_say(p, "story.clock");
    page_raw(p, "</h3>\n<ul>\n");
    if (doc_text(host, "clock").n) {
        page_raw(p, "<li>");
        page_sentence(p, doc_text(host, "clock"));
        page_raw(p, "</li>\n");
    }
    for (; against; against = against->next) {
        const struct json *ahead = json_get(against, "ahead_seconds");
        page_raw(p, "<li>");
        PAGE_SAY(p, "clock.against", {"host", doc_text(against, "host")},
                 {"seconds", ahead ? ahead->text : STR("?")},
                 {"n", page_u64(p, doc_number(against, "requests"))});
        page_raw(p, "</li>\n");
    }
    page_raw(p, "</ul></section>\n");
}

static void not_judged(struct page *p, const struct json *host)
{
    const struct json *pack = doc_list(host, "not_applicable");
    const struct json *why = doc_list(host, "not_applicable_why");
    if (!pack)
        return;
    page_raw(p, "<section><h3>");
    page_say(p, "story.not_judged");
    page_raw(p, "</h3>\n<details><summary>");
    page_count(p, "story.not_judged_n", doc_count(host, "not_applicable"));
    page_raw(p, "</summary>\n<ul>\n");
    for (; pack; pack = pack->next) {
        page_raw(p, "<li><code>");
        html_text(p->out, pack->text);
        page_raw(p, "</code>");
        if (why) {
            page_raw(p, ": ");
            page_sentence(p, why->text);
            why = why->next;
        }
        page_raw(p, "</li>\n");
    }
    page_raw(p, "</ul></details></section>\n");
}

void page_story(struct page *p, struct page_host *h)
{
    struct outcome o;
    (void)outcome_worst(h->json, &o);
    page_rawf(p, "<section class=\"host\" aria-labelledby=\"h%zu\">\n<h2 id=\"h%zu\">",
              h->number, h->number);
    page_evidence(p, doc_text(h->json, "host"));
    page_raw(p, "</h2>\n");
    if (p->many)
        page_card(p, h);
    advice(p, h);
    page_picture(p, h);
    for (int weight = 100; weight >= 0; weight--) /* the worst first */
        for (const struct json *c = doc_list(h->json, "campaigns"); c; c = c->next)
            if (outcome_of(c).weight == weight)
                one_campaign(p, h, c);
    page_coverage(p, h);
    clocks(p, h->json);
    other_facts(p, h);
    not_judged(p, h->json);
    page_raw(p, "</section>\n");
}
