# Makes a C string of a text file: awk -v name=report_css -f embed.awk report.css > report_css.h
BEGIN { printf "/* Made by embed.awk. */\n#ifndef KUBEVOUCH_%s\n#define KUBEVOUCH_%s\nstatic const char %s[] =\n", name, name, name }
{ gsub(/["\\]/, "\\\\&"); print "    \"" $0 "\\n\"" } # print, not printf: some awks limit what printf writes
END { printf "    \"\";\n#endif\n" }
