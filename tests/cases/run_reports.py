#!/usr/bin/env python3
"""Whole audits of small inputs, and what each must say: the suites reports/index (checks) and reports/files (files as an open world).

    KUBEVOUCH=PROGRAM run_reports.py CASES-FOLDER [FILE-FOR-FAILING-IDS [ID...]]

Prints "cases: SUITE PASSED/TOTAL" as the other runners do; with ids, only those rows are run. CASES_VERBOSE=1 says of each
failing row what was expected, what is there, and why that is right."""
import json
import os
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import report_doc

SUITES = {"checks": "reports/index", "files": "reports/files"}
SECONDS = 120  # an audit of a few objects takes a tenth of one


class Run:
    """One audit: its exit status, what it printed, and its report, if there is one."""

    def __init__(self, program, folder, args):
        with tempfile.TemporaryDirectory() as out:
            try:
                ran = subprocess.run([program, "audit", "-q", "-o", out, "--format", "json", *args], cwd=folder, stdin=subprocess.DEVNULL,
                                     stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, check=False)
                self.exit, self.printed = ran.returncode, ran.stdout.decode("utf-8", "replace")
            except subprocess.TimeoutExpired:
                self.exit, self.printed = None, f"not finished after {SECONDS} s"
            try:
                self.report = report_doc.load(os.path.join(out, "report.json"))
            except (OSError, ValueError):
                self.report = None

    def check(self, identifier):
        checks = self.report["checks"] if self.report else []
        return next((c for c in checks if c["id"] == identifier), None)

    def verdict(self, identifier):
        check = self.check(identifier)
        return check["verdict"].upper() if check else "NONE"

    def told(self, identifier):
        """The texts of a check: its reason, and of each finding that is no PASS the message and the object."""
        check = self.check(identifier)
        texts = [check.get("reason") or ""] if check else []
        for f in self.report["findings"] if self.report else []:
            if f["check"] == identifier and f["verdict"] != "pass":
                o = f["object"]
                texts += [f.get("message") or "", f"{o['kind']} {o.get('namespace') or ''}/{o['name']}"]
        return "\n".join(texts).lower()


def fault(run, expected):
    """What of one expectation does not hold, or None."""
    if "check" in expected:
        if run.report is None:
            return f"no report (exit {run.exit}): {run.printed.strip()[-300:]}"
        verdict, told = run.verdict(expected["check"]), run.told(expected["check"])
        if verdict not in expected.get("one_of", [verdict]) or verdict in expected.get("none_of", []):
            return f"{expected['check']} is {verdict}: {told[:300]!r}"
    else:
        told = run.printed.lower()
        if "exit" in expected and run.exit != expected["exit"]:
            return f"exit is {run.exit}: {run.printed.strip()[-300:]}"
        if "stderr" in expected and expected["stderr"].lower() not in told:
            return f"not printed: {expected['stderr']!r} in {told[-300:]!r}"
        if not {"exit", "stderr"} & set(expected):
            return f"an expectation of a kind that is not known: {expected}"
    if "says" in expected and expected["says"].lower() not in told:
        return f"{expected['says']!r} does not stand in {told[:600]!r}"
    if "says_not" in expected and expected["says_not"].lower() in told:
        return f"{expected['says_not']!r} stands in {told[:600]!r}"
    return None


def faults_of(program, root, row):
    folder = os.path.join(root, "reports", "files", row["id"])
    if not os.path.isdir(folder) or not row["expect"]:
        return [f"no folder {folder}, or nothing is expected"]
    run = Run(program, folder, row["args"])
    return [f for f in (fault(run, e) for e in row["expect"]) if f]


def main():
    if len(sys.argv) < 2:
        print(__doc__, file=sys.stderr)
        return 2
    program, root, only = os.path.abspath(os.environ.get("KUBEVOUCH", "./kubevouch")), sys.argv[1], set(sys.argv[3:])
    failing = open(sys.argv[2], "a", encoding="utf-8") if len(sys.argv) > 2 else None
    count = {suite: [0, 0] for suite in SUITES.values()}
    try:
        with open(os.path.join(root, "reports", "index.jsonl"), encoding="utf-8") as f:
            rows = [json.loads(line) for line in f if line.strip()]
    except (OSError, ValueError) as e:
        print(f"reports/index: {e}", file=sys.stderr)
        rows = []
    for row in rows:
        if only and row["id"] not in only:
            continue
        of = count[SUITES[row["of"]]]
        of[1] += 1
        faults = faults_of(program, root, row)
        of[0] += not faults
        if faults and failing:
            print(row["id"], file=failing)
        if faults and (only or os.environ.get("CASES_VERBOSE")):
            print("\n  ".join([f"{row['id']}: {row['what']} ({row['why']})", *faults]))
    for suite, (passed, total) in count.items():
        if total or not only:
            print(f"cases: {suite} {passed}/{total}")
    return 0 if rows and all(passed == total and (total or only) for passed, total in count.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
