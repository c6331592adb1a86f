/* The languages that the program has, and the style sheet. */
#include "base/embed.h"
#include "report/report_case.h"

extern const struct embedded report_files[];

static struct str file_named(struct str name)
{
    for (const struct embedded *e = report_files; e->path; e++)
        if (str_eq(str_of(e->path), name))
            return (struct str){(const char *)e->p, e->n};
    return STR("");
}

struct str report_style(void)
{
    return file_named(STR("report.css"));
}

/* " en ja": what there is. */
static struct str known_languages(struct arena *arena)
{
    struct str list = STR("");
    struct str folder = STR("lang/");
    for (const struct embedded *e = report_files; e->path; e++) {
        struct str path = str_of(e->path);
        if (str_starts(path, folder))
            list =
                arena_printf(arena, "%.*s %.*s", STR_ARG(list),
                             STR_ARG(str_part(path, folder.n, path.n - (sizeof ".txt" - 1))));
    }
    return list;
}

int report_language(const char *code, struct str file, struct arena *arena, struct lang **ret,
                    struct err *err)
{
    struct str english = file_named(STR("lang/en.txt"));
    struct str other = file;
    if (other.n == 0 && str_eq(str_of(code), STR("en")))
        return lang_load(english, STR(""), arena, ret, err);
    if (other.n == 0)
        other = file_named(arena_printf(arena, "lang/%.32s.txt", code));
    if (other.n == 0)
        return err_set(err, ERR_INVALID, "language \"%.32s\": there are%.*s", code,
                       STR_ARG(known_languages(arena)));
    return lang_load(english, other, arena, ret, err);
}
