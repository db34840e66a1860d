/* `atexit` and its kin. Every module has its own: in a program they go to the
   UCRT's list, in a DLL to the DLL's (see dll.c). */
#include "startup.h"

IMPORT int _crt_atexit(Initializer);
IMPORT int _register_onexit_function(OnExitTable *, FallibleInitializer);

OnExitTable *module_exit_table = 0;

FallibleInitializer _onexit(FallibleInitializer function) {
    /* The UCRT calls these without arguments and ignores what they return: both types are one to it. */
    int failed = module_exit_table ? _register_onexit_function(module_exit_table, function)
                                   : _crt_atexit((Initializer)function);
    return failed ? 0 : function;
}

int atexit(Initializer function) {
    return _onexit((FallibleInitializer)function) ? 0 : -1;
}
