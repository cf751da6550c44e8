#!/usr/bin/env python3
"""Makes a recording small enough for the repository: trim-snapshot.py FROM TO

Leaves out of pods and templates what no check reads (probes, resources, tolerations, times, counters ...). Every object stays, and so does everything a verdict rests on: the audit of the trimmed
recording must give the same checks as that of the whole one, which the caller verifies."""
import json
import os
import shutil
import sys

DROP = {
    "terminationMessagePath", "terminationMessagePolicy", "resources", "livenessProbe", "readinessProbe", "startupProbe",
    "imagePullPolicy", "dnsPolicy", "schedulerName", "preemptionPolicy", "priority", "enableServiceLinks", "restartPolicy",
    "terminationGracePeriodSeconds", "tolerations", "creationTimestamp", "generation", "progressDeadlineSeconds",
    "revisionHistoryLimit", "strategy", "updateStrategy", "podManagementPolicy", "blockOwnerDeletion",
    "nodeName", "nodeSelector", "internalTrafficPolicy", "ipFamilyPolicy", "ipFamilies", "sessionAffinity", "clusterIPs",
    "startTime", "observedGeneration", "podIP", "hostIP", "qosClass", "readyReplicas", "availableReplicas",
    "fullyLabeledReplicas", "updatedReplicas", "completions", "parallelism", "backoffLimit", "suspend", "generateName",
}


PODS_AND_TEMPLATES = {"PodList", "DeploymentList", "DaemonSetList", "StatefulSetList", "ReplicaSetList", "JobList", "CronJobList"}


def trim(v):
    if isinstance(v, dict):
        return {k: trim(x) for k, x in v.items() if k not in DROP}
    return [trim(x) for x in v] if isinstance(v, list) else v


def main():
    source, target = sys.argv[1:]
    os.makedirs(os.path.join(target, "answers"), exist_ok=True)
    index = json.load(open(os.path.join(source, "snapshot.json")))
    index["serverUrl"] = "https://127.0.0.1:6443"
    for answer in index["answers"]:
        name = answer["file"]
        whole = os.path.join(source, name)
        text = open(whole).read()
        is_list = answer["status"] == 200 and text.startswith('{"kind":"') and '"items":[' in text[:200]
        if not is_list:
            shutil.copyfile(whole, os.path.join(target, name))
            continue
        doc = json.loads(text)
        if doc["kind"] in PODS_AND_TEMPLATES:
            doc["items"] = [trim(item) for item in doc["items"]]
        head = '{"kind":%s,"apiVersion":"v1","items":[\n' % json.dumps(doc["kind"])
        items = ",\n".join(json.dumps(i, separators=(",", ":"), ensure_ascii=False) for i in doc["items"])
        tail = '\n],"metadata":%s}\n' % json.dumps(doc["metadata"])
        with open(os.path.join(target, name), "w") as out:
            out.write(head + items + tail)
    with open(os.path.join(target, "snapshot.json"), "w") as out:
        json.dump(index, out, indent=1)
        out.write("\n")


main()
