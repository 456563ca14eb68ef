//! The error type of the whole project, and its `Result`.

use super::method::Method;
use super::phrase::{Phrase, phrase};
use std::fmt;

/// An error, with a message for the person who made the request.
///
/// `http/error.rs` maps each variant to a status, and the command line to an exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// 400: the body is not JSON.
    Malformed(Phrase),
    /// 400: the request cannot be understood.
    BadRequest {
        /// For example `bad_request`, `two_conventions`, `state_lost`.
        code: &'static str,
        /// The message, which says what to do next.
        message: Phrase,
    },
    /// 421: the host does not serve this path.
    Misdirected(Phrase),
    /// 422: a field is unknown, missing or unusable.
    Invalid {
        /// The field, as the caller spelled it.
        field: String,
        /// The reason, as the rest of a sentence that begins with the field's name.
        message: Phrase,
    },
    /// 422: several fields are unusable: each with what it must be instead. At least two.
    SeveralInvalid(Vec<(String, Phrase)>),
    /// 401: not signed in, or the password or other proof of identity is wrong.
    Refused {
        /// `refused` or `unauthorized`.
        code: &'static str,
        /// The message, which says what to do next.
        message: Phrase,
    },
    /// 401: the session has ended, or no longer gives access to any organisation.
    SessionOver {
        /// The portal URLs of the organisations to which it gave access.
        portal_urls: Vec<String>,
    },
    /// 403: signed in, but without the right.
    Forbidden {
        /// For example `forbidden`, `plan_required`, `password_required`.
        code: &'static str,
        /// The message, which says what to do next.
        message: Phrase,
    },
    /// 403: the session gives no access to this organisation of the person.
    Closed {
        /// The id of the organisation.
        organisation: String,
        /// The message, which says how to sign in to it.
        message: Phrase,
    },
    /// 403: the sensitive action needs a more recent grant.
    Reauthenticate {
        /// The methods by which the grant can be renewed.
        methods: Vec<Method>,
    },
    /// 403 at sign-in: the password was right, but gives access to no organisation.
    SsoRequired {
        /// The portal URLs of the person's organisations.
        portal_urls: Vec<String>,
        /// False if the person belongs to no organisation.
        belongs: bool,
    },
    /// 404: the resource is unknown, expired, already used, or belongs to another tenant.
    NotFound(Phrase),
    /// 405: the path does not accept this HTTP method; contains the methods that it accepts.
    WrongMethod(String),
    /// 408: the body arrived too late or too slowly.
    Late,
    /// 409: the value is already in use, or the resource is in the wrong state or the last one, such as the last admin.
    Conflict {
        /// For example `taken`, `last_admin`, `sign_in_first`, `saml_only_on`.
        code: &'static str,
        /// The message, which says what to do next.
        message: Phrase,
        /// The field that is taken.
        field: Option<String>,
    },
    /// 402: a limit of the plan is reached.
    PlanLimit(Phrase),
    /// 413: the body is larger than the route accepts.
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
    /// 429 at sign-in: too many failed attempts for one account.
    TooManyGuesses {
        /// When to try again, in seconds from now.
        retry_after_secs: u64,
        /// True if reset links are sent by e-mail.
        mail: bool,
    },
    /// 429: the limit of e-mails is reached.
    MailLimit {
        /// The message, which names the limit and says what to do next.
        message: Phrase,
        /// When to try again, in seconds from now.
        retry_after_secs: u64,
    },
    /// 503: the request cannot be served now.
    Unavailable {
        /// For example `unavailable`, `busy`, `setup_required`.
        code: &'static str,
        /// The message, which says what to do next.
        message: Phrase,
        /// When to try again, in seconds from now.
        retry_after_secs: Option<u64>,
    },
    /// 500: an internal error. The text is logged and never sent.
    Internal(String),
}

/// A result whose error is `Error` by default.
pub type Result<T, E = Error> = std::result::Result<T, E>;

impl Error {
    /// The error for a field with an invalid value.
    pub fn invalid(field: impl Into<String>, message: Phrase) -> Self {
        Self::Invalid { field: field.into(), message }
    }

    /// The error for fields with invalid values, at least one, each with what it must be instead.
    pub fn of_fields(mut faults: Vec<(String, Phrase)>) -> Self {
        match faults.pop() {
            Some((field, message)) if faults.is_empty() => Self::Invalid { field, message },
            last => Self::SeveralInvalid(faults.into_iter().chain(last).collect()),
        }
    }

    /// The same error for an unknown person and a wrong secret.
    pub fn refused() -> Self {
        Self::Refused { code: "refused", message: phrase!("refused") }
    }

    /// The error for a request that needs a signed-in person.
    pub fn unauthorized() -> Self {
        Self::Refused { code: "unauthorized", message: phrase!("unauthorized") }
    }

    /// The error for a session that has ended.
    pub const fn session_over() -> Self {
        Self::SessionOver { portal_urls: Vec::new() }
    }

    /// The error for a missing right.
    pub fn forbidden(message: Phrase) -> Self {
        Self::Forbidden { code: "forbidden", message }
    }

    /// The error for a value that is already in use.
    pub fn taken(field: &str, message: Phrase) -> Self {
        Self::Conflict { code: "taken", message, field: Some(field.into()) }
    }

    /// The error for a resource that is in the wrong state.
    pub fn conflict(code: &'static str, message: Phrase) -> Self {
        Self::Conflict { code, message, field: None }
    }

    /// The error for a request that cannot be served now.
    pub fn unavailable(message: Phrase) -> Self {
        Self::Unavailable { code: "unavailable", message, retry_after_secs: Some(5) }
    }

    /// The error for a request that cannot be served because of the load.
    pub fn busy(message: Phrase) -> Self {
        Self::Unavailable { code: "busy", message, retry_after_secs: Some(2) }
    }

    /// An internal error.
    pub fn internal(cause: impl fmt::Display) -> Self {
        Self::Internal(cause.to_string())
    }

    /// The same error with another name for the field.
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
            Self::Misdirected(_) => "misdirected",
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
            Self::BadRequest { code, .. }
            | Self::Refused { code, .. }
            | Self::Forbidden { code, .. }
            | Self::Conflict { code, .. }
            | Self::Unavailable { code, .. } => code,
        }
    }
}

impl Error {
    /// The message, which says what to do next. For a field it is the rest of a sentence that begins with the field's
    /// name.
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
            | Self::BadRequest { message, .. }
            | Self::Misdirected(message)
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

/// How to sign in after too many failed attempts. `mail`: true if reset links are sent by e-mail.
pub fn still_works(mail: bool) -> Phrase {
    if mail { phrase!("still-works-with-mail") } else { phrase!("still-works") }
}

/// The time to wait, in words, rounded up.
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
    fn a_time_to_wait_is_worded_in_a_suitable_unit() {
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
