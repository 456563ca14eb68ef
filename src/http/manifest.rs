//! The names of the web UI's modules: written by the build script, read by a release.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The modules of the web UI.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Manifest {
    /// 16 hexadecimal digits that change when any file changes. They are part of the files' addresses.
    pub version: String,
    /// The modules that every page needs.
    pub shared: BTreeSet<String>,
    /// The other modules that the page at each address needs.
    pub routes: Vec<Route>,
}

/// An address pattern of `router.js`, such as `/o/:org/sso`, and the modules of its page.
pub type Route = (String, BTreeSet<String>);
