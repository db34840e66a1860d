// The difference between what was expected and what came, line by line.
import { inspect } from "internal:inspect";

const LIMIT = 2000;

function lines(value) {
  return inspect(value, { depth: 20, compact: false }).split("\n");
}

/** The text of the difference; empty where both look the same. */
export function diff(expected, received) {
  const [left, right] = [lines(expected), lines(received)];
  if (left.length === 1 && right.length === 1) return `\nExpected: ${left[0]}\nReceived: ${right[0]}\n`;
  if (left.length > LIMIT || right.length > LIMIT) return "\n(the values are too long to show how they differ)\n";
  // The longest common subsequence of lines, from the end.
  const lengths = Array.from({ length: left.length + 1 }, () => new Uint32Array(right.length + 1));
  for (let i = left.length - 1; i >= 0; i -= 1) {
    for (let j = right.length - 1; j >= 0; j -= 1) {
      lengths[i][j] = left[i] === right[j] ? lengths[i + 1][j + 1] + 1 : Math.max(lengths[i + 1][j], lengths[i][j + 1]);
    }
  }
  const shown = [];
  let [i, j, removed, added] = [0, 0, 0, 0];
  while (i < left.length || j < right.length) {
    if (i < left.length && j < right.length && left[i] === right[j]) {
      shown.push(`  ${left[i]}`);
      i += 1;
      j += 1;
    } else if (j >= right.length || (i < left.length && lengths[i + 1][j] >= lengths[i][j + 1])) {
      shown.push(`- ${left[i]}`);
      removed += 1;
      i += 1;
    } else {
      shown.push(`+ ${right[j]}`);
      added += 1;
      j += 1;
    }
  }
  return `\n${shown.join("\n")}\n\n- Expected  - ${removed}\n+ Received  + ${added}\n`;
}
