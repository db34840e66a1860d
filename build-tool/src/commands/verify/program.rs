//! One program out of an archive: is it for its target, does it carry its
//! stamp, does its signature hold.

use std::fs::File;
use std::io::{self, Read, Seek};

use release_formats::binary;
use release_formats::macho::check_signature;
use release_formats::stamp;

use crate::description::{DescribedApp, DescribedProgram, Signature};
use crate::stages::has_pdb;
use crate::stages::release_json::Description;

/// How every file of Microsoft's debug information begins.
const PDB: &[u8] = b"Microsoft C/C++ MSF 7.00\r\n\x1aDS";

/// Why a file cannot be the symbols of a program for what rustc compiles for.
pub(super) fn not_symbols_for(file: &mut File, spec: &str) -> io::Result<Option<String>> {
    if !has_pdb(spec) {
        return not_for(file, spec);
    }
    file.rewind()?;
    let mut start = Vec::new();
    file.take(PDB.len() as u64).read_to_end(&mut start)?;
    Ok((start != PDB).then(|| "is no PDB file".to_owned()))
}

/// Why a file cannot be a program for what rustc compiles for.
fn not_for(file: &mut File, spec: &str) -> io::Result<Option<String>> {
    file.rewind()?;
    Ok(match binary::identify(&mut *file) {
        Ok(identity) => {
            binary::matches_target(&identity, spec).err().map(|mismatch| format!("is not for {spec}: {mismatch}"))
        }
        Err(error) => Some(format!("is not a program: {error}")),
    })
}

/// Everything that is wrong with a program.
pub(super) fn check(
    file: &mut File,
    program: &DescribedProgram,
    app: &DescribedApp,
    description: &Description,
) -> io::Result<Vec<String>> {
    let mut problems: Vec<String> = not_for(file, &description.spec_of(&program.target))?.into_iter().collect();
    if program.stamped {
        check_stamps(file, program, app, description, &mut problems)?;
    }
    if program.signature.is_some() && description.spec_of(&program.target).contains("-apple-") {
        check_mach_o_signature(file, program, &mut problems)?;
    }
    Ok(problems)
}

fn check_stamps(
    file: &mut File,
    program: &DescribedProgram,
    app: &DescribedApp,
    description: &Description,
    problems: &mut Vec<String>,
) -> io::Result<()> {
    file.rewind()?;
    let stamps = match stamp::read_stamps(&mut *file) {
        Ok(stamps) => stamps,
        Err(error) => {
            problems.push(format!("has a broken stamp: {error}"));
            return Ok(());
        }
    };
    // The slices of a universal file are stamped with the targets that they were compiled for, each with another.
    let mut targets = match description.universal.get(&program.target) {
        Some(slices) => slices.clone(),
        None => vec![program.target.clone()],
    };
    for stamp in stamps {
        let Some(stamp) = stamp else {
            problems.push("carries no stamp".to_owned());
            continue;
        };
        let target = match targets.iter().position(|target| *target == stamp.build_target) {
            Some(at) => targets.swap_remove(at),
            None => targets.join(" or "),
        };
        let commit = description.git.short_commit();
        let fields = [
            ("version", stamp.version.as_str(), app.version_of(program)),
            ("commit", stamp.git_hash.as_str(), commit),
            ("branch", stamp.git_branch.as_str(), description.git.branch.as_str()),
            ("target", stamp.build_target.as_str(), target.as_str()),
            ("profile", stamp.build_profile.as_str(), app.profile.as_str()),
        ];
        let wrong = fields.into_iter().filter(|(_, found, expected)| found != expected);
        problems.extend(wrong.map(|(what, found, expected)| format!("is stamped with {what} {found}, not {expected}")));
    }
    Ok(())
}

fn check_mach_o_signature(file: &mut File, program: &DescribedProgram, problems: &mut Vec<String>) -> io::Result<()> {
    file.rewind()?;
    match check_signature(file) {
        Ok(reports) => {
            for report in reports {
                problems.extend(
                    report.differences.iter().map(|difference| format!("is not as it was signed: {difference}")),
                );
                if report.ad_hoc != (program.signature == Some(Signature::AdHoc)) {
                    let found = if report.ad_hoc { "ad hoc" } else { "with a certificate" };
                    problems.push(format!("is signed {found}, which release.json does not say"));
                }
            }
        }
        Err(error) => problems.push(format!("has no signature that can be read: {error}")),
    }
    Ok(())
}
