#include "format/evtx_recover.h"

#include "evtx_t.h"
#include "format/evtx_int.h"
#include "t.h"

enum { TEMPLATE = 0xabcd, OTHER = 0xeeee };

static struct builder chunk;

/* %0: the event's number; %1: its text. */
static void values(struct builder *b, unsigned number, const char *text)
{
    put(b, 2, 4);
    put(b, 2, 2);
    put(b, 0x06, 2);
    put(b, 2 * strlen(text), 2);
    put(b, 0x01, 2);
    put(b, number, 2);
    put_chars(b, text);
}

/* Event/System/EventID %0, Channel "Test"; Event/EventData/<name> %1. */
static size_t put_definition(struct builder *b, uint32_t template, const char *name)
{
    size_t definition = b->n;
    put(b, 0, 4);
    put(b, template, 4);
    put(b, 0, 8);
    put(b, 0, 4);
    size_t size_at = b->n;
    put(b, 0, 4);
    put(b, 0x0001010f, 4);
    open_tag(b, "Event");
    open_tag(b, "System");
    value_in(b, "EventID", 0, 0x06);
    open_tag(b, "Channel");
    put(b, 0x0105, 2);
    put(b, 4, 2);
    put_chars(b, "Test");
    put(b, 0x04, 1);
    put(b, 0x04, 1);
    open_tag(b, "EventData");
    value_in(b, name, 1, 0x01);
    put(b, 0x0404, 2);
    put(b, 0x00, 1);
    patch(b, size_at, b->n - size_at - 4, 4);
    return definition;
}

static size_t put_defining(struct builder *b, uint64_t id, uint32_t template, const char *name)
{
    size_t at = start_record(b, id);
    put(b, 0x010c, 2);
    put(b, template, 4);
    put(b, b->n + 4, 4);
    size_t definition = put_definition(b, template, name);
    values(b, (unsigned)id, "hi");
    end_record(b, at);
    return definition;
}

static void put_using(struct builder *b, uint64_t id, uint32_t template, size_t definition,
                      const char *text)
{
    size_t at = start_record(b, id);
    put(b, 0x010c, 2);
    put(b, template, 4);
    put(b, definition, 4);
    values(b, (unsigned)id, text);
    end_record(b, at);
}

static void align(struct builder *b)
{
    b->n += -b->n & 3;
}

/* Record 9 of the chunk; behind its end, records 3 and 4, that use its template. */
static struct bytes sample(void)
{
    start_chunk(&chunk);
    size_t definition = put_defining(&chunk, 9, TEMPLATE, "Field");
    patch(&chunk, 48, chunk.n, 4);
    chunk.n += 64;
    align(&chunk);
    put_using(&chunk, 3, TEMPLATE, definition, "three");
    align(&chunk);
    put_using(&chunk, 4, TEMPLATE, definition, "four");
    return (struct bytes){chunk.p, chunk.n};
}

struct told {
    unsigned n, gaps, elsewhere;
    uint64_t ids[8];
    struct evtx_recovery_counts counts;
};

static struct told recover(struct bytes file, bool image,
                           const struct evtx_elsewhere *elsewhere)
{
    struct arena *arena = arena_new();
    struct evtx_recovery *r = evtx_recovery_open(file, 0, file.n, image, elsewhere, arena);
    struct told told = {0};
    struct evtx_recovered rec;
    struct evtx_gap gap;
    struct err err = {0};
    for (int got; (got = evtx_recovery_next(r, &rec, &gap, &err)) != 0;) {
        if (got < 0) {
            told.gaps++;
            T_OK(gap.from < gap.to && gap.to <= file.n);
            continue;
        }
        struct evtx_field id;
        T_OK(rec.frame.offset + rec.frame.size <= file.n);
        T_OK(evtx_record_head(rec.record, EVTX_EVENT_ID, &id));
        T_OK(!rec.record->damaged);
        if (told.n < 8)
            told.ids[told.n] = rec.frame.id;
        told.n++;
        told.elsewhere += rec.elsewhere;
    }
    told.counts = evtx_recovery_counts(r);
    T_EQ(told.counts.recovered, told.n);
    arena_free(arena);
    return told;
}

static void gives_what_is_behind_the_records_of_a_chunk(void)
{
    struct told told = recover(sample(), false, NULL);
    T_EQ(told.n, 2);
    T_EQ(told.ids[0], 3);
    T_EQ(told.ids[1], 4);
    T_EQ(told.counts.unreadable, 0);
}

static void gives_a_record_once(void)
{
    start_chunk(&chunk);
    size_t definition = put_defining(&chunk, 9, TEMPLATE, "Field");
    patch(&chunk, 48, chunk.n, 4);
    chunk.n += 64;
    for (unsigned i = 0; i < 3; i++) { /* the same twice, and one with another text */
        align(&chunk);
        put_using(&chunk, 3, TEMPLATE, definition, i < 2 ? "three" : "tree");
    }
    align(&chunk);
    put_using(&chunk, 9, TEMPLATE, definition, "hi"); /* the chunk has this one */
    struct told told = recover((struct bytes){chunk.p, chunk.n}, false, NULL);
    T_EQ(told.n, 2);
    T_EQ(told.counts.copies, 2);
}

/* The chunk's own template is another: that of the left over records is gone. */
static struct bytes orphans(void)
{
    start_chunk(&chunk);
    size_t definition = put_defining(&chunk, 9, OTHER, "Other");
    patch(&chunk, 48, chunk.n, 4);
    chunk.n += 64;
    align(&chunk);
    put_using(&chunk, 3, TEMPLATE, definition, "three");
    return (struct bytes){chunk.p, chunk.n};
}

static struct builder library; /* where the definition is still to be found */
static size_t library_at;
static int library_says;
static uint64_t library_means;

static int find(void *context, uint32_t id, struct evtx_definition *ret)
{
    (void)context;
    if (id != TEMPLATE)
        return 0;
    *ret = (struct evtx_definition){
        .id = id, .fingerprint = library_means, .at = (uint32_t)library_at};
    memcpy(ret->guid, library.p + library_at + 4, sizeof ret->guid);
    return library_says;
}

static struct bytes shelf(void *context, const struct evtx_definition *d)
{
    (void)context;
    (void)d;
    return (struct bytes){library.p, library.n};
}

static const struct evtx_elsewhere elsewhere = {NULL, find, shelf};

static void make_library(const char *name)
{
    struct arena *arena = arena_new();
    struct evtx_templates *t = evtx_templates_new(arena);
    struct evtx_definition d = {0};
    const struct evtx_plan *plan;
    struct err err = {0};
    start_chunk(&library);
    library_at = put_definition(&library, TEMPLATE, name);
    struct bytes bytes = {library.p, library.n};
    evtx_templates_record(t, bytes, 0);
    T_EQ(evtx_template_at(t, (uint32_t)library_at, TEMPLATE, &plan, &err), 0);
    T_OK(evtx_templates_learned(t, 0, &d));
    library_means = d.fingerprint;
    library_says = 1;
    arena_free(arena);
}

static void takes_a_template_from_elsewhere(void)
{
    make_library("Field");
    T_EQ(recover(orphans(), false, NULL).n, 0);
    struct told told = recover(orphans(), false, &elsewhere);
    T_EQ(told.n, 1);
    T_EQ(told.ids[0], 3);
}

static void takes_no_template_of_which_there_are_several(void)
{
    make_library("Field");
    library_says = -1;
    struct told told = recover(orphans(), false, &elsewhere);
    T_EQ(told.n, 0);
    T_EQ(told.counts.unreadable, 1);
}

static void takes_no_template_that_has_changed(void)
{
    make_library("Field");
    library_means++;
    T_EQ(recover(orphans(), false, &elsewhere).n, 0);
}

/* A definition at its place with the GUID of a known one that says something else was written
 * over in part: the known one is right. */
static void prefers_what_undamaged_records_say(void)
{
    make_library("Another");
    struct told told = recover(sample(), false, &elsewhere);
    T_EQ(told.n, 2);
    T_EQ(told.elsewhere, 2);
    make_library("Field");
    told = recover(sample(), false, &elsewhere);
    T_EQ(told.n, 2);
    T_EQ(told.elsewhere, 0);
}

/* Where the text stands in the chunk; it is there. */
static size_t place_of(const char *text)
{
    size_t at = RECORDS_AT;
    while (at < chunk.n) {
        size_t i = 0;
        while (text[i] && chunk.p[at + 2 * i] == (uint8_t)text[i] &&
               chunk.p[at + 2 * i + 1] == 0)
            i++;
        if (text[i] == 0)
            return at;
        at++;
    }
    T_OK(false);
    return RECORDS_AT;
}

static void takes_no_record_that_its_values_do_not_fill(void)
{
    struct bytes data = sample();
    size_t sizes = place_of("three") - 2 - 4; /* behind the sizes: the number, then the text */
    T_EQ(chunk.p[sizes], 10);
    chunk.p[sizes] = 6;
    struct told told = recover(data, false, NULL);
    T_EQ(told.n, 1);
    T_EQ(told.ids[0], 4);
    T_EQ(told.counts.unreadable, 1);
}

static void takes_no_value_whose_size_is_not_of_its_type(void)
{
    struct bytes data = sample();
    size_t type = place_of("three") - 2 - 2; /* of the text, behind its size */
    T_EQ(chunk.p[type], 0x01);
    chunk.p[type] = 0x0f; /* a GUID, of ten bytes */
    T_EQ(recover(data, false, NULL).n, 1);
}

static void takes_no_definition_with_a_damaged_name(void)
{
    struct bytes data = sample();
    chunk.p[place_of("Field")] = 'Y';
    struct told told = recover(data, false, NULL);
    T_EQ(told.n, 0);
    T_EQ(told.counts.unreadable, 2);
}

static void finds_chunks_and_lone_records_in_an_image(void)
{
    static uint8_t image[3 * EVTX_CHUNK_SIZE];
    struct bytes data = sample();
    memset(image, 0x5a, sizeof image);
    memcpy(image + 1001, data.p, EVTX_CHUNK_SIZE);
    struct told told = recover((struct bytes){image, sizeof image}, true, NULL);
    T_EQ(told.n, 3);
    T_EQ(told.ids[0], 9);

    uint32_t size = le32(data.p + RECORDS_AT + 4); /* record 9, with its definition */
    memset(image, 0x5a, sizeof image);
    memcpy(image + EVTX_CHUNK_SIZE, data.p + RECORDS_AT, size);
    told = recover((struct bytes){image, sizeof image}, true, NULL);
    T_EQ(told.n, 1);
}

/* What lies between the chunks of an image may be large, and is looked through in proportion. */
static void looks_through_a_large_image(void)
{
    enum { RECORDS = 6000, STEP = 1024 };
    struct arena *arena = arena_new();
    uint8_t *image = ARENA_ARRAY(arena, uint8_t, (size_t)RECORDS * STEP);
    struct bytes data = sample();
    uint32_t size = le32(data.p + RECORDS_AT + 4);
    T_OK(size <= STEP);
    for (size_t i = 0; i < RECORDS; i++)
        memcpy(image + i * STEP, data.p + RECORDS_AT, size);
    struct told told = recover((struct bytes){image, (size_t)RECORDS * STEP}, true, NULL);
    T_EQ(told.gaps, 0);
    /* The first one's chunk would start before the image. */
    T_EQ(told.counts.recovered + told.counts.copies, RECORDS - 1);
    arena_free(arena);
}

/* A thousand shells one within the other. */
static void gives_up_what_is_made_to_cost_time(void)
{
    start_chunk(&chunk);
    patch(&chunk, 48, 512, 4);
    enum { FIRST = 1024, STEP = 32, SHELLS = 1000, SIZE = STEP * 40 };
    for (size_t i = 0; i < SHELLS; i++) {
        size_t at = FIRST + i * STEP;
        patch(&chunk, at, 0x2a2a, 4);
        patch(&chunk, at + 4, SIZE, 4);
        patch(&chunk, at + 16, UINT64_C(0x01d415586e15d29b), 8);
        patch(&chunk, at + SIZE - 4, SIZE, 4); /* the copy: the last bytes of another step */
    }
    struct told told = recover((struct bytes){chunk.p, EVTX_CHUNK_SIZE}, false, NULL);
    T_EQ(told.n, 0);
    T_EQ(told.gaps, 1);
    T_OK(told.counts.unreadable > 500 && told.counts.unreadable < 1000);
}

static void any(struct bytes data)
{
    struct told told = recover(data, false, NULL);
    T_OK(told.n <= 3);
    told = recover(data, true, NULL);
    T_OK(told.n <= 3);
}

static void survives_every_truncation(void)
{
    struct bytes data = sample();
    t_each_prefix((struct bytes){data.p + 400, data.n - 400}, any);
}

static void survives_every_flipped_byte(void)
{
    struct bytes data = sample();
    for (size_t i = 0; i < data.n; i++) {
        unsigned flip = i % 2 ? 0xff : 0x01;
        if (i > 128 && i < RECORDS_AT)
            continue;
        chunk.p[i] ^= (uint8_t)flip;
        any(data);
        chunk.p[i] ^= (uint8_t)flip;
    }
}

int main(void)
{
    T_RUN(gives_what_is_behind_the_records_of_a_chunk);
    T_RUN(gives_a_record_once);
    T_RUN(takes_a_template_from_elsewhere);
    T_RUN(takes_no_template_of_which_there_are_several);
    T_RUN(takes_no_template_that_has_changed);
    T_RUN(prefers_what_undamaged_records_say);
    T_RUN(takes_no_record_that_its_values_do_not_fill);
    T_RUN(takes_no_value_whose_size_is_not_of_its_type);
    T_RUN(takes_no_definition_with_a_damaged_name);
    T_RUN(finds_chunks_and_lone_records_in_an_image);
    T_RUN(looks_through_a_large_image);
    T_RUN(gives_up_what_is_made_to_cost_time);
    T_RUN(survives_every_truncation);
    T_RUN(survives_every_flipped_byte);
    return t_done();
}
