package main

import (
	"fmt"
	"strings"
	"time"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
)

// podSpec makes one of several ordinary shapes, of 1 to 3 containers.
func (g *gen) podSpec(app, ns, sa, image string) v1.PodSpec {
	c := func(name, image string, port int32) v1.Container {
		k := v1.Container{
			Name: name, Image: image, ImagePullPolicy: v1.PullIfNotPresent,
			TerminationMessagePath: "/dev/termination-log", TerminationMessagePolicy: v1.TerminationMessageReadFile,
			Env: []v1.EnvVar{
				{Name: "POD_NAME", ValueFrom: &v1.EnvVarSource{FieldRef: &v1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.name"}}},
				{Name: "LOG_LEVEL", Value: "info"}, {Name: "SERVICE_NAME", Value: app},
				{Name: "DB_PASSWORD", ValueFrom: &v1.EnvVarSource{SecretKeyRef: &v1.SecretKeySelector{LocalObjectReference: v1.LocalObjectReference{Name: app + "-db"}, Key: "password"}}},
			},
			Resources: v1.ResourceRequirements{
				Requests: v1.ResourceList{v1.ResourceCPU: resource.MustParse("100m"), v1.ResourceMemory: resource.MustParse("256Mi")},
				Limits:   v1.ResourceList{v1.ResourceMemory: resource.MustParse("512Mi")},
			},
			VolumeMounts: []v1.VolumeMount{
				{Name: "config", MountPath: "/etc/app", ReadOnly: true}, {Name: "tmp", MountPath: "/tmp"},
				{Name: "kube-api-access-x7k2p", MountPath: "/var/run/secrets/kubernetes.io/serviceaccount", ReadOnly: true},
			},
			Ports: []v1.ContainerPort{{Name: "http", ContainerPort: port, Protocol: v1.ProtocolTCP}},
			SecurityContext: &v1.SecurityContext{
				AllowPrivilegeEscalation: ptr(false), RunAsNonRoot: ptr(true), ReadOnlyRootFilesystem: ptr(true),
				Capabilities: &v1.Capabilities{Drop: []v1.Capability{"ALL"}},
			},
		}
		probe := func(path string) *v1.Probe {
			return &v1.Probe{
				ProbeHandler:   v1.ProbeHandler{HTTPGet: &v1.HTTPGetAction{Path: path, Port: intstr.FromString("http"), Scheme: v1.URISchemeHTTP}},
				TimeoutSeconds: 1, PeriodSeconds: 10, SuccessThreshold: 1, FailureThreshold: 3,
			}
		}
		k.LivenessProbe, k.ReadinessProbe = probe("/healthz"), probe("/readyz")
		switch g.r.IntN(20) { // one container in five or so has something to find
		case 0:
			k.SecurityContext = nil
		case 1:
			k.SecurityContext = &v1.SecurityContext{Privileged: ptr(true)}
		case 2:
			k.SecurityContext.Capabilities.Add = []v1.Capability{"NET_ADMIN"}
		case 3:
			k.Env = append(k.Env, v1.EnvVar{Name: "API_TOKEN", Value: "tok-" + g.hex(16) + g.hex(16)})
		case 4:
			k.Image = strings.SplitN(image, ":", 2)[0] + ":latest"
		}
		return k
	}
	s := v1.PodSpec{
		Containers:    []v1.Container{c(app, image, 8080)},
		RestartPolicy: v1.RestartPolicyAlways, TerminationGracePeriodSeconds: ptr(int64(30)), DNSPolicy: v1.DNSClusterFirst,
		ServiceAccountName: sa, DeprecatedServiceAccount: sa, SchedulerName: "default-scheduler",
		SecurityContext: &v1.PodSecurityContext{RunAsNonRoot: ptr(true), RunAsUser: ptr(int64(10001)), FSGroup: ptr(int64(10001)), SeccompProfile: &v1.SeccompProfile{Type: v1.SeccompProfileTypeRuntimeDefault}},
		Priority:        ptr(int32(0)), PreemptionPolicy: ptr(v1.PreemptLowerPriority), EnableServiceLinks: ptr(true),
		Tolerations: []v1.Toleration{
			{Key: "node.kubernetes.io/not-ready", Operator: "Exists", Effect: "NoExecute", TolerationSeconds: ptr(int64(300))},
			{Key: "node.kubernetes.io/unreachable", Operator: "Exists", Effect: "NoExecute", TolerationSeconds: ptr(int64(300))},
		},
		Volumes: []v1.Volume{
			{Name: "config", VolumeSource: v1.VolumeSource{ConfigMap: &v1.ConfigMapVolumeSource{LocalObjectReference: v1.LocalObjectReference{Name: app + "-config"}, DefaultMode: ptr(int32(420))}}},
			{Name: "tmp", VolumeSource: v1.VolumeSource{EmptyDir: &v1.EmptyDirVolumeSource{}}},
			{Name: "kube-api-access-x7k2p", VolumeSource: v1.VolumeSource{Projected: &v1.ProjectedVolumeSource{DefaultMode: ptr(int32(420)), Sources: []v1.VolumeProjection{
				{ServiceAccountToken: &v1.ServiceAccountTokenProjection{ExpirationSeconds: ptr(int64(3607)), Path: "token"}},
				{ConfigMap: &v1.ConfigMapProjection{LocalObjectReference: v1.LocalObjectReference{Name: "kube-root-ca.crt"}, Items: []v1.KeyToPath{{Key: "ca.crt", Path: "ca.crt"}}}},
				{DownwardAPI: &v1.DownwardAPIProjection{Items: []v1.DownwardAPIVolumeFile{{Path: "namespace", FieldRef: &v1.ObjectFieldSelector{APIVersion: "v1", FieldPath: "metadata.namespace"}}}}},
			}}}},
		},
	}
	switch g.r.IntN(10) {
	case 0: // a proxy beside it
		s.Containers = append(s.Containers, c("proxy", "registry.example.internal/mesh/proxy:1.27.1", 15090))
	case 2:
		s.Volumes = append(s.Volumes, v1.Volume{Name: "logs", VolumeSource: v1.VolumeSource{HostPath: &v1.HostPathVolumeSource{Path: "/var/log", Type: ptr(v1.HostPathDirectory)}}})
		s.Containers[0].VolumeMounts = append(s.Containers[0].VolumeMounts, v1.VolumeMount{Name: "logs", MountPath: "/host/logs"})
	}
	if g.r.IntN(60) == 0 {
		s.HostNetwork = true
	}
	return s
}

func (g *gen) podStatus(s *v1.PodSpec, at metav1.Time, host string) v1.PodStatus {
	ip := fmt.Sprintf("10.%d.%d.%d", 128+g.r.IntN(64), g.r.IntN(256), 2+g.r.IntN(250))
	later := metav1.NewTime(at.Add(4 * time.Second))
	st := v1.PodStatus{
		Phase: v1.PodRunning, HostIP: host, HostIPs: []v1.HostIP{{IP: host}}, PodIP: ip, PodIPs: []v1.PodIP{{IP: ip}},
		StartTime: &at, QOSClass: v1.PodQOSBurstable, ObservedGeneration: 1,
	}
	for _, t := range []v1.PodConditionType{"PodReadyToStartContainers", "Initialized", "Ready", "ContainersReady", "PodScheduled"} {
		st.Conditions = append(st.Conditions, v1.PodCondition{Type: t, Status: v1.ConditionTrue, LastTransitionTime: later, ObservedGeneration: 1})
	}
	for _, c := range s.Containers {
		cs := v1.ContainerStatus{
			Name: c.Name, Ready: true, Started: ptr(true), RestartCount: int32(g.r.IntN(3)), Image: c.Image,
			ImageID:            strings.SplitN(c.Image, ":", 2)[0] + "@sha256:" + g.hex(16) + g.hex(16) + g.hex(16) + g.hex(16),
			ContainerID:        "containerd://" + g.hex(16) + g.hex(16) + g.hex(16) + g.hex(16),
			State:              v1.ContainerState{Running: &v1.ContainerStateRunning{StartedAt: later}},
			AllocatedResources: c.Resources.Requests, Resources: &c.Resources,
		}
		for _, m := range c.VolumeMounts {
			vm := v1.VolumeMountStatus{Name: m.Name, MountPath: m.MountPath, ReadOnly: m.ReadOnly}
			if m.ReadOnly {
				vm.RecursiveReadOnly = ptr(v1.RecursiveReadOnlyDisabled)
			}
			cs.VolumeMounts = append(cs.VolumeMounts, vm)
		}
		st.ContainerStatuses = append(st.ContainerStatuses, cs)
	}
	return st
}
