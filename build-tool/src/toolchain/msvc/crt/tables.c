/* The tables that the compiler fills and the start-up code walks, and the few
   symbols that every MSVC object may refer to. */
#include "startup.h"

/* Compilers put pointers to initialisers into sections `.CRT$XI?` (C, may
   fail) and `.CRT$XC?` (constructors). The linker sorts sections by what follows
   the `$`, so these four are the tables' ends. They are constant because the
   compilers' are: sections of one name with other rights would lie elsewhere. */
SECTION(".CRT$XIA") const FallibleInitializer initializers_begin[] = {0};
SECTION(".CRT$XIZ") const FallibleInitializer initializers_end[] = {0};
SECTION(".CRT$XCA") const Initializer constructors_begin[] = {0};
SECTION(".CRT$XCZ") const Initializer constructors_end[] = {0};
/* C that was compiled for mingw has its constructors in `.ctors`, writable. The
   other end is in first.c, since no name sorts before a name without a `$`. */
SECTION(".ctors$zzz") Initializer ctors_end[] = {0};

IMPORT int _initterm_e(const FallibleInitializer *, const FallibleInitializer *);
IMPORT void _initterm(const Initializer *, const Initializer *);

/* Not 0: the program cannot start. `_initterm` skips null pointers. */
int run_initializers(void) {
    int failed = _initterm_e(initializers_begin, initializers_end);
    if (failed) return failed;
    _initterm(constructors_begin, constructors_end);
    /* Constructors in `.ctors` run last to first, as on every other system that has that section. */
    for (Initializer *each = ctors_end - 1; each > ctors_begin; each--)
        if (*each) (*each)();
    return 0;
}

/* Thread-local storage: the linker points the TLS directory of the PE header at
   `_tls_used` (PE specification, "The .tls Section"). The loader copies what lies
   between start and end for every thread, and calls the functions in `.CRT$XL?`
   when threads come and go: Rust's destructors of thread-locals hang there. */
typedef void (*ThreadCallback)(void *module, u32 reason, void *reserved);
SECTION(".CRT$XLA") const ThreadCallback thread_callbacks_begin = 0;
SECTION(".CRT$XLZ") const ThreadCallback thread_callbacks_end = 0;
SECTION(".tls") char _tls_start = 0;
SECTION(".tls$ZZZ") char _tls_end = 0;
u32 _tls_index = 0;

struct TlsDirectory {
    const void *start, *end;
    u32 *index;
    const void *callbacks;
    u32 zero_fill, characteristics;
};
const struct TlsDirectory _tls_used = {&_tls_start, &_tls_end, &_tls_index, &thread_callbacks_begin + 1, 0, 0};

/* rustc describes its panics to the C++ unwinder as objects of a C++ type, whose
   descriptor refers to the virtual table of `type_info`. Nobody calls through it. */
const void *const type_info_table[4] __asm__("??_7type_info@@6B@") = {0};

/* Objects that use floating point refer to this symbol; nothing reads it. */
const int _fltused = 0x9875;
