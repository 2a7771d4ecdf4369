#!/usr/bin/env python3
"""Plants the errors of a table in a copy of the pages, runs docproof on it, and
checks that docproof reports exactly these differences: same page, line and kind.

usage: lies.py DOCPROOF PROJECT LIES.toml [ARGUMENT ...]
(PROJECT is changed; the arguments are passed to `docproof test`.)
"""
import json
import pathlib
import re
import subprocess
import sys
import tomllib


def section(text, case):
    """The range of the blocks of a case: from the annotation of its request to that
    of the next request."""
    starts = [m for m in re.finditer(r'"blockType": "request",\s*"name": "([^"]+)"', text)]
    for start, following in zip(starts, [*starts[1:], None]):
        if start.group(1) == case:
            return start.start(), following.start() if following else len(text)
    sys.exit(f"no request `{case}`")


def once(text, part, where):
    if text.count(part) != 1:
        sys.exit(f"{where}: {text.count(part)} times {part!r}")
    return text.index(part)


def plant(docs, edit):
    path = docs / edit["page"]
    text = path.read_text()
    start, end = section(text, edit["case"]) if "case" in edit else (0, len(text))
    once(text[start:end], edit["replace"], path)
    lied = text[start:end].replace(edit["replace"], edit["with"])
    path.write_text(text[:start] + lied + text[end:])


def place(docs, lie):
    """The line of the expected finding, after all errors are planted."""
    text = (docs / lie["page"]).read_text()
    start, end = section(text, lie["case"])
    lines = text[start:end].split("\n")
    found = [at for at, line in enumerate(lines) if line.strip() == lie["line"]]
    if len(found) != 1:
        sys.exit(f"{lie['page']}: {len(found)} lines {lie['line']!r} in {lie['case']}")
    return text[:start].count("\n") + found[0] + 1


def main():
    docproof, project, table, *arguments = sys.argv[1:]
    docs = pathlib.Path(project) / "docs"
    lies = tomllib.loads(pathlib.Path(table).read_text())["lie"]
    for lie in lies:
        for edit in lie.get("also", []):
            plant(docs, edit)
        if "replace" in lie:
            plant(docs, lie)
    expected = {(lie["page"], place(docs, lie), lie["kind"]): lie for lie in lies}
    command = [docproof, "test", "--format", "json", "--no-snapshots", *arguments]
    run = subprocess.run(command, cwd=project, stdout=subprocess.PIPE, text=True, check=False)
    found = {}
    for line in run.stdout.splitlines():
        result = json.loads(line)
        for difference in result.get("differences", []):
            key = (result["page"], difference["line"], difference["kind"])
            found[key] = f"{result['id']}: {difference['documented']!r} / {difference['observed']!r}"
    for key in sorted(expected.keys() - found.keys()):
        print(f"MISSED  {key[0]}:{key[1]} {key[2]}: {expected[key]['what']}")
    for key in sorted(found.keys() - expected.keys()):
        print(f"EXTRA   {key[0]}:{key[1]} {key[2]}: {found[key]}")
    for key in sorted(found.keys() & expected.keys()):
        print(f"found   {key[0]}:{key[1]} {key[2]}: {expected[key]['what']}")
    if found.keys() != expected.keys():
        sys.exit("the findings differ from the planted errors")
    if run.returncode != 1:
        sys.exit(f"docproof exited with {run.returncode} instead of 1")
    print(f"{len(lies)} planted errors, {len(found)} findings, each at its line")


if __name__ == "__main__":
    main()
