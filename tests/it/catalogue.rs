//! The catalogues match the code that uses them, in the server and in the web UI.

use crate::app::TestApp;
use fluent_bundle::FluentResource;
use fluent_syntax::ast::{Entry, Expression, InlineExpression, Pattern, PatternElement, VariantKey};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use vestibule::domain::audit::RESOURCE_TYPES;
use vestibule::domain::phrase::Phrase;
use vestibule::domain::plan::PlanLimit;
use vestibule::saml::{Product, REASONS, RULES, TRACE_WORDS};

type Messages = BTreeMap<String, BTreeSet<String>>;

/// The messages of a catalogue, each with the names of its variables.
fn messages(file: &Path) -> Messages {
    messages_of(std::fs::read_to_string(file).expect("a catalogue"), file)
}

fn messages_of(text: String, file: &Path) -> Messages {
    let resource = FluentResource::try_new(text).unwrap_or_else(|(_, faults)| panic!("{}: {faults:?}", file.display()));
    let mut messages = Messages::new();
    for entry in resource.entries() {
        let Entry::Message(message) = entry else { continue };
        let mut names = BTreeSet::new();
        let value = message.value.as_ref().unwrap_or_else(|| panic!("{} has no text", message.id.name));
        names_in(value, &mut names);
        let known = messages.insert(message.id.name.to_owned(), names);
        assert!(known.is_none(), "{} is in {} twice", message.id.name, file.display());
    }
    messages
}

fn names_in(pattern: &Pattern<&str>, names: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        let PatternElement::Placeable { expression } = element else { continue };
        match expression {
            Expression::Inline(value) => names.extend(name_of(value)),
            Expression::Select { selector, variants } => {
                names.extend(name_of(selector));
                for variant in variants {
                    names_in(&variant.value, names);
                }
            }
        }
    }
}

fn name_of(value: &InlineExpression<&str>) -> Option<String> {
    match value {
        InlineExpression::VariableReference { id } => Some(id.name.to_owned()),
        InlineExpression::StringLiteral { .. } | InlineExpression::NumberLiteral { .. } => None,
        other => panic!("{other:?}: a placeable may only be a variable"),
    }
}

/// The messages that the code uses, each with the names of the values that it passes.
fn used() -> Messages {
    let mut files = Vec::new();
    crate::house::sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut used = Messages::new();
    for file in files {
        let text = std::fs::read_to_string(&file).expect("text");
        let text: String =
            text.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n");
        for (at, _) in text.match_indices("phrase!(") {
            let inside = within_brackets(&text[at + "phrase!".len()..]);
            let Some((key, values)) = inside.trim_start().strip_prefix('"').and_then(|rest| rest.split_once('"'))
            else {
                // The macro that defines the id types lists the names of its messages.
                assert!(file.ends_with("domain/ids.rs"), "{}: {inside}", file.display());
                continue;
            };
            record_use(&mut used, key, names_given(values), &file);
        }
    }
    for page in ["static/login.html", "static/index.html"] {
        let page = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
        let text = std::fs::read_to_string(&page).expect("text");
        for key in text.split("{{text ").skip(1).filter_map(|rest| rest.split("}}").next()) {
            record_use(&mut used, key, BTreeSet::new(), &page);
        }
    }
    // The SAML tables build their keys from names.
    let mut listed = |phrase: Phrase| match phrase {
        Phrase::Keyed { key, .. } => record_use(&mut used, &key, BTreeSet::new(), Path::new("src/saml")),
        other => panic!("{other:?}"),
    };
    for reason in REASONS {
        listed(reason.message());
        listed(reason.fix.what());
        Product::ALL.iter().filter_map(|product| reason.fix.place(*product)).for_each(&mut listed);
    }
    for rule in &RULES {
        listed(rule.asks());
        listed(rule.name());
    }
    for words in &TRACE_WORDS {
        let values = words.values.iter().map(|name| (*name).to_owned()).collect();
        record_use(&mut used, words.key, values, Path::new("src/saml"));
    }
    let ids = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/domain/ids.rs")).expect("text");
    let keys = ids.split('"').filter(|word| word.ends_with("-not-found"));
    for key in keys {
        record_use(&mut used, key, BTreeSet::new(), Path::new("src/domain/ids.rs"));
    }
    used
}

/// The modules of the web UI inside a folder.
pub fn scripts(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() && !path.ends_with("vendor") {
            scripts(&path, found);
        } else if path.extension().is_some_and(|ending| ending == "js") {
            found.push(path);
        }
    }
}

/// The messages that the web UI uses through `t('key', { one, other: value })` and `parts`.
fn used_by_pages() -> Messages {
    let mut files = Vec::new();
    scripts(&Path::new(env!("CARGO_MANIFEST_DIR")).join("static"), &mut files);
    let mut used = Messages::new();
    for file in files.iter().filter(|file| !file.ends_with("static/texts.js")) {
        let text = std::fs::read_to_string(file).expect("text");
        let remark = |line: &&str| ["//", "/*", "*"].iter().any(|start| line.trim_start().starts_with(start));
        let text: String = text.lines().filter(|line| !remark(line)).collect::<Vec<_>>().join("\n");
        for call in ["t(", "parts("] {
            for (at, _) in text.match_indices(call) {
                let named = |before: char| before.is_alphanumeric() || "_$.".contains(before);
                if text[..at].ends_with(named) {
                    continue;
                }
                let inside = within_brackets(&text[at + call.len() - 1..]);
                let (key, values) = inside
                    .strip_prefix('\'')
                    .and_then(|rest| rest.split_once('\''))
                    .unwrap_or_else(|| panic!("{}: {inside}: the key is not a literal", file.display()));
                record_use(&mut used, key, properties(values), file);
            }
        }
    }
    used
}

/// The property names in `, { one, other: value }`.
fn properties(values: &str) -> BTreeSet<String> {
    let Some(object) = values.trim_start_matches(',').trim_start().strip_prefix('{') else {
        assert!(values.trim().is_empty(), "not an object: {values}");
        return BTreeSet::new();
    };
    let object = object.trim_end().strip_suffix('}').expect("the end of the object");
    let names = split(object).into_iter().map(|part| part.split(':').next().unwrap_or_default().trim().to_owned());
    names.filter(|name| !name.is_empty()).collect()
}

fn record_use(used: &mut Messages, key: &str, names: BTreeSet<String>, file: &Path) {
    let known = used.entry(key.to_owned()).or_insert_with(|| names.clone());
    assert_eq!(*known, names, "{key} is used with other values in {}", file.display());
}

/// The text between the first bracket and its closing bracket.
fn within_brackets(text: &str) -> &str {
    let mut depth = 0;
    for (at, c) in text.char_indices() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return &text[1..at];
        }
    }
    panic!("no closing bracket: {text:.80}")
}

/// The argument names in `, one = value, other = value`.
fn names_given(values: &str) -> BTreeSet<String> {
    let parts = split(values);
    parts.iter().filter_map(|part| part.split_once('=')).map(|(name, _)| name.trim().to_owned()).collect()
}

/// Splits a text at the commas that are outside brackets.
fn split(values: &str) -> Vec<String> {
    let mut depth = 0;
    let mut parts = vec![String::new()];
    for c in values.chars() {
        match c {
            '(' | '[' | '{' => depth += 1,
            ')' | ']' | '}' => depth -= 1,
            _ => {}
        }
        if c == ',' && depth == 0 {
            parts.push(String::new());
        } else if let Some(part) = parts.last_mut() {
            part.push(c);
        }
    }
    parts
}

#[test]
fn the_catalogue_has_exactly_the_messages_and_variables_that_the_code_uses() {
    let catalogue = messages(&Path::new(env!("CARGO_MANIFEST_DIR")).join("locales/en.ftl"));
    let mut used = used();
    assert!(used.len() > 150, "too few messages found in the code: {}", used.len());
    for (key, given) in used_by_pages() {
        record_use(&mut used, &key, given, Path::new("static"));
    }
    for (key, given) in &used {
        let expected = catalogue.get(key).unwrap_or_else(|| panic!("{key} is not in the catalogue"));
        assert_eq!(expected, given, "the values of {key}");
    }
    let unused: Vec<_> = catalogue.keys().filter(|key| !used.contains_key(*key)).collect();
    assert!(unused.is_empty(), "unused messages: {unused:?}");
}

#[test]
fn each_language_has_each_message_with_the_same_variables() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("locales");
    let english = messages(&folder.join("en.ftl"));
    for entry in std::fs::read_dir(&folder).expect("the folder") {
        let file = entry.expect("a file").path();
        let own = messages(&file);
        for (key, values) in &english {
            assert_eq!(own.get(key), Some(values), "{key} in {}", file.display());
        }
        assert_eq!(own.len(), english.len(), "{} has texts that English lacks", file.display());
    }
}

/// The keys by which a message selects one of its variants.
fn variants_of(text: &str, key: &str) -> BTreeSet<String> {
    let resource = FluentResource::try_new(text.to_owned()).expect("a catalogue");
    let message = resource.entries().find_map(|entry| match entry {
        Entry::Message(message) if message.id.name == key => message.value.as_ref(),
        _ => None,
    });
    let Some(PatternElement::Placeable { expression: Expression::Select { variants, .. } }) =
        message.and_then(|value| value.elements.first())
    else {
        panic!("{key} has no variants")
    };
    let words = variants.iter().map(|variant| match &variant.key {
        VariantKey::Identifier { name } => (*name).to_owned(),
        VariantKey::NumberLiteral { value } => (*value).to_owned(),
    });
    words.collect()
}

#[test]
fn messages_have_a_variant_for_each_plan_limit_provider_and_audit_kind() {
    let products = Product::ALL.map(Product::as_str);
    // The limit of e-mails a day never makes a plan full, so it has no message.
    let limits = PlanLimit::ALL.into_iter().filter(|limit| *limit != PlanLimit::MailsPerDay).map(PlanLimit::as_str);
    let limits: Vec<_> = limits.collect();
    for entry in std::fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("locales")).expect("the folder") {
        let text = std::fs::read_to_string(entry.expect("a file").path()).expect("text");
        for (key, words) in [
            ("audit-kind-name", &RESOURCE_TYPES[..]),
            ("trace-provider", &products),
            ("plan-full", &limits),
            ("warning-over-limit", &limits),
        ] {
            let known = variants_of(&text, key);
            let unknown: Vec<_> = words.iter().filter(|word| !known.contains(**word)).collect();
            assert!(unknown.is_empty(), "{key} has no text for {unknown:?}");
        }
    }
}

#[test]
fn browsers_get_only_the_messages_that_the_pages_use() {
    let app = TestApp::new();
    let mut browser = app.anonymous();
    let page = browser.get("/account").body;
    assert!(page.contains("<html lang=\"en\">") && page.contains("/locales/en.js\">"), "{page}");
    assert!(page.contains("<p>You can sign in without JavaScript, but the console needs it.</p>"), "{page}");
    assert!(page.contains("/locales/en/account.js\">"), "{page}");
    let router = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("static/router.js")).expect("text");
    let pages: BTreeSet<_> = router.split("textsOf('").skip(1).filter_map(|rest| rest.split('\'').next()).collect();
    let mut sent = Messages::new();
    for name in pages.iter().map(|page| format!("locales/en/{page}.js")).chain(["locales/en.js".into()]) {
        let module = browser.get(&format!("/static/{name}")).body;
        let literal = module.strip_prefix("export default ").and_then(|rest| rest.trim_end().strip_suffix(';'));
        let text: String = serde_json::from_str(literal.expect("a module")).expect("a string");
        sent.extend(messages_of(text, Path::new(&name)));
    }
    assert_eq!(sent, used_by_pages());
}

/// The source files with texts that are not in the catalogues, and the number of these texts in each. The files of the
/// command line are not counted, because its texts are only in English.
const WITHOUT_CATALOGUE: [(&str, &[(&str, usize)]); 4] = [
    (
        "names, addresses and versions, which are the same in each language",
        &[
            ("actions/doctor/machine.rs", 5),
            ("actions/handed_over.rs", 1),
            ("actions/some_of.rs", 1),
            ("domain/browser_name.rs", 1),
            ("domain/notice.rs", 1),
            ("domain/setup_link.rs", 1),
            ("mail/letters.rs", 1),
        ],
    ),
    (
        "invalid flags: reported to the person who starts the program",
        &[
            ("app/mod.rs", 1),
            ("config.rs", 10),
            ("config/backups.rs", 3),
            ("config/tls.rs", 1),
            ("config/limits.rs", 1),
            ("demo/client.rs", 2),
            ("demo/mod.rs", 1),
            ("demo/provider.rs", 1),
            ("demo/proxy.rs", 1),
            ("domain/mail.rs", 1),
            ("http/echo.rs", 1),
            ("http/redirect.rs", 1),
            ("http/server.rs", 1),
            ("http/tls.rs", 3),
            ("mail/smtp.rs", 2),
        ],
    ),
    (
        "data folders that cannot be opened: reported to the person who starts the program",
        &[
            ("store/engine/connection.rs", 1),
            ("store/engine/database.rs", 3),
            ("store/engine/lock.rs", 3),
            ("store/engine/log_file.rs", 1),
            ("store/engine/schema.rs", 2),
            ("store/engine/upgrade.rs", 3),
        ],
    ),
    ("internal errors, which appear only in the log", &[("domain/error.rs", 1)]),
];

#[test]
fn texts_outside_the_catalogues_are_names_or_for_the_person_who_starts_the_program() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    crate::house::sources(&root, &mut files);
    let mut found = BTreeMap::new();
    for file in files {
        let place = file.strip_prefix(&root).expect("a path in the folder").display().to_string();
        let text = std::fs::read_to_string(&file).expect("text");
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let lines = code.lines().filter(|line| !line.trim_start().starts_with("//"));
        let count: usize = lines.map(|line| line.matches("Phrase::words").count()).sum();
        if count > 0 && !place.starts_with("cli/") {
            found.insert(place, count);
        }
    }
    let known = WITHOUT_CATALOGUE.iter().flat_map(|(_, files)| files.iter());
    assert_eq!(found, known.map(|(file, count)| ((*file).to_owned(), *count)).collect());
}
