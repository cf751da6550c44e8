#!/bin/sh
# Makefile.am names every source file that is in the tree.
exec sh "$srcdir/tests/tools/makefile-lists.sh" "$srcdir" check
