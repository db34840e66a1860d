// The second link: text.Title@1 puts the text into large letters, which it has text.Upper@1 do, and stars around it.
#include "../chain.h"

static uint32_t apply(void *instance, const void *args, void *out, PolyplugCallArena *arena) {
    PolyplugStringView large;
    uint32_t code = polyplug_call(&((ChainLink *)instance)->needed, 0, args, &large, arena);
    return code != POLYPLUG_OK ? code : chain_join(arena, "*** ", large, " ***", out);
}

static const PolyplugFunction function = apply;

static uint32_t create(void *context, const PolyplugHostApi *host, PolyplugCallArena *arena, void **out) {
    (void)context;
    return chain_create(host, "text.Upper", arena, out);
}

POLYPLUG_EXPORT uint32_t polyplug_init(const PolyplugHostApi *host, const PolyplugBundleInitContext *context);
POLYPLUG_EXPORT uint32_t polyplug_init(const PolyplugHostApi *host, const PolyplugBundleInitContext *context) {
    (void)context;
    return chain_register(host, "text.Title", &function, create, chain_destroy);
}
