// The first link: text.Upper@1 makes ASCII letters large. It needs nobody, and its instances have no state.
#include "../chain.h"

static uint32_t apply(void *instance, const void *args, void *out, PolyplugCallArena *arena) {
    (void)instance;
    const PolyplugStringView *text = (const PolyplugStringView *)args;
    PolyplugStringView *result = (PolyplugStringView *)out;
    *result = polyplug_copy(arena, *text);
    if (result->len != text->len) {
        return POLYPLUG_OUT_OF_MEMORY;
    }
    uint8_t *byte = (uint8_t *)(uintptr_t)result->ptr;
    for (size_t index = 0; index < result->len; index++) {
        if (byte[index] >= 'a' && byte[index] <= 'z') {
            byte[index] = (uint8_t)(byte[index] - 'a' + 'A');
        }
    }
    return POLYPLUG_OK;
}

static const PolyplugFunction function = apply;

POLYPLUG_EXPORT uint32_t polyplug_init(const PolyplugHostApi *host, const PolyplugBundleInitContext *context);
POLYPLUG_EXPORT uint32_t polyplug_init(const PolyplugHostApi *host, const PolyplugBundleInitContext *context) {
    (void)context;
    return chain_register(host, "text.Upper", &function, NULL, NULL);
}
