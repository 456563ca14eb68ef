//! A response as it came, read once: its text for libxml2, which verifies the signature, and its elements for everything else.

use super::dom::Element;
use super::refusal::Refusal;
use super::{profile, redact};

/// A decoded response.
pub struct Message {
    pub(super) xml: String,
    pub(super) root: Element,
}

impl Message {
    /// Reads a decoded response.
    ///
    /// # Errors
    /// The reason why it is no response at all.
    pub fn read(xml: impl Into<String>) -> Result<Self, Refusal> {
        let xml = xml.into();
        Ok(Self { root: profile::response(&xml)?, xml })
    }

    /// Its text.
    pub fn xml(&self) -> &str {
        &self.xml
    }

    /// The request that it says it answers; `None` when it says nothing.
    pub fn in_response_to(&self) -> Option<&str> {
        self.root.attribute("InResponseTo").filter(|id| !id.is_empty())
    }

    /// It as the trace may keep it. `hide_values`: whether what it says of the person goes too.
    pub fn redacted(&self, hide_values: bool) -> String {
        redact::redacted(&self.root, hide_values)
    }
}
