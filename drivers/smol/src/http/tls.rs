//! TLS over a connection, by rustls.

use std::io;
use std::sync::Arc;

use futures_rustls::TlsConnector;
use futures_rustls::rustls::crypto::{CryptoProvider, aws_lc_rs};
use futures_rustls::rustls::pki_types::ServerName;
use futures_rustls::rustls::{ClientConfig, Error};
use http::Uri;
use rustls_platform_verifier::BuilderVerifierExt as _;

use super::connect::{Open, boxed, host};

/// The certificates of the operating system, and the application's own cryptography if it has installed some.
pub(super) fn platform() -> Result<ClientConfig, Error> {
    let provider = CryptoProvider::get_default().cloned();
    let provider = provider.unwrap_or_else(|| Arc::new(aws_lc_rs::default_provider()));
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_platform_verifier()?
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(config)
}

/// TLS over an open connection, with whom the URL names.
pub(super) async fn over(open: Open, url: &Uri, config: Arc<ClientConfig>) -> io::Result<Open> {
    let name = ServerName::try_from(host(url).to_owned()).map_err(io::Error::other)?;
    let stream = TlsConnector::from(config).connect(name, open).await?;
    Ok(boxed(stream))
}
