//! temporary
use incydr_core::{checkpoint::*, event::EventId, ledger::*, stream::*, timestamp::Timestamp};
use incydr_store::SqliteLedger;
fn cpu() -> f64 { let s = std::fs::read_to_string("/proc/self/stat").unwrap(); let v: Vec<&str> = s.rsplit(')').next().unwrap().split_whitespace().collect(); (v[11].parse::<f64>().unwrap() + v[12].parse::<f64>().unwrap()) / 100.0 }
#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let commits: i64 = std::env::args().nth(1).map_or(620, |a| a.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state.db");
    #[allow(clippy::disallowed_methods)] let t = std::time::Instant::now();
    let l = SqliteLedger::open(&path, "x").await.unwrap();
    println!("create {:?}", t.elapsed());
    l.close().await.unwrap();
    #[allow(clippy::disallowed_methods)] let t = std::time::Instant::now();
    let l = SqliteLedger::open(&path, "x").await.unwrap();
    println!("reopen {:?}", t.elapsed());
    let place = Place { source: "s".into(), stream: Stream::FileEvents };
    let lease = l.acquire(&place, "x").await.unwrap();
    let ranges: Vec<_> = (0..4).map(|n| WalkRange::new(n, Timestamp::EPOCH, Timestamp::from_millis(9), false)).collect();
    l.commit(&lease, &Commit { step: Some(Step::OpenWindow(ranges.clone())), ..Default::default() }).await.unwrap();
    let c0 = cpu(); #[allow(clippy::disallowed_methods)] let t = std::time::Instant::now();
    for i in 0..commits {
        let ids = (0..330).map(|k| (EventId { key: (i * 1000 + k) as u128 * 0x9E3779B97F4A7C15F39CC0605CEDC835, version: 0 }, Timestamp::from_millis(i * 1000 + k))).collect();
        let mut r = ranges[0].clone(); r.cursor = Cursor::Token(format!("token{i}")); r.page = i as u64;
        let step = (i % 30 == 29).then_some(Step::Advance(r));
        l.commit(&lease, &Commit { acknowledged: vec![AcknowledgedBatch { window: 1, range: 0, page: i as u64, ids, receipts: vec![] }], step, counts: Counts { fetched: 330, acknowledged: 330, ..Default::default() }, ..Default::default() }).await.unwrap();
    }
    println!("{commits} commits cpu {:.2} wall {:?}", cpu() - c0, t.elapsed());
    let c0 = cpu(); #[allow(clippy::disallowed_methods)] let t = std::time::Instant::now();
    let n = l.seen(&lease, Timestamp::EPOCH, Timestamp::from_nanos(i64::MAX)).await.unwrap().len();
    println!("seen {n} cpu {:.2} wall {:?}", cpu() - c0, t.elapsed());
    let c0 = cpu(); #[allow(clippy::disallowed_methods)] let t = std::time::Instant::now();
    for i in 0..600 { l.reserve_request("t", 100, Timestamp::from_millis(i * 700)).await.unwrap(); }
    println!("600 reservations cpu {:.2} wall {:?}", cpu() - c0, t.elapsed());
    l.close().await.unwrap();
    println!("file {} MB", std::fs::metadata(&path).unwrap().len() / 1_000_000);
    let c0 = cpu(); #[allow(clippy::disallowed_methods)] let t = std::time::Instant::now();
    let l = SqliteLedger::open(&path, "x").await.unwrap();
    println!("reopen cpu {:.2} wall {:?}", cpu() - c0, t.elapsed());
    let c0 = cpu(); #[allow(clippy::disallowed_methods)] let t = std::time::Instant::now();
    let lease = l.acquire(&place, "x").await.unwrap();
    l.commit(&lease, &Commit { step: Some(Step::CloseWindow { watermark: Timestamp::EPOCH, forget_before: Timestamp::from_nanos(i64::MAX), second_pass: false }), ..Default::default() }).await.unwrap();
    println!("forget all cpu {:.2} wall {:?}", cpu() - c0, t.elapsed());
}
