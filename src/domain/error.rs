//! The one error of the house, and its Result.

use super::method::Method;
use super::phrase::{Phrase, phrase};
use std::fmt;

/// An error, in words for the person who asked.
///
/// `http/error.rs` gives each variant its status; the command line its exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// 400: the body is not JSON.
    Malformed(Phrase),
    /// 422: a field is unknown, missing or unusable.
    Invalid {
        /// The field, as the caller spelled it.
        field: String,
        /// Why it was refused, as the rest of a sentence that begins with the field's name.
        message: Phrase,
    },
    /// 422: several fields are unusable: each with what it must be instead. At least two.
    SeveralInvalid(Vec<(String, Phrase)>),
    /// 401: not signed in, or who they say they are could not be proved.
    Refused {
        /// `refused` or `unauthorized`.
        code: &'static str,
        /// What to do next.
        message: Phrase,
    },
    /// 401: the session has ended, or nothing is open to it any longer.
    SessionOver {
        /// Where the organisations sign in that it opened.
        portal_urls: Vec<String>,
    },
    /// 403: known, but without the right.
    Forbidden {
        /// For example `forbidden`, `plan_required`, `password_required`.
        code: &'static str,
        /// What to do next.
        message: Phrase,
    },
    /// 403: an organisation of the person that this session does not open.
    Closed {
        /// Its id.
        organisation: String,
        /// How to sign in to it.
        message: Phrase,
    },
    /// 403: the grant by which a person acts is too old for this.
    Reauthenticate {
        /// How to renew it.
        methods: Vec<Method>,
    },
    /// 403 at sign-in: the password was right, and opens nothing.
    SsoRequired {
        /// Where these organisations sign in.
        portal_urls: Vec<String>,
        /// False if the person belongs to no organisation.
        belongs: bool,
    },
    /// 404: unknown, expired, used, or another tenant's.
    NotFound(Phrase),
    /// 405: nothing here takes this method of HTTP; those that something does.
    WrongMethod(String),
    /// 408: the body came too late or too slowly.
    Late,
    /// 409: taken, the last of its kind, or in the wrong state.
    Conflict {
        /// For example `taken`, `last_admin`, `sign_in_first`, `saml_only_on`.
        code: &'static str,
        /// What to do next.
        message: Phrase,
        /// The field that is taken.
        field: Option<String>,
    },
    /// 402: the plan has no room.
    PlanLimit(Phrase),
    /// 413: the body is larger than the route takes.
    TooLarge(Phrase),
    /// 414: the path or the query is too long.
    AddressTooLong(Phrase),
    /// 431: the headers are too large.
    HeadersTooLarge(Phrase),
    /// 429: too many attempts.
    Throttled {
        /// When to try again, in seconds from now.
        retry_after_secs: u64,
    },
    /// 429 at sign-in: too many failed tries for one account.
    TooManyGuesses {
        /// When to try again, in seconds from now.
        retry_after_secs: u64,
        /// True if reset links go by mail here.
        mail: bool,
    },
    /// 429: the limit of e-mails is reached.
    MailLimit {
        /// Which limit, and what to do next.
        message: Phrase,
        /// When to try again, in seconds from now.
        retry_after_secs: u64,
    },
    /// 503: cannot serve this now.
    Unavailable {
        /// For example `unavailable`, `busy`, `setup_required`.
        code: &'static str,
        /// What to do next.
        message: Phrase,
        /// When to try again, in seconds from now.
        retry_after_secs: Option<u64>,
    },
    /// 500: our own fault. The text is logged and never leaves.
    Internal(String),
}

/// A result whose error is the house's own.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// A field that cannot be taken as it is.
    pub fn invalid(field: impl Into<String>, message: Phrase) -> Self {
        Self::Invalid { field: field.into(), message }
    }

    /// Fields that cannot be taken as they are, at least one, each with what it must be instead.
    pub fn of_fields(mut faults: Vec<(String, Phrase)>) -> Self {
        match faults.pop() {
            Some((field, message)) if faults.is_empty() => Self::Invalid { field, message },
            last => Self::SeveralInvalid(faults.into_iter().chain(last).collect()),
        }
    }

    /// The one answer for an unknown person and a wrong secret.
    pub fn refused() -> Self {
        Self::Refused { code: "refused", message: phrase!("refused") }
    }

    /// Nobody is signed in.
    pub fn unauthorized() -> Self {
        Self::Refused { code: "unauthorized", message: phrase!("unauthorized") }
    }

    /// The session has ended.
    pub const fn session_over() -> Self {
        Self::SessionOver { portal_urls: Vec::new() }
    }

    /// Too little right.
    pub fn forbidden(message: Phrase) -> Self {
        Self::Forbidden { code: "forbidden", message }
    }

    /// Somebody else has it already.
    pub fn taken(field: &str, message: Phrase) -> Self {
        Self::Conflict { code: "taken", message, field: Some(field.into()) }
    }

    /// The thing is in the wrong state for this.
    pub fn conflict(code: &'static str, message: Phrase) -> Self {
        Self::Conflict { code, message, field: None }
    }

    /// Cannot serve this now.
    pub fn unavailable(message: Phrase) -> Self {
        Self::Unavailable { code: "unavailable", message, retry_after_secs: Some(5) }
    }

    /// Too much is going on to serve this now.
    pub fn busy(message: Phrase) -> Self {
        Self::Unavailable { code: "busy", message, retry_after_secs: Some(2) }
    }

    /// Our own fault.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// The same error about a field that the caller knows by another name.
    #[must_use]
    pub fn for_field(self, name: &str) -> Self {
        match self {
            Self::Invalid { message, .. } => Self::invalid(name, message),
            other => other,
        }
    }

    /// The stable code of the JSON body.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Malformed(_) => "malformed",
            Self::Invalid { .. } | Self::SeveralInvalid(_) => "invalid",
            Self::Reauthenticate { .. } => "reauthentication_required",
            Self::Closed { .. } | Self::SsoRequired { .. } => "sso_required",
            Self::SessionOver { .. } => "session_over",
            Self::NotFound(_) => "not_found",
            Self::WrongMethod(_) => "wrong_method",
            Self::Late => "late",
            Self::PlanLimit(_) => "plan_limit",
            Self::TooLarge(_) => "too_large",
            Self::AddressTooLong(_) => "address_too_long",
            Self::HeadersTooLarge(_) => "headers_too_large",
            Self::Throttled { .. } | Self::TooManyGuesses { .. } | Self::MailLimit { .. } => "throttled",
            Self::Internal(_) => "internal",
            Self::Refused { code, .. }
            | Self::Forbidden { code, .. }
            | Self::Conflict { code, .. }
            | Self::Unavailable { code, .. } => code,
        }
    }
}

impl Error {
    /// What to do next, in words. About a field it is the rest of a sentence that begins with the field's name.
    pub fn message(&self) -> Phrase {
        match self {
            Self::SeveralInvalid(faults) => {
                faults.first().map_or_else(|| phrase!("malformed"), |(_, first)| first.clone())
            }
            Self::Reauthenticate { .. } => phrase!("reauthenticate"),
            Self::SessionOver { .. } => phrase!("session-over"),
            Self::SsoRequired { belongs: false, .. } => phrase!("no-organisation"),
            Self::SsoRequired { portal_urls, .. } if portal_urls.is_empty() => phrase!("sso-required-elsewhere"),
            Self::SsoRequired { .. } => phrase!("sso-required"),
            Self::Throttled { retry_after_secs } => phrase!("throttled", wait = wait(*retry_after_secs)),
            Self::TooManyGuesses { retry_after_secs, mail } => {
                phrase!("too-many-guesses", wait = wait(*retry_after_secs), meanwhile = still_works(*mail))
            }
            Self::Late => phrase!("late"),
            Self::WrongMethod(allowed) => phrase!("wrong-method", allowed = allowed),
            Self::Internal(cause) => Phrase::words(cause),
            Self::Malformed(message)
            | Self::Invalid { message, .. }
            | Self::NotFound(message)
            | Self::PlanLimit(message)
            | Self::TooLarge(message)
            | Self::AddressTooLong(message)
            | Self::HeadersTooLarge(message)
            | Self::Refused { message, .. }
            | Self::Forbidden { message, .. }
            | Self::Closed { message, .. }
            | Self::Conflict { message, .. }
            | Self::MailLimit { message, .. }
            | Self::Unavailable { message, .. } => message.clone(),
        }
    }
}

/// In English, with the names of fields, for logs and the command line.
impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { field, message } => write!(f, "{field}: {message}"),
            Self::SeveralInvalid(faults) => {
                let lines: Vec<_> = faults.iter().map(|(field, message)| format!("{field}: {message}")).collect();
                f.write_str(&lines.join("\n"))
            }
            other => write!(f, "{}", other.message()),
        }
    }
}

impl std::error::Error for Error {}

/// How to sign in while too many tries have failed. `mail`: whether reset links go by mail.
pub fn still_works(mail: bool) -> Phrase {
    if mail { phrase!("still-works-with-mail") } else { phrase!("still-works") }
}

/// How long to wait, in words, rounded up.
pub fn wait(secs: u64) -> Phrase {
    match secs {
        ..120 => phrase!("seconds", count = secs),
        120..7200 => phrase!("minutes", count = secs.div_ceil(60)),
        _ => phrase!("hours", count = secs.div_ceil(3600)),
    }
}

#[cfg(test)]
mod tests {
    use super::wait;

    #[test]
    fn a_wait_is_told_in_the_unit_that_people_use() {
        for (secs, words) in [
            (1, "1 second"),
            (119, "119 seconds"),
            (120, "2 minutes"),
            (121, "3 minutes"),
            (7199, "120 minutes"),
            (7200, "2 hours"),
            (7201, "3 hours"),
            (86_400, "24 hours"),
        ] {
            assert_eq!(wait(secs).to_string(), words);
        }
    }
}
