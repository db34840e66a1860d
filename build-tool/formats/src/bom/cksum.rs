//! The checksum of POSIX's `cksum`: CRC-32 with the highest bit first, and the length behind the content.

use std::io::{self, Write};

const POLYNOMIAL: u32 = 0x04C1_1DB7;

/// `TABLES[k][b]`: what the byte `b` becomes with `k` zero bytes behind it. Eight of them take eight bytes at once.
static TABLES: [[u32; 256]; 8] = tables();

const fn tables() -> [[u32; 256]; 8] {
    let mut tables = [[0; 256]; 8];
    let mut byte = 0;
    while byte < 256 {
        let mut crc = (byte as u32) << 24;
        let mut bit = 0;
        while bit < 8 {
            crc = if crc & 1 << 31 == 0 { crc << 1 } else { crc << 1 ^ POLYNOMIAL };
            bit += 1;
        }
        tables[0][byte] = crc;
        byte += 1;
    }
    let mut table = 1;
    while table < 8 {
        let mut byte = 0;
        while byte < 256 {
            let before = tables[table - 1][byte];
            tables[table][byte] = before << 8 ^ tables[0][(before >> 24) as usize];
            byte += 1;
        }
        table += 1;
    }
    tables
}

/// Sums up what is written to it.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Cksum {
    crc: u32,
    length: u64,
}

impl Cksum {
    /// The sum of bytes that are at hand.
    pub(crate) fn of(bytes: &[u8]) -> u32 {
        let mut sum = Self::default();
        sum.update(bytes);
        sum.finish()
    }

    pub(crate) fn update(&mut self, bytes: &[u8]) {
        self.length += bytes.len() as u64;
        let mut chunks = bytes.chunks_exact(8);
        for chunk in &mut chunks {
            let first = self.crc.to_be_bytes();
            self.crc = 0;
            for (at, &byte) in chunk.iter().enumerate() {
                let byte = byte ^ first.get(at).copied().unwrap_or(0);
                self.crc ^= TABLES[7 - at][usize::from(byte)];
            }
        }
        for &byte in chunks.remainder() {
            self.byte(byte);
        }
    }

    /// The length's bytes follow, the lowest first, as many as it has.
    pub(crate) fn finish(mut self) -> u32 {
        let mut length = self.length;
        while length > 0 {
            self.byte(length as u8);
            length >>= 8;
        }
        !self.crc
    }

    fn byte(&mut self, byte: u8) {
        self.crc = self.crc << 8 ^ TABLES[0][usize::from((self.crc >> 24) as u8 ^ byte)];
    }
}

impl Write for Cksum {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_are_those_of_the_program_cksum() {
        // `printf '' | cksum`, `printf 123456789 | cksum`, and 1000 bytes of `x`.
        assert_eq!(Cksum::of(b""), 4_294_967_295);
        assert_eq!(Cksum::of(b"123456789"), 930_766_865);
        assert_eq!(Cksum::of(&[b'x'; 1000]), 3_999_126_958);
    }

    #[test]
    fn the_sum_does_not_depend_on_how_the_content_comes() {
        let content: Vec<u8> = (0..1000_u32).map(|number| (number * 7) as u8).collect();
        for piece in [1, 3, 8, 13, 999] {
            let mut sum = Cksum::default();
            content.chunks(piece).for_each(|piece| sum.update(piece));
            assert_eq!(sum.finish(), Cksum::of(&content), "{piece}");
        }
    }
}
