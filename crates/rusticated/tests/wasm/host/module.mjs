// The module's side: the imports that crates/rusticated/src/abi/imports.rs declares. What takes its time, or only the
// other thread can do, is asked of that one by messages; in the mode "block" the import `wait` waits for its answers.
import { readFileSync } from "node:fs";
import { parentPort, receiveMessageOnPort, workerData } from "node:worker_threads";

const { mode, bell, port } = workerData;
const PENDING = -(2n ** 63n);
const UNKNOWN = PENDING;
const ENOSYS = 38;
const decoder = new TextDecoder();
let exports;
let lastId = 0;
let answered; // of the request that is waited for
const inFlight = new Map(); // number of a request → what is done with its answer
const requestOf = new Map(); // address of an Overlapped → number of its request

const bytes = (place, length) => new Uint8Array(exports.memory.buffer, place, length);
const copied = (place, length) => bytes(place, length).slice();
const view = () => new DataView(exports.memory.buffer);
const text = (place, length) => decoder.decode(copied(place, length));
const list = (place, length) => text(place, length).split("\0").slice(0, -1);

// Asks the other thread to begin something.
function begin(name, args, overlapped, finish = () => {}) {
    const id = ++lastId;
    requestOf.set(overlapped, id);
    inFlight.set(id, answer => {
        requestOf.delete(overlapped);
        if ((answer.result ?? 0) >= 0) finish(answer);
        exports.rusticated_complete(overlapped, BigInt(answer.result ?? 0));
    });
    port.postMessage({ id, name, args });
    return PENDING;
}

// Asks the other thread, and waits for its answer.
function ask(name, ...args) {
    const id = ++lastId;
    answered = undefined;
    inFlight.set(id, answer => (answered = answer));
    port.postMessage({ id, name, args });
    while (!answered) {
        const heard = Atomics.load(bell, 0);
        if (!receive()) Atomics.wait(bell, 0, heard);
    }
    if (mode === "tick") setImmediate(tick); // other ends may have come in with it
    return answered;
}

function end({ id, answer }) {
    const finish = inFlight.get(id);
    inFlight.delete(id);
    finish(answer);
}

// Takes all that has come in; false if that is nothing.
function receive() {
    let any = false;
    for (let received; (received = receiveMessageOnPort(port)); any = true) end(received.message);
    return any;
}

function readAddress(place) {
    const memory = view();
    const family = memory.getUint16(place, true);
    const ip = copied(place + 12, family === 4 ? 4 : 16);
    const host = family === 4
        ? ip.join(".")
        : Array.from({ length: 8 }, (_, n) => ((ip[2 * n] << 8) | ip[2 * n + 1]).toString(16)).join(":");
    return { family, port: memory.getUint16(place + 2, true), host };
}

function writeAddress(place, { family, port, ip }) {
    if (place === 0) return;
    const memory = view();
    memory.setUint16(place, family, true);
    memory.setUint16(place + 2, port, true);
    memory.setUint32(place + 4, 0, true);
    memory.setUint32(place + 8, 0, true);
    bytes(place + 12, 16).fill(0);
    bytes(place + 12, ip.length).set(ip);
}

function writeMetadata(place, { length, modified, accessed, created, kind, mode }) {
    const memory = view();
    memory.setBigUint64(place, length, true);
    memory.setBigInt64(place + 8, modified, true);
    memory.setBigInt64(place + 16, accessed, true);
    memory.setBigInt64(place + 24, created, true);
    memory.setUint32(place + 32, kind, true);
    memory.setUint32(place + 36, mode, true);
}

const fill = place => answer => bytes(place, answer.bytes.length).set(answer.bytes);
const both = place => answer => {
    if ((answer.result ?? 0) < 0) return answer.result;
    new Int32Array(exports.memory.buffer, place, 2).set(answer.ends);
    return 0;
};
const number = answer => Number(answer.result ?? 0);
const time = nanoseconds => (nanoseconds === UNKNOWN ? null : Number(nanoseconds) / 1e9);

function spawn(place, overlapped) {
    const memory = view();
    const word = nth => memory.getUint32(place + 4 * nth, true);
    const request = {
        program: text(word(0), word(1)),
        args: list(word(2), word(3)),
        env: Object.fromEntries(list(word(4), word(5)).map(pair => pair.match(/^([^]*?)=([^]*)$/).slice(1))),
        cwd: word(6) === 0 ? undefined : text(word(6), word(7)),
        streams: [8, 9, 10].map(nth => memory.getInt32(place + 4 * nth, true)),
    };
    return begin("spawn", [request], overlapped, ({ child, pid, pipes }) => {
        const memory = view();
        [child, pid, ...pipes].forEach((value, nth) => memory.setInt32(place + 44 + 4 * nth, value, true));
    });
}

const environment = [
    () => ["module.wasm", "first argument", "zwölf"].map(each => each + "\0").join(""),
    () => Object.entries({ ...process.env, FROM_THE_HOST: "yes=1" }).map(([k, v]) => `${k}=${v}\0`).join(""),
    () => ask("currentFolder").path,
    () => workerData.args[1],
];

const rusticated = {
    wait(timeout) {
        if (mode !== "block") return -ENOSYS;
        const heard = Atomics.load(bell, 0);
        if (receive()) return 0;
        Atomics.wait(bell, 0, heard, timeout < 0n ? Infinity : Math.ceil(Number(timeout) / 1e6));
        receive();
        return 0;
    },
    cancel: overlapped => port.postMessage({ name: "cancel", args: [requestOf.get(overlapped)] }),
    monotonic: () => process.hrtime.bigint(),
    realtime: () => BigInt(Date.now()) * 1000000n,

    close: handle => port.postMessage({ id: quiet(), name: "close", args: [handle] }),
    read: (handle, place, capacity, offset, overlapped) =>
        begin("read", [handle, capacity, Number(offset)], overlapped, fill(place)),
    write(handle, place, length, offset, overlapped) {
        return begin("write", [handle, copied(place, length), Number(offset)], overlapped);
    },
    pipe: place => both(place)(ask("pipe")),

    open: (place, length, how, mode, flags, overlapped) =>
        begin("open", [copied(place, length), how, mode, flags], overlapped),
    seek: (handle, offset, whence, overlapped) => begin("seek", [handle, Number(offset), whence], overlapped),
    sync: (handle, dataOnly, overlapped) => begin("sync", [handle, dataOnly], overlapped),
    set_length: (handle, length, overlapped) => begin("setLength", [handle, Number(length)], overlapped),
    metadata: (handle, place, overlapped) =>
        begin("metadata", [handle], overlapped, ({ known }) => writeMetadata(place, known)),
    set_mode: (handle, mode, overlapped) => begin("setMode", [handle, mode], overlapped),
    set_times: (handle, accessed, modified, overlapped) =>
        begin("setTimes", [handle, time(accessed), time(modified)], overlapped),
    path_metadata: (place, length, follow, to, overlapped) =>
        begin("pathMetadata", [copied(place, length), follow], overlapped, ({ known }) => writeMetadata(to, known)),
    path_set_mode: (place, length, mode, overlapped) => begin("pathSetMode", [copied(place, length), mode], overlapped),
    create_folder: (place, length, mode, overlapped) => begin("createFolder", [copied(place, length), mode], overlapped),
    open_folder: (place, length, overlapped) => begin("openFolder", [copied(place, length)], overlapped),
    read_folder: (handle, place, capacity, overlapped) =>
        begin("readFolder", [handle, capacity], overlapped, fill(place)),
    remove: (place, length, what, overlapped) => begin("remove", [copied(place, length), what], overlapped),
    rename: (from, fromLength, to, toLength, overlapped) =>
        begin("rename", [copied(from, fromLength), copied(to, toLength)], overlapped),
    link: (original, originalLength, link, linkLength, kind, overlapped) =>
        begin("link", [copied(original, originalLength), copied(link, linkLength), kind], overlapped),
    resolve: (place, length, what, to, capacity, overlapped) =>
        begin("resolve", [copied(place, length), what], overlapped, answer => {
            if (answer.result <= capacity) fill(to)(answer);
        }),

    tcp_connect: (address, overlapped) => begin("tcpConnect", [readAddress(address)], overlapped),
    tcp_listen: address => number(ask("tcpListen", readAddress(address))),
    tcp_accept: (handle, place, overlapped) =>
        begin("tcpAccept", [handle], overlapped, ({ address }) => writeAddress(place, address)),
    tcp_shutdown: (handle, how) => number(ask("tcpShutdown", handle, how)),
    udp_bind: address => number(ask("udpBind", readAddress(address))),
    udp_connect: (handle, address) => number(ask("udpConnect", handle, readAddress(address))),
    receive: (handle, place, capacity, peek, address, overlapped) =>
        begin("receive", [handle, capacity, peek], overlapped, answer => {
            fill(place)(answer);
            if (answer.address) writeAddress(address, answer.address);
        }),
    send: (handle, place, length, address, overlapped) =>
        begin("send", [handle, copied(place, length), address === 0 ? null : readAddress(address)], overlapped),
    socket_address(handle, which, place) {
        const answer = ask("socketAddress", handle, which);
        if (answer.address) writeAddress(place, answer.address);
        return number(answer);
    },
    socket_option: (handle, option) => number(ask("socketOption", handle, option)),
    set_socket_option: (handle, option, value) => number(ask("setSocketOption", handle, option, value)),
    multicast: () => -ENOSYS,

    spawn,
    wait_child: (child, overlapped) => begin("waitChild", [child], overlapped),
    try_wait_child(child) {
        const answer = ask("tryWaitChild", child);
        return answer.running ? PENDING : BigInt(answer.result);
    },
    kill_child: child => number(ask("killChild", child)),
    exit(code) {
        parentPort.postMessage({ exit: code });
        for (;;) Atomics.wait(bell, 0, Atomics.load(bell, 0));
    },
    process_id: () => workerData.pid,

    signal_wait: (mask, overlapped) => begin("signalWait", [mask], overlapped),
    is_terminal: () => 0,
    terminal_size: () => -25,
    terminal_mode: () => -25,
    set_terminal_mode: () => -25,
    open_terminal: () => -ENOSYS,
    environment(what, place, capacity) {
        const all = new TextEncoder().encode(environment[what]());
        if (all.length <= capacity) bytes(place, all.length).set(all);
        return all.length;
    },
    set_current_folder: (place, length) => number(ask("setCurrentFolder", text(place, length))),
};

// The number of a request whose answer is of no interest.
function quiet() {
    inFlight.set(++lastId, () => {});
    return lastId;
}

// The behaviours, one after the other. In the mode "tick" nothing ever blocks here: the module runs in `tick` only.
let current = -1;
let timer;
const name = nth => text(exports.name(nth), exports.name_length(nth));
const testing = {
    folder(place, capacity) {
        const all = new TextEncoder().encode(workerData.folder);
        bytes(place, Math.min(capacity, all.length)).set(all.subarray(0, capacity));
        return all.length;
    },
    failed: (place, length) => parentPort.postMessage({ text: `FAILED: ${name(current)}: ${text(place, length)}\n`, exit: 1 }),
    passed() {
        parentPort.postMessage({ text: `ok: ${name(current)}\n` });
        if (mode === "tick") setImmediate(next);
    },
    // A host function of the program's own, through abi::call.
    double(value, overlapped) {
        return value > 100n ? value * 2n : begin("double", [Number(value)], overlapped);
    },
    blocks: () => (mode === "block" ? 1 : 0),
};

function next() {
    current += 1;
    if (current === exports.count()) return parentPort.postMessage({ text: `${current} passed, 0 failed\n`, exit: 0 });
    exports.start(current);
    if (mode === "tick") return tick();
    exports.finish();
    next();
}

function tick() {
    clearTimeout(timer);
    const until = exports.rusticated_tick();
    if (until === 0n) timer = setImmediate(tick) && undefined;
    else if (until > 0n) timer = setTimeout(tick, Math.ceil(Number(until) / 1e6));
}

const { instance } = await WebAssembly.instantiate(readFileSync(workerData.module), { rusticated, testing });
exports = instance.exports;
if (mode === "tick") {
    port.on("message", message => {
        end(message);
        tick();
    });
}
next();
