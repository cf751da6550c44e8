/* demo: an audit of the recorded cluster that comes with the program. */
#include "cli/auditing.h"
#include "cli/data.h"

#include "base/file.h"

enum exit_status cmd_demo(const struct options *o, struct arena *run, struct err *err)
{
    char *index;
    if (!data_path(&index, run, "tests/clusters/mix/snapshot.json", err))
        return EXIT_COULD_NOT_RUN;
    struct str dir = file_dir_of(str_from_c(index));
    return auditing_run(o, str_to_c(run, dir), run, err);
}
