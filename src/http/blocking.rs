//! Where async ends: the house is synchronous behind this line.

use crate::app::App;
use crate::domain::{Error, Result};
use actix_web::web::{self, Data};

/// Runs `work` off the async threads.
pub async fn blocking<T: Send + 'static>(
    app: &Data<App>,
    work: impl FnOnce(&App) -> Result<T> + Send + 'static,
) -> Result<T> {
    let app = app.clone();
    web::block(move || work(&app)).await.map_err(Error::internal)?
}
