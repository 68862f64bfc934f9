//! Compressed bodies.

use std::io::Read;

use incydr_destinations::encode::{Compression, Encoder};
use proptest::prelude::*;

const ALL: [Compression; 3] = [Compression::Gzip, Compression::Zstd, Compression::None];

/// The bytes that `body` stands for.
pub(crate) fn decode(compression: Compression, body: &[u8]) -> Vec<u8> {
    match compression {
        Compression::None => body.to_vec(),
        Compression::Zstd => zstd::decode_all(body).unwrap(),
        Compression::Gzip => {
            let mut bytes = Vec::new();
            flate2::read::GzDecoder::new(body).read_to_end(&mut bytes).unwrap();
            bytes
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_body_decodes_to_its_input_and_never_depends_on_what_was_encoded_before(
        bodies in proptest::collection::vec(proptest::collection::vec(any::<u8>(), 0..20_000), 1..4),
    ) {
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        for compression in ALL {
            let used = Encoder::new(compression);
            for body in &bodies {
                let encoded = runtime.block_on(used.encode(body.clone())).unwrap();
                let fresh = runtime.block_on(Encoder::new(compression).encode(body.clone())).unwrap();
                prop_assert_eq!(&encoded, &fresh);
                prop_assert_eq!(&decode(compression, &encoded), body);
            }
        }
    }
}

#[test]
fn a_compression_is_read_by_its_name_and_nothing_else() {
    for compression in ALL {
        assert_eq!(compression.to_string().parse(), Ok(compression));
    }
    let error = "lz4".parse::<Compression>().unwrap_err();
    assert_eq!(error.to_string(), "reading a compression: `lz4` is none of gzip, zstd, none");
}
