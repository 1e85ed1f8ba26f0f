#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Reads a tool's contract and writes what is made from it: contract.py TABLE WHAT [VERSION] > FILE
WHAT: c (the table for the parser and the help), man, bash, zsh, fish."""
import re
import sys

COLUMNS = ["kind", "name", "short", "arg", "default", "when", "for", "place", "also", "help"]
KINDS = ["program", "verb", "group", "option", "value", "key", "status", "example"]
TYPES = {"": "", "rate": "RATE", "framing": "FRAMING", "count": "N", "word": "", "words": "",
         "size": "SIZE", "span": "SIZE|TIME", "us": "US", "ms": "MS", "sec": "SEC", "text": "TEXT",
         "file": "FILE", "pace": "echo|prompt=PATTERN", "identity": "KEY=VALUE,...", "pair": "KEY=VALUE"}


class Row(dict):
    __getattr__ = dict.__getitem__


def fail(path, number, text):
    sys.exit(f"{path}:{number}: {text}")


def split_arg(row, path):
    """`?type:label` of an option: whether the value may be left out, its type, what it is called."""
    row["optional"] = row["arg"].startswith("?")
    kind, _, label = row["arg"].lstrip("?").partition(":")
    if kind not in TYPES:
        fail(path, row["line"], f"no such kind of argument: {kind}")
    row["type"], row["least"], row["most"] = kind, 0, 0xFFFFFFFF
    if kind == "count" and label:
        row["least"], row["most"] = (int(part) for part in label.split(".."))
        label = label.replace("..", "-")
    row["label"] = label or TYPES[kind]


def check(rows, path):
    seen = {}
    verbs = {row["name"] for row in rows if row["kind"] == "verb"}
    options = {row["name"]: row for row in rows if row["kind"] == "option"}
    for row in rows:
        if row["kind"] not in KINDS or row["when"] not in ("now", "next", "later"):
            fail(path, row["line"], f"no such kind or time: {row['kind']} {row['when']}")
        key = (row["kind"], row["name"], row["for"] if row["kind"] == "value" else "")
        if key in seen:
            fail(path, row["line"], f"{row['name']} is there twice")
        seen[key] = row
        if row["kind"] == "value" and row["for"] not in options:
            fail(path, row["line"], f"a value of no option: {row['for']}")
        if row["kind"] == "option":
            unknown = set(row["for"].split(",")) - verbs - {"*"}
            if unknown:
                fail(path, row["line"], f"no such verb: {', '.join(sorted(unknown))}")
            check_letter(row, rows, path)
    for row in rows:  # a word that is there now has values that are there now
        if row["kind"] == "option" and row["type"] in ("word", "words") and not values(rows, row, row["when"]):
            fail(path, row["line"], f"no value of {row['name']} is there")


def check_letter(row, rows, path):
    for other in rows:
        if other is row or other["kind"] != "option" or not row["short"] or other["short"] != row["short"]:
            continue
        if "*" in (row["for"], other["for"]) or set(row["for"].split(",")) & set(other["for"].split(",")):
            fail(path, row["line"], f"-{row['short']} means two things to one verb")


def values(rows, option, when="now"):
    return [r for r in rows if r["kind"] == "value" and r["for"] == option["name"] and r["when"] == when]


def read(path):
    rows = []
    with open(path, encoding="utf-8") as file:
        for number, line in enumerate(file, 1):
            if line.startswith("#"):
                continue
            cells = line.rstrip("\n").split("\t")
            if len(cells) != len(COLUMNS):
                fail(path, number, f"{len(cells)} columns instead of {len(COLUMNS)}")
            row = Row(zip(COLUMNS, ("" if cell == "-" else cell for cell in cells)), line=number)
            if row["kind"] == "kind":
                continue
            if row["kind"] == "option":
                split_arg(row, path)
            rows.append(row)
    check(rows, path)
    for row in rows:
        if row["kind"] == "option" and row["type"] in ("word", "words"):
            row["label"] = "|".join(v["name"] for v in values(rows, row, row["when"]))
            if row["type"] == "words":
                row["label"] += ",..."
    return rows


# ---- the table in C ----


def quote(text):
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def write_c(rows, _version):
    program = next(r for r in rows if r["kind"] == "program")
    table = [r for r in rows if r["kind"] not in ("program", "example")]
    print("/* Made from the contract of the tool; do not change it here. */")
    print('#include "tools/common/contract.h"\n')
    print("static const struct contract_row rows[] = {")
    for r in table:
        fields = [f".kind = CONTRACT_{r['kind'].upper()}", f".when = CONTRACT_{r['when'].upper()}"]
        option = r["kind"] == "option"
        if option:
            fields += [f".type = CONTRACT_{r['type'].upper() or 'FLAG'}",
                       f".place = CONTRACT_{r['place'].upper()}",
                       f".optional = {str(r['optional']).lower()}",
                       f".least = {r['least']}u, .most = {r['most']}u"]
        texts = {"name": r["name"], "key": r["short"], "arg": r["label"] if option else r["arg"],
                 "preset": r["default"], "with": r["for"], "help": r["help"]}
        fields += [f".{name} = {quote(text)}" for name, text in texts.items()]
        print("    {" + ", ".join(fields) + "},")
    print("};\n\nstatic const struct contract_alias aliases[] = {")
    count = 0
    for number, r in enumerate(table):
        for word in r["also"].split() if r["kind"] in ("option", "value") else []:
            print(alias_c(r, number, word))
            count += 1
    if not count:
        print("    {0},")
    name = re.sub(r"\W", "_", program["name"])
    print(f"}};\n\nconst struct contract {name}_contract = {{")
    print(f"    {quote(program['name'])}, {quote(program['help'])}, rows, {len(table)}, aliases, {count}}};")


def alias_c(row, number, word):
    """A synonym, `name=VALUE` or `name:UNIT`."""
    name, sign, rest = re.match(r"([^=:]*)([=:]?)(.*)", word).groups()
    kind = (rest if sign == ":" else row.get("type", "")) or "flag"
    fixed = quote(rest) if sign == "=" else "NULL"
    return f"    {{{quote(name)}, &rows[{number}], {fixed}, CONTRACT_{kind.upper()}}},"


# ---- what people see: rows of today only ----


def of(rows, kind):
    return [r for r in rows if r["kind"] == kind and r["when"] == "now"]


def on_line(rows):
    return [r for r in of(rows, "option") if r["place"] != "conf"]


def takes(option, verb):
    return option["for"] == "*" or verb in option["for"].split(",")


def roff(text):
    return text.replace("\\", "\\e").replace("-", "\\-").replace("'", "\\(aq")


def argument(option, form="\\fI{}\\fR"):
    if not option["type"]:
        return ""
    label = form.format(roff(option["label"]))
    return f"[={label}]" if option["optional"] else f"={label}"


def write_man(rows, version):
    program = next(r for r in rows if r["kind"] == "program")
    name = program["name"]
    print(f'.TH {name.upper()} 1 "" "{name} {version}"')
    print(f".SH NAME\n{name} \\- {roff(program['help'])}\n.SH SYNOPSIS")
    for verb in of(rows, "verb"):
        shown = "" if verb["name"] == "session" else f" \\fB{verb['name']}\\fR"
        operands = f" \\fI{roff(verb['arg'])}\\fR" if verb["arg"] else ""
        print(f"\\fB{name}\\fR{shown} [\\fIOPTION\\fR...]{operands}\n.br")
    print(".SH VERBS")
    for verb in of(rows, "verb"):
        shown = verb["name"] if verb["name"] != "session" else "(none)"
        print(f".TP\n\\fB{shown}\\fR {roff(verb['arg'])}\n{roff(verb['help'])}")
    print(".SH OPTIONS")
    for row in rows:
        if row["kind"] == "group" and any(o for o in on_line(rows) if group_of(rows, o) is row):
            print(f".SS {row['help']}")
        elif row in on_line(rows):
            write_man_option(rows, row)
    if of(rows, "key"):
        print(".SH KEYS")
        for key in of(rows, "key"):
            print(f".TP\n\\fB{roff(key['short'])}\\fR ({roff(key['name'])})\n{roff(key['help'])}")
    settings = [o["name"] for o in of(rows, "option") if o["place"] != "line"]
    print(".SH CONFIGURATION\nLater ones win: defaults, /etc/xdg, the user's file, the profile, \\-\\-set, options.")
    print("A file has lines \\fBname = value\\fR, of these names:")
    print(roff(", ".join(settings)) + ".")
    print("Those before any section are for every run; those of a section [profile NAME] for \\-p NAME, or where")
    print("NAME stands for a port; \\fBmatch = PATTERN\\fR in a profile gives it to every port of such a name.")
    print("\\fBinclude = FILE\\fR reads another file here.  Text with blanks at its ends or with a comment sign is")
    print('put in "", with the escapes of C.  A comment begins with # or ; at the start of a line, or with ; after')
    print("a blank.\n.SH FILES\n.TP\n\\fI$XDG_CONFIG_HOME/" + name + "/config\\fR, else \\fI~/.config/" + name
          + "/config\\fR\nthe user's settings and profiles")
    print(f".TP\n\\fI/etc/xdg/{name}/config\\fR, or below each of \\fI$XDG_CONFIG_DIRS\\fR\nthose of the machine")
    print(".SH EXIT STATUS")
    for status in of(rows, "status"):
        fault = f" ({status['for']})" if status["for"] else ""
        print(f".TP\n{status['name']}\n{roff(status['help'] + fault)}")
    print(".SH EXAMPLES")
    for example in of(rows, "example"):
        print(f".TP\n\\fB{roff(example['name'])}\\fR\n{roff(example['help'])}")


def group_of(rows, option):
    return [r for r in rows[: rows.index(option)] if r["kind"] == "group"][-1]


def write_man_option(rows, row):
    letter = f"\\fB\\-{row['short']}\\fR, " if row["short"] else ""
    print(f".TP\n{letter}\\fB\\-\\-{roff(row['name'])}\\fR{argument(row)}")
    text = row["help"] + (f" (default: {row['default']})" if row["default"] else "")
    verbs = [v["name"] for v in of(rows, "verb") if takes(row, v["name"])]
    if row["for"] != "*":
        text += "; with " + ", ".join(verbs)
    print(roff(text))
    if row["also"]:
        print(".br\nAlso: " + roff(", ".join("--" + re.split("[=:]", word)[0] for word in row["also"].split())))
    for value in values(rows, row):
        print(f".RS\n.TP\n\\fB{roff(value['name'])}\\fR\n{roff(value['help'])}\n.RE")


# ---- completions ----


def words_of(option):
    return ["--" + option["name"]] + (["-" + option["short"]] if option["short"] else [])


def write_bash(rows, _version):
    name = next(r for r in rows if r["kind"] == "program")["name"]
    verbs = [v["name"] for v in of(rows, "verb") if v["name"] != "session"]
    print(f"# bash completion of {name}; made from its contract")
    print(f"_{name}() {{")
    print("    local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD - 1]} verb= word words=")
    print('    [ "$cur" != = ] || cur=')
    print('    [ "$prev" != = ] || prev=${COMP_WORDS[COMP_CWORD - 2]}')
    print('    for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do')
    print(f"        case $word in {'|'.join(verbs)}) verb=$word; break ;; esac\n    done")
    print("    case $prev in")
    for option in on_line(rows):
        if option["type"] in ("word", "words"):
            names = " ".join(v["name"] for v in values(rows, option))
            print(f"    {'|'.join(words_of(option))}) mapfile -t COMPREPLY < <(compgen -W '{names}' -- \"$cur\"); return ;;")
        elif option["type"] == "file":
            print(f"    {'|'.join(words_of(option))}) mapfile -t COMPREPLY < <(compgen -f -- \"$cur\"); return ;;")
        elif option["type"] and not option["optional"]:
            print(f"    {'|'.join(words_of(option))}) return ;;")
    print("    esac\n    case $verb in")
    for verb in verbs + [""]:
        words = [w for o in on_line(rows) if takes(o, verb or "session") for w in words_of(o)]
        if verb == "help" or not verb:
            words += verbs
        print(f"    {verb or '*'}) words='{' '.join(words)}' ;;")
    print("    esac")
    print("    mapfile -t COMPREPLY < <(compgen -W \"$words\" -- \"$cur\")")
    ports = "|".join(v["name"] for v in of(rows, "verb") if "PORT" in v["arg"] and v["name"] in verbs)
    if ports:
        print(f"    case $verb in {ports}) mapfile -t -O \"${{#COMPREPLY[@]}}\" COMPREPLY < <(compgen -G \"${{cur:-/dev/tty[UA]}}*\") ;; esac")
    print(f"}}\ncomplete -F _{name} {name}")


def shell(text):
    return "'" + text.replace("'", "'\\''") + "'"


def zsh_text(text):
    return re.sub(r"([\[\]:\\])", r"\\\1", text)


def write_zsh(rows, _version):
    name = next(r for r in rows if r["kind"] == "program")["name"]
    print(f"#compdef {name}\n# made from the contract of {name}\n_{name}() {{\n    local -a verbs common\n    verbs=(")
    for verb in of(rows, "verb"):
        if verb["name"] != "session":
            print(f"        {shell(verb['name'] + ':' + verb['help'])}")
    print("    )\n    local verb=${${(M)words[2,-1]:#(" +
          "|".join(v["name"] for v in of(rows, "verb") if v["name"] != "session") + ")}[1]}")
    print("    case $verb in")
    for verb in of(rows, "verb") + [None]:
        key = verb["name"] if verb else "*"
        if key == "session":
            continue
        print(f"    {key})\n        _arguments -s \\")
        for option in on_line(rows):
            if takes(option, verb["name"] if verb else "session"):
                print(f"            {zsh_option(rows, option)} \\")
        rest = "'*::verb:{ _describe verb verbs }'" if not verb or key == "help" else "'*:operand:_files'"
        print(f"            {rest} ;;")
    print(f"    esac\n}}\n_{name} \"$@\"")


def zsh_option(rows, option):
    action = ""
    if option["type"] in ("word", "words"):
        action = f":{option['name']}:({' '.join(v['name'] for v in values(rows, option))})"
    elif option["type"]:
        action = f":{zsh_text(option['label'])}:{'_files' if option['type'] == 'file' else ''}"
    form = "" if not option["type"] else "=-:" if option["optional"] else "="
    if option["optional"]:
        form, action = "=-", ":" + action
    text = f"[{zsh_text(option['help'])}]{action}"
    words = [shell("--" + option["name"] + form + text)]
    if option["short"]:
        words.append(shell("-" + option["short"] + ("+" if option["type"] else "") + text))
    return " ".join(words)


def write_fish(rows, _version):
    name = next(r for r in rows if r["kind"] == "program")["name"]
    verbs = [v for v in of(rows, "verb") if v["name"] != "session"]
    print(f"# fish completion of {name}; made from its contract")
    for verb in verbs:
        print(f"complete -c {name} -n __fish_use_subcommand -a {verb['name']} -d {shell(verb['help'])}")
    for option in on_line(rows):
        condition = ""
        if option["for"] != "*":
            used = [v["name"] for v in verbs if takes(option, v["name"])]
            condition = f" -n '__fish_seen_subcommand_from {' '.join(used)}'"
        words = f" -l {option['name']}" + (f" -s {option['short']}" if option["short"] else "")
        if option["type"] in ("word", "words"):
            words += f" -x -a '{' '.join(v['name'] for v in values(rows, option))}'"
        elif option["type"] and not option["optional"]:
            words += " -r" if option["type"] == "file" else " -x"
        print(f"complete -c {name}{condition}{words} -d {shell(option['help'])}")


def main():
    if len(sys.argv) < 3 or f"write_{sys.argv[2]}" not in globals():
        sys.exit(__doc__)
    globals()[f"write_{sys.argv[2]}"](read(sys.argv[1]), sys.argv[3] if len(sys.argv) > 3 else "")


if __name__ == "__main__":
    main()
