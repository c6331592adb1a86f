#include "cli/cmd.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/password.h"
#include "cli/run.h"
#include "cli/verify.h"
#include "sys/file.h"

enum {
    O_MANIFEST,
    O_KEY,
    O_PUBKEY,
    O_EVIDENCE,
    O_REPLAY,
    O_JOBS,
    O_FORMAT,
    O_PASSWORD,
    O_PROGRESS,
};

static const struct opt OPTS[] = {
    [O_MANIFEST] = {'m', "manifest", "FILE", "the manifest (default: CASE.manifest)", OPT_TEXT},
    [O_KEY] = {'k', "key", "FILE", "the public key of who sealed it", OPT_TEXT},
    [O_PUBKEY] = {0, "pubkey", "BASE64", "the same as text", OPT_TEXT},
    [O_EVIDENCE] = {'e', "evidence", NULL,
                    "hash the evidence anew: at PATH..., one for each path that\nwas scanned, "
                    "or where it lay",
                    OPT_FLAG},
    [O_REPLAY] = {0, "replay", NULL,
                  "scan it again with the same options, and compare the verdict", OPT_FLAG},
    [O_JOBS] = {'j', "jobs", "N", "processes (default: one per processor)", OPT_TEXT},
    [O_FORMAT] = {'f', "format", "text|json", "how the result is printed", OPT_TEXT},
    [O_PASSWORD] = {0, "password-file", "FILE",
                    "for --replay: the password of encrypted members of archives", OPT_TEXT},
    [O_PROGRESS] = {0, "progress", "auto|text|json|none",
                    "how far --evidence and --replay are, on standard error\n(default auto: "
                    "text on a terminal)",
                    OPT_TEXT},
    {0},
};

static struct str text_of(struct bytes b)
{
    return (struct str){(const char *)b.p, b.n};
}

/* --- the signature ------------------------------------------------------------------------- */

/* 1 a key was given, 0 none, -1 */
static int read_key(const struct args *args, struct minisign_public *ret, struct err *err)
{
    const char *path = args->text[O_KEY];
    const char *given = args->text[O_PUBKEY];
    struct bytes text = {0};
    if (path && given)
        return err_set(err, ERR_INVALID, "--key and --pubkey: want one of them");
    if (given)
        return minisign_read_public(str_of(given), ret, err) < 0 ? err_at(err, "--pubkey") : 1;
    if (!path)
        return 0;
    if (file_read(path, MINISIGN_FILE, args->arena, &text, err) < 0)
        return -1;
    return minisign_read_public(text_of(text), ret, err) < 0 ? err_at(err, "%s", path) : 1;
}

static void fail(struct verification *v, const struct err *why, struct arena *arena)
{
    v->signature = SIGNATURE_FAILS;
    v->why = arena_str(arena, str_of(why->msg));
}

static int check_signature(const struct args *args, struct bytes manifest,
                           struct verification *v, struct err *err)
{
    struct minisign_public key = {0};
    struct minisign_signature s;
    struct bytes text = {0};
    struct err why = {0};
    const char *path = arena_printf(args->arena, "%s.minisig", v->manifest_path).p;
    int given = read_key(args, &key, err);
    if (given < 0)
        return -1;
    if (access(path, F_OK) != 0)
        return given ? err_set(err, ERR_NOT_FOUND, "%s: there is no signature to check", path)
                     : 0;
    if (file_read(path, MINISIGN_FILE, args->arena, &text, err) < 0)
        return -1;
    if (minisign_read_signature(text_of(text), &s, &why) < 0) {
        fail(v, &why, args->arena);
        return 0;
    }
    minisign_id(s.id, v->key);
    v->comment = s.comment;
    v->signature = given ? SIGNATURE_HOLDS : SIGNATURE_UNCHECKED;
    if (given && minisign_check(&key, &s, manifest, &why) < 0)
        fail(v, &why, args->arena);
    return 0;
}

/* --- the case ------------------------------------------------------------------------------ */

/* A case that cannot be read whole may still be told from the one that was sealed. */
static int make_again(struct verification *v, struct buf *out, struct arena *arena,
                      struct err *err)
{
    struct err why = {0};
    const struct str head[] = {STR("assay.manifest"), STR("1")};
    if (seal_case(v->path, out, &why) == 0)
        return 0;
    v->damaged = arena_str(arena, str_of(why.msg));
    buf_clear(out);
    manifest_line(out, head, 2);
    return seal_bytes(v->path, out, err);
}

static void keep_kind(struct manifest *m, const char *kind, const char *about)
{
    size_t n = 0;
    for (size_t i = 0; i < m->n; i++)
        if (str_eq(m->list[i].kind, str_of(kind)) && str_eq(m->list[i].about, str_of(about)))
            m->list[n++] = m->list[i];
    m->n = n;
}

static int compare_case(struct verification *v, struct arena *arena, struct err *err)
{
    struct buf *text = ARENA_NEW(arena, struct buf); /* what is told borrows from it */
    struct manifest found = {0};
    struct manifest sealed = v->sealed;
    *text = buf_new(MANIFEST_BYTES);
    if (make_again(v, text, arena, err) < 0 ||
        manifest_parse(arena_str(arena, buf_str(text)), arena, &found, err) < 0) {
        buf_free(text);
        return -1;
    }
    buf_free(text);
    if (v->damaged.n) {
        struct statement *copy = ARENA_ARRAY(arena, struct statement, sealed.n);
        memcpy(copy, sealed.list, sealed.n * sizeof *copy);
        sealed.list = copy;
        keep_kind(&sealed, "case", "file");
        keep_kind(&found, "case", "file");
    }
    v->n = manifest_compare(&sealed, &found, arena, &v->list);
    if (v->damaged.n && v->n == 0)
        return err_set(err, ERR_UNSUPPORTED, "%.*s", STR_ARG(v->damaged));
    return 0;
}

/* --- all of it ----------------------------------------------------------------------------- */

static int check_evidence(const struct args *args, struct verification *v, struct err *err)
{
    size_t jobs = 0;
    const char *const *paths = args->operands + 1;
    size_t n = args->n_operands - 1;
    const char *left_out[] = {v->path, v->manifest_path,
                              arena_printf(args->arena, "%s.minisig", v->manifest_path).p};
    if (cmd_jobs(args->text[O_JOBS], &jobs, err) < 0)
        return -1;
    if ((args->flag[O_EVIDENCE] || args->flag[O_REPLAY]) && n == 0)
        n = verify_roots(&v->sealed, args->arena, (const char ***)&paths);
    if (args->flag[O_EVIDENCE] &&
        verify_files(v, paths, n, left_out, 3, jobs, args->arena, err) < 0)
        return -1;
    const char *password = NULL;
    if (password_read(NULL, args->text[O_PASSWORD], args->arena, &password, err) < 0)
        return -1;
    if (args->flag[O_REPLAY] &&
        verify_replay(v, paths, n, password, args->text[O_JOBS], args->arena, err) < 0)
        return -1;
    return 0;
}

static int check_all(const struct args *args, struct verification *v, struct err *err)
{
    struct bytes text = {0};
    if (args->n_operands > 1 && !args->flag[O_EVIDENCE] && !args->flag[O_REPLAY])
        return err_set(err, ERR_INVALID,
                       "paths are for --evidence and --replay: give one of them");
    if (file_read(v->manifest_path, MANIFEST_BYTES, args->arena, &text, err) < 0)
        return -1;
    if (check_signature(args, text, v, err) < 0)
        return -1;
    if (manifest_parse(text_of(text), args->arena, &v->sealed, err) < 0) {
        if (v->signature != SIGNATURE_FAILS)
            return err_at(err, "%s", v->manifest_path);
        v->damaged = arena_str(args->arena, str_of(err->msg)); /* no wonder */
        *err = (struct err){0};
        return 0;
    }
    if (compare_case(v, args->arena, err) < 0 || check_evidence(args, v, err) < 0)
        return -1;
    v->holds = v->signature != SIGNATURE_FAILS && v->n == 0 && v->files.n == 0 &&
               (!v->replay.done || v->replay.same);
    return 0;
}

static int verify(const struct args *args, struct err *err)
{
    struct verification v = {.path = args->operands[0]};
    enum cmd_format format = AS_TEXT;
    v.manifest_path = args->text[O_MANIFEST]
                          ? args->text[O_MANIFEST]
                          : arena_printf(args->arena, "%s.manifest", v.path).p;
    if (cmd_format(args->text[O_FORMAT], AS_JSON, &format, err) < 0 ||
        progress_mode(args->text[O_PROGRESS], &v.progress, err) < 0 ||
        check_all(args, &v, err) < 0)
        return EXIT_ERROR;
    struct buf out = buf_new(SIZE_MAX / 4);
    int status = v.holds ? EXIT_OK : EXIT_SEEN;
    if (format == AS_JSON)
        verify_json(&v, status, &out);
    else
        verify_text(&v, &out);
    if (run_print(buf_str(&out), err) < 0)
        status = EXIT_ERROR;
    buf_free(&out);
    return status;
}

static const struct example EXAMPLES[] = {
    {"assay verify case.db --key theirs.pub", "is it what they signed?"},
    {"assay verify case.db --evidence copy/", "and is the evidence what it was?"},
    {"assay verify case.db --replay copy/", "does it give the same verdict again?"},
    {0},
};

const struct cmd CMD_VERIFY = {
    .name = "verify",
    .summary = "say whether a case and its evidence are what was sealed",
    .operands = "CASE [PATH...]",
    .detail = "Exit status: 0 all holds; 1 something differs, and where; 2 it cannot be "
              "checked. Without a key it says whether the case fits its manifest, not who "
              "wrote that.",
    .opts = OPTS,
    .examples = EXAMPLES,
    .least = 1,
    .most = ARGS_MAX,
    .run = verify,
};
