// exit: 1
import { x } from "./nowhere.js";
console.log(x);
