#!/usr/bin/env python3
"""Pass and fail objects of other tools' own tests, by what they are about: the suite peers/index.

    KUBEVOUCH=PROGRAM run_peers.py CASES-FOLDER [FILE-FOR-FAILING-IDS [ID...]]

Rows about Pod Security are held against "kubevouch pss", those about rights, secrets and policies against a check of CIS 2.0.1 or
kubevouch-hardening. Rows about what no check is for are left out, and counted. Where a tool asks something else than Kubernetes or
the benchmark does, these win: DIFFERENT says where, why, and what is right then. Left out too are flags of pods that are no static
pods of a control plane (nobody vouches for those), roles that nobody is bound to, and documents of a tool's own. CASES_VERBOSE=1 says of each failing row what was expected and what is there."""
import json
import os
import subprocess
import sys
import tempfile

try:
    import yaml
except ImportError:
    sys.exit("cases: peers/index: the inputs are read with PyYAML, which is not installed (python3-yaml)")

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools"))
import report_doc

SUITE = "peers/index"
SECONDS = 120
# What it is about -> controls of the Pod Security Standards, any of which fails by it.
POD_SECURITY = {
    "allow_priv_esc": ["allowPrivilegeEscalation"], "apparmor": ["appArmorProfile"], "capabilities_baseline": ["capabilities_baseline"],
    "capabilities_restricted": ["capabilities_restricted", "capabilities_baseline"], "host_namespaces": ["hostNamespaces"], "host_network": ["hostNamespaces"],
    "host_ipc": ["hostNamespaces"], "host_pid": ["hostNamespaces"], "host_path": ["hostPathVolumes"], "host_ports": ["hostPorts"], "host_process": ["windowsHostProcess"],
    "privileged": ["privileged"], "proc_mount": ["procMount"], "run_as_non_root": ["runAsNonRoot"], "run_as_user": ["runAsUser"],
    "seccomp_baseline": ["seccompProfile_baseline"], "seccomp_restricted": ["seccompProfile_restricted", "seccompProfile_baseline"], "selinux": ["seLinuxOptions"],
    "sysctls": ["sysctls"], "volume_types": ["restrictedVolumes", "hostPathVolumes"],
    "rego:SYS_ADMIN_capability": ["capabilities_baseline"], "rego:SYS_MODULE_capability": ["capabilities_baseline"], "rego:specific_capabilities_added": ["capabilities_baseline"],
    "rego:access_to_host_ports": ["hostPorts"], "rego:can_elevate_its_own_privileges": ["allowPrivilegeEscalation"], "rego:capabilities_no_drop_all": ["capabilities_restricted"],
    "rego:drop_all_capabilities_only_add_net_bind_service": ["capabilities_restricted", "capabilities_baseline"], "rego:host_ipc": ["hostNamespaces"], "rego:host_network": ["hostNamespaces"],
    "rego:privileged": ["privileged"], "rego:runs_as_root": ["runAsNonRoot"], "rego:runs_with_a_root_uid": ["runAsUser"], "rego:seccomp_profile_unconfined": ["seccompProfile_baseline"],
    "rego:runtime_default_seccomp_profile_not_set": ["seccompProfile_restricted", "seccompProfile_baseline"], "rego:selinux_custom_options_set": ["seLinuxOptions"],
    "rego:non_default_proc_masks_set": ["procMount"], "rego:windows_host_process": ["windowsHostProcess"], "rego:apparmor_policy_disabled": ["appArmorProfile"],
    "rego:Kubernetes_resource_with_disallowed_volumes_mounted": ["restrictedVolumes", "hostPathVolumes"],
}
# What it is about, or the tool's own check where that says it better -> the benchmark (None: CIS) and the check.
CHECKS = {
    "cluster_admin_binding": (None, "5.1.1"), "cluster_admin_rolebinding": (None, "5.1.1"), "rolebindingClusterAdminRole": (None, "5.1.3"), "secrets_access": (None, "5.1.2"),
    "wildcard_roles": (None, "5.1.3"), "wildcard_verbs": (None, "5.1.3"), "wildcard_resources": (None, "5.1.3"), "pod_create": (None, "5.1.4"), "automount_token": (None, "5.1.6"),
    "bind": (None, "5.1.8"), "escalate": (None, "5.1.8"), "bind_escalate_impersonate": (None, "5.1.8"), "nodes_proxy": (None, "5.1.10"), "csr_approve": (None, "5.1.11"),
    "webhooks": (None, "5.1.12"), "secret_env": (None, "5.4.1"), "netpol_present": (None, "5.3.2"), "default_namespace": (None, "5.6.4"),
    "rego:CPU_requests_not_specified": ("kubevouch-hardening", "workloads-requests"), "rego:configMap_with_sensitive": ("kubevouch-hardening", "secrets-in-configmaps"),
    "rego:service_with_externalip": ("kubevouch-hardening", "network-external-ips"), "rego:default_namespace_should_not_be_used": (None, "5.6.4"),
    "rego:cluster_admin_role_is_only_used_where_required": (None, "5.1.1"), "rego:anonymous_user_bind": ("kubevouch-hardening", "rights-anonymous"), "rego:masters_group_bind": (None, "5.1.7"),
    "rego:mounts_docker_socket": ("kubevouch-hardening", "workloads-runtime-socket"), "rego:any_any": (None, "5.1.3"), "rego:any_verb": (None, "5.1.3"),
    "rego:manage_all_resources": (None, "5.1.3"), "rego:manage_all_resources_at_namespace": (None, "5.1.3"),
    "restrict-binding-system-groups/restrict-masters": (None, "5.1.7"), "restrict-binding-system-groups/restrict-anonymous": ("kubevouch-hardening", "rights-anonymous"),
    "restrict-binding-system-groups/restrict-unauthenticated": ("kubevouch-hardening", "rights-anonymous"),
}


def no_binding(docs):
    return not any(d.get("kind", "").endswith("Binding") for d in docs)


def not_whole(docs):
    """What a scan passes over as no object that an API server takes: without any image and selector, or without one and of no API that has the kind."""
    for d in docs:
        spec = d.get("spec") or {}
        pod = (((spec.get("jobTemplate") or {}).get("spec") or spec).get("template") or {}).get("spec") if d.get("kind") != "Pod" else spec
        containers = [c for c in (pod or {}).get("containers") or [] if isinstance(c, dict)]
        selects = d.get("kind") not in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet") or "selector" in spec
        if (not any(c.get("image") for c in containers) and "selector" not in spec) or (not selects and d.get("apiVersion") == "v1"):
            return True
    return False


# (row, documents) -> this row is one of those; what we say of it then; why.
DIFFERENT = [
    (lambda r, d: r.get("psa_agrees") is False, "not", "Pod Security itself says otherwise"),
    (lambda r, d: r["control"] in CHECKS and CHECKS[r["control"]][1] in ("5.1.2", "5.1.8", "5.1.10", "5.1.11", "5.1.12") and no_binding(d), "pass",
     "a role that nobody is bound to gives nobody a right"),
    (lambda r, d: r["control"] in POD_SECURITY and not_whole(d), "none", "no API server takes such an object: a scan says that it is not whole, and judges it by nothing"),
    (lambda r, d: r["control"] == "default_namespace" and not_whole(d), "pass", "such an object is not whole, and is judged by nothing"),
    (lambda r, d: r["control"] == "secret_env", "fail", "the tool has a rule for each of env and envFrom, and tries each with what the other refuses; a Secret in the environment is one either way"),
    (lambda r, d: r["control"] == "wildcard_resources" and any("*" in (x.get("verbs") or []) + (x.get("apiGroups") or []) for o in d for x in o.get("rules") or []), "fail",
     "the rule looks at resources alone; CIS 5.1.3 at verbs and groups too"),
    (lambda r, d: r["control"] == "cluster_admin_binding" and any(o.get("roleRef", {}).get("kind") == "Role" for o in d), "unknown",
     "it names a Role cluster-admin of the namespace, which is not among the objects: what it gives is not known"),
    (lambda r, d: r["check"] == "rolebindingClusterAdminClusterRole" and any("cluster-admin" == o.get("roleRef", {}).get("name") for o in d) or (r["check"] == "rolebindingClusterAdminRole" and any(o.get("roleRef", {}).get("name") == "cluster-admin" for o in d)), "fail",
     "the tool has a rule for each of a Role and a ClusterRole, and tries each with what the other refuses"),
    (lambda r, d: r["check"] == "rolebindingClusterAdminClusterRole" and any(o["kind"] == "RoleBinding" and o["metadata"]["name"].startswith("system:") for o in d), "fail",
     "the tool excuses names that begin with system:, which anyone may give"),
    (lambda r, d: r["check"] == "rolebindingClusterAdminRole" and any("*" in (x.get("apiGroups") or []) for o in d for x in o.get("rules") or []), "fail",
     "the tool asks for all verbs, and excuses names that begin with system:; CIS 5.1.3 asks for no wildcard, whoever holds it"),
    (lambda r, d: r["control"] == "system_group_binding" and "anonymous" in r["check"] and any(x["kind"] == "Group" for o in d for x in o.get("subjects") or []), "pass",
     "system:anonymous is a user: a group of that name has no member"),
    (lambda r, d: r["control"] == "system_group_binding" and "unauthenticated" in r["check"] and d[0]["metadata"]["name"].startswith("bad"), "unknown",
     "the role that is bound is not among the objects: what it gives is not known"),
    (lambda r, d: r["control"] == "netpol_present" and r["tool"] == "polaris" and r["expect"]["result"] == "fail", "pass",
     "the tool asks for a port or both directions; CIS 5.3.2 that something is restricted"),
    (lambda r, d: r["control"] == "netpol_present" and r["tool"] == "kube-score" and any((o.get("spec") or {}).get("ingress") == [{}] for o in d), "fail",
     "policies that let everyone in and out restrict nothing"),
    (lambda r, d: r["control"] in ("rego:runtime_default_seccomp_profile_not_set", "rego:seccomp_profile_unconfined") and any(
        "Unconfined" in json.dumps((((o.get("spec") or {}).get("template") or o).get("spec") or {}).get("securityContext")) for o in d), "fail",
     "the tool asks for what containers get; Pod Security refuses a pod that says Unconfined, whatever its containers say"),
    (lambda r, d: r["control"] == "rego:runtime_default_seccomp_profile_not_set" and "seccomp.security.alpha.kubernetes.io/pod" in json.dumps(d), "fail",
     "Kubernetes reads no annotation for it any more"),
    (lambda r, d: r["control"] == "rego:drop_all_capabilities_only_add_net_bind_service" and '"all"' in json.dumps(d), "fail", "Pod Security knows ALL in capital letters alone"),
    (lambda r, d: r["control"] == "rego:specific_capabilities_added" and '"NET_BIND_SERVICE"' in json.dumps(d), "pass", "the baseline level lets NET_BIND_SERVICE be added"),
    (lambda r, d: r["control"] == "rego:CPU_requests_not_specified" and '"memory"' not in json.dumps(d), "fail", "the tool has a rule for each of processor and memory; workloads-requests asks for both"),
    (lambda r, d: r["control"] in ("rego:any_any", "rego:any_verb", "rego:manage_all_resources") and any(
        "*" in (x.get("verbs") or []) + (x.get("apiGroups") or []) + (x.get("resources") or []) for o in d for x in o.get("rules") or []), "fail",
     "the tool has a rule for each place of a wildcard; CIS 5.1.3 asks for none"),
    (lambda r, d: r["control"] in ("rego:anonymous_user_bind", "rego:cluster_admin_role_is_only_used_where_required") and any(o["kind"] == "RoleBinding" and o["roleRef"]["kind"] == "Role" for o in d) and
     r["expect"]["result"] == "fail", "unknown", "the Role that is bound is not among the objects: what it gives is not known"),
    (lambda r, d: r["control"] == "rego:anonymous_user_bind" and any(o["kind"] == "ClusterRolebinding" for o in d), "pass", "there is no kind ClusterRolebinding"),
    (lambda r, d: r["control"] == "rego:cluster_admin_role_is_only_used_where_required" and any(o["kind"] == "ClusterRoleBinding" and o["roleRef"]["kind"] == "Role" for o in d), "pass",
     "a ClusterRoleBinding to a Role gives nothing, and system:masters is a group, not a user"),
    (lambda r, d: r["control"] == "rego:configMap_with_sensitive" and '"username"' in json.dumps(d), "pass", "a user's name is no credential"),
]


class Runs:
    """What kubevouch says of a file, once."""

    def __init__(self, program, root):
        self.program, self.root, self.known = program, root, {}

    def once(self, key, make):
        if key not in self.known:
            self.known[key] = make()
        return self.known[key]

    def path(self, row):
        return os.path.join(self.root, "peers", row["input_files"][0])

    def documents(self, row):
        def read():
            with open(self.path(row), encoding="utf-8") as f:
                return [d for d in yaml.safe_load_all(f) if isinstance(d, dict)]
        return self.once(("documents", self.path(row)), read)

    def run(self, *args):
        return subprocess.run([self.program, *args], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=SECONDS, check=False)

    def pod_security(self, row, controls):
        path = self.path(row)
        ran = self.once(("pss", path), lambda: self.run("pss", "--manifests", path, "--print", "jsonl"))
        lines = [json.loads(line) for line in ran.stdout.decode("utf-8", "replace").splitlines() if line.startswith("{")]
        named = row["object"] or {}
        mine = [w for w in lines if named.get("name") in (None, w["name"]) and named.get("kind") in (None, w["kind"])]
        if not mine:
            return "none"
        return "fail" if any(v["control"] in controls for w in mine for v in w["violations"]) else "pass"

    def check(self, row, benchmark, identifier):
        path, whole = self.path(row), ["--whole"] if row["control"] == "netpol_present" else []
        def audit():
            with tempfile.TemporaryDirectory() as out:
                ran = self.run("audit", "-q", "-o", out, "-f", "json", "--manifests", path, *whole, *(["--benchmark", benchmark] if benchmark else []))
                try:
                    return {c["id"]: c["verdict"] for c in report_doc.load(os.path.join(out, "report.json"))["checks"]}
                except (OSError, ValueError):
                    return {identifier: f"no report (exit {ran.returncode}): {ran.stdout[-200:]!r}"}
        verdict = self.once(("audit", path, benchmark, *whole), audit).get(identifier, "none")
        return "pass" if verdict in ("not-applicable", "manual") else verdict

    def said(self, row):
        if row["control"] in POD_SECURITY:
            return self.pod_security(row, POD_SECURITY[row["control"]])
        return self.check(row, *(CHECKS.get(row["check"]) or CHECKS[row["control"]]))


def right(row, documents):
    """The one word that is right, and why it is not the tool's own."""
    expected = row["expect"]["result"]
    for holds, says, why in DIFFERENT:
        if holds(row, documents):
            return ({"pass": "fail", "fail": "pass"}[expected] if says == "not" else says), why
    return expected, None


def main():
    program, root = os.environ.get("KUBEVOUCH"), sys.argv[1] if len(sys.argv) > 1 else None
    if not program or not root:
        sys.exit("usage: KUBEVOUCH=PROGRAM run_peers.py CASES-FOLDER [FILE-FOR-FAILING-IDS [ID...]]")
    index = os.path.join(root, "peers", "index.jsonl")
    if not os.path.exists(index):
        print(f"cases: {SUITE}: there is no {index}")
        return 0
    with open(index, encoding="utf-8") as f:
        rows = [json.loads(line) for line in f if line.strip()]
    rows = [r for r in rows if len(sys.argv) <= 3 or r["id"] in sys.argv[3:]]
    mine = [r for r in rows if r["expect"]["result"] in ("pass", "fail") and (r["control"] in POD_SECURITY or r["control"] in CHECKS or r["check"] in CHECKS)]
    runs, failed, differ = Runs(program, root), [], {}
    for row in mine:
        said, (wanted, why) = runs.said(row), right(row, runs.documents(row))
        differ[why] = differ.get(why, 0) + (wanted != row["expect"]["result"])
        if said != wanted:
            failed.append(row["id"])
            if os.environ.get("CASES_VERBOSE"):
                print(f"{row['id']} {row['tool']} {row['check']} ({row['control']}): {said}, not {wanted}{' (' + why + ')' if why else ''}")
    for why, count in differ.items():
        if count:
            print(f"  {SUITE}: in {count} the tool says otherwise: {why}")
    if failed and len(sys.argv) > 2:
        with open(sys.argv[2], "a", encoding="utf-8") as f:
            f.writelines(f"{SUITE} {i}\n" for i in failed)
    print(f"cases: {SUITE} {len(mine) - len(failed)}/{len(mine)} ({len(rows) - len(mine)} rows about what no check here is for, or by rules of the tool's own)")
    return 1 if failed else 0


sys.exit(main())
