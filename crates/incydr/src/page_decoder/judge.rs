//! Makes an event of an element, or keeps the element with the reason why it is none.
//!
//! Keeps I7: the payload is the vendor's text to the byte, but for line breaks between tokens, which would break
//! NDJSON: an element with such a break loses the white space that means nothing.

use std::collections::HashMap;

use incydr_core::event::{EventBlock, EventId, Undecodable};
use incydr_core::timestamp::Timestamp;

use super::flaw::Flaw;
use super::inspection::{WellFormed, inspect_element};
use super::shape::{FieldPath, Identity, PageShape, TimeField};
use super::text;

/// Judges the elements of one page.
pub(super) struct Judge {
    identity: Identity,
    time: TimeField,
    /// How often each row came in this page; only rows without an id are counted.
    rows: HashMap<u128, u32>,
}

impl Judge {
    pub(super) fn new(shape: &PageShape) -> Self {
        Self { identity: shape.identity, time: shape.time, rows: HashMap::new() }
    }

    /// Appends `element` to the block as what it is. `proven` says what the screen knows of it if it has proven it
    /// good.
    pub(super) fn settle(&mut self, element: &[u8], proven: Option<WellFormed>, block: &mut EventBlock) {
        let element = text::trim_end(element);
        if let Err(flaw) = self.admit(element, proven, block) {
            block.undecodable.push(Undecodable { raw: element.to_vec(), reason: flaw.to_string() });
        }
    }

    fn admit(
        &mut self,
        element: &[u8],
        proven: Option<WellFormed>,
        block: &mut EventBlock,
    ) -> Result<(), Flaw> {
        let known = match proven {
            Some(known) => known,
            None => inspect_element(element, self.identity.path(), self.time.path())?,
        };
        let time = time_of(self.time, element, known.fields.time)?;
        if known.has_line_breaks {
            let payload = text::compact(element);
            let id = self.id_of(element, known.fields.id, &payload)?;
            block.push(&payload, id, time);
        } else {
            let id = self.id_of(element, known.fields.id, element)?;
            block.push(element, id, time);
        }
        Ok(())
    }

    fn id_of(&mut self, element: &[u8], at: Option<usize>, payload: &[u8]) -> Result<EventId, Flaw> {
        match self.identity {
            Identity::Immutable(path) => read_id(element, path, at, EventId::of_immutable),
            Identity::Mutable(path) => read_id(element, path, at, |id| EventId::of_mutable(id, payload)),
            Identity::Row => {
                let first = EventId::of_row(payload, 0);
                let seen = self.rows.entry(first.key).or_insert(0);
                let occurrence = *seen;
                *seen += 1;
                Ok(if occurrence == 0 { first } else { EventId::of_row(payload, occurrence) })
            }
        }
    }
}

fn read_id(
    element: &[u8],
    path: FieldPath,
    at: Option<usize>,
    identify: impl Fn(&[u8]) -> EventId,
) -> Result<EventId, Flaw> {
    let at = text::value_after_key(element, at.ok_or(Flaw::Missing(path))?);
    match text::string_at(element, at) {
        Some(id) if !id.is_empty() => Ok(identify(&id)),
        Some(_) | None => Err(Flaw::Unusable(path, "a string with an id")),
    }
}

fn time_of(field: TimeField, element: &[u8], at: Option<usize>) -> Result<Timestamp, Flaw> {
    let at = text::value_after_key(element, at.ok_or(Flaw::Missing(field.path()))?);
    match field {
        TimeField::Rfc3339(path) => text::string_at(element, at)
            .and_then(|text| Timestamp::parse(&text))
            .ok_or(Flaw::Unusable(path, "a timestamp")),
        TimeField::EpochMillis(path) => text::integer_at(element, at)
            .and_then(|millis| millis.checked_mul(1_000_000))
            .map(Timestamp::from_nanos)
            .ok_or(Flaw::Unusable(path, "a time in milliseconds")),
    }
}
