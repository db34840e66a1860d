import { log } from "./log.mjs"; import "./second.mjs"; log("first"); await null; log("first after await");
