// One addition, as a function of the contract bench.Adder@1 (0: add(a: u32, b: u32) -> u32) and as one that dlsym finds.
#include "polyplug_arena.h"

POLYPLUG_EXPORT uint32_t raw_add(uint32_t a, uint32_t b);
POLYPLUG_EXPORT uint32_t raw_add(uint32_t a, uint32_t b) {
    return a + b;
}

static uint32_t add(void *instance, const void *args, void *out, PolyplugCallArena *arena) {
    (void)instance;
    (void)arena;
    const uint32_t *numbers = (const uint32_t *)args;
    *(uint32_t *)out = numbers[0] + numbers[1];
    return POLYPLUG_OK;
}

static const PolyplugFunction functions[] = {add};

POLYPLUG_EXPORT uint32_t polyplug_init(const PolyplugHostApi *host, const PolyplugBundleInitContext *context);
POLYPLUG_EXPORT uint32_t polyplug_init(const PolyplugHostApi *host, const PolyplugBundleInitContext *context) {
    (void)context;
    PolyplugPluginDescriptor plugin;
    memset(&plugin, 0, sizeof plugin);
    plugin.name = polyplug_string("adder");
    plugin.contract_name = polyplug_string("bench.Adder");
    PolyplugGuestContractInterface contract;
    memset(&contract, 0, sizeof contract);
    contract.contract_id = polyplug_guest_contract_id("bench.Adder", 1);
    contract.version.major = 1;
    contract.dispatch = POLYPLUG_DISPATCH_KIND_NATIVE;
    contract.function_count = 1;
    contract.functions = functions;
    return host->register_guest_contract(host, &plugin, &contract);
}
