//! What an assistant says and how it behaves before anybody has changed it, by the industry of the
//! business and the language.
//!
//! The texts are data: one file per industry below `templates/`, and `common.json` with what holds
//! for all of them. They are compiled in, read once at the first use and checked by a test, and
//! written in each language rather than translated. A multilingual assistant is instructed in
//! English and greets so that callers hear which languages it speaks.
//!
//! A text has at most one kind of placeholder, so that a name filled in is never looked through
//! for another one.

use crate::assistant::Language;
use serde::Deserialize;
use std::collections::BTreeMap;
use std::sync::LazyLock;

mod industry;
mod spoken;

pub use industry::Industry;
use spoken::spoken;

/// Stands for the name of the business.
const BUSINESS: &str = "{business_name}";
/// Stands for the name of an emergency contact, in the texts about a transfer.
const CONTACT: &str = "{contact_name}";

/// What an assistant starts with, filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Texts {
    /// What it says first.
    pub first_message: String,
    /// How it is to behave: the system prompt.
    pub instructions: String,
    /// What is added to the instructions where there is somebody to put callers through to.
    pub transfer_instructions: String,
    /// What it says when it ends the call with the tool for that.
    pub end_call_message: String,
    /// What ends the call when it says it itself.
    pub end_call_phrases: Vec<String>,
    /// What it leaves on a voicemail.
    pub voicemail_message: String,
}

/// What is said about a transfer to one contact, filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transfer {
    /// What the caller hears before being put through.
    pub message: String,
    /// When the assistant is to choose this contact.
    pub description: String,
}

/// A template that cannot be used. A test reads them all, so that none is ever deployed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the template {file} cannot be used: {why}")]
pub struct Unusable {
    file: &'static str,
    why: String,
}

/// What an assistant of this industry and language starts with, for the business of this name.
///
/// The name is cut to 40 characters and made speakable: it can neither leave its quotation marks
/// nor be taken for a variable of VAPI's (`{{…}}`).
///
/// # Errors
/// [`Unusable`] when the texts compiled in are broken.
pub fn texts(
    industry: Industry,
    language: Language,
    business_name: &str,
) -> Result<Texts, Unusable> {
    let book = book()?;
    let common = book.common.of(language);
    let trade = book.trades.get(&industry).ok_or_else(|| missing(industry))?;
    let part = trade.part(language);
    let name = spoken(business_name, &common.nameless);
    let fill = |text: &str| text.replace(BUSINESS, &name);
    Ok(Texts {
        first_message: fill(trade.first_message(language)),
        instructions: fill(&instructions(common, part)),
        transfer_instructions: common.transfer.clone(),
        end_call_message: fill(trade.end_call_message(language)),
        end_call_phrases: common.end_call_phrases.clone(),
        voicemail_message: fill(&common.voicemail_message),
    })
}

/// What is said about a transfer to the contact of this name.
///
/// # Errors
/// [`Unusable`] when the texts compiled in are broken.
pub fn transfer(language: Language, contact_name: &str) -> Result<Transfer, Unusable> {
    let common = book()?.common.of(language);
    let name = spoken(contact_name, &common.nameless);
    Ok(Transfer {
        message: common.transfer_message.replace(CONTACT, &name),
        description: common.transfer_description.replace(CONTACT, &name),
    })
}

fn instructions(common: &Common, part: &Part) -> String {
    let mut text = common.role.clone();
    for sentence in &part.instructions {
        text.push('\n');
        text.push_str(sentence);
    }
    list(&mut text, &common.rules_heading, &common.rules);
    list(&mut text, &common.ask_heading, &part.ask);
    text
}

fn list(text: &mut String, heading: &str, points: &[String]) {
    text.push_str("\n\n");
    text.push_str(heading);
    for point in points {
        text.push_str("\n- ");
        text.push_str(point);
    }
}

static BOOK: LazyLock<Result<Book, Unusable>> = LazyLock::new(|| {
    let trades = Industry::ALL.into_iter().map(|industry| (industry, industry.file()));
    Book::read(include_str!("../templates/common.json"), trades)
});

fn book() -> Result<&'static Book, Unusable> {
    BOOK.as_ref().map_err(Unusable::clone)
}

fn missing(industry: Industry) -> Unusable {
    Unusable { file: industry.code(), why: "it was not read".to_owned() }
}

/// All templates.
struct Book {
    common: ByLanguage<Common>,
    trades: BTreeMap<Industry, Trade>,
}

impl Book {
    fn read(
        common: &'static str,
        trades: impl Iterator<Item = (Industry, &'static str)>,
    ) -> Result<Self, Unusable> {
        let unusable = |file: &'static str| move |why: String| Unusable { file, why };
        let common: ByLanguage<Common> = parsed(common).map_err(unusable("common"))?;
        for part in [&common.english, &common.spanish, &common.french, &common.multilingual] {
            part.check().map_err(unusable("common"))?;
        }
        let mut read = BTreeMap::new();
        for (industry, text) in trades {
            let trade: Trade = parsed(text).map_err(unusable(industry.code()))?;
            trade.check().map_err(unusable(industry.code()))?;
            read.insert(industry, trade);
        }
        Ok(Self { common, trades: read })
    }
}

fn parsed<T: for<'de> Deserialize<'de>>(text: &str) -> Result<T, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ByLanguage<T> {
    english: T,
    spanish: T,
    french: T,
    multilingual: T,
}

impl<T> ByLanguage<T> {
    const fn of(&self, language: Language) -> &T {
        match language {
            Language::English => &self.english,
            Language::Spanish => &self.spanish,
            Language::French => &self.french,
            Language::Multilingual => &self.multilingual,
        }
    }
}

/// What holds for every industry, in one language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Common {
    role: String,
    rules_heading: String,
    rules: Vec<String>,
    ask_heading: String,
    transfer: String,
    transfer_message: String,
    transfer_description: String,
    end_call_phrases: Vec<String>,
    voicemail_message: String,
    /// What stands for a name that has nothing to be spoken.
    nameless: String,
}

impl Common {
    fn check(&self) -> Result<(), String> {
        all([&self.role, &self.voicemail_message], BUSINESS)?;
        all(&self.rules, BUSINESS)?;
        all([&self.transfer_message, &self.transfer_description], CONTACT)?;
        all([&self.rules_heading, &self.ask_heading, &self.transfer, &self.nameless], "")?;
        all(&self.end_call_phrases, "")
    }
}

/// What one industry adds.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Trade {
    english: Part,
    spanish: Part,
    french: Part,
    multilingual: Greeting,
}

/// What an industry says in one language.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Part {
    first_message: String,
    instructions: Vec<String>,
    ask: Vec<String>,
    end_call_message: String,
}

/// What a multilingual assistant says; it is instructed in English.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Greeting {
    first_message: String,
    end_call_message: String,
}

impl Trade {
    const fn part(&self, language: Language) -> &Part {
        match language {
            Language::English | Language::Multilingual => &self.english,
            Language::Spanish => &self.spanish,
            Language::French => &self.french,
        }
    }

    fn first_message(&self, language: Language) -> &str {
        match language {
            Language::Multilingual => &self.multilingual.first_message,
            Language::English | Language::Spanish | Language::French => {
                &self.part(language).first_message
            }
        }
    }

    fn end_call_message(&self, language: Language) -> &str {
        match language {
            Language::Multilingual => &self.multilingual.end_call_message,
            Language::English | Language::Spanish | Language::French => {
                &self.part(language).end_call_message
            }
        }
    }

    fn check(&self) -> Result<(), String> {
        for part in [&self.english, &self.spanish, &self.french] {
            all([&part.first_message, &part.end_call_message], BUSINESS)?;
            all(&part.instructions, BUSINESS)?;
            all(&part.ask, BUSINESS)?;
        }
        let greeting = &self.multilingual;
        all([&greeting.first_message, &greeting.end_call_message], BUSINESS)
    }
}

/// Whether there are texts, none is empty, and none has braces but those of `placeholder`.
fn all<'a>(texts: impl IntoIterator<Item = &'a String>, placeholder: &str) -> Result<(), String> {
    let mut some = false;
    for text in texts {
        some = true;
        let plain = text.replace(placeholder, "");
        if text.trim().is_empty() || plain.contains(['{', '}']) {
            return Err(format!("only {placeholder:?} may stand in {text:?}"));
        }
    }
    if some { Ok(()) } else { Err("a list is empty".to_owned()) }
}

#[cfg(test)]
mod tests;
