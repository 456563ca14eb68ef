//! The name and the logo that people see in place of ours.

use super::Name;
use super::ids::LogoId;

/// What kind of image a logo is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Pixels.
    Png,
    /// A drawing.
    Svg,
}

impl Kind {
    /// As HTTP names it, and the database.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml",
        }
    }

    /// Reads that.
    pub fn of_media_type(raw: &str) -> Option<Self> {
        [Self::Png, Self::Svg].into_iter().find(|kind| kind.media_type() == raw)
    }
}

/// A logo that has nothing active in it: `logo::read` makes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// What it is.
    pub kind: Kind,
    /// The file.
    pub bytes: Vec<u8>,
}

/// The brand that an organisation, or the appliance, has set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Branding {
    /// The name beside the logo, or in its place.
    pub name: Option<Name>,
    /// The logo.
    pub logo: Option<Logo>,
}

/// What stands at the top of a page: without the image itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brand {
    /// The name that was set.
    pub name: Option<String>,
    /// Where the logo is. Each one that is set has another id, which nobody can guess.
    pub logo: Option<LogoId>,
}
