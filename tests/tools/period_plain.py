"""A second, plain implementation of kubevouch period, and of the lines of a ledger: by looking at every moment between two changes.

period(lines, start, end, max_gap): the document that `kubevouch period --write json` prints, times as milliseconds."""
import bisect, hashlib, json
from datetime import datetime, timezone

DECIDED = {"pass": "inForce", "fail": "inBreach", "waived": "waived", "attested": "attested", "not-applicable": "notApplicable"}
STATES = list(dict.fromkeys(DECIDED.values())) + ["notObserved"]
CAP = 50


def ms(text):
    """RFC 3339 in UTC, with up to nine digits after the point."""
    head, _, fraction = text.rstrip("Z").partition(".")
    return int(datetime.fromisoformat(head).replace(tzinfo=timezone.utc).timestamp()) * 1000 + int(fraction.ljust(3, "0")[:3] or 0)


def seal(line, previous):
    """The line that a run adds after the one whose hash is previous."""
    body = json.dumps(dict(line, previous=previous), separators=(",", ":"), ensure_ascii=False)[:-1]
    digest = hashlib.sha256(body.encode()).hexdigest()
    return f'{body},"hash":"{digest}"}}', digest


def replay(lines):
    """Per cluster and benchmark: [(time, sequence, rules, {check: entry of changed})] in the order of time."""
    streams, state = {}, {}
    for line in lines:
        key = (("id", line["clusterId"]) if line["clusterId"] else ("name", line["cluster"])) + (line["benchmark"],)
        now = state.setdefault(key, {})
        for c in line["changed"]:
            now[c["check"]] = c
        streams.setdefault(key, []).append((ms(line["observed"]), line["sequence"], (line["benchmarkSha256"], line["paramsSha256"]), dict(now)))
    return {key: sorted(runs, key=lambda r: r[:2]) for key, runs in streams.items()}


def look(before, after, check, max_gap):
    """The state between two runs, or why there is none."""
    if before is None or after is None or after[0] - before[0] > max_gap:
        return "notObserved", "no-run"
    pair = [r[3].get(check, {"verdict": "not-run"})["verdict"] for r in (before, after)]
    if "not-run" in pair:
        return "notObserved", "not-run"
    if not all(v in DECIDED for v in pair):
        return "notObserved", "undecided"
    if before[2] != after[2]:
        return "notObserved", "other-rules"
    return (DECIDED[pair[0]], None) if pair[0] == pair[1] else ("notObserved", "changed")


def pieces(runs, start, end):
    """Every stretch of the period in which no run stands: (from, to, run before, run after)."""
    marks = sorted({start, end} | {r[0] for r in runs if start < r[0] < end})
    times = [r[0] for r in runs]
    for x, y in zip(marks, marks[1:]):
        i = bisect.bisect_right(times, x)
        yield x, y, runs[i - 1] if i else None, runs[i] if i < len(runs) else None


def merged(gaps):
    out = []
    for g in gaps:
        if out and out[-1]["to"] == g["from"] and out[-1]["cause"] == g["cause"]:
            out[-1]["to"] = g["to"]
        else:
            out.append(dict(g))
    return out


def breaches(runs, check, start, end):
    told = [(r[0], r[3][check]) for r in runs if check in r[3] and r[3][check]["verdict"] in DECIDED]
    i = 0
    while i < len(told):
        if told[i][1]["verdict"] != "fail":
            i += 1
            continue
        k = i
        while k < len(told) and told[k][1]["verdict"] == "fail":
            k += 1
        after = told[k] if k < len(told) else None
        objects = []
        for _, c in told[i:k]:
            for o in c["objects"]:
                if o not in objects:
                    objects.append(o)
        b = dict(heldBefore=told[i - 1][0] if i else None, firstSeen=told[i][0], lastSeen=told[k - 1][0], ended=after and after[0], endedAs=after and after[1]["verdict"],
                 findings=max(c["findings"] for _, c in told[i:k]), objects=objects, moreObjects=any(len(c["objects"]) == CAP for _, c in told[i:k]))
        if b["firstSeen"] < end and (b["ended"] > start if after else b["lastSeen"] >= start):
            yield b
        i = k


def period(lines, start, end, max_gap):
    streams = []
    for key, runs in replay(lines).items():
        inside = [r[0] for r in runs if start <= r[0] < end]
        near = [(x, y, a is not None and b is not None and b[0] - a[0] <= max_gap) for x, y, a, b in pieces(runs, start, end)]
        checks = []
        for check in dict.fromkeys(c for r in sorted(runs, key=lambda r: r[1]) for c in r[3]):
            spent, gaps = dict.fromkeys(STATES, 0), []
            for x, y, a, b in pieces(runs, start, end):
                state, cause = look(a, b, check, max_gap)
                spent[state] += y - x
                if cause:
                    gaps.append(dict({"from": x, "to": y}, cause=cause))
            checks.append(dict(id=check, milliseconds=spent, inForcePermille=spent["inForce"] * 1000 // (end - start), breaches=list(breaches(runs, check, start, end)), gaps=merged(gaps)))
        streams.append(dict(key=key, runs=len(inside), firstRun=inside[0] if inside else None, lastRun=inside[-1] if inside else None,
                            observedMilliseconds=sum(y - x for x, y, ok in near if ok), gaps=merged(dict({"from": x, "to": y}, cause="no-run") for x, y, ok in near if not ok), checks=checks))
    return streams
