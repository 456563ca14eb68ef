//! Texts for people are in plain, modern English: pages, e-mails, the command line, messages and documents.

use std::path::{Path, PathBuf};

/// Archaic words, and words that the project once used in an unusual sense.
const WORDS: [&str; 17] = [
    "anew",
    "mend",
    "mends",
    "mended",
    "mending",
    "vouch",
    "vouches",
    "vouched",
    "vouching",
    "whoever",
    "whomever",
    "whosoever",
    "beneath",
    "asleep",
    "somebody",
    "henceforth",
    "door",
];
/// "Alone" must be "only". Documents may use it, because names of attacks in the security document contain it.
const NOT_IN_THE_PRODUCT: [&str; 1] = ["alone"];
const PHRASES: [&str; 24] = [
    "of its own accord",
    "only way in",
    "shut out",
    "people's hands",
    "as the system has it",
    "fetch it",
    "came in",
    "came through",
    "where the fault lies",
    "from soon on",
    "hand this to",
    "hand on the",
    "shown only now",
    "test letter",
    "letters a day",
    "took the letter",
    "what is wanted",
    "no longer protects",
    "turned us away",
    "looked at each day",
    "and with them",
    "lie in the future",
    "no new ones fit",
    "which is not read",
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Finds the files with these extensions in a folder, at any depth.
fn files(folder: &Path, endings: &[&str], found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() && path.file_name().is_some_and(|name| name != "vendor") {
            files(&path, endings, found);
        } else if path.extension().is_some_and(|ending| endings.iter().any(|one| ending == *one)) {
            found.push(path);
        }
    }
}

fn files_below(folder: &str, endings: &[&str]) -> Vec<PathBuf> {
    let mut found = Vec::new();
    files(&root().join(folder), endings, &mut found);
    found.sort();
    found
}

/// The string literals of Rust code, without those in unit tests.
fn literals(source: &str) -> Vec<String> {
    let source = source.split("#[cfg(test)]\nmod tests").next().unwrap();
    let mut found = Vec::new();
    let mut rest = source;
    while let Some(at) = rest.find(['"', '/', '\'']) {
        rest = &rest[at..];
        if rest.starts_with("//") {
            rest = rest.split_once('\n').map_or("", |(_, after)| after);
        } else if rest.starts_with("'\"'") || rest.starts_with("'\\\"'") {
            rest = &rest[rest[1..].find("\"'").unwrap() + 3..];
        } else if let Some(inside) = rest.strip_prefix('"') {
            let end = end_of_literal(inside);
            // A literal that is continued on the next line of the source is one line of text.
            found.push(inside[..end].split("\\\n").map(str::trim).collect::<Vec<_>>().join(" "));
            rest = inside.get(end + 1..).unwrap_or_default();
        } else {
            rest = &rest[1..];
        }
    }
    found
}

fn end_of_literal(inside: &str) -> usize {
    let mut escaped = false;
    let end = inside.find(|sign| match sign {
        _ if escaped => {
            escaped = false;
            false
        }
        '\\' => {
            escaped = true;
            false
        }
        sign => sign == '"',
    });
    end.unwrap_or(inside.len())
}

/// The doc comments. Those of commands are their help.
fn doc_comments(source: &str) -> String {
    let remarks = source.lines().filter_map(|line| line.trim_start().strip_prefix("///"));
    remarks.collect::<Vec<_>>().join(" ")
}

/// A script without its comments.
fn script(source: &str) -> String {
    let is_comment = |line: &str| ["*", "/*", "//"].iter().any(|start| line.trim_start().starts_with(start));
    source.lines().filter(|line| !is_comment(line)).collect::<Vec<_>>().join(" ")
}

/// A document without code and without the table of attacks, whose names come from the attack tests.
fn document(source: &str) -> String {
    let source = match (source.split_once("<!-- attacks -->"), source.split_once("<!-- /attacks -->")) {
        (Some((before, _)), Some((_, after))) => format!("{before}{after}"),
        _ => source.to_owned(),
    };
    source.split('`').step_by(2).collect::<Vec<_>>().join(" ")
}

/// The unwanted words of a text, each with its context.
fn faults(text: &str, more: &[&str]) -> Vec<String> {
    let bare = |word: &str| {
        let word = word.trim_matches(|sign: char| !sign.is_alphanumeric()).to_lowercase();
        word.trim_end_matches("'s").trim_end_matches("’s").to_owned()
    };
    let words: Vec<String> = text.split_whitespace().map(bare).collect();
    let around = |at: usize, many: usize| words[at.saturating_sub(4)..(at + many + 4).min(words.len())].join(" ");
    let mut found = Vec::new();
    for (at, word) in words.iter().enumerate() {
        if WORDS.contains(&word.as_str()) || more.contains(&word.as_str()) {
            found.push(around(at, 1));
        }
        let next = |ahead: usize| words.get(at + ahead).map_or("", String::as_str);
        // "No more" is used where "no longer" is meant.
        if word == "no" && next(1) == "more" && next(2) != "than" {
            found.push(around(at, 2));
        }
        for phrase in PHRASES {
            let many = phrase.split(' ').count();
            if words.get(at..at + many).is_some_and(|here| here.join(" ") == phrase) {
                found.push(around(at, many));
            }
        }
    }
    found
}

#[test]
fn the_check_of_words_finds_faults_in_an_example() {
    let source = "// somebody\nlet a = '\"'; say(\"Open it \\\n    anew.\"); // \"door\"\nlet b = \"a \\\"door\\\" here\";\n#[cfg(test)]\nmod tests { \"mend\" }";
    assert_eq!(literals(source), ["Open it anew.", "a \\\"door\\\" here"]);
    assert_eq!(faults("Whoever’s there? It opens no more, and no more than that.", &[]).len(), 2);
    assert_eq!(faults("a sender-vouches confirmation, alone", &["alone"]).len(), 1);
    assert_eq!(document("a `door` b <!-- attacks -->door<!-- /attacks --> c").split_whitespace().count(), 3);
    assert_eq!(script("/** door */\n// door\nconst a = 'only way in';").trim(), "const a = 'only way in';");
}

#[test]
fn texts_for_people_contain_no_banned_words() {
    let read = |file: &PathBuf| std::fs::read_to_string(file).unwrap();
    let mut texts: Vec<(PathBuf, String, &[&str])> = Vec::new();
    for file in files_below("src", &["rs"]).into_iter().filter(|file| !file.to_string_lossy().ends_with("_tests.rs")) {
        let source = read(&file);
        // Only sentences, without identifiers.
        let sentences = literals(&source).into_iter().filter(|text| text.contains(' ')).collect::<Vec<_>>().join(" . ");
        texts.push((file.clone(), sentences, &NOT_IN_THE_PRODUCT));
        let is_help = ["cli", "config"].iter().any(|place| file.starts_with(root().join("src").join(place)));
        if is_help || file.ends_with("config.rs") {
            texts.push((file, doc_comments(&source), &[]));
        }
    }
    for file in files_below("static", &["js", "html"]) {
        let text = script(&read(&file));
        texts.push((file, text, &NOT_IN_THE_PRODUCT));
    }
    texts.push((root().join("static/openapi.json"), read(&root().join("static/openapi.json")), &NOT_IN_THE_PRODUCT));
    let mut documents = files_below("docs", &["md"]);
    documents.extend(["README.md", "CHANGELOG.md", "CONTRIBUTING.md", "install.sh"].map(|name| root().join(name)));
    texts.extend(documents.into_iter().map(|file| (file.clone(), document(&read(&file)), &[][..])));
    let found: Vec<String> = texts
        .iter()
        .flat_map(|(file, text, more)| {
            faults(text, more).into_iter().map(|fault| format!("{}: {fault}", file.display()))
        })
        .collect();
    assert!(texts.len() > 150, "{} sources", texts.len());
    assert!(found.is_empty(), "{} words to replace:\n{}", found.len(), found.join("\n"));
}
