/*
 * bcryptprimitives.dll for a Wine that has none (Wine 8 and older).
 *
 * Every Rust program for Windows imports ProcessPrng from it, and does not
 * start without. Microsoft documents it with "ProcessPrng function
 * (bcryptprimitives.dll)": fills a buffer with random bytes, never fails.
 */
#include <windows.h>
#include <ntsecapi.h>

/* RtlGenRandom takes a 32-bit length. */
static const SIZE_T LARGEST_PART = 1 << 16;

__declspec(dllexport) BOOL WINAPI ProcessPrng(PBYTE buffer, SIZE_T size)
{
    while (size > 0) {
        SIZE_T part = size < LARGEST_PART ? size : LARGEST_PART;
        if (!RtlGenRandom(buffer, (ULONG)part))
            return FALSE;
        buffer += part;
        size -= part;
    }
    return TRUE;
}
