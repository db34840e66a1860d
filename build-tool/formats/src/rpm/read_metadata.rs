//! What a package from outside says of itself.

use super::dependency::{Comparison, Dependency, Sense};
use super::metadata::{Change, Metadata, Script, Scripts};
use super::read::RpmReadError;
use super::read_header::RawHeader;
use super::tags;
use std::iter::zip;

/// `limit` is how many entries each list may have.
pub(super) fn metadata(header: &RawHeader, limit: u64) -> Result<Metadata, RpmReadError> {
    let required = |tag, what| header.required(tag, what).map(str::to_owned);
    let optional = |tag| Ok::<_, RpmReadError>(header.text(tag)?.map(str::to_owned));
    let epoch = header.number(tags::EPOCH)?.map(u32::try_from).transpose();
    let [provides, requires, conflicts, obsoletes, recommends, suggests] = tags::DEPENDENCIES;
    let dependencies = |tags| dependencies(header, tags, limit);
    let [pre, post, preun, postun] = tags::SCRIPTS;
    let script = |tags| script(header, tags);
    Ok(Metadata {
        name: required(tags::NAME, "name")?,
        epoch: epoch.map_err(|_| RpmReadError::Damaged("its epoch"))?,
        version: required(tags::VERSION, "version")?,
        release: required(tags::RELEASE, "release")?,
        architecture: required(tags::ARCH, "architecture")?,
        summary: required(tags::SUMMARY, "summary")?,
        description: required(tags::DESCRIPTION, "description")?,
        licence: required(tags::LICENSE, "licence")?,
        homepage: optional(tags::URL)?,
        vendor: optional(tags::VENDOR)?,
        packager: optional(tags::PACKAGER)?,
        group: optional(tags::GROUP)?,
        provides: dependencies(provides)?,
        requires: dependencies(requires)?,
        conflicts: dependencies(conflicts)?,
        obsoletes: dependencies(obsoletes)?,
        recommends: dependencies(recommends)?,
        suggests: dependencies(suggests)?,
        scripts: Scripts { pre: script(pre)?, post: script(post)?, preun: script(preun)?, postun: script(postun)? },
        changelog: changelog(header, limit)?,
    })
}

fn dependencies(header: &RawHeader, tags: (u32, u32, u32), limit: u64) -> Result<Vec<Dependency>, RpmReadError> {
    let names = header.texts(tags.0, limit)?;
    let flags = header.numbers(tags.1, limit)?;
    let versions = header.texts(tags.2, limit)?;
    if flags.len() != names.len() || versions.len() != names.len() {
        return Err(RpmReadError::Damaged("lists of dependencies that do not fit together"));
    }
    let all = zip(zip(names, flags), versions).map(|((name, flags), version)| {
        let flags = flags as u32;
        let comparison = Comparison::of_flags(flags).filter(|_| !version.is_empty());
        Dependency {
            name: name.to_owned(),
            version: comparison.map(|comparison| (comparison, version.to_owned())),
            for_scripts: flags & (Sense::PREREQUISITE | Sense::PRE | Sense::POST) != 0,
        }
    });
    Ok(all.collect())
}

fn script(header: &RawHeader, (text, interpreter): (u32, u32)) -> Result<Option<Script>, RpmReadError> {
    let text = header.text(text)?;
    // A program without a text is one; its arguments, if any, follow in the list.
    let interpreter = header.texts(interpreter, MAX_ARGUMENTS)?.join(" ");
    let any = text.is_some() || !interpreter.is_empty();
    Ok(any.then(|| Script { interpreter, text: text.unwrap_or_default().to_owned() }))
}

/// More arguments than this no interpreter of a script has.
const MAX_ARGUMENTS: u64 = 100;

fn changelog(header: &RawHeader, limit: u64) -> Result<Vec<Change>, RpmReadError> {
    let times = header.numbers(tags::CHANGELOG_TIME, limit)?;
    let authors = header.texts(tags::CHANGELOG_NAME, limit)?;
    let texts = header.texts(tags::CHANGELOG_TEXT, limit)?;
    if times.len() != authors.len() || times.len() != texts.len() {
        return Err(RpmReadError::Damaged("a changelog whose lists do not fit together"));
    }
    let all = zip(zip(times, authors), texts);
    Ok(all.map(|((time, author), text)| change(time as u32, author, text)).collect())
}

fn change(time: u32, author: &str, text: &str) -> Change {
    Change { time, author: author.to_owned(), text: text.to_owned() }
}
