#!/usr/bin/env python3
"""Folders of real manifests: every file is accounted for, and no check is undecided because of what is no Kubernetes object.

    KUBEVOUCH=PROGRAM run_wild.py CASES-FOLDER [FILE-FOR-FAILING-IDS [ID...]]

Prints "cases: wild/repos PASSED/TOTAL" as the other runners do; CASES_VERBOSE=1 says what is wrong."""
import json
import os
import re
import subprocess
import sys
import tarfile
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import report_doc

SECONDS = 120
ENDINGS = (".yaml", ".yml", ".json")


def on_disk(folder):
    """Files by what becomes of them before they are read: read, of another name, links."""
    count = {"read": 0, "name": 0, "link": 0}
    for where, folders, files in os.walk(folder):
        for link in [f for f in folders if os.path.islink(os.path.join(where, f))]:
            folders.remove(link)
            count["link"] += 1
        for f in files:
            kind = "link" if os.path.islink(os.path.join(where, f)) else "read" if f.endswith(ENDINGS) else "name"
            count[kind] += 1
    return count


def passed(report, start):
    return sum(p["count"] for p in report["files"]["passedOver"] if p["what"].startswith(start))


def faults_of(program, folder):
    with tempfile.TemporaryDirectory() as out:
        ran = subprocess.run([program, "scan", "-q", "-v", "-o", out, "-f", "json", "-f", "sarif", folder], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                             stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
        told = ran.stdout.decode("utf-8", "replace")
        try:
            report = report_doc.load(os.path.join(out, "report.json"))
        except OSError:
            return [f"no report (exit {ran.returncode}): {told[-500:]}"]
    faults = []
    disk, files = on_disk(folder), report["files"]
    if files["files"] != disk["read"] or passed(report, "a file not named") != disk["name"] or passed(report, "a symbolic link") != disk["link"]:
        faults.append(f"of {disk} files were read {files}")
    listed = len(re.findall(r"passed over: ", told))
    if listed != sum(p["count"] for p in files["passedOver"]):
        faults.append(f"{listed} are listed as passed over, {files['passedOver']} are counted")
    unread = len([n for n in re.findall(r"warning: (.*)", told) if "stands twice" not in n and "given twice" not in n])
    if unread < files["unreadable"]:
        faults.append(f"{files['unreadable']} could not be read, {unread} are told")
    faults += [f"{c['source']} is {c['state']}: {c.get('reason')}" for c in report["coverage"] if c["state"] == "cut"]
    faults += [f"a failure of {f['object']} has no place" for f in report["findings"]
               if f["verdict"] == "fail" and "location" not in f and f["object"]["kind"] != "Namespace"]  # of one that no file holds
    if not files["objects"] or not any(c["verdict"] in ("pass", "fail") for c in report["checks"]):
        faults.append("nothing was judged")
    return faults


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    program, root, only = os.path.abspath(os.environ.get("KUBEVOUCH", "./kubevouch")), sys.argv[1], set(sys.argv[3:])
    archive = os.path.join(root, "wild", "repos.tar.xz")
    right = total = 0
    with tempfile.TemporaryDirectory() as folder:
        try:
            with tarfile.open(archive) as t:
                t.extractall(folder, filter="data") if hasattr(tarfile, "data_filter") else t.extractall(folder)
        except (OSError, tarfile.TarError) as e:
            print(f"wild/repos: {e}", file=sys.stderr)
            return 1
        for name in sorted(os.listdir(folder)):
            if only and name not in only:
                continue
            total += 1
            faults = faults_of(program, os.path.join(folder, name))
            right += not faults
            if faults and len(sys.argv) > 2:
                with open(sys.argv[2], "a", encoding="utf-8") as f:
                    print(name, file=f)
            if faults and (only or os.environ.get("CASES_VERBOSE")):
                print("\n  ".join([name, *faults[:20]]))
    print(f"cases: wild/repos {right}/{total}")
    return 0 if total and right == total else 1


if __name__ == "__main__":
    sys.exit(main())
