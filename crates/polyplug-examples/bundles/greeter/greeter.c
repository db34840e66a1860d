// A plugin in C, written by hand: it provides text.Greeter@1 with two functions.
//
//   0  greet(name: StringView) -> StringView
//   1  greeted() -> u64                          how often this instance greeted
#include <stdlib.h>

#include "polyplug_arena.h"

// The hot reload example builds another.
#ifndef GREETING
#define GREETING "Hello, "
#endif

// What an instance is. Functions may be called from several threads at once; this one counts with its compiler's atomics.
typedef struct Greeter {
    uint64_t greeted;
} Greeter;

static uint32_t greet(void *instance, const void *args, void *out, PolyplugCallArena *arena) {
    Greeter *greeter = (Greeter *)instance;
    const PolyplugStringView *name = (const PolyplugStringView *)args;
    if (name->len == 0) {
        return polyplug_fail(arena, POLYPLUG_INVALID_ARGUMENT, "whom shall I greet? The name is empty");
    }
    // What is given back lies in the caller's arena, so nobody has to be told when it is no longer needed.
    const size_t greeting = sizeof GREETING - 1;
    uint8_t *text = (uint8_t *)polyplug_alloc(arena, greeting + name->len, 1);
    if (!text) {
        return POLYPLUG_OUT_OF_MEMORY;
    }
    memcpy(text, GREETING, greeting);
    memcpy(text + greeting, name->ptr, name->len);
    __atomic_fetch_add(&greeter->greeted, 1, __ATOMIC_RELAXED);
    PolyplugStringView *result = (PolyplugStringView *)out;
    result->ptr = text;
    result->len = greeting + name->len;
    return POLYPLUG_OK;
}

static uint32_t greeted(void *instance, const void *args, void *out, PolyplugCallArena *arena) {
    (void)args;
    (void)arena;
    *(uint64_t *)out = __atomic_load_n(&((Greeter *)instance)->greeted, __ATOMIC_RELAXED);
    return POLYPLUG_OK;
}

static uint32_t create(void *context, const PolyplugHostApi *host, PolyplugCallArena *arena, void **out) {
    (void)context;
    (void)host;
    Greeter *greeter = (Greeter *)calloc(1, sizeof *greeter);
    if (!greeter) {
        return polyplug_fail(arena, POLYPLUG_OUT_OF_MEMORY, "no memory for a greeter");
    }
    *out = greeter;
    return POLYPLUG_OK;
}

static void destroy(void *context, void *instance) {
    (void)context;
    free(instance);
}

static const PolyplugFunction functions[] = {greet, greeted};

// Which ABI this was built for.
POLYPLUG_EXPORT uint32_t polyplug_abi_version(void);
POLYPLUG_EXPORT uint32_t polyplug_abi_version(void) {
    return POLYPLUG_ABI_VERSION;
}

// Called once, when the bundle is loaded: registers what it provides.
POLYPLUG_EXPORT uint32_t polyplug_init(const PolyplugHostApi *host, const PolyplugBundleInitContext *context);
POLYPLUG_EXPORT uint32_t polyplug_init(const PolyplugHostApi *host, const PolyplugBundleInitContext *context) {
    (void)context;
    PolyplugPluginDescriptor plugin;
    memset(&plugin, 0, sizeof plugin);
    plugin.name = polyplug_string("greeter");
    plugin.contract_name = polyplug_string("text.Greeter");
    plugin.version.major = 1;

    PolyplugGuestContractInterface contract;
    memset(&contract, 0, sizeof contract);
    contract.contract_id = polyplug_guest_contract_id("text.Greeter", 1);
    contract.version.major = 1;
    contract.dispatch = POLYPLUG_DISPATCH_KIND_NATIVE;
    contract.function_count = sizeof functions / sizeof functions[0];
    contract.functions = functions;
    contract.create = create;
    contract.destroy = destroy;
    return host->register_guest_contract(host, &plugin, &contract);
}
