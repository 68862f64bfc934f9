//! What somebody can do about a health event.

use incydr_core::health::{ErrorType, Trouble};
use incydr_store::NewHealthEvent;

/// What to do, in one or two sentences.
pub(super) fn advice(event: &NewHealthEvent) -> &'static str {
    if event.tracker == Trouble::RETENTION_ENDS {
        return "Act before Incydr deletes what was not collected yet: find out why collecting is behind.";
    }
    of_tracker(&event.tracker).unwrap_or(match error_type(event) {
        Some(ErrorType::ThirdPartyConfig) => {
            "Correct the source's configuration. Nothing is asked of Incydr until the source is saved or restarted."
        }
        Some(ErrorType::ThirdPartyGeneric) => {
            "Nothing has to be done at first: it is tried again until it works, and nothing is lost meanwhile. If it \
             lasts, look at the state of Incydr's service and at the network in between."
        }
        Some(ErrorType::FirstPartyGeneric) | None => {
            "It is tried again until it works, and nothing is lost meanwhile. Look at the destination, the network \
             and the disk of this installation."
        }
    })
}

fn of_tracker(tracker: &str) -> Option<&'static str> {
    Some(match tracker {
        "InvalidClient" => {
            "Check client ID and secret key in Incydr's console, whether the API client still exists, and whether the \
             base URL is the one of your tenant. Then edit the source, or restart it."
        }
        "Unauthorized" => {
            "Incydr issues tokens but does not take them: check that the base URL is the one of your tenant, then edit \
             or restart the source."
        }
        "Scope" => {
            "Give the API client the scopes that the chosen data needs in Incydr's console, or choose less data. Then \
             restart the source."
        }
        "RateLimited" => {
            "Other clients of this tenant may use up its limit. Collecting has slowed down by itself and goes on."
        }
        "Dns" | "Connect" | "Proxy" | "Tls" => {
            "Check name resolution, proxy, firewall and certificates between this machine and Incydr. It is tried \
             again until it works."
        }
        "SinkUnreachable" | "SinkSlow" => {
            "Check that the destination is up and reachable from this machine. Incydr keeps the events meanwhile."
        }
        "SinkThrottled" => "The destination takes less than arrives: check its ingest limits.",
        "SinkRejected" | "SinkTooLarge" => {
            "The destination refuses what is sent: check that its address is still valid, and its dead letters."
        }
        "StorageFull" => "Make room on the disk. Collecting goes on by itself.",
        "StorageIo" | "StorageReadOnly" | "StorageBusy" => {
            "Check the disk of the data folder and its permissions. Collecting goes on by itself."
        }
        "StorageCorrupt" => "Restore the data folder from a backup: the state file is damaged.",
        _ => return None,
    })
}

fn error_type(event: &NewHealthEvent) -> Option<ErrorType> {
    ErrorType::ALL.into_iter().find(|error_type| error_type.event_name() == event.name)
}
