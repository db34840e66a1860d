// What the module asks for, done by Node: files, folders, pipes, children. Sockets are in sockets.mjs.
import { spawn as start } from "node:child_process";
import fs, { promises } from "node:fs";
import os from "node:os";
import { ByteQueue } from "./queue.mjs";
import { handles, insert, inFlight, known } from "./handles.mjs";
import * as sockets from "./sockets.mjs";

const path = bytes => {
    if (bytes.includes(0)) throw { code: "EINVAL" };
    return Buffer.from(bytes);
};

class File {
    constructor(file, append) {
        Object.assign(this, { file, append, position: 0 });
    }
    async read(capacity, offset) {
        const buffer = Buffer.alloc(capacity);
        const { bytesRead } = await this.file.read(buffer, 0, capacity, offset < 0 ? this.position : offset);
        if (offset < 0) this.position += bytesRead;
        return { result: bytesRead, bytes: buffer.subarray(0, bytesRead) };
    }
    async write(bytes, offset) {
        const place = this.append ? null : offset < 0 ? this.position : offset;
        const { bytesWritten } = await this.file.write(bytes, 0, bytes.length, place);
        if (offset < 0) this.position = this.append ? (await this.file.stat()).size : this.position + bytesWritten;
        return { result: bytesWritten };
    }
    close() {
        return this.file.close();
    }
}

const kind = entry => (entry.isFile() ? 1 : entry.isDirectory() ? 2 : entry.isSymbolicLink() ? 3 : 0);
const metadata = stat => ({
    known: {
        length: stat.size,
        modified: stat.mtimeNs,
        accessed: stat.atimeNs,
        created: stat.birthtimeNs,
        kind: kind(stat),
        mode: Number(stat.mode) & 0o7777,
    },
});

// A pipe that only this host knows: a child cannot have an end of it.
class End {
    constructor(queue, writes) {
        Object.assign(this, { queue, writes });
    }
    read(capacity, _offset, id) {
        return this.queue.read(capacity, false, id);
    }
    async write(bytes) {
        if (this.queue.closed) throw { code: "EPIPE" };
        this.queue.push(bytes);
        return { result: bytes.length };
    }
    close() {
        if (this.writes) this.queue.end();
        else this.queue.close();
    }
}

class Output {
    constructor(stream) {
        this.stream = stream;
        stream.on("error", () => {});
    }
    write(bytes) {
        return new Promise((resolve, reject) =>
            this.stream.write(bytes, error => (error ? reject(error) : resolve({ result: bytes.length }))),
        );
    }
    close() {
        this.stream.end();
    }
}

const constants = fs.constants;
const signals = ["SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2", "SIGWINCH"];

export function cancel(id) {
    inFlight.get(id)?.();
}

export const operations = {
    ...sockets.operations,
    double: ([value]) => ({ result: value * 2 }),
    close([handle]) {
        const value = handles.get(handle);
        handles.delete(handle);
        value?.close?.();
    },
    read: ([handle, capacity, offset], id) => known(handle).read(capacity, offset, id),
    write: ([handle, bytes, offset]) => known(handle).write(bytes, offset),
    pipe: () => {
        const queue = new ByteQueue();
        return { ends: [insert(new End(queue, false)), insert(new End(queue, true))] };
    },
    async open([name, how, mode, extra]) {
        const [read, write, append] = [how & 1, how & 2, how & 4];
        let flags = (write || append ? (read ? constants.O_RDWR : constants.O_WRONLY) : constants.O_RDONLY) | extra;
        if (append) flags |= constants.O_APPEND;
        if (how & 8) flags |= constants.O_TRUNC;
        if (how & 16) flags |= constants.O_CREAT;
        if (how & 32) flags |= constants.O_CREAT | constants.O_EXCL;
        return { result: insert(new File(await promises.open(path(name), flags, mode), Boolean(append))) };
    },
    async seek([handle, offset, whence]) {
        const file = known(handle);
        const base = [0, file.position, whence === 2 ? (await file.file.stat()).size : 0][whence];
        if (base + offset < 0) throw { code: "EINVAL" };
        return { result: (file.position = base + offset) };
    },
    sync: ([handle, dataOnly]) => known(handle).file[dataOnly ? "datasync" : "sync"](),
    setLength: ([handle, length]) => known(handle).file.truncate(length),
    metadata: async ([handle]) => metadata(await known(handle).file.stat({ bigint: true })),
    setMode: ([handle, mode]) => known(handle).file.chmod(mode),
    async setTimes([handle, accessed, modified]) {
        const { file } = known(handle);
        const stat = await file.stat();
        await file.utimes(accessed ?? stat.atime, modified ?? stat.mtime);
    },
    pathMetadata: async ([name, follow]) =>
        metadata(await promises[follow ? "stat" : "lstat"](path(name), { bigint: true })),
    pathSetMode: ([name, mode]) => promises.chmod(path(name), mode),
    createFolder: async ([name, mode]) => void (await promises.mkdir(path(name), { mode })),
    async openFolder([name]) {
        const entries = await promises.readdir(path(name), { withFileTypes: true, encoding: "buffer" });
        return { result: insert({ entries }) };
    },
    readFolder([handle, capacity]) {
        const { entries } = known(handle);
        const records = [];
        let length = 0;
        while (entries.length && length + entries[0].name.length + 2 <= capacity) {
            const entry = entries.shift();
            const record = Buffer.concat([Buffer.of(kind(entry)), Buffer.from(entry.name), Buffer.of(0)]);
            records.push(record);
            length += record.length;
        }
        return { result: length, bytes: Buffer.concat(records) };
    },
    async remove([name, what]) {
        if (what === 0) await promises.unlink(path(name));
        else if (what === 1) await promises.rmdir(path(name));
        else {
            const stat = await promises.lstat(path(name));
            if (!stat.isDirectory() && !stat.isSymbolicLink()) throw { code: "ENOTDIR" };
            await promises.rm(path(name), { recursive: true });
        }
    },
    rename: ([from, to]) => promises.rename(path(from), path(to)),
    link: ([original, name, kind]) =>
        kind === 0 ? promises.link(path(original), path(name)) : promises.symlink(path(original), path(name)),
    async resolve([name, what]) {
        const bytes = await promises[what === 0 ? "readlink" : "realpath"](path(name), { encoding: "buffer" });
        return { result: bytes.length, bytes };
    },
    currentFolder: () => ({ path: process.cwd() }),
    setCurrentFolder: ([to]) => process.chdir(to),

    spawn([{ program, args, env, cwd, streams }]) {
        const stdio = streams.map(stream => {
            if (stream < 0) return ["inherit", "ignore", "pipe"][-1 - stream];
            const fd = known(stream).file?.fd;
            if (fd === undefined) throw { code: "ENOSYS" };
            return fd;
        });
        return new Promise((resolve, reject) => {
            const process = start(program, args, { env, cwd, stdio });
            process.on("error", reject);
            const child = { process, ended: new Promise(end => process.on("exit", (code, signal) => end({ code, signal }))) };
            child.ended.then(({ code, signal }) => {
                child.status = code ?? Number(1n << 32n) + os.constants.signals[signal];
            });
            process.on("spawn", () => {
                const pipes = [process.stdin, process.stdout, process.stderr].map((stream, nth) => {
                    if (!stream) return -1;
                    if (nth === 0) return insert(new Output(stream));
                    // At once: Node throws away what nobody listens to when a child ends.
                    const input = new sockets.Input(stream);
                    input.listen();
                    return insert(input);
                });
                resolve({ child: insert(child), pid: process.pid, pipes });
            });
        });
    },
    async waitChild([handle], id) {
        const child = known(handle);
        const cancelled = new Promise((_, reject) => inFlight.set(id, () => reject({ code: "ECANCELED" })));
        await Promise.race([child.ended, cancelled]).finally(() => inFlight.delete(id));
        return { result: child.status };
    },
    tryWaitChild([handle]) {
        const { status } = known(handle);
        return status === undefined ? { running: true } : { result: status };
    },
    killChild: ([handle]) => void known(handle).process.kill("SIGKILL"),

    signalWait([mask], id) {
        return new Promise((resolve, reject) => {
            const chosen = signals.filter((_, bit) => mask & (1 << bit));
            const told = signal => {
                chosen.forEach(each => process.off(each, told));
                inFlight.delete(id);
                resolve({ result: signals.indexOf(signal) });
            };
            chosen.forEach(each => process.on(each, told));
            inFlight.set(id, () => {
                chosen.forEach(each => process.off(each, told));
                inFlight.delete(id);
                reject({ code: "ECANCELED" });
            });
        });
    },
};

handles.set(1, { write: bytes => new Output(process.stdout).write(bytes) });
handles.set(2, { write: bytes => new Output(process.stderr).write(bytes) });
handles.set(0, new sockets.Input(process.stdin));
