//! Modules: names to paths and paths to code. The rules are in `js/resolve.js`; here is what QuickJS asks, and the
//! engine's own modules.

use std::fs;
use std::rc::Rc;

use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::{Ctx, Error, Module, Object, Result, String as JsString, Value, module::Declared};

use crate::state::State;
use crate::strings;

/// The engine's own modules: those that scripts may import, and those with `internal:` that they may not.
const OWN: &[(&str, &str)] = &[
    ("bun:test", include_str!("../js/test/module.js")),
    ("internal:bootstrap", include_str!("../js/bootstrap.js")),
    ("internal:builtins", include_str!("../js/builtins.js")),
    ("internal:common_js", include_str!("../js/common_js.js")),
    ("internal:console", include_str!("../js/console.js")),
    ("internal:equality", include_str!("../js/equality.js")),
    ("internal:errors", include_str!("../js/errors.js")),
    ("internal:format", include_str!("../js/format.js")),
    ("internal:inspect", include_str!("../js/inspect.js")),
    ("internal:main", include_str!("../js/main.js")),
    ("internal:repl", include_str!("../js/repl.js")),
    ("internal:resolve", include_str!("../js/resolve.js")),
    ("internal:table", include_str!("../js/table.js")),
    ("internal:test/asymmetric", include_str!("../js/test/asymmetric.js")),
    ("internal:test/diff", include_str!("../js/test/diff.js")),
    ("internal:test/expect", include_str!("../js/test/expect.js")),
    ("internal:test/matchers", include_str!("../js/test/matchers.js")),
    ("internal:test/mock", include_str!("../js/test/mock.js")),
    ("internal:test/runner", include_str!("../js/test/runner.js")),
    ("internal:test/suite", include_str!("../js/test/suite.js")),
    ("internal:text", include_str!("../js/text.js")),
    ("internal:timers", include_str!("../js/timers.js")),
    ("node:events", include_str!("../js/node/events.js")),
    ("node:fs", include_str!("../js/node/fs.js")),
    ("node:fs/promises", include_str!("../js/node/fs_promises.js")),
    ("node:module", include_str!("../js/node/module.js")),
    ("node:path", include_str!("../js/node/path.js")),
    ("node:process", include_str!("../js/node/process.js")),
    ("node:timers", include_str!("../js/node/timers.js")),
    ("node:timers/promises", include_str!("../js/node/timers_promises.js")),
    ("node:url", include_str!("../js/node/url.js")),
    ("node:util", include_str!("../js/node/util.js")),
];

/// Takes the native functions from where they were laid ready, so that no script finds them.
const TAKE_NATIVE: &str =
    "const native = globalThis['internal:native']; delete globalThis['internal:native']; export default native;";

/// The code of one of the engine's own modules.
fn own(name: &str) -> Option<&'static str> {
    if name == "internal:native" {
        return Some(TAKE_NATIVE);
    }
    OWN.iter().find(|(own, _)| *own == name).map(|(_, code)| *code)
}

/// The names that scripts may import.
pub(crate) fn builtin_names() -> impl Iterator<Item = &'static str> {
    OWN.iter().map(|(name, _)| *name).filter(|name| name.starts_with("node:"))
}

/// Finds modules, for the run that it belongs to.
pub(crate) struct Finder(pub(crate) Rc<State>);

impl Resolver for Finder {
    fn resolve<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        base: &str,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        let engines = base.is_empty() || own(base).is_some();
        if engines && own(name).is_some() {
            return Ok(name.to_owned());
        }
        let base = strings::to_js(ctx, self.0.module_path(base).as_os_str())?;
        let name = strings::to_js(ctx, self.0.module_path(name).as_os_str())?;
        let found: JsString<'_> = self.0.hook(ctx, "resolve")?.call((name, base))?;
        Ok(self.0.module_name(strings::os_string(&found).into()))
    }
}

impl Loader for Finder {
    fn load<'js>(
        &mut self,
        ctx: &Ctx<'js>,
        name: &str,
        _attributes: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        if let Some(code) = own(name) {
            return Module::declare(ctx.clone(), name, code);
        }
        let path = self.0.module_path(name);
        let place = strings::to_js(ctx, path.as_os_str())?;
        let made: Value<'js> = self.0.hook(ctx, "load")?.call((place.clone(),))?;
        let code = match made.as_string() {
            Some(code) => strings::text(code).into_bytes(),
            None => fs::read(&path).map_err(|error| Error::new_loading_message(name, error.to_string()))?,
        };
        let code = String::from_utf8(code).unwrap_or_else(|bad| String::from_utf8_lossy(bad.as_bytes()).into_owned());
        let module = Module::declare(ctx.clone(), name, code)?;
        self.0.hook(ctx, "meta")?.call::<_, ()>((module.meta()?, place))?;
        Ok(module)
    }
}

/// Imports one of the engine's own modules, and gives what it exports once it has been evaluated.
pub(crate) fn import_own<'js>(ctx: &Ctx<'js>, name: &str) -> Result<Object<'js>> {
    let code = own(name).ok_or_else(|| Error::new_loading(name))?;
    let (module, done) = Module::declare(ctx.clone(), name, code)?.eval()?;
    done.finish::<()>()?;
    module.namespace()
}
