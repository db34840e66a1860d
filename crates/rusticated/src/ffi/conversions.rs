//! std's conversions and comparisons between strings.
#![allow(unsafe_code, reason = "all UTF-8 is a string of every system")]
use alloc::borrow::{Borrow, Cow};
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use core::cmp::Ordering;
use core::convert::Infallible;
use core::str::{FromStr, Utf8Error};

use super::{OsStr, OsString};

impl AsRef<OsStr> for OsStr {
    fn as_ref(&self) -> &OsStr {
        self
    }
}

impl AsRef<OsStr> for OsString {
    fn as_ref(&self) -> &OsStr {
        self
    }
}

impl AsRef<OsStr> for str {
    fn as_ref(&self) -> &OsStr {
        // SAFETY: UTF-8.
        unsafe { OsStr::from_encoded_bytes_unchecked(self.as_bytes()) }
    }
}

impl AsRef<OsStr> for String {
    fn as_ref(&self) -> &OsStr {
        self.as_str().as_ref()
    }
}

impl Borrow<OsStr> for OsString {
    fn borrow(&self) -> &OsStr {
        self
    }
}

impl From<String> for OsString {
    fn from(text: String) -> Self {
        Self::from_encoded(text.into_bytes())
    }
}

impl<T: AsRef<OsStr> + ?Sized> From<&T> for OsString {
    fn from(string: &T) -> Self {
        string.as_ref().to_os_string()
    }
}

impl From<Box<OsStr>> for OsString {
    fn from(string: Box<OsStr>) -> Self {
        string.into_os_string()
    }
}

impl From<Cow<'_, OsStr>> for OsString {
    fn from(string: Cow<'_, OsStr>) -> Self {
        string.into_owned()
    }
}

impl FromStr for OsString {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl From<&OsStr> for Box<OsStr> {
    fn from(string: &OsStr) -> Self {
        string.to_os_string().into()
    }
}

impl From<OsString> for Box<OsStr> {
    fn from(string: OsString) -> Self {
        string.into_boxed_os_str()
    }
}

impl Clone for Box<OsStr> {
    fn clone(&self) -> Self {
        (&**self).into()
    }
}

impl From<OsString> for Arc<OsStr> {
    fn from(string: OsString) -> Self {
        string.into_boxed_os_str().into()
    }
}

impl From<&OsStr> for Arc<OsStr> {
    fn from(string: &OsStr) -> Self {
        string.to_os_string().into()
    }
}

impl From<OsString> for Rc<OsStr> {
    fn from(string: OsString) -> Self {
        string.into_boxed_os_str().into()
    }
}

impl From<&OsStr> for Rc<OsStr> {
    fn from(string: &OsStr) -> Self {
        string.to_os_string().into()
    }
}

impl<'a> From<&'a OsStr> for Cow<'a, OsStr> {
    fn from(string: &'a OsStr) -> Self {
        Cow::Borrowed(string)
    }
}

impl<'a> From<&'a OsString> for Cow<'a, OsStr> {
    fn from(string: &'a OsString) -> Self {
        Cow::Borrowed(string)
    }
}

impl From<OsString> for Cow<'_, OsStr> {
    fn from(string: OsString) -> Self {
        Cow::Owned(string)
    }
}

impl<'a> TryFrom<&'a OsStr> for &'a str {
    type Error = Utf8Error;
    fn try_from(string: &'a OsStr) -> Result<Self, Utf8Error> {
        core::str::from_utf8(string.as_encoded_bytes())
    }
}

impl Default for &OsStr {
    fn default() -> Self {
        OsStr::new("")
    }
}

impl Default for Box<OsStr> {
    fn default() -> Self {
        OsString::new().into()
    }
}

impl<S: AsRef<OsStr>> Extend<S> for OsString {
    fn extend<I: IntoIterator<Item = S>>(&mut self, strings: I) {
        strings.into_iter().for_each(|string| self.push(string));
    }
}

impl<S: AsRef<OsStr>> FromIterator<S> for OsString {
    fn from_iter<I: IntoIterator<Item = S>>(strings: I) -> Self {
        let mut all = Self::new();
        all.extend(strings);
        all
    }
}

/// Comparisons of each pair, both ways round; what both sides have in common is `AsRef<OsStr>`.
macro_rules! compare {
    ($($left:ty, $right:ty;)*) => {$(
        impl PartialEq<$right> for $left {
            fn eq(&self, other: &$right) -> bool {
                <OsStr as PartialEq>::eq(self.as_ref(), other.as_ref())
            }
        }
        impl PartialEq<$left> for $right {
            fn eq(&self, other: &$left) -> bool {
                <OsStr as PartialEq>::eq(self.as_ref(), other.as_ref())
            }
        }
    )*};
    (order $($left:ty, $right:ty;)*) => {$(
        compare! { $left, $right; }
        impl PartialOrd<$right> for $left {
            fn partial_cmp(&self, other: &$right) -> Option<Ordering> {
                <OsStr as PartialOrd>::partial_cmp(self.as_ref(), other.as_ref())
            }
        }
        impl PartialOrd<$left> for $right {
            fn partial_cmp(&self, other: &$left) -> Option<Ordering> {
                <OsStr as PartialOrd>::partial_cmp(self.as_ref(), other.as_ref())
            }
        }
    )*};
}

compare! {
    OsStr, str;
    OsString, str;
    OsString, &str;
}
compare! { order
    OsString, OsStr;
    OsString, &OsStr;
    Cow<'_, OsStr>, OsStr;
    Cow<'_, OsStr>, &OsStr;
    Cow<'_, OsStr>, OsString;
}

impl PartialOrd<str> for OsStr {
    fn partial_cmp(&self, other: &str) -> Option<Ordering> {
        self.partial_cmp(Self::new(other))
    }
}

impl PartialOrd<str> for OsString {
    fn partial_cmp(&self, other: &str) -> Option<Ordering> {
        (**self).partial_cmp(other)
    }
}
