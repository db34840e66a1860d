// Uses everything of polyplug_arena.h; ends with 0 if it does what it says. Also compiled as C++.
#include <stdio.h>
#include <stdlib.h>

#include "polyplug_arena.h"

#define CHECK(condition)                                                   \
    do {                                                                   \
        if (!(condition)) {                                                \
            fprintf(stderr, "line %d: not so: %s\n", __LINE__, #condition); \
            exit(1);                                                       \
        }                                                                  \
    } while (0)

static size_t allocated;
static const char *last_error = "it broke";

static uint8_t *host_alloc(const PolyplugHostApi *host, size_t size, size_t align) {
    (void)host;
    CHECK(align == 16 && size < 100000000);
    allocated += size;
    return (uint8_t *)malloc(size);
}

static uint32_t host_free(const PolyplugHostApi *host, uint8_t *ptr, size_t size, size_t align) {
    (void)host;
    CHECK(align == 16);
    allocated -= size;
    free(ptr);
    return POLYPLUG_OK;
}

static size_t host_error_len(const PolyplugHostApi *host) {
    (void)host;
    return strlen(last_error);
}

static uint32_t host_last_error(const PolyplugHostApi *host, uint8_t *buffer, size_t capacity, size_t *written) {
    (void)host;
    *written = strlen(last_error);
    CHECK(capacity == *written);
    memcpy(buffer, last_error, *written);
    return POLYPLUG_OK;
}

static uint32_t twice(void *instance, const void *args, void *out, PolyplugCallArena *arena) {
    (void)instance;
    (void)arena;
    *(uint32_t *)out = *(const uint32_t *)args * 2;
    return POLYPLUG_OK;
}

static uint32_t call_thrice(void *context, uint32_t function, void *instance, const void *args, void *out,
                            PolyplugCallArena *arena) {
    (void)instance;
    CHECK(function == 1 && *(int *)context == 7);
    if (*(const uint32_t *)args == 0) {
        return polyplug_fail(arena, 256, "zero is not enough");
    }
    *(uint32_t *)out = *(const uint32_t *)args * 3;
    return POLYPLUG_OK;
}

static void a_buffer_is_used_to_its_last_byte_and_no_further(void) {
    // On the heap, where valgrind sees its end.
    uint8_t *buffer = (uint8_t *)malloc(64);
    PolyplugArena arena;
    polyplug_arena_init(&arena, NULL, buffer, 64);
    CHECK(polyplug_alloc(&arena.call, 1, 1) == buffer);
    uint64_t *number = (uint64_t *)polyplug_alloc(&arena.call, 8, 8);
    CHECK((uint8_t *)number == buffer + 8);
    *number = 1;
    CHECK(polyplug_alloc(&arena.call, 48, 16) == buffer + 16);
    memset(buffer + 16, 1, 48);
    CHECK(!polyplug_alloc(&arena.call, 1, 1));
    CHECK(polyplug_copy(&arena.call, polyplug_string("x")).len == 0);
    polyplug_arena_reset(&arena);
    CHECK(polyplug_string_equal(polyplug_copy(&arena.call, polyplug_string("abc")), polyplug_string("abc")));
    CHECK(polyplug_copy(&arena.call, polyplug_string(NULL)).len == 0);
    CHECK(!polyplug_alloc(&arena.call, 0, 1));
    CHECK(!polyplug_alloc(&arena.call, 1, 3));
    CHECK(!polyplug_alloc(&arena.call, 1, 0));
    CHECK(!polyplug_alloc(&arena.call, SIZE_MAX, 1));
    CHECK(!polyplug_alloc(NULL, 1, 1));
    polyplug_arena_free(&arena);
    free(buffer);
}

static void it_grows_from_the_host_and_gives_everything_back(const PolyplugHostApi *host) {
    uint8_t buffer[32];
    PolyplugArena arena;
    polyplug_arena_init(&arena, host, buffer, sizeof buffer);
    memset(polyplug_alloc(&arena.call, 32, 1), 1, 32);
    CHECK(allocated == 0);
    for (size_t size = 1; size < 3000000; size = size * 3 + 1) {
        for (size_t align = 1; align <= 4096; align *= 2) {
            uint8_t *start = (uint8_t *)polyplug_alloc(&arena.call, size, align);
            CHECK(start && ((uintptr_t)start & (align - 1)) == 0);
            memset(start, 1, size);
        }
    }
    CHECK(!polyplug_alloc(&arena.call, SIZE_MAX, 1));
    CHECK(!polyplug_alloc(&arena.call, SIZE_MAX / 2, 4096));
    polyplug_arena_reset(&arena);
    size_t kept = allocated;
    CHECK(kept > 0 && arena.chunks && !arena.chunks->next);
    memset(polyplug_alloc(&arena.call, 4000, 1), 1, 4000);
    CHECK(allocated == kept);
    CHECK(polyplug_string_equal(polyplug_last_error(host, &arena.call), polyplug_string("it broke")));
    last_error = "";
    CHECK(polyplug_last_error(host, &arena.call).len == 0);
    polyplug_arena_free(&arena);
    CHECK(allocated == 0);
}

static void calls_reach_both_kinds_of_contracts(const PolyplugHostApi *host) {
    PolyplugArena arena;
    polyplug_arena_init(&arena, host, NULL, 0);
    PolyplugFunction functions[1] = {twice};
    int seven = 7;
    PolyplugContractInterface contract;
    memset(&contract, 0, sizeof contract);
    contract.dispatch = POLYPLUG_DISPATCH_KIND_NATIVE;
    contract.function_count = 1;
    contract.functions = functions;
    PolyplugGuestInstance guest;
    memset(&guest, 0, sizeof guest);
    guest.interface = &contract;
    uint32_t number = 21;
    uint32_t result = 0;
    CHECK(polyplug_call(&guest, 0, &number, &result, NULL) == POLYPLUG_OK && result == 42);
    CHECK(polyplug_call(&guest, 1, &number, &result, NULL) == POLYPLUG_FUNCTION_NOT_AVAILABLE);
    CHECK(polyplug_call(&guest, 1, &number, &result, &arena.call) == POLYPLUG_FUNCTION_NOT_AVAILABLE);
    CHECK(arena.call.message.len > 0);
    contract.dispatch = POLYPLUG_DISPATCH_KIND_VM;
    contract.function_count = 2;
    contract.functions = NULL;
    contract.call = call_thrice;
    contract.context = &seven;
    CHECK(polyplug_call(&guest, 1, &number, &result, &arena.call) == POLYPLUG_OK && result == 63);
    number = 0;
    CHECK(polyplug_call(&guest, 1, &number, &result, &arena.call) == 256);
    CHECK(polyplug_string_equal(arena.call.message, polyplug_string("zero is not enough")));
    polyplug_arena_free(&arena);
}

int main(void) {
    PolyplugHostApi host;
    memset(&host, 0, sizeof host);
    host.alloc = host_alloc;
    host.free = host_free;
    host.get_error_len = host_error_len;
    host.get_last_error = host_last_error;
    a_buffer_is_used_to_its_last_byte_and_no_further();
    it_grows_from_the_host_and_gives_everything_back(&host);
    calls_reach_both_kinds_of_contracts(&host);
    CHECK(polyplug_packed_version(1, 3) == 0x10003);
    return 0;
}
