//! From what the operator wrote to what the daemon works by.

use std::path::Path;

use super::{Configuration, DestinationEntry, SumoAccountEntry};
use crate::allowed_origin::Origin;
use crate::api::Terms;
use crate::collect_plan::RequestPace;
use crate::destination_address::DestinationAddress;
use crate::failure::Failure;
use crate::resources::fields::SumoAccount;
use crate::secret_source;
use crate::settings::{Settings, VaultKeyPlace};
use crate::state_address;

impl Configuration {
    /// Judges everything, and fetches the addresses of destinations; opens nothing.
    pub fn settings(self) -> Result<Settings, Failure> {
        let data_dir = match &self.data_dir {
            Some(dir) => dir.clone(),
            None => state_address::data_dir().map_err(Failure::mistake)?,
        };
        let destinations = self.addresses(&data_dir)?;
        let is_sumo = |address: &DestinationAddress| matches!(address, DestinationAddress::Sumo { .. });
        if self.deliver_health_events && !destinations.iter().any(is_sumo) {
            let sentence =
                "`health_events.deliver` needs a Sumo Logic destination; name one or set it to false";
            return Err(Failure::mistake(sentence));
        }
        if self.pace.per_minute.get() > RequestPace::VENDOR_LIMIT && self.allowed_base_urls.is_empty() {
            let limit = RequestPace::VENDOR_LIMIT;
            let sentence = format!("`requests.per_minute` is more than Incydr allows; write 1 to {limit}");
            return Err(Failure::mistake(sentence));
        }
        Ok(Settings {
            destinations,
            vault_key: self.vault_key_place(&data_dir),
            data_dir,
            listen: self.listen,
            tls: self.tls,
            compression: self.compression,
            pace: self.pace,
            terms: Terms {
                allowed_origins: self.allowed_base_urls,
                max_collectors: self.max_collectors,
                max_sources: self.max_sources,
                max_fields: self.max_fields,
                // Who can reach this listener is on this machine.
                has_public_metrics: self.public_metrics.unwrap_or(self.listen.ip().is_loopback()),
            },
            traces: self.traces,
            sumo_account: self.sumo_account.as_ref().map(SumoAccountEntry::account).transpose()?,
            request_limits: self.request_limits,
            sync: self.sync,
            deliver_health_events: self.deliver_health_events,
            keeps_tails: self.keeps_tails,
        })
    }

    fn addresses(&self, data_dir: &Path) -> Result<Vec<DestinationAddress>, Failure> {
        if self.destinations.is_empty() {
            return Ok(vec![DestinationAddress::Archive { dir: data_dir.join("archive") }]);
        }
        let mut addresses = Vec::new();
        for entry in &self.destinations {
            let address = entry.address(&self.allowed_destination_urls)?;
            if addresses.contains(&address) {
                let shown = address.shown();
                let sentence =
                    format!("the destination `{shown}` is given twice; name each destination once");
                return Err(Failure::mistake(sentence));
            }
            addresses.push(address);
        }
        Ok(addresses)
    }

    /// Where the key of the vault is, for a daemon with this data folder.
    pub fn vault_key_place(&self, data_dir: &Path) -> VaultKeyPlace {
        let Some(reference) = &self.vault_key else { return Settings::default_vault_key(data_dir) };
        match reference.strip_prefix("env:") {
            Some(name) => VaultKeyPlace::Variable(name.to_owned()),
            None => VaultKeyPlace::File(reference.trim_start_matches("file:").into()),
        }
    }
}

impl SumoAccountEntry {
    /// The account with its key; sends nothing.
    fn account(&self) -> Result<SumoAccount, Failure> {
        let key = secret_source::resolve(&self.access_key)
            .map_err(|error| Failure::mistake(format!("`sumo_account.access_key` {error}")))?;
        SumoAccount::new(&self.api, self.access_id.as_str(), key).map_err(Failure::ours)
    }
}

impl DestinationEntry {
    fn address(&self, allowed: &[Origin]) -> Result<DestinationAddress, Failure> {
        let own = self.own_origin().filter(|_| self.allow_plain_http);
        let allowed: Vec<_> = allowed.iter().cloned().chain(own).collect();
        DestinationAddress::parse(&self.to, &allowed).map_err(|error| {
            Failure::mistake(error).with_hint("in the configuration file this is a `to` of `destinations`")
        })
    }

    /// The origin of the address, if it is one that may be plain http.
    fn own_origin(&self) -> Option<Origin> {
        let address = secret_source::resolve(&self.to).ok()?;
        let url = url::Url::parse(address.reveal().trim()).ok()?;
        Origin::of(&url).filter(Origin::is_loopback)
    }
}
