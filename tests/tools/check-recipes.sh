#!/bin/sh
# The recipes of docs/architecture.md hold: each is tried in a copy of the tree, and every path that the documents name is there.
set -eu
tmp=$(mktemp -d)
trap 'rm -rf "$tmp"' EXIT
cp -R "$srcdir/src" "$srcdir/benchmarks" "$tmp"
chmod -R u+w "$tmp"
python3 - "$srcdir" "$tmp" >"$tmp/todo" <<'P'
import os, re, sys
top, copy = sys.argv[1:]
bad = 0
for name in ["docs/architecture.md", "CONTRIBUTING.md"]:
    for path in re.findall(r"`([\w.-]+(?:/[\w.-]+)+/?)`", open(os.path.join(top, name), encoding="utf-8").read()):
        if not path.startswith("build") and not os.path.exists(os.path.join(top, path)):
            print(f"{name}: there is no {path}", file=sys.stderr)
            bad = 1
text = open(os.path.join(top, "docs/architecture.md"), encoding="utf-8").read()
steps = re.findall(r"<!-- (\w+) (?:\"([^\"]*)\" )?(.*?) -->\n(?:```\w+\n(.*?)```\n)?", text, re.S)
for verb, mark, files, block in steps:
    path = os.path.join(copy, files)
    if verb in ("compile", "lint"):
        for f in files.split():
            print(verb, f)
        continue
    if verb == "new":
        if os.path.exists(path):
            print(f"architecture.md: {files} is there already", file=sys.stderr)
            bad = 1
        os.makedirs(os.path.dirname(path), exist_ok=True)
        made = block
    else:
        made = open(path, encoding="utf-8").read()
        if verb != "append" and made.count(mark) != 1:
            print(f"architecture.md: {files} does not have once: {mark}", file=sys.stderr)
            bad = 1
        made = {"append": lambda: made + block, "after": lambda: made.replace(mark, mark + "\n" + block.rstrip("\n")),
                "before": lambda: made.replace(mark, block + mark)}[verb]()
    open(path, "w", encoding="utf-8").write(made)
if sum(s[0] in ("compile", "lint") for s in steps) < 7:
    print("architecture.md: fewer recipes are tried than there are", file=sys.stderr)
    bad = 1
sys.exit(bad)
P
bad=0
while read -r verb file; do
  case $verb in
    compile) ${CC:-cc} -std=c17 -D_GNU_SOURCE -Wall -Wextra -Werror -DPACKAGE_VERSION='"0"' -fsyntax-only -I"$tmp/src" -I"$builddir/gen" "$tmp/$file" ||
      { echo "docs/architecture.md: by its recipe $file does not compile" >&2; bad=1; };;
    lint) "$builddir/kubevouch" lint "$tmp/$file" || { echo "docs/architecture.md: by its recipe $file is not sound" >&2; bad=1; };;
  esac
done <"$tmp/todo"
exit $bad
