#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "cli/cmd.h"
#include "cli/password.h"
#include "store/seal.h"
#include "sys/askpass.h"
#include "sys/file.h"
#include "sys/minisign.h"

enum { O_KEY, O_OUTPUT, O_FORCE, O_NEW, O_PASSWORD };

enum { KEY_MEMORY = 1024 }; /* MiB that it takes to try a password: as minisign's own keys */

static const struct opt OPTS[] = {
    [O_KEY] = {'k', "key", "FILE", "sign with this secret key, in minisign's form", OPT_TEXT},
    [O_OUTPUT] = {'o', "output", "FILE", "the manifest (default: CASE.manifest)", OPT_TEXT},
    [O_FORCE] = {0, "force", NULL, "write over an earlier manifest", OPT_FLAG},
    [O_NEW] = {0, "new-key", "FILE", "make a key instead: FILE, and FILE.pub to hand out",
               OPT_TEXT},
    [O_PASSWORD] = {0, "password-file", "FILE",
                    "a file whose first line is the password of the key\n(without this it is "
                    "asked for on a terminal); of a\nnew one: none without this",
                    OPT_TEXT},
    {0},
};

/* --- a new key ----------------------------------------------------------------------------- */

static int write_pair(const char *path, const struct minisign_secret *key, const char *text,
                      struct arena *arena, struct err *err)
{
    const char *open = arena_printf(arena, "%s.pub", path).p;
    struct buf out = buf_new(MINISIGN_FILE);
    char id[MINISIGN_ID_TEXT];
    minisign_write_public(&key->open, &out);
    minisign_id(key->open.id, id);
    int failed = file_create(open, buf_str(&out), false, err);
    if (!failed && file_create(path, str_of(text), true, err) < 0) {
        failed = -1;
        (void)unlink(open); /* made just now: half a pair is of no use */
    }
    if (!failed)
        (void)printf("key %s\n  %s  signs: keep it secret\n  %s  checks: hand it out, by a way "
                     "that the case does not go\n",
                     id, path, open);
    buf_free(&out);
    return failed;
}

static int new_key(const struct args *args, const char *password, struct err *err)
{
    struct minisign_secret key = {0};
    char text[MINISIGN_SECRET_TEXT] = "";
    int failed = minisign_new(&key, err);
    if (!failed)
        failed = minisign_write_secret(&key, password, KEY_MEMORY, text, err);
    if (!failed)
        failed = write_pair(args->text[O_NEW], &key, text, args->arena, err);
    sign_wipe(&key, sizeof key);
    sign_wipe(text, sizeof text);
    return failed;
}

/* --- a seal -------------------------------------------------------------------------------- */

static int read_key(const char *path, const char *password, struct arena *arena,
                    struct minisign_secret *ret, struct err *err)
{
    struct bytes file = {0};
    char asked[ASKPASS_MAX] = "";
    if (file_read(path, MINISIGN_FILE, arena, &file, err) < 0)
        return -1;
    struct str text = {(const char *)file.p, file.n};
    int failed = minisign_read_secret(text, password, ret, err);
    if (failed && err->code == ERR_NOT_FOUND) { /* it needs a password */
        struct err why = {0};
        int got = askpass("Password of the key: ", asked, &why);
        if (got == 0)
            (void)err_behind(err, ": give it by --password-file");
        else
            *err = why;
        if (got > 0)
            failed = minisign_read_secret(text, asked, ret, err);
    }
    sign_wipe(asked, sizeof asked);
    sign_wipe((void *)(uintptr_t)file.p, file.n);
    return failed ? err_at(err, "%s", path) : 0;
}

static const char *base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

/* The time is the one thing here that nobody can check: it is the signer's word. */
static struct str comment_of(const char *manifest, struct arena *arena)
{
    struct str name = arena_printf(arena, "%s", base_name(manifest));
    for (size_t i = 0; i < name.n; i++) /* a line of text, whatever the file is called */
        if ((unsigned char)name.p[i] < ' ' || (unsigned char)name.p[i] >= 0x7f)
            name = STR("manifest");
    return arena_printf(arena, "timestamp:%lld\tfile:%.*s\thashed\tassay %s",
                        (long long)time(NULL), STR_ARG(name), ASSAY_VERSION);
}

static int put_file(const struct args *args, const char *path, struct str content,
                    struct err *err)
{
    if (args->flag[O_FORCE])
        return file_write(path, content, err);
    if (file_create(path, content, false, err) < 0)
        return access(path, F_OK) == 0 ? err_behind(err, "; --force writes over it") : -1;
    return 0;
}

static int write_seal(const struct args *args, const struct minisign_secret *key,
                      const char *path, struct str manifest, struct err *err)
{
    struct buf signature = buf_new(MINISIGN_FILE);
    const char *beside = arena_printf(args->arena, "%s.minisig", path).p;
    int failed = 0;
    if (key)
        failed = minisign_sign(key, str_bytes(manifest), comment_of(path, args->arena), true,
                               &signature, err);
    if (!failed)
        failed = put_file(args, path, manifest, err);
    if (!failed && key)
        failed = put_file(args, beside, buf_str(&signature), err);
    buf_free(&signature);
    return failed;
}

static void tell(const char *path, const struct minisign_secret *key)
{
    char id[MINISIGN_ID_TEXT];
    if (!key) {
        (void)printf("%s\n", path);
        (void)fprintf(stderr, "assay: nobody signed it: anybody could have written it "
                              "(--key signs)\n");
        return;
    }
    minisign_id(key->open.id, id);
    (void)printf("%s\n%s.minisig  signed with the key %s\n", path, path, id);
}

static int seal(const struct args *args, const struct minisign_secret *key, struct err *err)
{
    struct buf manifest = buf_new(MANIFEST_BYTES);
    const char *name = args->operands[0];
    const char *path = args->text[O_OUTPUT] ? args->text[O_OUTPUT]
                                            : arena_printf(args->arena, "%s.manifest", name).p;
    int failed = seal_case(name, &manifest, err);
    if (!failed)
        failed = write_seal(args, key, path, buf_str(&manifest), err);
    if (!failed)
        tell(path, key);
    buf_free(&manifest);
    return failed;
}

static int seal_with(const struct args *args, const char *password, struct err *err)
{
    struct minisign_secret key = {0};
    const char *path = args->text[O_KEY];
    int failed = path ? read_key(path, password, args->arena, &key, err) : 0;
    if (!failed)
        failed = seal(args, path ? &key : NULL, err);
    sign_wipe(&key, sizeof key);
    return failed;
}

static int run(const struct args *args, struct err *err)
{
    const char *password = NULL;
    bool makes = args->text[O_NEW] != NULL;
    if (makes ? args->n_operands > 0 || args->text[O_KEY] || args->text[O_OUTPUT]
              : args->n_operands == 0) {
        (void)err_set(err, ERR_INVALID, "want a CASE, or --new-key alone");
        return EXIT_ERROR;
    }
    if (password_read(NULL, args->text[O_PASSWORD], args->arena, &password, err) < 0)
        return EXIT_ERROR;
    int failed = makes ? new_key(args, password, err) : seal_with(args, password, err);
    if (password)
        sign_wipe((void *)(uintptr_t)password, strlen(password));
    return failed ? EXIT_ERROR : EXIT_OK;
}

static const struct example EXAMPLES[] = {
    {"assay seal --new-key mine.key", "once: a key to sign with, and one to check with"},
    {"assay seal case.db --key mine.key", "writes case.db.manifest and its signature"},
    {0},
};

const struct cmd CMD_SEAL = {
    .name = "seal",
    .summary = "write down what a case holds, and sign it",
    .operands = "CASE",
    .detail = "The manifest has the SHA-256 of every piece of evidence, what decided the "
              "verdict, the verdict, and digests of all that the case holds. It is signed as "
              "minisign signs (Ed25519). `assay verify` finds any change.",
    .opts = OPTS,
    .examples = EXAMPLES,
    .least = 0,
    .most = 1,
    .run = run,
};
