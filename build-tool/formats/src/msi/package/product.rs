//! What a package does beside its files: properties, upgrades, PATH, the Start menu, the registry, and how it finds the
//! folder into which an earlier version went.

use super::super::database::{DatabaseWriter, Value};
use super::super::identity::Identity;
use super::super::names::{check, formatted, with_short_names};
use super::super::{Msi, MsiError, MsiScope};
use super::files::{Files, ON_REMOVE, add_component};
use super::{FEATURE, FOR_MACHINE, FOR_USER, FULL_VERSION, INSTALL_FOLDER, IS_64_BIT, KEY_IN_REGISTRY};
use crate::msi::summary::LANGUAGE;

/// The component that remembers the install folder: the one that is there always, and always removed.
pub(super) const REGISTRATION: &str = "Registration";

const START_MENU: &str = "ProgramMenuFolder";
const OWN_MENU: &str = "ShortcutFolder";

/// Roots of the registry: the user's or the machine's, as the installation is for; and each of them.
const BY_SCOPE: i32 = -1;
const USER: i32 = 1;
const MACHINE: i32 = 2;

/// msidbLocatorTypeRawValue and msidbLocatorType64bit.
const RAW_VALUE_64_BIT: i32 = 2 | 16;

/// msidbUpgradeAttributesMigrateFeatures and msidbUpgradeAttributesVersionMaxInclusive.
const REPLACE: i32 = 1 | 512;
/// msidbUpgradeAttributesOnlyDetect.
const DETECT: i32 = 2;

/// msidbFeatureAttributesUIDisallowAbsent and msidbFeatureAttributesDisallowAdvertise.
const WHOLE: i32 = 16 | 8;

/// The type of action that sets a property.
const SET_PROPERTY: i32 = 51;

pub(super) fn add_rows(
    database: &mut DatabaseWriter,
    msi: &Msi,
    identity: &Identity,
    version: &str,
    files: &Files<'_>,
) -> Result<(), MsiError> {
    add_properties(database, msi, identity, version, files)?;
    let title = with_limit("name", &msi.name, 64)?;
    database.row(
        "Feature",
        [
            FEATURE.into(),
            Value::Null,
            title.into(),
            Value::Null,
            1.into(),
            1.into(),
            INSTALL_FOLDER.into(),
            WHOLE.into(),
        ],
    );
    // The same version counts as an older one: what the three numbers do not say may differ.
    let code = identity.upgrade_code();
    let no: Value = Value::Null;
    database.row(
        "Upgrade",
        [(&code).into(), no.clone(), version.into(), no.clone(), REPLACE.into(), no.clone(), "OLDERFOUND".into()],
    );
    database
        .row("Upgrade", [code.into(), version.into(), no.clone(), no.clone(), DETECT.into(), no, "NEWERFOUND".into()]);
    database.row("LaunchCondition", [
        "Installed OR NOT NEWERFOUND".into(),
        "A newer version of [ProductName] is already installed. Remove it first to install version [ProductVersion]."
            .into(),
    ]);
    let registry = registry_key(msi)?;
    add_registration(database, msi, identity, &registry);
    if let Some(path) = &msi.path {
        add_path(database, identity, &registry, path, files)?;
    }
    if !msi.shortcuts.is_empty() {
        add_shortcuts(database, msi, identity, &registry, files)?;
    }
    if let Some(icon) = &msi.icon {
        if !icon.starts_with(&[0, 0, 1, 0]) {
            return Err(MsiError::Value {
                what: "icon",
                value: String::new(),
                reason: "its bytes are not those of an .ico file".to_owned(),
            });
        }
        database.row("Icon", ["Product.ico".into(), Value::Binary(icon.clone())]);
    }
    Ok(())
}

fn add_properties(
    database: &mut DatabaseWriter,
    msi: &Msi,
    identity: &Identity,
    version: &str,
    files: &Files<'_>,
) -> Result<(), MsiError> {
    for (what, value) in [("name", &msi.name), ("manufacturer", &msi.manufacturer)] {
        if value.trim().is_empty() || value.contains(char::is_control) {
            let reason = "it must be one line that is not empty".to_owned();
            return Err(MsiError::Value { what, value: value.clone(), reason });
        }
    }
    let mut property = |name: &str, value: &str| {
        // A property without a value is one that is not there.
        if !value.is_empty() {
            database.row("Property", [name.into(), value.into()]);
        }
    };
    property("ProductName", &msi.name);
    property("ProductVersion", version);
    property(FULL_VERSION, &msi.version);
    property("ProductCode", &identity.product_code());
    property("UpgradeCode", &identity.upgrade_code());
    property("Manufacturer", &msi.manufacturer);
    property("ProductLanguage", LANGUAGE);
    match msi.scope {
        MsiScope::Machine => property("ALLUSERS", "1"),
        MsiScope::User => {
            property("ALLUSERS", "2");
            property("MSIINSTALLPERUSER", "1");
        }
    }
    // All files are replaced, whatever versions they tell: a program without a version resource would not replace
    // one with it, and then be removed along with the old product.
    property("REINSTALLMODE", "amus");
    property("SecureCustomProperties", "INSTALLDIR;MACHINEFOLDER;NEWERFOUND;OLDERFOUND;USERFOLDER");
    property("ARPNOMODIFY", "1");
    property("ARPCOMMENTS", &msi.summary);
    property("ARPCONTACT", msi.contact.as_deref().unwrap_or_default());
    property("ARPURLINFOABOUT", msi.homepage.as_deref().unwrap_or_default());
    property("ARPHELPLINK", msi.help.as_deref().unwrap_or_default());
    property("ARPSIZE", &files.size().div_ceil(1024).to_string());
    if msi.icon.is_some() {
        property("ARPPRODUCTICON", "Product.ico");
    }
    Ok(())
}

/// Remembers the install folder, and finds it again: an upgrade, a repair and the removal go where the user once chose.
fn add_registration(database: &mut DatabaseWriter, msi: &Msi, identity: &Identity, registry: &str) {
    let folder = "[INSTALLDIR]";
    add_registry_component(database, identity, REGISTRATION, (INSTALL_FOLDER, ""), registry, ("InstallFolder", folder));
    database.table("Signature");
    for (property, signature, root) in [("MACHINEFOLDER", "MachineFolder", MACHINE), ("USERFOLDER", "UserFolder", USER)]
    {
        database.row("AppSearch", [property.into(), signature.into()]);
        let name = "InstallFolder";
        database
            .row("RegLocator", [signature.into(), root.into(), registry.into(), name.into(), RAW_VALUE_64_BIT.into()]);
    }
    let below = formatted(&msi.install_folder);
    for (action, property, target) in [
        ("RestoreMachineFolder", INSTALL_FOLDER, "[MACHINEFOLDER]"),
        ("RestoreUserFolder", INSTALL_FOLDER, "[USERFOLDER]"),
        ("SetUserFolder", INSTALL_FOLDER, &format!("[LocalAppDataFolder]Programs\\{below}\\")),
        ("SetInstallLocation", "ARPINSTALLLOCATION", folder),
    ] {
        database.row("CustomAction", [action.into(), SET_PROPERTY.into(), property.into(), target.into()]);
    }
}

/// Adds to PATH: the machine's or the user's (the `*` in the name tells them apart), removed with the product. At the
/// beginning: so the program that was installed on purpose is the one that is found, and so removal leaves no `;` in
/// Wine either, which leaves it behind what stands at the end.
fn add_path(
    database: &mut DatabaseWriter,
    identity: &Identity,
    registry: &str,
    path: &str,
    files: &Files<'_>,
) -> Result<(), MsiError> {
    if files.directory(path).is_none() {
        return Err(MsiError::Value {
            what: "folder for PATH",
            value: path.to_owned(),
            reason: "nothing is installed into it".to_owned(),
        });
    }
    let folder = format!("[INSTALLDIR]{};[~]", path.split('/').map(formatted).collect::<Vec<_>>().join("\\"));
    for (component, name, condition) in [("MachinePath", "=-*PATH", FOR_MACHINE), ("UserPath", "=-PATH", FOR_USER)] {
        add_registry_component(database, identity, component, (INSTALL_FOLDER, condition), registry, (component, "1"));
        database.row("Environment", [component.into(), name.into(), (&folder).into(), component.into()]);
    }
    Ok(())
}

fn add_shortcuts(
    database: &mut DatabaseWriter,
    msi: &Msi,
    identity: &Identity,
    registry: &str,
    files: &Files<'_>,
) -> Result<(), MsiError> {
    let name_error = |what, value: &str| {
        let value = value.to_owned();
        move |reason: &'static str| MsiError::Value { what, value, reason: reason.to_owned() }
    };
    database.row("Directory", [START_MENU.into(), "TARGETDIR".into(), ".".into()]);
    let folder = if let Some(name) = &msi.start_menu_folder {
        check(name).map_err(name_error("folder of the Start menu", name))?;
        let names = with_short_names(&[name]);
        database.row("Directory", [OWN_MENU.into(), START_MENU.into(), names.concat().into()]);
        database
            .row("RemoveFile", [OWN_MENU.into(), "Shortcuts".into(), Value::Null, OWN_MENU.into(), ON_REMOVE.into()]);
        OWN_MENU
    } else {
        START_MENU
    };
    add_registry_component(database, identity, "Shortcuts", (folder, ""), registry, ("Shortcuts", "1"));
    let mut lower: Vec<String> = msi.shortcuts.iter().map(|shortcut| shortcut.name.to_lowercase()).collect();
    lower.sort_unstable();
    if let Some(pair) = lower.windows(2).find(|pair| pair[0] == pair[1]) {
        return Err(MsiError::SameName(pair[0].clone(), pair[1].clone()));
    }
    // The installer adds `.lnk`, to the short names, too: so they have no extension before it.
    let names: Vec<String> = msi.shortcuts.iter().map(|shortcut| shortcut.name.replace('.', "_")).collect();
    let names = with_short_names(&names.iter().map(String::as_str).collect::<Vec<_>>());
    for (at, (shortcut, name)) in msi.shortcuts.iter().zip(names).enumerate() {
        check(&shortcut.name).map_err(name_error("name of a shortcut", &shortcut.name))?;
        with_limit("name of a shortcut", &shortcut.name, 100)?;
        let (file, directory) = files.file(&shortcut.target).ok_or_else(|| MsiError::Value {
            what: "target of a shortcut",
            value: shortcut.target.clone(),
            reason: "it is no file of the payload".to_owned(),
        })?;
        let short = name.split('|').next().unwrap_or_default();
        database.row(
            "Shortcut",
            [
                format!("S{}", at + 1).into(),
                folder.into(),
                if short == shortcut.name { short.into() } else { format!("{short}|{}", shortcut.name).into() },
                "Shortcuts".into(),
                format!("[#{file}]").into(),
                formatted(&shortcut.arguments).into(),
                with_limit("description of a shortcut", &shortcut.description, 255)?.into(),
                Value::Null,
                Value::Null,
                Value::Null,
                Value::Null,
                directory.into(),
            ],
        );
    }
    Ok(())
}

/// A component whose key is an entry of the registry: of the user's or the machine's, as the installation is.
fn add_registry_component(
    database: &mut DatabaseWriter,
    identity: &Identity,
    component: &str,
    (directory, condition): (&str, &str),
    registry: &str,
    (name, value): (&str, &str),
) {
    let id = identity.component("registry", component);
    add_component(database, component, id, directory, IS_64_BIT | KEY_IN_REGISTRY, condition, component);
    let row = [component.into(), BY_SCOPE.into(), registry.into(), name.into(), value.into(), component.into()];
    database.row("Registry", row);
}

/// The product's own key of the registry.
fn registry_key(msi: &Msi) -> Result<String, MsiError> {
    let part = |text: &str| text.replace(['\\', '[', ']', '{', '}'], "_");
    let key = format!("Software\\{}\\{}", part(&msi.manufacturer), part(&msi.name));
    with_limit("manufacturer and name", &key, 255)?;
    Ok(key)
}

fn with_limit<'a>(what: &'static str, text: &'a str, limit: usize) -> Result<&'a str, MsiError> {
    if text.chars().count() <= limit {
        return Ok(text);
    }
    let reason = format!("it is longer than {limit} characters");
    Err(MsiError::Value { what, value: text.to_owned(), reason })
}
