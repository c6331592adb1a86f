/* pipeline_run_main.c - rules through pipelines, for tests: one line of JSON for each rule.
 *
 * pipeline_run RULES PIPELINE...   RULES: a folder of .yml files
 *   PIPELINE: a file, or the name of a pipeline that is built in
 *   prints {"path": ..., "rule": {...}} or {"path": ..., "refused": "why"};
 *   {"any": [...]} under the key "" is a YAML_ANY
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/limits.h"
#include "rule/pipeline.h"
#include "sys/dir.h"
#include "sys/file.h"

enum { PIPELINES_MAX = 16 };

static void stop(const char *path, const struct err *err)
{
    (void)fprintf(stderr, "%s: %s\n", path, err->msg);
    exit(2);
}

/* 0429: a number in YAML 1.2, text in 1.1, which is what pySigma reads. */
static bool is_padded(const struct yaml *y)
{
    char digits[24];
    int n = snprintf(digits, sizeof digits, "%lld", (long long)y->integer);
    return y->text.n > (size_t)n && y->text.p[0] == '0' &&
           str_iends(y->text, (struct str){digits, (size_t)n});
}

static void write_yaml(struct json_out *j, const struct yaml *y)
{
    if (y->type == YAML_NULL) {
        json_null(j);
    } else if (y->type == YAML_BOOL) {
        json_bool(j, y->integer != 0);
    } else if (y->type == YAML_FLOAT) {
        json_raw(j, y->text);
    } else if (y->type == YAML_STRING || (y->type == YAML_INT && is_padded(y))) {
        json_str(j, y->text);
    } else if (y->type == YAML_INT) {
        json_i64(j, y->integer);
    } else {
        if (y->type == YAML_ANY) {
            json_begin(j, '{');
            json_key(j, "any");
        }
        json_begin(j, y->type == YAML_MAP ? '{' : '[');
        for (const struct yaml *c = y->child; c; c = c->next) {
            if (y->type == YAML_MAP)
                json_key_str(j, c->key);
            write_yaml(j, c);
        }
        json_end(j, y->type == YAML_MAP ? '}' : ']');
        if (y->type == YAML_ANY)
            json_end(j, '}');
    }
}

static void run_rule(struct pipeline *const *pipelines, size_t n, struct str path,
                     const struct yaml *document, struct arena *arena)
{
    struct buf out = buf_new(SIZE_MAX / 4);
    struct json_out j = json_out(&out);
    struct err err = {0};
    const struct yaml *made = NULL;
    json_begin(&j, '{');
    json_key(&j, "path");
    json_str(&j, path);
    if (pipeline_apply(pipelines, n, document, arena, &made, &err) == 0) {
        json_key(&j, "rule");
        write_yaml(&j, made);
    } else {
        json_key(&j, "refused");
        json_cstr(&j, err.msg);
    }
    json_end(&j, '}');
    printf("%.*s\n", STR_ARG(buf_str(&out)));
    buf_free(&out);
}

static void run_folder(const char *root, struct pipeline *const *pipelines, size_t n)
{
    struct arena *list_arena = arena_new();
    struct dir_list list = {0};
    struct err err = {0};
    if (dir_walk(root, 0, list_arena, &list, &err) != 0)
        stop(root, &err);
    for (size_t i = 0; i < list.n; i++) {
        struct str path = list.entries[i].path;
        struct bytes text = {0};
        struct yaml *document = NULL;
        if (!str_iends(path, STR(".yml")))
            continue;
        struct arena *arena = arena_new();
        if (file_read(path.p, LIMIT_RULE_FILE, arena, &text, &err) != 0 ||
            yaml_parse((struct str){(const char *)text.p, text.n}, arena, &document, &err) != 0)
            stop(path.p, &err);
        for (; document; document = document->next)
            run_rule(pipelines, n, path, document, arena);
        arena_free(arena);
    }
    arena_free(list_arena);
}

int main(int argc, char **argv)
{
    struct arena *arena = arena_new();
    struct pipeline *pipelines[PIPELINES_MAX] = {NULL};
    size_t n = 0;
    for (int i = 2; i < argc && n < PIPELINES_MAX; i++) {
        struct bytes bytes = {0};
        struct str text = {0};
        struct err err = {0};
        if (!pipeline_builtin(str_of(argv[i]), &text)) {
            if (file_read(argv[i], LIMIT_RULE_FILE, arena, &bytes, &err) != 0)
                stop(argv[i], &err);
            text = (struct str){(const char *)bytes.p, bytes.n};
        }
        if (pipeline_parse(text, arena, &pipelines[n++], &err) != 0)
            stop(argv[i], &err);
    }
    if (argc > 2)
        run_folder(argv[1], pipelines, n);
    for (size_t i = 0; i < n; i++)
        pipeline_free(pipelines[i]);
    arena_free(arena);
    return argc > 2 ? 0 : 2;
}
