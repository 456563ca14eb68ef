//! The notice for a browser whose sign-in was refused.

/// How long the notice is kept, in seconds.
pub const NOTICE_SECS: i64 = 300;

/// The notice for a refused browser, sent in a cookie and never in the URL.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Notice {
    /// The code of the message.
    pub code: String,
    /// The person whom the identity provider identified.
    pub email: Option<String>,
    /// The organisation's name.
    pub organisation: Option<String>,
    /// The reference by which the admin finds the attempt in the trace.
    pub reference: Option<String>,
    /// The request that was answered: by it the browser's cookies tell whether it was a test.
    #[serde(default)]
    pub request: Option<String>,
    /// True if a recovery code was entered, too.
    #[serde(default)]
    pub by_code: bool,
    /// The connection: the sign-in page shows the brand of its organisation.
    #[serde(default)]
    pub connection: Option<String>,
    /// The id of the attempt, if another response to the same request began a session, which may be this browser's.
    #[serde(default)]
    pub repeats: Option<String>,
    /// The refusal of a response that left no attempt in the trace, in its stored form: for the admin who tests the
    /// connection.
    #[serde(default)]
    pub untraced: Option<serde_json::Value>,
    /// The code of the refusal's reason, for pages that explain it.
    #[serde(default)]
    pub reason: Option<String>,
    /// The portal key that was typed, which stays in its field.
    #[serde(default)]
    pub key: Option<String>,
    /// The return path of the sign-in.
    #[serde(default)]
    pub return_path: Option<String>,
    /// The portal URLs to sign in at instead.
    #[serde(default)]
    pub portal_urls: Vec<String>,
}

impl Notice {
    /// A notice with a message that needs no other values.
    pub fn plain(code: &str) -> Self {
        Self { code: code.into(), ..Self::default() }
    }

    /// The same notice, for a sign-in that took too long.
    #[must_use]
    pub(super) fn took_too_long(self) -> Self {
        Self { code: "sso_took_too_long".into(), ..self }
    }

    /// The same notice, with the portal URL to start again.
    #[must_use]
    pub(super) fn with_portal(self, portal_url: Option<String>) -> Self {
        Self { portal_urls: portal_url.into_iter().collect(), ..self }
    }
}
