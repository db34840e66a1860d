//! `[[files]]`, `[[generated]]` and `[[bundles]]` of a package manifest: what archives and
//! installers hold besides the programs.
use located::Located;

use super::{Installer, Mode, check_rules, place};
use crate::manifest::ErrorKind;
use crate::manifest::declare::{choices, table};
use crate::manifest::reader::{Check, Reader};
use crate::manifest::text::{AccountName, ArchivePath, Destination, Expanded, FileName, Line, SourceGlob};

table! {
    /// Files that an archive or an installer holds besides the binaries.
    pub struct FileEntry as "files table of a package" {
        /// The files, as a glob relative to the workspace's root; ${NAME} takes an environment variable.
        source: Option<Located<SourceGlob>> = "\"completions/*\"",
        /// Where they go; a folder ends with `/`. Without `kind`: inside the archive, and if it is absent at its root. With one: `/usr/share/my-app/` as on the system, or `examples/` below the kind's own folder, which it is if it is absent.
        destination: Option<Located<Destination>> = "\"completions/\"",
        /// What they are to an installer: puts them into installers, not into archives.
        kind: Option<Located<FileKind>> = "\"completion\"",
        /// Where files with a `kind` go inside archives; if it is absent, they are in none.
        archive: Option<Located<ArchivePath>> = "\"completions/\"",
        /// The installers that hold them; if it is absent, all that have a place for the kind.
        formats: Option<Vec<Located<Installer>>> = "[\"deb\", \"rpm\"]",
        /// The permissions once they are installed; if it is absent, the kind's.
        mode: Option<Located<Mode>> = "\"0644\"",
        /// The user that owns them once they are installed.
        owner: Option<Located<AccountName>> = "\"root\"",
        /// The group that owns them once they are installed.
        group: Option<Located<AccountName>> = "\"root\"",
        /// Where a symlink leads: from the root of the system, or from its own folder.
        link: Option<Located<Line>> = "\"/usr/bin/my-app\"",
        /// Whether a service starts with the system, once it is installed.
        enable: Option<Located<bool>> = "true",
    }
}

table! {
    /// Files that the app itself prints.
    pub struct GeneratedEntry as "generated table of a package" {
        /// One of the app's programs and its arguments. It prints the file, or writes files to `{folder}`.
        command: Located<Vec<Located<String>>> = "[\"my-app\", \"completions\", \"bash\"]",
        /// The names of what it prints or of all that it writes.
        files: Located<Vec<Located<FileName>>> = "[\"my-app.bash\"]",
        /// What they are to an installer.
        kind: Located<FileKind> = "\"completion\"",
        /// Where they go, as in `[[files]]`; if it is absent, where the kind goes.
        destination: Option<Located<Destination>> = "\"/usr/share/my-app/\"",
        /// The installers that hold them; if it is absent, all that have a place for the kind.
        formats: Option<Vec<Located<Installer>>> = "[\"deb\", \"rpm\"]",
    }
}

table! {
    /// A bundle of plugins that is shipped with the app: a library of this workspace and its manifest.
    pub struct BundleEntry as "bundles table of a package" {
        /// The Cargo package whose cdylib is the bundle's library.
        package: Located<String> = "\"my-plugin\"",
        /// The bundle's manifest, relative to the workspace's root; it goes into the bundle's folder as `manifest.toml`.
        manifest: Located<Expanded> = "\"crates/my-plugin/manifest.toml\"",
        /// More files for the bundle's folder, as globs relative to the workspace's root.
        files: Option<Vec<Located<SourceGlob>>> = "[\"crates/my-plugin/words/*\"]",
    }
}

impl Check for BundleEntry {}

choices! {
    /// What a file is to an installer: it decides where it goes, its permissions, and how it is treated.
    pub enum FileKind {
        /// A program.
        Program = "program",
        /// A library or a plugin.
        Library = "library",
        /// Configuration: an upgrade may replace it, and keeps what the user changed beside it.
        Config = "config",
        /// Configuration of which an upgrade never replaces what the user changed.
        ConfigNoReplace = "config-noreplace",
        /// Whatever else the app reads.
        Data = "data",
        /// Documentation.
        Doc = "doc",
        /// The licence.
        Licence = "licence",
        /// A man page.
        Man = "man",
        /// Completions of a shell, told by the file's name.
        Completion = "completion",
        /// A desktop entry.
        DesktopEntry = "desktop-entry",
        /// An icon.
        Icon = "icon",
        /// A service: a systemd unit, a property list of launchd, or an init script of OpenRC.
        Service = "service",
        /// An empty directory.
        Directory = "directory",
        /// A symbolic link.
        Symlink = "symlink",
    }
}

impl Check for FileEntry {
    fn check(&self, reader: &mut Reader<'_>) {
        let kind = self.kind.as_ref().map(|kind| *kind.value());
        let made = matches!(kind, Some(FileKind::Directory | FileKind::Symlink));
        let kind_of = |wanted| kind == Some(wanted);
        let needs_kind = "goes with a `kind`";
        let name_it = "name the kind, or leave it out";
        let nothing = self.source.is_none() && kind.is_none();
        if nothing {
            let key = format!("{}.source", reader.key());
            let (table, sample) = ("files table of a package", "\"completions/*\"");
            reader.error_in_table(ErrorKind::MissingKey { key, table, sample });
        }
        let rules = [
            (made, place(&self.source), "source", "goes with no directory or symlink", "leave it out"),
            (
                !made && self.source.is_none(),
                place(&self.kind),
                "kind",
                "needs a `source`",
                "add the files: source = \"…\"",
            ),
            (
                made && self.destination.is_none(),
                place(&self.kind),
                "kind",
                "needs a `destination`",
                "say where it is: destination = \"/…\"",
            ),
            (
                kind.is_none() && self.destination.as_ref().is_some_and(|path| path.starts_with('/')),
                place(&self.destination),
                "destination",
                "leads out of the archive",
                "write a path relative to the root of the archive, or add the `kind` that makes it an installer's",
            ),
            (
                kind.is_none(),
                place(&self.archive),
                "archive",
                needs_kind,
                "without one, `destination` is the archive's",
            ),
            (made, place(&self.archive), "archive", "goes with no directory or symlink", "leave it out"),
            (kind.is_none(), first(&self.formats), "formats", needs_kind, name_it),
            (kind.is_none(), place(&self.mode), "mode", needs_kind, name_it),
            (kind_of(FileKind::Symlink), place(&self.mode), "mode", "goes with no symlink", "leave it out"),
            (kind.is_none(), place(&self.owner), "owner", needs_kind, name_it),
            (kind.is_none(), place(&self.group), "group", needs_kind, name_it),
            (!kind_of(FileKind::Symlink), place(&self.link), "link", "goes with kind = \"symlink\"", "leave it out"),
            (
                kind_of(FileKind::Symlink) && self.link.is_none(),
                place(&self.kind),
                "kind",
                "needs a `link`",
                "say where it leads: link = \"…\"",
            ),
            (
                !kind_of(FileKind::Service),
                place(&self.enable),
                "enable",
                "goes with kind = \"service\"",
                "leave it out",
            ),
        ];
        check_rules(rules, reader);
    }
}

impl Check for GeneratedEntry {
    fn check(&self, reader: &mut Reader<'_>) {
        let command = self.command.value();
        let to_folder = command.iter().any(|word| word.contains(FOLDER));
        let kind = *self.kind.value();
        let impossible =
            matches!(kind, FileKind::Program | FileKind::Library | FileKind::Directory | FileKind::Symlink);
        let rules = [
            (
                command.is_empty(),
                Some(self.command.place()),
                "command",
                "is empty",
                "name one of the app's programs and its arguments",
            ),
            (
                self.files.is_empty(),
                Some(self.files.place()),
                "files",
                "is empty",
                "name what the command prints or writes",
            ),
            (
                !to_folder && self.files.len() > 1,
                Some(self.files.place()),
                "files",
                "names several files, and the command prints one",
                "pass it a folder to write them to: \"{folder}\"",
            ),
            (
                impossible,
                Some(self.kind.place()),
                "kind",
                "cannot be that of a printed file",
                "such as \"completion\", \"man\", \"doc\", \"config\" or \"data\"",
            ),
        ];
        check_rules(rules, reader);
    }
}

/// What stands for the folder in the arguments of a command that writes files.
pub const FOLDER: &str = "{folder}";

fn first<T>(list: &Option<Vec<Located<T>>>) -> Option<&located::Place> {
    list.as_ref().and_then(|list| list.first()).map(Located::place)
}
