//! Which library of Apple's a symbol belongs to, by its name. Apple's names
//! begin with the initials of their library; the longest beginning that is
//! known decides, and where several libraries share it, all of them may.

/// The beginning of a name → the library. A name continues a beginning with a capital, a digit or nothing; after a
/// star, with anything. Libraries of `/usr/lib` are called `libNAME` here. Where one beginning stands twice, the
/// library that stands first is asked first: AppKit hands Foundation on, so with it on the line every `NS` is safe.
#[rustfmt::skip]
const BEGINNINGS: &[(&str, &str)] = &[
    // Core Foundation and what is built on it
    ("CF", "CoreFoundation"), ("kCF", "CoreFoundation"), ("_CF", "CoreFoundation"), ("__CF", "CoreFoundation"),
    ("CFFTP", "CFNetwork"), ("CFHTTP", "CFNetwork"), ("CFHost", "CFNetwork"), ("CFNetDiagnostic", "CFNetwork"),
    ("CFNetService", "CFNetwork"), ("CFNetwork", "CFNetwork"), ("CFProxy", "CFNetwork"),
    ("CFReadStreamCreateForHTTP", "CFNetwork"), ("CFReadStreamCreateForStreamedHTTP", "CFNetwork"),
    ("CFStreamCreatePairWithSocketToCFHost", "CFNetwork"), ("kCFErrorDomainCFNetwork", "CFNetwork"),
    ("kCFFTP", "CFNetwork"), ("kCFHTTP", "CFNetwork"), ("kCFHost", "CFNetwork"), ("kCFNetwork", "CFNetwork"),
    ("kCFProxy", "CFNetwork"), ("kCFStreamErrorDomainHTTP", "CFNetwork"), ("kCFStreamNetworkServiceType", "CFNetwork"),
    ("kCFStreamPropertyHTTP", "CFNetwork"), ("kCFStreamPropertyProxy", "CFNetwork"),
    ("kCFStreamPropertySSL", "CFNetwork"), ("kCFStreamSSL", "CFNetwork"), ("kCFURLErrorFailing", "CFNetwork"),
    ("Sec", "Security"), ("kSec", "Security"), ("SSL", "Security"), ("kSSL", "Security"), ("CSSM", "Security"),
    ("CMSDecode*", "Security"), ("CMSEncode*", "Security"), ("Authorization", "Security"),
    ("kAuthorization", "Security"), ("SFAuthorization", "SecurityInterface"), ("SFCertificate", "SecurityInterface"),
    ("IO", "IOKit"), ("kIO", "IOKit"), ("IOBluetooth", "IOBluetooth"), ("IOSurface", "IOSurface"),
    ("kIOSurface", "IOSurface"), ("IOUSBHost", "IOUSBHost"), ("KextManager", "IOKit"), ("OSKext", "IOKit"),
    ("NXOpenEventStatus", "IOKit"), ("NXCloseEventStatus", "IOKit"),
    ("SC", "SystemConfiguration"), ("kSC", "SystemConfiguration"), ("DHCPInfo", "SystemConfiguration"),
    ("CNCopy", "SystemConfiguration"), ("kCNNetworkInfo", "SystemConfiguration"),
    ("SCContent*", "ScreenCaptureKit"), ("SCDisplay*", "ScreenCaptureKit"), ("SCRecording*", "ScreenCaptureKit"),
    ("SCRunningApplication", "ScreenCaptureKit"), ("SCScreenshot*", "ScreenCaptureKit"),
    ("SCShareable*", "ScreenCaptureKit"), ("SCStream*", "ScreenCaptureKit"), ("SCWindow*", "ScreenCaptureKit"),
    ("SCN", "SceneKit"), ("SCard*", "PCSC"), ("g_rgSCard*", "PCSC"),
    ("DA", "DiskArbitration"), ("kDA", "DiskArbitration"), ("OD", "OpenDirectory"), ("kOD", "OpenDirectory"),
    ("SM", "ServiceManagement"), ("kSM", "ServiceManagement"), ("LA", "LocalAuthentication"),
    ("kLA", "LocalAuthentication"), ("CW", "CoreWLAN"), ("NetFS", "NetFS"), ("vmnet_*", "vmnet"),
    ("nw_*", "Network"), ("_nw_*", "Network"), ("kNW", "Network"), ("NE", "NetworkExtension"),
    ("hv_*", "Hypervisor"), ("VZ", "Virtualization"), ("OSSystemExtension", "SystemExtensions"),
    ("OSLog", "OSLog"), ("TK", "CryptoTokenKit"), ("gss_*", "GSS"), ("krb5_*", "Kerberos"), ("ldap_*", "LDAP"),
    // Core Services and its parts
    ("FSEvent", "CoreServices"), ("FS", "CoreServices"), ("LS", "CoreServices"), ("kLS", "CoreServices"),
    ("MD", "CoreServices"), ("kMD", "CoreServices"), ("AE", "CoreServices"), ("CSBackup", "CoreServices"),
    ("CSIdentity", "CoreServices"), ("CSGetComponentsThreadMode", "CoreServices"), ("DCS", "CoreServices"),
    ("Gestalt", "CoreServices"), ("UC", "CoreServices"), ("SKIndex", "CoreServices"), ("SKSearch", "CoreServices"),
    ("UTTypeConformsTo", "CoreServices"), ("UTTypeCopy", "CoreServices"), ("UTTypeCreate", "CoreServices"),
    ("UTTypeEqual", "CoreServices"), ("UTTypeIs", "CoreServices"), ("kUTTag", "CoreServices"),
    ("kUTType", "CoreServices"), ("UTType", "UniformTypeIdentifiers"), ("UTTagClass", "UniformTypeIdentifiers"),
    ("GetIconRef", "CoreServices"), ("ReleaseIconRef", "CoreServices"), ("AbsoluteToNanoseconds", "CoreServices"),
    ("UpTime", "CoreServices"),
    ("CSSearchable", "CoreSpotlight"), ("CSCustomAttributeKey", "CoreSpotlight"),
    // Application Services, Carbon
    ("AX", "ApplicationServices"), ("kAX", "ApplicationServices"), ("PM", "ApplicationServices"),
    ("Pasteboard", "ApplicationServices"), ("ATS", "ApplicationServices"), ("UAZoom", "ApplicationServices"),
    ("TransformProcessType", "ApplicationServices"), ("GetProcess", "ApplicationServices"),
    ("GetCurrentProcess", "ApplicationServices"), ("GetFrontProcess", "ApplicationServices"),
    ("SetFrontProcess", "ApplicationServices"), ("ShowHideProcess", "ApplicationServices"),
    ("CopyProcessName", "ApplicationServices"), ("HIShape", "ApplicationServices"),
    ("ColorSync", "ColorSync"), ("kColorSync", "ColorSync"),
    ("TIS", "Carbon"), ("kTIS", "Carbon"), ("HI", "Carbon"), ("kHI", "Carbon"), ("TSM", "Carbon"), ("LMGet", "Carbon"),
    ("KBGetLayoutType", "Carbon"), ("RegisterEventHotKey", "Carbon"), ("UnregisterEventHotKey", "Carbon"),
    ("InstallEvent", "Carbon"), ("RemoveEvent", "Carbon"), ("GetEvent", "Carbon"), ("SetEventParameter", "Carbon"),
    ("CreateEvent", "Carbon"), ("PostEvent", "Carbon"), ("SendEvent", "Carbon"), ("RetainEvent", "Carbon"),
    ("ReleaseEvent", "Carbon"), ("ReceiveNextEvent", "Carbon"), ("CallNextEventHandler", "Carbon"),
    ("GetApplicationEventTarget", "Carbon"), ("GetMainEvent", "Carbon"), ("GetCurrentEvent", "Carbon"),
    ("GetCurrentKeyModifiers", "Carbon"), ("RunApplicationEventLoop", "Carbon"),
    ("QuitApplicationEventLoop", "Carbon"), ("RunCurrentEventLoop", "Carbon"), ("EnableSecureEventInput", "Carbon"),
    ("DisableSecureEventInput", "Carbon"), ("IsSecureEventInputEnabled", "Carbon"), ("SetSystemUIMode", "Carbon"),
    ("GetSystemUIMode", "Carbon"), ("CopySymbolicHotKeys", "Carbon"), ("GetDblTime", "Carbon"),
    // Objective-C's own, and its libraries
    ("objc_*", "libobjc"), ("_objc_*", "libobjc"), ("__objc_*", "libobjc"),
    ("NS", "AppKit"), ("NS", "Foundation"), ("_NS", "AppKit"), ("_NS", "Foundation"),
    ("NSProxy", "Foundation"), ("NSTextChecking", "Foundation"), ("NSTextCheckingController", "AppKit"),
    ("NSFileProvider", "FileProvider"), ("NSFileProviderService", "Foundation"),
    // What is Foundation's alone, and common
    ("NSLog", "Foundation"), ("NSLogv", "Foundation"), ("NSHomeDirectory", "Foundation"),
    ("NSTemporaryDirectory", "Foundation"), ("NSSearchPath", "Foundation"), ("NSUserName", "Foundation"),
    ("NSFullUserName", "Foundation"), ("NSClassFromString", "Foundation"), ("NSStringFrom", "Foundation"),
    ("NSSelectorFromString", "Foundation"), ("NSProtocolFromString", "Foundation"),
    ("NSDefaultRunLoopMode", "Foundation"), ("NSRunLoopCommonModes", "Foundation"),
    ("NSCocoaErrorDomain", "Foundation"), ("NSPOSIXErrorDomain", "Foundation"),
    ("NSOSStatusErrorDomain", "Foundation"), ("NSMachErrorDomain", "Foundation"),
    ("NSLocalizedDescriptionKey", "Foundation"), ("NSFoundationVersionNumber", "Foundation"),
    ("NSGenericException", "Foundation"), ("NSRangeException", "Foundation"),
    ("NSInvalidArgumentException", "Foundation"), ("NSInternalInconsistencyException", "Foundation"),
    ("NSMallocException", "Foundation"), ("NSURLError", "Foundation"), ("NSURLIs", "Foundation"),
    ("NSURLVolume", "Foundation"), ("NSURLContent", "Foundation"), ("NSURLName", "Foundation"),
    ("NSURLLocalized", "Foundation"), ("NSURLFile", "Foundation"), ("NSHTTP", "Foundation"),
    ("NSMetadata", "Foundation"), ("NSUndoManager", "Foundation"), ("NSThread", "Foundation"),
    ("NSTask", "Foundation"), ("NSBundle", "Foundation"), ("NSProcessInfo", "Foundation"),
    ("NSUserDefaults", "Foundation"), ("NSKeyValue", "Foundation"), ("NSLocale", "Foundation"),
    ("NSCalendar", "Foundation"), ("NSNetService", "Foundation"),
    ("NSUserDefaultsController", "AppKit"),
    // Core Data
    ("NSAsynchronousFetch", "CoreData"), ("NSAtomicStore", "CoreData"), ("NSAttributeDescription", "CoreData"),
    ("NSBatchDelete", "CoreData"), ("NSBatchInsert", "CoreData"), ("NSBatchUpdate", "CoreData"),
    ("NSCompositeAttributeDescription", "CoreData"), ("NSConstraintConflict", "CoreData"), ("NSCoreData", "CoreData"),
    ("NSCustomMigrationStage", "CoreData"), ("NSDerivedAttributeDescription", "CoreData"), ("NSEntity", "CoreData"),
    ("NSExpressionDescription", "CoreData"), ("NSFetch", "CoreData"), ("NSFetched", "CoreData"),
    ("NSIncrementalStore", "CoreData"), ("NSLightweightMigrationStage", "CoreData"), ("NSManagedObject", "CoreData"),
    ("NSMappingModel", "CoreData"), ("NSMerge", "CoreData"), ("NSMigration", "CoreData"),
    ("NSPersistent", "CoreData"), ("NSPersistentDocument", "AppKit"), ("NSPropertyDescription", "CoreData"),
    ("NSPropertyMapping", "CoreData"), ("NSQueryGeneration", "CoreData"), ("NSRelationshipDescription", "CoreData"),
    ("NSSaveChangesRequest", "CoreData"), ("NSStagedMigrationManager", "CoreData"),
    // AppKit's families, which a line without AppKit does not get
    ("NSAccessibility", "AppKit"), ("NSAlert", "AppKit"), ("NSAnimation", "AppKit"), ("NSApp", "AppKit"),
    ("NSAppearance", "AppKit"), ("NSApplication", "AppKit"), ("NSBeep", "AppKit"), ("NSBezierPath", "AppKit"),
    ("NSBitmapImage", "AppKit"), ("NSBox", "AppKit"), ("NSBrowser", "AppKit"), ("NSButton", "AppKit"),
    ("NSCell", "AppKit"), ("NSCollection", "AppKit"), ("NSColor", "AppKit"), ("NSCombo", "AppKit"),
    ("NSControl", "AppKit"), ("NSCursor", "AppKit"), ("NSDatePicker", "AppKit"), ("NSDockTile", "AppKit"),
    ("NSDocument", "AppKit"), ("NSDragging", "AppKit"), ("NSEvent", "AppKit"), ("NSFont", "AppKit"),
    ("NSGesture", "AppKit"), ("NSGraphics", "AppKit"), ("NSGrid", "AppKit"), ("NSImage", "AppKit"),
    ("NSLayout", "AppKit"), ("NSMenu", "AppKit"), ("NSNib", "AppKit"), ("NSOpenGL", "AppKit"),
    ("NSOpenPanel", "AppKit"), ("NSOutlineView", "AppKit"), ("NSPanel", "AppKit"), ("NSParagraphStyle", "AppKit"),
    ("NSPasteboard", "AppKit"), ("NSPopUp", "AppKit"), ("NSPopover", "AppKit"), ("NSPrint", "AppKit"),
    ("NSResponder", "AppKit"), ("NSRunningApplication", "AppKit"), ("NSSavePanel", "AppKit"),
    ("NSScreen", "AppKit"), ("NSScroll", "AppKit"), ("NSScroller", "AppKit"), ("NSSegmented", "AppKit"),
    ("NSSharing", "AppKit"), ("NSSlider", "AppKit"), ("NSSound", "AppKit"), ("NSSplitView", "AppKit"),
    ("NSStack", "AppKit"), ("NSStatus", "AppKit"), ("NSStepper", "AppKit"), ("NSStoryboard", "AppKit"),
    ("NSSwitch", "AppKit"), ("NSTab", "AppKit"), ("NSTable", "AppKit"), ("NSText", "AppKit"),
    ("NSTitlebar", "AppKit"), ("NSToolbar", "AppKit"), ("NSTouch", "AppKit"), ("NSTracking", "AppKit"),
    ("NSView", "AppKit"), ("NSVisualEffect", "AppKit"), ("NSWindow", "AppKit"), ("NSWorkspace", "AppKit"),
    // Graphics, sound and film
    ("CG", "CoreGraphics"), ("kCG", "CoreGraphics"), ("CT", "CoreText"), ("kCT", "CoreText"),
    ("CGImageSource", "ImageIO"), ("CGImageDestination", "ImageIO"), ("CGImageMetadata", "ImageIO"),
    ("kCGImageSource", "ImageIO"), ("kCGImageDestination", "ImageIO"), ("kCGImageMetadata", "ImageIO"),
    ("kCGImageProperty", "ImageIO"), ("CGL", "OpenGL"), ("gl", "OpenGL"), ("glu", "OpenGL"), ("glut", "GLUT"),
    ("cl", "OpenCL"), ("al", "OpenAL"), ("alc", "OpenAL"),
    ("CA", "QuartzCore"), ("kCA", "QuartzCore"), ("CI", "CoreImage"), ("kCI", "CoreImage"), ("CV", "CoreVideo"),
    ("kCV", "CoreVideo"), ("CM", "CoreMedia"), ("kCM", "CoreMedia"), ("VT", "VideoToolbox"), ("kVT", "VideoToolbox"),
    ("CMIO", "CoreMediaIO"), ("kCMIO", "CoreMediaIO"), ("MT", "MediaToolbox"), ("AV", "AVFoundation"),
    ("AVAudio", "AVFAudio"), ("AVAudio", "AVFoundation"), ("AVSpeech", "AVFAudio"), ("AVMIDIPlayer", "AVFAudio"),
    ("AVPlayerView", "AVKit"), ("AVCaptureView", "AVKit"),
    ("MTL", "Metal"), ("MTK", "MetalKit"), ("MPS", "MetalPerformanceShaders"),
    ("MPSGraph", "MetalPerformanceShadersGraph"), ("MTLFX", "MetalFX"), ("MDL", "ModelIO"), ("kMDL", "ModelIO"),
    ("Audio", "AudioToolbox"), ("AU", "AudioToolbox"), ("ExtAudioFile", "AudioToolbox"), ("Music", "AudioToolbox"),
    ("NewAUGraph", "AudioToolbox"), ("DisposeAUGraph", "AudioToolbox"), ("CAShow", "AudioToolbox"),
    ("CAClock", "AudioToolbox"),
    ("AudioConvertHostTimeToNanos", "CoreAudio"), ("AudioConvertNanosToHostTime", "CoreAudio"),
    ("AudioDevice", "CoreAudio"), ("AudioGetCurrentHostTime", "CoreAudio"), ("AudioGetHostClock", "CoreAudio"),
    ("AudioHardware", "CoreAudio"), ("AudioObject", "CoreAudio"), ("AudioStream", "CoreAudio"),
    ("MIDI", "CoreMIDI"), ("kMIDI", "CoreMIDI"),
    ("vDSP_*", "Accelerate"), ("cblas_*", "Accelerate"), ("catlas_*", "Accelerate"), ("vImage", "Accelerate"),
    ("BNNS", "Accelerate"), ("sparse_*", "Accelerate"), ("vv*", "Accelerate"),
    ("PDF", "PDFKit"), ("kPDF", "PDFKit"), ("QL", "QuickLook"), ("kQL", "QuickLook"), ("QLPreview", "QuickLookUI"),
    ("QLThumbnailGenerat*", "QuickLookThumbnailing"),
    // The rest, mostly classes
    ("WK", "WebKit"), ("Web", "WebKit"), ("JS", "JavaScriptCore"), ("kJS", "JavaScriptCore"), ("UN", "UserNotifications"),
    ("CB", "CoreBluetooth"), ("CL", "CoreLocation"), ("kCL", "CoreLocation"), ("MK", "MapKit"), ("CN", "Contacts"),
    ("EK", "EventKit"), ("CK", "CloudKit"), ("ML", "CoreML"), ("VN", "Vision"), ("NL", "NaturalLanguage"),
    ("SFSpeech", "Speech"), ("SFSafari", "SafariServices"), ("AS", "AuthenticationServices"),
    ("GC", "GameController"), ("GK", "GameKit"), ("GK", "GameplayKit"), ("SK", "StoreKit"), ("SK", "SpriteKit"),
    ("PH", "Photos"), ("PHPicker", "PhotosUI"), ("MP", "MediaPlayer"), ("MC", "MultipeerConnectivity"),
    ("IN", "Intents"), ("IC", "ImageCaptureCore"), ("CH", "CoreHaptics"), ("SN", "SoundAnalysis"),
    ("BG", "BackgroundTasks"), ("DC", "DeviceCheck"), ("FI", "FinderSync"), ("IMK", "InputMethodKit"),
    ("SB", "ScriptingBridge"), ("OSA", "OSAKit"), ("SL", "Social"), ("LP", "LinkPresentation"),
    ("ScreenSaver", "ScreenSaver"),
    // The libraries of /usr/lib
    ("BZ2_*", "libbz2"), ("XML_*", "libexpat"), ("archive_*", "libarchive"), ("au_*", "libbsm"), ("audit_*", "libbsm"),
    ("compression_*", "libcompression"), ("cups*", "libcups"), ("ippA*", "libcups"), ("curl_*", "libcurl"),
    ("el_*", "libedit"), ("es_*", "libEndpointSecurity"), ("ffi_*", "libffi"), ("lzma_*", "liblzma"),
    ("pam_*", "libpam"), ("pcap_*", "libpcap"), ("res_9_*", "libresolv"), ("ns_*", "libresolv"),
    ("sandbox_*", "libsandbox"), ("sqlite3_*", "libsqlite3"), ("xar_*", "libxar"), ("xml", "libxml2"),
    ("html", "libxml2"), ("xslt", "libxslt"), ("exslt", "libexslt"),
    ("adler32*", "libz"), ("compress*", "libz"), ("crc32*", "libz"), ("deflate*", "libz"), ("gz*", "libz"),
    ("inflate*", "libz"), ("uncompress*", "libz"), ("zError", "libz"), ("zlib*", "libz"),
];

/// Objective-C's runtime library, beside what begins with `objc_`: family and the functions of it (its `runtime.h`).
#[rustfmt::skip]
const RUNTIME: [(&str, &str); 8] = [
    ("class_", "addIvar addMethod addMethodsBulk addProperty addProtocol conformsToProtocol copyIvarList copyMethodList \
        copyPropertyList copyProtocolList createInstance getClassMethod getClassVariable getImageName getInstanceMethod \
        getInstanceSize getInstanceVariable getIvarLayout getMethodImplementation getMethodImplementation_stret getName \
        getProperty getSuperclass getVersion getWeakIvarLayout isMetaClass lookupMethod replaceMethod replaceProperty \
        respondsToMethod respondsToSelector setIvarLayout setSuperclass setVersion setWeakIvarLayout"),
    ("imp_", "getBlock implementationWithBlock removeBlock"),
    ("ivar_", "getName getOffset getTypeEncoding"),
    ("method_", "copyArgumentType copyReturnType exchangeImplementations getArgumentType getDescription \
        getImplementation getName getNumberOfArguments getReturnType getTypeEncoding invoke invoke_stret \
        setImplementation"),
    ("object_", "copy dispose getClass getClassName getIndexedIvars getInstanceVariable getIvar isClass setClass \
        setInstanceVariable setInstanceVariableWithStrongDefault setIvar setIvarWithStrongDefault"),
    ("property_", "copyAttributeList copyAttributeValue getAttributes getName"),
    ("protocol_", "addMethodDescription addProperty addProtocol conformsToProtocol copyMethodDescriptionList \
        copyPropertyList copyPropertyList2 copyProtocolList getMethodDescription getName getProperty isEqual"),
    ("sel_", "getName getUid isEqual isMapped registerName"),
];

/// The terminal's library: its functions have no common beginning.
const CURSES: &str = "COLORS COLOR_PAIRS COLS ESCDELAY LINES LP64 acs_map addch addnstr addstr attr_get attr_off attr_on \
    attr_set attroff attron attrset beep bkgd box cbreak clear clrtobot clrtoeol color_content color_pair curs_set \
    curscr cur_term def_prog_mode def_shell_mode define_key del_curterm delay_output delch delscreen delwin doupdate echo \
    endwin erase flash flushinp getch getmouse getwin halfdelay has_colors has_ic has_il has_key init_color init_pair \
    initscr insch intrflush is_term_resized isendwin keyname keypad leaveok meta mouseinterval mousemask move mvaddch \
    mvaddstr mvprintw mvwaddch mvwaddstr mvwin napms newpad newterm newwin nl nocbreak nodelay noecho nonl noraw notimeout \
    pair_content prefresh printw putp qiflush raw refresh reset_prog_mode reset_shell_mode resetty resize_term resizeterm \
    savetty scrollok set_curterm set_term setscrreg setupterm standend standout start_color stdscr subwin termattrs \
    termname tgetent tgetflag tgetnum tgetstr tgoto tigetflag tigetnum tigetstr timeout tparm tputs typeahead unctrl \
    ungetch ungetmouse use_default_colors vidattr vidputs vw_printw waddch waddnstr waddstr waddwstr wattr_off wattr_on \
    wattroff wattron wattrset wbkgd wborder wclear wclrtobot wclrtoeol wdelch werase wget_wch wgetch wmove wnoutrefresh \
    wprintw wrefresh wresize wsetscrreg wtimeout";

/// The line editor's, under the names of the library that it stands in for.
const READLINE: &str = "add_history clear_history history_length read_history readline rl_attempted_completion_function \
    rl_completion_matches rl_instream rl_line_buffer rl_outstream stifle_history using_history write_history";

/// The libraries that a symbol may belong to, the most likely first; none for a name that is not known as Apple's.
pub(super) fn owners(symbol: &str) -> Vec<&'static str> {
    let Some((name, is_class)) = plain(symbol) else { return Vec::new() };
    if is_class && ["NSObject", "Protocol"].contains(&name) || is_runtime(name) || symbol == "_OBJC_EHTYPE_id" {
        return vec!["libobjc"];
    }
    if is_class && super::classes::FOUNDATION.contains(&name) {
        return vec!["Foundation"];
    }
    if CURSES.split_whitespace().any(|known| known == name) {
        return vec!["libncurses"];
    }
    if READLINE.split_whitespace().any(|known| known == name) {
        return vec!["libedit"];
    }
    if is_lapack(name) {
        return vec!["Accelerate"];
    }
    let fitting = || BEGINNINGS.iter().filter(|(beginning, _)| fits(beginning, name));
    let longest = fitting().map(|(beginning, _)| beginning.trim_end_matches('*').len()).max();
    let best = fitting().filter(|(beginning, _)| Some(beginning.trim_end_matches('*').len()) == longest);
    best.map(|(_, owner)| *owner).collect()
}

/// A symbol without what the compiler puts before a name, and whether it is a class.
fn plain(symbol: &str) -> Option<(&str, bool)> {
    for kind in ["_OBJC_CLASS_$_", "_OBJC_METACLASS_$_", "_OBJC_EHTYPE_$_", "_OBJC_IVAR_$_"] {
        if let Some(class) = symbol.strip_prefix(kind) {
            return Some((class.split('.').next().unwrap_or(class), true));
        }
    }
    Some((symbol.strip_prefix('_')?, false))
}

fn fits(beginning: &str, name: &str) -> bool {
    match beginning.strip_suffix('*') {
        Some(beginning) => name.starts_with(beginning),
        None => name.strip_prefix(beginning).is_some_and(|rest| {
            rest.chars().next().is_none_or(|next| next.is_ascii_uppercase() || next.is_ascii_digit() || next == '$')
        }),
    }
}

fn is_runtime(name: &str) -> bool {
    RUNTIME.iter().any(|(family, functions)| {
        name.strip_prefix(family).is_some_and(|rest| functions.split_whitespace().any(|function| function == rest))
    })
}

/// Fortran's names for linear algebra: type, two or three letters for the matrix, the operation, an underscore.
fn is_lapack(name: &str) -> bool {
    let name = name.split('$').next().unwrap_or(name);
    name.strip_suffix('_').is_some_and(|stem| {
        (4..=8).contains(&stem.len())
            && stem.starts_with(['s', 'd', 'c', 'z'])
            && ["ge", "sy", "he", "po", "tr", "or", "un", "la", "gb", "pb", "st", "hp", "sp", "ax", "do", "sc", "sw"]
                .iter()
                .any(|kind| stem[1..].starts_with(kind))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn belongs(owner: &str, symbols: &[&str]) {
        for symbol in symbols {
            assert_eq!(owners(symbol).first().copied(), Some(owner), "{symbol}");
        }
    }

    #[test]
    fn names_tell_their_library() {
        belongs("CoreFoundation", &["_CFRelease", "_kCFBooleanTrue", "___CFConstantStringClassReference"]);
        belongs("Security", &["_SecItemCopyMatching", "_kSecClass", "_SSLHandshake", "_CMSDecoderCreate"]);
        belongs("IOKit", &["_IOServiceMatching", "_kIOMasterPortDefault", "_IOPSCopyPowerSourcesInfo"]);
        belongs("SystemConfiguration", &["_SCDynamicStoreCreate", "_SCNetworkReachabilityGetFlags", "_kSCPropNetDNS"]);
        belongs("CoreServices", &["_FSEventStreamCreate", "_LSOpenCFURLRef", "_UTTypeConformsTo", "_UCKeyTranslate"]);
        belongs("CoreGraphics", &["_CGRectZero", "_CGLayerCreateWithContext", "_kCGColorSpaceSRGB"]);
        belongs("OpenGL", &["_CGLCreateContext", "_glDrawArrays"]);
        belongs("CoreAudio", &["_AudioObjectGetPropertyData", "_AudioDeviceStart"]);
        belongs("AudioToolbox", &["_AudioUnitRender", "_AudioConverterNew", "_AUGraphStart"]);
        belongs("QuartzCore", &["_OBJC_CLASS_$_CAMetalLayer", "_CACurrentMediaTime"]);
        belongs("Accelerate", &["_vDSP_fft_zrip", "_cblas_sgemm", "_dgesv_", "_zheevd_"]);
        belongs("SceneKit", &["_OBJC_CLASS_$_SCNView"]);
        belongs("libobjc", &["_objc_msgSend", "__objc_empty_cache", "___objc_personality_v0", "_object_getClass"]);
        belongs("libobjc", &["_OBJC_CLASS_$_NSObject", "_OBJC_METACLASS_$_NSObject", "_sel_registerName"]);
        belongs("libresolv", &["_res_9_init"]);
        belongs("libz", &["_inflateInit2_", "_crc32"]);
    }

    #[test]
    fn foundation_and_appkit_are_told_apart() {
        belongs("Foundation", &["_OBJC_CLASS_$_NSString", "_OBJC_CLASS_$_NSURLSession", "_OBJC_CLASS_$_NSProxy"]);
        belongs("AppKit", &["_OBJC_CLASS_$_NSView", "_NSPasteboardTypeString", "_NSFontAttributeName"]);
        belongs("CoreData", &["_OBJC_CLASS_$_NSManagedObjectContext"]);
        assert_eq!(owners("_NSLog"), ["Foundation"]);
        assert_eq!(owners("_NSZoneMalloc"), ["AppKit", "Foundation"]);
        assert_eq!(owners("_OBJC_IVAR_$_NSView._frame"), ["AppKit"]);
    }

    #[test]
    fn what_only_begins_alike_is_nobodys() {
        for symbol in ["_CFoo", "_glob", "_SSL_CTX_new", "_object_init", "_class_of_mine", "_main", "_Secret", "malloc"]
        {
            assert_eq!(owners(symbol), Vec::<&str>::new(), "{symbol}");
        }
    }

    #[test]
    fn every_owner_is_a_library_that_can_be_stubbed() {
        for (_, owner) in BEGINNINGS {
            let known = match owner.strip_prefix("lib") {
                Some(library) => super::super::known::library(library),
                None => super::super::known::framework(owner),
            };
            assert!(known.is_some(), "{owner}");
        }
    }
}
