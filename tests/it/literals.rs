//! The modules of the web UI contain no texts for people: all these texts are in the catalogue.

use std::path::Path;

/// Names that are the same in every language, and literals that only look like words.
const NAMES: [&str; 9] = [
    "Vestibule",
    "Google Workspace",
    "Microsoft Entra ID",
    "/FederationMetadata/2007-06/",
    "-H 'Content-Type: application/json'",
    "--smtp-url smtp://user:password@mail.example.com:587",
    "/api/openapi.json",
    "primary small",
    "primary wide",
];

/// Properties whose values are shown to people.
const VISIBLE_PROPERTIES: [&str; 10] =
    ["label", "title", "hint", "action", "text", "lead", "done", "cancel", "button", "called"];

/// Attributes whose values are shown or read aloud.
const VISIBLE_ATTRIBUTES: [&str; 6] = ["aria-label", "title", "data-label", "alt", "placeholder", "label"];

/// A literal of a module: the code before it, and its parts between placeholders.
struct Literal {
    before: String,
    pieces: Vec<String>,
}

/// Reads the literals of a module, including those inside templates.
struct Reader {
    source: Vec<char>,
    at: usize,
    /// The code read so far, with a placeholder for each literal.
    code: String,
    found: Vec<Literal>,
}

impl Reader {
    fn of(source: &str) -> Vec<Literal> {
        let mut reader = Self { source: source.chars().collect(), at: 0, code: String::new(), found: Vec::new() };
        reader.code(false);
        reader.found
    }

    fn looks(&self, text: &str) -> bool {
        text.chars().enumerate().all(|(n, c)| self.source.get(self.at + n) == Some(&c))
    }

    fn skip_to(&mut self, end: &str) {
        while self.at < self.source.len() && !self.looks(end) {
            self.at += 1;
        }
        self.at += end.chars().count();
    }

    /// Reads code up to the end of the file or of the current placeholder.
    fn code(&mut self, within: bool) {
        let mut depth = 0;
        while let Some(&c) = self.source.get(self.at) {
            match c {
                '/' if self.looks("//") => self.skip_to("\n"),
                '/' if self.looks("/*") => self.skip_to("*/"),
                '/' if self.begins_pattern() => self.pattern(),
                '\'' | '"' | '`' => self.literal(c),
                '}' if within && depth == 0 => return self.at += 1,
                _ => {
                    depth += i32::from(c == '{') - i32::from(c == '}');
                    self.code.push(c);
                    self.at += 1;
                }
            }
        }
    }

    /// True if a slash at this point begins a regular expression and not a division.
    fn begins_pattern(&self) -> bool {
        let before = self.code.trim_end();
        before.is_empty()
            || before.ends_with(|c| "(,=:[!&|?{};+".contains(c))
            || before.ends_with("=>")
            || before.ends_with("return")
    }

    fn pattern(&mut self) {
        let mut class = false;
        self.at += 1;
        while let Some(&c) = self.source.get(self.at) {
            match c {
                '\\' => self.at += 1,
                '[' => class = true,
                ']' => class = false,
                '/' if !class => break,
                _ => {}
            }
            self.at += 1;
        }
        self.at += 1;
        self.code.push('§');
    }

    fn literal(&mut self, quote: char) {
        let before = self.code.clone();
        let mut pieces = vec![String::new()];
        self.at += 1;
        while let Some(&c) = self.source.get(self.at).filter(|c| **c != quote) {
            if quote == '`' && self.looks("${") {
                self.at += 2;
                self.code(true);
                pieces.push(String::new());
                continue;
            }
            self.at += usize::from(c == '\\');
            pieces.last_mut().expect("a piece").extend(self.source.get(self.at));
            self.at += 1;
        }
        self.at += 1;
        self.code.push('§');
        self.found.push(Literal { before, pieces });
    }
}

/// True if the text contains a word.
fn has_word(text: &str) -> bool {
    text.split(|c: char| !c.is_lowercase()).any(|word| word.chars().count() > 1)
}

/// True if the text has several words in a row, as sentences have and selectors do not.
fn is_sentence(text: &str) -> bool {
    let words =
        |pair: &[char]| matches!(pair, [a, ' ', b] if (a.is_alphabetic() || ",;.:".contains(*a)) && b.is_alphabetic());
    has_word(text)
        && !text.contains(['[', ']', '<', '>', '{', '}', '"', '=', '$', '|'])
        && !text.contains(" :")
        && text.chars().collect::<Vec<_>>().windows(3).any(words)
}

/// The visible text of a template's markup, without code, and some of its attributes.
fn visible_text(markup: &str) -> Vec<String> {
    let mut found = Vec::new();
    let mut code = false;
    for (n, part) in markup.split('<').enumerate() {
        let (tag, text) = if n == 0 { ("", part) } else { part.split_once('>').unwrap_or((part, "")) };
        code = if tag.is_empty() {
            code
        } else {
            ["code", "pre"].iter().any(|name| tag.split_whitespace().next() == Some(name))
        };
        found.extend(
            (!code && has_word(text)).then(|| text.trim().to_owned()).filter(|text| !NAMES.contains(&text.as_str())),
        );
        for name in VISIBLE_ATTRIBUTES {
            let value = tag.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
            found.extend(value.filter(|value| has_word(value)).map(ToOwned::to_owned));
        }
    }
    found
}

/// The texts for people in a literal.
fn texts(literal: &Literal) -> Vec<String> {
    let before = literal.before.trim_end();
    let begins = |call: &str| {
        before
            .strip_suffix(call)
            .is_some_and(|rest| !rest.ends_with(|c: char| c.is_alphanumeric() || "_$.".contains(c)))
    };
    if ["t(", "parts(", "from", "import", "import(", "new Error(", "TypeError("].iter().any(|call| begins(call)) {
        return Vec::new();
    }
    if begins("html") || begins("svg") {
        return visible_text(&literal.pieces.join("\u{1}"));
    }
    let named = VISIBLE_PROPERTIES.iter().any(|name| begins(&format!("{name}:")));
    let pieces = literal.pieces.iter().filter(|piece| !NAMES.contains(&piece.as_str()));
    pieces.filter(|piece| is_sentence(piece) || (named && has_word(piece))).cloned().collect()
}

#[test]
fn no_module_of_the_web_ui_contains_text_for_people() {
    let mut files = Vec::new();
    crate::catalogue::scripts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("static"), &mut files);
    let mut found = Vec::new();
    for file in files {
        let literals = Reader::of(&std::fs::read_to_string(&file).expect("text"));
        found.extend(literals.iter().flat_map(texts).map(|text| format!("{}: {text}", file.display())));
    }
    assert!(found.is_empty(), "texts that are not in the catalogue:\n{}", found.join("\n"));
}

#[test]
fn texts_are_found_anywhere_in_a_module() {
    let texts_in = |source: &str| Reader::of(source).iter().flat_map(texts).collect::<Vec<_>>();
    for source in [
        "const a = 'Nothing is sent yet.';",
        "field(state, { label: 'Name' })",
        "html`<p class=\"soft\">${one} more</p>`",
        "html`<ul aria-label=\"People\"></ul>`",
        "html`<p>${many ? html`<b>people</b>` : nothing}</p>`",
        "const told = `${name} is saved.`;",
        "state.notice = { text: bad ? 'It failed.' : t('saved') };",
    ] {
        assert_eq!(texts_in(source).len(), 1, "{source}: {:?}", texts_in(source));
    }
    for source in [
        "import { html } from './vendor/lit-html.js';",
        "const a = t('nothing-sent');",
        "html`<p class=\"soft row\"><code>vestibule serve</code> ${t('more')}</p>`",
        "document.querySelector('main form:not([role=\"search\"]) input');",
        "// What is said here stays here.\nconst is = /it's a pattern/;",
        "if (event.key === 'Escape') return '';",
    ] {
        assert_eq!(texts_in(source), Vec::<String>::new(), "{source}");
    }
}
