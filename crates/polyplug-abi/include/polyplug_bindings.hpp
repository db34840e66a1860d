// What the C++ that polyplugc generates shares: how values cross the boundary, callers that throw, and what stands between
// the boundary and a program's classes. Nothing to link: all of it is inline. C++11 on.

#ifndef POLYPLUG_BINDINGS_HPP
#define POLYPLUG_BINDINGS_HPP

#include <cstdint>
#include <cstdlib>
#include <exception>
#include <limits>
#include <new>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "polyplug_bindings.h"

#if defined(_WIN32)
// A macro of Windows' COM headers.
#pragma push_macro("interface")
#undef interface
#endif

namespace polyplug {

// Why a call failed: a code, and words for people. Codes below 256 are PolyplugAbiErrorCode's, the others a plugin's own.
class CallError : public std::exception {
public:
    CallError(uint32_t code, std::string message)
        : code_(code == POLYPLUG_OK ? static_cast<uint32_t>(POLYPLUG_FAILED) : code), message_(std::move(message)) {}

    uint32_t code() const noexcept { return code_; }
    const std::string &message() const noexcept { return message_; }
    const char *what() const noexcept override { return message_.c_str(); }

private:
    uint32_t code_;
    std::string message_;
};

// The arena of one call, with room on the stack: most calls need no more.
class CallerArena {
public:
    explicit CallerArena(const PolyplugHostApi *host) { polyplug_arena_init(&arena_, host, room_, sizeof room_); }
    ~CallerArena() { polyplug_arena_free(&arena_); }
    CallerArena(const CallerArena &) = delete;
    CallerArena &operator=(const CallerArena &) = delete;

    PolyplugCallArena *get() { return &arena_.call; }

    // Throws what a code says, unless that is success.
    void check(uint32_t code) const {
        if (code != POLYPLUG_OK) {
            const PolyplugStringView &text = arena_.call.message;
            throw CallError(code, text.ptr ? std::string(reinterpret_cast<const char *>(text.ptr), text.len) : std::string());
        }
    }

private:
    PolyplugArena arena_;
    alignas(16) uint8_t room_[512];
};

// Where values are put that cross the boundary. Arguments may be pointed at: they outlive the call.
class Encoder {
public:
    Encoder(PolyplugCallArena *arena, bool borrows) : arena_(arena), borrows_(borrows) {}

    // Room for `count` values.
    template <class T> T *room(size_t count) {
        if (count == 0) {
            return nullptr;
        }
        void *start = count <= std::numeric_limits<size_t>::max() / 2 / sizeof(T)
                          ? polyplug_alloc(arena_, count * sizeof(T), alignof(T))
                          : nullptr;
        if (!start) {
            throw CallError(POLYPLUG_OUT_OF_MEMORY, "there is no room in the arena");
        }
        return static_cast<T *>(start);
    }

    // A pointer to values whose bytes are what crosses the boundary.
    template <class T> const T *plain(const T *values, size_t count) {
        if (borrows_ || count == 0) {
            return values;
        }
        T *copy = room<T>(count);
        memcpy(copy, values, count * sizeof(T));
        return copy;
    }

private:
    PolyplugCallArena *arena_;
    bool borrows_;
};

// How a type crosses the boundary: `Raw` is how C has it. Generated code has one for each struct and enumeration.
template <class T> struct Value;

template <class T> struct PlainValue {
    typedef T Raw;
    static Raw encode(T value, Encoder &) { return value; }
    static T decode(Raw raw) { return raw; }
};
template <> struct Value<uint8_t> : PlainValue<uint8_t> {};
template <> struct Value<uint16_t> : PlainValue<uint16_t> {};
template <> struct Value<uint32_t> : PlainValue<uint32_t> {};
template <> struct Value<uint64_t> : PlainValue<uint64_t> {};
template <> struct Value<int8_t> : PlainValue<int8_t> {};
template <> struct Value<int16_t> : PlainValue<int16_t> {};
template <> struct Value<int32_t> : PlainValue<int32_t> {};
template <> struct Value<int64_t> : PlainValue<int64_t> {};
template <> struct Value<float> : PlainValue<float> {};
template <> struct Value<double> : PlainValue<double> {};

template <> struct Value<bool> {
    typedef uint8_t Raw;
    static Raw encode(bool value, Encoder &) { return value ? 1 : 0; }
    static bool decode(Raw raw) {
        if (raw > 1) {
            throw CallError(POLYPLUG_INVALID_ARGUMENT, std::to_string(raw) + " is neither 0 (false) nor 1 (true)");
        }
        return raw == 1;
    }
};

// Whether `len` values can be at `start`.
template <class T> void check_items(const T *start, size_t len) {
    if (polyplug_check_items(start, len, sizeof(T), alignof(T), nullptr, nullptr) != POLYPLUG_OK) {
        throw CallError(POLYPLUG_INVALID_POINTER, "as many values cannot be at this address");
    }
}

template <> struct Value<std::string> {
    typedef PolyplugStringView Raw;
    static Raw encode(const std::string &value, Encoder &encoder) {
        Raw raw;
        raw.ptr = encoder.plain(reinterpret_cast<const uint8_t *>(value.data()), value.size());
        raw.len = value.size();
        return raw;
    }
    static std::string decode(const Raw &raw) {
        check_items(raw.ptr, raw.len);
        if (!polyplug_is_utf8(raw.ptr, raw.len)) {
            throw CallError(POLYPLUG_INVALID_UTF8, "the text is not UTF-8");
        }
        return raw.len == 0 ? std::string() : std::string(reinterpret_cast<const char *>(raw.ptr), raw.len);
    }
};

// Arrays; the layout of a buffer is that of an array of bytes.
template <class T> struct Value<std::vector<T>> {
    typedef PolyplugArrayView Raw;
    typedef typename Value<T>::Raw Item;

    static Raw encode(const std::vector<T> &value, Encoder &encoder) {
        Raw raw;
        raw.items = items(value, encoder, std::is_base_of<PlainValue<T>, Value<T>>());
        raw.len = value.size();
        return raw;
    }
    static std::vector<T> decode(const Raw &raw) {
        const Item *items = static_cast<const Item *>(raw.items);
        check_items(items, raw.len);
        std::vector<T> value;
        value.reserve(raw.len);
        for (size_t index = 0; index < raw.len; index++) {
            value.push_back(Value<T>::decode(items[index]));
        }
        return value;
    }

private:
    static const Item *items(const std::vector<T> &value, Encoder &encoder, std::true_type) {
        return encoder.plain(value.data(), value.size());
    }
    static const Item *items(const std::vector<T> &value, Encoder &encoder, std::false_type) {
        Item *items = encoder.room<Item>(value.size());
        for (size_t index = 0; index < value.size(); index++) {
            items[index] = Value<T>::encode(value[index], encoder);
        }
        return items;
    }
};

// Reads a parameter; errors name it.
template <class T> T argument(const char *name, const typename Value<T>::Raw &raw) {
    try {
        return Value<T>::decode(raw);
    } catch (const CallError &error) {
        throw CallError(error.code(), "`" + std::string(name) + "`: " + error.message());
    }
}

// A caller of a guest contract, as PolyplugCaller; it can be moved, not copied.
class GuestCaller {
public:
    GuestCaller(const PolyplugHostApi *host, uint64_t contract, uint32_t min_version) {
        CallerArena arena(host);
        arena.check(polyplug_caller_open(&caller_, host, contract, min_version, arena.get()));
    }
    GuestCaller(GuestCaller &&other) noexcept : caller_(other.caller_) {
        memset(&other.caller_.instance, 0, sizeof other.caller_.instance);
    }
    GuestCaller &operator=(GuestCaller &&other) noexcept {
        std::swap(caller_, other.caller_);
        return *this;
    }
    ~GuestCaller() { polyplug_caller_close(&caller_); }

    const PolyplugHostApi *host() const { return caller_.host; }
    uint32_t call(uint32_t function, const void *args, void *out, PolyplugCallArena *arena) {
        // Calls under way are counted, so this one is counted whatever its outcome: plugins do not throw.
        return polyplug_caller_call(&caller_, function, args, out, arena);
    }

private:
    PolyplugCaller caller_;
};

// A caller of a host contract.
class HostCaller {
public:
    HostCaller(const PolyplugHostApi *host, uint64_t contract, uint32_t min_version) {
        CallerArena arena(host);
        arena.check(polyplug_host_caller_open(&caller_, host, contract, min_version, arena.get()));
    }
    HostCaller(HostCaller &&other) noexcept : caller_(other.caller_) { other.caller_.interface = nullptr; }
    HostCaller &operator=(HostCaller &&other) noexcept {
        std::swap(caller_, other.caller_);
        return *this;
    }
    ~HostCaller() { polyplug_host_caller_close(&caller_); }

    const PolyplugHostApi *host() const { return caller_.host; }
    uint32_t call(uint32_t function, const void *args, void *out, PolyplugCallArena *arena) const {
        return polyplug_host_caller_call(&caller_, function, args, out, arena);
    }

private:
    PolyplugHostCaller caller_;
};

// Calls a function that returns a `Result`.
template <class Result, class Caller>
Result call(Caller &caller, uint32_t function, const void *args, CallerArena &arena) {
    typename Value<Result>::Raw raw;
    memset(&raw, 0, sizeof raw);
    arena.check(caller.call(function, args, &raw, arena.get()));
    return Value<Result>::decode(raw);
}

// Runs `work`; an exception becomes a code with a message in the arena.
template <class Work> uint32_t guarded(PolyplugCallArena *arena, Work work) noexcept {
    try {
        work();
        return POLYPLUG_OK;
    } catch (const CallError &error) {
        return polyplug_fail(arena, error.code(), error.what());
    } catch (const std::bad_alloc &) {
        return polyplug_fail(arena, POLYPLUG_OUT_OF_MEMORY, "there is no more memory");
    } catch (const std::exception &error) {
        return polyplug_fail(arena, POLYPLUG_PANICKED, error.what());
    } catch (...) {
        return polyplug_fail(arena, POLYPLUG_PANICKED, "an exception that is no std::exception");
    }
}

// Throws if what every function gets cannot be: pointers that are needed are there and aligned.
inline void check_call(const void *instance, const void *args, size_t args_align, const void *out, size_t out_align) {
    PolyplugCallArena none = PolyplugCallArena();
    if (polyplug_check_call(instance, args, args_align, out, out_align, &none) != POLYPLUG_OK) {
        throw CallError(POLYPLUG_INVALID_POINTER, "the instance, the arguments or the room for the result cannot be there");
    }
}

// Writes a result.
template <class Result> void give(const Result &result, void *out, PolyplugCallArena *arena) {
    Encoder encoder(arena, false);
    *static_cast<typename Value<Result>::Raw *>(out) = Value<Result>::encode(result, encoder);
}

// Makes an `Implementation` from the table of the host's functions; the instance is its `Contract`.
template <class Contract, class Implementation>
uint32_t create(void *, const PolyplugHostApi *host, PolyplugCallArena *arena, void **out) {
    return guarded(arena, [&] { *out = static_cast<Contract *>(new Implementation(host)); });
}

template <class Contract> void destroy(void *, void *instance) {
    PolyplugCallArena none = PolyplugCallArena();
    // Nobody asked, and there is nobody to tell.
    (void)guarded(&none, [&] { delete static_cast<Contract *>(instance); });
}

// Registers a contract that an `Implementation` provides.
template <class Contract, class Implementation>
uint32_t provide(const PolyplugHostApi *host, const PolyplugBundleInitContext *context, const char *plugin,
                 PolyplugVersion plugin_version, PolyplugContractInterface contract, const char *name) {
    contract.create = create<Contract, Implementation>;
    contract.destroy = destroy<Contract>;
    return polyplug_register(host, plugin, plugin_version, name, &contract, context->arena);
}

} // namespace polyplug

#if defined(_WIN32)
#pragma pop_macro("interface")
#endif

#endif // POLYPLUG_BINDINGS_HPP
