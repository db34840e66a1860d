//! Times as MS-DOS wrote them (PKWARE's APPNOTE 6.3.10, 4.4.6), which zip archives and cabinets still do.

/// The MS-DOS time in the low half, the date in the high half; UTC, within what it can
/// say: 1980-01-01 to 2107-12-31.
pub(crate) fn dos_date_time(mtime: u64) -> u32 {
    const FIRST: u64 = 315_532_800;
    const LAST: u64 = 4_354_819_198;
    let seconds = mtime.clamp(FIRST, LAST);
    let (mut days, second) = ((seconds / 86_400) as u32, (seconds % 86_400) as u32);
    // Days since 1980; every fourth year is a leap year but for 2100.
    days -= 3652;
    let leap = |year: u32| year.is_multiple_of(4) && year != 120;
    let mut year = 0;
    while days >= 365 + u32::from(leap(year)) {
        days -= 365 + u32::from(leap(year));
        year += 1;
    }
    let february = 28 + u32::from(leap(year));
    let mut month = 1;
    for length in [31, february, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31] {
        if days < length {
            break;
        }
        days -= length;
        month += 1;
    }
    let date = year << 9 | month << 5 | (days + 1);
    let time = (second / 3600) << 11 | (second / 60 % 60) << 5 | (second % 60 / 2);
    date << 16 | time
}

#[cfg(test)]
mod tests {
    use super::dos_date_time;

    fn parts(mtime: u64) -> (u32, u32, u32, u32, u32, u32) {
        let (date, time) = (dos_date_time(mtime) >> 16, dos_date_time(mtime) & 0xFFFF);
        (1980 + (date >> 9), date >> 5 & 15, date & 31, time >> 11, time >> 5 & 63, (time & 31) * 2)
    }

    #[test]
    fn dos_times_are_utc_and_clamped() {
        for (mtime, expected) in [
            (0, (1980, 1, 1, 0, 0, 0)),
            (951_782_400, (2000, 2, 29, 0, 0, 0)),
            (1_700_000_001, (2023, 11, 14, 22, 13, 20)),
            (4_107_542_400, (2100, 3, 1, 0, 0, 0)),
            (u64::MAX, (2107, 12, 31, 23, 59, 58)),
        ] {
            assert_eq!(parts(mtime), expected, "{mtime}");
        }
    }
}
