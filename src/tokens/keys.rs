//! Makes signing keys.

use crate::domain::ids::{hex, random_bytes};
use crate::domain::own_keys::PrivateKey;
use crate::domain::signing_key::{Algorithm, PublicKey, SigningKey};
use crate::domain::{Error, Result, Timestamp};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use openssl::bn::{BigNum, BigNumContext};
use openssl::ec::{EcGroup, EcKey};
use openssl::error::ErrorStack;
use openssl::nid::Nid;
use openssl::pkey::{PKey, Private};
use openssl::rsa::Rsa;

/// The size of RSA keys.
const BITS: u32 = 2048;
/// The size of a coordinate of P-256, in bytes.
const COORDINATE_BYTES: i32 = 32;

/// Makes a key that does not sign yet. RSA takes a while.
///
/// # Errors
/// `Internal` when OpenSSL cannot make keys.
pub fn make_signing_key(algorithm: Algorithm, now: Timestamp) -> Result<SigningKey> {
    let made = match algorithm {
        Algorithm::Rs256 => rsa(),
        Algorithm::Es256 => ec(),
    };
    let (key, public) = made.map_err(Error::internal)?;
    let private = PrivateKey::new(key.private_key_to_pkcs8().map_err(Error::internal)?);
    let id = hex(&random_bytes::<8>());
    Ok(SigningKey { id, algorithm, private, public, created_at: now, signs_from: None, retired_at: None })
}

fn rsa() -> Result<(PKey<Private>, PublicKey), ErrorStack> {
    let key = Rsa::generate(BITS)?;
    let (n, e) = (URL_SAFE_NO_PAD.encode(key.n().to_vec()), URL_SAFE_NO_PAD.encode(key.e().to_vec()));
    Ok((PKey::from_rsa(key)?, PublicKey::Rsa { n, e }))
}

fn ec() -> Result<(PKey<Private>, PublicKey), ErrorStack> {
    let group = EcGroup::from_curve_name(Nid::X9_62_PRIME256V1)?;
    let key = EcKey::generate(&group)?;
    let (mut x, mut y) = (BigNum::new()?, BigNum::new()?);
    key.public_key().affine_coordinates(&group, &mut x, &mut y, &mut *BigNumContext::new()?)?;
    // A JWK has all bytes of a coordinate, also leading zeros.
    let coordinate =
        |number: &BigNum| number.to_vec_padded(COORDINATE_BYTES).map(|bytes| URL_SAFE_NO_PAD.encode(bytes));
    let public = PublicKey::Ec { crv: "P-256".into(), x: coordinate(&x)?, y: coordinate(&y)? };
    Ok((PKey::from_ec_key(key)?, public))
}
