//! One invented file event: everything about it follows from its seed and its time.

use std::io::Write;
use std::time::Duration;

use rand::rngs::SmallRng;
use rand::{Rng, RngExt, SeedableRng};

use crate::data::actors::pick;
use crate::data::template::{Part, Slot, Template, TemplateSet};
use crate::data::vocabulary::{COLORS, PERIODS, SUBJECTS};
use crate::moment::{Moment, write_digits};

/// An event of a [`TemplateSet`], before its document is written.
pub(crate) struct Drawn<'a> {
    set: &'a TemplateSet,
    template: &'a Template,
    id_bits: [u64; 2],
    /// From first receipt to the end of processing.
    processing: Duration,
    /// From the activity to first receipt; negative for a device whose clock is ahead.
    transfer_millis: i64,
    random: SmallRng,
}

impl<'a> Drawn<'a> {
    pub(crate) fn new(set: &'a TemplateSet, seed: u64) -> Self {
        let mut random = SmallRng::seed_from_u64(seed);
        let template = &set.templates[random.random_range(0..set.templates.len())];
        let id_bits = [random.random(), random.random()];
        let processing = Duration::from_millis(match random.random_range(0..500_u32) {
            0 => 2_925_000,
            1..25 => random.random_range(60_000..300_000),
            _ => random.random_range(400..60_000),
        });
        let transfer_millis = match random.random_range(0..100_u32) {
            0 => random.random_range(3_600_000..259_200_000),
            1 => random.random_range(-600_000..0),
            2..22 => random.random_range(2_700..120_000),
            _ => random.random_range(40..2_700),
        };
        Self { set, template, id_bits, processing, transfer_millis, random }
    }

    /// `event.inserted`, with the precision that this event is written with.
    pub(crate) fn inserted(&self, wanted: Moment) -> Moment {
        wanted.cut_to(self.template.inserted_digits)
    }

    pub(crate) fn ingested(&self, inserted: Moment) -> Moment {
        inserted.minus(self.processing).cut_to(3)
    }

    pub(crate) fn timestamp(&self, inserted: Moment) -> Moment {
        Moment::from_millis(self.ingested(inserted).as_millis().saturating_sub(self.transfer_millis))
    }

    pub(crate) fn score(&self) -> i64 {
        self.template.score
    }

    pub(crate) fn id(&self) -> String {
        let mut out = Vec::with_capacity(100);
        self.write_id(&mut out);
        String::from_utf8(out).unwrap_or_default()
    }

    fn write_id(&self, out: &mut Vec<u8>) {
        let [high, low] = self.id_bits;
        match &self.template.device_id {
            Some(device_id) => {
                out.extend_from_slice(b"0_");
                out.extend_from_slice(self.set.tenant.as_bytes());
                out.push(b'_');
                out.extend_from_slice(device_id.as_bytes());
                out.extend_from_slice(b"_115");
                write_digits(out, high % 10_u64.pow(16), 16);
                out.push(b'_');
                write_digits(out, low % 100, 2);
                out.extend_from_slice(match low >> 8 & 3 {
                    0 => b"",
                    1 => b"_0_EPS_DARWIN",
                    _ => b"_EPS",
                });
            }
            None => {
                write_uuid(out, high, low);
                out.extend_from_slice(if low & 7 == 0 { b"_EPS" } else { b"" });
            }
        }
    }

    /// Appends the document of this event.
    pub(crate) fn write_document(mut self, inserted: Moment, out: &mut Vec<u8>) {
        let created =
            self.timestamp(inserted).minus(Duration::from_secs(self.random.random_range(60..40_000_000)));
        let stem = (
            pick(&mut self.random, &PERIODS),
            pick(&mut self.random, &SUBJECTS),
            self.random.random_range(1..10_000),
        );
        let md5 = [self.random.next_u64(), self.random.next_u64()];
        let cloud_file = [self.random.next_u64(), self.random.next_u64(), self.random.next_u64()];
        let template = self.template;
        for part in &template.parts {
            match part {
                Part::Text(range) => out.extend_from_slice(&template.text.as_bytes()[range.clone()]),
                Part::Slot(slot) => match slot {
                    Slot::Id => self.write_id(out),
                    Slot::Inserted => inserted.write_iso(out, template.inserted_digits),
                    Slot::Ingested => self.ingested(inserted).write_iso(out, 3),
                    Slot::Timestamp => self.timestamp(inserted).write_iso(out, 3),
                    Slot::Hour => self.hour(inserted).write_iso(out, 0),
                    Slot::Created => created.write_iso(out, 3),
                    Slot::Modified => created.plus(Duration::from_secs(59)).write_iso(out, 0),
                    Slot::Stem => {
                        let (period, subject, number) = stem;
                        write_text(out, format_args!("{period}-{subject}-{number}"));
                    }
                    Slot::Size => {
                        let size = self.random.random_range(512..9_000_000_u64);
                        write_text(out, format_args!("{size}"));
                    }
                    Slot::Md5 => md5.iter().for_each(|&word| write_hex(out, word, 16)),
                    Slot::Sha256 => (0..4).for_each(|_| write_hex(out, self.random.next_u64(), 16)),
                    Slot::CloudFile => {
                        out.push(b'1');
                        cloud_file.iter().for_each(|&word| write_letters(out, word, 10));
                    }
                    Slot::Token => {
                        write_letters(out, self.random.next_u64(), 10);
                        write_letters(out, self.random.next_u64(), 10);
                    }
                    Slot::Phrase => {
                        let (subject, color) =
                            (pick(&mut self.random, &SUBJECTS), pick(&mut self.random, &COLORS));
                        let number = self.random.random_range(1..100_000_u32);
                        write_text(out, format_args!("{subject}-{color}-{number}"));
                    }
                    Slot::Interface => {
                        let word = self.random.next_u64();
                        for (at, separator) in [(48, ""), (32, ":"), (16, ":"), (0, ":")] {
                            out.extend_from_slice(separator.as_bytes());
                            write_hex(out, word >> at, 4);
                        }
                    }
                    Slot::Uuid => write_uuid(out, self.random.next_u64(), self.random.next_u64()),
                    Slot::Commit => {
                        write_hex(out, self.random.next_u64(), 16);
                        write_hex(out, self.random.next_u64(), 16);
                        write_hex(out, self.random.next_u64(), 8);
                    }
                    Slot::Digits => write_digits(out, self.random.next_u64(), 12),
                    Slot::Octet => {
                        let octet = self.random.random_range(10..100_u64);
                        write_digits(out, octet, 2);
                    }
                },
            }
        }
    }

    fn hour(&self, inserted: Moment) -> Moment {
        const HOUR: i64 = 3_600_000;
        Moment::from_millis(self.timestamp(inserted).as_millis().div_euclid(HOUR) * HOUR)
    }
}

fn write_text(out: &mut Vec<u8>, text: std::fmt::Arguments<'_>) {
    // Writing to memory cannot fail.
    out.write_fmt(text).unwrap_or_default();
}

fn write_hex(out: &mut Vec<u8>, word: u64, digits: u32) {
    for at in (0..digits).rev() {
        out.push(b"0123456789abcdef"[usize::from((word >> (4 * at)) as u8 & 15)]);
    }
}

fn write_uuid(out: &mut Vec<u8>, high: u64, low: u64) {
    write_hex(out, high >> 32, 8);
    for (word, separator) in
        [(high >> 16, b'-'), (high & 0x0fff | 0x4000, b'-'), (low >> 48 & 0x3fff | 0x8000, b'-')]
    {
        out.push(separator);
        write_hex(out, word, 4);
    }
    out.push(b'-');
    write_hex(out, low, 12);
}

/// Six bits to a letter, as services write opaque names.
fn write_letters(out: &mut Vec<u8>, word: u64, letters: u32) {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    for at in 0..letters {
        out.push(ALPHABET[usize::from((word >> (6 * at)) as u8 & 63)]);
    }
}
