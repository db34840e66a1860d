/* The DllMain of a DLL that has none of its own. */
#include "startup.h"

int DllMain(void *module, u32 reason, void *reserved) {
    (void)module, (void)reason, (void)reserved;
    return 1;
}
