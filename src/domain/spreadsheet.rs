//! Lists as CSV for spreadsheets: RFC 4180, with every cell in quotes, and with no cell that a spreadsheet takes for a
//! formula.

use super::audit::Entry;
use super::catalogue::Language;
use super::kept_phrase::in_language;
use super::person::Member;
use super::text::is_invisible;
use super::{Error, Result};
use csv::{QuoteStyle, Terminator, WriterBuilder};
use std::borrow::Cow;

/// A value that is written as a line of a table.
pub trait Row {
    /// The names of its columns, which are the same as in the API.
    const COLUMNS: &'static [&'static str];

    /// Its cells, in the order of the columns.
    fn cells(&self) -> Vec<String>;
}

/// The line with the names of the columns.
///
/// # Errors
/// None in practice: the lines are written to memory.
pub fn header<R: Row>() -> Result<Vec<u8>> {
    written([R::COLUMNS.iter().map(ToString::to_string).collect()])
}

/// A line for each row.
///
/// # Errors
/// None in practice: the lines are written to memory.
pub fn lines<R: Row>(rows: &[R]) -> Result<Vec<u8>> {
    written(rows.iter().map(Row::cells))
}

fn written(rows: impl IntoIterator<Item = Vec<String>>) -> Result<Vec<u8>> {
    let mut writer =
        WriterBuilder::new().quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).from_writer(Vec::new());
    for cells in rows {
        writer.write_record(cells.iter().map(|cell| safe(cell).into_owned())).map_err(Error::internal)?;
    }
    writer.into_inner().map_err(Error::internal)
}

/// The characters that begin a formula, including full-width and small forms, which East Asian spreadsheets treat the
/// same.
const FORMULA: [char; 12] = [
    '=', '+', '-', '@', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}', '\u{fe66}', '\u{fe62}', '\u{fe63}', '\u{fe6b}',
];

/// Makes a cell that a spreadsheet shows as text, by a `'` before everything that could begin a formula. Where the
/// comma is not the delimiter, as in much of Europe, a semicolon or a line break inside a cell begins another cell, so
/// that the text after these is a beginning too.
///
/// Source: OWASP, CSV Injection.
fn safe(cell: &str) -> Cow<'_, str> {
    // Spreadsheets skip these characters, or people overlook them.
    let skipped = |c: char| " \"'".contains(c) || is_invisible(c) || (c.is_whitespace() && !c.is_control());
    let start = cell.trim_start_matches(skipped);
    let begins_badly = start.starts_with(FORMULA) || start.starts_with(['\t', '\r', '\n']);
    if !begins_badly && !cell.contains([';', '\t', '\r', '\n']) {
        return Cow::Borrowed(cell);
    }
    let (mut text, mut begins) = (String::from(if begins_badly { "'" } else { "" }), false);
    for c in cell.chars() {
        if begins && FORMULA.contains(&c) {
            text.push('\'');
        }
        begins = matches!(c, ';' | '\t' | '\r' | '\n') || (begins && skipped(c));
        text.push(c);
    }
    Cow::Owned(text)
}

fn or_empty(value: Option<impl ToString>) -> String {
    value.map(|value| value.to_string()).unwrap_or_default()
}

impl Row for Member {
    const COLUMNS: &'static [&'static str] = &[
        "email",
        "name",
        "admin",
        "password",
        "disabled",
        "workspaces",
        "last_sign_in_at",
        "last_method",
        "reminded_at",
        "user",
    ];

    fn cells(&self) -> Vec<String> {
        let places: Vec<_> =
            self.workspaces.iter().map(|place| format!("{} ({})", place.name, place.role.logged())).collect();
        vec![
            self.email.to_string(),
            self.name.clone(),
            self.standing.admin.to_string(),
            self.opens_by_password().to_string(),
            self.disabled.to_string(),
            places.join(", "),
            or_empty(self.last_sign_in.map(|(at, _)| at)),
            or_empty(self.last_sign_in.map(|(_, method)| method.as_str())),
            or_empty(self.reminded_at),
            self.user.to_string(),
        ]
    }
}

impl Row for Entry {
    const COLUMNS: &'static [&'static str] = &[
        "at",
        "actor_kind",
        "actor_name",
        "actor_full_name",
        "action",
        "resource_type",
        "resource_name",
        "organisation",
        "workspace",
        "detail",
        "address",
        "id",
        "actor_id",
        "resource_id",
        "organisation_id",
        "workspace_id",
    ];

    fn cells(&self) -> Vec<String> {
        let (organisation, workspace) = (self.organisation.as_ref(), self.workspace.as_ref());
        vec![
            self.at.to_string(),
            self.actor_kind.clone(),
            self.actor_name.clone(),
            or_empty(self.actor_full_name.as_ref()),
            self.action.clone(),
            self.resource_type.clone(),
            self.resource_name.clone(),
            or_empty(organisation.and_then(|(_, name)| name.as_ref())),
            or_empty(workspace.and_then(|(_, name)| name.as_ref())),
            or_empty(Some(in_language(self.detail.clone(), Language::ENGLISH)).filter(|detail| !detail.is_null())),
            self.address.clone(),
            self.id.to_string(),
            or_empty(self.actor_id.as_ref()),
            self.resource_id.clone(),
            or_empty(organisation.map(|(id, _)| id)),
            or_empty(workspace.map(|(id, _)| id)),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_text_that_could_begin_a_formula_gets_an_apostrophe() {
        for (cell, safe_cell) in [
            ("", ""),
            ("ann@acme.test", "ann@acme.test"),
            ("Ann-Marie + 1, O'Hara = x", "Ann-Marie + 1, O'Hara = x"),
            ("=1+1", "'=1+1"),
            ("+ann@acme.test", "'+ann@acme.test"),
            ("-2", "'-2"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "'\t'=1"),
            ("\r=1", "'\r'=1"),
            ("\n=1", "'\n'=1"),
            ("\u{ff1d}1", "'\u{ff1d}1"),
            ("\u{ff0d}1", "'\u{ff0d}1"),
            ("  =1", "'  =1"),
            ("\u{a0}=1", "'\u{a0}=1"),
            ("\u{200b}=1", "'\u{200b}=1"),
            ("\u{fe66}1", "'\u{fe66}1"),
            ("a;\u{200b}+1", "a;\u{200b}'+1"),
            ("\"=1", "'\"=1"),
            ("'=1", "''=1"),
            ("a;=1", "a;'=1"),
            ("a\n =1", "a\n '=1"),
            ("a\r\n\"-1", "a\r\n\"'-1"),
            ("a; b", "a; b"),
        ] {
            assert_eq!(safe(cell), safe_cell, "{cell:?}");
        }
    }

    #[test]
    fn quotes_and_line_breaks_stay_within_their_cell() {
        let text = written([vec!["a\"b".to_owned(), "c\r\nd".into(), "e,f".into()]]).expect("written");
        assert_eq!(String::from_utf8_lossy(&text), "\"a\"\"b\",\"c\r\nd\",\"e,f\"\r\n");
        let mut reader = csv::ReaderBuilder::new().has_headers(false).from_reader(&*text);
        let read: Vec<_> = reader.records().map(|record| record.expect("a record")).collect();
        assert_eq!(read, [vec!["a\"b", "c\r\nd", "e,f"]]);
    }
}
