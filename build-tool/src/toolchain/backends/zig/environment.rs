//! The hidden role in which this program asks cargo-zigbuild for the variables
//! of one target. Request and answer are JSON; the answer is a file.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};

use cargo_zigbuild::Build;
use release_formats::checksums::sha256_reader;
use serde::{Deserialize, Serialize};

/// The hidden first argument.
pub const ROLE: &str = "__zig-environment";

/// For which target, and where the answer goes.
#[derive(Debug, Serialize, Deserialize)]
pub struct Request {
    /// The triple, with a glibc floor as suffix where it has one.
    pub target: String,
    /// The oldest macOS.
    pub minimum_os: Option<String>,
    /// The user's flags for rustc: a processor named there is told to zig, too.
    pub rustflags: Vec<String>,
    /// A folder that cargo-zigbuild may take for cargo's target folder.
    pub scratch: PathBuf,
    /// The file to write.
    pub answer: PathBuf,
    /// A hash of all else that the answer depends on.
    pub circumstances: String,
}

/// The variables of one target, or why there are none.
#[derive(Debug, Serialize, Deserialize)]
pub struct Answer {
    /// The key of the request that it answers.
    pub key: String,
    /// Variable → value, for the cargo call.
    pub variables: BTreeMap<String, String>,
    /// What cargo-zigbuild said instead.
    pub error: Option<String>,
}

impl Request {
    /// As an argument.
    pub fn to_json(&self) -> String {
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What an answer must carry to be one to this request.
    pub fn key(&self) -> String {
        hash(&self.to_json())
    }
}

impl Answer {
    /// The answer of an earlier run, if it is one to this request, and not a failure: that is asked about again.
    pub fn known(request: &Request) -> Option<Self> {
        let key = request.key();
        Self::read(&request.answer).ok().filter(|answer| answer.key == key && answer.error.is_none())
    }

    /// Reads an answer.
    ///
    /// # Errors
    /// There is none, or it is no JSON.
    pub fn read(path: &Path) -> io::Result<Self> {
        serde_json::from_slice(&std::fs::read(path)?).map_err(io::Error::other)
    }
}

/// Plays the role: `argument` is the request.
///
/// # Errors
/// The request cannot be read, or the answer not be written.
pub fn play(argument: &str) -> io::Result<()> {
    let request: Request = serde_json::from_str(argument).map_err(io::Error::other)?;
    let (variables, error) = match variables(&request) {
        Ok(variables) => (variables, None),
        Err(reason) => (BTreeMap::new(), Some(reason)),
    };
    let answer = Answer { key: request.key(), variables, error };
    let text = serde_json::to_string(&answer).map_err(io::Error::other)?;
    let half = request.answer.with_extension("partial");
    std::fs::write(&half, text)?;
    std::fs::rename(half, &request.answer)
}

/// What cargo-zigbuild sets: on the call that it builds, and (for bindgen) in its own process, which is this one.
fn variables(request: &Request) -> Result<BTreeMap<String, String>, String> {
    let before: BTreeMap<OsString, OsString> = std::env::vars_os().collect();
    let mut build = Build::new(None);
    build.enable_zig_ar = true;
    build.macosx_deployment_target.clone_from(&request.minimum_os);
    build.target = vec![request.target.clone()];
    build.target_dir = Some(request.scratch.clone());
    let triple = request.target.split('.').next().unwrap_or_default();
    build.config = vec![format!("target.{triple}.rustflags={}", toml::Value::from(request.rustflags.clone()))];
    let call = build.build_command().map_err(|error| format!("{error:#}"))?;
    let on_call = call.get_envs().filter_map(|(name, value)| Some((name.to_owned(), value?.to_owned())));
    let own = std::env::vars_os().filter(|(name, value)| before.get(name) != Some(value));
    own.chain(on_call).map(|(name, value)| Ok((text(name)?, text(value)?))).collect()
}

fn text(word: OsString) -> Result<String, String> {
    word.into_string().map_err(|word| format!("{} is not UTF-8", word.to_string_lossy()))
}

/// A hash of a text.
pub(super) fn hash(text: &str) -> String {
    // Reading from memory cannot fail.
    sha256_reader(text.as_bytes()).map(|(sha256, _)| sha256.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_earlier_failure_is_no_answer() {
        let folder = tempfile::tempdir().unwrap();
        let request = Request {
            target: "x86_64-unknown-linux-musl".to_owned(),
            minimum_os: None,
            rustflags: Vec::new(),
            scratch: folder.path().to_owned(),
            answer: folder.path().join("answer.json"),
            circumstances: String::new(),
        };
        let write = |key: &str, error: Option<&str>| {
            let (key, error) = (key.to_owned(), error.map(str::to_owned));
            let answer = Answer { key, variables: BTreeMap::new(), error };
            std::fs::write(&request.answer, serde_json::to_string(&answer).unwrap()).unwrap();
        };
        assert!(Answer::known(&request).is_none());
        write(&request.key(), Some("no zig"));
        assert!(Answer::known(&request).is_none());
        write("another", None);
        assert!(Answer::known(&request).is_none());
        write(&request.key(), None);
        assert!(Answer::known(&request).is_some());
    }
}
