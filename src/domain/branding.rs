//! The name and the logo that people see instead of ours.

use super::Name;
use super::ids::LogoId;

/// The image format of a logo.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A PNG image.
    Png,
    /// An SVG drawing.
    Svg,
}

impl Kind {
    /// The media type, in HTTP and in the database.
    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Svg => "image/svg+xml",
        }
    }

    /// Reads a media type.
    pub fn of_media_type(raw: &str) -> Option<Self> {
        [Self::Png, Self::Svg].into_iter().find(|kind| kind.media_type() == raw)
    }
}

/// A logo without active content, as `logo::read` returns it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logo {
    /// The image format.
    pub kind: Kind,
    /// The file.
    pub bytes: Vec<u8>,
}

/// The brand that an organisation, or the appliance, has set.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Branding {
    /// The name next to the logo, or instead of it.
    pub name: Option<Name>,
    /// The logo.
    pub logo: Option<Logo>,
}

/// The brand at the top of a page, without the image itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Brand {
    /// The name that was set.
    pub name: Option<String>,
    /// The id of the logo, by which it is loaded. Each new logo has a new id, which cannot be guessed.
    pub logo: Option<LogoId>,
}
