package main

import (
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	autov2 "k8s.io/api/autoscaling/v2"
	batchv1 "k8s.io/api/batch/v1"
	v1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	policyv1 "k8s.io/api/policy/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// ordinary makes a namespace's everyday objects.
func (m *mixer) ordinary(ns, psa string) {
	c, r := m.c, m.r
	netpol := map[string]bool{"payments-pci": true, "identity": true, "ledger": true, "shop-web": true, "shop-api": true, "payments": true, "billing": true, "gateway": true}[ns]
	if netpol {
		np := &netv1.NetworkPolicy{ObjectMeta: om(ns, "default-deny", nil), Spec: netv1.NetworkPolicySpec{PolicyTypes: []netv1.PolicyType{"Ingress", "Egress"}}}
		m.do(func() error { _, err := c.NetworkingV1().NetworkPolicies(ns).Create(m.ctx, np, opts); return err })
	} else if ns != "qa" && ns != "staging" {
		m.plant("namespace-no-network-policy", "Namespace", "", ns, "")
	}
	if ns == "qa" || ns == "staging" {
		np := &netv1.NetworkPolicy{ObjectMeta: om(ns, "allow-all", nil), Spec: netv1.NetworkPolicySpec{PolicyTypes: []netv1.PolicyType{"Ingress", "Egress"}, Ingress: []netv1.NetworkPolicyIngressRule{{}}, Egress: []netv1.NetworkPolicyEgressRule{{}}}}
		m.do(func() error { _, err := c.NetworkingV1().NetworkPolicies(ns).Create(m.ctx, np, opts); return err })
		m.plant("network-policy-allows-all", "NetworkPolicy", ns, "allow-all", "")
	}
	if r.IntN(3) == 0 {
		q := &v1.ResourceQuota{ObjectMeta: om(ns, "quota", nil), Spec: v1.ResourceQuotaSpec{Hard: v1.ResourceList{"pods": resource.MustParse("200"), "services.loadbalancers": resource.MustParse("5")}}}
		m.do(func() error { _, err := c.CoreV1().ResourceQuotas(ns).Create(m.ctx, q, opts); return err })
	}
	if r.IntN(4) == 0 {
		lr := &v1.LimitRange{ObjectMeta: om(ns, "defaults", nil), Spec: v1.LimitRangeSpec{Limits: []v1.LimitRangeItem{{Type: "Container", Default: v1.ResourceList{"memory": resource.MustParse("256Mi")}, DefaultRequest: v1.ResourceList{"cpu": resource.MustParse("10m"), "memory": resource.MustParse("32Mi")}}}}}
		m.do(func() error { _, err := c.CoreV1().LimitRanges(ns).Create(m.ctx, lr, opts); return err })
	}
	n := 4 + r.IntN(4)
	for i := range n {
		app := apps[(i*7+len(ns))%len(apps)]
		name := app
		if i > 3 {
			name = fmt.Sprintf("%s-v%d", app, i)
		}
		image := fmt.Sprintf("registry.example.internal/apps/%s:1.%d.%d", app, r.IntN(30), r.IntN(9))
		reps := int32(1 + r.IntN(5))
		l := map[string]string{"app.kubernetes.io/name": name}
		sa := &v1.ServiceAccount{ObjectMeta: om(ns, name, l), AutomountServiceAccountToken: ptr(r.IntN(2) == 0)}
		m.do(func() error { _, err := c.CoreV1().ServiceAccounts(ns).Create(m.ctx, sa, opts); return err })
		cm := &v1.ConfigMap{ObjectMeta: om(ns, name+"-config", l), Data: map[string]string{"app.properties": "server.port=8080\nlog.level=info\n" + strings.Repeat("feature.x"+name+"=true\n", 10)}}
		m.do(func() error { _, err := c.CoreV1().ConfigMaps(ns).Create(m.ctx, cm, opts); return err })
		se := &v1.Secret{ObjectMeta: om(ns, name+"-db", l), StringData: map[string]string{"username": name, "password": fmt.Sprintf("%x", r.Uint64())}}
		m.do(func() error { _, err := c.CoreV1().Secrets(ns).Create(m.ctx, se, opts); return err })
		var s v1.PodSpec
		if psa == "restricted" || (psa == "baseline" && r.IntN(2) == 0) || r.IntN(4) == 0 {
			s = good(name, image, name)
		} else {
			s = plain(name, image, r)
		}
		if r.IntN(5) == 0 {
			s.InitContainers = []v1.Container{{Name: "init-migrate", Image: image, Args: []string{"migrate"}, SecurityContext: s.Containers[0].SecurityContext}}
		}
		if r.IntN(4) == 0 { // the secret as a file, the better way
			s.Volumes = append(s.Volumes, v1.Volume{Name: "db", VolumeSource: v1.VolumeSource{Secret: &v1.SecretVolumeSource{SecretName: name + "-db"}}})
			s.Containers[0].VolumeMounts = append(s.Containers[0].VolumeMounts, v1.VolumeMount{Name: "db", MountPath: "/etc/db", ReadOnly: true})
		}
		m.deploy(ns, name, reps, s)
		if r.IntN(10) < 7 {
			sv := &v1.Service{ObjectMeta: om(ns, name, l), Spec: v1.ServiceSpec{Selector: l, Ports: []v1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromInt32(8080)}}}}
			if r.IntN(12) == 0 {
				sv.Spec.ClusterIP = "None"
			}
			m.do(func() error { _, err := c.CoreV1().Services(ns).Create(m.ctx, sv, opts); return err })
			if r.IntN(3) == 0 {
				pt := netv1.PathTypePrefix
				host := name + "." + ns + ".example.internal"
				in := &netv1.Ingress{ObjectMeta: om(ns, name, l), Spec: netv1.IngressSpec{IngressClassName: ptr("nginx"), TLS: []netv1.IngressTLS{{Hosts: []string{host}, SecretName: name + "-tls"}},
					Rules: []netv1.IngressRule{{Host: host, IngressRuleValue: netv1.IngressRuleValue{HTTP: &netv1.HTTPIngressRuleValue{Paths: []netv1.HTTPIngressPath{{Path: "/", PathType: &pt, Backend: netv1.IngressBackend{Service: &netv1.IngressServiceBackend{Name: name, Port: netv1.ServiceBackendPort{Number: 80}}}}}}}}}}}
				if r.IntN(3) == 0 {
					in.Spec.TLS = nil
					m.plant("ingress-no-tls", "Ingress", ns, name, host)
				}
				m.do(func() error { _, err := c.NetworkingV1().Ingresses(ns).Create(m.ctx, in, opts); return err })
			}
			if netpol {
				np := &netv1.NetworkPolicy{ObjectMeta: om(ns, "allow-"+name, nil), Spec: netv1.NetworkPolicySpec{PodSelector: metav1.LabelSelector{MatchLabels: l}, PolicyTypes: []netv1.PolicyType{"Ingress"}, Ingress: []netv1.NetworkPolicyIngressRule{{From: []netv1.NetworkPolicyPeer{{NamespaceSelector: &metav1.LabelSelector{MatchLabels: map[string]string{"kubernetes.io/metadata.name": "gateway"}}}}}}}}
				m.do(func() error { _, err := c.NetworkingV1().NetworkPolicies(ns).Create(m.ctx, np, opts); return err })
			}
		}
		if reps > 3 {
			pdb := &policyv1.PodDisruptionBudget{ObjectMeta: om(ns, name, l), Spec: policyv1.PodDisruptionBudgetSpec{MinAvailable: ptr(intstr.FromInt32(1)), Selector: &metav1.LabelSelector{MatchLabels: l}}}
			m.do(func() error { _, err := c.PolicyV1().PodDisruptionBudgets(ns).Create(m.ctx, pdb, opts); return err })
			h := &autov2.HorizontalPodAutoscaler{ObjectMeta: om(ns, name, l), Spec: autov2.HorizontalPodAutoscalerSpec{MaxReplicas: 10, ScaleTargetRef: autov2.CrossVersionObjectReference{APIVersion: "apps/v1", Kind: "Deployment", Name: name}, Metrics: []autov2.MetricSpec{{Type: "Resource", Resource: &autov2.ResourceMetricSource{Name: "cpu", Target: autov2.MetricTarget{Type: "Utilization", AverageUtilization: ptr(int32(70))}}}}}}
			m.do(func() error {
				_, err := c.AutoscalingV2().HorizontalPodAutoscalers(ns).Create(m.ctx, h, opts)
				return err
			})
		}
	}
	if r.IntN(3) == 0 { // a database
		l := map[string]string{"app.kubernetes.io/name": "postgres"}
		s := plain("postgres", "postgres:17.2", r)
		if psa == "restricted" {
			s = good("postgres", "postgres:17.2", "default")
		}
		s.Volumes = append(s.Volumes, v1.Volume{Name: "data", VolumeSource: v1.VolumeSource{PersistentVolumeClaim: &v1.PersistentVolumeClaimVolumeSource{ClaimName: "postgres-data"}}})
		s.Containers[0].VolumeMounts = append(s.Containers[0].VolumeMounts, v1.VolumeMount{Name: "data", MountPath: "/var/lib/postgresql"})
		st := &appsv1.StatefulSet{ObjectMeta: om(ns, "postgres", l), Spec: appsv1.StatefulSetSpec{Replicas: ptr(int32(1)), ServiceName: "postgres", Selector: &metav1.LabelSelector{MatchLabels: l}, Template: v1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: l}, Spec: s}}}
		pv := &v1.PersistentVolume{ObjectMeta: om("", "pv-"+ns, nil), Spec: v1.PersistentVolumeSpec{Capacity: v1.ResourceList{"storage": resource.MustParse("10Gi")}, AccessModes: []v1.PersistentVolumeAccessMode{"ReadWriteOnce"}, PersistentVolumeReclaimPolicy: "Retain", StorageClassName: "standard",
			ClaimRef: &v1.ObjectReference{Namespace: ns, Name: "postgres-data"}, PersistentVolumeSource: v1.PersistentVolumeSource{NFS: &v1.NFSVolumeSource{Server: "nfs.example.internal", Path: "/export/" + ns}}}}
		pvc := &v1.PersistentVolumeClaim{ObjectMeta: om(ns, "postgres-data", l), Spec: v1.PersistentVolumeClaimSpec{AccessModes: pv.Spec.AccessModes, StorageClassName: ptr("standard"), VolumeName: "pv-" + ns, Resources: v1.VolumeResourceRequirements{Requests: pv.Spec.Capacity}}}
		m.do(func() error { _, err := m.c.CoreV1().PersistentVolumes().Create(m.ctx, pv, opts); return err })
		m.do(func() error { _, err := m.c.CoreV1().PersistentVolumeClaims(ns).Create(m.ctx, pvc, opts); return err })
		m.do(func() error { _, err := m.c.AppsV1().StatefulSets(ns).Create(m.ctx, st, opts); return err })
	}
	if r.IntN(2) == 0 {
		s := good("job-run", "registry.example.internal/apps/batch:3.1.0", "default")
		s.Containers[0].LivenessProbe, s.Containers[0].ReadinessProbe = nil, nil
		s.RestartPolicy = v1.RestartPolicyNever
		j := batchv1.JobSpec{Template: v1.PodTemplateSpec{Spec: s}, BackoffLimit: ptr(int32(2))}
		cj := &batchv1.CronJob{ObjectMeta: om(ns, "nightly", nil), Spec: batchv1.CronJobSpec{Schedule: "0 3 * * *", JobTemplate: batchv1.JobTemplateSpec{Spec: j}}}
		jb := &batchv1.Job{ObjectMeta: om(ns, "import-1", nil), Spec: *j.DeepCopy()}
		m.do(func() error { _, err := m.c.BatchV1().CronJobs(ns).Create(m.ctx, cj, opts); return err })
		m.do(func() error { _, err := m.c.BatchV1().Jobs(ns).Create(m.ctx, jb, opts); return err })
	}
}
