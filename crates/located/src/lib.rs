//! Values that know where in a text they are written, and errors that are shown there: what everything that reads files
//! which people write has in common, whatever their form.

mod error;
mod nearest;
mod read;
mod source;

pub use error::{Label, LocatedError, sort_by_place};
pub use nearest::nearest;
pub use read::{LINE_LIMIT, ReadError, read};
pub use source::{Located, Place, SourceFile};
