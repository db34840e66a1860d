//! Files, folders and links of the host.
use rusticated::ffi::OsStr;
use rusticated::fs::{self, File, FileTimes, OpenOptions, SymlinkKind};
use rusticated::io::{AsyncRead, AsyncWrite, ErrorKind, SeekFrom};
use rusticated::path::Path;
use rusticated::time::{Duration, SystemTime};
use rusticated::{env, rt};

use crate::path;

crate::behaviours![
    a_file_is_written_sought_and_read,
    a_read_appends_and_asks_nothing_without_room,
    reads_and_writes_at_places_leave_the_position_alone,
    what_is_appended_goes_to_the_end,
    a_thousand_reads_at_once_give_their_own_bytes,
    errors_have_the_kinds_and_texts_that_std_has,
    metadata_times_and_permissions_are_kept,
    folders_are_made_listed_and_removed,
    names_of_any_bytes_are_kept,
    links_are_made_and_told_apart,
    files_are_renamed_copied_and_cut,
    the_current_folder_can_be_changed,
];

async fn a_file_is_written_sought_and_read() {
    let mut file = File::create_new(path("letters")).await.unwrap();
    assert_eq!(file.write(b"abcdef".to_vec()).await.0.unwrap(), 6);
    assert_eq!(file.seek(SeekFrom::End(-1)).await.unwrap(), 5);
    let (count, bytes) = file.read(Vec::with_capacity(8)).await;
    assert_eq!((count.unwrap(), bytes), (1, b"f".to_vec()));
    assert_eq!(file.read(Vec::with_capacity(8)).await.0.unwrap(), 0, "the end");
    file.seek(SeekFrom::Start(2)).await.unwrap();
    assert_eq!(file.seek(SeekFrom::Current(1)).await.unwrap(), 3);
    let error = file.seek(SeekFrom::Current(-4)).await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
    file.sync_all().await.unwrap();
    file.sync_data().await.unwrap();
    assert_eq!(fs::read(path("letters")).await.unwrap(), b"abcdef");
}

async fn a_read_appends_and_asks_nothing_without_room() {
    fs::write(path("world"), b"world").await.unwrap();
    let mut file = File::open(path("world")).await.unwrap();
    assert_eq!(file.read(Vec::new()).await.0.unwrap(), 0);
    let mut bytes = Vec::with_capacity(64);
    bytes.extend(b"hello ");
    let (count, bytes) = file.read(bytes).await;
    assert_eq!((count.unwrap(), bytes.as_slice()), (5, &b"hello world"[..]));
}

async fn reads_and_writes_at_places_leave_the_position_alone() {
    let mut file = File::create_new(path("places")).await.unwrap();
    file.write(b"0123456789".to_vec()).await.0.unwrap();
    assert_eq!(file.write_at(b"xy".to_vec(), 3).await.0.unwrap(), 2);
    let (count, bytes) = file.read_at(Vec::with_capacity(4), 2).await;
    assert_eq!((count.unwrap(), bytes.as_slice()), (4, &b"2xy5"[..]));
    assert_eq!(file.stream_position().await.unwrap(), 10);
    let too_far = file.read_at(Vec::with_capacity(4), u64::MAX).await.0.unwrap_err();
    assert_eq!(too_far.kind(), ErrorKind::InvalidInput);
}

async fn what_is_appended_goes_to_the_end() {
    fs::write(path("log"), b"one ").await.unwrap();
    let mut file = OpenOptions::new().append(true).open(path("log")).await.unwrap();
    file.write(b"two ".to_vec()).await.0.unwrap();
    file.write(b"three".to_vec()).await.0.unwrap();
    assert_eq!(fs::read_to_string(path("log")).await.unwrap(), "one two three");
}

async fn a_thousand_reads_at_once_give_their_own_bytes() {
    let contents: Vec<u8> = (0..1000u32).flat_map(u32::to_le_bytes).collect();
    fs::write(path("numbers"), &contents).await.unwrap();
    let file = std::rc::Rc::new(File::open(path("numbers")).await.unwrap());
    let tasks: Vec<_> = (0..1000u64)
        .map(|nth| {
            let file = file.clone();
            rt::spawn(async move { file.read_at(Vec::with_capacity(4), nth * 4).await })
        })
        .collect();
    for (nth, task) in tasks.into_iter().enumerate() {
        let (count, bytes) = task.await.unwrap();
        assert_eq!((count.unwrap(), bytes), (4, (nth as u32).to_le_bytes().to_vec()));
    }
}

async fn errors_have_the_kinds_and_texts_that_std_has() {
    let error = File::open(path("missing")).await.unwrap_err();
    assert_eq!((error.kind(), error.raw_os_error()), (ErrorKind::NotFound, Some(2)));
    assert_eq!(error.to_string(), "No such file or directory (os error 2)");
    fs::write(path("there"), b"").await.unwrap();
    assert_eq!(File::create_new(path("there")).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
    assert_eq!(File::open(path("there/below")).await.unwrap_err().kind(), ErrorKind::NotADirectory);
    assert_eq!(fs::read(path("")).await.unwrap_err().kind(), ErrorKind::IsADirectory);
    assert_eq!(fs::metadata("a\0b").await.unwrap_err().kind(), ErrorKind::InvalidInput);
}

async fn metadata_times_and_permissions_are_kept() {
    fs::write(path("known"), b"12345").await.unwrap();
    let moment = SystemTime::UNIX_EPOCH + Duration::from_secs(1_234_567_890);
    let file = OpenOptions::new().write(true).open(path("known")).await.unwrap();
    file.set_times(FileTimes::new().set_modified(moment)).await.unwrap();
    let known = file.metadata().await.unwrap();
    assert_eq!((known.len(), known.is_file(), known.modified().unwrap()), (5, true, moment));
    assert!(known.accessed().unwrap() > moment && known.created().unwrap() > moment);
    file.set_len(3).await.unwrap();
    let mut permissions = known.permissions();
    permissions.set_readonly(true);
    fs::set_permissions(path("known"), permissions.clone()).await.unwrap();
    let known = fs::metadata(path("known")).await.unwrap();
    assert_eq!((known.len(), known.permissions().readonly()), (3, true));
    permissions.set_readonly(false);
    file.set_permissions(permissions).await.unwrap();
    assert!(!fs::metadata(path("known")).await.unwrap().permissions().readonly());
}

async fn folders_are_made_listed_and_removed() {
    fs::create_dir_all(path("tree/a/b")).await.unwrap();
    fs::create_dir_all(path("tree/a/b")).await.unwrap();
    assert_eq!(fs::create_dir(path("tree")).await.unwrap_err().kind(), ErrorKind::AlreadyExists);
    let mut expected = vec![("a".to_owned(), true)];
    for nth in 0..300 {
        let name = format!("a file with a name that fills the list, number {nth:03}");
        fs::write(path(&format!("tree/{name}")), b"").await.unwrap();
        expected.push((name, false));
    }
    let mut reader = fs::read_dir(path("tree")).await.unwrap();
    let mut found = Vec::new();
    while let Some(entry) = reader.next().await.unwrap() {
        let name = entry.file_name().into_string().unwrap();
        found.push((name, entry.file_type().await.unwrap().is_dir()));
    }
    found.sort();
    assert_eq!(found, expected);
    assert_eq!(fs::remove_dir(path("tree")).await.unwrap_err().kind(), ErrorKind::DirectoryNotEmpty);
    fs::create_dir(path("outside")).await.unwrap();
    fs::symlink(path("outside"), path("tree/link"), SymlinkKind::Dir).await.unwrap();
    fs::write(path("outside/kept"), b"kept").await.unwrap();
    fs::remove_dir_all(path("tree")).await.unwrap();
    assert!(!fs::try_exists(path("tree")).await.unwrap());
    assert_eq!(fs::read(path("outside/kept")).await.unwrap(), b"kept");
}

async fn names_of_any_bytes_are_kept() {
    fs::create_dir(path("bytes")).await.unwrap();
    let name = OsStr::from_bytes(b"\xff\xfe not text");
    fs::write(Path::new(&path("bytes")).join(name), b"1").await.unwrap();
    let entry = fs::read_dir(path("bytes")).await.unwrap().next().await.unwrap().unwrap();
    assert_eq!(entry.file_name(), name);
    assert_eq!(fs::read(entry.path()).await.unwrap(), b"1");
}

async fn links_are_made_and_told_apart() {
    fs::write(path("original"), b"1").await.unwrap();
    fs::symlink("original", path("symbolic"), SymlinkKind::File).await.unwrap();
    fs::hard_link(path("original"), path("hard")).await.unwrap();
    assert_eq!(fs::read_link(path("symbolic")).await.unwrap(), Path::new("original"));
    assert!(fs::symlink_metadata(path("symbolic")).await.unwrap().is_symlink());
    assert!(fs::metadata(path("symbolic")).await.unwrap().is_file());
    let long = "x/".repeat(400);
    fs::symlink(&long, path("long"), SymlinkKind::File).await.unwrap();
    assert_eq!(fs::read_link(path("long")).await.unwrap().to_str(), Some(long.as_str()));
    let canonical = fs::canonicalize(path("./symbolic")).await.unwrap();
    assert!(canonical.is_absolute() && canonical.ends_with("original"), "{canonical:?}");
    fs::write(path("hard"), b"2").await.unwrap();
    assert_eq!(fs::read(path("symbolic")).await.unwrap(), b"2");
}

async fn files_are_renamed_copied_and_cut() {
    let big: Vec<u8> = (0..300_000u32).map(|place| (place % 251) as u8).collect();
    fs::write(path("big"), &big).await.unwrap();
    assert_eq!(fs::copy(path("big"), path("copy")).await.unwrap(), big.len() as u64);
    fs::rename(path("copy"), path("renamed")).await.unwrap();
    assert!(fs::read(path("renamed")).await.unwrap() == big);
    fs::remove_file(path("renamed")).await.unwrap();
    assert_eq!(fs::remove_file(path("renamed")).await.unwrap_err().kind(), ErrorKind::NotFound);
}

async fn the_current_folder_can_be_changed() {
    let before = env::current_dir().unwrap();
    fs::create_dir(path("elsewhere")).await.unwrap();
    env::set_current_dir(path("elsewhere")).unwrap();
    assert!(env::current_dir().unwrap().ends_with("elsewhere"));
    fs::write("here", b"").await.unwrap();
    env::set_current_dir(before).unwrap();
    assert!(fs::try_exists(path("elsewhere/here")).await.unwrap());
    assert_eq!(env::set_current_dir(path("nowhere")).unwrap_err().kind(), ErrorKind::NotFound);
}
