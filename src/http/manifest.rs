//! The names in the web UI: the build script writes them, a release reads them.

use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// The names of the web UI.
#[derive(Debug, Default, Serialize, Deserialize)]
pub struct Manifest {
    /// 16 hexadecimal digits that change with any file. Addresses of files name them.
    pub version: String,
    /// The modules that every page needs.
    pub shared: BTreeSet<String>,
    /// Those that the page at an address needs besides.
    pub routes: Vec<Route>,
}

/// An address as `router.js` writes it, such as `/o/:org/sso`, and modules.
pub type Route = (String, BTreeSet<String>);
