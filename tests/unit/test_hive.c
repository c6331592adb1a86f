#include "format/hive.h"

#include "hive_t.h"

struct seen { /* what a walk gave, a line each */
    char text[8192];
    size_t items, gaps;
    char gap[240]; /* the last one's reason */
};

static void walk(struct bytes file, struct seen *s)
{
    struct arena *arena = arena_new();
    struct hive h;
    struct err err = {0};
    size_t n = 0;
    *s = (struct seen){0};
    if (hive_open(file, arena, &h, &err) == 0) {
        struct hive_walk *w = hive_walk_new(&h, arena);
        struct hive_item i;
        struct hive_gap gap;
        int got;
        while ((got = hive_walk_next(w, &i, &gap, &err)) != 0) {
            if (got < 0) {
                s->gaps++;
                (void)snprintf(s->gap, sizeof s->gap, "%s", err.msg);
                T_OK(gap.from <= gap.to && gap.to <= file.n);
                continue;
            }
            struct bytes data = {0};
            s->items++;
            struct str name = i.has_value ? hive_text(i.value.name, arena) : STR("-");
            if (i.has_value)
                (void)hive_data(&h, &i.value, arena, &data, &err);
            if (n < sizeof s->text - 512)
                n += (size_t)snprintf(s->text + n, sizeof s->text - n, "%.*s|%.*s|%zu\n",
                                      STR_ARG(i.path), STR_ARG(name), data.n);
        }
    } else {
        s->gaps++;
        (void)snprintf(s->gap, sizeof s->gap, "%s", err.msg);
    }
    arena_free(arena);
}

static void read_any(struct bytes file)
{
    struct seen s;
    walk(file, &s);
}

/* Keys of all kinds of lists, values in and outside of their cells. */
static struct t_hive *sample(const char *list)
{
    struct t_hive *t = t_hive_new();
    t->list = list;
    int a = t_hive_key(t, 0, "Alpha");
    int b = t_hive_key(t, 0, "Beta");
    (void)t_hive_key(t, a, "One");
    int two = t_hive_key(t, a, "Two");
    (void)t_hive_key(t, two, "Deep");
    t_hive_text(t, b, "Text", "some text");
    t_hive_number(t, b, "Number", 5);
    t_hive_text(t, two, "", "of the key");
    return t;
}

static const char WALKED[] = "|-|0\nAlpha|-|0\nAlpha\\One|-|0\nAlpha\\Two||22\n"
                             "Alpha\\Two\\Deep|-|0\nBeta|Text|20\nBeta|Number|4\n";

static void keys_and_values_of_every_kind_of_list(void)
{
    static const char *const lists[] = {"lf", "lh", "li", "ri"};
    for (size_t i = 0; i < 4; i++) {
        struct t_hive *t = sample(lists[i]);
        struct seen s;
        walk(t_hive_done(t), &s);
        T_EQ(s.gaps, 0);
        T_OK(strcmp(s.text, WALKED) == 0);
        free(t);
    }
}

static void data_of_many_cells_are_joined(void)
{
    enum { SIZE = 40000, SEGMENT = 16344, PARTS = 3 };
    struct t_hive *t = t_hive_new();
    uint32_t v = t_hive_value(t, 0, "Big", HIVE_BINARY, "12345678", 8);
    uint32_t db = t_hive_cell(t, 8);
    uint32_t list = t_hive_cell(t, PARTS * 4);
    memcpy(t_hive_at(t, db) + 4, "db", 2);
    t_put(t_hive_at(t, db) + 6, PARTS, 2);
    t_put(t_hive_at(t, db) + 8, list, 4);
    t_put(t_hive_at(t, v) + 8, SIZE, 4);
    t_put(t_hive_at(t, v) + 12, db, 4);
    for (uint32_t i = 0; i < PARTS; i++) {
        uint32_t part = t_hive_cell(t, SEGMENT + 4);
        memset(t_hive_at(t, part) + 4, 'a' + (int)i, SEGMENT);
        t_put(t_hive_at(t, list) + 4 + (size_t)i * 4, part, 4);
    }
    struct bytes file = t_hive_done(t);
    struct arena *arena = arena_new();
    struct hive h;
    struct err err = {0};
    struct hive_key root;
    struct hive_value value;
    struct bytes data = {0};
    T_EQ(hive_open(file, arena, &h, &err), 0);
    T_OK(hive_find_key(&h, STR(""), &root));
    T_OK(hive_find_value(&h, &root, STR("bIG"), &value));
    T_EQ(hive_data(&h, &value, arena, &data, &err), 0);
    T_EQ(data.n, SIZE);
    T_EQ(data.p[SEGMENT - 1], 'a');
    T_EQ(data.p[SEGMENT], 'b');
    T_EQ(data.p[SIZE - 1], 'c');
    struct seen s;
    walk(file, &s);
    T_EQ(s.gaps, 0);
    /* A part that is named twice is nobody's. */
    t_put(t_hive_at(t, list) + 4 + 4,
          (uint64_t)t_hive_at(t, list)[4] | (uint64_t)t_hive_at(t, list)[5] << 8, 4);
    walk(file, &s);
    T_EQ(s.gaps, 1);
    T_EQ(s.items, 1);
    arena_free(arena);
    free(t);
}

static void look_ups_ignore_case(void)
{
    struct t_hive *t = sample("ri");
    struct arena *arena = arena_new();
    struct hive h;
    struct err err = {0};
    struct hive_key key;
    T_EQ(hive_open(t_hive_done(t), arena, &h, &err), 0);
    T_OK(hive_find_key(&h, STR("ALPHA\\two\\Deep"), &key));
    T_OK(!hive_find_key(&h, STR("Alpha\\Three"), &key));
    T_OK(!hive_find_key(&h, STR("Alpha\\\\Two"), &key));
    T_OK(!hive_is_dirty(&h));
    arena_free(arena);
    free(t);
}

static void damage_costs_what_it_touches(void)
{
    struct t_hive *t = sample("lh");
    struct bytes file = t_hive_done(t);
    struct seen s;
    t_hive_at(t, t->keys[1].cell)[4] = 'x'; /* Alpha */
    walk(file, &s);
    T_EQ(s.gaps, 1);
    T_OK(strcmp(s.text, "|-|0\nBeta|Text|20\nBeta|Number|4\n") == 0);
    free(t);
}

static void a_circle_is_damage(void)
{
    struct t_hive *t = sample("li");
    struct bytes file = t_hive_done(t);
    struct seen s;
    uint8_t *deep = t_hive_at(t, t->keys[5].cell) + 4;
    uint8_t *two = t_hive_at(t, t->keys[4].cell) + 4;
    t_put(deep + 20, 1, 4);
    memcpy(deep + 28, two + 28, 4); /* Deep has itself for a key */
    walk(file, &s);
    T_EQ(s.gaps, 1);
    T_OK(strcmp(s.text, WALKED) == 0);
    free(t);
}

static void a_damaged_header_does_not_hide_the_keys(void)
{
    struct t_hive *t = sample("lh");
    struct bytes file = t_hive_done(t);
    struct seen s;
    memset(t->bytes + 20, 0xff, 400);
    walk(file, &s);
    T_EQ(s.gaps, 0); /* that it is dirty is told apart */
    T_OK(strcmp(s.text, WALKED) == 0);
    struct arena *arena = arena_new();
    struct hive h;
    struct err err = {0};
    T_EQ(hive_open(file, arena, &h, &err), 0);
    T_OK(hive_is_dirty(&h));
    arena_free(arena);
    free(t);
}

static void a_damaged_bin_is_told(void)
{
    struct t_hive *t = sample("lh");
    struct bytes file = t_hive_done(t);
    struct seen s;
    t_hive_at(t, 0)[0] = 'H';
    walk(file, &s);
    T_EQ(s.gaps, 1);
    T_OK(strcmp(s.text, WALKED) == 0);
    free(t);
}

static void logs_and_other_versions_are_refused(void)
{
    struct t_hive *t = sample("lh");
    struct bytes file = t_hive_done(t);
    struct seen s;
    t_put(t->bytes + 28, 6, 4);
    t_hive_seal(t);
    walk(file, &s);
    T_EQ(s.items, 0);
    T_OK(strstr(s.gap, "log") != NULL);
    t_put(t->bytes + 28, 0, 4);
    t_put(t->bytes + 24, 2, 4);
    t_hive_seal(t);
    walk(file, &s);
    T_OK(strstr(s.gap, "version 1.2") != NULL);
    free(t);
}

static void any_bytes_are_read_to_an_end(void)
{
    struct t_hive *t = sample("ri");
    struct bytes file = t_hive_done(t);
    t_each_prefix(file, read_any);
    for (size_t i = 0; i < HIVE_HEADER + (size_t)t->at; i++) {
        if (i == 512)
            i = HIVE_HEADER;
        for (unsigned bit = 0; bit < 8; bit++) {
            t->bytes[i] ^= (uint8_t)(1U << bit);
            read_any(file);
            t->bytes[i] ^= (uint8_t)(1U << bit);
        }
    }
    free(t);
}

int main(void)
{
    T_RUN(keys_and_values_of_every_kind_of_list);
    T_RUN(data_of_many_cells_are_joined);
    T_RUN(look_ups_ignore_case);
    T_RUN(damage_costs_what_it_touches);
    T_RUN(a_circle_is_damage);
    T_RUN(a_damaged_header_does_not_hide_the_keys);
    T_RUN(a_damaged_bin_is_told);
    T_RUN(logs_and_other_versions_are_refused);
    T_RUN(any_bytes_are_read_to_an_end);
    return t_done();
}
