//! `create`: projects from folders and archives, what is refused, and that nothing half made remains.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::os::unix::process::ExitStatusExt;
use std::path::Path;
use std::process::Stdio;

use crate::support::{PROGRAM, Place, Run, tool, tree};

/// A template with everything that one may have.
fn template(place: &Place) {
    place.write(
        "template/package.json",
        "{\n\t\"name\": \"the-template\", // its own\n\t\"scripts\": {\"hello\":\"echo hello\"}\n}\n",
    );
    place.write("template/src/index.ts", "export {};\n");
    place.write("template/bin/run", "#!/bin/sh\necho ran\n");
    fs::set_permissions(place.folder.join("template/bin/run"), fs::Permissions::from_mode(0o755)).unwrap();
    symlink("../src/index.ts", place.folder.join("template/bin/index.ts")).unwrap();
    fs::create_dir(place.folder.join("template/empty")).unwrap();
    place.write("template/.git/config", "[core]\n\tfsmonitor = touch obeyed\n");
    place.write("template/node_modules/a/index.js", "");
    place.write("template/packages/p/node_modules/a/index.js", "");
    place.write("template/packages/p/.GIT", "gitdir: /elsewhere\n");
    place.write("template/ä ö.txt", "ü");
}

#[track_caller]
fn is_the_project(project: &Path, name: &str) {
    let tree = tree(project);
    let names: Vec<&str> = tree.keys().map(String::as_str).filter(|name| !name.starts_with(".git/")).collect();
    let expected = [
        ".git",
        "bin",
        "bin/index.ts",
        "bin/run",
        "empty",
        "package.json",
        "packages",
        "packages/p",
        "src",
        "src/index.ts",
        "ä ö.txt",
    ];
    assert_eq!(
        names.iter().filter(|name| **name != ".git").collect::<Vec<_>>(),
        expected[1..].iter().collect::<Vec<_>>()
    );
    let package = format!("{{\n\t\"name\": \"{name}\", // its own\n\t\"scripts\": {{\"hello\":\"echo hello\"}}\n}}\n");
    assert_eq!(tree["package.json"], package);
    assert_eq!(tree["bin/index.ts"], "-> ../src/index.ts");
    let mode = |path: &str| project.join(path).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("bin/run"), mode("ä ö.txt"), mode("src"), mode("")), (0o755, 0o644, 0o755, 0o755));
}

#[test]
fn a_folder_becomes_a_project_with_a_repository_of_its_own() {
    let place = Place::new();
    template(&place);
    place.run(&["create", "../template", "My Project"]).ok().says("made My Project (").says("a git repository");
    is_the_project(&place.work().join("My Project"), "my-project");
    assert_eq!(tool(&place.work().join("My Project"), "git", &["rev-parse", "--show-cdup"]), "\n");
    assert!(!tree(&place.work())["My Project/.git/config"].contains("fsmonitor"));
    assert_eq!(fs::read_dir(place.work()).unwrap().count(), 1, "something is left beside it");
}

#[test]
fn without_a_destination_the_template_gives_the_name() {
    let place = Place::new();
    template(&place);
    place.run(&["create", "../template", "--no-git"]).ok();
    is_the_project(&place.work().join("template"), "template");
    assert!(!place.work().join("template/.git").exists());
    tool(&place.folder, "tar", &["-czf", "kit-1.0.tar.gz", "template"]);
    place.run(&["create", "../kit-1.0.tar.gz", "--no-git"]).ok();
    is_the_project(&place.work().join("kit-1.0"), "kit-1.0");
}

#[test]
fn every_format_of_archive_makes_the_same_project() {
    let place = Place::new();
    template(&place);
    tool(&place.folder, "tar", &["-cf", "a.tar", "template"]);
    tool(&place.folder, "tar", &["-czf", "b.tar.gz", "template"]);
    tool(&place.folder, "tar", &["-cJf", "c.tar.xz", "template"]);
    tool(&place.folder, "tar", &["--zstd", "-cf", "d.tar.zst", "template"]);
    tool(&place.folder, "tar", &["--format=posix", "-czf", "e.tgz", "template"]);
    // Without a folder around it, and under a name that says nothing.
    tool(&place.folder.join("template"), "tar", &["-cf", "../f", "."]);
    let zip = "import os,sys,zipfile\nz=zipfile.ZipFile('g.zip','w',zipfile.ZIP_DEFLATED)\nz.comment=b'as forges do'\nfor at,folders,files in os.walk('template'):\n  for name in folders+files:\n    p=os.path.join(at,name)\n    if os.path.islink(p):\n      i=zipfile.ZipInfo(p); i.create_system=3; i.external_attr=0o120777<<16; z.writestr(i,os.readlink(p))\n    else:\n      z.write(p)\nz.close()";
    tool(&place.folder, "python3", &["-c", zip]);
    for archive in ["a.tar", "b.tar.gz", "c.tar.xz", "d.tar.zst", "e.tgz", "f", "g.zip"] {
        let name = format!("of-{}", &archive[..1]);
        place.run(&["create", &format!("../{archive}"), &name, "--no-git"]).ok();
        is_the_project(&place.work().join(&name), &name);
    }
}

#[test]
fn an_archive_of_git_itself_is_taken() {
    let place = Place::new();
    template(&place);
    let folder = place.folder.join("template");
    fs::remove_dir_all(folder.join(".git")).unwrap();
    fs::remove_file(folder.join("packages/p/.GIT")).unwrap();
    let git = ["-c", "user.name=t", "-c", "user.email=t@example.org", "-c", "init.defaultBranch=main"];
    for args in [&["init", "-q"][..], &["add", "-A"], &["commit", "-qm", "first"]] {
        tool(&folder, "git", &[&git[..], args].concat());
    }
    tool(&folder, "git", &["archive", "--prefix=template-main/", "-o", "../git.tar.gz", "HEAD"]);
    place.run(&["create", "../git.tar.gz", "p", "--no-git"]).ok();
    assert!(place.tree()["p/package.json"].contains("\"p\""));
}

#[test]
fn an_empty_folder_may_be_the_destination_and_no_other() {
    let place = Place::new();
    template(&place);
    place.run(&["create", "../template", "."]).ok();
    is_the_project(&place.work(), "work");
    for (destination, what) in [("full", "with x in it"), ("file", "and no folder"), ("link", "as a link")] {
        let place = Place::new();
        template(&place);
        place.write("work/full/x", "mine");
        place.write("work/file", "mine");
        symlink("full", place.work().join("link")).unwrap();
        let before = place.tree();
        place.run(&["create", "../template", destination]).code(1).says("is there already").says(what);
        assert_eq!(place.tree(), before);
    }
}

#[test]
fn folders_above_the_destination_are_made_and_a_template_holds_no_project() {
    let place = Place::new();
    template(&place);
    place.run(&["create", "../template", "a/b/c", "--no-git"]).ok();
    is_the_project(&place.work().join("a/b/c"), "c");
    for inside in ["../template/new", "../template/src/a/b"] {
        place.run(&["create", "../template", inside]).code(1).says("it lies within the template");
    }
    assert!(!place.folder.join("template/new").exists() && !place.folder.join("template/src/a").exists());
}

#[test]
fn a_dry_run_shows_the_files_and_makes_none() {
    let place = Place::new();
    template(&place);
    let run = place.run(&["create", "../template", "p", "--dry-run"]).ok().says("would make");
    assert!(run.stdout.lines().any(|line| line == "src/index.ts"), "{run:?}");
    assert!(place.tree().is_empty());
}

#[test]
fn a_project_within_a_repository_gets_none_of_its_own() {
    let place = Place::new();
    template(&place);
    tool(&place.work(), "git", &["init", "-q"]);
    place.run(&["create", "../template", "p"]).ok().says("in the git repository around it");
    assert!(!place.work().join("p/.git").exists());
}

#[test]
fn without_git_the_project_is_whole() {
    let place = Place::new();
    template(&place);
    let mut command = place.command(PROGRAM);
    Run::of(command.args(["create", "../template", "p"]).env("PATH", "/nowhere")).ok().says("there is no git on PATH");
    is_the_project(&place.work().join("p"), "p");
}

#[test]
fn what_is_no_template_is_said_to_be_none() {
    let place = Place::new();
    place.run(&["create", "../missing", "p"]).code(1).says("there is no template").says("/missing");
    place.write("text", "hello");
    place.run(&["create", "../text", "p"]).code(1).says("neither a folder nor an archive");
    tool(&place.folder, "mkfifo", &["pipe"]);
    place.run(&["create", "../pipe", "p"]).code(1).says("neither a folder nor an archive");
    place.write("t/package.json", "{ \"name\": }");
    place.run(&["create", "../t", "p"]).code(1).says("cannot be given a name").says("package.json:1:11");
    assert!(place.tree().is_empty());
}

#[test]
fn what_leads_out_of_a_folder_is_not_copied() {
    for target in ["/etc/passwd", "../secret", "nowhere"] {
        let place = Place::new();
        place.write("secret", "");
        fs::create_dir(place.folder.join("t")).unwrap();
        symlink(target, place.folder.join("t/link")).unwrap();
        place.run(&["create", "../t", "p"]).code(1).says("a link that leads out of the template, or nowhere");
        assert!(place.tree().is_empty());
    }
    let place = Place::new();
    fs::create_dir(place.folder.join("t")).unwrap();
    tool(&place.folder, "mkfifo", &["t/pipe"]);
    place.run(&["create", "../t", "p"]).code(1).says("a device, a pipe or a socket");
}

/// Archives by Python, whose writers take any name.
fn hostile(place: &Place, name: &str, entries: &str) {
    let tar = format!(
        "import io,tarfile\nt=tarfile.open('{name}','w:gz')\ndef f(n,c=b'x'):\n  i=tarfile.TarInfo(n); i.size=len(c); t.addfile(i,io.BytesIO(c))\n\
         def l(n,to,kind=tarfile.SYMTYPE):\n  i=tarfile.TarInfo(n); i.type=kind; i.linkname=to; t.addfile(i)\nf('good')\n{entries}\nt.close()"
    );
    tool(&place.folder, "python3", &["-c", &tar]);
}

#[test]
fn an_archive_that_leads_out_is_refused_and_nothing_is_written() {
    for (entries, why) in [
        ("f('../evil')", "\"../evil\" cannot be unpacked"),
        ("f('a/../../evil')", "cannot be unpacked"),
        ("f('/tmp/evil')", "it is absolute"),
        ("f('a\\\\..\\\\evil')", "a backslash"),
        ("l('l','/tmp')", "points at \"/tmp\", and so out"),
        ("l('l','../..')", "points at \"../..\", and so out"),
        ("l('d','x'); f('d/evil')", "lies below \"d\", which is no folder"),
        ("f('d/evil'); l('d','/tmp')", "and so out"),
        ("l('x','.'); l('y','x/../..')", "and so out"),
        ("l('h','/etc/passwd',tarfile.LNKTYPE)", "neither a file nor a folder"),
        ("l('p','',tarfile.FIFOTYPE)", "neither a file nor a folder"),
        ("f('good')", "it has two entries \"good\""),
    ] {
        let place = Place::new();
        hostile(&place, "evil.tar.gz", entries);
        let before = tree(&place.folder);
        place.run(&["create", "../evil.tar.gz", "p"]).code(1).says("was refused").says(why);
        assert_eq!(tree(&place.folder), before, "{entries}");
        assert!(!Path::new("/tmp/evil").exists());
    }
    // Inside of the archive, and outside of the project, which is made of its one folder.
    let place = Place::new();
    let entries = "t.close(); t=tarfile.open('evil.tar.gz','w:gz'); f('top/a'); l('top/l','..')";
    hostile(&place, "evil.tar.gz", entries);
    place.run(&["create", "../evil.tar.gz", "p"]).code(1).says("points at \"..\", and so out");
    assert!(place.tree().is_empty());
}

#[test]
fn a_bomb_is_refused_and_nothing_is_written() {
    let place = Place::new();
    let entries = "i=tarfile.TarInfo('zeros'); i.size=5<<30; t.fileobj.write(i.tobuf())";
    hostile(&place, "bomb.tar.gz", entries);
    place.run(&["create", "../bomb.tar.gz", "p"]).code(1).says("it unpacks to more than 4294967296 bytes");
    assert!(place.tree().is_empty());
}

#[test]
fn a_signal_in_the_middle_leaves_nothing_and_ends_the_program_by_it() {
    for signal in ["INT", "TERM"] {
        let place = Place::new();
        // More than can be copied before the signal comes: it is sent when the work has visibly begun.
        fs::create_dir(place.folder.join("t")).unwrap();
        for number in 0..8 {
            let file = fs::File::create(place.folder.join(format!("t/{number}"))).unwrap();
            file.set_len(256 << 20).unwrap();
        }
        // Who starts the tests in the background may have them ignore signals, which is inherited.
        let mut command = place.command(if cfg!(target_os = "linux") { "env" } else { PROGRAM });
        if cfg!(target_os = "linux") {
            command.args(["--default-signal=INT,TERM", PROGRAM]);
        }
        let mut child = command.args(["create", "../t", "a/p"]).stderr(Stdio::null()).spawn().unwrap();
        while !place.tree_has_file() {
            assert!(child.try_wait().unwrap().is_none(), "it ended before it could be interrupted");
            std::thread::yield_now();
        }
        tool(&place.folder, "kill", &[&format!("-{signal}"), &child.id().to_string()]);
        let status = child.wait().unwrap();
        let number = if signal == "INT" { 2 } else { 15 };
        assert_eq!(status.signal(), Some(number), "{status:?}");
        assert!(place.tree().is_empty(), "{signal}: {:?}", place.tree().keys());
    }
}

impl Place {
    /// Whether some file is being made.
    fn tree_has_file(&self) -> bool {
        let Ok(parent) = fs::read_dir(self.work().join("a")) else { return false };
        parent.flatten().any(|staging| fs::read_dir(staging.path()).is_ok_and(|mut files| files.next().is_some()))
    }
}

#[test]
fn a_full_disk_leaves_nothing() {
    let place = Place::new();
    place.write("t/large", vec![b'x'; 1 << 20]);
    // The limit on a file's size stands in for the disk's: the same write fails, with the same clean-up.
    let mut command = place.command("sh");
    let line = format!("trap '' XFSZ; ulimit -f 64; exec {PROGRAM} create ../t a/p");
    Run::of(command.args(["-c", &line])).code(1).says("cannot write").says("nothing was left behind");
    assert!(place.tree().is_empty());
}
