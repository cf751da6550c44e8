/* version: of the program, and of the libraries it runs with. */
#include "cli/command.h"

#include <curl/curlver.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <yaml.h>

/* What it was built with matters in a bug report as much as its own version. */
enum exit_status cmd_version(const struct options *o, struct arena *run, struct err *err)
{
    (void)o, (void)run, (void)err;
    printf("kubevouch %s\nlibcurl %s (headers), %s, jansson %s, libyaml %s\n", PACKAGE_VERSION,
           LIBCURL_VERSION, OpenSSL_version(OPENSSL_VERSION), jansson_version_str(),
           yaml_get_version_string());
    return EXIT_DONE;
}
