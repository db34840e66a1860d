//! What can be wrong with the shards of a release. Collected: whoever has to
//! make one anew wants to know of the others, too.

use std::path::PathBuf;

use miette::Diagnostic;

use crate::shard::ShardError;

/// The shards do not make a release.
#[derive(Debug, thiserror::Error)]
#[error("the shards do not make a release: {} problem{}", problems.len(), if problems.len() == 1 { "" } else { "s" })]
pub struct MergeError {
    /// Everything that is wrong, in the order in which it was found.
    pub problems: Vec<ShardProblem>,
}

impl MergeError {
    /// Whether a shard is not what it says it is, and not merely the wrong one.
    pub fn distrusts(&self) -> bool {
        self.problems.iter().any(|problem| matches!(problem, ShardProblem::Refused { .. }))
    }
}

impl Diagnostic for MergeError {
    fn related(&self) -> Option<Box<dyn Iterator<Item = &dyn Diagnostic> + '_>> {
        Some(Box::new(self.problems.iter().map(|problem| problem as &dyn Diagnostic)))
    }
}

/// One thing that is wrong; the fields are what the message names.
#[allow(missing_docs, reason = "each field is named for its part of the message above it")]
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum ShardProblem {
    /// No such file.
    #[error("there is no shard {}", path.display())]
    #[diagnostic(help("`build-tool release --shard` writes one into its dist folder"))]
    NotThere { path: PathBuf },
    /// A folder without any.
    #[error("there is no shard in {}", folder.display())]
    #[diagnostic(help("shards are called shard-TRIPLE.tar.zst; `build-tool release --shard` writes them"))]
    NoneIn { folder: PathBuf },
    /// A shard that does not hold by itself.
    #[error("the shard {} is refused: {error}", path.display())]
    #[diagnostic(help("fetch it again from where it was made, or make it anew; do not publish what is in it"))]
    Refused { path: PathBuf, error: ShardError },
    /// Something that has to be the same everywhere.
    #[error("the shards differ in {what}:\n  {}", listed(values))]
    #[diagnostic(help(
        "a release is of one commit and branch, one compiler, one build-tool and the same flags: make anew what is the exception"
    ))]
    Differ { what: String, values: Vec<(String, Vec<String>)> },
    /// A shard of another build-tool than this one.
    #[error("the shards were made by build-tool {theirs}, and this is {own}")]
    #[diagnostic(help("use one version of build-tool for all of a release"))]
    OtherTool { theirs: String, own: String },
    /// A backend that is none.
    #[error("the shard {shard} was built for {triple} with `{name}`, which is no backend of this version")]
    #[diagnostic(help("use one version of build-tool for all of a release"))]
    UnknownBackend { shard: String, triple: String, name: String },
    /// This workspace is not what was released.
    #[error("the shards are of commit {theirs}, and this workspace is at {own}")]
    #[diagnostic(help("the documents come from here: git checkout {theirs}, or merge the shards of this commit"))]
    OtherCommit { theirs: String, own: String },
    /// Changed files, here or there.
    #[error("{whose} dirty: tracked files differ from the commit")]
    #[diagnostic(help(
        "commit or stash them, or release the tree as it is: --allow-dirty (the version then says -dirty)"
    ))]
    Dirty { whose: &'static str },
    /// Changed files here that no shard knows of.
    #[error("this workspace is dirty, and the trees of the shards were not")]
    #[diagnostic(help("the documents come from here: commit or stash the changes"))]
    DirtyHereOnly,
    /// One target of one app in two shards.
    #[error("{triple} is there twice: {} hold {app} for it", shards.join(" and "))]
    #[diagnostic(help("give one of the two only"))]
    Twice { triple: String, app: String, shards: Vec<String> },
    /// Nobody made an app for one of its targets.
    #[error("no shard holds {app} for {triple}")]
    #[diagnostic(help(
        "make it: build-tool release --target {triple} --shard; or say what the release is for: merge --target TRIPLE --package APP"
    ))]
    Missing { app: String, triple: String },
    /// A universal platform that would silently not be made.
    #[error("no shard is for {missing}, and {platform} is made of it and {slice}")]
    #[diagnostic(help(
        "make it: build-tool release --target {missing} --shard; or, for a release without {platform}, name its targets: merge --target TRIPLE"
    ))]
    LacksSlice { platform: String, missing: String, slice: String },
    /// A file of an app that this workspace releases.
    #[error("the shard {shard} holds no {file} of {app} for {triple}")]
    #[diagnostic(help(
        "this workspace says that there is one: make the shard anew, from this commit and with the same flags"
    ))]
    MissingFile { shard: String, file: String, app: String, triple: String },
    /// A file that this workspace does not release.
    #[error("the shard {shard} holds {file} of {app} for {triple}, which is not part of this release")]
    #[diagnostic(help("say what the release is for (merge --target TRIPLE --package APP), or leave the shard out"))]
    Unexpected { shard: String, file: String, app: String, triple: String },
    /// An app that is another here.
    #[error("the shard {shard} has {app} with {what} {theirs}, and this workspace has {own}")]
    #[diagnostic(help("make the shard anew, from this commit and with the same flags"))]
    OtherApp { shard: String, app: String, what: &'static str, theirs: String, own: String },
}

fn listed(values: &[(String, Vec<String>)]) -> String {
    values.iter().map(|(value, shards)| format!("{value}: {}", shards.join(", "))).collect::<Vec<_>>().join("\n  ")
}
