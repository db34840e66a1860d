//! What one run knows while it runs, shared by its native functions. Nothing here outlives the run or is seen by another.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, Instant};

use rquickjs::{Ctx, Error, FromJs, Function, Object, Persistent, Result};

use crate::ctrl_c::CtrlC;
use crate::settings::Settings;

/// How far the tests of a file have come.
#[derive(Clone, Debug, Default)]
pub(crate) struct Progress {
    /// The test that runs; empty: all are done.
    pub(crate) running: String,
    /// How many passed, failed, were skipped, are still to be written.
    pub(crate) counts: [u32; 4],
    /// The test that runs did not give way.
    pub(crate) interrupted: bool,
}

/// The state of a run.
pub(crate) struct State {
    /// What it was told.
    pub(crate) settings: Settings,
    /// What the script gets.
    pub(crate) args: Vec<OsString>,
    /// When it began.
    pub(crate) started: Instant,
    /// With which code it is to end; set: no script runs any more.
    exit: Cell<Option<i32>>,
    /// How long scripts may run without giving way.
    stretch: Cell<Option<Duration>>,
    /// When what runs now will have run that long.
    deadline: Cell<Option<Instant>>,
    /// How far tests have come.
    pub(crate) progress: RefCell<Progress>,
    /// What Ctrl-C does while a piece of code is evaluated; nothing of its own where nobody types.
    ctrl_c: RefCell<Option<CtrlC>>,
    /// Whether what runs is to be given up, and the run to go on.
    broken_off: Cell<bool>,
    /// Whether somebody waits for standard input.
    pub(crate) reading: Cell<bool>,
    /// The paths of modules whose names cannot be their paths.
    odd_names: RefCell<HashMap<String, PathBuf>>,
    /// What JavaScript does for the engine: a function for each thing.
    hooks: RefCell<Option<Persistent<Object<'static>>>>,
}

impl State {
    pub(crate) fn new(settings: Settings, args: Vec<OsString>) -> Rc<Self> {
        Rc::new(Self {
            settings,
            args,
            started: Instant::now(),
            exit: Cell::new(None),
            stretch: Cell::new(None),
            deadline: Cell::new(None),
            progress: RefCell::default(),
            ctrl_c: RefCell::default(),
            broken_off: Cell::new(false),
            reading: Cell::new(false),
            odd_names: RefCell::default(),
            hooks: RefCell::default(),
        })
    }

    /// The code with which the run is to end, once it is to.
    pub(crate) fn ending(&self) -> Option<i32> {
        self.exit.get()
    }

    /// Ends the run, unless that was done before.
    pub(crate) fn end(&self, code: i32) {
        if self.exit.get().is_none() {
            self.exit.set(Some(code));
        }
    }

    /// From here on Ctrl-C gives up what is evaluated, and not the run.
    pub(crate) fn take_ctrl_c(&self) {
        self.ctrl_c.replace(CtrlC::take());
    }

    /// From here on Ctrl-C does what it does to any program.
    pub(crate) fn give_ctrl_c_back(&self) {
        self.forget_ctrl_c();
        self.ctrl_c.take();
    }

    /// What was given up is over.
    pub(crate) fn forget_ctrl_c(&self) {
        self.is_broken_off();
        self.broken_off.set(false);
    }

    /// Whether somebody may give up what is evaluated.
    pub(crate) fn can_be_broken_off(&self) -> bool {
        self.ctrl_c.borrow().is_some()
    }

    /// Whether somebody did.
    pub(crate) fn is_broken_off(&self) -> bool {
        if self.ctrl_c.borrow().as_ref().is_some_and(CtrlC::was_pressed) {
            self.broken_off.set(true);
        }
        self.broken_off.get()
    }

    /// Whether what runs has to stop: it was given up, the run is over, or nothing else could run for too long, which
    /// ends it.
    pub(crate) fn interrupt(&self) -> bool {
        if self.exit.get().is_none() && self.deadline.get().is_some_and(|deadline| Instant::now() >= deadline) {
            self.progress.borrow_mut().interrupted = true;
            self.end(1);
        }
        self.exit.get().is_some() || self.is_broken_off()
    }

    /// Says how long scripts may run without giving way.
    pub(crate) fn set_stretch(&self, stretch: Option<Duration>) {
        self.stretch.set(stretch);
        self.begin_stretch();
    }

    /// Another piece of script begins to run.
    pub(crate) fn begin_stretch(&self) {
        self.deadline.set(self.stretch.get().map(|stretch| Instant::now() + stretch));
    }

    /// Takes the functions that JavaScript has for the engine.
    pub(crate) fn set_hooks<'js>(&self, ctx: &Ctx<'js>, hooks: Object<'js>) {
        self.hooks.replace(Some(Persistent::save(ctx, hooks)));
    }

    /// Lets go of them, before their runtime goes.
    pub(crate) fn forget_hooks(&self) {
        self.hooks.take();
    }

    /// One of them.
    pub(crate) fn hook<'js>(&self, ctx: &Ctx<'js>, name: &str) -> Result<Function<'js>> {
        let hooks = self.hooks.borrow().clone().ok_or(Error::Unknown)?;
        hooks.restore(ctx)?.get(name)
    }

    /// Calls one that takes nothing. Where it throws, the run ends: it does not on its own account.
    pub(crate) fn call<'js, T: FromJs<'js> + Default>(&self, ctx: &Ctx<'js>, name: &str) -> T {
        self.begin_stretch();
        match self.hook(ctx, name).and_then(|hook| hook.call(())) {
            Ok(value) => value,
            Err(error) => {
                self.fatal(ctx, &error);
                T::default()
            }
        }
    }

    /// Ends the run because of an error that nobody else can say.
    pub(crate) fn fatal(&self, ctx: &Ctx<'_>, error: &Error) {
        let pending = ctx.catch();
        if self.exit.get().is_none() && !self.broken_off.get() {
            let exception = pending.as_exception().and_then(rquickjs::Exception::message);
            // With little memory there is often none for an error with a message.
            let limited = self.settings.memory_limit > 0;
            let otherwise = || if limited { "out of memory".to_owned() } else { error.to_string() };
            let message = exception.filter(|message| !message.is_empty()).unwrap_or_else(otherwise);
            crate::output::write_error(format!("error: {message}\n").as_bytes());
            self.end(1);
        }
    }

    /// The name for a module: its path, or where that is no text, something that stands for it.
    pub(crate) fn module_name(&self, path: PathBuf) -> String {
        match path.to_str() {
            Some(text) if !text.contains('\0') => text.to_owned(),
            _ => {
                let name = path.to_string_lossy().replace('\0', "\u{FFFD}");
                let mut names = self.odd_names.borrow_mut();
                let mut unique = name.clone();
                let mut number = 2;
                while names.get(&unique).is_some_and(|taken| *taken != path) {
                    unique = format!("{name}#{number}");
                    number += 1;
                }
                names.insert(unique.clone(), path);
                unique
            }
        }
    }

    /// The path behind the name of a module.
    pub(crate) fn module_path(&self, name: &str) -> PathBuf {
        self.odd_names.borrow().get(name).cloned().unwrap_or_else(|| Path::new(name).to_owned())
    }
}
