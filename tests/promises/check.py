#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Compares the promises (*.tsv beside this file) with the tests that have just run.

Every row names what shows its sentence: test functions (`file:function`), figures (`bench:name`), or
`open: reason`.  A named function must have passed, in each engine mode its file is registered for; a file
that skipped itself makes the row "skipped", never "shown".  `file:function@suite` was run by that suite of
the rig, which runs apart: it must have passed there since the library was built; else the row has not been
shown by the rig, which the summary says.  A row that claims more than that is a lie, and a lie fails the
check."""
import argparse
import pathlib
import re
import sys

HEADER = ["id", "sentence", "fixture", "shown-by"]
LAST = {"overlapped.tsv": ("O", 193), "pipes.tsv": ("P", 154), "serial.tsv": ("S", 145)}  # ids are complete up to here; new ones continue the numbers
HERE = pathlib.Path(__file__).resolve().parent


def lines_of(path):
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8")
    except FileNotFoundError:
        return []
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def read_modes(path):
    rows = (line.split("\t") for line in lines_of(path))
    return {stem: modes.split() for stem, modes in rows}


def read_ran(paths):
    """(function, mode) pairs that passed; `file:skip` stands for a whole file."""
    return {tuple(line.split("\t")) for path in paths for line in lines_of(path)}


def read_rows(path):
    lines = lines_of(path)
    if not lines or lines[0].split("\t") != HEADER:
        raise ValueError(f"{path.name}: the first line is not: {' '.join(HEADER)}")
    for line in lines[1:]:
        cells = line.split("\t")
        if len(cells) != len(HEADER) or not all(cell.strip() for cell in cells):
            raise ValueError(f"{path.name}: not four filled cells: {line}")
        yield cells


def ids_that_are_wrong(path, ids):
    letter, last = LAST[path.name]
    if any(ids.count(i) > 1 for i in set(ids)):
        yield f"{path.name}: twice: {' '.join(sorted(i for i in set(ids) if ids.count(i) > 1))}"
    missing = [f"{letter}{n}" for n in range(1, last + 1) if f"{letter}{n}" not in ids]
    if missing:
        yield f"{path.name}: missing: {' '.join(missing)}"
    strange = [i for i in ids if not re.fullmatch(letter + r"[1-9]\d*", i)]
    if strange:
        yield f"{path.name}: strange: {' '.join(strange)}"


def read_rig(directory, library):
    """suite -> functions that passed in it; suites whose guest ran before the library was built are not there."""
    if directory is None:
        return {}
    built = pathlib.Path(library).stat().st_mtime
    records = pathlib.Path(directory).glob("*/ran.txt")
    return {
        path.parent.name: {line.split("\t")[0] for line in lines_of(path)}
        for path in records
        if path.stat().st_mtime >= built
    }


def judge_rig(claim, rig):
    function, _, suite = claim.partition("@")
    if suite not in rig:
        return "unbooted"
    return "shown" if function in rig[suite] else f"{function} has not passed in the rig's suite {suite}"


def judge(claim, modes, ran, figures, rig):
    """What one word of `shown-by` is worth: shown, skipped, unbooted, or a reason why it is a lie."""
    if "@" in claim:
        return judge_rig(claim, rig)
    stem, _, name = claim.partition(":")
    if stem == "bench":
        return "shown" if name in figures else f"bench/figures.tsv lists no {name}"
    if not name or stem not in modes:
        return f"no test file {stem} is registered"
    lacking = [mode for mode in modes[stem] if (claim, mode) not in ran]
    if not lacking:
        return "shown"
    if all((f"{stem}:skip", mode) in ran for mode in lacking):
        return "skipped"
    return f"{claim} has not passed in mode {', '.join(lacking)}"


def check_file(path, modes, ran, figures, rig, count):
    rows = list(read_rows(path))
    lies = list(ids_that_are_wrong(path, [row[0] for row in rows]))
    for number, _, _, shown_by in rows:
        if shown_by.startswith("open:"):
            if not shown_by[5:].strip():
                lies.append(f"{number}: open without a reason")
            count["open"] += 1
            continue
        verdicts = [judge(claim, modes, ran, figures, rig) for claim in shown_by.split()]
        wrong = [v for v in verdicts if v not in ("shown", "skipped", "unbooted")]
        lies += [f"{number}: {reason}" for reason in wrong]
        if wrong:
            continue
        count["unbooted"] += "unbooted" in verdicts
        count["skipped" if "skipped" in verdicts or "shown" not in verdicts else "shown"] += 1
    return lies


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--modes", required=True, help="file: test file, its engine modes")
    parser.add_argument("--ran", required=True, nargs="+", help="records of functions that passed")
    parser.add_argument("--rig", nargs=2, metavar=("DIRECTORY", "LIBRARY"), help="what the rig left")
    parser.add_argument("--figures", required=True, help="table of the figures bench/ prints")
    parser.add_argument("--summary", help="where to write the one-line summary as well")
    args = parser.parse_args()

    modes, ran = read_modes(args.modes), read_ran(args.ran)
    figures = {line.split("\t")[0] for line in lines_of(args.figures)[1:]}
    rig = read_rig(*args.rig) if args.rig else {}
    count = {"shown": 0, "open": 0, "skipped": 0, "unbooted": 0}
    lies = []
    for name in LAST:
        try:
            lies += check_file(HERE / name, modes, ran, figures, rig, count)
        except ValueError as error:
            lies.append(str(error))
    for path in sorted(HERE.glob("*.tsv")):
        if path.name not in LAST:
            lies.append(f"{path.name} is in no list of this script, so nothing would check it")

    summary = f"promises: {count['shown']} shown, {count['open']} open"
    if count["skipped"]:
        summary += f", {count['skipped']} skipped here"
    if count["unbooted"]:
        summary += f"; {count['unbooted']} of them want ./dev rig, which has not run"
    print("\n".join(lies + [summary]))
    if args.summary:
        pathlib.Path(args.summary).write_text(summary + "\n", encoding="utf-8")
    return 1 if lies else 0


if __name__ == "__main__":
    sys.exit(main())
