//! Windows programs in Wine: a prefix of our own in the tool's folder, made
//! once, so that nothing of the user's is touched; no windows, no dialogs; and
//! nothing of it left running when we end.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use miette::Diagnostic;

use super::{Read, machine};
use crate::release::Wine;
use crate::tool::{Invocation, Launcher, ToolError};

/// Wine could not be made ready.
#[derive(Debug, thiserror::Error, Diagnostic)]
pub enum WineError {
    /// A program failed.
    #[error(transparent)]
    #[diagnostic(transparent)]
    Tool(#[from] ToolError),
    /// Wine is old, and there is nothing to mend it with.
    #[error("this wine has no bcryptprimitives.dll, without which no Rust program starts")]
    #[diagnostic(help(
        "install zig, which compiles one (pip install ziglang), or a newer wine; or name a `runner` in the target manifest"
    ))]
    NoCompiler,
    /// A file could not be read or written.
    #[error("cannot {action} {}", path.display())]
    #[diagnostic(help("{}", crate::stages::session::file_advice(source, path)))]
    File {
        /// What was tried, as an infinitive.
        action: &'static str,
        /// The file.
        path: PathBuf,
        /// The system's reason.
        #[source]
        source: io::Error,
    },
}

/// The source of the library that old versions lack.
const BCRYPTPRIMITIVES: &str = include_str!("bcryptprimitives.c");

/// The folder in the tool's own.
const FOLDER: &str = "wine";

/// A call of `program` in Wine.
///
/// One server stays for all programs: where each starts its own, as Debian has it, one that starts while the server of
/// the last goes away may meet that, and fails ("recvmsg: Connection reset by peer").
pub fn invocation(wine: &Wine, state: &Path, program: &Path, purpose: &str) -> Invocation {
    let prefix = prefix(state);
    let call = quiet(Invocation::new(&wine.program, purpose), &prefix).arg(program);
    match &wine.server {
        Some(server) => {
            // Until its last program has been gone for ten minutes, if nobody ends it before.
            let serve = quiet(Invocation::new(server, "serve the programs in wine").arg("-p600"), &prefix);
            call.served_by(serve).ended_by(end_call(server, &prefix))
        }
        None => call, // what it leaves running ends by itself after seconds
    }
}

/// Makes the prefix ready, unless it is.
///
/// # Errors
/// Wine fails, or what it lacks cannot be made.
pub fn prepare(wine: &Wine, state: &Path, read: Read<'_>) -> Result<(), WineError> {
    let folder = state.join(FOLDER);
    fs::create_dir_all(&folder).map_err(file("create", &folder))?;
    // Steps run side by side; the first makes it, the others wait.
    let lock_path = folder.join("lock");
    let lock = File::create(&lock_path).map_err(file("create", &lock_path))?;
    lock.lock().map_err(file("lock", &lock_path))?;
    let ready = folder.join("ready");
    if ready.is_file() {
        return Ok(());
    }
    let prefix = prefix(state);
    // Whatever a run that was stopped has left of it.
    if prefix.exists() {
        fs::remove_dir_all(&prefix).map_err(file("remove", &prefix))?;
    }
    let boot = quiet(Invocation::new(&wine.program, "make a folder for wine").args(["wineboot", "--init"]), &prefix);
    read(&match &wine.server {
        Some(server) => boot.ended_by(end_call(server, &prefix)),
        None => boot,
    })?;
    let library = prefix.join("drive_c/windows/system32/bcryptprimitives.dll");
    if !library.is_file() {
        compile_library(&folder, &library, read)?;
    }
    if let Some(server) = &wine.server {
        // It writes its registry as it ends. One that has ended already says so by its status.
        let _none_may_run = Launcher::new().output(&end_call(server, &prefix));
    }
    fs::write(&ready, "").map_err(file("write", &ready))
}

/// Ends whatever runs in the prefix. Wine's server stands in a group of its own, and may stay when its last program was
/// killed.
fn end_call(server: &Path, prefix: &Path) -> Invocation {
    quiet(Invocation::new(server, "end wine").arg("-k"), prefix)
}

fn prefix(state: &Path) -> PathBuf {
    state.join(FOLDER).join("prefix")
}

/// In our prefix, saying only which library a program misses, and opening no window.
fn quiet(call: Invocation, prefix: &Path) -> Invocation {
    call.env("WINEPREFIX", prefix)
        .env("WINEARCH", "win64")
        .env("WINEDEBUG", "-all,err+module")
        // No .NET and no browser to install, no menus to build, no debugger with a dialog.
        .env("WINEDLLOVERRIDES", "mscoree,mshtml,winemenubuilder.exe,winedbg.exe=d")
        .env_remove("DISPLAY")
        .env_remove("WAYLAND_DISPLAY")
}

fn compile_library(folder: &Path, library: &Path, read: Read<'_>) -> Result<(), WineError> {
    let zig = machine::zig(read).ok_or(WineError::NoCompiler)?;
    let (source, made) = (folder.join("bcryptprimitives.c"), folder.join("bcryptprimitives.dll"));
    fs::write(&source, BCRYPTPRIMITIVES).map_err(file("write", &source))?;
    let compile = Invocation::new(&zig.program, "compile what this wine lacks")
        .args(["cc", "-target", "x86_64-windows-gnu", "-shared", "-O2", "-s", "-o"])
        .arg(&made)
        .arg(&source)
        .arg("-ladvapi32")
        .cwd(folder);
    read(&compile)?;
    fs::rename(&made, library).map_err(file("put into its place", library))
}

fn file(action: &'static str, path: &Path) -> impl FnOnce(io::Error) -> WineError {
    let path = path.to_owned();
    move |source| WineError::File { action, path, source }
}
