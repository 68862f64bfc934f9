//! Decodes a page of file events again and again and prints how fast that went.
//!
//! `cargo run --release -p incydr-client --example decode_page -- PAGE.json [TIMES] [CHUNK_BYTES]`

use std::error::Error;
use std::hint::black_box;
use std::io::Write;

use incydr_client::page_decoder::{DecodeError, Identity, PageDecoder, PageShape, TimeField};
use incydr_core::event::EventBlock;
use tokio::time::Instant;

const SHAPE: PageShape = PageShape {
    array: "fileEvents",
    identity: Identity::Immutable(&["event", "id"]),
    time: TimeField::Rfc3339(&["event", "inserted"]),
};

/// As large as a block grows before the collector hands it on.
const BLOCK_BYTES: usize = 64 * 1024;

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let path = arguments.next().ok_or("the first argument names the page")?;
    let times: usize = arguments.next().map_or(Ok(50), |times| times.parse())?;
    let chunk_bytes: usize = arguments.next().map_or(Ok(64 * 1024), |bytes| bytes.parse())?;
    let page = std::fs::read(path)?;

    let mut fastest = f64::INFINITY;
    let mut events = 0;
    for _ in 0..times {
        let start = Instant::now();
        events = decode(&page, chunk_bytes)?;
        fastest = fastest.min(start.elapsed().as_secs_f64());
    }
    let speed = page.len() as f64 / fastest / 1e9;
    let size = page.len() / events.max(1);
    writeln!(std::io::stdout(), "{events} events of {size} bytes: {speed:.2} GB/s, {:.3} ms", fastest * 1e3)?;
    Ok(())
}

/// Decodes the page once, as the client does it; gives the number of events.
fn decode(page: &[u8], chunk_bytes: usize) -> Result<usize, DecodeError> {
    let mut decoder = PageDecoder::new(SHAPE);
    let mut block = EventBlock::default();
    let mut events = 0;
    for chunk in page.chunks(chunk_bytes.max(1)) {
        decoder.push(chunk, &mut block)?;
        if block.bytes.len() >= BLOCK_BYTES {
            events += block.events.len();
            black_box(&block);
            block.bytes.clear();
            block.events.clear();
        }
    }
    black_box(decoder.finish()?);
    Ok(events + block.events.len())
}
