//! What the caller of a number hears that is nobody's: in the language of the assistant that had it
//! last, as long as the number rests and that is known, and else in English.

use domain::assistant::Language;
use domain::number::{Number, State};
use runtime::{Deps, World};

/// The text in each language.
#[derive(Debug, Clone)]
pub struct NotAssigned {
    pub(crate) english: String,
    pub(crate) spanish: String,
    pub(crate) french: String,
}

/// A text, and its language in Twilio's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Spoken<'a> {
    pub(crate) language: &'static str,
    pub(crate) text: &'a str,
}

impl NotAssigned {
    /// The text in that language; who speaks many is spoken of in English.
    pub(crate) fn text(&self, language: Language) -> Spoken<'_> {
        let (language, text) = match language {
            Language::English | Language::Multilingual => ("en-US", &self.english),
            Language::Spanish => ("es-US", &self.spanish),
            Language::French => ("fr-FR", &self.french),
        };
        Spoken { language, text }
    }
}

/// The language of the assistant that had the number last. A caller waits: what cannot be read is
/// not asked for again.
pub(crate) async fn language<W: World>(deps: &Deps<W>, number: Option<&Number>) -> Language {
    let Some(State::Quarantined { assistant: Some(last), .. }) = number.map(|one| &one.state)
    else {
        return Language::English;
    };
    let assistant = deps.store.assistant(*last).await.ok().flatten();
    assistant.map_or(Language::English, |assistant| assistant.language)
}
