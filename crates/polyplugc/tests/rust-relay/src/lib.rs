//! The plugin `relay` in Rust, over generated code: it calls another bundle.

#[rustfmt::skip]
mod guest;

use std::sync::Mutex;

use guest::{CallError, EchoCaller, Host, Plugin, Relay};

struct Chain(Mutex<EchoCaller<'static>>);

impl Plugin for Chain {
    fn new(host: Host<'static>) -> Result<Self, CallError> {
        Ok(Self(Mutex::new(host.open()?)))
    }
}

impl Relay for Chain {
    fn shout_twice(&self, text: &str) -> Result<String, CallError> {
        let echo = self.0.lock().map_err(|_| "a call before this one panicked")?;
        echo.shout(&echo.shout(text)?)
    }

    fn first_failure(&self) -> Result<u32, CallError> {
        let echo = self.0.lock().map_err(|_| "a call before this one panicked")?;
        match echo.fail(444, "on purpose") {
            Err(error) if error.message() == "on purpose" => Ok(error.code()),
            other => Err(format!("it did not fail as it should: {other:?}").into()),
        }
    }
}

polyplug_bindings::export_bundle!(guest::bundle::<Chain>);
