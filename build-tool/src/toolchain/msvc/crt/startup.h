/* What the files of the start-up library share. No header of any C library is
   included: the declarations are the documented ABI of ucrtbase.dll and of the
   Windows loader, so the library is the same whichever headers a zig carries. */
#pragma once

typedef unsigned long long u64;
typedef unsigned int u32;
typedef unsigned short u16;
typedef __WCHAR_TYPE__ wide;

/* The two kinds of functions in the initialiser tables of C. */
typedef void (*Initializer)(void);
typedef int (*FallibleInitializer)(void);

/* `_onexit_table_t` of the UCRT: three pointers that only the UCRT reads. */
typedef struct {
    void *first, *last, *end;
} OnExitTable;

#define IMPORT __declspec(dllimport)
/* In the named section; sections are ordered by what follows the `$`. */
#define SECTION(name) __attribute__((section(name), used))

/* first.c */
extern Initializer ctors_begin[];
/* tables.c */
int run_initializers(void);
/* exit.c: where `atexit` puts functions; set by a DLL's entry point. */
extern OnExitTable *module_exit_table;
