//! The standard streams. Nothing is buffered: what is written is handed to the system.
use alloc::vec::Vec;
use core::mem::ManuallyDrop;

use super::{AsyncRead, AsyncWrite, Result};
use crate::backend::handle::{self, Handle};

/// Which of the three.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Standard {
    Input,
    Output,
    Error,
}

/// What all three are. They share its code.
#[derive(Debug)]
struct Stream(Result<ManuallyDrop<Handle>>);

impl Stream {
    fn handle(&self) -> Result<&Handle> {
        match &self.0 {
            Ok(handle) => Ok(handle),
            Err(error) => Err(error.again()),
        }
    }

    async fn write(&self, buf: Vec<u8>) -> (Result<usize>, Vec<u8>) {
        match self.handle() {
            Ok(handle) => handle.write(buf).await,
            Err(error) => (Err(error), buf),
        }
    }
}

macro_rules! stream {
    ($name:ident, $function:ident, $which:ident, $about:literal) => {
        #[doc = concat!("The process's ", $about, ".")]
        #[derive(Debug)]
        pub struct $name(Stream);

        #[doc = concat!("The process's ", $about, ". If it has none, using it tells so.")]
        pub fn $function() -> $name {
            $name(Stream(handle::standard(Standard::$which)))
        }

        impl $name {
            pub(crate) fn handle(&self) -> Result<&Handle> {
                self.0.handle()
            }
        }
    };
}

stream!(Stdin, stdin, Input, "standard input");
stream!(Stdout, stdout, Output, "standard output");
stream!(Stderr, stderr, Error, "standard error");

impl AsyncRead for Stdin {
    async fn read(&mut self, buf: Vec<u8>) -> (Result<usize>, Vec<u8>) {
        match self.handle() {
            Ok(handle) => handle.read(buf).await,
            Err(error) => (Err(error), buf),
        }
    }
}

impl AsyncWrite for Stdout {
    async fn write(&mut self, buf: Vec<u8>) -> (Result<usize>, Vec<u8>) {
        self.0.write(buf).await
    }
}

impl AsyncWrite for Stderr {
    async fn write(&mut self, buf: Vec<u8>) -> (Result<usize>, Vec<u8>) {
        self.0.write(buf).await
    }
}
