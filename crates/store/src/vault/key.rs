//! The key of a vault.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use ring::rand::{SecureRandom, SystemRandom};
use zeroize::Zeroizing;

use crate::vault::VaultError;

const BYTES: usize = 32;

/// 32 secret bytes, which are wiped from memory when the value is dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct VaultKey(Zeroizing<[u8; BYTES]>);

impl VaultKey {
    /// A new random key.
    pub fn generate() -> Result<Self, VaultError> {
        let mut bytes = Zeroizing::new([0; BYTES]);
        SystemRandom::new().fill(&mut bytes[..]).map_err(|_| VaultError::NoRandomness)?;
        Ok(Self(bytes))
    }

    /// Reads a key from text: 64 hexadecimal digits, or 32 bytes in base64. Space around it is ignored.
    pub fn parse(text: &str) -> Result<Self, VaultError> {
        let text = text.trim();
        from_hex(text).or_else(|| from_base64(text)).map(Self).ok_or(VaultError::NoKey)
    }

    /// The name of the key, from which the key cannot be found: 16 hexadecimal digits.
    pub fn fingerprint(&self) -> String {
        let digest = blake3::derive_key("incydr-collector 2026 fingerprint of a vault key", &self.0[..]);
        blake3::Hash::from_bytes(digest).to_hex()[..16].to_owned()
    }

    /// The key as base64, for the key file.
    pub(super) fn to_base64(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(&self.0[..]))
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.0[..]
    }
}

impl fmt::Debug for VaultKey {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(out, "key {}", self.fingerprint())
    }
}

fn from_hex(text: &str) -> Option<Zeroizing<[u8; BYTES]>> {
    let (pairs, []) = text.as_bytes().as_chunks::<2>() else { return None };
    if pairs.len() != BYTES {
        return None;
    }
    let mut bytes = Zeroizing::new([0; BYTES]);
    for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
        let digit = |digit: u8| char::from(digit).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
        *byte = digit(*high)? << 4 | digit(*low)?;
    }
    Some(bytes)
}

fn from_base64(text: &str) -> Option<Zeroizing<[u8; BYTES]>> {
    // The decoder asks for a little more room than the bytes take.
    let mut room = Zeroizing::new([0; BYTES + 3]);
    let length = STANDARD.decode_slice(text, &mut room[..]).ok()?;
    let bytes = <[u8; BYTES]>::try_from(room.get(..length)?).ok()?;
    Some(Zeroizing::new(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_text_of_another_length_or_with_other_digits_is_no_key() {
        let hex = "0f".repeat(BYTES);
        for text in ["", "key", &hex[2..], &format!("{hex}00"), &hex.replacen('f', "g", 1)] {
            assert_eq!(VaultKey::parse(text), Err(VaultError::NoKey), "{text}");
        }
    }

    proptest! {
        #[test]
        fn a_key_reads_back_from_hexadecimal_and_from_base64(bytes in any::<[u8; BYTES]>()) {
            let key = VaultKey(Zeroizing::new(bytes));
            let hex = blake3::Hash::from_bytes(bytes).to_hex();
            prop_assert_eq!(VaultKey::parse(&format!("{hex}\n")), Ok(key.clone()));
            prop_assert_eq!(VaultKey::parse(&hex.to_uppercase()), Ok(key.clone()));
            prop_assert_eq!(VaultKey::parse(&key.to_base64()), Ok(key.clone()));
            let shown = format!("{key:?}");
            prop_assert!(!shown.contains(&hex[..8]), "{}", shown);
        }
    }
}
