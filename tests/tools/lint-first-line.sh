#!/bin/sh
# Every C file says in its first line what it is: a comment of more than one word.
set -eu
cd "$srcdir"
find src tests -name '*.[ch]' -o -name '*.cc' -o -name '*.def' | LC_ALL=C sort | xargs awk '
FNR == 1 && !/^(\/\*|\/\/) [^ ]+ [^ ]/ { print FILENAME ":1: says not what the file is: " $0; bad = 1 }
END { exit bad }'
