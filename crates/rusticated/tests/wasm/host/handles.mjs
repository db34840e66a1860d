// What the module's handles name, and how operations that wait for somebody can be given up.
export const handles = new Map();
export const inFlight = new Map(); // number of a request → how it is cancelled

let last = 100;

export function insert(value) {
    handles.set(++last, value);
    return last;
}

export function known(handle) {
    const value = handles.get(handle);
    if (!value) throw { code: "EBADF" };
    return value;
}
