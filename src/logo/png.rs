//! PNG: the file is decoded completely, and written again with only the chunks that are needed to display it. Text,
//! time, profiles, animation and data after the end are removed.

use super::refused;
use crate::domain::Result;
use crate::domain::phrase::phrase;
use png::{Decoder, Limits};
use std::io::Cursor;

const SIGNATURE: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The maximum width and height, in pixels. It keeps the memory for a decoded row small.
const MOST_SIDE: u32 = 2048;
/// The chunks that are needed to display the image. All others, such as texts and profiles, are removed.
const DRAWING: [&[u8]; 7] = [b"IHDR", b"PLTE", b"tRNS", b"gAMA", b"sRGB", b"IDAT", b"IEND"];

/// The image with only the chunks that are needed to display it.
///
/// # Errors
/// `Invalid` when it is not a PNG, is damaged, or has too many pixels.
pub fn clean(bytes: &[u8]) -> Result<Vec<u8>> {
    if !bytes.starts_with(SIGNATURE) {
        return Err(refused(phrase!("logo-not-png")));
    }
    let drawing = drawing_parts(bytes).ok_or_else(|| refused(phrase!("logo-png-cut")))?;
    check(&drawing)?;
    Ok(drawing)
}

/// The file with only the chunks that are needed to display it; `None` if it is cut off or is not a PNG.
///
/// Source: PNG (Third Edition) 5.3, chunk layout.
fn drawing_parts(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut rest = bytes.strip_prefix(SIGNATURE)?;
    let mut kept = SIGNATURE.to_vec();
    loop {
        let length = u32::from_be_bytes(rest.get(..4)?.try_into().ok()?) as usize;
        // A chunk also has a length, a name and a checksum, of 4 bytes each.
        let chunk = rest.get(..length.checked_add(12)?)?;
        let name = &chunk[4..8];
        if DRAWING.contains(&name) {
            kept.extend_from_slice(chunk);
        }
        if name == b"IEND" {
            return Some(kept);
        }
        rest = &rest[chunk.len()..];
    }
}

/// Checks the size, and decodes every row, one at a time.
fn check(bytes: &[u8]) -> Result<()> {
    let damaged = |_: png::DecodingError| refused(phrase!("logo-png-damaged"));
    let limits = Limits { bytes: 1024 * 1024 };
    let mut reader = Decoder::new_with_limits(Cursor::new(bytes), limits).read_info().map_err(damaged)?;
    let (width, height) = reader.info().size();
    if width > MOST_SIDE || height > MOST_SIDE {
        return Err(refused(phrase!("logo-png-large", width = width, height = height, most = MOST_SIDE)));
    }
    while reader.next_row().map_err(damaged)?.is_some() {}
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A grey image of this size, with a text chunk.
    fn image(width: u32, height: u32) -> Vec<u8> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, width, height);
        encoder.add_text_chunk("Comment".into(), "<script>alert(1)</script>".into()).expect("text");
        let mut writer = encoder.write_header().expect("written");
        writer.write_image_data(&vec![7; (width * height) as usize]).expect("written");
        writer.finish().expect("written");
        bytes
    }

    #[test]
    fn only_drawing_chunks_are_kept_and_the_pixels_are_unchanged() {
        let mut sent = image(3, 2);
        sent.extend_from_slice(b"<html><script>alert(2)</script>");
        let cleaned = clean(&sent).expect("taken");
        assert!(!String::from_utf8_lossy(&cleaned).contains("script"));
        assert_eq!(clean(&cleaned).expect("taken"), cleaned);
        let pixels = |bytes: &[u8]| {
            let mut reader = Decoder::new(Cursor::new(bytes)).read_info().expect("a PNG");
            let mut pixels = vec![0; reader.output_buffer_size().expect("a size")];
            reader.next_frame(&mut pixels).expect("decoded");
            pixels
        };
        assert_eq!(pixels(&cleaned), pixels(&image(3, 2)));
    }

    #[test]
    fn damaged_cut_off_and_too_large_images_are_refused() {
        let good = image(40, 40);
        let mut damaged = good.clone();
        let at = good.windows(4).position(|name| name == b"IDAT").expect("data") + 9;
        damaged[at] ^= 0xff;
        for bad in
            [&damaged, &good[..good.len() - 3].to_vec(), &good[..60].to_vec(), &b"GIF89a".to_vec(), &SIGNATURE.to_vec()]
        {
            assert!(clean(bad).is_err());
        }
        assert!(clean(&image(2048, 1)).is_ok());
        assert!(clean(&image(2049, 1)).expect_err("refused").to_string().contains("2,049 by 1"));
        assert!(clean(&image(1, 2049)).is_err());
    }
}
