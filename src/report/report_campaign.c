/* One campaign on one host as JSON: window, five axes, coverage, chain. */
#include "report/json_int.h"

void json_text(struct json_out *j, struct str text)
{
    if (text.n)
        json_str(j, text);
    else
        json_null(j);
}

static void put_text(struct json_out *j, const char *key, struct str text)
{
    json_key(j, key);
    json_text(j, text);
}

static void put_time(struct json_out *j, const char *key, instant t)
{
    json_key(j, key);
    json_time(j, t);
}

static void put_state(struct json_out *j, enum answer answer)
{
    json_key(j, "state");
    json_cstr(j, answer_name(answer));
}

static void put_facts(struct json_report *r, const struct fact_set *set)
{
    json_key(&r->j, "facts");
    json_begin(&r->j, '[');
    for (size_t i = 0; i < set->n; i++)
        json_cstr(&r->j, r->in->verdict->facts[set->at[i]].id);
    json_end(&r->j, ']');
}

static void put_intervals(struct json_out *j, const char *key, const struct interval_set *set)
{
    json_key(j, key);
    json_begin(j, '[');
    for (size_t i = 0; i < set->n; i++) {
        json_begin(j, '{');
        put_time(j, "from", set->at[i].from);
        put_time(j, "to", set->at[i].to);
        json_end(j, '}');
    }
    json_end(j, ']');
}

/* --- what every axis has ------------------------------------------------------------------- */

static bool is_nothing_seen(enum answer answer)
{
    return answer <= ANSWER_NONE_SEEN;
}

/* Of a partial answer: when somebody would have been seen. */
static void put_covered(struct json_out *j, const struct campaign *c, enum pack_axis axis)
{
    json_key(j, "covered");
    json_begin(j, '[');
    for (size_t i = 0; i < c->n_coverage; i++) {
        const struct coverage *v = &c->coverage[i];
        if (!v->needed[axis] || !v->present)
            continue;
        json_begin(j, '{');
        put_text(j, "source", v->source);
        put_text(j, "part", v->part);
        put_intervals(j, "intervals", &v->intervals);
        json_end(j, '}');
    }
    json_end(j, ']');
}

/* State, why nothing more can be said, how sure, and when. */
static void put_axis(struct json_report *r, const struct campaign *c,
                     const struct axis_verdict *a, enum pack_axis axis)
{
    struct json_out *j = &r->j;
    put_state(j, a->answer);
    put_text(j, "reason", is_nothing_seen(a->answer) ? a->reason : STR(""));
    if (a->answer == ANSWER_NONE_SEEN_PARTIAL)
        put_covered(j, c, axis);
    put_text(j, "confidence",
             is_nothing_seen(a->answer) ? STR("") : str_of(confidence_name(a->confidence)));
    put_time(j, "first", a->first);
    put_time(j, "last", a->last);
}

static void put_basis(struct json_out *j, const struct axis_verdict *a)
{
    struct str basis = a->inferred ? STR("inferred") : STR("observed");
    put_text(j, "basis", is_nothing_seen(a->answer) ? STR("") : basis);
}

/* --- the axes ------------------------------------------------------------------------------ */

static void put_exposure_interval(struct json_report *r, const struct campaign *c,
                                  const struct exposure_interval *v)
{
    static const struct fact_set none;
    struct json_out *j = &r->j;
    enum confidence sure = v->weak       ? CONFIDENCE_WEAK
                           : v->inferred ? CONFIDENCE_STRONG
                                         : CONFIDENCE_CERTAIN;
    json_begin(j, '{');
    json_key(j, "state"); /* of a stretch of time, not of the server today */
    json_cstr(j, v->answer == ANSWER_EXPOSED ? "vulnerable" : answer_name(v->answer));
    put_time(j, "from", v->from);
    put_time(j, "to", v->to);
    put_text(j, "build", v->build);
    put_text(j, "name", v->name);
    put_text(j, "basis", v->inferred ? STR("inferred") : STR("observed"));
    put_text(j, "confidence", str_of(confidence_name(sure)));
    put_facts(r, v->inferred ? &c->exposure.facts : &none);
    json_end(j, '}');
}

static void put_exposure(struct json_report *r, const struct campaign *c)
{
    struct json_out *j = &r->j;
    json_key(j, "exposure");
    json_begin(j, '{');
    put_axis(r, c, &c->exposure, PACK_EXPOSURE);
    put_basis(j, &c->exposure);
    put_text(j, "reachable",
             c->reachable == ANSWER_SEEN        ? STR("yes")
             : c->reachable == ANSWER_NONE_SEEN ? STR("no")
                                                : STR("unknown"));
    json_key(j, "intervals");
    json_begin(j, '[');
    for (size_t i = 0; i < c->n_intervals; i++)
        put_exposure_interval(r, c, &c->intervals[i]);
    json_end(j, ']');
    put_facts(r, &c->exposure.facts);
    json_end(j, '}');
}

/* Where the address is, if the user brought a database that knows it. */
static void put_geo(struct json_report *r, struct str address)
{
    struct json_out *j = &r->j;
    struct geoip_place p;
    if (!geoip_find_text(r->in->geoip, address, r->arena, &p))
        return;
    json_key(j, "geo");
    json_begin(j, '{');
    put_text(j, "country", p.country);
    put_text(j, "city", p.city);
    json_key(j, "asn");
    if (p.asn)
        json_u64(j, p.asn);
    else
        json_null(j);
    put_text(j, "organisation", p.organisation);
    json_end(j, '}');
}

static void put_initiator(struct json_report *r, const struct initiator *it)
{
    struct json_out *j = &r->j;
    json_begin(j, '{');
    json_key(j, "kind");
    json_str(j, it->kind);
    json_key(j, "value");
    json_str(j, it->value);
    put_geo(r, it->value);
    put_text(j, "role", str_of(role_name(it->role)));
    put_text(j, "state", str_of(state_name(it->state)));
    put_time(j, "first", it->first);
    put_time(j, "last", it->last);
    put_facts(r, &it->facts);
    json_end(j, '}');
}

static void put_entry(struct json_report *r, const struct campaign *c)
{
    struct json_out *j = &r->j;
    json_key(j, "entry");
    json_begin(j, '{');
    put_axis(r, c, &c->entry, PACK_ENTRY);
    put_basis(j, &c->entry);
    json_key(j, "initiators");
    json_begin(j, '[');
    for (size_t i = 0; i < c->n_initiators; i++)
        put_initiator(r, &c->initiators[i]);
    json_end(j, ']');
    if (c->pack->general) {
        json_key(j, "candidates");
        json_begin(j, '[');
        for (size_t i = 0; i < c->n_candidates; i++)
            json_str(j, c->candidates[i]->id);
        json_end(j, ']');
    }
    put_facts(r, &c->entry.facts);
    json_end(j, '}');
}

static const char *presence_name(enum answer presence)
{
    return presence == ANSWER_PRESENT || presence == ANSWER_REMOVED ? answer_name(presence)
                                                                    : "unknown";
}

static void put_item(struct json_report *r, const struct item *it)
{
    struct json_out *j = &r->j;
    json_begin(j, '{');
    put_text(j, "what", it->what);
    put_text(j, "where", it->where);
    put_time(j, "written", it->written);
    json_key(j, "presence");
    json_begin(j, '{');
    json_key(j, "state");
    json_cstr(j, presence_name(it->presence));
    put_time(j, "at", it->presence == ANSWER_REMOVED ? it->removed_at : INSTANT_NONE);
    put_text(j, "why", it->presence_why);
    json_end(j, '}');
    json_key(j, "use");
    json_begin(j, '{');
    put_state(j, it->use);
    put_time(j, "first", it->use_first);
    put_time(j, "last", it->use_last);
    json_end(j, '}');
    put_facts(r, &it->facts);
    json_end(j, '}');
}

static void put_backdoor(struct json_report *r, const struct campaign *c)
{
    struct json_out *j = &r->j;
    json_key(j, "backdoor");
    json_begin(j, '{');
    put_axis(r, c, &c->backdoor, PACK_BACKDOOR);
    json_key(j, "items");
    json_begin(j, '[');
    for (size_t i = 0; i < c->n_items; i++)
        put_item(r, &c->items[i]);
    json_end(j, ']');
    put_facts(r, &c->backdoor.facts);
    json_end(j, '}');
}

static void put_action(struct json_report *r, const struct campaign *c)
{
    struct json_out *j = &r->j;
    json_key(j, "action");
    json_begin(j, '{');
    put_axis(r, c, &c->action, PACK_ACTION);
    json_key(j, "kinds");
    json_begin(j, '[');
    for (size_t i = 0; i < c->n_kinds; i++)
        if (c->kinds[i].n)
            json_str(j, c->kinds[i]);
    json_end(j, ']');
    put_facts(r, &c->action.facts);
    json_end(j, '}');
}

static void put_bounds(struct json_out *j, const char *key, const struct bounds *b,
                       const char *unit)
{
    json_key(j, key);
    json_begin(j, '{');
    json_key(j, "low");
    json_u64(j, b->low);
    json_key(j, "high");
    if (b->bounded)
        json_u64(j, b->high);
    else
        json_null(j);
    if (unit) {
        json_key(j, "unit");
        json_cstr(j, unit);
    }
    json_end(j, '}');
}

static void put_archives(struct json_report *r, const struct campaign *c)
{
    struct json_out *j = &r->j;
    json_key(j, "archives");
    json_begin(j, '[');
    for (size_t i = 0; i < c->n_archives; i++) {
        const struct archive *a = &c->archives[i];
        json_begin(j, '{');
        put_text(j, "where", a->where);
        put_bounds(j, "bytes", &a->bytes, "bytes");
        json_key(j, "fetched");
        json_bool(j, a->fetched);
        put_facts(r, &a->facts);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void put_secrets(struct json_report *r, const struct campaign *c)
{
    struct json_out *j = &r->j;
    json_key(j, "secrets");
    json_begin(j, '[');
    for (unsigned i = 0; i < SECRETS; i++) {
        if (c->secrets[i].n == 0)
            continue;
        json_begin(j, '{');
        json_key(j, "what");
        json_cstr(j, secret_name((enum secret)i));
        json_key(j, "words");
        json_cstr(j, secret_words((enum secret)i));
        put_facts(r, &c->secrets[i]);
        json_end(j, '}');
    }
    json_end(j, ']');
}

static void put_loss(struct json_report *r, const struct campaign *c)
{
    struct json_out *j = &r->j;
    json_key(j, "loss");
    json_begin(j, '{');
    put_axis(r, c, &c->loss, PACK_LOSS);
    if (c->loss.answer == ANSWER_BOUNDS) {
        put_bounds(j, "mailboxes", &c->mailboxes, NULL);
        put_bounds(j, "bytes", &c->bytes, "bytes");
        put_text(j, "unbounded_why",
                 c->bytes.bounded && c->mailboxes.bounded ? STR("") : c->loss_why);
    }
    put_archives(r, c);
    put_secrets(r, c);
    json_key(j, "encrypted");
    json_begin(j, '[');
    for (size_t i = 0; i < c->encrypted.n; i++)
        json_cstr(j, r->in->verdict->facts[c->encrypted.at[i]].id);
    json_end(j, ']');
    put_facts(r, &c->loss.facts);
    json_end(j, '}');
}

/* --- hints ----------------------------------------------------------------------------------- */

/* Others who are said to have used the same. */
static void put_others(struct json_out *j, const struct campaign *c, const struct pack_hint *h)
{
    json_key(j, "alternatives");
    json_begin(j, '[');
    for (size_t i = 0; i < c->pack->n_hints; i++) {
        const struct pack_hint *other = &c->pack->hints[i];
        if (!str_eq(other->actor, h->actor) && str_eq(other->kind, h->kind) &&
            str_ieq(other->value, h->value))
            json_str(j, other->actor);
    }
    json_end(j, ']');
}

static void put_hints(struct json_report *r, const struct campaign *c)
{
    struct json_out *j = &r->j;
    json_key(j, "hints");
    json_begin(j, '[');
    for (size_t i = 0; i < c->n_hints; i++) {
        const struct pack_hint *h = c->hints[i].of;
        json_begin(j, '{');
        put_text(j, "actor", h->actor);
        put_text(j, "kind", h->kind);
        put_text(j, "value", h->value);
        put_text(j, "source", h->source);
        put_others(j, c, h);
        put_facts(r, &c->hints[i].facts);
        json_end(j, '}');
    }
    json_end(j, ']');
}

/* --- coverage, chain, window --------------------------------------------------------------- */

static void put_coverage(struct json_out *j, const struct coverage *v)
{
    json_begin(j, '{');
    json_key(j, "source");
    json_str(j, v->source);
    put_text(j, "part", v->part);
    json_key(j, "tolerance_seconds");
    if (v->tolerance)
        json_i64(j, v->tolerance / INSTANT_SECOND);
    else
        json_null(j);
    json_key(j, "present");
    json_bool(j, v->present);
    json_key(j, "complete");
    json_bool(j, v->complete);
    put_intervals(j, "intervals", &v->intervals);
    put_intervals(j, "gaps", &v->gaps);
    put_intervals(j, "holes", &v->holes);
    json_key(j, "damaged");
    json_u64(j, v->damaged);
    put_text(j, "doubt", v->doubt);
    json_key(j, "needed_for");
    json_begin(j, '[');
    for (unsigned axis = 0; axis < PACK_AXES; axis++)
        if (v->needed[axis])
            json_cstr(j, pack_axis_name((enum pack_axis)axis));
    json_end(j, ']');
    json_end(j, '}');
}

static void put_chain(struct json_report *r, const struct campaign *c)
{
    struct json_out *j = &r->j;
    const struct fact *facts = r->in->verdict->facts;
    json_key(j, "chain");
    json_begin(j, '[');
    for (size_t i = 0; i < c->n_chain; i++) {
        const struct link *link = &c->chain[i];
        json_begin(j, '{');
        json_key(j, "from");
        json_cstr(j, facts[link->from].id);
        json_key(j, "to");
        json_cstr(j, facts[link->to].id);
        put_text(j, "by", link->by);
        put_text(j, "confidence", str_of(confidence_name(link->confidence)));
        json_end(j, '}');
    }
    json_end(j, ']');
}

static bool overlaps(const struct pack_phase *phase, const struct campaign *c)
{
    return phase->from <= c->to && (phase->to == INSTANT_NONE || phase->to >= c->from);
}

static void put_window(struct json_out *j, const struct campaign *c)
{
    json_key(j, "window");
    json_begin(j, '{');
    put_time(j, "from", c->from);
    put_time(j, "to", c->to);
    put_text(j, "why", c->window_why);
    json_key(j, "phases");
    json_begin(j, '[');
    for (size_t i = 0; i < c->pack->n_phases; i++) {
        const struct pack_phase *phase = &c->pack->phases[i];
        if (!overlaps(phase, c))
            continue;
        json_begin(j, '{');
        json_key(j, "id");
        json_str(j, phase->id);
        put_text(j, "what", phase->what);
        put_time(j, "from", phase->from);
        put_time(j, "to", phase->to);
        json_end(j, '}');
    }
    json_end(j, ']');
    json_end(j, '}');
}

void json_campaign(struct json_report *r, const struct campaign *c)
{
    struct json_out *j = &r->j;
    json_begin(j, '{');
    json_key(j, "id");
    json_str(j, c->pack->id);
    json_key(j, "title");
    json_str(j, c->pack->title);
    json_key(j, "applicable");
    json_bool(j, true);
    json_key(j, "headline");
    json_str(j, c->headline);
    put_window(j, c);
    put_exposure(r, c);
    put_entry(r, c);
    put_backdoor(r, c);
    put_action(r, c);
    put_loss(r, c);
    json_key(j, "coverage");
    json_begin(j, '[');
    for (size_t i = 0; i < c->n_coverage; i++)
        put_coverage(j, &c->coverage[i]);
    json_end(j, ']');
    put_chain(r, c);
    put_hints(r, c);
    json_key(j, "advice");
    json_begin(j, '[');
    for (size_t i = 0; i < c->n_advice; i++)
        json_str(j, c->advice[i]->id);
    json_end(j, ']');
    json_end(j, '}');
}
