//! Tar, alone or in one compressed stream, as whoever it was may have written it.

use std::io::{self, BufRead, Read};

use untrusted_archive::Decoder;
use untrusted_archive::tar::{self, Dialect, Reader};

use super::{Budget, Entry, Error, Format, Kind};

const DIALECT: Dialect = Dialect { global_headers: true, contiguous_files: true, ..Dialect::STRICT };

pub(super) fn read<R: BufRead, E: From<Error>>(
    file: R,
    format: Format,
    mut budget: Budget,
    visit: &mut impl FnMut(&Entry, &mut dyn Read) -> Result<(), E>,
) -> Result<(), E> {
    let mut stream = decoder(file, format).map_err(Error::Io)?;
    let mut archive = Reader::new(&mut stream, DIALECT);
    while let Some(found) = archive.next_entry(&mut budget.amounts).map_err(Error::from)? {
        // Without a name: the folder itself that is unpacked into.
        if !found.name.is_empty() {
            let entry = entry(found)?;
            budget.entry(&entry)?;
            visit(&entry, &mut archive)?;
        }
    }
    Ok(stream.end(&mut budget.amounts).map_err(Error::from)?)
}

fn decoder<R: BufRead>(file: R, format: Format) -> io::Result<Decoder<R>> {
    match format {
        Format::TarGz => Ok(Decoder::gzip(file)),
        Format::TarXz => Decoder::xz(file),
        Format::TarZst => Decoder::zstd(file),
        Format::Tar | Format::Zip => Ok(Decoder::plain(file)),
    }
}

fn entry(found: tar::Entry) -> Result<Entry, Error> {
    let kind = match found.kind {
        tar::Kind::File => Kind::File { size: found.size, executable: found.mode()? & 0o111 != 0 },
        tar::Kind::Directory => Kind::Folder,
        tar::Kind::Symlink(target) => Kind::Link { target },
    };
    Ok(Entry { path: found.name, kind })
}
