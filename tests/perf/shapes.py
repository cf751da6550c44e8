"""What the scripts of shapes share: objects put into a recording, and an audit of it that is measured or interrupted."""
import json
import math
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time

CPU_SECONDS, MEBIBYTES, STOP_SECONDS = 10, 128, 1
TICKS = os.sysconf("SC_CLK_TCK")


def plant(recording, target, objects, plurals):
    """A copy of the recording with the objects in its lists; plurals: kind -> resource."""
    shutil.copytree(recording, target)
    with open(os.path.join(target, "snapshot.json"), encoding="utf-8") as f:
        index = json.load(f)
    for answer in index["answers"]:
        plural = answer["path"].split("?")[0].rsplit("/", 1)[-1]
        mine = [o for o in objects if plurals[o["kind"]] == plural]
        if not mine or answer["status"] != 200 or answer.get("anonymous"):
            continue
        name = os.path.join(target, answer["file"])
        with open(name, encoding="utf-8") as f:
            got = json.load(f)
        got["items"] += [{k: v for k, v in o.items() if k not in ("apiVersion", "kind")} for o in mine]
        with open(name, "w", encoding="utf-8") as f:
            json.dump(got, f, separators=(",", ":"))


def plant_apart(recording, target, make, plurals):
    """In a process of its own, which gives back what it took."""
    pid = os.fork()
    if pid == 0:
        plant(recording, target, make(), plurals)
        os._exit(0)
    if os.waitpid(pid, 0)[1]:
        sys.exit(f"{target} could not be made")


def peak_of(pid):
    """Peak resident MiB so far; the kernel's count for a child would include this program's own before exec."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii") as f:
            return int(re.search(r"^VmHWM:\s+(\d+) kB", f.read(), re.M).group(1)) / 1024
    except (OSError, AttributeError):
        return 0


def cpu_of(pid):
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii") as f:
            return sum(map(int, f.read().rsplit(")", 1)[1].split()[11:13])) / TICKS
    except OSError:
        return 0


def audit(program, recording, *more, interrupt_at=None):
    """CPU seconds, peak MiB, exit status. With interrupt_at (CPU seconds): what it took from the signal to its end, and wall seconds."""
    with tempfile.TemporaryDirectory() as out:
        child = subprocess.Popen([program, "audit", "-q", "--snapshot", recording, "-o", out, *more], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        peak, ended, sent, at = 0, 0, 0, 0
        while not ended:
            peak = max(peak, peak_of(child.pid))
            if interrupt_at is not None and not sent and cpu_of(child.pid) >= interrupt_at:
                at, sent = cpu_of(child.pid), time.monotonic()
                os.kill(child.pid, signal.SIGINT)  # send_signal would wait for it
            time.sleep(0.005)
            ended, status, used = os.wait4(child.pid, os.WNOHANG)
        child.returncode = os.waitstatus_to_exitcode(status)
    cpu = used.ru_utime + used.ru_stime
    if interrupt_at is None:
        return cpu, peak, child.returncode
    return (cpu - at, time.monotonic() - sent, child.returncode) if sent else (0, 0, child.returncode)


def measure(program, recording, shapes, plurals, names, check, floor):
    """Each shape beside its floor: floor(planted recording) -> CPU, MiB. check: arguments of the audit. True: one took too much."""
    failed, sizes = False, {}
    for name in names or shapes:
        with tempfile.TemporaryDirectory() as folder:
            target = os.path.join(folder, "recording")
            plant_apart(recording, target, shapes[name], plurals)
            cpu, peak, status = audit(program, target, *check)
            reading, held = floor(target)
            stops = [audit(program, target, *check, interrupt_at=cpu * part) for part in (0.3, 0.6, 0.9)]
            stop = max(s[0] for s in stops)
            over = cpu - reading > CPU_SECONDS or peak - held > MEBIBYTES or status not in (0, 3) or stop > STOP_SECONDS
            failed |= over
            size = re.fullmatch(r"(.*)-(\d+)", name)
            grown = ""
            if size:
                known = sizes.setdefault(size[1], (int(size[2]), cpu))
                times = int(size[2]) / known[0]
                grown = f"  {cpu / known[1]:.1f} times for {times:.0f} times as many" if times > 1 else ""
                # n log n, and a third for chance
                over |= times > 1 and cpu / known[1] > 1.33 * times * (1 + math.log(times) / math.log(1000 * known[0]))
                failed |= over
            print(f"{name:18} {cpu:6.1f} s CPU {peak:7.1f} MiB (without: {reading:.1f} s, {held:.1f} MiB)  SIGINT {stop:.2f} s CPU  exit {status}{grown}"
                  f"{'  TOO MUCH' if over else ''}", flush=True)
    return failed
