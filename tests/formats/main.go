// What kubevouch wrote, by the validators of those who read it: formats GO-SARIF REPORTS-API FOLDER...
// SARIF by OASIS' schema (in the sources of go-sarif), OSCAL by NIST's (in go-oscal), Prometheus' text by its own parser, JUnit by a reader that
// CI systems use, OpenReports by the CustomResourceDefinition of its API. The first two arguments are the folders of those Go modules.
package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/defenseunicorns/go-oscal/src/pkg/validation"
	"github.com/joshdk/go-junit"
	_ "github.com/openreports/reports-api/apis/openreports.io/v1alpha1" // for the version of its definitions
	_ "github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"         // for the version of its schema
	"github.com/prometheus/common/expfmt"
	"github.com/prometheus/common/model"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"sigs.k8s.io/yaml"
)

// The schema stands in the module's source, between two backticks.
func oasis(module string) (func([]byte) error, error) {
	source, err := os.ReadFile(filepath.Join(module, "pkg/report/v210/sarif/schema.go"))
	if err != nil {
		return nil, err
	}
	part := strings.Split(string(source), "`")
	if len(part) != 3 {
		return nil, fmt.Errorf("%s: no schema between two backticks", module)
	}
	doc, err := jsonschema.UnmarshalJSON(strings.NewReader(part[1]))
	if err != nil {
		return nil, err
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("sarif.json", doc); err != nil {
		return nil, err
	}
	schema, err := c.Compile("sarif.json")
	if err != nil {
		return nil, err
	}
	return func(raw []byte) error {
		doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
		if err != nil {
			return err
		}
		return schema.Validate(doc)
	}, nil
}

func oscal(raw []byte) error {
	v, err := validation.NewValidator(raw)
	if err != nil {
		return err
	}
	return v.Validate()
}

func prometheus(raw []byte) error {
	p := expfmt.NewTextParser(model.LegacyValidation)
	families, err := p.TextToMetricFamilies(bytes.NewReader(raw))
	if err == nil && len(families) == 0 {
		err = fmt.Errorf("no metric")
	}
	return err
}

func suites(raw []byte) error {
	s, err := junit.Ingest(raw)
	if err == nil && len(s) == 0 {
		err = fmt.Errorf("no suite")
	}
	return err
}

// No field that the definition does not have is let through: an API server drops it.
func closed(v any) {
	switch x := v.(type) {
	case map[string]any:
		_, properties := x["properties"]
		_, more := x["additionalProperties"]
		if properties && !more && x["x-kubernetes-preserve-unknown-fields"] != true {
			x["additionalProperties"] = false
		}
		for _, y := range x {
			closed(y)
		}
	case []any:
		for _, y := range x {
			closed(y)
		}
	}
}

func definition(path string) (*jsonschema.Schema, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	var crd struct {
		Spec struct {
			Versions []struct {
				Name   string
				Schema struct{ OpenAPIV3Schema map[string]any }
			}
		}
	}
	if err := yaml.Unmarshal(raw, &crd); err != nil {
		return nil, err
	}
	for _, v := range crd.Spec.Versions {
		if v.Name != "v1alpha1" {
			continue
		}
		schema := v.Schema.OpenAPIV3Schema
		delete(schema["properties"].(map[string]any), "metadata")
		closed(schema)
		schema["properties"].(map[string]any)["metadata"] = map[string]any{"type": "object", "required": []any{"name"}}
		c := jsonschema.NewCompiler()
		if err := c.AddResource("crd.json", schema); err != nil {
			return nil, err
		}
		return c.Compile("crd.json")
	}
	return nil, fmt.Errorf("%s has no v1alpha1", path)
}

func reports(crd *jsonschema.Schema) func([]byte) error {
	return func(raw []byte) error {
		var list struct{ Items []any }
		if err := json.Unmarshal(raw, &list); err != nil {
			return err
		}
		for i, item := range list.Items {
			if err := crd.Validate(item); err != nil {
				return fmt.Errorf("item %d: %w", i, err)
			}
		}
		return nil
	}
}

func fail(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(2)
	}
}

func main() {
	sarif, err := oasis(os.Args[1])
	fail(err)
	crd, err := definition(filepath.Join(os.Args[2], "config/crd/openreports.io_clusterreports.yaml"))
	fail(err)
	row := []struct {
		file     string
		validate func([]byte) error
	}{{"report.sarif", sarif}, {"oscal-assessment-results.json", oscal}, {"metrics.prom", prometheus}, {"junit.xml", suites}, {"openreports.json", reports(crd)}}
	bad := 0
	for _, folder := range os.Args[3:] {
		for _, r := range row {
			raw, err := os.ReadFile(filepath.Join(folder, r.file))
			if err == nil {
				err = r.validate(raw)
			}
			if err != nil {
				bad++
				fmt.Printf("%s/%s: %v\n", folder, r.file, err)
			}
		}
	}
	fmt.Printf("%d files, %d faults\n", len(row)*len(os.Args[3:]), bad)
	if bad > 0 {
		os.Exit(1)
	}
}
