//! A small XML tree with resolved namespaces, and a strict parser with limits.
//!
//! The parser is stricter than XML: it refuses constructs that parsers interpret differently, because the signature is
//! verified by another parser.

mod build;
mod read;
mod scope;
mod words;

pub use read::{parse, parse_document};
pub use scope::{in_scope, replace_child};

use super::refusal::{Reason, reasons};

/// An element.
#[derive(Debug, Default, Clone)]
pub struct Element {
    /// The namespace; empty if there is none.
    pub namespace: String,
    /// The name without a prefix.
    pub name: String,
    /// The attributes, without namespace declarations.
    pub attributes: Vec<Attribute>,
    /// The namespaces that the element declares, as prefix and URI. An empty prefix is the default namespace.
    pub declared: Vec<(String, String)>,
    /// The child elements.
    pub children: Vec<Element>,
    /// The text, without the text of its children.
    pub text: String,
}

/// An attribute.
#[derive(Debug, Clone)]
pub struct Attribute {
    /// The namespace; empty if there is none.
    pub namespace: String,
    /// The name without a prefix.
    pub name: String,
    /// The value, with references resolved.
    pub value: String,
}

/// The reason why a document could not be read.
#[derive(Debug)]
pub struct Unreadable {
    /// The reason for the refusal of a response.
    pub reason: &'static Reason,
    /// A phrase that names the fault.
    pub found: String,
}

impl Unreadable {
    fn new(reason: &'static Reason, found: impl Into<String>) -> Self {
        Self { reason, found: found.into() }
    }
}

impl From<String> for Unreadable {
    fn from(found: String) -> Self {
        Self::new(&reasons::MALFORMED_XML, found)
    }
}

impl From<&str> for Unreadable {
    fn from(found: &str) -> Self {
        Self::new(&reasons::MALFORMED_XML, found)
    }
}

impl std::fmt::Display for Unreadable {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.found)
    }
}

type Read<T> = Result<T, Unreadable>;

impl Element {
    /// True if the element has this namespace and name.
    pub fn is(&self, namespace: &str, name: &str) -> bool {
        self.namespace == namespace && self.name == name
    }

    /// The value of an attribute without a namespace.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        let found = self.attributes.iter().find(|attribute| attribute.namespace.is_empty() && attribute.name == name);
        found.map(|attribute| attribute.value.as_str())
    }

    /// The children with this namespace and name.
    pub fn all<'a>(&'a self, namespace: &'a str, name: &'a str) -> impl Iterator<Item = &'a Element> {
        self.children.iter().filter(move |child| child.is(namespace, name))
    }

    /// The first child with this namespace and name.
    pub fn child<'a>(&'a self, namespace: &'a str, name: &'a str) -> Option<&'a Element> {
        self.all(namespace, name).next()
    }

    /// The trimmed text; `None` if the element has children, which could contain more text.
    pub fn plain_text(&self) -> Option<&str> {
        self.children.is_empty().then(|| self.text.trim())
    }

    /// True if `fits` is true for the element or any of its descendants.
    pub fn any(&self, fits: &impl Fn(&Element) -> bool) -> bool {
        fits(self) || self.children.iter().any(|child| child.any(fits))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plain_document_is_read_with_its_namespaces() {
        let root = parse(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<a:x xmlns:a='urn:a' k='1 &amp; 2'>t&lt;&#x41;<y/></a:x>\n",
        )
        .expect("plain");
        assert!(root.is("urn:a", "x"));
        assert_eq!(root.attribute("k"), Some("1 & 2"));
        assert_eq!(root.text, "t<A");
        assert!(root.children[0].is("", "y"));
    }

    #[test]
    fn constructs_that_parsers_read_differently_are_refused() {
        for bad in [
            "",
            "text",
            "<a>",
            "<a></b>",
            "<a/><b/>",
            "<a/>x",
            "&#9;<a/>",
            "<a/>&#32;",
            "<xmlns:a/>",
            "x<a/>",
            "<a><!-- c --></a>",
            "<a><![CDATA[x]]></a>",
            "<?pi x?><a/>",
            "<a><?pi x?></a>",
            "<!DOCTYPE a><a/>",
            "<a>&x;</a>",
            "<a>&#0;</a>",
            "<a>&#xFFFE;</a>",
            "<a k='&x;'/>",
            "<a k='1' k='2'/>",
            "<a k=1/>",
            "<a k='<'/>",
            "<p:a/>",
            "<a p:k='1'/>",
            "<a xml:id='x'/>",
            "<a xml:base='x'/>",
            "<a xmlns:p='urn:p' xmlns:q='urn:p' p:k='1' q:k='2'/>",
            "<a xmlns:p='urn:p' p:ID='x'/>",
            "<?xml version='1.1'?><a/>",
            "<?xml version='1.0' encoding='ISO-8859-1'?><a/>",
            "<a>]]></a>",
            " <?xml version='1.0'?><a/>",
            "<a>\u{0}</a>",
            "<a>\u{1}</a>",
            "<a>\u{fffe}</a>",
            "<1a/>",
            "<a:b:c xmlns:a='x'/>",
            "<é/>",
            "<a",
            "<a k='1",
            "</a>",
            "<a xmlns:p=''><p:b/></a>",
        ] {
            assert!(parse(bad).is_err(), "{bad:?} was read");
        }
    }

    #[test]
    fn depth_elements_and_attributes_are_bounded() {
        let deep = |n: usize| format!("{}{}", "<a>".repeat(n), "</a>".repeat(n));
        assert!(parse(&deep(40)).is_ok());
        assert!(parse(&deep(41)).is_err());
        let wide = |n: usize| format!("<a>{}</a>", "<b/>".repeat(n));
        assert!(parse(&wide(19_999)).is_ok());
        assert!(parse(&wide(20_000)).is_err());
        let attributes = |n: usize| {
            let all: Vec<_> = (0..n).map(|n| format!("k{n}='v'")).collect();
            format!("<a {}/>", all.join(" "))
        };
        assert!(parse(&attributes(40)).is_ok());
        assert!(parse(&attributes(41)).is_err());
    }
}
