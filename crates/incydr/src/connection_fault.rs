//! Tells from a failed exchange which fault it was.
//!
//! Place on the path: hop 4, beneath `transport`. The HTTP library wraps the cause in layers, so the whole chain of
//! causes is looked at, most telling first. An address never enters the words, for it may hold a query.

use std::error::Error;
use std::io;

use incydr_core::source::{SourceError, SourceFault};

use crate::error::{failed, presentable};

/// The exchange failed before the headers of the answer were there.
pub(crate) fn before_headers(attempt: &str, error: &reqwest::Error) -> SourceError {
    let fault = if error.is_dns() {
        SourceFault::Dns
    } else if through_proxy(error) {
        SourceFault::Proxy
    } else if causes(error).any(is_tls) {
        SourceFault::Tls
    } else if error.is_builder() {
        SourceFault::InvalidQuery
    } else if causes(error).any(is_garbage) {
        SourceFault::BadPayload
    } else {
        SourceFault::Connect
    };
    failed(attempt, fault, innermost_words(error))
}

/// The exchange failed while the body was arriving.
pub(crate) fn inside_body(attempt: &str, status: u16, error: &reqwest::Error) -> SourceError {
    let fault = if causes(error).any(is_tls) {
        SourceFault::Tls
    } else if causes(error).any(is_damaged_body) {
        SourceFault::BadPayload
    } else {
        SourceFault::Connect
    };
    SourceError { code: Some(status), ..failed(attempt, fault, innermost_words(error)) }
}

/// The cause of all, in the system's own words.
pub(crate) fn innermost_words(error: &(dyn Error + 'static)) -> String {
    causes(error).last().map(|cause| presentable(cause.to_string().as_bytes(), &[])).unwrap_or_default()
}

/// The errors beneath `error`, outermost first; without `error` itself, whose text holds the address.
fn causes<'a>(error: &'a (dyn Error + 'static)) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(beneath(error), |&cause| beneath(cause))
}

/// An `io::Error` hides the error it carries from `source`.
fn beneath<'a>(error: &'a (dyn Error + 'static)) -> Option<&'a (dyn Error + 'static)> {
    match error.downcast_ref::<io::Error>().and_then(io::Error::get_ref) {
        Some(carried) => Some(carried),
        None => error.source(),
    }
}

fn is_tls(cause: &(dyn Error + 'static)) -> bool {
    cause.is::<rustls::Error>()
}

/// The error of a refused tunnel is private to its library; its text is stable and all there is.
fn through_proxy(error: &reqwest::Error) -> bool {
    causes(error).any(|cause| cause.to_string().starts_with("tunnel error"))
}

/// The peer does not speak HTTP.
fn is_garbage(cause: &(dyn Error + 'static)) -> bool {
    cause.downcast_ref::<hyper::Error>().is_some_and(hyper::Error::is_parse)
}

/// The body ended early, is wrongly framed, or is not what its content encoding says.
fn is_damaged_body(cause: &(dyn Error + 'static)) -> bool {
    if let Some(error) = cause.downcast_ref::<hyper::Error>() {
        return error.is_incomplete_message() || error.is_parse();
    }
    cause.downcast_ref::<io::Error>().is_some_and(|error| {
        matches!(
            error.kind(),
            io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
        )
    })
}

#[cfg(test)]
mod tests {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    use tokio::net::TcpListener;

    use super::*;

    #[tokio::test]
    async fn a_proxy_that_refuses_the_tunnel_is_the_proxys_fault() {
        rustls::crypto::ring::default_provider().install_default().ok();
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let proxy = format!("http://{}", listener.local_addr().expect("its address"));
        let refusal = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.expect("a connection");
            let read = stream.read(&mut [0; 1024]).await.expect("a request");
            assert!(read > 0);
            stream.write_all(b"HTTP/1.1 407 No\r\ncontent-length: 0\r\n\r\n").await.expect("an answer");
        });
        let client = reqwest::Client::builder()
            .tls_certs_only([])
            .proxy(reqwest::Proxy::all(proxy).expect("a proxy"))
            .build()
            .expect("a client");
        let error = client.get("https://api.invalid/").send().await.expect_err("a refusal");
        let error = before_headers("searching", &error);
        assert_eq!((error.fault, error.code), (SourceFault::Proxy, None));
        assert_eq!(
            error.to_string(),
            "searching: the proxy refused: tunnel error: proxy authorization required"
        );
        refusal.await.expect("a proxy");
    }
}
