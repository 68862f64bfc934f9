//! Standard output, with a writer in its place.

use std::io::{self, ErrorKind, Write};
use std::sync::{Arc, Mutex};

use incydr_core::destination::{DeliveryFault, Destination};
use incydr_destinations::stdout::Stdout;

use crate::events::batch;

/// Takes bytes into `taken`; every write after the first `room` bytes fails until there is more room.
#[derive(Clone, Default)]
struct Paper {
    taken: Arc<Mutex<Vec<u8>>>,
    room: Arc<Mutex<usize>>,
    failure: Option<ErrorKind>,
    flushed: Arc<Mutex<usize>>,
}

impl Paper {
    fn with_room(room: usize, failure: ErrorKind) -> Self {
        Self { room: Arc::new(Mutex::new(room)), failure: Some(failure), ..Self::default() }
    }

    fn taken(&self) -> String {
        String::from_utf8(self.taken.lock().unwrap().clone()).unwrap()
    }
}

impl Write for Paper {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut taken = self.taken.lock().unwrap();
        let free = self.failure.map_or(usize::MAX, |_| self.room.lock().unwrap().saturating_sub(taken.len()));
        if let (0, Some(failure)) = (free, self.failure) {
            return Err(failure.into());
        }
        let fitting = &bytes[..bytes.len().min(free)];
        taken.extend_from_slice(fitting);
        Ok(fitting.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        *self.flushed.lock().unwrap() = self.taken.lock().unwrap().len();
        Ok(())
    }
}

#[tokio::test]
async fn events_leave_as_they_came_and_are_acknowledged_after_the_flush() {
    let paper = Paper::default();
    let batch = batch(0..5);
    let stdout = Stdout::writing_to(paper.clone());
    let acknowledgement = stdout.deliver(batch.part(1..4)).await.unwrap();
    assert_eq!(paper.taken().as_bytes(), batch.part(1..4).ndjson());
    assert_eq!(*paper.flushed.lock().unwrap(), paper.taken().len());
    assert_eq!(acknowledgement.sent_bytes, paper.taken().len() as u64);
    assert_eq!(acknowledgement.receipt, None);
}

#[tokio::test]
async fn a_reader_that_has_gone_away_is_no_acknowledgement() {
    let stdout = Stdout::writing_to(Paper::with_room(0, ErrorKind::BrokenPipe));
    let error = stdout.deliver(batch(0..1).whole()).await.unwrap_err();
    assert_eq!(error.fault, DeliveryFault::StorageIo);
    assert_eq!(
        error.to_string(),
        "delivering to stdout: writing failed: writing to standard output: broken pipe"
    );
}

#[tokio::test]
async fn a_cut_line_spoils_only_itself() {
    let paper = Paper::with_room(30, ErrorKind::StorageFull);
    let batch = batch(0..2);
    let stdout = Stdout::writing_to(paper.clone());
    let error = stdout.deliver(batch.whole()).await.unwrap_err();
    assert_eq!(error.fault, DeliveryFault::StorageFull);
    let cut = paper.taken();

    *paper.room.lock().unwrap() = usize::MAX;
    drop(stdout.deliver(batch.whole()).await.unwrap());
    let expected = format!("{cut}\n{}", std::str::from_utf8(batch.whole().ndjson()).unwrap());
    assert_eq!(paper.taken(), expected);
}
