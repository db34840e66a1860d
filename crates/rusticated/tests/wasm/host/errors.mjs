// The numbers that the module knows errors by, which are Linux's on every host.
const numbers = {
    EPERM: 1, ENOENT: 2, EINTR: 4, EIO: 5, EBADF: 9, EAGAIN: 11, ENOMEM: 12, EACCES: 13, EBUSY: 16, EEXIST: 17,
    EXDEV: 18, ENOTDIR: 20, EISDIR: 21, EINVAL: 22, EMFILE: 24, EFBIG: 27, ENOSPC: 28, ESPIPE: 29, EROFS: 30,
    EPIPE: 32, ENAMETOOLONG: 36, ENOSYS: 38, ENOTEMPTY: 39, ELOOP: 40, EADDRINUSE: 98, EADDRNOTAVAIL: 99,
    ENETUNREACH: 101, ECONNABORTED: 103, ECONNRESET: 104, ENOTCONN: 107, ETIMEDOUT: 110, ECONNREFUSED: 111,
    EHOSTUNREACH: 113, ECANCELED: 125,
    ERR_STREAM_WRITE_AFTER_END: 32, ERR_STREAM_DESTROYED: 32, ERR_INVALID_ARG_VALUE: 22, ERR_FS_EISDIR: 21,
    ERR_SOCKET_DGRAM_NOT_CONNECTED: 107,
};

export function errno(error) {
    if (!(error?.code in numbers)) console.error("an error that has no number:", error);
    return numbers[error?.code] ?? 5;
}
