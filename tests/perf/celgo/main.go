// Nanoseconds an evaluation by cel-go, for `make perf`: the same checks and the same pod as perf_cel.c.
//
//	celgo CHECKS POD.json
//
// Prints "NANOSECONDS RESULT" for each line of CHECKS. Programs are made as the API server makes them:
// checked and optimized ahead.
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/google/cel-go/cel"
	"github.com/google/cel-go/ext"
)

const minimum = 200 * time.Millisecond

func fail(err error) {
	fmt.Fprintln(os.Stderr, "celgo:", err)
	os.Exit(1)
}

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

func main() {
	checks, err := os.Open(os.Args[1])
	if err != nil {
		fail(err)
	}
	text, err := os.ReadFile(os.Args[2])
	if err != nil {
		fail(err)
	}
	var pod any
	if err := json.Unmarshal(text, &pod); err != nil {
		fail(err)
	}
	env, err := cel.NewEnv(cel.Variable("object", cel.DynType), cel.OptionalTypes(), ext.Strings())
	if err != nil {
		fail(err)
	}
	vars := map[string]any{"object": integers(pod)}
	for lines := bufio.NewScanner(checks); lines.Scan(); {
		ast, issues := env.Compile(lines.Text())
		if issues.Err() != nil {
			fail(issues.Err())
		}
		program, err := env.Program(ast, cel.EvalOptions(cel.OptOptimize))
		if err != nil {
			fail(err)
		}
		count, result := 0, any(nil)
		start := time.Now()
		for ; time.Since(start) < minimum; count += 100 {
			for i := 0; i < 100; i++ {
				out, _, err := program.Eval(vars)
				if err != nil {
					fail(err)
				}
				result = out.Value()
			}
		}
		fmt.Printf("%.0f %v\n", float64(time.Since(start).Nanoseconds())/float64(count), result)
	}
}
