// Timers, as a module.
import { clearImmediate, clearInterval, clearTimeout, setImmediate, setInterval, setTimeout } from "internal:timers";

export { clearImmediate, clearInterval, clearTimeout, setImmediate, setInterval, setTimeout };
export default { clearImmediate, clearInterval, clearTimeout, setImmediate, setInterval, setTimeout };
