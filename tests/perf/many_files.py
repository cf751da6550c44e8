#!/usr/bin/env python3
"""Memory of a scan of many objects in one file: many_files.py write FILE COUNT [BYTES] | many_files.py measure KUBEVOUCH FOLDER

write makes COUNT distinct Deployments, padded to BYTES in all. measure scans 61,700 of them in 120 MB, and exits with 1 if more than 96 MiB were held."""
import os
import resource
import subprocess
import sys
import time

COUNT, BYTES, MIB_MOST = 61700, 120_000_000, 96
DOCUMENT = """---
apiVersion: apps/v1
kind: Deployment
metadata:
  name: service-{i:06d}
  namespace: {ns}
  labels: {{app.kubernetes.io/name: service-{i:06d}, app.kubernetes.io/instance: {ns}, app.kubernetes.io/managed-by: Helm, team: {ns}}}
  annotations: {{checksum/config: "{digest:064x}"}}
spec:
  replicas: {replicas}
  selector:
    matchLabels: {{app.kubernetes.io/name: service-{i:06d}}}
  template:
    metadata:
      labels: {{app.kubernetes.io/name: service-{i:06d}, team: {ns}}}
    spec:
      serviceAccountName: service-{account:02d}
      containers:
      - name: main
        image: registry.example.com/{ns}/service-{i:06d}:v{version}
        ports:
        - {{containerPort: {port}, name: http}}
        env:
        - {{name: MODE, value: production}}
        - {{name: INSTANCE, value: "{i}"}}
        - name: PADDING
          value: "{padding}"
        resources:
          limits: {{cpu: 500m, memory: {memory}Mi}}
          requests: {{cpu: 100m, memory: 64Mi}}
        livenessProbe:
          httpGet: {{path: /healthz, port: http}}
          initialDelaySeconds: 5
        securityContext:
          allowPrivilegeEscalation: {escalates}
          runAsNonRoot: {drops}
        volumeMounts:
        - {{name: config, mountPath: /etc/service}}
      volumes:
      - name: config
        configMap: {{name: service-{i:06d}-config}}
"""


def document(i, padding):
    return DOCUMENT.format(i=i, ns=f"team-{i % 400:03d}", digest=i * 2654435761 ** 6 % 2 ** 256, replicas=i % 5 + 1, account=i % 100, version=i % 30,
                           port=8000 + i % 1000, memory=64 + i % 512, escalates=str(i % 3 != 0).lower(), drops=str(i % 2 == 0).lower(), padding="x" * padding)


def write(path, count, size=0):
    plain = len(document(0, 0))
    padding = max(0, size // count - plain + 8)
    with open(path, "w", encoding="utf-8") as f:
        for i in range(count):
            f.write(document(i, padding))


def measure(program, folder):
    path = os.path.join(folder, "many.yaml")
    write(path, COUNT, BYTES)
    began = time.monotonic()
    status = subprocess.run([program, "scan", "-q", path, "-o", os.path.join(folder, "many")], stdout=subprocess.DEVNULL).returncode
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    held = used.ru_maxrss / 1024
    print(f"{COUNT} Deployments, {os.path.getsize(path) / 1e6:.0f} MB of YAML: {held:.1f} MiB held at most (of {MIB_MOST}), {time.monotonic() - began:.1f} s, "
          f"{used.ru_utime + used.ru_stime:.1f} s of a core")
    os.unlink(path)
    sys.exit(status != 0 or held > MIB_MOST)


if __name__ == "__main__":
    if sys.argv[1] == "write":
        write(sys.argv[2], *map(int, sys.argv[3:]))
    else:
        measure(sys.argv[2], sys.argv[3])
