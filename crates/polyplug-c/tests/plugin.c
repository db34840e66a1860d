// Provides test.Sum@1 (0: sum(a: u32, b: u32) -> u32), which has the host's host.Adder@1 add; the manifest says so.
#include "polyplug_arena.h"

static const PolyplugHostContractInterface *adder;

static uint32_t sum(void *instance, const void *args, void *out, PolyplugCallArena *arena) {
    (void)instance;
    return polyplug_call_contract(adder, adder->context, 0, args, out, arena);
}

static const PolyplugFunction functions[] = {sum};

POLYPLUG_EXPORT uint32_t polyplug_init(const PolyplugHostApi *host, const PolyplugBundleInitContext *context);
POLYPLUG_EXPORT uint32_t polyplug_init(const PolyplugHostApi *host, const PolyplugBundleInitContext *context) {
    (void)context;
    PolyplugHostContractHandle handle;
    uint32_t code = host->get_host_contract(host, polyplug_host_contract_id("host.Adder", 1), 0, &handle);
    if (code == POLYPLUG_OK) {
        code = host->resolve_host_contract_interface(host, handle, &adder);
    }
    if (code != POLYPLUG_OK) {
        return code;
    }
    PolyplugPluginDescriptor plugin;
    memset(&plugin, 0, sizeof plugin);
    plugin.name = polyplug_string("sum");
    plugin.contract_name = polyplug_string("test.Sum");
    PolyplugGuestContractInterface contract;
    memset(&contract, 0, sizeof contract);
    contract.contract_id = polyplug_guest_contract_id("test.Sum", 1);
    contract.version.major = 1;
    contract.dispatch = POLYPLUG_DISPATCH_KIND_NATIVE;
    contract.function_count = 1;
    contract.functions = functions;
    return host->register_guest_contract(host, &plugin, &contract);
}
