//! Turns off, once, features of xmlsec that are unsafe here: fetching, XSLT, XPath and weak algorithms. The only module
//! with unsafe code.
#![allow(unsafe_code)]

use samael::crypto::{CryptoProvider, XmlSec};
use std::ffi::CStr;
use std::os::raw::{c_char, c_int, c_void};
use std::sync::OnceLock;

type Transform = *const c_void;

/// xmlsec's `xmlSecCheckVersionExactMatch`.
const EXACT: c_int = 0;

unsafe extern "C" {
    static xmlParserVersion: *const c_char;
    fn xmlSecCheckVersionExt(major: c_int, minor: c_int, subminor: c_int, mode: c_int) -> c_int;
    fn xmlSecErrorsDefaultCallbackEnableOutput(enabled: c_int);
    fn xmlSecIOCleanupCallbacks();
    fn xmlSecTransformIdsGet() -> *mut c_void;
    fn xmlSecPtrListEmpty(list: *mut c_void);
    fn xmlSecTransformIdsRegister(transform: Transform) -> c_int;
    fn xmlSecTransformExclC14NGetKlass() -> Transform;
    fn xmlSecTransformInclC14NGetKlass() -> Transform;
    fn xmlSecTransformEnvelopedGetKlass() -> Transform;
    fn xmlSecOpenSSLTransformSha1GetKlass() -> Transform;
    fn xmlSecOpenSSLTransformSha256GetKlass() -> Transform;
    fn xmlSecOpenSSLTransformSha384GetKlass() -> Transform;
    fn xmlSecOpenSSLTransformSha512GetKlass() -> Transform;
    fn xmlSecOpenSSLTransformRsaSha1GetKlass() -> Transform;
    fn xmlSecOpenSSLTransformRsaSha256GetKlass() -> Transform;
    fn xmlSecOpenSSLTransformRsaSha384GetKlass() -> Transform;
    fn xmlSecOpenSSLTransformRsaSha512GetKlass() -> Transform;
    fn xmlSecOpenSSLTransformEcdsaSha1GetKlass() -> Transform;
    fn xmlSecOpenSSLTransformEcdsaSha256GetKlass() -> Transform;
    fn xmlSecOpenSSLTransformEcdsaSha384GetKlass() -> Transform;
    fn xmlSecOpenSSLTransformEcdsaSha512GetKlass() -> Transform;
    fn xmlThrDefSetStructuredErrorFunc(context: *mut c_void, handler: Option<extern "C" fn(*mut c_void, *mut c_void)>);
    fn xmlSetStructuredErrorFunc(context: *mut c_void, handler: Option<extern "C" fn(*mut c_void, *mut c_void)>);
}

/// Discards libxml2's messages for standard error, because their text is controlled by an attacker.
extern "C" fn silence(_context: *mut c_void, _error: *mut c_void) {}

/// Leaves only the needed transforms in xmlsec. The first call decides for the process; `allow_sha1` is for explaining
/// old messages.
///
/// # Panics
/// When xmlsec cannot register a transform, because then no signature could be trusted.
pub fn lockdown(allow_sha1: bool) {
    static ONCE: OnceLock<()> = OnceLock::new();
    ONCE.get_or_init(|| {
        // SAFETY: the function sets one flag of xmlsec, which needs no initialisation.
        unsafe { xmlSecErrorsDefaultCallbackEnableOutput(0) };
        // Any call of samael initialises xmlsec; the transforms can be removed only after that.
        drop(XmlSec::sign_xml("<a/>", b"no key"));
        // SAFETY: xmlsec is initialised, no other thread uses it before this returns (every use goes through here first), and
        // the pointers are xmlsec's own static descriptions.
        unsafe { restrict(allow_sha1) }
    });
}

unsafe fn restrict(allow_sha1: bool) {
    // SAFETY: see the caller.
    unsafe {
        // Messages whose text an attacker controls are not printed.
        xmlThrDefSetStructuredErrorFunc(std::ptr::null_mut(), Some(silence));
        xmlSetStructuredErrorFunc(std::ptr::null_mut(), Some(silence));
        // No file or URL can be opened for a Reference.
        xmlSecIOCleanupCallbacks();
        // XSLT, XPath, base64, HMAC, DSA, MD5 and all other transforms are unknown from here on.
        xmlSecPtrListEmpty(xmlSecTransformIdsGet());
        for transform in wanted(allow_sha1) {
            assert!(!transform.is_null() && xmlSecTransformIdsRegister(transform) == 0, "xmlsec lacks a transform");
        }
    }
}

unsafe fn wanted(allow_sha1: bool) -> Vec<Transform> {
    // SAFETY: these give pointers to static descriptions and do nothing else.
    unsafe {
        let mut wanted = vec![
            xmlSecTransformExclC14NGetKlass(),
            // xmlsec uses inclusive canonicalisation if the transforms name no other; the profile refuses a message
            // that names it.
            xmlSecTransformInclC14NGetKlass(),
            xmlSecTransformEnvelopedGetKlass(),
            xmlSecOpenSSLTransformSha256GetKlass(),
            xmlSecOpenSSLTransformSha384GetKlass(),
            xmlSecOpenSSLTransformSha512GetKlass(),
            xmlSecOpenSSLTransformRsaSha256GetKlass(),
            xmlSecOpenSSLTransformRsaSha384GetKlass(),
            xmlSecOpenSSLTransformRsaSha512GetKlass(),
            xmlSecOpenSSLTransformEcdsaSha256GetKlass(),
            xmlSecOpenSSLTransformEcdsaSha384GetKlass(),
            xmlSecOpenSSLTransformEcdsaSha512GetKlass(),
        ];
        if allow_sha1 {
            wanted.extend([
                xmlSecOpenSSLTransformSha1GetKlass(),
                xmlSecOpenSSLTransformRsaSha1GetKlass(),
                xmlSecOpenSSLTransformEcdsaSha1GetKlass(),
            ]);
        }
        wanted
    }
}

/// The version of libxml2 in use, such as `2.9.14`.
pub fn libxml2_version() -> String {
    // SAFETY: libxml2 initialises the pointer with a string literal and never changes it.
    let text = unsafe { CStr::from_ptr(xmlParserVersion) }.to_string_lossy();
    let number: u32 = text.split('-').next().and_then(|digits| digits.parse().ok()).unwrap_or_default();
    format!("{}.{}.{}", number / 10_000, number / 100 % 100, number % 100)
}

/// The version of xmlsec in use, such as `1.2.37`; `None` if it is not among the versions that are tried.
pub fn xmlsec_version() -> Option<String> {
    lockdown(false);
    // xmlsec does not return its version, but can compare it with a given one.
    let mut known = (2..=3).flat_map(|minor| (0..100).map(move |subminor| (minor, subminor)));
    // SAFETY: the function compares numbers; the lockdown has turned off its message for a mismatch.
    let runs = |minor, subminor| unsafe { xmlSecCheckVersionExt(1, minor, subminor, EXACT) } == 1;
    known.find(|(minor, subminor)| runs(*minor, *subminor)).map(|(minor, subminor)| format!("1.{minor}.{subminor}"))
}
