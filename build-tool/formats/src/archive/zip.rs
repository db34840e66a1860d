//! Zip (PKWARE's APPNOTE 6.3.10), streamed: sizes and checksum follow each file in a data
//! descriptor. Ours, since the time, the system and the order of everything must be one and the
//! same on every host, and deflate runs on several threads.

use super::{ArchiveError, Sink};
use crate::compress::deflate::{Deflated, ParallelDeflate};
use crate::dos_time::dos_date_time;
use crate::source::Source;
use std::io::{self, Write};
use untrusted_archive::readable;

/// From this size on a file gets zip64 fields. Less than 4 GiB, since what cannot be compressed
/// grows a little.
const ZIP64_FROM: u64 = 0xF000_0000;
const MAX_32: u64 = 0xFFFF_FFFF;
const DIRECTORY_MODE: u32 = 0o040_755;
const FILE_TYPE: u32 = 0o100_000;

pub(super) struct ZipWriter<W: Write> {
    // Taken while a file is deflated; a failure leaves `None`, and the archive is given up.
    out: Option<W>,
    offset: u64,
    date_time: u32,
    level: u32,
    threads: usize,
    central: Vec<u8>,
    count: u64,
}

/// What the local and the central header say alike.
struct Header<'a> {
    name: &'a str,
    /// 4.4.4: bit 3, data descriptor; bit 11, UTF-8.
    flags: u16,
    /// 4.4.3: 2.0 for deflate and directories, 4.5 for zip64.
    version: u16,
    method: u16,
}

impl<W: Write> ZipWriter<W> {
    pub(super) fn new(out: W, mtime: u64, level: u32, threads: usize) -> Self {
        let date_time = dos_date_time(mtime);
        Self { out: Some(out), offset: 0, date_time, level, threads, central: Vec::new(), count: 0 }
    }

    /// 4.3.12 to 4.3.16: the central directory and its end, with zip64's where a field is full.
    pub(super) fn finish(mut self) -> io::Result<W> {
        let (start, size) = (self.offset, self.central.len() as u64);
        let mut end = std::mem::take(&mut self.central);
        if self.count >= 0xFFFF || start >= MAX_32 || size >= MAX_32 {
            put32(&mut end, 0x0606_4b50);
            put64(&mut end, 44);
            put16(&mut end, 3 << 8 | 45);
            put16(&mut end, 45);
            put64(&mut end, 0);
            for number in [self.count, self.count, size, start] {
                put64(&mut end, number);
            }
            put32(&mut end, 0x0706_4b50);
            put32(&mut end, 0);
            put64(&mut end, start + size);
            put32(&mut end, 1);
        }
        put32(&mut end, 0x0605_4b50);
        put32(&mut end, 0);
        for _ in 0..2 {
            put16(&mut end, self.count.min(0xFFFF) as u16);
        }
        put32(&mut end, size.min(MAX_32) as u32);
        put32(&mut end, start.min(MAX_32) as u32);
        put16(&mut end, 0);
        self.write(&end)?;
        self.out.take().ok_or_else(given_up)
    }

    fn write(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.offset += bytes.len() as u64;
        self.out.as_mut().ok_or_else(given_up)?.write_all(bytes)
    }

    /// 4.3.7. With a descriptor the sizes are 0; zip64 says by its extra field that the
    /// descriptor's are of 8 bytes.
    fn local_header(&mut self, header: &Header<'_>) -> io::Result<()> {
        let zip64 = header.version == 45;
        let mut bytes = Vec::new();
        put32(&mut bytes, 0x0403_4b50);
        self.common(&mut bytes, header);
        put32(&mut bytes, 0);
        for _ in 0..2 {
            put32(&mut bytes, if zip64 { MAX_32 as u32 } else { 0 });
        }
        put16(&mut bytes, header.name.len() as u16);
        put16(&mut bytes, if zip64 { 20 } else { 0 });
        bytes.extend_from_slice(header.name.as_bytes());
        if zip64 {
            put16(&mut bytes, 1);
            put16(&mut bytes, 16);
            bytes.extend_from_slice(&[0; 16]);
        }
        self.write(&bytes)
    }

    fn common(&self, bytes: &mut Vec<u8>, header: &Header<'_>) {
        put16(bytes, header.version);
        put16(bytes, header.flags);
        put16(bytes, header.method);
        put32(bytes, self.date_time);
    }

    /// 4.3.12; the extra field holds those numbers that are too large for theirs (4.5.3).
    fn central_header(&mut self, header: &Header<'_>, start: u64, mode: u32, sizes: &Deflated<()>) {
        let wide: Vec<u64> =
            [sizes.size_in, sizes.size_out, start].into_iter().filter(|&number| number >= MAX_32).collect();
        let version = if wide.is_empty() { header.version } else { 45 };
        let mut bytes = std::mem::take(&mut self.central);
        put32(&mut bytes, 0x0201_4b50);
        // 4.4.2: made on Unix (3), whatever the host: the mode is then looked at.
        put16(&mut bytes, 3 << 8 | 45);
        self.common(&mut bytes, &Header { version, ..*header });
        put32(&mut bytes, sizes.crc32);
        put32(&mut bytes, sizes.size_out.min(MAX_32) as u32);
        put32(&mut bytes, sizes.size_in.min(MAX_32) as u32);
        put16(&mut bytes, header.name.len() as u16);
        put16(&mut bytes, if wide.is_empty() { 0 } else { 4 + 8 * wide.len() as u16 });
        put16(&mut bytes, 0);
        put16(&mut bytes, 0);
        put16(&mut bytes, 0);
        let directory_bit = u32::from(header.name.ends_with('/')) << 4;
        put32(&mut bytes, mode << 16 | directory_bit);
        put32(&mut bytes, start.min(MAX_32) as u32);
        bytes.extend_from_slice(header.name.as_bytes());
        if !wide.is_empty() {
            put16(&mut bytes, 1);
            put16(&mut bytes, 8 * wide.len() as u16);
            wide.into_iter().for_each(|number| put64(&mut bytes, number));
        }
        self.central = bytes;
        self.count += 1;
    }
}

impl<W: Write> Sink for ZipWriter<W> {
    fn directory(&mut self, name: &[u8]) -> Result<(), ArchiveError> {
        let name = format!("{}/", utf8(name)?);
        let header = Header { name: &name, flags: utf8_flag(&name), version: 20, method: 0 };
        let start = self.offset;
        self.local_header(&header)?;
        let nothing = Deflated { out: (), crc32: 0, size_in: 0, size_out: 0 };
        self.central_header(&header, start, DIRECTORY_MODE, &nothing);
        Ok(())
    }

    fn file(&mut self, name: &[u8], source: &mut Source, mode: u32) -> Result<(), ArchiveError> {
        let name = utf8(name)?;
        let zip64 = source.size >= ZIP64_FROM;
        let version = if zip64 { 45 } else { 20 };
        let header = Header { name, flags: 1 << 3 | utf8_flag(name), version, method: 8 };
        let start = self.offset;
        self.local_header(&header)?;
        let out = self.out.take().ok_or_else(given_up)?;
        let mut deflate = ParallelDeflate::new(out, self.level, self.threads);
        source.copy_to(&mut deflate)?;
        let Deflated { out, crc32, size_in, size_out } = deflate.finish()?;
        self.out = Some(out);
        self.offset += size_out;
        // 4.3.9: the descriptor, with its signature.
        let mut descriptor = Vec::new();
        put32(&mut descriptor, 0x0807_4b50);
        put32(&mut descriptor, crc32);
        for number in [size_out, size_in] {
            if zip64 {
                put64(&mut descriptor, number);
            } else {
                put32(&mut descriptor, number as u32);
            }
        }
        self.write(&descriptor)?;
        let sizes = Deflated { out: (), crc32, size_in, size_out };
        self.central_header(&header, start, FILE_TYPE | mode, &sizes);
        Ok(())
    }
}

fn utf8(name: &[u8]) -> Result<&str, ArchiveError> {
    std::str::from_utf8(name).map_err(|_| ArchiveError::NotUtf8(readable(name)))
}

fn utf8_flag(name: &str) -> u16 {
    u16::from(!name.is_ascii()) << 11
}

fn given_up() -> io::Error {
    io::Error::other("the archive was given up after an earlier failure")
}

fn put16(bytes: &mut Vec<u8>, number: u16) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn put32(bytes: &mut Vec<u8>, number: u32) {
    bytes.extend_from_slice(&number.to_le_bytes());
}

fn put64(bytes: &mut Vec<u8>, number: u64) {
    bytes.extend_from_slice(&number.to_le_bytes());
}
