//! Folders, names and links.
use rusticated::fs;
use rusticated::io::ErrorKind;
#[cfg(unix)]
use rusticated::path::Path;
use support::{Folder, run};

mod support;

#[test]
fn a_folder_lists_all_that_it_holds_and_nothing_else() {
    let folder = Folder::new();
    let mut expected: Vec<String> = (0..1000).map(|nth| format!("file number {nth} of many")).collect();
    run(async {
        for name in &expected {
            fs::write(folder.path(name), b"").await?;
        }
        fs::create_dir(folder.path("inner")).await?;
        expected.push("inner".to_owned());
        let mut reader = fs::read_dir(folder.path("")).await?;
        let mut names = Vec::new();
        while let Some(entry) = reader.next().await? {
            let name = entry.file_name().to_str().unwrap().to_owned();
            assert_eq!(entry.file_type().await?.is_dir(), name == "inner");
            assert_eq!(entry.path().file_name(), Some(entry.file_name().as_os_str()));
            names.push(name);
        }
        names.sort();
        expected.sort();
        assert_eq!(names, expected);
        Ok(())
    });
}

#[test]
fn folders_are_made_with_those_above_them() {
    let folder = Folder::new();
    run(async {
        let deep = folder.path("a/b/c/d");
        assert_eq!(fs::create_dir(&deep).await.unwrap_err().kind(), ErrorKind::NotFound);
        fs::create_dir_all(&deep).await?;
        fs::create_dir_all(&deep).await?;
        assert!(std::fs::metadata(&deep).unwrap().is_dir());
        assert_eq!(fs::create_dir(&deep).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
        fs::write(folder.path("file"), b"").await?;
        let below_a_file = fs::create_dir_all(folder.path("file/below")).await.unwrap_err();
        let theirs = std::fs::create_dir_all(folder.path("file/below")).unwrap_err();
        assert_eq!(format!("{:?}", below_a_file.kind()), format!("{:?}", theirs.kind()));
        Ok(())
    });
}

#[test]
fn a_tree_is_removed_and_what_lies_behind_links_is_not() {
    let folder = Folder::new();
    run(async {
        fs::create_dir_all(folder.path("outside/kept")).await?;
        fs::write(folder.path("outside/kept/file"), b"kept").await?;
        fs::create_dir_all(folder.path("tree/a/b/c")).await?;
        for name in ["tree/1", "tree/a/2", "tree/a/b/3", "tree/a/b/c/4"] {
            fs::write(folder.path(name), name).await?;
        }
        #[cfg(unix)]
        {
            fs::symlink(folder.path("outside"), folder.path("tree/a/link"), fs::SymlinkKind::Dir).await?;
            fs::symlink("nowhere", folder.path("tree/dangling"), fs::SymlinkKind::File).await?;
            fs::symlink(folder.path("outside"), folder.path("link itself"), fs::SymlinkKind::Dir).await?;
            fs::remove_dir_all(folder.path("link itself")).await?;
        }
        fs::remove_dir_all(folder.path("tree")).await?;
        assert!(!fs::try_exists(folder.path("tree")).await?);
        assert_eq!(fs::read(folder.path("outside/kept/file")).await?, b"kept");
        assert_eq!(fs::remove_dir_all(folder.path("tree")).await.unwrap_err().kind(), ErrorKind::NotFound);
        assert!(fs::remove_dir_all(folder.path("outside/kept/file")).await.is_err());
        assert!(fs::try_exists(folder.path("outside/kept/file")).await?);
        Ok(())
    });
}

#[test]
fn only_empty_folders_are_removed_as_folders_and_only_files_as_files() {
    let folder = Folder::new();
    run(async {
        fs::create_dir_all(folder.path("full/inner")).await?;
        assert_eq!(fs::remove_dir(folder.path("full")).await.unwrap_err().kind(), ErrorKind::DirectoryNotEmpty);
        fs::remove_dir(folder.path("full/inner")).await?;
        fs::remove_dir(folder.path("full")).await?;
        fs::write(folder.path("file"), b"").await?;
        assert_eq!(fs::remove_dir(folder.path("file")).await.unwrap_err().kind(), ErrorKind::NotADirectory);
        fs::create_dir(folder.path("folder")).await?;
        assert!(fs::remove_file(folder.path("folder")).await.is_err());
        fs::remove_file(folder.path("file")).await?;
        assert_eq!(fs::remove_file(folder.path("file")).await.unwrap_err().kind(), ErrorKind::NotFound);
        Ok(())
    });
}

#[test]
fn renaming_replaces_what_has_the_name() {
    let folder = Folder::new();
    run(async {
        fs::write(folder.path("new"), b"new").await?;
        fs::write(folder.path("old"), b"old").await?;
        fs::rename(folder.path("new"), folder.path("old")).await?;
        assert_eq!(fs::read(folder.path("old")).await?, b"new");
        assert!(!fs::try_exists(folder.path("new")).await?);
        let missing = fs::rename(folder.path("missing"), folder.path("x")).await.unwrap_err();
        assert_eq!(missing.kind(), ErrorKind::NotFound);
        Ok(())
    });
}

#[test]
fn a_hard_link_is_the_same_file() {
    let folder = Folder::new();
    run(async {
        fs::write(folder.path("one"), b"1").await?;
        fs::hard_link(folder.path("one"), folder.path("two")).await?;
        fs::write(folder.path("two"), b"2").await?;
        assert_eq!(fs::read(folder.path("one")).await?, b"2");
        Ok(())
    });
}

#[cfg(unix)]
#[test]
fn links_are_made_read_and_told_apart_from_what_they_lead_to() {
    let folder = Folder::new();
    run(async {
        fs::write(folder.path("file"), b"1").await?;
        fs::symlink("file", folder.path("link"), fs::SymlinkKind::File).await?;
        assert_eq!(fs::read_link(folder.path("link")).await?, Path::new("file"));
        assert!(fs::symlink_metadata(folder.path("link")).await?.is_symlink());
        assert!(fs::metadata(folder.path("link")).await?.is_file());
        assert_eq!(fs::read_link(folder.path("file")).await.unwrap_err().kind(), ErrorKind::InvalidInput);
        let long = "x/".repeat(400);
        fs::symlink(&long, folder.path("long"), fs::SymlinkKind::File).await?;
        assert_eq!(fs::read_link(folder.path("long")).await?.to_str(), Some(long.as_str()));
        fs::symlink("circle", folder.path("circle"), fs::SymlinkKind::File).await?;
        let circle = fs::metadata(folder.path("circle")).await.unwrap_err();
        assert_eq!(circle.kind(), ErrorKind::FilesystemLoop);
        Ok(())
    });
}

#[cfg(unix)]
#[test]
fn a_name_of_any_bytes_is_kept() {
    use rusticated::ffi::OsStr;
    let folder = Folder::new();
    run(async {
        let path = Path::new(&folder.path("")).join(OsStr::from_bytes(b"\xff\xfe not text"));
        fs::write(&path, b"1").await?;
        let mut reader = fs::read_dir(folder.path("")).await?;
        let entry = reader.next().await?.unwrap();
        assert_eq!(entry.file_name().as_os_str().as_bytes(), b"\xff\xfe not text");
        assert_eq!(fs::read(entry.path()).await?, b"1");
        Ok(())
    });
}

#[test]
fn the_canonical_path_is_the_one_that_std_finds() {
    let folder = Folder::new();
    run(async {
        fs::create_dir_all(folder.path("a/b")).await?;
        let ours = fs::canonicalize(folder.path("a/./b/../b")).await?;
        let theirs = std::fs::canonicalize(folder.path("a/b")).unwrap();
        assert_eq!(ours.to_str(), theirs.to_str());
        assert_eq!(fs::canonicalize(folder.path("c")).await.unwrap_err().kind(), ErrorKind::NotFound);
        Ok(())
    });
}
