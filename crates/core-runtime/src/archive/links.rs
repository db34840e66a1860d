//! Which links of an archive are safe to unpack.

use untrusted_archive::check_name;

/// Whether a link at `link` that points at `target` leads to something inside, on the condition
/// that no entry lies below a link.
///
/// `..` may only stand at the target's beginning. There it leads from the link's own folder, which
/// is a real one, to folders above it. Behind the name of another link it would lead somewhere
/// that depends on where that link points; without it, each further part leads deeper, or through
/// a link that itself stays inside.
pub(super) fn stays_inside(link: &[u8], target: &[u8]) -> bool {
    let depth = link.iter().filter(|&&byte| byte == b'/').count();
    let mut rest = target;
    let mut up = 0;
    while let Some(after) = rest.strip_prefix(b"..") {
        match after {
            [] => rest = b"",
            [b'/', more @ ..] => rest = more,
            _ => break,
        }
        up += 1;
    }
    // `./` at the front means nothing, and tools write it.
    while let Some(more) = rest.strip_prefix(b"./") {
        rest = more;
    }
    let plain = rest.strip_suffix(b"/").unwrap_or(rest);
    let names = plain.is_empty() && up > 0 || plain == b"." || check_name(plain).is_ok();
    up <= depth && names
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_may_lead_up_to_the_top_and_no_further() {
        for (link, target, inside) in [
            ("a", "b", true),
            ("a", "./b/c", true),
            ("a", ".", true),
            ("d/a", "..", true),
            ("d/a", "../", true),
            ("d/a", "../b", true),
            ("d/e/a", "../../b/c", true),
            ("a", "..", false),
            ("a", "../b", false),
            ("d/a", "../../b", false),
            ("a", "/etc/passwd", false),
            ("a", "C:x", false),
            ("a", "b\\c", false),
            ("a", "", false),
            // By its letters inside; through a link `x` that points elsewhere it is not.
            ("a", "x/..", false),
            ("d/a", "x/../../y", false),
            ("d/a", "./../y", false),
            ("a", "b//c", false),
            ("a", "..b", true),
        ] {
            assert_eq!(stays_inside(link.as_bytes(), target.as_bytes()), inside, "{link} -> {target}");
        }
    }
}
