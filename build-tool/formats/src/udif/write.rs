//! Writes a disk image: what is written to it is the disk, from its first sector to its last.

use super::{
    CHECKSUM_FIELD, CHUNK_SECTORS, CRC32, DEFLATED, END, SECTOR, STORED, TABLE, TABLE_VERSION, TRAILER, TRAILER_SIZE,
    TRAILER_VERSION, ZEROS,
};
use crate::big_endian::{put32, put64};
use crate::compress::workers::{MAX_THREADS, Workers};
use flate2::{Compress, Compression, Crc, FlushCompress, Status};
use plist::{Dictionary, Value};
use sha1::{Digest, Sha1};
use std::io::{self, Write};
use std::mem;

const CHUNK: usize = (CHUNK_SECTORS * SECTOR) as usize;

/// A writer that makes a disk image of what is written to it. [`UdifWriter::finish`] must be called.
pub(crate) struct UdifWriter<W: Write> {
    out: W,
    chunk: Vec<u8>,
    workers: Workers<Vec<u8>, Packed>,
    runs: Vec<u8>,
    run_count: u32,
    sectors: u64,
    stored: u64,
    disk_crc: Crc,
    data_crc: Crc,
}

struct Packed {
    kind: u32,
    bytes: Vec<u8>,
    sectors: u64,
    disk_crc: Crc,
    data_crc: Crc,
}

impl<W: Write> UdifWriter<W> {
    /// Starts an image at a level from 1 to 9. The bytes do not depend on the number of threads.
    pub(crate) fn new(out: W, level: u32, threads: usize) -> io::Result<Self> {
        let workers = Workers::start(threads.clamp(1, MAX_THREADS), || {
            let mut compressor = Compress::new(Compression::new(level.clamp(1, 9)), true);
            move |chunk: Vec<u8>| pack(&mut compressor, chunk)
        })?;
        let (runs, chunk) = (Vec::new(), Vec::with_capacity(CHUNK));
        let (disk_crc, data_crc) = (Crc::new(), Crc::new());
        Ok(Self { out, chunk, workers, runs, run_count: 0, sectors: 0, stored: 0, disk_crc, data_crc })
    }

    /// Writes what is left, the table and the trailer. The disk must have been whole sectors.
    pub(crate) fn finish(mut self) -> io::Result<W> {
        if !(self.chunk.len() as u64).is_multiple_of(SECTOR) {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the disk does not end with a whole sector"));
        }
        if !self.chunk.is_empty() {
            self.workers.submit(mem::take(&mut self.chunk))?;
        }
        while let Some(packed) = self.workers.next() {
            self.take(packed?)?;
        }
        self.run(END, 0, 0);
        let table = self.table();
        let list = property_list(table.clone())?;
        self.out.write_all(&list)?;
        let trailer = self.trailer(&table, list.len() as u64);
        self.out.write_all(&trailer)?;
        Ok(self.out)
    }

    fn take(&mut self, packed: Packed) -> io::Result<()> {
        self.out.write_all(&packed.bytes)?;
        self.run(packed.kind, packed.sectors, packed.bytes.len() as u64);
        self.sectors += packed.sectors;
        self.stored += packed.bytes.len() as u64;
        self.disk_crc.combine(&packed.disk_crc);
        self.data_crc.combine(&packed.data_crc);
        Ok(())
    }

    /// Kind, a comment, first sector, sectors, place in the data, bytes.
    fn run(&mut self, kind: u32, sectors: u64, bytes: u64) {
        put32(&mut self.runs, &[kind, 0]);
        put64(&mut self.runs, &[self.sectors, sectors, self.stored, bytes]);
        self.run_count += 1;
    }

    /// The table of the one part that the image has: the whole disk.
    fn table(&self) -> Vec<u8> {
        let mut table = TABLE.to_vec();
        put32(&mut table, &[TABLE_VERSION]);
        // First sector, sectors, where the data begin; the room for a chunk that is unpacked, and for its ends.
        put64(&mut table, &[0, self.sectors, 0]);
        put32(&mut table, &[CHUNK_SECTORS as u32 + 8, 0]);
        table.extend_from_slice(&[0; 24]);
        put_checksum(&mut table, self.disk_crc.sum());
        put32(&mut table, &[self.run_count]);
        table.extend_from_slice(&self.runs);
        table
    }

    fn trailer(&self, table: &[u8], list: u64) -> Vec<u8> {
        let mut trailer = TRAILER.to_vec();
        // The image is in one file ("flattened").
        put32(&mut trailer, &[TRAILER_VERSION, TRAILER_SIZE as u32, 1]);
        // Running offset, place and size of the data; no resource fork.
        put64(&mut trailer, &[0, 0, self.stored, 0, 0]);
        // One segment of one. Its identifier must differ from other images', so it is made of what is in this one.
        put32(&mut trailer, &[1, 1]);
        trailer.extend_from_slice(&Sha1::digest(table)[..16]);
        put_checksum(&mut trailer, self.data_crc.sum());
        put64(&mut trailer, &[self.stored, list]);
        trailer.extend_from_slice(&[0; 120]);
        // The sum of the tables' sums.
        let mut master = Crc::new();
        master.update(&self.disk_crc.sum().to_be_bytes());
        put_checksum(&mut trailer, master.sum());
        // A whole device.
        put32(&mut trailer, &[1]);
        put64(&mut trailer, &[self.sectors]);
        trailer.resize(TRAILER_SIZE, 0);
        trailer
    }
}

impl<W: Write> Write for UdifWriter<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let taken = bytes.len().min(CHUNK - self.chunk.len());
        self.chunk.extend_from_slice(&bytes[..taken]);
        if self.chunk.len() == CHUNK {
            if self.workers.is_full()
                && let Some(packed) = self.workers.next()
            {
                self.take(packed?)?;
            }
            let chunk = mem::replace(&mut self.chunk, Vec::with_capacity(CHUNK));
            self.workers.submit(chunk)?;
        }
        Ok(taken)
    }

    /// Does nothing: chunks end at fixed places only.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn pack(compressor: &mut Compress, chunk: Vec<u8>) -> io::Result<Packed> {
    let sectors = chunk.len() as u64 / SECTOR;
    let mut disk_crc = Crc::new();
    disk_crc.update(&chunk);
    let (kind, bytes) = if chunk.iter().all(|&byte| byte == 0) {
        (ZEROS, Vec::new())
    } else {
        compressor.reset();
        // What is not smaller is stored, so no more room is needed.
        let mut bytes = Vec::with_capacity(chunk.len());
        let status = compressor.compress_vec(&chunk, &mut bytes, FlushCompress::Finish).map_err(io::Error::other)?;
        if status == Status::StreamEnd && bytes.len() < chunk.len() { (DEFLATED, bytes) } else { (STORED, chunk) }
    };
    let mut data_crc = Crc::new();
    data_crc.update(&bytes);
    Ok(Packed { kind, bytes, sectors, disk_crc, data_crc })
}

fn put_checksum(out: &mut Vec<u8>, crc: u32) {
    let end = out.len() + CHECKSUM_FIELD;
    put32(out, &[CRC32, 32, crc]);
    out.resize(end, 0);
}

/// The resources, of which only the table is one.
fn property_list(table: Vec<u8>) -> io::Result<Vec<u8>> {
    const NAME: &str = "whole disk (Apple_HFS : 0)";
    let mut entry = Dictionary::new();
    entry.insert("Attributes".to_owned(), Value::from("0x0050"));
    entry.insert("CFName".to_owned(), Value::from(NAME));
    entry.insert("Data".to_owned(), Value::Data(table));
    entry.insert("ID".to_owned(), Value::from("0"));
    entry.insert("Name".to_owned(), Value::from(NAME));
    let mut resources = Dictionary::new();
    resources.insert("blkx".to_owned(), Value::Array(vec![Value::Dictionary(entry)]));
    let mut root = Dictionary::new();
    root.insert("resource-fork".to_owned(), Value::Dictionary(resources));
    let mut list = Vec::new();
    Value::Dictionary(root).to_writer_xml(&mut list).map_err(io::Error::other)?;
    list.push(b'\n');
    Ok(list)
}
