/* Kubernetes' own libraries of the expression language: one row a call. */
#include "cel_rows.h"

#include "cel/lib_core.h"

START_TEST(quantities)
{
    const struct row table[] = {
        ROW(cel_quantity, "<12Mi>", S("12Mi")),
        ROW(cel_quantity, "<1Gi>", S("1024Mi")),
        ROW(cel_quantity, "<1536Mi>", S("1.5Gi")),
        ROW(cel_quantity, "<500m>", S(".5")),
        ROW(cel_quantity, "<+5>", S("+5")),
        ROW(cel_quantity, "<0>", S("-")),
        ROW(cel_quantity, "<0>", S("-0")),
        ROW(cel_quantity, "<0>", S("0Mi")),
        ROW(cel_quantity, "<1n>", S("0.0000000001")),
        ROW(cel_quantity, "<1e-9>", S("1e-20")),
        ROW(cel_quantity, "<1126400m>", S("1.1Ki")),
        ROW(cel_quantity, "<10e99>", S("1e100")),
        ROW(cel_quantity, "<1000E>", S("1000E")),
        ROW(cel_quantity, "<00012k>", S("00012k")),
        ROW(cel_quantity, "<9223372036854775807>", S("9Ei")),
        ROW(cel_quantity, "<-1536Mi>", S("-1.5Gi")),
        ROW(cel_quantity, "<9999999999999999999999999999999999999G>", S("9999999999999999999999999999999999999G")),
        ROW(cel_quantity, "error: not a quantity", S("10Mm")),
        ROW(cel_quantity, "error: not a quantity", S("5e")),
        ROW(cel_quantity, "error: not a quantity", S(" 1")),
        ROW(cel_quantity, "error: not a quantity", S("1e999999999999")),
        ROW(cel_is_quantity, "true", S("1.3Gi")),
        ROW(cel_is_quantity, "false", S("Three")),
        ROW(cel_is_quantity, "false", S("")),
        ROW(cel_is_quantity, "false", S("1,000")),
        ROW(cel_quantity_sign, "-1", Q("-50k")),
        ROW(cel_quantity_sign, "0", Q("0")),
        ROW(cel_quantity_is_integer, "true", Q("50k")),
        ROW(cel_quantity_is_integer, "false", Q("1.0")),
        ROW(cel_quantity_is_integer, "false", Q("9999999999999999999999999999999999999G")),
        ROW(cel_quantity_as_integer, "50000", Q("50k")),
        ROW(cel_quantity_as_integer, "50703", Q("50.703k")),
        ROW(cel_quantity_as_integer, "error: cannot convert", Q("9999999999999999999999999999999999999G")),
        ROW(cel_quantity_as_float, "50703d", Q("50.703k")),
        ROW(cel_quantity_as_float, "0.001d", Q("1m")),
        ROW(cel_quantity_add, "<50020>", Q("50k"), Q("20")),
        ROW(cel_quantity_add, "<50020>", Q("50k"), I(20)),
        ROW(cel_quantity_add, "<9223372036854775827>", Q("9223372036854775807"), I(20)),
        ROW(cel_quantity_add, "<1Mi>", Q("0"), Q("1Mi")),
        ROW(cel_quantity_add, "<1500m>", Q("1"), Q("500m")),
        ROW(cel_quantity_sub, "<49980>", Q("50k"), I(20)),
        ROW(cel_quantity_sub, "<9223372036854775808>", Q("0"), I(INT64_MIN)),
        ROW(cel_quantity_sub, "<0>", Q("1.5Gi"), Q("1536Mi")),
        ROW(cel_quantity_add, "error: no such overload", Q("1"), S("1")),
        ROW(cel_is_greater, "true", Q("50Mi"), Q("50M")),
        ROW(cel_is_less, "false", Q("50Mi"), Q("50M")),
        ROW(cel_is_less, "error: no such overload", Q("50Mi"), VER("1.0.0")),
        ROW(cel_compare_to, "0", Q("200M"), Q("0.2G")),
        ROW(cel_compare_to, "1", Q("1e100"), Q("9Ei")),
        ROW(cel_compare_to, "-1", Q("-1"), Q("0.1")),
        ROW(cel_compare_to, "-1", Q("-1.5"), Q("-0.1")),
    };
    CHECK_ROWS(table);
}
END_TEST

START_TEST(network)
{
    const struct row table[] = {
        ROW(cel_ip, "<192.168.0.1>", S("192.168.0.1")),
        ROW(cel_ip, "<2001:db8::68>", S("2001:DB8:0::0068")),
        ROW(cel_ip, "<::>", S("::")),
        ROW(cel_ip, "<1::>", S("1::")),
        ROW(cel_ip, "<::1>", S("::1")),
        ROW(cel_ip, "<1:0:0:2::3>", S("1:0:0:2:0:0:0:3")),
        ROW(cel_ip, "<1::2:0:0:3>", S("1:0:0:0:2:0:0:3")),
        ROW(cel_ip, "<64:ff9b::102:304>", S("64:ff9b::1.2.3.4")),
        ROW(cel_ip, "<2001:db8:3333:4444:5555:6666:7777:8888>", S("2001:db8:3333:4444:5555:6666:7777:8888")),
        ROW(cel_ip, "error: is not an IP address", S("192.168.0.1.0")),
        ROW(cel_ip, "error: is not an IP address", S("192.168.0.01")),
        ROW(cel_ip, "error: is not an IP address", S("256.0.0.1")),
        ROW(cel_ip, "error: is not an IP address", S("1.2.3")),
        ROW(cel_ip, "error: is not an IP address", S("2001:db8:::68")),
        ROW(cel_ip, "error: is not an IP address", S("1:2:3:4:5:6:7:8::")),
        ROW(cel_ip, "error: is not an IP address", S("1:2:3:4:5:6:7:8:9")),
        ROW(cel_ip, "error: is not an IP address", S("1:")),
        ROW(cel_ip, "error: is not an IP address", S(":1")),
        ROW(cel_ip, "error: is not an IP address", S("::12345")),
        ROW(cel_ip, "error: is not an IP address", S("1.2.3.4::")),
        ROW(cel_ip, "error: is not an IP address", S("")),
        ROW(cel_ip, "error: has a zone", S("fe80::1%en0")),
        ROW(cel_ip, "error: IPv4-mapped", S("::ffff:192.168.0.1")),
        ROW(cel_is_ip, "true", S("::1")),
        ROW(cel_is_ip, "false", S("fe80::1%en0")),
        ROW(cel_ip_is_canonical, "false", S("2001:DB8::68")),
        ROW(cel_ip_is_canonical, "true", S("2001:db8::68")),
        ROW(cel_ip_is_canonical, "error: is not an IP address", S("127.0.0.1.0")),
        ROW(cel_ip_family, "4", ADDR("1.2.3.4")),
        ROW(cel_ip_family, "6", ADDR("::1")),
        ROW(cel_ip_is_unspecified, "true", ADDR("0.0.0.0")),
        ROW(cel_ip_is_unspecified, "false", ADDR("::1")),
        ROW(cel_ip_is_loopback, "true", ADDR("127.9.9.9")),
        ROW(cel_ip_is_loopback, "true", ADDR("::1")),
        ROW(cel_ip_is_link_local_multicast, "true", ADDR("224.0.0.1")),
        ROW(cel_ip_is_link_local_multicast, "false", ADDR("224.0.1.1")),
        ROW(cel_ip_is_link_local_multicast, "true", ADDR("ff02::1")),
        ROW(cel_ip_is_link_local_unicast, "true", ADDR("169.254.169.254")),
        ROW(cel_ip_is_link_local_unicast, "true", ADDR("fe80::1")),
        ROW(cel_ip_is_link_local_unicast, "false", ADDR("fd80::1")),
        ROW(cel_ip_is_global_unicast, "false", ADDR("255.255.255.255")),
        ROW(cel_ip_is_global_unicast, "true", ADDR("192.168.0.1")),
        ROW(cel_ip_is_global_unicast, "false", ADDR("ff00::1")),
        ROW(cel_ip_family, "error: no such overload", NET("10.0.0.0/8")),
        ROW(cel_cidr, "<192.168.0.1/24>", S("192.168.0.1/24")),
        ROW(cel_cidr, "error: is not a CIDR", S("192.168.0.0/")),
        ROW(cel_cidr, "error: is not a CIDR", S("192.168.0.0/33")),
        ROW(cel_cidr, "error: is not a CIDR", S("192.168.0.0/+8")),
        ROW(cel_cidr, "error: is not a CIDR", S("192.168.0.0/08")),
        ROW(cel_cidr, "error: is not a CIDR", S("fe80::1%en0/24")),
        ROW(cel_cidr, "error: IPv4-mapped", S("::ffff:1.2.3.4/112")),
        ROW(cel_is_cidr, "true", S("2001:db8::/128")),
        ROW(cel_is_cidr, "false", S("2001:db8::/129")),
        ROW(cel_cidr_contains_ip, "true", NET("192.168.0.0/24"), S("192.168.0.255")),
        ROW(cel_cidr_contains_ip, "false", NET("192.168.0.0/24"), ADDR("192.168.1.0")),
        ROW(cel_cidr_contains_ip, "false", NET("192.168.1.1/32"), ADDR("2001:db8::1")),
        ROW(cel_cidr_contains_ip, "true", NET("0.0.0.0/0"), ADDR("192.168.1.0")),
        ROW(cel_cidr_contains_ip, "error: is not an IP address", NET("0.0.0.0/0"), S("x")),
        ROW(cel_cidr_contains_cidr, "true", NET("192.168.0.0/24"), NET("192.168.0.1/32")),
        ROW(cel_cidr_contains_cidr, "false", NET("192.168.0.0/24"), S("192.168.0.0/23")),
        ROW(cel_cidr_contains_cidr, "true", NET("2001:db8::/32"), S("2001:db8::/33")),
        ROW(cel_cidr_contains_cidr, "error: is not a CIDR", NET("192.168.0.0/24"), S("x")),
        ROW(cel_cidr_prefix_length, "24", NET("192.168.0.0/24")),
        ROW(cel_cidr_masked, "<2001:db8::/32>", NET("2001:db8:1::/32")),
        ROW(cel_cidr_masked, "<192.168.0.0/23>", NET("192.168.1.7/23")),
        ROW(cel_ip, "<2001:db8::>", NET("2001:db8::/32")),
        ROW(cel_to_string, "'2001:db8::/32'", NET("2001:db8::/32")),
    };
    CHECK_ROWS(table);
}
END_TEST

START_TEST(versions)
{
    const struct row table[] = {
        ROW(cel_semver, "<1.2.3-beta.1+build.1>", S("1.2.3-beta.1+build.1")),
        ROW(cel_semver, "<1234.56789012345.67890123456789>", S("1234.56789012345.67890123456789")),
        ROW(cel_semver, "error: not a semantic version", S("v1.0")),
        ROW(cel_semver, "error: not a semantic version", S("1.2.3-01")),
        ROW(cel_semver, "error: not a semantic version", S("1.2.3-")),
        ROW(cel_semver, "error: not a semantic version", S("1.2.3-a..b")),
        ROW(cel_semver, "error: not a semantic version", S("1.2.3+")),
        ROW(cel_semver, "error: not a semantic version", S("1..3")),
        ROW(cel_semver, "error: not a semantic version", S("1.2.3.4")),
        ROW(cel_semver, "<1.1.0>", S("v01.01"), B(true)),
        ROW(cel_semver, "<1.0.0>", S("1"), B(true)),
        ROW(cel_semver, "<1.2.3-01a>", S("1.2.03-01a"), B(true)),
        ROW(cel_semver, "<0.0.0-a>", S("0.0.0-a"), B(true)),
        ROW(cel_semver, "error: not a semantic version", S("1.2-a"), B(true)),
        ROW(cel_is_semver, "false", S("01.01.01")),
        ROW(cel_is_semver, "true", S("01.01.01"), B(true)),
        ROW(cel_is_semver, "false", S("01.01.01"), B(false)),
        ROW(cel_is_semver, "false", S(" 1.0.0")),
        ROW(cel_is_semver, "false", S("1. 0.0"), B(true)),
        ROW(cel_is_semver, "false", S("1.0.0 "), B(true)),
        ROW(cel_is_semver, "false", S(""), B(true)),
        ROW(cel_is_semver, "false", S("99999999999999999999.0.0")),
        ROW(cel_semver_major, "1", VER("1.2.3")),
        ROW(cel_semver_minor, "2", VER("1.2.3")),
        ROW(cel_semver_patch, "3", VER("1.2.3")),
        ROW(cel_semver_major, "error: overflow", VER("18446744073709551615.0.0")),
        ROW(cel_compare_to, "0", VER("1.2.3+a"), VER("1.2.3+b")),
        ROW(cel_compare_to, "1", VER("1.2.3"), VER("1.2.3-rc.1")),
        ROW(cel_compare_to, "-1", VER("1.2.3-rc.2"), VER("1.2.3-rc.10")),
        ROW(cel_compare_to, "-1", VER("1.2.3-rc.2"), VER("1.2.3-rc.a")),
        ROW(cel_compare_to, "-1", VER("1.2.3-rc"), VER("1.2.3-rc.1")),
        ROW(cel_compare_to, "-1", VER("1.2.3"), VER("1.10.0")),
        ROW(cel_is_less, "true", VER("1.0.0"), VER("1.1.0")),
        ROW(cel_is_greater, "false", VER("1.0.0"), VER("1.0.0")),
    };
    CHECK_ROWS(table);
}
END_TEST

#define FULL_URL "https://user:pass@kubernetes.io:80/docs/home?k1=a&k2=b&k2=c#anchor"

START_TEST(urls)
{
    const struct row table[] = {
        ROW(cel_url, "<" FULL_URL ">", S(FULL_URL)),
        ROW(cel_url_scheme, "'https'", LINK("HTTPS://example.com")),
        ROW(cel_url_scheme, "''", LINK("/path")),
        ROW(cel_url_host, "'kubernetes.io:80'", LINK(FULL_URL)),
        ROW(cel_url_host, "'[::1]:80'", LINK("https://[::1]:80/")),
        ROW(cel_url_hostname, "'::1'", LINK("https://[::1]:80/")),
        ROW(cel_url_hostname, "'::1'", LINK("https://[::1]/")),
        ROW(cel_url_hostname, "'kubernetes.io'", LINK(FULL_URL)),
        ROW(cel_url_port, "'80'", LINK(FULL_URL)),
        ROW(cel_url_port, "''", LINK("https://example.com/")),
        ROW(cel_url_escaped_path, "'/docs/home'", LINK(FULL_URL)),
        ROW(cel_url_escaped_path, "'/with%20space/'", LINK("https://example.com/with space/")),
        ROW(cel_url_escaped_path, "'/a%2fb'", LINK("https://example.com/a%2fb")),
        ROW(cel_url_escaped_path, "'/a%25b'", LINK("https://example.com/a%25b")),
        ROW(cel_url_escaped_path, "''", LINK("https:://kubernetes.io/")),
        ROW(cel_url_query, "{'k1': ['a'], 'k2': ['b', 'c']}", LINK(FULL_URL)),
        ROW(cel_url_query, "{'a b': ['c d']}", LINK("https://example.com/path?a%20b=c+d&x;y=1&%zz=1&&")),
        ROW(cel_url_query, "{'k': ['']}", LINK("https://example.com/path?k")),
        ROW(cel_url_query, "{}", LINK("https://example.com/path?")),
        ROW(cel_is_url, "true", S("/path")),
        ROW(cel_is_url, "true", S("https:://kubernetes.io/")),
        ROW(cel_is_url, "false", S("../relative")),
        ROW(cel_is_url, "false", S("https://a:b/")),
        ROW(cel_is_url, "false", S("https://[::1")),
        ROW(cel_is_url, "false", S("https://[1.2.3.4]/")),
        ROW(cel_is_url, "false", S("https://a b/")),
        ROW(cel_is_url, "false", S("https://a/%zz")),
        ROW(cel_is_url, "false", S("https://a/\n")),
        ROW(cel_is_url, "false", S(":foo")),
        ROW(cel_is_url, "false", S("")),
        ROW(cel_url, "error: invalid URI for request", S("../relative")),
        ROW(cel_url, "error: missing protocol scheme", S(":foo")),
        ROW(cel_url, "error: invalid URL escape \"%zz\"", S("https://a/%zz")),
        ROW(cel_url, "error: invalid port \":b\" after host", S("https://a:b/")),
        ROW(cel_url, "error: invalid character \" \" in host name", S("https://a b/")),
        ROW(cel_url, "error: invalid userinfo", S("https://a\"b@c/")),
    };
    CHECK_ROWS(table);
}
END_TEST

START_TEST(named_formats)
{
#define LONG63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
    const struct row table[] = {
        ROW(cel_format_named, "optional(<uri>)", S("uri")),
        ROW(cel_format_named, "optional()", S("unknown")),
        ROW(cel_format_validate, "optional()", FMT("dns1123Label"), S("my-name")),
        ROW(cel_format_validate, "optional()", FMT("dns1123Label"), S(LONG63)),
        ROW(cel_format_validate, "optional(['must be no more than 63 bytes'])", FMT("dns1123Label"), S(LONG63 "a")),
        ROW(cel_format_validate, "optional(['must not contain dots'])", FMT("dns1123Label"), S("a.b")),
        ROW(cel_format_validate, "optional()", FMT("dns1123Subdomain"), S("apiextensions.k8s.io")),
        ROW(cel_format_validate, "optional()", FMT("dns1123LabelPrefix"), S("my-label-prefix-")),
        ROW(cel_format_validate, "optional()", FMT("dns1123SubdomainPrefix"), S("mysubdomain.prefix.-")),
        ROW(cel_format_validate, "optional()", FMT("dns1035Label"), S("my-label-name")),
        ROW(cel_format_validate, "optional()", FMT("dns1035LabelPrefix"), S("my-")),
        ROW(cel_format_validate, "optional()", FMT("qualifiedName"), S("apiextensions.k8s.io/v1beta1")),
        ROW(cel_format_validate, "optional(['prefix part must be non-empty', 'name part must be no more than 63 bytes'])",
            FMT("qualifiedName"), S("/" LONG63 "a")),
        ROW(cel_format_validate, "optional()", FMT("labelValue"), S("my-cool-label-Value")),
        ROW(cel_format_validate, "optional()", FMT("labelValue"), S("")),
        ROW(cel_format_validate, "optional()", FMT("uri"), S("http://example.com")),
        ROW(cel_format_validate, "optional(['parse \"x\\ny\": net/url: invalid control character in URL'])", FMT("uri"), S("x\ny")),
        ROW(cel_format_validate, "optional()", FMT("uuid"), S("123e4567-e89b-12d3-A456-426614174000")),
        ROW(cel_format_validate, "optional()", FMT("uuid"), S("123e4567e89b12d3a456426614174000")),
        ROW(cel_format_validate, "optional(['does not match the UUID format'])", FMT("uuid"), S("123e4567")),
        ROW(cel_format_validate, "optional()", FMT("byte"), S("aGVsbG8=")),
        ROW(cel_format_validate, "optional(['invalid base64'])", FMT("byte"), S("aGVsbG8")),
        ROW(cel_format_validate, "optional(['invalid base64'])", FMT("byte"), S("")),
        ROW(cel_format_validate, "optional(['invalid base64'])", FMT("byte"), S("a===")),
        ROW(cel_format_validate, "optional()", FMT("date"), S("2024-02-29")),
        ROW(cel_format_validate, "optional(['invalid date'])", FMT("date"), S("2023-02-29")),
        ROW(cel_format_validate, "optional()", FMT("datetime"), S("2021-01-01T00:00:00Z")),
        ROW(cel_format_validate, "optional()", FMT("datetime"), S("2021-01-01t00:00:00.123+05:30")),
        ROW(cel_format_validate, "optional(['invalid datetime'])", FMT("datetime"), S("2021-01-01T24:00:00Z")),
        ROW(cel_format_validate, "optional(['invalid datetime'])", FMT("datetime"), S("2021-01-01")),
        ROW(cel_format_validate, "error: no such overload", Q("1"), S("x")),
    };
    CHECK_ROWS(table);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("cel_kube");
    TCase *t = tcase_create("rows");
    tcase_add_test(t, quantities);
    tcase_add_test(t, network);
    tcase_add_test(t, versions);
    tcase_add_test(t, urls);
    tcase_add_test(t, named_formats);
    suite_add_tcase(s, t);
    SRunner *r = srunner_create(s);
    srunner_run_all(r, CK_NORMAL);
    int failed = srunner_ntests_failed(r);
    srunner_free(r);
    return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
