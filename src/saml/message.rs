//! A received response, parsed once: its text for libxml2, which verifies the signature, and its elements for
//! everything else.

use super::dom::Element;
use super::refusal::Refusal;
use super::{profile, redact};

/// A decoded response.
pub struct Message {
    pub(super) xml: String,
    pub(super) root: Element,
}

impl Message {
    /// Parses a decoded response.
    ///
    /// # Errors
    /// The reason why the text is not a response.
    pub fn read(xml: impl Into<String>) -> Result<Self, Refusal> {
        let xml = xml.into();
        Ok(Self { root: profile::response(&xml)?, xml })
    }

    /// The text of the response.
    pub fn xml(&self) -> &str {
        &self.xml
    }

    /// The id of the request that the response claims to answer (unverified), if any.
    pub fn in_response_to(&self) -> Option<&str> {
        self.root.attribute("InResponseTo").filter(|id| !id.is_empty())
    }

    /// The response in the redacted form for the trace. `hide_values`: true also removes the values about the person.
    pub fn redacted(&self, hide_values: bool) -> String {
        redact::redacted(&self.root, hide_values)
    }
}
