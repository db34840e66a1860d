//! zig as C compiler and linker, through cargo-zigbuild. Its library changes
//! the process that it runs in and may end it, so it is asked in a process of
//! its own (`environment`), once for each target: the answer is kept as long as
//! nothing that it depends on changes.

pub mod environment;
pub mod frameworks;

use std::path::{Path, PathBuf};

use super::{Backend, BackendError, Site};
use crate::release::{Target, Zig};
use crate::stages::Tool;
use crate::tool::Invocation;
use environment::{Answer, Request, hash};

/// The glibc that zig links against when nobody says another: old enough for every system that still gets updates.
const GLIBC: &str = "2.17";

/// What cargo-zigbuild sets beside the variables of its target, and a call with several targets must not have:
/// a variable that speaks of one target only, and those that keep the host's own programs from the target's linker
/// with a switch that only a nightly cargo has. With zig they link as well.
const NOT_FOR_US: [&str; 5] = [
    "CARGO_ZIGBUILD_TARGET",
    "CARGO_TARGET_APPLIES_TO_HOST",
    "CARGO_UNSTABLE_TARGET_APPLIES_TO_HOST",
    "__CARGO_TEST_CHANNEL_OVERRIDE_DO_NOT_USE_THIS",
    "MACOSX_DEPLOYMENT_TARGET",
];

/// Apple's program that says where its SDK is.
pub const XCRUN: &str = "xcrun";

/// cargo with zig.
pub(super) struct ZigBackend;

impl Backend for ZigBackend {
    fn tools(&self, _target: &Target) -> Vec<Tool> {
        vec![Tool::Zig]
    }

    fn configure(&self, mut call: Invocation, site: &Site<'_>) -> Result<Invocation, BackendError> {
        let Some(zig) = &site.toolchain.machine.zig else { return Ok(call) };
        let folder = site.release.folders.state().join("zig");
        std::fs::create_dir_all(&folder).map_err(BackendError::file("create", &folder))?;
        for target in &site.targets {
            let answer = ask(zig, target, &folder, site)?;
            let ours = answer.variables.into_iter().filter(|(name, _)| !NOT_FOR_US.contains(&name.as_str()));
            for (name, value) in ours {
                call = call.env(name, value);
            }
        }
        for (name, value) in own_variables(zig, &folder) {
            call = call.env(name, value);
        }
        let for_apple = site.targets.iter().any(|target| target.spec.contains("-apple-"));
        if for_apple && site.toolchain.machine.sdk.is_none() && crate::toolchain::find(&[XCRUN]).is_none() {
            call = call.first_on_path(&stand_in_for_xcrun(&folder)?);
        }
        Ok(call)
    }
}

/// rustc asks `xcrun` for the SDK at every link, and warns each time that it is not there. Where it is not, this
/// program stands in for it and says that there is no SDK; its folder.
fn stand_in_for_xcrun(folder: &Path) -> Result<PathBuf, BackendError> {
    let bin = folder.join("bin");
    let name = bin.join(crate::toolchain::exe(XCRUN));
    let program = std::env::current_exe().map_err(BackendError::file("find", Path::new("build-tool")))?;
    if std::fs::read_link(&name).is_ok_and(|target| target == program) {
        return Ok(bin);
    }
    std::fs::create_dir_all(&bin).map_err(BackendError::file("create", &bin))?;
    let half = name.with_extension("partial");
    let _none_was_left = std::fs::remove_file(&half);
    link(&program, &half).and_then(|()| std::fs::rename(&half, &name)).map_err(BackendError::file("write", &name))?;
    Ok(bin)
}

#[cfg(unix)]
fn link(program: &Path, name: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(program, name)
}

#[cfg(not(unix))]
fn link(program: &Path, name: &Path) -> std::io::Result<()> {
    std::fs::copy(program, name).map(drop)
}

/// What cargo-zigbuild, here and in the wrappers that cargo starts, needs to find the same zig and the same folder.
fn own_variables(zig: &Zig, folder: &Path) -> [(&'static str, PathBuf); 3] {
    [
        ("CARGO_ZIGBUILD_ZIG_COMMAND", zig.program.clone()),
        ("CARGO_ZIGBUILD_ZIG_VERSION", PathBuf::from(&zig.version)),
        ("CARGO_ZIGBUILD_CACHE_DIR", folder.to_owned()),
    ]
}

/// The variables for one target.
fn ask(zig: &Zig, target: &Target, folder: &Path, site: &Site<'_>) -> Result<Answer, BackendError> {
    let request = Request {
        target: zig_triple(target),
        minimum_os: target.minimum_os.clone(),
        rustflags: site.group.rustflags.get(&target.triple).cloned().unwrap_or_default(),
        scratch: folder.join("scratch"),
        answer: folder.join(format!("{}.json", target.triple)),
        circumstances: circumstances(zig),
    };
    if let Some(answer) = Answer::known(&request) {
        return Ok(answer);
    }
    let program = std::env::current_exe().map_err(BackendError::file("find", Path::new("build-tool")))?;
    let mut invocation = Invocation::new(program, format!("prepare zig for {}", target.triple))
        .args([environment::ROLE, &request.to_json()])
        .cwd(&site.release.folders.root);
    for (name, value) in own_variables(zig, folder) {
        invocation = invocation.env(name, value);
    }
    (site.read)(&invocation)?;
    let unreadable =
        |reason: String| BackendError::Answer { program: "cargo-zigbuild's part of this program".to_owned(), reason };
    let answer = Answer::read(&request.answer).map_err(|error| unreadable(error.to_string()))?;
    match answer.error {
        Some(reason) => Err(unreadable(reason)),
        None => Ok(answer),
    }
}

/// The triple as cargo-zigbuild takes it, with the glibc floor as a suffix.
fn zig_triple(target: &Target) -> String {
    match &target.glibc {
        Some(floor) => format!("{}.{floor}", target.spec),
        None if target.spec.contains("-linux-gnu") => format!("{}.{GLIBC}", target.spec),
        None => target.spec.clone(),
    }
}

/// Everything outside the request that the answer depends on, as a hash: this program (the wrappers start it), zig,
/// and the variables that cargo-zigbuild leaves alone where the user has set them.
fn circumstances(zig: &Zig) -> String {
    let counts = |name: &str| {
        ["CC", "CXX", "AR", "RANLIB", "CMAKE", "BINDGEN", "PKG_CONFIG", "SDKROOT", "MACOSX", "ZIG", "PATH", "RUSTUP"]
            .iter()
            .any(|word| name.contains(word))
    };
    let mut lines: Vec<String> = std::env::vars_os()
        .map(|(name, value)| (name.to_string_lossy().into_owned(), value))
        .filter(|(name, _)| counts(name))
        .map(|(name, value)| format!("{name}={value:?}"))
        .collect();
    lines.sort();
    lines.push(format!("{zig:?}"));
    let own = std::env::current_exe().ok();
    let age =
        own.as_ref().and_then(|path| path.metadata().ok()).map(|metadata| (metadata.len(), metadata.modified().ok()));
    lines.push(format!("{own:?} {age:?}"));
    hash(&lines.join("\n"))
}
