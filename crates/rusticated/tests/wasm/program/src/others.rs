//! Children, signals, streams, the environment and time.
use rusticated::io::{self, AsyncRead, AsyncWrite, ErrorKind};
use rusticated::process::{Command, Stdio};
use rusticated::signal::{Signal, Signals, signal_wait};
use rusticated::time::{Duration, Instant, SystemTime, sleep, timeout};
use rusticated::{env, fs, process, rt, tty};

use crate::path;

crate::behaviours![
    children_get_their_arguments_variables_and_folder,
    children_are_written_to_and_read_from,
    a_childs_output_can_be_a_file,
    the_ends_of_children_are_told,
    a_program_that_is_missing_is_not_found,
    signals_are_waited_for,
    standard_output_is_written_to,
    arguments_and_variables_are_the_hosts,
    timers_fire_in_their_order,
    time_goes_forward,
];

async fn children_get_their_arguments_variables_and_folder() {
    let script = "printf '%s|' \"$@\" \"$ADDED\" \"${REMOVED-none}\" \"$PWD\"";
    fs::create_dir(path("start here")).await.unwrap();
    env::set_env("REMOVED", "not yet").unwrap();
    let output = Command::new("sh")
        .args(["-c", script, "sh", "two words", "", "zwölf"])
        .env("ADDED", "a=b c")
        .env_remove("REMOVED")
        .current_dir(path("start here"))
        .output()
        .await
        .unwrap();
    let expected = format!("two words||zwölf|a=b c|none|{}|", path("start here"));
    assert_eq!(String::from_utf8(output.stdout).unwrap(), expected);
    let error = Command::new("sh").arg("a\0b").spawn().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::InvalidInput);
}

async fn children_are_written_to_and_read_from() {
    let mut command = Command::new("tr");
    let mut child = command.args(["a-z", "A-Z"]).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().await.unwrap();
    let mut stdin = child.stdin.take().unwrap();
    stdin.write(b"hello child".to_vec()).await.0.unwrap();
    drop(stdin);
    let output = child.wait_with_output().await.unwrap();
    assert!(output.status.success());
    assert_eq!(output.stdout, b"HELLO CHILD");
}

async fn a_childs_output_can_be_a_file() {
    let file = fs::File::create(path("out")).await.unwrap();
    assert!(Command::new("echo").arg("into a file").stdout(file).status().await.unwrap().success());
    assert_eq!(fs::read(path("out")).await.unwrap(), b"into a file\n");
}

async fn the_ends_of_children_are_told() {
    let status = Command::new("sh").args(["-c", "exit 7"]).status().await.unwrap();
    assert_eq!((status.code(), status.signal()), (Some(7), None));
    let mut child = Command::new("sleep").arg("600").spawn().await.unwrap();
    assert!(child.id() > 0);
    assert!(child.try_wait().unwrap().is_none());
    assert!(timeout(Duration::from_millis(1), child.wait()).await.is_err());
    child.kill().unwrap();
    let status = child.wait().await.unwrap();
    assert_eq!((status.success(), status.code(), status.signal()), (false, None, Some(9)));
    assert_eq!(child.try_wait().unwrap(), Some(status));
    child.kill().unwrap();
}

async fn a_program_that_is_missing_is_not_found() {
    let error = Command::new("no-such-program-anywhere").spawn().await.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::NotFound);
}

async fn signals_are_waited_for() {
    let set = Signals::new().with(Signal::User2).with(Signal::Hangup);
    let waiting = rt::spawn(signal_wait(set));
    rt::yield_now().await;
    let me = process::id().to_string();
    assert!(Command::new("kill").args(["-USR2", &me]).status().await.unwrap().success());
    assert_eq!(waiting.await.unwrap().unwrap(), Signal::User2);
    assert!(timeout(Duration::from_millis(1), signal_wait(set)).await.is_err());
}

async fn standard_output_is_written_to() {
    let text = b"written by the module\n";
    assert_eq!(io::stdout().write(text.to_vec()).await.0.unwrap(), text.len());
    assert!(!tty::is_terminal(&io::stdout()));
    assert!(tty::size(&io::stdout()).is_err());
    assert_eq!(tty::Tty::open().unwrap_err().kind(), ErrorKind::Unsupported);
    let (count, bytes) = io::stdin().read(Vec::with_capacity(100)).await;
    assert_eq!((count.unwrap(), bytes.as_slice()), (17, &b"read by the module"[..17]));
}

async fn arguments_and_variables_are_the_hosts() {
    assert_eq!(env::get_args(), ["module.wasm", "first argument", "zwölf"]);
    assert_eq!(env::get_env("FROM_THE_HOST").unwrap(), "yes=1");
    env::set_env("OUR_OWN", "1").unwrap();
    assert!(env::get_envs().iter().any(|(name, value)| name == "OUR_OWN" && value == "1"));
    env::remove_env("OUR_OWN").unwrap();
    assert_eq!(env::get_env("OUR_OWN"), None);
    assert!(env::current_exe().unwrap().ends_with("run.mjs"));
}

async fn timers_fire_in_their_order() {
    let order = std::rc::Rc::new(std::cell::RefCell::new(Vec::new()));
    let tasks: Vec<_> = [30u64, 10, 20]
        .into_iter()
        .map(|milliseconds| {
            let order = order.clone();
            rt::spawn(async move {
                let begun = Instant::now();
                sleep(Duration::from_millis(milliseconds)).await;
                assert!(begun.elapsed() >= Duration::from_millis(milliseconds));
                order.borrow_mut().push(milliseconds);
            })
        })
        .collect();
    for task in tasks {
        task.await.unwrap();
    }
    assert_eq!(*order.borrow(), [10, 20, 30]);
}

async fn time_goes_forward() {
    let (before, long_ago) = (Instant::now(), SystemTime::UNIX_EPOCH + Duration::from_secs(1_600_000_000));
    sleep(Duration::from_millis(2)).await;
    assert!(before.elapsed() >= Duration::from_millis(2));
    assert!(SystemTime::now() > long_ago);
}
