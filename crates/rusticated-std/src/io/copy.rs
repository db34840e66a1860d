//! From a reader to a writer.
use super::{ErrorKind, Read, Result, Write};
use crate::vec;

/// Writes all that can be read, and says how many bytes that was.
pub fn copy<R: Read + ?Sized, W: Write + ?Sized>(reader: &mut R, writer: &mut W) -> Result<u64> {
    let mut block = vec![0; 8 * 1024];
    let mut total = 0;
    loop {
        let count = match reader.read(&mut block) {
            Ok(0) => return Ok(total),
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            count => count?,
        };
        writer.write_all(&block[..count])?;
        total += count as u64;
    }
}
