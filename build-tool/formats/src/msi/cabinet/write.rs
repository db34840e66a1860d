//! Writes a cabinet. The blocks are deflated by several threads, since none needs more of the others than their input.

use std::io::{self, Seek, SeekFrom, Write};
use std::mem;

use flate2::{Compress, Compression, FlushCompress, Status};
use sha2::{Digest, Sha256};

use super::super::MsiError;
use super::{BLOCK, FILE, FOLDER, HEADER, MAX_CABINET, MAX_PACKED, MSZIP_SIGNATURE, checksum};
use crate::compress::workers::{MAX_THREADS, Workers};
use crate::dos_time::dos_date_time;
use crate::payload::Content;

/// Blocks that a thread takes at a time: enough to be worth handing over.
const BATCH: usize = 32;

/// Blocks of a folder: their number has 16 bits. A file lies in one folder, so it can be no longer.
const MAX_BLOCKS: u64 = 0xFFFF;

/// A file to put into a cabinet.
pub(in crate::msi) struct CabinetFile<'a> {
    /// Its name, ASCII.
    pub(in crate::msi) name: String,
    /// Its length in bytes.
    pub(in crate::msi) size: u64,
    /// Its bytes.
    pub(in crate::msi) content: &'a Content,
}

/// A folder while it is planned and written.
#[derive(Default)]
struct Folder {
    files: usize,
    size: u64,
    /// Where its blocks begin in the cabinet.
    start: u64,
}

/// Writes a cabinet where `out` stands, and gives the SHA-256 of its bytes.
pub(in crate::msi) fn write_cabinet<W: Write + Seek>(
    out: &mut W,
    files: &[CabinetFile<'_>],
    (time, level, threads): (u64, u32, usize),
) -> Result<[u8; 32], MsiError> {
    write_in_folders(out, files, (time, level, threads), MAX_BLOCKS * BLOCK as u64)
}

pub(super) fn write_in_folders<W: Write + Seek>(
    out: &mut W,
    files: &[CabinetFile<'_>],
    (time, level, threads): (u64, u32, usize),
    folder_size: u64,
) -> Result<[u8; 32], MsiError> {
    let mut folders = plan(files, folder_size)?;
    let start = out.stream_position()?;
    let tables = HEADER + FOLDER * folders.len() + files.iter().map(|file| FILE + file.name.len() + 1).sum::<usize>();
    // Their place; what they say is known at the end.
    out.write_all(&vec![0; tables])?;
    let mut blocks = Blocks::new(out, level, threads);
    let mut rest = files;
    for folder in &mut folders {
        folder.start = tables as u64 + blocks.written;
        let (own, others) = rest.split_at(folder.files);
        rest = others;
        for file in own {
            file.content.copy_to(file.size, &mut blocks)?;
        }
        blocks.end_folder()?;
    }
    let (mut hash, written) = blocks.finish()?;
    let total = tables as u64 + written;
    if total > MAX_CABINET {
        return Err(MsiError::TooLarge("its cabinet is longer than 2 GiB"));
    }
    let header = header(total as u32, &folders, files, time);
    out.seek(SeekFrom::Start(start))?;
    out.write_all(&header)?;
    out.seek(SeekFrom::Start(start + total))?;
    hash.update(&header);
    Ok(hash.finalize().into())
}

/// Puts as many files into each folder as it takes.
fn plan(files: &[CabinetFile<'_>], folder_size: u64) -> Result<Vec<Folder>, MsiError> {
    let mut folders = vec![Folder::default()];
    for file in files {
        if file.size > folder_size {
            return Err(MsiError::TooLarge("a file is longer than 2,147,450,880 bytes, the most that a cabinet takes"));
        }
        if folders.last().is_none_or(|folder| folder.size + file.size > folder_size) {
            folders.push(Folder::default());
        }
        if let Some(folder) = folders.last_mut() {
            folder.files += 1;
            folder.size += file.size;
        }
    }
    if files.len() > 0xFFFF || folders.len() > 0xFFFF {
        return Err(MsiError::TooLarge("it has more than 65535 files"));
    }
    Ok(folders)
}

/// CFHEADER, the CFFOLDERs and the CFFILEs (\[MS-CAB\] 2.1 to 2.3).
fn header(total: u32, folders: &[Folder], files: &[CabinetFile<'_>], time: u64) -> Vec<u8> {
    let mut bytes = b"MSCF\0\0\0\0".to_vec();
    let mut put = |number: u32, length: usize| bytes.extend_from_slice(&number.to_le_bytes()[..length]);
    put(total, 4);
    put(0, 4);
    put((HEADER + FOLDER * folders.len()) as u32, 4);
    put(0, 4);
    // Version 1.3, neither of a set nor with reserved fields.
    put(0x0103, 2);
    put(folders.len() as u32, 2);
    put(files.len() as u32, 2);
    for _ in 0..3 {
        put(0, 2);
    }
    for folder in folders {
        put(folder.start as u32, 4);
        put(folder.size.div_ceil(BLOCK as u64) as u32, 2);
        put(1, 2);
    }
    let mut rest = files.iter();
    for (at, folder) in folders.iter().enumerate() {
        let mut offset = 0;
        for file in rest.by_ref().take(folder.files) {
            for number in [file.size as u32, offset] {
                bytes.extend_from_slice(&number.to_le_bytes());
            }
            bytes.extend_from_slice(&(at as u16).to_le_bytes());
            let date_time = dos_date_time(time);
            bytes.extend_from_slice(&((date_time >> 16) as u16).to_le_bytes());
            bytes.extend_from_slice(&(date_time as u16).to_le_bytes());
            // To be archived, as every new file of DOS.
            bytes.extend_from_slice(&0x20_u16.to_le_bytes());
            bytes.extend_from_slice(file.name.as_bytes());
            bytes.push(0);
            offset += file.size as u32;
        }
    }
    bytes
}

/// The input of one thread's turn.
struct Job {
    input: Vec<u8>,
    /// The block before it; none at the beginning of a folder.
    dictionary: Vec<u8>,
}

/// Takes the input of one folder after the other and writes CFDATA records.
struct Blocks<'a, W: Write> {
    out: &'a mut W,
    level: u32,
    threads: usize,
    workers: Option<Workers<Job, Vec<u8>>>,
    input: Vec<u8>,
    dictionary: Vec<u8>,
    hash: Sha256,
    written: u64,
}

impl<'a, W: Write> Blocks<'a, W> {
    fn new(out: &'a mut W, level: u32, threads: usize) -> Self {
        let threads = threads.clamp(1, MAX_THREADS);
        let (input, dictionary) = (Vec::new(), Vec::new());
        Self { out, level, threads, workers: None, input, dictionary, hash: Sha256::new(), written: 0 }
    }

    /// Hands over what there is. A folder's end must be waited for, since the next one's place follows from it.
    fn submit(&mut self) -> io::Result<()> {
        let level = self.level;
        let workers = match &mut self.workers {
            Some(workers) => workers,
            none => none.insert(Workers::start(self.threads, || {
                let mut compressor = Compress::new(Compression::new(level), false);
                move |job| pack(&mut compressor, &job)
            })?),
        };
        if workers.is_full()
            && let Some(records) = workers.next()
        {
            write(self.out, &records?, &mut self.hash, &mut self.written)?;
        }
        let input = mem::take(&mut self.input);
        let next = input[input.len().saturating_sub(BLOCK)..].to_vec();
        let dictionary = mem::replace(&mut self.dictionary, next);
        workers.submit(Job { input, dictionary })
    }

    fn end_folder(&mut self) -> io::Result<()> {
        if !self.input.is_empty() {
            self.submit()?;
        }
        while let Some(records) = self.workers.as_mut().and_then(Workers::next) {
            write(self.out, &records?, &mut self.hash, &mut self.written)?;
        }
        self.dictionary.clear();
        Ok(())
    }

    fn finish(self) -> io::Result<(Sha256, u64)> {
        Ok((self.hash, self.written))
    }
}

fn write(out: &mut impl Write, records: &[u8], hash: &mut Sha256, written: &mut u64) -> io::Result<()> {
    hash.update(records);
    *written += records.len() as u64;
    out.write_all(records)
}

impl<W: Write> Write for Blocks<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(BATCH * BLOCK - self.input.len());
        self.input.extend_from_slice(&bytes[..taken]);
        if self.input.len() == BATCH * BLOCK {
            self.submit()?;
        }
        Ok(taken)
    }

    /// Does nothing: blocks end at fixed places only.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The CFDATA records (\[MS-CAB\] 2.4) of the blocks of a job.
fn pack(compressor: &mut Compress, job: &Job) -> io::Result<Vec<u8>> {
    let mut records = Vec::with_capacity(job.input.len() / 2);
    let mut dictionary = &*job.dictionary;
    for block in job.input.chunks(BLOCK) {
        let packed = deflate(compressor, block, dictionary)?;
        let lengths = (packed.len() as u32) | (block.len() as u32) << 16;
        records.extend_from_slice(&checksum(&packed, lengths).to_le_bytes());
        records.extend_from_slice(&lengths.to_le_bytes());
        records.extend_from_slice(&packed);
        dictionary = block;
    }
    Ok(records)
}

/// One block of MSZIP.
fn deflate(compressor: &mut Compress, block: &[u8], dictionary: &[u8]) -> io::Result<Vec<u8>> {
    compressor.reset();
    if !dictionary.is_empty() {
        compressor.set_dictionary(dictionary).map_err(io::Error::other)?;
    }
    let mut packed = Vec::with_capacity(MAX_PACKED);
    packed.extend_from_slice(MSZIP_SIGNATURE);
    let status = compressor.compress_vec(block, &mut packed, FlushCompress::Finish).map_err(io::Error::other)?;
    if !matches!(status, Status::StreamEnd) || packed.len() > MAX_PACKED {
        // It cannot be made smaller: one stored block (RFC 1951, 3.2.4), which always fits.
        let length = block.len() as u16;
        packed.truncate(MSZIP_SIGNATURE.len());
        packed.push(1);
        packed.extend_from_slice(&length.to_le_bytes());
        packed.extend_from_slice(&(!length).to_le_bytes());
        packed.extend_from_slice(block);
    }
    Ok(packed)
}
