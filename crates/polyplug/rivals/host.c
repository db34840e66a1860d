// The calls of src/call.rs, made by a host in C.
//
//   host contract|pointer COUNT FOLDER     FOLDER/adder is the bundle with plugin.c
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>

#include "polyplug_arena.h"
#include "polyplug_runtime.h"

static uint32_t through_contract(uint64_t count, const char *folder) {
    PolyplugStringView path = polyplug_string(folder);
    PolyplugRuntimeOptions options;
    PolyplugRuntimeError error;
    polyplug_runtime_options_init(&options, sizeof options);
    options.plugin_folders = &path;
    options.plugin_folder_count = 1;
    const PolyplugHostApi *host = polyplug_runtime_create(&options, &error);
    if (!host) {
        fprintf(stderr, "%s\n", error.message);
        exit(1);
    }
    PolyplugGuestContractHandle handle;
    PolyplugGuestInstance adder;
    if (host->find_guest_contract(host, polyplug_guest_contract_id("bench.Adder", 1), 0, &handle) != POLYPLUG_OK ||
        host->create_guest_instance(host, handle, &adder) != POLYPLUG_OK) {
        exit(1);
    }
    // Callers that keep what they found look whether something was loaded or unloaded meanwhile.
    const uint64_t *revision = host->revision_counter(host);
    const uint64_t known = __atomic_load_n(revision, __ATOMIC_ACQUIRE);
    uint32_t sum = 0;
    for (uint64_t index = 0; index < count; index++) {
        uint32_t numbers[2] = {(uint32_t)index, 1};
        uint32_t result;
        if (__atomic_load_n(revision, __ATOMIC_ACQUIRE) != known || polyplug_call(&adder, 0, numbers, &result, NULL) != 0) {
            exit(1);
        }
        sum += result;
    }
    host->destroy_guest_instance(host, &adder);
    polyplug_runtime_destroy(host);
    return sum;
}

static uint32_t through_pointer(uint64_t count, const char *folder) {
    char path[4096];
    snprintf(path, sizeof path, "%s/adder/libadder.so", folder);
    void *library = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    uint32_t (*add)(uint32_t, uint32_t) = NULL;
    if (library) {
        *(void **)&add = dlsym(library, "raw_add");
    }
    if (!add) {
        exit(1);
    }
    uint32_t sum = 0;
    for (uint64_t index = 0; index < count; index++) {
        sum += add((uint32_t)index, 1);
    }
    dlclose(library);
    return sum;
}

int main(int argument_count, char **arguments) {
    if (argument_count != 4) {
        return 2;
    }
    uint64_t count = strtoull(arguments[2], NULL, 10);
    int contract = strcmp(arguments[1], "contract") == 0;
    printf("%u\n", contract ? through_contract(count, arguments[3]) : through_pointer(count, arguments[3]));
    return 0;
}
