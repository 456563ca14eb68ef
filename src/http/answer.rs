//! Answers in JSON.

use actix_web::web::Json;

/// The shape that the API shows a value in.
pub fn shown<S, T: From<S>>(value: S) -> Json<T> {
    Json(value.into())
}
