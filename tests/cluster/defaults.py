"""What the API server fills in, and what a scan does: generated objects with fields left out, sent as dry runs, and the same files read by eval.
   defaults.py KUBEVOUCH KUBECONFIG OBJECTS SEED"""
import json
import os
import random
import re
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from vap import Api

NS = "default"
# What no file can know: who made it when, and what admission adds to a pod, which is not a default.
SERVER_ONLY = {"uid", "creationTimestamp", "generation", "managedFields", "resourceVersion", "selfLink"}
POD_ADMISSION = {"tolerations", "priority", "preemptionPolicy", "serviceAccount", "serviceAccountName"}
# Made from the cluster's own state or configuration, or not kept of what is read: (kind, path).
ALLOCATED = {("Service", "spec.clusterIP"), ("Service", "spec.clusterIPs"), ("Service", "spec.ipFamilies"), ("Service", "spec.ipFamilyPolicy"),
             ("Service", "spec.healthCheckNodePort"), ("Service", "spec.ports[].nodePort"), ("Namespace", "spec.finalizers"), ("Namespace", "spec"), ("CustomResourceDefinition", "spec.versions"), ("CustomResourceDefinition", "spec.conversion"),
             ("PersistentVolume", "metadata.finalizers"), ("PersistentVolumeClaim", "metadata.finalizers"), ("ServiceAccount", "secrets"), ("Node", "spec.taints"), ("DaemonSet", "metadata.annotations"),
             ("Job", "spec.selector"), *(("Job", at + label) for at in ("metadata.labels.", "spec.template.metadata.labels.")
                                        for label in ("controller-uid", "job-name", "batch.kubernetes.io/controller-uid", "batch.kubernetes.io/job-name"))}


# How eval tells of a value that it does not print.
MASKED = re.compile(r"\((string|list|map) of \d+( bytes?)?\)")


class Made:
    def __init__(self, seed):
        self.r = random.Random(seed)
        self.n = 0

    def some(self, **fields):
        """Each field or not; a value that is called is made."""
        return {k: v() if callable(v) else v for k, v in fields.items() if self.r.random() < 0.4}

    def one(self, *of):
        v = self.r.choice(of)
        return v() if callable(v) else v

    def name(self):
        self.n += 1
        return "x%d" % self.n

    def handler(self):
        return self.one(lambda: {"httpGet": {"port": 80, **self.some(path="/a", scheme="HTTPS", host="h")}}, {"tcpSocket": {"port": 80}},
                        {"exec": {"command": ["x"]}})

    def probe(self):
        h = self.one(self.handler, lambda: {"grpc": {"port": 9, **self.some(service="s")}})
        return {**h, **self.some(periodSeconds=5, timeoutSeconds=lambda: self.one(0, 2), failureThreshold=lambda: self.one(0, 2), initialDelaySeconds=1)}

    def env(self):
        ref = self.one(lambda: {"fieldRef": {"fieldPath": "metadata.name", **self.some(apiVersion="v1")}},
                       lambda: {"resourceFieldRef": {"resource": "limits.cpu", **self.some(divisor="1")}},
                       {"configMapKeyRef": {"name": "c", "key": "k"}}, {"secretKeyRef": {"name": "c", "key": "k"}})
        return {"name": "E%d" % self.r.randrange(10**6), **self.one({"value": "v"}, {}, {"valueFrom": ref})}

    def port(self, host_network):
        p = {"containerPort": self.r.randrange(1000, 60000), **self.some(name="p%d" % self.r.randrange(10**6), protocol=lambda: self.one("UDP", "TCP"))}
        if self.r.random() < 0.2:
            p["hostPort"] = p["containerPort"] if host_network else self.r.randrange(1000, 60000)
        return p

    def container(self, host_network, init=False):
        image = "i" + self.one("", ":1", ":latest", "UPPER", "/$IMAGE", ":tag:latest", "//x", ".d/UPPER:latest", "/a:", "-", ":5000/a", ":5000/a:b", "@sha256:" + "0" * 64, ":1@sha256:" + "0" * 64, "/b/c", ":5000/a:latest", ".d/e:latest@sha256:" + "0" * 64)
        c = {"name": self.name(), "image": image,
             **self.some(imagePullPolicy=lambda: self.one("Never", ""), terminationMessagePath=lambda: self.one("", "/x"), terminationMessagePolicy="FallbackToLogsOnError", command=["x"],
                         ports=lambda: [self.port(host_network) for _ in range(2)], env=lambda: [self.env() for _ in range(3)],
                         resources=lambda: self.some(limits=lambda: self.some(cpu="1", memory="1Gi"), requests=lambda: self.some(cpu="1")),
                         securityContext=lambda: self.some(privileged=False, runAsUser=5, capabilities={}, procMount="Default", seccompProfile={"type": "RuntimeDefault"}))}
        if not init:
            c.update(self.some(livenessProbe=self.probe, readinessProbe=self.probe, startupProbe=self.probe,
                               lifecycle=lambda: self.some(postStart=self.handler, preStop=self.handler)))
        return c

    def items(self):
        return self.some(items=[{"key": "a", "path": "b"}], defaultMode=256)

    def projected(self):
        return self.one(lambda: {"serviceAccountToken": {"path": "t", **self.some(expirationSeconds=900, audience="a")}}, {"secret": {"name": "s"}},
                        {"configMap": {"name": "s"}}, lambda: {"downwardAPI": {"items": [{"path": "a", "fieldRef": {"fieldPath": "metadata.name", **self.some(apiVersion="v1")}}]}})

    def volume(self):
        n = {"name": self.name()}
        return {**n, **self.one(
            {}, lambda: {"emptyDir": self.some(medium="Memory")}, lambda: {"secret": {"secretName": "s", **self.items()}},
            lambda: {"configMap": {"name": "s", **self.items()}},
            lambda: {"downwardAPI": self.some(items=[{"path": "a", "fieldRef": {"fieldPath": "metadata.name"}}, {"path": "b", "resourceFieldRef": {"containerName": "q", "resource": "limits.cpu"}}], defaultMode=256)},
            lambda: {"projected": {"sources": [self.projected()], **self.some(defaultMode=256)}}, lambda: {"hostPath": {"path": "/x", **self.some(type="File")}},
            lambda: {"iscsi": {"targetPortal": "1.2.3.4", "iqn": "iqn.2001-04.com.example:a", "lun": 0, **self.some(iscsiInterface="y")}},
            lambda: {"rbd": {"monitors": ["a"], "image": "i", **self.some(pool="p", user="u", keyring="k")}},
            lambda: {"azureDisk": {"diskName": "d", "diskURI": "https://x.blob.core.windows.net/y/z.vhd", **self.some(fsType="xfs", readOnly=True, cachingMode="None")}},
            lambda: {"scaleIO": {"gateway": "g", "system": "s", "volumeName": "v", "secretRef": {"name": "s"}, **self.some(fsType="ext4", storageMode="ThickProvisioned")}},
            lambda: {"nfs": {"server": "s", "path": "/p"}}, lambda: {"csi": {"driver": "d", **self.some(readOnly=True)}}, lambda: {"image": {"reference": self.one("a", "a:1", "a@sha256:" + "0" * 64, "a:latest"), **self.some(pullPolicy="Never")}},
            lambda: {"ephemeral": {"volumeClaimTemplate": {"spec": self.claim()}}})}

    def pod(self, restart=("Always", "Never", "OnFailure")):
        host = self.r.random() < 0.3
        s = {"containers": [self.container(host) for _ in range(self.r.randrange(1, 3))],
             **self.some(initContainers=lambda: [self.container(host, True)], volumes=lambda: [self.volume() for _ in range(3)], dnsPolicy=lambda: self.one("Default", ""),
                         schedulerName="s", terminationGracePeriodSeconds=5, serviceAccount="default", securityContext=lambda: self.some(runAsNonRoot=True, fsGroup=5), enableServiceLinks=False,
                         serviceAccountName="default", hostPID=True, hostIPC=True, automountServiceAccountToken=False,
                         topologySpreadConstraints=lambda: [{"maxSkew": 1, "topologyKey": "k", "whenUnsatisfiable": "DoNotSchedule"}])}
        if host:
            s["hostNetwork"] = True
        if restart and (len(restart) < 2 or self.r.random() < 0.3):
            s["restartPolicy"] = self.r.choice(restart)
        if "Always" not in restart:
            s["restartPolicy"] = self.r.choice(restart)
        return s

    def template(self, restart=("Always",)):
        p = self.pod(restart)
        if restart == ("Always",) and self.r.random() < 0.5:
            del p["restartPolicy"]
        return {"metadata": {"labels": {"a": "b"}}, "spec": p}

    def selected(self, **fields):
        return {"selector": {"matchLabels": {"a": "b"}}, "template": self.template(), **fields}

    def claim(self):
        return {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "1Gi"}}, **self.some(volumeMode="Block", storageClassName="s")}

    def job(self):
        return {"template": self.template(("Never", "OnFailure")), **self.some(parallelism=2, completions=3, backoffLimit=1, suspend=True, ttlSecondsAfterFinished=5)}

    def failing(self, job):
        """With a policy for failures now and then, which takes pods that are not started again."""
        if self.r.random() < 0.3:
            job["template"]["spec"]["restartPolicy"] = "Never"
            job["podFailurePolicy"] = {"rules": [{"action": "FailJob", "onPodConditions": [{"type": "DisruptionTarget", **self.some(status="True")}]}]}
        return job

    def service_port(self):
        return {"port": self.r.randrange(1, 60000), "name": self.name(), **self.some(protocol="UDP", targetPort=self.r.choice([80, "http", 0]))}

    def policy_ports(self):
        return [self.some(protocol="UDP", port=53) for _ in range(2)]

    def webhook(self, mutating=False):
        w = {"name": self.name() + ".example.com", "admissionReviewVersions": ["v1"], "sideEffects": "None",
             "clientConfig": self.one({"url": "https://example.com/x"}, lambda: {"service": {"namespace": "a", "name": "b", **self.some(port=8443, path="/p")}}),
             "rules": [{"operations": ["CREATE"], "apiGroups": [""], "apiVersions": ["v1"], "resources": ["pods"], **self.some(scope="Cluster")}],
             **self.some(failurePolicy="Ignore", matchPolicy="Exact", timeoutSeconds=5, namespaceSelector={"matchLabels": {"a": "b"}}, objectSelector={"matchLabels": {"a": "b"}})}
        return {**w, **self.some(reinvocationPolicy="IfNeeded")} if mutating else w

    def source(self):
        """Of a persistent volume."""
        return self.one(lambda: {"hostPath": {"path": "/x", **self.some(type="File")}}, {"nfs": {"server": "s", "path": "/p"}},
                        lambda: {"iscsi": {"targetPortal": "1.2.3.4", "iqn": "iqn.2001-04.com.example:a", "lun": 0, **self.some(iscsiInterface="y")}},
                        lambda: {"csi": {"driver": "d.example.com", "volumeHandle": "h", **self.some(readOnly=True)}},
                        lambda: {"rbd": {"monitors": ["a"], "image": "i", **self.some(pool="p", user="u", keyring="k")}},
                        lambda: {"azureDisk": {"diskName": "d", "diskURI": "https://x.blob.core.windows.net/y/z.vhd", **self.some(fsType="xfs", readOnly=True, cachingMode="None")}},
                        lambda: {"scaleIO": {"gateway": "g", "system": "s", "volumeName": "v", "secretRef": {"name": "s", "namespace": "n"}, **self.some(fsType="ext4", storageMode="ThickProvisioned")}})

    def policy(self):
        return {"matchConstraints": {"resourceRules": [{"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"], "resources": ["pods"], **self.some(scope="Namespaced")}],
                                     **self.some(matchPolicy="Exact", namespaceSelector={"matchLabels": {"a": "b"}}, objectSelector={"matchLabels": {"a": "b"}})},
                "validations": [{"expression": "true"}], **self.some(failurePolicy="Ignore")}

    def crd(self, o):
        o["metadata"]["name"] = "%ss.example.com" % o["metadata"]["name"]
        plural = o["metadata"]["name"].split(".")[0]
        return {"group": "example.com", "scope": "Namespaced", "names": {"plural": plural, "kind": plural.capitalize(), **self.some(singular="one" + plural, listKind="L" + plural)},
                "versions": [{"name": "v1", "served": True, "storage": True, "schema": {"openAPIV3Schema": {"type": "object"}}}], **self.some(preserveUnknownFields=False)}

    def rolling(self):
        return self.some(strategy=lambda: self.one({"type": "Recreate"}, {}, {"type": "RollingUpdate"}, lambda: {"rollingUpdate": self.some(maxSurge=1, maxUnavailable="50%")}))

    def daemon(self):
        return self.some(updateStrategy=lambda: self.one({"type": "OnDelete"}, {}, {"type": "RollingUpdate"}, lambda: {"rollingUpdate": self.some(maxUnavailable=2)}))

    def stateful(self):
        return self.some(updateStrategy=lambda: self.one({"type": "OnDelete"}, {}, {"type": "RollingUpdate"}, lambda: {"rollingUpdate": self.some(partition=2)}),
                         volumeClaimTemplates=lambda: [{"metadata": {"name": self.name()}, "spec": self.claim()}],
                         persistentVolumeClaimRetentionPolicy=lambda: self.some(whenDeleted="Delete", whenScaled="Delete"))

    def object(self, kind):
        o = {"apiVersion": API[kind], "kind": kind, "metadata": {"name": self.name()}}
        made = {
            "Pod": lambda: {"spec": self.pod()},
            "Deployment": lambda: {"spec": self.selected(**self.some(replicas=2, revisionHistoryLimit=1, progressDeadlineSeconds=60), **self.rolling())},
            "DaemonSet": lambda: {"spec": self.selected(**self.some(revisionHistoryLimit=1), **self.daemon())},
            "StatefulSet": lambda: {"spec": self.selected(serviceName="s", **self.some(replicas=2, revisionHistoryLimit=1, podManagementPolicy="Parallel"), **self.stateful())},
            "ReplicaSet": lambda: {"spec": self.selected(**self.some(replicas=2))},
            "ReplicationController": lambda: {"spec": {"template": self.template(), **self.some(replicas=2, selector={"a": "b"})}},
            "Job": lambda: {"spec": self.failing(self.job())},
            "CronJob": lambda: {"spec": {"schedule": "* * * * *", "jobTemplate": {"spec": self.job()}, **self.some(concurrencyPolicy="Forbid", suspend=True, successfulJobsHistoryLimit=1, failedJobsHistoryLimit=2)}},
            "Service": lambda: {"spec": {"ports": [self.service_port()], **self.some(selector={"a": "b"}, type=self.one("NodePort", "LoadBalancer", "ClusterIP", ""), externalIPs=["5.6.7.8"], sessionAffinity="ClientIP")}},
            "PersistentVolume": lambda: {"spec": {"capacity": {"storage": "1Gi"}, "accessModes": ["ReadWriteOnce"], **self.source(), **self.some(persistentVolumeReclaimPolicy="Retain", volumeMode="Filesystem")}},
            "PersistentVolumeClaim": lambda: {"spec": self.claim()},
            "StorageClass": lambda: {"provisioner": "p", **self.some(reclaimPolicy="Retain", volumeBindingMode="WaitForFirstConsumer", allowVolumeExpansion=True)},
            "NetworkPolicy": lambda: {"spec": {"podSelector": {}, **self.some(policyTypes=["Ingress", "Egress"], ingress=lambda: [self.some(ports=self.policy_ports)], egress=lambda: self.one([], [self.some(ports=self.policy_ports)]))}},
            "ValidatingWebhookConfiguration": lambda: {"webhooks": [self.webhook()]},
            "MutatingWebhookConfiguration": lambda: {"webhooks": [self.webhook(True)]},
            "ValidatingAdmissionPolicy": lambda: {"spec": self.policy()},
            "ValidatingAdmissionPolicyBinding": lambda: {"spec": {"policyName": "p", "validationActions": ["Deny"], **self.some(matchResources=lambda: self.some(matchPolicy="Exact", namespaceSelector={"matchLabels": {"a": "b"}}))}},
            "ClusterRoleBinding": lambda: {"roleRef": {"kind": "ClusterRole", "name": "r", **self.some(apiGroup="rbac.authorization.k8s.io")}, "subjects": [{"kind": self.one("User", "Group"), "name": "u", **self.some(apiGroup="rbac.authorization.k8s.io")}, {"kind": "ServiceAccount", "name": "u", "namespace": "n"}]},
            "RoleBinding": lambda: {"roleRef": {"kind": "Role", "name": "r", **self.some(apiGroup="rbac.authorization.k8s.io")}, "subjects": [{"kind": self.one("User", "Group"), "name": "u"}]},
            "ClusterRole": lambda: {"rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}]},
            "Role": lambda: {"rules": [{"verbs": ["get"], "apiGroups": [""], "resources": ["pods"]}]},
            "Namespace": lambda: self.some(spec={}),
            "ServiceAccount": lambda: self.some(automountServiceAccountToken=False),
            "Ingress": lambda: {"spec": {"defaultBackend": {"service": {"name": "x", "port": {"number": 80}}}, **self.some(rules=[{"host": "a.example.com", "http": {"paths": [{"path": "/", "pathType": "Prefix", "backend": {"service": {"name": "x", "port": {"number": 80}}}}]}}])}},
            "LimitRange": lambda: {"spec": {"limits": [{"type": "Container", **self.some(max={"cpu": "2"}, min={"cpu": "1"}, default={"cpu": "2"}, defaultRequest={"cpu": "1"})}]}},
            "ResourceQuota": lambda: {"spec": self.some(hard={"pods": "5"})},
            "CSIDriver": lambda: {"spec": self.some(attachRequired=False, podInfoOnMount=True, volumeLifecycleModes=["Ephemeral"], fsGroupPolicy="File", storageCapacity=True, requiresRepublish=True)},
            "CustomResourceDefinition": lambda: {"spec": self.crd(o)},
            "Node": lambda: self.some(spec=lambda: self.some(unschedulable=True)),
            "ConfigMap": lambda: self.some(data={"a": "b"}),
        }[kind]()
        if kind in LABELLED and self.r.random() < 0.3:
            o["metadata"]["labels"] = {"q": "r"}
        return {**o, **made}


API = {"Pod": "v1", "Deployment": "apps/v1", "DaemonSet": "apps/v1", "StatefulSet": "apps/v1", "ReplicaSet": "apps/v1", "ReplicationController": "v1", "Job": "batch/v1",
       "CronJob": "batch/v1", "Service": "v1", "PersistentVolume": "v1", "PersistentVolumeClaim": "v1", "StorageClass": "storage.k8s.io/v1", "NetworkPolicy": "networking.k8s.io/v1",
       "ValidatingWebhookConfiguration": "admissionregistration.k8s.io/v1", "MutatingWebhookConfiguration": "admissionregistration.k8s.io/v1",
       "ValidatingAdmissionPolicy": "admissionregistration.k8s.io/v1", "ValidatingAdmissionPolicyBinding": "admissionregistration.k8s.io/v1",
       "ClusterRoleBinding": "rbac.authorization.k8s.io/v1", "RoleBinding": "rbac.authorization.k8s.io/v1", "ClusterRole": "rbac.authorization.k8s.io/v1",
       "Role": "rbac.authorization.k8s.io/v1", "Namespace": "v1", "ServiceAccount": "v1", "Ingress": "networking.k8s.io/v1", "LimitRange": "v1", "ResourceQuota": "v1",
       "CSIDriver": "storage.k8s.io/v1", "CustomResourceDefinition": "apiextensions.k8s.io/v1", "Node": "v1", "ConfigMap": "v1"}
CLUSTER = {"PersistentVolume", "StorageClass", "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "ValidatingAdmissionPolicy", "ValidatingAdmissionPolicyBinding",
           "ClusterRoleBinding", "ClusterRole", "Namespace", "CSIDriver", "CustomResourceDefinition", "Node"}
LABELLED = set(API)


def plural(kind):
    return {"StorageClass": "storageclasses", "NetworkPolicy": "networkpolicies", "Ingress": "ingresses", "ValidatingAdmissionPolicy": "validatingadmissionpolicies"}.get(kind, kind.lower() + "s")


def path(o):
    root = "/api/v1" if o["apiVersion"] == "v1" else "/apis/" + o["apiVersion"]
    return "%s/%s%s" % (root, "" if o["kind"] in CLUSTER else "namespaces/%s/" % NS, plural(o["kind"]))


def ours(kubevouch, objects, folder):
    """(kind, name): the object as the files' reader has it."""
    out = {}
    by_kind = {}
    for o in objects:
        by_kind.setdefault(o["kind"], []).append(o)
    for kind, items in by_kind.items():
        name = os.path.join(folder, kind + ".json")
        with open(name, "w", encoding="utf-8") as f:
            json.dump({"apiVersion": "v1", "kind": "List", "items": items}, f)
        r = subprocess.run([kubevouch, "eval", "--manifests", name, "--over", plural(kind), "--print", "jsonl", "object"], capture_output=True, text=True, check=False)
        if r.returncode:
            sys.exit("eval over %s ended with %d: %s" % (plural(kind), r.returncode, r.stderr[:500]))
        for line in r.stdout.splitlines():
            row = json.loads(line)
            out[kind, row["name"]] = row["value"]
    return out


def bare(o):
    """Without what only a server knows and admission adds."""
    o = {k: v for k, v in o.items() if k != "status"}
    o["metadata"] = {k: v for k, v in o["metadata"].items() if k not in SERVER_ONLY}
    if o["kind"] == "Pod":
        o["spec"] = without_token({k: v for k, v in o["spec"].items() if k not in POD_ADMISSION})
    return o


def without_token(spec):
    """A pod's spec without the volume of its account's token, which admission adds."""
    mine = [v for v in spec.get("volumes", []) if not v["name"].startswith("kube-api-access-")]
    spec = {**{k: v for k, v in spec.items() if k != "volumes"}, **({"volumes": mine} if mine else {})}
    for at in ("containers", "initContainers"):
        for c in spec.get(at, []):
            mounts = [m for m in c.get("volumeMounts", []) if not m["name"].startswith("kube-api-access-")]
            c.pop("volumeMounts", None)
            if mounts:
                c["volumeMounts"] = mounts
    return spec


def differences(kind, here, server, at=""):
    """Paths at which the two are not the same; those that say nothing on both sides are."""
    if isinstance(here, str) and MASKED.fullmatch(here):
        return
    if isinstance(here, dict) and isinstance(server, dict):
        for k in sorted(set(here) | set(server)):
            p = "%s.%s" % (at, k) if at else k
            if (kind, p) in ALLOCATED:
                continue
            if k not in here:
                yield p, "only the server has it: %s" % json.dumps(server[k])
            elif k not in server:
                if here[k] not in (None, False, "", [], {}, 0):
                    yield p, "only the scan has it: %s" % json.dumps(here[k])
            else:
                yield from differences(kind, here[k], server[k], p)
    elif isinstance(here, list) and isinstance(server, list):
        if len(here) != len(server):
            yield at, "%d and %d items" % (len(here), len(server))
        for a, b in zip(here, server):
            yield from differences(kind, a, b, at + "[]")
    elif here != server:
        yield at, "%s here, %s there" % (json.dumps(here), json.dumps(server))


def main(kubevouch, kubeconfig, count, seed):
    api, made = Api(kubeconfig), Made(seed)
    kept, refused, told = [], {}, {}
    for kind in API:
        for i in range(count):
            o = made.object(kind)
            status, answer = api.ask("POST", path(o) + "?dryRun=All", o)
            if status < 300:
                kept.append((o, answer))
            else:
                refused.setdefault(kind, []).append(answer.get("message", ""))
    with tempfile.TemporaryDirectory() as d:
        here = ours(kubevouch, [o for o, _ in kept], d)
    for o, answer in kept:
        mine = here.get((o["kind"], o["metadata"]["name"]))
        if mine is None:
            told.setdefault((o["kind"], "", "the scan does not have it"), o)
            continue
        for p, what in differences(o["kind"], bare(mine), bare(answer)):
            told.setdefault((o["kind"], p, what.split(":")[0] if "only" in what else "differs"), what)
    for (kind, p, _), what in sorted(told.items(), key=lambda t: t[0]):
        print("%s %s: %s" % (kind, p, what))
    for kind, why in refused.items():
        if len(why) * 5 > count:
            print("%s: the server refuses %d of %d, so too few are compared; the first: %s" % (kind, len(why), count, why[0][:400]))
    print("seed %d: %d objects of %d kinds as the API server has them, %d refused by it, %d differences" % (seed, len(kept), len(API), sum(map(len, refused.values())), len(told)))
    return not told and not any(len(w) * 5 > count for w in refused.values())


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])) else 1)
