//! The environment variables of this process, with the settings file of the service as a fallback.

use super::env_file;
use std::collections::HashMap;
use std::ffi::OsString;
use std::io::ErrorKind;
use std::path::PathBuf;

/// The default path of the settings file of the service.
const FILE: &str = "/etc/vestibule.env";
/// The variable with the path of another settings file.
const FILE_VARIABLE: &str = "VESTIBULE_ENV_FILE";

/// The values of variables. An empty value counts as absent: compose files set one for a variable that has no value.
pub struct Environment {
    file: PathBuf,
    of_file: HashMap<String, String>,
    warnings: Vec<String>,
}

impl Environment {
    /// Reads the settings file, if it exists and this user may read it.
    pub fn read() -> Self {
        let file = file();
        match std::fs::read(&file) {
            Ok(bytes) => Self::of(file, &String::from_utf8_lossy(&bytes)),
            Err(cause) => {
                // No warning about the default file: it may be absent, and only root may read it, while systemd passes
                // its values to the service.
                let told = own(FILE_VARIABLE).is_some();
                let warning = format!("{} cannot be read and is left out: {cause}", file.display());
                Self { file, of_file: HashMap::new(), warnings: told.then_some(warning).into_iter().collect() }
            }
        }
    }

    /// The settings file, if it exists and this user may not read it.
    pub fn forbidden_file() -> Option<PathBuf> {
        let file = file();
        let denied = std::fs::File::open(&file).is_err_and(|cause| cause.kind() == ErrorKind::PermissionDenied);
        denied.then_some(file)
    }

    fn of(file: PathBuf, text: &str) -> Self {
        let (found, ignored) = env_file::parse(text);
        let told = |line| format!("line {line} of {} is not NAME=VALUE and is left out", file.display());
        let warnings = ignored.into_iter().map(told).collect();
        // The last value of a name counts.
        Self { of_file: found.into_iter().collect(), warnings, file }
    }

    /// The faults of the settings file, one line each.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }

    /// The value of this variable in the environment of the process.
    pub fn own(&self, name: &str) -> Option<OsString> {
        own(name)
    }

    /// The value of this variable in the settings file.
    pub fn of_file(&self, name: &str) -> Option<OsString> {
        self.of_file.get(name).filter(|value| !value.is_empty()).map(OsString::from)
    }

    /// The value of this variable: the environment's, else the settings file's.
    pub fn value(&self, name: &str) -> Option<OsString> {
        own(name).or_else(|| self.of_file(name))
    }

    /// The name of this variable and, if it is set in the settings file, that file, for messages.
    pub fn place(&self, name: &str) -> String {
        match own(name) {
            Some(_) => name.to_owned(),
            None => format!("{name} in {}", self.file.display()),
        }
    }
}

fn own(name: &str) -> Option<OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

fn file() -> PathBuf {
    own(FILE_VARIABLE).map_or_else(|| PathBuf::from(FILE), PathBuf::from)
}
