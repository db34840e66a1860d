//! The slot's bytes: the only encoder and the only decoder, shared by the program (at compile
//! time and at run time) and by the tool that stamps it. The layout is in the crate's docs.

use crate::BuildInfo;
use core::{fmt, ptr, slice, str};

/// What every slot begins with. Random, so that it is not in a file by chance.
pub const MAGIC: [u8; 16] = *b"\xB1\x1D\x1Fbuild-info\x93\xE7\x5A";
/// The layout's number; another number is another layout.
pub const FORMAT_VERSION: u16 = 1;
/// Bytes of a slot, header and padding included.
pub const SLOT_SIZE: usize = 1024;
/// The slot's section in ELF.
pub const ELF_SECTION: &str = ".build_info";
/// The slot's segment in Mach-O.
pub const MACH_O_SEGMENT: &str = "__TEXT";
/// The slot's section in Mach-O.
pub const MACH_O_SECTION: &str = "__build_info";
/// The slot's section in PE.
pub const PE_SECTION: &str = ".bldinfo";

const HEADER_SIZE: usize = 20;

/// A field of the payload.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    /// [`BuildInfo::version`].
    Version,
    /// [`BuildInfo::git_hash`].
    GitHash,
    /// [`BuildInfo::git_branch`].
    GitBranch,
    /// [`BuildInfo::git_dirty`], `true` or `false`.
    GitDirty,
    /// [`BuildInfo::build_time`].
    BuildTime,
    /// [`BuildInfo::build_profile`].
    BuildProfile,
    /// [`BuildInfo::build_target`].
    BuildTarget,
    /// [`BuildInfo::rust_version`].
    RustVersion,
}

/// The text of each field, in the order of [`Field::ALL`].
pub type Fields<'a> = [&'a str; Field::ALL.len()];

impl Field {
    /// Every field, in the order of the payload.
    pub const ALL: [Field; 8] = [
        Field::Version,
        Field::GitHash,
        Field::GitBranch,
        Field::GitDirty,
        Field::BuildTime,
        Field::BuildProfile,
        Field::BuildTarget,
        Field::RustVersion,
    ];

    /// The most bytes that the field may have.
    pub const fn limit(self) -> usize {
        match self {
            Field::GitBranch => 256,
            Field::Version | Field::BuildTarget | Field::RustVersion => 128,
            Field::GitHash | Field::BuildTime | Field::BuildProfile => 64,
            Field::GitDirty => 5,
        }
    }

    /// The name of the member in [`BuildInfo`].
    pub const fn name(self) -> &'static str {
        match self {
            Field::Version => "version",
            Field::GitHash => "git_hash",
            Field::GitBranch => "git_branch",
            Field::GitDirty => "git_dirty",
            Field::BuildTime => "build_time",
            Field::BuildProfile => "build_profile",
            Field::BuildTarget => "build_target",
            Field::RustVersion => "rust_version",
        }
    }
}

// `encode` never checks the sum: it holds because of this.
const _: () = {
    let mut room = HEADER_SIZE;
    let mut at = 0;
    while at < Field::ALL.len() {
        room += 2 + Field::ALL[at].limit();
        at += 1;
    }
    assert!(room <= SLOT_SIZE);
};

/// A value does not fit into its field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FieldTooLong {
    /// Which field.
    pub field: Field,
    /// Bytes that the value has.
    pub length: usize,
}

impl fmt::Display for FieldTooLong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (name, limit) = (self.field.name(), self.field.limit());
        write!(f, "{name} is {} bytes long, the slot has room for {limit}", self.length)
    }
}

impl core::error::Error for FieldTooLong {}

/// Why bytes are not a slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Malformed {
    /// Fewer than [`SLOT_SIZE`] bytes, or a payload that does not end within them.
    Truncated,
    /// It does not begin with [`MAGIC`].
    NoMagic,
    /// A layout that this version of the crate does not know.
    UnknownFormat(u16),
    /// A field runs over the payload's end, is not UTF-8, or says what it may not.
    BadField(Field),
    /// Bytes are left over after the last field.
    TrailingBytes,
}

impl fmt::Display for Malformed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Malformed::Truncated => f.write_str("the slot is cut short"),
            Malformed::NoMagic => f.write_str("the slot does not begin with its magic bytes"),
            Malformed::UnknownFormat(number) => {
                write!(f, "the slot has format {number}, only {FORMAT_VERSION} is known")
            }
            Malformed::BadField(field) => write!(f, "the slot's {} is malformed", field.name()),
            Malformed::TrailingBytes => f.write_str("the slot has bytes after its last field"),
        }
    }
}

impl core::error::Error for Malformed {}

/// Writes a slot. `const`, since the development values are laid down by the compiler.
pub const fn encode(fields: &Fields<'_>) -> Result<[u8; SLOT_SIZE], FieldTooLong> {
    let mut slot = [0; SLOT_SIZE];
    put(&mut slot, 0, &MAGIC);
    put(&mut slot, 16, &FORMAT_VERSION.to_le_bytes());
    let mut end = HEADER_SIZE;
    let mut at = 0;
    while at < fields.len() {
        let (field, value) = (Field::ALL[at], fields[at].as_bytes());
        if value.len() > field.limit() {
            return Err(FieldTooLong { field, length: value.len() });
        }
        put(&mut slot, end, &(value.len() as u16).to_le_bytes());
        put(&mut slot, end + 2, value);
        end += 2 + value.len();
        at += 1;
    }
    put(&mut slot, 18, &((end - HEADER_SIZE) as u16).to_le_bytes());
    Ok(slot)
}

const fn put(slot: &mut [u8; SLOT_SIZE], offset: usize, bytes: &[u8]) {
    // A loop, because `copy_from_slice` on a subslice is not const yet.
    let mut at = 0;
    while at < bytes.len() {
        slot[offset + at] = bytes[at];
        at += 1;
    }
}

/// Reads a slot from the first [`SLOT_SIZE`] bytes. Any bytes are safe to give.
pub fn decode(bytes: &[u8]) -> Result<Fields<'_>, Malformed> {
    let slot = bytes.get(..SLOT_SIZE).ok_or(Malformed::Truncated)?;
    let rest = slot.strip_prefix(&MAGIC).ok_or(Malformed::NoMagic)?;
    let (format, rest) = take_u16(rest).ok_or(Malformed::Truncated)?;
    if format != FORMAT_VERSION {
        return Err(Malformed::UnknownFormat(format));
    }
    let (length, rest) = take_u16(rest).ok_or(Malformed::Truncated)?;
    let mut payload = rest.get(..usize::from(length)).ok_or(Malformed::Truncated)?;
    let mut fields = [""; Field::ALL.len()];
    for (text, field) in fields.iter_mut().zip(Field::ALL) {
        (*text, payload) = take_field(payload, field).ok_or(Malformed::BadField(field))?;
    }
    if payload.is_empty() { Ok(fields) } else { Err(Malformed::TrailingBytes) }
}

fn take_field(payload: &[u8], field: Field) -> Option<(&str, &[u8])> {
    let (length, rest) = take_u16(payload)?;
    let (value, rest) = rest.split_at_checked(usize::from(length))?;
    let text = str::from_utf8(value).ok()?;
    let allowed = match field {
        Field::GitDirty => matches!(text, "true" | "false"),
        _ => value.len() <= field.limit(),
    };
    allowed.then_some((text, rest))
}

fn take_u16(bytes: &[u8]) -> Option<(u16, &[u8])> {
    let (number, rest) = bytes.split_first_chunk::<2>()?;
    Some((u16::from_le_bytes(*number), rest))
}

impl BuildInfo {
    /// The fields as the slot holds them.
    pub const fn fields(&self) -> Fields<'static> {
        [
            self.version,
            self.git_hash,
            self.git_branch,
            if self.git_dirty { "true" } else { "false" },
            self.build_time,
            self.build_profile,
            self.build_target,
            self.rust_version,
        ]
    }
}

/// The static that [`build_info!`](crate::build_info!) lays down. Not for use by hand.
#[repr(transparent)]
pub struct Slot([u8; SLOT_SIZE]);

impl Slot {
    /// A slot with these values; a value that is too long stops the compilation.
    pub const fn new(info: &BuildInfo) -> Self {
        match encode(&info.fields()) {
            Ok(bytes) => Self(bytes),
            Err(_) => panic!("the package's version is too long for the build-info slot"),
        }
    }

    /// What the slot says now, in the file that was started; nothing if it is malformed.
    pub fn read(&'static self) -> Option<BuildInfo> {
        let fields = decode(self.opaque_bytes()).ok()?;
        let [version, git_hash, git_branch, git_dirty, build_time, build_profile, ..] = fields;
        let [.., build_target, rust_version] = fields;
        Some(BuildInfo {
            version,
            git_hash,
            git_branch,
            git_dirty: git_dirty == "true",
            build_time,
            build_profile,
            build_target,
            rust_version,
        })
    }

    /// The slot's bytes, through a pointer that was itself read volatile: the compiler may not
    /// assume where it leads, so it cannot fold the development values into the program.
    #[allow(unsafe_code, reason = "a volatile read is the only guarantee against folding")]
    fn opaque_bytes(&'static self) -> &'static [u8] {
        let pointer = self.0.as_ptr();
        // SAFETY: the local is initialised and aligned; a volatile read gives back its value,
        // a pointer to SLOT_SIZE bytes that live for ever and that nobody writes.
        unsafe { slice::from_raw_parts(ptr::read_volatile(&raw const pointer), SLOT_SIZE) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FIELDS: Fields<'static> = ["1.0.0", "abc", "main", "true", "now", "release", "t", "r"];

    #[test]
    fn decode_gives_back_what_encode_took() {
        assert_eq!(decode(&encode(&FIELDS).unwrap()), Ok(FIELDS));
    }

    #[test]
    fn the_longest_values_fit() {
        let long = "x".repeat(256);
        let mut fields = FIELDS;
        for (text, field) in fields.iter_mut().zip(Field::ALL) {
            if field != Field::GitDirty {
                *text = &long[..field.limit()];
            }
        }
        assert_eq!(decode(&encode(&fields).unwrap()), Ok(fields));
    }

    #[test]
    fn a_long_value_is_refused_with_its_name() {
        let hash = "x".repeat(65);
        let mut fields = FIELDS;
        fields[1] = &hash;
        let error = encode(&fields).unwrap_err();
        assert_eq!(error, FieldTooLong { field: Field::GitHash, length: 65 });
    }

    #[test]
    fn malformed_slots_are_errors() {
        let good = encode(&FIELDS).unwrap();
        assert_eq!(decode(&good[..1023]), Err(Malformed::Truncated));
        for (offset, value, error) in [
            (0, 0, Malformed::NoMagic),
            (16, 9, Malformed::UnknownFormat(9)),
            (19, 0xFF, Malformed::Truncated),
            (18, 1, Malformed::BadField(Field::Version)),
            (22, 0xFF, Malformed::BadField(Field::Version)),
        ] {
            let mut slot = good;
            slot[offset] = value;
            assert_eq!(decode(&slot), Err(error), "offset {offset}");
        }
        let mut slot = good;
        slot[18] += 1;
        assert_eq!(decode(&slot), Err(Malformed::TrailingBytes));
    }

    #[test]
    fn no_single_changed_byte_panics() {
        for offset in 0..SLOT_SIZE {
            for value in [0, 1, 0x7F, 0xFF] {
                let mut slot = encode(&FIELDS).unwrap();
                slot[offset] = value;
                let _ = decode(&slot);
            }
        }
    }
}
