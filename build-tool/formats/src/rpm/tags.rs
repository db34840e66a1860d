//! The numbers of RPM's header tags (rpm's `rpmtag.h`), those that are written or read here.

// What a region is: the first entry of a header, whose trailer ends the data.
pub(super) const HEADER_SIGNATURES: u32 = 62;
pub(super) const HEADER_IMMUTABLE: u32 = 63;

// The signature header.
pub(super) const SIG_DSA: u32 = 267;
pub(super) const SIG_RSA: u32 = 268;
pub(super) const SIG_LONG_SIZE: u32 = 270;
pub(super) const SIG_LONG_ARCHIVE_SIZE: u32 = 271;
pub(super) const SIG_SHA256: u32 = 273;
pub(super) const SIG_OPENPGP: u32 = 278;
pub(super) const SIG_SIZE: u32 = 1000;
pub(super) const SIG_PGP: u32 = 1002;
pub(super) const SIG_GPG: u32 = 1005;
pub(super) const SIG_ARCHIVE_SIZE: u32 = 1007;
pub(super) const SIG_RESERVED_SPACE: u32 = 1008;

// The header.
pub(super) const I18N_TABLE: u32 = 100;
pub(super) const NAME: u32 = 1000;
pub(super) const VERSION: u32 = 1001;
pub(super) const RELEASE: u32 = 1002;
pub(super) const EPOCH: u32 = 1003;
pub(super) const SUMMARY: u32 = 1004;
pub(super) const DESCRIPTION: u32 = 1005;
pub(super) const BUILD_TIME: u32 = 1006;
pub(super) const BUILD_HOST: u32 = 1007;
pub(super) const SIZE: u32 = 1009;
pub(super) const VENDOR: u32 = 1011;
pub(super) const LICENSE: u32 = 1014;
pub(super) const PACKAGER: u32 = 1015;
pub(super) const GROUP: u32 = 1016;
pub(super) const URL: u32 = 1020;
pub(super) const OS: u32 = 1021;
pub(super) const ARCH: u32 = 1022;
pub(super) const FILE_SIZES: u32 = 1028;
pub(super) const FILE_MODES: u32 = 1030;
pub(super) const FILE_RDEVS: u32 = 1033;
pub(super) const FILE_MTIMES: u32 = 1034;
pub(super) const FILE_DIGESTS: u32 = 1035;
pub(super) const FILE_LINK_TOS: u32 = 1036;
pub(super) const FILE_FLAGS: u32 = 1037;
pub(super) const FILE_USER_NAME: u32 = 1039;
pub(super) const FILE_GROUP_NAME: u32 = 1040;
pub(super) const SOURCE_RPM: u32 = 1044;
pub(super) const FILE_VERIFY_FLAGS: u32 = 1045;
pub(super) const RPM_VERSION: u32 = 1064;
pub(super) const CHANGELOG_TIME: u32 = 1080;
pub(super) const CHANGELOG_NAME: u32 = 1081;
pub(super) const CHANGELOG_TEXT: u32 = 1082;
pub(super) const FILE_DEVICES: u32 = 1095;
pub(super) const FILE_INODES: u32 = 1096;
pub(super) const FILE_LANGS: u32 = 1097;
pub(super) const DIR_INDEXES: u32 = 1116;
pub(super) const BASE_NAMES: u32 = 1117;
pub(super) const DIR_NAMES: u32 = 1118;
pub(super) const PAYLOAD_FORMAT: u32 = 1124;
pub(super) const PAYLOAD_COMPRESSOR: u32 = 1125;
pub(super) const PAYLOAD_FLAGS: u32 = 1126;
pub(super) const FILE_COLORS: u32 = 1140;
pub(super) const LONG_FILE_SIZES: u32 = 5008;
pub(super) const LONG_SIZE: u32 = 5009;
pub(super) const FILE_DIGEST_ALGORITHM: u32 = 5011;
pub(super) const ENCODING: u32 = 5062;
pub(super) const PAYLOAD_DIGEST: u32 = 5092;
pub(super) const PAYLOAD_DIGEST_ALGORITHM: u32 = 5093;
pub(super) const PAYLOAD_DIGEST_ALT: u32 = 5097;

/// Where the four scripts are: the text and what runs it, in the order of `Scripts::all`.
pub(super) const SCRIPTS: [(u32, u32); 4] = [(1023, 1085), (1024, 1086), (1025, 1087), (1026, 1088)];

/// Where the six kinds of dependencies are: names, flags and versions, in the order of `Metadata::dependencies`.
pub(super) const DEPENDENCIES: [(u32, u32, u32); 6] = [
    (1047, 1112, 1113),
    (1049, 1048, 1050),
    (1054, 1053, 1055),
    (1090, 1114, 1115),
    (5046, 5048, 5047),
    (5049, 5051, 5050),
];

/// SHA-256, by its number in OpenPGP (RFC 9580, 9.5).
pub(super) const SHA256: u32 = 8;

// The bits of a file's flags (rpm's `rpmfiles.h`, `rpmfileAttrs`).
pub(super) const FLAG_CONFIG: u32 = 1;
pub(super) const FLAG_DOC: u32 = 1 << 1;
pub(super) const FLAG_NO_REPLACE: u32 = 1 << 4;
pub(super) const FLAG_GHOST: u32 = 1 << 6;
pub(super) const FLAG_LICENSE: u32 = 1 << 7;

// The bits of a mode that say what a thing is (`S_IFMT` of `sys/stat.h`), and their values.
pub(super) const TYPE_MASK: u16 = 0o170_000;
pub(super) const TYPE_FILE: u16 = 0o100_000;
pub(super) const TYPE_DIRECTORY: u16 = 0o040_000;
pub(super) const TYPE_LINK: u16 = 0o120_000;
