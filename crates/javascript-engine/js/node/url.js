// Between paths and file URLs. The class URL is not there.
import native from "internal:native";
import { resolve } from "node:path";

const windows = native.platform === "win32";

export function fileURLToPath(url) {
  const text = typeof url === "string" ? url : url.href;
  const found = /^file:\/\/(?:localhost)?(\/[^?#]*)/.exec(text);
  if (!found) throw new TypeError(`The URL must be a file URL without a host: ${text}`);
  // Bytes that are no UTF-8 are lone surrogates in paths.
  const bytes = found[1].replaceAll(/(?:%[0-9a-fA-F]{2})+/g, (escaped) => {
    try {
      return decodeURIComponent(escaped);
    } catch {
      return escaped.replaceAll(/%(..)/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16) < 0x80 ? Number.parseInt(hex, 16) : 0xdc00 | Number.parseInt(hex, 16)));
    }
  });
  return windows ? bytes.slice(1).replaceAll("/", "\\") : bytes;
}

export function pathToFileURL(path) {
  const full = resolve(path) + (/[\\/]$/.test(path) ? "/" : "");
  const slashes = windows ? `/${full.replaceAll("\\", "/")}` : full;
  const escaped = Array.from(slashes, (letter) => {
    const unit = letter.charCodeAt(0);
    if (letter.length === 1 && unit >= 0xd800 && unit <= 0xdfff) return `%${(unit & 0xff).toString(16).toUpperCase()}`;
    return /[A-Za-z0-9\-_.!~*'()/:@&=+$,;[\]^|]/.test(letter) ? letter : encodeURIComponent(letter);
  }).join("");
  const href = `file://${escaped}`;
  return { href, protocol: "file:", pathname: escaped, toString: () => href };
}

export default { fileURLToPath, pathToFileURL };
