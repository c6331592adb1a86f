#include "report/report_json.h"

#include "base/json_read.h"
#include "report/explain.h"
#include "report/report_lines.h"
#include "sample_verdict.h"
#include "t.h"

enum { OUT_MAX = 1 << 20 };

struct made { /* a document, read back */
    struct sample sample;
    struct buf text;
    struct arena *arena;
    const struct json *root;
};

static void make(struct made *m)
{
    struct err err = {0};
    struct json *root = NULL;
    size_t at = 0;
    sample_make(&m->sample);
    struct report_input in = sample_input(&m->sample);
    m->text = buf_new(OUT_MAX);
    m->arena = arena_new();
    report_json(&in, &m->text);
    T_EQ(json_next(buf_str(&m->text), &at, m->arena, &root, &err), 1);
    T_EQ(json_next(buf_str(&m->text), &at, m->arena, &root, &err), 0); /* one value, whole */
    m->root = root;
}

static void drop(struct made *m)
{
    arena_free(m->arena);
    buf_free(&m->text);
    sample_free(&m->sample);
}

/* Member by member; a number picks an element. NULL where there is none. */
static const struct json *at(const struct json *v, const char *path)
{
    struct str rest = str_of(path);
    while (v && rest.n) {
        size_t dot = str_find(rest, STR("."), 0);
        struct str name = str_part(rest, 0, dot);
        rest = dot == SIZE_MAX ? STR("") : str_part(rest, dot + 1, rest.n);
        const struct json *c = v->child;
        if (v->type == JSON_ARRAY)
            for (int i = name.p[0] - '0'; c && i > 0; i--)
                c = c->next;
        else
            while (c && !str_eq(c->key, name))
                c = c->next;
        v = c;
    }
    return v;
}

static struct str text_at(const struct json *v, const char *path)
{
    const struct json *found = at(v, path);
    return !found ? STR("(none)") : found->type == JSON_NULL ? STR("(null)") : found->text;
}

static size_t count_at(const struct json *v, const char *path)
{
    size_t n = 0;
    const struct json *found = at(v, path);
    for (const struct json *c = found ? found->child : NULL; c; c = c->next)
        n++;
    return n;
}

static void states_head(void)
{
    struct made m;
    make(&m);
    T_STR(text_at(m.root, "schema"), "assay.verdict/1");
    T_STR(text_at(m.root, "tool.version"), "0.1.0");
    T_STR(text_at(m.root, "packs_as_of"), "2026-01-01"); /* the oldest */
    T_STR(text_at(m.root, "hosts.0.not_applicable.0"), "pack-b");
    T_EQ(count_at(m.root, "hosts.0.not_applicable"), 1);
    T_STR(text_at(m.root, "hosts.0.not_applicable_why.0"), "no trace of its product");
    T_EQ(count_at(m.root, "advice"), 1);
    T_STR(text_at(m.root, "advice.0.id"), "image");
    T_STR(text_at(m.root, "hosts.0.unattributed.0"), ID_THREE);
    T_STR(text_at(m.root, "hosts.0.clock"), "(null)");
    drop(&m);
}

static void states_axes(void)
{
    struct made m;
    make(&m);
    const struct json *c = at(m.root, "hosts.0.campaigns.0");
    T_STR(text_at(c, "exposure.state"), "exposed");
    T_STR(text_at(c, "exposure.reachable"), "yes");
    T_STR(text_at(c, "exposure.intervals.0.to"), "(null)");
    T_STR(text_at(c, "entry.state"), "exploited");
    T_STR(text_at(c, "entry.basis"), "inferred");
    T_STR(text_at(c, "entry.reason"), "(null)"); /* only for the forms of nothing seen */
    T_STR(text_at(c, "entry.first"), "2021-03-03T06:00:00Z");
    T_STR(text_at(c, "entry.initiators.0.value"), "203.0.113.66");
    T_STR(text_at(c, "backdoor.items.0.where"), "(null)");
    T_STR(text_at(c, "backdoor.items.0.presence.state"), "unknown");
    T_STR(text_at(c, "backdoor.items.0.use.state"), "none_seen_partial");
    T_STR(text_at(c, "action.state"), "none_seen_partial");
    T_STR(text_at(c, "action.reason"), "iis.w3c: a gap");
    T_STR(text_at(c, "action.covered.0.intervals.0.from"), "2021-03-03T06:00:00Z");
    T_STR(text_at(c, "action.confidence"), "(null)");
    T_STR(text_at(c, "loss.bytes.low"), "5000");
    T_STR(text_at(c, "loss.bytes.high"), "(null)");
    T_STR(text_at(c, "coverage.0.tolerance_seconds"), "3600");
    T_STR(text_at(c, "coverage.0.needed_for.0"), "action");
    T_STR(text_at(c, "chain.0.from"), ID_ONE);
    T_STR(text_at(c, "window.phases.0.id"), "p1");
    drop(&m);
}

static void bounds_a_loss_only_where_it_is_known(void)
{
    struct made m;
    struct sample *s = &m.sample;
    size_t loss = 0;
    sample_make(s);
    s->campaign.bytes.bounded = true;
    s->campaign.loss.facts = (struct fact_set){&loss, 1, 1};
    struct report_input in = sample_input(s);
    struct buf out = buf_new(OUT_MAX);
    report_json(&in, &out);
    T_OK(str_find(buf_str(&out), STR("\"mailboxes\":{\"low\":2,\"high\":null}"), 0) !=
         SIZE_MAX);
    T_OK(str_find(buf_str(&out), STR("\"bytes\":{\"low\":5000,\"high\":5000,"), 0) != SIZE_MAX);
    buf_clear(&out);
    s->campaign.mailboxes.bounded = true;
    report_json(&in, &out);
    T_OK(str_find(buf_str(&out), STR("\"mailboxes\":{\"low\":2,\"high\":2}"), 0) != SIZE_MAX);
    buf_free(&out);
    sample_free(s);
}

static void names_each_finding_once(void)
{
    struct made m;
    make(&m);
    T_EQ(count_at(m.root, "findings"), 3); /* the fourth is the first in a copy of the file */
    T_STR(text_at(m.root, "stats.findings"), "3");
    T_EQ(count_at(m.root, "hosts.0.facts.0.findings"), 1);
    T_EQ(count_at(m.root, "hosts.0.facts.0.where"), 1);
    T_STR(text_at(m.root, "hosts.0.facts.0.where.0.path"), "a.log");
    T_EQ(count_at(m.root, "hosts.0.facts.1.findings"), 2);
    T_STR(text_at(m.root, "findings.0.rule.title"), HOSTILE_TITLE);
    T_STR(text_at(m.root, "findings.0.rule.source"), "assay");
    T_STR(text_at(m.root, "findings.1.where.record"), "77");
    T_STR(text_at(m.root, "findings.1.where.marks.0"), "checksum_wrong");
    T_STR(text_at(m.root, "findings.2.where.sha256"), "(null)"); /* not read whole */
    T_STR(text_at(m.root, "counted.0.count"), "9");
    T_STR(text_at(m.root, "gaps.0.to"), "(null)");
    drop(&m);
}

static void escapes_hostile_texts(void)
{
    struct made m;
    make(&m);
    struct str text = buf_str(&m.text);
    for (size_t i = 0; i + 1 < text.n; i++)
        T_OK((unsigned char)text.p[i] >= 0x20); /* one line, no control character */
    T_EQ(text.p[text.n - 1], '\n');
    struct str path = text_at(m.root, "evidence.1.path");
    T_OK(str_starts(path, STR("\x1b[2J\"}],\"x\":[{")));
    T_OK(str_find(path, STR("\xef\xbf\xbd"), 0) != SIZE_MAX); /* the byte that is no UTF-8 */
    T_OK(at(m.root, "x") == NULL);
    drop(&m);
}

/* The text of a digest in a document. */
static struct str digest_in(struct str document, const char *name)
{
    size_t at = str_find(document, str_of(name), 0);
    T_OK(at != SIZE_MAX);
    return str_part(document, at + strlen(name) + 3, at + strlen(name) + 3 + 64);
}

static void leaves_long_lists_out_of_a_case(void)
{
    struct sample s;
    sample_make(&s);
    struct report_input in = sample_input(&s);
    struct buf whole = buf_new(OUT_MAX);
    struct buf of_case = buf_new(OUT_MAX);
    report_json(&in, &whole);
    report_json_of_case(&in, &of_case);
    static const char *const empty[] = {"\"findings\":[],\"findings_sha256\"",
                                        "\"evidence\":[],\"evidence_sha256\""};
    static const char *const digests[] = {"findings_sha256", "evidence_sha256"};
    for (size_t i = 0; i < 2; i++) {
        T_OK(str_find(buf_str(&of_case), str_of(empty[i]), 0) != SIZE_MAX);
        T_OK(str_find(buf_str(&whole), str_of(empty[i]), 0) == SIZE_MAX);
        T_OK(str_eq(digest_in(buf_str(&whole), digests[i]),
                    digest_in(buf_str(&of_case), digests[i])));
    }
    s.evidence[0].size++;
    buf_clear(&whole);
    report_json(&in, &whole);
    T_OK(str_eq(digest_in(buf_str(&whole), digests[0]),
                digest_in(buf_str(&of_case), digests[0])));
    T_OK(!str_eq(digest_in(buf_str(&whole), digests[1]),
                 digest_in(buf_str(&of_case), digests[1])));
    buf_free(&whole);
    buf_free(&of_case);
    sample_free(&s);
}

static void says_when_it_does_not_fit(void)
{
    struct sample s;
    sample_make(&s);
    struct report_input in = sample_input(&s);
    struct buf out = buf_new(100);
    report_json(&in, &out);
    T_OK(out.full);
    buf_free(&out);
    sample_free(&s);
}

static void writes_findings_as_lines(void)
{
    struct sample s;
    sample_make(&s);
    struct report_input in = sample_input(&s);
    struct buf out = buf_new(OUT_MAX);
    report_findings(&in, REPORT_JSONL, &out);
    struct arena *arena = arena_new();
    struct err err = {0};
    struct json *v = NULL;
    size_t at_byte = 0;
    size_t n = 0;
    while (json_next(buf_str(&out), &at_byte, arena, &v, &err) > 0)
        n++;
    T_EQ(n, 3);
    T_EQ(err.code, ERR_NONE);
    T_STR(text_at(v, "what"), "unclaimed");
    T_STR(text_at(v, "level"), "low");
    arena_free(arena);
    buf_free(&out);
    sample_free(&s);
}

static void writes_findings_as_csv(void)
{
    struct sample s;
    sample_make(&s);
    s.facts[0].what = STR("=1+1, \"quoted\"");
    struct report_input in = sample_input(&s);
    struct buf out = buf_new(OUT_MAX);
    report_findings(&in, REPORT_CSV, &out);
    struct str text = buf_str(&out);
    T_OK(str_starts(
        text, STR("id,time,host,level,rule,title,path,offset,record,what,how,tuned,provenance,"
                  "indicator,indicator_type,field,tlp\r\n")));
    T_OK(str_find(text, STR(",a.log,0,,\"'=1+1, \"\"quoted\"\"\",,,,,,,\r\n"), 0) != SIZE_MAX);
    T_OK(str_find(text, STR(",\"Rule \"\"A\"\" of <b>\",a.log,"), 0) != SIZE_MAX);
    buf_free(&out);
    sample_free(&s);
}

static struct str explained(const struct sample *s, const char *id, struct buf *out)
{
    struct report_input in = sample_input(s);
    struct arena *arena = arena_new();
    struct explained e;
    struct err err = {0};
    buf_clear(out);
    if (explain_from_scan(&in, str_of(id), arena, &e, &err) == 0)
        explain_text(&e, false, out);
    else
        buf_add_cstr(out, err.msg);
    arena_free(arena);
    return buf_str(out);
}

static void explains_a_scan(void)
{
    struct sample s;
    sample_make(&s);
    s.hits[1].hit.how = STR("CommandLine: base64");
    s.hits[1].hit.decoded = STR("who\x1b"
                                "ami");
    struct buf out = buf_new(OUT_MAX);
    struct str text = explained(&s, "AAAAAAAAAAA1", &out);
    T_OK(str_starts(text, STR("Fact " ID_ONE "\n")));
    T_OK(str_find(text, STR("rests on 1 record\n"), 0) != SIZE_MAX);
    T_OK(str_find(text, STR("as it stands in the file"), 0) != SIZE_MAX);
    T_OK(str_find(text, STR("\x1b"), 0) == SIZE_MAX); /* evidence does not reach a terminal */
    T_OK(str_find(text, STR("\\x1b[2J"), 0) != SIZE_MAX);

    text = explained(&s, ID_TWO, &out);
    T_OK(str_find(text, STR("      EventID: 1\n      x:\n        y:\n          - true\n"), 0) !=
         SIZE_MAX);
    T_OK(str_find(text, STR("2021-03-03 05:00:00 UTC, corrected"), 0) != SIZE_MAX);
    T_OK(str_find(text, STR("record 77"), 0) != SIZE_MAX);

    T_OK(str_find(text,
                  STR("   matched  CommandLine: base64\n   which reads\n"
                      "      who\\x1bami\n"),
                  0) != SIZE_MAX);

    s.hits[1].hit.marks |= MARK_REASSEMBLED;
    text = explained(&s, ID_TWO, &out);
    T_OK(str_find(text, STR("   note     joined: "), 0) != SIZE_MAX);

    text = explained(&s, "bbbb", &out);
    T_OK(str_find(text, STR("its text was not kept"), 0) != SIZE_MAX);
    T_STR(explained(&s, "aaaa", &out), "aaaa is the start of several ids: give more digits");
    T_STR(explained(&s, "0000000", &out), "no finding or fact has the id 0000000");
    T_STR(explained(&s, "aaa", &out), "an id has 4 to 12 digits");
    T_STR(explained(&s, "aaag", &out), "an id consists of the digits 0-9 and a-f");
    buf_free(&out);
    sample_free(&s);
}

int main(void)
{
    T_RUN(states_head);
    T_RUN(states_axes);
    T_RUN(bounds_a_loss_only_where_it_is_known);
    T_RUN(names_each_finding_once);
    T_RUN(escapes_hostile_texts);
    T_RUN(leaves_long_lists_out_of_a_case);
    T_RUN(says_when_it_does_not_fit);
    T_RUN(writes_findings_as_lines);
    T_RUN(writes_findings_as_csv);
    T_RUN(explains_a_scan);
    return t_done();
}
