exports.a = 1; exports.b = require("./inner.cjs"); exports.self = () => require("./common.cjs") === exports; module.exports.later = 3;
