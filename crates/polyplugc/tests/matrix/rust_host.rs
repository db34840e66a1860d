//! The host in Rust, over generated code: calls all of `test.Echo`, with the edges of every type.

use std::sync::{Arc, Mutex};

use polyplug::Runtime;

use crate::host::{CallError, Desk, EchoCaller, Host, Mood, Numbers, Person, Point, RelayCaller, Wide, register_desk};

/// What plugins have noted.
pub(crate) struct Noted(Arc<Mutex<String>>);

struct Reception(Arc<Mutex<String>>);

impl Desk for Reception {
    fn add(&self, a: i64, b: i64) -> Result<i64, CallError> {
        Ok(a + b)
    }

    fn note(&self, text: &str) -> Result<(), CallError> {
        if text.is_empty() {
            return Err(CallError::new(301, "empty"));
        }
        *self.0.lock().unwrap() = text.to_owned();
        Ok(())
    }

    fn greet(&self, who: &Person, mood: Mood) -> Result<String, CallError> {
        Ok(format!("{} is {}", who.name, if mood == Mood::Merry { "merry" } else { "not merry" }))
    }
}

pub(crate) fn prepare(runtime: &Arc<Runtime>) -> Noted {
    let noted = Arc::new(Mutex::new(String::new()));
    register_desk(Host::from(runtime), Reception(Arc::clone(&noted))).unwrap();
    Noted(noted)
}

/// Ends the function that it is in with what is wrong.
macro_rules! expect {
    ($what:expr, $right:expr) => {{
        let (what, right) = ($what, $right);
        if what != right {
            return Err(format!("{}:{}: {what:?} instead of {right:?}", file!(), line!()));
        }
    }};
}

pub(crate) fn check(noted: &Noted, runtime: &Arc<Runtime>) -> Result<(), String> {
    let echo: EchoCaller<'_> = Host::from(runtime).open().map_err(|error| error.to_string())?;
    expect!(echo.nothing(), Ok(()));
    let least = Numbers {
        a: 0,
        b: 0,
        c: 0,
        d: 0,
        e: i8::MIN,
        f: i16::MIN,
        g: i32::MIN,
        h: i64::MIN,
        j: f32::MIN,
        k: f64::MIN_POSITIVE,
    };
    expect!(echo.numbers(&least), Ok(least));
    let most = Numbers {
        a: u8::MAX,
        b: u16::MAX,
        c: u32::MAX,
        d: u64::MAX,
        e: i8::MAX,
        f: i16::MAX,
        g: i32::MAX,
        h: i64::MAX,
        j: f32::INFINITY,
        k: f64::MAX,
    };
    expect!(echo.numbers(&most), Ok(most));
    expect!(echo.largest(u64::MAX, 1), Ok(u64::MAX));
    expect!(echo.largest(i64::MAX as u64, 1 << 63), Ok(1 << 63));
    expect!(echo.negate(false, i64::MIN, Wide::Huge), Ok(i64::MIN));
    expect!(echo.negate(false, i64::MAX, Wide::Huge), Ok(-i64::MAX));
    expect!(echo.negate(true, 7, Wide::Zero), Ok(0));
    expect!(echo.is_merry(Mood::Merry), Ok(true));
    expect!(echo.is_merry(Mood::None), Ok(false));
    for text in ["héllo 😀", "a\0b", &"x".repeat(100_000)] {
        expect!(echo.shout(text), Ok(format!("{text}!")));
    }
    expect!(echo.shout(""), Ok(String::new()));
    expect!(echo.reverse(&[0, 255, 1]), Ok(vec![1, 255, 0]));
    expect!(echo.reverse(&[]), Ok(vec![]));
    expect!(echo.sum(&[i32::MAX, i32::MAX, i32::MIN]), Ok(i64::from(i32::MAX) - 1));
    expect!(echo.sum(&[]), Ok(0));
    expect!(echo.join(&["a", "", "ü"], "-"), Ok("a--ü".to_owned()));
    expect!(echo.join(&[], "-"), Ok(String::new()));
    expect!(echo.split("a,,b"), Ok(vec!["a".to_owned(), String::new(), "b".to_owned()]));
    expect!(echo.split(""), Ok(vec![]));
    let person = Person {
        name: "Zoë".to_owned(),
        age: 41,
        awake: true,
        mood: Mood::Calm,
        photo: vec![0, 255, 1],
        home: Point { x: 1.5, y: -2.25 },
        nicknames: vec!["a".to_owned(), String::new()],
        path: vec![Point { x: 1.0, y: 2.0 }, Point { x: -3.0, y: 4.5 }],
    };
    expect!(echo.birthday(&person), Ok(Person { age: 42, mood: Mood::Merry, ..person.clone() }));
    let older = Person { age: 255, nicknames: vec![], ..person.clone() };
    expect!(echo.oldest(&[person.clone(), older.clone(), person]), Ok(older));
    expect!(echo.oldest(&[]), Err(CallError::new(300, "nobody")));
    expect!(echo.transpose(&[vec![1, 2, 65535], vec![4, 5, 6]]), Ok(vec![vec![1, 4], vec![2, 5], vec![65535, 6]]));
    expect!(echo.transpose(&[]), Ok(vec![]));
    expect!(echo.moods(&[Mood::Calm, Mood::None]), Ok(vec![Mood::Calm, Mood::None]));
    expect!(echo.fail(4_000_000_000, "on purpose"), Err(CallError::new(4_000_000_000, "on purpose")));
    expect!(echo.via_host(i32::MIN, -1), Ok(i64::from(i32::MIN) - 1));
    expect!(&*noted.0.lock().unwrap(), "added");
    Ok(())
}

pub(crate) fn check_relay(runtime: &Arc<Runtime>) -> Result<(), String> {
    let relay: RelayCaller<'_> = Host::from(runtime).open().map_err(|error| error.to_string())?;
    expect!(relay.shout_twice("again"), Ok("again!!".to_owned()));
    expect!(relay.first_failure(), Ok(444));
    Ok(())
}
