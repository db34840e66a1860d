/* What <ws2tcpip.h> declares and no DLL exports: functions that are inline in
   Microsoft's header, and two addresses that lie in its static libraries. */
#include "startup.h"

IMPORT u32 FormatMessageA(u32, const void *, u32, u32, char *, u32, void *);
IMPORT u32 FormatMessageW(u32, const void *, u32, u32, wide *, u32, void *);

/* FORMAT_MESSAGE_IGNORE_INSERTS, _FROM_SYSTEM and _MAX_WIDTH_MASK: the system's text on one line. */
enum { ONE_LINE_OF_SYSTEM = 0x200 | 0x1000 | 0xff, USERS_LANGUAGE = 0x400, LENGTH = 1024 };

/* As documented, the text is good until the next call from any thread. */
char *gai_strerrorA(int error) {
    static char text[LENGTH + 1];
    if (!FormatMessageA(ONE_LINE_OF_SYSTEM, 0, (u32)error, USERS_LANGUAGE, text, LENGTH, 0)) text[0] = 0;
    return text;
}

wide *gai_strerrorW(int error) {
    static wide text[LENGTH + 1];
    if (!FormatMessageW(ONE_LINE_OF_SYSTEM, 0, (u32)error, USERS_LANGUAGE, text, LENGTH, 0)) text[0] = 0;
    return text;
}

/* `struct in6_addr`: 16 bytes, of two-byte alignment or more. */
_Alignas(8) const unsigned char in6addr_any[16] = {0};
_Alignas(8) const unsigned char in6addr_loopback[16] = {[15] = 1};
