/* How the report was made, and the few words it uses. */
#include "report/page.h"

static void row(struct page *p, const char *label, struct str value)
{
    page_raw(p, "<dt>");
    page_say(p, label);
    page_raw(p, "</dt><dd>");
    page_evidence(p, value);
    page_raw(p, "</dd>\n");
}

static void jail(struct page *p)
{
    const struct json *jail = json_get(json_get(p->in->document, "tool"), "jail");
    page_raw(p, "<dt>");
    page_say(p, "made.jail");
    page_raw(p, "</dt><dd>");
    page_say(p, doc_true(jail, "complete") ? "made.jail_whole" : "made.jail_partly");
    for (const struct json *m = doc_list(jail, "missing"); m; m = m->next) {
        page_raw(p, " <code>");
        html_text(p->out, m->text);
        page_raw(p, "</code>");
    }
    page_raw(p, "</dd>\n");
}

static void stats(struct page *p)
{
    static const char *const keys[] = {"files",     "bytes",      "events",
                                       "recovered", "findings",   "facts",
                                       "rules",     "suppressed", "rules_left_out"};
    const struct json *s = json_get(p->in->document, "stats");
    page_raw(p, "<dt>");
    page_say(p, "made.stats");
    page_raw(p, "</dt><dd>");
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        page_raw(p, i ? " · " : "");
        page_count(p, arena_printf(p->arena, "stats.%s", keys[i]).p, doc_number(s, keys[i]));
    }
    page_raw(p, "</dd>\n");
}

static void packs(struct page *p)
{
    page_raw(p, "<details><summary>");
    page_count(p, "made.packs", doc_count(p->in->document, "packs"));
    page_raw(p, "</summary><ul>\n");
    for (const struct json *k = doc_list(p->in->document, "packs"); k; k = k->next) {
        page_raw(p, "<li><code>");
        html_text(p->out, doc_text(k, "id"));
        page_raw(p, "</code> ");
        page_sentence(p, doc_text(k, "title"));
        page_raw(p, " · ");
        page_evidence(p, doc_text(k, "product"));
        page_raw(p, " · ");
        PAGE_SAY(p, "made.as_of", {"date", doc_text(k, "as_of")});
        page_raw(p, "</li>\n");
    }
    page_raw(p, "</ul></details>\n");
}

static void glossary(struct page *p)
{
    static const char *const words[] = {
        "fact",      "finding",           "back_door",     "campaign", "window",
        "coverage",  "exposure",          "certain",       "strong",   "weak",
        "none_seen", "none_seen_partial", "not_assessable"};
    page_raw(p, "<section aria-labelledby=\"words\">\n<h2 id=\"words\">");
    page_say(p, "words.title");
    page_raw(p, "</h2>\n<dl class=\"pairs\">\n");
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        page_raw(p, "<dt>");
        page_word(p, "word.", str_of(words[i]));
        page_raw(p, "</dt><dd>");
        page_word(p, "words.", str_of(words[i]));
        page_raw(p, "</dd>\n");
    }
    page_raw(p, "</dl></section>\n");
}

void page_made(struct page *p)
{
    const struct json *d = p->in->document;
    const struct json *exit_status = json_get(d, "exit_status");
    page_raw(p, "<section aria-labelledby=\"made\">\n<h2 id=\"made\">");
    page_say(p, "made.title");
    page_raw(p, "</h2>\n<dl class=\"pairs\">\n");
    row(p, "made.tool", p->in->reader->tool);
    row(p, "made.knowledge", doc_text(d, "packs_as_of"));
    row(p, "made.digest", p->in->reader->digest);
    row(p, "made.status", exit_status ? exit_status->text : STR(""));
    row(p, "made.scans", page_u64(p, p->in->reader->n_verdicts));
    stats(p);
    jail(p);
    page_raw(p, "</dl>\n<p>");
    page_say(p, "made.explain");
    page_raw(p, "</p>\n<p>");
    page_say(p, "made.hostile");
    page_raw(p, "</p>\n");
    packs(p);
    page_raw(p, "</section>\n");
    glossary(p);
}
