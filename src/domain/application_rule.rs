//! The rules of a proxy application: which paths need which level. Paths are normalised before they are compared, so that
//! nobody can get past a rule where the proxy and the application read a path differently.

use super::level::Level;
use super::phrase::phrase;
use super::{Error, Result};
use percent_encoding::percent_decode_str;
use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt::Write;

/// The maximum number of rules of one application.
const MOST_RULES: usize = 100;
/// The longest path of a rule, in bytes.
const MOST_PATH_BYTES: usize = 1024;
/// The methods that a public rule can allow.
const KNOWN_METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// The access that a request needs, lowest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Require {
    /// Nothing.
    Public,
    /// Access to the organisation, without a membership of the workspace.
    SignedIn,
    /// At least this level, which is never `NoAccess`.
    Level(Level),
}

impl Require {
    /// The requirement for a path without a rule.
    pub const DEFAULT: Self = Self::Level(Level::Viewer);

    /// The word in the database and the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::SignedIn => "signed_in",
            Self::Level(level) => level.as_str(),
        }
    }

    /// Reads the word.
    pub fn parse(raw: &str) -> Option<Self> {
        match raw {
            "public" => Some(Self::Public),
            "signed_in" => Some(Self::SignedIn),
            _ => Level::parse(raw).filter(|level| *level != Level::NoAccess).map(Self::Level),
        }
    }
}

impl Serialize for Require {
    fn serialize<S: Serializer>(&self, serializer: S) -> std::result::Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Require {
    fn deserialize<D: Deserializer<'de>>(stored: D) -> std::result::Result<Self, D::Error> {
        let word = String::deserialize(stored)?;
        Self::parse(&word).ok_or_else(|| D::Error::custom("not a requirement"))
    }
}

/// One rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rule {
    /// The path as typed. Ending in `/` or `*` it is a prefix, otherwise it is the whole path.
    pub path: String,
    /// The methods; `None` for all.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub methods: Option<Vec<String>>,
    /// The access that a request needs.
    pub require: Require,
}

impl Rule {
    /// Reads a rule. `number`: its place in the list, from 0, for the name of the field in an error.
    ///
    /// # Errors
    /// `Invalid` with field `rules[0].path`, `rules[0].methods` or `rules[0].require`.
    pub fn parse(number: usize, path: &str, methods: Option<Vec<String>>, require: &str) -> Result<Self> {
        let field = |name: &str| format!("rules[{number}].{name}");
        let stem = path.strip_suffix('*').unwrap_or(path);
        let plain = path.starts_with('/')
            && path.len() <= MOST_PATH_BYTES
            && !stem.contains(['*', '?'])
            && !path.contains(|c: char| c.is_control() || c == ' ')
            && matches!(Path::read(stem.as_bytes()), Path::Plain(_));
        if !plain {
            return Err(Error::invalid(field("path"), phrase!("field-rule-path")));
        }
        let is_method = |method: &String| {
            (1..=20).contains(&method.len()) && method.bytes().all(|b| b.is_ascii_uppercase() || b == b'-')
        };
        if methods.as_ref().is_some_and(|all| all.is_empty() || all.len() > 20 || !all.iter().all(is_method)) {
            return Err(Error::invalid(field("methods"), phrase!("field-rule-methods")));
        }
        let require =
            Require::parse(require).ok_or_else(|| Error::invalid(field("require"), phrase!("field-rule-require")))?;
        Ok(Self { path: path.into(), methods, require })
    }
}

/// The method that is compared with those of a rule: `HEAD` counts as `GET`.
fn as_get(method: &str) -> &str {
    if method == "HEAD" { "GET" } else { method }
}

/// Checks the number of rules.
///
/// # Errors
/// `Invalid` with field `rules`.
pub fn few_enough(rules: &[Rule]) -> Result<()> {
    if rules.len() > MOST_RULES {
        return Err(Error::invalid("rules", phrase!("field-too-many-rules", most = MOST_RULES)));
    }
    Ok(())
}

/// The rules of an application, prepared for checks of requests.
#[derive(Debug)]
pub struct RuleSet(Vec<Prepared>);

/// A rule with its path as requests are compared with it.
#[derive(Debug)]
struct Prepared {
    /// The path in the spelling of `Path::Plain`; of a prefix, without `*`.
    stem: String,
    is_prefix: bool,
    methods: Option<Vec<String>>,
    require: Require,
}

impl Prepared {
    /// Prepares a rule; `None` for a path that requests never match.
    fn new(rule: &Rule) -> Option<Self> {
        let stem = rule.path.strip_suffix('*').unwrap_or(&rule.path);
        let Path::Plain(stem) = Path::read(stem.as_bytes()) else { return None };
        let is_prefix = rule.path.ends_with(['*', '/']);
        Some(Self { stem, is_prefix, methods: rule.methods.clone(), require: rule.require })
    }

    fn applies(&self, path: &str, method: &str) -> bool {
        let same = |one: &String| one == method || one == as_get(method);
        if self.methods.as_ref().is_some_and(|methods| !methods.iter().any(same)) {
            return false;
        }
        let start = if self.is_prefix { path.get(..self.stem.len()) } else { Some(path) };
        // An application may ignore case, so a rule that protects more ignores it, too.
        match self.require {
            Require::Level(level) if level > Level::Viewer => {
                start.is_some_and(|start| start.eq_ignore_ascii_case(&self.stem))
            }
            _ => start == Some(self.stem.as_str()),
        }
    }
}

impl RuleSet {
    /// Prepares the rules of an application, in their order.
    pub fn new(rules: &[Rule]) -> Self {
        Self(rules.iter().filter_map(Prepared::new).collect())
    }

    /// The access that a request needs whose path is not certain: the strictest of all rules, and at least the usual one.
    pub fn strictest(&self) -> Require {
        self.0.iter().map(|rule| rule.require).fold(Require::DEFAULT, Require::max)
    }

    /// The access that a request needs. `path`: the bytes of the path as sent, without the query.
    pub fn required(&self, method: &str, path: &[u8]) -> Require {
        let Path::Plain(path) = Path::read(path) else { return self.strictest() };
        let found = self.0.iter().find(|rule| rule.applies(&path, method));
        match found.map_or(Require::DEFAULT, |rule| rule.require) {
            Require::Public if !KNOWN_METHODS.contains(&method) => Require::DEFAULT,
            require => require,
        }
    }
}

/// A path, prepared for the comparison with rules.
enum Path {
    /// Normalised: printable ASCII characters decoded, all others encoded.
    Plain(String),
    /// A proxy and an application may read it differently.
    Ambiguous,
}

impl Path {
    fn read(raw: &[u8]) -> Self {
        let Ok(text) = std::str::from_utf8(raw) else { return Self::Ambiguous };
        let mut plain = String::with_capacity(text.len());
        let mut bytes = text.bytes();
        while let Some(byte) = bytes.next() {
            match byte {
                b'%' => {
                    let digits = (bytes.next(), bytes.next());
                    let (Some(high), Some(low)) = (digits.0.and_then(digit), digits.1.and_then(digit)) else {
                        return Self::Ambiguous;
                    };
                    match high << 4 | low {
                        0 | b'/' | b'\\' | b'%' | b'#' | b';' => return Self::Ambiguous,
                        b'?' => encode(&mut plain, b'?'),
                        byte if byte.is_ascii_graphic() => plain.push(byte.into()),
                        byte => encode(&mut plain, byte),
                    }
                }
                b'\\' | b';' | b'#' => return Self::Ambiguous,
                byte if byte.is_ascii_graphic() => plain.push(byte.into()),
                byte => encode(&mut plain, byte),
            }
        }
        let dots = plain.split('/').any(|segment| segment == "." || segment == "..");
        let decoded = percent_decode_str(&plain).decode_utf8();
        if !plain.starts_with('/') || dots || plain.contains("//") || decoded.is_err() {
            return Self::Ambiguous;
        }
        Self::Plain(plain)
    }
}

fn digit(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).and_then(|digit| digit.try_into().ok())
}

fn encode(plain: &mut String, byte: u8) {
    // Writing to a string does not fail.
    let _ = write!(plain, "%{byte:02X}");
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rules(all: &[(&str, &[&str], &str)]) -> RuleSet {
        let rule = |(number, (path, methods, require)): (usize, &(&str, &[&str], &str))| {
            let methods = (!methods.is_empty()).then(|| methods.iter().map(ToString::to_string).collect());
            Rule::parse(number, path, methods, require).expect("usable")
        };
        let rules: Vec<_> = all.iter().enumerate().map(rule).collect();
        RuleSet::new(&rules)
    }

    fn needs(rules: &RuleSet, method: &str, path: &str) -> &'static str {
        rules.required(method, path.as_bytes()).as_str()
    }

    #[test]
    fn the_first_matching_rule_decides_and_viewer_is_the_default() {
        let rules = rules(&[
            ("/static/", &[], "public"),
            ("/feed*", &["GET"], "public"),
            ("/welcome", &[], "signed_in"),
            ("/api/", &["OPTIONS"], "public"),
            ("/@team/", &[], "admin"),
            ("/status", &["HEAD"], "public"),
            ("/admin/", &[], "admin"),
        ]);
        for (method, path, need) in [
            ("GET", "/static/a.css", "public"),
            ("GET", "/static", "viewer"),
            ("GET", "/STATIC/a.css", "viewer"),
            ("HEAD", "/feed.xml", "public"),
            ("POST", "/feed.xml", "viewer"),
            ("get", "/feed.xml", "viewer"),
            ("GET", "/welcome", "signed_in"),
            ("GET", "/welcome/x", "viewer"),
            ("OPTIONS", "/api/x", "public"),
            ("GET", "/api/x", "viewer"),
            ("GET", "/Admin/users", "admin"),
            ("GET", "/%61dmin/", "admin"),
            ("GET", "/%40team/", "admin"),
            ("GET", "/@team/", "admin"),
            ("HEAD", "/status", "public"),
            ("GET", "/status", "viewer"),
            ("PROPFIND", "/static/a.css", "viewer"),
            ("GET", "/", "viewer"),
        ] {
            assert_eq!(needs(&rules, method, path), need, "{method} {path}");
        }
    }

    #[test]
    fn a_path_that_can_be_read_in_two_ways_needs_the_strictest_level() {
        let strict = rules(&[("/", &[], "public"), ("/admin/", &[], "admin")]);
        let open = rules(&[("/", &[], "public")]);
        for path in [
            "/public/../admin/",
            "/public/%2e%2e/admin",
            "/./x",
            "/x/.",
            "//admin/",
            "/x//y",
            "/x\\y",
            "/x;y",
            "/x%3by",
            "/x%2fy",
            "/x%2Fy",
            "/x%5cy",
            "/x%00y",
            "/x%25y",
            "/x#y",
            "/x%23y",
            "/x%ff",
            "/x%c3%28",
            "/x%",
            "/x%2",
            "/x%zz",
            "x",
            "",
        ] {
            assert_eq!((needs(&strict, "GET", path), needs(&open, "GET", path)), ("admin", "viewer"), "{path}");
        }
        assert_eq!(open.required("GET", b"/\xff").as_str(), "viewer");
        for path in ["/x", "/x%20y", "/é", "/%C3%A9", "/a..b", "/%7Ehome", "/x,y=z"] {
            assert_eq!(needs(&open, "GET", path), "public", "{path}");
        }
    }

    #[test]
    fn two_spellings_of_a_path_match_the_same_rule() {
        let rules = rules(&[("/café~/", &[], "public"), ("/a%20b", &[], "public")]);
        for path in ["/café~/x", "/caf%c3%a9%7e/x", "/caf%C3%A9~/x", "/a b", "/%61%20b"] {
            assert_eq!(needs(&rules, "GET", path), "public", "{path}");
        }
        assert_eq!(needs(&rules, "GET", "/cafe~/x"), "viewer");
    }

    #[test]
    fn rules_that_can_never_match_are_refused() {
        for path in
            ["", "admin", "/a?b", "/a*b", "/../a", "/a;b", "//", "/a%2fb", "/a b", &format!("/{}", "a".repeat(1024))]
        {
            let fault = Rule::parse(3, path, None, "viewer").expect_err(path);
            assert!(fault.to_string().starts_with("rules[3].path: "), "{fault}");
        }
        for require in ["no_access", "owner", ""] {
            assert!(Rule::parse(0, "/", None, require).is_err(), "{require}");
        }
        for methods in [vec![], vec!["get".to_owned()], vec![String::new()]] {
            assert!(Rule::parse(0, "/", Some(methods), "viewer").is_err());
        }
    }
}
