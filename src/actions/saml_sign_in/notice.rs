//! The notice for a browser whose sign-in was refused.

/// How long the notice is kept, in seconds.
pub const NOTICE_SECS: i64 = 300;

/// The notice for a refused browser, sent in a cookie and never in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Notice {
    /// Which sentence.
    pub code: String,
    /// The person whom the identity provider identified.
    pub email: Option<String>,
    /// The organisation's name.
    pub organisation: Option<String>,
    /// Where the admin finds it in the trace.
    pub reference: Option<String>,
    /// The request of ours that was answered: by it the browser knows whether it was a test.
    #[serde(default)]
    pub request: Option<String>,
    /// True if a recovery code was typed, too.
    #[serde(default)]
    pub by_code: bool,
    /// The connection by which the browser came: the sign-in page is of its organisation.
    #[serde(default)]
    pub connection: Option<String>,
    /// The line of the trace, where the response earned a session that may be this browser's.
    #[serde(default)]
    pub repeats: Option<String>,
    /// Why a response was refused that left no line in the trace, as a line would keep it: for the admin who tests the connection.
    #[serde(default)]
    pub untraced: Option<serde_json::Value>,
    /// The reason's code, where the page has a word about it.
    #[serde(default)]
    pub reason: Option<String>,
    /// The portal key that was typed: it stays in its field.
    #[serde(default)]
    pub key: Option<String>,
    /// Where they were going.
    #[serde(default)]
    pub return_path: Option<String>,
    /// Where to sign in instead.
    #[serde(default)]
    pub portal_urls: Vec<String>,
}

impl Notice {
    /// A sentence that needs nothing more.
    pub fn plain(code: &str) -> Self {
        Self { code: code.into(), ..Self::default() }
    }

    /// The same, of a sign-in that took too long.
    #[must_use]
    pub(super) fn took_too_long(self) -> Self {
        Self { code: "sso_took_too_long".into(), ..self }
    }

    /// The same, with where to start again.
    #[must_use]
    pub(super) fn with_portal(self, portal_url: Option<String>) -> Self {
        Self { portal_urls: portal_url.into_iter().collect(), ..self }
    }
}
