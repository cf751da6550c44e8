/* Functions that this program does not use, made undeclared so that the compiler finds them.
 * Instead: buf (growing text), str (numbers, cutting), clock (time), names (enum and text). */
#ifndef KUBEVOUCH_BASE_BANNED_H
#define KUBEVOUCH_BASE_BANNED_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define BANNED(name) name##_is_banned_see_base_banned_h
#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#undef strtok
#undef atoi
#undef atol
#undef atoll
#undef atof
#undef gmtime
#undef localtime
#undef ctime
#undef asctime
#undef gets
#define strcpy    BANNED(strcpy)
#define strcat    BANNED(strcat)
#define strncpy   BANNED(strncpy)
#define strncat   BANNED(strncat)
#define sprintf   BANNED(sprintf)
#define vsprintf  BANNED(vsprintf)
#define strtok    BANNED(strtok)
#define atoi      BANNED(atoi)
#define atol      BANNED(atol)
#define atoll     BANNED(atoll)
#define atof      BANNED(atof)
#define gmtime    BANNED(gmtime)
#define localtime BANNED(localtime)
#define ctime     BANNED(ctime)
#define asctime   BANNED(asctime)

#endif
