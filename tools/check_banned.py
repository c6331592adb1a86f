#!/usr/bin/env python3
"""Fails if C code calls a function that has a better one in this project. Run from the
project's root."""
import pathlib
import re
import sys

MEMORY = "memory comes from an arena (base/arena.h) or a struct buf (base/buf.h)"
NUMBER = "use base/num.h: the whole text or failure"
COPY = "use struct str, struct buf or memcpy with a checked length"
BANNED = {
    **dict.fromkeys("malloc calloc realloc reallocarray free strdup strndup asprintf vasprintf"
                    .split(), MEMORY),
    **dict.fromkeys("alloca __builtin_alloca".split(), "its size cannot be checked"),
    **dict.fromkeys("strcpy strncpy stpcpy strcat strncat sprintf vsprintf gets strtok strtok_r"
                    .split(), COPY),
    **dict.fromkeys("atoi atol atoll atof strtol strtoul strtoll strtoull strtod strtof scanf "
                    "sscanf fscanf vsscanf".split(), NUMBER),
    **dict.fromkeys("gmtime localtime ctime asctime mktime strftime strptime".split(),
                    "use base/time.h"),
    **dict.fromkeys("tolower toupper isalpha isalnum isdigit isspace isxdigit".split(),
                    "its answer depends on the locale, and a negative char is undefined"),
    **dict.fromkeys("system popen tmpnam tempnam mktemp rand srand basename dirname setjmp "
                    "longjmp".split(), "no part of this project needs it"),
    **dict.fromkeys("printf puts putchar perror".split(),
                    "layers below cli do not talk: return an error, or append to a buf"),
    **dict.fromkeys("exit atexit".split(), "return to main (abort is for our own mistakes)"),
}
# file or folder: what may be called there after all
ALLOWED = {
    "src/base/arena.c": "calloc free",
    "src/base/buf.c": "realloc free",
    "src/cli": "printf puts putchar perror",
}
# Comments and literals are blanked, so that a word in a text is not a call.
NOT_CODE = re.compile(r"""/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'""", re.S)
CALL = re.compile(r"(?<![\w.>])(%s)\s*\(" % "|".join(BANNED))
UNFINISHED = re.compile(r"\b(TO" r"DO|FIX" r"ME|X" r"XX)\b")


def complaints(path, text):
    allowed = " ".join(ALLOWED.get(str(place), "") for place in (path, path.parent)).split()
    code = NOT_CODE.sub(lambda m: re.sub(r"[^\n]", " ", m[0]), text)
    for m in CALL.finditer(code):
        if m[1] not in allowed:
            yield code.count("\n", 0, m.start()) + 1, f"{m[1]}: {BANNED[m[1]]}"
    for n, line in enumerate(text.splitlines(), 1):
        if UNFINISHED.search(line):
            yield n, "finish it, or open an issue"


def main():
    bad = 0
    for path in sorted(pathlib.Path("src").glob("*/*.[ch]")):
        for n, wrong in complaints(path, path.read_text(encoding="utf-8")):
            bad += 1
            print(f"{path}:{n}: {wrong}")
    return bad > 0


sys.exit(main())
