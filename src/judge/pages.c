/* Which folders of a host's web sites were collected, and which pages lie in them. */
#include "judge/judge_int.h"

#include "event/webpath.h"

struct collected {
    size_t host;
    struct names folders, pages; /* in lower case; folders with their last '/' */
    struct numbers files;        /* of each web path the first file that has it */
};

static void note_file(struct judge *j, size_t evidence, struct collected *all)
{
    const struct evidence *e = &j->in->findings->evidence[evidence];
    struct str web = text_lower(
        e->web_path.n ? e->web_path : webpath_of_layouts(e->path, j->arena), j->arena);
    if (e->web_path.n && numbers_get(&all->files, web) == SIZE_MAX)
        numbers_set(&all->files, web, evidence, j->arena);
    if (web.n == 0 || judge_is_past(e->path))
        return;
    struct str folder = str_part(web, 0, web.n - judge_page_name(web).n);
    (void)names_number(&all->folders, folder, j->arena);
    if (!e->deleted)
        (void)names_number(&all->pages, web, j->arena);
}

/* What was collected of a host: read once, the hosts are judged one after the other. */
static const struct collected *collected_of(struct judge *j, size_t host)
{
    if (j->collected && j->collected->host == host)
        return j->collected;
    struct collected *all = ARENA_NEW(j->arena, struct collected);
    all->host = host;
    for (size_t k = j->evidence_from[host]; k < j->evidence_from[host + 1]; k++)
        note_file(j, j->evidence_at[k], all);
    j->collected = all;
    return all;
}

bool judge_folder_collected(struct judge *j, size_t host, struct str web_path, bool *ret_page)
{
    const struct collected *all = collected_of(j, host);
    struct str web = text_lower(web_path, j->arena);
    struct str folder = str_part(web, 0, web.n - judge_page_name(web).n);
    *ret_page = names_find(&all->pages, web) != SIZE_MAX;
    return names_find(&all->folders, folder) != SIZE_MAX;
}

const struct evidence *judge_file_at(struct judge *j, size_t host, struct str web_path)
{
    size_t at = numbers_get(&collected_of(j, host)->files, text_lower(web_path, j->arena));
    return at == SIZE_MAX ? NULL : &j->in->findings->evidence[at];
}
