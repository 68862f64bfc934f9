//! The part of a form that edits fields: rows of name and value, each of which says whether the schema has it.
//!
//! Its template is `fields_editor.html`. The script adds, removes and marks rows; without it, the form is sent and
//! shown again.

use super::{FormValues, Mistake};
use crate::document::Json;
use crate::printable::excerpt;
use crate::web::call::Call;

/// The one field that is true or false.
const SIEM_FORWARD: &str = "_siemForward";
/// How the form calls names, values, and whether unknown fields shall be added to the schema.
const NAME: &str = "field-name";
const VALUE: &str = "field-value";
const ACTIVATE: &str = "activate-fields";
/// What the buttons of rows say; a row's own number follows the second one.
const ACTION: &str = "action";
const ADD: &str = "add-field";
const REMOVE: &str = "remove-field";

/// The rows for one form.
pub struct FieldsEditor {
    /// All of them, in order.
    pub rows: Vec<FieldRow>,
    /// Names that leave with the events, in lower case, as a JSON list.
    pub schema: String,
    /// Whether the schema could be read.
    pub knows_schema: bool,
    /// Whether the person may change the schema, and so may let a form do it.
    pub offers_activation: bool,
    /// Whether the form shall do it.
    pub activates: bool,
    /// What is wrong with the rows.
    pub wrong: Option<String>,
}

/// One row.
#[derive(Clone, Debug)]
pub struct FieldRow {
    /// The name as it was typed.
    pub name: String,
    /// The value as it was typed.
    pub value: String,
    /// What the button says that removes the row.
    pub removal: String,
    /// Whether the schema has the field and lets it leave; `None` without a name.
    pub is_known: Option<bool>,
    /// Whether something is wrong with it.
    pub is_wrong: bool,
}

impl FieldsEditor {
    /// An editor of these pairs, for whoever makes `call`.
    pub fn of(call: &Call, pairs: Vec<(String, String)>) -> Self {
        let editor = Self::of_schema(call.api.fleet.fields().passing(), pairs);
        Self { offers_activation: call.caller.collector.is_none(), ..editor }
    }

    /// An editor of these pairs; `passing` are the names that leave with the events, where that is known.
    pub fn of_schema(passing: Option<Vec<String>>, pairs: Vec<(String, String)>) -> Self {
        let knows_schema = passing.is_some();
        let passing = passing.unwrap_or_default();
        let row = |(index, (name, value)): (usize, (String, String))| FieldRow {
            removal: format!("{REMOVE}:{index}"),
            is_known: (!name.is_empty()).then(|| passing.contains(&name.to_lowercase())),
            is_wrong: false,
            name,
            value,
        };
        Self {
            rows: pairs.into_iter().enumerate().map(row).collect(),
            schema: Json::List(passing.iter().cloned().map(Json::Text).collect()).to_string(),
            knows_schema,
            offers_activation: false,
            activates: false,
            wrong: None,
        }
    }

    /// An editor of what a form has sent. Where one of the editor's own buttons was pressed, that is done.
    pub fn of_form(call: &Call, form: &FormValues) -> Self {
        let names = form.all(NAME).map(|name| name.trim().to_owned());
        let mut pairs: Vec<_> = names.zip(form.all(VALUE).map(str::to_owned)).collect();
        let action = form.text(ACTION);
        let removed = action.strip_prefix(REMOVE).and_then(|rest| rest.strip_prefix(':')?.parse().ok());
        if let Some(index) = removed.filter(|index| *index < pairs.len()) {
            pairs.remove(index);
        }
        if action == ADD {
            pairs.push((String::new(), String::new()));
        }
        Self { activates: form.has(ACTIVATE), ..Self::of(call, pairs) }
    }

    /// Whether one of the editor's own buttons was pressed: the form is shown again, and does nothing else.
    pub fn is_asked_by(form: &FormValues) -> bool {
        form.text(ACTION).starts_with(ADD) || form.text(ACTION).starts_with(REMOVE)
    }

    /// The fields as the JSON of a collector or a source has them. Rows that were left empty are none.
    pub(crate) fn json(&self) -> Json {
        let is_filled = |row: &&FieldRow| !row.name.is_empty() || !row.value.trim().is_empty();
        let member = |row: &FieldRow| {
            let value = match (row.name.as_str(), row.value.trim()) {
                (SIEM_FORWARD, "true") => Json::Truth(true),
                (SIEM_FORWARD, "false") => Json::Truth(false),
                _ => Json::Text(row.value.clone()),
            };
            (row.name.clone(), value)
        };
        Json::Object(self.rows.iter().filter(is_filled).map(member).collect())
    }

    /// The pairs that the JSON of a collector or a source has at `fields`.
    pub(crate) fn pairs_of(fields: Option<&Json>) -> Vec<(String, String)> {
        let Some(Json::Object(members)) = fields else { return Vec::new() };
        let text = |value: &Json| match value {
            Json::Text(text) => text.clone(),
            other => other.to_string(),
        };
        members.iter().map(|(name, value)| (name.clone(), text(value))).collect()
    }

    /// The same with a mistake at the rows, if it is there: at `place`, as in `collector.fields`.
    #[must_use]
    pub fn with_mistake(mut self, mistake: &Mistake, place: &str) -> Self {
        let Some(below) = mistake.below(place) else { return self };
        self.wrong = Some(mistake.sentence.clone());
        if let Some(name) = below.strip_prefix('.') {
            // The last one: of two rows with the same name it is the one that was added.
            let at_fault = self.rows.iter_mut().rfind(|row| excerpt(&row.name, 60) == name);
            at_fault.into_iter().for_each(|row| row.is_wrong = true);
        }
        self
    }

    /// Whether the offer to add unknown fields is of use.
    pub fn has_unknown(&self) -> bool {
        self.rows.iter().any(|row| row.is_known == Some(false))
    }

    /// What the script makes new rows of.
    pub fn empty_row(&self) -> FieldRow {
        let (name, value, removal) = (String::new(), String::new(), REMOVE.to_owned());
        FieldRow { name, value, removal, is_known: None, is_wrong: false }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn editor(pairs: &[(&str, &str)]) -> FieldsEditor {
        let row = |(name, value): &(&str, &str)| FieldRow {
            name: (*name).to_owned(),
            value: (*value).to_owned(),
            removal: String::new(),
            is_known: Some(false),
            is_wrong: false,
        };
        FieldsEditor {
            rows: pairs.iter().map(row).collect(),
            schema: String::new(),
            knows_schema: true,
            offers_activation: true,
            activates: false,
            wrong: None,
        }
    }

    #[test]
    fn rows_become_json_in_their_order_with_their_duplicates_but_not_when_empty() {
        let editor = editor(&[("b", " 1"), ("", " "), ("_siemForward", "true"), ("", "x"), ("b", "<2>")]);
        assert_eq!(editor.json().to_string(), r#"{"b":" 1","_siemForward":true,"":"x","b":"<2>"}"#);
    }

    #[test]
    fn json_becomes_pairs_and_json_again() {
        let kept = crate::document::parse(br#"{"b":"1","_siemForward":false,"a":"x"}"#, "x").expect("JSON");
        let pairs = FieldsEditor::pairs_of(Some(&kept));
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(editor(&pairs).json(), kept);
        assert!(FieldsEditor::pairs_of(None).is_empty());
    }
}
