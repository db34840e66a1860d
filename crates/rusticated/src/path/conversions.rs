//! std's conversions and comparisons between paths and strings.
use alloc::borrow::{Borrow, Cow};
use alloc::boxed::Box;
use alloc::rc::Rc;
use alloc::string::String;
use alloc::sync::Arc;
use core::cmp::Ordering;
use core::convert::Infallible;
use core::hash::{Hash, Hasher};
use core::str::FromStr;

use super::{Path, PathBuf};
use crate::ffi::{OsStr, OsString};

/// What is a string is a path.
macro_rules! as_path {
    ($($string:ty),*) => {$(
        impl AsRef<Path> for $string {
            fn as_ref(&self) -> &Path {
                Path::new(self)
            }
        }
    )*};
}
as_path!(OsStr, OsString, Cow<'_, OsStr>, str, String);

impl AsRef<Path> for Path {
    fn as_ref(&self) -> &Path {
        self
    }
}

impl AsRef<Path> for PathBuf {
    fn as_ref(&self) -> &Path {
        self
    }
}

impl AsRef<OsStr> for Path {
    fn as_ref(&self) -> &OsStr {
        self.as_os_str()
    }
}

impl AsRef<OsStr> for PathBuf {
    fn as_ref(&self) -> &OsStr {
        self.as_os_str()
    }
}

impl Borrow<Path> for PathBuf {
    fn borrow(&self) -> &Path {
        self
    }
}

impl<T: AsRef<OsStr> + ?Sized> From<&T> for PathBuf {
    fn from(string: &T) -> Self {
        string.as_ref().to_os_string().into()
    }
}

impl From<String> for PathBuf {
    fn from(string: String) -> Self {
        OsString::from(string).into()
    }
}

impl From<Box<Path>> for PathBuf {
    fn from(path: Box<Path>) -> Self {
        path.into_path_buf()
    }
}

impl From<Cow<'_, Path>> for PathBuf {
    fn from(path: Cow<'_, Path>) -> Self {
        path.into_owned()
    }
}

impl FromStr for PathBuf {
    type Err = Infallible;
    fn from_str(text: &str) -> Result<Self, Infallible> {
        Ok(text.into())
    }
}

impl From<PathBuf> for OsString {
    fn from(path: PathBuf) -> Self {
        path.into_os_string()
    }
}

impl From<&Path> for Box<Path> {
    fn from(path: &Path) -> Self {
        path.to_path_buf().into()
    }
}

impl From<PathBuf> for Box<Path> {
    fn from(path: PathBuf) -> Self {
        path.into_boxed_path()
    }
}

impl Clone for Box<Path> {
    fn clone(&self) -> Self {
        (&**self).into()
    }
}

impl From<PathBuf> for Arc<Path> {
    fn from(path: PathBuf) -> Self {
        path.into_boxed_path().into()
    }
}

impl From<&Path> for Arc<Path> {
    fn from(path: &Path) -> Self {
        path.to_path_buf().into()
    }
}

impl From<PathBuf> for Rc<Path> {
    fn from(path: PathBuf) -> Self {
        path.into_boxed_path().into()
    }
}

impl From<&Path> for Rc<Path> {
    fn from(path: &Path) -> Self {
        path.to_path_buf().into()
    }
}

impl<'a> From<&'a Path> for Cow<'a, Path> {
    fn from(path: &'a Path) -> Self {
        Cow::Borrowed(path)
    }
}

impl<'a> From<&'a PathBuf> for Cow<'a, Path> {
    fn from(path: &'a PathBuf) -> Self {
        Cow::Borrowed(path)
    }
}

impl From<PathBuf> for Cow<'_, Path> {
    fn from(path: PathBuf) -> Self {
        Cow::Owned(path)
    }
}

impl<P: AsRef<Path>> Extend<P> for PathBuf {
    fn extend<I: IntoIterator<Item = P>>(&mut self, paths: I) {
        paths.into_iter().for_each(|path| self.push(path));
    }
}

impl<P: AsRef<Path>> FromIterator<P> for PathBuf {
    fn from_iter<I: IntoIterator<Item = P>>(paths: I) -> Self {
        let mut all = Self::new();
        all.extend(paths);
        all
    }
}

impl PartialEq for PathBuf {
    fn eq(&self, other: &Self) -> bool {
        **self == **other
    }
}

impl Eq for PathBuf {}

impl PartialOrd for PathBuf {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for PathBuf {
    fn cmp(&self, other: &Self) -> Ordering {
        (**self).cmp(&**other)
    }
}

impl Hash for PathBuf {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (**self).hash(hasher);
    }
}

/// Comparisons of each pair, both ways round, as paths; what all have in common is `AsRef<Path>`.
macro_rules! compare {
    ($($left:ty, $right:ty;)*) => {$(
        impl PartialEq<$right> for $left {
            fn eq(&self, other: &$right) -> bool {
                <Path as PartialEq>::eq(self.as_ref(), other.as_ref())
            }
        }
        impl PartialEq<$left> for $right {
            fn eq(&self, other: &$left) -> bool {
                <Path as PartialEq>::eq(self.as_ref(), other.as_ref())
            }
        }
        impl PartialOrd<$right> for $left {
            fn partial_cmp(&self, other: &$right) -> Option<Ordering> {
                <Path as PartialOrd>::partial_cmp(self.as_ref(), other.as_ref())
            }
        }
        impl PartialOrd<$left> for $right {
            fn partial_cmp(&self, other: &$left) -> Option<Ordering> {
                <Path as PartialOrd>::partial_cmp(self.as_ref(), other.as_ref())
            }
        }
    )*};
}

compare! {
    PathBuf, Path;
    PathBuf, &Path;
    Cow<'_, Path>, Path;
    Cow<'_, Path>, &Path;
    Cow<'_, Path>, PathBuf;
    PathBuf, OsStr;
    PathBuf, &OsStr;
    PathBuf, Cow<'_, OsStr>;
    PathBuf, OsString;
    Path, OsStr;
    Path, &OsStr;
    Path, Cow<'_, OsStr>;
    Path, OsString;
    &Path, OsStr;
    &Path, Cow<'_, OsStr>;
    &Path, OsString;
}

/// std compares paths with text for equality only.
macro_rules! compare_text {
    ($($path:ty, $text:ty;)*) => {$(
        impl PartialEq<$text> for $path {
            fn eq(&self, other: &$text) -> bool {
                <Path as PartialEq>::eq(self, Path::new(other))
            }
        }
        impl PartialEq<$path> for $text {
            fn eq(&self, other: &$path) -> bool {
                other == self
            }
        }
    )*};
}

compare_text! {
    Path, str;
    Path, String;
    PathBuf, str;
    PathBuf, String;
}
