//! Converts the documentation (`docs/`) from Markdown to the HTML pages of `/help`. The build script does it for a
//! release; debug builds do it at run time, when a document has changed.

use super::{Files, is_of, resolve};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The first documents of the table of contents; the others follow by name, then the provider guides.
const ORDER: [&str; 13] = [
    "signing-in",
    "administration",
    "identity-providers",
    "switching",
    "applications",
    "proxies",
    "clients",
    "install",
    "operate",
    "command-line",
    "api",
    "security",
    "tour",
];
/// Left out: it is for auditors of the sources, and names tests, which an installation does not have.
const LEFT_OUT: &str = "asvs.md";
const GUIDES: &str = "providers/";

/// True if a file of `docs/` is part of the help: documents, and SVG pictures of a few kilobytes (the screenshots of
/// the tour have megabytes).
pub fn is_part(name: &str) -> bool {
    name != LEFT_OUT && (is_of(name, "md") || is_of(name, "svg"))
}

/// One document of the help.
struct Page {
    /// The path under `/help/`, such as `providers/okta`.
    name: String,
    title: String,
    sections: Vec<Section>,
    article: String,
}

/// A heading under the title.
struct Section {
    level: HeadingLevel,
    id: String,
    /// The heading's HTML.
    text: String,
}

/// The pages as `help.html` (the contents) and `help/NAME.html`, and the pictures, from the documents and a template
/// with `{{title}}`, `{{contents}}` and `{{article}}`.
pub fn pages(docs: &Files, template: &str) -> Files {
    let mut pages: Vec<Page> = docs
        .iter()
        .filter_map(|(file, bytes)| Some(page(file.strip_suffix(".md")?, &String::from_utf8_lossy(bytes), docs)))
        .collect();
    pages.sort_by_key(|page| (page.name.starts_with(GUIDES), place(&page.name), page.name.clone()));
    let mut files: Files =
        pages.iter().map(|page| (format!("help/{}.html", page.name), filled(template, page))).collect();
    files.insert("help.html".into(), filled(template, &contents(&pages)));
    let pictures = docs.iter().filter(|(name, _)| is_of(name, "svg"));
    files.extend(pictures.map(|(name, bytes)| (format!("help/{name}"), bytes.clone())));
    files
}

fn place(name: &str) -> usize {
    ORDER.iter().position(|one| *one == name).unwrap_or(ORDER.len())
}

fn filled(template: &str, page: &Page) -> Vec<u8> {
    let filled = template.replace("{{title}}", &page.title).replace("{{contents}}", &sections(page));
    filled.replace("{{article}}", &page.article).into_bytes()
}

/// The list of a page's headings, shown beside it.
fn sections(page: &Page) -> String {
    if page.sections.len() < 2 {
        return String::new();
    }
    let link = |section: &Section| {
        let class = if section.level == HeadingLevel::H2 { "" } else { " class=\"inner\"" };
        format!("<li{class}><a href=\"#{}\">{}</a></li>\n", section.id, section.text)
    };
    let links: String = page.sections.iter().map(link).collect();
    format!(
        "<nav class=\"toc\" aria-label=\"On this page\"><p class=\"nav-title\">On this page</p><ul class=\"nav\">{links}</ul></nav>"
    )
}

/// All pages with their sections.
fn contents(pages: &[Page]) -> Page {
    let (guides, documents): (Vec<_>, Vec<_>) = pages.iter().partition(|page| page.name.starts_with(GUIDES));
    let mut article = "<h1>Help</h1>\n<div class=\"contents\">".to_owned();
    for page in documents {
        let links = page.sections.iter().filter(|section| section.level == HeadingLevel::H2);
        let links: Vec<_> = links.map(|to| (format!("{}#{}", page.name, to.id), to.text.as_str())).collect();
        article += &card(&format!("<a href=\"/help/{}\">{}</a>", page.name, page.title), &links);
    }
    let links: Vec<_> = guides.iter().map(|page| (page.name.clone(), page.title.as_str())).collect();
    if !links.is_empty() {
        article += &card("Guides for identity providers", &links);
    }
    article += "</div>";
    Page { name: String::new(), title: "Help".into(), sections: Vec::new(), article }
}

fn card(heading: &str, links: &[(String, &str)]) -> String {
    let mut list = String::new();
    for (path, text) in links {
        // Writing to a string does not fail.
        let _ = writeln!(list, "<li><a href=\"/help/{path}\">{text}</a></li>");
    }
    let list = if list.is_empty() { list } else { format!("<ul>{list}</ul>") };
    format!("<section class=\"card\"><h2>{heading}</h2>{list}</section>\n")
}

fn page(name: &str, text: &str, docs: &Files) -> Page {
    let mut writer =
        Writer { name, docs, out: Vec::new(), taken: BTreeMap::new(), title: String::new(), sections: Vec::new() };
    writer.write(&mut Parser::new_ext(text, Options::ENABLE_TABLES), None);
    let mut article = String::new();
    html::push_html(&mut article, writer.out.into_iter());
    Page { name: name.into(), title: writer.title, sections: writer.sections, article }
}

/// Converts the Markdown events of a document to those of its page.
struct Writer<'a> {
    name: &'a str,
    docs: &'a Files,
    out: Vec<Event<'a>>,
    /// The number of headings that have had this id.
    taken: BTreeMap<String, usize>,
    title: String,
    sections: Vec<Section>,
}

impl<'a> Writer<'a> {
    /// Writes everything up to the end of the element `within`, or of the document.
    fn write(&mut self, events: &mut Parser<'a>, within: Option<TagEnd>) {
        while let Some(event) = events.next() {
            match event {
                Event::End(end) if Some(end) == within => return,
                Event::Start(Tag::Heading { level, .. }) => self.heading(level, events),
                Event::Start(Tag::Link { dest_url, .. }) => self.link(&dest_url, events),
                Event::Start(Tag::Image { dest_url, .. }) => self.picture(&dest_url, events),
                Event::Start(Tag::Table(_)) => self.table(events),
                Event::Start(Tag::CodeBlock(_)) => {
                    // The tabindex lets the keyboard scroll long lines.
                    self.raw("<pre tabindex=\"0\"><code>");
                    self.write(events, Some(TagEnd::CodeBlock));
                    self.raw("</code></pre>\n");
                }
                Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => {}
                // HTML comments are notes for authors, and are dropped. Any other HTML is shown as text.
                Event::Html(text) | Event::InlineHtml(text) if text.trim_start().starts_with("<!--") => drop(text),
                Event::Html(text) | Event::InlineHtml(text) => self.out.push(Event::Text(text)),
                other => self.out.push(other),
            }
        }
    }

    fn raw(&mut self, html: impl Into<CowStr<'a>>) {
        self.out.push(Event::Html(html.into()));
    }

    /// The HTML and the plain text inside the element that has just begun.
    fn inside(&mut self, events: &mut Parser<'a>, end: TagEnd) -> (String, String) {
        let outside = std::mem::take(&mut self.out);
        self.write(events, Some(end));
        let inside = std::mem::replace(&mut self.out, outside);
        let plain = inside.iter().filter_map(|event| match event {
            Event::Text(text) | Event::Code(text) => Some(&**text),
            Event::SoftBreak => Some(" "),
            _ => None,
        });
        let plain = plain.collect();
        let mut html = String::new();
        html::push_html(&mut html, inside.into_iter());
        (html, plain)
    }

    fn heading(&mut self, level: HeadingLevel, events: &mut Parser<'a>) {
        let (text, plain) = self.inside(events, TagEnd::Heading(level));
        let id = self.id(&plain);
        if level == HeadingLevel::H1 {
            self.raw(format!("<h1 id=\"{id}\">{text}</h1>\n"));
            self.title = text;
        } else {
            self.raw(format!("<{level} id=\"{id}\"><a href=\"#{id}\">{text}</a></{level}>\n"));
            self.sections.push(Section { level, id, text });
        }
    }

    /// The same heading id as on the page of the repository, so that links between documents work in both places.
    fn id(&mut self, plain: &str) -> String {
        let letters = plain.to_lowercase();
        let id: String = letters
            .chars()
            .filter(|sign| sign.is_alphanumeric() || " -_".contains(*sign))
            .map(|sign| if sign == ' ' { '-' } else { sign })
            .collect();
        let before = self.taken.entry(id.clone()).or_default();
        *before += 1;
        if *before == 1 { id } else { format!("{id}-{}", *before - 1) }
    }

    fn link(&mut self, to: &str, events: &mut Parser<'a>) {
        let (text, _) = self.inside(events, TagEnd::Link);
        let (file, anchor) = to.split_once('#').map_or((to, String::new()), |(file, id)| (file, format!("#{id}")));
        let target = resolve(self.name, file);
        if file.is_empty() || to.starts_with("https://") {
            self.raw(format!("<a href=\"{}\">{text}</a>", escape(to)));
        } else if let Some(page) = target.strip_suffix(".md").filter(|_| self.docs.contains_key(&target)) {
            self.raw(format!("<a href=\"/help/{}{}\">{text}</a>", escape(page), escape(&anchor)));
        } else {
            self.raw(format!("{text} <small>(docs/{}, with the source code)</small>", escape(&target)));
        }
    }

    fn picture(&mut self, to: &str, events: &mut Parser<'a>) {
        let (_, alt) = self.inside(events, TagEnd::Image);
        let (file, alt) = (resolve(self.name, to), escape(&alt));
        match self.docs.get(&file).map(|svg| size(&String::from_utf8_lossy(svg))) {
            Some((width, height)) => self.raw(format!(
                "<img src=\"/static/help/{}\" alt=\"{alt}\" width=\"{width:.0}\" height=\"{height:.0}\" loading=\"lazy\">",
                escape(&file)
            )),
            None => self.raw(format!("<small>Picture: {alt} (docs/{}, with the source code)</small>", escape(&file))),
        }
    }

    /// A table. On a phone its rows become cards, where each cell shows its column's name.
    fn table(&mut self, events: &mut Parser<'a>) {
        let (mut columns, mut cell): (Vec<String>, usize) = (Vec::new(), 0);
        self.raw("<table>");
        while let Some(event) = events.next() {
            match event {
                Event::Start(Tag::TableHead) => self.raw("<thead><tr>"),
                Event::End(TagEnd::TableHead) => self.raw("</tr></thead><tbody>"),
                Event::Start(Tag::TableRow) => {
                    cell = 0;
                    self.raw("<tr>");
                }
                Event::End(TagEnd::TableRow) => self.raw("</tr>\n"),
                Event::Start(Tag::TableCell) => {
                    let (text, plain) = self.inside(events, TagEnd::TableCell);
                    if let Some(column) = columns.get(cell) {
                        self.raw(format!("<td data-label=\"{}\"><div>{text}</div></td>", escape(column)));
                        cell += 1;
                    } else {
                        // An empty header cell becomes a plain cell.
                        let header =
                            if text.is_empty() { "<td></td>".into() } else { format!("<th scope=\"col\">{text}</th>") };
                        self.raw(header);
                        columns.push(plain);
                        cell = columns.len();
                    }
                }
                Event::End(TagEnd::Table) => break,
                _ => {}
            }
        }
        self.raw("</tbody></table>\n");
    }
}

/// The width and height of an SVG picture, in pixels.
fn size(svg: &str) -> (f64, f64) {
    let told = |name: &str| svg.split_once(name)?.1.split('"').next();
    let numbers = told("viewBox=\"").unwrap_or_default().split(' ').filter_map(|number| number.parse::<f64>().ok());
    match numbers.collect::<Vec<_>>()[..] {
        [_, _, width, height] => {
            let wide = told(" width=\"").and_then(|number| number.parse().ok()).unwrap_or(width);
            (wide, height * wide / width)
        }
        _ => (480.0, 270.0),
    }
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn made(text: &str) -> String {
        let docs: Files = [("page.md", text), ("providers/other.md", "# Other\n\n## A part\n")]
            .into_iter()
            .map(|(name, text)| (name.to_owned(), text.as_bytes().to_vec()))
            .collect();
        String::from_utf8(
            pages(&docs, "{{title}}|{{contents}}|{{article}}").remove("help/page.html").unwrap_or_default(),
        )
        .unwrap_or_default()
    }

    #[test]
    fn html_in_a_document_is_shown_as_text_and_comments_are_dropped() {
        let page = made("<!-- note -->\n# A <b>title</b>\n\n<script>alert(1)</script>\n\nSee `<i>`.\n");
        assert!(!page.contains("note") && !page.contains("<script") && !page.contains("<b>"), "{page}");
        assert!(
            page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("<code>&lt;i&gt;</code>"),
            "{page}"
        );
    }

    #[test]
    fn links_to_documents_become_help_addresses_and_left_out_documents_are_only_named() {
        let page =
            made("[one](providers/other.md#a-part), [two](asvs.md), [three](https://x.test/?a&b), [four](#here)");
        for link in [
            "<a href=\"/help/providers/other#a-part\">one</a>",
            "two <small>(docs/asvs.md, with the source code)</small>",
            "<a href=\"https://x.test/?a&amp;b\">three</a>",
            "<a href=\"#here\">four</a>",
        ] {
            assert!(page.contains(link), "{page}");
        }
    }

    #[test]
    fn headings_have_unique_ids_and_cells_name_their_column() {
        let page = made("# T\n\n## One, *two*\n\n## One two\n\n| a | b |\n| --- | --- |\n| 1 | `2` |\n");
        assert!(page.contains("<h2 id=\"one-two\">") && page.contains("<h2 id=\"one-two-1\">"), "{page}");
        assert!(page.contains("<a href=\"#one-two\">One, <em>two</em></a></li>"), "{page}");
        assert!(page.contains("<td data-label=\"b\"><div><code>2</code></div></td>"), "{page}");
    }
}
