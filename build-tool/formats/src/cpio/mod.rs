//! cpio in the portable format of POSIX.1 ("odc", `cpio` of SUSv2's `pax`): what the payload and the scripts of a
//! macOS package are. Each entry has a header of 76 octal digits, its name, and its content without padding.

mod read;
mod write;

pub(crate) use self::read::read_cpio;
pub(crate) use self::write::{CpioHeader, CpioWriter};

const MAGIC: &str = "070707";
const HEADER_SIZE: usize = 76;
/// The name of the entry that ends the archive.
const TRAILER: &str = "TRAILER!!!";
