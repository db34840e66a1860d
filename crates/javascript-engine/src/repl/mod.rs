//! Trying JavaScript, line by line: what is typed is evaluated, and what comes of it printed.

mod lines;
#[cfg(unix)]
mod terminal;
mod unfinished;

use std::ffi::OsString;

use rquickjs::Ctx;

use crate::run::{self, Failure};
use crate::settings::{ReplSettings, Settings};
use crate::state::State;
use crate::{event_loop, output, strings};

use lines::{Line, Lines};
use unfinished::is_unfinished;

const HELP: &str = "\
.exit   end (or Ctrl-D)
.break  forget what was begun (or Ctrl-C, which also stops what runs)
.help   this
_ is the last result. `await` works; timers run while something is evaluated.
";

/// Asks, evaluates and prints until the input ends or `.exit` is typed. Gives the exit code.
///
/// # Errors
///
/// It did not begin.
pub fn repl(settings: &Settings, args: &[OsString], chosen: &ReplSettings) -> Result<i32, Failure> {
    let history = chosen.history.clone();
    run::apart(settings, args.to_vec(), move |ctx, state| {
        let first = run::start(ctx, state, "startRepl", |_| Ok(Vec::new()));
        event_loop::run_while(ctx, state, first, "isEvaluating");
        let mut lines = Lines::new(history);
        if lines.is_terminal() {
            state.take_ctrl_c();
            say(concat!(
                "rust-bun ",
                env!("CARGO_PKG_VERSION"),
                ": JavaScript by QuickJS. .help tells what else there is\n"
            ));
        }
        let left = converse(ctx, state, &mut lines);
        lines.save();
        let typed = lines.is_terminal();
        drop(lines);
        state.give_ctrl_c_back();
        // Who leaves, leaves. Otherwise what was begun goes on to its end, as in a file.
        if left || typed {
            event_loop::finish(ctx, state)
        } else {
            event_loop::run(ctx, state, event_loop::First::Jobs)
        }
    })
}

/// Whether it was said that this is the end; otherwise there is no more input.
fn converse(ctx: &Ctx<'_>, state: &State, lines: &mut Lines) -> bool {
    let mut code = String::new();
    let mut warned = false;
    while state.ending().is_none() {
        let line = match lines.next(if code.is_empty() { "> " } else { "… " }) {
            Line::Text(line) => line,
            Line::Interrupted if code.is_empty() && warned => return true,
            Line::Interrupted => {
                warned = code.is_empty();
                if warned {
                    say("(.exit, Ctrl-D or Ctrl-C once more ends this)\n");
                }
                code.clear();
                continue;
            }
            Line::End => {
                if !code.is_empty() {
                    evaluate(ctx, state, &code);
                }
                return false;
            }
        };
        warned = false;
        match (line.trim(), code.is_empty()) {
            (".exit", _) => return true,
            (".break", _) => code.clear(),
            (".help", true) => say(HELP),
            ("", true) => {}
            (word, true) if word.starts_with('.') && word[1..].starts_with(|letter: char| letter.is_alphabetic()) => {
                say(&format!("There is no {word}. .help tells what there is\n"));
            }
            _ => {
                code.push_str(&line);
                code.push('\n');
                if is_unfinished(&code) {
                    continue;
                }
                lines.remember(code.trim_end());
                evaluate(ctx, state, &code);
                code.clear();
            }
        }
    }
    true
}

fn say(text: &str) {
    // A reader that has gone has what it wanted.
    let _ = output::write(text.as_bytes());
}

/// Evaluates a piece of code, and waits for it.
fn evaluate(ctx: &Ctx<'_>, state: &State, code: &str) {
    state.forget_ctrl_c();
    let first = run::start(ctx, state, "evaluateLine", |ctx| Ok(vec![strings::to_js(ctx, code.as_ref())?]));
    event_loop::run_while(ctx, state, first, "isEvaluating");
    let stopped = state.is_broken_off();
    state.forget_ctrl_c();
    if state.ending().is_some() {
        return;
    }
    let waits = state.call::<bool>(ctx, "isEvaluating");
    if stopped {
        // Ctrl-C may come between two ticks that call each other for ever: they would go on with the next line.
        state.call::<()>(ctx, "forgetTicks");
        say("(stopped)\n");
    } else if waits {
        say("(it waits for something that cannot come)\n");
    }
    if waits {
        state.call::<()>(ctx, "giveUp");
    }
}
