//! Recognises files that are not text by their first bytes.

use super::phrase::{Phrase, phrase};

/// The kind of a file, as a noun with its article; `None` if its first bytes are not recognised.
pub fn file_kind(bytes: &[u8]) -> Option<Phrase> {
    const KINDS: [(&[u8], Phrase); 15] = [
        (b"%PDF", phrase!("file-pdf")),
        (b"\x89PNG", phrase!("file-png")),
        (b"\xff\xd8\xff", phrase!("file-jpeg")),
        (b"GIF8", phrase!("file-gif")),
        (b"\xd0\xcf\x11\xe0", phrase!("file-office")),
        (b"\x1f\x8b", phrase!("file-gzip")),
        (b"7z\xbc\xaf", phrase!("file-7zip")),
        (b"Rar!", phrase!("file-rar")),
        (b"bplist", phrase!("file-property-list")),
        (b"\xfe\xed\xfe\xed", phrase!("file-jks")),
        (b"\xce\xce\xce\xce", phrase!("file-jceks")),
        (b"\x7fELF", phrase!("file-program")),
        (b"MZ", phrase!("file-program")),
        (b"SQLite format 3", phrase!("file-database")),
        (b"\x00\x00\x00\x0cjP", phrase!("file-image")),
    ];
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Some(archive(bytes));
    }
    if bytes.starts_with(b"RIFF") && bytes.get(8..12) == Some(b"WEBP") {
        return Some(phrase!("file-webp"));
    }
    KINDS.into_iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, kind)| kind)
}

/// True if a file is a compressed archive.
pub fn is_archive(bytes: &[u8]) -> bool {
    let kinds = [phrase!("file-zip"), phrase!("file-gzip"), phrase!("file-7zip"), phrase!("file-rar")];
    file_kind(bytes).is_some_and(|kind| kinds.contains(&kind))
}

/// The kind of a ZIP archive: office documents are such archives, which contain the names of their folders
/// uncompressed.
fn archive(bytes: &[u8]) -> Phrase {
    let start = bytes.get(..bytes.len().min(8192)).unwrap_or_default();
    let names = |name: &[u8]| start.windows(name.len()).any(|part| part == name);
    match () {
        () if names(b"word/") => phrase!("file-word"),
        () if names(b"xl/") => phrase!("file-excel"),
        () if names(b"opendocument.text") => phrase!("file-opendocument"),
        () => phrase!("file-zip"),
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
                Some("a Word document (.docx)"),
            ),
            (b"PK\x03\x04\x14\0\0\0idp.xml", Some("a ZIP archive")),
            (b"%PDF-1.7\n", Some("a PDF document")),
            (b"\x89PNG\r\n", Some("a PNG image")),
            (b"RIFF\x10\0\0\0WEBPVP8 ", Some("a WebP image")),
            (b"<a/>", None),
            (b"", None),
        ] {
            assert_eq!(file_kind(bytes).map(|kind| kind.to_string()).as_deref(), kind);
        }
    }
}
