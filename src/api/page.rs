//! Pages of lists.

use crate::domain;
use serde::Serialize;
use utoipa::ToSchema;

/// A page of a list.
#[derive(Serialize, ToSchema)]
pub struct Listing<T> {
    /// The items of this page.
    pub(crate) items: Vec<T>,
    /// The cursor of the next page; null at the end.
    pub(crate) next: Option<String>,
}

impl<S, T: From<S>> From<domain::Listing<S>> for Listing<T> {
    fn from(listing: domain::Listing<S>) -> Self {
        Self { items: listing.items.into_iter().map(T::from).collect(), next: listing.next }
    }
}
