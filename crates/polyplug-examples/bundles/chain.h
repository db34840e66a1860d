// What the three bundles of the chain have in common: each provides one contract with one function,
//
//   0  apply(text: StringView) -> StringView
//
// and the second and third call the one before them.
#ifndef CHAIN_H
#define CHAIN_H

#include <stdlib.h>

#include "polyplug_arena.h"

// Registers `name`@1.0 with one function.
static inline uint32_t chain_register(const PolyplugHostApi *host, const char *name, const PolyplugFunction *function,
                                      PolyplugCreateInstance create, PolyplugDestroyInstance destroy) {
    PolyplugPluginDescriptor plugin;
    memset(&plugin, 0, sizeof plugin);
    plugin.name = polyplug_string(name);
    plugin.contract_name = polyplug_string(name);
    plugin.version.major = 1;

    PolyplugGuestContractInterface contract;
    memset(&contract, 0, sizeof contract);
    contract.contract_id = polyplug_guest_contract_id(name, 1);
    contract.version.major = 1;
    contract.dispatch = POLYPLUG_DISPATCH_KIND_NATIVE;
    contract.function_count = 1;
    contract.functions = function;
    contract.create = create;
    contract.destroy = destroy;
    return host->register_guest_contract(host, &plugin, &contract);
}

// An instance of this bundle that uses one of another bundle, for as long as it is there itself.
typedef struct ChainLink {
    const PolyplugHostApi *host;
    PolyplugGuestInstance needed;
} ChainLink;

// Makes a link that uses the first provider of `name`@1, which the manifest has to declare.
static inline uint32_t chain_create(const PolyplugHostApi *host, const char *name, PolyplugCallArena *arena, void **out) {
    PolyplugGuestContractHandle handle;
    ChainLink *link = (ChainLink *)calloc(1, sizeof *link);
    if (!link) {
        return polyplug_fail(arena, POLYPLUG_OUT_OF_MEMORY, "no memory for a link of the chain");
    }
    link->host = host;
    uint32_t code = host->find_guest_contract(host, polyplug_guest_contract_id(name, 1), 0, &handle);
    if (code == POLYPLUG_OK) {
        code = host->create_guest_instance(host, handle, &link->needed);
    }
    if (code != POLYPLUG_OK) {
        arena->message = polyplug_last_error(host, arena);
        free(link);
        return code;
    }
    *out = link;
    return POLYPLUG_OK;
}

static inline void chain_destroy(void *context, void *instance) {
    (void)context;
    ChainLink *link = (ChainLink *)instance;
    link->host->destroy_guest_instance(link->host, &link->needed);
    free(link);
}

// Writes `before`, `text` and `after` into the arena.
static inline uint32_t chain_join(PolyplugCallArena *arena, const char *before, PolyplugStringView text, const char *after,
                                  void *out) {
    size_t first = strlen(before);
    size_t last = strlen(after);
    uint8_t *joined = (uint8_t *)polyplug_alloc(arena, first + text.len + last, 1);
    if (!joined) {
        return POLYPLUG_OUT_OF_MEMORY;
    }
    memcpy(joined, before, first);
    if (text.len > 0) {
        memcpy(joined + first, text.ptr, text.len);
    }
    memcpy(joined + first + text.len, after, last);
    PolyplugStringView *result = (PolyplugStringView *)out;
    result->ptr = joined;
    result->len = first + text.len + last;
    return POLYPLUG_OK;
}

#endif
