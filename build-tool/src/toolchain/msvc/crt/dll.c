/* The entry point of a DLL: the loader calls it when the DLL comes and goes,
   and when a thread does. */
#include "startup.h"

int DllMain(void *module, u32 reason, void *reserved);
IMPORT int _initialize_onexit_table(OnExitTable *);
IMPORT int _execute_onexit_table(OnExitTable *);

enum { DETACH = 0, ATTACH = 1 };

/* What this DLL gave to `atexit` must run when the DLL goes, while its code is
   still there, and not when the program ends. */
static OnExitTable exit_table;

int _DllMainCRTStartup(void *module, u32 reason, void *reserved) {
    if (reason == ATTACH) {
        if (_initialize_onexit_table(&exit_table)) return 0;
        module_exit_table = &exit_table;
        if (run_initializers()) return 0;
    }
    int answer = DllMain(module, reason, reserved);
    /* A DLL that refuses to be loaded is not told of its end, so it is cleaned up at once. */
    if (reason == DETACH || (reason == ATTACH && !answer)) _execute_onexit_table(&exit_table);
    return answer;
}
