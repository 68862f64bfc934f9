//! The process as the system sees it, under the names that monitoring systems expect.

use std::fmt;
use std::fs;

use prometheus_client::encoding::{DescriptorEncoder, NoLabelSet};
use prometheus_client::metrics::MetricType;

/// The clock ticks a second of everything below `/proc`, whatever the kernel's own clock does.
const TICKS: f64 = 100.0;

/// Figures of this process.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct ProcessFigures {
    cpu_seconds: f64,
    /// Since the epoch.
    start_seconds: f64,
    resident_bytes: f64,
    virtual_bytes: f64,
    open_files: f64,
}

impl ProcessFigures {
    /// Reads them; `None` on systems that do not show them in `/proc`.
    pub(super) fn read() -> Option<Self> {
        let read = |path| fs::read_to_string(path).ok();
        let open_files = fs::read_dir("/proc/self/fd").ok()?.count() as f64;
        Self::parse(&read("/proc/self/stat")?, &read("/proc/self/status")?, &read("/proc/stat")?, open_files)
    }

    fn parse(stat: &str, status: &str, system: &str, open_files: f64) -> Option<Self> {
        // The name of the program stands in parentheses and may hold anything.
        let fields: Vec<_> = stat.rsplit_once(") ")?.1.split(' ').collect();
        // By the numbers of proc(5), of which the first two are before the parenthesis.
        let field = |number: usize| fields.get(number - 3)?.trim().parse::<f64>().ok();
        let kibibytes = |name| number_after(status, name).map(|kibibytes| kibibytes * 1_024.0);
        Some(Self {
            cpu_seconds: (field(14)? + field(15)?) / TICKS,
            start_seconds: number_after(system, "btime ")? + field(22)? / TICKS,
            resident_bytes: kibibytes("VmRSS:")?,
            virtual_bytes: kibibytes("VmSize:")?,
            open_files,
        })
    }

    /// Writes the families.
    pub(super) fn encode(&self, encoder: &mut DescriptorEncoder<'_>) -> fmt::Result {
        let help = "Processor time, of the user and of the system";
        encoder
            .encode_descriptor("process_cpu_seconds", help, None, MetricType::Counter)?
            .encode_counter::<NoLabelSet, _, f64>(&self.cpu_seconds, None)?;
        for (name, help, value) in [
            ("process_start_time_seconds", "When the process began", self.start_seconds),
            ("process_resident_memory_bytes", "Memory in use", self.resident_bytes),
            ("process_virtual_memory_bytes", "Address space in use", self.virtual_bytes),
            ("process_open_fds", "Open files and connections", self.open_files),
        ] {
            encoder.encode_descriptor(name, help, None, MetricType::Gauge)?.encode_gauge(&value)?;
        }
        Ok(())
    }
}

/// The number that follows `name` at the beginning of a line.
fn number_after(text: &str, name: &str) -> Option<f64> {
    text.lines().find_map(|line| line.strip_prefix(name))?.split_whitespace().next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_found_whatever_the_program_is_called() {
        let stat = format!("7 (a ) b) S {} 150 50 0 0 20 0 9 0 1000 0\n", ["0"; 10].join(" "));
        let status = "Name:\tx\nVmSize:\t   2048 kB\nVmRSS:\t    1024 kB\n";
        let figures = ProcessFigures::parse(&stat, status, "cpu 1\nbtime 1700000000\n", 5.0);
        let expected = ProcessFigures {
            cpu_seconds: 2.0,
            start_seconds: 1_700_000_010.0,
            resident_bytes: 1_048_576.0,
            virtual_bytes: 2_097_152.0,
            open_files: 5.0,
        };
        assert_eq!(figures, Some(expected));
        assert_eq!(ProcessFigures::parse("", status, "", 0.0), None);
    }
}
