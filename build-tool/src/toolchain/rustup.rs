//! rustup: whether the toolchain in use is one that it keeps, which standard
//! libraries it has for it, and the call that fetches them.

use std::path::{Path, PathBuf};

use crate::release::Rustc;
use crate::tool::{Invocation, Launcher, ToolError};

/// The rustup that keeps a toolchain.
#[derive(Debug, Clone)]
pub struct Rustup {
    program: PathBuf,
    /// The toolchain's name, as `--toolchain` takes it.
    toolchain: String,
    /// What the toolchain's channel consists of, as rustup wrote it down when it installed it.
    channel: String,
}

impl Rustup {
    /// The rustup that keeps this compiler's toolchain; none for a distribution's, or for one that was only linked in.
    pub fn keeping(rustc: &Rustc) -> Option<Self> {
        let program = super::find(&["rustup"])?;
        let toolchains = toolchains()?.canonicalize().ok()?;
        let sysroot = rustc.sysroot.canonicalize().ok()?;
        let name = sysroot.strip_prefix(toolchains).ok()?;
        let channel = sysroot.join("lib/rustlib/multirust-channel-manifest.toml");
        Some(Self {
            program,
            toolchain: name.to_str().filter(|name| !name.is_empty())?.to_owned(),
            channel: std::fs::read_to_string(channel).unwrap_or_default(),
        })
    }

    /// Whether it has a standard library for the target. Where nothing says so, it is worth a try.
    pub fn has(&self, triple: &str) -> bool {
        let heading = format!("[pkg.rust-std.target.{triple}]");
        let mut lines = self.channel.lines().skip_while(|line| *line != heading).skip(1);
        self.channel.is_empty() || lines.next().is_some_and(|line| line.trim() == "available = true")
    }

    /// The call that fetches the standard libraries of these targets, all at once.
    pub fn target_add(&self, triples: &[String]) -> Invocation {
        Invocation::new(&self.program, format!("fetch the standard library for {}", triples.join(", ")))
            .args(["target", "add", "--toolchain", &self.toolchain])
            .args(triples)
    }

    /// Fetches them.
    ///
    /// # Errors
    /// rustup could not: it has none for a target, or cannot reach its server.
    pub fn fetch(&self, launcher: &Launcher, triples: &[String]) -> Result<(), ToolError> {
        launcher.read(&self.target_add(triples)).map(drop)
    }
}

/// The folder in which rustup keeps its toolchains.
pub(super) fn toolchains() -> Option<PathBuf> {
    let home = std::env::var_os("RUSTUP_HOME").map(PathBuf::from);
    Some(home.or_else(|| Some(std::env::home_dir()?.join(".rustup")))?.join("toolchains"))
}

/// Whether a program is rustup under another name: it would start the toolchain of the folder that it runs in.
pub(super) fn is_proxy(program: &Path) -> bool {
    let same = |rustup: PathBuf| {
        let (own, other) = (std::fs::metadata(program).ok(), std::fs::metadata(rustup).ok());
        own.zip(other).is_some_and(|(own, other)| own.len() == other.len())
    };
    let named = program.canonicalize().is_ok_and(|path| path.file_stem().is_some_and(|stem| stem == "rustup"));
    // Proxies are links or copies, side by side with rustup itself.
    named || program.parent().is_some_and(|folder| same(folder.join(super::exe("rustup"))))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_channel_says_for_which_targets_there_is_a_standard_library() {
        let channel = "[pkg.rust-std.target.aarch64-unknown-linux-gnu]\navailable = true\nurl = \"u\"\n\n\
                       [pkg.rust-std.target.m68k-unknown-linux-gnu]\navailable = false\n";
        let rustup = |channel: &str| Rustup {
            program: PathBuf::from("rustup"),
            toolchain: "stable".to_owned(),
            channel: channel.to_owned(),
        };
        assert!(rustup(channel).has("aarch64-unknown-linux-gnu"));
        assert!(!rustup(channel).has("m68k-unknown-linux-gnu"));
        assert!(!rustup(channel).has("aarch64-unknown-linux"));
        assert!(rustup("").has("m68k-unknown-linux-gnu"));
    }
}
