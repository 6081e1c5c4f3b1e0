//! Loads the root certificates that the connector trusts.

use std::path::Path;

use reqwest::{Certificate, Client};

use crate::failure::Failure;

/// The variable that names a PEM file with additional roots, for example of a company proxy.
const CERTIFICATES: &str = "SSL_CERT_FILE";

/// Returns Mozilla's roots, bundled because the container image has no certificate store, and the
/// roots of the file in `SSL_CERT_FILE`.
pub(crate) fn roots() -> Result<Vec<Certificate>, Failure> {
    let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    let mut roots: Vec<_> = bundled
        .filter_map(|root| Certificate::from_der(root).ok())
        .collect();
    if let Some(path) = std::env::var_os(CERTIFICATES).filter(|path| !path.is_empty()) {
        roots.extend(added_roots(Path::new(&path))?);
    }
    Ok(roots)
}

/// Reads the certificates of a PEM file. A bad certificate is an error. If it were ignored, the
/// connector would reject the server without a visible reason.
fn added_roots(path: &Path) -> Result<Vec<Certificate>, Failure> {
    const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
    let path_shown = path.display();
    let unreadable = || {
        Failure::config(format!(
            "{CERTIFICATES} names {path_shown}, which contains no readable certificate."
        ))
    };
    let bad = |number: usize| {
        Failure::config(format!(
            "{CERTIFICATES} names {path_shown}, whose certificate number {number} is not readable. Replace or remove that certificate."
        ))
    };
    let pem = std::fs::read(path).map_err(|error| unreadable().because(error))?;
    let pem = String::from_utf8_lossy(&pem);
    let mut certificates = Vec::new();
    for (number, block) in (1..).zip(pem.split(BEGIN).skip(1)) {
        let block = Certificate::from_pem_bundle(format!("{BEGIN}{block}").as_bytes());
        let block = block.map_err(|error| bad(number).because(error))?;
        certificates.push(block.into_iter().next().ok_or_else(|| bad(number))?);
    }
    if certificates.is_empty() {
        return Err(unreadable());
    }
    // reqwest checks the content of certificates only when it builds a client.
    let are_good = |roots: &[Certificate]| {
        let client = Client::builder().tls_certs_only(roots.to_vec());
        client.build().is_ok()
    };
    let mut each = certificates.chunks(1);
    match are_good(&certificates) {
        true => Ok(certificates),
        false => Err(bad(each
            .position(|root| !are_good(root))
            .unwrap_or_default()
            + 1)),
    }
}
