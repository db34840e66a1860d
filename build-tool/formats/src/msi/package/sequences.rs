//! The order in which Windows Installer acts: the SDK's "Suggested InstallExecuteSequence" and its kin, with our own
//! actions among them.

use super::super::Msi;
use super::super::database::{DatabaseWriter, Value};
use super::{FOR_MACHINE, FOR_USER};

/// Conditions name the scopes in angle brackets.
///
/// Before anything is computed from folders, they get the places that they had, or that one user's programs have.
const FOLDERS: &[(&str, &str, i32)] = &[
    ("FindRelatedProducts", "", 25),
    ("AppSearch", "", 50),
    ("LaunchConditions", "", 100),
    ("ValidateProductID", "", 700),
    ("RestoreMachineFolder", "NOT INSTALLDIR AND MACHINEFOLDER AND (<MACHINE>)", 710),
    ("RestoreUserFolder", "NOT INSTALLDIR AND USERFOLDER AND (<USER>)", 720),
    ("SetUserFolder", "NOT INSTALLDIR AND (<USER>)", 730),
    ("CostInitialize", "", 800),
    ("FileCost", "", 900),
    ("CostFinalize", "", 1000),
    ("MigrateFeatureStates", "", 1200),
];

const EXECUTE: &[(&str, &str, i32)] = &[
    ("SetInstallLocation", "", 1010),
    ("InstallValidate", "", 1400),
    ("InstallInitialize", "", 1500),
    // Within the transaction: if the new version cannot be installed, the old one comes back.
    ("RemoveExistingProducts", "", 1501),
    ("ProcessComponents", "", 1600),
    ("UnpublishFeatures", "", 1800),
    ("RemoveRegistryValues", "", 2600),
    ("RemoveShortcuts", "", 3200),
    ("RemoveEnvironmentStrings", "", 3300),
    ("RemoveFiles", "", 3500),
    ("RemoveFolders", "", 3600),
    ("CreateFolders", "", 3700),
    ("InstallFiles", "", 4000),
    ("CreateShortcuts", "", 4500),
    ("WriteRegistryValues", "", 5000),
    ("WriteEnvironmentStrings", "", 5200),
    ("RegisterUser", "", 6000),
    ("RegisterProduct", "", 6100),
    ("PublishFeatures", "", 6300),
    ("PublishProduct", "", 6400),
    ("InstallFinalize", "", 6600),
];

/// Who clicks it gets the dialogs, if there are any, before everything is handed to the service.
const WITH_DIALOGS: &[(&str, &str, i32)] = &[("ExecuteAction", "", 1300)];

const DIALOGS: &[(&str, &str, i32)] = &[
    ("FatalErrorDialog", "", -3),
    ("UserExitDialog", "", -2),
    ("ExitDialog", "", -1),
    ("LicenceDialog", "NOT Installed", 1230),
    ("MaintenanceDialog", "Installed AND NOT RESUME AND NOT Preselected", 1240),
    ("ProgressDialog", "", 1280),
];

/// `msiexec /a`: unpacks the files to a folder.
const ADMIN: &[(&str, &str, i32)] = &[
    ("CostInitialize", "", 800),
    ("FileCost", "", 900),
    ("CostFinalize", "", 1000),
    ("InstallValidate", "", 1400),
    ("InstallInitialize", "", 1500),
    ("InstallAdminPackage", "", 3900),
    ("InstallFiles", "", 4000),
    ("InstallFinalize", "", 6600),
];

const ADMIN_WITH_DIALOGS: &[(&str, &str, i32)] =
    &[("CostInitialize", "", 800), ("FileCost", "", 900), ("CostFinalize", "", 1000), ("ExecuteAction", "", 1300)];

/// `msiexec /j`: makes it known without installing it.
const ADVERTISE: &[(&str, &str, i32)] = &[
    ("CostInitialize", "", 800),
    ("CostFinalize", "", 1000),
    ("InstallValidate", "", 1400),
    ("InstallInitialize", "", 1500),
    ("PublishFeatures", "", 6300),
    ("PublishProduct", "", 6400),
    ("InstallFinalize", "", 6600),
];

pub(in crate::msi) fn add_sequences(database: &mut DatabaseWriter, msi: &Msi) {
    let mut add = |table, actions: &[(&str, &str, i32)]| {
        for (action, condition, number) in actions {
            let condition = condition.replace("<MACHINE>", FOR_MACHINE).replace("<USER>", FOR_USER);
            database.row(table, [(*action).into(), Value::from(condition), (*number).into()]);
        }
    };
    add("InstallExecuteSequence", FOLDERS);
    add("InstallExecuteSequence", EXECUTE);
    add("InstallUISequence", FOLDERS);
    add("InstallUISequence", WITH_DIALOGS);
    if msi.licence.is_some() {
        add("InstallUISequence", DIALOGS);
    }
    add("AdminExecuteSequence", ADMIN);
    add("AdminUISequence", ADMIN_WITH_DIALOGS);
    add("AdvtExecuteSequence", ADVERTISE);
}
