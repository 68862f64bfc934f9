//! Numbers as people read them.

/// A whole number with a comma after every three digits, as in `12,345`.
pub fn grouped(number: u64) -> String {
    let digits = number.to_string();
    digits.char_indices().fold(String::new(), |mut shown, (index, digit)| {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            shown.push(',');
        }
        shown.push(digit);
        shown
    })
}

/// A number of bytes in decimal units, as in `34.1 MB`.
pub fn bytes(number: u64) -> String {
    const UNITS: [(&str, u64); 4] =
        [("TB", 1_000_000_000_000), ("GB", 1_000_000_000), ("MB", 1_000_000), ("kB", 1_000)];
    let large = UNITS.into_iter().find(|(_, size)| number >= *size);
    large.map_or_else(
        || format!("{number} B"),
        |(unit, size)| format!("{}.{} {unit}", number / size, number % size * 10 / size),
    )
}

/// How long a request took, given in microseconds, as in `1.5 ms`.
pub fn latency(micros: u64) -> String {
    let (unit, size) = if micros < 1_000_000 { ("ms", 1_000) } else { ("s", 1_000_000) };
    match (micros / size, micros % size * 10 / size) {
        (whole, 0) => format!("{} {unit}", grouped(whole)),
        (whole, tenths) => format!("{}.{tenths} {unit}", grouped(whole)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn digits_are_grouped_by_three() {
        for (number, shown) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
            assert_eq!(grouped(number), shown);
        }
    }

    #[test]
    fn bytes_have_the_largest_unit_that_fits() {
        for (number, shown) in [(0, "0 B"), (999, "999 B"), (1_500, "1.5 kB"), (34_199_999, "34.1 MB")] {
            assert_eq!(bytes(number), shown);
        }
        assert_eq!(bytes(u64::MAX), "18446744.0 TB");
    }

    #[test]
    fn a_latency_is_told_in_milliseconds_or_seconds() {
        for (micros, shown) in
            [(0, "0 ms"), (850, "0.8 ms"), (2_000, "2 ms"), (340_499, "340.4 ms"), (1_250_000, "1.2 s")]
        {
            assert_eq!(latency(micros), shown);
        }
    }
}
