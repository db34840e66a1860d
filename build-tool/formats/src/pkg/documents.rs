//! The two XML documents of a package, as `pkgbuild` and `productbuild --synthesize` write them.

use super::{LICENCE, POSTINSTALL, PREINSTALL, Package, README};
use crate::xml::escape;

/// What is counted of the payload.
#[derive(Clone, Copy)]
pub(super) struct Counted {
    /// Files, directories and links, the root included.
    pub(super) files: u64,
    /// Bytes of all contents, in units of 1024.
    pub(super) kilobytes: u64,
}

/// The folder of the component within the archive.
pub(super) fn component(package: &Package) -> String {
    format!("{}.pkg", package.identifier)
}

/// Says to the installer how the component is installed. `overwrite-permissions` is false: the directories on
/// the way belong to the system or to other programs, and keep the modes and owners that they have.
pub(super) fn package_info(package: &Package, counted: Counted) -> String {
    let Counted { files, kilobytes } = counted;
    let mut scripts = String::new();
    for (name, script) in [(PREINSTALL, &package.preinstall), (POSTINSTALL, &package.postinstall)] {
        if script.is_some() {
            scripts += &format!("        <{name} file=\"./{name}\"/>\n");
        }
    }
    if !scripts.is_empty() {
        scripts = format!("    <scripts>\n{scripts}    </scripts>\n");
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n\
         <pkg-info overwrite-permissions=\"false\" relocatable=\"false\" identifier=\"{}\" \
         postinstall-action=\"none\" version=\"{}\" format-version=\"2\" install-location=\"{}\" auth=\"root\">\n    \
         <payload numberOfFiles=\"{files}\" installKBytes=\"{kilobytes}\"/>\n{scripts}\
         </pkg-info>\n",
        escape(&package.identifier),
        escape(&package.version),
        escape(&package.install_location),
    )
}

/// Says to the installer what it shows, and on which systems it may install.
pub(super) fn distribution(package: &Package, counted: Counted) -> String {
    let (identifier, version) = (escape(&package.identifier), escape(&package.version));
    let mut text =
        "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n<installer-gui-script minSpecVersion=\"1\">\n".to_owned();
    text += &format!("    <title>{}</title>\n", escape(&package.title));
    text += &format!("    <product id=\"{identifier}\" version=\"{version}\"/>\n");
    for (element, there, file) in [("license", &package.licence, LICENCE), ("readme", &package.readme, README)] {
        if there.is_some() {
            text += &format!("    <{element} file=\"{file}\" mime-type=\"text/plain\"/>\n");
        }
    }
    let mut names: Vec<&str> = package.architectures.iter().map(|architecture| architecture.name()).collect();
    names.sort_unstable();
    names.dedup();
    let architectures =
        if names.is_empty() { String::new() } else { format!(" hostArchitectures=\"{}\"", names.join(",")) };
    text += &format!("    <options customize=\"never\" require-scripts=\"false\"{architectures}/>\n");
    text += "    <domains enable_anywhere=\"false\" enable_currentUserHome=\"false\" enable_localSystem=\"true\"/>\n";
    if let Some(minimum) = &package.minimum_os {
        text += &format!(
            "    <volume-check>\n        <allowed-os-versions>\n            \
             <os-version min=\"{}\"/>\n        </allowed-os-versions>\n    </volume-check>\n",
            escape(minimum)
        );
    }
    let kilobytes = counted.kilobytes;
    text += &format!(
        "    <choices-outline>\n        <line choice=\"default\">\n            \
         <line choice=\"{identifier}\"/>\n        </line>\n    </choices-outline>\n    \
         <choice id=\"default\"/>\n    <choice id=\"{identifier}\" visible=\"false\">\n        \
         <pkg-ref id=\"{identifier}\"/>\n    </choice>\n    \
         <pkg-ref id=\"{identifier}\" version=\"{version}\" onConclusion=\"none\" installKBytes=\"{kilobytes}\">\
         #{}</pkg-ref>\n</installer-gui-script>\n",
        escape(&component(package))
    );
    text
}
