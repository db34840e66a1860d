//! The programs that sign and split debug information for other systems: their
//! names, where they are, and how to get them.

use std::path::PathBuf;

use super::{Finding, Toolchain};
use crate::stages::Tool;
use crate::tool::Invocation;

/// Names under which a program is known, the best first; what it is for; how to get it.
fn known(tool: Tool) -> (&'static [&'static str], &'static str, &'static str) {
    match tool {
        Tool::Codesign => (
            &["codesign"],
            "signs with an identity of the keychain",
            "it is on every Mac; elsewhere name a `certificate`",
        ),
        Tool::Rcodesign => (&["rcodesign"], "signs and notarises for macOS", "cargo install --locked apple-codesign"),
        Tool::Osslsigncode => {
            (&["osslsigncode"], "signs for Windows", "apt install osslsigncode; brew install osslsigncode")
        }
        Tool::Signtool => {
            (&["signtool"], "signs for Windows", "it comes with the Windows SDK; elsewhere name a `certificate`")
        }
        Tool::Productsign => {
            (&["productsign"], "signs installer packages", "it is on every Mac; elsewhere name a `certificate`")
        }
        Tool::Gpg => (&["gpg", "gpg2"], "signs packages", "apt install gnupg; dnf install gnupg2; brew install gnupg"),
        _ => (
            &["dsymutil", "llvm-dsymutil", "dsymutil-22", "dsymutil-21", "dsymutil-20", "dsymutil-19"],
            "gathers debug information for macOS",
            "apt install llvm",
        ),
    }
}

/// Where it is.
pub(super) fn find(tool: Tool) -> Option<PathBuf> {
    super::find(known(tool).0)
}

/// Which one it is: another may make other bytes.
pub(super) fn version_of(tool: Tool) -> String {
    let describe = |path: PathBuf| format!("{} {:?}", path.display(), path.metadata().and_then(|m| m.modified()).ok());
    find(tool).map(describe).unwrap_or_default()
}

/// As `doctor` shows it.
pub(super) fn finding(tool: Tool) -> Finding {
    let (names, purpose, remedy) = known(tool);
    let answer = find(tool).map(|path| path.display().to_string()).ok_or_else(|| remedy.to_owned());
    Finding { name: names.first().copied().unwrap_or_default().to_owned(), purpose: purpose.to_owned(), answer }
}

impl Toolchain {
    /// A call of one of these programs.
    pub fn program(&self, tool: Tool, purpose: &str) -> Invocation {
        program(tool, purpose)
    }
}

fn program(tool: Tool, purpose: &str) -> Invocation {
    let name = || PathBuf::from(known(tool).0.first().copied().unwrap_or_default());
    Invocation::new(find(tool).unwrap_or_else(name), purpose)
}

/// A call of gpg, for a verb that builds nothing and so needs no toolchain.
pub fn gpg(purpose: &str) -> Invocation {
    program(Tool::Gpg, purpose)
}
