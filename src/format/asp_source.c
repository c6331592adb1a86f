#include "format/asp_flow.h"

static struct asp_value from_request(struct str key)
{
    struct asp_value v = ASP_NOTHING;
    v.flags = V_REQ | V_OWN;
    v.key = key;
    return v;
}

bool flow_is_password(struct str key)
{
    return str_ifind(key, STR("pass"), 0) != SIZE_MAX ||
           str_ifind(key, STR("pwd"), 0) != SIZE_MAX;
}

/* An item of the request: the name of which is `name`. */
static struct asp_value request_item(struct asp_flow *w, const struct asp_value *name)
{
    struct str key = STR("");
    (void)asp_text_of(&w->budget, name, &key);
    struct asp_value v = from_request(str_part(key, 0, FLOW_PASSWORD_BYTES));
    v.flags |= flow_is_password(key) ? V_SECRET : 0;
    return v;
}

/* Variables of the server: those that a client decides. */
static struct asp_value server_variable(struct asp_flow *w, const struct asp_value *name)
{
    struct str key;
    if (!asp_text_of(&w->budget, name, &key))
        return from_request(STR(""));
    if (str_istarts(key, STR("http_")) && !str_ieq(key, STR("http_host")) &&
        !str_ieq(key, STR("http_referer")) && !str_ieq(key, STR("http_x_forwarded_for")))
        return from_request(key);
    if (str_ieq(key, STR("query_string")) || str_ieq(key, STR("all_http")) ||
        str_ieq(key, STR("all_raw")))
        return from_request(STR(""));
    struct asp_value own = ASP_NOTHING; /* the page's own name */
    if (str_ieq(key, STR("script_name")) || str_ieq(key, STR("path_translated")) ||
        str_ieq(key, STR("path_info")) || str_ieq(key, STR("url")))
        own.flags = V_P_PAGE;
    return own;
}

/* "Request.x" */
struct asp_value flow_request_member(enum asp_word word)
{
    struct asp_value v = from_request(STR(""));
    v.word = (uint16_t)word;
    switch ((int)word) {
    case W_form:
    case W_querystring:
    case W_params:
    case W_headers:
    case W_cookies:
    case W_item:
    case W_get:
    case W_getvalues:
    case W_unvalidated:
    case W_servervariables:
        v.object = K_ITEMS;
        return v;
    case W_files:
        v.object = K_FILES;
        v.flags |= V_UPLOAD;
        return v;
    case W_inputstream:
    case W_getbufferedinputstream:
    case W_getbufferlessinputstream:
    case W_body:
        v.flags |= V_UPLOAD;
        v.object = K_READER;
        return v;
    case W_binaryread:
        v.object = K_REQUEST;
        v.flags = 0;
        return v;
    case W_useragent:
    case W_userlanguages:
    case W_accepttypes:
    case W_contenttype:
        return v;
    case W_query: /* ASP.NET Core */
        v.object = K_ITEMS;
        return v;
    case W_rawurl:
    case W_url:
    case W_pathinfo:
    case W_urlreferrer:
        v.flags |= V_LEAD;
        return v;
    case W_mappath:
        v = ASP_NOTHING;
        v.word = W_mappath;
        v.object = K_SERVER;
        return v;
    case W_physicalpath:
    case W_physicalapplicationpath:
        v = ASP_NOTHING;
        v.flags = V_MAPPED | V_HERE;
        return v;
    case W_saveas:
        v.object = K_REQUEST;
        return v;
    default:
        return ASP_NOTHING;
    }
}

struct asp_value flow_posted_member(const struct asp_value *base, enum asp_word word)
{
    struct asp_value v = *base;
    v.word = (uint16_t)word;
    switch ((int)word) {
    case W_filename:
    case W_name:
        v.object = K_NONE;
        v.flags = V_REQ | V_OWN | V_CLIENT;
        return v;
    case W_saveas:
    case W_save:
    case W_postedfile:
    case W_get:
    case W_path:
        v.object = K_POSTED;
        return v;
    case W_form: /* of a component that reads uploads */
        v.object = K_ITEMS;
        v.flags = V_REQ | V_OWN;
        return v;
    case W_inputstream:
    case W_filebytes:
    case W_filecontent:
        v.object = K_READER;
        v.flags = V_REQ | V_OWN | V_UPLOAD;
        return v;
    default: /* what else a component does */
        v = ASP_NOTHING;
        v.word = (uint16_t)word;
        return v;
    }
}

struct asp_value flow_control_member(const struct asp_value *base, enum asp_word word)
{
    struct asp_value v = *base;
    v.word = (uint16_t)word;
    switch ((int)word) {
    case W_text:
    case W_value:
    case W_selectedvalue:
    case W_selecteditem:
    case W_innertext:
        v.object = word == W_selecteditem ? K_CONTROL : K_NONE;
        v.flags = V_REQ | V_OWN;
        v.flags |= flow_is_password(v.key) ? V_SECRET : 0;
        return v;
    case W_postedfile:
        v.object = K_POSTED;
        return v;
    default:
        return ASP_NOTHING;
    }
}

/* "base[index]", "base(index)" of things that are looked into. False if base is none. */
bool flow_look_up(struct asp_flow *w, const struct asp_value *base,
                  const struct asp_value *index, struct asp_value *ret)
{
    struct str key;
    switch (base->object) {
    case K_REQUEST:
        *ret = request_item(w, index);
        return true;
    case K_ITEMS:
        *ret = base->word == W_servervariables ? server_variable(w, index)
                                               : request_item(w, index);
        return true;
    case K_FILES:
        *ret = *base;
        ret->object = K_POSTED;
        return true;
    case K_SESSION:
        *ret = ASP_NOTHING;
        if (asp_text_of(&w->budget, index, &key)) {
            struct str name = arena_printf(w->budget.arena, "session:%.*s",
                                           STR_ARG(str_part(key, 0, FLOW_PASSWORD_BYTES)));
            int32_t var = flow_variable(w, asp_name(w->code, name), FLOW_GLOBAL);
            *ret = w->vars[var].value;
        }
        return true;
    default:
        return false;
    }
}
