//! One file a command: what is done about what the command line says.
