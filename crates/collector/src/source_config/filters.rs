//! `filters` and `hashAlgorithm`: the processing rules of a source.

use std::sync::Arc;

use incydr_core::rules::{HashAlgorithm, Rule, RuleError, RuleKind, Rules};

use crate::document::{ConfigError, Json, Object};

const FILTERS: &str = "filters";
const FILTER_KEYS: [&str; 4] = ["filterType", "name", "regexp", "mask"];
const TYPES: &str = "use \"Include\", \"Exclude\", \"Mask\" or \"Hash\"";

/// Reads and compiles the rules; there may be none.
pub(super) fn read(config: &Object<'_>) -> Result<Arc<Rules>, ConfigError> {
    let path = config.path_of(FILTERS);
    let rules = match config.get(FILTERS) {
        None => Vec::new(),
        Some(Json::List(items)) => items
            .iter()
            .enumerate()
            .map(|(index, item)| {
                config.element(item, format!("{path}[{index}]")).and_then(|item| rule(&item))
            })
            .collect::<Result<Vec<_>, _>>()?,
        Some(other) => return Err(ConfigError::wrong_type(&path, "a list of objects", other.kind())),
    };
    let compiled = Rules::compile(rules, hash_algorithm(config)?);
    compiled.map(Arc::new).map_err(|error| refusal(&path, error))
}

fn rule(filter: &Object<'_>) -> Result<Rule, ConfigError> {
    let kind = kind(filter)?;
    filter.allow_only(&FILTER_KEYS)?;
    let required = |key: &str, remedy: &str| {
        let text = filter.text(key)?.ok_or_else(|| filter.refuse(key, "is missing", remedy))?;
        Ok::<_, ConfigError>(text.to_owned())
    };
    Ok(Rule {
        name: required("name", "give the rule a name")?,
        kind,
        regexp: required("regexp", "write what the rule matches, as in \".*term.*\"")?,
    })
}

fn kind(filter: &Object<'_>) -> Result<RuleKind, ConfigError> {
    const KEY: &str = "filterType";
    match filter.required_text(KEY, TYPES)? {
        "Mask" => {
            let mask = filter.required_text("mask", "set it to what replaces the text, as in \"#\"")?;
            Ok(RuleKind::Mask { mask: mask.to_owned() })
        }
        "Include" => without_mask(filter, RuleKind::Include),
        "Exclude" => without_mask(filter, RuleKind::Exclude),
        "Hash" => without_mask(filter, RuleKind::Hash),
        "Forward" => {
            let problem = "is \"Forward\", which only installed collectors do";
            Err(filter.refuse(
                KEY,
                problem,
                "remove the rule, and name every destination of the source instead",
            ))
        }
        other => Err(ConfigError::unknown_value(&filter.path_of(KEY), other, TYPES)),
    }
}

/// Terraform sends an empty mask with every rule.
fn without_mask(filter: &Object<'_>, kind: RuleKind) -> Result<RuleKind, ConfigError> {
    match filter.text("mask")? {
        None | Some("") => Ok(kind),
        Some(_) => {
            let problem = "is given to a rule that does not mask";
            Err(filter.refuse("mask", problem, "remove it, or set `filterType` to \"Mask\""))
        }
    }
}

fn hash_algorithm(config: &Object<'_>) -> Result<HashAlgorithm, ConfigError> {
    const KEY: &str = "hashAlgorithm";
    match config.text(KEY)? {
        None | Some("MD5") => Ok(HashAlgorithm::Md5),
        Some("SHA-256") => Ok(HashAlgorithm::Sha256),
        Some(other) => {
            Err(ConfigError::unknown_value(&config.path_of(KEY), other, "use \"MD5\" or \"SHA-256\""))
        }
    }
}

fn refusal(path: &str, error: RuleError) -> ConfigError {
    let path = match (error.rule, error.part) {
        (Some(rule), Some(part)) => format!("{path}[{rule}].{part}"),
        _ => path.to_owned(),
    };
    ConfigError::new(&path, error.problem, error.remedy)
}
