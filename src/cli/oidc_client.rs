//! The options of `vestibule app` for OpenID Connect clients.

use crate::domain::application::ApplicationKind;
use crate::domain::oidc_client::GivenClient;
use crate::domain::phrase::phrase;
use crate::domain::{Error, Result};

/// The settings of an OpenID Connect client.
#[derive(clap::Args)]
pub struct ClientSettings {
    /// An address to which people return from sign-in to an OpenID Connect client: https, or http on loopback. Repeat the
    /// option for more addresses
    #[arg(long = "redirect-uri", value_name = "URI")]
    redirect_uris: Vec<String>,
    /// An address to which people return from sign-out; repeat the option for more addresses
    #[arg(long = "post-logout-redirect-uri", value_name = "URI")]
    post_logout_redirect_uris: Vec<String>,
    /// Remove all addresses to which people return from sign-out
    #[arg(long, conflicts_with = "post_logout_redirect_uris")]
    no_post_logout_redirect_uris: bool,
    /// The address that is told when a session ends; an empty one removes it
    #[arg(long, value_name = "URI")]
    backchannel_logout_uri: Option<String>,
    /// confidential (a program on a server, with a secret; the default) or public (an app or a page, without one)
    #[arg(long, value_name = "TYPE")]
    client_type: Option<String>,
    /// `client_secret_basic` (the default), `client_secret_post`, or none for public clients
    #[arg(long, value_name = "METHOD")]
    token_auth: Option<String>,
    /// RS256 (the default) or ES256
    #[arg(long, value_name = "ALGORITHM")]
    signing: Option<String>,
    /// Whether a confidential client may leave out PKCE, which is a weakness
    #[arg(long, value_name = "true|false")]
    pkce_optional: Option<bool>,
}

impl ClientSettings {
    /// The given settings.
    pub fn given(&self) -> GivenClient {
        let uris = |uris: &Vec<String>| Some(uris.clone()).filter(|uris| !uris.is_empty());
        let backchannel = self.backchannel_logout_uri.clone().map(|uri| Some(uri).filter(|uri| !uri.is_empty()));
        let no_uris = self.no_post_logout_redirect_uris.then(Vec::new);
        GivenClient {
            redirect_uris: uris(&self.redirect_uris),
            post_logout_redirect_uris: uris(&self.post_logout_redirect_uris).or(no_uris),
            backchannel_logout_uri: backchannel,
            client_type: self.client_type.clone(),
            token_auth: self.token_auth.clone(),
            signing: self.signing.clone(),
            pkce_optional: self.pkce_optional,
        }
    }

    /// Refuses the options for an application of another kind.
    ///
    /// # Errors
    /// `Invalid` with the first option that is given.
    pub fn check_kind(&self, kind: ApplicationKind) -> Result<()> {
        match self.given().first_field().filter(|_| kind != ApplicationKind::Oidc) {
            Some(field) => Err(Error::invalid(field, phrase!("field-only-oidc"))),
            None => Ok(()),
        }
    }
}
