//! macOS's disk images (`.dmg`): a volume of HFS Plus within UDIF. It holds a payload as it is; a link to the
//! place where its files belong, such as `Applications` → `/Applications`, is a node of the payload.

mod read;
mod write;

pub use self::read::{DmgContents, read_dmg};
pub use self::write::{DmgError, DmgOptions, write_dmg};
