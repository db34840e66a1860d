//! Where each kind of file goes on each system, and with which permissions: the Filesystem Hierarchy Standard on
//! Linux, the same below `/usr/local` on macOS, the product's own folder on Windows and in a disk image.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use crate::manifest::package::FileKind;
use crate::manifest::target::Installer as Format;

/// What decides where files go.
pub(super) struct System<'a> {
    /// The format of the installer.
    pub(super) format: Format,
    /// The package's name, for folders of its own.
    pub(super) name: &'a str,
    /// The folder that programs and all that belongs to them go below, such as `usr`.
    pub(super) prefix: &'a str,
    /// The folder of libraries below it.
    pub(super) libraries: &'a str,
}

/// The place of one file.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Placed {
    /// Its folder; empty for the root.
    pub(super) folder: String,
    /// Its name there.
    pub(super) name: String,
    /// Whether it is compressed on the way.
    pub(super) compressed: bool,
}

/// Why a file has no place that its name should tell.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Unplaceable(pub(super) &'static str);

impl System<'_> {
    /// A path below the folder that everything goes below.
    pub(super) fn below(&self, folder: &str) -> String {
        if self.prefix.is_empty() { folder.to_owned() } else { format!("{}/{folder}", self.prefix) }
    }

    /// Whether paths begin at the root of the system.
    pub(super) fn has_paths(&self) -> bool {
        !matches!(self.format, Format::Msi | Format::Dmg)
    }

    /// The folder of a kind and the name of a file in it; none where this format has no place for it.
    pub(super) fn place(
        &self,
        kind: FileKind,
        name: &str,
        source: Option<&Path>,
    ) -> Result<Option<Placed>, Unplaceable> {
        let named = |folder: String, name: &str| Ok(Some(Placed { folder, name: name.to_owned(), compressed: false }));
        let at = |folder: String| named(folder, name);
        match self.format {
            Format::Msi => {
                let folder = match kind {
                    FileKind::Program => "bin",
                    FileKind::Library => "lib",
                    FileKind::Doc => "doc",
                    FileKind::Completion if name.ends_with(".ps1") => "completions",
                    FileKind::Config | FileKind::ConfigNoReplace | FileKind::Data => "",
                    FileKind::Licence | FileKind::Directory => "",
                    _ => return Ok(None),
                };
                at(folder.to_owned())
            }
            Format::Dmg => {
                let folder = match kind {
                    FileKind::Man => "man",
                    FileKind::Completion => "completions",
                    FileKind::Service | FileKind::DesktopEntry | FileKind::Icon => return Ok(None),
                    _ => "",
                };
                at(folder.to_owned())
            }
            Format::Deb | Format::Rpm | Format::Apk | Format::Pkg => match kind {
                FileKind::Program => at(self.below("bin")),
                FileKind::Library => at(self.below(self.libraries)),
                FileKind::Config | FileKind::ConfigNoReplace if self.format == Format::Pkg => {
                    at(self.below(&format!("etc/{}", self.name)))
                }
                FileKind::Config | FileKind::ConfigNoReplace => at(format!("etc/{}", self.name)),
                FileKind::Data => at(self.below(&format!("share/{}", self.name))),
                FileKind::Doc => at(self.below(&format!("share/doc/{}", self.name))),
                FileKind::Licence => match self.format {
                    // Its text is in the file `copyright`.
                    Format::Deb => Ok(None),
                    Format::Pkg => at(self.below(&format!("share/doc/{}", self.name))),
                    _ => at(self.below(&format!("share/licenses/{}", self.name))),
                },
                FileKind::Man => self.man(name),
                FileKind::Completion => self.completion(name),
                FileKind::DesktopEntry if self.format != Format::Pkg => at(self.below("share/applications")),
                FileKind::Icon if self.format != Format::Pkg => {
                    let Some(size) = icon_size(name, source)? else { return Ok(None) };
                    at(self.below(&format!("share/icons/hicolor/{size}/apps")))
                }
                FileKind::Service => Ok(self.service(name)),
                FileKind::DesktopEntry | FileKind::Icon | FileKind::Directory | FileKind::Symlink => Ok(None),
            },
        }
    }

    fn man(&self, name: &str) -> Result<Option<Placed>, Unplaceable> {
        let plain = name.strip_suffix(".gz").unwrap_or(name);
        let section = plain.rsplit_once('.').and_then(|(_, ending)| ending.chars().next());
        let Some(section) = section.filter(|first| matches!(first, '1'..='9' | 'n' | 'l')) else {
            return Err(Unplaceable("a man page's name ends with its section, such as `my-app.1`"));
        };
        let folder = self.below(&format!("share/man/man{section}"));
        Ok(Some(Placed { folder, name: format!("{plain}.gz"), compressed: plain == name }))
    }

    fn completion(&self, name: &str) -> Result<Option<Placed>, Unplaceable> {
        let (stem, ending) = name.rsplit_once('.').unwrap_or((name, ""));
        let zsh = if self.format == Format::Deb { "zsh/vendor-completions" } else { "zsh/site-functions" };
        let (folder, name) = match ending {
            "bash" | "bash-completion" => ("bash-completion/completions", stem.to_owned()),
            "fish" => ("fish/vendor_completions.d", name.to_owned()),
            "zsh" => (zsh, format!("_{}", stem.trim_start_matches('_'))),
            "" if name.starts_with('_') => (zsh, name.to_owned()),
            // Shells without a place of their own there.
            "ps1" | "elv" | "nu" => return Ok(None),
            _ => {
                return Err(Unplaceable(
                    "the name of completions tells their shell: `my-app.bash`, `_my-app` or `my-app.zsh`, `my-app.fish`, `my-app.ps1`",
                ));
            }
        };
        Ok(Some(Placed { folder: self.below(&format!("share/{folder}")), name, compressed: false }))
    }

    fn service(&self, name: &str) -> Option<Placed> {
        let ending = Path::new(name).extension().and_then(|ending| ending.to_str());
        let folder = match (self.format, ending) {
            (Format::Deb | Format::Rpm, Some(ending)) if is_unit(ending) => "usr/lib/systemd/system",
            (Format::Apk, None) => "etc/init.d",
            (Format::Pkg, Some("plist")) => "Library/LaunchDaemons",
            _ => return None,
        };
        Some(Placed { folder: folder.to_owned(), name: name.to_owned(), compressed: false })
    }

    /// The permissions of a kind.
    pub(super) fn mode(&self, kind: FileKind) -> u32 {
        match kind {
            FileKind::Program | FileKind::Directory => 0o755,
            FileKind::Symlink => 0o777,
            FileKind::Service if self.format == Format::Apk => 0o755,
            _ => 0o644,
        }
    }

    /// The group of what belongs to the system.
    pub(super) fn group(&self) -> &'static str {
        if matches!(self.format, Format::Pkg | Format::Dmg) { "wheel" } else { "root" }
    }
}

/// Whether a file of this ending is a unit of systemd (systemd.unit(5)).
pub(super) fn is_unit(ending: &str) -> bool {
    matches!(ending, "service" | "socket" | "timer" | "path" | "target" | "mount" | "automount" | "slice" | "swap")
}

/// The folder of the hicolor theme for an icon; none for formats that no Linux desktop reads there.
fn icon_size(name: &str, source: Option<&Path>) -> Result<Option<String>, Unplaceable> {
    match Path::new(name).extension().and_then(|ending| ending.to_str()) {
        Some("svg") => Ok(Some("scalable".to_owned())),
        Some("png") => {
            let (width, height) = source.and_then(png_size).ok_or(Unplaceable("this is no PNG image"))?;
            Ok(Some(format!("{width}x{height}")))
        }
        Some("ico" | "icns") => Ok(None),
        _ => Err(Unplaceable("an icon is a .png, .svg, .ico or .icns file")),
    }
}

/// Width and height of a PNG image, from its first chunk (PNG specification, IHDR).
fn png_size(path: &Path) -> Option<(u32, u32)> {
    let mut start = [0; 24];
    File::open(path).ok()?.read_exact(&mut start).ok()?;
    let (magic, rest) = start.split_at(16);
    if magic != b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR" {
        return None;
    }
    let number = |bytes: &[u8]| bytes.iter().fold(0_u32, |number, byte| number << 8 | u32::from(*byte));
    let (width, height) = (number(&rest[..4]), number(&rest[4..]));
    (1..=4096).contains(&width).then_some((width, height)).filter(|(_, height)| (1..=4096).contains(height))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn system(format: Format) -> System<'static> {
        let prefix = match format {
            Format::Pkg => "usr/local",
            Format::Msi | Format::Dmg => "",
            _ => "usr",
        };
        System { format, name: "my-app", prefix, libraries: "lib" }
    }

    fn place(format: Format, kind: FileKind, name: &str) -> Option<String> {
        let placed = system(format).place(kind, name, None).unwrap()?;
        let path = if placed.folder.is_empty() { placed.name } else { format!("{}/{}", placed.folder, placed.name) };
        Some(path + if placed.compressed { " (compressed)" } else { "" })
    }

    #[test]
    fn every_kind_has_its_place_on_every_system() {
        let mut table = String::new();
        for (kind, name) in [
            (FileKind::Program, "my-app"),
            (FileKind::Library, "libmy.so"),
            (FileKind::Config, "my.conf"),
            (FileKind::Data, "my.dat"),
            (FileKind::Doc, "README.md"),
            (FileKind::Licence, "LICENSE"),
            (FileKind::Man, "my-app.1"),
            (FileKind::Man, "my-app.5.gz"),
            (FileKind::Completion, "my-app.bash"),
            (FileKind::Completion, "_my-app"),
            (FileKind::Completion, "my-app.zsh"),
            (FileKind::Completion, "my-app.fish"),
            (FileKind::Completion, "_my-app.ps1"),
            (FileKind::DesktopEntry, "my-app.desktop"),
            (FileKind::Icon, "my-app.svg"),
            (FileKind::Icon, "my-app.ico"),
            (FileKind::Service, "my-app.service"),
            (FileKind::Service, "my-app"),
            (FileKind::Service, "org.example.my-app.plist"),
        ] {
            table += &format!("{name}, a {kind}\n");
            for format in Format::ALL {
                let place = place(*format, kind, name).unwrap_or_else(|| "-".to_owned());
                table += &format!("  {format} {place}\n");
            }
        }
        insta::assert_snapshot!(table);
    }

    #[test]
    fn a_name_that_tells_nothing_is_an_error() {
        let refused = |kind, name| system(Format::Deb).place(kind, name, None).is_err();
        assert!(refused(FileKind::Man, "my-app.txt"));
        assert!(refused(FileKind::Completion, "my-app"));
        assert!(refused(FileKind::Icon, "my-app.png"));
        assert!(refused(FileKind::Icon, "my-app.jpeg"));
    }

    #[test]
    fn a_png_says_its_size() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("a.png");
        let mut bytes = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        bytes.extend([0, 0, 0, 128, 0, 0, 0, 64, 8, 6]);
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(png_size(&path), Some((128, 64)));
        bytes[16] = 1;
        std::fs::write(&path, &bytes).unwrap();
        assert_eq!(png_size(&path), None);
        std::fs::write(&path, &bytes[..20]).unwrap();
        assert_eq!(png_size(&path), None);
    }
}
