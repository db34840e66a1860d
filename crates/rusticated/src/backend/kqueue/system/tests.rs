//! Layouts and numbers, held against those of the crate `libc`: while this compiles, they are the same.
use core::mem::offset_of;

use super::*;

/// The same size, and the same places of fields.
macro_rules! same {
    ($($ours:ty = $theirs:ty { $($our_field:ident = $their_field:ident),* $(,)? })*) => {
        $(const _: () = {
            assert!(size_of::<$ours>() == size_of::<$theirs>());
            assert!(align_of::<$ours>() == align_of::<$theirs>());
            $(assert!(offset_of!($ours, $our_field) == offset_of!($theirs, $their_field));)*
        };)*
    };
}

same! {
    Kevent = libc::kevent { ident = ident, filter = filter, flags = flags, filter_flags = fflags, data = data, user = udata }
    SigAction = libc::sigaction { handler = sa_sigaction, mask = sa_mask, flags = sa_flags }
    Termios = libc::termios {
        input = c_iflag, output = c_oflag, control = c_cflag, local = c_lflag, characters = c_cc,
    }
    Timespec = libc::timespec { seconds = tv_sec, nanoseconds = tv_nsec }
    PollFd = libc::pollfd { descriptor = fd, events = events, returned = revents }
    Mutex = libc::pthread_mutex_t {}
    Condition = libc::pthread_cond_t {}
    SignalSet = libc::sigset_t {}
    Key = libc::pthread_key_t {}
    Mode = libc::mode_t {}
    PollCount = libc::nfds_t {}
    Length = libc::socklen_t {}
    ClockId = libc::clockid_t {}
}

// The crate has FreeBSD 11's by default.
#[cfg(not(target_os = "freebsd"))]
same! {
    Stat = libc::stat { mode = st_mode, accessed = st_atime, modified = st_mtime, size = st_size }
    Dirent = libc::dirent { name_length = d_namlen, kind = d_type, name = d_name }
}

#[cfg(not(any(target_os = "freebsd", target_os = "dragonfly")))]
same! {
    Stat = libc::stat { created = st_birthtime }
}

macro_rules! equal {
    ($($name:ident)*) => {
        $(const _: () = assert!($name as i128 == libc::$name as i128, stringify!($name));)*
    };
}

equal! {
    O_WRONLY O_RDWR O_NONBLOCK O_APPEND O_NOFOLLOW O_CREAT O_TRUNC O_EXCL O_CLOEXEC O_DIRECTORY O_NOCTTY O_ACCMODE
    F_SETFD F_GETFL F_SETFL FD_CLOEXEC F_DUPFD_CLOEXEC AT_FDCWD AT_SYMLINK_NOFOLLOW AT_REMOVEDIR UTIME_OMIT
    AF_INET AF_INET6 SOCK_STREAM SOCK_DGRAM SOL_SOCKET SO_REUSEADDR SO_BROADCAST SO_ERROR MSG_PEEK
    IPPROTO_IP IPPROTO_TCP IPPROTO_IPV6 IP_TTL IP_ADD_MEMBERSHIP IP_DROP_MEMBERSHIP
    IPV6_JOIN_GROUP IPV6_LEAVE_GROUP TCP_NODELAY CLOCK_REALTIME CLOCK_MONOTONIC
    EVFILT_READ EVFILT_WRITE EVFILT_PROC EVFILT_SIGNAL EV_ADD EV_DELETE EV_ONESHOT EV_ERROR NOTE_EXIT
    SA_RESTART SIG_SETMASK SIGKILL SIGPIPE WNOHANG TIOCGWINSZ POLLIN POLLOUT
}

#[cfg(not(target_vendor = "apple"))]
equal! { MSG_NOSIGNAL SOCK_CLOEXEC SOCK_NONBLOCK }

#[cfg(target_vendor = "apple")]
equal! { F_FULLFSYNC }

const _: () = {
    assert!(errno::ENOENT == libc::ENOENT && errno::EINTR == libc::EINTR);
    assert!(errno::ENOTDIR == libc::ENOTDIR && errno::EMLINK == libc::EMLINK);
    assert!(errno::EAGAIN == libc::EAGAIN && errno::EINPROGRESS == libc::EINPROGRESS);
    assert!(errno::ECONNABORTED == libc::ECONNABORTED && errno::ELOOP == libc::ELOOP);
};
