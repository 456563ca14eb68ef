//! Answers in JSON.

use actix_web::web::Json;

/// Answers with a value in its API shape.
pub fn shown<S, T: From<S>>(value: S) -> Json<T> {
    Json(value.into())
}
