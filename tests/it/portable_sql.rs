//! The store's SQL also works in PostgreSQL. SQL that only SQLite accepts is in `src/store/engine/`.

use crate::house::sources;
use std::path::Path;

/// SQL that PostgreSQL lacks or treats differently, in lower case, each with a portable replacement.
const UNPORTABLE: &[(&str, &str)] = &[
    ("char(", "a parameter with the character"),
    ("instr(", "LIKE with a pattern of `holding`"),
    ("ifnull(", "coalesce"),
    ("iif(", "CASE WHEN"),
    ("typeof(", "nothing: a column has one type"),
    ("hex(", "the bytes, read and written out by the program"),
    ("randomblob(", "a parameter"),
    ("random(", "a parameter"),
    ("printf(", "the text, made by the program"),
    ("group_concat(", "rows, joined by the program"),
    ("total(", "sum"),
    ("json_", "text, read by the program"),
    ("json(", "text, read by the program"),
    ("strftime(", "integer seconds"),
    ("unixepoch(", "integer seconds"),
    ("julianday(", "integer seconds"),
    ("datetime(", "integer seconds"),
    ("current_timestamp", "db.now()"),
    ("last_insert_rowid", "RETURNING"),
    ("changes()", "the number that `run` gives"),
    ("rowid", "a column"),
    ("oid ", "a column"),
    ("sqlite_", "a file of the engine"),
    ("pragma", "a file of the engine"),
    ("vacuum", "a file of the engine"),
    (" match ", "engine/search.rs"),
    (" glob ", "LIKE"),
    (" regexp ", "LIKE"),
    ("insert or ", "ON CONFLICT"),
    ("update or ", "ON CONFLICT"),
    ("replace into ", "ON CONFLICT"),
    ("cross join", "JOIN, or engine/search.rs where its order matters"),
    ("indexed by", "an index that the planner finds"),
    ("limit -1", "row_number() OVER (...)"),
    ("collate ", "lower, or a column that is folded"),
    ("autoincrement", "the schema"),
    (" is ?", "IS NOT DISTINCT FROM"),
    (" is not ?", "IS DISTINCT FROM"),
    (" as integer)", "AS BIGINT: PostgreSQL's INTEGER has 32 bits"),
    (" == ", "="),
    ("`", "names without quotes"),
    ("\\\"", "single quotes around texts, none around names"),
];

/// The string literals of a source file, without comments and unit tests; each literal is one line.
fn literals(source: &str) -> Vec<String> {
    let code = source.split("#[cfg(test)]").next().unwrap_or_default();
    let code: Vec<_> = code.lines().filter(|line| !line.trim_start().starts_with("//")).collect();
    let code = code.join("\n");
    let (mut found, mut rest) = (Vec::new(), code.as_str());
    while let Some(begin) = rest.find('"') {
        let inside = &rest[begin + 1..];
        let mut escaped = false;
        let end = inside.find(|letter| {
            let ends = letter == '"' && !escaped;
            escaped = letter == '\\' && !escaped;
            ends
        });
        let Some(end) = end else { break };
        found.push(inside[..end].split_whitespace().collect::<Vec<_>>().join(" "));
        rest = &inside[end + 1..];
    }
    found
}

/// The text before the parenthesis that closes the group in which `text` begins, and the rest.
fn enclosed(text: &str) -> Option<(&str, &str)> {
    let mut depth = 1;
    let end = text.find(|letter| {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        depth == 0
    })?;
    Some((&text[..end], &text[end + 1..]))
}

/// The items of a list. Nested lists are not split.
fn parts(list: &str) -> Vec<&str> {
    let (mut depth, mut begin, mut found) = (0, 0, Vec::new());
    for (at, letter) in list.char_indices() {
        depth += i32::from(letter == '(') - i32::from(letter == ')');
        if letter == ',' && depth == 0 {
            found.push(&list[begin..at]);
            begin = at + 1;
        }
    }
    found.push(&list[begin..]);
    found
}

/// The text after each occurrence of `word` that begins a word.
fn after<'s>(sql: &'s str, word: &'s str) -> impl Iterator<Item = &'s str> {
    let begins = |at: usize| !sql[..at].ends_with(|letter: char| letter.is_alphanumeric() || letter == '_');
    sql.match_indices(word).filter(move |(at, _)| begins(*at)).map(|(at, word)| &sql[at + word.len()..])
}

/// True for a column name without its table, which is ambiguous in ON CONFLICT.
fn is_bare_name(word: &str) -> bool {
    word.starts_with(|letter: char| letter.is_ascii_lowercase()) && !word.contains(['.', '('])
}

/// The parts of an SQL text that PostgreSQL would refuse.
fn faults(sql: &str) -> Vec<String> {
    let lower = sql.to_lowercase();
    let mut found = Vec::new();
    for (form, instead) in UNPORTABLE {
        let is_word = form.starts_with(|letter: char| letter.is_alphabetic());
        let is_there = if is_word { after(&lower, form).next().is_some() } else { lower.contains(form) };
        if is_there {
            found.push(format!("{form}: use {instead}"));
        }
    }
    for name in ["max(", "min("] {
        if after(sql, name).filter_map(enclosed).any(|(list, _)| parts(list).len() > 1) {
            found.push(format!("{name} of several values: use CASE WHEN"));
        }
    }
    if after(sql, "coalesce(").filter_map(enclosed).any(|(list, _)| parts(list)[0].contains(['<', '>', '='])) {
        found.push("a truth value that is made a number: use CASE WHEN".into());
    }
    let unnamed = |(_, behind): (&str, &str)| !behind.trim_start().starts_with("AS ");
    if after(sql, "FROM (SELECT").chain(after(sql, "JOIN (SELECT")).filter_map(enclosed).any(unnamed) {
        found.push("a sub-select without a name: add AS".into());
    }
    if after(sql, "LIKE ").any(|behind| !behind.contains("ESCAPE '!'")) {
        found.push("LIKE without ESCAPE '!'".into());
    }
    let digits = |text: &str| text.trim_start_matches(|letter: char| letter.is_ascii_digit()).to_owned();
    if sql.split('?').skip(1).any(|behind| digits(behind).starts_with(" IS ")) {
        found.push("a parameter without a type that is compared with NULL: use CAST(... AS TEXT)".into());
    }
    for assignments in after(sql, "DO UPDATE SET ") {
        let right = parts(assignments).into_iter().filter_map(|one| one.split_once('='));
        if right.flat_map(|(_, value)| value.split([' ', '(', ')', ','])).any(is_bare_name) {
            found.push("a column without its table within ON CONFLICT".into());
        }
    }
    found
}

#[test]
fn the_sql_of_the_store_is_portable_to_postgresql() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src/store");
    let mut files = Vec::new();
    sources(&root, &mut files);
    let (mut found, mut looked_at) = (Vec::new(), 0);
    for file in files.iter().filter(|file| !file.starts_with(root.join("engine"))) {
        for literal in literals(&std::fs::read_to_string(file).expect("text")) {
            let name = file.strip_prefix(&root).expect("a path in the folder").display();
            found.extend(faults(&literal).into_iter().map(|fault| format!("{name}: {fault}, in: {literal}")));
            looked_at += usize::from(literal.contains("SELECT ") || literal.contains(" WHERE "));
        }
    }
    assert!(found.is_empty(), "{found:#?}");
    assert!(looked_at > 150, "only {looked_at} SQL texts found");
}

#[test]
fn unportable_sql_is_found_and_its_replacement_is_not() {
    for (bad, good) in [
        ("SELECT ?1 || char(10)", "SELECT to_char(10)"),
        ("WHERE instr(lower(name), ?1) > 0", "WHERE lower(name) LIKE ?1 ESCAPE '!'"),
        ("WHERE name LIKE ?1", "WHERE name LIKE ?1 ESCAPE '!'"),
        ("SELECT max(a, b)", "SELECT coalesce(max(a), 0)"),
        ("SELECT 1 + max( coalesce(a, 0), b)", "SELECT max(coalesce(a, 0))"),
        ("SELECT coalesce(a >= b, 0)", "SELECT coalesce(a, 0) >= b"),
        ("SELECT count(*) FROM (SELECT 1 FROM (SELECT 2) AS a)", "SELECT count(*) FROM (SELECT 1) AS a"),
        ("INSERT OR REPLACE INTO t", "INSERT INTO t ON CONFLICT (a) DO NOTHING"),
        ("SELECT s.rowid AS number", "SELECT s.number"),
        ("ORDER BY a LIMIT -1 OFFSET ?3", "ORDER BY a LIMIT 1 OFFSET ?3"),
        ("WHERE a IS ?1", "WHERE a IS NOT DISTINCT FROM ?1"),
        ("WHERE ?12 IS NULL OR a = ?12", "WHERE CAST(?12 AS TEXT) IS NULL OR a = ?12"),
        ("WHERE f.text MATCH ?1", "WHERE f.text = ?1"),
        ("FROM a CROSS JOIN b ON b.a = a.id", "FROM a JOIN b ON b.a = a.id"),
        ("SELECT CAST(?1 AS INTEGER)", "SELECT CAST(?1 AS BIGINT)"),
        ("SELECT value FROM json_each(?1)", "SELECT value FROM settings"),
        (r#"WHERE name = \"a\""#, "WHERE name = 'a'"),
        ("ON CONFLICT (a) DO UPDATE SET n = n + 1", "ON CONFLICT (a) DO UPDATE SET n = t.n + 1"),
        (
            "ON CONFLICT (a) DO UPDATE SET b = excluded.b, n = CASE WHEN excluded.n = 1 THEN 1 ELSE n END",
            "ON CONFLICT (a) DO UPDATE SET b = excluded.b, n = CASE WHEN excluded.n = 1 THEN 1 ELSE t.n END",
        ),
    ] {
        assert!(!faults(bad).is_empty(), "{bad}");
        assert!(faults(good).is_empty(), "{good}: {:?}", faults(good));
    }
    let source = "let a = \"SELECT 1\n    FROM t\";\n// \"rowid\"\nlet b = \"x \\\"y\\\"\";\n#[cfg(test)]\n\"rowid\"";
    assert_eq!(literals(source), ["SELECT 1 FROM t", "x \\\"y\\\""]);
}
