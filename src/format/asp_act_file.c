#include "format/asp_act.h"

void act_note_page(struct asp_findings *f, const struct asp_value *content)
{
    if ((content->flags & V_KNOWN) && f->n_written < ASP_WRITTEN &&
        (str_find(content->text, STR("<%"), 0) != SIZE_MAX ||
         str_ifind(content->text, STR("runat"), 0) != SIZE_MAX))
        f->written[f->n_written++] = content->text;
}

static bool is_include(const struct asp_value *content)
{
    return (content->flags & V_KNOWN) &&
           str_ifind(content->text, STR("<!--#include"), 0) != SIZE_MAX;
}

/* Where a file is written: what is started there later was written here. */
void act_note_path(struct asp_findings *f, const struct asp_value *path)
{
    if ((path->flags & V_KNOWN) && path->text.n >= 4 && f->n_paths < ASP_WRITTEN)
        f->paths[f->n_paths++] = path->text;
}

/* A file that is written. */
struct writing {
    uint32_t path; /* flags */
    const struct asp_value *content;
    bool item;   /* an item of the request is in it, or in its path */
    bool page;   /* of a page of its own, to a page */
    bool beside; /* of a small one, beside itself */
    bool below;  /* of a small one, below the site, as the request says */
};

static struct writing writing_of(const struct asp_findings *f, uint32_t path,
                                 struct str path_key, const struct asp_value *content,
                                 const struct asp_token *at)
{
    struct writing w = {.path = path, .content = content};
    bool alone = f->self_contained && f->small;
    bool comes = act_is_request(content) || (content->flags & (V_UPLOAD | V_DIGITS));
    bool led = (path & V_P_LEAD) && ((path & (V_TAIL | V_CLIENT)) || at->lang == ASP_CSHARP);
    w.item = comes && (content->key.n || path_key.n);
    w.page = (path & V_P_PAGE) && f->self_contained;
    w.beside = alone && (path & V_HERE);
    bool named = f->classic && comes && !(path & (V_P_LEAD | V_TAIL));
    w.below = alone && (w.item || named) && (path & V_P_REQ) && !led;
    return w;
}

/* Whether an upload is kept under the name that it comes with, beside the page. */
static bool keeps_upload(const struct writing *w)
{
    return w->beside && (w->content->flags & (V_UPLOAD | V_DIGITS)) && (w->path & V_CLIENT) &&
           !(w->path & V_TAIL);
}

/* What is likely of a tool, where the request's data are written; NULL if nothing. */
static const char *request_written(const struct writing *w)
{
    struct asp_value at_path = ASP_NOTHING;
    at_path.flags = w->path;
    bool whole = !(w->content->flags & V_LEAD) || (w->path & V_APPEND);
    if (w->item && act_is_whole_path(&at_path))
        return "writes what comes with the request to a file that it names";
    if (w->below)
        return "writes what comes with the request below the site";
    if (w->page && w->beside)
        return "writes a page beside itself";
    if (w->page && whole && (w->item || (w->content->flags & V_UPLOAD)))
        return "writes what comes with the request to a page";
    return NULL;
}

/* The same of what another server gives. */
static const char *fetched_written(const struct asp_findings *f, const struct writing *w)
{
    bool said = (w->path & V_P_REQ) && !(w->path & V_P_LEAD);
    if (!(w->content->flags & V_NET))
        return NULL;
    if (said && f->self_contained)
        return "fetches a file to where the request says";
    return w->page ? "fetches a page from another server" : NULL;
}

/* What a page that belongs to no application hardly writes for good. */
static void tell_lone_write(struct asp_findings *f, uint32_t path,
                            const struct asp_value *content, const struct asp_token *at)
{
    bool comes = act_is_request(content) || (content->flags & (V_UPLOAD | V_DIGITS));
    bool named = ((path & V_P_REQ) && (f->form || !(path & V_CLIENT))) || (path & V_P_PAGE);
    if (content->flags & V_SECRET)
        asp_tell_lone(f, ASP_CREDENTIALS, "keeps a password that is sent to it in a file",
                      content, at);
    if (path & V_P_PICTURE)
        return;
    if (path & V_P_PAGE)
        asp_tell_lone(f, ASP_WRITE, "writes a page", content, at);
    if (comes && named && f->small && !(path & V_TAIL) && !f->kinds)
        asp_tell_lone(f, ASP_WRITE, "writes what comes with the request", content, at);
    else if (content->flags & V_HIDDEN)
        asp_tell_lone(f, ASP_WRITE, "writes what is hidden in constants", content, at);
    else if ((content->flags & V_NET) && f->small && !f->kinds)
        asp_tell_lone(f, ASP_WRITE, "writes what it fetched from another server", content, at);
}

static void tell_write(struct asp_findings *f, uint32_t path, struct str path_key,
                       const struct asp_value *content, const struct asp_token *at)
{
    struct writing w = writing_of(f, path, path_key, content, at);
    const char *why = request_written(&w);
    act_note_page(f, content);
    if (!why)
        why = fetched_written(f, &w);
    if (!why && w.page && is_include(content))
        why = "writes script into a page";
    if ((path & V_P_PAGE) && (content->flags & V_KNOWN) && f->n_lines < ASP_LINES)
        f->lines[f->n_lines++] = content->text;
    f->named |=
        asp_is_reached(at) && (path & V_P_REQ) && !(path & V_P_LEAD) ? 1U << ASP_WRITE : 0;
    f->writes_item |= act_is_whole(content) && content->key.n && asp_is_reached(at);
    if (keeps_upload(&w) && !w.below)
        asp_tell(f, ASP_UPLOAD, ASP_LIKELY,
                 "keeps uploaded files beside the page under the names that they come with",
                 content, at);
    asp_tell(f, ASP_WRITE, why ? ASP_LIKELY : ASP_WEAK, why ? why : "writes a file", content,
             at);
    tell_lone_write(f, path, content, at);
    if ((content->flags & V_SECRET) && (path & V_APPEND))
        asp_tell(f, ASP_CREDENTIALS, ASP_LIKELY,
                 "keeps a password that is sent to it in a file", content, at);
}

/* new StreamWriter(path, true), OpenTextFile(path, 8), File.AppendText(path) */
static bool appends(const struct asp_call *call)
{
    const struct asp_value *how = act_argument(call, 1);
    return call->word == W_appendtext || (call->word == W_streamwriter && call->n > 1) ||
           (call->word == W_opentextfile && (how->flags & V_NUMBER) && how->number == 8) ||
           (call->word == W_filestream && how->word == W_append);
}

static struct asp_value act_open(struct asp_findings *f, const struct asp_call *call,
                                 enum asp_act act)
{
    struct asp_value made = call->base;
    const struct asp_value *path = act_argument(call, 0);
    bool reader = call->word == W_streamreader;
    made.text = STR("");
    made.key = path->key;
    f->opens_listed |= path->object == K_FOLDER && !(path->flags & (V_KNOWN | V_REQ));
    made.object = call->base.object == K_FSO || call->base.object == K_HIDDENOBJECT ? K_TEXTFILE
                  : reader                                                          ? K_READER
                  : call->word == W_streamwriter || call->word == W_binarywriter ||
                          call->word == W_opentextfilewriter || call->word == W_createtext ||
                          call->word == W_appendtext
                      ? K_WRITER
                      : K_STREAM;
    made.flags = act_path_flags(path) | (call->base.flags & (V_P_REQ | V_P_LEAD | V_P_MAPPED));
    made.flags |= appends(call) ? V_APPEND : 0;
    if (path->object && path->object != K_CONTROL) { /* a stream around a stream */
        made.flags |=
            path->flags & (V_REQ | V_OWN | V_FILE | V_UPLOAD | V_HIDDEN | V_LONG | V_APPEND);
        made.key = path->key;
        made.number = path->var + 1;
        return made;
    }
    if (!reader && act == A_OPEN_WRITE)
        act_note_path(f, path);
    if (call->word == W_createtextfile && act_is_whole(path) && path->key.n &&
        asp_is_reached(call->at))
        f->makes_named = path->key;
    if (!reader && (act == A_OPEN_WRITE || call->n > 1))
        asp_tell(f, ASP_WRITE, ASP_WEAK, "opens a file to write", path, call->at);
    if (!reader && act == A_OPEN_WRITE && act_is_whole(path) && !(path->flags & V_TAIL))
        asp_tell_lone(f, ASP_WRITE, "writes to a file that the request names", path, call->at);
    if (reader || act == A_OPEN) {
        made.flags |= V_FILE;
        if (act_is_whole(path))
            act_tell_path(f, ASP_READ, path, "reads a file that the request names",
                          "reads a file", call->at);
    }
    return made;
}

void asp_act_copy_to(struct asp_findings *f, const struct asp_call *call)
{
    const struct asp_value *to = act_argument(call, 0);
    if (to->object == K_STREAM || to->object == K_WRITER)
        tell_write(f, to->flags, to->key, &call->base, call->at);
}

/* Where an upload is kept: "SaveAs(path)", "SaveFile(field, path)", or "Save" of a component of
 * which the path was set. */
static struct asp_value kept_path(const struct asp_call *call)
{
    struct asp_value set = ASP_NOTHING;
    if (call->n)
        return *act_argument(call, call->word == W_savefile ? 1 : 0);
    if (call->base.flags & V_P_REQ) {
        set.flags = V_REQ;
        set.flags |= call->base.flags & V_P_LEAD ? (uint32_t)V_LEAD : 0;
        set.flags |= call->base.flags & V_P_MAPPED ? (uint32_t)V_MAPPED : 0;
        set.key = call->base.key;
    }
    return set;
}

/* client  the name is the one that the client gave */
static bool keeps_beside(const struct asp_findings *f, const struct asp_value *path,
                         bool client)
{
    return client && f->self_contained && f->small && !(path->flags & V_TAIL) &&
           ((path->flags & V_HERE) || ((path->flags & V_MAPPED) && !(path->flags & V_LEAD)));
}

static void act_save_as(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value kept = kept_path(call);
    const struct asp_value *path = &kept;
    bool client = (path->flags & V_CLIENT) != 0;
    if (call->n == 0 && !path->flags)
        return;
    if (path->flags & V_ITEM)
        client = false;
    if (f->small && !f->kinds && !(path->flags & V_TAIL) && act_is_request(path) &&
        (f->form || !client))
        asp_tell_lone(f, ASP_UPLOAD,
                      "keeps uploaded files of any kind under the names that they come with",
                      path, call->at);
    if (act_is_request(path) && !(path->flags & V_LEAD) && !client && path->key.n)
        asp_tell(f, ASP_UPLOAD, f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 "keeps an uploaded file where the request says", path, call->at);
    else if (act_is_request(path) && !client && !(path->flags & V_MAPPED) && path->key.n)
        asp_tell(f, ASP_UPLOAD, f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 "keeps an uploaded file in a folder that the request names", path, call->at);
    else if (keeps_beside(f, path, client) || (f->classic && call->word == W_save &&
                                               keeps_beside(f, path, (path->flags & V_HERE))))
        asp_tell(f, ASP_UPLOAD, ASP_LIKELY,
                 "keeps uploaded files beside the page under the names that they come with",
                 path, call->at);
    else if (f->self_contained && (act_path_flags(path) & V_P_PAGE))
        asp_tell(f, ASP_UPLOAD, ASP_LIKELY, "keeps an uploaded file as a page", path, call->at);
    else
        asp_tell(f, ASP_UPLOAD, ASP_WEAK, "keeps an uploaded file", path, call->at);
}

void act_rename(struct asp_findings *f, const struct asp_value *base,
                const struct asp_value *value, const struct asp_token *at)
{
    if (base->object != K_FILECLASS && base->object != K_FOLDER)
        return;
    bool named = act_is_whole_path(base) && act_is_request(value);
    asp_tell(f, ASP_DELETE, named && f->self_contained ? ASP_LIKELY : ASP_WEAK,
             named ? "renames files as the request says" : "renames files", value, at);
}

/* CopyFile("a.jpg", "a.asp") */
static bool makes_page(const struct asp_call *call)
{
    const struct asp_value *from = act_argument(call, 0);
    return (from->flags & V_KNOWN) && asp_is_picture_name(from->text) &&
           (act_path_flags(act_argument(call, 1)) & V_P_PAGE);
}

/* From and to what the request names, below the site too. */
static bool copies_named(const struct asp_call *call)
{
    const struct asp_value *from = act_argument(call, 0);
    const struct asp_value *to = act_argument(call, 1);
    return act_is_request(from) && act_is_request(to) && from->key.n && to->key.n &&
           !((from->flags | to->flags) & V_LEAD);
}

static void act_copy(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value all = act_arguments(call);
    bool whole = act_is_whole(act_argument(call, 0)) || act_is_whole(act_argument(call, 1)) ||
                 act_is_whole_path(&call->base);
    asp_tell(f, ASP_DELETE, ASP_WEAK,
             whole ? "copies or moves files that the request names" : "copies or moves files",
             &all, call->at);
    bool both = act_is_whole(act_argument(call, 0)) &&
                (act_is_whole(act_argument(call, 1)) || act_is_whole_path(&call->base));
    if (both && f->self_contained)
        f->best[ASP_DELETE].sure = ASP_LIKELY;
    if (f->classic && f->self_contained && makes_page(call))
        asp_tell(f, ASP_WRITE, ASP_LIKELY, "makes a page of a picture", &all, call->at);
    if (f->classic && f->self_contained && f->small && copies_named(call))
        asp_tell(f, ASP_DELETE, ASP_LIKELY, "copies or moves files as the request says", &all,
                 call->at);
    uint32_t path = act_path_flags(&all) | act_path_flags(act_argument(call, 1));
    if (path & (V_P_REQ | V_P_PAGE))
        asp_tell_lone(f, ASP_DELETE, "copies or moves a page, or what the request names", &all,
                      call->at);
}

void act_tell_path(struct asp_findings *f, enum asp_can can, const struct asp_value *path,
                   const char *whole_why, const char *why, const struct asp_token *at)
{
    bool whole = act_is_whole(path) || act_is_whole_path(path);
    struct asp_value told = *path;
    bool first = ((path->flags & V_REQ) && !(path->flags & V_LEAD)) ||
                 ((path->flags & V_P_REQ) && !(path->flags & V_P_LEAD));
    f->named |= first && asp_is_reached(at) ? 1U << can : 0;
    f->whole |= whole && !(path->flags & V_TAIL) && asp_is_reached(at) ? 1U << can : 0;
    if (path->flags & V_P_REQ)
        told.flags |= V_REQ;
    enum asp_sure sure = whole && f->self_contained ? ASP_LIKELY : ASP_WEAK;
    asp_tell(f, can, sure, whole ? whole_why : why, &told, at);
}

static struct asp_value act_list(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value path = call->base.object == K_FOLDER ? call->base : *act_argument(call, 0);
    struct asp_value made = ASP_NOTHING;
    if (call->word == W_dir && (call->n == 0 || f->classic || call->at->lang != ASP_VB))
        return made;
    act_tell_path(f, ASP_BROWSE, &path, "lists a folder that the request names",
                  "lists a folder", call->at);
    bool root = (path.flags & V_KNOWN) && path.text.n >= 2 && path.text.p[1] == ':';
    if (root || ((act_path_flags(&path) & V_P_REQ) && !f->kinds))
        asp_tell_lone(f, ASP_BROWSE, "lists a folder of the server", &path, call->at);
    made.object = K_FOLDER;
    made.flags = act_path_flags(&path);
    made.key = path.key;
    return made;
}

static struct asp_value act_folder(const struct asp_call *call)
{
    const struct asp_value *path = act_argument(call, 0);
    struct asp_value made = ASP_NOTHING;
    made.object = K_FOLDER;
    made.flags = act_path_flags(path);
    made.key = path->key;
    return made;
}

static struct asp_value act_read(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value made = ASP_NOTHING;
    const struct asp_value *path = call->n ? act_argument(call, 0) : &call->base;
    act_tell_path(f, ASP_READ, path, "reads a file that the request names", "reads a file",
                  call->at);
    if ((path->flags & V_KNOWN) && str_iends(path->text, STR("web.config")))
        asp_tell_lone(f, ASP_SECRETS, "reads the settings of the site", path, call->at);
    made.flags = V_FILE;
    made.object = K_READER;
    return made;
}

static void act_delete(struct asp_findings *f, const struct asp_call *call)
{
    bool own = call->n == 0 || call->base.object == K_FOLDER || /* folder.Delete(true) */
               (call->base.flags & V_P_REQ);
    const struct asp_value *path = own ? &call->base : act_argument(call, 0);
    struct asp_value told = *path;
    act_tell_path(f, ASP_DELETE, path, "deletes what the request names", "deletes files",
                  call->at);
    told.flags |= act_path_flags(path) & V_P_REQ ? (uint32_t)V_REQ : 0;
    if (told.flags & V_REQ)
        asp_tell_lone(f, ASP_DELETE, "deletes what the request names", &told, call->at);
    else if (f->small && !own && !(path->flags & V_KNOWN))
        asp_tell_lone(f, ASP_DELETE, "deletes files that it finds", &told, call->at);
}

/* FileOpen(1, path, OpenMode.Output) */
static void act_open_number(struct asp_findings *f, const struct asp_call *call)
{
    const struct asp_value *path = act_argument(call, 1);
    bool reads = act_argument(call, 2)->word == W_input;
    if (reads)
        act_tell_path(f, ASP_READ, path, "reads a file that the request names", "reads a file",
                      call->at);
    else
        act_tell_path(f, ASP_WRITE, path, "writes to a file that the request names",
                      "opens a file to write", call->at);
    if (!reads && (act_path_flags(path) & V_P_PAGE))
        asp_tell_lone(f, ASP_WRITE, "writes a page", path, call->at);
}

bool act_file(struct asp_findings *f, const struct asp_call *call, enum asp_act act,
              struct asp_value *ret, uint32_t *ret_base_flags)
{
    struct asp_value all = act_arguments(call);
    *ret = ASP_NOTHING;
    switch ((int)act) {
    case A_WRITE_ALL:
        act_note_path(f, act_argument(call, 0));
        tell_write(f,
                   act_path_flags(act_argument(call, 0)) |
                       (call->word == W_appendalltext ? (uint32_t)V_APPEND : 0),
                   act_argument(call, 0)->key, act_argument(call, 1), call->at);
        return true;
    case A_OPEN_WRITE:
    case A_OPEN:
        *ret = act_open(f, call, act);
        return true;
    case A_WRITE_TO:
        tell_write(f, call->base.flags, call->base.key,
                   call->n == 1 ? act_argument(call, 0) : &all, call->at);
        return true;
    case A_SAVE_AS:
        act_save_as(f, call);
        return true;
    case A_SAVE_TO_FILE:
        act_note_path(f, act_argument(call, 0));
        tell_write(f, act_path_flags(act_argument(call, 0)), act_argument(call, 0)->key,
                   &call->base, call->at);
        return true;
    case A_COPY:
        act_copy(f, call);
        return true;
    case A_DELETE:
        act_delete(f, call);
        return true;
    case A_READ_ALL:
        *ret = act_read(f, call);
        ret->flags |= act_path_flags(act_argument(call, 0)) & V_P_PICTURE;
        *ret_base_flags |= ret->flags & (V_FILE | V_P_PICTURE);
        return true;
    case A_SEND_FILE:
        act_tell_path(f, ASP_READ, act_argument(call, 0), "sends a file that the request names",
                      "sends a file", call->at);
        return true;
    case A_LIST:
        *ret = act_list(f, call);
        return true;
    case A_DRIVES:
        asp_tell(f, ASP_BROWSE, ASP_WEAK, "lists drives", &all, call->at);
        asp_tell_lone(f, ASP_BROWSE, "lists drives", &all, call->at);
        ret->object = K_DRIVES;
        return true;
    case A_FOLDER:
        *ret = act_folder(call);
        return true;
    case A_OPEN_NUMBER:
        act_open_number(f, call);
        return true;
    case A_UNZIP:
        asp_tell(f, ASP_WRITE, act_is_whole(&all) ? ASP_LIKELY : ASP_WEAK, "unpacks an archive",
                 &all, call->at);
        return true;
    default:
        return false;
    }
}
