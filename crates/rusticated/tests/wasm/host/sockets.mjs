// TCP through node:net, UDP through node:dgram, and whatever else of Node's is a stream to be read.
import dgram from "node:dgram";
import net from "node:net";
import { handles, inFlight, insert, known } from "./handles.mjs";
import { ByteQueue } from "./queue.mjs";

export class Input {
    queue = new ByteQueue();
    constructor(stream) {
        this.stream = stream;
    }
    // The standard input begins with the first read: nothing is taken that nobody asked for.
    listen() {
        if (this.listening) return;
        this.listening = true;
        this.stream.on("data", bytes => this.queue.push(bytes));
        this.stream.on("end", () => this.queue.end());
        this.stream.on("error", error => this.queue.fail(error));
    }
    read(capacity, _offset, id) {
        this.listen();
        return this.queue.read(capacity, false, id);
    }
    close() {
        this.stream.destroy();
    }
}

class Connection extends Input {
    constructor(socket) {
        super(socket);
        this.options = new Map([[1, 0]]);
        this.local = socket.address();
        this.remote = { address: socket.remoteAddress, port: socket.remotePort, family: socket.remoteFamily };
        this.listen();
    }
    write(bytes) {
        return new Promise((resolve, reject) =>
            this.stream.write(bytes, error => (error ? reject(error) : resolve({ result: bytes.length }))),
        );
    }
    close() {
        this.stream.end(() => this.stream.destroy());
    }
}

const address = ({ address: host, port, family }) => {
    const four = family === "IPv4" || family === 4;
    const ip = four ? host.split(".").map(Number) : sixteen(host);
    return { family: four ? 4 : 6, port, ip };
};

function sixteen(host) {
    const [before, after] = host.split("::").map(half => (half ? half.split(":") : []));
    const groups = after ? [...before, ...Array(8 - before.length - after.length).fill("0"), ...after] : before;
    return groups.flatMap(group => [parseInt(group, 16) >> 8, parseInt(group, 16) & 255]);
}

// Waits for whatever is in a list; can be given up.
function taken(owner, id) {
    return new Promise((resolve, reject) => {
        owner.waiting.push({ resolve, id });
        inFlight.set(id, () => {
            owner.waiting = owner.waiting.filter(each => each.id !== id);
            inFlight.delete(id);
            reject({ code: "ECANCELED" });
        });
        serve(owner);
    });
}

function serve(owner) {
    while (owner.waiting.length && owner.arrived.length) {
        const { resolve, id } = owner.waiting.shift();
        inFlight.delete(id);
        resolve(owner.arrived.shift());
    }
}

export const operations = {
    tcpConnect: ([{ host, port, family }], id) =>
        new Promise((resolve, reject) => {
            const socket = net.connect({ host, port, family, allowHalfOpen: true });
            socket.once("error", reject);
            inFlight.set(id, () => {
                socket.destroy();
                reject({ code: "ECANCELED" });
            });
            socket.once("connect", () => {
                inFlight.delete(id);
                resolve({ result: insert(new Connection(socket)) });
            });
        }),
    tcpListen: ([{ host, port }]) =>
        new Promise((resolve, reject) => {
            const listener = { waiting: [], arrived: [], close: () => server.close() };
            const server = net.createServer({ allowHalfOpen: true }, socket => {
                socket.on("error", () => {});
                listener.arrived.push(new Connection(socket));
                serve(listener);
            });
            server.once("error", reject);
            server.listen({ host, port }, () => {
                listener.local = server.address();
                resolve({ result: insert(listener) });
            });
        }),
    async tcpAccept([handle], id) {
        const connection = await taken(known(handle), id);
        return { result: insert(connection), address: address(connection.remote) };
    },
    tcpShutdown([handle, how]) {
        const { stream, queue } = known(handle);
        if (how !== 1) queue.end();
        if (how !== 0) stream.end();
    },
    udpBind: ([{ family, host, port }]) =>
        new Promise((resolve, reject) => {
            const socket = dgram.createSocket(family === 4 ? "udp4" : "udp6");
            const value = { socket, waiting: [], arrived: [], options: new Map(), close: () => socket.close() };
            socket.once("error", reject);
            socket.on("message", (bytes, from) => {
                value.arrived.push({ bytes, from });
                serve(value);
            });
            socket.bind({ address: host, port }, () => {
                value.local = socket.address();
                resolve({ result: insert(value) });
            });
        }),
    udpConnect: ([handle, { host, port, family }]) =>
        new Promise((resolve, reject) => {
            const value = known(handle);
            value.remote = { address: host, port, family };
            value.socket.connect(port, host, error => (error ? reject(error) : resolve({})));
        }),
    async receive([handle, capacity, peek], id) {
        const value = known(handle);
        if (value.queue) return value.queue.read(capacity, peek, id);
        const datagram = await taken(value, id);
        if (peek) {
            value.arrived.unshift(datagram);
            serve(value);
        }
        const bytes = datagram.bytes.subarray(0, capacity);
        return { result: bytes.length, bytes, address: address(datagram.from) };
    },
    send: ([handle, bytes, to]) =>
        new Promise((resolve, reject) => {
            const done = error => (error ? reject(error) : resolve({ result: bytes.length }));
            const { socket } = known(handle);
            if (to) socket.send(bytes, to.port, to.host, done);
            else socket.send(bytes, done);
        }),
    socketAddress([handle, which]) {
        const { local, remote } = known(handle);
        const wanted = which === 0 ? local : remote;
        if (!wanted) throw { code: "ENOTCONN" };
        return { result: 0, address: address(wanted) };
    },
    socketOption([handle, option]) {
        if (option === 4) return { result: 0 };
        const value = known(handle).options?.get(option);
        if (value === undefined) throw { code: "ENOSYS" };
        return { result: value };
    },
    setSocketOption([handle, option, value]) {
        const { stream, socket, options } = known(handle);
        if (option === 1 && stream) stream.setNoDelay(Boolean(value));
        else if (option === 2 && socket) socket.setTTL(value);
        else if (option === 3 && socket) socket.setBroadcast(Boolean(value));
        else throw { code: "ENOSYS" };
        options.set(option, value);
    },
};
