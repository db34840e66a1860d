// Runs the program's behaviours: node run.mjs MODULE block|tick FOLDER
// This thread does what the module asks for; the module has a thread of its own, which can block.
import { Worker, MessageChannel } from "node:worker_threads";
import { cancel, operations } from "./operations.mjs";
import { errno } from "./errors.mjs";

const [module, mode, folder] = process.argv.slice(2);
const bell = new Int32Array(new SharedArrayBuffer(4));
const { port1: ours, port2: theirs } = new MessageChannel();

function answer(message) {
    ours.postMessage(message);
    Atomics.add(bell, 0, 1);
    Atomics.notify(bell, 0);
}

ours.on("message", async ({ id, name, args }) => {
    if (name === "cancel") return cancel(args[0]);
    try {
        const operation = operations[name];
        if (!operation) throw { code: "ENOSYS" };
        answer({ id, answer: (await operation(args, id)) ?? {} });
    } catch (error) {
        answer({ id, answer: { result: -errno(error) } });
    }
});

const worker = new Worker(new URL("./module.mjs", import.meta.url), {
    workerData: { module, mode, folder, bell, port: theirs, args: process.argv, pid: process.pid, cwd: process.cwd() },
    transferList: [theirs],
});
worker.on("error", error => {
    console.error(error);
    process.exit(1);
});
worker.on("message", ({ text, exit }) => {
    if (text !== undefined) process.stdout.write(text);
    if (exit !== undefined) process.exit(exit);
});
