#!/usr/bin/env python3
"""Makes manual pages and completions from the program's own table of commands.

usage: command_docs.py man TABLE FOLDER         assay.1, assay-scan.1, ... in FOLDER
       command_docs.py SHELL TABLE FILE         SHELL: bash, zsh or fish

TABLE is what `assay help --dump` prints (src/cli/cmd.h). Nothing here knows a command by name,
but for the overview, assay.1.
"""
import json
import re
import sys
from pathlib import Path

FILES = {"PATH", "FILE", "DIR", "CASE", "ARCHIVE", "FOLDER"}


class Choice:
    """What may stand for a value or operand: words, names of files, packs or commands."""

    def __init__(self, text, table):
        text = text or ""
        names = set(re.findall(r"(?<![A-Z=])[A-Z]+", text))
        self.words = re.findall(r"(?:^|(?<=\|))[a-z][a-z0-9+-]*(?=\||$)", text)
        self.files = bool(names & FILES)
        if "PACK" in names:
            self.words = self.words + table["packs"]
        if "COMMAND" in names:
            self.words = self.words + [c["name"] for c in top(table)]


def top(table):
    return [c for c in table["commands"] if " " not in c["name"]]


def parts_of(table, command):
    return [c for c in table["commands"] if c["name"] in command["parts"]]


def with_help(command):
    """The options of a command, and --help, which every one has."""
    return command["options"] + [{"name": "help", "letter": "h", "value": None, "repeated": False,
                                  "group": None, "help": "print this help"}]


def operand_choice(table, command):
    if command["parts"]:
        choice = Choice("", table)
        choice.words = [p.split()[1] for p in command["parts"]]
        return choice
    if command["most"] == 0:
        return Choice("", table)
    return Choice(command["operands"], table)


def one_line(text):
    return " ".join(text.split())


# --- manual pages ---------------------------------------------------------------------------------

def roff(text):
    """Text as it shall be seen."""
    text = text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")
    text = text.replace("^", "\\(ha").replace("~", "\\(ti").replace("`", "\\(ga")
    return "\\&" + text if text.startswith(".") else text


def paragraphs(text):
    return ".PP\n".join(roff(one_line(p)) + "\n" for p in re.split(r"\n\s*\n", text) if p.strip())


def title(name, table):
    return f'.TH {name.upper()} 1 {table["as_of"]} "assay {table["version"]}" "User Commands"\n'


def page_name(command):
    return "assay-" + command["name"].replace(" ", "-")


def see(names):
    out = []
    for i, name in enumerate(names):
        out.append(f'.BR {roff(name)} (1){"," if i + 1 < len(names) else ""}\n')
    return "".join(out)


def man_option(option):
    left = f'\\fB\\-{option["letter"]}\\fR, ' if option["letter"] else ""
    left += f'\\fB\\-\\-{roff(option["name"])}\\fR'
    if option["value"]:
        left += f' \\fI{roff(option["value"])}\\fR'
    return f'.TP\n{left}\n{roff(one_line(option["help"]))}\n'


def man_command(command, table):
    name = page_name(command)
    out = title(name, table)
    out += f'.SH NAME\n{roff(name)} \\- {roff(command["summary"])}\n'
    out += f'.SH SYNOPSIS\n.B assay {roff(command["name"])}\n'
    if command["options"]:
        out += "[\\fIoptions\\fR]\n"
    if command["operands"]:
        out += roff(command["operands"]) + "\n"
    detail = command["detail"] or command["summary"][0].upper() + command["summary"][1:] + "."
    out += ".SH DESCRIPTION\n" + paragraphs(detail)
    parts = parts_of(table, command)
    if parts:
        out += ".SH COMMANDS\n"
        for part in parts:
            out += f'.TP\n.BR {roff(page_name(part))} (1)\n{roff(part["summary"])}\n'
    out += ".SH OPTIONS\n"
    for option in with_help(command):
        if option["group"]:
            out += f'.SS {roff(option["group"].capitalize())}\n'
        out += man_option(option)
    out += man_examples(command["examples"])
    above = [page_name({"name": command["name"].split()[0]})] if " " in command["name"] else []
    return out + ".SH SEE ALSO\n" + see(["assay"] + above)


def man_examples(examples):
    out = ".SH EXAMPLES\n" if examples else ""
    for example in examples:
        out += f'.TP\n.B {roff(example["line"])}\n{roff(one_line(example["what"]))}\n'
    return out


OVERVIEW = """.SH DESCRIPTION
.B assay
reads what a server wrote down while it stood on the internet: event logs, web logs, application
logs, files, archives and images of disks.
It says whether the server was exposed, attacked and entered, whether a way back is left, what was
done and what left; how sure that is, and by which record.
Where the evidence cannot say, it says so.
.PP
The network is never used and evidence is never changed.
.PP
.B assay COMMAND \\-\\-help
prints what the pages named below hold.
"""

STATUS = """.SH EXIT STATUS
Of
.BR assay\\-scan (1):
.TP
.B 0
Nothing was found, and the evidence covers all that the packs which apply need.
.TP
.B 1
Entry reached or worse, a back door, an act, a loss, or a finding from
.B \\-\\-level
up.
.TP
.B 2
A mistake in the call, or the system failed.
Damaged evidence is never 2.
.TP
.B 3
Nothing was found, but the evidence does not cover all that is needed.
.PP
Other commands exit with 0 when done and 2 as above; what 1 and 3 mean is said in their pages.
"""

ENVIRONMENT = """.SH ENVIRONMENT
.TP
.B NO_COLOR
If set, nothing is coloured.
.TP
.B TMPDIR
Where correlations put what does not fit into memory; else
.IR /tmp .
.TP
.BR XDG_DATA_HOME ", " HOME
Where imported rules are, see below.
.SH FILES
.TP
.I $XDG_DATA_HOME/assay/rules/NAME
A set of rules taken over by
.B assay rules import
and used by its name; without that variable, below
.IR \\(ti/.local/share .
.TP
.I CASE
One SQLite file with a verdict and what it rests on, as
.B assay scan \\-o
writes it.
"""


def man_overview(table):
    out = title("assay", table)
    out += ".SH NAME\nassay \\- was this server entered? An answer from its own evidence\n"
    out += ".SH SYNOPSIS\n.B assay\n.I COMMAND\n\\&...\n" + OVERVIEW + ".SH COMMANDS\n"
    for command in top(table):
        out += f'.TP\n.BR {roff(page_name(command))} (1)\n{roff(command["summary"])}\n'
    out += STATUS + ENVIRONMENT
    out += man_examples([c["examples"][0] for c in top(table) if c["examples"]])
    return out + ".SH SEE ALSO\n" + see([page_name(c) for c in top(table)])


def write_man(table, folder):
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("assay*.1"):
        old.unlink()
    (folder / "assay.1").write_text(man_overview(table))
    for command in table["commands"]:
        (folder / (page_name(command) + ".1")).write_text(man_command(command, table))


# --- bash -----------------------------------------------------------------------------------------

BASH_HEAD = """# Completion of assay for bash. Made from the program's own table of commands.

_assay_words() {
    mapfile -t COMPREPLY < <(compgen -W "$1" -- "$2")
}

# Names of files beside the words.
_assay_files() {
    local -a words
    mapfile -t words < <(compgen -W "$1" -- "$2")
    mapfile -t COMPREPLY < <(compgen -f -- "$2")
    COMPREPLY+=("${words[@]}")
    compopt -o filenames 2>/dev/null
}

_assay() {
    local cur=${COMP_WORDS[COMP_CWORD]} prev='' command='' part='' i=1
    local -a words=()
    COMPREPLY=()
    [[ COMP_CWORD -gt 0 ]] && prev=${COMP_WORDS[COMP_CWORD-1]}
    if [[ $cur == '=' ]]; then # --option=VALUE comes in three words
        cur=''
    elif [[ $prev == '=' && COMP_CWORD -gt 2 ]]; then
        prev=${COMP_WORDS[COMP_CWORD-2]}
    fi
    while [[ i -lt COMP_CWORD ]]; do
        words+=("${COMP_WORDS[i++]}")
    done
    command=${words[0]-}
    part=${words[1]-}
    if [[ -z $command ]]; then
"""


def quoted(text):
    return "'" + text.replace("'", "'\\''") + "'"


def bash_choice(choice, before=""):
    words = before + " ".join(choice.words)
    if choice.files:
        return f'_assay_files {quoted(words)} "$cur"'
    return f'_assay_words {quoted(words)} "$cur"'


def bash_command(command, table):
    options = with_help(command)
    key = command["name"]
    out = f"    {quoted(key)})\n        case $prev in\n"
    for option in options:
        if not option["value"]:
            continue
        names = f'--{option["name"]}' + (f'|-{option["letter"]}' if option["letter"] else "")
        out += f'        {names})\n            {bash_choice(Choice(option["value"], table))}\n'
        out += "            return ;;\n"
    out += "        esac\n        if [[ $cur == -* ]]; then\n"
    long = " ".join("--" + o["name"] for o in options)
    out += f'            _assay_words {quoted(long)} "$cur"\n        else\n'
    out += f"            {bash_choice(operand_choice(table, command))}\n        fi ;;\n"
    return out


def bash(table):
    names = " ".join(c["name"] for c in top(table)) + " --help --version"
    out = BASH_HEAD + f'        _assay_words {quoted(names)} "$cur"\n        return\n    fi\n'
    out += '    case "$command $part" in\n'
    parted = [c["name"] for c in table["commands"] if " " in c["name"]]
    if parted:
        out += "    " + "|".join(quoted(n) for n in parted) + ') command="$command $part" ;;\n'
    out += "    esac\n    case $command in\n"
    for command in table["commands"]:
        out += bash_command(command, table)
    return out + "    esac\n}\ncomplete -F _assay assay\n"


# --- zsh ------------------------------------------------------------------------------------------

def zsh_text(text):
    """Inside [...] or :...: of a specification, inside '...'."""
    return re.sub(r"([][:\\])", r"\\\1", one_line(text)).replace("'", "'\\''")


def zsh_action(choice):
    if choice.files and choice.words:
        words = " ".join(choice.words)
        return f'_alternative "words\\:word\\:({words})" "files\\:file\\:_files"'
    if choice.files:
        return "_files"
    return f'({" ".join(choice.words)})' if choice.words else " "


def zsh_option(option, table):
    text = f'[{zsh_text(option["help"])}]'
    value = ""
    if option["value"]:
        value = f':{zsh_text(option["value"])}:{zsh_action(Choice(option["value"], table))}'
    long = f'--{option["name"]}' + ("=" if option["value"] else "")
    both = f'-{option["letter"]} --{option["name"]}' if option["letter"] else ""
    once = "*" if option["repeated"] else f"({both})" if both else ""
    if not option["letter"]:
        return f"'{once}{long}{text}{value}'"
    short = f'-{option["letter"]}' + ("+" if option["value"] else "")
    return f"'{once}'{{{short},{long}}}'{text}{value}'"


def zsh_list(commands, last):
    out = "            local -a list=(\n"
    for command in commands:
        name = command["name"].split()[-1 if last else 0]
        out += f"                '{name}:{zsh_text(command['summary'])}'\n"
    return out + "            )\n            _describe command list ;;\n"


def zsh_function(command):
    return "_assay_" + command["name"].replace(" ", "_")


def zsh_command(command, table):
    out = f"{zsh_function(command)}() {{\n"
    parts = parts_of(table, command)
    if parts:
        out += "    local state line context\n    _arguments -C '1: :->part' '*:: :->rest'\n"
        out += "    case $state in\n        part)\n" + zsh_list(parts, True)
        out += "        rest) (( $+functions[_assay_" + command["name"] + "_$words[1]] )) &&"
        return out + f' _assay_{command["name"]}_$words[1] ;;\n    esac\n}}\n\n'
    specs = [zsh_option(o, table) for o in with_help(command)]
    choice = operand_choice(table, command)
    if command["most"]:
        many = "*" if command["most"] > 1 else "1"
        specs.append(f"'{many}:{zsh_text(command['operands'])}:{zsh_action(choice)}'")
    return out + "    _arguments -s \\\n        " + " \\\n        ".join(specs) + "\n}\n\n"


def zsh(table):
    out = "#compdef assay\n# Made from the program's own table of commands.\n\n"
    for command in table["commands"]:
        out += zsh_command(command, table)
    out += "_assay() {\n    local state line context\n"
    out += "    _arguments -C '(- *)--help[print all commands]' "
    out += "'(- *)--version[print the version]' '1: :->command' '*:: :->rest'\n"
    out += "    case $state in\n        command)\n" + zsh_list(top(table), False)
    out += "        rest) (( $+functions[_assay_$words[1]] )) && _assay_$words[1] ;;\n"
    return out + '    esac\n}\n\n_assay "$@"\n'


# --- fish -----------------------------------------------------------------------------------------

FISH_HEAD = """# Completion of assay for fish. Made from the program's own table of commands.

# Whether the words so far begin with this command, or with this command and part.
function __assay_at
    set -l words (commandline -opc)
    set -e words[1]
    test (count $words) -ge (count $argv); or return 1
    for i in (seq (count $argv))
        test "$words[$i]" = "$argv[$i]"; or return 1
    end
end

# Whether exactly these words were written, and the next one is being chosen.
function __assay_next
    set -l words (commandline -opc)
    test (count $words) -eq (math 1 + (count $argv)); or return 1
    test (count $argv) -eq 0; or __assay_at $argv
end

complete -c assay -f
"""


def fish_text(text):
    return "'" + one_line(text).replace("\\", "\\\\").replace("'", "\\'") + "'"


def fish_command(command, table):
    at = f'-n "__assay_at {command["name"]}"'
    out = ""
    for option in with_help(command):
        choice = Choice(option["value"], table)
        line = f'complete -c assay {at} -l {option["name"]}'
        line += f' -s {option["letter"]}' if option["letter"] else ""
        if option["value"]:
            line += " -r" + (" -F" if choice.files else " -f")
        if choice.words:
            line += f' -a {fish_text(" ".join(choice.words))}'
        out += f'{line} -d {fish_text(option["help"])}\n'
    choice = operand_choice(table, command)
    if choice.files:
        out += f"complete -c assay {at} -F\n"
    if choice.words:
        out += f'complete -c assay {at} -a {fish_text(" ".join(choice.words))}\n'
    return out


def fish(table):
    out = FISH_HEAD
    for command in top(table):
        out += f'complete -c assay -n __assay_next -a {command["name"]}'
        out += f' -d {fish_text(command["summary"])}\n'
    for command in table["commands"]:
        if not command["parts"]:
            out += fish_command(command, table)
        for part in parts_of(table, command):
            out += f'complete -c assay -n "__assay_next {command["name"]}"'
            out += f' -a {part["name"].split()[1]} -d {fish_text(part["summary"])}\n'
    return out


def main():
    if len(sys.argv) != 4 or sys.argv[1] not in ("man", "bash", "zsh", "fish"):
        sys.exit(__doc__)
    table = json.loads(Path(sys.argv[2]).read_text())
    out = Path(sys.argv[3])
    if sys.argv[1] == "man":
        write_man(table, out)
    else:
        out.write_text({"bash": bash, "zsh": zsh, "fish": fish}[sys.argv[1]](table))


if __name__ == "__main__":
    main()
