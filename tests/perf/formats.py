# Every format at once of a cluster that fails nearly everything, some 100,000 findings: formats.py KUBEVOUCH SOURCE FOLDER
# Prints processor time, memory and sizes; exit 1 where one is more than it may be.
import os, subprocess, sys, time
kv, source, folder = sys.argv[1:]
LIMITS = {"seconds of processor": 10, "MiB at most": 96, "bytes of report.html": 3_000_000}
help_of = " ".join(subprocess.run([kv, "render", "--help"], capture_output=True, text=True, check=True).stdout.split())
formats = help_of[help_of.index("one of (html,") + 8:].split(")")[0].replace(" ", "") if "one of (html," in help_of else help_of[help_of.index("one of html,") + 7:].split(" -")[0].replace(" ", "").rstrip(")")
subprocess.run([sys.executable, f"{source}/tests/perf/bad_cluster.py", f"{source}/tests/clusters/mix", f"{folder}/bad", "pods=4600", "namespaces=1000", "bindings=1000", "workloads=440"], check=True)
env = dict(os.environ, KUBEVOUCH_DATA_DIR=source)
worst = 0
for name, command in (("audit", ["audit", "--snapshot", f"{folder}/bad"]), ("render", ["render", f"{folder}/audit/report.json"])):
    began = time.monotonic()
    p = subprocess.Popen([kv, *command, "-f", formats, "-o", f"{folder}/{name}"], env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, used = os.wait4(p.pid, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 3), status
    told = {"seconds of processor": used.ru_utime + used.ru_stime, "MiB at most": used.ru_maxrss / 1024, "bytes of report.html": os.path.getsize(f"{folder}/{name}/report.html")}
    findings = sum(1 for _ in open(f"{folder}/{name}/findings.jsonl", "rb"))
    print(f"{name:8} {findings} findings, {len(os.listdir(f'{folder}/{name}'))} formats: {time.monotonic() - began:.2f} s wall, " + ", ".join(f"{v:,.2f} {k}" if isinstance(v, float) else f"{v:,} {k}" for k, v in told.items()))
    for k, v in told.items():
        if v > LIMITS[k]:
            worst = 1
            print(f"{name}: {v:,.2f} {k} is more than {LIMITS[k]:,}", file=sys.stderr)
sys.exit(worst)
