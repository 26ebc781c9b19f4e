//! State that a server leaves with the client between the rounds of one request.
//!
//! Since revision 2026-07-28 a server asks for input by ending a request with `input_required`. The client
//! sends the request again with the answers, perhaps to another instance, and brings back the server's
//! `requestState`. Who holds that text may change it, keep it, or try it on another request. A sealed state
//! can be opened only with the server's key, unchanged, by the same principal, for the same request, before
//! it expires; and nobody else reads what is in it.
//!
//! What is sealed can still be opened more than once until it expires. What must happen once at most, such
//! as a payment, needs a record of its own on the server.

mod canonical;
#[cfg(test)]
mod tests;

use alloc::string::String;
use alloc::vec::Vec;
use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::AeadInOut as _;
use chacha20poly1305::{KeyInit as _, Tag, XChaCha20Poly1305};

/// How the bytes are laid out: this byte, the nonce, then what is encrypted (the expiry and the state),
/// then the tag.
const LAYOUT: u8 = 1;
const NONCE: usize = 24;
const EXPIRES: usize = 8;
const TAG: usize = 16;

/// Whose state it is, and for which request.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct StateContext<'a> {
    /// Who sent the request, as the server has authenticated them.
    pub principal: Option<&'a str>,
    /// The request's method.
    pub method: &'a str,
    /// The JSON text of the request's `params`. Everything in it counts, except for its members `_meta`,
    /// `inputResponses` and `requestState`, which differ from round to round. A client may write it anew
    /// for each: the order of members, white space, escapes, and how a number is written (`1`, `1.0`,
    /// `10e-1`) do not matter. No `params` are the same as empty ones.
    pub params: Option<&'a [u8]>,
}

/// Seals a state: the text for `requestState`, of characters that need no escape in JSON or in a URL.
///
/// * `key`: 32 bytes of the system's entropy, the same on every instance that may see the next round, kept
///   secret and used for nothing else; in particular it is not the seed of a [`Server`](crate::Server).
///   To change it, seal with the new key and open with either until the last old state has expired.
/// * `nonce`: 24 bytes, **new for each call** from the system's entropy or a CSPRNG. Two states sealed with
///   one key and one nonce give away their contents, and allow forgeries. There are so many nonces that
///   random ones do not repeat.
/// * `expires`: when the state ceases to be valid, in seconds since 1970; soon is better.
///
/// The text is 4/3 as long as the state, and 66 characters more.
///
/// ```
/// use mcp_sansio::{StateContext, StateError, open_state, seal_state};
///
/// let key = [7; 32]; // from the configuration
/// let nonce = [1; 24]; // from the system, for this state only
/// let now = 1_790_000_000; // from the clock
///
/// // The first round of a tool that asks before it deletes.
/// let params = br#"{"name":"delete","arguments":{"path":"/a","force":false},"_meta":{}}"#;
/// let context = StateContext { principal: Some("alice"), method: "tools/call", params: Some(params) };
/// let sealed = seal_state(&key, &nonce, &context, now + 300, b"asked about /a");
/// let result = format!(
///     r#"{{"resultType":"input_required","requestState":"{sealed}","inputRequests":{{"sure":
///         {{"method":"elicitation/create","params":{{"message":"Really?","requestedSchema":{{}}}}}}}}}}"#
/// );
/// # assert!(result.contains(&sealed));
///
/// // The second round: the same request, with the answers and with the text of `requestState`.
/// let params = br#"{"arguments":{"force":false,"path":"/a"},"name":"delete","requestState":"..",
///     "inputResponses":{"sure":{"action":"accept"}},"_meta":{}}"#;
/// let context = StateContext { params: Some(params), ..context };
/// assert_eq!(open_state(&key, &context, now + 20, &sealed), Ok(b"asked about /a".to_vec()));
///
/// // Somebody else's state, or too late: answer with a JSON-RPC error that says no more than this one.
/// let mallory = StateContext { principal: Some("mallory"), ..context };
/// assert_eq!(open_state(&key, &mallory, now + 20, &sealed), Err(StateError::Forged));
/// assert_eq!(open_state(&key, &context, now + 300, &sealed), Err(StateError::Expired));
/// ```
#[must_use]
pub fn seal_state(
    key: &[u8; 32],
    nonce: &[u8; 24],
    context: &StateContext<'_>,
    expires: u64,
    state: &[u8],
) -> String {
    let mut sealed = Vec::with_capacity(1 + NONCE + EXPIRES + state.len() + TAG);
    sealed.push(LAYOUT);
    sealed.extend(nonce);
    let head = sealed.len();
    sealed.extend(expires.to_be_bytes());
    sealed.extend(state);
    let tag = cipher(key).encrypt_inout_detached(
        nonce.into(),
        &associated(context),
        sealed[head..].as_mut().into(),
    );
    // It fails only for more than 256 GiB; then there is nothing that could be opened.
    let Ok(tag) = tag else {
        return String::new();
    };
    sealed.extend(tag);
    URL_SAFE_NO_PAD.encode(sealed)
}

/// Opens what [`seal_state`] made of a state, if all is as it was and `now`, in seconds since 1970, is
/// before it expires.
///
/// # Errors
///
/// What to refuse the request for. A change to the text, another key, another principal and another request
/// are told apart to nobody.
pub fn open_state(
    key: &[u8; 32],
    context: &StateContext<'_>,
    now: u64,
    sealed: &str,
) -> Result<Vec<u8>, StateError> {
    let sealed = URL_SAFE_NO_PAD
        .decode(sealed)
        .map_err(|_| StateError::Malformed)?;
    let (nonce, encrypted, tag) = parts(&sealed).ok_or(StateError::Malformed)?;
    let mut opened = encrypted.to_vec();
    cipher(key)
        .decrypt_inout_detached(
            nonce.into(),
            &associated(context),
            opened.as_mut_slice().into(),
            tag,
        )
        .map_err(|_| StateError::Forged)?;
    let expires = opened.first_chunk().ok_or(StateError::Malformed)?;
    if now >= u64::from_be_bytes(*expires) {
        return Err(StateError::Expired);
    }
    opened.drain(..EXPIRES);
    Ok(opened)
}

/// Why a state was not opened.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StateError {
    /// It was sealed for this request, but its time is over.
    #[error("the requestState has expired: start the request again")]
    Expired,
    /// It was changed, or sealed with another key, for another principal or for another request.
    #[error("the requestState does not belong to this request")]
    Forged,
    /// It is not a text that [`seal_state`] could have written.
    #[error("the requestState is not one of this server")]
    Malformed,
}

fn cipher(key: &[u8; 32]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.into())
}

/// The nonce, the encrypted bytes and the tag, where there is room for all of them.
fn parts(sealed: &[u8]) -> Option<(&[u8; NONCE], &[u8], &Tag)> {
    let (&LAYOUT, rest) = sealed.split_first()? else {
        return None;
    };
    let (nonce, rest) = rest.split_first_chunk()?;
    let (encrypted, tag) = rest.split_last_chunk::<TAG>()?;
    (encrypted.len() >= EXPIRES).then_some((nonce, encrypted, tag.into()))
}

/// What is authenticated but not stored: the context, in bytes that no other context has. The cipher hashes
/// them itself, so that no digest is needed.
fn associated(context: &StateContext<'_>) -> Vec<u8> {
    let params = canonical::params(context.params);
    let mut bytes = Vec::with_capacity(params.len() + 100);
    bytes.push(LAYOUT);
    bytes.push(context.principal.is_some().into());
    for part in [context.principal.unwrap_or_default(), context.method] {
        // Its length first, so that no part can be taken for the beginning of the next.
        bytes.extend((part.len() as u64).to_be_bytes());
        bytes.extend(part.as_bytes());
    }
    bytes.extend(params.iter());
    bytes
}
