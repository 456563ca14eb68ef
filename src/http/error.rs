//! Turns errors into HTTP answers: the only table of statuses.

use crate::domain::Error;
use crate::domain::ids::random_bytes;
use crate::domain::phrase::phrase;
use crate::domain::text::shortened;
use actix_web::http::StatusCode;
use actix_web::http::header::RETRY_AFTER;
use actix_web::{HttpResponse, ResponseError};

/// The longest message, in characters.
const MOST_CHARS: usize = 4000;

impl ResponseError for Error {
    fn status_code(&self) -> StatusCode {
        match self {
            Self::Malformed(_) | Self::BadRequest { .. } => StatusCode::BAD_REQUEST,
            Self::Misdirected(_) => StatusCode::MISDIRECTED_REQUEST,
            Self::Refused { .. } | Self::SessionOver { .. } => StatusCode::UNAUTHORIZED,
            Self::PlanLimit(_) => StatusCode::PAYMENT_REQUIRED,
            Self::Forbidden { .. } | Self::Closed { .. } | Self::Reauthenticate { .. } | Self::SsoRequired { .. } => {
                StatusCode::FORBIDDEN
            }
            Self::NotFound(_) => StatusCode::NOT_FOUND,
            Self::WrongMethod(_) => StatusCode::METHOD_NOT_ALLOWED,
            Self::Late => StatusCode::REQUEST_TIMEOUT,
            Self::Conflict { .. } => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::AddressTooLong(_) => StatusCode::URI_TOO_LONG,
            Self::HeadersTooLarge(_) => StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE,
            Self::Invalid { .. } | Self::SeveralInvalid(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Throttled { .. } | Self::TooManyGuesses { .. } | Self::MailLimit { .. } => {
                StatusCode::TOO_MANY_REQUESTS
            }
            Self::Unavailable { .. } => StatusCode::SERVICE_UNAVAILABLE,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// Without a body: `refusals::written` adds it, as JSON or as a page.
    fn error_response(&self) -> HttpResponse {
        let mut answer = HttpResponse::build(self.status_code());
        if let Some(secs) = retry_after_secs(self) {
            answer.insert_header((RETRY_AFTER, secs.to_string()));
        }
        answer.finish()
    }
}

/// The seconds after which to retry, if a retry can help.
pub fn retry_after_secs(error: &Error) -> Option<u64> {
    match error {
        Error::Throttled { retry_after_secs }
        | Error::TooManyGuesses { retry_after_secs, .. }
        | Error::MailLimit { retry_after_secs, .. } => Some(*retry_after_secs),
        Error::Unavailable { retry_after_secs, .. } => *retry_after_secs,
        _ => None,
    }
}

/// The message of an error, in the language of the answer. Internal errors are logged here, once, under a short id that
/// the person sees too.
pub fn message(error: &Error) -> String {
    match error {
        Error::Internal(cause) => {
            let id = crate::domain::ids::hex(&random_bytes::<4>());
            log::error!("internal error {id}: {cause}");
            phrase!("internal", number = id).spoken()
        }
        // Shortened, as it may repeat text that the client sent.
        other => shortened(&other.message().spoken(), MOST_CHARS),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn internal_errors_show_only_an_id() {
        let fault = Error::internal("no such table: users in /var/lib/vestibule");
        assert_eq!((fault.status_code(), fault.code()), (StatusCode::INTERNAL_SERVER_ERROR, "internal"));
        let message = message(&fault);
        assert!(!message.contains("table") && !message.contains("/var"), "{message}");
        let number = message.trim_end_matches('.').rsplit(' ').next().expect("a word");
        assert!(number.len() == 8 && number.bytes().all(|byte| byte.is_ascii_hexdigit()), "{message}");
    }
}
