//! A configuration that admins copy for an application.

/// A configuration to copy.
#[derive(Debug)]
pub struct Snippet {
    /// The name of the proxy or client, in lower case.
    pub name: &'static str,
    /// The name of the language, for highlighting.
    pub language: &'static str,
    /// The configuration.
    pub text: String,
}
