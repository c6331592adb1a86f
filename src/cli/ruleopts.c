#include "cli/ruleopts.h"

static int read_words(const struct args *args, size_t option, const char *name,
                      struct choice_words *words, struct err *err)
{
    for (size_t i = 0; i < args->n_texts[option]; i++) {
        const char *text = args->texts[option][i];
        if (choice_add(words, str_of(text), err) < 0)
            return err_at(err, "--%s %s", name, text);
    }
    return 0;
}

static bool is_status(struct str word)
{
    static const char *const known[] = {"stable", "test", "experimental", "deprecated",
                                        "unsupported"};
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (str_ieq(word, str_of(known[i])))
            return true;
    return false;
}

static int check_status(const struct choice_words *words, struct err *err)
{
    for (size_t i = 0; i < words->n_wanted + words->n_unwanted; i++) {
        struct str word =
            i < words->n_wanted ? words->wanted[i] : words->unwanted[i - words->n_wanted];
        if (!is_status(word))
            return err_set(err, ERR_INVALID,
                           "--status %.*s: want stable, test, experimental, deprecated or "
                           "unsupported",
                           STR_ARG(word));
    }
    return 0;
}

int ruleopts_read(const struct args *args, size_t first, struct setup_options *ret,
                  struct err *err)
{
    struct choice *choice = ARENA_NEW(args->arena, struct choice);
    const char *level = args->text[first + RULEOPT_MIN_LEVEL];
    enum level from = LEVEL_INFORMATIONAL;
    ret->rule_paths = args->texts[first + RULEOPT_RULES];
    ret->n_rule_paths = args->n_texts[first + RULEOPT_RULES];
    ret->placeholders = args->texts[first + RULEOPT_PLACEHOLDER];
    ret->n_placeholders = args->n_texts[first + RULEOPT_PLACEHOLDER];
    ret->pipelines = args->texts[first + RULEOPT_PIPELINE];
    ret->n_pipelines = args->n_texts[first + RULEOPT_PIPELINE];
    if (level && !level_parse(str_of(level), &from))
        return err_set(err, ERR_INVALID,
                       "--min-level %s: want informational, low, medium, high or critical",
                       level);
    choice->min_level = (int)from;
    if (read_words(args, first + RULEOPT_STATUS, "status", &choice->status, err) < 0 ||
        check_status(&choice->status, err) < 0 ||
        read_words(args, first + RULEOPT_TAG, "tag", &choice->tags, err) < 0 ||
        read_words(args, first + RULEOPT_LOGSOURCE, "logsource", &choice->logsource, err) < 0)
        return -1;
    ret->choice = choice;
    return 0;
}
