//! The one error of the house, and its Result.

use super::method::Method;
use std::fmt;

/// Said to a person whose password is right, and who belongs to no organisation.
pub const NO_ORGANISATION: &str =
    "Your password is right, but you belong to no organisation. Ask an admin of yours to invite you.";

/// An error, in words for the person who asked.
///
/// `http/error.rs` gives each variant its status; the command line its exit code.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Error {
    /// 400: the body is not JSON.
    Malformed(String),
    /// 422: a field is unknown, missing or unusable.
    Invalid {
        /// The field, as the caller spelled it.
        field: String,
        /// Why it was refused, as the rest of a sentence that begins with the field's name.
        message: String,
    },
    /// 422: several fields are unusable: each with what it must be instead. At least two.
    SeveralInvalid(Vec<(String, String)>),
    /// 401: not signed in, or who they say they are could not be proved.
    Refused {
        /// `refused` or `unauthorized`.
        code: &'static str,
        /// What to do next.
        message: String,
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
        message: String,
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
    NotFound(String),
    /// 405: nothing here takes this method of HTTP; those that something does.
    WrongMethod(String),
    /// 408: the body came too late or too slowly.
    Late,
    /// 409: taken, the last of its kind, or in the wrong state.
    Conflict {
        /// For example `taken`, `last_admin`, `sign_in_first`, `saml_only_on`.
        code: &'static str,
        /// What to do next.
        message: String,
        /// The field that is taken.
        field: Option<String>,
    },
    /// 402: the plan has no room.
    PlanLimit(String),
    /// 413: the body is larger than the route takes.
    TooLarge(String),
    /// 414: the path or the query is too long.
    AddressTooLong(String),
    /// 431: the headers are too large.
    HeadersTooLarge(String),
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
        message: String,
        /// When to try again, in seconds from now.
        retry_after_secs: u64,
    },
    /// 503: cannot serve this now.
    Unavailable {
        /// For example `unavailable`, `busy`, `setup_required`.
        code: &'static str,
        /// What to do next.
        message: String,
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
    pub fn invalid(field: impl Into<String>, message: impl Into<String>) -> Self {
        Self::Invalid { field: field.into(), message: message.into() }
    }

    /// Fields that cannot be taken as they are, at least one, each with what it must be instead.
    pub fn of_fields(mut faults: Vec<(String, String)>) -> Self {
        if faults.len() > 1 {
            return Self::SeveralInvalid(faults);
        }
        let (field, message) = faults.pop().unwrap_or_default();
        Self::Invalid { field, message }
    }

    /// The one answer for an unknown person and a wrong secret.
    pub fn refused() -> Self {
        Self::Refused { code: "refused", message: "E-mail or password is wrong. Check both and try again.".into() }
    }

    /// Nobody is signed in.
    pub fn unauthorized() -> Self {
        Self::Refused { code: "unauthorized", message: "Sign in first.".into() }
    }

    /// The session has ended.
    pub const fn session_over() -> Self {
        Self::SessionOver { portal_urls: Vec::new() }
    }

    /// Too little right.
    pub fn forbidden(message: impl Into<String>) -> Self {
        Self::Forbidden { code: "forbidden", message: message.into() }
    }

    /// Unknown, or not theirs to know.
    pub fn not_found(what: &str) -> Self {
        Self::NotFound(format!("{what} not found."))
    }

    /// Somebody else has it already.
    pub fn taken(field: &str, message: impl Into<String>) -> Self {
        Self::Conflict { code: "taken", message: message.into(), field: Some(field.into()) }
    }

    /// The thing is in the wrong state for this.
    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict { code, message: message.into(), field: None }
    }

    /// Cannot serve this now.
    pub fn unavailable(message: impl Into<String>) -> Self {
        Self::Unavailable { code: "unavailable", message: message.into(), retry_after_secs: Some(5) }
    }

    /// Too much is going on to serve this now.
    pub fn busy(message: impl Into<String>) -> Self {
        Self::Unavailable { code: "busy", message: message.into(), retry_after_secs: Some(2) }
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
            Self::SsoRequired { .. } => "sso_required",
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

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Invalid { field, message } => write!(f, "{field}: {message}"),
            Self::SeveralInvalid(faults) => {
                let lines: Vec<_> = faults.iter().map(|(field, message)| format!("{field}: {message}")).collect();
                f.write_str(&lines.join("\n"))
            }
            Self::Reauthenticate { .. } => f.write_str("Confirm that it is you: sign in again, then repeat this."),
            Self::SessionOver { .. } => f.write_str("Your session has ended. Sign in again."),
            Self::SsoRequired { belongs: false, .. } => f.write_str(NO_ORGANISATION),
            Self::SsoRequired { portal_urls, .. } if portal_urls.is_empty() => {
                f.write_str("Your password is right, but none of your organisations allows passwords. Ask your admin.")
            }
            Self::SsoRequired { .. } => {
                f.write_str("Your organisation signs in with single sign-on. Use its portal URL.")
            }
            Self::Throttled { retry_after_secs } => {
                write!(f, "Too many attempts. Try again in {}.", wait(*retry_after_secs))
            }
            Self::TooManyGuesses { retry_after_secs, mail } => {
                let (wait, meanwhile) = (wait(*retry_after_secs), still_works(*mail));
                write!(f, "Too many failed sign-ins for this account. Try again in {wait}. {meanwhile}")
            }
            Self::Late => f.write_str("The request took too long to arrive. Check your connection and try again."),
            Self::WrongMethod(allowed) => write!(f, "This address accepts only {allowed}."),
            Self::Malformed(message)
            | Self::NotFound(message)
            | Self::PlanLimit(message)
            | Self::TooLarge(message)
            | Self::AddressTooLong(message)
            | Self::HeadersTooLarge(message)
            | Self::Internal(message)
            | Self::Refused { message, .. }
            | Self::Forbidden { message, .. }
            | Self::Conflict { message, .. }
            | Self::MailLimit { message, .. }
            | Self::Unavailable { message, .. } => f.write_str(message),
        }
    }
}

impl std::error::Error for Error {}

/// How to sign in while too many tries have failed. `mail`: whether reset links go by mail.
pub fn still_works(mail: bool) -> &'static str {
    if mail {
        "Meanwhile you can sign in from a browser that you have used before, with single sign-on, or with a reset link by e-mail."
    } else {
        "Meanwhile you can sign in from a browser that you have used before, or with single sign-on."
    }
}

/// How long to wait, in words, rounded up.
pub fn wait(secs: u64) -> String {
    match secs {
        1 => "1 second".into(),
        2..120 => format!("{secs} seconds"),
        120..7200 => format!("{} minutes", secs.div_ceil(60)),
        _ => format!("{} hours", secs.div_ceil(3600)),
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
            assert_eq!(wait(secs), words);
        }
    }
}
