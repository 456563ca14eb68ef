//! Lists of people to invite, as spreadsheets, address books and mail programs write them.
//!
//! A list need not be CSV: `"Adams, Ann" <ann@acme.test>; bob@acme.test` is one too. So each line finds its own delimiter (tab,
//! bar, semicolon or comma), and its cells are known by what they hold, or by a header line.

use super::person::Role;
use super::phrase::{Phrase, phrase};
use super::text::is_invisible;

/// The most people that are invited at once.
pub const MOST_AT_ONCE: usize = 500;

/// One person of a list, or a line that names nobody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The number of the line in the text, from 1.
    pub line: usize,
    /// The text of this line, to be shown and corrected.
    pub text: String,
    /// The name beside the address; empty where there is none.
    pub name: String,
    /// The address as it was given; empty if there was none.
    pub email: String,
    /// The role that was named.
    pub role: Option<Role>,
    /// Why nobody can be invited by it.
    pub fault: Option<Phrase>,
}

/// Text from a file: UTF-8, UTF-16 with a byte order mark (as spreadsheets save "Unicode text"), else Latin-1.
pub fn decode(bytes: &[u8]) -> String {
    let utf16 = |unit: fn([u8; 2]) -> u16| {
        let units: Vec<_> = bytes[2..].chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        String::from_utf16_lossy(&units)
    };
    match bytes {
        [0xff, 0xfe, ..] => utf16(u16::from_le_bytes),
        [0xfe, 0xff, ..] => utf16(u16::from_be_bytes),
        _ => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => bytes.iter().copied().map(char::from).collect(),
        },
    }
}

/// Reads a list: an address on each line, alone or with a name and a role beside it, or several addresses on one line; or a table
/// with a header line, whose columns may stand in any order. Empty lines are left out.
pub fn read(text: &str) -> Vec<Listed> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let (mut listed, mut header, mut first) = (Vec::new(), None, true);
    for record in records(&text) {
        let cells = record.cells(header.as_ref().map_or_else(|| record.delimiter(), |known: &Header| known.delimiter));
        if cells.iter().all(|cell| is_rule(cell)) || record.text.trim().to_lowercase().starts_with("sep=") {
            continue;
        }
        if std::mem::take(&mut first)
            && let Some(columns) = columns(&cells)
        {
            // A header of one column names no other: lines below it may hold what they like.
            header = (cells.len() > 1).then(|| Header { columns, delimiter: record.delimiter() });
            continue;
        }
        listed.extend(match &header {
            Some(header) => header.people(&record, &cells),
            None => people(&record, &cells),
        });
    }
    listed
}

/// A line, or several where a quoted cell goes over their ends.
struct Record<'t> {
    line: usize,
    text: &'t str,
}

/// A quoted part at the beginning of a cell, or any other character.
enum Piece<'t> {
    Quoted(&'t str),
    Plain(char),
}

/// The first of them in a line counts: a table of Markdown or of a wiki has commas in its cells.
const DELIMITERS: [char; 4] = ['\t', '|', ';', ','];

fn pieces(text: &str) -> impl Iterator<Item = (usize, Piece<'_>)> {
    let (mut at, mut begins) = (0, true);
    std::iter::from_fn(move || {
        let (rest, from) = (&text[at..], at);
        let next = rest.chars().next()?;
        if let Some(length) = quoted(rest).filter(|_| begins) {
            (at, begins) = (at + length, false);
            return Some((from, Piece::Quoted(&rest[1..length - 1])));
        }
        at += next.len_utf8();
        begins = DELIMITERS.contains(&next) || next == '\n' || (begins && next == ' ');
        Some((from, Piece::Plain(next)))
    })
}

/// True if a cell is empty, or a part of the line below the header of a table of Markdown.
fn is_rule(cell: &str) -> bool {
    cell.chars().all(|c| matches!(c, '-' | ':'))
}

/// How long the quoted cell is with which this begins, in bytes. A quote that is never closed is a character like others.
fn quoted(text: &str) -> Option<usize> {
    let mut at = text.strip_prefix('"').map(|_| 1)?;
    loop {
        at += text[at..].find('"')? + 1;
        if !text[at..].starts_with('"') {
            return Some(at);
        }
        at += 1;
    }
}

fn records(text: &str) -> Vec<Record<'_>> {
    let (mut records, mut from, mut line) = (Vec::new(), 0, 1);
    let ends = pieces(text).filter(|(_, piece)| matches!(piece, Piece::Plain('\n'))).map(|(at, _)| at);
    for end in ends.chain([text.len()]) {
        let record = &text[from..end];
        records.push(Record { line, text: record });
        line += record.matches('\n').count() + 1;
        from = end + 1;
    }
    records
}

impl Record<'_> {
    /// The first of tab, bar, semicolon and comma that stands outside quotes. One bar alone may be a part of a name.
    fn delimiter(&self) -> char {
        let count = |wanted: char| {
            pieces(self.text).filter(|(_, piece)| matches!(piece, Piece::Plain(c) if *c == wanted)).count()
        };
        let divides =
            |wanted: &char| count(*wanted) > usize::from(*wanted == '|' && !self.text.trim_start().starts_with('|'));
        DELIMITERS.into_iter().find(divides).unwrap_or(',')
    }

    fn cells(&self, delimiter: char) -> Vec<String> {
        let mut cells = vec![String::new()];
        for (_, piece) in pieces(self.text) {
            match (piece, cells.last_mut()) {
                (Piece::Plain(c), _) if c == delimiter => cells.push(String::new()),
                (Piece::Plain(c), Some(cell)) => cell.push(c),
                (Piece::Quoted(text), Some(cell)) => cell.push_str(&text.replace("\"\"", "\"")),
                (_, None) => {}
            }
        }
        cells.iter().map(|cell| plain(cell)).collect()
    }

    fn nobody(&self, fault: Phrase) -> Listed {
        let (text, fault) = (plain(self.text), Some(fault));
        Listed { line: self.line, text, name: String::new(), email: String::new(), role: None, fault }
    }
}

/// In one line, without what is not seen.
fn plain(text: &str) -> String {
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    seen.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// The small letters and digits of a text: `E-Mail` is `email`.
fn folded(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The meaning of a text beside an address.
enum Beside {
    Nothing,
    Role(Role),
    /// A role of other products: to take it for a name would give another role than was meant.
    NoRoleHere,
    Name,
}

/// Roles that people know from elsewhere.
const FOREIGN_ROLES: [&str; 22] = [
    "owner",
    "member",
    "user",
    "viewer",
    "editor",
    "guest",
    "manager",
    "readonly",
    "superadmin",
    "superuser",
    "moderator",
    "contributor",
    "operator",
    "orgadmin",
    "organisationadmin",
    "organizationadmin",
    "propriétaire",
    "membre",
    "utilisateur",
    "lecteur",
    "éditeur",
    "invité",
];

fn beside(text: &str) -> Beside {
    match folded(text).as_str() {
        // The number of a line.
        word if !word.chars().any(char::is_alphabetic) => Beside::Nothing,
        "admin" | "admins" | "administrator" | "administrateur" | "workspaceadmin" => Beside::Role(Role::Admin),
        "poweruser" | "powerusers" | "utilisateuravancé" | "utilisateuravance" => Beside::Role(Role::PowerUser),
        word if FOREIGN_ROLES.contains(&word) => Beside::NoRoleHere,
        _ => Beside::Name,
    }
}

fn no_role_here(text: &str) -> Phrase {
    phrase!("invitee-no-role", text = text)
}

const NO_ADDRESS: Phrase = phrase!("invitee-no-address");

/// The addresses in a cell, and what else stands there.
fn addresses(cell: &str) -> (Vec<String>, String) {
    let (mut found, mut rest) = (Vec::new(), Vec::new());
    // A link of Markdown, as `Ann <ann@acme.test>`.
    let cell =
        &if cell.contains("](") { cell.replace("](", "<").replace(')', ">").replace('[', "") } else { cell.into() };
    if cell.contains('<') {
        for part in cell.split_inclusive('>') {
            let (before, inside) = part.split_once('<').unwrap_or((part, ""));
            found.extend(inside.strip_suffix('>').map(address));
            rest.push(before);
        }
    } else {
        for word in cell.split(' ').flat_map(|word| word.split_inclusive([',', ';', '|'])) {
            if word.contains('@') { found.push(address(word)) } else { rest.push(word) }
        }
    }
    let rest = rest.join(" ");
    let beside = without_number(&rest).trim_matches(|c: char| c.is_whitespace() || ",;|\"'()".contains(c));
    (found, beside.to_owned())
}

/// A line of a list without its number or its bullet: `2. Ann Adams`, `- Ann Adams`.
fn without_number(text: &str) -> &str {
    let (first, rest) = text.trim_start().split_once(' ').unwrap_or((text, ""));
    let number = first.strip_suffix(['.', ')']).is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()));
    if number || ["-", "*", "+", "•", "·", "–"].contains(&first) { rest } else { text }
}

/// An address without what mail programs and our own CSV put around it.
fn address(text: &str) -> String {
    let bare = text.trim_matches(|c: char| c.is_whitespace() || ",;|:\"'()[]<>".contains(c));
    let scheme = bare.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:"));
    let bare = if scheme { bare[7..].split('?').next().unwrap_or_default() } else { bare };
    bare.to_owned()
}

/// The people of a line without a header: a role stands beside its address, or in a cell for all of the line.
fn people(record: &Record, cells: &[String]) -> Vec<Listed> {
    let (mut found, mut names, mut role, mut fault) = (Vec::new(), Vec::new(), None, None);
    for cell in cells {
        let (addresses, rest) = addresses(cell);
        let (mut own_role, mut name) = (None, String::new());
        match beside(&rest) {
            Beside::Nothing => {}
            Beside::Role(this) if addresses.is_empty() => role = Some(this),
            Beside::Role(this) => own_role = Some(this),
            Beside::NoRoleHere => fault = Some(no_role_here(&rest)),
            Beside::Name if addresses.is_empty() => names.push(rest),
            Beside::Name => name = rest,
        }
        found.extend(addresses.into_iter().map(|address| (address, name.clone(), own_role)));
    }
    let alone = found.len() == 1;
    let whole = |(email, name, own_role): (String, String, Option<Role>)| Listed {
        line: record.line,
        text: if alone { plain(record.text) } else { written(&email, own_role.or(role)) },
        name: if alone && name.is_empty() { names.join(" ") } else { name },
        role: own_role.or(role),
        fault: fault.clone(),
        email,
    };
    let people: Vec<_> = found.into_iter().map(whole).collect();
    if people.is_empty() { vec![record.nobody(NO_ADDRESS)] } else { people }
}

fn written(email: &str, role: Option<Role>) -> String {
    role.map_or_else(|| email.to_owned(), |role| format!("{email}, {}", role.label()))
}

/// Which cell holds what.
struct Columns {
    email: usize,
    role: Option<usize>,
    names: Vec<usize>,
}

struct Header {
    columns: Columns,
    delimiter: char,
}

/// The columns that a line names, where it is a header.
fn columns(cells: &[String]) -> Option<Columns> {
    if cells.iter().any(|cell| cell.contains('@')) {
        return None;
    }
    let names: Vec<_> = cells.iter().map(|cell| folded(cell)).collect();
    let position = |fits: &dyn Fn(&str) -> bool| names.iter().position(|name| fits(name));
    let second = ["recovery", "secondary", "alternate", "other", "personal", "private", "home"];
    let mail = |name: &str| {
        ["mail", "correo", "courriel"].iter().any(|word| name.contains(word))
            && !second.iter().any(|word| name.contains(word))
    };
    let login = |name: &str| {
        ["userprincipalname", "upn", "username", "user", "member", "invitee", "login", "address", "adresse"]
            .contains(&name)
    };
    let email = position(&|name| ["email", "emailaddress"].contains(&name)).or(position(&mail)).or(position(&login))?;
    let is_name = |name: &str| {
        [
            "name",
            "vorname",
            "nachname",
            "givenname",
            "surname",
            "displayname",
            "firstname",
            "lastname",
            "fullname",
            "nom",
            "prénom",
        ]
        .iter()
        .any(|word| name.starts_with(word))
    };
    Some(Columns {
        email,
        role: position(&|name| {
            ["role", "roles", "rolle", "rôle", "rol", "ruolo", "permission", "permissions"].contains(&name)
        }),
        names: (0..names.len()).filter(|at| *at != email && is_name(&names[*at])).collect(),
    })
}

impl Header {
    fn people(&self, record: &Record, cells: &[String]) -> Vec<Listed> {
        let cell = |at: usize| cells.get(at).map_or("", String::as_str);
        let (found, beside_address) = addresses(cell(self.columns.email));
        let named = self.columns.role.map_or("", cell);
        let (role, fault) = match beside(named) {
            Beside::Nothing => (None, None),
            Beside::Role(role) => (Some(role), None),
            Beside::NoRoleHere | Beside::Name => (None, Some(no_role_here(named))),
        };
        if found.is_empty() {
            return vec![record.nobody(NO_ADDRESS)];
        }
        let parts: Vec<_> = self.columns.names.iter().map(|at| cell(*at)).filter(|part| !part.is_empty()).collect();
        let name = if parts.is_empty() { beside_address } else { parts.join(" ") };
        let named = if fault.is_some() { format!(", {named}") } else { String::new() };
        let whole = |email: String| Listed {
            line: record.line,
            text: format!("{}{named}", written(&email, role)),
            name: name.clone(),
            role,
            fault: fault.clone(),
            email,
        };
        found.into_iter().map(whole).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Name, address, role and fault of each, for reading.
    fn shown(text: &str) -> Vec<String> {
        let role = |role: Option<Role>| role.map(|role| format!(" {}", role.as_str())).unwrap_or_default();
        let name = |name: &str| if name.is_empty() { String::new() } else { format!("[{name}] ") };
        read(text)
            .iter()
            .map(|one| match &one.fault {
                Some(fault) => format!("{}: {} ({fault})", one.line, one.text),
                None => format!("{}: {}{}{}", one.line, name(&one.name), one.email, role(one.role)),
            })
            .collect()
    }

    #[test]
    fn lists_are_read_as_people_have_them() {
        for (text, people) in [
            (
                "ann@acme.test\nbob@acme.test\r\n\r\ncat@acme.test\r",
                vec!["1: ann@acme.test", "2: bob@acme.test", "4: cat@acme.test"],
            ),
            (
                "ann@acme.test, bob@acme.test; cat@acme.test dan@acme.test",
                vec!["1: ann@acme.test", "1: bob@acme.test", "1: cat@acme.test", "1: dan@acme.test"],
            ),
            (
                "Ann Adams <ann@acme.test>, \"Poe, Pam\" <pam@acme.test>",
                vec!["1: [Ann Adams] ann@acme.test", "1: [Poe, Pam] pam@acme.test"],
            ),
            ("Adams, Ann <ann@acme.test>", vec!["1: [Ann] ann@acme.test"]),
            ("Ann | Acme <ann@acme.test>, bob@acme.test", vec!["1: [Ann | Acme] ann@acme.test", "1: bob@acme.test"]),
            (
                "Adams, Ann <ann@acme.test>; Poe, Pam <pam@acme.test>",
                vec!["1: [Adams, Ann] ann@acme.test", "1: [Poe, Pam] pam@acme.test"],
            ),
            (
                "ann@acme.test, Admin\nbob@acme.test power user\nAdministrator\tcat@acme.test",
                vec!["1: ann@acme.test admin", "2: bob@acme.test power_user", "3: cat@acme.test admin"],
            ),
            ("ann@acme.test, bob@acme.test, Admin", vec!["1: ann@acme.test admin", "1: bob@acme.test admin"]),
            ("ann@acme.test; bob@acme.test admin", vec!["1: ann@acme.test", "1: bob@acme.test admin"]),
            ("Ann\tAdams\tann@acme.test\tPower User", vec!["1: [Ann Adams] ann@acme.test power_user"]),
            ("Adams, Ann\tann@acme.test", vec!["1: [Adams, Ann] ann@acme.test"]),
            (
                "<mailto:ann@acme.test>\n'+bob@acme.test\n\u{a0}cat@acme.test\u{200b}\nmailto:dan@acme.test,",
                vec!["1: ann@acme.test", "2: +bob@acme.test", "3: cat@acme.test", "4: dan@acme.test"],
            ),
            ("\u{feff}\"E-mail\";\"Role\"\r\n\"ann@acme.test\";\"Admin\"\r\n", vec!["2: ann@acme.test admin"]),
            (
                "sep=;\nRole;Name;E-Mail-Adresse\nAdmin;Adams; Ann;ann@acme.test",
                vec!["3: Admin;Adams; Ann;ann@acme.test (There is no e-mail address in this line.)"],
            ),
            (
                "Role;Name;E-Mail-Adresse\nAdmin;\"Adams; Ann\";ann@acme.test\n;Bob, B.;bob@acme.test",
                vec!["2: [Adams; Ann] ann@acme.test admin", "3: [Bob, B.] bob@acme.test"],
            ),
            (
                "Name\tEmail\tRole\n\"Ann\nAdams\"\tann@acme.test\tadmin\nBob\tbob@acme.test\t",
                vec!["2: [Ann Adams] ann@acme.test admin", "4: [Bob] bob@acme.test"],
            ),
            (
                "First Name [Required],Last Name [Required],Email Address [Required],Recovery Email\nAnn,Adams,ann@acme.test,x@home.test",
                vec!["2: [Ann Adams] ann@acme.test"],
            ),
            ("Email\nann@acme.test, Admin", vec!["2: ann@acme.test admin"]),
            ("\"ann@acme.test\n\"bob@acme.test", vec!["1: ann@acme.test", "1: bob@acme.test"]),
            ("Ann \"The Boss\" Adams <ann@acme.test>", vec!["1: [Ann \"The Boss\" Adams] ann@acme.test"]),
            (
                "1. ann@acme.test\n2) Bob Brewer <bob@acme.test>\n- Cy Cole cy@acme.test\n• dan@acme.test admin\n5;Eve;eve@acme.test",
                vec![
                    "1: ann@acme.test",
                    "2: [Bob Brewer] bob@acme.test",
                    "3: [Cy Cole] cy@acme.test",
                    "4: dan@acme.test admin",
                    "5: [Eve] eve@acme.test",
                ],
            ),
            (
                "| Name | E-mail | Role |\n|---|:---|---|\n| Adams, Ann | ann@acme.test | admin |\n| Bob | bob@acme.test | |",
                vec!["3: [Adams, Ann] ann@acme.test admin", "4: [Bob] bob@acme.test"],
            ),
            ("| ann@acme.test | Ann | admin |", vec!["1: [Ann] ann@acme.test admin"]),
            (
                "ann@acme.test, Utilisateur avancé\nbob@acme.test, Administrateur",
                vec!["1: ann@acme.test power_user", "2: bob@acme.test admin"],
            ),
            (
                "[Ann Adams](mailto:ann@acme.test)\nmailto:bob@acme.test?subject=Hello",
                vec!["1: [Ann Adams] ann@acme.test", "2: bob@acme.test"],
            ),
            ("", vec![]),
            (" \n\t\t\n;;\n", vec![]),
        ] {
            let people: Vec<String> = people.into_iter().map(ToOwned::to_owned).collect();
            assert_eq!(shown(text), people, "{text:?}");
        }
    }

    #[test]
    fn a_line_that_names_nobody_or_no_role_of_ours_says_so_and_is_not_lost() {
        for (text, told) in [
            ("nobody", "1: nobody (There is no e-mail address in this line.)"),
            (
                "ann@acme.test, Owner",
                "1: ann@acme.test, Owner (“Owner” is not a role here. Write Admin or Power User.)",
            ),
            ("Ann Adams, Admin", "1: Ann Adams, Admin (There is no e-mail address in this line.)"),
            (
                "email,role\nann@acme.test,Chief",
                "2: ann@acme.test, Chief (“Chief” is not a role here. Write Admin or Power User.)",
            ),
        ] {
            assert_eq!(shown(text), [told], "{text:?}");
        }
    }

    #[test]
    fn whatever_is_pasted_is_read_without_a_panic() {
        let parts = ["\"", "\"\"", "<", ">", "@", ",", ";", "\t", "\n", "é", "ann@acme.test", "mailto:", " ", "email"];
        for first in parts {
            for second in parts {
                for third in parts {
                    for fourth in parts {
                        read(&[first, second, third, fourth].concat());
                    }
                }
            }
        }
    }

    #[test]
    fn files_are_decoded_as_spreadsheets_write_them() {
        let wide: Vec<u8> = "\u{feff}é\t1".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = "\u{feff}é\t1".encode_utf16().flat_map(u16::to_be_bytes).collect();
        assert_eq!(decode(&wide), "é\t1");
        assert_eq!(decode(&big), "é\t1");
        assert_eq!(decode("é".as_bytes()), "é");
        assert_eq!(decode(b"\xe9;ann@acme.test"), "é;ann@acme.test");
    }
}
