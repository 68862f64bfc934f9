//! What stands around the elements of a page, kept as the vendor's text.

use std::collections::BTreeMap;

use super::error::Damage;
use super::inspection;
use super::text;

/// The elements of a page, as their array says.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum ArrayState {
    /// The page has no such member.
    #[default]
    Absent,
    /// The member is null.
    Null,
    /// The member is an array of so many elements, decodable or not.
    Present(u64),
}

/// Everything at the top level of a page besides its elements.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Envelope {
    array: ArrayState,
    members: BTreeMap<String, String>,
}

impl Envelope {
    /// How many elements there were.
    pub fn array(&self) -> ArrayState {
        self.array
    }

    /// The JSON text of the top-level member `key`.
    pub fn member(&self, key: &str) -> Option<&str> {
        self.members.get(key).map(String::as_str)
    }

    /// The token of the next page; `None` when it is absent, null or empty, which all mean that there is none.
    pub fn next_page_token(&self) -> Option<String> {
        let token = text::string_at(self.member("nextPgToken")?.as_bytes(), 0)?;
        String::from_utf8(token.into_owned()).ok().filter(|token| !token.is_empty())
    }

    /// How many elements the query matches in all pages.
    pub fn total_count(&self) -> Option<u64> {
        let count = self.member("totalCount").or_else(|| self.member("totalResultCount"))?;
        count.parse().ok()
    }

    /// The JSON text of what the vendor complains about; `None` when it is absent, null or an empty list.
    pub fn problems(&self) -> Option<&str> {
        self.member("problems").filter(|problems| {
            let said = problems.bytes().filter(|&byte| !text::is_whitespace(byte));
            *problems != "null" && !said.eq(*b"[]")
        })
    }

    pub(super) fn set_array(&mut self, array: ArrayState) {
        self.array = array;
    }

    pub(super) fn count_element(&mut self) {
        if let ArrayState::Present(count) = &mut self.array {
            *count += 1;
        }
    }

    /// Keeps a member besides the elements; its key must be new.
    pub(super) fn insert(&mut self, key: &str, value: &str) -> Result<(), Damage> {
        if key == "nextPgToken" && !value.starts_with('"') && value != "null" {
            return Err(Damage::BadPageToken);
        }
        self.members.insert(key.to_owned(), value.to_owned());
        Ok(())
    }
}

/// `value` as text, if it is one JSON value.
pub(super) fn well_formed(value: &[u8]) -> Result<&str, Damage> {
    inspection::inspect_value(value).map_err(Damage::BadMember)
}
