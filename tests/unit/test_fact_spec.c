#include "detect/fact_spec.h"

#include "t.h"

static struct arena *arena;

static int parse(const char *text, struct fact_spec **ret, size_t *ret_n, struct err *err)
{
    struct yaml *document = NULL;
    T_EQ(yaml_parse(str_of(text), arena, &document, err), 0);
    struct rule rule = {.path = STR("r.yml"), .document = document};
    return fact_spec_parse(&rule, arena, ret, ret_n, err);
}

static void a_whole_part(void)
{
    struct fact_spec *s = NULL;
    size_t n = 0;
    struct err err = {0};
    T_EQ(parse("assay:\n  axis: loss\n  state: seen\n  confidence: certain\n  act: mail\n"
               "  what: w\n  key: [A, B c]\n  within: 2m\n  request: R\n  initiator: I\n"
               "  object: O\n  bytes: N\n  mailbox: M\n  time: T\n  about: H\n  kind: mail\n"
               "  left: maybe\n  secrets: [machine_keys, typed_passwords]\n",
               &s, &n, &err),
         0);
    T_EQ(n, 1);
    T_OK(s->axis == AXIS_LOSS && s->state == STATE_SEEN);
    T_EQ(s->confidence, CONFIDENCE_CERTAIN);
    T_EQ(s->within, 2 * INSTANT_MINUTE);
    T_EQ(s->n_key, 2);
    T_STR(s->key[1], "B c");
    T_STR(s->request, "R");
    T_STR(s->initiator, "I");
    T_STR(s->object, "O");
    T_STR(s->bytes, "N");
    T_STR(s->mailbox, "M");
    T_STR(s->time, "T");
    T_STR(s->about, "H");
    T_STR(s->kind, "mail");
    T_OK(s->maybe && s->secrets == (1U << SECRET_MACHINE_KEYS | 1U << SECRET_TYPED));
}

static void several_facts_none_and_what_is_left_out(void)
{
    struct fact_spec *s = NULL;
    size_t n = 9;
    struct err err = {0};
    T_EQ(parse("title: x\n", &s, &n, &err), 0);
    T_EQ(n, 0);
    n = 9;
    T_EQ(parse("assay:\n  tests: {}\n", &s, &n, &err), 0);
    T_EQ(n, 0);
    T_EQ(parse("assay:\n  facts:\n"
               "    - {axis: entry, state: reached, act: a, what: w}\n"
               "    - {axis: action, state: seen, act: b, what: w, key: }\n",
               &s, &n, &err),
         0);
    T_EQ(n, 2);
    T_EQ(s[0].confidence, CONFIDENCE_WEAK);
    T_EQ(s[0].within, 5 * INSTANT_SECOND);
    T_EQ(s[1].n_key, 0);
    T_EQ(s[1].axis, AXIS_ACTION);
}

static void a_mistake_names_its_line(void)
{
    static const struct {
        const char *text, *want;
    } cases[] = {
        {"assay:\n  axis: entrance\n", "r.yml: line 2: axis \"entrance\" is not known"},
        {"assay:\n  axis: entry\n  state: seen\n", "state \"seen\" is not one of axis entry"},
        {"assay:\n  axis: entry\n  state: x\n", "state \"x\" is not one of axis entry"},
        {"assay:\n  axis: entry\n", "state \"\" is not one of axis entry"},
        {"assay: {axis: entry, state: probed, confidence: sure}", "confidence \"sure\""},
        {"assay: {axis: entry, state: probed, within: 5}", "within \"5\" is not a duration"},
        {"assay: {axis: entry, state: probed, act: a, what: w, needs: luck}",
         "needs \"luck\" is not known"},
        {"assay: {axis: loss, state: seen, act: a, what: w, kind: k}", "kind \"k\" is not one"},
        {"assay: {axis: loss, state: seen, act: a, what: w, left: no}", "left: only `maybe`"},
        {"assay: {axis: entry, state: probed, act: a, what: w, left: maybe}", "of axis loss"},
        {"assay: {axis: entry, state: probed, act: a, what: w, only: x}", "only `look`"},
        {"assay: {axis: action, state: seen, act: a, what: w, only: look}", "of axis entry"},
        {"assay: {axis: entry, state: probed, act: a, what: w, secrets: [x]}", "secret \"x\""},
        {"assay: {axis: entry, state: probed, what: w}", "needs `act` and `what`"},
        {"assay: {axis: entry, state: probed, act: a}", "needs `act` and `what`"},
        {"assay: {axis: entry, state: probed, act: a, what: w, key: A}", "want a list"},
        {"assay:\n  facts:\n    - {axis: entry, state: probed, act: a, what: w}\n    - {axis: "
         "x}\n",
         "line 4: axis \"x\""},
        {"assay:\n  facts: {axis: entry}\n", "axis \"\""},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fact_spec *s = NULL;
        size_t n = 0;
        struct err err = {0};
        T_EQ(parse(cases[i].text, &s, &n, &err), -1);
        T_EQ(err.code, ERR_INVALID);
        if (!strstr(err.msg, cases[i].want))
            t_failed += printf("\"%s\" is not in: %s\n", cases[i].want, err.msg) > 0;
    }
}

static struct str sentence(struct str what, const struct event *ev)
{
    struct fact_spec spec = {.what = what};
    struct seed seed;
    fact_spec_apply(&spec, ev, arena, &seed);
    return seed.what;
}

static void placeholders_are_filled(void)
{
    struct event ev = {.kind = EVENT_IIS, .time = 1};
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("Url"), STR("/owa/{Name}"));
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("Name"), STR("x"));
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("Empty"), STR(""));
    T_STR(sentence(STR("no placeholder"), &ev), "no placeholder");
    T_STR(sentence(STR("{Name}{Name}"), &ev), "xx");
    T_STR(sentence(STR("at {Url}."), &ev), "at /owa/{Name}.");
    T_STR(sentence(STR("{Missing} and {Empty}"), &ev), "? and ?");
    T_STR(sentence(STR("{}"), &ev), "?");
    T_STR(sentence(STR("open {Name"), &ev), "open {Name");
    T_STR(sentence(STR("close } {Name}"), &ev), "close } x");
    T_STR(sentence(STR(""), &ev), "");
}

/* 598 one-byte characters, then three-byte ones: a cut at 600 bytes would split one. */
static void long_values_are_cut_between_characters(void)
{
    struct event ev = {.kind = EVENT_IIS, .time = 1};
    char value[607];
    memset(value, 'a', 598);
    for (size_t i = 598; i + 3 <= sizeof value; i += 3)
        memcpy(value + i, "\xe2\x82\xac", 3);
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("L"),
              (struct str){value, sizeof value});
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("Fits"), (struct str){value, 598});
    struct str got = sentence(STR("<{L}>"), &ev);
    T_EQ(got.n, 1 + 598 + 3 + 1);
    T_STR(str_part(got, 598, got.n), "a...>");
    T_EQ(sentence(STR("{Fits}"), &ev).n, 598);
}

static void a_seed_takes_the_fields(void)
{
    const struct str key[] = {STR("User"), STR("Missing"), STR("Path")};
    struct fact_spec spec = {.what = STR("w"),
                             .key = key,
                             .n_key = 3,
                             .bytes = STR("Size"),
                             .time = STR("When"),
                             .request = STR("Id"),
                             .initiator = STR("Nobody")};
    struct event ev = {.kind = EVENT_IIS, .time = 1};
    struct seed seed;
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("User"), STR("CORP\\Admin"));
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("Path"), STR("/OWA/\xc3\x84.aspx"));
    event_add(&ev, arena, SECTION_DATA, FIELD_NUMBER, STR("Size"), STR("512"));
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("When"), STR("1970-01-01T00:00:01Z"));
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("Id"), STR("r"));
    fact_spec_apply(&spec, &ev, arena, &seed);
    T_STR(seed.key, "corp\\admin\n\n/owa/\xc3\x84.aspx\n");
    T_EQ(seed.bytes, 512);
    T_EQ(seed.time, INSTANT_SECOND);
    T_STR(seed.request, "r");
    T_STR(seed.initiator, "");

    spec.bytes = STR("User"); /* not a number, not a time: as if missing */
    spec.time = STR("User");
    fact_spec_apply(&spec, &ev, arena, &seed);
    T_EQ(seed.bytes, 0);
    T_OK(seed.time == INSTANT_NONE);
}

static void a_build_is_a_field_or_stands_in_the_rule(void)
{
    static const char head[] =
        "assay:\n  axis: exposure\n  state: build\n  confidence: strong\n  act: b\n  what: w\n";
    struct fact_spec *s = NULL;
    size_t n = 0;
    struct err err = {0};
    struct seed seed;
    struct event ev = {.kind = EVENT_FILE, .time = 1};
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("PeVersion"), STR("16.0.5508.1000"));
    event_add(&ev, arena, SECTION_DATA, FIELD_TEXT, STR("Path"), STR("/srv/x.php"));
    T_EQ(parse(head, &s, &n, &err), -1);
    T_EQ(parse(arena_printf(arena, "%s  build: PeVersion\n", head).p, &s, &n, &err), 0);
    fact_spec_apply(s, &ev, arena, &seed);
    T_STR(seed.object, "16.0.5508.1000");
    T_EQ(parse(arena_printf(arena, "%s  build: 16.0.5513.1001\n", head).p, &s, &n, &err), 0);
    fact_spec_apply(s, &ev, arena, &seed);
    T_STR(seed.object, "16.0.5513.1001");
    /* a page whose address nobody knows is named by its place */
    s->state = STATE_PRESENT;
    s->object = STR("WebPath");
    fact_spec_apply(s, &ev, arena, &seed);
    T_STR(seed.object, "/srv/x.php");
}

static void names_read_back(void)
{
    for (unsigned i = AXIS_NONE + 1; i < AXES; i++) {
        enum axis axis = AXIS_NONE;
        T_OK(axis_parse(str_of(axis_name((enum axis)i)), &axis) && axis == i);
    }
    for (unsigned i = STATE_NONE + 1; i < STATES; i++) {
        enum state state = STATE_NONE;
        T_OK(state_parse(str_of(state_name((enum state)i)), &state) && state == i);
    }
    enum axis axis;
    enum state state;
    T_OK(!axis_parse(STR(""), &axis) && !state_parse(STR(""), &state));
    T_STR(str_of(confidence_name(CONFIDENCE_CERTAIN)), "certain");
}

int main(void)
{
    arena = arena_new();
    T_RUN(a_whole_part);
    T_RUN(several_facts_none_and_what_is_left_out);
    T_RUN(a_mistake_names_its_line);
    T_RUN(placeholders_are_filled);
    T_RUN(long_values_are_cut_between_characters);
    T_RUN(a_seed_takes_the_fields);
    T_RUN(a_build_is_a_field_or_stands_in_the_rule);
    T_RUN(names_read_back);
    arena_free(arena);
    return t_done();
}
