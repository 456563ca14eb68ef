//! The kind of a file that is not text, by its first bytes.

/// What a file is, as a noun with its article; `None` where its first bytes do not tell.
pub fn file_kind(bytes: &[u8]) -> Option<&'static str> {
    const KINDS: [(&[u8], &str); 15] = [
        (b"%PDF", "a PDF document"),
        (b"\x89PNG", "an image"),
        (b"\xff\xd8\xff", "an image"),
        (b"GIF8", "an image"),
        (b"\xd0\xcf\x11\xe0", "an Office document (.doc) or an Outlook message (.msg)"),
        (b"\x1f\x8b", "a gzip archive"),
        (b"7z\xbc\xaf", "a 7-Zip archive"),
        (b"Rar!", "a RAR archive"),
        (b"bplist", "a Safari web archive or another property list"),
        (b"\xfe\xed\xfe\xed", "a Java key store (.jks), which holds private keys"),
        (b"\xce\xce\xce\xce", "a Java key store (.jceks), which holds private keys"),
        (b"\x7fELF", "a program"),
        (b"MZ", "a program"),
        (b"SQLite format 3", "a database"),
        (b"\x00\x00\x00\x0cjP", "an image"),
    ];
    if bytes.starts_with(b"PK\x03\x04") || bytes.starts_with(b"PK\x05\x06") {
        return Some(archive(bytes));
    }
    KINDS.iter().find(|(start, _)| bytes.starts_with(start)).map(|(_, kind)| *kind)
}

/// Office documents are ZIP archives, and name their folders in plain.
fn archive(bytes: &[u8]) -> &'static str {
    let start = bytes.get(..bytes.len().min(8192)).unwrap_or_default();
    let names = |name: &[u8]| start.windows(name.len()).any(|part| part == name);
    match () {
        () if names(b"word/") => "a Word document (.docx)",
        () if names(b"xl/") => "an Excel workbook (.xlsx)",
        () if names(b"opendocument.text") => "an OpenDocument text (.odt)",
        () => "a ZIP archive",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_told_by_their_first_bytes() {
        for (bytes, kind) in [
            (
                &b"PK\x03\x04\x14\0\0\0\x08\0[Content_Types].xml...word/document.xml"[..],
                Some("a Word document (.docx)"),
            ),
            (b"PK\x03\x04\x14\0\0\0idp.xml", Some("a ZIP archive")),
            (b"%PDF-1.7\n", Some("a PDF document")),
            (b"\x89PNG\r\n", Some("an image")),
            (b"<a/>", None),
            (b"", None),
        ] {
            assert_eq!(file_kind(bytes), kind);
        }
    }
}
