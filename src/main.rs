//! Parse, log, run, exit code.

use std::process::ExitCode;

fn main() -> ExitCode {
    env_logger::Builder::from_env(env_logger::Env::new().filter_or("VESTIBULE_LOG", "info,actix_server=warn")).init();
    vestibule::cli::run()
}
