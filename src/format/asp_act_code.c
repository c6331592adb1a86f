#include "format/asp_act.h"

/* Whether what stands before the request's data lets them be statements of their own, not a word
 * in one. */
static bool ends_statement(struct str lead)
{
    if (str_iends(lead, STR("\n")))
        return true;
    lead = str_trim(lead);
    if (lead.n == 0)
        return false;
    char last = lead.p[lead.n - 1];
    if (last == '(') {
        lead = str_trim(str_part(lead, 0, lead.n - 1));
        return str_iends(lead, STR("eval")) || str_iends(lead, STR("execute")) ||
               str_iends(lead, STR("executeglobal"));
    }
    return last == ':' || last == ';' || last == '{' || last == '}';
}

/* "name = ": what follows is a value, not statements. */
static bool assigns(struct str lead)
{
    size_t end = str_find(lead, STR("="), 0);
    return end != SIZE_MAX && str_find(lead, STR(":"), 0) == SIZE_MAX &&
           str_find(lead, STR("\n"), 0) == SIZE_MAX;
}

/* Code that is run: how sure it is that this is a back door. */
static void tell_code(struct asp_findings *f, enum asp_can can, const struct asp_value *code,
                      const struct asp_token *at)
{
    if (can != ASP_EVAL)
        asp_tell_lone(f, can, "runs code of its own making", code, at);
    else if (at->lang == ASP_JSCRIPT && !(code->flags & (V_KNOWN | V_NUMBER)))
        asp_tell_lone(f, can, "runs text that is made when it runs", code, at);
    f->runs_made |= can == ASP_EVAL && asp_is_reached(at) &&
                    !(code->flags & (V_KNOWN | V_NUMBER)) && !assigns(code->text);
    if ((code->flags & V_LEAD) && !ends_statement(code->text) && can == ASP_EVAL)
        asp_tell(f, can, ASP_WEAK, "runs text with words of the request in it", code, at);
    else if (act_is_request(code) || (code->flags & V_CODE))
        asp_tell(f, can, ASP_CERTAIN, "runs what comes with the request", code, at);
    else if (code->flags & (V_KNOWN | V_NUMBER))
        asp_tell(f, can, ASP_WEAK, "runs a constant text", code, at);
    else if ((code->flags & V_P_PICTURE) && f->self_contained)
        asp_tell(f, can, ASP_LIKELY, "runs the content of a picture", code, at);
    else if ((code->flags & V_NET) && !(code->flags & V_FILE) && f->self_contained &&
             (f->small || (code->flags & V_LONG)))
        asp_tell(f, can, ASP_LIKELY, "runs text fetched from another server", code, at);
    else if ((code->flags & (V_LONG | V_HIDDEN)) && !(code->flags & V_FILE) &&
             !assigns(code->text) && f->self_contained && (f->small || (code->flags & V_LONG)))
        asp_tell(f, can, ASP_LIKELY, "runs text that is hidden in constants", code, at);
    else
        asp_tell(f, can, ASP_WEAK, "runs text that is made when it runs", code, at);
}

static bool is_written(const struct asp_findings *f, const struct asp_value *program)
{
    for (size_t i = 0; (program->flags & V_KNOWN) && i < f->n_paths; i++)
        if (str_ifind(program->text, f->paths[i], 0) != SIZE_MAX)
            return true;
    return false;
}

static void tell_program(struct asp_findings *f, const struct asp_value *program,
                         const struct asp_value *words, const struct asp_token *at)
{
    asp_tell_lone(f, ASP_PROCESS, "starts a program, and belongs to no application", program,
                  at);
    if (act_is_request(program))
        asp_tell(f, ASP_PROCESS, ASP_CERTAIN, "starts a program that the request names",
                 program, at);
    else if (act_is_request(words) && (act_is_shell(program) || !(program->flags & V_KNOWN)))
        asp_tell(f, ASP_PROCESS, ASP_CERTAIN, "runs a command that comes with the request",
                 words, at);
    else if (act_is_request(words))
        asp_tell(f, ASP_PROCESS, ASP_WEAK, "starts a program with words of the request", words,
                 at);
    else if (act_is_shell(program) && !(words->flags & V_KNOWN))
        asp_tell(f, ASP_PROCESS, ASP_LIKELY, "starts a command shell", program, at);
    else if (is_written(f, program) || is_written(f, words))
        asp_tell(f, ASP_PROCESS, ASP_LIKELY, "starts what it has written", program, at);
    else
        asp_tell(f, ASP_PROCESS, ASP_WEAK, "starts a program", program, at);
}

/* Words of a program behind which a command stands: of schtasks, wmic. */
static bool runs_words(struct str lead)
{
    return str_ifind(lead, STR("/tr "), 0) != SIZE_MAX ||
           str_ifind(lead, STR("call create"), 0) != SIZE_MAX;
}

static struct asp_value act_start(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value words = act_arguments(call);
    struct asp_value program = call->n ? call->arguments[0] : call->base;
    struct asp_value made = ASP_NOTHING;
    made.object = K_PROCESS;
    made.flags = act_is_shell(&program) ? V_SHELL : 0;
    if (call->is_new && call->n == 0) { /* new Shell32.Shell() */
        made.object = K_SHELLAPP;
        return made;
    }
    if (call->n > 1 && runs_words(call->arguments[1].text))
        program.flags |= V_SHELL;
    if (call->n > 1) /* Start("cmd", "/c date") */
        words.flags |= call->arguments[0].flags & call->arguments[1].flags & V_KNOWN;
    if (call->base.flags & V_REQ)
        words = asp_union(&words, &call->base);
    if (call->n == 0 || program.object == K_STARTINFO) {
        words = asp_union(&program, &words);
        words.flags |= program.flags & V_KNOWN;
        program.flags &= ~(uint32_t)V_REQ; /* which property it was is not known */
        if (words.flags & V_REQ)
            program.flags &= ~(uint32_t)V_KNOWN;
    }
    tell_program(f, &program, &words, call->at);
    return made;
}

static struct asp_value act_run(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value words = act_arguments(call);
    struct asp_value made = ASP_NOTHING;
    made.object = K_WEXEC;
    made.flags = act_is_shell(act_argument(call, 0)) ? V_SHELL : 0;
    tell_program(f, act_argument(call, 0), &words, call->at);
    return made;
}

/* GetObject("script:http://..."): what stands there is run. */
static bool is_scriptlet(const struct asp_call *call)
{
    const struct asp_value *id = act_argument(call, 0);
    bool elsewhere = (id->flags & V_KNOWN) && (str_istarts(id->text, STR("script:http")) ||
                                               str_istarts(id->text, STR("script:\\\\")));
    bool asked =
        act_is_request(id) && (id->flags & V_LEAD) && str_ieq(id->text, STR("script:"));
    return call->word == W_getobject && (elsewhere || asked);
}

static struct asp_value act_create(struct asp_findings *f, struct asp_budget *budget,
                                   const struct asp_call *call)
{
    struct asp_value made = ASP_NOTHING;
    const struct asp_value *id = act_argument(call, 0);
    struct str text;
    if (is_scriptlet(call))
        asp_tell(f, ASP_EVAL, act_is_request(id) ? ASP_CERTAIN : ASP_LIKELY,
                 "runs script from another place", id, call->at);
    if (act_is_request(id) && (id->flags & V_LEAD) && asp_object_of_id(id->text)) {
        made.object = (uint16_t)asp_object_of_id(id->text);
        made.flags = V_P_REQ;
        made.key = id->key;
    } else if (act_is_request(id)) {
        asp_tell(f, ASP_REFLECT, ASP_WEAK, "makes an object that the request names", id,
                 call->at);
        made.object = K_HIDDENOBJECT;
    } else if (asp_text_of(budget, id, &text)) {
        made.object = (uint16_t)asp_object_of_id(text);
    } else if (id->text.n && asp_object_of_id(id->text)) { /* "WinNT://" & name */
        made.object = (uint16_t)asp_object_of_id(id->text);
    } else if (id->flags & V_HIDDEN) {
        asp_tell(f, ASP_REFLECT, ASP_WEAK, "makes an object whose name is hidden", id,
                 call->at);
        made.object = K_HIDDENOBJECT;
    } else if (call->n && f->classic && f->tiny && f->self_contained) {
        made.object = K_HIDDENOBJECT; /* what is asked of it tells what it is */
    }
    return made;
}

/* A program in a constant. */
static bool is_program(const struct asp_value *v)
{
    return (v->flags & V_KNOWN) && str_starts(v->text, STR("MZ")) && v->text.n > 64;
}

static struct asp_value act_load(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value all = act_arguments(call);
    struct asp_value made = ASP_NOTHING;
    made.object = K_ASSEMBLY;
    if (act_is_request(&all) || (all.flags & V_DIGITS)) {
        asp_tell(f, ASP_LOAD, ASP_CERTAIN, "loads a program that comes with the request", &all,
                 call->at);
        made.flags = V_CODE | V_REQ;
        made.key = all.key;
    } else if ((all.flags & (V_LONG | V_HIDDEN)) || (act_argument(call, 0)->flags & V_LONG) ||
               is_program(act_argument(call, 0))) {
        asp_tell(f, ASP_LOAD, ASP_LIKELY, "loads a program that is hidden in constants", &all,
                 call->at);
        made.flags = V_HIDDEN;
    } else if ((all.flags & V_NET) && f->self_contained) {
        asp_tell(f, ASP_LOAD, ASP_LIKELY, "loads a program fetched from another server", &all,
                 call->at);
        made.flags = V_HIDDEN;
    } else {
        asp_tell(f, ASP_LOAD, ASP_WEAK, "loads a program into the server", &all, call->at);
        if (!(act_argument(call, 0)->flags & V_KNOWN) || call->word == W_gacinstall)
            asp_tell_lone(f, ASP_LOAD, "loads a program that is made or found when it runs",
                          &all, call->at);
    }
    return made;
}

/* method.Invoke(object, arguments) where the method is known: it does what the method does. */
static bool act_known_method(struct asp_findings *f, struct asp_budget *budget,
                             const struct asp_call *call, struct asp_value *ret)
{
    uint32_t flags;
    if (call->base.object != K_METHOD || !call->base.number || call->n == 0)
        return false;
    struct asp_call inner = *call;
    inner.word = (enum asp_word)(call->base.number & 0xffff);
    inner.base = *act_argument(call, 0);
    inner.base.object = (uint16_t)(call->base.number >> 16);
    inner.arguments = call->arguments + 1;
    inner.n = call->n - 1;
    if (inner.n == 0) {
        inner.arguments = call->arguments;
        inner.n = 1;
    }
    return inner.word != W_invoke && asp_act(f, budget, &inner, ret, &flags);
}

/* A method of which the name is hidden; or it is one of a class that is looked for so that it is
 * not seen, and the name is not known. */
static bool is_hidden_method(const struct asp_value *v)
{
    unsigned object = (unsigned)(v->number >> 16) & 0xffff;
    unsigned word = (unsigned)v->number & 0xffff;
    return v->object == K_METHOD && word == W_NONE &&
           ((v->flags & V_HIDDEN) || object == K_ASSEMBLY || object == K_PROCESS ||
            object == K_PSHELL || object == K_APPDOMAIN || object == K_CODEDOM);
}

static struct asp_value act_invoke(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value all = act_arguments(call);
    struct asp_value whole = asp_union(&call->base, &all);
    bool code = (call->base.flags & V_CODE) != 0;
    bool named = (call->base.object == K_TYPE || call->base.object == K_METHOD ||
                  call->base.object == K_ASSEMBLY || call->base.object == K_ACTIVATOR ||
                  call->word == W_callbyname) &&
                 (act_is_request(&call->base) || act_is_request(act_argument(call, 0)));
    if (code || (named && call->word != W_invoke) || (named && act_is_request(&call->base)))
        asp_tell(f, ASP_REFLECT, ASP_CERTAIN, "calls code that comes with the request", &whole,
                 call->at);
    else if (f->self_contained && act_is_request(&all) && is_hidden_method(&call->base))
        asp_tell(f, ASP_REFLECT, ASP_LIKELY,
                 "calls what a hidden text names with the request's data", &whole, call->at);
    else if (call->base.object == K_TYPE || call->base.object == K_METHOD ||
             call->base.object == K_ASSEMBLY)
        asp_tell(f, ASP_REFLECT, ASP_WEAK, "calls code by its name", &whole, call->at);
    if (f->can >> ASP_REFLECT & 1 && is_hidden_method(&call->base))
        asp_tell_lone(f, ASP_REFLECT, "calls what a hidden text names", &whole, call->at);
    whole.object = K_NONE;
    return whole;
}

static struct asp_value act_instance(struct asp_findings *f, const struct asp_call *call)
{
    const struct asp_value *type = act_argument(call, 0);
    struct asp_value made = act_invoke(f, call);
    if (call->base.object == K_ACTIVATOR && type->object != K_TYPE && type->object != K_METHOD)
        made.object = type->object;
    return made;
}

static struct asp_value act_type(struct asp_findings *f, struct asp_budget *budget,
                                 const struct asp_call *call)
{
    struct asp_value made = call->base;
    const struct asp_value *name = act_argument(call, 0);
    struct str text;
    (void)f;
    if (call->bare && call->at->lang == ASP_VB && name->object && (name->flags & V_CLASS)) {
        made.object = name->object; /* GetType(Process) */
        return made;
    }
    made.object = K_TYPE;
    made.flags = (made.flags | (name->flags & V_HIDDEN)) & (V_CODE | V_REQ | V_HIDDEN);
    if (act_is_request(name)) {
        made.flags |= V_REQ;
        made.key = name->key;
    } else if (asp_text_of(budget, name, &text)) {
        text = str_part(text, 0, str_find(text, STR(","), 0));
        size_t dot = text.n;
        while (dot > 0 && text.p[dot - 1] != '.')
            dot--;
        char lower[64];
        size_t n = 0;
        for (size_t i = dot; i < text.n && n < sizeof lower; i++)
            lower[n++] = ascii_lower(text.p[i]);
        enum asp_object object = asp_object_of_word(asp_word((struct str){lower, n}));
        made.object = (uint16_t)(object ? object : K_TYPE);
    }
    return made;
}

/* Functions of the operating system that start programs. */
static bool starts_program(enum asp_word word)
{
    switch ((int)word) {
    case W_winexec:
    case W_createprocess:
    case W_createprocessa:
    case W_createprocessw:
    case W_createprocessasuser:
    case W_createprocesswithlogonw:
    case W_shellexecute:
    case W_shellexecutea:
    case W_shellexecutew:
    case W_shellexecuteex:
    case W_shellexecuteexw:
    case W_system:
    case W__wsystem:
    case W__popen:
    case W__wpopen:
        return true;
    default:
        return false;
    }
}

static bool loads_library(enum asp_word word)
{
    return word == W_loadlibrary || word == W_loadlibrarya || word == W_loadlibraryw ||
           word == W_loadlibraryex;
}

static void act_native(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value all = act_arguments(call);
    bool starts = starts_program(call->word);
    if (loads_library(call->word) && act_is_request(&all))
        asp_tell(f, ASP_LOAD, ASP_CERTAIN, "loads a library that the request names", &all,
                 call->at);
    if (call->word == W_minidumpwritedump)
        asp_tell(f, ASP_SECRETS, f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 "copies the memory of a program", &all, call->at);
    if (starts && act_is_request(&all))
        asp_tell(f, ASP_PROCESS, ASP_CERTAIN, "runs a command that comes with the request",
                 &all, call->at);
    bool memory = call->word == W_virtualalloc || call->word == W_virtualallocex ||
                  call->word == W_createthread || call->word == W_createremotethread ||
                  call->word == W_writeprocessmemory || call->word == W_queueuserapc ||
                  call->word == W_callwindowproc || call->word == W_createfiber ||
                  call->word == W_ntcreatethreadex ||
                  (call->word == W_getdelegateforfunctionpointer && f->self_contained);
    asp_tell(f, ASP_NATIVE, memory || starts ? ASP_LIKELY : ASP_WEAK,
             memory ? "puts machine code into memory" : "calls the operating system", &all,
             call->at);
    if (call->word == W_enumwindows || call->word == W_enumchildwindows ||
        call->word == W_enumsystemlocalesa)
        asp_tell_lone(f, ASP_NATIVE, "has the operating system call what it made", &all,
                      call->at);
}

static void act_account(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value all = act_arguments(call);
    bool own = call->base.object == K_ADSI;
    bool named = act_is_request(&all) || (call->base.flags & V_P_REQ);
    bool native = call->word == W_netuseradd || call->word == W_netlocalgroupaddmembers;
    bool likely = (own || native) && f->self_contained && (named || f->small);
    asp_tell(f, ASP_ACCOUNT, likely ? ASP_LIKELY : ASP_WEAK,
             named ? "makes or changes an account as the request says"
                   : "makes or changes an account",
             &all, call->at);
}

static void act_server_execute(struct asp_findings *f, const struct asp_call *call)
{
    const struct asp_value *path = act_argument(call, 0);
    bool whole = act_is_whole(path) && path->key.n;
    if (call->word == W_loadcontrol && !whole) /* a page's own parts */
        return;
    asp_tell(f, ASP_EVAL, whole && f->self_contained && f->small ? ASP_LIKELY : ASP_WEAK,
             whole ? "runs a page that the request names" : "runs another page", path,
             call->at);
}

/* Gives what it runs, and of PowerShell the object that more is asked of. */
static struct asp_value act_eval(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value made = act_arguments(call);
    struct asp_value all = act_arguments(call);
    bool shell = call->base.object == K_PSHELL;
    if (shell && call->word != W_invoke)
        made.object = K_PSHELL;
    if (shell && (call->n == 0 || (call->word == W_add && call->base.word != W_commands)))
        return made;
    if (call->n == 1)
        all = call->arguments[0];
    else
        all = *act_argument(call,
                            call->word == W_functionconstructor && call->n ? call->n - 1 : 0);
    const struct asp_value *how = act_argument(call, 1);
    struct asp_value given = act_arguments(call);
    if (call->word == W_run && call->n > 1 && act_is_request(&given)) {
        f->runs_made |= asp_is_reached(call->at);
        asp_tell(f, ASP_EVAL, ASP_WEAK, "gives the request's data to script that it makes",
                 &given, call->at);
    } else if (call->n)
        tell_code(f, shell ? ASP_PROCESS : ASP_EVAL, &all, call->at);
    if (!shell && (how->flags & V_KNOWN) && str_ieq(how->text, STR("unsafe")) &&
        !(act_argument(call, 0)->flags & V_KNOWN))
        asp_tell(f, ASP_EVAL, ASP_LIKELY, "runs text without restriction", &all, call->at);
    return made;
}

bool act_code(struct asp_findings *f, struct asp_budget *budget, const struct asp_call *call,
              enum asp_act act, struct asp_value *ret)
{
    struct asp_value all = ASP_NOTHING;
    switch ((int)act) {
    case A_EVAL:
    case A_EVAL_ARGS:
        *ret = act_eval(f, call);
        return true;
    case A_CREATE_OBJECT:
        *ret = act_create(f, budget, call);
        return true;
    case A_START:
        *ret = act_start(f, call);
        return true;
    case A_RUN:
    case A_SHELL_EXECUTE:
        *ret = act_run(f, call);
        return true;
    case A_WMI:
        all = act_arguments(call);
        tell_program(f, &all, &all, call->at);
        *ret = ASP_NOTHING;
        return true;
    case A_LOAD:
        *ret = act_load(f, call);
        return true;
    case A_INSTANCE:
        *ret = act_instance(f, call);
        return true;
    case A_INVOKE:
        if (!act_known_method(f, budget, call, ret))
            *ret = act_invoke(f, call);
        return true;
    case A_GET_TYPE:
        *ret = act_type(f, budget, call);
        return true;
    case A_COMPILE:
        all = act_arguments(call);
        tell_code(f, ASP_COMPILE, &all, call->at);
        *ret = all;
        ret->object = K_COMPILED;
        ret->flags |= act_is_request(&all) ? V_CODE : 0;
        return true;
    case A_DESERIALISE:
        all = act_arguments(call);
        asp_tell(f, ASP_DESERIALISE, act_is_request(&all) ? ASP_LIKELY : ASP_WEAK,
                 act_is_request(&all) ? "makes objects of the request's data"
                                      : "makes objects of data",
                 &all, call->at);
        if (all.flags & (V_KNOWN | V_LONG | V_HIDDEN))
            asp_tell_lone(f, ASP_DESERIALISE, "makes objects of constants", &all, call->at);
        *ret = ASP_NOTHING;
        return true;
    case A_XSL:
        all = act_arguments(call);
        if (act_is_request(&all))
            tell_code(f, ASP_EVAL, &all, call->at);
        else if (all.flags & (V_LONG | V_HIDDEN))
            asp_tell(f, ASP_EVAL, ASP_WEAK, "runs a style sheet", &all, call->at);
        *ret = ASP_NOTHING;
        return true;
    case A_ACCOUNT:
        act_account(f, call);
        *ret = ASP_NOTHING;
        ret->object = call->base.object;
        ret->flags = call->base.flags & V_P_REQ;
        return true;
    case A_SERVER_EXECUTE:
        act_server_execute(f, call);
        *ret = ASP_NOTHING;
        return true;
    case A_NATIVE:
        act_native(f, call);
        *ret = ASP_NOTHING;
        return true;
    default:
        return false;
    }
}
