//! Cabinets (\[MS-CAB\]) compressed with MSZIP (\[MS-MCI\] 2.1): files laid end to end in folders, and each folder cut into
//! blocks of 32 KiB that are deflated one by one, each with the block before it as dictionary.

mod read;
mod write;

pub(super) use self::read::read_cabinet;
pub(super) use self::write::{CabinetFile, write_cabinet};

/// Bytes of input of a block; only the last of a folder is shorter.
const BLOCK: usize = 32 * 1024;

/// The most that a block may hold when it is packed (\[MS-CAB\] 2.4): its input, and 12 bytes.
const MAX_PACKED: usize = BLOCK + 12;

/// How each packed block begins.
const MSZIP_SIGNATURE: &[u8] = b"CK";

/// The sizes of CFHEADER, CFFOLDER, CFFILE without its name, and CFDATA without its bytes, none with reserved fields.
const HEADER: usize = 36;
const FOLDER: usize = 8;
const FILE: usize = 16;
const DATA: usize = 8;

/// A cabinet's length is a signed number for some who read it.
const MAX_CABINET: u64 = 0x7FFF_FFFF;

/// The checksum of \[MS-CAB\] 3.1, of a block's bytes and of the lengths before them.
fn checksum(packed: &[u8], lengths: u32) -> u32 {
    let (words, rest) = packed.as_chunks::<4>();
    let sum = words.iter().fold(lengths, |sum, word| sum ^ u32::from_le_bytes(*word));
    // The first of the bytes left over is the highest.
    sum ^ rest.iter().fold(0, |number, &byte| number << 8 | u32::from(byte))
}

#[cfg(test)]
mod tests {
    use super::write::write_in_folders;
    use super::{BLOCK, CabinetFile, checksum, read_cabinet};
    use crate::payload::Content;
    use crate::read_archive::{Budget, Limits, ReadError};
    use std::io::Cursor;

    #[test]
    fn files_that_fill_several_folders_come_back() {
        let contents: Vec<Content> = [5, 3 * BLOCK, BLOCK + 1, BLOCK, 0, 2 * BLOCK, 7, 0]
            .map(|length| Content::Bytes((0..length).map(|at| ((at * at) >> 7) as u8).collect()))
            .into();
        let files: Vec<CabinetFile<'_>> = contents
            .iter()
            .enumerate()
            .map(|(at, content)| CabinetFile { name: format!("F{at}"), size: content.size().unwrap(), content })
            .collect();
        let mut cabinet = Cursor::new(Vec::new());
        write_in_folders(&mut cabinet, &files, (0, 6, 2), 3 * BLOCK as u64).unwrap();
        let bytes = cabinet.into_inner();
        assert_eq!(bytes[26], 4, "folders");
        let mut found = Vec::new();
        let mut budget = Budget::new(Limits::default());
        read_cabinet(&*bytes, bytes.len() as u64, &mut budget, |_, name, _, content| {
            let mut bytes = Vec::new();
            content.read_to_end(&mut bytes)?;
            found.push((name.to_owned(), Content::Bytes(bytes)));
            Ok::<_, ReadError>(())
        })
        .unwrap();
        let expected: Vec<_> = files.iter().map(|file| (file.name.clone(), file.content.clone())).collect();
        assert!(found == expected);
    }

    #[test]
    fn checksums_are_those_of_the_specification() {
        assert_eq!(checksum(b"", 0), 0);
        assert_eq!(checksum(b"Hello, world!\n", 0x000E_000E), 0x7f2e_1a4c);
        assert_eq!(checksum(&[1, 0, 0, 0, 2, 3, 4], 0), 0x0002_0305);
    }
}
