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
    [STATE_TRACE] = {"trace", AXIS_CONTEXT, AXIS_NONE},
    [STATE_INITIATOR] = {"initiator", AXIS_CONTEXT, AXIS_NONE},
    [STATE_EFFECT] = {"effect", AXIS_CONTEXT, AXIS_NONE},
    [STATE_NOISE] = {"noise", AXIS_CONTEXT, AXIS_NONE},
    [STATE_STOPPED] = {"stopped", AXIS_LOGGING, AXIS_NONE},
    [STATE_CLEARED] = {"cleared", AXIS_LOGGING, AXIS_NONE},
    [STATE_RECORDS_MISSING] = {"records_missing", AXIS_NONE, AXIS_NONE},
    [STATE_CLOCK_BACK] = {"clock_back", AXIS_NONE, AXIS_NONE},
};

static const char *const confidence_names[] = {"", "weak", "strong", "certain"};

static const struct {
    const char *name, *words;
} secrets[SECRETS] = {
    [SECRET_LOGGED_ON] =
        {"accounts_logged_on",
         "passwords and hashes of the accounts that were logged on to the server"},
    [SECRET_LOCAL] = {"local_accounts", "the server's own accounts and its machine's secrets"},
    [SECRET_DOMAIN] = {"domain_accounts", "all accounts of the domain"},
    [SECRET_SERVICE] = {"service_accounts",
                        "accounts that services and application pools run as"},
    [SECRET_MACHINE_KEYS] =
        {"machine_keys", "machine keys of the web sites: view state can be forged with them"},
    [SECRET_CERTIFICATES] = {"certificates", "private keys of the server's certificates"},
    [SECRET_TYPED] = {"typed_passwords", "passwords typed into the logon page"},
    [SECRET_STORED] = {"stored_passwords", "passwords in configuration files and scripts"},
};

static const char *const share_names[SHARES] = {
    [SHARE_ADDRESS] = "address",     [SHARE_PAGE] = "page",     [SHARE_CONTENT] = "content",
    [SHARE_STRUCTURE] = "structure", [SHARE_KEY] = "key",       [SHARE_AGENT] = "agent",
    [SHARE_TOOL] = "tool",           [SHARE_DOMAIN] = "domain", [SHARE_ACCOUNT] = "account",
};

const char *share_name(enum share share)
{
    return share < SHARES ? share_names[share] : "";
}

bool share_parse(struct str text, enum share *ret)
{
    for (unsigned i = 0; i < SHARES; i++) {
        if (str_eq(text, str_of(share_names[i]))) {
            *ret = (enum share)i;
            return true;
        }
    }
    return false;
}

static const char *const loss_kinds[] = {"mail", "file", "encrypted"};

const char *secret_name(enum secret secret)
{
    return secret < SECRETS ? secrets[secret].name : "";
}

const char *secret_words(enum secret secret)
{
    return secret < SECRETS ? secrets[secret].words : "";
}

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

static int parse_secrets(const struct yaml *list, struct fact_spec *spec, struct err *err)
{
    for (const struct yaml *y = list ? list->child : NULL; y; y = y->next) {
        unsigned i = 0;
        while (i < SECRETS && !str_eq(y->text, str_of(secrets[i].name)))
            i++;
        if (i == SECRETS)
            return err_set(err, ERR_INVALID, "line %u: secret \"%.*s\" is not known", y->line,
                           STR_ARG(y->text));
        spec->secrets |= 1U << i;
    }
    return 0;
}

static int parse_shares(const struct yaml *map, struct fact_spec *spec, struct err *err)
{
    for (const struct yaml *y = map ? map->child : NULL; y; y = y->next) {
        enum share share;
        if (!share_parse(y->key, &share))
            return err_set(err, ERR_INVALID, "line %u: shares: \"%.*s\" is not known", y->line,
                           STR_ARG(y->key));
        spec->shares[share] = y->text;
    }
    return 0;
}

/* What only a loss has: of which kind it is, and whether it surely left. */
static int parse_loss(const struct yaml *map, struct fact_spec *spec, struct err *err)
{
    struct str left = yaml_text(map, "left");
    bool known = spec->kind.n == 0;
    for (size_t i = 0; i < sizeof loss_kinds / sizeof *loss_kinds; i++)
        known = known || str_eq(spec->kind, str_of(loss_kinds[i]));
    if (spec->axis == AXIS_LOSS && !known)
        return err_set(err, ERR_INVALID, "line %u: kind \"%.*s\" is not one of axis loss",
                       map->line, STR_ARG(spec->kind));
    spec->maybe = str_eq(left, STR("maybe"));
    if (left.n && (!spec->maybe || spec->axis != AXIS_LOSS))
        return err_set(err, ERR_INVALID, "line %u: left: only `maybe`, of axis loss",
                       map->line);
    return 0;
}

/* What it is about, how far it went, how sure that is. */
static int parse_words(const struct yaml *map, struct fact_spec *spec, struct err *err)
{
    struct str within = yaml_text(map, "within");
    struct str confidence = yaml_text(map, "confidence");

    if (!axis_parse(yaml_text(map, "axis"), &spec->axis))
        return err_set(err, ERR_INVALID, "line %u: axis \"%.*s\" is not known", map->line,
                       STR_ARG(yaml_text(map, "axis")));
    if (!state_parse(yaml_text(map, "state"), &spec->state) ||
        !state_is_of(spec->state, spec->axis))
        return err_set(err, ERR_INVALID, "line %u: state \"%.*s\" is not one of axis %s",
                       map->line, STR_ARG(yaml_text(map, "state")), axis_name(spec->axis));
    if (!confidence_parse(confidence.n ? confidence : STR("weak"), &spec->confidence))
        return err_set(err, ERR_INVALID, "line %u: confidence \"%.*s\" is not known", map->line,
                       STR_ARG(confidence));
    if (within.n && !duration_parse(within, &spec->within))
        return err_set(err, ERR_INVALID, "line %u: within \"%.*s\" is not a duration",
                       map->line, STR_ARG(within));
    return 0;
}

/* What goes with some facts only. */
static int parse_more(const struct yaml *map, struct fact_spec *spec, struct err *err)
{
    struct str needs = yaml_text(map, "needs");
    if (needs.n && !str_eq(needs, STR("known_files")))
        return err_set(err, ERR_INVALID, "line %u: needs \"%.*s\" is not known", map->line,
                       STR_ARG(needs));
    struct str build = yaml_text(map, "build");
    if ((spec->state == STATE_BUILD) != (build.n > 0))
        return err_set(err, ERR_INVALID, "line %u: state build goes with `build`, its field",
                       map->line);
    if (build.n)
        spec->object = build;
    struct str through = yaml_text(map, "through");
    if (through.n && !str_eq(through, STR("web")))
        return err_set(err, ERR_INVALID, "line %u: through \"%.*s\" is not known", map->line,
                       STR_ARG(through));
    struct str only = yaml_text(map, "only");
    if (only.n && (!str_eq(only, STR("look")) || spec->axis != AXIS_ENTRY))
        return err_set(err, ERR_INVALID, "line %u: only: only `look`, of axis entry",
                       map->line);
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
        .server = yaml_text(map, "server"),
    };
    if (parse_words(map, &spec, err) < 0 || parse_more(map, &spec, err) < 0)
        return -1;
    if (spec.act.n == 0 || spec.what.n == 0)
        return err_set(err, ERR_INVALID, "line %u: a fact needs `act` and `what`", map->line);
    if (parse_key(yaml_get(map, "key"), arena, &spec, err) < 0 ||
        parse_secrets(yaml_get(map, "secrets"), &spec, err) < 0 ||
        parse_shares(yaml_get(map, "shares"), &spec, err) < 0 ||
        parse_loss(map, &spec, err) < 0)
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

static struct str shares_text(const struct fact_spec *spec, const struct event *ev,
                              struct arena *arena)
{
    enum { SHARE_MAX = 512 }; /* bytes of one value */
    struct buf out = buf_new((size_t)SHARES * (SHARE_MAX + 16));
    for (unsigned i = 0; i < SHARES; i++) {
        struct str value = field_text(ev, spec->shares[i]);
        if (value.n == 0 || value.n > SHARE_MAX || str_find(value, STR("\n"), 0) != SIZE_MAX)
            continue;
        buf_addf(&out, "%s\t", share_names[i]);
        buf_add_str(&out, value);
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

/* A build may stand in the rule itself: an update's number means one build. A page whose address is
 * not known, because nobody knows which folder the web server serves, is named by its place. */
static struct str object_of(const struct fact_spec *spec, const struct event *ev)
{
    bool literal = spec->state == STATE_BUILD && spec->object.n && spec->object.p[0] >= '0' &&
                   spec->object.p[0] <= '9';
    struct str text = literal ? spec->object : field_text(ev, spec->object);
    bool placeless =
        text.n == 0 && ev->kind == EVENT_FILE && str_eq(spec->object, STR("WebPath"));
    return placeless ? field_text(ev, STR("Path")) : text;
}

void fact_spec_apply(const struct fact_spec *spec, const struct event *ev, struct arena *arena,
                     struct seed *ret)
{
    uint64_t bytes = 0;
    instant time = INSTANT_NONE;
    (void)instant_parse(field_text(ev, spec->time), &time);
    bool sized = num_u64(field_text(ev, spec->bytes), &bytes);
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
        .object = object_of(spec, ev),
        .mailbox = field_text(ev, spec->mailbox),
        .about = field_text(ev, spec->about),
        .server = field_text(ev, spec->server),
        .time = time,
        .bytes = bytes,
        .sized = sized,
        .maybe = spec->maybe,
        .secrets = spec->secrets,
        .shares = shares_text(spec, ev, arena),
        .within = spec->within,
    };
}
