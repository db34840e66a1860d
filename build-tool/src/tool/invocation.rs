//! A program to run, as data: what for, its arguments, folder and environment,
//! and the line that one can paste to run it by hand.

use std::collections::BTreeMap;
use std::ffi::{OsStr, OsString};
use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::ToolError;

/// One program to run: what for, its arguments, folder and environment.
#[derive(Debug, Clone)]
pub struct Invocation {
    pub(super) purpose: String,
    program: OsString,
    args: Vec<OsString>,
    env: BTreeMap<OsString, Option<OsString>>,
    /// What is shown in place of a variable's value.
    shown: BTreeMap<OsString, String>,
    cwd: Option<PathBuf>,
    /// What serves this program and others like it.
    pub(super) served_by: Option<Box<Invocation>>,
    /// What ends the programs that this one leaves running on purpose.
    pub(super) ended_by: Option<Box<Invocation>>,
}

impl Invocation {
    /// `purpose` completes the sentence "cannot …".
    pub fn new(program: impl AsRef<OsStr>, purpose: impl Into<String>) -> Self {
        Self {
            purpose: purpose.into(),
            program: program.as_ref().to_owned(),
            args: Vec::new(),
            env: BTreeMap::new(),
            shown: BTreeMap::new(),
            cwd: None,
            served_by: None,
            ended_by: None,
        }
    }

    /// Adds one argument.
    #[must_use]
    pub fn arg(mut self, arg: impl AsRef<OsStr>) -> Self {
        self.args.push(arg.as_ref().to_owned());
        self
    }

    /// Adds several arguments.
    #[must_use]
    pub fn args<A: AsRef<OsStr>>(mut self, args: impl IntoIterator<Item = A>) -> Self {
        self.args.extend(args.into_iter().map(|arg| arg.as_ref().to_owned()));
        self
    }

    /// Sets a variable for the program.
    #[must_use]
    pub fn env(mut self, key: impl AsRef<OsStr>, value: impl AsRef<OsStr>) -> Self {
        self.env.insert(key.as_ref().to_owned(), Some(value.as_ref().to_owned()));
        self
    }

    /// Sets a variable whose value may be a secret: where there is something to show instead, only that is shown.
    #[must_use]
    pub fn env_shown(mut self, key: &str, value: &str, shown: Option<&str>) -> Self {
        if let Some(shown) = shown {
            self.shown.insert(key.into(), shown.to_owned());
        }
        self.env(key, value)
    }

    /// Hides one of our own variables from the program.
    #[must_use]
    pub fn env_remove(mut self, key: impl AsRef<OsStr>) -> Self {
        self.env.insert(key.as_ref().to_owned(), None);
        self
    }

    /// Lets the program find what lies in this folder before everything else on PATH.
    #[must_use]
    pub fn first_on_path(self, folder: &Path) -> Self {
        let path = self.env.get(OsStr::new("PATH")).cloned().flatten().or_else(|| std::env::var_os("PATH"));
        let folders = path.iter().flat_map(std::env::split_paths);
        match std::env::join_paths(std::iter::once(folder.to_owned()).chain(folders)) {
            Ok(path) => self.env("PATH", path),
            // A folder with a colon in its name cannot stand there.
            Err(_) => self,
        }
    }

    /// The names of the variables that are set for it.
    pub fn variables(&self) -> impl Iterator<Item = &str> {
        self.env.iter().filter(|(_, value)| value.is_some()).filter_map(|(name, _)| name.to_str())
    }

    /// Runs it in this folder.
    #[must_use]
    pub fn cwd(mut self, folder: impl AsRef<Path>) -> Self {
        self.cwd = Some(folder.as_ref().to_owned());
        self
    }

    /// Names a program that is run once before the first that it serves. It leaves behind what serves them, in a session
    /// of its own, so that a signal to our groups does not end that alone; `ended_by` says what ends it.
    #[must_use]
    pub fn served_by(mut self, other: Self) -> Self {
        self.served_by = Some(Box::new(other));
        self
    }

    /// Names a program that ends what this one leaves running in groups of its own: it is run once, by
    /// [`Launcher::end_company`](super::Launcher::end_company), and by the guard where we are killed before.
    #[must_use]
    pub fn ended_by(mut self, other: Self) -> Self {
        self.ended_by = Some(Box::new(other));
        self
    }

    /// This program as one line for the guard: program, arguments and variables; none where they are no text.
    pub(super) fn farewell(&self) -> Option<String> {
        let text = |word: &OsString| word.to_str().map(str::to_owned);
        let args: Option<Vec<String>> = self.args.iter().map(text).collect();
        let env: Option<BTreeMap<String, String>> = self
            .env
            .iter()
            .filter_map(|(name, value)| Some((name, value.as_ref()?)))
            .map(|(name, value)| Some((text(name)?, text(value)?)))
            .collect();
        serde_json::to_string(&(text(&self.program)?, args?, env?)).ok()
    }

    /// The command as one can paste it into a POSIX shell: folder, variables, program, arguments.
    pub fn command_line(&self) -> String {
        let quote = |text: &OsStr| quote(&text.to_string_lossy());
        let mut words = Vec::new();
        if let Some(folder) = &self.cwd {
            words.push(format!("cd {} &&", quote(folder.as_os_str())));
        }
        let removed: Vec<_> = self.env.iter().filter(|(_, value)| value.is_none()).collect();
        // A shell assigns only to names of its own form; cargo and the cc crate have variables with triples in them.
        let is_shell_name = |name: &OsStr| {
            let bytes = name.as_encoded_bytes();
            bytes.iter().all(|byte| byte.is_ascii_alphanumeric() || *byte == b'_')
        };
        if !removed.is_empty() || !self.env.keys().all(|key| is_shell_name(key)) {
            words.push("env".to_owned());
            words.extend(removed.iter().map(|(key, _)| format!("-u {}", quote(key))));
        }
        for (key, value) in &self.env {
            if let Some(value) = value {
                let shown = self.shown.get(key).cloned().unwrap_or_else(|| quote(value));
                words.push(format!("{}={shown}", quote(key)));
            }
        }
        words.push(quote(&self.program));
        words.extend(self.args.iter().map(|arg| quote(arg)));
        words.join(" ")
    }

    pub(super) fn command(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.args(&self.args);
        for (key, value) in &self.env {
            match value {
                Some(value) => command.env(key, value),
                None => command.env_remove(key),
            };
        }
        if let Some(folder) = &self.cwd {
            command.current_dir(folder);
        }
        command
    }

    pub(super) fn start_error(&self, source: io::Error) -> ToolError {
        let program = self.program.to_string_lossy().into_owned();
        let purpose = self.purpose.clone();
        if source.kind() == io::ErrorKind::NotFound {
            return match &self.cwd {
                Some(folder) if !folder.is_dir() => ToolError::Folder { purpose, folder: folder.clone() },
                _ => ToolError::Missing { program, purpose },
            };
        }
        ToolError::Start { program, purpose, source }
    }
}

/// Quotes one word for a POSIX shell.
pub fn quote(word: &str) -> String {
    shlex::try_quote(word).map_or_else(|_| format!("{word:?}"), std::borrow::Cow::into_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_that_no_shell_can_assign_to_is_given_by_env() {
        let call = Invocation::new("cargo", "build").arg("build").env("CC_linux", "cc");
        assert_eq!(call.command_line(), "CC_linux=cc cargo build");
        let call = call.env("CC_x86_64-linux", "zig cc");
        assert_eq!(call.command_line(), "env CC_linux=cc CC_x86_64-linux='zig cc' cargo build");
    }
}
