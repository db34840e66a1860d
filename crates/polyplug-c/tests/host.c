// Uses everything of polyplug_runtime.h; ends with 0 if it does what it says. FOLDER has the bundle of plugin.c, and
// BROKEN a bundle that depends on what nobody provides. Also compiled as C++.
#include <stdio.h>
#include <stdlib.h>

#include "polyplug_arena.h"
#include "polyplug_runtime.h"

#define CHECK(condition)                                                    \
    do {                                                                    \
        if (!(condition)) {                                                 \
            fprintf(stderr, "line %d: not so: %s\n", __LINE__, #condition); \
            exit(1);                                                        \
        }                                                                   \
    } while (0)

static PolyplugRuntimeError error;

static void what_cannot_be_is_refused_with_words(void) {
    PolyplugRuntimeOptions options;
    CHECK(polyplug_runtime_options_init(NULL, sizeof options) == POLYPLUG_INVALID_POINTER);
    CHECK(polyplug_runtime_options_init(&options, 8) == POLYPLUG_INVALID_ARGUMENT);
    CHECK(polyplug_runtime_options_init(&options, sizeof options) == POLYPLUG_OK);
    CHECK(!polyplug_runtime_create(NULL, &error) && error.code == POLYPLUG_INVALID_POINTER);
    CHECK(!polyplug_runtime_create(NULL, NULL));
    options.size = 0;
    CHECK(!polyplug_runtime_create(&options, &error) && error.code == POLYPLUG_INVALID_ARGUMENT);
    CHECK(strstr(error.message, "polyplug_runtime_options_init"));
    CHECK(strlen(error.message) == error.message_len);
    CHECK(polyplug_runtime_destroy(NULL) == POLYPLUG_INVALID_POINTER);
    CHECK(polyplug_runtime_destroy((const PolyplugHostApi *)(const void *)&options) == POLYPLUG_INVALID_POINTER);
}

static void bundles_that_do_not_fit_together_are_told(const char *folder, uint32_t code, const char *words) {
    PolyplugRuntimeOptions options;
    PolyplugStringView view = polyplug_string(folder);
    CHECK(polyplug_runtime_options_init(&options, sizeof options) == POLYPLUG_OK);
    options.plugin_folders = &view;
    options.plugin_folder_count = 1;
    CHECK(!polyplug_runtime_create(&options, &error));
    if (error.code != code || !strstr(error.message, words)) {
        fprintf(stderr, "%u: %s\n", (unsigned)error.code, error.message);
        exit(1);
    }
}

static uint32_t add(void *instance, const void *args, void *out, PolyplugCallArena *arena) {
    (void)instance;
    (void)arena;
    const uint32_t *numbers = (const uint32_t *)args;
    *(uint32_t *)out = numbers[0] + numbers[1];
    return POLYPLUG_OK;
}

static void on_reload(void *user_data, const PolyplugReloadPhase *phase) {
    CHECK(phase->bundle_id == polyplug_bundle_id("sum"));
    CHECK(polyplug_string_equal(phase->bundle_name, polyplug_string("sum")));
    *(unsigned *)user_data |= 1u << (unsigned)phase->phase_type;
}

static uint32_t summed(const PolyplugHostApi *host) {
    PolyplugGuestContractHandle handle;
    PolyplugGuestInstance sum;
    CHECK(host->find_guest_contract(host, polyplug_guest_contract_id("test.Sum", 1), 0, &handle) == POLYPLUG_OK);
    CHECK(host->create_guest_instance(host, handle, &sum) == POLYPLUG_OK);
    uint32_t numbers[2] = {40, 2};
    uint32_t result = 0;
    CHECK(polyplug_call(&sum, 0, numbers, &result, NULL) == POLYPLUG_OK);
    CHECK(host->destroy_guest_instance(host, &sum) == POLYPLUG_OK);
    return result;
}

static void two_runtimes_have_bundles_that_call_the_host_and_are_reloaded(const char *folder) {
    static const PolyplugFunction functions[] = {add};
    PolyplugHostContractInterface adder;
    memset(&adder, 0, sizeof adder);
    adder.contract_id = polyplug_host_contract_id("host.Adder", 1);
    adder.version.major = 1;
    adder.dispatch = POLYPLUG_DISPATCH_KIND_NATIVE;
    adder.function_count = 1;
    adder.functions = functions;
    PolyplugProvidedContract provided;
    provided.name = polyplug_string("host.Adder");
    provided.interface = &adder;

    unsigned phases = 0;
    PolyplugStringView view = polyplug_string(folder);
    PolyplugRuntimeOptions options;
    CHECK(polyplug_runtime_options_init(&options, sizeof options) == POLYPLUG_OK);
    options.plugin_folders = &view;
    options.plugin_folder_count = 1;
    options.host_contracts = &provided;
    options.host_contract_count = 1;
    options.config.hot_reload_enabled = 1;
    options.config.on_reload_user_data = &phases;
    options.on_reload = on_reload;
    const PolyplugHostApi *host = polyplug_runtime_create(&options, &error);
    const PolyplugHostApi *other = polyplug_runtime_create(&options, NULL);
    CHECK(host && other && host != other);
    CHECK(summed(host) == 42);
    CHECK(host->reload_bundle(host, polyplug_bundle_id("sum")) == POLYPLUG_OK);
    CHECK(phases == (1u << POLYPLUG_RELOAD_PHASE_TYPE_PREPARING | 1u << POLYPLUG_RELOAD_PHASE_TYPE_RELOADED));
    CHECK(polyplug_runtime_destroy(other) == POLYPLUG_OK);
    CHECK(polyplug_runtime_destroy(other) == POLYPLUG_INVALID_POINTER);
    CHECK(summed(host) == 42);
    CHECK(polyplug_runtime_destroy(host) == POLYPLUG_OK);
}

int main(int count, char **arguments) {
    CHECK(count == 3);
    what_cannot_be_is_refused_with_words();
    bundles_that_do_not_fit_together_are_told(arguments[2], POLYPLUG_MISSING_CAPABILITY, "test.Nobody");
    two_runtimes_have_bundles_that_call_the_host_and_are_reloaded(arguments[1]);
    return 0;
}
