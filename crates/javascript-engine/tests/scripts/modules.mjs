await import("./modules/all.js");
