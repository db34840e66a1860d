export const log = (...x) => console.log("module", ...x);
