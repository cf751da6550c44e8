/* YAML (and so JSON) documents that people write, with positions: the boundary to libyaml, in one
 * file.
 *
 * The YAML 1.1 subset that Kubernetes tools share: plain scalars resolve to null, bool (true/false/
 * yes/no/on/off as sigs.k8s.io/yaml does), int, float or string; quoted ones are strings. Anchors
 * and aliases are expanded under a limit, merge keys (<<) are honoured, duplicate keys refused
 * unless the caller wants the last. */
#ifndef KUBEVOUCH_VALUE_YAML_H
#define KUBEVOUCH_VALUE_YAML_H

#include "value/value.h"

enum node_kind { NODE_SCALAR, NODE_LIST, NODE_MAP };
/* One node of the document. In a map, child[2*i] is a key and child[2*i+1] its value. */
struct node {
    enum node_kind kind;
    bool quoted; /* scalar: written with quotes or as a block */
    struct pos pos;
    struct value scalar; /* resolved: null, bool, int, uint, double or string */
    struct str text;     /* scalar: as written */
    struct node *child;
    size_t child_count; /* list: items; map: twice the entries */
};

#define YAML_BYTES_MAX ((size_t)16 << 20)
#define YAML_NODES_MAX 2000000u
#define YAML_DEPTH_MAX 100u
/* Keys that are given twice in one map. */
struct yaml_twice {
    struct pos pos; /* of the first that stands behind another of its name */
    size_t count;
};
/* What one text may have; the default is what stands above. twice: NULL: a key that is given twice
 * is an error; else the last of a name counts, as Go's readers of YAML and JSON have it, and what
 * was found is told there. */
struct yaml_limits {
    size_t bytes;
    uint32_t nodes;
    struct yaml_twice *twice;
};
/* Values that aliases may stand for in one text: what keeps "billion laughs" short. */
#define YAML_ALIAS_NODES_MAX 200000u

/* Reads every document of text into an array; a document without content is a null scalar, a text
 * without documents gives none. Nothing points into text afterwards. file names it in errors and is
 * kept by reference. ERR_INPUT and ERR_LIMIT with the place. */
bool yaml_read(struct node **doc, size_t *doc_count, struct arena *a, struct str text,
               const char *file, struct err *err) WARN_UNUSED;
/* The same under limits of the caller's. */
bool yaml_read_within(struct node **doc, size_t *doc_count, struct arena *a, struct str text,
                      const char *file, const struct yaml_limits *limits,
                      struct err *err) WARN_UNUSED;
/* The node under the key written so, or NULL; also if map is NULL or no map. */
const struct node *node_get(const struct node *map, const char *key);
/* The text of a key as JSON would have it: yes is "true", 0x10 is "16". Empty if key is no scalar.
 */
struct str node_key_text(struct arena *a, const struct node *key);
/* The tree as plain values, sharing its text; keys are strings. */
struct value node_value(struct arena *a, const struct node *n);

#endif
