module.exports = { inner: true, file: require("node:path").basename(__filename) }; const c = require("./common.cjs"); module.exports.partial = c.a;
