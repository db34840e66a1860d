// The plugin `greeter` in C.

#include <ctype.h>

#include "guest.h"

// What every function gets first: the runtime's functions, with which the journal is found.
static uint32_t create(const PolyplugHostApi *host, void **self, PolyplugCallArena *arena) {
    (void)arena;
    *self = (void *)(uintptr_t)host;
    return POLYPLUG_OK;
}

// `prefix`, `name` and `suffix` in the arena, which is the caller's: nobody has to free it.
static PolyplugStringView joined(PolyplugCallArena *arena, const char *prefix, PolyplugStringView name, const char *suffix) {
    size_t before = strlen(prefix), behind = strlen(suffix);
    PolyplugStringView result = {NULL, 0};
    uint8_t *start = (uint8_t *)polyplug_alloc(arena, before + name.len + behind, 1);
    if (start) {
        memcpy(start, prefix, before);
        memcpy(start + before, name.ptr, name.len);
        memcpy(start + before + name.len, suffix, behind);
        result.ptr = start;
        result.len = before + name.len + behind;
    }
    return result;
}

static uint32_t greet(void *self, PolyplugStringView name, const Style *style, PolyplugStringView *result,
                      PolyplugCallArena *arena) {
    PolyplugStringView once = polyplug_copy(arena, name), line = {NULL, 0};
    uint8_t times;
    size_t index;
    (void)self;
    if (name.len == 0) {
        return polyplug_fail(arena, 300, "whom shall I greet?");
    }
    if (style->tone == Tone_Loud) {
        for (index = 0; index < once.len; index++) {
            ((uint8_t *)(uintptr_t)once.ptr)[index] = (uint8_t)toupper(once.ptr[index]);
        }
    }
    for (times = 0; times < style->times; times++) {
        PolyplugStringView greeting =
            style->tone == Tone_Loud ? joined(arena, "HELLO, ", once, "!") : joined(arena, "Hello, ", once, ".");
        uint8_t *start = (uint8_t *)polyplug_alloc(arena, line.len + 1 + greeting.len, 1);
        if (!greeting.ptr || !start) {
            return polyplug_fail(arena, POLYPLUG_OUT_OF_MEMORY, "there is no room in the arena");
        }
        if (times > 0) {
            memcpy(start, line.ptr, line.len);
            start[line.len++] = ' ';
        }
        memcpy(start + line.len, greeting.ptr, greeting.len);
        line.ptr = start;
        line.len += greeting.len;
    }
    *result = line;
    return POLYPLUG_OK;
}

static uint32_t greet_all(void *self, PolyplugArrayView names, PolyplugArrayView *result, PolyplugCallArena *arena) {
    static const Style plain = {Tone_Plain, 1};
    const PolyplugStringView *name = (const PolyplugStringView *)names.items;
    PolyplugStringView *greetings =
        (PolyplugStringView *)polyplug_alloc(arena, names.len * sizeof *greetings, POLYPLUG_ALIGNOF(PolyplugStringView));
    JournalCaller journal;
    size_t index;
    uint32_t code = JournalCaller_open(&journal, (const PolyplugHostApi *)self, arena);
    if (code == POLYPLUG_OK && !greetings && names.len > 0) {
        code = polyplug_fail(arena, POLYPLUG_OUT_OF_MEMORY, "there is no room in the arena");
    }
    for (index = 0; code == POLYPLUG_OK && index < names.len; index++) {
        code = Journal_write(&journal, joined(arena, "greeted ", name[index], ""), arena);
        if (code == POLYPLUG_OK) {
            code = greet(self, name[index], &plain, &greetings[index], arena);
        }
    }
    JournalCaller_close(&journal);
    result->items = greetings;
    result->len = names.len;
    return code;
}

static const GreeterFunctions greeter = {create, NULL, greet, greet_all};

POLYPLUG_BUNDLE(&greeter);
