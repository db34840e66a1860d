//! The plugin `greeter` in Rust.

// Generated code is formatted by whoever generates it.
#[rustfmt::skip]
mod guest;

use guest::{CallError, Greeter, Host, JournalCaller, Plugin, Style, Tone};

struct Polite {
    journal: JournalCaller<'static>,
}

impl Plugin for Polite {
    fn new(host: Host<'static>) -> Result<Self, CallError> {
        Ok(Self { journal: host.open()? })
    }
}

impl Greeter for Polite {
    fn greet(&self, name: &str, style: &Style) -> Result<String, CallError> {
        if name.is_empty() {
            return Err(CallError::new(300, "whom shall I greet?"));
        }
        let greeting = match style.tone {
            Tone::Plain => format!("Hello, {name}."),
            Tone::Loud => format!("HELLO, {}!", name.to_uppercase()),
        };
        Ok(vec![greeting; style.times.into()].join(" "))
    }

    fn greet_all(&self, names: &[&str]) -> Result<Vec<String>, CallError> {
        let style = Style { tone: Tone::Plain, times: 1 };
        let greet = |name: &&str| {
            self.journal.write(&format!("greeted {name}"))?;
            self.greet(name, &style)
        };
        names.iter().map(greet).collect()
    }
}

polyplug_bindings::export_bundle!(guest::bundle::<Polite>);
