//! Children, signals, standard streams and terminals. The children are this very program, told what to do by its
//! first argument: they have one thread, as signals ask for, and exist on every platform.
use std::io::{Read, Write};
use std::time::Duration;

use libtest_mimic::{Arguments, Failed, Trial};
use rusticated::io::{self, AsyncRead};
use rusticated::process::{Command, Stdio};
use rusticated::signal::{Signal, Signals, ctrl_c, signal_wait};
use rusticated::{env, rt, time};
use support::{Folder, read_up_to, run, write_all};

mod support;

fn main() {
    if let Ok(act) = std::env::var("CHILD") {
        std::process::exit(child(&act));
    }
    #[cfg_attr(not(unix), allow(unused_mut, reason = "some are of Unix alone"))]
    let mut trials = vec![
        trial("a_child_gets_its_arguments_as_they_are", a_child_gets_its_arguments_as_they_are),
        trial("a_child_gets_the_variables_that_were_asked_for", a_child_gets_the_variables_that_were_asked_for),
        trial("a_child_starts_in_its_folder", a_child_starts_in_its_folder),
        trial("exit_codes_are_passed_on", exit_codes_are_passed_on),
        trial("a_child_is_written_to_and_read_from", a_child_is_written_to_and_read_from),
        trial("both_outputs_are_collected_however_much_it_is", both_outputs_are_collected_however_much_it_is),
        trial("a_command_that_was_captured_once_is_as_before", a_command_that_was_captured_once_is_as_before),
        trial("a_program_that_is_missing_is_not_found", a_program_that_is_missing_is_not_found),
        trial("a_child_that_is_killed_has_ended", a_child_that_is_killed_has_ended),
        trial("waiting_can_be_given_up_and_taken_up_again", waiting_can_be_given_up_and_taken_up_again),
        trial("a_hundred_children_are_waited_for_at_once", a_hundred_children_are_waited_for_at_once),
        trial("streams_can_be_files_and_pipes", streams_can_be_files_and_pipes),
        trial("a_child_inherits_no_descriptor_that_it_was_not_given", a_child_inherits_nothing_else),
        trial("standard_input_from_a_file_is_read_to_its_end", standard_input_from_a_file_is_read_to_its_end),
        trial("nul_bytes_are_refused", nul_bytes_are_refused),
    ];
    #[cfg(unix)]
    trials.extend([
        trial("a_signal_that_ends_a_child_is_told", a_signal_that_ends_a_child_is_told),
        trial("signals_are_waited_for_and_do_what_they_do_otherwise", signals_are_waited_for),
        trial("several_wait_for_signals_at_once", several_wait_for_signals_at_once),
    ]);
    libtest_mimic::run(&Arguments::from_args(), trials).exit();
}

fn trial(name: &str, test: fn()) -> Trial {
    Trial::test(name, move || {
        test();
        Result::<(), Failed>::Ok(())
    })
}

/// This program as the child that does something.
fn me(act: &str) -> Command {
    let me = support::me();
    let mut command = Command::new(&me[0]);
    command.args(&me[1..]);
    command.env("CHILD", act);
    command
}

/// What the children do. Their own output goes through std, so that ours is seen from outside.
fn child(act: &str) -> i32 {
    let print = |text: &str| std::io::stdout().write_all(text.as_bytes()).unwrap();
    match act {
        "arguments" => {
            let ours: Vec<_> =
                env::get_args().into_iter().skip(1).map(|arg| arg.to_str().unwrap().to_owned()).collect();
            let theirs: Vec<_> = std::env::args().skip(1).collect();
            assert_eq!(ours, theirs);
            print(&ours.join("\u{1}"));
        }
        "variables" => {
            for name in ["KEPT", "ADDED", "REMOVED"] {
                let ours = env::get_env(name).map(|value| value.to_str().unwrap().to_owned());
                assert_eq!(ours, std::env::var(name).ok());
                print(&format!("{name}={ours:?}\n"));
            }
        }
        "folder" => {
            assert_eq!(env::current_dir().unwrap().to_str(), std::env::current_dir().unwrap().to_str());
            print(env::current_dir().unwrap().to_str().unwrap());
        }
        "exit 7" => return 7,
        "shout" => {
            let mut text = String::new();
            std::io::stdin().read_to_string(&mut text).unwrap();
            print(&text.to_uppercase());
        }
        "much" => {
            for _ in 0..1000 {
                print(&"o".repeat(1000));
                std::io::stderr().write_all("e".repeat(1000).as_bytes()).unwrap();
            }
        }
        "sleep" => std::thread::sleep(Duration::from_secs(600)),
        // Through our own streams, whatever they lead to.
        "copy" => {
            let copied: io::Result<()> = rt::block_on(async {
                let (mut from, mut to) = (io::stdin(), io::stdout());
                loop {
                    let (count, bytes) = from.read(Vec::with_capacity(1000)).await;
                    if count? == 0 {
                        return Ok(());
                    }
                    write_all(&mut to, &bytes).await?;
                }
            });
            copied.unwrap();
        }
        "descriptors" => {
            let mut open: Vec<_> = std::fs::read_dir("/proc/self/fd")
                .map(|entries| entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect())
                .unwrap_or_default();
            open.sort();
            print(&open.join(" "));
        }
        "ctrl-c" => {
            let waited = rt::block_on(async {
                let (waiting, ()) = rt::join(ctrl_c(), async {
                    rt::yield_now().await;
                    print("waiting\n");
                    std::io::stdout().flush().unwrap();
                })
                .await;
                waiting
            });
            waited.unwrap();
            print("interrupted\n");
            // Nobody waits any more: the next one ends the process.
            print("default again\n");
            std::io::stdout().flush().unwrap();
            std::thread::sleep(Duration::from_secs(600));
        }
        "several" => {
            let set = Signals::new().with(Signal::Terminate).with(Signal::User1);
            let (one, (other, ())) = rt::block_on(rt::join(
                signal_wait(set),
                rt::join(signal_wait(Signals::new().with(Signal::Hangup)), async {
                    rt::yield_now().await;
                    print("waiting\n");
                    std::io::stdout().flush().unwrap();
                }),
            ));
            print(&format!("{:?} {:?}\n", one.unwrap(), other.unwrap()));
        }
        _ => panic!("no such act: {act}"),
    }
    0
}

fn text(bytes: &[u8]) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

fn a_child_gets_its_arguments_as_they_are() {
    let arguments =
        ["plain", "", "two words", "a\"quote", "back\\slash\\", "\\\"both\\\\\" ", "$HOME %PATH% *", "zwölf"];
    run(async {
        let output = me("arguments").args(arguments).output().await?;
        assert_eq!(text(&output.stdout).split('\u{1}').collect::<Vec<_>>(), arguments);
        Ok(())
    });
}

fn a_child_gets_the_variables_that_were_asked_for() {
    env::set_env("KEPT", "kept").unwrap();
    env::set_env("REMOVED", "not yet").unwrap();
    run(async {
        let output = me("variables").env("ADDED", "a=b c").env_remove("REMOVED").output().await?;
        assert_eq!(text(&output.stdout), "KEPT=Some(\"kept\")\nADDED=Some(\"a=b c\")\nREMOVED=None\n");
        Ok(())
    });
}

fn a_child_starts_in_its_folder() {
    let folder = Folder::new();
    run(async {
        let output = me("folder").current_dir(folder.path("")).output().await?;
        let there = std::fs::canonicalize(text(&output.stdout)).unwrap();
        assert_eq!(there, std::fs::canonicalize(folder.path("")).unwrap());
        let error = me("folder").current_dir(folder.path("missing")).output().await.unwrap_err();
        let kind = if cfg!(windows) { io::ErrorKind::NotADirectory } else { io::ErrorKind::NotFound };
        assert_eq!(error.kind(), kind);
        Ok(())
    });
}

fn exit_codes_are_passed_on() {
    run(async {
        let status = me("exit 7").status().await?;
        assert_eq!((status.success(), status.code(), status.signal()), (false, Some(7), None));
        let mut child = me("exit 7").spawn().await?;
        assert_eq!(child.wait().await?.code(), Some(7));
        assert_eq!(child.wait().await?.code(), Some(7));
        assert_eq!(child.try_wait()?.unwrap().code(), Some(7));
        Ok(())
    });
}

fn a_child_is_written_to_and_read_from() {
    run(async {
        let mut child = me("shout").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().await?;
        let mut stdin = child.stdin.take().unwrap();
        write_all(&mut stdin, b"hello ").await?;
        write_all(&mut stdin, b"child").await?;
        drop(stdin);
        let output = child.wait_with_output().await?;
        assert!(output.status.success());
        assert_eq!(text(&output.stdout), "HELLO CHILD");
        Ok(())
    });
}

fn both_outputs_are_collected_however_much_it_is() {
    run(async {
        let output = me("much").output().await?;
        assert!(output.status.success());
        assert!(output.stdout == vec![b'o'; 1_000_000] && output.stderr == vec![b'e'; 1_000_000]);
        Ok(())
    });
}

fn a_command_that_was_captured_once_is_as_before() {
    run(async {
        let mut command = me("much");
        command.stderr(Stdio::null());
        assert!(command.output().await?.stderr.is_empty());
        command.stdout(Stdio::null());
        // Nobody would read what it writes, if it still went to a pipe.
        assert!(command.status().await?.success());
        let mut child = me("shout");
        child.output().await?;
        let child = child.stdout(Stdio::piped()).spawn().await?;
        assert!(child.stdin.is_none() && child.stdout.is_some() && child.stderr.is_none());
        Ok(())
    });
}

fn a_program_that_is_missing_is_not_found() {
    run(async {
        for name in ["no-such-program-anywhere", "./no/such/program"] {
            let error = Command::new(name).spawn().await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::NotFound, "{name}");
        }
        Ok(())
    });
}

fn a_child_that_is_killed_has_ended() {
    run(async {
        let mut child = me("sleep").spawn().await?;
        assert!(child.try_wait()?.is_none());
        child.kill()?;
        assert!(!child.wait().await?.success());
        child.kill()
    });
}

fn waiting_can_be_given_up_and_taken_up_again() {
    run(async {
        let mut child = me("shout").stdin(Stdio::piped()).stdout(Stdio::null()).spawn().await?;
        let stdin = child.stdin.take();
        for _ in 0..10 {
            assert!(time::timeout(Duration::from_millis(1), child.wait()).await.is_err());
        }
        drop(stdin);
        assert!(child.wait().await?.success());
        Ok(())
    });
}

fn a_hundred_children_are_waited_for_at_once() {
    run(async {
        let tasks: Vec<_> = (0..100).map(|_| rt::spawn(async { me("exit 7").status().await })).collect();
        for task in tasks {
            assert_eq!(task.await.unwrap()?.code(), Some(7));
        }
        Ok(())
    });
}

fn streams_can_be_files_and_pipes() {
    let folder = Folder::new();
    std::fs::write(folder.path("in"), b"from a file").unwrap();
    run(async {
        let input = rusticated::fs::File::open(folder.path("in")).await?;
        let (mut reader, writer) = io::pipe()?;
        let mut command = me("shout");
        let mut child = command.stdin(input).stdout(writer).spawn().await?;
        drop(command); // it holds the other writer
        assert_eq!(text(&read_up_to(&mut reader, 1000).await?), "FROM A FILE");
        assert!(child.wait().await?.success());
        Ok(())
    });
}

fn a_child_inherits_nothing_else() {
    run(async {
        // Whoever runs the tests may have left descriptors open that all children inherit.
        let words = support::me();
        let before =
            std::process::Command::new(&words[0]).args(&words[1..]).env("CHILD", "descriptors").output().unwrap();
        let _held = (io::pipe()?, rusticated::net::TcpListener::bind("127.0.0.1:0").await?);
        let output = me("descriptors").output().await?;
        if cfg!(target_os = "linux") {
            assert_eq!(text(&output.stdout), text(&before.stdout));
        } else {
            assert!(output.status.success());
        }
        Ok(())
    });
}

fn standard_input_from_a_file_is_read_to_its_end() {
    let folder = Folder::new();
    let bytes: Vec<u8> = (0..100_000u32).map(|place| (place % 255) as u8).collect();
    std::fs::write(folder.path("in"), &bytes).unwrap();
    run(async {
        let (from, to) = (rusticated::fs::File::open(folder.path("in")).await?, folder.path("out"));
        let to = rusticated::fs::File::create(to).await?;
        assert!(me("copy").stdin(from).stdout(to).status().await?.success());
        assert!(std::fs::read(folder.path("out")).unwrap() == bytes);
        // And through pipes.
        let mut child = me("copy").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().await?;
        let mut stdin = child.stdin.take().unwrap();
        let sent = bytes.clone();
        let writing = rt::spawn(async move { write_all(&mut stdin, &sent).await });
        assert!(child.wait_with_output().await?.stdout == bytes);
        writing.await.unwrap()
    });
}

fn nul_bytes_are_refused() {
    run(async {
        for mut command in [Command::new("a\0b")] {
            assert_eq!(command.spawn().await.unwrap_err().kind(), io::ErrorKind::InvalidInput);
        }
        assert_eq!(me("arguments").arg("a\0b").spawn().await.unwrap_err().kind(), io::ErrorKind::InvalidInput);
        assert_eq!(me("arguments").env("A", "a\0b").spawn().await.unwrap_err().kind(), io::ErrorKind::InvalidInput);
        Ok(())
    });
}

#[cfg(unix)]
fn send(signal: &str, child: u32) {
    let status = std::process::Command::new("kill").args([format!("-{signal}"), child.to_string()]).status();
    assert!(status.unwrap().success());
}

#[cfg(unix)]
fn a_signal_that_ends_a_child_is_told() {
    run(async {
        let mut child = me("sleep").spawn().await?;
        send("TERM", child.id());
        let status = child.wait().await?;
        assert_eq!((status.success(), status.code(), status.signal()), (false, None, Some(15)));
        Ok(())
    });
}

#[cfg(unix)]
fn signals_are_waited_for() {
    run(async {
        let mut child = me("ctrl-c").stdout(Stdio::piped()).spawn().await?;
        let mut stdout = child.stdout.take().unwrap();
        assert_eq!(text(&read_up_to(&mut stdout, 8).await?), "waiting\n");
        send("INT", child.id());
        assert_eq!(text(&read_up_to(&mut stdout, 26).await?), "interrupted\ndefault again\n");
        send("INT", child.id());
        assert_eq!(child.wait().await?.signal(), Some(2));
        Ok(())
    });
}

#[cfg(unix)]
fn several_wait_for_signals_at_once() {
    run(async {
        let mut child = me("several").stdout(Stdio::piped()).spawn().await?;
        let mut stdout = child.stdout.take().unwrap();
        assert_eq!(text(&read_up_to(&mut stdout, 8).await?), "waiting\n");
        send("HUP", child.id());
        send("USR1", child.id());
        assert_eq!(text(&read_up_to(&mut stdout, 100).await?), "User1 Hangup\n");
        assert!(child.wait().await?.success());
        Ok(())
    });
}
