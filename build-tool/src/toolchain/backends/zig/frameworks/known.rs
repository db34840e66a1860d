//! What is known of Apple's libraries: where they lie on a Mac, in which
//! version, and which others they hand on. Facts of the public SDKs (the
//! `install-name`, `current-version`, `compatibility-version` and
//! `reexported-libraries` of their stubs, read in macOS 11.3's).

/// A library of macOS.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    /// The path that programs load it by.
    pub(super) install_name: String,
    /// The version that programs record.
    pub(super) current_version: &'static str,
    /// The oldest version that programs ask for; never newer than the oldest macOS has.
    pub(super) compatibility_version: &'static str,
}

/// Frameworks about which there is more to say than that they are version A: their folder's letter, their current and
/// their compatibility version. Old frameworks behave as the version did that a program was linked against.
const FRAMEWORKS: [(&str, char, &str, &str); 17] = [
    ("Accelerate", 'A', "4", "1"),
    ("AppKit", 'C', "2022.44.149", "45"),
    ("ApplicationServices", 'A', "54", "1"),
    ("AudioToolbox", 'A', "1000", "1"),
    ("CFNetwork", 'A', "1220", "1"),
    ("Carbon", 'A', "164", "2"),
    ("Cocoa", 'A', "23", "1"),
    ("CoreFoundation", 'A', "1774", "150"),
    ("CoreGraphics", 'A', "1463", "64"),
    ("CoreServices", 'A', "1122.33", "1"),
    ("CoreVideo", 'A', "1.8", "1.2"),
    ("Foundation", 'C', "1774", "300"),
    ("IOKit", 'A', "275", "1"),
    ("QuartzCore", 'A', "1.11", "1.2"),
    ("Security", 'A', "59754", "1"),
    ("SystemConfiguration", 'A', "1109", "1"),
    ("WebKit", 'A', "611", "1"),
];

/// The other public frameworks of macOS.
const OTHERS: &str = "AGL AVFAudio AVFoundation AVKit AVRouting Accessibility Accounts AdServices AdSupport AddressBook AppIntents \
    AppTrackingTransparency AppleScriptKit AppleScriptObjC AudioUnit AudioVideoBridging AuthenticationServices \
    AutomaticAssessmentConfiguration Automator BackgroundAssets BackgroundTasks BrowserEngineKit BusinessChat \
    CalendarStore CallKit Cinematic ClassKit CloudKit Collaboration ColorSync Combine Contacts ContactsUI \
    CoreAudio CoreAudioKit CoreAudioTypes CoreBluetooth CoreData CoreDisplay CoreHaptics CoreImage CoreLocation \
    CoreMIDI CoreMIDIServer CoreML CoreMedia CoreMediaIO CoreMotion CoreSpotlight CoreTelephony CoreText \
    CoreTransferable CoreWLAN CreateML CryptoKit CryptoTokenKit DVDPlayback DataDetection DeveloperToolsSupport \
    DeviceActivity DeviceCheck DeviceDiscoveryExtension DirectoryService DiscRecording DiscRecordingUI \
    DiskArbitration DriverKit EventKit ExceptionHandling ExecutionPolicy ExtensionFoundation ExtensionKit \
    ExternalAccessory FSKit FileProvider FileProviderUI FinderSync ForceFeedback GLKit GLUT GSS GameController \
    GameKit GameplayKit GroupActivities HealthKit Hypervisor ICADevices IMServicePlugIn IOBluetooth IOBluetoothUI \
    IOSurface IOUSBHost IdentityLookup ImageCaptureCore ImageIO InputMethodKit InstallerPlugins InstantMessage \
    Intents IntentsUI JavaScriptCore Kerberos KernelManagement LDAP LatentSemanticMapping LinkPresentation \
    LocalAuthentication LocalAuthenticationEmbeddedUI MLCompute MailKit MapKit Matter MediaAccessibility \
    MediaLibrary MediaPlayer MediaToolbox Message Metal MetalFX MetalKit MetalPerformanceShaders \
    MetalPerformanceShadersGraph MetricKit ModelIO MultipeerConnectivity NaturalLanguage NearbyInteraction NetFS \
    Network NetworkExtension NotificationCenter OSAKit OSLog OpenAL OpenCL OpenDirectory OpenGL PCSC PDFKit \
    ParavirtualizedGraphics PassKit PencilKit Phase Photos PhotosUI PreferencePanes PushKit PushToTalk QTKit \
    Quartz QuickLook QuickLookThumbnailing QuickLookUI RealityKit ReplayKit SafariServices SafetyKit SceneKit \
    ScreenCaptureKit ScreenSaver ScreenTime ScriptingBridge SecurityFoundation SecurityInterface SecurityUI \
    SensitiveContentAnalysis ServiceManagement SharedWithYou SharedWithYouCore ShazamKit Social SoundAnalysis \
    Speech SpriteKit StoreKit Symbols SyncServices SystemExtensions TWAIN Tcl ThreadNetwork Tk \
    UniformTypeIdentifiers UserNotifications UserNotificationsUI VideoDecodeAcceleration VideoSubscriberAccount \
    VideoToolbox Virtualization Vision VisionKit WidgetKit vmnet";

/// Frameworks that have others within: programs name the outer one.
const WITHIN: [(&str, &str); 5] = [
    ("Accelerate", "vImage vecLib"),
    ("ApplicationServices", "ATS HIServices LangAnalysis PrintCore QD"),
    ("Carbon", "CommonPanels HIToolbox OpenScripting"),
    (
        "CoreServices",
        "AE CarbonCore DictionaryServices FSEvents LaunchServices Metadata OSServices SearchKit SharedFileList",
    ),
    ("Quartz", "ImageKit"),
];

/// The libraries of `/usr/lib` that programs name with `-l`: file, current and compatibility version. Those that are
/// parts of libSystem are zig's, and libiconv with libcharset are cargo-zigbuild's.
const LIBRARIES: [(&str, &str, &str, &str); 31] = [
    ("EndpointSecurity", "libEndpointSecurity.dylib", "1", "1"),
    ("archive", "libarchive.2.dylib", "9", "9"),
    ("bsm", "libbsm.0.dylib", "1", "1"),
    ("bz2", "libbz2.1.0.dylib", "1.0.5", "1"),
    ("compression", "libcompression.dylib", "1", "1"),
    ("cups", "libcups.2.dylib", "2.14", "2"),
    ("curl", "libcurl.4.dylib", "9", "7"),
    ("curses", "libncurses.5.4.dylib", "5.4", "5.4"),
    ("edit", "libedit.3.dylib", "3", "2"),
    ("expat", "libexpat.1.dylib", "8", "7"),
    ("exslt", "libexslt.0.dylib", "9.15", "9"),
    ("ffi", "libffi.dylib", "27", "1"),
    ("form", "libform.5.4.dylib", "5.4", "5.4"),
    ("lzma", "liblzma.5.dylib", "6.3", "6"),
    ("menu", "libmenu.5.4.dylib", "5.4", "5.4"),
    ("ncurses", "libncurses.5.4.dylib", "5.4", "5.4"),
    ("network", "libnetwork.dylib", "1", "1"),
    ("objc", "libobjc.A.dylib", "228", "1"),
    ("pam", "libpam.2.dylib", "3", "3"),
    ("panel", "libpanel.5.4.dylib", "5.4", "5.4"),
    ("pcap", "libpcap.A.dylib", "1", "1"),
    ("readline", "libedit.3.dylib", "3", "2"),
    ("resolv", "libresolv.9.dylib", "1", "1"),
    ("sandbox", "libsandbox.1.dylib", "1", "1"),
    ("sqlite3", "libsqlite3.dylib", "321", "9"),
    ("termcap", "libncurses.5.4.dylib", "5.4", "5.4"),
    ("util", "libutil.dylib", "1", "1"),
    ("xar", "libxar.1.dylib", "1", "1"),
    ("xml2", "libxml2.2.dylib", "10.9", "10"),
    ("xslt", "libxslt.1.dylib", "3.26", "3"),
    ("z", "libz.1.dylib", "1.2.11", "1"),
];

/// What a library hands on as if it were its own.
const HANDS_ON: [(&str, &[&str]); 9] = [
    ("AVFoundation", &["AVFAudio"]),
    ("AppKit", &["ApplicationServices", "Foundation"]),
    ("ApplicationServices", &["ColorSync", "CoreGraphics", "CoreServices", "CoreText", "ImageIO"]),
    ("Carbon", &["ApplicationServices"]),
    ("Cocoa", &["AppKit", "CoreData"]),
    ("CoreServices", &["CFNetwork", "CoreFoundation"]),
    ("Foundation", &["CoreFoundation", "libobjc"]),
    ("Quartz", &["PDFKit", "QuickLookUI"]),
    ("QuartzCore", &["CoreImage", "CoreVideo", "libobjc"]),
];

/// A public framework.
pub(super) fn framework(name: &str) -> Option<Known> {
    let special = FRAMEWORKS.iter().find(|(known, ..)| *known == name);
    let plain = || OTHERS.split_whitespace().any(|known| known == name).then_some(('A', "1", "1"));
    let (version, current_version, compatibility_version) =
        special.map(|&(_, version, current, compatibility)| (version, current, compatibility)).or_else(plain)?;
    let install_name = format!("/System/Library/Frameworks/{name}.framework/Versions/{version}/{name}");
    Some(Known { install_name, current_version, compatibility_version })
}

/// A library of `/usr/lib`, by its name after `-l`.
pub(super) fn library(name: &str) -> Option<Known> {
    let &(_, file, current_version, compatibility_version) = LIBRARIES.iter().find(|(known, ..)| *known == name)?;
    Some(Known { install_name: format!("/usr/lib/{file}"), current_version, compatibility_version })
}

/// The framework that a framework lies within.
pub(super) fn umbrella(name: &str) -> Option<&'static str> {
    WITHIN.iter().find(|(_, inner)| inner.split_whitespace().any(|known| known == name)).map(|(outer, _)| *outer)
}

/// Whether `owner` is reached through `library`, at whatever depth.
pub(super) fn hands_on(library: &str, owner: &str) -> bool {
    HANDS_ON
        .iter()
        .find(|(known, _)| *known == library)
        .is_some_and(|(_, inner)| inner.iter().any(|&next| next == owner || hands_on(next, owner)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn frameworks_lie_where_a_mac_has_them() {
        let path = |name: &str| framework(name).unwrap().install_name;
        assert_eq!(path("Foundation"), "/System/Library/Frameworks/Foundation.framework/Versions/C/Foundation");
        assert_eq!(path("Metal"), "/System/Library/Frameworks/Metal.framework/Versions/A/Metal");
        assert_eq!(path("vmnet"), "/System/Library/Frameworks/vmnet.framework/Versions/A/vmnet");
        assert_eq!(library("objc").unwrap().install_name, "/usr/lib/libobjc.A.dylib");
        assert_eq!((framework("SkyLight"), library("crypto")), (None, None));
        assert_eq!(umbrella("FSEvents"), Some("CoreServices"));
    }

    #[test]
    fn what_is_handed_on_is_found_at_any_depth() {
        assert!(hands_on("Cocoa", "libobjc") && hands_on("Carbon", "CoreFoundation"));
        assert!(!hands_on("Foundation", "AppKit") && !hands_on("IOKit", "CoreFoundation"));
    }
}
