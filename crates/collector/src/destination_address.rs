//! Where events shall go, as `--to` names it.
//!
//! The address of a Sumo Logic HTTP source is a credential: whoever has it can write into the account. It is shown
//! only with its code masked, also where it is refused.

use std::path::PathBuf;

use incydr_core::secret::Secret;
use thiserror::Error;
use url::{Position, Url};

use crate::allowed_origin::Origin;
use crate::printable::excerpt;
use crate::secret_source::{self, SecretError};

const RECEIVER: &str = "/receiver/v1/http/";
const MASK: &str = "********";

/// A place for events.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum DestinationAddress {
    /// An HTTP source of Sumo Logic.
    Sumo {
        /// Its URL, with the code that is the credential.
        url: Secret,
        /// The same for people: `https://host/receiver/v1/http/********`.
        shown: String,
    },
    /// A folder of compressed NDJSON files.
    Archive {
        /// The folder.
        dir: PathBuf,
    },
    /// NDJSON on standard output.
    Stdout,
}

/// Why an address is refused. No variant holds the code of a Sumo Logic address.
#[derive(Clone, PartialEq, Eq, Debug, Error)]
pub enum AddressError {
    /// No scheme that we know.
    #[error(
        "`--to {0}` is no destination; write the `https://` address of a Sumo Logic HTTP source, `file:` and a \
         folder, or `-` for standard output"
    )]
    Unknown(String),
    /// `file:` alone.
    #[error("`--to file:` names no folder; write it after the colon, as in `--to file:/var/lib/incydr`")]
    NoFolder,
    /// Not an address of an HTTP source.
    #[error(
        "`--to {0}` is no address of a Sumo Logic HTTP source; copy it whole from the source, as in \
         `https://endpoint.collection.sumologic.com/receiver/v1/http/…`"
    )]
    NotAReceiver(String),
    /// Unencrypted, and not said to be meant.
    #[error(
        "`--to {shown}` is plain http; write `https://`, or pass `--allow-destination-url {origin}` if you mean it"
    )]
    NotEncrypted {
        /// The masked address.
        shown: String,
        /// What would allow it.
        origin: String,
    },
    /// Unencrypted to another machine.
    #[error("`--to {0}` is plain http to another machine; write `https://`")]
    NotLoopback(String),
    /// The variable with the address cannot be read.
    #[error("`--to` {0}")]
    Secret(#[from] SecretError),
    /// The same place twice.
    #[error("`--to {0}` is given twice; name each destination once")]
    Twice(String),
}

impl DestinationAddress {
    /// Reads one `--to`: a Sumo Logic address (or `env:NAME` for a variable that holds it), `file:DIR` or `-`.
    ///
    /// Plain http is accepted for loopback addresses whose origin is in `allowed`.
    pub fn parse(text: &str, allowed: &[Origin]) -> Result<Self, AddressError> {
        if text == "-" {
            return Ok(Self::Stdout);
        }
        if let Some(dir) = text.strip_prefix("file:") {
            let usable = !dir.is_empty() && !dir.contains('\0');
            return usable.then(|| Self::Archive { dir: dir.into() }).ok_or(AddressError::NoFolder);
        }
        if text.starts_with("env:") {
            return receiver(secret_source::resolve(text)?.reveal().trim(), allowed);
        }
        receiver(text, allowed)
    }

    /// Reads all `--to`; the same place may not be named twice.
    pub fn parse_all(texts: &[String], allowed: &[Origin]) -> Result<Vec<Self>, AddressError> {
        texts.iter().try_fold(Vec::new(), |mut addresses, text| {
            let address = Self::parse(text, allowed)?;
            if addresses.contains(&address) {
                return Err(AddressError::Twice(address.shown()));
            }
            addresses.push(address);
            Ok(addresses)
        })
    }

    /// The address for people, without its secret.
    pub fn shown(&self) -> String {
        match self {
            Self::Sumo { shown, .. } => shown.clone(),
            Self::Archive { dir } => format!("file:{}", excerpt(&dir.to_string_lossy(), 200)),
            Self::Stdout => "-".to_owned(),
        }
    }
}

/// `text` with the code of every Sumo Logic address in it masked.
pub fn mask_receiver_codes(text: &str) -> String {
    let mut parts = text.split(RECEIVER);
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |masked, part| {
        let is_end = |character: char| character.is_whitespace() || matches!(character, '\'' | '"' | '`');
        let rest = part.find(is_end).map_or("", |end| &part[end..]);
        masked + RECEIVER + MASK + rest
    })
}

fn receiver(text: &str, allowed: &[Origin]) -> Result<DestinationAddress, AddressError> {
    let is_url = ["https://", "http://"]
        .iter()
        .any(|scheme| text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)));
    if !is_url {
        return Err(AddressError::Unknown(masked_unknown(text)));
    }
    let not_a_receiver = || AddressError::NotAReceiver(masked_unknown(text));
    let url = Url::parse(text).map_err(|_| not_a_receiver())?;
    let origin = Origin::of(&url).ok_or_else(not_a_receiver)?;
    let shown = format!("{origin}{RECEIVER}{MASK}");
    if !is_receiver(text, &url) {
        return Err(not_a_receiver());
    }
    if !origin.is_encrypted() && !allowed.contains(&origin) {
        return Err(match origin.is_loopback() {
            true => AddressError::NotEncrypted { shown, origin: origin.to_string() },
            false => AddressError::NotLoopback(shown),
        });
    }
    Ok(DestinationAddress::Sumo { url: Secret::new(url), shown })
}

/// Whether nothing stands around host, receiver path and code, and the parser had nothing to tidy up.
fn is_receiver(text: &str, url: &Url) -> bool {
    let code = url.path().strip_prefix(RECEIVER).unwrap_or_default();
    let is_code_letter = |byte: u8| byte.is_ascii_alphanumeric() || b"-_=.~+%".contains(&byte);
    let is_whole = !code.is_empty() && code.bytes().all(is_code_letter) && text.ends_with(url.path());
    let is_bare = url.username().is_empty() && url.password().is_none() && !text.contains(['@', '\\']);
    is_whole && is_bare && url[Position::AfterPath..].is_empty()
}

/// What may be shown of something that is not understood: its beginning, up to where a secret could stand.
fn masked_unknown(text: &str) -> String {
    let authority = text.find("://").map_or(0, |at| at + 3);
    let text = match text[authority..].rfind('@') {
        Some(at) => format!("{}{MASK}{}", &text[..authority], &text[authority + at..]),
        None => text.to_owned(),
    };
    let cut = text[authority..].find(['/', '?', '#', '\\']).map(|at| authority + at);
    match cut {
        Some(at) if text[at..].starts_with(RECEIVER) => excerpt(&text[..at], 200) + RECEIVER + MASK,
        Some(at) => format!("{}/{MASK}", excerpt(&text[..at], 200)),
        None => excerpt(&text, 200),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const CODE: &str = "ZaVnC4dhaV3canary";

    fn refusal(text: &str) -> String {
        DestinationAddress::parse(text, &[]).expect_err(text).to_string()
    }

    #[test]
    fn the_three_kinds_of_destination_are_told_apart() {
        let url = format!("https://endpoint1.collection.sumologic.com/receiver/v1/http/{CODE}==");
        let sumo = DestinationAddress::parse(&url, &[]).expect("sumo");
        let shown = "https://endpoint1.collection.sumologic.com/receiver/v1/http/********";
        assert_eq!(sumo, DestinationAddress::Sumo { url: Secret::new(&url), shown: shown.to_owned() });
        let archive = DestinationAddress::parse("file:archive", &[]);
        assert_eq!(archive, Ok(DestinationAddress::Archive { dir: "archive".into() }));
        assert_eq!(DestinationAddress::parse("-", &[]), Ok(DestinationAddress::Stdout));
    }

    #[test]
    fn plain_http_needs_the_operator_s_word_and_a_loopback_address() {
        let url = format!("http://127.0.0.1:8043/receiver/v1/http/{CODE}");
        assert!(refusal(&url).contains("`--allow-destination-url http://127.0.0.1:8043`"));
        let other = Origin::parse("http://127.0.0.1:8044").expect("origin");
        assert!(DestinationAddress::parse(&url, &[other]).is_err());
        let same = Origin::parse("http://127.0.0.1:8043").expect("origin");
        assert!(DestinationAddress::parse(&url, &[same]).is_ok());
        assert!(refusal(&format!("http://example.com/receiver/v1/http/{CODE}")).contains("write `https://`"));
    }

    #[test]
    fn no_refusal_shows_the_code() {
        for text in [
            format!("htps://endpoint.example/receiver/v1/http/{CODE}"),
            format!("https://endpoint.example/receiver/v1/htp/{CODE}"),
            format!("https://endpoint.example/receiver/v1/http/{CODE}?x=1"),
            format!("https://endpoint.example/receiver/v1/http/{CODE}#x"),
            format!("https://endpoint.example/receiver/v1/http/{CODE}/more"),
            format!("https://user:{CODE}@endpoint.example/receiver/v1/http/{CODE}"),
            format!("https://endpoint.example\\receiver/v1/http/{CODE}"),
            format!("http://endpoint.example/receiver/v1/http/{CODE}"),
            format!("https://[::/receiver/v1/http/{CODE}"),
            format!("endpoint.example/receiver/v1/http/{CODE}"),
            format!("https://endpoint.example?{CODE}"),
        ] {
            let error = refusal(&text);
            assert!(!error.contains(CODE), "{error}");
            assert!(!mask_receiver_codes(&error).contains(CODE), "{error}");
        }
    }

    #[test]
    fn an_address_without_code_folder_or_scheme_is_refused() {
        for text in
            ["", "https://", "https://endpoint.example/receiver/v1/http/", "file:", "kafka:topic", "--"]
        {
            assert!(refusal(text).contains("--to"), "{text}");
        }
    }

    #[test]
    fn the_same_destination_twice_is_refused() {
        let error = DestinationAddress::parse_all(&["-".to_owned(), "-".to_owned()], &[]).expect_err("twice");
        assert_eq!(error, AddressError::Twice("-".to_owned()));
    }

    #[test]
    fn codes_are_masked_inside_other_text() {
        let text =
            format!("argument 'https://h/receiver/v1/http/{CODE}' and https://h/receiver/v1/http/{CODE}");
        let masked = "argument 'https://h/receiver/v1/http/********' and https://h/receiver/v1/http/********";
        assert_eq!(mask_receiver_codes(&text), masked);
        assert_eq!(mask_receiver_codes("nothing here"), "nothing here");
    }

    proptest! {
        #[test]
        fn no_text_makes_the_reader_panic_or_shows_what_follows_the_host(
            start in "(https?://|file|[a-z]{0,5}:/{0,2})?[a-zäé@.\\[\\]:]{0,12}",
        ) {
            let text = format!("{start}/receiver/v1/http/{CODE}@");
            if let Err(error) = DestinationAddress::parse(&text, &[]) {
                prop_assert!(!error.to_string().contains(CODE), "{}", error);
            }
        }
    }
}
