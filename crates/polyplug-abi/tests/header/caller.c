// A caller whose instance, when it ends, calls that caller again: with a host that counts what it is asked for.

#include <stdlib.h>
#include <string.h>

#include "polyplug_bindings.h"

#define EXPECT(condition) ((condition) ? (void)0 : exit(__LINE__))

static uint64_t revision;
static PolyplugContractInterface contracts[2];
static int made, ended[8];
static PolyplugCaller caller;

static uint32_t nothing(void *instance, const void *args, void *out, PolyplugCallArena *arena) {
    (void)instance, (void)args, (void)out, (void)arena;
    return POLYPLUG_OK;
}
static const PolyplugFunction functions[] = {nothing};

static uint32_t find(const PolyplugHostApi *host, uint64_t id, uint32_t least, PolyplugGuestContractHandle *out) {
    (void)host, (void)id, (void)least;
    memset(out, 0, sizeof *out);
    return POLYPLUG_OK;
}

// After the reload the second serves.
static uint32_t resolve(const PolyplugHostApi *host, PolyplugGuestContractHandle handle,
                        const PolyplugContractInterface **out) {
    (void)host, (void)handle;
    *out = &contracts[revision ? 1 : 0];
    return POLYPLUG_OK;
}

static uint32_t create(const PolyplugHostApi *host, PolyplugGuestContractHandle handle, PolyplugGuestInstance *out) {
    memset(out, 0, sizeof *out);
    (void)resolve(host, handle, &out->interface);
    out->instance = &ended[made++];
    return POLYPLUG_OK;
}

static uint32_t destroy(const PolyplugHostApi *host, const PolyplugGuestInstance *instance) {
    int *times = (int *)instance->instance;
    (void)host;
    EXPECT(++*times == 1);
    // The first two call while they end: the second is one that was made while the first ended.
    if (times == &ended[0] || times == &ended[1]) {
        EXPECT(polyplug_caller_call(&caller, 0, NULL, NULL, NULL) == POLYPLUG_OK);
    }
    return POLYPLUG_OK;
}

static const uint64_t *counter(const PolyplugHostApi *host) {
    (void)host;
    return &revision;
}

int main(void) {
    PolyplugHostApi host;
    memset(&host, 0, sizeof host);
    host.find_guest_contract = find;
    host.resolve_guest_contract = resolve;
    host.create_guest_instance = create;
    host.destroy_guest_instance = destroy;
    host.revision_counter = counter;
    contracts[0] = polyplug_interface(1, polyplug_version(1, 0, 0), functions, 1, NULL);
    contracts[1] = contracts[0];
    EXPECT(polyplug_caller_open(&caller, &host, 1, 0, NULL) == POLYPLUG_OK);
    revision++;
    EXPECT(polyplug_caller_call(&caller, 0, NULL, NULL, NULL) == POLYPLUG_OK);
    EXPECT(made > 2 && ended[0] == 1 && ended[1] == 1);
    polyplug_caller_close(&caller);
    for (int i = 0; i < made; i++) {
        EXPECT(ended[i] == 1);
    }
    return 0;
}
