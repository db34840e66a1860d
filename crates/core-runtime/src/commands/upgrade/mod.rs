//! `upgrade`: another release of this program in its place. Whatever happens on the way, a power cut
//! included, a program that works remains.

mod bundles;
mod error;
mod release;
mod replace;
mod source;

use std::cmp::Ordering;
use std::fs::File;
use std::io::{self, Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use bundles::Bundles;
pub use bundles::{folder_of, library_folders};
pub use error::Error;
pub use replace::Place;

use crate::archive::{self, Format, Kind, Limits, Stop};
use crate::cli::UpgradeOptions;
use crate::context::Context;
use crate::environment::Variables;
use crate::exit::Ending;
use crate::process::{self, Program};
use release::{APP, NoOffer, Offer, Wanted};
use replace::Work;
use source::Source;

/// The variable of the process that names the place of releases where the command line does not.
pub const SOURCE_VARIABLE: &str = "RUST_BUN_RELEASES";

/// Replaces this program, or puts back the one that was replaced.
///
/// # Errors
///
/// Whatever keeps it from that. The program is then as it was.
pub fn run(context: &Context, options: &UpgradeOptions) -> crate::error::Result<Ending> {
    let place = Place::own().map_err(Error::files("find", "this program"))?;
    if options.rollback {
        roll_back(context, options, &place)?;
    } else {
        upgrade(context, options, &place)?;
    }
    Ok(Ending::SUCCESS)
}

fn upgrade(context: &Context, options: &UpgradeOptions, place: &Place) -> Result<(), Error> {
    let from = match &options.from {
        Some(from) => from.clone(),
        // Never from a file: whoever wrote the project's .env must not choose this program.
        None => Variables::of_process().text(SOURCE_VARIABLE).map(str::to_owned).ok_or(Error::NoSource)?,
    };
    let own = &context.build.version;
    let source = Source::of(&from, &context.environment.cwd, own)?;
    let (described_at, document) = source.description()?;
    let target = context.build.info.build_target;
    let offer = release::offer(&document, target).map_err(|error| match error {
        NoOffer::Meaningless(reason) => Error::Description { place: described_at, reason },
        NoOffer::NotForUs { version, there } => Error::NoArchive { version, target: target.to_owned(), there },
    })?;
    if !options.force {
        match offer.version.cmp_precedence(own) {
            Ordering::Greater => {}
            Ordering::Equal => {
                context.report.note(format_args!("this is {own}, and so is the release there: nothing to do"));
                return Ok(());
            }
            Ordering::Less => return Err(Error::Older { offered: offer.version, own: own.clone() }),
        }
        if is_packaged(place.program()) {
            return Err(Error::Packaged { path: place.program().to_owned() });
        }
    }
    let program = place.program().display();
    if options.dry_run {
        let archive = source.place(&offer.archive.name);
        let said = format!("would replace {program} ({own}) by {} of {archive}", offer.version);
        return context.report.result(said).map_err(Error::files("print for", place.program()));
    }
    let work = Work::begin(place)?;
    source.fetch(&offer.archive, &work.archive())?;
    let mut bundles = Bundles::begin(place, &offer.version);
    unpack(&offer, &work, &bundles)?;
    work.permit()?;
    try_it(&offer, &work)?;
    bundles.put()?;
    work.replace()?;
    // Of the one that was replaced by the one that is kept, nobody knows the version here.
    bundles.stay(Some(own).filter(|_| !place.is_kept()));
    context.report.note(format_args!("{program}: {own} is now {}", offer.version));
    context.report.note(format_args!(
        "the old one is kept as {} until the new one has ended a command well; --rollback puts it back",
        place.previous().display()
    ));
    Ok(())
}

fn roll_back(context: &Context, options: &UpgradeOptions, place: &Place) -> Result<(), Error> {
    let (program, previous) = (place.program().display(), place.previous());
    if options.dry_run {
        if !previous.is_file() {
            return Err(Error::NoPrevious { path: previous });
        }
        let said = format!("would replace {program} by {}", previous.display());
        return context.report.result(said).map_err(Error::files("print for", place.program()));
    }
    Work::begin(place)?.roll_back()?;
    context.report.note(format_args!("{program} is again what it was before the last upgrade"));
    Ok(())
}

/// Below `/usr`, but not `/usr/local`, everything is the package manager's (Filesystem Hierarchy Standard 3.0, 4.9).
fn is_packaged(program: &Path) -> bool {
    cfg!(target_os = "linux") && program.starts_with("/usr") && !program.starts_with("/usr/local")
}

/// Takes the one program out of the archive, if it is the one that was promised, and the bundles that come with it.
fn unpack(offer: &Offer, work: &Work, bundles: &Bundles) -> Result<(), Error> {
    let (from, to) = (work.archive(), work.new_program());
    let failed = |reason| Error::Archive { name: offer.archive.name.clone(), reason };
    let mut file = File::open(&from).map_err(Error::files("read", &from))?;
    let format = Format::of(&mut file).map_err(Error::files("read", &from))?;
    let format = format.ok_or_else(|| failed(archive::Error::Damaged("it is no archive that is known".to_owned())))?;
    let mut found = false;
    archive::read(file, format, Limits::default(), |entry, content| {
        if let Some(path) = bundles::within(entry) {
            return match bundles.take(path, &entry.kind, content).map_err(Stop::Visitor)? {
                true => Ok(()),
                false => Err(Stop::Visitor(altered(&offer.archive, "its bundles hold a link"))),
            };
        }
        let mut parts = entry.path.rsplit(|&byte| byte == b'/');
        let ours = parts.next() == Some(offer.program.name.as_bytes()) && parts.count() <= 1;
        if ours && matches!(entry.kind, Kind::File { .. }) {
            if std::mem::replace(&mut found, true) {
                return Err(Stop::Visitor(altered(&offer.archive, "it has two programs")));
            }
            write(&offer.program, content, &to).map_err(Stop::Visitor)?;
        }
        Ok(())
    })
    .map_err(|stop: Stop<Error>| stop.into_visitors(failed))?;
    if found { Ok(()) } else { Err(altered(&offer.archive, &format!("it has no {}", offer.program.name))) }
}

fn altered(wanted: &Wanted, reason: &str) -> Error {
    Error::Altered { place: wanted.name.clone(), reason: reason.to_owned() }
}

/// Writes a program to the disk itself: a rename must not come there before its bytes.
fn write(wanted: &Wanted, content: &mut dyn Read, to: &Path) -> Result<(), Error> {
    let mut file = File::create_new(to).map_err(Error::files("make", to))?;
    let (mut sum, mut length) = (Sha256::new(), 0);
    let mut piece = vec![0; 1 << 16];
    loop {
        let read = match content.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(Error::files("unpack", to)(error)),
        };
        length += read as u64;
        sum.update(&piece[..read]);
        file.write_all(&piece[..read]).map_err(Error::files("write", to))?;
    }
    source::check(wanted, length, sum).map_err(|reason| altered(wanted, &reason))?;
    file.sync_all().map_err(Error::files("write", to))
}

/// Has the new program say its version, before anything depends on it.
fn try_it(offer: &Offer, work: &Work) -> Result<(), Error> {
    let broken = |reason: String| Error::Broken { reason };
    let program = work.new_program();
    let folder = program.parent().unwrap_or(Path::new("."));
    let program = Program::new(&program, folder, Variables::of_process()).arg("--version");
    let captured = process::capture(&program).map_err(|error| broken(error.to_string()))?;
    let said = String::from_utf8_lossy(&captured.stdout);
    let expected = format!("{APP} {}", offer.version);
    if !captured.ending.is_success() {
        let how = match captured.ending {
            Ending::Code(code) => format!("it ended with {code}"),
            Ending::Signal(signal) => format!("signal {signal} ended it"),
        };
        return Err(broken(
            format!("{how} {}", String::from_utf8_lossy(&captured.stderr).trim()).trim_end().to_owned(),
        ));
    }
    if said.trim_end() != expected {
        return Err(broken(format!("it says {:?}, and should say {expected:?}", said.trim_end())));
    }
    Ok(())
}
