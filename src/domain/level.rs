//! The level of access that a person has in an application.

use serde::Serialize;

/// A level of access to an application, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// No access.
    NoAccess,
    /// May read.
    Viewer,
    /// May operate what others have set up.
    Operator,
    /// May change content.
    Editor,
    /// May change everything.
    Admin,
}

impl Level {
    /// All levels, lowest first.
    pub const ALL: [Self; 5] = [Self::NoAccess, Self::Viewer, Self::Operator, Self::Editor, Self::Admin];

    /// The word in the database, the API and the headers for applications.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NoAccess => "no_access",
            Self::Viewer => "viewer",
            Self::Operator => "operator",
            Self::Editor => "editor",
            Self::Admin => "admin",
        }
    }

    /// Reads the word; `None` if it is not a level.
    pub fn parse(raw: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|level| level.as_str() == raw)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn levels_are_ordered_and_read_back() {
        assert!(Level::ALL.is_sorted());
        for level in Level::ALL {
            assert_eq!(Level::parse(level.as_str()), Some(level));
        }
        assert_eq!(Level::parse("owner"), None);
    }
}
