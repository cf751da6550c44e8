#!/usr/bin/env python3
"""compile_commands.json, as clangd and editors read it: compile-commands.py SRCDIR FILE... -- COMPILER ARGUMENT...

FILEs are named from SRCDIR; everything else in them than .c is left out. The working directory is the build tree."""
import json
import os
import sys

split = sys.argv.index("--")
top, files, compiler = sys.argv[1], sys.argv[2:split], sys.argv[split + 1:]
json.dump([{"directory": os.getcwd(), "file": os.path.abspath(os.path.join(top, f)), "arguments": compiler + ["-c", os.path.join(top, f)]}
           for f in files if f.endswith(".c")], sys.stdout, indent=1)
print()
