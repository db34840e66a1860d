//! Arguments, variables and processes.
use std::env;
use std::io::{Read, Write};
use std::process::{Command, Stdio, exit};

fn main() {
    println!("{:?} {}", env::args().skip(1).collect::<Vec<_>>(), env::args_os().len());
    println!("{:?} {:?} {:?}", env::var("DEMO"), env::var("NOTHING"), env::var_os("DEMO"));
    // SAFETY: there is one thread.
    unsafe { env::set_var("ADDED", "yes") };
    println!("{:?} {}", env::var("ADDED"), env::vars().any(|(name, _)| name == "ADDED"));
    let here = env::current_dir().unwrap();
    env::set_current_dir("/").unwrap();
    println!("{:?} {}", env::current_dir().unwrap(), env::current_exe().unwrap().is_absolute());
    env::set_current_dir(here).unwrap();

    let output =
        Command::new("sh").args(["-c", "echo \"$ADDED $1\"; echo wrong >&2; exit 3", "sh", "a b"]).output().unwrap();
    println!("{:?} {:?}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    println!("{} {:?}", output.status, output.status.code());
    let mut child = Command::new("cat").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"through a child").unwrap();
    let mut text = String::new();
    child.stdout.take().unwrap().read_to_string(&mut text).unwrap();
    println!("{text} {}", child.wait().unwrap());
    let status = Command::new("sh").args(["-c", "kill -9 $$"]).status().unwrap();
    println!("{status} {:?}", status.success());
    println!("{:?}", Command::new("there-is-no-such-program").spawn().map(drop));
    println!("{:?}", Command::new("env").env_clear().env("ONLY", "this").output().unwrap().stdout);
    print!("handed on at the end");
    exit(42)
}
