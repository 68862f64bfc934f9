//! One dead letter with its payload, and what is decided about it.

use askama::Template;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use incydr_store::Role;

use super::row::Row;
use crate::figures::bytes;
use crate::pages::{Frame, Mistake, Notice, Section, json_text, show, show_with};
use crate::resources::dead_letters::{discard, redeliver, show as look_at};
use crate::resources::sources::pages::Heading;
use crate::web::answer::Answer;
use crate::web::call::Call;
use crate::web::problem::Problem;
use crate::web::route::Route;

const ONE: &str = "/collectors/{collectorId}/sources/{sourceId}/dead-letters/{letterId}";
const REDELIVER: &str = "/collectors/{collectorId}/sources/{sourceId}/dead-letters/{letterId}/redeliver";
const DISCARD: &str = "/collectors/{collectorId}/sources/{sourceId}/dead-letters/{letterId}/discard";
/// So much of a payload is shown.
const LONGEST: usize = 256 * 1024;

#[derive(Template)]
#[template(path = "dead_letters/letter.html")]
struct LetterPage {
    frame: Frame,
    heading: Heading,
    letter: Row,
    payload: Payload,
    /// Why it could not be delivered just now.
    wrong: Option<String>,
}

#[derive(Template)]
#[template(path = "dead_letters/discard.html")]
struct DiscardPage {
    frame: Frame,
    heading: Heading,
    letter: Row,
}

/// The bytes of an event as a text.
struct Payload {
    text: String,
    /// What must be said of it; empty of JSON that is there whole.
    note: String,
}

pub(super) fn routes() -> Vec<Route> {
    vec![
        Route::page(ONE, |call| Box::pin(show_letter(call))).of_role(Role::Manage),
        Route::form(REDELIVER, |call| Box::pin(redeliver_one(call))),
        Route::page(DISCARD, |call| Box::pin(ask_to_discard(call))).of_role(Role::Manage),
        Route::form(DISCARD, |call| Box::pin(discard_one(call))),
    ]
}

async fn show_letter(call: Call) -> Result<Answer, Problem> {
    show(&page(&call, None).await?)
}

async fn redeliver_one(call: Call) -> Result<Answer, Problem> {
    let (heading, _) = Heading::of(&call).await?;
    match redeliver(&call.api, &call.caller, heading.address, call.number("letterId")).await {
        Ok(()) => Ok(Answer::see_other(&Notice::DEAD_LETTER_REDELIVERED.on(&list_of(&heading)))),
        Err(problem) => {
            let Mistake { status, sentence, .. } = Mistake::of(problem, &[])?;
            show_with(status, &page(&call, Some(sentence)).await?)
        }
    }
}

async fn ask_to_discard(call: Call) -> Result<Answer, Problem> {
    let LetterPage { frame, heading, letter, .. } = page(&call, None).await?;
    show(&DiscardPage { frame, heading, letter })
}

async fn discard_one(call: Call) -> Result<Answer, Problem> {
    let (heading, _) = Heading::of(&call).await?;
    discard(&call.api, &call.caller, heading.address, call.number("letterId")).await?;
    Ok(Answer::see_other(&Notice::DEAD_LETTER_DISCARDED.on(&list_of(&heading))))
}

async fn page(call: &Call, wrong: Option<String>) -> Result<LetterPage, Problem> {
    let (heading, _) = Heading::of(call).await?;
    let (place, kept) = look_at(&call.api, &call.caller, heading.address, call.number("letterId")).await?;
    Ok(LetterPage {
        frame: Frame::of(call, Section::Collection),
        heading,
        letter: Row::of_whole(&place, &kept, call.api.clock.now()),
        payload: Payload::of(&kept.letter.raw),
        wrong,
    })
}

fn list_of(heading: &Heading) -> String {
    format!("{}/dead-letters", heading.path)
}

impl Payload {
    fn of(raw: &[u8]) -> Self {
        let shown = &raw[..raw.len().min(LONGEST)];
        let is_cut = shown.len() < raw.len();
        let cut =
            if is_cut { format!("The first {} of it.", bytes(shown.len() as u64)) } else { String::new() };
        match std::str::from_utf8(raw) {
            Ok(_) => Self { text: json_text::indented(&String::from_utf8_lossy(shown)), note: cut },
            Err(_) => Self {
                text: STANDARD.encode(shown),
                note: format!("It is no text; these are its bytes in base64. {cut}").trim_end().to_owned(),
            },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_payload_is_shown_as_what_it_is() {
        let shown = |raw: &[u8]| {
            let Payload { text, note } = Payload::of(raw);
            (text, note)
        };
        assert_eq!(shown(b"{\"a\":1}"), ("{\n  \"a\": 1\n}".to_owned(), String::new()));
        assert_eq!(
            shown(&[0xff, 0xfe]),
            ("//4=".to_owned(), "It is no text; these are its bytes in base64.".to_owned())
        );
        let (text, note) = shown(&vec![b'x'; LONGEST + 1]);
        assert_eq!((text.len(), note.as_str()), (LONGEST, "The first 262.1 kB of it."));
    }
}
