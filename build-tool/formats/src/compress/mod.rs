//! Compressors whose bytes depend on the input and the level alone: not on the number of
//! threads, not on the processor, not on how the input was cut into writes.
//!
//! That holds because each splits its input at fixed places and links one fixed library:
//! - gzip: blocks of [`deflate::BLOCK_SIZE`], each with the 32 KiB before it as dictionary,
//!   by zlib proper (no build of it looks at the processor);
//! - xz: blocks of a fixed size by liblzma's threaded encoder, with one thread as well;
//! - zstd: jobs of the library's own fixed size: always by its workers, with one thread as well,
//!   since without workers the bytes are others.

pub mod deflate;
pub(crate) mod workers;

use crate::compress::deflate::ParallelDeflate;
use liblzma::stream::{Check, Filters, LzmaOptions, MtStreamBuilder};
use liblzma::write::XzEncoder;
use std::io::{self, Write};
use zstd::stream::write::Encoder as ZstdEncoder;

/// A compressed stream's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Codec {
    /// RFC 1952, one member.
    Gzip,
    /// The .xz format, check CRC64.
    Xz,
    /// RFC 8878, one frame with its checksum.
    Zstd,
}

impl Codec {
    /// The level when none is asked for. gzip 9 and xz 6: as Debian's own archives;
    /// zstd 19: the highest without a window that some decoders refuse.
    pub const fn default_level(self) -> u32 {
        match self {
            Codec::Gzip => 9,
            Codec::Xz => 6,
            Codec::Zstd => 19,
        }
    }

    /// The highest level; the lowest is 1 (0 for xz).
    pub const fn max_level(self) -> u32 {
        match self {
            Codec::Gzip | Codec::Xz => 9,
            Codec::Zstd => 22,
        }
    }

    /// An error that names the levels there are, if this is none of them.
    pub(crate) fn check_level(self, level: u32) -> io::Result<()> {
        let (min, max) = (u32::from(self != Codec::Xz), self.max_level());
        if (min..=max).contains(&level) {
            return Ok(());
        }
        let message = format!("{self:?} has the levels {min} to {max}, there is no {level}");
        Err(io::Error::new(io::ErrorKind::InvalidInput, message))
    }
}

/// The xz block: four times the dictionary, where `xz -T` takes three, so that the output is
/// smaller than that program's: each block begins with an empty dictionary. Levels 0 to 9, from
/// liblzma's `lzma_encoder_presets.c`: 2^18 … 2^26 bytes.
const fn xz_block_size(level: u32) -> u64 {
    4 * xz_dictionary_size(level)
}

const fn xz_dictionary_size(level: u32) -> u64 {
    const DICTIONARY_LOG: [u32; 10] = [18, 20, 21, 22, 22, 23, 23, 24, 25, 26];
    let at = if level > 9 { 9 } else { level as usize };
    1 << DICTIONARY_LOG[at]
}

/// The xz block for so many bytes: equal blocks, as many as threads can best share out, so that none is left to work
/// alone on a last one. They are never more than the program's, at three times the dictionary.
fn even_xz_block_size(level: u32, size: u64) -> u64 {
    let (dictionary, largest) = (xz_dictionary_size(level), xz_block_size(level));
    let (least, most) = (size.div_ceil(largest).max(1), size.div_ceil(3 * dictionary).max(1));
    let round = |bits: u32| least.checked_next_multiple_of(1 << bits).filter(|blocks| *blocks <= most);
    let blocks = (0..u64::BITS).rev().find_map(round).unwrap_or(least);
    const STEP: u64 = 64 << 10;
    size.div_ceil(blocks).next_multiple_of(STEP).clamp(STEP, largest)
}

/// What is known of a stream before it is written; xz makes use of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Known {
    /// How many bytes will be written, or at most a little fewer: the blocks are then of equal size, which keeps all
    /// threads busy to the end.
    pub size: u64,
    /// Much of it is code for x86 processors: the filter for that makes it a little smaller, and every decoder of xz
    /// has known it from the beginning (The .xz File Format, 5.3.2).
    pub x86: bool,
}

/// A writer that compresses into another. [`Compressor::finish`] must be called.
pub struct Compressor<W: Write>(Inner<W>);

enum Inner<W: Write> {
    Gzip(ParallelDeflate<W>),
    Xz(Box<XzEncoder<W>>),
    Zstd(ZstdEncoder<'static, W>),
}

impl<W: Write> Compressor<W> {
    /// Starts a stream on `out`. A level above the codec's highest is an error; `threads` is
    /// how many may compress at once (0 counts as 1) and does not change the bytes.
    pub fn new(out: W, codec: Codec, level: u32, threads: usize) -> io::Result<Self> {
        Self::start(out, codec, level, threads, xz_block_size(level), false)
    }

    /// Starts a stream of which something is known. The bytes depend on that, too.
    pub fn of(out: W, codec: Codec, level: u32, threads: usize, known: Known) -> io::Result<Self> {
        Self::start(out, codec, level, threads, even_xz_block_size(level, known.size), known.x86)
    }

    fn start(mut out: W, codec: Codec, level: u32, threads: usize, xz_block: u64, x86: bool) -> io::Result<Self> {
        codec.check_level(level)?;
        let threads = threads.clamp(1, workers::MAX_THREADS) as u32;
        Ok(Self(match codec {
            Codec::Gzip => {
                out.write_all(&gzip_header(level))?;
                Inner::Gzip(ParallelDeflate::new(out, level, threads as usize))
            }
            Codec::Xz => {
                let mut filters = Filters::new();
                if x86 {
                    filters.x86();
                }
                filters.lzma2(&LzmaOptions::new_preset(level)?);
                let stream = MtStreamBuilder::new()
                    .threads(threads)
                    .filters(filters)
                    .block_size(xz_block)
                    .check(Check::Crc64)
                    .encoder()?;
                Inner::Xz(Box::new(XzEncoder::new_stream(out, stream)))
            }
            Codec::Zstd => {
                let mut encoder = ZstdEncoder::new(out, level.cast_signed())?;
                encoder.include_checksum(true)?;
                encoder.multithread(threads)?;
                Inner::Zstd(encoder)
            }
        }))
    }

    /// Writes what is left and the stream's end, and gives the inner writer back.
    pub fn finish(self) -> io::Result<W> {
        match self.0 {
            Inner::Gzip(deflate) => {
                let mut done = deflate.finish()?;
                // RFC 1952, 2.3.1: CRC32 and the size modulo 2^32.
                done.out.write_all(&done.crc32.to_le_bytes())?;
                done.out.write_all(&(done.size_in as u32).to_le_bytes())?;
                Ok(done.out)
            }
            Inner::Xz(encoder) => encoder.finish(),
            Inner::Zstd(encoder) => encoder.finish(),
        }
    }
}

impl<W: Write> Write for Compressor<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match &mut self.0 {
            Inner::Gzip(encoder) => encoder.write(bytes),
            Inner::Xz(encoder) => encoder.write(bytes),
            Inner::Zstd(encoder) => encoder.write(bytes),
        }
    }

    /// Does nothing: to flush in the middle would change the bytes. [`Compressor::finish`] does.
    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// RFC 1952, 2.3: no name, no time, and "unknown" as the system, so nothing of the host is told.
fn gzip_header(level: u32) -> [u8; 10] {
    let extra_flags = match level {
        9 => 2,
        1 => 4,
        _ => 0,
    };
    [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, extra_flags, 255]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_are_even_and_no_more_than_the_program_makes() {
        const MIB: u64 = 1 << 20;
        let blocks = |size: u64| size.div_ceil(even_xz_block_size(6, size));
        assert_eq!([1, 24 * MIB, 32 * MIB].map(blocks), [1, 1, 2]);
        assert_eq!([40 * MIB, 100_000_000, 500_000_000, 1_000_000_000].map(blocks), [2, 4, 16, 32]);
        for level in 0..=9 {
            for size in [0, 1, 3 * MIB, 95 * MIB, 1 << 32, u64::MAX] {
                let block = even_xz_block_size(level, size);
                assert!((1..=xz_block_size(level)).contains(&block), "{level} {size}: {block}");
                assert!(size.div_ceil(block) <= size.div_ceil(3 * xz_dictionary_size(level)).max(1), "{level} {size}");
            }
        }
    }
}
