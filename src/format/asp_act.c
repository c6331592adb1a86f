#include "format/asp_value.h"

enum act {
    A_NONE,
    A_CLEAN,     /* a number, a truth: nothing flows */
    A_PASS,      /* what goes in comes out */
    A_PASS_NAME, /* the last part of a path */
    A_EVAL,
    A_EVAL_ARGS, /* code is one of the arguments */
    A_CREATE_OBJECT,
    A_START,
    A_RUN,
    A_SHELL_EXECUTE,
    A_WMI,
    A_LOAD,
    A_INSTANCE,
    A_INVOKE,
    A_GET_TYPE,
    A_COMPILE,
    A_DESERIALISE,
    A_XSL,
    A_NATIVE,
    A_WRITE_ALL,
    A_OPEN_WRITE,
    A_OPEN,
    A_WRITE_TO,
    A_SAVE_AS,
    A_SAVE_TO_FILE,
    A_COPY,
    A_DELETE,
    A_READ_ALL,
    A_SEND_FILE,
    A_LIST,
    A_DRIVES,
    A_FOLDER,
    A_MAP,
    A_SQL_OPEN,
    A_SQL_RUN,
    A_SQL_NEW,
    A_CONNECT,
    A_FETCH,
    A_FETCH_FILE,
    A_HTTP_OPEN,
    A_REGISTRY,
    A_BINARY_READ,
    A_MAKE, /* an object of what it is made with */
    A_UNZIP,
};

struct method {
    uint8_t object, act;
};

enum { WAYS = 6 };

/* clang-format off */
#define ON(object, act) {K_##object, A_##act}
static const struct method METHODS[W_WORDS][WAYS] = {
    [W_eval] = {ON(BARE, EVAL), ON(SCRIPTCTL, EVAL), ON(ANY, EVAL)},
    [W_execute] = {ON(BARE, EVAL), ON(ADOCONN, SQL_RUN), ON(ADOCMD, SQL_RUN), ON(SCRIPTCTL, EVAL), ON(HIDDENOBJECT, RUN)},
    [W_executeglobal] = {ON(BARE, EVAL), ON(ANY, EVAL)},
    [W_executestatement] = {ON(ANY, EVAL)},
    [W_addcode] = {ON(ANY, EVAL)},
    [W_execscript] = {ON(ANY, EVAL)},
    [W_jscriptevaluate] = {ON(ANY, EVAL), ON(BARE, EVAL)},
    [W_addscript] = {ON(ANY, EVAL)},
    [W_invokescript] = {ON(ANY, EVAL)},
    [W_addcommand] = {ON(PSHELL, EVAL)},
    [W_createpipeline] = {ON(PSHELL, EVAL)},
    [W_invoke] = {ON(PSHELL, EVAL), ON(METHOD, INVOKE), ON(ANY, INVOKE)},
    [W_evaluateasync] = {ON(SCRIPTHOST, EVAL)}, [W_evaluate] = {ON(SCRIPTHOST, EVAL)},
    [W_runasync] = {ON(SCRIPTHOST, EVAL)}, [W_create] = {ON(SCRIPTHOST, EVAL), ON(FILECLASS, OPEN_WRITE), ON(WEBREQUEST, FETCH), ON(WMI, WMI), ON(ANY, PASS)},
    [W_createobject] = {ON(ANY, CREATE_OBJECT), ON(BARE, CREATE_OBJECT)},
    [W_activexobject] = {ON(ANY, CREATE_OBJECT), ON(BARE, CREATE_OBJECT)},
    [W_createobjectfromclsid] = {ON(ANY, CREATE_OBJECT)},
    [W_getobject] = {ON(BARE, CREATE_OBJECT)},
    [W_gettypefromprogid] = {ON(ANY, CREATE_OBJECT)},
    [W_gettypefromclsid] = {ON(ANY, CREATE_OBJECT)},
    [W_start] = {ON(PROCESS, START)},
    [W_shell] = {ON(BARE, START)},
    [W_processstartinfo] = {ON(ANY, MAKE), ON(BARE, MAKE)},
    [W_run] = {ON(WSHELL, RUN), ON(SCRIPTCTL, EVAL), ON(HIDDENOBJECT, RUN)},
    [W_exec] = {ON(WSHELL, RUN), ON(HIDDENOBJECT, RUN)},
    [W_shellexecute] = {ON(SHELLAPP, SHELL_EXECUTE), ON(HIDDENOBJECT, SHELL_EXECUTE), ON(NONE, SHELL_EXECUTE), ON(BARE, NATIVE)},
    [W_load] = {ON(ASSEMBLY, LOAD), ON(APPDOMAIN, LOAD), ON(XSL, XSL)},
    [W_loadfrom] = {ON(ASSEMBLY, LOAD)}, [W_loadfile] = {ON(ASSEMBLY, LOAD)}, [W_unsafeloadfrom] = {ON(ASSEMBLY, LOAD)},
    [W_loadfromstream] = {ON(ASSEMBLY, LOAD)},
    [W_createinstance] = {ON(ANY, INSTANCE)}, [W_createinstancefrom] = {ON(ANY, INSTANCE)},
    [W_createinstanceandunwrap] = {ON(ANY, INSTANCE)},
    [W_invokemember] = {ON(ANY, INVOKE)}, [W_dynamicinvoke] = {ON(ANY, INVOKE)},
    [W_callbyname] = {ON(BARE, INVOKE)},
    [W_gettype] = {ON(TYPE, GET_TYPE), ON(ASSEMBLY, GET_TYPE), ON(BARE, GET_TYPE)},
    [W_compileassemblyfromsource] = {ON(ANY, COMPILE)}, [W_compileassemblyfromdom] = {ON(ANY, COMPILE)},
    [W_compileassemblyfromfile] = {ON(ANY, COMPILE)},
    [W_deserialize] = {ON(FORMATTER, DESERIALISE)}, [W_unsafedeserialize] = {ON(FORMATTER, DESERIALISE)},
    [W_virtualalloc] = {ON(ANY, NATIVE), ON(BARE, NATIVE)}, [W_virtualprotect] = {ON(ANY, NATIVE), ON(BARE, NATIVE)},
    [W_virtualallocex] = {ON(ANY, NATIVE), ON(BARE, NATIVE)}, [W_createthread] = {ON(ANY, NATIVE), ON(BARE, NATIVE)},
    [W_createremotethread] = {ON(ANY, NATIVE), ON(BARE, NATIVE)}, [W_heapcreate] = {ON(ANY, NATIVE), ON(BARE, NATIVE)},
    [W_writeprocessmemory] = {ON(ANY, NATIVE), ON(BARE, NATIVE)}, [W_winexec] = {ON(ANY, NATIVE), ON(BARE, NATIVE)},
    [W_createprocess] = {ON(ANY, NATIVE), ON(BARE, NATIVE)}, [W_createprocessa] = {ON(ANY, NATIVE), ON(BARE, NATIVE)},
    [W_createprocessasuser] = {ON(ANY, NATIVE), ON(BARE, NATIVE)}, [W_getdelegateforfunctionpointer] = {ON(ANY, NATIVE)},
    [W_queueuserapc] = {ON(ANY, NATIVE), ON(BARE, NATIVE)}, [W_loadlibrary] = {ON(BARE, NATIVE)},
    [W_writeallbytes] = {ON(FILECLASS, WRITE_ALL)}, [W_writealltext] = {ON(FILECLASS, WRITE_ALL)},
    [W_writealllines] = {ON(FILECLASS, WRITE_ALL)}, [W_appendalltext] = {ON(FILECLASS, WRITE_ALL)},
    [W_createtext] = {ON(FILECLASS, OPEN_WRITE)}, [W_appendtext] = {ON(FILECLASS, OPEN_WRITE)},
    [W_openwrite] = {ON(FILECLASS, OPEN_WRITE)}, [W_open] = {ON(FILECLASS, OPEN), ON(ADOCONN, SQL_OPEN), ON(ADORS, SQL_RUN), ON(HTTP, HTTP_OPEN), ON(SQLCONN, SQL_OPEN), ON(SHELLAPP, SHELL_EXECUTE)},
    [W_openread] = {ON(FILECLASS, READ_ALL), ON(WEBCLIENT, FETCH)},
    [W_streamwriter] = {ON(BARE, OPEN_WRITE), ON(ANY, OPEN_WRITE)}, [W_binarywriter] = {ON(BARE, OPEN_WRITE), ON(ANY, OPEN_WRITE)},
    [W_filestream] = {ON(BARE, OPEN), ON(ANY, OPEN)}, [W_streamreader] = {ON(BARE, OPEN), ON(ANY, OPEN)},
    [W_createtextfile] = {ON(FSO, OPEN_WRITE), ON(FOLDER, OPEN_WRITE), ON(HIDDENOBJECT, OPEN_WRITE)},
    [W_opentextfile] = {ON(FSO, OPEN), ON(HIDDENOBJECT, OPEN)}, [W_openastextstream] = {ON(ANY, OPEN)},
    [W_opentext] = {ON(FILECLASS, READ_ALL)},
    [W_write] = {ON(TEXTFILE, WRITE_TO), ON(WRITER, WRITE_TO), ON(STREAM, WRITE_TO), ON(ADOSTREAM, MAKE), ON(SOCKET, CLEAN)},
    [W_writeline] = {ON(TEXTFILE, WRITE_TO), ON(WRITER, WRITE_TO)}, [W_writetext] = {ON(ADOSTREAM, MAKE)},
    [W_writebyte] = {ON(STREAM, WRITE_TO)}, [W_writeasync] = {ON(WRITER, WRITE_TO), ON(STREAM, WRITE_TO)},
    [W_saveas] = {ON(POSTED, SAVE_AS), ON(REQUEST, SAVE_TO_FILE), ON(ANY, SAVE_AS)}, [W_save] = {ON(POSTED, SAVE_AS), ON(XMLDOM, SAVE_TO_FILE), ON(ADORS, SAVE_TO_FILE)},
    [W_savetofile] = {ON(ANY, SAVE_TO_FILE)},
    [W_copy] = {ON(FILECLASS, COPY), ON(FOLDER, COPY), ON(STRINGCLASS, PASS)}, [W_copyto] = {ON(FILECLASS, COPY)},
    [W_move] = {ON(FILECLASS, COPY), ON(DIRCLASS, COPY), ON(FOLDER, COPY)}, [W_moveto] = {ON(FILECLASS, COPY), ON(FOLDER, COPY)},
    [W_copyfile] = {ON(FSO, COPY), ON(HIDDENOBJECT, COPY)}, [W_movefile] = {ON(FSO, COPY)}, [W_copyfolder] = {ON(FSO, COPY)},
    [W_movefolder] = {ON(FSO, COPY)}, [W_copyhere] = {ON(ANY, COPY)}, [W_movehere] = {ON(ANY, COPY)},
    [W_delete] = {ON(FILECLASS, DELETE), ON(DIRCLASS, DELETE), ON(FOLDER, DELETE)},
    [W_deletefile] = {ON(FSO, DELETE)}, [W_deletefolder] = {ON(FSO, DELETE)},
    [W_createfolder] = {ON(FSO, CLEAN)}, [W_createdirectory] = {ON(DIRCLASS, CLEAN)},
    [W_readalltext] = {ON(FILECLASS, READ_ALL)}, [W_readallbytes] = {ON(FILECLASS, READ_ALL)},
    [W_readalllines] = {ON(FILECLASS, READ_ALL)}, [W_loadfromfile] = {ON(ADOSTREAM, READ_ALL)},
    [W_writefile] = {ON(RESPONSE, SEND_FILE)}, [W_transmitfile] = {ON(RESPONSE, SEND_FILE)},
    [W_getfiles] = {ON(DIRCLASS, LIST), ON(FOLDER, LIST)}, [W_getdirectories] = {ON(DIRCLASS, LIST), ON(FOLDER, LIST)},
    [W_getfilesystementries] = {ON(DIRCLASS, LIST)}, [W_getfilesysteminfos] = {ON(FOLDER, LIST)},
    [W_enumeratefiles] = {ON(DIRCLASS, LIST), ON(FOLDER, LIST)}, [W_enumeratedirectories] = {ON(DIRCLASS, LIST), ON(FOLDER, LIST)},
    [W_getlogicaldrives] = {ON(DIRCLASS, DRIVES), ON(ENVIRONMENT, DRIVES)}, [W_getdrives] = {ON(DRIVES, DRIVES)},
    [W_getfolder] = {ON(FSO, FOLDER), ON(HIDDENOBJECT, FOLDER)}, [W_getdrive] = {ON(FSO, DRIVES)}, [W_namespace] = {ON(SHELLAPP, FOLDER)},
    [W_directoryinfo] = {ON(BARE, FOLDER), ON(ANY, FOLDER)}, [W_getfile] = {ON(FSO, MAKE)},
    [W_fileinfo] = {ON(BARE, MAKE), ON(ANY, MAKE)},
    [W_mappath] = {ON(ANY, MAP), ON(BARE, MAP)},
    [W_getfilename] = {ON(PATHCLASS, PASS_NAME), ON(FSO, PASS_NAME)}, [W_getextension] = {ON(PATHCLASS, CLEAN)},
    [W_getfilenamewithoutextension] = {ON(PATHCLASS, PASS_NAME)},
    [W_getextensionname] = {ON(FSO, CLEAN)},
    [W_executenonquery] = {ON(ANY, SQL_RUN)}, [W_executereader] = {ON(ANY, SQL_RUN)}, [W_executescalar] = {ON(ANY, SQL_RUN)},
    [W_executequery] = {ON(ANY, SQL_RUN)},
    [W_fill] = {ON(SQLADAPTER, SQL_RUN)},
    [W_sqlcommand] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)}, [W_oledbcommand] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)},
    [W_odbccommand] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)}, [W_oraclecommand] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)},
    [W_sqldataadapter] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)}, [W_oledbdataadapter] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)},
    [W_odbcdataadapter] = {ON(BARE, SQL_NEW), ON(ANY, SQL_NEW)},
    [W_sqlconnection] = {ON(BARE, SQL_OPEN), ON(ANY, SQL_OPEN)}, [W_oledbconnection] = {ON(BARE, SQL_OPEN), ON(ANY, SQL_OPEN)},
    [W_odbcconnection] = {ON(BARE, SQL_OPEN), ON(ANY, SQL_OPEN)},
    [W_connect] = {ON(SOCKET, CONNECT)}, [W_tcpclient] = {ON(BARE, CONNECT), ON(ANY, CONNECT)},
    [W_beginconnect] = {ON(SOCKET, CONNECT)}, [W_bind] = {ON(SOCKET, CONNECT)},
    [W_downloadstring] = {ON(ANY, FETCH)}, [W_downloaddata] = {ON(ANY, FETCH)}, [W_getstringasync] = {ON(ANY, FETCH)},
    [W_downloadfile] = {ON(ANY, FETCH_FILE)}, [W_uploaddata] = {ON(WEBCLIENT, FETCH)}, [W_uploadstring] = {ON(WEBCLIENT, FETCH)},
    [W_opensubkey] = {ON(ANY, REGISTRY)}, [W_regread] = {ON(ANY, REGISTRY)}, [W_regwrite] = {ON(ANY, REGISTRY)},
    [W_regdelete] = {ON(ANY, REGISTRY)}, [W_getvalue] = {ON(REGISTRY, REGISTRY)}, [W_setvalue] = {ON(REGISTRY, REGISTRY)},
    [W_openremotebasekey] = {ON(ANY, REGISTRY)},
    [W_binaryread] = {ON(REQUEST, BINARY_READ)},
    [W_extracttodirectory] = {ON(ANY, UNZIP)},
    /* what makes a number or a truth of it, or a path of its own */
    [W_cint] = {ON(BARE, CLEAN)}, [W_clng] = {ON(BARE, CLEAN)}, [W_cbool] = {ON(BARE, CLEAN)}, [W_cdbl] = {ON(BARE, CLEAN)},
    [W_toint32] = {ON(ANY, CLEAN)}, [W_toint16] = {ON(ANY, CLEAN)}, [W_toint64] = {ON(ANY, CLEAN)}, [W_todouble] = {ON(ANY, CLEAN)},
    [W_toboolean] = {ON(ANY, CLEAN)}, [W_todatetime] = {ON(ANY, CLEAN)}, [W_isnumeric] = {ON(BARE, CLEAN)},
    [W_parse] = {ON(ANY, CLEAN)}, [W_len] = {ON(BARE, CLEAN)}, [W_contains] = {ON(ANY, CLEAN)}, [W_indexof] = {ON(ANY, CLEAN)},
    [W_lastindexof] = {ON(ANY, CLEAN)}, [W_startswith] = {ON(ANY, CLEAN)}, [W_endswith] = {ON(ANY, CLEAN)},
    [W_compareto] = {ON(ANY, CLEAN)}, [W_compare] = {ON(ANY, CLEAN)},
    [W_instr] = {ON(BARE, CLEAN)}, [W_instrrev] = {ON(BARE, CLEAN)}, [W_isnullorempty] = {ON(ANY, CLEAN)},
    [W_exists] = {ON(ANY, CLEAN)}, [W_fileexists] = {ON(ANY, CLEAN)}, [W_folderexists] = {ON(ANY, CLEAN)},
    [W_tryparse] = {ON(ANY, CLEAN)}, [W_strcomp] = {ON(BARE, CLEAN)}, [W_equals] = {ON(ANY, PASS)},
    [W_isempty] = {ON(BARE, CLEAN)}, [W_isnull] = {ON(BARE, CLEAN)}, [W_gethashcode] = {ON(ANY, CLEAN)},
    [W_parseint] = {ON(BARE, CLEAN)}, [W_parsefloat] = {ON(BARE, CLEAN)}, [W_isnan] = {ON(BARE, CLEAN)},
    [W_computehash] = {ON(ANY, CLEAN)}, [W_hashpasswordforstoringinconfigfile] = {ON(ANY, CLEAN)},
};
/* clang-format on */

static enum act act_of(const struct asp_call *call)
{
    unsigned want = call->bare ? (unsigned)K_BARE : call->base.object;
    enum act any = A_NONE;
    for (size_t i = 0; i < WAYS && METHODS[call->word][i].act; i++) {
        if (METHODS[call->word][i].object == want)
            return (enum act)METHODS[call->word][i].act;
        if (METHODS[call->word][i].object == K_ANY && !call->bare)
            any = (enum act)METHODS[call->word][i].act;
    }
    return any;
}

/* Calls that do nothing without another one that is looked for. */
static bool is_common(enum asp_word word)
{
    return word == W_write || word == W_writeline || word == W_writetext || word == W_open ||
           word == W_create || word == W_copy || word == W_bind || word == W_fill ||
           word == W_move || word == W_copyto || word == W_load || word == W_gettype ||
           word == W_getvalue || word == W_connect || word == W_save || word == W_namespace;
}

bool asp_may_act(const struct asp_code *code)
{
    for (size_t i = 1; i < W_WORDS; i++) {
        if (!asp_has_word(code, (enum asp_word)i) || is_common((enum asp_word)i))
            continue;
        enum act act = (enum act)METHODS[i][0].act;
        if (act != A_NONE && act != A_CLEAN && act != A_PASS && act != A_PASS_NAME &&
            act != A_MAP && act != A_WRITE_TO && act != A_SQL_OPEN && act != A_MAKE)
            return true;
    }
    return asp_has_word(code, W_assembly) || asp_has_word(code, W_process) ||
           asp_has_word(code, W_processstartinfo) ||
           asp_has_word(code, W_xslcompiledtransform) || asp_has_word(code, W_xsltransform) ||
           asp_has_word(code, W_socket) || asp_has_word(code, W_dllimport) ||
           asp_has_word(code, W_directory) || asp_has_word(code, W_file);
}

void asp_tell(struct asp_findings *f, enum asp_can can, enum asp_sure sure, const char *why,
              const struct asp_value *v, const struct asp_token *at)
{
    f->can |= 1U << can;
    if (f->best[can].sure >= sure)
        return;
    f->best[can] = (struct asp_found){.sure = sure,
                                      .why = why,
                                      .key = v->flags & V_REQ ? v->key : STR(""),
                                      .at = at->p,
                                      .lang = (enum asp_lang)at->lang};
}

/* --- what is asked of values ------------------------------------------------------------------ */

static bool is_request(const struct asp_value *v)
{
    return (v->flags & V_REQ) != 0;
}

/* All of it is the request's, or all of the path behind the site's root. */
static bool is_whole(const struct asp_value *v)
{
    return (v->flags & V_REQ) && !(v->flags & (V_LEAD | V_MAPPED));
}

static bool is_whole_path(const struct asp_value *v)
{
    return (v->flags & V_P_REQ) && !(v->flags & (V_P_LEAD | V_P_MAPPED));
}

/* Whether a known path is one that the server would run. */
static bool is_page_name(const struct asp_value *path)
{
    static const char *const ends[] = {".asp", ".aspx", ".ashx",   ".asmx", ".asa",
                                       ".cer", ".cdx",  ".cshtml", ".php",  ".ascx"};
    for (size_t i = 0; (path->flags & V_KNOWN) && i < sizeof ends / sizeof *ends; i++)
        if (str_iends(str_trim(path->text), str_of(ends[i])))
            return true;
    return false;
}

/* The flags of an object that is at a path. */
static uint32_t path_flags(const struct asp_value *path)
{
    uint32_t flags = path->flags & (V_P_REQ | V_P_LEAD | V_P_MAPPED);
    flags |= path->flags & V_REQ ? (uint32_t)V_P_REQ : 0;
    flags |= path->flags & V_LEAD ? (uint32_t)V_P_LEAD : 0;
    flags |= path->flags & V_MAPPED ? (uint32_t)V_P_MAPPED : 0;
    flags |= (path->flags & V_P_PAGE) || is_page_name(path) ? (uint32_t)V_P_PAGE : 0;
    return flags;
}

static bool is_shell(const struct asp_value *v)
{
    static const char *const names[] = {"cmd",     "powershell", "pwsh", "%comspec%", "wscript",
                                        "cscript", "comspec",    "bash", "rundll32",  "mshta"};
    if (v->flags & V_SHELL)
        return true;
    if (!(v->flags & V_KNOWN))
        return false;
    struct str name = str_trim(str_part(v->text, 0, 260));
    for (size_t i = name.n; i > 0; i--)
        if (name.p[i - 1] == '\\' || name.p[i - 1] == '/') {
            if (name.p[i - 1] == '/' && i > 1 && name.p[i - 2] == ' ')
                continue;
            name = str_part(name, i, name.n);
            break;
        }
    if (name.n && name.p[0] == '"')
        name = str_part(name, 1, name.n);
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct str one = str_of(names[i]);
        char next = name.n > one.n ? name.p[one.n] : ' ';
        if (str_istarts(name, one) && (next == ' ' || next == '.' || next == '"'))
            return true;
    }
    return false;
}

static const struct asp_value *argument(const struct asp_call *call, size_t i)
{
    return i < call->n ? &call->arguments[i] : &ASP_NOTHING;
}

static struct asp_value all_arguments(const struct asp_call *call)
{
    struct asp_value all = ASP_NOTHING;
    for (size_t i = 0; i < call->n; i++)
        all = asp_union(&all, &call->arguments[i]);
    return all;
}

/* --- evaluation, programs, libraries ------------------------------------------------------------ */

/* Whether what stands before the request's data lets them be statements of their own, not a word
 * in one. */
static bool ends_statement(struct str lead)
{
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

/* Code that is run: how sure it is that this is a back door. */
static void tell_code(struct asp_findings *f, enum asp_can can, const struct asp_value *code,
                      const struct asp_token *at)
{
    if ((code->flags & V_LEAD) && !ends_statement(code->text) && can == ASP_EVAL)
        asp_tell(f, can, ASP_WEAK, "runs text with words of the request in it", code, at);
    else if (is_request(code) || (code->flags & V_CODE))
        asp_tell(f, can, ASP_CERTAIN, "runs what comes with the request", code, at);
    else if (code->flags & (V_KNOWN | V_NUMBER))
        asp_tell(f, can, ASP_WEAK, "runs a constant text", code, at);
    else if ((code->flags & V_NET) && f->self_contained && (f->small || (code->flags & V_LONG)))
        asp_tell(f, can, ASP_LIKELY, "runs text fetched from another server", code, at);
    else if ((code->flags & (V_LONG | V_HIDDEN)) && !(code->flags & V_FILE) &&
             f->self_contained && (f->small || (code->flags & V_LONG)))
        asp_tell(f, can, ASP_LIKELY, "runs text that is hidden in constants", code, at);
    else
        asp_tell(f, can, ASP_WEAK, "runs text that is made when it runs", code, at);
}

static void tell_program(struct asp_findings *f, const struct asp_value *program,
                         const struct asp_value *words, const struct asp_token *at)
{
    if (is_request(program))
        asp_tell(f, ASP_PROCESS, ASP_CERTAIN, "starts a program that the request names",
                 program, at);
    else if (is_request(words) && (is_shell(program) || !(program->flags & V_KNOWN)))
        asp_tell(f, ASP_PROCESS, ASP_CERTAIN, "runs a command that comes with the request",
                 words, at);
    else if (is_request(words))
        asp_tell(f, ASP_PROCESS, ASP_WEAK, "starts a program with words of the request", words,
                 at);
    else if (is_shell(program) && !(words->flags & V_KNOWN))
        asp_tell(f, ASP_PROCESS, ASP_LIKELY, "starts a command shell", program, at);
    else
        asp_tell(f, ASP_PROCESS, ASP_WEAK, "starts a program", program, at);
}

static void act_start(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value words = all_arguments(call);
    struct asp_value program = call->n ? call->arguments[0] : call->base;
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
}

static void act_run(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value words = all_arguments(call);
    tell_program(f, argument(call, 0), &words, call->at);
}

static struct asp_value act_create(struct asp_findings *f, struct asp_budget *budget,
                                   const struct asp_call *call)
{
    struct asp_value made = ASP_NOTHING;
    const struct asp_value *id = argument(call, 0);
    struct str text;
    if (is_request(id)) {
        asp_tell(f, ASP_REFLECT, ASP_WEAK, "makes an object that the request names", id,
                 call->at);
        made.object = K_HIDDENOBJECT;
    } else if (asp_text_of(budget, id, &text)) {
        made.object = (uint16_t)asp_object_of_id(text);
    } else if (id->flags & V_HIDDEN) {
        asp_tell(f, ASP_REFLECT, ASP_WEAK, "makes an object whose name is hidden", id,
                 call->at);
        made.object = K_HIDDENOBJECT;
    }
    return made;
}

static struct asp_value act_load(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value all = all_arguments(call);
    struct asp_value made = ASP_NOTHING;
    made.object = K_ASSEMBLY;
    if (is_request(&all)) {
        asp_tell(f, ASP_LOAD, ASP_CERTAIN, "loads a program that comes with the request", &all,
                 call->at);
        made.flags = V_CODE | V_REQ;
        made.key = all.key;
    } else if ((all.flags & (V_LONG | V_HIDDEN)) || (argument(call, 0)->flags & V_LONG)) {
        asp_tell(f, ASP_LOAD, ASP_LIKELY, "loads a program that is hidden in constants", &all,
                 call->at);
        made.flags = V_HIDDEN;
    } else {
        asp_tell(f, ASP_LOAD, ASP_WEAK, "loads a program into the server", &all, call->at);
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
    inner.base = *argument(call, 0);
    inner.base.object = (uint16_t)(call->base.number >> 16);
    inner.arguments = call->arguments + 1;
    inner.n = call->n - 1;
    if (inner.n == 0) {
        inner.arguments = call->arguments;
        inner.n = 1;
    }
    return inner.word != W_invoke && asp_act(f, budget, &inner, ret, &flags);
}

static struct asp_value act_invoke(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value all = all_arguments(call);
    struct asp_value whole = asp_union(&call->base, &all);
    bool code = (call->base.flags & V_CODE) != 0;
    bool named = (call->base.object == K_TYPE || call->base.object == K_METHOD ||
                  call->base.object == K_ASSEMBLY || call->base.object == K_ACTIVATOR ||
                  call->word == W_callbyname) &&
                 (is_request(&call->base) || is_request(argument(call, 0)));
    if (code || (named && call->word != W_invoke) || (named && is_request(&call->base)))
        asp_tell(f, ASP_REFLECT, ASP_CERTAIN, "calls code that comes with the request", &whole,
                 call->at);
    else if (call->base.object == K_TYPE || call->base.object == K_METHOD ||
             call->base.object == K_ASSEMBLY)
        asp_tell(f, ASP_REFLECT, ASP_WEAK, "calls code by its name", &whole, call->at);
    whole.object = K_NONE;
    return whole;
}

static struct asp_value act_instance(struct asp_findings *f, const struct asp_call *call)
{
    const struct asp_value *type = argument(call, 0);
    struct asp_value made = act_invoke(f, call);
    if (call->base.object == K_ACTIVATOR && type->object != K_TYPE && type->object != K_METHOD)
        made.object = type->object;
    return made;
}

static struct asp_value act_type(struct asp_findings *f, struct asp_budget *budget,
                                 const struct asp_call *call)
{
    struct asp_value made = call->base;
    const struct asp_value *name = argument(call, 0);
    struct str text;
    (void)f;
    made.object = K_TYPE;
    made.flags &= V_CODE | V_REQ | V_HIDDEN;
    if (is_request(name)) {
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

/* --- files ----------------------------------------------------------------------------------- */

/* A constant text with script in it that is written to a file is looked at later. */
static void note_page(struct asp_findings *f, const struct asp_value *content)
{
    if ((content->flags & V_KNOWN) && f->n_written < ASP_WRITTEN &&
        (str_find(content->text, STR("<%"), 0) != SIZE_MAX ||
         str_ifind(content->text, STR("runat"), 0) != SIZE_MAX))
        f->written[f->n_written++] = content->text;
}

static void tell_write(struct asp_findings *f, uint32_t path, struct str path_key,
                       const struct asp_value *content, const struct asp_token *at)
{
    struct asp_value at_path = ASP_NOTHING;
    at_path.flags = path;
    bool content_request = is_request(content) || (content->flags & V_UPLOAD);
    bool item = is_request(content) && (content->key.n || path_key.n);
    bool below = item && (path & V_P_REQ) && !(path & V_P_LEAD);
    bool page = (path & V_P_PAGE) && f->self_contained;
    note_page(f, content);
    if (content_request && is_whole_path(&at_path) && item)
        asp_tell(f, ASP_WRITE, ASP_LIKELY,
                 "writes what comes with the request to a file that it names", content, at);
    else if (below && f->self_contained)
        asp_tell(f, ASP_WRITE, ASP_LIKELY, "writes what comes with the request below the site",
                 content, at);
    else if (page && item && !(content->flags & V_LEAD))
        asp_tell(f, ASP_WRITE, ASP_LIKELY, "writes what comes with the request to a page",
                 content, at);
    else if (page && (content->flags & V_NET))
        asp_tell(f, ASP_WRITE, ASP_LIKELY, "fetches a page from another server", content, at);
    else
        asp_tell(f, ASP_WRITE, ASP_WEAK, "writes a file", content, at);
    if ((content->flags & V_SECRET) && (path & V_APPEND))
        asp_tell(f, ASP_CREDENTIALS, ASP_LIKELY,
                 "keeps a password that is sent to it in a file", content, at);
}

/* new StreamWriter(path, true), OpenTextFile(path, 8), File.AppendText(path) */
static bool appends(const struct asp_call *call)
{
    const struct asp_value *how = argument(call, 1);
    return call->word == W_appendtext || (call->word == W_streamwriter && call->n > 1) ||
           (call->word == W_opentextfile && (how->flags & V_NUMBER) && how->number == 8) ||
           (call->word == W_filestream && how->word == W_append);
}

static struct asp_value act_open(struct asp_findings *f, const struct asp_call *call,
                                 enum act act)
{
    struct asp_value made = call->base;
    const struct asp_value *path = argument(call, 0);
    bool reader = call->word == W_streamreader;
    made.text = STR("");
    made.key = path->key;
    made.object = call->base.object == K_FSO || call->base.object == K_HIDDENOBJECT ? K_TEXTFILE
                  : reader                                                          ? K_READER
                  : call->word == W_streamwriter || call->word == W_binarywriter    ? K_WRITER
                                                                                    : K_STREAM;
    made.flags = path_flags(path) | (call->base.flags & (V_P_REQ | V_P_LEAD | V_P_MAPPED));
    made.flags |= appends(call) ? V_APPEND : 0;
    if (path->object && path->object != K_CONTROL) { /* a stream around a stream */
        made.flags |= path->flags & (V_REQ | V_FILE | V_UPLOAD | V_HIDDEN | V_LONG | V_APPEND);
        made.key = path->key;
        return made;
    }
    if (!reader && (act == A_OPEN_WRITE || call->n > 1))
        asp_tell(f, ASP_WRITE, ASP_WEAK, "opens a file to write", path, call->at);
    if (reader || act == A_OPEN) {
        made.flags |= V_FILE;
        if (is_whole(path))
            asp_tell(f, ASP_READ, ASP_WEAK, "reads a file that the request names", path,
                     call->at);
    }
    return made;
}

static void act_save_as(struct asp_findings *f, const struct asp_call *call)
{
    const struct asp_value *path = argument(call, 0);
    bool client = (path->flags & V_CLIENT) != 0;
    if (call->n == 0)
        return;
    if (is_request(path) && !(path->flags & V_LEAD) && !client && path->key.n)
        asp_tell(f, ASP_UPLOAD, f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 "keeps an uploaded file where the request says", path, call->at);
    else if (is_request(path) && !client && !(path->flags & V_MAPPED) && path->key.n)
        asp_tell(f, ASP_UPLOAD, f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 "keeps an uploaded file in a folder that the request names", path, call->at);
    else
        asp_tell(f, ASP_UPLOAD, ASP_WEAK, "keeps an uploaded file", path, call->at);
}

static void act_copy(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value all = all_arguments(call);
    bool whole = is_whole(argument(call, 0)) || is_whole(argument(call, 1)) ||
                 is_whole_path(&call->base);
    asp_tell(f, ASP_DELETE, ASP_WEAK,
             whole ? "copies or moves files that the request names" : "copies or moves files",
             &all, call->at);
    if (is_whole(argument(call, 0)) && is_whole(argument(call, 1)) && f->self_contained)
        f->best[ASP_DELETE].sure = ASP_LIKELY;
}

static void tell_path(struct asp_findings *f, enum asp_can can, const struct asp_value *path,
                      const char *whole_why, const char *why, const struct asp_token *at)
{
    bool whole = is_whole(path) || is_whole_path(path);
    struct asp_value told = *path;
    if (path->flags & V_P_REQ)
        told.flags |= V_REQ;
    enum asp_sure sure = whole && f->self_contained ? ASP_LIKELY : ASP_WEAK;
    asp_tell(f, can, sure, whole ? whole_why : why, &told, at);
}

static struct asp_value act_list(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value path = call->base.object == K_FOLDER ? call->base : *argument(call, 0);
    struct asp_value made = ASP_NOTHING;
    tell_path(f, ASP_BROWSE, &path, "lists a folder that the request names", "lists a folder",
              call->at);
    made.object = K_FOLDER;
    made.flags = path_flags(&path);
    made.key = path.key;
    return made;
}

static struct asp_value act_folder(const struct asp_call *call)
{
    const struct asp_value *path = argument(call, 0);
    struct asp_value made = ASP_NOTHING;
    made.object = K_FOLDER;
    made.flags = path_flags(path);
    made.key = path->key;
    return made;
}

static struct asp_value act_read(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value made = ASP_NOTHING;
    const struct asp_value *path = call->n ? argument(call, 0) : &call->base;
    asp_tell(f, ASP_READ, ASP_WEAK,
             is_whole(path) ? "reads a file that the request names" : "reads a file", path,
             call->at);
    made.flags = V_FILE;
    made.object = K_READER;
    return made;
}

/* --- databases, networks, the rest -------------------------------------------------------------- */

static void tell_sql(struct asp_findings *f, bool command, bool connection,
                     const struct asp_value *v, const struct asp_token *at)
{
    if (command && connection)
        asp_tell(f, ASP_SQL, ASP_CERTAIN,
                 "runs statements of the request in a database that it names", v, at);
    else if (command)
        asp_tell(f, ASP_SQL, f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 "runs statements that come with the request", v, at);
    else
        asp_tell(f, ASP_SQL, ASP_WEAK, "works with a database", v, at);
}

static struct asp_value act_sql_new(struct asp_findings *f, const struct asp_call *call)
{
    const struct asp_value *command = argument(call, 0);
    const struct asp_value *connection = argument(call, 1);
    struct asp_value made = ASP_NOTHING;
    bool named = ((connection->flags | path_flags(connection)) & V_P_REQ) != 0;
    made.object = (uint16_t)asp_object_of_word(call->word);
    made.key = is_request(command) ? command->key : connection->key;
    made.flags = is_whole(command) ? V_SQL : 0;
    made.flags |= named ? V_P_REQ : 0;
    tell_sql(f, is_whole(command), named, command, call->at);
    return made;
}

static void act_sql_run(struct asp_findings *f, const struct asp_call *call)
{
    const struct asp_value *command = call->n ? argument(call, 0) : &call->base;
    bool whole = is_whole(command) || (call->base.flags & V_SQL);
    bool named = (call->base.flags & V_P_REQ) || (path_flags(argument(call, 1)) & V_P_REQ);
    if (call->base.object == K_NONE && !(call->base.flags & (V_SQL | V_P_REQ)))
        return;
    struct asp_value told = *command;
    if (whole && !is_request(command)) {
        told = call->base;
        told.flags |= V_REQ;
    }
    tell_sql(f, whole, named, &told, call->at);
}

static struct asp_value act_sql_open(struct asp_findings *f, const struct asp_call *call,
                                     uint32_t *ret_base_flags)
{
    const struct asp_value *connection = argument(call, 0);
    struct asp_value made = ASP_NOTHING;
    made.object = K_SQLCONN;
    made.key = connection->key;
    made.flags = is_request(connection) ? V_P_REQ : 0;
    *ret_base_flags |= made.flags;
    asp_tell(f, ASP_SQL, ASP_WEAK, "works with a database", connection, call->at);
    return made;
}

static void act_connect(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value all = all_arguments(call);
    if (is_request(&all))
        asp_tell(f, ASP_TUNNEL, ASP_LIKELY, "connects to a machine that the request names",
                 &all, call->at);
    else if (call->n)
        asp_tell(f, ASP_TUNNEL, ASP_WEAK, "connects to another machine", &all, call->at);
}

static struct asp_value act_fetch(struct asp_findings *f, const struct asp_call *call,
                                  enum act act)
{
    struct asp_value url = *argument(call, act == A_HTTP_OPEN ? 1 : 0);
    const struct asp_value *path = argument(call, 1);
    if (act == A_FETCH_FILE && is_whole(&url) && is_request(path))
        asp_tell(f, ASP_WRITE, ASP_LIKELY, "fetches a file to where the request says", &url,
                 call->at);
    else if (act == A_FETCH_FILE && is_whole(&url))
        asp_tell(f, ASP_WRITE, f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 "fetches a file from where the request says", &url, call->at);
    asp_tell(f, ASP_FETCH, ASP_WEAK,
             is_whole(&url) ? "asks a server that the request names" : "asks another server",
             &url, call->at);
    struct asp_value made = ASP_NOTHING;
    made.object = act == A_HTTP_OPEN ? K_HTTP : call->word == W_create ? K_WEBREQUEST : K_NONE;
    made.flags = V_NET;
    return made;
}

static void act_native(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value all = all_arguments(call);
    bool starts = call->word == W_winexec || call->word == W_createprocess ||
                  call->word == W_createprocessa || call->word == W_shellexecute;
    if (starts && is_request(&all))
        asp_tell(f, ASP_PROCESS, ASP_CERTAIN, "runs a command that comes with the request",
                 &all, call->at);
    bool memory = call->word == W_virtualalloc || call->word == W_virtualallocex ||
                  call->word == W_createthread || call->word == W_createremotethread ||
                  call->word == W_writeprocessmemory || call->word == W_queueuserapc;
    asp_tell(f, ASP_NATIVE, memory || starts ? ASP_LIKELY : ASP_WEAK,
             memory ? "puts machine code into memory" : "calls the operating system", &all,
             call->at);
}

static void act_eval(struct asp_findings *f, const struct asp_call *call)
{
    struct asp_value all = all_arguments(call);
    bool shell = call->base.object == K_PSHELL;
    if (shell && call->n == 0)
        return;
    if (call->n == 1)
        all = call->arguments[0];
    else
        all = *argument(call, 0);
    const struct asp_value *how = argument(call, 1);
    if (call->n)
        tell_code(f, shell ? ASP_PROCESS : ASP_EVAL, &all, call->at);
    if (!shell && (how->flags & V_KNOWN) && str_ieq(how->text, STR("unsafe")) &&
        !(argument(call, 0)->flags & V_KNOWN))
        asp_tell(f, ASP_EVAL, ASP_LIKELY, "runs text without restriction", &all, call->at);
}

static bool act_code(struct asp_findings *f, struct asp_budget *budget,
                     const struct asp_call *call, enum act act, struct asp_value *ret)
{
    struct asp_value all = ASP_NOTHING;
    switch ((int)act) {
    case A_EVAL:
    case A_EVAL_ARGS:
        act_eval(f, call);
        *ret = all_arguments(call);
        return true;
    case A_CREATE_OBJECT:
        *ret = act_create(f, budget, call);
        return true;
    case A_START:
        act_start(f, call);
        *ret = ASP_NOTHING;
        ret->object = K_PROCESS;
        return true;
    case A_RUN:
    case A_SHELL_EXECUTE:
        act_run(f, call);
        *ret = ASP_NOTHING;
        ret->object = K_WEXEC;
        return true;
    case A_WMI:
        all = all_arguments(call);
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
        all = all_arguments(call);
        tell_code(f, ASP_COMPILE, &all, call->at);
        *ret = all;
        ret->object = K_COMPILED;
        ret->flags |= is_request(&all) ? V_CODE : 0;
        return true;
    case A_DESERIALISE:
        all = all_arguments(call);
        asp_tell(f, ASP_DESERIALISE, is_request(&all) ? ASP_LIKELY : ASP_WEAK,
                 is_request(&all) ? "makes objects of the request's data"
                                  : "makes objects of data",
                 &all, call->at);
        *ret = ASP_NOTHING;
        return true;
    case A_XSL:
        all = all_arguments(call);
        if (is_request(&all))
            tell_code(f, ASP_EVAL, &all, call->at);
        else if (all.flags & (V_LONG | V_HIDDEN))
            asp_tell(f, ASP_EVAL, ASP_WEAK, "runs a style sheet", &all, call->at);
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

static bool act_file(struct asp_findings *f, const struct asp_call *call, enum act act,
                     struct asp_value *ret, uint32_t *ret_base_flags)
{
    struct asp_value all = all_arguments(call);
    *ret = ASP_NOTHING;
    switch ((int)act) {
    case A_WRITE_ALL:
        tell_write(f,
                   path_flags(argument(call, 0)) |
                       (call->word == W_appendalltext ? (uint32_t)V_APPEND : 0),
                   argument(call, 0)->key, argument(call, 1), call->at);
        return true;
    case A_OPEN_WRITE:
    case A_OPEN:
        *ret = act_open(f, call, act);
        return true;
    case A_WRITE_TO:
        tell_write(f, call->base.flags, call->base.key, call->n == 1 ? argument(call, 0) : &all,
                   call->at);
        return true;
    case A_SAVE_AS:
        act_save_as(f, call);
        return true;
    case A_SAVE_TO_FILE:
        tell_write(f, path_flags(argument(call, 0)), argument(call, 0)->key, &call->base,
                   call->at);
        return true;
    case A_COPY:
        act_copy(f, call);
        return true;
    case A_DELETE:
        tell_path(f, ASP_DELETE, call->n ? argument(call, 0) : &call->base,
                  "deletes what the request names", "deletes files", call->at);
        return true;
    case A_READ_ALL:
        *ret = act_read(f, call);
        *ret_base_flags |= V_FILE;
        return true;
    case A_SEND_FILE:
        tell_path(f, ASP_READ, argument(call, 0), "sends a file that the request names",
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
        asp_tell(f, ASP_WRITE, is_whole(&all) ? ASP_LIKELY : ASP_WEAK, "unpacks an archive",
                 &all, call->at);
        return true;
    default:
        return false;
    }
}

static bool act_other(struct asp_findings *f, const struct asp_call *call, enum act act,
                      struct asp_value *ret, uint32_t *ret_base_flags)
{
    struct asp_value all = all_arguments(call);
    *ret = ASP_NOTHING;
    switch ((int)act) {
    case A_CLEAN:
        return true;
    case A_PASS:
        *ret = asp_union(&call->base, &all);
        return true;
    case A_PASS_NAME:
        *ret = all;
        ret->flags |= ret->flags & V_REQ ? V_LEAD : 0;
        return true;
    case A_MAP:
        *ret = call->n == 1 ? call->arguments[0] : all;
        ret->object = K_NONE;
        ret->flags |= V_MAPPED;
        return true;
    case A_SQL_OPEN:
        *ret = act_sql_open(f, call, ret_base_flags);
        return true;
    case A_SQL_RUN:
        act_sql_run(f, call);
        return true;
    case A_SQL_NEW:
        *ret = act_sql_new(f, call);
        return true;
    case A_CONNECT:
        act_connect(f, call);
        ret->object = K_SOCKET;
        return true;
    case A_FETCH:
    case A_FETCH_FILE:
    case A_HTTP_OPEN:
        *ret = act_fetch(f, call, act);
        *ret_base_flags |= ret->flags;
        return true;
    case A_REGISTRY:
        asp_tell(f, ASP_REGISTRY, is_whole(&all) && f->self_contained ? ASP_LIKELY : ASP_WEAK,
                 is_whole(&all) ? "works with the registry key that the request names"
                                : "works with the registry",
                 &all, call->at);
        ret->object = K_REGISTRY;
        return true;
    case A_BINARY_READ:
        ret->flags = V_REQ | V_UPLOAD;
        return true;
    case A_MAKE:
        *ret = all;
        ret->flags |= path_flags(&all);
        ret->object =
            call->bare || call->is_new ? (uint16_t)asp_object_of_word(call->word) : K_FILECLASS;
        ret->flags |=
            call->word == W_processstartinfo && is_shell(argument(call, 0)) ? V_SHELL : 0;
        *ret_base_flags |= all.flags;
        return true;
    default:
        return false;
    }
}

bool asp_act(struct asp_findings *f, struct asp_budget *budget, const struct asp_call *call,
             struct asp_value *ret, uint32_t *ret_base_flags)
{
    enum act act = act_of(call);
    *ret_base_flags = 0;
    if (act == A_NONE)
        return false;
    return act_code(f, budget, call, act, ret) || act_file(f, call, act, ret, ret_base_flags) ||
           act_other(f, call, act, ret, ret_base_flags);
}

void asp_act_set(struct asp_findings *f, const struct asp_value *base, enum asp_word word,
                 const struct asp_value *value, const struct asp_token *at,
                 uint32_t *ret_base_flags)
{
    *ret_base_flags = 0;
    switch ((int)word) {
    case W_commandtext:
    case W_selectcommand:
        *ret_base_flags = is_whole(value) ? V_SQL : 0;
        if (is_whole(value))
            tell_sql(f, true, (base->flags & V_P_REQ) != 0, value, at);
        return;
    case W_connectionstring:
    case W_activeconnection:
        *ret_base_flags = is_request(value) ? V_P_REQ : value->flags & V_P_REQ;
        return;
    case W_filename:
        *ret_base_flags = (value->flags & (V_REQ | V_HIDDEN)) | (is_shell(value) ? V_SHELL : 0);
        return;
    default:
        *ret_base_flags = value->flags & (V_REQ | V_FILE | V_HIDDEN | V_LONG | V_UPLOAD |
                                          V_SHELL | V_P_REQ | V_CODE);
        return;
    }
}
