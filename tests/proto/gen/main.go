// gen writes src/kube/proto_table.def: how messages of Kubernetes' API look in protobuf, and what their JSON is.
// All of it stands in the tags of Kubernetes' own Go types: go run ./gen >../../src/kube/proto_table.def
package main

import (
	"bufio"
	"fmt"
	"os"
	"reflect"
	"runtime/debug"
	"sort"
	"strconv"
	"strings"

	"k8s.io/apimachinery/pkg/api/resource"
	meta "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/util/intstr"

	"kubevouch.example/proto"
)

type field struct {
	json     string
	number   int    // 0: a constant, which is not sent
	shape    string // ONE, POINTER, LIST, MAP
	kind     string // proto_read.h's PROTO_...
	empty    string // KEPT, OMITTED, ZERO_OMITTED
	of       string // a message, or NONE
	constant string
}

type message struct {
	id, name string
	field    []field
}

type table struct {
	seen    map[string]bool
	message []message
}

// Types whose JSON is not that of their fields.
var special = map[reflect.Type]string{
	reflect.TypeFor[meta.Time]():            "TIME",
	reflect.TypeFor[meta.MicroTime]():       "MICRO_TIME",
	reflect.TypeFor[resource.Quantity]():    "QUANTITY",
	reflect.TypeFor[intstr.IntOrString]():   "INT_OR_STRING",
	reflect.TypeFor[runtime.RawExtension](): "RAW_JSON",
	reflect.TypeFor[meta.FieldsV1]():        "RAW_JSON",
}

var typeMeta = reflect.TypeFor[meta.TypeMeta]()

type marshaler interface{ MarshalJSON() ([]byte, error) }

func fail(format string, a ...any) {
	fmt.Fprintf(os.Stderr, "gen: "+format+"\n", a...)
	os.Exit(1)
}

// group/version of a type's package: core/v1, meta/v1.
func packageOf(t reflect.Type) string {
	part := strings.Split(t.PkgPath(), "/")
	return part[len(part)-2] + "/" + part[len(part)-1]
}

func idOf(t reflect.Type) string {
	return strings.ReplaceAll(packageOf(t), "/", "_") + "_" + t.Name()
}

func isMessage(t reflect.Type) bool {
	_, ok := reflect.PointerTo(t).MethodByName("Unmarshal")
	return ok
}

// What one value of t is: its PROTO_ type, and the message.
func (tb *table) typeOf(t reflect.Type, where string) (kind, of string) {
	if s, ok := special[t]; ok {
		return s, "NONE"
	}
	if t.Implements(reflect.TypeFor[marshaler]()) || reflect.PointerTo(t).Implements(reflect.TypeFor[marshaler]()) {
		fail("%s: %v has a JSON form of its own", where, t)
	}
	switch t.Kind() {
	case reflect.String:
		return "STRING", "NONE"
	case reflect.Bool:
		return "BOOL", "NONE"
	case reflect.Int32:
		return "INT32", "NONE"
	case reflect.Int64:
		return "INT64", "NONE"
	case reflect.Struct:
		return "MESSAGE", tb.add(t, nil, idOf(t))
	case reflect.Slice:
		if t.Elem().Kind() == reflect.Uint8 {
			return "BYTES", "NONE"
		}
		if t.Elem().Kind() == reflect.String && isMessage(t) {
			return "STRINGS", "NONE"
		}
	}
	fail("%s: type %v is not known", where, t)
	return
}

func (tb *table) fieldOf(t reflect.Type, f reflect.StructField) field {
	where := packageOf(t) + "." + t.Name() + "." + f.Name
	jsonTag, protoTag := strings.Split(f.Tag.Get("json"), ","), strings.Split(f.Tag.Get("protobuf"), ",")
	if len(protoTag) < 3 {
		fail("%s has no protobuf tag", where)
	}
	number, err := strconv.Atoi(protoTag[1])
	if err != nil || number < 1 || number > 250 {
		fail("%s: field number %s", where, protoTag[1])
	}
	r := field{json: jsonTag[0], number: number, shape: "ONE", empty: "KEPT"}
	for _, option := range jsonTag[1:] {
		switch option {
		case "omitempty":
			if r.empty == "KEPT" {
				r.empty = "OMITTED"
			}
		case "omitzero":
			r.empty = "ZERO_OMITTED"
		case "inline":
		default:
			fail("%s: JSON option %s", where, option)
		}
	}
	ft := f.Type
	wrapped := ft.Kind() == reflect.Slice && (ft.Elem().Kind() == reflect.Uint8 || isMessage(ft))
	switch {
	case ft.Kind() == reflect.Pointer:
		r.shape, ft = "POINTER", ft.Elem()
	case ft.Kind() == reflect.Slice && !wrapped:
		r.shape, ft = "LIST", ft.Elem()
	case ft.Kind() == reflect.Map:
		if ft.Key().Kind() != reflect.String {
			fail("%s: keys are %v", where, ft.Key())
		}
		r.shape, ft = "MAP", ft.Elem()
	}
	if nested, ok := proto.NestedTypes[packageOf(t)+"."+t.Name()+"."+r.json]; ok {
		r.kind, r.of = "MESSAGE", tb.add(ft, &nested, idOf(ft)+"_typed")
	} else {
		if hasTypeMeta(ft) {
			fail("%s: an object within an object: who sets its apiVersion and kind?", where)
		}
		r.kind, r.of = tb.typeOf(ft, where)
	}
	if r.kind == "STRINGS" && r.shape != "MAP" {
		fail("%s: is an empty one null or []?", where)
	}
	if r.json == "" {
		if !f.Anonymous || r.kind != "MESSAGE" || r.shape != "ONE" {
			fail("%s has no JSON name", where)
		}
		r.shape = "INLINE"
	}
	if r.empty == "ZERO_OMITTED" && r.kind != "TIME" && r.kind != "MICRO_TIME" {
		fail("%s: when is it zero?", where)
	}
	return r
}

func (tb *table) add(t reflect.Type, typed *meta.TypeMeta, id string) string {
	if tb.seen[id] {
		return id
	}
	tb.seen[id] = true
	m := message{id: id, name: t.Name()}
	if typed != nil {
		m.field = append(m.field, field{json: "kind", constant: typed.Kind}, field{json: "apiVersion", constant: typed.APIVersion})
	}
	for i := 0; i < t.NumField(); i++ {
		f := t.Field(i)
		if f.Type == typeMeta {
			continue
		}
		m.field = append(m.field, tb.fieldOf(t, f))
	}
	tb.message = append(tb.message, m)
	return id
}

func versions() string {
	info, _ := debug.ReadBuildInfo()
	var out []string
	for _, d := range info.Deps {
		if d.Path == "k8s.io/api" || d.Path == "k8s.io/apimachinery" {
			out = append(out, d.Path+" "+d.Version)
		}
	}
	sort.Strings(out)
	return strings.Join(out, ", ")
}

func main() {
	tb := &table{seen: map[string]bool{}}
	out := bufio.NewWriter(os.Stdout)
	defer out.Flush()
	var roots strings.Builder
	for _, k := range proto.Kinds {
		t := reflect.TypeOf(k.New()).Elem()
		if f, ok := t.FieldByName("ObjectMeta"); !ok || !strings.HasPrefix(f.Tag.Get("protobuf"), "bytes,1,") {
			fail("%s: its metadata is not field 1", k.Name)
		}
		fmt.Fprintf(&roots, "ROOT(%q, %q, %q, %s)\n", k.Group, k.Version, k.Name, tb.add(t, nil, idOf(t)))
	}
	for _, t := range []reflect.Type{reflect.TypeFor[meta.ListMeta](), reflect.TypeFor[meta.Status](), reflect.TypeFor[runtime.TypeMeta]()} {
		tb.add(t, nil, idOf(t))
	}
	fmt.Fprintf(out, "/* Made by tests/proto/gen of %s: do not edit.\n", versions())
	fmt.Fprint(out, ` *
 * MESSAGE(id, name)   and, in the order of its JSON,
 * FIELD(JSON name, field number, shape, type, what is empty, message of it)
 *   shape   ONE: always sent; POINTER: may not be there; LIST; MAP: from text; INLINE: its fields are the outer message's
 *   empty   KEPT: written as null, "", 0, false; OMITTED: left out; ZERO_OMITTED: so is a time of zero
 * CONSTANT(JSON name, text)   never sent, and always the same
 * END(id)
 * ROOT(API group, version, kind, message) */
`)
	for _, m := range tb.message {
		fmt.Fprintf(out, "MESSAGE(%s, %q)\n", m.id, m.name)
		for _, f := range m.field {
			if f.number == 0 {
				fmt.Fprintf(out, "    CONSTANT(%q, %q)\n", f.json, f.constant)
				continue
			}
			fmt.Fprintf(out, "    FIELD(%q, %d, %s, %s, %s, %s)\n", f.json, f.number, f.shape, f.kind, f.empty, f.of)
		}
		fmt.Fprintf(out, "END(%s)\n", m.id)
	}
	fmt.Fprint(out, roots.String())
}

func hasTypeMeta(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return false
	}
	f, ok := t.FieldByName("TypeMeta")
	return ok && f.Type == typeMeta
}
