//! The words that invented records are made of.

pub(crate) const COLORS: [&str; 16] = [
    "amber", "azure", "coral", "crimson", "ebony", "emerald", "hazel", "indigo", "ivory", "jade", "olive",
    "pearl", "ruby", "scarlet", "silver", "violet",
];

pub(crate) const ANIMALS: [&str; 16] = [
    "badger", "bison", "crane", "falcon", "ferret", "heron", "ibex", "lynx", "marten", "otter", "puffin",
    "raven", "stoat", "tapir", "vole", "wren",
];

pub(crate) const SUBJECTS: [&str; 24] = [
    "forecast",
    "roadmap",
    "payroll",
    "pricing",
    "invoice",
    "contract",
    "blueprint",
    "customers",
    "renewals",
    "headcount",
    "architecture",
    "postmortem",
    "benchmark",
    "onboarding",
    "inventory",
    "ledger",
    "pipeline",
    "prototype",
    "proposal",
    "retrospective",
    "schedule",
    "specification",
    "survey",
    "transcript",
];

pub(crate) const PERIODS: [&str; 12] =
    ["fy26", "q1", "q2", "q3", "q4", "draft", "final", "final-v2", "signed", "internal", "copy", "export"];

pub(crate) const FOLDERS: [&str; 16] = [
    "finance-emea",
    "board-material",
    "customer-handover",
    "platform-rewrite",
    "legal-review",
    "sales-playbook",
    "hiring-2026",
    "vendor-security",
    "design-assets",
    "incident-reviews",
    "data-exports",
    "quarterly-close",
    "field-marketing",
    "lab-notebook",
    "migration-plan",
    "support-tickets",
];

pub(crate) const DEPARTMENTS: [&str; 8] =
    ["Finance", "Engineering", "Sales", "Legal", "Marketing", "People", "Support", "Research"];

pub(crate) const SYSTEMS: [&str; 4] = ["Windows 11", "Windows 10", "macOS", "Linux"];

/// Extension, category and media type of a file.
pub(crate) const FILE_KINDS: [(&str, &str, &str); 12] = [
    ("xlsx", "Spreadsheet", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
    ("docx", "Document", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"),
    ("pptx", "Presentation", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
    ("pdf", "Pdf", "application/pdf"),
    ("csv", "Spreadsheet", "text/csv"),
    ("png", "Image", "image/png"),
    ("jpg", "Image", "image/jpeg"),
    ("zip", "Archive", "application/zip"),
    ("rs", "SourceCode", "text/x-rust"),
    ("py", "SourceCode", "text/x-python"),
    ("mp4", "Video", "video/mp4"),
    ("sh", "Script", "application/x-sh"),
];

/// Name, category and domain of a place that files go to.
pub(crate) const DESTINATIONS: [(&str, &str, &str); 12] = [
    ("Dropbox", "Cloud Storage", "dropbox.com"),
    ("Google Drive", "Cloud Storage", "drive.google.com"),
    ("Slack", "Messaging", "app.slack.com"),
    ("Microsoft Teams", "Messaging", "teams.microsoft.com"),
    ("ChatGPT", "AI Tools", "chatgpt.com"),
    ("Claude", "AI Tools", "claude.ai"),
    ("GitHub", "Source Code Repository", "github.com"),
    ("GitLab", "Source Code Repository", "gitlab.com"),
    ("Gmail", "Email", "mail.google.com"),
    ("Salesforce", "CRM Tools", "login.salesforce.com"),
    ("Notion", "Productivity Tools", "notion.so"),
    ("WeTransfer", "Web Hosting", "wetransfer.com"),
];

/// Name and weight of a risk indicator.
pub(crate) const INDICATORS: [(&str, i64); 12] = [
    ("First use of destination", 3),
    ("Rare use of destination", 3),
    ("File mismatch", 9),
    ("Off hours", 0),
    ("Remote", 0),
    ("Flight risk", 3),
    ("High impact", 1),
    ("Departing", 3),
    ("Removable media", 3),
    ("Dropbox upload", 5),
    ("Spreadsheet", 0),
    ("Source code", 3),
];

/// The severity that goes with a score.
pub(crate) const fn severity_of(score: i64) -> &'static str {
    match score {
        i64::MIN..=0 => "NO_RISK_INDICATED",
        1..=4 => "LOW",
        5..=6 => "MODERATE",
        7..=8 => "HIGH",
        9.. => "CRITICAL",
    }
}

/// The same as the number that sessions use.
pub(crate) const fn severity_number(score: i64) -> i64 {
    match score {
        i64::MIN..=0 => 0,
        1..=4 => 1,
        5..=6 => 2,
        7..=8 => 3,
        9.. => 4,
    }
}
