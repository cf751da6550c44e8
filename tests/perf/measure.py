#!/usr/bin/env python3
"""An audit beside curl on the same lists: measure.py KUBEVOUCH CLUSTER OUT ROUNDS

Rounds alternate, and the median of each counts. curl fetches, one after another on one connection, exactly the
paths that the audit's report says it read, and throws them away: as protobuf, which the audit asks for; as JSON plain, and
compressed, as the audit asks for it where the server is not on the loopback. Leaves a page of 500 pods in OUT/pods.json. Ends with 1 when the audit takes
more than WALL_MAX times as long as plain curl, or more than MEMORY_MAX MiB.
"""
import json
import os
import re
import statistics
import subprocess
import sys
import time

WALL_MAX, MEMORY_MAX = 1.5, 96
kubevouch, cluster, out, rounds = sys.argv[1], sys.argv[2], sys.argv[3], int(sys.argv[4])


def peak_of(pid):
    """Peak resident MiB so far; the kernel's count for a child would include this program's own before exec."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            return int(re.search(r"^VmHWM:\s+(\d+) kB", f.read(), re.M).group(1)) / 1024
    except (OSError, AttributeError):
        return 0


def run(command):
    """Wall seconds, processor seconds, peak resident MiB."""
    began, peak = time.monotonic(), 0
    with open(out + "/last.err", "wb") as err:
        child = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=err)
        ended = 0
        while not ended:
            peak = max(peak, peak_of(child.pid))
            time.sleep(0.002)
            ended, status, used = os.wait4(child.pid, os.WNOHANG)
    wall = time.monotonic() - began
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        with open(out + "/last.err", encoding="utf-8", errors="replace") as f:
            sys.exit(f"{command[0]} ended with {child.returncode}: {f.read()[:2000]}")
    return wall, used.ru_utime + used.ru_stime, peak


with open(cluster + "/env", encoding="ascii") as f:
    env = dict(re.findall(r"\b(API|CA|CERT|KEY)=(\S+)", f.read()))
tls = ["--silent", "--show-error", "--fail", "--cacert", env["CA"], "--cert", env["CERT"], "--key", env["KEY"]]
# Of its own: the API server indents JSON for a client that says it is curl.
headers = ["--user-agent", "perf/1", "--header"]
JSON, PROTOBUF = "Accept: application/json", "Accept: application/vnd.kubernetes.protobuf,application/json"


def audit(*more):
    return run([kubevouch, "audit", *more, "--quiet", "--kubeconfig", cluster + "/admin.kubeconfig", "--output", out + "/report"])


def curl(paths, accept, *more):
    command = ["curl", *tls, *headers, accept, *more]
    for path in paths:
        command += ["--output", "/dev/null", env["API"] + path]
    return run(command)


audit()  # the server's caches are warm for everyone
with open(out + "/report/report.json", encoding="utf-8") as f:
    report = json.load(f)
calls = [c for c in report["calls"] if c["method"] == "GET" and c["status"] == 200]
paths = [c["path"] for c in calls]
cut = [c["source"] for c in report["coverage"] if not c["source"].startswith("/") and c["state"] in ("denied", "cut", "damaged", "failed")]
if cut or len(paths) < 25:
    sys.exit(f"the audit did not read everything: {len(paths)} answers, without {cut}")

rows = {"audit": [], "audit, JSON": [], "curl, compressed": [], "curl, plain": [], "curl, protobuf": []}
for _ in range(rounds):
    rows["audit"].append(audit())
    rows["audit, JSON"].append(audit("--list-format", "json"))
    rows["curl, compressed"].append(curl(paths, JSON, "--header", "Accept-Encoding: gzip"))
    rows["curl, plain"].append(curl(paths, JSON))
    rows["curl, protobuf"].append(curl(paths, PROTOBUF))

size = sum(c["bodyBytes"] for c in calls) / 1e6
pods = next(c["items"] for c in report["coverage"] if c["source"] == "pods")
objects = sum(c["items"] for c in report["coverage"])
print(f"== an audit of {pods} pods, {objects} objects, {size:.1f} MB in {len(paths)} answers; median of {rounds}")
median = {name: [statistics.median(column) for column in zip(*r)] for name, r in rows.items()}
for name, (wall, cpu, rss) in median.items():
    print(f"{name:18} {wall:7.2f} s wall  {cpu:7.2f} s processor  {rss:7.1f} MiB at most")
for name in ("curl, compressed", "curl, plain", "curl, protobuf"):
    print(f"audit / {name}: {median['audit'][0] / median[name][0]:.2f} times the wall time")
print(f"{1000 * median['audit'][1] / pods:.3f} ms of processor a pod; {objects / median['audit'][0]:.0f} objects and {size / median['audit'][0]:.0f} MB a second; reports: "
      + ", ".join(f"{n} {os.path.getsize(out + '/report/' + n) / 1e6:.1f} MB" for n in sorted(os.listdir(out + "/report"))))

subprocess.run(["curl", *tls, *headers, JSON, "--output", out + "/pods.json", env["API"] + "/api/v1/pods?limit=500"], check=True)

slow = median["audit"][0] / median["curl, plain"][0] > WALL_MAX
large = max(r[2] for r in rows["audit"]) > MEMORY_MAX
if slow or large:
    sys.exit(f"the audit may take {WALL_MAX} times as long as curl and {MEMORY_MAX} MiB")
