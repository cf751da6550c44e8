# Makes a C string of a text file: awk -v name=report_css -f embed.awk report.css > report_css.h
BEGIN { printf "/* Made from a file in reports/ by embed.awk. */\n#ifndef KUBEVOUCH_%s\n#define KUBEVOUCH_%s\nstatic const char %s[] =\n", name, name, name }
{ gsub(/["\\]/, "\\\\&"); printf "    \"%s\\n\"\n", $0 }
END { printf "    \"\";\n#endif\n" }
