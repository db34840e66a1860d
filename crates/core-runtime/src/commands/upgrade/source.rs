//! Where releases are taken from: a folder, or a URL by http. What comes is only as long as it may be.

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::time::Duration;

use sha2::{Digest, Sha256};

use super::Error;
use super::release::Wanted;

/// The name of a release's description.
const DESCRIPTION: &str = "release.json";
/// No description is near that long.
const MAX_DESCRIPTION: u64 = 16 << 20;
/// Nor a release of this program.
const MAX_ARCHIVE: u64 = 1 << 30;

/// Where a release lies.
#[derive(Debug)]
pub(super) enum Source {
    Folder(PathBuf),
    Url { base: String, agent: ureq::Agent },
}

impl Source {
    /// What somebody named. A URL is one by its `://`.
    pub(super) fn of(from: &str, cwd: &Path, version: &semver::Version) -> Result<Self, Error> {
        let wrong = |reason| Error::Source { from: from.to_owned(), reason };
        let Some((scheme, rest)) = from.split_once("://") else {
            return Ok(Self::Folder(cwd.join(from.strip_suffix(DESCRIPTION).unwrap_or(from))));
        };
        let secure = match scheme.to_ascii_lowercase().as_str() {
            "https" => true,
            "http" => false,
            _ => return Err(wrong("only http and https are spoken")),
        };
        if rest.contains(['?', '#']) {
            return Err(wrong("it must name a folder, without ? and #"));
        }
        let base = from.strip_suffix(DESCRIPTION).unwrap_or(from).trim_end_matches('/').to_owned();
        let config = ureq::Agent::config_builder()
            // What begins encrypted stays so, wherever the server sends us.
            .https_only(secure)
            .max_redirects(5)
            .timeout_connect(Some(Duration::from_secs(30)))
            .timeout_recv_response(Some(Duration::from_secs(60)))
            .user_agent(format!("rust-bun/{version}"))
            .build();
        Ok(Self::Url { base, agent: config.into() })
    }

    /// Where a file of the release is, as people are told.
    pub(super) fn place(&self, name: &str) -> String {
        match self {
            Self::Folder(folder) => folder.join(name).display().to_string(),
            Self::Url { base, .. } => format!("{base}/{name}"),
        }
    }

    /// The description, and where it was.
    pub(super) fn description(&self) -> Result<(String, Vec<u8>), Error> {
        let place = self.place(DESCRIPTION);
        let mut bytes = Vec::new();
        let read = self.open(DESCRIPTION)?.take(MAX_DESCRIPTION + 1).read_to_end(&mut bytes);
        read.map_err(|error| unreadable(&place, &error))?;
        if bytes.len() as u64 > MAX_DESCRIPTION {
            return Err(Error::Description { place, reason: format!("it is longer than {MAX_DESCRIPTION} bytes") });
        }
        Ok((place, bytes))
    }

    /// Writes an archive, if it is the one that was promised.
    pub(super) fn fetch(&self, wanted: &Wanted, to: &Path) -> Result<(), Error> {
        let place = self.place(&wanted.name);
        let altered = |reason| Error::Altered { place: place.clone(), reason };
        if wanted.size > MAX_ARCHIVE {
            return Err(altered(format!("{} bytes are more than a release has", wanted.size)));
        }
        let mut from = self.open(&wanted.name)?.take(wanted.size + 1);
        let mut file = File::create_new(to).map_err(Error::files("make", to))?;
        let mut sum = Sha256::new();
        let mut piece = vec![0; 1 << 16];
        let mut length = 0;
        loop {
            let read = match from.read(&mut piece) {
                Ok(0) => break,
                Ok(read) => read,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(unreadable(&place, &error)),
            };
            length += read as u64;
            sum.update(&piece[..read]);
            file.write_all(&piece[..read]).map_err(Error::files("write", to))?;
        }
        check(wanted, length, sum).map_err(altered)
    }

    fn open(&self, name: &str) -> Result<Box<dyn Read + '_>, Error> {
        let place = self.place(name);
        match self {
            Self::Folder(folder) => {
                let path = folder.join(name);
                let failed = |error: io::Error| unreadable(&place, &error);
                if !path.metadata().map_err(failed)?.is_file() {
                    return Err(Error::Read { place, reason: "it is not a file".to_owned() });
                }
                Ok(Box::new(File::open(path).map_err(failed)?))
            }
            Self::Url { agent, .. } => {
                let answer = agent.get(&place).call();
                let answer = answer.map_err(|error| Error::Read { place, reason: error.to_string() })?;
                Ok(Box::new(answer.into_body().into_reader()))
            }
        }
    }
}

/// Whether bytes with this length and sum are the wanted ones; else what differs.
pub(super) fn check(wanted: &Wanted, length: u64, sum: Sha256) -> Result<(), String> {
    if length != wanted.size {
        let more = if length > wanted.size { "more" } else { "fewer" };
        return Err(format!("it has {more} than the {} bytes that it should have", wanted.size));
    }
    let sum = sum.finalize().iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    if sum != wanted.sha256 {
        return Err(format!("its SHA-256 is {sum}, and should be {}", wanted.sha256));
    }
    Ok(())
}

fn unreadable(place: &str, error: &io::Error) -> Error {
    Error::Read { place: place.to_owned(), reason: error.to_string() }
}
