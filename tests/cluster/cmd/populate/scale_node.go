package main

import (
	"fmt"

	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime/schema"
)

func (g *gen) node(i int, gvk schema.GroupVersionKind) error {
	name := fmt.Sprintf("node-%04d", i)
	ip := fmt.Sprintf("10.1.%d.%d", i/250, 2+i%250)
	n := &v1.Node{ObjectMeta: meta(g, "", name, map[string]string{"kubernetes.io/arch": "amd64", "kubernetes.io/os": "linux", "kubernetes.io/hostname": name, "beta.kubernetes.io/arch": "amd64", "beta.kubernetes.io/os": "linux",
		"node.kubernetes.io/instance-type": "m7.4xlarge", "topology.kubernetes.io/region": "eu-1", "topology.kubernetes.io/zone": pick(g.r, "eu-1a", "eu-1b", "eu-1c")})}
	n.Generation = 0
	cidr := fmt.Sprintf("10.%d.%d.0/24", 128+i/256, i%256)
	n.Spec = v1.NodeSpec{PodCIDR: cidr, PodCIDRs: []string{cidr}, ProviderID: "test://eu-1/" + name}
	rl := v1.ResourceList{"cpu": resource.MustParse("16"), "memory": resource.MustParse("65536Mi"), "pods": resource.MustParse("110"), "ephemeral-storage": resource.MustParse("200Gi")}
	n.Status = v1.NodeStatus{Capacity: rl, Allocatable: rl, Addresses: []v1.NodeAddress{{Type: "InternalIP", Address: ip}, {Type: "Hostname", Address: name}},
		DaemonEndpoints: v1.NodeDaemonEndpoints{KubeletEndpoint: v1.DaemonEndpoint{Port: 10250}},
		NodeInfo:        v1.NodeSystemInfo{MachineID: g.hex(16) + g.hex(16), SystemUUID: string(g.uid()), BootID: string(g.uid()), KernelVersion: "6.8.0-71-generic", OSImage: "Ubuntu 24.04.3 LTS", ContainerRuntimeVersion: "containerd://2.1.5", KubeletVersion: pick(g.r, "v1.35.4", "v1.35.4", "v1.35.4", "v1.34.4"), OperatingSystem: "linux", Architecture: "amd64"}}
	now := metav1.NewTime(g.start)
	for _, c := range []v1.NodeConditionType{"MemoryPressure", "DiskPressure", "PIDPressure"} {
		n.Status.Conditions = append(n.Status.Conditions, v1.NodeCondition{Type: c, Status: "False", Reason: "KubeletHasNo" + string(c), LastHeartbeatTime: now, LastTransitionTime: n.CreationTimestamp, Message: "kubelet has none"})
	}
	n.Status.Conditions = append(n.Status.Conditions, v1.NodeCondition{Type: "Ready", Status: "True", Reason: "KubeletReady", LastHeartbeatTime: now, LastTransitionTime: n.CreationTimestamp, Message: "kubelet is posting ready status"})
	for j := range 30 {
		a := apps[j%len(apps)]
		n.Status.Images = append(n.Status.Images, v1.ContainerImage{SizeBytes: int64(g.r.IntN(400 << 20)), Names: []string{"registry.example.internal/apps/" + a + "@sha256:" + g.hex(16) + g.hex(16) + g.hex(16) + g.hex(16), "registry.example.internal/apps/" + a + ":2.14." + fmt.Sprint(j)}})
	}
	n.ManagedFields = []metav1.ManagedFieldsEntry{managed("kubelet", "Update", "status", "v1", now, map[string]any{"status": map[string]any{"conditions": toMap(n.Status)["conditions"], "images": "x", "capacity": toMap(n.Status)["capacity"]}})}
	return g.put("minions/"+name, gvk, n)
}
