/* choice.c - see choice.h. */
#include "rule/choice.h"

#include "rule/rules.h"

static struct str trimmed(struct str s)
{
    while (s.n && s.p[0] == ' ')
        s = str_part(s, 1, s.n);
    while (s.n && s.p[s.n - 1] == ' ')
        s.n--;
    return s;
}

static int add_word(struct choice_words *words, struct str word, struct err *err)
{
    bool no = word.n && word.p[0] == '!';
    size_t *n = no ? &words->n_unwanted : &words->n_wanted;
    struct str *list = no ? words->unwanted : words->wanted;
    word = trimmed(str_part(word, no ? 1 : 0, word.n));
    if (word.n == 0)
        return err_set(err, ERR_INVALID, "an empty word");
    if (*n == CHOICE_WORDS_MAX)
        return err_set(err, ERR_LIMIT, "more than %d words", CHOICE_WORDS_MAX);
    list[(*n)++] = word;
    return 0;
}

int choice_add(struct choice_words *words, struct str text, struct err *err)
{
    for (size_t at = 0; at <= text.n;) {
        size_t end = str_find(text, STR(","), at);
        end = end < text.n ? end : text.n;
        if (add_word(words, trimmed(str_part(text, at, end)), err) < 0)
            return -1;
        at = end + 1;
    }
    return 0;
}

/* ---- what a word asks of a document ---- */

static bool has_status(const struct yaml *document, struct str word)
{
    return str_ieq(yaml_text(document, "status"), word);
}

static bool has_tag(const struct yaml *document, struct str word)
{
    const struct yaml *tags = yaml_get(document, "tags");
    const struct yaml *y = tags && tags->type == YAML_LIST ? tags->child : tags;
    for (; y; y = tags->type == YAML_LIST ? y->next : NULL)
        if (str_istarts(y->text, word))
            return true;
    return false;
}

static bool has_part(const struct yaml *logsource, struct str part)
{
    return str_ieq(yaml_text(logsource, "product"), part) ||
           str_ieq(yaml_text(logsource, "category"), part) ||
           str_ieq(yaml_text(logsource, "service"), part);
}

static bool has_logsource(const struct yaml *document, struct str word)
{
    const struct yaml *logsource = yaml_get(document, "logsource");
    for (size_t at = 0; at <= word.n;) {
        size_t end = str_find(word, STR("/"), at);
        end = end < word.n ? end : word.n;
        if (!has_part(logsource, str_part(word, at, end)))
            return false;
        at = end + 1;
    }
    return true;
}

static bool fits(const struct choice_words *words, const struct yaml *document,
                 bool (*has)(const struct yaml *, struct str))
{
    bool wanted = words->n_wanted == 0;
    for (size_t i = 0; i < words->n_unwanted; i++)
        if (has(document, words->unwanted[i]))
            return false;
    for (size_t i = 0; i < words->n_wanted && !wanted; i++)
        wanted = has(document, words->wanted[i]);
    return wanted;
}

bool choice_takes_logsource(const struct choice *choice, const struct yaml *document)
{
    return fits(&choice->logsource, document, has_logsource);
}

bool choice_takes_correlation(const struct choice *choice, const struct yaml *document)
{
    enum level level = LEVEL_MEDIUM;
    struct str text = yaml_text(document, "level");
    if (document->type != YAML_MAP || (text.n && !level_parse(text, &level)))
        return true;
    return (int)level >= choice->min_level && fits(&choice->status, document, has_status) &&
           fits(&choice->tags, document, has_tag);
}

bool choice_takes(const struct choice *choice, const struct yaml *document)
{
    enum level level = LEVEL_MEDIUM;
    struct str text = yaml_text(document, "level");
    if (document->type != YAML_MAP || (text.n && !level_parse(text, &level)))
        return true;
    return choice_takes_correlation(choice, document) &&
           choice_takes_logsource(choice, document);
}
