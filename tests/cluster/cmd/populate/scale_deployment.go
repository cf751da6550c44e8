package main

import (
	"fmt"

	appsv1 "k8s.io/api/apps/v1"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/apimachinery/pkg/util/intstr"
)

func (g *gen) deployment(ns, app, sa string, sel, lbl map[string]string, reps, nodes int, grp func(string, string) schema.GroupVersionKind) error {
	image := "registry.example.internal/apps/" + app + ":2.14." + fmt.Sprint(g.r.IntN(40))
	spec := g.podSpec(app, ns, sa, image)
	hash := g.sfx(10)
	ann := map[string]string{"checksum/config": g.hex(16) + g.hex(16) + g.hex(16) + g.hex(16)}
	tmpl := spec.DeepCopy()
	tmpl.Volumes = tmpl.Volumes[:2]
	for i := range tmpl.Containers {
		tmpl.Containers[i].VolumeMounts = tmpl.Containers[i].VolumeMounts[:2]
	}
	tmpl.Tolerations, tmpl.Priority, tmpl.PreemptionPolicy, tmpl.EnableServiceLinks = nil, nil, nil, nil
	r32 := int32(reps)
	dep := &appsv1.Deployment{
		ObjectMeta: meta(g, ns, app, lbl),
		Spec: appsv1.DeploymentSpec{
			Replicas: &r32, Selector: &metav1.LabelSelector{MatchLabels: sel}, RevisionHistoryLimit: ptr(int32(10)), ProgressDeadlineSeconds: ptr(int32(600)),
			Strategy: appsv1.DeploymentStrategy{Type: "RollingUpdate", RollingUpdate: &appsv1.RollingUpdateDeployment{MaxSurge: ptr(intstr.FromString("25%")), MaxUnavailable: ptr(intstr.FromString("25%"))}},
			Template: v1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: lbl, Annotations: ann}, Spec: *tmpl},
		},
		Status: appsv1.DeploymentStatus{ObservedGeneration: 1, Replicas: r32, ReadyReplicas: r32, AvailableReplicas: r32, UpdatedReplicas: r32,
			Conditions: []appsv1.DeploymentCondition{{Type: "Available", Status: "True", Reason: "MinimumReplicasAvailable", Message: "Deployment has minimum availability."}, {Type: "Progressing", Status: "True", Reason: "NewReplicaSetAvailable", Message: fmt.Sprintf("ReplicaSet %q has successfully progressed.", app+"-"+hash)}}},
	}
	dep.Annotations = map[string]string{"deployment.kubernetes.io/revision": "2", "meta.helm.sh/release-name": app, "meta.helm.sh/release-namespace": ns}
	dep.ManagedFields = []metav1.ManagedFieldsEntry{
		managed("helm", "Update", "", "apps/v1", dep.CreationTimestamp, map[string]any{"metadata": map[string]any{"labels": toMap(lbl), "annotations": toMap(dep.Annotations)}, "spec": toMap(dep.Spec)}),
		managed("kube-controller-manager", "Update", "status", "apps/v1", dep.CreationTimestamp, map[string]any{"status": toMap(dep.Status)}),
	}
	if err := g.put("deployments/"+ns+"/"+app, grp("apps", "Deployment"), dep); err != nil {
		return err
	}
	own := []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "Deployment", Name: app, UID: dep.UID, Controller: ptr(true), BlockOwnerDeletion: ptr(true)}}
	var rsUID types.UID
	for rev := 1; rev <= 2; rev++ {
		h, n := hash, r32
		if rev == 1 {
			h, n = g.sfx(10), 0
		}
		l := map[string]string{"pod-template-hash": h}
		for k, v := range lbl {
			l[k] = v
		}
		rs := &appsv1.ReplicaSet{ObjectMeta: meta(g, ns, app+"-"+h, l), Spec: appsv1.ReplicaSetSpec{Replicas: &n, Selector: &metav1.LabelSelector{MatchLabels: map[string]string{"app.kubernetes.io/name": app, "pod-template-hash": h}}, Template: v1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: l, Annotations: ann}, Spec: *tmpl}},
			Status: appsv1.ReplicaSetStatus{ObservedGeneration: 1, Replicas: n, ReadyReplicas: n, AvailableReplicas: n, FullyLabeledReplicas: n}}
		rs.OwnerReferences = own
		rs.Annotations = map[string]string{"deployment.kubernetes.io/desired-replicas": fmt.Sprint(reps), "deployment.kubernetes.io/max-replicas": fmt.Sprint(reps + 2), "deployment.kubernetes.io/revision": fmt.Sprint(rev), "meta.helm.sh/release-name": app, "meta.helm.sh/release-namespace": ns}
		rs.ManagedFields = []metav1.ManagedFieldsEntry{
			managed("kube-controller-manager", "Update", "", "apps/v1", rs.CreationTimestamp, map[string]any{"metadata": map[string]any{"labels": toMap(l), "annotations": toMap(rs.Annotations)}, "spec": toMap(rs.Spec)}),
		}
		if err := g.put("replicasets/"+ns+"/"+rs.Name, grp("apps", "ReplicaSet"), rs); err != nil {
			return err
		}
		rsUID = rs.UID
	}
	podLab := map[string]string{"pod-template-hash": hash}
	for k, v := range lbl {
		podLab[k] = v
	}
	for range reps {
		p := &v1.Pod{ObjectMeta: meta(g, ns, app+"-"+hash+"-"+g.sfx(5), podLab), Spec: *spec.DeepCopy()}
		ni := g.r.IntN(nodes)
		p.GenerateName = app + "-" + hash + "-"
		p.Annotations = ann
		p.OwnerReferences = []metav1.OwnerReference{{APIVersion: "apps/v1", Kind: "ReplicaSet", Name: app + "-" + hash, UID: rsUID, Controller: ptr(true), BlockOwnerDeletion: ptr(true)}}
		sp := toMap(tmpl)
		p.Spec.NodeName = fmt.Sprintf("node-%04d", ni)
		p.Status = g.podStatus(&p.Spec, p.CreationTimestamp, fmt.Sprintf("10.1.%d.%d", ni/250, 2+ni%250))
		st := toMap(p.Status)
		for _, k := range []string{"qosClass", "phase"} {
			delete(st, k)
		}
		p.ManagedFields = []metav1.ManagedFieldsEntry{
			managed("kube-controller-manager", "Update", "", "v1", p.CreationTimestamp, map[string]any{"metadata": map[string]any{"generateName": "x", "labels": toMap(podLab), "annotations": toMap(ann), "ownerReferences": []any{map[string]any{"uid": string(rsUID)}}}, "spec": sp}),
			managed("kubelet", "Update", "status", "v1", p.CreationTimestamp, map[string]any{"status": map[string]any{"conditions": st["conditions"], "containerStatuses": "x", "hostIP": "x", "hostIPs": "x", "phase": "x", "podIP": "x", "podIPs": st["podIPs"], "startTime": "x"}}),
		}
		if err := g.put("pods/"+ns+"/"+p.Name, schema.GroupVersionKind{Version: "v1", Kind: "Pod"}, p); err != nil {
			return err
		}
	}
	return nil
}
