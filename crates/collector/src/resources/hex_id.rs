//! Numbers as events, health events and fields write them: 16 hex digits in upper case.

/// The number as text.
pub fn text(id: u64) -> String {
    format!("{id:016X}")
}

/// Reads what [`text`] wrote, in whatever case.
pub fn parse(text: &str) -> Option<u64> {
    let is_id = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    u64::from_str_radix(text, 16).ok().filter(|id| is_id && *id <= i64::MAX.cast_unsigned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_no_id_is_not_read_as_one() {
        for wrong in
            ["", "1", "+000000000000001", "FFFFFFFFFFFFFFFF", "00000000000000001", "000000000679181g"]
        {
            assert_eq!(parse(wrong), None, "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn an_id_reads_back_from_its_text(id in 0..=i64::MAX.cast_unsigned()) {
            prop_assert_eq!(parse(&text(id)), Some(id));
        }
    }
}
