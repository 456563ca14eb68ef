//! Printing of commands.

use crate::actions::invitations::Invited;
use crate::api::effect::EffectView;
use crate::domain::access::{Counts, Effect};
use crate::domain::invitation::Invitation;
use crate::domain::phrase::Phrase;
use crate::domain::spreadsheet::{self, Row};
use crate::domain::time::lasting;
use crate::domain::{Error, Listing, Page, Result};
use serde::Serialize;
use serde_json::{Map, Value, json};
use std::fmt::Arguments;
use std::io::{ErrorKind, Write};
use std::ops::ControlFlow;

/// Prints a line, as `println!` does, but ignores a closed pipe, as in `vestibule org list | head`.
macro_rules! say {
    () => { $crate::cli::output::say_line(format_args!("")) };
    ($($text:tt)*) => { $crate::cli::output::say_line(format_args!($($text)*)) };
}

/// As `say!`, to standard error.
macro_rules! complain {
    ($($text:tt)*) => { $crate::cli::output::complain_line(format_args!($($text)*)) };
}

/// Prints for `say!`. If the pipe is closed, the command continues, so that its exit code is right; any other error,
/// such as a full disk, ends the program.
pub fn say_line(text: Arguments) {
    let mut out = std::io::stdout().lock();
    if let Err(cause) = writeln!(out, "{text}")
        && cause.kind() != ErrorKind::BrokenPipe
    {
        complain_line(format_args!("vestibule: standard output cannot be written: {cause}"));
        std::process::exit(2);
    }
}

/// Prints for `complain!`. Errors are ignored, because they cannot be reported anywhere.
pub fn complain_line(text: Arguments) {
    drop(writeln!(std::io::stderr().lock(), "{text}"));
}

/// Prints a value of the API as JSON, on one line.
pub fn json(value: &impl Serialize) {
    say!("{}", in_json(value));
}

fn in_json(value: &impl Serialize) -> Value {
    json!(value)
}

/// Prints a table whose columns are as wide as their longest cell, or the rows as JSON. A column names a field, or a
/// field of a field: `plan.id` has the heading `PLAN`.
pub fn table<T: Serialize>(json: bool, columns: &[&str], rows: &[T]) {
    if json {
        return self::json(&rows);
    }
    let rows: Vec<_> = rows.iter().map(in_json).collect();
    let cell = |row: &Value, column: &str| shown(column.split('.').fold(row, |value, field| &value[field]));
    let heading = |column: &str| column.split('.').next().unwrap_or_default().to_uppercase().replace('_', " ");
    let width = |column: &str| {
        rows.iter()
            .map(|row| cell(row, column).chars().count())
            .chain([heading(column).len()])
            .max()
            .unwrap_or_default()
    };
    let widths: Vec<_> = columns.iter().map(|column| width(column)).collect();
    let line = |cells: Vec<String>| {
        let padded = cells.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}"));
        say!("{}", padded.collect::<Vec<_>>().join("  ").trim_end());
    };
    line(columns.iter().map(|column| heading(column)).collect());
    for row in &rows {
        line(columns.iter().map(|column| cell(row, column)).collect());
    }
}

/// A value as text for people.
fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "-".into(),
        Value::Bool(true) => "yes".into(),
        Value::Bool(false) => "no".into(),
        Value::Number(number) => number.to_string(),
        Value::Array(items) if items.is_empty() => "-".into(),
        Value::Array(items) => {
            let between = if items.iter().any(|item| nameless(item).is_some()) { "; " } else { ", " };
            items.iter().map(shown).collect::<Vec<_>>().join(between)
        }
        Value::Object(fields) => match (fields.get("name"), fields.get("role")) {
            (Some(name), Some(role)) => format!("{} ({})", shown(name), shown(role)),
            (Some(name), None) => shown(name),
            _ if fields.is_empty() => "-".into(),
            _ => fields.iter().map(|(name, value)| in_words(name, value)).collect::<Vec<_>>().join(", "),
        },
    }
}

/// The fields of an object without a name.
fn nameless(value: &Value) -> Option<&Map<String, Value>> {
    value.as_object().filter(|fields| !fields.contains_key("name"))
}

/// A field of an object and its value: `12 session idle hours`, or `path /admin/`.
fn in_words(name: &str, value: &Value) -> String {
    let name = name.replace('_', " ");
    if value.is_number() { format!("{} {name}", shown(value)) } else { format!("{name} {}", shown(value)) }
}

/// Prints a record with a line for each of its fields, or as JSON.
pub fn record(json: bool, row: &impl Serialize) {
    if json {
        return self::json(row);
    }
    let row = in_json(row);
    let fields: Vec<_> =
        row.as_object().into_iter().flatten().map(|(name, value)| (name.replace('_', " "), value)).collect();
    let width = fields.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    for (name, value) in fields {
        say!("{name:width$}  {}", shown(value));
    }
}

/// All items of a list, read page by page.
pub fn everything<T>(page: impl FnMut(&Page) -> Result<Listing<T>>) -> Result<Vec<T>> {
    let mut all = Vec::new();
    each_page(page, |items| {
        all.extend(items);
        Ok(ControlFlow::Continue(()))
    })?;
    Ok(all)
}

/// Prints a list as CSV, page by page, so that only one page is in memory.
///
/// # Errors
/// The errors of `page`; `Unavailable` when standard output cannot be written. A closed pipe is not an error.
pub fn csv<R: Row>(page: impl FnMut(&Page) -> Result<Listing<R>>) -> Result<()> {
    let mut text = spreadsheet::header::<R>()?;
    each_page(page, |items| {
        text.extend(spreadsheet::lines(&items)?);
        let written = write_part(&text);
        text.clear();
        written
    })
}

/// Prints a list as JSON Lines, page by page: one object per line.
///
/// # Errors
/// The errors of `page`; `Unavailable` when standard output cannot be written. A closed pipe is not an error.
pub fn json_lines<T, V: Serialize>(
    page: impl FnMut(&Page) -> Result<Listing<T>>,
    shape: impl Fn(T) -> V,
) -> Result<()> {
    each_page(page, |items| {
        let mut text = Vec::new();
        for item in items {
            serde_json::to_writer(&mut text, &shape(item)).map_err(Error::internal)?;
            text.push(b'\n');
        }
        write_part(&text)
    })
}

/// Writes a part of a list; `Break` if the pipe is closed.
fn write_part(text: &[u8]) -> Result<ControlFlow<()>> {
    match std::io::stdout().lock().write_all(text) {
        Ok(()) => Ok(ControlFlow::Continue(())),
        Err(cause) if cause.kind() == ErrorKind::BrokenPipe => Ok(ControlFlow::Break(())),
        Err(cause) => Err(Error::unavailable(Phrase::words(format!("The list cannot be written: {cause}.")))),
    }
}

/// Passes the pages of a list to `take`, one after the other, until the list ends or `take` returns `Break`.
fn each_page<T>(
    mut page: impl FnMut(&Page) -> Result<Listing<T>>,
    mut take: impl FnMut(Vec<T>) -> Result<ControlFlow<()>>,
) -> Result<()> {
    let mut at = Some(Page::first());
    while let Some(wanted) = at {
        let listing = page(&wanted)?;
        at = match take(listing.items)? {
            ControlFlow::Continue(()) => listing.next.map(|next| Page::behind(&next)).transpose()?,
            ControlFlow::Break(()) => None,
        };
    }
    Ok(())
}

/// How the invitation is delivered: by e-mail, or by the link in this text.
pub fn invitation_link(invited: &Invited) -> String {
    let Invitation { email, created_at, expires_at, .. } = &invited.invitation;
    let life = lasting(expires_at.0 - created_at.0);
    match &invited.accept_url {
        Some(url) => format!("Invitation link for {email}. It works once, within {life} (until {expires_at}):\n{url}"),
        None => format!("{email} is mailed the invitation. Its link works once, within {life} (until {expires_at})."),
    }
}

/// Prints a one-time link after a line with its purpose and lifetime.
pub fn one_time_link(what: &str, secs: i64, url: &str) {
    say!("{what}. It works once, within {}:\n{url}", lasting(secs));
}

/// Prints the effect of a switch.
pub fn effect(json: bool, effect: &Effect) {
    if json {
        return self::json(&EffectView::from(effect.clone()));
    }
    say!("{}", if effect.applied { "Done." } else { "Nothing has changed yet. This would happen:" });
    match (&effect.keeps[..], &effect.loses[..], effect.counts.keeps + effect.counts.loses) {
        ([one], [], 1) => say!("{} keeps access.", one.email),
        ([], [one], 1) => say!("{} loses access.", one.email),
        (.., 0) => say!("Nobody's access changes."),
        _ => say!("{} keep access, {} lose it.", effect.counts.keeps, effect.counts.loses),
    }
    for (what, lines, all) in
        [("loses", &effect.loses, effect.counts.loses), ("keeps", &effect.keeps, effect.counts.keeps)]
    {
        for line in lines {
            say!("  {what} access: {} ({})", line.email, line.reason);
        }
        if all > lines.len() {
            say!("  and {} more", all - lines.len());
        }
    }
    for change in &effect.levels {
        say!("  {}: {} in {} instead of {}", change.email, change.to.as_str(), change.name, change.from.as_str());
    }
    if effect.counts.levels > effect.levels.len() {
        say!("  and {} more levels", effect.counts.levels - effect.levels.len());
    }
    if !effect.applications.is_empty() {
        let names: Vec<_> = effect.applications.iter().map(|(_, name)| name.as_str()).collect();
        say!("Applications that people lose: {}.", names.join(", "));
    }
    endings(effect);
    for warning in &effect.warnings {
        say!("Note: {warning}");
    }
}

/// Prints how many sessions, sign-ins and tokens end.
fn endings(effect: &Effect) {
    let counted =
        |count: usize, one: &str, many: &str| if count == 1 { format!("1 {one}") } else { format!("{count} {many}") };
    let Counts { sessions, grants, application_sessions, refresh_tokens, .. } = effect.counts;
    say!(
        "{}, and {}.",
        counted(sessions, "session is signed out", "sessions are signed out"),
        counted(grants, "sign-in ends", "sign-ins end")
    );
    if application_sessions + refresh_tokens > 0 {
        say!(
            "{}, and {}.",
            counted(application_sessions, "session at an application ends", "sessions at applications end"),
            counted(refresh_tokens, "refresh token of an application ends", "refresh tokens of applications end")
        );
    }
}
