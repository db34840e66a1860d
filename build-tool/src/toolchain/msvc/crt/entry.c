/* The entry point of a program. Compiled four times; ENTRY names which:
   main and wmain for consoles, WinMain and wWinMain for windows. Each is an
   archive member of its own, since each wants the function that it calls. */
#include "startup.h"

IMPORT void _set_app_type(int);
IMPORT __attribute__((noreturn)) void exit(int);

enum { CONSOLE = 1, WINDOWED = 2, ARGUMENTS_UNEXPANDED = 1, CANNOT_START = 255 };

#if defined(ENTRY_MAIN)

int main(int, char **, char **);
IMPORT int _configure_narrow_argv(int);
IMPORT int _initialize_narrow_environment(void);
IMPORT char **_get_initial_narrow_environment(void);
IMPORT int *__p___argc(void);
IMPORT char ***__p___argv(void);

void mainCRTStartup(void) {
    _set_app_type(CONSOLE);
    if (_configure_narrow_argv(ARGUMENTS_UNEXPANDED) || _initialize_narrow_environment() || run_initializers())
        exit(CANNOT_START);
    exit(main(*__p___argc(), *__p___argv(), _get_initial_narrow_environment()));
}

#elif defined(ENTRY_WMAIN)

int wmain(int, wide **, wide **);
IMPORT int _configure_wide_argv(int);
IMPORT int _initialize_wide_environment(void);
IMPORT wide **_get_initial_wide_environment(void);
IMPORT int *__p___argc(void);
IMPORT wide ***__p___wargv(void);

void wmainCRTStartup(void) {
    _set_app_type(CONSOLE);
    if (_configure_wide_argv(ARGUMENTS_UNEXPANDED) || _initialize_wide_environment() || run_initializers())
        exit(CANNOT_START);
    exit(wmain(*__p___argc(), *__p___wargv(), _get_initial_wide_environment()));
}

#else

/* STARTUPINFOW of kernel32: only whether and how to show the first window is read. */
struct StartupInfo {
    u32 size;
    void *reserved, *desktop, *title;
    u32 x, y, width, height, columns, rows, fill, flags;
    u16 show, more;
    void *further, *input, *output, *error;
};
IMPORT void GetStartupInfoW(struct StartupInfo *);
extern char __ImageBase; /* the linker's name for the start of the program in memory */

enum { USE_SHOW = 1, SHOW_DEFAULT = 10 };

static int how_to_show(void) {
    struct StartupInfo info;
    GetStartupInfoW(&info);
    return info.flags & USE_SHOW ? info.show : SHOW_DEFAULT;
}

#if defined(ENTRY_WINMAIN)

int WinMain(void *, void *, char *, int);
IMPORT int _configure_narrow_argv(int);
IMPORT int _initialize_narrow_environment(void);
IMPORT char *_get_narrow_winmain_command_line(void);

void WinMainCRTStartup(void) {
    _set_app_type(WINDOWED);
    if (_configure_narrow_argv(ARGUMENTS_UNEXPANDED) || _initialize_narrow_environment() || run_initializers())
        exit(CANNOT_START);
    exit(WinMain(&__ImageBase, 0, _get_narrow_winmain_command_line(), how_to_show()));
}

#elif defined(ENTRY_WWINMAIN)

int wWinMain(void *, void *, wide *, int);
IMPORT int _configure_wide_argv(int);
IMPORT int _initialize_wide_environment(void);
IMPORT wide *_get_wide_winmain_command_line(void);

void wWinMainCRTStartup(void) {
    _set_app_type(WINDOWED);
    if (_configure_wide_argv(ARGUMENTS_UNEXPANDED) || _initialize_wide_environment() || run_initializers())
        exit(CANNOT_START);
    exit(wWinMain(&__ImageBase, 0, _get_wide_winmain_command_line(), how_to_show()));
}

#else
#error "ENTRY_MAIN, ENTRY_WMAIN, ENTRY_WINMAIN or ENTRY_WWINMAIN says which entry point this is"
#endif
#endif
