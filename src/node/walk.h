/* Looking at a file system that may be hostile, below one folder: every step is by descriptor,
 * links are followed by hand and never out of the folder, nothing is opened that is not a regular
 * file or a folder, and nothing is written (not even an access time, where the system lets us leave
 * it). */
#ifndef KUBEVOUCH_NODE_WALK_H
#define KUBEVOUCH_NODE_WALK_H

#include "base/buf.h"
#include "cluster/node_facts.h"

#include <sys/stat.h>

#define WALK_DEPTH_MAX 64u    /* folders below the root */
#define WALK_LINKS_MAX 40u    /* of one path, as Linux has it */
#define WALK_LIST_MAX  20000u /* entries of one folder */

struct walk_root {
    int fd;                  /* -1: closed */
    const struct str *mount; /* folders below the root that are the node's; none: all of it is */
    size_t mount_count;
};
bool walk_open(struct walk_root *out, const char *path, struct err *err) WARN_UNUSED;
void walk_close(struct walk_root *r);

/* What is at a path. */
struct walk_seen {
    enum node_state state; /* PRESENT, ABSENT, NOT_VISIBLE, FORBIDDEN or UNREADABLE */
    const char *reason;    /* fixed text; NULL if PRESENT or ABSENT */
    struct stat st;        /* if PRESENT: of what links lead to */
    struct str resolved;   /* absolute below the root, in the arena */
    bool last_is_link;
    int fd, parent;  /* O_PATH; -1: none */
    struct str name; /* in parent */
};
/* path is absolute, as on the node. Release with walk_seen_close. */
void walk_look(struct walk_seen *out, struct arena *a, const struct walk_root *r, struct str path);
void walk_seen_close(struct walk_seen *s);
/* The bytes of a regular file, within the limit of out. False with a fixed reason. */
bool walk_read(const struct walk_seen *s, struct buf *out, const char **reason);
struct walk_names {
    VEC(struct str) item; /* sorted, without . and .. */
    bool cut;             /* there are more than WALK_LIST_MAX */
};
/* The entries of a folder. False with a fixed reason. */
bool walk_list(const struct walk_seen *s, struct arena *a, struct walk_names *out,
               const char **reason);
/* Bytes that are no UTF-8, and control characters, as \xNN. */
struct str walk_text(struct arena *a, struct str bytes);

#endif
