//! Recognises files that are not text by their first bytes.

use super::phrase::{Phrase, phrase};

/// The kind of a file.
#[derive(Debug, PartialEq, Eq)]
pub struct FileKind {
    /// The kind as a noun with its article.
    pub name: Phrase,
    /// True if it is an archive of other files.
    pub is_archive: bool,
}

const fn plain(name: Phrase) -> FileKind {
    FileKind { name, is_archive: false }
}

const fn packed(name: Phrase) -> FileKind {
    FileKind { name, is_archive: true }
}

/// The kind of a file; `None` if its first bytes are not recognised.
pub fn file_kind(bytes: &[u8]) -> Option<FileKind> {
    const KINDS: [(&[u8], FileKind); 15] = [
        (b"%PDF", plain(phrase!("file-pdf"))),
        (b"\x89PNG", plain(phrase!("file-png"))),
        (b"\xff\xd8\xff", plain(phrase!("file-jpeg"))),
        (b"GIF8", plain(phrase!("file-gif"))),
        (b"\xd0\xcf\x11\xe0", plain(phrase!("file-office"))),
        (b"\x1f\x8b", packed(phrase!("file-gzip"))),
        (b"7z\xbc\xaf", packed(phrase!("file-7zip"))),
        (b"Rar!", packed(phrase!("file-rar"))),
        (b"bplist", plain(phrase!("file-property-list"))),
        (b"\xfe\xed\xfe\xed", plain(phrase!("file-jks"))),
        (b"\xce\xce\xce\xce", plain(phrase!("file-jceks"))),
        (b"\x7fELF", plain(phrase!("file-program"))),
        (b"MZ", plain(phrase!("file-program"))),
        (b"SQLite format 3", plain(phrase!("file-database"))),
        (b"\x00\x00\x00\x0cjP", plain(phrase!("file-image"))),
    ];
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Some(zip(bytes));
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some(plain(phrase!("file-webp")));
    }
    KINDS.into_iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, kind)| kind)
}

/// The kind of a ZIP archive: office documents are such archives, which contain the names of their folders
/// uncompressed.
fn zip(bytes: &[u8]) -> FileKind {
    let start = bytes.get(..bytes.len().min(8192)).unwrap_or_default();
    let names = |name: &[u8]| start.windows(name.len()).any(|part| part == name);
    match () {
        () if names(b"word/") => plain(phrase!("file-word")),
        () if names(b"xl/") => plain(phrase!("file-excel")),
        () if names(b"opendocument.text") => plain(phrase!("file-opendocument")),
        () => packed(phrase!("file-zip")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_recognised_by_their_first_bytes() {
        for (bytes, kind) in [
            (
                &b"PK\x03\x04\x14\0\0\0\x08\0[Content_Types].xml...word/document.xml"[..],
                Some(("a Word document (.docx)", false)),
            ),
            (b"PK\x03\x04\x14\0\0\0idp.xml", Some(("a ZIP archive", true))),
            (b"\x1f\x8b\x08", Some(("a gzip archive", true))),
            (b"%PDF-1.7\n", Some(("a PDF document", false))),
            (b"\x89PNG\r\n", Some(("a PNG image", false))),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some(("a WebP image", false))),
            (b"<a/>", None),
            (b"", None),
        ] {
            let found = file_kind(bytes).map(|kind| (kind.name.to_string(), kind.is_archive));
            assert_eq!(found.as_ref().map(|(name, packed)| (name.as_str(), *packed)), kind);
        }
    }
}
