//! Lua programs as hosts: their module `polyplug` acts for the host of a runtime.
