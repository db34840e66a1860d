// The third link: text.Letter@1 is a letter whose head text.Title@1 makes.
#include "../chain.h"

static uint32_t apply(void *instance, const void *args, void *out, PolyplugCallArena *arena) {
    PolyplugStringView title;
    uint32_t code = polyplug_call(&((ChainLink *)instance)->needed, 0, args, &title, arena);
    return code != POLYPLUG_OK ? code : chain_join(arena, "", title, "\nYours,\nthe third bundle", out);
}

static const PolyplugFunction function = apply;

static uint32_t create(void *context, const PolyplugHostApi *host, PolyplugCallArena *arena, void **out) {
    (void)context;
    return chain_create(host, "text.Title", arena, out);
}

POLYPLUG_EXPORT uint32_t polyplug_init(const PolyplugHostApi *host, const PolyplugBundleInitContext *context);
POLYPLUG_EXPORT uint32_t polyplug_init(const PolyplugHostApi *host, const PolyplugBundleInitContext *context) {
    (void)context;
    return chain_register(host, "text.Letter", &function, create, chain_destroy);
}
