//! The dialogs of a package whose licence is to be accepted: the few that Windows Installer asks for (the SDK's "User
//! Interface Wizard Behavior") and nothing more. With `/qb` or `/qn` none of them is shown.

use super::super::database::{DatabaseWriter, Value};
use super::super::licence::rtf;

/// msidbDialogAttributes: visible; waits for the user; shows errors.
const VISIBLE: i32 = 1;
const MODAL: i32 = 2;
const SHOWS_ERRORS: i32 = 65536;

/// msidbControlAttributes: visible and enabled; with a sunken frame.
const NORMAL: i32 = 3;
const SUNKEN: i32 = 4;
/// Text that shows `&` as it is: msidbControlAttributesNoPrefix.
const NO_PREFIX: i32 = 0x20000;

/// The size of a large dialog and of a small one, in units of a twelfth of the font's height.
const LARGE: (i32, i32) = (370, 270);
const SMALL: (i32, i32) = (270, 105);

/// Buttons stand in a row that ends this far from the right edge, this wide and high, this far apart.
const MARGIN: i32 = 10;
const BUTTON: (i32, i32) = (66, 17);
const GAP: i32 = 6;

/// A control's event: the condition under which it happens is `1` for always.
type Event = (&'static str, &'static str, &'static str);

const ALWAYS: &str = "1";
const ACCEPTED: &str = "LICENCEACCEPTED = \"1\"";
const RETURN: Event = ("EndDialog", "Return", ALWAYS);
const EXIT: Event = ("EndDialog", "Exit", ALWAYS);
const ASK_WHETHER_TO_CANCEL: Event = ("SpawnDialog", "CancelDialog", ALWAYS);

/// A dialog that only says something and has buttons.
struct Message {
    name: &'static str,
    size: (i32, i32),
    attributes: i32,
    text: &'static str,
    /// Name, text and events, from left to right. The last is taken by Escape, the first by Enter.
    buttons: &'static [(&'static str, &'static str, &'static [Event])],
}

const FINISH: &[(&str, &str, &[Event])] = &[("Finish", "&Finish", &[EXIT])];

const MESSAGES: &[Message] = &[
    Message {
        name: "CancelDialog",
        size: SMALL,
        attributes: VISIBLE | MODAL,
        text: "Do you want to cancel the installation of [ProductName]?",
        buttons: &[("Yes", "&Yes", &[EXIT]), ("No", "&No", &[RETURN])],
    },
    Message {
        name: "ErrorDialog",
        size: SMALL,
        attributes: VISIBLE | MODAL | SHOWS_ERRORS,
        text: "",
        // The installer shows those that the error allows, by these names.
        buttons: &[
            ("A", "&Abort", &[("EndDialog", "ErrorAbort", ALWAYS)]),
            ("C", "&Cancel", &[("EndDialog", "ErrorCancel", ALWAYS)]),
            ("I", "&Ignore", &[("EndDialog", "ErrorIgnore", ALWAYS)]),
            ("N", "&No", &[("EndDialog", "ErrorNo", ALWAYS)]),
            ("O", "OK", &[("EndDialog", "ErrorOk", ALWAYS)]),
            ("R", "&Retry", &[("EndDialog", "ErrorRetry", ALWAYS)]),
            ("Y", "&Yes", &[("EndDialog", "ErrorYes", ALWAYS)]),
        ],
    },
    Message {
        name: "ExitDialog",
        size: LARGE,
        attributes: VISIBLE | MODAL,
        text: "[ProductName] [FullVersion]: done.",
        buttons: &[("Finish", "&Finish", &[RETURN])],
    },
    Message {
        name: "FatalErrorDialog",
        size: LARGE,
        attributes: VISIBLE | MODAL,
        text: "An error has ended the installation of [ProductName]. Nothing was changed.",
        buttons: FINISH,
    },
    Message {
        name: "MaintenanceDialog",
        size: LARGE,
        attributes: VISIBLE | MODAL,
        text: "[ProductName] [FullVersion] is installed. It can be repaired or removed.",
        buttons: &[
            ("Repair", "Re&pair", &[("ReinstallMode", "amus", ALWAYS), ("Reinstall", "ALL", ALWAYS), RETURN]),
            ("Remove", "&Remove", &[("Remove", "ALL", ALWAYS), RETURN]),
            ("Cancel", "Cancel", &[ASK_WHETHER_TO_CANCEL]),
        ],
    },
    Message {
        name: "UserExitDialog",
        size: LARGE,
        attributes: VISIBLE | MODAL,
        text: "The installation of [ProductName] was cancelled. Nothing was changed.",
        buttons: FINISH,
    },
];

pub(super) fn add_rows(database: &mut DatabaseWriter, licence: &str) {
    let mut property = |name: &str, value: &str| database.row("Property", [name.into(), value.into()]);
    property("DefaultUIFont", "Normal");
    property("ErrorDialog", "ErrorDialog");
    database.row("TextStyle", ["Normal".into(), "Tahoma".into(), 8.into(), Value::Null, Value::Null]);
    for message in MESSAGES {
        let mut dialog = Dialog::new(database, message.name, message.size, message.attributes);
        let text = if message.attributes & SHOWS_ERRORS == 0 { "Text" } else { "ErrorText" };
        dialog.text(text, 20, 40, message.text);
        dialog.buttons(message.buttons);
        dialog.finish();
    }
    licence_dialog(database, licence);
    progress_dialog(database);
    files_in_use_dialog(database);
}

fn licence_dialog(database: &mut DatabaseWriter, licence: &str) {
    let mut dialog = Dialog::new(database, "LicenceDialog", LARGE, VISIBLE | MODAL);
    dialog.text("Text", 10, 20, "To install [ProductName] [FullVersion], please read and accept its licence:");
    dialog.control("Licence", "ScrollableText", (MARGIN, 32, 350, 175), NORMAL | SUNKEN, "", &rtf(licence));
    let accept = "I &accept the terms of the licence";
    dialog.control("Accept", "CheckBox", (MARGIN, 213, 350, 17), NORMAL, "LICENCEACCEPTED", accept);
    let install: &[Event] = &[("EndDialog", "Return", ACCEPTED)];
    dialog.buttons(&[("Install", "&Install", install), ("Cancel", "Cancel", &[ASK_WHETHER_TO_CANCEL])]);
    dialog.finish();
    for (action, condition) in [("Disable", format!("NOT ({ACCEPTED})")), ("Enable", ACCEPTED.to_owned())] {
        let row = ["LicenceDialog".into(), "Install".into(), action.into(), condition.into()];
        database.row("ControlCondition", row);
    }
}

fn progress_dialog(database: &mut DatabaseWriter) {
    let name = "ProgressDialog";
    let mut dialog = Dialog::new(database, name, LARGE, VISIBLE);
    dialog.text("Text", 20, 30, "Please wait: Windows works on [ProductName].");
    dialog.control("ActionText", "Text", (MARGIN, 70, 350, 17), NORMAL | NO_PREFIX, "", "");
    dialog.control("Progress", "ProgressBar", (MARGIN, 90, 350, 10), NORMAL, "", "");
    dialog.buttons(&[("Cancel", "Cancel", &[ASK_WHETHER_TO_CANCEL])]);
    dialog.finish();
    for (control, event, attribute) in [("ActionText", "ActionText", "Text"), ("Progress", "SetProgress", "Progress")] {
        database.row("EventMapping", [name.into(), control.into(), event.into(), attribute.into()]);
    }
}

/// Shown by the installer itself, which fills the list.
fn files_in_use_dialog(database: &mut DatabaseWriter) {
    let mut dialog = Dialog::new(database, "FilesInUse", LARGE, VISIBLE | MODAL);
    dialog.text("Text", 10, 40, "These programs use files that must be changed. Close them, then choose Retry.");
    dialog.control("List", "ListBox", (MARGIN, 55, 350, 130), NORMAL | SUNKEN, "FileInUseProcess", "");
    dialog.buttons(&[
        ("Retry", "&Retry", &[("EndDialog", "Retry", ALWAYS)]),
        ("Ignore", "&Ignore", &[("EndDialog", "Ignore", ALWAYS)]),
        ("Exit", "E&xit", &[EXIT]),
    ]);
    dialog.finish();
    database.table("ListBox");
}

/// A control as it was asked for; which one comes after it is known at the end.
struct Control {
    name: String,
    row: [Value; 12],
    takes_focus: bool,
}

/// A dialog that is being put together.
struct Dialog<'a> {
    database: &'a mut DatabaseWriter,
    name: &'static str,
    size: (i32, i32),
    attributes: i32,
    controls: Vec<Control>,
    buttons: (String, String),
}

impl<'a> Dialog<'a> {
    fn new(database: &'a mut DatabaseWriter, name: &'static str, size: (i32, i32), attributes: i32) -> Self {
        Self { database, name, size, attributes, controls: Vec::new(), buttons: (String::new(), String::new()) }
    }

    fn text(&mut self, name: &str, y: i32, height: i32, text: &str) {
        let width = self.size.0 - 2 * MARGIN;
        self.control(name, "Text", (MARGIN, y, width, height), NORMAL | NO_PREFIX, "", text);
    }

    fn control(
        &mut self,
        name: &str,
        kind: &str,
        (x, y, width, height): (i32, i32, i32, i32),
        attributes: i32,
        property: &str,
        text: &str,
    ) {
        let row = [
            self.name.into(),
            name.into(),
            kind.into(),
            x.into(),
            y.into(),
            width.into(),
            height.into(),
            attributes.into(),
            property.into(),
            text.into(),
            Value::Null,
            Value::Null,
        ];
        let takes_focus = !matches!(kind, "Text" | "ProgressBar");
        self.controls.push(Control { name: name.to_owned(), row, takes_focus });
    }

    /// A row of buttons at the lower right; of the error dialog all at one place, since the installer moves them.
    fn buttons(&mut self, buttons: &[(&str, &str, &[Event])]) {
        let count = buttons.len() as i32;
        let y = self.size.1 - MARGIN - BUTTON.1 - 10;
        for ((name, text, events), at) in buttons.iter().zip(0..) {
            let from_right = if self.attributes & SHOWS_ERRORS == 0 { count - at } else { 1 };
            let x = self.size.0 - MARGIN - from_right * BUTTON.0 - (from_right - 1) * GAP;
            self.control(name, "PushButton", (x, y, BUTTON.0, BUTTON.1), NORMAL, "", text);
            for ((event, argument, condition), order) in events.iter().zip(1..) {
                self.database.row(
                    "ControlEvent",
                    [
                        self.name.into(),
                        (*name).into(),
                        (*event).into(),
                        (*argument).into(),
                        (*condition).into(),
                        order.into(),
                    ],
                );
            }
        }
        let name =
            |button: Option<&(&str, &str, &[Event])>| button.map(|button| button.0.to_owned()).unwrap_or_default();
        self.buttons = (name(buttons.first()), name(buttons.last()));
    }

    /// Writes the rows. The controls that take the focus form a ring, in which the Tab key goes round.
    fn finish(self) {
        let ring: Vec<&str> =
            self.controls.iter().filter(|control| control.takes_focus).map(|control| &*control.name).collect();
        let first = ring.first().copied().unwrap_or_default();
        let size = self.size;
        let (default, cancel) = &self.buttons;
        self.database.row(
            "Dialog",
            [
                self.name.into(),
                50.into(),
                50.into(),
                size.0.into(),
                size.1.into(),
                self.attributes.into(),
                "[ProductName]".into(),
                first.into(),
                default.into(),
                cancel.into(),
            ],
        );
        for control in &self.controls {
            let mut row = control.row.clone();
            if let Some(at) = ring.iter().position(|name| *name == control.name) {
                row[10] = ring[(at + 1) % ring.len()].into();
            }
            self.database.row("Control", row);
        }
    }
}
