//! The words of the command line in the order that the types expect: the command first, then its options.
//!
//! `rust-bun` takes `NAME=value` words and options before the command, too, and needs no command at all to run a script
//! or a file: `rust-bun A=1 --watch app.ts x` means `rust-bun run --watch app.ts x` with a variable more. Which options
//! take a value is asked of the types themselves.

use std::ffi::{OsStr, OsString};

use clap::{Arg, ArgAction, Command};
use clap_lex::OsStrExt;

/// The words, sorted out.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Words {
    /// The program's own name, then what clap is given.
    pub(super) arranged: Vec<OsString>,
    /// The `NAME=value` words.
    pub(super) variables: Vec<(OsString, OsString)>,
    /// There was no command: `run` was meant.
    pub(super) implicit: bool,
}

/// What a word before the command is.
enum Leading {
    /// `NAME=value`
    Variable(OsString, OsString),
    /// An option that is whole, or has its value in the next word.
    Option { value_follows: bool },
    /// An option with code to run: what follows that is the code's.
    Code { value_follows: bool },
    /// From here on, only clap knows.
    Clap,
    /// The command, or what to run.
    Word,
    /// `--`: what to run follows, whatever it looks like.
    Separator,
}

/// Sorts them out; the first is the program's own name.
pub(super) fn arrange(words: impl IntoIterator<Item = OsString>, cli: &Command) -> Words {
    let mut words = words.into_iter();
    let mut result = Words { arranged: words.next().into_iter().collect(), ..Words::default() };
    let mut options = Vec::new();
    let command = loop {
        let Some(word) = words.next() else { break None };
        match kind(&word, cli) {
            Leading::Variable(name, value) => result.variables.push((name, value)),
            Leading::Option { value_follows } => {
                options.push(word);
                options.extend(if value_follows { words.next() } else { None });
            }
            Leading::Code { value_follows } => {
                options.push(word);
                options.extend(if value_follows { words.next() } else { None });
                let mut rest = words.by_ref().peekable();
                if rest.peek().is_some_and(|next| next != "--") {
                    options.push("--".into());
                }
                options.extend(rest);
                break Some(OsString::from("repl"));
            }
            Leading::Clap => {
                options.push(word);
                break None;
            }
            Leading::Separator => {
                result.implicit = true;
                options.push(word);
                break Some("run".into());
            }
            Leading::Word if word.to_str().is_some_and(|name| cli.find_subcommand(name).is_some()) => break Some(word),
            Leading::Word => {
                result.implicit = true;
                options.push(word);
                break Some("run".into());
            }
        }
    };
    result.arranged.extend(command.into_iter().chain(options).chain(words));
    result
}

fn kind(word: &OsStr, cli: &Command) -> Leading {
    let bytes = word.as_encoded_bytes();
    if bytes == b"--" {
        return Leading::Separator;
    }
    if let Some(long) = word.strip_prefix("--") {
        let (name, value) = long.split_once("=").map_or((long, None), |(name, value)| (name, Some(value)));
        let Some(arg) = name.to_str().and_then(|name| option(cli, |arg| arg.get_long() == Some(name))) else {
            return Leading::Clap;
        };
        return whole(arg, value.is_some());
    }
    if bytes.len() > 1 && bytes[0] == b'-' {
        // Letters in one word: the first that takes a value has the rest of it.
        let Some(letters) = word.to_str() else { return Leading::Clap };
        for (at, letter) in letters.char_indices().skip(1) {
            let Some(arg) = option(cli, |arg| arg.get_short() == Some(letter)) else { return Leading::Clap };
            if arg.get_action().takes_values() {
                return whole(arg, at + letter.len_utf8() < letters.len());
            }
        }
        return Leading::Option { value_follows: false };
    }
    match word.split_once("=") {
        Some((name, value)) if is_variable(name) => Leading::Variable(name.to_owned(), value.to_owned()),
        _ => Leading::Word,
    }
}

/// The option of the program itself, of `run` or of `repl`.
fn option(cli: &Command, is_it: impl Fn(&Arg) -> bool) -> Option<&Arg> {
    let inner = ["run", "repl"].into_iter().filter_map(|name| cli.find_subcommand(name));
    // What the program itself answers at once is no option of a command.
    let own = cli.get_arguments().filter(|arg| arg.is_global_set());
    own.chain(inner.flat_map(Command::get_arguments)).find(|arg| is_it(arg))
}

/// An option that is known; `has_value` where the value is in the same word.
fn whole(arg: &Arg, has_value: bool) -> Leading {
    let takes = matches!(arg.get_action(), ArgAction::Set | ArgAction::Append) && !arg.is_require_equals_set();
    let value_follows = takes && !has_value;
    match arg.get_id().as_str() {
        "eval" | "print" => Leading::Code { value_follows },
        _ => Leading::Option { value_follows },
    }
}

/// Whether a shell would take it for a variable's name.
fn is_variable(name: &OsStr) -> bool {
    let bytes = name.as_encoded_bytes();
    bytes.first().is_some_and(|first| first.is_ascii_alphabetic() || *first == b'_')
        && bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
}
