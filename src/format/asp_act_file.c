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

static void tell_write(struct asp_findings *f, uint32_t path, struct str path_key,
                       const struct asp_value *content, const struct asp_token *at)
{
    struct asp_value at_path = ASP_NOTHING;
    at_path.flags = path;
    bool bytes = (content->flags & (V_UPLOAD | V_DIGITS)) != 0;
    bool content_request = act_is_request(content) || bytes;
    bool item = (act_is_request(content) || bytes) && (content->key.n || path_key.n);
    bool below =
        item && (path & V_P_REQ) && (!(path & V_P_LEAD) || !(path & (V_TAIL | V_CLIENT)));
    bool page = (path & V_P_PAGE) && f->self_contained;
    bool whole = !(content->flags & V_LEAD) || (path & V_APPEND);
    bool beside = f->self_contained && f->small && (path & V_HERE);
    act_note_page(f, content);
    if (content_request && act_is_whole_path(&at_path) && item)
        asp_tell(f, ASP_WRITE, ASP_LIKELY,
                 "writes what comes with the request to a file that it names", content, at);
    else if (below && f->self_contained && f->small)
        asp_tell(f, ASP_WRITE, ASP_LIKELY, "writes what comes with the request below the site",
                 content, at);
    else if (beside && bytes && (path & V_CLIENT) && !(path & V_TAIL))
        asp_tell(f, ASP_UPLOAD, ASP_LIKELY,
                 "keeps uploaded files beside the page under the names that they come with",
                 content, at);
    else if (beside && page)
        asp_tell(f, ASP_WRITE, ASP_LIKELY, "writes a page beside itself", content, at);
    else if (page && whole && (item || (content->flags & V_UPLOAD)))
        asp_tell(f, ASP_WRITE, ASP_LIKELY, "writes what comes with the request to a page",
                 content, at);
    else if ((content->flags & V_NET) && (act_is_whole_path(&at_path) || (path & V_P_MAPPED)) &&
             (path & V_P_REQ) && !(path & V_P_LEAD))
        asp_tell(f, ASP_WRITE, f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 "fetches a file to where the request says", content, at);
    else if (page && (content->flags & V_NET))
        asp_tell(f, ASP_WRITE, ASP_LIKELY, "fetches a page from another server", content, at);
    else if (page && is_include(content))
        asp_tell(f, ASP_WRITE, ASP_LIKELY, "writes script into a page", content, at);
    else
        asp_tell(f, ASP_WRITE, ASP_WEAK, "writes a file", content, at);
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
    made.object = call->base.object == K_FSO || call->base.object == K_HIDDENOBJECT ? K_TEXTFILE
                  : reader                                                          ? K_READER
                  : call->word == W_streamwriter || call->word == W_binarywriter    ? K_WRITER
                                                                                    : K_STREAM;
    made.flags = act_path_flags(path) | (call->base.flags & (V_P_REQ | V_P_LEAD | V_P_MAPPED));
    made.flags |= appends(call) ? V_APPEND : 0;
    if (path->object && path->object != K_CONTROL) { /* a stream around a stream */
        made.flags |= path->flags & (V_REQ | V_FILE | V_UPLOAD | V_HIDDEN | V_LONG | V_APPEND);
        made.key = path->key;
        return made;
    }
    if (!reader && act == A_OPEN_WRITE)
        act_note_path(f, path);
    if (!reader && (act == A_OPEN_WRITE || call->n > 1))
        asp_tell(f, ASP_WRITE, ASP_WEAK, "opens a file to write", path, call->at);
    if (reader || act == A_OPEN) {
        made.flags |= V_FILE;
        if (act_is_whole(path))
            act_tell_path(f, ASP_READ, path, "reads a file that the request names",
                          "reads a file", call->at);
    }
    return made;
}

static void act_save_as(struct asp_findings *f, const struct asp_call *call)
{
    const struct asp_value *path = act_argument(call, 0);
    bool client = (path->flags & V_CLIENT) != 0;
    if (call->n == 0)
        return;
    if (path->flags & V_ITEM)
        client = false;
    if (act_is_request(path) && !(path->flags & V_LEAD) && !client && path->key.n)
        asp_tell(f, ASP_UPLOAD, f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 "keeps an uploaded file where the request says", path, call->at);
    else if (act_is_request(path) && !client && !(path->flags & V_MAPPED) && path->key.n)
        asp_tell(f, ASP_UPLOAD, f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 "keeps an uploaded file in a folder that the request names", path, call->at);
    else if (client && f->self_contained && f->small && !(path->flags & V_TAIL) &&
             ((path->flags & V_HERE) || ((path->flags & V_MAPPED) && !(path->flags & V_LEAD))))
        asp_tell(f, ASP_UPLOAD, ASP_LIKELY,
                 "keeps uploaded files beside the page under the names that they come with",
                 path, call->at);
    else if (f->self_contained && (act_path_flags(path) & V_P_PAGE))
        asp_tell(f, ASP_UPLOAD, ASP_LIKELY, "keeps an uploaded file as a page", path, call->at);
    else
        asp_tell(f, ASP_UPLOAD, ASP_WEAK, "keeps an uploaded file", path, call->at);
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
}

void act_tell_path(struct asp_findings *f, enum asp_can can, const struct asp_value *path,
                   const char *whole_why, const char *why, const struct asp_token *at)
{
    bool whole = act_is_whole(path) || act_is_whole_path(path);
    struct asp_value told = *path;
    if (path->flags & V_P_REQ)
        told.flags |= V_REQ;
    enum asp_sure sure = whole && f->self_contained ? ASP_LIKELY : ASP_WEAK;
    asp_tell(f, can, sure, whole ? whole_why : why, &told, at);
}

static struct asp_value act_list(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value path = call->base.object == K_FOLDER ? call->base : *act_argument(call, 0);
    struct asp_value made = ASP_NOTHING;
    act_tell_path(f, ASP_BROWSE, &path, "lists a folder that the request names",
                  "lists a folder", call->at);
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
    made.flags = V_FILE;
    made.object = K_READER;
    return made;
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
        act_tell_path(f, ASP_DELETE, call->n ? act_argument(call, 0) : &call->base,
                      "deletes what the request names", "deletes files", call->at);
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
        ret->object = K_DRIVES;
        return true;
    case A_FOLDER:
        *ret = act_folder(call);
        return true;
    case A_UNZIP:
        asp_tell(f, ASP_WRITE, act_is_whole(&all) ? ASP_LIKELY : ASP_WEAK, "unpacks an archive",
                 &all, call->at);
        return true;
    default:
        return false;
    }
}
