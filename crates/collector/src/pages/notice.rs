//! What a page says once after a change.
//!
//! A change answers with the address of the page to look at next, which names the notice. Only these sentences can be
//! shown so, whoever made the address.

/// What was done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Notice {
    code: &'static str,
    sentence: &'static str,
}

macro_rules! notices {
    ($($name:ident = $code:literal, $sentence:literal;)*) => {
        impl Notice {
            $(#[doc = $sentence] pub const $name: Self = Self { code: $code, sentence: $sentence };)*
            const ALL: &[Self] = &[$(Self::$name),*];
        }
    };
}

notices! {
    SIGNED_OUT = "signed-out", "You are signed out.";
    COLLECTOR_CREATED = "collector-created", "The collector was created.";
    COLLECTOR_UPDATED = "collector-updated", "The collector was updated.";
    COLLECTOR_DELETED = "collector-deleted", "The collector is being deleted.";
    SOURCE_CREATED = "source-created", "The source was created.";
    SOURCE_UPDATED = "source-updated", "The source was updated.";
    SOURCE_DELETED = "source-deleted", "The source is stopping, and will then be gone.";
    RESTART_INITIATED = "restart-initiated", "The restart of the source was initiated successfully.";
    POLL_INITIATED = "poll-initiated", "The source polls now.";
    BACKFILL_BEGUN = "backfill-begun", "The backfill has begun.";
    BACKFILL_CANCELLED = "backfill-cancelled", "The backfill was canceled.";
    DEAD_LETTER_REDELIVERED = "dead-letter-redelivered", "The dead letter was delivered.";
    DEAD_LETTER_DISCARDED = "dead-letter-discarded", "The dead letter was discarded.";
    FIELD_CREATED = "field-created", "The field was added to the schema.";
    FIELD_ENABLED = "field-enabled", "The field was enabled.";
    FIELD_DISABLED = "field-disabled", "The field was disabled; its values are dropped from now on.";
    FIELD_DELETED = "field-deleted", "The field was deleted.";
    KEY_REVOKED = "key-revoked", "The access key was revoked.";
}

impl Notice {
    /// The notice of this code.
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|notice| notice.code == code)
    }

    /// What it says.
    pub fn sentence(self) -> &'static str {
        self.sentence
    }

    /// The address of a page that says it; `page` has no query yet.
    pub fn on(self, page: &str) -> String {
        format!("{page}?notice={}", self.code)
    }
}
