// What every host and plugin in C or C++ would otherwise write for itself: identities, strings, arenas, calls. Nothing to
// link: all of it is inline. Beside polyplug.h, and written by hand. C99 and C++11 on.

#ifndef POLYPLUG_ARENA_H
#define POLYPLUG_ARENA_H

#include <string.h>

#include "polyplug.h"

#if defined(_WIN32)
// A macro of Windows' COM headers.
#pragma push_macro("interface")
#undef interface
#endif

#ifdef __cplusplus
extern "C" {
#endif

// ---- identities ----

// 64-bit FNV-1a of `len` bytes, continuing `hash`, which is POLYPLUG_FNV_OFFSET_BASIS at first.
#define POLYPLUG_FNV_OFFSET_BASIS UINT64_C(0xcbf29ce484222325)
static inline uint64_t polyplug_fnv1a_64(uint64_t hash, const void *bytes, size_t len) {
    const uint8_t *byte = (const uint8_t *)bytes;
    for (size_t index = 0; index < len; index++) {
        hash = (hash ^ byte[index]) * UINT64_C(0x100000001b3);
    }
    return hash;
}

// The id of a bundle.
static inline uint64_t polyplug_bundle_id(const char *name) {
    return polyplug_fnv1a_64(POLYPLUG_FNV_OFFSET_BASIS, name, strlen(name));
}

// The hash of `<kind>:<name>@<major>`.
static inline uint64_t polyplug_contract_id(const char *kind, const char *name, uint16_t major) {
    char digits[5];
    size_t first = sizeof digits;
    unsigned rest = major;
    do {
        digits[--first] = (char)('0' + rest % 10);
        rest /= 10;
    } while (rest > 0);
    uint64_t hash = polyplug_fnv1a_64(POLYPLUG_FNV_OFFSET_BASIS, kind, strlen(kind));
    hash = polyplug_fnv1a_64(hash, ":", 1);
    hash = polyplug_fnv1a_64(hash, name, strlen(name));
    hash = polyplug_fnv1a_64(hash, "@", 1);
    return polyplug_fnv1a_64(hash, digits + first, sizeof digits - first);
}

// The id of a guest contract: what plugins provide.
static inline uint64_t polyplug_guest_contract_id(const char *name, uint16_t major) {
    return polyplug_contract_id("guest_contract", name, major);
}

// The id of a host contract: what the host provides to plugins.
static inline uint64_t polyplug_host_contract_id(const char *name, uint16_t major) {
    return polyplug_contract_id("host_contract", name, major);
}

// Major and minor in one number, as `min_version` arguments have them. 0 means any.
static inline uint32_t polyplug_packed_version(uint16_t major, uint16_t minor) {
    return (uint32_t)major << 16 | minor;
}

// ---- strings ----

// A view of a zero-terminated string, which has to outlive it. Null gives the empty view.
static inline PolyplugStringView polyplug_string(const char *text) {
    PolyplugStringView view;
    view.ptr = (const uint8_t *)text;
    view.len = text ? strlen(text) : 0;
    return view;
}

// Whether two views have the same bytes.
static inline int polyplug_string_equal(PolyplugStringView left, PolyplugStringView right) {
    return left.len == right.len && (left.len == 0 || memcmp(left.ptr, right.ptr, left.len) == 0);
}

// ---- in an arena, for whoever is called ----

// Takes `size` bytes at an alignment of `align` out of it; they are not initialised. Null if `align` is no power of two,
// `size` is 0, `arena` is null, or there is no room.
static inline void *polyplug_alloc(PolyplugCallArena *arena, size_t size, size_t align) {
    if (!arena || size == 0 || align == 0 || (align & (align - 1)) != 0) {
        return NULL;
    }
    if (arena->position) {
        size_t skipped = (size_t)(0 - (uintptr_t)arena->position) & (align - 1);
        size_t room = (size_t)(arena->end - arena->position);
        if (skipped <= room && size <= room - skipped) {
            uint8_t *start = arena->position + skipped;
            arena->position = start + size;
            return start;
        }
    }
    return arena->grow ? arena->grow(arena, size, align) : NULL;
}

// Copies a view's bytes into the arena; the empty view if there is no room.
static inline PolyplugStringView polyplug_copy(PolyplugCallArena *arena, PolyplugStringView text) {
    PolyplugStringView copy;
    copy.ptr = NULL;
    copy.len = 0;
    if (text.len > 0) {
        uint8_t *start = (uint8_t *)polyplug_alloc(arena, text.len, 1);
        if (start) {
            memcpy(start, text.ptr, text.len);
            copy.ptr = start;
            copy.len = text.len;
        }
    }
    return copy;
}

// Copies `message` into the arena as the reason of a failure, and returns `code`: `return polyplug_fail(arena, …);`.
static inline uint32_t polyplug_fail(PolyplugCallArena *arena, uint32_t code, const char *message) {
    if (arena) {
        arena->message = polyplug_copy(arena, polyplug_string(message));
    }
    return code;
}

// ---- an arena, for whoever calls ----

// What one call of `alloc` got; its bytes follow.
typedef struct PolyplugArenaChunk {
    struct PolyplugArenaChunk *next;
    size_t size; // with this header
} PolyplugArenaChunk;

#define POLYPLUG_ARENA_FIRST_CHUNK ((size_t)4096)
#define POLYPLUG_ARENA_LARGEST_STEP ((size_t)1 << 20)
#define POLYPLUG_ARENA_CHUNK_ALIGN ((size_t)16)

// An arena over a buffer of the caller's, over memory of the runtime, or over both: the buffer first. Hand `&arena.call`
// to what is called. Neither copied nor moved after polyplug_arena_init: `call` points into it.
typedef struct PolyplugArena {
    PolyplugCallArena call;
    const PolyplugHostApi *host;
    PolyplugArenaChunk *chunks; // the newest first
    uint8_t *buffer;
    size_t buffer_size;
} PolyplugArena;

static inline void polyplug_arena_use_buffer(PolyplugArena *arena) {
    arena->call.position = arena->buffer;
    arena->call.end = arena->buffer ? arena->buffer + arena->buffer_size : NULL;
    arena->call.message.ptr = NULL;
    arena->call.message.len = 0;
}

static inline uint8_t *polyplug_arena_grow(PolyplugCallArena *call, size_t size, size_t align) {
    PolyplugArena *arena = (PolyplugArena *)call->owner;
    if (!arena->host || align == 0 || (align & (align - 1)) != 0) {
        return NULL;
    }
    // Behind the header, at worst `align - 1` bytes are skipped.
    const size_t limit = SIZE_MAX / 4;
    if (size > limit || align > limit) {
        return NULL;
    }
    size_t wanted = sizeof(PolyplugArenaChunk) + size + align;
    size_t step = POLYPLUG_ARENA_FIRST_CHUNK;
    if (arena->chunks) {
        step = arena->chunks->size;
        step = step < POLYPLUG_ARENA_LARGEST_STEP / 2 ? step * 2 : POLYPLUG_ARENA_LARGEST_STEP;
    }
    wanted = wanted < step ? step : wanted;
    void *memory = arena->host->alloc(arena->host, wanted, POLYPLUG_ARENA_CHUNK_ALIGN);
    if (!memory) {
        return NULL;
    }
    PolyplugArenaChunk *chunk = (PolyplugArenaChunk *)memory;
    chunk->next = arena->chunks;
    chunk->size = wanted;
    arena->chunks = chunk;
    call->position = (uint8_t *)memory + sizeof(PolyplugArenaChunk);
    call->end = (uint8_t *)memory + wanted;
    return (uint8_t *)polyplug_alloc(call, size, align);
}

// `host` is where more room comes from; null: there is no more than the buffer. `buffer` may be null with a `size` of 0.
static inline void polyplug_arena_init(PolyplugArena *arena, const PolyplugHostApi *host, void *buffer, size_t size) {
    arena->call.grow = polyplug_arena_grow;
    arena->call.owner = arena;
    arena->host = host;
    arena->chunks = NULL;
    arena->buffer = (uint8_t *)buffer;
    arena->buffer_size = buffer ? size : 0;
    polyplug_arena_use_buffer(arena);
}

static inline void polyplug_arena_free_chunks(PolyplugArena *arena, PolyplugArenaChunk *chunk) {
    while (chunk) {
        PolyplugArenaChunk *next = chunk->next;
        arena->host->free(arena->host, (uint8_t *)chunk, chunk->size, POLYPLUG_ARENA_CHUNK_ALIGN);
        chunk = next;
    }
}

// Empties it: what was in it is gone. Its newest chunk, the largest as a rule, is kept for what comes.
static inline void polyplug_arena_reset(PolyplugArena *arena) {
    polyplug_arena_use_buffer(arena);
    if (arena->chunks) {
        polyplug_arena_free_chunks(arena, arena->chunks->next);
        arena->chunks->next = NULL;
        arena->call.position = (uint8_t *)arena->chunks + sizeof(PolyplugArenaChunk);
        arena->call.end = (uint8_t *)arena->chunks + arena->chunks->size;
    }
}

// Gives everything back. Only polyplug_arena_init makes it usable again.
static inline void polyplug_arena_free(PolyplugArena *arena) {
    polyplug_arena_free_chunks(arena, arena->chunks);
    memset(arena, 0, sizeof *arena);
}

// ---- calls ----

// Calls function `function` of a contract, however it is reached.
static inline uint32_t polyplug_call_contract(const PolyplugContractInterface *contract, void *instance, uint32_t function,
                                              const void *args, void *out, PolyplugCallArena *arena) {
    if (function >= contract->function_count) {
        return polyplug_fail(arena, POLYPLUG_FUNCTION_NOT_AVAILABLE, "the contract has no function with this number");
    }
    if (contract->dispatch == POLYPLUG_DISPATCH_KIND_NATIVE) {
        return contract->functions[function](instance, args, out, arena);
    }
    return contract->call(contract->context, function, instance, args, out, arena);
}

// Calls function `function` of an instance, however it is reached.
static inline uint32_t polyplug_call(const PolyplugGuestInstance *guest, uint32_t function, const void *args, void *out,
                                     PolyplugCallArena *arena) {
    return polyplug_call_contract(guest->interface, guest->instance, function, args, out, arena);
}

// Takes the runtime's last error into the arena; empty if there is none, or no room for it.
static inline PolyplugStringView polyplug_last_error(const PolyplugHostApi *host, PolyplugCallArena *arena) {
    PolyplugStringView text;
    text.ptr = NULL;
    text.len = 0;
    size_t len = host->get_error_len(host);
    uint8_t *buffer = (uint8_t *)polyplug_alloc(arena, len, 1);
    size_t written = 0;
    // Another thread may have failed meanwhile, with more words: then those are left for the next who asks.
    if (buffer && host->get_last_error(host, buffer, len, &written) == POLYPLUG_OK) {
        text.ptr = buffer;
        text.len = written;
    }
    return text;
}

#ifdef __cplusplus
} // extern "C"
#endif

#if defined(_WIN32)
#pragma pop_macro("interface")
#endif

#endif // POLYPLUG_ARENA_H
