/* documents.c - see documents.h. */
#include "rule/documents.h"

#include "base/limits.h"

static void append(struct documents *list, struct str path, struct str pack,
                   const struct yaml *yaml)
{
    struct document *d = ARENA_NEW(list->arena, struct document);
    *d = (struct document){.path = path, .pack = pack, .yaml = yaml};
    if (list->last)
        list->last->next = d;
    else
        list->first = d;
    list->last = d;
}

int documents_add(struct documents *list, struct str path, struct str pack, struct str text,
                  struct yaml_mark *ret_at, struct err *err)
{
    struct yaml *yaml = NULL;
    if (text.n > LIMIT_RULE_FILE)
        return err_set(err, ERR_LIMIT, "the file has %zu bytes, more than %d", text.n,
                       LIMIT_RULE_FILE);
    *ret_at = (struct yaml_mark){1, 1};
    if (yaml_parse_at(text, list->arena, &yaml, ret_at, err) != 0)
        return -1;
    for (; yaml; yaml = yaml->next) {
        if (yaml->type != YAML_NULL) /* else an empty document between two "---" */
            append(list, path, pack, yaml);
    }
    return 0;
}

int document_check(const struct yaml *document, struct err *err)
{
    if (document->type != YAML_MAP)
        return err_set(err, ERR_INVALID, "not a rule: the document is not a map");
    if (yaml_get(document, "correlation"))
        return err_set(err, ERR_UNSUPPORTED, "correlation rules are not evaluated yet");
    if (yaml_get(document, "filter"))
        return err_set(err, ERR_UNSUPPORTED, "filter documents are not applied yet");
    if (yaml_get(document, "action"))
        return err_set(err, ERR_UNSUPPORTED,
                       "rule collections (action: global, repeat, reset) are not read");
    const struct yaml *logsource = yaml_get(document, "logsource");
    if (!logsource || logsource->type != YAML_MAP)
        return err_set(err, ERR_INVALID, "no log source");
    return 0;
}
