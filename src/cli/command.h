/* The commands: one function each, one file each. */
#ifndef KUBEVOUCH_CLI_COMMAND_H
#define KUBEVOUCH_CLI_COMMAND_H

#include "base/buf.h"
#include "cli/option.h"

/* Published exit statuses (kubevouch(1)). */
enum exit_status {
    EXIT_DONE = 0,
    EXIT_CHECK_FAILED = 1,
    EXIT_USAGE = 2,
    EXIT_INCOMPLETE = 3,
    EXIT_COULD_NOT_RUN = 4
};

typedef enum exit_status command_fn(const struct options *o, struct arena *run, struct err *err);
struct command {
    const char *name;
    unsigned bit;
    command_fn *fn;
    const char *arguments, *summary, *description;
};
extern const struct command command[];
extern const size_t command_count;

#define COMMAND(name, bit, fn, arguments, summary, description) command_fn fn;
#include "cli/command.def"
#undef COMMAND

/* How kubevouch eval writes values. */
enum print_form { PRINT_JSON, PRINT_CEL, PRINT_JSONL, PRINT_COUNT };
extern const char *const print_name[PRINT_COUNT];

/* How kubevouch access-review writes. */
enum review_form { REVIEW_CSV, REVIEW_HTML, REVIEW_JSON, REVIEW_COUNT };
extern const char *const review_form_name[REVIEW_COUNT];

/* Help, man page and completions out of the tables, to standard output. */
void usage_command(const struct command *c);
void usage_overview(void);
/* "Examples:" of a command (src/cli/example.def); nothing where there are none. */
void usage_examples(unsigned bit);
/* Lines of words under a hanging indent, the cursor already there; ends the last line. */
void usage_wrap(struct str text, size_t indent, size_t width);

/* A manual page: write appends it as roff. */
struct page {
    const char *name;
    void (*write)(struct buf *out);
};
void manual_report(struct buf *out); /* kubevouch-report(5) */
#define MANUAL_BYTES_MAX ((size_t)4 << 20)
/* Appends what a page of this program's is to read: lines of width columns; with styles, bold and
 * underlined by a terminal's sequences. What is no request of the few that our pages use stays as
 * text. */
void manual_lay_out(struct buf *out, struct str roff, size_t width, bool styles);

/* What `help` prints besides the commands' own help. */
struct topic {
    const char *name;
    void (*print)(void);
};
extern const struct page manual[];
extern const size_t manual_count;
extern const struct topic completion[]; /* one a shell */
extern const size_t completion_count;

#endif
