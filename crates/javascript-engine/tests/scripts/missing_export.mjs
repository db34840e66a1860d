// exit: 1
import { nothing } from "./modules/values.mjs";
console.log(nothing);
