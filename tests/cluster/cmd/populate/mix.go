package main

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"sort"
	"strings"
	"sync"
	"time"

	v1 "k8s.io/api/core/v1"
	apierrors "k8s.io/apimachinery/pkg/api/errors"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/dynamic"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/rest"
)

type planted struct {
	Issue     string `json:"issue"`
	Kind      string `json:"kind"`
	Namespace string `json:"namespace,omitempty"`
	Name      string `json:"name"`
	Detail    string `json:"detail,omitempty"`
}

type mixer struct {
	c     *kubernetes.Clientset
	dyn   dynamic.Interface
	ctx   context.Context
	r     *rand.Rand
	truth []planted
	jobs  []func() error
	fail  map[string]int
	mu    sync.Mutex
}

func (m *mixer) plant(issue, kind, ns, name, detail string) {
	m.truth = append(m.truth, planted{issue, kind, ns, name, detail})
}

// do queues a create; flush runs what is queued, 16 at a time.
func (m *mixer) do(f func() error) { m.jobs = append(m.jobs, f) }

func (m *mixer) flush() {
	sem := make(chan struct{}, 16)
	var wg sync.WaitGroup
	for _, j := range m.jobs {
		wg.Add(1)
		sem <- struct{}{}
		go func() {
			defer func() { <-sem; wg.Done() }()
			var err error
			for try := range 5 {
				if err = j(); err == nil || apierrors.IsAlreadyExists(err) {
					return
				}
				if apierrors.IsForbidden(err) && !strings.Contains(err.Error(), "not found") {
					break // the profile's admission says no
				}
				time.Sleep(time.Duration(100<<try) * time.Millisecond)
			}
			m.mu.Lock()
			m.fail[err.Error()]++
			m.mu.Unlock()
		}()
	}
	wg.Wait()
	m.jobs = nil
}

var opts = metav1.CreateOptions{FieldManager: "kubectl-create"}

func om(ns, name string, labels map[string]string) metav1.ObjectMeta {
	return metav1.ObjectMeta{Namespace: ns, Name: name, Labels: labels}
}

var teams = []string{"shop-web", "shop-api", "payments", "payments-pci", "search", "catalog", "identity", "mail", "data-ingest", "data-lake", "ml-train", "ml-serve", "reports", "billing", "ledger", "gateway", "cdn-edge", "mobile-bff", "partners", "legacy-erp", "ci-runners", "observability", "logging", "backup", "sandbox-a", "sandbox-b", "qa", "staging", "games", "intranet"}

func mix(c *kubernetes.Clientset, rc *rest.Config, seed uint64, truth string) error {
	m := &mixer{c: c, dyn: dynamic.NewForConfigOrDie(rc), ctx: context.Background(), r: rand.New(rand.NewPCG(seed, 3)), fail: map[string]int{}}
	psa := map[string]string{"payments-pci": "restricted", "identity": "restricted", "ledger": "restricted", "shop-web": "baseline", "shop-api": "baseline", "billing": "baseline", "gateway": "baseline", "ci-runners": "privileged", "observability": "privileged", "logging": "privileged"}
	for _, ns := range teams {
		l := map[string]string{"team": strings.SplitN(ns, "-", 2)[0]}
		if p := psa[ns]; p != "" {
			l["pod-security.kubernetes.io/enforce"] = p
			l["pod-security.kubernetes.io/warn"] = p
		} else {
			m.plant("namespace-no-pod-security", "Namespace", "", ns, "no enforce label")
		}
		o := &v1.Namespace{ObjectMeta: om("", ns, l)}
		m.do(func() error { _, err := c.CoreV1().Namespaces().Create(m.ctx, o, opts); return err })
	}
	m.flush()
	for range 100 { // the service account controller has to have been there
		ok := 0
		for _, ns := range teams {
			if _, err := c.CoreV1().ServiceAccounts(ns).Get(m.ctx, "default", metav1.GetOptions{}); err == nil {
				ok++
			}
		}
		if ok == len(teams) {
			break
		}
		time.Sleep(200 * time.Millisecond)
	}
	m.cluster()
	for _, ns := range teams {
		m.ordinary(ns, psa[ns])
	}
	m.insecure()
	m.rbac()
	m.flush()
	if truth != "" {
		sort.Slice(m.truth, func(i, j int) bool {
			a, b := m.truth[i], m.truth[j]
			return a.Issue+a.Namespace+a.Name < b.Issue+b.Namespace+b.Name
		})
		b, _ := json.MarshalIndent(m.truth, "", " ")
		if err := os.WriteFile(truth, b, 0o644); err != nil {
			return err
		}
	}
	fmt.Printf("planted %d problems; %d creates refused\n", len(m.truth), len(m.fail))
	for e, n := range m.fail {
		fmt.Printf("  refused x%d: %.220s\n", n, e)
	}
	return nil
}
