//! The metadata that every message has. It is always there, and cannot be changed.

/// A field of the service itself.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct BuiltinField {
    /// Its number, apart from those of custom fields.
    pub id: u64,
    /// Its name.
    pub name: &'static str,
    /// The type of its values.
    pub data_type: &'static str,
}

const fn field(id: u64, name: &'static str, data_type: &'static str) -> BuiltinField {
    BuiltinField { id, name, data_type }
}

/// All of them.
pub const BUILTIN: [BuiltinField; 11] = [
    field(0xB001, "_collector", "String"),
    field(0xB002, "_source", "String"),
    field(0xB003, "_sourceCategory", "String"),
    field(0xB004, "_sourceHost", "String"),
    field(0xB005, "_sourceName", "String"),
    field(0xB006, "_messageTime", "Long"),
    field(0xB007, "_receiptTime", "Long"),
    field(0xB008, "_messageCount", "Long"),
    field(0xB009, "_raw", "String"),
    field(0xB00A, "_size", "Long"),
    field(0xB00B, "_format", "String"),
];
