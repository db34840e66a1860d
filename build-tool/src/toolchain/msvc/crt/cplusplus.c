/* The part of a C++ runtime that C++ without exceptions and without its standard
   library needs: memory, abstract classes, static variables in functions. The
   names are those of the Itanium C++ ABI, which clang uses for mingw's targets. */
#include "startup.h"

typedef __SIZE_TYPE__ size;
IMPORT void *malloc(size);
IMPORT void free(void *);
IMPORT __attribute__((noreturn)) void abort(void);

/* Without exceptions there is nobody to tell that memory is out. */
static void *allocate(size count) {
    void *memory = malloc(count ? count : 1);
    if (!memory) abort();
    return memory;
}
void *operator_new(size count) __asm__("_Znwy");
void *operator_new(size count) { return allocate(count); }
void *operator_new_array(size count) __asm__("_Znay");
void *operator_new_array(size count) { return allocate(count); }

/* `delete`, `delete[]`, and both with the size. */
void operator_delete(void *memory) __asm__("_ZdlPv");
void operator_delete(void *memory) { free(memory); }
void operator_delete_array(void *memory) __asm__("_ZdaPv");
void operator_delete_array(void *memory) { free(memory); }
void operator_delete_sized(void *memory, size count) __asm__("_ZdlPvy");
void operator_delete_sized(void *memory, size count) { (void)count, free(memory); }
void operator_delete_array_sized(void *memory, size count) __asm__("_ZdaPvy");
void operator_delete_array_sized(void *memory, size count) { (void)count, free(memory); }

/* What an abstract method points to. */
__attribute__((noreturn)) void __cxa_pure_virtual(void) { abort(); }

/* A static variable of a function: the first byte of its guard says that it is
   ready (the compiler looks there itself), the second that somebody is at it. */
IMPORT void Sleep(u32 milliseconds);

int __cxa_guard_acquire(char *guard) {
    for (;;) {
        if (__atomic_load_n(guard, __ATOMIC_ACQUIRE)) return 0;
        char idle = 0;
        if (__atomic_compare_exchange_n(guard + 1, &idle, 1, 0, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) {
            /* Ready may have come between the two looks. */
            if (!__atomic_load_n(guard, __ATOMIC_ACQUIRE)) return 1;
            __atomic_store_n(guard + 1, 0, __ATOMIC_RELEASE);
            return 0;
        }
        Sleep(0);
    }
}

void __cxa_guard_release(char *guard) {
    __atomic_store_n(guard, 1, __ATOMIC_RELEASE);
    __atomic_store_n(guard + 1, 0, __ATOMIC_RELEASE);
}
