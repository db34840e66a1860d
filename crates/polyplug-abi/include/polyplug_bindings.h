// What the C that polyplugc generates shares: callers that find a contract anew when something was reloaded, checks of
// what comes over the boundary, registration. Nothing to link: all of it is inline. C99 and C++11 on.

#ifndef POLYPLUG_BINDINGS_H
#define POLYPLUG_BINDINGS_H

#include <stdio.h>
#include <string.h>

#include "polyplug_arena.h"

#if defined(_WIN32)
// A macro of Windows' COM headers.
#pragma push_macro("interface")
#undef interface
#endif

#ifdef __cplusplus
extern "C" {
#endif

// The alignment of a type.
#if defined(__cplusplus)
#define POLYPLUG_ALIGNOF(type) alignof(type)
#elif defined(__GNUC__) || defined(__clang__)
#define POLYPLUG_ALIGNOF(type) __alignof__(type)
#else
#define POLYPLUG_ALIGNOF(type) offsetof(struct { char first; type second; }, second)
#endif

// ---- failures ----

// As polyplug_fail, with "`what`: " before the message. `what` may be null.
static inline uint32_t polyplug_fail_at(PolyplugCallArena *arena, uint32_t code, const char *what, const char *message) {
    char text[256];
    if (what) {
        (void)snprintf(text, sizeof text, "`%s`: %s", what, message);
        return polyplug_fail(arena, code, text);
    }
    return polyplug_fail(arena, code, message);
}

// A failure of the runtime: its last error becomes the arena's message.
static inline uint32_t polyplug_host_failed(const PolyplugHostApi *host, uint32_t code, PolyplugCallArena *arena) {
    if (arena) {
        arena->message = polyplug_last_error(host, arena);
    }
    return code;
}

// ---- checks of what came over the boundary: 0, or a code with a message that begins with `what` ----

static inline uint32_t polyplug_check_bool(uint8_t value, const char *what, PolyplugCallArena *arena) {
    if (value > 1) {
        return polyplug_fail_at(arena, POLYPLUG_INVALID_ARGUMENT, what, "neither 0 (false) nor 1 (true)");
    }
    return POLYPLUG_OK;
}

// Whether `len` items of `size` bytes can be at `start`.
static inline uint32_t polyplug_check_items(const void *start, size_t len, size_t size, size_t align, const char *what,
                                            PolyplugCallArena *arena) {
    if (len == 0) {
        return POLYPLUG_OK;
    }
    if (!start || (uintptr_t)start % align != 0 || len > (SIZE_MAX / 2) / size ||
        (uintptr_t)start > UINTPTR_MAX - len * size) {
        return polyplug_fail_at(arena, POLYPLUG_INVALID_POINTER, what, "as many values cannot be at this address");
    }
    return POLYPLUG_OK;
}

static inline uint32_t polyplug_check_bytes(PolyplugBuffer bytes, const char *what, PolyplugCallArena *arena) {
    return polyplug_check_items(bytes.ptr, bytes.len, 1, 1, what, arena);
}

static inline uint32_t polyplug_check_array(PolyplugArrayView items, size_t size, size_t align, const char *what,
                                            PolyplugCallArena *arena) {
    return polyplug_check_items(items.items, items.len, size, align, what, arena);
}

// Whether the bytes are UTF-8 (RFC 3629): no surrogates, nothing longer than need be.
static inline int polyplug_is_utf8(const uint8_t *bytes, size_t len) {
    size_t index = 0;
    while (index < len) {
        uint8_t first = bytes[index++];
        size_t more;
        uint8_t lowest = 0x80, highest = 0xBF;
        if (first < 0x80) {
            continue;
        } else if (first >= 0xC2 && first <= 0xDF) {
            more = 1;
        } else if (first >= 0xE0 && first <= 0xEF) {
            more = 2;
            lowest = first == 0xE0 ? 0xA0 : 0x80;
            highest = first == 0xED ? 0x9F : 0xBF;
        } else if (first >= 0xF0 && first <= 0xF4) {
            more = 3;
            lowest = first == 0xF0 ? 0x90 : 0x80;
            highest = first == 0xF4 ? 0x8F : 0xBF;
        } else {
            return 0;
        }
        for (; more > 0; more--, index++) {
            if (index == len || bytes[index] < lowest || bytes[index] > highest) {
                return 0;
            }
            lowest = 0x80;
            highest = 0xBF;
        }
    }
    return 1;
}

static inline uint32_t polyplug_check_string(PolyplugStringView text, const char *what, PolyplugCallArena *arena) {
    uint32_t code = polyplug_check_items(text.ptr, text.len, 1, 1, what, arena);
    if (code == POLYPLUG_OK && !polyplug_is_utf8(text.ptr, text.len)) {
        return polyplug_fail_at(arena, POLYPLUG_INVALID_UTF8, what, "the text is not UTF-8");
    }
    return code;
}

// Whether a struct can be at `address`.
static inline uint32_t polyplug_check_pointer(const void *address, size_t align, const char *what,
                                              PolyplugCallArena *arena) {
    return polyplug_check_items(address, 1, 1, align, what, arena);
}

// ---- callers of guest contracts ----

// Calls a guest contract. Holds one instance of it, so what it calls stays; for one thread at a time.
//
// When something was loaded, reloaded or unloaded since the last call, the contract is found anew; only if something else
// provides it now, the instance is given back and one of the new provider is made. While a call is under way that waits.
typedef struct PolyplugCaller {
    const PolyplugHostApi *host;
    uint64_t contract_id;
    uint32_t min_version;
    uint32_t calls; // under way
    uint64_t revision;
    PolyplugGuestContractHandle contract;
    PolyplugGuestInstance instance; // there, if its interface is not null
} PolyplugCaller;

static inline uint64_t polyplug_revision(const PolyplugHostApi *host) {
    const uint64_t *counter = host->revision_counter(host);
#if defined(__GNUC__) || defined(__clang__)
    return __atomic_load_n(counter, __ATOMIC_ACQUIRE);
#else
    return *(const volatile uint64_t *)counter;
#endif
}

// Gives the instance back. The next call finds the contract again.
static inline void polyplug_caller_close(PolyplugCaller *caller) {
    if (caller->instance.interface) {
        // Its end may call this very caller: by then it has no instance, so none is ended twice.
        PolyplugGuestInstance instance = caller->instance;
        memset(&caller->instance, 0, sizeof caller->instance);
        caller->host->destroy_guest_instance(caller->host, &instance);
    }
}

// Finds the contract, and makes an instance unless there is one of the same provider.
static inline uint32_t polyplug_caller_find(PolyplugCaller *caller, PolyplugCallArena *arena) {
    const PolyplugHostApi *host = caller->host;
    uint64_t revision = polyplug_revision(host);
    PolyplugGuestContractHandle contract = {0, 0};
    const PolyplugContractInterface *interface = NULL;
    uint32_t code = host->find_guest_contract(host, caller->contract_id, caller->min_version, &contract);
    if (code != POLYPLUG_OK) {
        polyplug_host_failed(host, code, arena);
        polyplug_caller_close(caller);
        return code;
    }
    code = host->resolve_guest_contract(host, contract, &interface);
    if (code != POLYPLUG_OK) {
        return polyplug_host_failed(host, code, arena);
    }
    if (caller->instance.interface != interface || caller->contract.index != contract.index ||
        caller->contract.generation != contract.generation) {
        PolyplugGuestInstance made, other;
        memset(&made, 0, sizeof made);
        polyplug_caller_close(caller);
        code = host->create_guest_instance(host, contract, &made);
        if (code != POLYPLUG_OK) {
            return polyplug_host_failed(host, code, arena);
        }
        // Whoever ended the old instance or made the new one may have called this caller, which then made one, too. It
        // is ended behind the other, since its end may call this caller as well.
        other = caller->instance;
        caller->instance = made;
        caller->contract = contract;
        caller->revision = revision;
        if (other.interface != NULL) {
            host->destroy_guest_instance(host, &other);
        }
    } else {
        caller->revision = revision;
    }
    return POLYPLUG_OK;
}

// `arena`, for the message of a failure, may be null.
static inline uint32_t polyplug_caller_open(PolyplugCaller *caller, const PolyplugHostApi *host, uint64_t contract_id,
                                            uint32_t min_version, PolyplugCallArena *arena) {
    memset(caller, 0, sizeof *caller);
    caller->host = host;
    caller->contract_id = contract_id;
    caller->min_version = min_version;
    return polyplug_caller_find(caller, arena);
}

static inline uint32_t polyplug_caller_call(PolyplugCaller *caller, uint32_t function, const void *args, void *out,
                                            PolyplugCallArena *arena) {
    uint32_t code;
    if (!caller->instance.interface || (caller->calls == 0 && caller->revision != polyplug_revision(caller->host))) {
        code = polyplug_caller_find(caller, arena);
        if (code != POLYPLUG_OK) {
            return code;
        }
    }
    caller->calls++;
    code = polyplug_call(&caller->instance, function, args, out, arena);
    caller->calls--;
    return code;
}

// ---- callers of host contracts ----

// Calls a host contract, which stays what it is as long as the runtime; from any thread.
typedef struct PolyplugHostCaller {
    const PolyplugHostApi *host;
    const PolyplugContractInterface *interface;
    void *instance;
} PolyplugHostCaller;

static inline uint32_t polyplug_host_caller_open(PolyplugHostCaller *caller, const PolyplugHostApi *host,
                                                 uint64_t contract_id, uint32_t min_version, PolyplugCallArena *arena) {
    PolyplugHostContractHandle contract = {0, 0};
    uint32_t code;
    memset(caller, 0, sizeof *caller);
    caller->host = host;
    code = host->get_host_contract(host, contract_id, min_version, &contract);
    if (code == POLYPLUG_OK) {
        code = host->resolve_host_contract_interface(host, contract, &caller->interface);
    }
    if (code != POLYPLUG_OK) {
        return polyplug_host_failed(host, code, arena);
    }
    caller->instance = caller->interface->context;
    if (caller->interface->create) {
        PolyplugCallArena none;
        memset(&none, 0, sizeof none);
        code = caller->interface->create(caller->interface->context, host, arena ? arena : &none, &caller->instance);
        if (code != POLYPLUG_OK) {
            caller->interface = NULL;
        }
    }
    return code;
}

static inline void polyplug_host_caller_close(PolyplugHostCaller *caller) {
    if (caller->interface && caller->interface->create && caller->interface->destroy) {
        caller->interface->destroy(caller->interface->context, caller->instance);
    }
    caller->interface = NULL;
}

static inline uint32_t polyplug_host_caller_call(const PolyplugHostCaller *caller, uint32_t function, const void *args,
                                                 void *out, PolyplugCallArena *arena) {
    if (!caller->interface) {
        return polyplug_fail(arena, POLYPLUG_NOT_FOUND, "the host contract was not found, or was closed");
    }
    return polyplug_call_contract(caller->interface, caller->instance, function, args, out, arena);
}

// ---- providers ----

// What stands behind an instance: the functions that a program wrote, and what they get first.
typedef struct PolyplugProvided {
    const PolyplugHostApi *host;
    const void *functions;
    void *self;
} PolyplugProvided;

// Whether what every function gets can be: pointers that are needed are there and aligned.
static inline uint32_t polyplug_check_call(const void *instance, const void *args, size_t args_align, const void *out,
                                           size_t out_align, PolyplugCallArena *arena) {
    uint32_t code = polyplug_check_pointer(instance, sizeof(void *), "the instance", arena);
    if (code == POLYPLUG_OK && args_align) {
        code = polyplug_check_pointer(args, args_align, "the arguments", arena);
    }
    if (code == POLYPLUG_OK && out_align) {
        code = polyplug_check_pointer(out, out_align, "the room for the result", arena);
    }
    return code;
}

// The interface of a contract with native functions.
static inline PolyplugContractInterface polyplug_interface(uint64_t contract_id, PolyplugVersion version,
                                                           const PolyplugFunction *functions, uint32_t count,
                                                           void *context) {
    PolyplugContractInterface contract;
    memset(&contract, 0, sizeof contract);
    contract.contract_id = contract_id;
    contract.version = version;
    contract.dispatch = POLYPLUG_DISPATCH_KIND_NATIVE;
    contract.function_count = count;
    contract.functions = functions;
    contract.context = context;
    return contract;
}

static inline PolyplugVersion polyplug_version(uint16_t major, uint16_t minor, uint16_t patch) {
    PolyplugVersion version;
    version.major = major;
    version.minor = minor;
    version.patch = patch;
    version.reserved = 0;
    return version;
}

// Room for an instance whose functions are at `functions`; null if there is no memory.
static inline PolyplugProvided *polyplug_provided_new(const PolyplugHostApi *host, const void *functions) {
    PolyplugProvided *provided = (PolyplugProvided *)(void *)host->alloc(host, sizeof(PolyplugProvided), sizeof(void *));
    if (provided) {
        provided->host = host;
        provided->functions = functions;
        provided->self = NULL;
    }
    return provided;
}

static inline void polyplug_provided_free(PolyplugProvided *provided) {
    const PolyplugHostApi *host = provided->host;
    host->free(host, (uint8_t *)provided, sizeof(PolyplugProvided), sizeof(void *));
}

// Registers a contract of a bundle that is being loaded.
static inline uint32_t polyplug_register(const PolyplugHostApi *host, const char *plugin, PolyplugVersion version,
                                         const char *contract, const PolyplugContractInterface *interface,
                                         PolyplugCallArena *arena) {
    PolyplugPluginDescriptor descriptor;
    uint32_t code;
    descriptor.name = polyplug_string(plugin);
    descriptor.contract_name = polyplug_string(contract);
    descriptor.version = version;
    code = host->register_guest_contract(host, &descriptor, interface);
    return code == POLYPLUG_OK ? code : polyplug_host_failed(host, code, arena);
}

#ifdef __cplusplus
} // extern "C"
#endif

#if defined(_WIN32)
#pragma pop_macro("interface")
#endif

#endif // POLYPLUG_BINDINGS_H
