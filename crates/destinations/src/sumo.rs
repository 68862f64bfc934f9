//! Sumo Logic's HTTP source.
//!
//! Place on the path: hop 7. One request carries one part as NDJSON, and the headers that tell the Code42 Incydr app,
//! parser and mappings what it is. The service has no idempotency key: after an attempt without an answer the same
//! bytes are sent again, and the events may be there twice.
//!
//! The HTTP source must have multiline processing switched off, or it may glue lines together.

mod answer;
mod broken_exchange;
mod metadata;
mod receiver;

use std::collections::BTreeSet;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use incydr_core::batch::BatchPart;
use incydr_core::destination::{Acknowledgement, DeliveryError, DeliveryFault, DeliveryLimits, Destination};
use incydr_core::exchange_meter::ExchangeMeter;
use incydr_core::secret::Secret;
use reqwest::dns::Resolve;
use reqwest::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use reqwest::{Client, ClientBuilder, RequestBuilder};
use thiserror::Error;
use tokio::sync::Semaphore;
use tokio::time::Instant;

use self::answer::Answer;
use self::receiver::Receiver;
use crate::encode::{Compression, Encoder};
use crate::storage_error::storage_error;

pub use self::metadata::{MAX_FIELD_NAME, MAX_FIELD_VALUE, MAX_FIELDS, Metadata, MetadataError};

const NAME: &str = "sumo";
const CLIENT: &str = "incydr-collector";
const USER_AGENT: &str = concat!("incydr-collector/", env!("CARGO_PKG_VERSION"));

/// What the service recommends at most, before compression.
const MAX_BYTES: usize = 1_000_000;
/// A longer message is stored in chunks, which no longer are JSON.
const MAX_MESSAGE_BYTES: usize = 65_536;
/// An HTTP source is not made for many connections.
const MAX_CONNECTIONS: usize = 8;
/// The service's load balancer closes a connection that was idle for 30 s. A request that meets this moment has an
/// unknown outcome, so we close first.
const IDLE_TIMEOUT: Duration = Duration::from_secs(20);
/// Different remarks that are remembered; a service that makes up more than these is logged again.
const MAX_REMARKS: usize = 64;

/// How to reach a Sumo Logic HTTP source, and what to tell it.
#[derive(Clone, Debug)]
pub struct SumoOptions {
    /// The address of the HTTP source: https, or http for a receiver on this machine.
    pub url: Secret,
    /// How bodies are compressed.
    pub compression: Compression,
    /// What is said about every message.
    pub metadata: Metadata,
    /// Requests, and so connections, at once: 1 to 8.
    pub max_in_flight: usize,
    /// From the first byte sent to the last byte answered.
    pub request_timeout: Duration,
    /// Until the connection stands, TLS included.
    pub connect_timeout: Duration,
}

impl SumoOptions {
    /// The recommended settings for the HTTP source at `url`.
    pub fn new(url: Secret) -> Self {
        Self {
            url,
            compression: Compression::default(),
            metadata: Metadata::default(),
            max_in_flight: 4,
            request_timeout: Duration::from_secs(30),
            connect_timeout: Duration::from_secs(10),
        }
    }
}

/// Why a destination cannot be made from its options. Never holds the address.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum ConfigurationError {
    /// The address cannot be read.
    #[error("configuring the Sumo Logic destination: its address is not a URL")]
    Address,
    /// The address would be sent in the clear, or is no web address.
    #[error("configuring the Sumo Logic destination: its address must begin with https://")]
    Scheme,
    /// The metadata cannot be sent.
    #[error("configuring the Sumo Logic destination: {0}")]
    Metadata(#[from] MetadataError),
    /// The HTTP client cannot be set up.
    #[error("configuring the Sumo Logic destination: preparing the HTTPS client: {0}")]
    Client(String),
}

/// A Sumo Logic HTTP source. Clones share its connections, so that all streams of a source together keep within
/// [`SumoOptions::max_in_flight`]; and they share what is said about messages.
#[derive(Clone, Debug)]
pub struct Sumo {
    line: Arc<Line>,
    headers: Arc<Mutex<Arc<HeaderMap>>>,
}

/// The way to one receiver.
#[derive(Debug)]
struct Line {
    receiver: Receiver,
    client: Client,
    meter: ExchangeMeter,
    encoder: Encoder,
    compression: Compression,
    max_in_flight: usize,
    slots: Semaphore,
    remarks: Mutex<BTreeSet<String>>,
}

impl Sumo {
    /// Prepares the client; sends nothing.
    pub fn new(options: SumoOptions) -> Result<Self, ConfigurationError> {
        Self::over(Client::builder(), options)
    }

    /// Like [`Sumo::new`], but `resolver` gives the addresses of the receiver's host, and not the system.
    pub fn resolved_by(resolver: Arc<dyn Resolve>, options: SumoOptions) -> Result<Self, ConfigurationError> {
        Self::over(Client::builder().dns_resolver(resolver), options)
    }

    fn over(client: ClientBuilder, options: SumoOptions) -> Result<Self, ConfigurationError> {
        options.metadata.validate()?;
        let receiver = Receiver::parse(&options.url)?;
        let max_in_flight = options.max_in_flight.clamp(1, MAX_CONNECTIONS);
        let line = Line {
            client: complete(client, &options, &receiver, max_in_flight)?,
            encoder: Encoder::new(options.compression),
            compression: options.compression,
            receiver,
            max_in_flight,
            meter: ExchangeMeter::default(),
            slots: Semaphore::new(max_in_flight),
            remarks: Mutex::default(),
        };
        Ok(Self::on(Arc::new(line), &options.metadata))
    }

    /// The same receiver, over the same connections, for messages of which nothing is said until [`Sumo::relabel`].
    #[must_use]
    pub fn unlabeled(&self) -> Self {
        Self::on(self.line.clone(), &Metadata::default())
    }

    /// From the next request on, this and all its clones say `metadata` about messages.
    pub fn relabel(&self, metadata: &Metadata) -> Result<(), MetadataError> {
        metadata.validate()?;
        let headers = Arc::new(headers(self.line.compression, metadata));
        *self.headers.lock().unwrap_or_else(PoisonError::into_inner) = headers;
        Ok(())
    }

    /// Whether the receiver answers a ping; sends no event.
    pub async fn probe(&self) -> Result<(), DeliveryError> {
        let line = &self.line;
        let answer = line.exchange(line.client.get(line.receiver.reveal())).await?;
        match answer::fault_of(answer.status) {
            None => Ok(()),
            Some(fault) => Err(line.refusal(fault, &answer)),
        }
    }

    /// Counts the requests over these connections, each until its answer was read.
    pub fn meter(&self) -> &ExchangeMeter {
        &self.line.meter
    }

    fn on(line: Arc<Line>, metadata: &Metadata) -> Self {
        let headers = Arc::new(headers(line.compression, metadata));
        Self { line, headers: Arc::new(Mutex::new(headers)) }
    }

    fn headers(&self) -> HeaderMap {
        let headers = self.headers.lock().unwrap_or_else(PoisonError::into_inner).clone();
        HeaderMap::clone(&headers)
    }
}

impl Line {
    async fn exchange(&self, request: RequestBuilder) -> Result<Answer, DeliveryError> {
        // Nothing ever closes the semaphore, and without a permit the request would be no less right.
        let _slot = self.slots.acquire().await;
        let (under_way, started) = (self.meter.begin(), Instant::now());
        match request.send().await {
            Ok(response) => {
                let answer = Answer::read(response).await;
                under_way.end(Some(answer.status.as_u16()), started.elapsed());
                Ok(answer)
            }
            Err(error) => {
                under_way.end(None, started.elapsed());
                let (fault, reason) = broken_exchange::explain(&error);
                Err(self.error(fault, &reason))
            }
        }
    }

    fn refusal(&self, fault: DeliveryFault, answer: &Answer) -> DeliveryError {
        let words = match answer.body.trim() {
            "" => format!("HTTP {}", answer.status),
            body => format!("HTTP {}: {body}", answer.status),
        };
        DeliveryError {
            code: Some(answer.status.as_u16()),
            retry_after: answer.retry_after,
            ..self.error(fault, &words)
        }
    }

    fn error(&self, fault: DeliveryFault, words: &str) -> DeliveryError {
        DeliveryError {
            destination: NAME.to_owned(),
            fault,
            code: None,
            info: self.receiver.quote(words),
            retry_after: None,
        }
    }

    /// A positive answer may say that fields were dropped. Every batch would repeat it, so it is logged once.
    fn note_remark(&self, answer: &Answer) {
        let Some(remark) = answer.remark().map(|words| self.receiver.quote(&words)) else { return };
        let mut remarks = self.remarks.lock().unwrap_or_else(PoisonError::into_inner);
        if remarks.len() >= MAX_REMARKS {
            remarks.clear();
        }
        if remarks.insert(remark.clone()) {
            tracing::warn!(destination = NAME, remark, "the receiver took a batch and remarked on it");
        }
    }
}

#[async_trait]
impl Destination for Sumo {
    fn name(&self) -> &str {
        NAME
    }

    fn limits(&self) -> DeliveryLimits {
        DeliveryLimits {
            max_bytes: MAX_BYTES,
            max_message_bytes: MAX_MESSAGE_BYTES,
            max_in_flight: self.line.max_in_flight,
        }
    }

    async fn deliver(&self, part: BatchPart<'_>) -> Result<Acknowledgement, DeliveryError> {
        let line = &self.line;
        let encoded = line.encoder.encode(part.shared_ndjson()).await;
        let body = encoded.map_err(|error| storage_error(NAME, "compressing a batch", &error))?;
        let sent_bytes = body.len() as u64;
        let request = line.client.post(line.receiver.reveal()).headers(self.headers()).body(body);
        let answer = line.exchange(request).await?;
        match answer.fault() {
            None => {
                line.note_remark(&answer);
                Ok(Acknowledgement { sent_bytes, receipt: None })
            }
            Some(fault) => Err(line.refusal(fault, &answer)),
        }
    }
}

/// HTTP/1.1 only: each attempt then fails alone, and the number of connections is the number of attempts.
fn complete(
    client: ClientBuilder,
    options: &SumoOptions,
    receiver: &Receiver,
    max_in_flight: usize,
) -> Result<Client, ConfigurationError> {
    // An error says that a provider is installed already, which is all that we want.
    rustls::crypto::ring::default_provider().install_default().ok();
    let builder = client
        .user_agent(USER_AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .http1_only()
        .no_gzip()
        .connect_timeout(options.connect_timeout)
        .timeout(options.request_timeout)
        .pool_idle_timeout(IDLE_TIMEOUT)
        .pool_max_idle_per_host(max_in_flight);
    // No proxy leads to this machine.
    let builder = if receiver.is_loopback() { builder.no_proxy() } else { builder };
    builder.build().map_err(|error| ConfigurationError::Client(error.without_url().to_string()))
}

/// The headers that every request carries. They are the same for every batch: metadata holds for a whole request.
fn headers(compression: Compression, metadata: &Metadata) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(HeaderName::from_static("x-sumo-client"), HeaderValue::from_static(CLIENT));
    if let Some(encoding) = compression.content_encoding() {
        headers.insert(CONTENT_ENCODING, HeaderValue::from_static(encoding));
    }
    for (name, value) in metadata.headers() {
        // As UTF-8, which the service reads. Only control characters are no header bytes, and none is left here.
        if let Ok(value) = HeaderValue::from_bytes(value.as_bytes()) {
            headers.insert(HeaderName::from_static(name), value);
        }
    }
    headers
}
