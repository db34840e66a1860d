// A host in C: builds a runtime over a folder of bundles and calls two of them.
//
//   host FOLDER
#include <inttypes.h>
#include <stdio.h>

#include "polyplug_arena.h"
#include "polyplug_runtime.h"

static void on_log(void *user_data, uint32_t level, PolyplugStringView scope, PolyplugStringView message) {
    (void)level;
    fprintf((FILE *)user_data, "[%.*s] %.*s\n", (int)scope.len, (const char *)scope.ptr, (int)message.len,
            (const char *)message.ptr);
}

// Says what went wrong in a call through the table, and returns 1.
static int failed(const PolyplugHostApi *host, const char *what, uint32_t code) {
    PolyplugArena arena;
    polyplug_arena_init(&arena, host, NULL, 0);
    PolyplugStringView words = polyplug_last_error(host, &arena.call);
    fprintf(stderr, "%s: code %" PRIu32 ": %.*s\n", what, code, (int)words.len, (const char *)words.ptr);
    polyplug_arena_free(&arena);
    return 1;
}

// The first provider of a contract, as an instance.
static uint32_t instance_of(const PolyplugHostApi *host, const char *contract, PolyplugGuestInstance *out) {
    PolyplugGuestContractHandle handle;
    uint32_t code = host->find_guest_contract(host, polyplug_guest_contract_id(contract, 1), 0, &handle);
    return code != POLYPLUG_OK ? code : host->create_guest_instance(host, handle, out);
}

static int greet(const PolyplugHostApi *host) {
    PolyplugGuestInstance greeter;
    uint32_t code = instance_of(host, "text.Greeter", &greeter);
    if (code != POLYPLUG_OK) {
        return failed(host, "text.Greeter", code);
    }
    // Results lie in the arena: first in this buffer, then in memory of the runtime.
    uint8_t buffer[256];
    PolyplugArena arena;
    polyplug_arena_init(&arena, host, buffer, sizeof buffer);
    const char *names[] = {"C", "world", ""};
    for (size_t index = 0; index < sizeof names / sizeof names[0]; index++) {
        PolyplugStringView name = polyplug_string(names[index]);
        PolyplugStringView greeting;
        code = polyplug_call(&greeter, 0, &name, &greeting, &arena.call);
        if (code == POLYPLUG_OK) {
            printf("%.*s\n", (int)greeting.len, (const char *)greeting.ptr);
        } else {
            printf("code %" PRIu32 ": %.*s\n", code, (int)arena.call.message.len, (const char *)arena.call.message.ptr);
        }
        polyplug_arena_reset(&arena);
    }
    uint64_t count = 0;
    code = polyplug_call(&greeter, 1, NULL, &count, &arena.call);
    printf("%" PRIu64 " greeted\n", count);
    polyplug_arena_free(&arena);
    uint32_t given_back = host->destroy_guest_instance(host, &greeter);
    return code != POLYPLUG_OK || given_back != POLYPLUG_OK;
}

static int write_letter(const PolyplugHostApi *host) {
    PolyplugGuestInstance letter;
    uint32_t code = instance_of(host, "text.Letter", &letter);
    if (code != POLYPLUG_OK) {
        return failed(host, "text.Letter", code);
    }
    PolyplugArena arena;
    polyplug_arena_init(&arena, host, NULL, 0);
    PolyplugStringView subject = polyplug_string("dependencies");
    PolyplugStringView text;
    code = polyplug_call(&letter, 0, &subject, &text, &arena.call);
    if (code == POLYPLUG_OK) {
        printf("%.*s\n", (int)text.len, (const char *)text.ptr);
    }
    polyplug_arena_free(&arena);
    uint32_t given_back = host->destroy_guest_instance(host, &letter);
    return code != POLYPLUG_OK || given_back != POLYPLUG_OK;
}

int main(int count, char **arguments) {
    if (count != 2) {
        fprintf(stderr, "usage: %s FOLDER\n", arguments[0]);
        return 2;
    }
    PolyplugStringView folder = polyplug_string(arguments[1]);
    PolyplugRuntimeOptions options;
    polyplug_runtime_options_init(&options, sizeof options);
    options.plugin_folders = &folder;
    options.plugin_folder_count = 1;
    options.config.log = on_log;
    options.config.log_user_data = stderr;
    options.config.log_max_level = POLYPLUG_LOG_LEVEL_WARN;

    PolyplugRuntimeError error;
    const PolyplugHostApi *host = polyplug_runtime_create(&options, &error);
    if (!host) {
        fprintf(stderr, "no runtime: code %" PRIu32 ": %s\n", error.code, error.message);
        return 1;
    }
    int failures = greet(host) + write_letter(host);
    // Unknown to everybody: how errors look.
    PolyplugGuestInstance nobody;
    uint32_t code = instance_of(host, "text.Nobody", &nobody);
    if (code != POLYPLUG_NOT_FOUND) {
        failures += failed(host, "text.Nobody", code);
    }
    return polyplug_runtime_destroy(host) != POLYPLUG_OK || failures != 0;
}
