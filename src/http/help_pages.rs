//! The documentation (`docs/`) as the pages of `/help`: from Markdown to HTML in the product's look. The build script makes them
//! for a release; debug builds make them themselves, when a document has changed.

use super::{Files, is_of, resolve};
use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};
use std::collections::BTreeMap;
use std::fmt::Write as _;

/// The order of the contents; other documents follow by name, then the guides.
const ORDER: [&str; 9] = [
    "signing-in",
    "administration",
    "identity-providers",
    "switching",
    "install",
    "command-line",
    "api",
    "security",
    "tour",
];
/// For those who audit the sources: it names tests, which an installation does not have.
const LEFT_OUT: &str = "asvs.md";
const GUIDES: &str = "providers/";

/// True if a file of `docs/` is part of the help: documents, and pictures of a few kilobytes (the screens of the tour have megabytes).
pub fn is_part(name: &str) -> bool {
    name != LEFT_OUT && (is_of(name, "md") || is_of(name, "svg"))
}

/// One document.
struct Page {
    /// Below `/help/`, such as `providers/okta`.
    name: String,
    title: String,
    sections: Vec<Section>,
    article: String,
}

/// A heading below the title.
struct Section {
    level: HeadingLevel,
    id: String,
    /// HTML.
    text: String,
}

/// The pages as `help.html` (the contents) and `help/NAME.html`, and the pictures, from the documents and a template with
/// `{{title}}`, `{{contents}}` and `{{article}}`.
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

/// The headings of a page, beside it.
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
        // Writing to a string cannot fail.
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

/// Turns the events of a document into those of its page.
struct Writer<'a> {
    name: &'a str,
    docs: &'a Files,
    out: Vec<Event<'a>>,
    /// How often a heading's id was wanted.
    taken: BTreeMap<String, usize>,
    title: String,
    sections: Vec<Section>,
}

impl<'a> Writer<'a> {
    /// Writes up to the end of `within`, or to the end of the document.
    fn write(&mut self, events: &mut Parser<'a>, within: Option<TagEnd>) {
        while let Some(event) = events.next() {
            match event {
                Event::End(end) if Some(end) == within => return,
                Event::Start(Tag::Heading { level, .. }) => self.heading(level, events),
                Event::Start(Tag::Link { dest_url, .. }) => self.link(&dest_url, events),
                Event::Start(Tag::Image { dest_url, .. }) => self.picture(&dest_url, events),
                Event::Start(Tag::Table(_)) => self.table(events),
                Event::Start(Tag::CodeBlock(_)) => {
                    // Long lines scroll: by the keyboard, too.
                    self.raw("<pre tabindex=\"0\"><code>");
                    self.write(events, Some(TagEnd::CodeBlock));
                    self.raw("</code></pre>\n");
                }
                Event::Start(Tag::HtmlBlock) | Event::End(TagEnd::HtmlBlock) => {}
                // Documents are Markdown: a comment is for their authors, and any other HTML is shown as text.
                Event::Html(text) | Event::InlineHtml(text) if text.trim_start().starts_with("<!--") => drop(text),
                Event::Html(text) | Event::InlineHtml(text) => self.out.push(Event::Text(text)),
                other => self.out.push(other),
            }
        }
    }

    fn raw(&mut self, html: impl Into<CowStr<'a>>) {
        self.out.push(Event::Html(html.into()));
    }

    /// The HTML of what stands in the element that has just begun.
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

    /// The id that a heading has where the repository is hosted, so that links between documents hold in both places.
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

    /// A table whose rows are cards on a phone, where each cell tells its column.
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
                        // A header without words is none.
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

/// Width and height of one of our pictures, in pixels.
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
    fn html_in_a_document_is_text_and_its_comments_stay_out() {
        let page = made("<!-- note -->\n# A <b>title</b>\n\n<script>alert(1)</script>\n\nSee `<i>`.\n");
        assert!(!page.contains("note") && !page.contains("<script") && !page.contains("<b>"), "{page}");
        assert!(
            page.contains("&lt;script&gt;alert(1)&lt;/script&gt;") && page.contains("<code>&lt;i&gt;</code>"),
            "{page}"
        );
    }

    #[test]
    fn links_between_documents_become_addresses_and_others_say_where_they_are() {
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
    fn headings_have_ids_of_their_own_and_cells_tell_their_column() {
        let page = made("# T\n\n## One, *two*\n\n## One two\n\n| a | b |\n| --- | --- |\n| 1 | `2` |\n");
        assert!(page.contains("<h2 id=\"one-two\">") && page.contains("<h2 id=\"one-two-1\">"), "{page}");
        assert!(page.contains("<a href=\"#one-two\">One, <em>two</em></a></li>"), "{page}");
        assert!(page.contains("<td data-label=\"b\"><div><code>2</code></div></td>"), "{page}");
    }
}
