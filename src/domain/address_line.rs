//! Reads the e-mail addresses of a line, as mail programs and people write them, each with the name and the role next
//! to it.

use super::custom_role::RoleNames;
use super::person::Role;
use super::phrase::{Phrase, phrase};
use super::text::folded;
use std::collections::HashSet;
use std::iter::Peekable;
use std::str::MatchIndices;

/// An address in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailbox {
    /// The address as it was written.
    pub email: String,
    /// The name next to it; empty if there is none.
    pub name: String,
    /// The role next to it, or the role for the whole line.
    pub role: Option<Role>,
    /// A text next to it that is not one of our roles, and the message about it.
    pub fault: Option<(String, Phrase)>,
}

/// The content of a line.
#[derive(Debug, Default)]
pub struct AddressLine {
    /// Its addresses, in order.
    pub mailboxes: Vec<Mailbox>,
    /// Names and roles that belong to no address.
    pub left: Vec<String>,
}

/// The meaning of a text next to an address.
#[derive(Debug, Clone)]
pub enum Beside {
    /// It has no meaning, such as the number of a line.
    Nothing,
    /// A role.
    Role(Role),
    /// A role of another product. If it were taken for a name, the person would get another role than intended.
    NoRoleHere,
    /// Any other text.
    Name,
}

/// Names of roles in other products, as `folded` returns them.
const FOREIGN_ROLES: [&str; 30] = [
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
    "utilisatrice",
    "lecteur",
    "lectrice",
    "éditeur",
    "editeur",
    "éditrice",
    "editrice",
    "invité",
    "invitée",
    "gestionnaire",
    "proprietaire",
];

/// The meaning of a text next to an address. `custom`: the custom roles of the organisation.
pub fn beside(text: &str, custom: &RoleNames) -> Beside {
    match folded(text).as_str() {
        // A text without letters, such as the number of a line.
        word if !word.chars().any(char::is_alphabetic) => Beside::Nothing,
        "admin" | "admins" | "administrator" | "administrateur" | "administratrice" | "workspaceadmin" => {
            Beside::Role(Role::Admin)
        }
        "poweruser"
        | "powerusers"
        | "utilisateuravancé"
        | "utilisateuravance"
        | "utilisatriceavancée"
        | "utilisatriceavancee" => Beside::Role(Role::PowerUser),
        word => match custom.named(text) {
            Some(role) => Beside::Role(role),
            None if FOREIGN_ROLES.contains(&word) => Beside::NoRoleHere,
            None => Beside::Name,
        },
    }
}

/// A text that is not one of our roles, and the message about it.
pub fn no_role_here(text: &str) -> (String, Phrase) {
    (text.to_owned(), phrase!("invitee-no-role", text = text))
}

/// The length in bytes of the quoted part at the start of a text; `None` if there is none, or if its quote is never
/// closed.
pub fn quoted(text: &str) -> Option<usize> {
    let mut at = text.strip_prefix('"').map(|_| 1)?;
    loop {
        at += text[at..].find('"')? + 1;
        if !text[at..].starts_with('"') {
            return Some(at);
        }
        at += 1;
    }
}

/// The length in bytes of the quoted name at the start of a text, if an address in angle brackets follows it.
/// Delimiters in it are part of the name.
pub fn quoted_name(text: &str) -> Option<usize> {
    quoted(text).filter(|length| text[*length..].trim_start().starts_with('<'))
}

/// A part of a line.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Address {
        email: String,
        /// True if it is in angle brackets: then the text before it is its name, even if that contains delimiters.
        angled: bool,
    },
    /// Words.
    Text(String),
    /// A delimiter, such as `, ` for `,` and `、`: the text to use if it belongs to a name.
    Divider(&'static str),
}

/// A text, with the delimiter between it and the text before it in the same gap.
#[derive(Debug, Clone)]
struct Segment {
    divider: &'static str,
    text: String,
    /// Its meaning.
    beside: Beside,
    /// True right before an address in angle brackets: it is the display name, also if it reads as a role.
    names: bool,
}

/// The texts between two addresses, before the first, or after the last.
#[derive(Debug, Default)]
struct Gap {
    segments: Vec<Segment>,
    /// True if a delimiter precedes the first text.
    opens: bool,
    /// True if a delimiter follows the last text.
    closes: bool,
}

impl AddressLine {
    /// Reads cells that were separated by `delimiter`. `custom`: the custom roles of the organisation.
    pub fn read(cells: &[String], delimiter: char, custom: &RoleNames) -> Self {
        let (addresses, gaps) = divided(parts(cells, delimiter), custom);
        Assigned::to(&addresses, gaps).line(addresses)
    }
}

/// The parts of all cells.
fn parts(cells: &[String], delimiter: char) -> Vec<Part> {
    let mut parts = Vec::new();
    for (at, cell) in cells.iter().enumerate() {
        let mut own = parts_of(cell);
        let named = matches!(&own[..], [Part::Text(_), Part::Address { angled: true, .. }, ..]);
        // `<mailto:ann@acme.test|ann@acme.test>` in a line with several bars.
        if let [Part::Address { email, .. }, ..] = &own[..]
            && delimiter == '|'
            && is_repeated(&mut parts, email)
        {
            own.remove(0);
        } else if at > 0 {
            // In `Adams, Ann <ann@acme.test>` the comma is part of the name; the delimiter of a table's columns is not.
            parts.push(Part::Divider(if named && delimiter == ',' { ", " } else { " " }));
        }
        parts.extend(own);
    }
    parts
}

fn divider(c: char) -> Option<&'static str> {
    match c {
        '\n' => Some(" "),
        ',' | '，' | '、' => Some(", "),
        ';' | '；' => Some("; "),
        '|' => Some(" | "),
        _ => None,
    }
}

/// The parts of one cell.
fn parts_of(cell: &str) -> Vec<Part> {
    // A Markdown link is read like `Ann <ann@acme.test>`.
    let cell =
        if cell.contains("](") { cell.replace("](", "<").replace(')', ">").replace('[', "") } else { cell.to_owned() };
    let (mut parts, mut at) = (CellParts::default(), 0);
    let (mut brackets, mut signs) = (Places::of(&cell, '>'), Places::of(&cell, '@'));
    while let Some(next) = cell[at..].chars().next() {
        let rest = &cell[at..];
        let close = if next == '<' { brackets.from(at) } else { None };
        if let Some(close) = close.filter(|close| signs.from(at).is_some_and(|sign| sign < *close)) {
            cell[at + 1..close].split(|c: char| c.is_whitespace() || c == '|').for_each(|word| parts.add(word, true));
            at = close + 1;
        } else if let Some(length) = quoted_name(rest).filter(|_| !matches!(parts.all.last(), Some(Part::Text(_)))) {
            parts.all.push(Part::Text(rest[1..length - 1].replace("\"\"", "\"")));
            at += length;
        } else if let Some(divider) = divider(next) {
            parts.all.push(Part::Divider(divider));
            at += next.len_utf8();
        } else if next.is_whitespace() {
            at += next.len_utf8();
        } else {
            let ends = |(at, c): (usize, char)| at > 0 && (c.is_whitespace() || c == '<' || divider(c).is_some());
            let end = rest.char_indices().find(|found| ends(*found)).map_or(rest.len(), |(at, _)| at);
            parts.add(&rest[..end], false);
            at += end;
        }
    }
    parts.all
}

/// The positions of a character in a text, each searched for only once.
struct Places<'t>(Peekable<MatchIndices<'t, char>>);

impl<'t> Places<'t> {
    fn of(text: &'t str, wanted: char) -> Self {
        Self(text.match_indices(wanted).peekable())
    }

    /// The first position that is not before `at`, which must not decrease from call to call.
    fn from(&mut self, at: usize) -> Option<usize> {
        while self.0.next_if(|(place, _)| *place < at).is_some() {}
        self.0.peek().map(|(place, _)| *place)
    }
}

/// Words between two people in a list.
const CONJUNCTIONS: [&str; 6] = ["and", "et", "und", "&", "/", "+"];

/// Collects the parts of a cell.
#[derive(Default)]
struct CellParts {
    all: Vec<Part>,
    /// True once an address has been found.
    begun: bool,
}

impl CellParts {
    fn add(&mut self, word: &str, angled: bool) {
        if word.contains('@') {
            self.begun = true;
            let email = address(word);
            if !is_repeated(&mut self.all, &email) {
                self.all.push(Part::Address { email, angled });
            } else if let Some(Part::Address { angled: before, .. }) = self.all.last_mut() {
                *before |= angled;
            }
            return;
        }
        match self.all.last_mut() {
            _ if word.is_empty() => {}
            Some(Part::Address { .. } | Part::Divider(_)) if self.begun && CONJUNCTIONS.contains(&word) => {
                self.all.push(Part::Divider(" "));
            }
            Some(Part::Text(text)) => text.extend([" ", word]),
            _ => self.all.push(Part::Text(word.to_owned())),
        }
    }
}

/// True if the address repeats the one before it. Mail programs and wikis write an address as its own name or link:
/// `ann@acme.test <mailto:ann@acme.test>`, `[ann@acme.test|mailto:ann@acme.test]`.
fn is_repeated(parts: &mut Vec<Part>, email: &str) -> bool {
    let same = |part: Option<&Part>| matches!(part, Some(Part::Address { email: before, .. }) if before.eq_ignore_ascii_case(email));
    if let [.., before, Part::Divider(" | ")] = &parts[..]
        && same(Some(before))
    {
        parts.pop();
    }
    same(parts.last())
}

/// An address without the characters that mail programs and our own CSV files put around it.
fn address(text: &str) -> String {
    let bare = text.trim_matches(|c: char| c.is_whitespace() || ",;|:\"'()[]<>".contains(c)).trim_end_matches('.');
    let scheme = bare.get(..7).is_some_and(|start| start.eq_ignore_ascii_case("mailto:"));
    let bare = if scheme { bare[7..].split('?').next().unwrap_or_default() } else { bare };
    bare.to_owned()
}

/// Splits parts into the addresses, each with true if it is in angle brackets, and the gaps around them, of which there
/// is one more.
fn divided(parts: Vec<Part>, custom: &RoleNames) -> (Vec<(String, bool)>, Vec<Gap>) {
    let (mut addresses, mut gaps, mut divider) = (Vec::new(), vec![Gap::default()], "");
    for part in parts {
        let Some(gap) = gaps.last_mut() else { break };
        match part {
            Part::Address { email, angled } => {
                if let Some(last) =
                    gap.segments.last_mut().filter(|last| angled && !gap.closes && !last.text.ends_with(':'))
                {
                    last.names = true;
                }
                addresses.push((email, angled));
                gaps.push(Gap::default());
                divider = "";
            }
            Part::Divider(found) => {
                gap.opens |= gap.segments.is_empty();
                gap.closes = true;
                divider = if divider.trim().is_empty() { found } else { divider };
            }
            Part::Text(text) => {
                let beside = beside(bare(&text), custom);
                gap.segments.push(Segment { divider, text, beside, names: false });
                gap.closes = false;
                divider = "";
            }
        }
    }
    (addresses, gaps)
}

/// The texts of a line, by the address to which they belong.
struct Assigned {
    own: Vec<Vec<Segment>>,
    /// The roles that apply to all addresses that have no separate role.
    of_all: Vec<Segment>,
    left: Vec<Segment>,
}

impl Assigned {
    fn to(addresses: &[(String, bool)], gaps: Vec<Gap>) -> Self {
        let count = addresses.len();
        let mut all = Self { own: vec![Vec::new(); count], of_all: Vec::new(), left: Vec::new() };
        let before_first = gaps.first().is_some_and(|gap| gap.segments.iter().any(Segment::is_name));
        let mut loose = Vec::new();
        for (at, gap) in gaps.into_iter().enumerate() {
            match (count, at) {
                (0, _) => all.left.extend(gap.segments),
                (1, _) => all.own[0].extend(gap.segments),
                (_, 0) => loose.extend(all.take_first(gap).into_iter().map(|one| (at, one))),
                _ => loose.extend(all.take(at, gap, addresses, before_first).into_iter().map(|one| (at, one))),
            }
        }
        all.settle(loose, before_first);
        all
    }

    /// Takes the texts before the first address; returns roles that may be for all addresses.
    fn take_first(&mut self, gap: Gap) -> Vec<Segment> {
        let heads = gap.segments.last().is_some_and(|last| last.text.ends_with(':'));
        let (roles, names) = roles_apart(gap.segments, gap.closes || heads);
        self.own[0].extend(names);
        roles
    }

    /// Takes the texts after address number `at`, counted from 1; returns those that delimiters separate from the
    /// addresses on both sides.
    fn take(&mut self, at: usize, gap: Gap, addresses: &[(String, bool)], before_first: bool) -> Vec<Segment> {
        let Gap { mut segments, opens, closes } = gap;
        let next = addresses.get(at);
        let is_angled = next.is_some_and(|(_, angled)| *angled);
        if !opens && !segments.is_empty() {
            let whole = segments.len() == 1 && !closes && next.is_some();
            let of_next = whole && (is_angled || before_first && !segments[0].is_role());
            let first = segments.remove(0);
            self.own[if of_next { at } else { at - 1 }].push(first);
        }
        if next.is_none() || closes && !is_angled {
            return segments;
        }
        let (roles, names) = roles_apart(segments, closes);
        self.own[at].extend(names);
        roles
    }

    /// Assigns texts that delimiters separate from addresses. Each comes with the number of its gap.
    fn settle(&mut self, loose: Vec<(usize, Segment)>, before_first: bool) {
        let count = self.own.len();
        let (roles, names): (Vec<_>, Vec<_>) = loose.into_iter().partition(|(_, one)| one.is_role());
        let role_first = roles.first().is_some_and(|(at, _)| *at == 0);
        let of_all = matches!(&roles[..], [(at, _)] if *at == 0 || *at == count);
        for (at, role) in roles {
            match (of_all, role_first) {
                (true, _) => self.of_all.push(role),
                (_, true) if at < count => self.own[at].push(role),
                (_, true) => self.left.push(role),
                (_, false) => self.own[at - 1].push(role),
            }
        }
        // Names follow their addresses only if each address has one: otherwise the name of a person without an address
        // could be given to another person.
        let gaps_with_names: HashSet<_> = names.iter().filter(|(_, one)| one.is_name()).map(|(gap, _)| *gap).collect();
        let each_follows = !before_first && (1..=count).all(|at| gaps_with_names.contains(&at));
        for (at, name) in names {
            match (before_first, each_follows) {
                (true, _) if at < count => self.own[at].push(name),
                (_, true) => self.own[at - 1].push(name),
                _ => self.left.push(name),
            }
        }
    }

    fn line(self, addresses: Vec<(String, bool)>) -> AddressLine {
        let of_all = read_beside(&self.of_all);
        let whole = |((email, _), segments): ((String, bool), Vec<Segment>)| {
            let Read { name, role, fault } = read_beside(&segments);
            let has_own = role.is_some() || fault.is_some();
            let (role, fault) = if has_own { (role, fault) } else { (of_all.role.clone(), of_all.fault.clone()) };
            let name = if name.eq_ignore_ascii_case(&email) { String::new() } else { name };
            Mailbox { email, name, role, fault }
        };
        AddressLine {
            mailboxes: addresses.into_iter().zip(self.own).map(whole).collect(),
            left: self.left.iter().filter(|one| one.means_something()).map(|one| cleaned(&one.text)).collect(),
        }
    }
}

/// The roles that a delimiter separates from the next address, and the other texts. `closes`: true if a delimiter
/// follows the last text.
fn roles_apart(segments: Vec<Segment>, closes: bool) -> (Vec<Segment>, Vec<Segment>) {
    let last = segments.len().saturating_sub(1);
    let (roles, rest): (Vec<_>, Vec<_>) =
        segments.into_iter().enumerate().partition(|(at, one)| one.is_role() && (*at < last || closes));
    let bare = |some: Vec<(usize, Segment)>| some.into_iter().map(|(_, one)| one).collect();
    (bare(roles), bare(rest))
}

impl Segment {
    fn is_name(&self) -> bool {
        matches!(self.beside(), Beside::Name)
    }

    fn is_role(&self) -> bool {
        matches!(self.beside(), Beside::Role(_) | Beside::NoRoleHere)
    }

    fn means_something(&self) -> bool {
        !matches!(self.beside(), Beside::Nothing)
    }

    fn beside(&self) -> &Beside {
        match &self.beside {
            Beside::Role(_) | Beside::NoRoleHere if self.names => &Beside::Name,
            other => other,
        }
    }

    fn bare(&self) -> &str {
        bare(&self.text)
    }
}

/// A text without what may precede a name or a role in it.
fn bare(text: &str) -> &str {
    without_head(without_number(text))
}

/// The name and the role that the texts of one address contain.
struct Read {
    name: String,
    role: Option<Role>,
    fault: Option<(String, Phrase)>,
}

fn read_beside(segments: &[Segment]) -> Read {
    let mut read = Read { name: String::new(), role: None, fault: None };
    for segment in segments {
        let text = cleaned(segment.bare());
        match segment.beside() {
            Beside::Nothing => {}
            Beside::Role(role) if read.role.as_ref().is_some_and(|other| other != role) => {
                read.fault = Some((text, phrase!("invitee-two-roles")));
            }
            Beside::Role(role) => read.role = Some(role.clone()),
            Beside::NoRoleHere => read.fault = Some(no_role_here(&text)),
            Beside::Name if read.name.is_empty() => segment.bare().clone_into(&mut read.name),
            Beside::Name => {
                read.name.push_str(if segment.divider.is_empty() { " " } else { segment.divider });
                read.name.push_str(segment.bare());
            }
        }
    }
    read.name = cleaned(&read.name);
    read
}

/// The names of message headers that list people.
const HEADS: [&str; 8] = ["to", "cc", "bcc", "from", "an", "von", "à", "de"];

/// A text without the name of a message header before it, as in `To: Ann Adams`.
fn without_head(text: &str) -> &str {
    let head = text.split_once(':').filter(|(head, _)| HEADS.contains(&head.trim().to_lowercase().as_str()));
    head.map_or(text, |(_, rest)| rest.trim())
}

/// A list item without its number or bullet, as in `2. Ann Adams`, `- Ann Adams`.
fn without_number(text: &str) -> &str {
    let text = text.trim_start();
    let (first, rest) = text.split_once(' ').unwrap_or((text, ""));
    let number = first.strip_suffix(['.', ')']).is_some_and(|number| number.bytes().all(|b| b.is_ascii_digit()));
    if number || ["-", "*", "+", "•", "·", "–"].contains(&first) { rest } else { text }
}

/// A text without the quotes and brackets around it.
fn cleaned(text: &str) -> String {
    let bare = text.trim_matches(|c: char| c.is_whitespace() || ",;|:[]".contains(c));
    let mut bare = bare.trim_end_matches(|c: char| c.is_whitespace() || "-–—=:".contains(c));
    for (open, close) in [('"', '"'), ('\'', '\''), ('(', ')'), ('“', '”')] {
        if let Some(inside) = bare.strip_prefix(open).and_then(|rest| rest.strip_suffix(close)) {
            bare = inside.trim();
        }
        // An unmatched quote.
        let halves = bare.matches([open, close]).count();
        if halves == 1 {
            bare = bare.trim_matches([open, close]).trim();
        }
    }
    bare.to_owned()
}
