/* What a document's text and a file's name say of what it is, before and beside its being read.
 * Inside the cluster room only. */
#ifndef KUBEVOUCH_CLUSTER_MANIFEST_TEXT_H
#define KUBEVOUCH_CLUSTER_MANIFEST_TEXT_H

#include "cluster/kind.h"
#include "value/value.h"

/* The next JSON object at the front of *rest, taken off; false: what is there is none that ends,
 * and *rest is as it was. */
bool manifest_json_next(struct str *rest, struct str *one);
/* Whether a text that is no YAML holds actions of Go's templates: {{ and }}. */
bool manifest_is_template(struct str text);
/* The kinds that a text that cannot be read may hold objects of: those that stand behind "kind:",
 * every kind where one of these cannot be told, none where there is no such word. *others, made in
 * a: the first names that are of no kind in the table, with blanks between. */
struct kind_set manifest_kinds_named(struct str text, struct arena *a, struct str *others);
/* Those of that name, of any API group; "List" and its like: any. */
struct kind_set manifest_kinds_called(struct str kind);
/* Chart.yaml, values.yaml, values-prod.yaml, requirements.yaml; kustomization.yaml. path may be
 * NULL. */
bool manifest_is_helm_file(const char *path);
bool manifest_is_kustomize_file(const char *path);
/* By apiVersion: kustomize's own group. */
bool manifest_is_kustomize(struct str api_version);
/* An object that makes pods and says neither which are its own nor what they run, or a definition
 * that names no kind: kustomize patches others with it. */
bool manifest_is_patch(enum kind k, struct value object);

/* One that says what its pods run and not which are its own: no API server takes it as it stands,
 * so it takes no other's place. */
bool manifest_is_part(enum kind k, struct value object);

#endif
