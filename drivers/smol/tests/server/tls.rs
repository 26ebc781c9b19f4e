//! Both ends over TLS, with a certificate that the client was told to trust.

use std::sync::Arc;

use futures_rustls::TlsAcceptor;
use mcp_sansio_smol::rustls::crypto::aws_lc_rs;
use mcp_sansio_smol::rustls::pki_types::PrivateKeyDer;
use mcp_sansio_smol::rustls::{ClientConfig, RootCertStore, ServerConfig};
use mcp_sansio_smol::server::connection;
use mcp_sansio_smol::{CallError, Client, Execution, client_builder};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use serde_json::json;

use crate::site::{builder, listen, soon};

/// A server for `localhost`, and whom it is to be trusted by.
fn secure() -> (String, ClientConfig) {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let key = PrivateKeyDer::try_from(signing_key.serialize_der()).unwrap();
    // Other crates of the workspace bring other cryptography, so that it is to be said which.
    let provider = Arc::new(aws_lc_rs::default_provider());
    let server = ServerConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(vec![cert.der().clone()], key)
        .unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(cert.der().clone()).unwrap();
    let client = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();

    let service = builder().serve(|_| async { Ok(json!({"content": "over TLS"})) });
    let service = service.unwrap();
    let acceptor = TlsAcceptor::from(Arc::new(server));
    let (listener, address) = listen();
    let serving = async move {
        loop {
            let (stream, _) = listener.accept().await.unwrap();
            let (acceptor, service) = (acceptor.clone(), service.clone());
            let running = async move {
                // An error is a client that does not trust it.
                if let Ok(stream) = acceptor.accept(stream).await {
                    let _ = connection(stream, service).await;
                }
            };
            smol::spawn(running).detach();
        }
    };
    smol::spawn::<()>(serving).detach();
    (format!("https://localhost:{}/mcp", address.port()), client)
}

#[test]
fn who_is_trusted_is_called() {
    let (url, trusting) = secure();
    let http = client_builder().tls(trusting).build().unwrap();
    smol::block_on(async {
        let client = Client::builder(url).http_client(http);
        let client = soon(client.connect()).await.unwrap();
        for _ in 0..3 {
            let result = soon(client.call_tool("any", json!({}))).await.unwrap();
            assert_eq!(result["content"], "over TLS");
        }
        soon(client.close()).await;
    });
}

/// By default the operating system says who is trusted, and it has never heard of this one.
#[test]
fn who_is_not_is_not_sent_anything() {
    let (url, _) = secure();
    let error = smol::block_on(soon(Client::connect(url))).err();
    let Some(CallError::Failed(failure)) = error else {
        panic!("{error:?}");
    };
    assert_eq!(failure.execution, Execution::NotSent);
    let told = format!("{failure:#}").to_lowercase();
    assert!(told.contains("certificate"), "{told}");
}
