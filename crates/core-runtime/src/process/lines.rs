//! A stream cut into lines, as bytes.

use std::io::{self, BufRead, BufReader, Read};

/// The longest line, in bytes. What is longer is handed on in pieces, so that no program can fill our memory with one.
pub(super) const LONGEST: usize = 1 << 20;

/// Hands on every line of `stream` without its line break, an unfinished last one, too.
pub(super) fn for_each(stream: impl Read, mut take: impl FnMut(&[u8])) -> io::Result<()> {
    let mut stream = BufReader::with_capacity(64 << 10, stream);
    let mut line = Vec::new();
    loop {
        line.clear();
        let mut part = (&mut stream).take(LONGEST as u64);
        if part.read_until(b'\n', &mut line)? == 0 {
            return Ok(());
        }
        take(line.strip_suffix(b"\r\n").or_else(|| line.strip_suffix(b"\n")).unwrap_or(&line));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(bytes: &[u8]) -> Vec<Vec<u8>> {
        let mut lines = Vec::new();
        for_each(bytes, |line| lines.push(line.to_vec())).unwrap();
        lines
    }

    #[test]
    fn every_line_comes_once_and_the_unfinished_one_too() {
        assert_eq!(lines(b"a\n\nb\r\nc"), [&b"a"[..], b"", b"b", b"c"]);
        assert_eq!(lines(b""), Vec::<Vec<u8>>::new());
        assert_eq!(lines(b"\xff\xfe\n"), [b"\xff\xfe"]);
    }

    #[test]
    fn a_line_that_is_too_long_comes_in_pieces_and_loses_nothing() {
        let long = vec![b'x'; 2 * LONGEST + 3];
        let pieces = lines(&long);
        assert_eq!(pieces.iter().map(Vec::len).collect::<Vec<_>>(), [LONGEST, LONGEST, 3]);
    }
}
