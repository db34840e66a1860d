/* printf, scanf and their kin. ucrtbase.dll exports only the general functions
   `__stdio_common_*`; the ones with the well-known names are inline functions in
   Microsoft's headers, and functions of a static library in mingw-w64's. */
#include "startup.h"

typedef __builtin_va_list Arguments;
typedef __SIZE_TYPE__ size;
typedef struct File File;

IMPORT File *__acrt_iob_func(unsigned);
IMPORT int __stdio_common_vfprintf(u64, File *, const char *, void *, Arguments);
IMPORT int __stdio_common_vsprintf(u64, char *, size, const char *, void *, Arguments);
IMPORT int __stdio_common_vfscanf(u64, File *, const char *, void *, Arguments);
IMPORT int __stdio_common_vsscanf(u64, const char *, size, const char *, void *, Arguments);
IMPORT int __stdio_common_vfwprintf(u64, File *, const wide *, void *, Arguments);
IMPORT int __stdio_common_vswprintf(u64, wide *, size, const wide *, void *, Arguments);
IMPORT int __stdio_common_vfwscanf(u64, File *, const wide *, void *, Arguments);
IMPORT int __stdio_common_vswscanf(u64, const wide *, size, const wide *, void *, Arguments);

/* _CRT_INTERNAL_PRINTF_* of corecrt_stdio_config.h. */
enum {
    MUST_END_WITH_NUL = 1, /* the old `_vsnprintf`: -1 when it does not fit, perhaps no NUL */
    STANDARD = 2,          /* C99's `vsnprintf`: the length that it would have */
};
#define UNLIMITED ((size)-1)
#define INPUT __acrt_iob_func(0)
#define OUTPUT __acrt_iob_func(1)

/* A function with `...` that hands its arguments on to the one that takes a list. */
#define VARIADIC(name, parameters, last, call)                                                                   \
    int name parameters {                                                                                        \
        Arguments arguments;                                                                                     \
        __builtin_va_start(arguments, last);                                                                     \
        int result = call;                                                                                       \
        __builtin_va_end(arguments);                                                                             \
        return result;                                                                                           \
    }

/* Narrow, to files. */
int vfprintf(File *file, const char *format, Arguments arguments) {
    return __stdio_common_vfprintf(0, file, format, 0, arguments);
}
int vprintf(const char *format, Arguments arguments) { return vfprintf(OUTPUT, format, arguments); }
VARIADIC(fprintf, (File * file, const char *format, ...), format, vfprintf(file, format, arguments))
VARIADIC(printf, (const char *format, ...), format, vfprintf(OUTPUT, format, arguments))

/* Narrow, to memory. */
int vsnprintf(char *to, size count, const char *format, Arguments arguments) {
    int length = __stdio_common_vsprintf(STANDARD, to, count, format, 0, arguments);
    return length < 0 ? -1 : length;
}
int vsprintf(char *to, const char *format, Arguments arguments) {
    return vsnprintf(to, UNLIMITED, format, arguments);
}
int _vsnprintf(char *to, size count, const char *format, Arguments arguments) {
    return __stdio_common_vsprintf(MUST_END_WITH_NUL, to, count, format, 0, arguments);
}
int _vscprintf(const char *format, Arguments arguments) { return vsnprintf(0, 0, format, arguments); }
VARIADIC(snprintf, (char *to, size count, const char *format, ...), format, vsnprintf(to, count, format, arguments))
VARIADIC(sprintf, (char *to, const char *format, ...), format, vsprintf(to, format, arguments))
VARIADIC(_snprintf, (char *to, size count, const char *format, ...), format, _vsnprintf(to, count, format, arguments))
VARIADIC(_scprintf, (const char *format, ...), format, _vscprintf(format, arguments))

/* Narrow, reading. */
int vfscanf(File *file, const char *format, Arguments arguments) {
    return __stdio_common_vfscanf(0, file, format, 0, arguments);
}
int vscanf(const char *format, Arguments arguments) { return vfscanf(INPUT, format, arguments); }
int vsscanf(const char *from, const char *format, Arguments arguments) {
    return __stdio_common_vsscanf(0, from, UNLIMITED, format, 0, arguments);
}
VARIADIC(fscanf, (File * file, const char *format, ...), format, vfscanf(file, format, arguments))
VARIADIC(scanf, (const char *format, ...), format, vfscanf(INPUT, format, arguments))
VARIADIC(sscanf, (const char *from, const char *format, ...), format, vsscanf(from, format, arguments))

/* Wide, to files. */
int vfwprintf(File *file, const wide *format, Arguments arguments) {
    return __stdio_common_vfwprintf(0, file, format, 0, arguments);
}
int vwprintf(const wide *format, Arguments arguments) { return vfwprintf(OUTPUT, format, arguments); }
VARIADIC(fwprintf, (File * file, const wide *format, ...), format, vfwprintf(file, format, arguments))
VARIADIC(wprintf, (const wide *format, ...), format, vfwprintf(OUTPUT, format, arguments))

/* Wide, to memory. C's `vswprintf` has no way to ask for the length: it fails for an empty place. */
int vswprintf(wide *to, size count, const wide *format, Arguments arguments) {
    if (!to && !count) return -1;
    int length = __stdio_common_vswprintf(0, to, count, format, 0, arguments);
    return length < 0 ? -1 : length;
}
int _vsnwprintf(wide *to, size count, const wide *format, Arguments arguments) {
    return __stdio_common_vswprintf(MUST_END_WITH_NUL, to, count, format, 0, arguments);
}
int _vscwprintf(const wide *format, Arguments arguments) {
    return __stdio_common_vswprintf(STANDARD, 0, 0, format, 0, arguments);
}
VARIADIC(swprintf, (wide *to, size count, const wide *format, ...), format, vswprintf(to, count, format, arguments))
VARIADIC(_snwprintf, (wide *to, size count, const wide *format, ...), format,
         _vsnwprintf(to, count, format, arguments))
VARIADIC(_scwprintf, (const wide *format, ...), format, _vscwprintf(format, arguments))

/* Wide, reading. */
int vfwscanf(File *file, const wide *format, Arguments arguments) {
    return __stdio_common_vfwscanf(0, file, format, 0, arguments);
}
int vswscanf(const wide *from, const wide *format, Arguments arguments) {
    return __stdio_common_vswscanf(0, from, UNLIMITED, format, 0, arguments);
}
VARIADIC(fwscanf, (File * file, const wide *format, ...), format, vfwscanf(file, format, arguments))
VARIADIC(wscanf, (const wide *format, ...), format, vfwscanf(INPUT, format, arguments))
VARIADIC(swscanf, (const wide *from, const wide *format, ...), format, vswscanf(from, format, arguments))

IMPORT __attribute__((noreturn)) void abort(void);

/* What mingw-w64's <assert.h> calls; the UCRT has only the one for wide characters. */
__attribute__((noreturn)) void _assert(const char *condition, const char *file, unsigned line) {
    fprintf(__acrt_iob_func(2), "Assertion failed: %s, file %s, line %u\n", condition, file, line);
    abort();
}
