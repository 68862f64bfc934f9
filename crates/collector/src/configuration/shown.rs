//! Writes a configuration as TOML, every key with its meaning, so that what is printed can be read again.
//!
//! A key without a value of its own stands there as a comment. Addresses with a code are masked.

use std::fmt::Write;
use std::path::Path;
use std::time::Duration;

use clap::ValueEnum;
use toml::Value;

use super::Configuration;
use crate::allowed_origin::Origin;
use crate::destination_address::mask_receiver_codes;
use crate::settings::SyncFolder;

/// Collects the lines.
#[derive(Default)]
struct Page(String);

impl Configuration {
    /// The configuration as the text of a configuration file, without secrets.
    pub fn to_toml(&self) -> String {
        let mut page = Page::default();
        page.say("The configuration of incydr-collector. Every key may be left out; what stands here is its default");
        page.say("unless it was changed. Options of the command line win over this file.");
        self.write_top(&mut page);
        self.write_destinations(&mut page);
        self.write_tls(&mut page);
        self.write_paces(&mut page);
        self.write_rest(&mut page);
        page.0
    }

    fn write_top(&self, page: &mut Page) {
        page.part(
            "Where the API listens. An address beyond this machine needs [tls]. Port 0 takes any free one.",
        );
        page.key("listen", text(&self.listen.to_string()));
        page.part("The folder that keeps configurations, places and the key of the vault. Unless set, it is");
        page.say("`incydr-collector` in $XDG_DATA_HOME or ~/.local/share.");
        page.key_or("data_dir", self.data_dir.as_deref().map(path), "\"/var/lib/incydr-collector\"");
        page.part("How batches travel to Sumo Logic: \"gzip\", \"zstd\" or \"none\".");
        page.key("compression", word(self.compression));
        page.part(
            "Origins that a source may have as `baseURL` besides Incydr's own; plain http on loopback only.",
        );
        page.key("allowed_base_urls", origins(&self.allowed_base_urls));
        page.part("Loopback origins that destinations may reach by plain http.");
        page.key("allowed_destination_urls", origins(&self.allowed_destination_urls));
        page.part(
            "A folder of source files (*.json). The collector named here has exactly these sources, and they",
        );
        page.say(
            "cannot be changed over the API. Secrets in the files may be \"env:NAME\" or \"file:PATH\".",
        );
        let dir = self.sync.as_ref().map(|sync| path(&sync.dir));
        page.key_or("sync_sources", dir, "\"/etc/incydr-collector/sources\"");
        let collector = self.sync.as_ref().map(|sync| text(&sync.collector));
        page.key_or("sync_collector", collector, &format!("{:?}", SyncFolder::DEFAULT_COLLECTOR));
    }

    fn write_destinations(&self, page: &mut Page) {
        page.part("Where events go; an event is done when all destinations have it. `to` is \"env:NAME\" of a variable");
        page.say("that holds the address of a Sumo Logic HTTP source, \"file:DIR\" for an archive folder, or \"-\" for");
        page.say("standard output. Unless set, events go to the folder `archive` in the data folder.");
        if self.destinations.is_empty() {
            page.line("# [[destinations]]\n# to = \"env:SUMO_URL\"\n# allow_plain_http = false");
        }
        for destination in &self.destinations {
            page.line("[[destinations]]");
            page.key("to", text(&mask_receiver_codes(&destination.to)));
            page.key("allow_plain_http", destination.allow_plain_http);
        }
    }

    fn write_tls(&self, page: &mut Page) {
        page.part("The certificate chain and the private key of the API's listener, both PEM.");
        match &self.tls {
            None => page.line("# [tls]\n# certificates = \"server.pem\"\n# key = \"server.key\""),
            Some(tls) => {
                page.line("[tls]");
                page.key("certificates", path(&tls.certificates));
                page.key("key", path(&tls.key));
            }
        }
    }

    fn write_paces(&self, page: &mut Page) {
        page.part("Requests to Incydr, for each tenant: how many in any minute, how long one may take, and how long an");
        page.say("answer that has begun may be silent.");
        page.line("[requests]");
        page.key("per_minute", i64::from(self.pace.per_minute.get()));
        page.key("timeout", span(self.pace.request_timeout));
        page.key("stall_timeout", span(self.pace.stall_timeout));
        page.part("What one access key may do.");
        page.line("[api]");
        page.key("requests_per_second", i64::from(self.request_limits.per_second));
        page.key("requests_at_once", i64::from(self.request_limits.at_once));
    }

    fn write_rest(&self, page: &mut Page) {
        page.part("How much may be created.");
        page.line("[limits]");
        page.key("collectors", number(self.max_collectors));
        page.key("sources_per_collector", number(self.max_sources));
        page.key("fields", number(self.max_fields));
        page.part("The log on standard error: \"text\" or \"json\"; \"error\", \"warn\", \"info\", \"debug\" or \"trace\".");
        page.line("[log]");
        page.key("format", word(self.log.format));
        page.key("level", word(self.log.level));
        page.part("The key that seals secrets: \"file:PATH\", made on the first start, or \"env:NAME\" of a variable with 32");
        page.say("bytes in base64. Unless set, it is the file `vault.key` in the data folder.");
        page.line("[vault]");
        page.key_or("key", self.vault_key.as_deref().map(text), "\"env:VAULT_KEY\"");
        page.part("Whether health events go to the Sumo Logic destinations, with the category `Collection`.");
        page.line("[health_events]");
        page.key("deliver", self.deliver_health_events);
        page.part("Whether everybody may read /metrics. Unless set, yes when only this machine reaches the listener.");
        page.line("[metrics]");
        page.key_or("public", self.public_metrics.map(Value::from), "true");
        page.part("Where traces go, to a receiver of OpenTelemetry over HTTP: https, or plain http on loopback. Unless set,");
        page.say("there are none.");
        page.line("[traces]");
        let endpoint = self.traces.as_ref().map(|endpoint| text(&endpoint.to_string()));
        page.key_or("endpoint", endpoint, "\"http://127.0.0.1:4318\"");
        page.part("Whether a page shows the last events of each source as they are delivered, to everybody who may see the");
        page.say("source. They stay in memory: the last 200 of a source, at most 1 MiB.");
        page.line("[pages]");
        page.key("tail", self.keeps_tails);
        self.write_sumo_account(page);
    }
}

impl Configuration {
    fn write_sumo_account(&self, page: &mut Page) {
        page.part("The Sumo Logic account whose schema of fields is read and written, instead of one of our own. The");
        page.say("key is \"env:NAME\" or \"file:PATH\".");
        match &self.sumo_account {
            None => page.line(
                "# [sumo_account]\n# api = \"https://api.sumologic.com/api\"\n# access_id = \"su1\"\n\
                 # access_key = \"env:SUMO_ACCESS_KEY\"",
            ),
            Some(account) => {
                page.line("[sumo_account]");
                page.key("api", text(&account.api));
                page.key("access_id", text(&account.access_id));
                page.key("access_key", text(&account.access_key));
            }
        }
    }
}

impl Page {
    fn line(&mut self, line: &str) {
        self.0.push_str(line);
        self.0.push('\n');
    }

    fn say(&mut self, sentence: &str) {
        self.line(&format!("# {sentence}"));
    }

    fn part(&mut self, sentence: &str) {
        self.line("");
        self.say(sentence);
    }

    fn key(&mut self, key: &str, value: impl Into<Value>) {
        // Writing to a text cannot fail.
        writeln!(self.0, "{key} = {}", value.into()).unwrap_or_default();
    }

    /// A key, or how it could be set.
    fn key_or(&mut self, key: &str, value: Option<Value>, example: &str) {
        match value {
            Some(value) => self.key(key, value),
            None => self.line(&format!("# {key} = {example}")),
        }
    }
}

fn text(text: &str) -> Value {
    Value::String(text.to_owned())
}

fn path(path: &Path) -> Value {
    text(&path.to_string_lossy())
}

fn number(number: u64) -> Value {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn span(span: Duration) -> Value {
    let (seconds, rest) = (span.as_secs(), span.subsec_millis());
    let whole = rest == 0;
    text(&if whole { format!("{seconds}s") } else { format!("{}ms", span.as_millis()) })
}

fn word<T: ValueEnum>(value: T) -> Value {
    value.to_possible_value().map_or_else(|| text(""), |value| text(value.get_name()))
}

fn origins(origins: &[Origin]) -> Value {
    Value::Array(origins.iter().map(|origin| text(&origin.to_string())).collect())
}
