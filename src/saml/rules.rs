//! Our own rules for a verified assertion. Each result has the rule's name, the expected and the received value.

use super::covered::Covered;
use super::dom::Element;
use super::person_name::person_name;
use super::refusal::{Reason, Refusal, reasons, shorten};
use super::report::{Identity, Report, Rule, blank_rules};
use super::{Expected, Facts, IdentityProvider, ServiceProvider, ns};
use crate::domain::email::{fault_of, is_guest_name};
use crate::domain::{Email, Timestamp};
use std::collections::BTreeMap;

/// The largest difference between a message's time of issue and now, in seconds, without the clock skew.
const MOST_AGE_SECS: i64 = 300;
const BEARER: &str = "urn:oasis:names:tc:SAML:2.0:cm:bearer";
const TRANSIENT: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient";
const ENTITY: &str = "urn:oasis:names:tc:SAML:2.0:nameid-format:entity";

const GUEST: &str = "The e-mail address is the internal name of a guest. Configure the provider to send the guest's own address as the \
                     attribute email (at Entra ID the claim emailaddress with user.mail), and invite that address.";

/// Attributes that carry the e-mail address, compared without case.
const EMAIL_ATTRIBUTES: [&str; 8] = [
    "email",
    "mail",
    "emailaddress",
    "user.email",
    "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/emailaddress",
    "urn:oid:0.9.2342.19200300.100.1.3",
    "urn:oid:1.2.840.113549.1.9.1",
    "urn:mace:dir:attribute-def:mail",
];

/// Collects the results of the rules. The first failure becomes the refusal.
pub(super) struct Judge {
    rules: Vec<Rule>,
    refusal: Option<Refusal>,
    warnings: Vec<String>,
    /// Further signed content, as far as it is known.
    pub facts: Facts,
}

impl Default for Judge {
    fn default() -> Self {
        Self { rules: blank_rules(), refusal: None, warnings: Vec::new(), facts: Facts::default() }
    }
}

type Verdict = Result<String, Refusal>;

impl Judge {
    fn note(&mut self, name: &str, ok: Option<bool>, expected: String, received: String) {
        if let Some(rule) = self.rules.iter_mut().find(|rule| rule.rule == name) {
            (rule.ok, rule.expected, rule.received) = (ok, expected, received);
        }
    }

    pub fn passed(&mut self, name: &str, expected: impl Into<String>, received: impl Into<String>) {
        self.note(name, Some(true), expected.into(), shorten(&received.into()));
    }

    /// Adds a warning, which does not cause a refusal.
    pub fn warn(&mut self, text: String) {
        self.warnings.push(text);
    }

    /// Ends the verification at this rule, because the later rules cannot be checked.
    pub fn refused_at(mut self, name: &str, refusal: Refusal) -> Report {
        self.note(name, Some(false), refusal.expected.clone(), refusal.received.clone());
        Report { rules: self.rules, outcome: Err(refusal), warnings: self.warnings, facts: self.facts }
    }

    /// Records the result of a rule and continues, so that an admin sees all faults at once.
    fn rule(&mut self, name: &str, expected: impl Into<String>, verdict: Verdict) {
        match verdict {
            Ok(received) => self.note(name, Some(true), expected.into(), shorten(&received)),
            Err(refusal) => {
                self.note(name, Some(false), refusal.expected.clone(), refusal.received.clone());
                self.refusal.get_or_insert(refusal);
            }
        }
    }

    /// Checks all rules on the content that a verified signature covers. `came`: the response as it was received,
    /// decrypted.
    pub fn judge(
        mut self,
        sp: &ServiceProvider,
        idp: &IdentityProvider,
        expected: &Expected,
        came: &Element,
        covered: &Covered,
        now: Timestamp,
    ) -> Report {
        // The attributes of the Response are covered only if it is signed. Unsigned ones can cause a refusal, but prove
        // nothing.
        let response = covered.response.as_ref().unwrap_or(came);
        let assertion = covered.assertion();
        let attributes = attributes(assertion);
        self.facts = Facts { certificate: self.facts.certificate.take(), ..Facts::of(assertion, &attributes) };
        let clock = Clock { now, skew_secs: expected.skew_secs.clamp(0, 300) };
        self.rule("version", "2.0", version(&[response, assertion]));
        self.rule("issuer", &idp.entity_id, issuer(response, assertion, &idp.entity_id));
        self.rule("destination", &sp.acs_url, destination(response, &sp.acs_url));
        self.in_response_to(
            "in_response_to",
            &reasons::IN_RESPONSE_TO,
            response.attribute("InResponseTo"),
            expected,
            true,
        );
        self.rule("issue_instant", "within 5 minutes of now", issue_instant(&[response, assertion], clock));
        let until = self.subject(assertion, sp, expected, clock, covered.response.is_none());
        let conditions_until = self.conditions(assertion, sp, clock);
        let session = session(assertion, clock);
        if assertion.child(ns::ASSERTION, "AuthnStatement").is_none() {
            self.warnings.push("The assertion has no AuthnStatement; how the person signed in is not known.".into());
        }
        let session_ends_at = session.as_ref().ok().copied().flatten();
        self.rule(
            "session",
            "not expired",
            session.map(|ends| ends.map_or("no end time".into(), |ends| ends.to_string())),
        );
        let fresh = authentication(assertion, expected.authenticated_after, clock);
        self.rule("authentication", "a new authentication, if the request asked for one", fresh);
        self.rule("name_id", "none, or a name for this service provider", name_id_verdict(assertion, &sp.entity_id));
        let email = email(assertion, &attributes);
        if email.as_ref().is_ok_and(|email| is_guest_name(email.as_str())) {
            self.warn(GUEST.into());
        }
        self.rule("email", "one e-mail address", email.as_ref().map(ToString::to_string).map_err(Clone::clone));
        let remembered = until.or(conditions_until).unwrap_or(now).max(conditions_until.unwrap_or(now));
        let outcome = match (self.refusal.take(), email) {
            (Some(refusal), _) | (None, Err(refusal)) => Err(refusal),
            (None, Ok(email)) => {
                // The assertion's ID must be stored as long as the message itself would still be accepted.
                let until = remembered.plus(clock.skew_secs + 1);
                Ok(Identity {
                    opened_with: covered.opened_with,
                    ..identity(assertion, email, attributes, until, session_ends_at)
                })
            }
        };
        Report { rules: self.rules, outcome, warnings: self.warnings, facts: self.facts }
    }

    fn in_response_to(
        &mut self,
        rule: &str,
        reason: &'static Reason,
        came: Option<&str>,
        expected: &Expected,
        required: bool,
    ) {
        let Some(id) = &expected.request_id else {
            self.note(
                rule,
                None,
                "not checked, because the request id is not known".into(),
                shorten(came.unwrap_or("none")),
            );
            return;
        };
        let verdict = match came {
            Some(came) if came == id => Ok(came.to_owned()),
            None if !required => Ok("none".into()),
            other => Err(Refusal::new(reason, id, other.unwrap_or("none"))),
        };
        self.rule(rule, id, verdict);
    }

    /// Checks the bearer confirmation that matches best. Returns the time until which the assertion may be delivered.
    /// `alone`: true if the assertion is signed, but the response around it is not.
    fn subject(
        &mut self,
        assertion: &Element,
        sp: &ServiceProvider,
        expected: &Expected,
        clock: Clock,
        alone: bool,
    ) -> Option<Timestamp> {
        let subject = assertion.child(ns::ASSERTION, "Subject");
        let confirmations = subject.into_iter().flat_map(|subject| subject.all(ns::ASSERTION, "SubjectConfirmation"));
        let bearers: Vec<_> = confirmations.filter(|one| one.attribute("Method") == Some(BEARER)).collect();
        let found = bearers.iter().filter_map(|one| one.child(ns::ASSERTION, "SubjectConfirmationData"));
        let found: Vec<_> = found.collect();
        let fits = |data: &&&Element| {
            data.attribute("Recipient") == Some(sp.acs_url.as_str()) && delivery(data, clock).is_ok()
        };
        let Some(data) = found.iter().find(fits).or(found.first()) else {
            let methods = subject.into_iter().flat_map(|subject| subject.all(ns::ASSERTION, "SubjectConfirmation"));
            let methods: Vec<_> = methods.map(|one| one.attribute("Method").unwrap_or("no Method")).collect();
            let received = match (bearers.is_empty(), methods.is_empty()) {
                (false, _) => "a bearer SubjectConfirmation without SubjectConfirmationData".into(),
                (_, true) => "none".into(),
                _ => methods.join(", "),
            };
            let refusal =
                Refusal::new(&reasons::NO_SUBJECT_CONFIRMATION, "SubjectConfirmation of method bearer", received);
            self.rule("subject_confirmation", "bearer", Err(refusal));
            return None;
        };
        self.passed("subject_confirmation", "bearer", "bearer");
        let recipient = data.attribute("Recipient").unwrap_or("none");
        let right = recipient == sp.acs_url;
        let refusal = || Refusal::new(&reasons::RECIPIENT, &sp.acs_url, recipient);
        self.rule("recipient", &sp.acs_url, if right { Ok(recipient.into()) } else { Err(refusal()) });
        let delivery = delivery(data, clock);
        let until = delivery.as_ref().ok().copied();
        self.rule("subject_time", "not expired", delivery.map(|until| until.to_string()));
        let answers = data.attribute("InResponseTo");
        // If only the assertion is signed, this InResponseTo is the only signed one. Without it, an unsolicited
        // assertion could be inserted into a response to any request.
        self.in_response_to("subject_in_response_to", &reasons::SUBJECT_IN_RESPONSE_TO, answers, expected, alone);
        until
    }

    /// Checks the conditions and the audience. Returns the time until which the assertion is valid.
    fn conditions(&mut self, assertion: &Element, sp: &ServiceProvider, clock: Clock) -> Option<Timestamp> {
        let mut all = assertion.all(ns::ASSERTION, "Conditions");
        let (Some(conditions), None) = (all.next(), all.next()) else {
            let received = if assertion.child(ns::ASSERTION, "Conditions").is_some() { "several" } else { "none" };
            let refusal = Refusal::new(&reasons::NO_CONDITIONS, "one Conditions element", received);
            self.rule("conditions", "one Conditions element", Err(refusal));
            return None;
        };
        self.passed("conditions", "one Conditions element", "one");
        self.rule("not_before", "not in the future", clock.begun(conditions, "NotBefore", &reasons::NOT_YET_VALID));
        let end = clock.end(conditions, "NotOnOrAfter", &reasons::EXPIRED);
        let until = end.as_ref().ok().copied().flatten();
        self.rule("not_on_or_after", "not expired", end.map(|end| end.map_or("none".into(), |end| end.to_string())));
        self.rule("audience", &sp.entity_id, audience(conditions, &sp.entity_id));
        until
    }
}

/// The current time, and the accepted difference of the provider's clock.
#[derive(Clone, Copy)]
struct Clock {
    now: Timestamp,
    skew_secs: i64,
}

impl Clock {
    /// Checks that a time, if it is given, is not in the future.
    fn begun(self, element: &Element, name: &str, reason: &'static Reason) -> Verdict {
        let Some(raw) = element.attribute(name) else { return Ok("none".into()) };
        match Timestamp::parse(raw) {
            Some(at) if at <= self.now.plus(self.skew_secs) => Ok(raw.into()),
            _ => Err(Refusal::new(
                reason,
                format!("no later than {} (now) plus {} s of clock skew", self.now, self.skew_secs),
                moment(raw),
            )),
        }
    }

    /// Checks that a time, if it is given, has not passed.
    fn end(self, element: &Element, name: &str, reason: &'static Reason) -> Result<Option<Timestamp>, Refusal> {
        let Some(raw) = element.attribute(name) else { return Ok(None) };
        match Timestamp::parse(raw) {
            Some(at) if self.now < at.plus(self.skew_secs) => Ok(Some(at)),
            _ => {
                let expected = format!("later than {} (now) minus {} s of clock skew", self.now, self.skew_secs);
                Err(Refusal::new(reason, expected, moment(raw)))
            }
        }
    }
}

/// The received time, with a remark if it is not a valid time.
fn moment(raw: &str) -> String {
    match Timestamp::parse(raw) {
        None if raw != "none" => format!("{raw}, which is not a time such as 2026-11-24T09:00:00Z"),
        _ => raw.into(),
    }
}

fn version(elements: &[&Element]) -> Verdict {
    for element in elements {
        let version = element.attribute("Version").unwrap_or("none");
        if version != "2.0" {
            return Err(Refusal::new(&reasons::VERSION, "2.0", version));
        }
    }
    Ok("2.0".into())
}

/// The assertion must have an issuer. The issuer of the response is optional, but must match if it is there.
fn issuer(response: &Element, assertion: &Element, entity_id: &str) -> Verdict {
    for (element, required) in [(assertion, true), (response, false)] {
        let Some(issuer) = element.child(ns::ASSERTION, "Issuer") else {
            if required {
                return Err(Refusal::new(&reasons::ISSUER, entity_id, "none"));
            }
            continue;
        };
        let name = issuer.plain_text().unwrap_or_default();
        if name != entity_id {
            return Err(Refusal::new(&reasons::ISSUER, entity_id, name));
        }
        if let Some(format) = issuer.attribute("Format").filter(|format| *format != ENTITY) {
            let expected = format!("Issuer of the {} without a Format, or with {ENTITY}", element.name);
            return Err(Refusal::new(&reasons::ISSUER_FORMAT, expected, format!("the Format {format}")));
        }
    }
    Ok(entity_id.into())
}

fn destination(response: &Element, acs_url: &str) -> Verdict {
    match response.attribute("Destination") {
        None => Ok("none".into()),
        Some(destination) if destination == acs_url => Ok(destination.into()),
        Some(other) => Err(Refusal::new(&reasons::DESTINATION, acs_url, other)),
    }
}

fn issue_instant(elements: &[&Element], clock: Clock) -> Verdict {
    let most = MOST_AGE_SECS + clock.skew_secs;
    let mut received = String::new();
    for element in elements {
        let raw = element.attribute("IssueInstant").unwrap_or("none");
        if Timestamp::parse(raw).is_none_or(|at| (clock.now.0 - at.0).abs() > most) {
            return Err(Refusal::new(
                &reasons::ISSUE_INSTANT,
                format!("within {most} s of {}", clock.now),
                moment(raw),
            ));
        }
        raw.clone_into(&mut received);
    }
    Ok(received)
}

/// The time until which an assertion may be delivered. It is required, and must not have passed.
fn delivery(data: &Element, clock: Clock) -> Result<Timestamp, Refusal> {
    clock.begun(data, "NotBefore", &reasons::SUBJECT_NOT_YET_VALID)?;
    clock
        .end(data, "NotOnOrAfter", &reasons::SUBJECT_EXPIRED)?
        .ok_or_else(|| Refusal::new(&reasons::SUBJECT_EXPIRED, "NotOnOrAfter on SubjectConfirmationData", "none"))
}

/// There must be an AudienceRestriction, and each one must contain our entity ID.
fn audience(conditions: &Element, entity_id: &str) -> Verdict {
    let mut restrictions = conditions.all(ns::ASSERTION, "AudienceRestriction").peekable();
    if restrictions.peek().is_none() {
        return Err(Refusal::new(&reasons::AUDIENCE, entity_id, "no AudienceRestriction"));
    }
    for restriction in restrictions {
        let names: Vec<_> = restriction.all(ns::ASSERTION, "Audience").filter_map(Element::plain_text).collect();
        if !names.contains(&entity_id) {
            let received = if names.is_empty() { "no Audience".into() } else { names.join(", ") };
            return Err(Refusal::new(&reasons::AUDIENCE, entity_id, received));
        }
    }
    Ok(entity_id.into())
}

/// The end of the provider's session; the earliest one, if several statements have it.
fn session(assertion: &Element, clock: Clock) -> Result<Option<Timestamp>, Refusal> {
    let mut earliest: Option<Timestamp> = None;
    for statement in assertion.all(ns::ASSERTION, "AuthnStatement") {
        let end = clock.end(statement, "SessionNotOnOrAfter", &reasons::SESSION_EXPIRED)?;
        earliest = earliest.into_iter().chain(end).min();
    }
    Ok(earliest)
}

/// The time of the person's authentication. If the request asked for a new one (ForceAuthn), it must be after the
/// request. This detects a person who removes ForceAuthn from an unsigned request in the browser. If the provider sends
/// no time, the rule passes.
///
/// Source: SAML 2.0 Core 2.7.2 (AuthnInstant), 3.4.1 (ForceAuthn).
fn authentication(assertion: &Element, after: Option<Timestamp>, clock: Clock) -> Verdict {
    let statements = assertion.all(ns::ASSERTION, "AuthnStatement");
    let instants: Vec<_> = statements.map(|one| one.attribute("AuthnInstant").unwrap_or("none")).collect();
    let (Some(after), Some(latest)) = (after, instants.iter().max_by_key(|raw| Timestamp::parse(raw))) else {
        return Ok(instants.first().map_or("not sent".into(), |raw| (*raw).to_owned()));
    };
    if Timestamp::parse(latest).is_some_and(|at| at.plus(clock.skew_secs) >= after) {
        return Ok((*latest).to_owned());
    }
    let expected = format!("no earlier than the request at {after}, minus {} s of clock skew", clock.skew_secs);
    Err(Refusal::new(&reasons::STALE_AUTHENTICATION, expected, *latest))
}

fn attributes(assertion: &Element) -> BTreeMap<String, Vec<String>> {
    let mut all: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let statements = assertion.all(ns::ASSERTION, "AttributeStatement");
    for attribute in statements.flat_map(|statement| statement.all(ns::ASSERTION, "Attribute")) {
        let Some(name) = attribute.attribute("Name") else { continue };
        // A value that is not plain text is kept as an empty one, because its presence counts.
        let values = attribute.all(ns::ASSERTION, "AttributeValue").map(|value| value.plain_text().unwrap_or_default());
        all.entry(name.into()).or_default().extend(values.map(ToOwned::to_owned));
    }
    all
}

/// Finds the e-mail address: in the attributes, or else in the NameID. Several different values or an invalid one cause
/// a refusal.
fn email(assertion: &Element, attributes: &BTreeMap<String, Vec<String>>) -> Result<Email, Refusal> {
    let named = |name: &str| EMAIL_ATTRIBUTES.contains(&name.to_ascii_lowercase().as_str());
    // An empty value counts as invalid: the person might not be the one whom the NameID identifies.
    let carriers = attributes.iter().filter(|(name, _)| named(name));
    let mut found: Option<(Email, &str)> = None;
    for (name, value) in carriers.flat_map(|(name, values)| values.iter().map(move |value| (name, value))) {
        let email = read_email(value, &format!("in the attribute {name}"))?;
        if let Some((first, there)) = found.as_ref().filter(|(first, _)| *first != email) {
            let received = format!("{first} in the attribute {there}, and {email} in the attribute {name}");
            return Err(Refusal::new(&reasons::SEVERAL_EMAILS, "one e-mail address", received));
        }
        found = Some((email, name));
    }
    if let Some((email, _)) = found {
        return Ok(email);
    }
    match name_id(assertion).and_then(Element::plain_text).filter(|text| !text.is_empty()) {
        Some(text) if text.contains('@') => read_email(text, "as the NameID"),
        other => {
            let received = format!("{}{}", other.unwrap_or("none"), unread(attributes));
            Err(Refusal::new(
                &reasons::NO_EMAIL,
                "an e-mail address in an attribute such as email, or as the NameID",
                received,
            ))
        }
    }
}

/// A remark about attributes that contain an e-mail address but have an unknown name.
fn unread(attributes: &BTreeMap<String, Vec<String>>) -> String {
    let holds = |values: &Vec<String>| values.iter().any(|value| Email::parse(value).is_ok());
    let names: Vec<_> =
        attributes.iter().filter(|(_, values)| holds(values)).map(|(name, _)| name.as_str()).take(3).collect();
    match names[..] {
        [] => String::new(),
        [name] => format!("; the attribute {name} contains an e-mail address: rename it to email so that it is used"),
        _ => format!(
            "; the attributes {} contain e-mail addresses: rename one of them to email so that it is used",
            names.join(", ")
        ),
    }
}

/// Parses an e-mail address. `place`: where it was found, as a phrase that follows the value.
fn read_email(text: &str, place: &str) -> Result<Email, Refusal> {
    let reason = if is_guest_name(text) { &reasons::GUEST_NAME } else { &reasons::BAD_EMAIL };
    Email::parse(text).map_err(|_| {
        let value = if text.is_empty() { "an empty value" } else { text };
        let fault = fault_of(text).map(|fault| format!(", {fault}")).unwrap_or_default();
        Refusal::new(reason, "an e-mail address such as ann@acme.test, in ASCII", format!("{value} {place}{fault}"))
    })
}

/// The NameID is optional. It must not be empty, or qualified for another service provider.
fn name_id_verdict(assertion: &Element, entity_id: &str) -> Verdict {
    let Some(name_id) = name_id(assertion) else { return Ok("none".into()) };
    let name = name_id.plain_text().unwrap_or_default();
    if name.is_empty() {
        return Err(Refusal::new(&reasons::EMPTY_NAME_ID, "a NameID that is not empty", "an empty NameID"));
    }
    // A transient NameID has no meaning beyond this message, so its qualifier does not matter.
    let lasting = name_id.attribute("Format") != Some(TRANSIENT);
    match name_id.attribute("SPNameQualifier").filter(|qualifier| lasting && *qualifier != entity_id) {
        Some(other) => Err(Refusal::new(&reasons::NAME_QUALIFIER, entity_id, other)),
        None => Ok(name.into()),
    }
}

fn name_id(assertion: &Element) -> Option<&Element> {
    assertion.child(ns::ASSERTION, "Subject")?.child(ns::ASSERTION, "NameID")
}

fn identity(
    assertion: &Element,
    email: Email,
    attributes: BTreeMap<String, Vec<String>>,
    not_on_or_after: Timestamp,
    session_not_on_or_after: Option<Timestamp>,
) -> Identity {
    let name_id = name_id(assertion);
    let statement = assertion.child(ns::ASSERTION, "AuthnStatement");
    Identity {
        email,
        name_id: name_id.and_then(Element::plain_text).unwrap_or_default().into(),
        name_id_format: name_id.and_then(|name_id| name_id.attribute("Format")).map(Into::into),
        session_index: statement.and_then(|statement| statement.attribute("SessionIndex")).map(Into::into),
        name: person_name(&attributes),
        attributes,
        assertion_id: assertion.attribute("ID").unwrap_or_default().into(),
        not_on_or_after,
        session_not_on_or_after,
        opened_with: None,
    }
}
