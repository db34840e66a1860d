// Runs the tests of one file and prints what became of them.
import native from "internal:native";
import process from "node:process";
import { inspect } from "internal:inspect";
import { excerpt } from "internal:errors";
import { clearTimeout, setTimeout } from "internal:timers";
import { checkAssertions, forgetAssertions } from "internal:test/expect";
import { ancestors, fullName, marked, root, testsIn } from "internal:test/suite";

const colors = native.colors(1);
const paint = (code, text) => (colors ? `\x1b[${code}m${text}\x1b[0m` : text);
const counts = { passed: 0, failed: 0, skipped: 0, todo: 0 };
let options;
/** Takes errors that nobody caught while a test runs. */
let fail = null;

process.on("uncaughtException", (error) => stray(error));
process.on("unhandledRejection", (reason) => stray(reason));

function stray(error) {
  if (fail) fail(error);
  else failure("(between tests)", error);
}

function print(text) {
  native.write(1, `${text}\n`);
}

function failure(name, error, time) {
  counts.failed += 1;
  print(describeError(error));
  print(`${paint(31, "✗")} ${name}${time === undefined ? "" : duration(time)}`);
}

function describeError(error) {
  if (!(error instanceof Error)) return `${paint(31, "error")}: ${inspect(error)} was thrown`;
  const text = error.isAssertion ? `${paint(31, "error")}: ${error.message}\n${stackOf(error)}` : inspect(error, { bare: true, colors });
  return `${excerpt(error)}${text}`.trimEnd();
}

function stackOf(error) {
  const lines = `${error.stack ?? ""}`.split("\n").filter((line) => line.trim() !== "" && !/\((internal|node|bun):|\(native\)/.test(line));
  return lines.join("\n");
}

function duration(time) {
  return paint(90, ` [${time.toFixed(2)}ms]`);
}

/** Does a piece of work within a time; a `done` function is for those who take one. */
function perform(body, timeout, what) {
  return new Promise((resolve, reject) => {
    let timer = null;
    const end = (settle) => (value) => {
      clearTimeout(timer);
      fail = null;
      native.setStretch(0);
      settle(value);
    };
    const done = end(resolve);
    const failed = end(reject);
    fail = failed;
    if (timeout > 0) {
      timer = setTimeout(() => failed(new Late(`${what} timed out after ${timeout}ms`)), timeout);
      // Code that never gives way is interrupted from outside.
      native.setStretch(timeout);
    }
    try {
      if (body.length > 0) {
        body((error) => (error ? failed(error) : done()));
        return;
      }
      const result = body();
      if (typeof result?.then === "function") result.then(done, failed);
      else done();
    } catch (error) {
      failed(error);
    }
  });
}

class Late extends Error {
  name = "error";
  stack = "";
}

/** Whether a test is to run, or why not: `run`, `skip`, `todo`, or `hide`. */
function decide(item, onlySome) {
  if (options.pattern && !options.pattern.test(fullName(item, " "))) return "hide";
  if ((onlySome || options.only) && !marked(item, "only")) return "hide";
  if (marked(item, "skip")) return "skip";
  if (marked(item, "todo") && !(options.todo && item.body)) return "todo";
  return "run";
}

function bailed() {
  return options.bail > 0 && options.failures + counts.failed >= options.bail;
}

async function runTest(item) {
  const name = fullName(item, " > ");
  const verdict = decide(item, options.onlySome);
  if (verdict === "hide") return;
  if (verdict !== "run") {
    counts[verdict === "skip" ? "skipped" : "todo"] += 1;
    print(`${paint(33, verdict === "skip" ? "»" : "✎")} ${name}`);
    return;
  }
  native.progress(name, counts.passed, counts.failed, counts.skipped, counts.todo);
  const timeout = item.timeout ?? options.timeout;
  const started = native.now();
  const suites = ancestors(item);
  let problem = null;
  const attempt = async (body, what) => {
    try {
      await perform(body, timeout, what);
    } catch (error) {
      problem ??= { error };
    }
  };
  for (const hook of suites.flatMap((suite) => suite.hooks.beforeEach)) if (!problem) await attempt(hook, "beforeEach");
  forgetAssertions();
  if (!problem) await attempt(item.body, "this test");
  if (!problem) await attempt(checkAssertions, "this test");
  for (const hook of suites.toReversed().flatMap((suite) => suite.hooks.afterEach)) await attempt(hook, "afterEach");
  const time = native.now() - started;
  if (marked(item, "todo")) {
    if (problem) {
      counts.todo += 1;
      print(`${paint(33, "✎")} ${name}`);
      return;
    }
    problem = { error: new Late("this test is marked as todo, but passes: remove the mark") };
  }
  if (problem) failure(name, problem.error, time);
  else {
    counts.passed += 1;
    print(`${paint(32, "✓")} ${name}${duration(time)}`);
  }
}

async function runSuite(suite) {
  const wanted = testsIn(suite).filter((item) => decide(item, options.onlySome) === "run");
  const label = (what) => (suite.name === "" ? what : `${fullName(suite, " > ")} > ${what}`);
  if (wanted.length > 0) {
    for (const hook of suite.hooks.beforeAll) {
      try {
        await perform(hook, options.timeout, "beforeAll");
      } catch (error) {
        failure(label("(beforeAll)"), error);
        counts.failed += wanted.length - 1;
        return;
      }
    }
  }
  for (const child of suite.children) {
    if (bailed()) break;
    await (child.isTest ? runTest(child) : runSuite(child));
  }
  if (wanted.length === 0) return;
  for (const hook of suite.hooks.afterAll) {
    try {
      await perform(hook, options.timeout, "afterAll");
    } catch (error) {
      failure(label("(afterAll)"), error);
    }
  }
}

/** Loads a file with tests and runs them. */
export async function run(path, load, settings) {
  options = settings;
  try {
    await load(path);
    options.onlySome = testsIn(root).some((item) => marked(item, "only"));
    await runSuite(root);
  } catch (error) {
    failure("(the file itself)", error);
  }
  native.progress("", counts.passed, counts.failed, counts.skipped, counts.todo);
  process.emit("exit", counts.failed > 0 ? 1 : 0);
  native.exit(counts.failed > 0 ? 1 : 0);
}
