//! Vestibule: the entrance hall of a company's software.
//!
//! The map of the house. Imports run one way:
//! `domain <- store, saml, config <- app <- actions <- http, demo <- cli <- main`.

pub mod domain;
