package main

import (
	"encoding/json"
	"fmt"
	"sort"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
)

// managed is a managedFields entry for the given parts of an object, as server-side tracking would write it.
func managed(manager, op, sub string, gv string, at metav1.Time, parts map[string]any) metav1.ManagedFieldsEntry {
	raw, _ := json.Marshal(fields(parts))
	return metav1.ManagedFieldsEntry{
		Manager: manager, Operation: metav1.ManagedFieldsOperationType(op), APIVersion: gv, Time: &at, Subresource: sub,
		FieldsType: "FieldsV1", FieldsV1: &metav1.FieldsV1{Raw: raw},
	}
}

func toMap(o any) map[string]any {
	b, _ := json.Marshal(o)
	var m map[string]any
	_ = json.Unmarshal(b, &m)
	return m
}

func fields(m map[string]any) map[string]any {
	out := map[string]any{}
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	sort.Strings(keys)
	for _, k := range keys {
		switch t := m[k].(type) {
		case map[string]any:
			f := fields(t)
			if len(f) > 0 && (k == "labels" || k == "annotations" || k == "containers") {
				f["."] = map[string]any{}
			}
			out["f:"+k] = f
		case []any:
			l := map[string]any{}
			for _, e := range t {
				em, ok := e.(map[string]any)
				if !ok {
					l = nil
					break
				}
				id := ""
				switch {
				case em["mountPath"] != nil:
					id = fmt.Sprintf(`k:{"mountPath":%q}`, em["mountPath"])
				case em["containerPort"] != nil:
					id = fmt.Sprintf(`k:{"containerPort":%v,"protocol":"TCP"}`, em["containerPort"])
				case em["uid"] != nil:
					id = fmt.Sprintf(`k:{"uid":%q}`, em["uid"])
				case em["type"] != nil:
					id = fmt.Sprintf(`k:{"type":%q}`, em["type"])
				case em["name"] != nil:
					id = fmt.Sprintf(`k:{"name":%q}`, em["name"])
				case em["ip"] != nil:
					id = fmt.Sprintf(`k:{"ip":%q}`, em["ip"])
				}
				if id == "" {
					l = nil
					break
				}
				f := fields(em)
				f["."] = map[string]any{}
				l[id] = f
			}
			if l == nil || len(l) == 0 {
				out["f:"+k] = map[string]any{}
			} else {
				out["f:"+k] = l
			}
		default:
			out["f:"+k] = map[string]any{}
		}
	}
	return out
}
