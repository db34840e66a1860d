//! The tables that we write, column by column, as the SDK's "Database Tables" define them: types in the notation of its
//! "Column Definition Format", and what the `_Validation` table says of their values.

use super::Kind;

/// A table: its keys are its first columns.
pub(in crate::msi) struct Schema {
    pub(super) name: &'static str,
    pub(super) keys: usize,
    pub(super) columns: &'static [Column],
}

/// A column.
pub(super) struct Column {
    pub(super) name: &'static str,
    /// A letter and a length: `s` a string, `l` a localizable one, `i` a number, `v` a stream; a capital may be null.
    pub(super) definition: &'static str,
    pub(super) rule: Rule,
}

/// What values a column may have.
pub(super) enum Rule {
    /// A category of the SDK's "Column Data Types".
    Is(&'static str),
    /// A key of that column of another table.
    Key(&'static str, i32),
    /// A number from … to ….
    Range(i32, i32),
    /// Any number.
    Number,
    /// One of these, `;` between them.
    OneOf(&'static str),
}

use Rule::{Is, Key, Number, OneOf, Range};

const fn column(name: &'static str, definition: &'static str, rule: Rule) -> Column {
    Column { name, definition, rule }
}

impl Column {
    fn letter(&self) -> u8 {
        self.definition.as_bytes().first().copied().unwrap_or_default()
    }

    pub(super) fn is_nullable(&self) -> bool {
        self.letter().is_ascii_uppercase()
    }

    pub(super) fn kind(&self) -> Kind {
        match (self.letter().to_ascii_lowercase(), self.definition.ends_with('4')) {
            (b'i', true) => Kind::Long,
            (b'i', false) => Kind::Short,
            (b'v', _) => Kind::Binary,
            _ => Kind::Text,
        }
    }

    /// The number in the `_Columns` table.
    pub(super) fn bits(&self, is_key: bool) -> i32 {
        let bits = match self.kind() {
            Kind::Short => 0x0502,
            Kind::Long => 0x0104,
            Kind::Binary => 0x0900,
            Kind::Text => {
                let length = self.definition.get(1..).and_then(|length| length.parse().ok()).unwrap_or(0);
                0x0D00 | length
            }
        };
        let is_localizable = self.letter().eq_ignore_ascii_case(&b'l');
        bits | i32::from(is_localizable) << 9 | i32::from(self.is_nullable()) << 12 | i32::from(is_key) << 13
    }
}

/// The table of a name that we write.
pub(in crate::msi) fn table(name: &str) -> Option<&'static Schema> {
    TABLES.iter().find(|table| table.name == name)
}

const fn schema(name: &'static str, keys: usize, columns: &'static [Column]) -> Schema {
    Schema { name, keys, columns }
}

const SEQUENCE: &[Column] = &[
    column("Action", "s72", Is("Identifier")),
    column("Condition", "S255", Is("Condition")),
    column("Sequence", "I2", Range(-4, 32767)),
];

pub(super) const TABLES: &[Schema] = &[
    schema("AdminExecuteSequence", 1, SEQUENCE),
    schema("AdminUISequence", 1, SEQUENCE),
    schema("AdvtExecuteSequence", 1, SEQUENCE),
    schema(
        "AppSearch",
        2,
        &[column("Property", "s72", Is("Identifier")), column("Signature_", "s72", Is("Identifier"))],
    ),
    schema(
        "Component",
        1,
        &[
            column("Component", "s72", Is("Identifier")),
            column("ComponentId", "S38", Is("Guid")),
            column("Directory_", "s72", Key("Directory", 1)),
            column("Attributes", "i2", Number),
            column("Condition", "S255", Is("Condition")),
            column("KeyPath", "S72", Key("File;Registry;ODBCDataSource", 1)),
        ],
    ),
    schema(
        "Control",
        2,
        &[
            column("Dialog_", "s72", Key("Dialog", 1)),
            column("Control", "s50", Is("Identifier")),
            column("Type", "s20", Is("Identifier")),
            column("X", "i2", Range(0, 32767)),
            column("Y", "i2", Range(0, 32767)),
            column("Width", "i2", Range(0, 32767)),
            column("Height", "i2", Range(0, 32767)),
            column("Attributes", "I4", Range(0, i32::MAX)),
            column("Property", "S72", Is("Identifier")),
            column("Text", "L0", Is("Formatted")),
            column("Control_Next", "S50", Key("Control", 2)),
            column("Help", "L50", Is("Text")),
        ],
    ),
    schema(
        "ControlCondition",
        4,
        &[
            column("Dialog_", "s72", Key("Dialog", 1)),
            column("Control_", "s50", Key("Control", 2)),
            column("Action", "s50", OneOf("Default;Disable;Enable;Hide;Show")),
            column("Condition", "s255", Is("Condition")),
        ],
    ),
    schema(
        "ControlEvent",
        5,
        &[
            column("Dialog_", "s72", Key("Dialog", 1)),
            column("Control_", "s50", Key("Control", 2)),
            column("Event", "s50", Is("Formatted")),
            column("Argument", "s255", Is("Formatted")),
            column("Condition", "S255", Is("Condition")),
            column("Ordering", "I2", Range(0, i32::MAX)),
        ],
    ),
    schema(
        "CreateFolder",
        2,
        &[column("Directory_", "s72", Key("Directory", 1)), column("Component_", "s72", Key("Component", 1))],
    ),
    schema(
        "CustomAction",
        1,
        &[
            column("Action", "s72", Is("Identifier")),
            column("Type", "i2", Range(1, 32767)),
            column("Source", "S72", Is("CustomSource")),
            column("Target", "S255", Is("Formatted")),
        ],
    ),
    schema(
        "Dialog",
        1,
        &[
            column("Dialog", "s72", Is("Identifier")),
            column("HCentering", "i2", Range(0, 100)),
            column("VCentering", "i2", Range(0, 100)),
            column("Width", "i2", Range(0, 32767)),
            column("Height", "i2", Range(0, 32767)),
            column("Attributes", "I4", Range(0, i32::MAX)),
            column("Title", "L128", Is("Formatted")),
            column("Control_First", "s50", Key("Control", 2)),
            column("Control_Default", "S50", Key("Control", 2)),
            column("Control_Cancel", "S50", Key("Control", 2)),
        ],
    ),
    schema(
        "Directory",
        1,
        &[
            column("Directory", "s72", Is("Identifier")),
            column("Directory_Parent", "S72", Key("Directory", 1)),
            column("DefaultDir", "l255", Is("DefaultDir")),
        ],
    ),
    schema(
        "Environment",
        1,
        &[
            column("Environment", "s72", Is("Identifier")),
            column("Name", "l255", Is("Text")),
            column("Value", "L255", Is("Formatted")),
            column("Component_", "s72", Key("Component", 1)),
        ],
    ),
    schema(
        "EventMapping",
        3,
        &[
            column("Dialog_", "s72", Key("Dialog", 1)),
            column("Control_", "s50", Key("Control", 2)),
            column("Event", "s50", Is("Identifier")),
            column("Attribute", "s50", Is("Identifier")),
        ],
    ),
    schema(
        "Feature",
        1,
        &[
            column("Feature", "s38", Is("Identifier")),
            column("Feature_Parent", "S38", Key("Feature", 1)),
            column("Title", "L64", Is("Text")),
            column("Description", "L255", Is("Text")),
            column("Display", "I2", Range(0, 32767)),
            column("Level", "i2", Range(0, 32767)),
            column("Directory_", "S72", Key("Directory", 1)),
            column("Attributes", "i2", Number),
        ],
    ),
    schema(
        "FeatureComponents",
        2,
        &[column("Feature_", "s38", Key("Feature", 1)), column("Component_", "s72", Key("Component", 1))],
    ),
    schema(
        "File",
        1,
        &[
            column("File", "s72", Is("Identifier")),
            column("Component_", "s72", Key("Component", 1)),
            column("FileName", "l255", Is("Filename")),
            column("FileSize", "i4", Range(0, i32::MAX)),
            column("Version", "S72", Is("Version")),
            column("Language", "S20", Is("Language")),
            column("Attributes", "I2", Range(0, 32767)),
            column("Sequence", "i2", Range(1, 32767)),
        ],
    ),
    schema("Icon", 1, &[column("Name", "s72", Is("Identifier")), column("Data", "v0", Is("Binary"))]),
    schema("InstallExecuteSequence", 1, SEQUENCE),
    schema("InstallUISequence", 1, SEQUENCE),
    schema(
        "LaunchCondition",
        1,
        &[column("Condition", "s255", Is("Condition")), column("Description", "l255", Is("Formatted"))],
    ),
    schema(
        "ListBox",
        2,
        &[
            column("Property", "s72", Is("Identifier")),
            column("Order", "i2", Range(1, 32767)),
            column("Value", "s64", Is("Formatted")),
            column("Text", "L64", Is("Text")),
        ],
    ),
    schema(
        "Media",
        1,
        &[
            column("DiskId", "i2", Range(1, 32767)),
            column("LastSequence", "i2", Range(0, 32767)),
            column("DiskPrompt", "L64", Is("Text")),
            column("Cabinet", "S255", Is("Cabinet")),
            column("VolumeLabel", "S32", Is("Text")),
            column("Source", "S72", Is("Property")),
        ],
    ),
    schema("Property", 1, &[column("Property", "s72", Is("Identifier")), column("Value", "l0", Is("Text"))]),
    schema(
        "RegLocator",
        1,
        &[
            column("Signature_", "s72", Is("Identifier")),
            column("Root", "i2", Range(0, 3)),
            column("Key", "s255", Is("RegPath")),
            column("Name", "S255", Is("Formatted")),
            column("Type", "I2", Range(0, 18)),
        ],
    ),
    schema(
        "Registry",
        1,
        &[
            column("Registry", "s72", Is("Identifier")),
            column("Root", "i2", Range(-1, 3)),
            column("Key", "l255", Is("RegPath")),
            column("Name", "L255", Is("Formatted")),
            column("Value", "L0", Is("Formatted")),
            column("Component_", "s72", Key("Component", 1)),
        ],
    ),
    schema(
        "RemoveFile",
        1,
        &[
            column("FileKey", "s72", Is("Identifier")),
            column("Component_", "s72", Key("Component", 1)),
            column("FileName", "L255", Is("WildCardFilename")),
            column("DirProperty", "s72", Is("Identifier")),
            column("InstallMode", "i2", OneOf("1;2;3")),
        ],
    ),
    schema(
        "Shortcut",
        1,
        &[
            column("Shortcut", "s72", Is("Identifier")),
            column("Directory_", "s72", Key("Directory", 1)),
            column("Name", "l128", Is("Filename")),
            column("Component_", "s72", Key("Component", 1)),
            column("Target", "s72", Is("Shortcut")),
            column("Arguments", "S255", Is("Formatted")),
            column("Description", "L255", Is("Text")),
            column("Hotkey", "I2", Range(0, 32767)),
            column("Icon_", "S72", Key("Icon", 1)),
            column("IconIndex", "I2", Range(-32767, 32767)),
            column("ShowCmd", "I2", OneOf("1;3;7")),
            column("WkDir", "S72", Is("Identifier")),
        ],
    ),
    schema(
        "Signature",
        1,
        &[
            column("Signature", "s72", Is("Identifier")),
            column("FileName", "s255", Is("Text")),
            column("MinVersion", "S20", Is("Text")),
            column("MaxVersion", "S20", Is("Text")),
            column("MinSize", "I4", Range(0, i32::MAX)),
            column("MaxSize", "I4", Range(0, i32::MAX)),
            column("MinDate", "I4", Range(0, i32::MAX)),
            column("MaxDate", "I4", Range(0, i32::MAX)),
            column("Languages", "S255", Is("Language")),
        ],
    ),
    schema(
        "TextStyle",
        1,
        &[
            column("TextStyle", "s72", Is("Identifier")),
            column("FaceName", "s32", Is("Text")),
            column("Size", "i2", Range(0, 32767)),
            column("Color", "I4", Range(0, 0xFF_FFFF)),
            column("StyleBits", "I2", Range(0, 15)),
        ],
    ),
    schema(
        "Upgrade",
        5,
        &[
            column("UpgradeCode", "s38", Is("Guid")),
            column("VersionMin", "S20", Is("Text")),
            column("VersionMax", "S20", Is("Text")),
            column("Language", "S255", Is("Language")),
            column("Attributes", "i4", Range(0, i32::MAX)),
            column("Remove", "S255", Is("Formatted")),
            column("ActionProperty", "s72", Is("UpperCase")),
        ],
    ),
    schema(
        "_Validation",
        2,
        &[
            column("Table", "s32", Is("Identifier")),
            column("Column", "s32", Is("Identifier")),
            column("Nullable", "s4", OneOf("Y;N")),
            column("MinValue", "I4", Number),
            column("MaxValue", "I4", Number),
            column("KeyTable", "S255", Is("Identifier")),
            column("KeyColumn", "I2", Range(1, 32)),
            column("Category", "S32", Is("Text")),
            column("Set", "S255", Is("Text")),
            column("Description", "S255", Is("Text")),
        ],
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_of_columns_have_the_bits_that_windows_gives_them() {
        for (definition, is_key, expected) in [
            ("s72", true, 0x2D48),
            ("S72", false, 0x1D48),
            ("l255", false, 0x0FFF),
            ("L0", false, 0x1F00),
            ("i2", false, 0x0502),
            ("I2", false, 0x1502),
            ("i2", true, 0x2502),
            ("I4", false, 0x1104),
            ("v0", false, 0x0900),
        ] {
            assert_eq!(column("", definition, Number).bits(is_key), expected, "{definition}");
        }
    }

    #[test]
    fn tables_are_sorted_and_their_foreign_keys_exist() {
        assert!(TABLES.is_sorted_by(|one, other| one.name < other.name));
        for table in TABLES {
            for rule in table.columns.iter().map(|column| &column.rule) {
                let Key(names, number) = rule else { continue };
                // The Component table names tables that we never write, since the installer looks at them.
                let name = names.split(';').next().unwrap();
                let other = super::table(name).unwrap();
                assert!((1..=other.keys as i32).contains(number), "{}", table.name);
            }
        }
    }
}
