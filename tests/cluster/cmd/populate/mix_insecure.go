package main

import (
	"fmt"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	v1 "k8s.io/api/core/v1"
	netv1 "k8s.io/api/networking/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// insecure makes the workloads that a check must find, one fault each as far as that goes.
func (m *mixer) insecure() {
	base := func(name string) v1.PodSpec { return good(name, "registry.example.internal/apps/"+name+":1.0.0", "") }
	add := func(ns, name, issue, detail string, reps int32, f func(s *v1.PodSpec, c *v1.Container)) {
		s := base(name)
		f(&s, &s.Containers[0])
		m.deploy(ns, name, reps, s)
		m.plant(issue, "Deployment", ns, name, detail)
	}
	host := func(path string) func(*v1.PodSpec, *v1.Container) {
		return func(s *v1.PodSpec, c *v1.Container) {
			s.Volumes = append(s.Volumes, v1.Volume{Name: "host", VolumeSource: v1.VolumeSource{HostPath: &v1.HostPathVolumeSource{Path: path}}})
			c.VolumeMounts = append(c.VolumeMounts, v1.VolumeMount{Name: "host", MountPath: "/host"})
		}
	}
	add("ci-runners", "dind", "privileged", "securityContext.privileged", 2, func(_ *v1.PodSpec, c *v1.Container) { c.SecurityContext = &v1.SecurityContext{Privileged: ptr(true)} })
	add("ci-runners", "builder", "hostpath-docker-sock", "/var/run/docker.sock", 2, host("/var/run/docker.sock"))
	add("ci-runners", "kaniko-cache", "hostpath-containerd-sock", "/run/containerd/containerd.sock", 1, host("/run/containerd/containerd.sock"))
	add("backup", "node-backup", "hostpath-root", "/", 1, host("/"))
	add("backup", "etcd-backup", "hostpath-sensitive", "/etc/kubernetes", 1, host("/etc/kubernetes"))
	add("logging", "log-tail", "hostpath", "/var/log", 1, host("/var/log"))
	add("legacy-erp", "erp-net", "host-network", "", 1, func(s *v1.PodSpec, _ *v1.Container) { s.HostNetwork = true })
	add("legacy-erp", "erp-pid", "host-pid", "", 1, func(s *v1.PodSpec, _ *v1.Container) { s.HostPID = true })
	add("legacy-erp", "erp-ipc", "host-ipc", "", 1, func(s *v1.PodSpec, _ *v1.Container) { s.HostIPC = true })
	add("games", "game-port", "host-port", "30777", 1, func(_ *v1.PodSpec, c *v1.Container) { c.Ports[0].HostPort = 30777 })
	add("games", "game-root", "run-as-root", "runAsUser 0", 2, func(s *v1.PodSpec, c *v1.Container) {
		s.SecurityContext.RunAsNonRoot, s.SecurityContext.RunAsUser = nil, ptr(int64(0))
	})
	add("games", "game-ape", "allow-privilege-escalation", "true", 2, func(_ *v1.PodSpec, c *v1.Container) { c.SecurityContext.AllowPrivilegeEscalation = ptr(true) })
	for i, cap := range []v1.Capability{"SYS_ADMIN", "NET_RAW", "NET_ADMIN", "SYS_PTRACE", "ALL", "BPF", "DAC_READ_SEARCH"} {
		add("sandbox-a", fmt.Sprintf("cap-%d", i), "added-capability", string(cap), 1, func(_ *v1.PodSpec, c *v1.Container) {
			c.SecurityContext.Capabilities = &v1.Capabilities{Add: []v1.Capability{cap}}
		})
	}
	add("sandbox-a", "nodrop", "capabilities-not-dropped", "", 1, func(_ *v1.PodSpec, c *v1.Container) { c.SecurityContext.Capabilities = nil })
	add("sandbox-a", "rwroot", "writable-root-filesystem", "", 1, func(_ *v1.PodSpec, c *v1.Container) { c.SecurityContext.ReadOnlyRootFilesystem = nil })
	add("sandbox-b", "seccomp-off", "seccomp-unconfined", "Unconfined", 1, func(s *v1.PodSpec, _ *v1.Container) {
		s.SecurityContext.SeccompProfile.Type = v1.SeccompProfileTypeUnconfined
	})
	add("sandbox-b", "seccomp-none", "seccomp-unset", "", 1, func(s *v1.PodSpec, _ *v1.Container) { s.SecurityContext.SeccompProfile = nil })
	add("sandbox-b", "apparmor-off", "apparmor-unconfined", "", 1, func(_ *v1.PodSpec, c *v1.Container) {
		c.SecurityContext.AppArmorProfile = &v1.AppArmorProfile{Type: v1.AppArmorProfileTypeUnconfined}
	})
	add("sandbox-b", "selinux-spc", "selinux-type", "spc_t", 1, func(s *v1.PodSpec, _ *v1.Container) {
		s.SecurityContext.SELinuxOptions = &v1.SELinuxOptions{Type: "spc_t"}
	})
	add("sandbox-b", "procmount", "proc-mount-unmasked", "", 1, func(s *v1.PodSpec, c *v1.Container) {
		s.HostUsers = ptr(false)
		c.SecurityContext.ProcMount = ptr(v1.UnmaskedProcMount)
	})
	add("sandbox-b", "winhost", "share-process-namespace", "", 1, func(s *v1.PodSpec, _ *v1.Container) { s.ShareProcessNamespace = ptr(true) })
	add("partners", "img-latest", "image-latest", ":latest", 2, func(_ *v1.PodSpec, c *v1.Container) { c.Image = "registry.example.internal/apps/partner:latest" })
	add("partners", "img-notag", "image-no-tag", "", 1, func(_ *v1.PodSpec, c *v1.Container) { c.Image = "nginx" })
	add("partners", "img-digest", "none", "by digest: nothing to find", 1, func(_ *v1.PodSpec, c *v1.Container) {
		c.Image = "registry.example.internal/apps/partner@sha256:" + strings.Repeat("0a", 32)
	})
	add("reports", "env-plain", "secret-in-env-plain", "AWS_SECRET_ACCESS_KEY", 2, func(_ *v1.PodSpec, c *v1.Container) {
		c.Env = []v1.EnvVar{{Name: "AWS_ACCESS_KEY_ID", Value: "AKIAIOSFODNN7EXAMPLE"}, {Name: "AWS_SECRET_ACCESS_KEY", Value: "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"}, {Name: "DB_PASSWORD", Value: "hunter2"}}
	})
	sec := &v1.Secret{ObjectMeta: om("reports", "reports-db", nil), StringData: map[string]string{"password": "x", "token": "y"}}
	m.do(func() error { _, err := m.c.CoreV1().Secrets("reports").Create(m.ctx, sec, opts); return err })
	add("reports", "env-ref", "secret-in-env-ref", "secretKeyRef", 2, func(_ *v1.PodSpec, c *v1.Container) {
		c.Env = []v1.EnvVar{{Name: "DB_PASSWORD", ValueFrom: &v1.EnvVarSource{SecretKeyRef: &v1.SecretKeySelector{LocalObjectReference: v1.LocalObjectReference{Name: "reports-db"}, Key: "password"}}}}
	})
	add("reports", "env-from", "secret-in-env-from", "envFrom", 1, func(_ *v1.PodSpec, c *v1.Container) {
		c.EnvFrom = []v1.EnvFromSource{{SecretRef: &v1.SecretEnvSource{LocalObjectReference: v1.LocalObjectReference{Name: "reports-db"}}}}
	})
	add("intranet", "automount", "default-sa-automount", "", 2, func(s *v1.PodSpec, _ *v1.Container) { s.AutomountServiceAccountToken = ptr(true) })
	add("intranet", "nolimits", "no-resources", "", 2, func(_ *v1.PodSpec, c *v1.Container) { c.Resources = v1.ResourceRequirements{} })
	add("intranet", "noprobes", "no-probes", "", 1, func(_ *v1.PodSpec, c *v1.Container) { c.LivenessProbe, c.ReadinessProbe = nil, nil })
	add("intranet", "pinned", "node-name-pinned", "", 1, func(s *v1.PodSpec, _ *v1.Container) { s.NodeName = "worker-1" })
	add("intranet", "on-master", "runs-on-control-plane", "", 1, func(s *v1.PodSpec, _ *v1.Container) {
		s.NodeSelector = map[string]string{"node-role.kubernetes.io/control-plane": ""}
		s.Tolerations = []v1.Toleration{{Operator: "Exists"}}
	})
	add("ml-train", "init-priv", "privileged-init-container", "", 1, func(s *v1.PodSpec, _ *v1.Container) {
		s.InitContainers = []v1.Container{{Name: "init-sysctl", Image: "busybox:1.36", Command: []string{"sysctl", "-w", "vm.max_map_count=262144"}, SecurityContext: &v1.SecurityContext{Privileged: ptr(true), RunAsUser: ptr(int64(0)), RunAsNonRoot: ptr(false)}}}
	})
	add("ml-train", "sidecar-priv", "privileged-native-sidecar", "", 1, func(s *v1.PodSpec, _ *v1.Container) {
		s.InitContainers = []v1.Container{{Name: "mesh", Image: "registry.example.internal/mesh/proxy:1.27.1", RestartPolicy: ptr(v1.ContainerRestartPolicyAlways), SecurityContext: &v1.SecurityContext{Privileged: ptr(true), RunAsUser: ptr(int64(0)), RunAsNonRoot: ptr(false)}}}
	})
	add("ml-serve", "pending", "none", "never schedules: a pod without a node", 1, func(s *v1.PodSpec, _ *v1.Container) { s.NodeSelector = map[string]string{"accelerator": "none-such"} })
	add("qa", "sidekick", "none", "three containers", 2, func(s *v1.PodSpec, c *v1.Container) {
		for _, n := range []string{"b", "c"} {
			k := *c.DeepCopy()
			k.Name, k.Ports, k.LivenessProbe, k.ReadinessProbe = n, nil, nil, nil
			s.Containers = append(s.Containers, k)
		}
	})

	// bare pods, daemon sets, and other owners
	for i := range 4 {
		name := fmt.Sprintf("debug-%d", i)
		s := plain(name, "ubuntu:24.04", m.r)
		s.Containers[0].SecurityContext = &v1.SecurityContext{Privileged: ptr(i%2 == 0)}
		p := &v1.Pod{ObjectMeta: om("staging", name, map[string]string{"run": name}), Spec: s}
		m.do(func() error { _, err := m.c.CoreV1().Pods("staging").Create(m.ctx, p, opts); return err })
		m.plant("bare-pod", "Pod", "staging", name, "no controller")
		if i%2 == 0 {
			m.plant("privileged", "Pod", "staging", name, "securityContext.privileged")
		}
	}
	ds := func(ns, name, issue string, f func(s *v1.PodSpec, c *v1.Container)) {
		s := base(name)
		s.Tolerations = []v1.Toleration{{Operator: "Exists"}}
		f(&s, &s.Containers[0])
		l := map[string]string{"app.kubernetes.io/name": name}
		d := &appsv1.DaemonSet{ObjectMeta: om(ns, name, l), Spec: appsv1.DaemonSetSpec{Selector: &metav1.LabelSelector{MatchLabels: l}, Template: v1.PodTemplateSpec{ObjectMeta: metav1.ObjectMeta{Labels: l}, Spec: s}}}
		m.do(func() error { _, err := m.c.AppsV1().DaemonSets(ns).Create(m.ctx, d, opts); return err })
		m.plant(issue, "DaemonSet", ns, name, "")
	}
	ds("kube-system", "cni-agent", "cni-agent", func(s *v1.PodSpec, c *v1.Container) {
		s.HostNetwork, s.PriorityClassName = true, "system-node-critical"
		c.Ports = nil
		c.LivenessProbe, c.ReadinessProbe = nil, nil
		c.SecurityContext = &v1.SecurityContext{Privileged: ptr(true)}
		host("/opt/cni/bin")(s, c)
	})
	ds("observability", "node-exporter", "host-pid", func(s *v1.PodSpec, c *v1.Container) {
		s.HostPID, s.HostNetwork = true, true
		c.Ports[0].ContainerPort = 9100
		host("/")(s, c)
	})
	ds("logging", "fluent-bit", "hostpath", func(s *v1.PodSpec, c *v1.Container) { host("/var/lib/docker/containers")(s, c) })

	// ConfigMaps and Secrets
	cm := &v1.ConfigMap{ObjectMeta: om("legacy-erp", "erp-settings", nil), Data: map[string]string{"db.properties": "jdbc.user=erp\njdbc.password=S3cr3t!pass\n", "id_rsa": "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ(an example, not a key)\n-----END OPENSSH PRIVATE KEY-----\n"}}
	m.do(func() error { _, err := m.c.CoreV1().ConfigMaps("legacy-erp").Create(m.ctx, cm, opts); return err })
	m.plant("secret-in-configmap", "ConfigMap", "legacy-erp", "erp-settings", "jdbc.password, private key")
	legacy := &v1.Secret{ObjectMeta: om("legacy-erp", "default-token-legacy", nil), Type: v1.SecretTypeServiceAccountToken}
	legacy.Annotations = map[string]string{"kubernetes.io/service-account.name": "default"}
	m.do(func() error { _, err := m.c.CoreV1().Secrets("legacy-erp").Create(m.ctx, legacy, opts); return err })
	m.plant("legacy-service-account-token", "Secret", "legacy-erp", "default-token-legacy", "")
	dc := &v1.Secret{ObjectMeta: om("partners", "pull", nil), Type: v1.SecretTypeDockerConfigJson, Data: map[string][]byte{".dockerconfigjson": []byte(`{"auths":{"registry.example.internal":{"auth":"dXNlcjpwYXNz"}}}`)}}
	m.do(func() error { _, err := m.c.CoreV1().Secrets("partners").Create(m.ctx, dc, opts); return err })

	// Services and ingresses
	svc := func(ns, name, issue string, s v1.ServiceSpec) {
		if s.Ports == nil {
			s.Ports = []v1.ServicePort{{Name: "http", Port: 80, TargetPort: intstr.FromInt32(8080)}}
		}
		o := &v1.Service{ObjectMeta: om(ns, name, nil), Spec: s}
		m.do(func() error { _, err := m.c.CoreV1().Services(ns).Create(m.ctx, o, opts); return err })
		m.plant(issue, "Service", ns, name, "")
	}
	sel := map[string]string{"app.kubernetes.io/name": "x"}
	svc("gateway", "edge", "service-load-balancer-open", v1.ServiceSpec{Type: "LoadBalancer", Selector: sel})
	svc("gateway", "edge-limited", "none", v1.ServiceSpec{Type: "LoadBalancer", Selector: sel, LoadBalancerSourceRanges: []string{"192.0.2.0/24"}})
	svc("cdn-edge", "node-port", "service-node-port", v1.ServiceSpec{Type: "NodePort", Selector: sel})
	svc("partners", "ext-name", "service-external-name", v1.ServiceSpec{Type: "ExternalName", ExternalName: "db.partner.example"})
	svc("legacy-erp", "ext-ip", "service-external-ips", v1.ServiceSpec{Type: "ClusterIP", Selector: sel, ExternalIPs: []string{"192.0.2.77"}})
	svc("observability", "dashboard", "service-load-balancer-open", v1.ServiceSpec{Type: "LoadBalancer", Selector: sel, Ports: []v1.ServicePort{{Port: 443, TargetPort: intstr.FromInt32(8443)}}})
	pt := netv1.PathTypePrefix
	ing := &netv1.Ingress{ObjectMeta: om("cdn-edge", "wild", nil), Spec: netv1.IngressSpec{Rules: []netv1.IngressRule{{Host: "*.example.internal", IngressRuleValue: netv1.IngressRuleValue{HTTP: &netv1.HTTPIngressRuleValue{Paths: []netv1.HTTPIngressPath{{Path: "/", PathType: &pt, Backend: netv1.IngressBackend{Service: &netv1.IngressServiceBackend{Name: "node-port", Port: netv1.ServiceBackendPort{Number: 80}}}}}}}}}}}
	ing.Annotations = map[string]string{"nginx.ingress.kubernetes.io/configuration-snippet": "more_set_headers 'X: y';"}
	m.do(func() error { _, err := m.c.NetworkingV1().Ingresses("cdn-edge").Create(m.ctx, ing, opts); return err })
	m.plant("ingress-wildcard-host", "Ingress", "cdn-edge", "wild", "")
	m.plant("ingress-snippet-annotation", "Ingress", "cdn-edge", "wild", "")
	m.plant("ingress-no-tls", "Ingress", "cdn-edge", "wild", "")
	np := &netv1.NetworkPolicy{ObjectMeta: om("payments", "egress-world", nil), Spec: netv1.NetworkPolicySpec{PolicyTypes: []netv1.PolicyType{"Egress"}, Egress: []netv1.NetworkPolicyEgressRule{{To: []netv1.NetworkPolicyPeer{{IPBlock: &netv1.IPBlock{CIDR: "0.0.0.0/0"}}}}}}}
	m.do(func() error {
		_, err := m.c.NetworkingV1().NetworkPolicies("payments").Create(m.ctx, np, opts)
		return err
	})
	m.plant("network-policy-egress-world", "NetworkPolicy", "payments", "egress-world", "0.0.0.0/0")
}
