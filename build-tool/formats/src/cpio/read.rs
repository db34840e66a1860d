//! Reads cpio that came from outside: files, directories and links with safe, unique names, and nothing
//! but zeros behind the end.

use super::{HEADER_SIZE, MAGIC, TRAILER};
use crate::payload::stays_inside;
use crate::read_archive::{Budget, ReadError, only_zeros};
use crate::unix::{TYPE_DIRECTORY, TYPE_FILE, TYPE_LINK, TYPE_MASK, UnixEntry, UnixKind};
use std::io::Read;
use untrusted_archive::{Content, MAX_NAME, readable};

/// Hands every entry to `visit` with its content. The entry for the root, `.`, has an empty path.
pub(crate) fn read_cpio<R: Read, E: From<ReadError>>(
    mut stream: R,
    budget: &mut Budget,
    mut visit: impl FnMut(&UnixEntry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    while let Some(mut entry) = next_header(&mut stream, budget)? {
        budget.unpacked(entry.size)?;
        if entry.path.is_empty() {
            budget.count()?;
        } else {
            budget.named(entry.path.as_bytes())?;
        }
        let link = if matches!(entry.kind, UnixKind::Symlink(_)) { entry.size } else { 0 };
        if link > 0 {
            let target = text(&mut stream, link, "a link's target in the cpio archive", budget)?;
            if !stays_inside(&entry.path, &target) {
                return Err(ReadError::Damaged("a link in the cpio archive that leads out of it").into());
            }
            entry.kind = UnixKind::Symlink(target);
        }
        let mut content = Content::new(&mut stream, entry.size - link);
        visit(&entry, &mut content)?;
        content.drain().map_err(ReadError::Io)?;
    }
    // `cpio` pads to whole blocks.
    Ok(only_zeros(&mut stream, budget)?)
}

/// The next entry; `None` at the end.
fn next_header(stream: &mut impl Read, budget: &mut Budget) -> Result<Option<UnixEntry>, ReadError> {
    let mut header = [0; HEADER_SIZE];
    stream.read_exact(&mut header)?;
    budget.unpacked(HEADER_SIZE as u64)?;
    let field = |at: usize, digits: usize| octal(&header[at..at + digits]);
    let fields = (field(18, 6), field(24, 6), field(30, 6), field(36, 6), field(48, 11), field(59, 6), field(65, 11));
    let (Some(mode), Some(uid), Some(gid), Some(links), Some(mtime), Some(name_size), Some(size)) = fields else {
        return Err(ReadError::Damaged("a header in the cpio archive"));
    };
    if !header.starts_with(MAGIC.as_bytes()) || name_size == 0 {
        return Err(ReadError::Damaged("a header in the cpio archive"));
    }
    let mut name = text(stream, name_size, "a name in the cpio archive", budget)?;
    if name.pop() != Some('\0') {
        return Err(ReadError::Damaged("a name in the cpio archive"));
    }
    if name == TRAILER {
        return Ok(None);
    }
    let mode = mode as u32;
    let kind = match mode & TYPE_MASK {
        // Several names for one file: only one of them would have the content.
        TYPE_FILE if links > 1 => return Err(ReadError::Unsupported("hard links")),
        TYPE_FILE => UnixKind::File,
        TYPE_DIRECTORY if size == 0 => UnixKind::Directory,
        TYPE_LINK if size > 0 => UnixKind::Symlink(String::new()),
        _ => return Err(ReadError::NotPlain(readable(name.as_bytes()))),
    };
    let path = match name.strip_prefix("./") {
        Some(path) => path,
        None if name == "." && kind == UnixKind::Directory => "",
        None => &name,
    };
    if path.is_empty() && name != "." {
        return Err(ReadError::Damaged("a name in the cpio archive"));
    }
    let (path, mode) = (path.to_owned(), mode & 0o7777);
    Ok(Some(UnixEntry { path, kind, mode, uid: uid as u32, gid: gid as u32, mtime, size }))
}

fn text(stream: &mut impl Read, size: u64, what: &'static str, budget: &mut Budget) -> Result<String, ReadError> {
    if size > MAX_NAME as u64 + 1 {
        return Err(ReadError::Damaged(what));
    }
    budget.unpacked(size)?;
    budget.metadata(size)?;
    let mut bytes = vec![0; size as usize];
    stream.read_exact(&mut bytes)?;
    String::from_utf8(bytes).map_err(|_| ReadError::Damaged(what))
}

fn octal(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0, |number, digit| match digit {
        b'0'..=b'7' => Some(number << 3 | u64::from(digit - b'0')),
        _ => None,
    })
}
