#include "detect/fact_spec.h"

#include "base/buf.h"
#include "base/num.h"

static const char *const axis_names[AXES] = {
    [AXIS_NONE] = "",           [AXIS_EXPOSURE] = "exposure",
    [AXIS_ENTRY] = "entry",     [AXIS_BACKDOOR] = "backdoor",
    [AXIS_ACTION] = "action",   [AXIS_LOSS] = "loss",
    [AXIS_CONTEXT] = "context", [AXIS_LOGGING] = "logging",
};

static const struct {
    const char *name;
    enum axis axis, also;
} states[STATES] = {
    [STATE_NONE] = {"", AXIS_NONE, AXIS_NONE},
    [STATE_PROBED] = {"probed", AXIS_ENTRY, AXIS_NONE},
    [STATE_ATTEMPTED] = {"attempted", AXIS_ENTRY, AXIS_NONE},
    [STATE_REACHED] = {"reached", AXIS_ENTRY, AXIS_NONE},
    [STATE_EXPLOITED] = {"exploited", AXIS_ENTRY, AXIS_NONE},
    [STATE_USED] = {"used", AXIS_BACKDOOR, AXIS_NONE},
    [STATE_REMOVED] = {"removed", AXIS_BACKDOOR, AXIS_NONE},
    [STATE_WRITTEN] = {"written", AXIS_BACKDOOR, AXIS_NONE},
    [STATE_PRESENT] = {"present", AXIS_BACKDOOR, AXIS_NONE},
    [STATE_SEEN] = {"seen", AXIS_ACTION, AXIS_LOSS},
    [STATE_BUILD] = {"build", AXIS_EXPOSURE, AXIS_NONE},
    [STATE_UNMITIGATED] = {"unmitigated", AXIS_EXPOSURE, AXIS_NONE},
    [STATE_MITIGATED] = {"mitigated", AXIS_EXPOSURE, AXIS_NONE},
    [STATE_INITIATOR] = {"initiator", AXIS_CONTEXT, AXIS_NONE},
    [STATE_NOISE] = {"noise", AXIS_CONTEXT, AXIS_NONE},
    [STATE_STOPPED] = {"stopped", AXIS_LOGGING, AXIS_NONE},
    [STATE_CLEARED] = {"cleared", AXIS_LOGGING, AXIS_NONE},
    [STATE_RECORDS_MISSING] = {"records_missing", AXIS_NONE, AXIS_NONE},
    [STATE_CLOCK_BACK] = {"clock_back", AXIS_NONE, AXIS_NONE},
};

static const char *const confidence_names[] = {"", "weak", "strong", "certain"};

const char *axis_name(enum axis axis)
{
    return axis < AXES ? axis_names[axis] : "";
}

const char *state_name(enum state state)
{
    return state < STATES ? states[state].name : "";
}

const char *confidence_name(enum confidence confidence)
{
    return confidence <= CONFIDENCE_CERTAIN ? confidence_names[confidence] : "";
}

bool axis_parse(struct str text, enum axis *ret)
{
    for (unsigned i = AXIS_NONE + 1; i < AXES; i++) {
        if (str_eq(text, str_of(axis_names[i]))) {
            *ret = (enum axis)i;
            return true;
        }
    }
    return false;
}

bool state_parse(struct str text, enum state *ret)
{
    for (unsigned i = STATE_NONE + 1; i < STATES; i++) {
        if (str_eq(text, str_of(states[i].name))) {
            *ret = (enum state)i;
            return true;
        }
    }
    return false;
}

bool state_is_of(enum state state, enum axis axis)
{
    return state < STATES && axis != AXIS_NONE &&
           (states[state].axis == axis || states[state].also == axis);
}

static bool confidence_parse(struct str text, enum confidence *ret)
{
    for (unsigned i = CONFIDENCE_WEAK; i <= CONFIDENCE_CERTAIN; i++) {
        if (str_eq(text, str_of(confidence_names[i]))) {
            *ret = (enum confidence)i;
            return true;
        }
    }
    return false;
}

static int parse_key(const struct yaml *list, struct arena *arena, struct fact_spec *spec,
                     struct err *err)
{
    if (!list || list->type == YAML_NULL)
        return 0;
    if (list->type != YAML_LIST)
        return err_set(err, ERR_INVALID, "line %u: key: want a list of fields", list->line);
    size_t n = 0;
    for (const struct yaml *y = list->child; y; y = y->next)
        n++;
    struct str *key = ARENA_ARRAY(arena, struct str, n);
    n = 0;
    for (const struct yaml *y = list->child; y; y = y->next)
        key[n++] = y->text;
    spec->key = key;
    spec->n_key = n;
    return 0;
}

static int parse_one(const struct yaml *map, struct arena *arena, struct fact_spec *ret,
                     struct err *err)
{
    enum { DEFAULT_WITHIN_S = 5 };
    struct fact_spec spec = {
        .kind = yaml_text(map, "kind"),
        .act = yaml_text(map, "act"),
        .what = yaml_text(map, "what"),
        .within = DEFAULT_WITHIN_S * INSTANT_SECOND,
        .request = yaml_text(map, "request"),
        .initiator = yaml_text(map, "initiator"),
        .object = yaml_text(map, "object"),
        .bytes = yaml_text(map, "bytes"),
        .mailbox = yaml_text(map, "mailbox"),
        .time = yaml_text(map, "time"),
        .about = yaml_text(map, "about"),
    };
    struct str within = yaml_text(map, "within");
    struct str confidence = yaml_text(map, "confidence");

    if (!axis_parse(yaml_text(map, "axis"), &spec.axis))
        return err_set(err, ERR_INVALID, "line %u: axis \"%.*s\" is not known", map->line,
                       STR_ARG(yaml_text(map, "axis")));
    if (!state_parse(yaml_text(map, "state"), &spec.state) ||
        !state_is_of(spec.state, spec.axis))
        return err_set(err, ERR_INVALID, "line %u: state \"%.*s\" is not one of axis %s",
                       map->line, STR_ARG(yaml_text(map, "state")), axis_name(spec.axis));
    if (!confidence_parse(confidence.n ? confidence : STR("weak"), &spec.confidence))
        return err_set(err, ERR_INVALID, "line %u: confidence \"%.*s\" is not known", map->line,
                       STR_ARG(confidence));
    if (within.n && !duration_parse(within, &spec.within))
        return err_set(err, ERR_INVALID, "line %u: within \"%.*s\" is not a duration",
                       map->line, STR_ARG(within));
    struct str needs = yaml_text(map, "needs");
    if (needs.n && !str_eq(needs, STR("known_files")))
        return err_set(err, ERR_INVALID, "line %u: needs \"%.*s\" is not known", map->line,
                       STR_ARG(needs));
    struct str build = yaml_text(map, "build");
    if ((spec.state == STATE_BUILD) != (build.n > 0))
        return err_set(err, ERR_INVALID, "line %u: state build goes with `build`, its field",
                       map->line);
    if (build.n)
        spec.object = build;
    if (spec.act.n == 0 || spec.what.n == 0)
        return err_set(err, ERR_INVALID, "line %u: a fact needs `act` and `what`", map->line);
    if (parse_key(yaml_get(map, "key"), arena, &spec, err) < 0)
        return -1;
    *ret = spec;
    return 0;
}

int fact_spec_parse(const struct rule *rule, struct arena *arena, struct fact_spec **ret,
                    size_t *ret_n, struct err *err)
{
    const struct yaml *part = yaml_get(rule->document, "assay");
    const struct yaml *facts = yaml_get(part, "facts");
    size_t n = 0;
    if (!part || (!facts && !yaml_get(part, "axis"))) {
        *ret_n = 0;
        return 0;
    }
    for (const struct yaml *y = facts ? facts->child : NULL; y; y = y->next)
        n++;
    struct fact_spec *specs = ARENA_ARRAY(arena, struct fact_spec, facts ? n : 1);
    if (!facts && parse_one(part, arena, specs, err) < 0)
        return err_at(err, "%.*s", STR_ARG(rule->path));
    size_t i = 0;
    for (const struct yaml *y = facts ? facts->child : NULL; y; y = y->next)
        if (parse_one(y, arena, &specs[i++], err) < 0)
            return err_at(err, "%.*s", STR_ARG(rule->path));
    *ret = specs;
    *ret_n = facts ? n : 1;
    return 0;
}

static struct str field_text(const struct event *ev, struct str name)
{
    size_t at = 0;
    const struct field *f = name.n ? event_find(ev, name, &at) : NULL;
    return f ? f->value : STR("");
}

enum { PLACEHOLDER_MAX = 600 }; /* bytes of one field's text inside a sentence */

/* The sentence with its placeholders filled; long values are cut at a character. */
static struct str fill(struct str text, const struct event *ev, struct arena *arena)
{
    struct buf out = buf_new((size_t)16 * 1024);
    for (size_t at = 0; at < text.n;) {
        size_t end = text.p[at] == '{' ? str_find(text, STR("}"), at) : SIZE_MAX;
        if (end == SIZE_MAX) {
            buf_add_char(&out, text.p[at++]);
            continue;
        }
        struct str value = field_text(ev, str_part(text, at + 1, end));
        value = value.n ? value : STR("?");
        size_t n = value.n < PLACEHOLDER_MAX ? value.n : PLACEHOLDER_MAX;
        while (n < value.n && n > 0 && ((unsigned char)value.p[n] & 0xc0) == 0x80)
            n--;
        buf_add_str(&out, str_part(value, 0, n));
        if (n < value.n)
            buf_add_cstr(&out, "...");
        at = end + 1;
    }
    if ((ev->marks & MARK_DELETED) && str_ifind(text, STR("delete"), 0) == SIZE_MAX)
        buf_add_cstr(&out, " (deleted)");
    struct str done = arena_str(arena, buf_str(&out));
    buf_free(&out);
    return done;
}

static struct str key_text(const struct fact_spec *spec, const struct event *ev,
                           struct arena *arena)
{
    struct buf out = buf_new((size_t)64 * 1024);
    for (size_t i = 0; i < spec->n_key; i++) {
        struct str value = field_text(ev, spec->key[i]);
        for (size_t k = 0; k < value.n; k++)
            buf_add_char(&out, ascii_lower(value.p[k]));
        buf_add_char(&out, '\n');
    }
    struct str done = arena_str(arena, buf_str(&out));
    buf_free(&out);
    return done;
}

/* What was deleted is not there, whatever a rule for files says of one that is. */
static enum state state_of(const struct fact_spec *spec, const struct event *ev)
{
    bool gone = spec->state == STATE_PRESENT && (ev->marks & MARK_DELETED);
    return gone ? STATE_REMOVED : spec->state;
}

void fact_spec_apply(const struct fact_spec *spec, const struct event *ev, struct arena *arena,
                     struct seed *ret)
{
    uint64_t bytes = 0;
    instant time = INSTANT_NONE;
    (void)instant_parse(field_text(ev, spec->time), &time);
    (void)num_u64(field_text(ev, spec->bytes), &bytes);
    *ret = (struct seed){
        .axis = spec->axis,
        .state = state_of(spec, ev),
        .confidence = spec->confidence,
        .kind = spec->kind,
        .act = spec->act,
        .what = fill(spec->what, ev, arena),
        .key = key_text(spec, ev, arena),
        .request = field_text(ev, spec->request),
        .initiator = field_text(ev, spec->initiator),
        .object = field_text(ev, spec->object),
        .mailbox = field_text(ev, spec->mailbox),
        .about = field_text(ev, spec->about),
        .time = time,
        .bytes = bytes,
        .within = spec->within,
    };
}
