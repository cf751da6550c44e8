"""Kubernetes' own kinds in kind.def and kind_served.def, against what an API server serves: served.py SRC_CLUSTER API_RESOURCES

API_RESOURCES is what kubectl api-resources --no-headers -o wide prints."""
import re
import sys

folder, served = sys.argv[1:]
table = {}
for name, pattern in (("kind.def", r'^KIND\(\w+,\s*"([^"]*)",\s*"([^"]*)",\s*"([^"]*)",\s*(\w+),'), ("kind_served.def", r'^SERVED\("([^"]*)", "([^"]*)", "([^"]*)", (\w+)\)')):
    for group, resource, kind, scope in re.findall(pattern, open(f"{folder}/{name}", encoding="utf-8").read(), re.M):
        if (group, kind) in table:
            sys.exit(f"{group}/{kind} stands twice")
        table[group, kind] = (resource, scope == "NAMESPACED")
there, bad = {}, 0
for line in open(served, encoding="utf-8"):
    m = re.match(r"(\S+)\s+(?:\S+\s+)?(\S*v\d\S*)\s+(true|false)\s+(\S+)\s", line)
    if not m:
        sys.exit(f"not understood: {line}")
    resource, api, namespaced, kind = m.groups()
    there[api.rpartition("/")[0], kind] = (resource, namespaced == "true")
for key, row in sorted(there.items()):
    if table.get(key) != row:
        bad += 1
        print(f"{key[0]}/{key[1]} is {row}, not {table.get(key)}")
print(f"{len(there)} kinds are served, {bad} of them are not in the tables as they are; {len(set(table) - set(there))} in the tables are not served here")
sys.exit(1 if bad or len(there) < 40 else 0)
