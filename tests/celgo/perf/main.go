// Nanoseconds an evaluation by cel-go, for `make perf`: the same expressions and the same pods as perf_cel.c.
//
//	celgo EXPORTED PODS.json
//
// EXPORTED is what perf_cel --export prints: a line with the parameters and shared variables, then a line an
// expression. Prints "NANOSECONDS RESULTS" for each, a letter a pod. Programs are made as the API server makes
// them, checked and optimized ahead, and variables are evaluated when they are first asked for, as there.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"syscall"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/common/types"
	"github.com/google/cel-go/common/types/ref"
	"github.com/google/cel-go/common/types/traits"
	"github.com/google/cel-go/ext"
	"github.com/google/cel-go/interpreter"
)

const (
	rounds  = 7
	times   = 20 // a pod, in a row
	roundNS = 20e6
)

type named struct{ Name, Expression string }

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "celgo:", err)
		os.Exit(1)
	}
}

// Whole numbers of JSON are ints, as the API server has them.
func integers(v any) any {
	switch t := v.(type) {
	case map[string]any:
		for k, x := range t {
			t[k] = integers(x)
		}
	case []any:
		for i, x := range t {
			t[i] = integers(x)
		}
	case float64:
		if t == float64(int64(t)) {
			return int64(t)
		}
	}
	return v
}

func glob(pattern, text string) bool {
	parts := strings.Split(pattern, "*")
	if !strings.HasPrefix(text, parts[0]) || len(parts) == 1 {
		return pattern == text
	}
	text = text[len(parts[0]):]
	for _, part := range parts[1 : len(parts)-1] {
		at := strings.Index(text, part)
		if at < 0 {
			return false
		}
		text = text[at+len(part):]
	}
	return strings.HasSuffix(text, parts[len(parts)-1])
}

func globMatch(text, patterns ref.Val) ref.Val {
	list, ok := patterns.(traits.Lister)
	if !ok {
		return types.Bool(glob(string(patterns.(types.String)), string(text.(types.String))))
	}
	for it := list.Iterator(); it.HasNext() == types.True; {
		if glob(string(it.Next().(types.String)), string(text.(types.String))) {
			return types.True
		}
	}
	return types.False
}

// One pod's variables, each evaluated when it is first asked for.
type activation struct {
	object, params any
	program        map[string]cel.Program
	made           map[string]any
}

func (a *activation) Parent() interpreter.Activation { return nil }
func (a *activation) ResolveName(name string) (any, bool) {
	switch name {
	case "object":
		return a.object, true
	case "params":
		return a.params, true
	}
	if v, ok := a.made[name]; ok {
		return v, true
	}
	p, ok := a.program[name]
	if !ok {
		return nil, false
	}
	v, _, err := p.Eval(a)
	if err != nil {
		return types.NewErr("%v", err), true
	}
	a.made[name] = v
	return v, true
}

func processorNS() float64 {
	var u syscall.Rusage
	fail(syscall.Getrusage(syscall.RUSAGE_SELF, &u))
	return float64(u.Utime.Nano() + u.Stime.Nano())
}

func program(env *cel.Env, expression string) cel.Program {
	ast, issues := env.Compile(expression)
	fail(issues.Err())
	p, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
	fail(err)
	return p
}

// The environment that has the variables too, and their programs.
func withVariables(env *cel.Env, list []named, programs map[string]cel.Program) (*cel.Env, error) {
	var err error
	for _, v := range list {
		name := "variables." + v.Name
		ast, issues := env.Compile(v.Expression)
		if issues.Err() == nil {
			programs[name], err = env.Program(ast, cel.EvalOptions(cel.OptOptimize))
		} // else it needs what only an audit has, and is not asked for
		if err == nil {
			env, err = env.Extend(cel.Variable(name, cel.DynType))
		}
		if err != nil {
			return nil, err
		}
	}
	return env, nil
}

func main() {
	exported, err := os.Open(os.Args[1])
	fail(err)
	text, err := os.ReadFile(os.Args[2])
	fail(err)
	var pods struct{ Items []any }
	fail(json.Unmarshal(text, &pods))
	for i := range pods.Items {
		pods.Items[i] = integers(pods.Items[i])
	}
	env, err := cel.NewEnv(cel.Variable("object", cel.DynType), cel.Variable("params", cel.DynType), cel.OptionalTypes(), ext.Strings(),
		ext.Lists(), ext.Sets(), ext.TwoVarComprehensions(), cel.Function("globMatch", cel.Overload("globMatch", []*cel.Type{cel.StringType, cel.DynType}, cel.BoolType,
			cel.BinaryBinding(globMatch))))
	fail(err)
	lines := bufio.NewScanner(exported)
	lines.Buffer(nil, 1<<24)
	var head struct {
		Params any
		Shared []named
	}
	lines.Scan()
	fail(json.Unmarshal(lines.Bytes(), &head))
	shared := map[string]cel.Program{}
	env, err = withVariables(env, head.Shared, shared)
	fail(err)
	for lines.Scan() {
		var e struct {
			Expression string
			Own        []named
		}
		fail(json.Unmarshal(lines.Bytes(), &e))
		programs := map[string]cel.Program{}
		for k, v := range shared {
			programs[k] = v
		}
		own, err := withVariables(env, e.Own, programs)
		fail(err)
		p := program(own, e.Expression)
		a := &activation{params: integers(head.Params), program: programs, made: map[string]any{}}
		over := func(result []byte) {
			for n := 0; n < len(pods.Items)*times; n++ {
				i := n / times
				a.object = pods.Items[i]
				clear(a.made)
				out, _, err := p.Eval(a)
				if result == nil {
					continue
				}
				result[i] = 'e'
				if b, ok := out.(types.Bool); ok && err == nil {
					result[i] = "ft"[map[types.Bool]int{false: 0, true: 1}[b]]
				}
			}
		}
		result := make([]byte, len(pods.Items))
		over(result)
		best := 0.0
		for round := 0; round < rounds; round++ {
			runs, spent, began := 0, 0.0, processorNS()
			for spent < roundNS {
				over(nil)
				runs += len(pods.Items) * times
				spent = processorNS() - began
			}
			if ns := spent / float64(runs); best == 0 || ns < best {
				best = ns
			}
		}
		fmt.Printf("%.1f %s\n", best, result)
	}
	fail(lines.Err())
}
