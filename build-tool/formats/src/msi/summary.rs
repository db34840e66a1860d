//! The summary information of a package: a property set (\[MS-OLEPS\]) that Windows Installer looks at before all else.

use super::MsiArchitecture;
use crate::read_archive::ReadError;

/// The stream's name, which is not packed as others are.
pub(super) const STREAM: &str = "\u{5}SummaryInformation";

/// {F29F85E0-4FF9-1068-AB91-08002B27B3D9}, the format of this set, in its mixed byte order.
const FORMAT: [u8; 16] =
    [0xE0, 0x85, 0x9F, 0xF2, 0xF9, 0x4F, 0x68, 0x10, 0xAB, 0x91, 0x08, 0x00, 0x2B, 0x27, 0xB3, 0xD9];
const HEADER: usize = 48;

const CODE_PAGE: u32 = 1;
const TITLE: u32 = 2;
const SUBJECT: u32 = 3;
const AUTHOR: u32 = 4;
const KEYWORDS: u32 = 5;
const COMMENTS: u32 = 6;
const TEMPLATE: u32 = 7;
const REVISION: u32 = 9;
const CREATED: u32 = 12;
const SAVED: u32 = 13;
const PAGES: u32 = 14;
const WORDS: u32 = 15;
const APPLICATION: u32 = 18;
const SECURITY: u32 = 19;

const VT_I2: u32 = 2;
const VT_I4: u32 = 3;
const VT_LPSTR: u32 = 30;
const VT_FILETIME: u32 = 64;

/// US English, the language of what the installer says.
pub(super) const LANGUAGE: &str = "1033";

/// Windows Installer 5.0, the first that knows 64-bit ARM; every Windows that Rust still supports has it.
const SCHEMA: i32 = 500;
/// Long names, files in cabinets; that it needs an administrator is not ruled out.
const SOURCE: i32 = 2;
/// Better not changed.
const READ_ONLY: i32 = 2;

/// What the set says that differs from package to package.
pub(super) struct Summary<'a> {
    pub(super) code_page: u32,
    pub(super) name: &'a str,
    pub(super) manufacturer: &'a str,
    pub(super) summary: &'a str,
    pub(super) architecture: MsiArchitecture,
    /// In braces.
    pub(super) package_code: &'a str,
    /// Seconds since 1970.
    pub(super) time: u64,
}

impl Summary<'_> {
    /// The stream's bytes.
    pub(super) fn bytes(&self) -> Vec<u8> {
        let text = |text: &str| {
            let mut bytes = VT_LPSTR.to_le_bytes().to_vec();
            bytes.extend_from_slice(&(text.len() as u32 + 1).to_le_bytes());
            bytes.extend_from_slice(text.as_bytes());
            bytes.resize((bytes.len() + 1).next_multiple_of(4), 0);
            bytes
        };
        let number = |number: i32| [VT_I4.to_le_bytes(), number.to_le_bytes()].concat();
        // Hundreds of nanoseconds since 1601.
        let since_1601 = self.time.saturating_add(11_644_473_600).saturating_mul(10_000_000);
        let time = [&VT_FILETIME.to_le_bytes()[..], &since_1601.to_le_bytes()].concat();
        let template = format!("{};{LANGUAGE}", self.architecture.name());
        let properties = [
            (CODE_PAGE, [VT_I2.to_le_bytes(), self.code_page.to_le_bytes()].concat()),
            (TITLE, text("Installation Database")),
            (SUBJECT, text(self.name)),
            (AUTHOR, text(self.manufacturer)),
            (KEYWORDS, text("Installer")),
            (COMMENTS, text(self.summary)),
            (TEMPLATE, text(&template)),
            (REVISION, text(self.package_code)),
            (CREATED, time.clone()),
            (SAVED, time),
            (PAGES, number(SCHEMA)),
            (WORDS, number(SOURCE)),
            (APPLICATION, text("build-tool")),
            (SECURITY, number(READ_ONLY)),
        ];
        let mut index = Vec::new();
        let mut values = Vec::new();
        let before = 8 + 8 * properties.len();
        for (id, value) in &properties {
            index.extend_from_slice(&id.to_le_bytes());
            index.extend_from_slice(&((before + values.len()) as u32).to_le_bytes());
            values.extend_from_slice(value);
        }
        // Byte order, version 0, made on Windows 10 (which nobody looks at), no class; one set, and where it begins.
        let mut bytes = vec![0xFE, 0xFF, 0, 0, 10, 0, 2, 0];
        bytes.resize(24, 0);
        bytes.extend_from_slice(&1_u32.to_le_bytes());
        bytes.extend_from_slice(&FORMAT);
        bytes.extend_from_slice(&(HEADER as u32).to_le_bytes());
        bytes.extend_from_slice(&((before + values.len()) as u32).to_le_bytes());
        bytes.extend_from_slice(&(properties.len() as u32).to_le_bytes());
        bytes.extend(index);
        bytes.extend(values);
        bytes
    }
}

const DAMAGED: ReadError = ReadError::Damaged("the summary information of the msi");

/// The architecture and the package code.
pub(super) fn read(bytes: &[u8]) -> Result<(MsiArchitecture, String), ReadError> {
    if !bytes.starts_with(&[0xFE, 0xFF]) || bytes.get(28..44) != Some(&FORMAT[..]) {
        return Err(DAMAGED);
    }
    let start = number(bytes, 44)? as usize;
    let set = bytes.get(start..).ok_or(DAMAGED)?;
    let template = text(set, TEMPLATE)?;
    let (architecture, _) = template.split_once(';').ok_or(DAMAGED)?;
    let known = MsiArchitecture::ALL.into_iter().find(|known| known.name() == architecture);
    let architecture = known.ok_or(ReadError::Unsupported("an architecture other than x64 and Arm64 in an msi"))?;
    Ok((architecture, text(set, REVISION)?))
}

/// The string of an identifier.
fn text(set: &[u8], id: u32) -> Result<String, ReadError> {
    let count = number(set, 4)? as usize;
    for at in 0..count {
        let entry = at.checked_mul(8).and_then(|at| at.checked_add(8)).ok_or(DAMAGED)?;
        if number(set, entry)? != id {
            continue;
        }
        let start = number(set, entry + 4)? as usize;
        let value = set.get(start..).ok_or(DAMAGED)?;
        if number(value, 0)? != VT_LPSTR {
            return Err(DAMAGED);
        }
        let length = number(value, 4)? as usize;
        let bytes = value.get(8..).and_then(|rest| rest.get(..length)).ok_or(DAMAGED)?;
        let bytes = bytes.strip_suffix(&[0]).ok_or(DAMAGED)?;
        return String::from_utf8(bytes.to_vec()).map_err(|_| DAMAGED);
    }
    Err(DAMAGED)
}

fn number(bytes: &[u8], at: usize) -> Result<u32, ReadError> {
    let number = bytes.get(at..).and_then(|rest| rest.first_chunk::<4>());
    number.map(|number| u32::from_le_bytes(*number)).ok_or(DAMAGED)
}
