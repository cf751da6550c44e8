"""Holds kubevouch's podSecurity() against Pod Security admission's own code over generated pods, at every level and version.

    podsecurity.py KUBEVOUCH PODSECURITY COUNT SEED      exit status 1 and the first differences if any verdict or word differs"""
import json
import os
import re
import subprocess
import sys
import tempfile

NEWEST = 35  # of the Go module


def told(detail, pod):
    """Kubernetes' words as kubevouch may say them: of an annotation's value only what it is and how long."""
    for key, value in (pod["metadata"].get("annotations") or {}).items():
        size = len(value.encode())
        masked = f"{key}=(string of {size} byte{'' if size == 1 else 's'})"
        detail = re.sub(re.escape(key) + r'="(?:[^"\\]|\\.)*"', lambda _: masked, detail)
    return detail


def main():
    kubevouch, oracle, count, seed = sys.argv[1:5]
    pods = subprocess.run([oracle, "generate", count, seed], check=True, stdout=subprocess.PIPE).stdout
    theirs = [json.loads(l) for l in subprocess.run([oracle, "judge"], input=pods, check=True, stdout=subprocess.PIPE).stdout.splitlines()]
    versions = ", ".join(f"'v1.{v}'" for v in range(NEWEST + 1))
    ours = {}
    with tempfile.TemporaryDirectory() as folder:
        path = os.path.join(folder, "pods.yaml")
        with open(path, "wb") as f:
            f.write(b"---\n".join(pods.splitlines(keepends=True)))
        for level in ("baseline", "restricted"):
            expression = f"[{versions}].map(v, podSecurity(object, '{level}', v).map(x, [x.reason, x.detail]))"
            run = subprocess.run([kubevouch, "eval", "--print", "jsonl", expression, path], stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            ours[level] = [json.loads(l) for l in run.stdout.splitlines()]
            if len(ours[level]) != len(theirs):
                sys.exit(f"{len(ours[level])} answers for {len(theirs)} pods: {run.stderr.decode()[:400]}")
    objects = [json.loads(line) for line in pods.splitlines()]
    different = verdicts = 0
    for i, said in enumerate(theirs):
        for level, rows in said.items():
            mine = ours[level][i].get("value")
            for version, row in enumerate(rows):
                verdicts += 1
                want = [[v["reason"], v["detail"]] for v in row]
                got = mine[version] if mine else ours[level][i]
                if not mine or [[r, told(d, objects[i])] for r, d in got] != [[r, told(d, objects[i])] for r, d in want]:
                    different += 1
                    if different <= 5:
                        print(f"{pods.splitlines()[i].decode()}\n  {level} v1.{version}: {got}\n  Kubernetes: {want}", file=sys.stderr)
    print(f"podsecurity: {different} of {verdicts} verdicts differ, over {len(theirs)} generated pods")
    sys.exit(1 if different or not verdicts else 0)


main()
