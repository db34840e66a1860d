//! Writes a signed copy of a thin Mach-O file: an ad-hoc signature like `codesign --sign -` makes, and a
//! UUID by content. The input is read once: its pages are hashed as they pass.

use super::blobs::{self, Directory};
use super::pages::{Hash, PAGE, copy_pages, sha256};
use super::read::{LC_CODE_SIGNATURE, MachO, MachOError, Section, Segment};
use super::{CPU_ARM64, Entitlements, FILE_BUNDLE, FILE_DYLIB, FILE_EXECUTE, uuid};
use std::io::{self, Read, Seek, SeekFrom, Write};

/// `sizeof(struct linkedit_data_command)`.
const COMMAND_SIZE: u64 = 16;
/// Where a signature begins and how long it is: multiples of this.
const ALIGNMENT: u64 = 16;
/// `CS_EXECSEG_MAIN_BINARY`.
const MAIN_BINARY: u64 = 0x1;
/// An `Info.plist` within a program is small.
const MAX_INFO: u64 = 1 << 20;
const MAX_IDENTIFIER: usize = 1024;

/// What a signature says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SignOptions {
    /// The code's name, such as `org.example.tool`.
    pub identifier: String,
    /// Whether the hardened runtime is asked for.
    pub hardened_runtime: bool,
    /// What the program is entitled to.
    pub entitlements: Option<Entitlements>,
    /// What becomes of the file's UUID.
    pub uuid: Uuid,
}

/// What becomes of a file's `LC_UUID`; a file without one gets none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Uuid {
    /// It stays.
    Keep,
    /// It is computed from the content, so that equal files and only those have equal UUIDs.
    Content,
    /// It becomes this.
    Set([u8; 16]),
}

/// What was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Signed {
    /// The file's UUID now, if it has one.
    pub uuid: Option<[u8; 16]>,
    /// The new file's length in bytes.
    pub length: u64,
    /// What systems know the code by: the start of the code directory's hash.
    pub cd_hash: [u8; 20],
}

/// Why a file cannot be signed.
#[derive(Debug, thiserror::Error)]
pub enum SignError {
    /// It is no thin Mach-O file, or a damaged one.
    #[error(transparent)]
    MachO(#[from] MachOError),
    /// It is of a kind that is not signed.
    #[error(
        "only 64-bit programs, shared libraries and bundles are signed; this file has {bits} bits and file type {file_type}"
    )]
    Kind {
        /// 32 or 64.
        bits: u8,
        /// Its `filetype`.
        file_type: u32,
    },
    /// A load command must be added, and there is no space between the others and what follows.
    #[error(
        "there is no room for the load command of a signature: it takes {COMMAND_SIZE} bytes, {room} are free after the {commands} bytes of load commands; link with -Wl,-headerpad,0x1000"
    )]
    NoRoom {
        /// The free bytes.
        room: u64,
        /// Header and load commands, in bytes.
        commands: u64,
    },
    /// The segments do not lie as every linker of Apple's systems lays them.
    #[error("the file cannot carry a signature: {0}")]
    Layout(String),
    /// The file has become too large for its load commands.
    #[error("the file would have {0} bytes with its signature; a Mach-O file can be signed up to 4 GiB")]
    TooLarge(u64),
    /// The identifier is empty, too long or has a NUL.
    #[error("{0:?} cannot be the identifier of a signature: 1 to {MAX_IDENTIFIER} bytes, none of them NUL")]
    BadIdentifier(String),
}

impl From<io::Error> for SignError {
    fn from(error: io::Error) -> Self {
        SignError::MachO(error.into())
    }
}

/// Writes a signed copy of `input` to `output`, which is empty. A signature that is there is replaced.
/// The same input and options give the same bytes; signing the result again changes nothing.
///
/// # Errors
/// The file cannot be signed, or not be read or written; then what was written is not to be used.
pub fn sign<R: Read + Seek, W: Write + Seek>(
    input: &mut R,
    output: &mut W,
    options: &SignOptions,
) -> Result<Signed, SignError> {
    let identifier = &options.identifier;
    if identifier.is_empty() || identifier.len() > MAX_IDENTIFIER || identifier.contains('\0') {
        return Err(SignError::BadIdentifier(identifier.clone()));
    }
    let file = MachO::read(input)?;
    let layout = Layout::of(&file, input)?;
    let special = special_slots(&file, input, options)?;
    let text = layout.text;
    let mut segment_flags = options.entitlements.as_ref().map_or(0, Entitlements::segment_flags);
    segment_flags = if file.file_type == FILE_EXECUTE { segment_flags | MAIN_BINARY } else { 0 };
    let directory = Directory {
        identifier,
        flags: blobs::FLAG_AD_HOC | if options.hardened_runtime { blobs::FLAG_RUNTIME } else { 0 },
        code_limit: u32::try_from(layout.code_limit).map_err(|_| SignError::TooLarge(layout.code_limit))?,
        executable_segment: (text.offset, text.size, segment_flags),
        runtime: options.hardened_runtime.then(|| file.build_version.map_or(0, |version| version.sdk)),
        special: &special.hashes,
    };
    let sizes = special.blobs.iter().map(|(_, blob)| blob.len()).chain([directory.size()]);
    let signature_size = (blobs::super_blob_size(sizes) as u64).next_multiple_of(ALIGNMENT);
    let length = layout.code_limit + signature_size;
    if u32::try_from(length).is_err() {
        return Err(SignError::TooLarge(length));
    }

    let header = layout.header(&file, signature_size)?;
    let head_size = (header.len() as u64).next_multiple_of(PAGE).min(layout.code_limit);
    input.seek(SeekFrom::Start(0))?;
    let padding = io::repeat(0).take(layout.code_limit - layout.content_end);
    let mut content = input.take(layout.content_end).chain(padding);
    let mut head = vec![0; head_size as usize];
    content.read_exact(&mut head)?;
    head[..header.len()].copy_from_slice(&header);

    let mut pages: Vec<Hash> = Vec::with_capacity(directory.page_count());
    output.seek(SeekFrom::Start(head_size))?;
    copy_pages(&mut content, output, layout.code_limit - head_size, PAGE as usize, |hash| pages.push(hash))?;

    let uuid = match (options.uuid, file.uuid) {
        (_, None) => None,
        (Uuid::Keep, _) => file.uuid_bytes(),
        (Uuid::Set(uuid), _) => Some(uuid),
        (Uuid::Content, Some(at)) => Some(content_uuid(&layout.header(&file, 0)?, at as usize, &head, &pages)),
    };
    if let (Some(at), Some(uuid)) = (file.uuid, uuid) {
        head[at as usize..at as usize + 16].copy_from_slice(&uuid);
    }
    pages.splice(0..0, head.chunks(PAGE as usize).map(sha256));
    let directory = directory.build(&pages);
    let cd_hash = sha256(&directory);
    let mut all = vec![(blobs::SLOT_CODE_DIRECTORY, directory)];
    all.extend(special.blobs);
    let mut signature = blobs::super_blob(&all);
    signature.resize(signature_size as usize, 0);
    output.write_all(&signature)?;
    output.seek(SeekFrom::Start(0))?;
    output.write_all(&head)?;
    output.flush()?;
    let mut short = [0; 20];
    short.copy_from_slice(&cd_hash[..20]);
    Ok(Signed { uuid, length, cd_hash: short })
}

/// By everything but the UUID itself and the signature: `header` is the one for a signature of no bytes.
fn content_uuid(header: &[u8], uuid: usize, head: &[u8], later_pages: &[Hash]) -> [u8; 16] {
    let mut bytes = head.to_vec();
    bytes[..header.len()].copy_from_slice(header);
    bytes[uuid..uuid + 16].fill(0);
    // A tree of hashes: that of the pages is at hand.
    let mut hashes = sha256(&bytes).to_vec();
    later_pages.iter().for_each(|hash| hashes.extend_from_slice(hash));
    uuid::shaped(&sha256(&hashes))
}

/// Where things lie in the signed file.
struct Layout<'file> {
    text: &'file Segment,
    linkedit: &'file Segment,
    /// How much of the input is kept.
    content_end: u64,
    /// How much is hashed: that, padded. There the signature begins.
    code_limit: u64,
}

impl<'file> Layout<'file> {
    fn of<R: Read + Seek>(file: &'file MachO, input: &mut R) -> Result<Self, SignError> {
        let kinds = [FILE_EXECUTE, FILE_DYLIB, FILE_BUNDLE];
        if !file.is_64 || !kinds.contains(&file.file_type) {
            return Err(SignError::Kind { bits: if file.is_64 { 64 } else { 32 }, file_type: file.file_type });
        }
        let only = |name: &str| {
            let mut found = file.segments.iter().filter(|segment| segment.name == name);
            match (found.next(), found.next()) {
                (Some(segment), None) => Ok(segment),
                (None, _) => Err(SignError::Layout(format!("it has no segment {name}"))),
                (Some(_), Some(_)) => Err(SignError::Layout(format!("it has two segments {name}"))),
            }
        };
        let (text, linkedit) = (only("__TEXT")?, only("__LINKEDIT")?);
        let end = linkedit.offset + linkedit.size;
        let header_end = file.header.len() as u64;
        if let Some(other) =
            file.segments.iter().find(|s| s.name != "__LINKEDIT" && s.offset + s.size > linkedit.offset)
        {
            return Err(SignError::Layout(format!(
                "segment {} reaches into __LINKEDIT, which has to be last",
                other.name
            )));
        }
        let (content_end, cut) = match file.signature {
            Some(signature) if signature.offset < linkedit.offset.max(header_end) => {
                return Err(SignError::Layout("its signature lies before __LINKEDIT".to_owned()));
            }
            Some(signature) => (signature.offset, signature.offset + signature.size),
            None if end < header_end => return Err(SignError::Layout("__LINKEDIT lies in the header".to_owned())),
            None => (end, end),
        };
        if cut != file.length || end > cut {
            let what = if file.signature.is_some() { "its signature" } else { "__LINKEDIT" };
            let after = file.length.abs_diff(cut);
            return Err(SignError::Layout(format!("{after} bytes after {what} would be lost: it has to end the file")));
        }
        let code_limit = content_end.next_multiple_of(ALIGNMENT);
        let layout = Self { text, linkedit, content_end, code_limit };
        if file.signature.is_none() {
            layout.check_room(file, input)?;
        }
        Ok(layout)
    }

    /// After the load commands there must be nothing but zeros, up to the first section.
    fn check_room<R: Read + Seek>(&self, file: &MachO, input: &mut R) -> Result<(), SignError> {
        let commands = file.header.len() as u64;
        let sections = file.segments.iter().flat_map(|segment| &segment.sections);
        let in_file = |section: &&Section| !section.zero_fill && section.offset != 0 && section.size != 0;
        let starts = sections.filter(in_file).map(|section| section.offset);
        let segments = file.segments.iter().filter(|s| s.offset != 0 && s.size != 0).map(|segment| segment.offset);
        let free_until = starts.chain(segments).min().unwrap_or(file.length).min(self.content_end);
        let room = free_until.saturating_sub(commands);
        input.seek(SeekFrom::Start(commands))?;
        let mut gap = Vec::new();
        input.take(room.min(COMMAND_SIZE)).read_to_end(&mut gap)?;
        let zeros = gap.iter().take_while(|&&byte| byte == 0).count() as u64;
        if zeros < COMMAND_SIZE {
            return Err(SignError::NoRoom { room: zeros, commands });
        }
        Ok(())
    }

    /// Header and load commands of the signed file.
    fn header(&self, file: &MachO, signature_size: u64) -> Result<Vec<u8>, SignError> {
        let mut header = file.header.clone();
        let command = match file.signature {
            Some(signature) => signature.command as usize,
            None => {
                let at = header.len();
                header.resize(at + COMMAND_SIZE as usize, 0);
                let commands_size = header.len() as u32 - 32;
                header[16..20].copy_from_slice(&(file.command_count + 1).to_le_bytes());
                header[20..24].copy_from_slice(&commands_size.to_le_bytes());
                at
            }
        };
        let too_large = |value: u64| u32::try_from(value).map_err(|_| SignError::TooLarge(value));
        let words = [LC_CODE_SIGNATURE, COMMAND_SIZE as u32, too_large(self.code_limit)?, too_large(signature_size)?];
        for (number, word) in words.into_iter().enumerate() {
            header[command + 4 * number..][..4].copy_from_slice(&word.to_le_bytes());
        }
        let page: u64 = if file.cpu_type == CPU_ARM64 { 0x4000 } else { 0x1000 };
        let size = self.code_limit + signature_size - self.linkedit.offset;
        let at = self.linkedit.command as usize;
        header[at + 32..at + 40].copy_from_slice(&size.next_multiple_of(page).to_le_bytes());
        header[at + 48..at + 56].copy_from_slice(&size.to_le_bytes());
        Ok(header)
    }
}

/// What a signature holds besides the pages' hashes.
struct Special {
    /// Slot 1 first.
    hashes: Vec<Hash>,
    blobs: Vec<(u32, Vec<u8>)>,
}

fn special_slots<R: Read + Seek>(file: &MachO, input: &mut R, options: &SignOptions) -> Result<Special, SignError> {
    let mut blobs = vec![(blobs::SLOT_REQUIREMENTS, blobs::no_requirements())];
    if let Some(entitlements) = &options.entitlements {
        blobs.push((blobs::SLOT_ENTITLEMENTS, blobs::entitlements(entitlements.xml())));
        blobs.push((blobs::SLOT_ENTITLEMENTS_DER, blobs::entitlements_der(entitlements.der())));
    }
    let last = blobs.iter().map(|(slot, _)| *slot as usize).max().unwrap_or_default();
    let mut hashes = vec![[0; 32]; last];
    for (slot, blob) in &blobs {
        hashes[*slot as usize - 1] = sha256(blob);
    }
    // A program outside an application bundle carries its Info.plist in a section.
    if let Some(info) = file.section("__TEXT", "__info_plist").filter(|info| info.offset != 0) {
        hashes[blobs::SLOT_INFO as usize - 1] = sha256(&section_bytes(info, input)?);
    }
    blobs.push((blobs::SLOT_SIGNATURE, blobs::no_certificate()));
    Ok(Special { hashes, blobs })
}

/// The content of a small section.
pub(super) fn section_bytes<R: Read + Seek>(section: &Section, input: &mut R) -> Result<Vec<u8>, MachOError> {
    if section.size > MAX_INFO {
        let problem = format!("section {} has {} bytes, more than {MAX_INFO}", section.name, section.size);
        return Err(MachOError::Damaged(problem));
    }
    let mut bytes = Vec::new();
    input.seek(SeekFrom::Start(section.offset))?;
    input.take(section.size).read_to_end(&mut bytes)?;
    Ok(bytes)
}
