//! The plugin `echo` in Rust, over generated code.

#[rustfmt::skip]
mod guest;

use guest::{CallError, DeskCaller, Echo, Host, Mood, Numbers, Person, Plugin, Point, Wide};

struct Parrot(Host<'static>);

impl Plugin for Parrot {
    fn new(host: Host<'static>) -> Result<Self, CallError> {
        Ok(Self(host))
    }
}

impl Echo for Parrot {
    fn nothing(&self) -> Result<(), CallError> {
        Ok(())
    }

    fn numbers(&self, value: &Numbers) -> Result<Numbers, CallError> {
        Ok(*value)
    }

    fn largest(&self, a: u64, b: u64) -> Result<u64, CallError> {
        Ok(a.max(b))
    }

    fn negate(&self, flag: bool, number: i64, wide: Wide) -> Result<i64, CallError> {
        Ok(match (wide, flag) {
            (Wide::Zero, _) => 0,
            (Wide::Huge, true) => number,
            (Wide::Huge, false) => number.wrapping_neg(),
        })
    }

    fn is_merry(&self, mood: Mood) -> Result<bool, CallError> {
        Ok(mood == Mood::Merry)
    }

    fn shout(&self, text: &str) -> Result<String, CallError> {
        Ok(if text.is_empty() { String::new() } else { format!("{text}!") })
    }

    fn reverse(&self, data: &[u8]) -> Result<Vec<u8>, CallError> {
        Ok(data.iter().rev().copied().collect())
    }

    fn sum(&self, values: &[i32]) -> Result<i64, CallError> {
        Ok(values.iter().map(|value| i64::from(*value)).sum())
    }

    fn join(&self, parts: &[&str], between: &str) -> Result<String, CallError> {
        Ok(parts.join(between))
    }

    fn split(&self, text: &str) -> Result<Vec<String>, CallError> {
        Ok(text.split(',').filter(|_| !text.is_empty()).map(str::to_owned).collect())
    }

    fn birthday(&self, person: &Person) -> Result<Person, CallError> {
        Ok(Person { age: person.age + 1, mood: Mood::Merry, ..person.clone() })
    }

    fn oldest(&self, people: &[Person]) -> Result<Person, CallError> {
        people.iter().max_by_key(|person| person.age).cloned().ok_or_else(|| CallError::new(300, "nobody"))
    }

    fn transpose(&self, rows: &[Vec<u16>]) -> Result<Vec<Vec<u16>>, CallError> {
        let width = rows.first().map_or(0, Vec::len);
        Ok((0..width).map(|column| rows.iter().map(|row| row[column]).collect()).collect())
    }

    fn moods(&self, values: &[Mood]) -> Result<Vec<Mood>, CallError> {
        Ok(values.to_vec())
    }

    fn fail(&self, code: u32, message: &str) -> Result<u32, CallError> {
        assert!(code != 0, "{message}");
        Err(CallError::new(code, message))
    }

    fn via_host(&self, a: i32, b: i32) -> Result<i64, CallError> {
        let desk: DeskCaller<'_> = self.0.open()?;
        desk.note("added")?;
        match desk.note("") {
            Err(error) if error.code() == 301 && error.message() == "empty" => {}
            other => return Err(format!("the empty note: {other:?}").into()),
        }
        let ada = Person {
            name: "Ada".to_owned(),
            age: 36,
            awake: true,
            mood: Mood::Calm,
            photo: Vec::new(),
            home: Point { x: 1.0, y: 2.0 },
            nicknames: Vec::new(),
            path: vec![],
        };
        let greeting = desk.greet(&ada, Mood::Merry)?;
        if greeting != "Ada is merry" {
            return Err(format!("the greeting: {greeting}").into());
        }
        desk.add(a.into(), b.into())
    }
}

polyplug_bindings::export_bundle!(guest::bundle::<Parrot>);
