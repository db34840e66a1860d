//! Compressed streams of one member, one stream or one frame, with bounded memory and nothing behind them.

use std::io::{self, BufRead, Read};

use flate2::bufread::GzDecoder;
use liblzma::bufread::XzDecoder;
use liblzma::stream::Stream;
use zstd::stream::read::Decoder as ZstdDecoder;

use crate::{Budget, Error};

/// What decoders may take: `xz -9` needs 65 MiB, `zstd -22` 128 MiB.
const XZ_MEMORY: u64 = 128 << 20;
const ZSTD_WINDOW_LOG: u32 = 27;

/// A stream that is unpacked as it is read. Whether all of it was right is known after [`Decoder::end`].
pub struct Decoder<R: BufRead>(Inner<R>);

enum Inner<R: BufRead> {
    Plain(R),
    Gzip(GzDecoder<R>),
    Xz(XzDecoder<R>),
    Zstd(ZstdDecoder<'static, R>),
}

impl<R: BufRead> Decoder<R> {
    /// What is not compressed, to be read and ended like what is.
    pub fn plain(file: R) -> Self {
        Self(Inner::Plain(file))
    }

    /// One member (RFC 1952).
    pub fn gzip(file: R) -> Self {
        Self(Inner::Gzip(GzDecoder::new(file)))
    }

    /// One stream (The .xz File Format, 2.1).
    ///
    /// # Errors
    ///
    /// There is no memory for a decoder.
    pub fn xz(file: R) -> io::Result<Self> {
        Ok(Self(Inner::Xz(XzDecoder::new_stream(file, Stream::new_stream_decoder(XZ_MEMORY, 0)?))))
    }

    /// One frame (RFC 8878, 3.1.1).
    ///
    /// # Errors
    ///
    /// There is no memory for a decoder.
    pub fn zstd(file: R) -> io::Result<Self> {
        let mut decoder = ZstdDecoder::with_buffer(file)?.single_frame();
        decoder.window_log_max(ZSTD_WINDOW_LOG)?;
        Ok(Self(Inner::Zstd(decoder)))
    }

    /// After an archive's end only zeros may follow, then the stream's end and the file's. It is the stream's end
    /// that holds its checksum.
    ///
    /// # Errors
    ///
    /// Something else follows, or the stream is damaged.
    pub fn end(mut self, budget: &mut Budget) -> Result<(), Error> {
        only_zeros(&mut self, budget)?;
        let mut file = match self.0 {
            Inner::Plain(file) => file,
            Inner::Gzip(decoder) => decoder.into_inner(),
            Inner::Xz(decoder) => decoder.into_inner(),
            Inner::Zstd(decoder) => decoder.finish(),
        };
        if file.fill_buf()?.is_empty() { Ok(()) } else { Err(Error::TrailingData) }
    }
}

impl<R: BufRead> Read for Decoder<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match &mut self.0 {
            Inner::Plain(file) => file.read(buffer),
            Inner::Gzip(decoder) => decoder.read(buffer),
            Inner::Xz(decoder) => decoder.read(buffer),
            Inner::Zstd(decoder) => decoder.read(buffer),
        }
    }
}

/// Reads a stream to its end. What follows an archive in it may be padding to whole blocks, and that is zeros.
///
/// # Errors
///
/// Something else follows, or it cannot be read.
pub fn only_zeros(stream: &mut impl Read, budget: &mut Budget) -> Result<(), Error> {
    let mut buffer = [0; 8192];
    loop {
        let read = match stream.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error.into()),
        };
        budget.unpacked(read as u64)?;
        if buffer[..read].iter().any(|&byte| byte != 0) {
            return Err(Error::TrailingData);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;
    use crate::Limits;

    fn gzip(bytes: &[u8]) -> Vec<u8> {
        let mut to = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        to.write_all(bytes).unwrap();
        to.finish().unwrap()
    }

    fn xz(bytes: &[u8]) -> Vec<u8> {
        let mut to = liblzma::write::XzEncoder::new(Vec::new(), 1);
        to.write_all(bytes).unwrap();
        to.finish().unwrap()
    }

    fn zstd(bytes: &[u8]) -> Vec<u8> {
        zstd::encode_all(bytes, 1).unwrap()
    }

    /// Reads four bytes, and then the end.
    fn read(decoder: io::Result<Decoder<&[u8]>>, unpacked: u64) -> Result<[u8; 4], Error> {
        let (mut decoder, mut bytes) = (decoder?, [0; 4]);
        decoder.read_exact(&mut bytes)?;
        decoder.end(&mut Budget::new(Limits { unpacked, ..Limits::default() }))?;
        Ok(bytes)
    }

    #[test]
    fn nothing_but_zeros_may_follow_within_a_stream_and_nothing_behind_it() {
        type Pack = fn(&[u8]) -> Vec<u8>;
        type Start = fn(&[u8]) -> io::Result<Decoder<&[u8]>>;
        let formats: [(Pack, Start); 4] = [
            (<[u8]>::to_vec, |file| Ok(Decoder::plain(file))),
            (gzip, |file| Ok(Decoder::gzip(file))),
            (xz, |file| Decoder::xz(file)),
            (zstd, |file| Decoder::zstd(file)),
        ];
        for (at, (pack, start)) in formats.into_iter().enumerate() {
            let padded = pack(b"abcd\0\0\0\0");
            assert_eq!(read(start(&padded), 4).unwrap(), *b"abcd", "{at}");
            assert!(matches!(read(start(&padded), 3), Err(Error::TooLarge(3))), "{at}");
            assert!(matches!(read(start(&pack(b"abcd\0\0x")), 9), Err(Error::TrailingData)), "{at}");
            if at > 0 {
                for behind in [&b"\0"[..], &padded] {
                    let more = [&padded, behind].concat();
                    assert!(matches!(read(start(&more), 9), Err(Error::TrailingData)), "{at}: {behind:?}");
                }
            }
            // A stream's checksum and its end are only seen there. A frame of zstd may have no checksum.
            let cut = &padded[..padded.len() - 1];
            assert_eq!(read(start(cut), 9).is_ok(), at == 0, "{at}");
        }
    }
}
