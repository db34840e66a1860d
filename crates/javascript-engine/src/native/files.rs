//! Files and folders, as `node:fs` is made of them.

use std::fs::{self, Metadata};
use std::io::{self, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use rquickjs::{Array, Ctx, Error, Exception, Function, IntoJs, Object, Result, String as JsString, TypedArray, Value};

use crate::{bytes, strings};

pub(super) fn install<'js>(ctx: &Ctx<'js>, native: &Object<'js>) -> Result<()> {
    native.set("readFile", Function::new(ctx.clone(), read_file)?)?;
    native.set("readText", Function::new(ctx.clone(), read_text)?)?;
    native.set("writeFile", Function::new(ctx.clone(), write_file)?)?;
    native.set("makeFolder", Function::new(ctx.clone(), make_folder)?)?;
    native.set("listFolder", Function::new(ctx.clone(), list_folder)?)?;
    native.set("stat", Function::new(ctx.clone(), stat)?)?;
    native.set("fileKind", Function::new(ctx.clone(), file_kind)?)?;
    native.set("remove", Function::new(ctx.clone(), remove)?)?;
    native.set("rename", Function::new(ctx.clone(), rename)?)?;
    native.set("copyFile", Function::new(ctx.clone(), copy_file)?)?;
    native.set("realPath", Function::new(ctx.clone(), real_path)?)
}

/// Throws an error as Node.js does: `ENOENT: no such file or directory, open 'x'`, with code, syscall and path.
pub(super) fn failed(ctx: &Ctx<'_>, error: &io::Error, call: &str, path: Option<&Path>) -> Error {
    let (code, text) = match error.kind() {
        ErrorKind::NotFound => ("ENOENT", "no such file or directory".to_owned()),
        ErrorKind::AlreadyExists => ("EEXIST", "file already exists".to_owned()),
        ErrorKind::PermissionDenied => ("EACCES", "permission denied".to_owned()),
        ErrorKind::IsADirectory => ("EISDIR", "illegal operation on a directory".to_owned()),
        ErrorKind::NotADirectory => ("ENOTDIR", "not a directory".to_owned()),
        ErrorKind::DirectoryNotEmpty => ("ENOTEMPTY", "directory not empty".to_owned()),
        ErrorKind::ReadOnlyFilesystem => ("EROFS", "read-only file system".to_owned()),
        ErrorKind::StorageFull => ("ENOSPC", "no space left on device".to_owned()),
        ErrorKind::InvalidInput => ("EINVAL", "invalid argument".to_owned()),
        _ => ("EIO", error.to_string()),
    };
    let place = path.map(|path| format!(" '{}'", path.display())).unwrap_or_default();
    let thrown = || -> Result<Error> {
        let exception = Exception::from_message(ctx.clone(), &format!("{code}: {text}, {call}{place}"))?;
        let object = exception.as_object();
        object.set("errno", error.raw_os_error().map_or(-1, |number| -number))?;
        object.set("code", code)?;
        object.set("syscall", call)?;
        if let Some(path) = path {
            object.set("path", strings::to_js(ctx, path.as_os_str())?)?;
        }
        Ok(exception.throw())
    };
    thrown().unwrap_or_else(|error| error)
}

fn path_of(path: &JsString<'_>) -> PathBuf {
    strings::os_string(path).into()
}

fn read(ctx: &Ctx<'_>, path: &Path) -> Result<Vec<u8>> {
    fs::read(path).map_err(|error| match error.kind() {
        // A folder can be opened, but not read.
        ErrorKind::IsADirectory => failed(ctx, &error, "read", None),
        _ => failed(ctx, &error, "open", Some(path)),
    })
}

fn read_file<'js>(ctx: Ctx<'js>, path: JsString<'js>) -> Result<Value<'js>> {
    let path = path_of(&path);
    let bytes = read(&ctx, &path)?;
    TypedArray::<u8>::new(ctx.clone(), bytes)?.into_js(&ctx)
}

/// As UTF-8, with U+FFFD for what is none.
fn read_text<'js>(ctx: Ctx<'js>, path: JsString<'js>) -> Result<JsString<'js>> {
    let path = path_of(&path);
    let bytes = read(&ctx, &path)?;
    JsString::from_str(ctx, &String::from_utf8_lossy(&bytes))
}

/// `how`: `w` anew, `a` at its end, with `x` only if it is not there.
fn write_file<'js>(ctx: Ctx<'js>, path: JsString<'js>, what: Value<'js>, how: String) -> Result<()> {
    let path = path_of(&path);
    let data = match (what.as_string(), what.as_object().and_then(|object| object.as_typed_array::<u8>())) {
        (Some(string), _) => strings::text(string).into_bytes(),
        (None, Some(array)) => bytes::copy(array),
        (None, None) => return Err(Exception::throw_type(&ctx, "a file is written from a string or a Uint8Array")),
    };
    let mut options = fs::OpenOptions::new();
    if how.starts_with('a') {
        options.append(true);
    } else {
        options.write(true).truncate(true);
    }
    options.create(!how.contains('x')).create_new(how.contains('x'));
    let written = options.open(&path).and_then(|mut file| file.write_all(&data));
    written.map_err(|error| failed(&ctx, &error, "open", Some(&path)))
}

fn make_folder<'js>(ctx: Ctx<'js>, path: JsString<'js>, recursive: bool) -> Result<()> {
    let path = path_of(&path);
    fs::DirBuilder::new().recursive(recursive).create(&path).map_err(|error| failed(&ctx, &error, "mkdir", Some(&path)))
}

/// Names and kinds, one after the other, sorted.
fn list_folder<'js>(ctx: Ctx<'js>, path: JsString<'js>) -> Result<Array<'js>> {
    let path = path_of(&path);
    let fails = |error: io::Error| failed(&ctx, &error, "scandir", Some(&path));
    let mut entries = Vec::new();
    for entry in fs::read_dir(&path).map_err(fails)? {
        let entry = entry.map_err(fails)?;
        let kind = entry.file_type().map_err(fails)?;
        entries.push((
            entry.file_name(),
            if kind.is_dir() {
                2
            } else if kind.is_symlink() {
                3
            } else {
                1
            },
        ));
    }
    entries.sort();
    let list = Array::new(ctx.clone())?;
    for (at, (name, kind)) in entries.into_iter().enumerate() {
        list.set(2 * at, strings::to_js(&ctx, &name)?)?;
        list.set(2 * at + 1, kind)?;
    }
    Ok(list)
}

/// Kind, size, mode, then when it was last read, changed and made, in milliseconds.
/// `call` is what Node.js calls it: `stat`, `lstat` (of a link itself), `access`.
fn stat<'js>(ctx: Ctx<'js>, path: JsString<'js>, call: String) -> Result<Array<'js>> {
    let path = path_of(&path);
    let found = if call == "lstat" { fs::symlink_metadata(&path) } else { fs::metadata(&path) };
    let data = found.map_err(|error| failed(&ctx, &error, &call, Some(&path)))?;
    let list = Array::new(ctx.clone())?;
    let times = [data.accessed(), data.modified(), data.created().or_else(|_| data.modified())];
    list.set(0, kind_of(&data))?;
    #[expect(clippy::cast_precision_loss, reason = "JavaScript's numbers are exact up to 8 PiB")]
    list.set(1, data.len() as f64)?;
    list.set(2, mode(&data))?;
    for (at, time) in times.into_iter().enumerate() {
        list.set(3 + at, time.map_or(0.0, milliseconds))?;
    }
    Ok(list)
}

/// 1: a file, 2: a folder, 3: a link, 0: something else.
fn kind_of(data: &Metadata) -> u32 {
    match data.file_type() {
        kind if kind.is_file() => 1,
        kind if kind.is_dir() => 2,
        kind if kind.is_symlink() => 3,
        _ => 0,
    }
}

#[cfg(unix)]
fn mode(data: &Metadata) -> u32 {
    std::os::unix::fs::MetadataExt::mode(data)
}

#[cfg(windows)]
fn mode(data: &Metadata) -> u32 {
    let kind = if data.is_dir() { 0o040_000 } else { 0o100_000 };
    kind | if data.permissions().readonly() { 0o444 } else { 0o666 }
}

fn milliseconds(time: SystemTime) -> f64 {
    match time.duration_since(UNIX_EPOCH) {
        Ok(after) => after.as_secs_f64() * 1000.0,
        Err(before) => -before.duration().as_secs_f64() * 1000.0,
    }
}

/// As [`kind_of`], links followed; -1: nothing is there, or nobody may look.
fn file_kind(path: JsString<'_>) -> i32 {
    match fs::metadata(path_of(&path)) {
        Ok(data) => {
            if data.is_dir() {
                2
            } else {
                1
            }
        }
        Err(_) => -1,
    }
}

/// `what`: `file`, `folder` (an empty one), or `all`.
fn remove<'js>(ctx: Ctx<'js>, path: JsString<'js>, what: String) -> Result<()> {
    let path = path_of(&path);
    let (done, call) = match what.as_str() {
        "file" => (fs::remove_file(&path), "unlink"),
        "folder" => (fs::remove_dir(&path), "rmdir"),
        _ => match fs::symlink_metadata(&path) {
            Ok(data) if data.is_dir() => (fs::remove_dir_all(&path), "rm"),
            Ok(_) => (fs::remove_file(&path), "rm"),
            Err(error) => (Err(error), "rm"),
        },
    };
    done.map_err(|error| failed(&ctx, &error, call, Some(&path)))
}

fn rename<'js>(ctx: Ctx<'js>, from: JsString<'js>, to: JsString<'js>) -> Result<()> {
    let from = path_of(&from);
    fs::rename(&from, path_of(&to)).map_err(|error| failed(&ctx, &error, "rename", Some(&from)))
}

fn copy_file<'js>(ctx: Ctx<'js>, from: JsString<'js>, to: JsString<'js>) -> Result<()> {
    let from = path_of(&from);
    fs::copy(&from, path_of(&to)).map(drop).map_err(|error| failed(&ctx, &error, "copyfile", Some(&from)))
}

fn real_path<'js>(ctx: Ctx<'js>, path: JsString<'js>) -> Result<Value<'js>> {
    let path = path_of(&path);
    let real = fs::canonicalize(&path).map_err(|error| failed(&ctx, &error, "realpath", Some(&path)))?;
    strings::to_js(&ctx, plain(&real).as_os_str())
}

/// Without the `\\?\` that Windows writes before what does not need it.
fn plain(path: &Path) -> PathBuf {
    let short =
        path.to_str().and_then(|text| text.strip_prefix(r"\\?\")).filter(|text| text.as_bytes().get(1) == Some(&b':'));
    short.map_or_else(|| path.to_owned(), PathBuf::from)
}
