//! How a host learns why there is no runtime: there is none yet whose last error it could ask for.

use std::ffi::c_char;

/// How many bytes a [`RuntimeError`] has for its message, with the zero at its end.
pub const MESSAGE_SIZE: usize = 4088;

/// Why there is no runtime. 4096 bytes.
#[repr(C)]
#[derive(Debug)]
pub struct RuntimeError {
    /// A [`AbiErrorCode`](polyplug_abi::AbiErrorCode), or the code of a plugin.
    pub code: u32,
    /// How many bytes the message has, without the zero at its end.
    pub message_len: u32,
    /// UTF-8, with a zero at its end; cut off if it is longer.
    pub message: [c_char; MESSAGE_SIZE],
}

impl RuntimeError {
    pub(crate) fn set(&mut self, code: u32, message: &str) {
        let mut len = message.len().min(MESSAGE_SIZE - 1);
        while !message.is_char_boundary(len) {
            len -= 1;
        }
        self.code = code;
        self.message_len = len as u32;
        for (to, from) in self.message.iter_mut().zip(message.as_bytes()[..len].iter().chain(&[0])) {
            *to = *from as c_char;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(message: &str) -> String {
        let mut error = RuntimeError { code: 0, message_len: 0, message: [1; MESSAGE_SIZE] };
        error.set(7, message);
        assert_eq!(error.code, 7);
        assert_eq!(error.message[error.message_len as usize], 0);
        let bytes: Vec<u8> = error.message[..error.message_len as usize].iter().map(|byte| *byte as u8).collect();
        String::from_utf8(bytes).unwrap()
    }

    #[test]
    fn a_message_is_whole_or_cut_between_two_characters() {
        assert_eq!(told(""), "");
        assert_eq!(told("why"), "why");
        assert_eq!(told(&"x".repeat(5_000)), "x".repeat(MESSAGE_SIZE - 1));
        assert_eq!(told(&"ß".repeat(5_000)), "ß".repeat(MESSAGE_SIZE / 2 - 1));
    }
}
