//! Describes XML faults in plain words.

use super::Unreadable;
use super::build::too_complex;
use quick_xml::Error;
use quick_xml::errors::{IllFormedError, SyntaxError};
use quick_xml::events::attributes::AttrError;
use quick_xml::name::NamespaceError;

/// The longest part of a name that a description repeats, in characters.
const MOST_CHARS: usize = 60;

/// Describes an error of quick-xml.
pub(super) fn broken(cause: Error) -> Unreadable {
    match cause {
        Error::Namespace(NamespaceError::TooManyBindings(_)) => too_complex("too many namespaces at once"),
        Error::Syntax(fault) => syntax(fault).into(),
        Error::IllFormed(fault) => form(&fault).into(),
        Error::InvalidAttr(fault) => attribute(&fault).into(),
        Error::Namespace(_) => "a prefix that XML reserves or that is not declared".into(),
        _ => "a part that is not XML".into(),
    }
}

const fn syntax(fault: SyntaxError) -> &'static str {
    match fault {
        SyntaxError::InvalidBangMarkup => "<! without a comment, CDATA section or DOCTYPE after it",
        SyntaxError::UnclosedTag
        | SyntaxError::UnclosedSingleQuotedAttributeValue
        | SyntaxError::UnclosedDoubleQuotedAttributeValue => {
            "a tag that is not closed: the text is cut off, or there is an extra < or quotation mark"
        }
        SyntaxError::UnclosedComment => "a comment that is not closed",
        SyntaxError::UnclosedCData => "a CDATA section that is not closed",
        SyntaxError::UnclosedDoctype => "a DOCTYPE that is not closed",
        SyntaxError::UnclosedPI | SyntaxError::UnclosedXmlDecl => {
            "an XML declaration or instruction that is not closed"
        }
    }
}

fn form(fault: &IllFormedError) -> String {
    match fault {
        IllFormedError::MissingEndTag(name) => {
            format!("the element {} without its end: the text is cut off", cut(name))
        }
        IllFormedError::UnmatchedEndTag(name) => {
            format!("the end tag </{}> without its start: the beginning of the text is missing", cut(name))
        }
        IllFormedError::MismatchedEndTag { expected, found } => {
            format!("the end tag </{}> where </{}> is expected", cut(found), cut(expected))
        }
        IllFormedError::UnclosedReference => "an & that does not begin a reference; in XML it is written &amp;".into(),
        IllFormedError::DoubleHyphenInComment => "a comment with -- in it".into(),
        IllFormedError::MissingDoctypeName => "a DOCTYPE without a name".into(),
        IllFormedError::MissingDeclVersion(_) | IllFormedError::UnknownVersion => {
            "an XML declaration without version=\"1.0\"".into()
        }
    }
}

/// Describes the error of an attribute.
pub(super) const fn attribute(fault: &AttrError) -> &'static str {
    match fault {
        AttrError::ExpectedEq(_) | AttrError::ExpectedValue(_) => "an attribute without a value",
        AttrError::UnquotedValue(_) => "an attribute whose value is not in quotation marks",
        AttrError::ExpectedQuote(..) => "an attribute whose value has no closing quotation mark",
        AttrError::Duplicated(..) => "an attribute that occurs twice on one element",
    }
}

fn cut(name: &str) -> String {
    name.chars().take(MOST_CHARS).collect()
}
