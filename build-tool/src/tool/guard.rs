//! Ends our process groups when we cannot: after `kill -9` nobody else would.
//! The guard is this same program, started with a hidden first argument; it
//! reads group numbers from a pipe, and when the pipe closes it ends those
//! that are still listed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufRead, Write};
use std::process::{ChildStdin, Command, Stdio};

/// The hidden first argument.
const ARGUMENT: &str = "__guard-process-groups";

/// Our end of the pipe to the guard.
#[derive(Debug)]
pub struct Guard(ChildStdin);

impl Guard {
    /// Starts the guard; `None` where it cannot be had (then only an orderly end cleans up).
    pub fn start() -> Option<Self> {
        if !cfg!(unix) {
            return None; // a job object does it there
        }
        let mut command = Command::new(std::env::current_exe().ok()?);
        command.arg(ARGUMENT).stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        // A Ctrl-C at the terminal is for us, not for the guard.
        #[cfg(unix)]
        std::os::unix::process::CommandExt::process_group(&mut command, 0);
        command.spawn().ok()?.stdin.map(Self)
    }

    /// From now on this group ends with us.
    pub fn watch(&mut self, group: u32) {
        self.say('+', group);
    }

    /// The group has ended in good order.
    pub fn forget(&mut self, group: u32) {
        self.say('-', group);
    }

    /// From now on this program is run once the groups have been ended (see `Invocation::ended_by`).
    pub fn farewell(&mut self, line: &str) {
        self.say('!', line);
    }

    /// We end in good order, and have done so ourselves.
    pub fn no_farewells(&mut self) {
        self.say('.', "");
    }

    fn say(&mut self, sign: char, what: impl std::fmt::Display) {
        // A guard that died only takes its extra safety with it.
        let _without_guard = writeln!(self.0, "{sign}{what}");
    }
}

/// Whether this process was started as the guard; if so, guards until the pipe closes.
pub fn entry() -> bool {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().is_none_or(|first| first != ARGUMENT) {
        return false;
    }
    let mut groups = BTreeSet::new();
    let mut farewells = BTreeSet::new();
    for line in std::io::stdin().lock().lines().map_while(Result::ok) {
        let number = line.get(1..).and_then(|number| number.parse::<u32>().ok());
        match (line.chars().next(), number) {
            (Some('+'), Some(group)) => drop(groups.insert(group)),
            (Some('-'), Some(group)) => drop(groups.remove(&group)),
            (Some('!'), _) => drop(farewells.insert(line[1..].to_owned())),
            (Some('.'), _) => farewells.clear(),
            _ => {}
        }
    }
    for group in groups {
        super::signal_group(group, true);
    }
    farewells.iter().for_each(|line| bid(line));
    true
}

/// Runs what a line of `Invocation::farewell` says; nobody is left who could hear of a failure.
fn bid(line: &str) {
    type Farewell = (String, Vec<String>, BTreeMap<String, String>);
    let Ok((program, args, env)) = serde_json::from_str::<Farewell>(line) else { return };
    let mut command = Command::new(program);
    command.args(args).envs(env).stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    let _nobody_to_tell = command.status();
}
