//! How far the open window has been walked, as far as that can be told from notices.

use incydr_core::notice::Notice;
use incydr_core::timestamp::Timestamp;

/// Into so many stretches a window is divided to see which of them were met.
const STRETCHES: u32 = u64::BITS;

/// The window that is being walked, or was walked last.
#[derive(Debug, Default)]
pub(crate) struct WindowView {
    open: Option<OpenWindow>,
    watermark: Option<Timestamp>,
}

#[derive(Debug)]
struct OpenWindow {
    from: Timestamp,
    to: Timestamp,
    ranges: usize,
    position: Timestamp,
    /// One bit for each stretch in which an event was met.
    met: u64,
}

impl WindowView {
    /// No window is open, and everything up to `watermark` is done.
    pub(crate) fn at(watermark: Option<Timestamp>) -> Self {
        Self { open: None, watermark }
    }

    /// Everything up to here was delivered and committed.
    pub(crate) fn watermark(&self) -> Option<Timestamp> {
        self.watermark
    }

    /// Whether a window is being walked.
    pub(crate) fn is_open(&self) -> bool {
        self.open.is_some()
    }

    /// Into how many ranges the open window is split.
    pub(crate) fn ranges(&self) -> Option<usize> {
        self.open.as_ref().map(|open| open.ranges)
    }

    pub(crate) fn follow(&mut self, notice: &Notice) {
        match notice {
            Notice::WindowOpened { from, to, ranges, .. } => {
                let (from, to, ranges) = (*from, *to, *ranges);
                self.open = Some(OpenWindow { from, to, ranges, position: from, met: 0 });
            }
            Notice::PageFetched { position: Some(position), .. } => {
                if let Some(open) = &mut self.open {
                    open.advance(*position);
                }
            }
            Notice::WindowClosed { watermark, .. } => {
                self.open = None;
                self.watermark = Some(*watermark);
            }
            Notice::PageFetched { position: None, .. }
            | Notice::Acknowledged { .. }
            | Notice::Duplicates { .. }
            | Notice::Excluded { .. }
            | Notice::DeadLettered { .. }
            | Notice::Oversize { .. }
            | Notice::Trouble(_)
            | Notice::RequestFailed
            | Notice::Recovered => {}
        }
    }

    /// Up to where the stream has come. Of several ranges nobody knows which is where, so that their window counts
    /// from its beginning until it is closed.
    pub(crate) fn reached(&self) -> Option<Timestamp> {
        match &self.open {
            Some(open) if open.ranges <= 1 => Some(open.position).max(self.watermark),
            Some(open) => Some(open.from).max(self.watermark),
            None => self.watermark,
        }
    }

    /// The walked part of the window in thousandths; of several ranges it is the part in which events were met.
    pub(crate) fn walked_permille(&self) -> u64 {
        match &self.open {
            Some(open) if open.ranges <= 1 => open.share_of(open.position, 1_000),
            Some(open) => u64::from(open.met.count_ones()) * 1_000 / u64::from(STRETCHES),
            None if self.watermark.is_some() => 1_000,
            None => 0,
        }
    }
}

impl OpenWindow {
    fn advance(&mut self, position: Timestamp) {
        self.position = self.position.max(position.min(self.to));
        let stretch = self.share_of(position, u64::from(STRETCHES)).min(u64::from(STRETCHES - 1));
        self.met |= 1 << stretch;
    }

    /// Which of `parts` equal parts of the window `position` lies in.
    fn share_of(&self, position: Timestamp, parts: u64) -> u64 {
        let whole = self.to.since(self.from).as_millis().max(1);
        let walked = position.since(self.from).as_millis().min(whole);
        u64::try_from(walked * u128::from(parts) / whole).unwrap_or(parts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(seconds: i64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }

    fn opened(ranges: usize) -> WindowView {
        let mut view = WindowView::default();
        view.follow(&Notice::WindowOpened { from: at(0), to: at(6_400), ranges, resumed: false });
        view
    }

    fn met(view: &mut WindowView, seconds: i64) {
        let position = Some(at(seconds));
        view.follow(&Notice::PageFetched { events: 1, bytes: 1, position, total_count: None });
    }

    #[test]
    fn one_range_is_as_far_as_its_last_page() {
        let mut view = opened(1);
        met(&mut view, 3_200);
        assert_eq!((view.walked_permille(), view.reached()), (500, Some(at(3_200))));
        met(&mut view, 9_999);
        assert_eq!((view.walked_permille(), view.reached()), (1_000, Some(at(6_400))));
    }

    #[test]
    fn several_ranges_are_as_far_as_stretches_were_met() {
        let mut view = opened(4);
        met(&mut view, 6_400);
        assert!(view.walked_permille() < 20);
        (0..64).for_each(|stretch| met(&mut view, stretch * 100 + 50));
        assert_eq!((view.walked_permille(), view.reached()), (1_000, Some(at(0))));
    }

    #[test]
    fn a_closed_window_counts_up_to_its_watermark() {
        let mut view = opened(4);
        view.follow(&Notice::WindowClosed { watermark: at(6_400), expected: None, unique: 0 });
        assert_eq!((view.walked_permille(), view.reached()), (1_000, Some(at(6_400))));
        assert_eq!(WindowView::default().walked_permille(), 0);
    }

    #[test]
    fn a_window_without_length_has_a_share_too() {
        let mut view = WindowView::default();
        view.follow(&Notice::WindowOpened { from: at(1), to: at(1), ranges: 1, resumed: true });
        met(&mut view, 1);
        assert_eq!(view.walked_permille(), 0);
    }
}
