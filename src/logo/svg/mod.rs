//! SVG: parsed as XML and written again with only listed elements and attributes that draw. Editors' own data is
//! removed. Content that is active, loads something or could slow down a page is refused with a message that names it,
//! so that no visible part is silently lost.

mod allowed;
mod parts;
mod sheet;
mod values;

use super::{MOST_BYTES, refused};
use crate::domain::Result;
use crate::domain::phrase::{Phrase, phrase};
use allowed::{DROPPED, ELEMENTS, LOOKS, SHAPE, has};
use parts::{each, shown, unescaped};
use quick_xml::escape::escape;
use quick_xml::events::{BytesStart, Event};
use sheet::Sheet;
use std::collections::BTreeMap;
use values::{harmless, reference};

/// The deepest nesting of elements.
const MOST_DEPTH: usize = 40;

/// The image with only the parts that draw.
///
/// # Errors
/// `Invalid` when it is not an SVG, or has content that is not allowed in a logo.
pub fn clean(bytes: &[u8]) -> Result<String> {
    let text = std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
        .map_err(|_| refused(phrase!("logo-svg-encoding")))?;
    let sheet = Sheet::of(text)?;
    let mut cleaner = Cleaner { sheet, out: String::new(), open: Vec::new(), dropped: 0, begun: false };
    each(text, |ours, event| cleaner.take(ours, event))?;
    if cleaner.out.is_empty() || !cleaner.open.is_empty() {
        return Err(refused(phrase!("logo-svg-none")));
    }
    Ok(cleaner.out)
}

struct Cleaner {
    sheet: Sheet,
    out: String,
    /// The names of the open elements.
    open: Vec<String>,
    /// The number of open elements inside removed content.
    dropped: usize,
    /// True once the root element has been written.
    begun: bool,
}

impl Cleaner {
    fn take(&mut self, ours: bool, event: &Event) -> Result<()> {
        match event {
            Event::Start(element) => self.start(ours, element, false)?,
            Event::Empty(element) => self.start(ours, element, true)?,
            Event::End(_) if self.dropped > 0 => self.dropped -= 1,
            Event::End(_) => self.end(),
            Event::Text(text) => self.text(&unescaped(text)?),
            Event::CData(text) => self.text(text),
            Event::GeneralRef(name) => self.text(&unescaped(&format!("&{};", &**name))?),
            Event::DocType(text) if text.contains('[') => {
                return Err(refused(phrase!("logo-svg-entities")));
            }
            Event::DocType(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) | Event::Eof => {}
        }
        Ok(())
    }

    fn start(&mut self, ours: bool, element: &BytesStart, empty: bool) -> Result<()> {
        let name = element.local_name().as_ref().to_owned();
        if !self.begun && (name != "svg" || !ours) || self.begun && self.open.is_empty() {
            return Err(refused(phrase!("logo-svg-root", name = shown(&name))));
        }
        if self.dropped > 0 || !ours || has(DROPPED, &name) {
            self.dropped += usize::from(!empty);
            return Ok(());
        }
        if !has(ELEMENTS, &name) || (name == "svg" && self.begun) {
            return Err(refused(phrase!("logo-svg-element", name = shown(&name), advice = advice(&name))));
        }
        if self.open.len() >= MOST_DEPTH {
            return Err(refused(phrase!("logo-svg-deep")));
        }
        let attributes = self.attributes(&name, element)?;
        if !self.begun && !has_size(&attributes) {
            return Err(refused(phrase!("logo-svg-size")));
        }
        self.write(name, &attributes, empty);
        // The declarations of style sheets are repeated at each element, so the result can be larger than the file.
        if self.out.len() > MOST_BYTES {
            Err(refused(phrase!("logo-svg-large", most = MOST_BYTES / 1024)))
        } else {
            Ok(())
        }
    }

    fn write(&mut self, name: String, attributes: &BTreeMap<String, String>, empty: bool) {
        self.out.push('<');
        self.out.push_str(&name);
        if !self.begun {
            self.out.push_str(" xmlns=\"http://www.w3.org/2000/svg\"");
        }
        for (attribute, value) in attributes {
            self.out.push_str(&format_attribute(attribute, value));
        }
        self.begun = true;
        self.out.push_str(if empty { "/>" } else { ">" });
        if !empty {
            self.open.push(name);
        }
    }

    fn end(&mut self) {
        if let Some(name) = self.open.pop() {
            self.out.push_str("</");
            self.out.push_str(&name);
            self.out.push('>');
        }
    }

    /// Keeps text only in elements that show it or have it read out; elsewhere text is only white space.
    fn text(&mut self, text: &str) {
        let shows = self.open.last().is_some_and(|name| ["title", "desc", "text", "tspan"].contains(&name.as_str()));
        if shows && self.dropped == 0 {
            let clean: String = text.chars().filter(|c| !c.is_control() || c.is_whitespace()).collect();
            self.out.push_str(&escape(clean));
        }
    }

    fn attributes(&mut self, element: &str, start: &BytesStart) -> Result<BTreeMap<String, String>> {
        let mut kept = BTreeMap::new();
        let (mut style, mut classes) = (String::new(), String::new());
        for attribute in start.attributes() {
            let attribute = attribute.map_err(|_| refused(phrase!("logo-svg-attribute", element = shown(element))))?;
            let (local, prefix) = attribute.key.decompose();
            let (name, value) = (local.as_ref(), unescaped(&attribute.value)?);
            if name.to_ascii_lowercase().starts_with("on") {
                return Err(refused(phrase!("logo-svg-script", name = shown(name))));
            }
            if name == "href" {
                kept.insert(name.to_owned(), reference(element, &value)?);
            } else if prefix.is_none() && name == "style" {
                style = value;
            } else if prefix.is_none() && name == "class" {
                classes = value;
            } else if prefix.is_none() && (has(SHAPE, name) || has(LOOKS, name)) {
                self.judge(element, name, &value)?;
                kept.insert(name.to_owned(), value);
            }
        }
        // A style takes precedence over an attribute of the same name, and an element's style over the sheet.
        let looks = self.sheet.of_classes(&classes)? + &style;
        for (name, value) in looks.split(';').filter_map(|declaration| declaration.split_once(':')) {
            let name = name.trim().to_ascii_lowercase();
            let value = value.trim().trim_end_matches("!important").trim_end();
            self.judge(element, &name, value)?;
            if has(LOOKS, &name) {
                kept.insert(name, value.to_owned());
            }
        }
        Ok(kept)
    }

    fn judge(&self, element: &str, name: &str, value: &str) -> Result<()> {
        harmless(name, value)?;
        // Nested clips are drawn again for each level, so a small file could take hours to draw.
        let within = element == "clipPath" || self.open.iter().any(|one| one == "clipPath");
        if within && name == "clip-path" && value.contains('(') {
            return Err(refused(phrase!("logo-svg-clip")));
        }
        Ok(())
    }
}

fn has_size(attributes: &BTreeMap<String, String>) -> bool {
    let has = |name| attributes.contains_key(name);
    has("viewBox") || (has("width") && has("height"))
}

fn format_attribute(name: &str, value: &str) -> String {
    format!(" {name}=\"{}\"", escape(value))
}

/// Advice about an element that is not allowed.
fn advice(name: &str) -> Phrase {
    match name {
        "use" | "symbol" => phrase!("logo-expand-symbols"),
        "script" | "a" | "foreignObject" | "set" => phrase!("logo-drawing-only"),
        _ => phrase!("logo-simplify"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn svg(inside: &str) -> String {
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" xmlns:xlink=\"http://www.w3.org/1999/xlink\" viewBox=\"0 0 9 9\">{inside}</svg>"
        )
    }

    fn inside(text: &str) -> String {
        let cleaned = clean(svg(text).as_bytes()).expect("taken");
        let from = cleaned.find('>').expect("a root") + 1;
        cleaned[from..].strip_suffix("</svg>").expect("the end").to_owned()
    }

    #[test]
    fn a_drawing_is_kept_and_the_data_of_editors_is_removed() {
        for (sent, kept) in [
            ("<path d=\"M1 1h3\" fill=\"#a1b\"/>", "<path d=\"M1 1h3\" fill=\"#a1b\"/>"),
            (
                "<g transform=\"translate(1 2) rotate(3)\"><circle r=\"1\"/></g>",
                "<g transform=\"translate(1 2) rotate(3)\"><circle r=\"1\"/></g>",
            ),
            (
                "<path style=\"fill:#000;-inkscape-stroke:none;stroke : url(#g)!important\" fill=\"red\" class=\"a\" data-name=\"b\"/>",
                "<path fill=\"#000\" stroke=\"url(#g)\"/>",
            ),
            ("<metadata><rdf:RDF xmlns:rdf=\"r\"><a/></rdf:RDF></metadata><!-- x --><?php echo 1 ?><g/>", "<g/>"),
            ("<sodipodi:namedview xmlns:sodipodi=\"s\" onload=\"x\"><b/></sodipodi:namedview><g/>", "<g/>"),
            ("<title>A &amp; B &lt;b&gt;</title>", "<title>A &amp; B &lt;b&gt;</title>"),
            ("<text><![CDATA[<script>]]></text>", "<text>&lt;script&gt;</text>"),
            ("<linearGradient id=\"a\" xlink:href=\"#b\"/>", "<linearGradient href=\"#b\" id=\"a\"/>"),
            (
                "<g clip-path=\"url(#c)\"/><clipPath id=\"c\"><rect width=\"1\"/></clipPath>",
                "<g clip-path=\"url(#c)\"/><clipPath id=\"c\"><rect width=\"1\"/></clipPath>",
            ),
            (
                "<g class=\"b a c\" fill=\"red\" style=\"opacity:.5\"/><style>/* x */ .a, .d{fill:#123;opacity:1}\n.b{stroke:none;fill:#456}</style>",
                "<g fill=\"#456\" opacity=\".5\" stroke=\"none\"/>",
            ),
            (
                "<defs><style type=\"text/css\"><![CDATA[.cls-1{fill:#0f0;}]]></style></defs><path class=\"cls-1\"/>",
                "<defs></defs><path fill=\"#0f0\"/>",
            ),
            ("<style/><g/>", "<g/>"),
            (" stray <g/> text ", "<g/>"),
        ] {
            assert_eq!(inside(sent), kept, "{sent}");
            assert_eq!(inside(kept), kept, "{kept}");
        }
        let prolog = format!(
            "\u{feff}<?xml version=\"1.0\"?><!DOCTYPE svg PUBLIC \"-//W3C//DTD SVG 1.1//EN\" \"http://www.w3.org/x.dtd\">{}",
            svg("<g/>")
        );
        assert_eq!(
            clean(prolog.as_bytes()).expect("taken"),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 9 9\"><g/></svg>"
        );
        let prefixed = "<s:svg xmlns:s=\"http://www.w3.org/2000/svg\" width=\"1\" height=\"1\"><s:g/></s:svg>";
        assert_eq!(
            clean(prefixed.as_bytes()).expect("taken"),
            "<svg xmlns=\"http://www.w3.org/2000/svg\" height=\"1\" width=\"1\"><g/></svg>"
        );
    }

    #[test]
    fn active_loading_and_hiding_content_is_refused() {
        for bad in [
            "<script>alert(1)</script>",
            "<SCRIPT/>",
            "<g onload=\"alert(1)\"/>",
            "<g ONCLICK=\"x\"/>",
            "<path xlink:onload=\"x\"/>",
            "<foreignObject><b xmlns=\"http://www.w3.org/1999/xhtml\"/></foreignObject>",
            "<a xlink:href=\"javascript:alert(1)\"><g/></a>",
            "<image href=\"https://evil.test/x.png\"/>",
            "<image href=\"data:image/svg+xml;base64,AA\"/>",
            "<use href=\"#a\"/>",
            "<use xlink:href=\"https://evil.test/x.svg#a\"/>",
            "<style>@import 'https://evil.test'</style>",
            "<style>g:hover{fill:red}</style>",
            "<style>path{fill:red}</style>",
            "<style>.a{fill:url(//evil.test)}</style><g class=\"a\"/>",
            "<style>.a{fill:red</style>",
            "<style>@media print{.a{fill:red}}</style>",
            "<style>.a{fill:u\\72l(x)}</style>",
            "<animate attributeName=\"href\" to=\"javascript:x\"/>",
            "<set attributeName=\"onload\"/>",
            "<iframe/>",
            "<filter/>",
            "<svg/>",
            "<g fill=\"url(https://evil.test/x#a)\"/>",
            "<g fill=\"url( 'https://evil.test' )\"/>",
            "<g fill=\"u\\72l(https://evil.test)\"/>",
            "<g fill=\"URL(//evil.test)\"/>",
            "<g fill=\"image-set(x)\"/>",
            "<g fill=\"url&#40;https://evil.test)\"/>",
            "<g style=\"background:url(https://evil.test)\"/>",
            "<g style=\"fill:expression(1)\"/>",
            "<g style=\"fill:ur/**/l(x)\"/>",
            "<g fill=\"var(--x)\"/>",
            "<g fill=\"é(x)\"/>",
            "<radialGradient href=\"https://evil.test\"/>",
            "<path href=\"#a\"/>",
            "<clipPath id=\"a\"><rect clip-path=\"url(#b)\"/></clipPath>",
            "<clipPath clip-path=\"url(#b)\"/>",
            "<title>&xxe;</title>",
            "<g fill=\"&xxe;\"/>",
            "<g><path></g>",
        ] {
            let fault =
                clean(svg(bad).as_bytes()).map(|cleaned| panic!("{bad} became {cleaned}")).expect_err("refused");
            assert_eq!(fault.code(), "invalid", "{bad}");
        }
        for bad in [
            "",
            "<html/>",
            "plain",
            "<svg xmlns=\"http://www.w3.org/1999/xhtml\" viewBox=\"0 0 1 1\"/>",
            "<svg xmlns=\"http://www.w3.org/2000/svg\"/>",
            "<!DOCTYPE svg [<!ENTITY a \"b\">]><svg viewBox=\"0 0 1 1\">&a;</svg>",
            "<svg viewBox=\"0 0 1 1\"><g>",
            "<svg viewBox=\"0 0 1 1\"/><script/>",
            "<svg viewBox=\"0 0 1 1\"/><svg viewBox=\"0 0 1 1\"/>",
        ] {
            assert!(clean(bad.as_bytes()).is_err(), "{bad}");
        }
        assert!(clean(&"<svg viewBox=\"0\"/>".encode_utf16().flat_map(u16::to_le_bytes).collect::<Vec<_>>()).is_err());
        let sheet =
            |declarations: &str| format!("<style>.a{{{declarations}}}</style>{}", "<g class=\"a\"/>".repeat(900));
        assert!(clean(svg(&sheet("fill:red")).as_bytes()).is_ok());
        assert!(
            clean(svg(&sheet(&format!("fill:{}", "x".repeat(100)))).as_bytes()).is_err(),
            "the result would be too large"
        );
        assert!(
            clean(svg(&format!("<style>{}.a{{fill:{}}}</style>", ".a,".repeat(100), "x".repeat(100))).as_bytes())
                .is_err()
        );
        assert!(clean(svg(&format!("{}{}", "<g>".repeat(50), "</g>".repeat(50))).as_bytes()).is_err());
    }

    #[test]
    fn the_cost_of_a_style_sheet_is_bounded() {
        let rules = (0..2500).map(|n| format!(".c{n}{{}}")).collect::<Vec<_>>().concat();
        let classes = (0..6000).map(|n| format!("c{n} ")).collect::<Vec<_>>().concat();
        let large = svg(&format!("<style>{rules}</style><g class=\"{classes}\"/>"));
        assert!(clean(large.as_bytes()).is_err(), "thousands of classes");
        let of = |count: usize| svg(&format!("<style>.a{{fill:red}}</style><g class=\"{}\"/>", "a ".repeat(count)));
        assert!(clean(of(100).as_bytes()).is_ok() && clean(of(101).as_bytes()).is_err());
        let dropped = |elements: usize| {
            svg(&format!("<style>.a{{{}}}</style>{}", "x:1;".repeat(2000), "<g class=\"a\"/>".repeat(elements)))
        };
        assert!(clean(dropped(50).as_bytes()).is_ok());
        assert!(
            clean(dropped(3000).as_bytes()).is_err(),
            "declarations that draw nothing are read at each element too"
        );
        assert_eq!(
            inside("<style>.a,.b{fill:red}.b{stroke:red}.a{fill:blue}</style><g class=\"b a\"/>"),
            "<g fill=\"blue\" stroke=\"red\"/>"
        );
    }

    #[test]
    fn a_sheet_that_repeats_its_selectors_costs_no_more_for_that() {
        let sheet = format!("<style>{}.a{{}}</style>", ".a,".repeat(10_000));
        let elements = format!("<g class=\"{}\"/>", "a ".repeat(100)).repeat(150);
        let begun = std::time::Instant::now();
        assert!(clean(svg(&(sheet + &elements)).as_bytes()).is_ok());
        assert!(begun.elapsed() < std::time::Duration::from_secs(3), "it took {:?}", begun.elapsed());
    }
}
