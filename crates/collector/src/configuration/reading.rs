//! Reads `collector.toml`. The first thing that is wrong is told with its key and what to do about it.

use std::num::NonZeroU32;
use std::path::PathBuf;
use std::time::Duration;

use clap::ValueEnum;
use url::{Position, Url};

use super::toml_tree::{self, DOCUMENT};
use super::{Configuration, DestinationEntry, LogSettings, SumoAccountEntry};
use crate::allowed_origin::{Origin, OriginError};
use crate::collect_plan::RequestPace;
use crate::document::{ConfigError, Json, Object, check_length, check_line};
use crate::secret_source::is_reference;
use crate::settings::{SyncFolder, TlsFiles};
use crate::span::parse_span;
use crate::web::rate_limit::RequestLimits;

const KEYS: [&str; 19] = [
    "listen",
    "data_dir",
    "compression",
    "allowed_base_urls",
    "allowed_destination_urls",
    "sync_sources",
    "sync_collector",
    "destinations",
    "tls",
    "requests",
    "api",
    "limits",
    "log",
    "vault",
    "health_events",
    "sumo_account",
    "metrics",
    "traces",
    "pages",
];
const MOST: u64 = 1_000_000;

impl Configuration {
    /// Reads the text of a configuration file; what it does not say has its default.
    pub fn read(text: &str) -> Result<Self, ConfigError> {
        let tree = toml_tree::parse(text)?;
        let root = Object::root(&tree, DOCUMENT, DOCUMENT)?;
        root.allow_only(&KEYS)?;
        let mut read = Self::default();
        if let Some(text) = root.text("listen")? {
            let remedy = "write an address and a port, as in \"127.0.0.1:8642\"";
            read.listen = text.parse().map_err(|_| root.refuse("listen", "is no address", remedy))?;
        }
        read.data_dir = path(&root, "data_dir")?;
        if let Some(compression) = word(&root, "compression")? {
            read.compression = compression;
        }
        read.allowed_base_urls = origins(&root, "allowed_base_urls")?;
        read.allowed_destination_urls = origins(&root, "allowed_destination_urls")?;
        read.sync = sync(&root)?;
        read.destinations = destinations(&root)?;
        read.tls = tls(&root)?;
        read.pace = pace(&root, read.pace)?;
        read.request_limits = request_limits(&root, read.request_limits)?;
        read.read_limits(&root)?;
        read.log = log(&root)?;
        read.vault_key = vault_key(&root)?;
        if let Some(health) = section(&root, "health_events", &["deliver"])? {
            read.deliver_health_events = health.truth("deliver")?;
        }
        read.sumo_account = sumo_account(&root)?;
        read.traces = traces(&root)?;
        if let Some(metrics) = section(&root, "metrics", &["public"])? {
            read.public_metrics = metrics.get("public").map(|_| metrics.truth("public")).transpose()?;
        }
        if let Some(pages) = section(&root, "pages", &["tail"])? {
            read.keeps_tails = pages.truth("tail")?;
        }
        Ok(read)
    }

    fn read_limits(&mut self, root: &Object<'_>) -> Result<(), ConfigError> {
        let keys = ["collectors", "sources_per_collector", "fields"];
        let Some(limits) = section(root, "limits", &keys)? else { return Ok(()) };
        let [collectors, sources, fields] = keys.map(|key| limits.whole(key, 1..=MOST));
        self.max_collectors = collectors?.unwrap_or(self.max_collectors);
        self.max_sources = sources?.unwrap_or(self.max_sources);
        self.max_fields = fields?.unwrap_or(self.max_fields);
        Ok(())
    }
}

fn section<'a>(root: &Object<'a>, key: &str, keys: &[&str]) -> Result<Option<Object<'a>>, ConfigError> {
    let section = root.object(key)?;
    if let Some(section) = &section {
        section.allow_only(keys)?;
    }
    Ok(section)
}

fn path(object: &Object<'_>, key: &str) -> Result<Option<PathBuf>, ConfigError> {
    let Some(text) = object.text(key)? else { return Ok(None) };
    if text.is_empty() || text.contains('\0') {
        return Err(object.refuse(key, "names no path", "write a path or leave the key out"));
    }
    Ok(Some(text.into()))
}

fn required_path(object: &Object<'_>, key: &str, remedy: &str) -> Result<PathBuf, ConfigError> {
    path(object, key)?.ok_or_else(|| object.refuse(key, "is missing", remedy))
}

/// A word out of a few, the same as on the command line.
fn word<T: ValueEnum>(object: &Object<'_>, key: &str) -> Result<Option<T>, ConfigError> {
    let Some(text) = object.text(key)? else { return Ok(None) };
    T::from_str(text, false).map(Some).map_err(|_| {
        let values = T::value_variants().iter().filter_map(T::to_possible_value);
        let names: Vec<_> = values.map(|value| format!("\"{}\"", value.get_name())).collect();
        ConfigError::unknown_value(&object.path_of(key), text, &format!("write one of {}", names.join(", ")))
    })
}

fn origins(root: &Object<'_>, key: &str) -> Result<Vec<Origin>, ConfigError> {
    let origin = |(path, item): (String, &Json)| {
        Origin::parse_allowed(item.as_text(&path)?)
            .map_err(|error| ConfigError::of_sentence(&path, &error.to_string()))
    };
    root.list(key)?.unwrap_or_default().into_iter().map(origin).collect()
}

fn sync(root: &Object<'_>) -> Result<Option<SyncFolder>, ConfigError> {
    let collector = root.text("sync_collector")?;
    if let Some(name) = collector {
        check_line("sync_collector", name)?;
        check_length("sync_collector", name, 128)?;
    }
    let Some(dir) = path(root, "sync_sources")? else {
        return match collector {
            None => Ok(None),
            Some(_) => Err(root.refuse("sync_collector", "has no `sync_sources`", "name the folder as well")),
        };
    };
    let collector = collector.unwrap_or(SyncFolder::DEFAULT_COLLECTOR).to_owned();
    Ok(Some(SyncFolder { dir, collector }))
}

fn destinations(root: &Object<'_>) -> Result<Vec<DestinationEntry>, ConfigError> {
    let entry = |(path, item): (String, &Json)| {
        let entry = root.element(item, path)?;
        entry.allow_only(&["to", "allow_plain_http"])?;
        let remedy = "write \"env:NAME\" of a variable with a Sumo Logic address, \"file:DIR\" or \"-\"";
        let to = entry.required_text("to", remedy)?.to_owned();
        Ok(DestinationEntry { to, allow_plain_http: entry.truth("allow_plain_http")? })
    };
    root.list("destinations")?.unwrap_or_default().into_iter().map(entry).collect()
}

fn tls(root: &Object<'_>) -> Result<Option<TlsFiles>, ConfigError> {
    let Some(tls) = section(root, "tls", &["certificates", "key"])? else { return Ok(None) };
    Ok(Some(TlsFiles {
        certificates: required_path(&tls, "certificates", "name the PEM file with the certificate chain")?,
        key: required_path(&tls, "key", "name the PEM file with the private key")?,
    }))
}

fn pace(root: &Object<'_>, default: RequestPace) -> Result<RequestPace, ConfigError> {
    let keys = ["per_minute", "timeout", "stall_timeout"];
    let Some(requests) = section(root, "requests", &keys)? else { return Ok(default) };
    let per_minute = requests.whole("per_minute", 1..=u64::from(u32::MAX))?;
    let per_minute = per_minute.and_then(|number| u32::try_from(number).ok()).and_then(NonZeroU32::new);
    Ok(RequestPace {
        per_minute: per_minute.unwrap_or(default.per_minute),
        request_timeout: timeout(&requests, "timeout")?.unwrap_or(default.request_timeout),
        stall_timeout: timeout(&requests, "stall_timeout")?.unwrap_or(default.stall_timeout),
    })
}

fn timeout(object: &Object<'_>, key: &str) -> Result<Option<Duration>, ConfigError> {
    let Some(text) = object.text(key)? else { return Ok(None) };
    let span = parse_span(text).ok();
    let allowed = Duration::from_secs(1)..=Duration::from_secs(3_600);
    let refused = || object.refuse(key, "is no span from 1s to 1h", "write it with its unit, as in \"30s\"");
    span.filter(|span| allowed.contains(span)).map(Some).ok_or_else(refused)
}

fn request_limits(root: &Object<'_>, default: RequestLimits) -> Result<RequestLimits, ConfigError> {
    let keys = ["requests_per_second", "requests_at_once"];
    let Some(api) = section(root, "api", &keys)? else { return Ok(default) };
    let number = |key, default| {
        let given = api.whole(key, 1..=100_000)?;
        Ok(given.and_then(|number| u32::try_from(number).ok()).unwrap_or(default))
    };
    Ok(RequestLimits {
        per_second: number(keys[0], default.per_second)?,
        at_once: number(keys[1], default.at_once)?,
    })
}

fn log(root: &Object<'_>) -> Result<LogSettings, ConfigError> {
    let Some(log) = section(root, "log", &["format", "level"])? else { return Ok(LogSettings::default()) };
    Ok(LogSettings {
        format: word(&log, "format")?.unwrap_or_default(),
        level: word(&log, "level")?.unwrap_or_default(),
    })
}

/// Only where the key is; the key itself has no place in a configuration file.
fn vault_key(root: &Object<'_>) -> Result<Option<String>, ConfigError> {
    let Some(vault) = section(root, "vault", &["key"])? else { return Ok(None) };
    let Some(text) = vault.text("key")? else { return Ok(None) };
    if !is_reference(text) || text.len() <= "file:".len() {
        return Err(vault.refuse("key", "is no reference", "write \"file:PATH\" or \"env:NAME\""));
    }
    Ok(Some(text.to_owned()))
}

fn traces(root: &Object<'_>) -> Result<Option<Origin>, ConfigError> {
    let Some(traces) = section(root, "traces", &["endpoint"])? else { return Ok(None) };
    let Some(endpoint) = traces.text("endpoint")? else { return Ok(None) };
    let refused =
        |error: OriginError| ConfigError::of_sentence(&traces.path_of("endpoint"), &error.to_string());
    Origin::parse_allowed(endpoint).map(Some).map_err(refused)
}

fn sumo_account(root: &Object<'_>) -> Result<Option<SumoAccountEntry>, ConfigError> {
    let Some(account) = section(root, "sumo_account", &["api", "access_id", "access_key"])? else {
        return Ok(None);
    };
    const API: &str = "write its https address, as in \"https://api.sumologic.com/api\"";
    let api = account.required_text("api", API)?;
    let url = Url::parse(api).ok().filter(|url| url.username().is_empty() && url.password().is_none());
    let is_safe = |origin: &Origin| origin.is_encrypted() || origin.is_loopback();
    let is_bare =
        |url: &Url| url[Position::AfterPath..].is_empty() && Origin::of(url).is_some_and(|at| is_safe(&at));
    if !url.is_some_and(|url| is_bare(&url)) {
        return Err(account.refuse("api", "is no address of an API", API));
    }
    let key = account.required_text("access_key", "write \"env:NAME\" or \"file:PATH\"")?;
    if !is_reference(key) {
        return Err(account.refuse("access_key", "is no reference", "write \"env:NAME\" or \"file:PATH\""));
    }
    let access_id = account.required_text("access_id", "write an access ID of the account")?;
    check_line("sumo_account.access_id", access_id)?;
    Ok(Some(SumoAccountEntry {
        api: api.to_owned(),
        access_id: access_id.to_owned(),
        access_key: key.to_owned(),
    }))
}
