//! Reads lists of people to invite, as spreadsheets, address books and mail programs write them.
//!
//! A list need not be CSV: `"Adams, Ann" <ann@acme.test>; bob@acme.test` is one too. So the delimiter (tab, bar,
//! semicolon or comma) is found for each line, and the meaning of a cell by its content or by a header line.

use super::address_line::{AddressLine, Beside, Mailbox, beside, no_role_here, quoted, quoted_name};
use super::custom_role::RoleNames;
use super::person::Role;
use super::phrase::{Phrase, phrase};
use super::text::{folded, is_invisible};
use encoding_rs::{Encoding, WINDOWS_1252};

/// The maximum number of people who can be invited at once.
pub const MOST_AT_ONCE: usize = 500;

/// A person in a list, or a line that names no person.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The number of the line in the text, from 1.
    pub line: usize,
    /// The text of this line, to be shown and corrected.
    pub text: String,
    /// The name next to the address; empty if there is none.
    pub name: String,
    /// The e-mail address as it was written; empty if there was none.
    pub email: String,
    /// The role that was named.
    pub role: Option<Role>,
    /// The reason why this person cannot be invited.
    pub fault: Option<Phrase>,
}

/// Decodes a file: as UTF-8, as UTF-16 with a byte order mark (as spreadsheets save "Unicode text"), or else as
/// Windows-1252.
pub fn decode(bytes: &[u8]) -> String {
    match Encoding::for_bom(bytes) {
        Some((encoding, length)) => encoding.decode_without_bom_handling(&bytes[length..]).0.into_owned(),
        None => match std::str::from_utf8(bytes) {
            Ok(text) => text.to_owned(),
            Err(_) => WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
        },
    }
}

/// Reads a list: an address on each line, alone or with a name and a role, or several addresses on one line; or a table
/// with a header line and columns in any order. Empty lines are left out. `custom`: the custom roles of the organisation,
/// which the list names like the built-in ones.
pub fn read(text: &str, custom: &RoleNames) -> Vec<Listed> {
    let text = text.trim_start_matches('\u{feff}').replace("\r\n", "\n").replace('\r', "\n");
    let (mut listed, mut header, mut begun) = (Vec::new(), None, false);
    for record in records(&text) {
        let cells = record.cells(header.as_ref().map_or_else(|| record.delimiter(), |known: &Header| known.delimiter));
        if cells.iter().all(|cell| is_rule(cell)) || record.text.trim().to_lowercase().starts_with("sep=") {
            continue;
        }
        // A title may precede the header.
        if !begun && let Some(columns) = columns(&cells) {
            begun = true;
            // Below a header of one column, lines are read as without a header.
            header = (cells.len() > 1).then(|| {
                let count = cells.iter().rposition(|cell| !cell.is_empty()).map_or(0, |last| last + 1);
                Header { columns, count, delimiter: record.delimiter() }
            });
            continue;
        }
        let people = match &header {
            Some(header) => header.people(&record, &cells, custom),
            None => record.people(&cells, custom),
        };
        begun |= people.iter().any(|one| !one.email.is_empty());
        listed.extend(people);
    }
    listed
}

/// A line, or several lines if a quoted cell contains line breaks.
struct Record<'t> {
    line: usize,
    text: &'t str,
}

/// A quoted part at the beginning of a cell, or any other character.
enum Piece<'t> {
    Quoted(&'t str),
    Plain(char),
}

/// In order of precedence: the cells of a Markdown or wiki table may contain commas.
const DELIMITERS: [char; 4] = ['\t', '|', ';', ','];

fn pieces(text: &str) -> impl Iterator<Item = (usize, Piece<'_>)> {
    let (mut at, mut begins) = (0, true);
    std::iter::from_fn(move || {
        let (rest, from) = (&text[at..], at);
        let next = rest.chars().next()?;
        if let Some(length) = begins.then(|| quoted(rest)).flatten() {
            (at, begins) = (at + length, false);
            return Some((from, Piece::Quoted(&rest[1..length - 1])));
        }
        at += next.len_utf8();
        begins = DELIMITERS.contains(&next) || matches!(next, '\n' | '>') || (begins && next == ' ');
        Some((from, Piece::Plain(next)))
    })
}

/// True if a cell is empty, or a part of the line below the header of a Markdown table.
fn is_rule(cell: &str) -> bool {
    cell.chars().all(|c| matches!(c, '-' | ':'))
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
    /// The first of tab, bar, semicolon and comma that occurs outside quotes. A single bar may be a part of a name.
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
        for (at, piece) in pieces(self.text) {
            match (piece, cells.last_mut()) {
                (Piece::Plain(c), _) if c == delimiter => cells.push(String::new()),
                (Piece::Plain(c), Some(cell)) => cell.push(c),
                (Piece::Quoted(text), Some(cell)) => match quoted_name(&self.text[at..]) {
                    Some(length) => cell.push_str(&self.text[at..at + length]),
                    None => cell.push_str(&text.replace("\"\"", "\"").replace('\t', "\n")),
                },
                (_, None) => {}
            }
        }
        cells.iter().map(|cell| cell.trim().lines().map(plain).collect::<Vec<_>>().join("\n")).collect()
    }

    /// The people of a line without a header.
    fn people(&self, cells: &[String], custom: &RoleNames) -> Vec<Listed> {
        let mut people = people(self, AddressLine::read(cells, self.delimiter(), custom));
        if let [alone] = &mut people[..] {
            alone.text = plain(self.text);
        }
        people
    }

    fn nobody(&self, fault: Phrase) -> Listed {
        self.unread(plain(self.text), fault)
    }

    /// A part of a line that belongs to no address.
    fn left(&self, text: &str) -> Listed {
        self.unread(text.to_owned(), phrase!("invitee-no-address-beside"))
    }

    fn unread(&self, text: String, fault: Phrase) -> Listed {
        Listed { line: self.line, text, name: String::new(), email: String::new(), role: None, fault: Some(fault) }
    }
}

/// The text in one line, without invisible characters.
fn plain(text: &str) -> String {
    let seen: String = text.chars().filter(|c| !is_invisible(*c)).collect();
    seen.split(|c: char| c.is_whitespace() || c.is_control())
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

const NO_ADDRESS: Phrase = phrase!("invitee-no-address");

/// The people of a line, and the texts that belong to none of them.
fn people(record: &Record, line: AddressLine) -> Vec<Listed> {
    let AddressLine { mailboxes, left } = line;
    if mailboxes.is_empty() {
        return vec![record.nobody(NO_ADDRESS)];
    }
    let people = mailboxes.into_iter().map(|mailbox| Listed {
        line: record.line,
        text: written(&mailbox),
        fault: mailbox.fault.map(|(_, fault)| fault),
        name: mailbox.name,
        email: mailbox.email,
        role: mailbox.role,
    });
    people.chain(left.iter().map(|text| record.left(text))).collect()
}

/// Writes a person as a line of a list.
fn written(mailbox: &Mailbox) -> String {
    let Mailbox { email, name, role, fault } = mailbox;
    let name = if name.contains(['"', ',', ';', '|', '<', '>', '@']) {
        format!("\"{}\"", name.replace('"', "\"\""))
    } else {
        name.clone()
    };
    let person = if name.is_empty() { email.clone() } else { format!("{name} <{email}>") };
    let role = fault.as_ref().map(|(text, _)| text.as_str()).or(role.as_ref().map(role_text));
    role.map_or_else(|| person.clone(), |role| format!("{person}, {role}"))
}

/// A role as a line of a list names it: by its name, or by its slug if the name could be read as several parts.
fn role_text(role: &Role) -> &str {
    let plain = !role.label().contains(['"', ';', '|', '<', '>', '@', ':', '\t']);
    if plain { role.label() } else { role.slug() }
}

/// The index of each column.
struct Columns {
    email: usize,
    role: Option<usize>,
    names: Vec<usize>,
}

struct Header {
    columns: Columns,
    /// The number of columns.
    count: usize,
    delimiter: char,
}

/// The columns that a line names; `None` if it is not a header.
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
    fn people(&self, record: &Record, cells: &[String], custom: &RoleNames) -> Vec<Listed> {
        let cell = |at: usize| cells.get(at).map_or("", String::as_str);
        let mut line = AddressLine::read(&[cell(self.columns.email).to_owned()], self.delimiter, custom);
        let named: Vec<_> = self.columns.names.iter().map(|at| cell(*at)).filter(|part| !part.is_empty()).collect();
        let named = plain(&named.join(" "));
        let role = self.columns.role.map_or("", cell);
        let alone = line.mailboxes.len() == 1;
        for mailbox in &mut line.mailboxes {
            if !named.is_empty() && (alone || mailbox.name.is_empty()) {
                mailbox.name.clone_from(&named);
            }
            match beside(role, custom) {
                Beside::Nothing => {}
                Beside::Role(role) => mailbox.role = Some(role),
                Beside::NoRoleHere | Beside::Name => mailbox.fault = Some(no_role_here(role)),
            }
        }
        if line.mailboxes.is_empty() {
            return vec![record.nobody(NO_ADDRESS)];
        }
        // An unquoted delimiter inside a cell shifts the cells after it.
        let beyond = cells.iter().skip(self.count).filter(|cell| !cell.is_empty());
        let beyond = beyond.map(|cell| record.unread(plain(cell), phrase!("invitee-no-column")));
        people(record, line).into_iter().chain(beyond).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::{Duration, Instant};

    /// The name, address, role and fault of each person, in a readable form.
    fn shown(text: &str) -> Vec<String> {
        let role = |role: Option<Role>| role.map(|role| format!(" {}", role.as_str())).unwrap_or_default();
        let name = |name: &str| if name.is_empty() { String::new() } else { format!("[{name}] ") };
        read(text, &RoleNames::default())
            .iter()
            .map(|one| match &one.fault {
                Some(fault) => format!("{}: {} ({fault})", one.line, one.text),
                None => format!("{}: {}{}{}", one.line, name(&one.name), one.email, role(one.role.clone())),
            })
            .collect()
    }

    #[test]
    fn lists_are_read_in_all_usual_formats() {
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
            ("Adams, Ann <ann@acme.test>", vec!["1: [Adams, Ann] ann@acme.test"]),
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
                "ann@acme.test, Utilisatrice avancée\nbob@acme.test, utilisatrice avancee\ncat@acme.test, Administratrice",
                vec!["1: ann@acme.test power_user", "2: bob@acme.test power_user", "3: cat@acme.test admin"],
            ),
            (
                "[Ann Adams](mailto:ann@acme.test)\nmailto:bob@acme.test?subject=Hello",
                vec!["1: [Ann Adams] ann@acme.test", "2: bob@acme.test"],
            ),
        ] {
            let people: Vec<String> = people.into_iter().map(ToOwned::to_owned).collect();
            assert_eq!(shown(text), people, "{text:?}");
        }
    }

    #[test]
    fn the_display_name_of_an_address_gives_no_role() {
        for (text, people) in [
            ("Administrator <it@acme.test>", vec!["1: [Administrator] it@acme.test"]),
            ("\"Admin\" <it@acme.test>, Power User", vec!["1: [Admin] it@acme.test power_user"]),
            (
                "To: Admin <it@acme.test>; Owner <bo@acme.test>",
                vec!["1: [Admin] it@acme.test", "1: [Owner] bo@acme.test"],
            ),
            ("Ann <ann@acme.test> Admin <it@acme.test>", vec!["1: [Ann] ann@acme.test", "1: [Admin] it@acme.test"]),
            ("[Admin](mailto:it@acme.test)", vec!["1: [Admin] it@acme.test"]),
            ("Email;Role\nAdmin <it@acme.test>;Power User", vec!["2: [Admin] it@acme.test power_user"]),
            ("it@acme.test, Administrator", vec!["1: it@acme.test admin"]),
            ("Ann <it@acme.test>, Admin", vec!["1: [Ann] it@acme.test admin"]),
            ("Admin\t<it@acme.test>", vec!["1: it@acme.test admin"]),
            ("Admins: <it@acme.test>, <bo@acme.test>", vec!["1: it@acme.test admin", "1: bo@acme.test admin"]),
        ] {
            assert_eq!(shown(text), people, "{text:?}");
        }
    }

    #[test]
    fn each_address_of_a_line_gets_the_name_and_the_role_next_to_it() {
        for (text, people) in [
            (
                "Anna <ann@acme.test>, paul@acme.test; Zed <zed@acme.test>",
                vec!["1: [Anna] ann@acme.test", "1: paul@acme.test", "1: [Zed] zed@acme.test"],
            ),
            (
                "Ann <ann@acme.test>, Bob <bob@acme.test>; Carl <carl@acme.test>",
                vec!["1: [Ann] ann@acme.test", "1: [Bob] bob@acme.test", "1: [Carl] carl@acme.test"],
            ),
            (
                "Name\tE-mail\nBoth\tAnn <ann@acme.test>; paul@acme.test\n\tBob <bob@acme.test>, Cy cy@acme.test",
                vec![
                    "2: [Ann] ann@acme.test",
                    "2: [Both] paul@acme.test",
                    "3: [Bob] bob@acme.test",
                    "3: [Cy] cy@acme.test",
                ],
            ),
            (
                "paul@acme.test, Adams, Ann <ann@acme.test>, Poe, Pam <pam@acme.test>",
                vec!["1: paul@acme.test", "1: [Adams, Ann] ann@acme.test", "1: [Poe, Pam] pam@acme.test"],
            ),
            (
                "Ann Adams ann@acme.test, Bob Brewer bob@acme.test; cat@acme.test Cat Cole; dan@acme.test",
                vec![
                    "1: [Ann Adams] ann@acme.test",
                    "1: [Bob Brewer] bob@acme.test",
                    "1: [Cat Cole] cat@acme.test",
                    "1: dan@acme.test",
                ],
            ),
            (
                "Ann <ann@acme.test> Bob <bob@acme.test> and cat@acme.test & Dan <dan@acme.test>",
                vec!["1: [Ann] ann@acme.test", "1: [Bob] bob@acme.test", "1: cat@acme.test", "1: [Dan] dan@acme.test"],
            ),
            (
                "ann@acme.test, Ann Adams, bob@acme.test, Bob Brewer",
                vec!["1: [Ann Adams] ann@acme.test", "1: [Bob Brewer] bob@acme.test"],
            ),
            (
                "Ann,Adams,ann@acme.test,Bob,Brewer,bob@acme.test",
                vec!["1: [Ann Adams] ann@acme.test", "1: [Bob Brewer] bob@acme.test"],
            ),
            (
                "ann@acme.test, Admin, bob@acme.test, Power User; cat@acme.test",
                vec!["1: ann@acme.test admin", "1: bob@acme.test power_user", "1: cat@acme.test"],
            ),
            (
                "Ann <ann@acme.test> (Admin), Bob <bob@acme.test>, Power User, Cat <cat@acme.test>",
                vec!["1: [Ann] ann@acme.test admin", "1: [Bob] bob@acme.test power_user", "1: [Cat] cat@acme.test"],
            ),
            (
                "Admins: ann@acme.test, Bob <bob@acme.test>\nTo: Cat <cat@acme.test>, dan@acme.test",
                vec![
                    "1: ann@acme.test admin",
                    "1: [Bob] bob@acme.test admin",
                    "2: [Cat] cat@acme.test",
                    "2: dan@acme.test",
                ],
            ),
            (
                "\"ann@home.test\" <ann@acme.test>, 'bob@acme.test' <bob@acme.test>; cat@acme.test <mailto:cat@acme.test>",
                vec!["1: [ann@home.test] ann@acme.test", "1: bob@acme.test", "1: cat@acme.test"],
            ),
            (
                "\"Adams, Ann\" <ann@acme.test> \"Poe; Pam | <Sales>\" <pam@acme.test>",
                vec!["1: [Adams, Ann] ann@acme.test", "1: [Poe; Pam | <Sales>] pam@acme.test"],
            ),
            (
                "'Adams, Ann' <ann@acme.test>, 'Poe, Pam' <pam@acme.test>",
                vec!["1: [Adams, Ann] ann@acme.test", "1: [Poe, Pam] pam@acme.test"],
            ),
            (
                "<mailto:ann@acme.test|ann@acme.test>, <mailto:bob@acme.test|bob@acme.test>\n[cat@acme.test|mailto:cat@acme.test]",
                vec!["1: ann@acme.test", "1: bob@acme.test", "2: cat@acme.test"],
            ),
            (
                "Ann <ann@acme.test, Bob <bob@acme.test>, see dan@acme.test.",
                vec!["1: [Ann] ann@acme.test", "1: [Bob] bob@acme.test", "1: [see] dan@acme.test"],
            ),
            (
                "Our team\n\nName;E-mail\nAnn;ann@acme.test",
                vec!["1: Our team (There is no e-mail address in this line.)", "4: [Ann] ann@acme.test"],
            ),
            ("", vec![]),
            (" \n\t\t\n;;\n", vec![]),
        ] {
            let people: Vec<String> = people.into_iter().map(ToOwned::to_owned).collect();
            assert_eq!(shown(text), people, "{text:?}");
        }
    }

    #[test]
    fn a_line_without_a_person_or_with_an_unknown_role_is_returned_with_a_fault() {
        for (text, told) in [
            ("nobody", "1: nobody (There is no e-mail address in this line.)"),
            (
                "ann@acme.test, Owner",
                "1: ann@acme.test, Owner (“Owner” is not a role here. Write Admin, Power User or the name of a custom role.)",
            ),
            (
                "ann@acme.test, Éditrice",
                "1: ann@acme.test, Éditrice (“Éditrice” is not a role here. Write Admin, Power User or the name of a custom role.)",
            ),
            ("Ann Adams, Admin", "1: Ann Adams, Admin (There is no e-mail address in this line.)"),
            (
                "email,role\nann@acme.test,Chief",
                "2: ann@acme.test, Chief (“Chief” is not a role here. Write Admin, Power User or the name of a custom role.)",
            ),
            (
                "ann@acme.test Admin, Power User",
                "1: ann@acme.test Admin, Power User (Two roles are named here. Keep one of them.)",
            ),
        ] {
            assert_eq!(shown(text), [told], "{text:?}");
        }
    }

    #[test]
    fn a_text_that_belongs_to_no_address_is_returned_with_its_line() {
        let alone =
            "(There is no e-mail address beside this. Write each person with their address on a separate line.)";
        for (text, told) in [
            (
                "ann@acme.test, bob@acme.test, Carl Cole",
                vec!["1: ann@acme.test".to_owned(), "1: bob@acme.test".to_owned(), format!("1: Carl Cole {alone}")],
            ),
            (
                "\nAnn <ann@acme.test>, Bob <bob@acme.test>, Carl Cole",
                vec!["2: [Ann] ann@acme.test".to_owned(), "2: [Bob] bob@acme.test".to_owned(), format!("2: Carl Cole {alone}")],
            ),
            (
                "Name,E-mail\nAnn,ann@acme.test,bob@acme.test",
                vec![
                    "2: [Ann] ann@acme.test".to_owned(),
                    "2: bob@acme.test (The header has no column for this. Add one, or write each person on a separate line.)"
                        .to_owned(),
                ],
            ),
            (
                "ann@acme.test; bob@acme.test, Owner, cat@acme.test",
                vec![
                    "1: ann@acme.test".to_owned(),
                    "1: bob@acme.test, Owner (“Owner” is not a role here. Write Admin, Power User or the name of a custom role.)".to_owned(),
                    "1: cat@acme.test".to_owned(),
                ],
            ),
        ] {
            assert_eq!(shown(text), told, "{text:?}");
        }
    }

    #[test]
    fn a_line_that_is_shown_for_correction_is_read_the_same_again() {
        for text in [
            "\"Poe, Pam\" <pam@acme.test>, Ann \"The Boss\" Adams <ann@acme.test>, Admin; bob@acme.test",
            "Name,Role,E-mail\n\"Poe, \"\"P\"\" Pam\",Admin,pam@acme.test\n,Owner,ann@acme.test",
        ] {
            let first = read(text, &RoleNames::default());
            let again =
                read(&first.iter().map(|one| one.text.clone()).collect::<Vec<_>>().join("\n"), &RoleNames::default());
            let facts = |all: &[Listed]| {
                all.iter()
                    .map(|one| (one.name.clone(), one.email.clone(), one.role.clone(), one.fault.clone()))
                    .collect::<Vec<_>>()
            };
            assert_eq!(facts(&first), facts(&again), "{first:?}");
        }
    }

    /// Every way to write a person, with every delimiter, in lines and in a cell of a table.
    #[test]
    fn no_person_is_lost_and_none_gets_the_name_of_another_whatever_the_format() {
        type Way = fn(&str) -> (String, String);
        let ways: [Way; 6] = [
            |who| (format!("{who}@acme.test"), String::new()),
            |who| (format!("<{who}@acme.test>"), String::new()),
            |who| (format!("{who} <{who}@acme.test>"), who.to_owned()),
            |who| (format!("\"Poe, {who}\" <{who}@acme.test>"), format!("Poe, {who}")),
            |who| (format!("{who} (Sales) <{who}@acme.test>"), format!("{who} (Sales)")),
            |who| (format!("mailto:{who}@acme.test"), String::new()),
        ];
        let dividers = [",", " ; ", "; ", "\t", "\r\n", " | ", ",\n"];
        let named = |text: &str| {
            read(text, &RoleNames::default())
                .into_iter()
                .map(|one| (one.email, one.name, one.fault))
                .collect::<Vec<_>>()
        };
        for first in ways {
            for second in ways {
                for one in dividers {
                    for other in dividers {
                        let people = [first("ann"), second("bob"), first("cat")];
                        let text = format!("{}{one}{}{other}{}", people[0].0, people[1].0, people[2].0);
                        let wanted: Vec<_> = ["ann", "bob", "cat"]
                            .into_iter()
                            .zip(&people)
                            .map(|(who, (_, name))| (format!("{who}@acme.test"), name.clone(), None))
                            .collect();
                        assert_eq!(named(&text), wanted, "{text:?}");
                        let cell = text.replace('"', "\"\"");
                        for table in [format!("E-mail,Role\n\"{cell}\",\n"), format!("Role\tE-mail\n\t\"{cell}\"\n")] {
                            assert_eq!(named(&table), wanted, "{table:?}");
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn any_text_is_read_without_a_panic() {
        let parts = ["\"", "\"\"", "<", ">", "@", ",", ";", "\t", "\n", "é", "ann@acme.test", "mailto:", " ", "email"];
        for first in parts {
            for second in parts {
                for third in parts {
                    for fourth in parts {
                        read(&[first, second, third, fourth].concat(), &RoleNames::default());
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
        assert_eq!(decode(b"O\x92Neil;ann@acme.test"), "O’Neil;ann@acme.test");
    }

    #[test]
    fn the_time_to_read_a_list_is_proportional_to_its_length() {
        for unit in [
            "\"",
            "a\"",
            ",\"",
            "\" ",
            "\"\" ",
            "<",
            "<a",
            "<a ",
            "<@ ",
            ">",
            "@",
            "a@b ",
            "a@b,",
            "a;",
            ";",
            "a ",
            "a, ",
            "and ",
            "a@b admin ",
            "a@b, admin; ",
            "Ann a@b, ",
            "Ann <a@b>, ",
            "a <",
            "](",
            "[a](b) ",
            "|a",
            "\n\"",
            "\ta",
        ] {
            let time = |length: usize| {
                let text = unit.repeat(length / unit.len());
                let begun = Instant::now();
                read(&text, &RoleNames::default());
                begun.elapsed()
            };
            // If the time were quadratic, 40 times the length would take 1,600 times as long. Other work on the machine may
            // delay either.
            let (short, long) = (time(4000), time(160_000));
            assert!(long < 300 * short + Duration::from_secs(3), "{unit:?}: {short:?}, then {long:?}");
        }
    }
}
