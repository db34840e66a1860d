// Bytes that come in and wait to be read, and reads that wait for bytes.
import { inFlight } from "./handles.mjs";

export class ByteQueue {
    chunks = [];
    readers = [];
    ended = false;
    closed = false;

    push(bytes) {
        if (bytes.length) this.chunks.push(Buffer.from(bytes));
        this.serve();
    }
    end() {
        this.ended = true;
        this.serve();
    }
    fail(error) {
        this.error = error;
        this.end();
    }
    close() {
        this.closed = true;
    }
    read(capacity, peek, id) {
        return new Promise((resolve, reject) => {
            const reader = { capacity, peek, resolve, reject, id };
            this.readers.push(reader);
            inFlight.set(id, () => {
                this.readers = this.readers.filter(each => each !== reader);
                inFlight.delete(id);
                reject({ code: "ECANCELED" });
            });
            this.serve();
        });
    }
    serve() {
        while (this.readers.length && (this.chunks.length || this.ended)) {
            const { capacity, peek, resolve, reject, id } = this.readers.shift();
            inFlight.delete(id);
            if (!this.chunks.length && this.error) {
                reject(this.error);
                continue;
            }
            const chunk = this.chunks[0] ?? Buffer.alloc(0);
            const bytes = chunk.subarray(0, capacity);
            if (!peek && this.chunks.length) {
                if (bytes.length === chunk.length) this.chunks.shift();
                else this.chunks[0] = chunk.subarray(bytes.length);
            }
            resolve({ result: bytes.length, bytes });
        }
    }
}
