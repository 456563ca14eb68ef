//! Parse, log, run, exit code.
fn main() {}
