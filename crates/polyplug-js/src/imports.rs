//! What a script may import: `polyplug`, and files of its own folder.

use std::cell::RefCell;
use std::rc::Rc;

use polyplug_script::folder::Folder;
use rquickjs::loader::{ImportAttributes, Loader, Resolver};
use rquickjs::module::{Declared, Exports, ModuleDef};
use rquickjs::{Ctx, Error, JsLifetime, Module, Persistent, Result, Value};

/// What scripts call the module of this crate.
pub(crate) const POLYPLUG: &str = "polyplug";

/// Where imports are looked for. Programs of a host get theirs when they run.
#[derive(Clone, Debug, Default)]
pub(crate) struct Imports {
    folder: Rc<RefCell<Option<Folder>>>,
}

impl Imports {
    pub(crate) fn set_folder(&self, folder: Folder) {
        self.folder.replace(Some(folder));
    }
}

impl Resolver for Imports {
    fn resolve<'js>(
        &mut self,
        _: &Ctx<'js>,
        base: &str,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<String> {
        if name == POLYPLUG {
            return Ok(name.to_owned());
        }
        let refused = |why: &str| Error::new_resolving_message(base, name, why);
        if !name.starts_with("./") && !name.starts_with("../") {
            return Err(refused("imports are \"polyplug\" and files, as in \"./a.js\""));
        }
        let mut parts: Vec<&str> = base.split('/').collect();
        parts.pop();
        for part in name.split('/') {
            match part {
                "." | "" => {}
                ".." => {
                    parts.pop().ok_or_else(|| refused("this is not in the script's folder"))?;
                }
                part => parts.push(part),
            }
        }
        let folder = self.folder.borrow();
        let folder = folder.as_ref().ok_or_else(|| refused("there is no folder to look in"))?;
        match folder.find(&parts.join("/")) {
            // With links resolved: one file is one module.
            Ok(Some(file)) => Ok(folder.shown(&file)),
            Ok(None) => Err(refused("there is no such file in the script's folder")),
            Err(fault) => Err(refused(&fault.message)),
        }
    }
}

impl Loader for Imports {
    fn load<'js>(
        &mut self,
        context: &Ctx<'js>,
        name: &str,
        _: Option<ImportAttributes<'js>>,
    ) -> Result<Module<'js, Declared>> {
        if name == POLYPLUG {
            return Module::declare_def::<Polyplug, _>(context.clone(), name);
        }
        let folder = self.folder.borrow();
        let read = folder.as_ref().map(|folder| folder.read(name));
        match read {
            Some(Ok((shown, source))) => Module::declare(context.clone(), shown, source),
            Some(Err(fault)) => Err(Error::new_loading_message(name, fault.message)),
            None => Err(Error::new_loading_message(name, "there is no folder to look in")),
        }
    }
}

/// The object that `polyplug` exports, kept in its context.
pub(crate) struct Exported(pub(crate) Persistent<Value<'static>>);

// SAFETY: nothing in it has the lifetime of a context.
#[allow(unsafe_code)]
unsafe impl<'js> JsLifetime<'js> for Exported {
    type Changed<'to> = Exported;
}

/// The module `polyplug`.
struct Polyplug;

impl ModuleDef for Polyplug {
    fn declare<'js>(declarations: &rquickjs::module::Declarations<'js>) -> Result<()> {
        declarations.declare("default")?;
        Ok(())
    }

    fn evaluate<'js>(context: &Ctx<'js>, exports: &Exports<'js>) -> Result<()> {
        let exported = context.userdata::<Exported>().map(|exported| exported.0.clone());
        let exported = exported.ok_or(Error::Unknown)?.restore(context)?;
        exports.export("default", exported)?;
        Ok(())
    }
}
