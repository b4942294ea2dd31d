use super::*;

const LANGUAGES: [Language; 4] =
    [Language::English, Language::Spanish, Language::French, Language::Multilingual];

/// The longest name there can be, in letters of four bytes.
fn widest() -> String {
    "𝔚".repeat(60)
}

fn all_texts(name: &str) -> Vec<(Industry, Language, Texts)> {
    let mut all = Vec::new();
    for industry in Industry::ALL {
        for language in LANGUAGES {
            all.push((industry, language, texts(industry, language, name).unwrap()));
        }
    }
    all
}

#[test]
fn every_template_is_whole_and_within_the_limits_when_filled() {
    for (industry, language, texts) in all_texts(&widest()) {
        let place = format!("{industry:?} {language:?}");
        let length = |text: &str| text.chars().count();
        // Spoken at once: nobody listens longer to a greeting.
        assert!((20..=250).contains(&length(&texts.first_message)), "{place}");
        // VAPI's own limit is 1,000 for these two.
        assert!((10..=250).contains(&length(&texts.end_call_message)), "{place}");
        assert!((10..=250).contains(&length(&texts.voicemail_message)), "{place}");
        assert!((500..=6_000).contains(&length(&texts.instructions)), "{place}");
        assert!((50..=1_000).contains(&length(&texts.transfer_instructions)), "{place}");
        for phrase in &texts.end_call_phrases {
            // VAPI: 2 to 140 characters, looked for anywhere in what the assistant says.
            assert!((10..=140).contains(&length(phrase)), "{place}");
        }
        let name = "𝔚".repeat(40);
        for text in [&texts.first_message, &texts.instructions, &texts.voicemail_message] {
            assert!(text.contains(&name), "{place}: {text}");
            assert!(!text.contains(['{', '}']), "{place}: {text}");
        }
    }
}

#[test]
fn a_call_ends_by_its_phrase_only_where_the_assistant_is_told_to() {
    for (industry, language, texts) in all_texts("Harbor") {
        let heard = |text: &str, phrase: &str| text.to_lowercase().contains(phrase);
        for phrase in &texts.end_call_phrases {
            assert_eq!(*phrase, phrase.to_lowercase());
            assert!(!phrase.contains(['.', ',', '!']), "punctuation is not matched: {phrase}");
            assert!(heard(&texts.instructions, phrase), "{industry:?} {language:?}: {phrase}");
            assert!(!heard(&texts.first_message, phrase), "{industry:?} {language:?}: {phrase}");
        }
    }
}

#[test]
fn every_industry_and_language_says_something_of_its_own() {
    let all = all_texts("Harbor");
    for (place, (industry, language, texts)) in all.iter().enumerate() {
        for (other_industry, other_language, other) in all.iter().take(place) {
            let pair = format!("{industry:?} {language:?}, {other_industry:?} {other_language:?}");
            assert_ne!(texts.instructions, other.instructions, "{pair}");
            if industry == other_industry {
                assert_ne!(texts.first_message, other.first_message, "{pair}");
                assert_ne!(texts.end_call_message, other.end_call_message, "{pair}");
            }
        }
    }
}

#[test]
fn a_multilingual_assistant_is_instructed_in_english_and_says_what_it_speaks() {
    for industry in Industry::ALL {
        let english = texts(industry, Language::English, "Harbor").unwrap();
        let many = texts(industry, Language::Multilingual, "Harbor").unwrap();
        let asked = |texts: &Texts| {
            texts.instructions.rsplit_once("\n\n").map(|(_, asked)| asked.to_owned()).unwrap()
        };
        assert_eq!(asked(&english), asked(&many));
        assert!(many.instructions.contains("the language the caller speaks"));
        for tongue in ["español", "français"] {
            assert!(many.first_message.contains(tongue), "{industry:?}");
        }
    }
}

#[test]
fn the_general_template_greets_as_callers_know_it() {
    let first = |language| texts(Industry::General, language, "Rosa's Bakery").unwrap();
    assert_eq!(
        first(Language::English).first_message,
        "Thank you for calling Rosa's Bakery. How can I help you today?"
    );
    assert_eq!(
        first(Language::Spanish).first_message,
        "Gracias por llamar a Rosa's Bakery. ¿En qué puedo ayudarle hoy?"
    );
    assert_eq!(
        first(Language::French).first_message,
        "Rosa's Bakery, bonjour ! Comment puis-je vous aider ?"
    );
}

#[test]
fn instructions_read_as_a_page() {
    let texts = texts(Industry::General, Language::English, "Rosa's Bakery").unwrap();
    let lines: Vec<&str> = texts.instructions.lines().collect();
    assert_eq!(
        lines[0],
        "You answer the telephone for the business \"Rosa's Bakery\". Speak English."
    );
    assert!(lines.contains(&"Always:") && lines.contains(&"- whether it is urgent"), "{lines:#?}");
}

#[test]
fn a_name_without_anything_to_speak_is_replaced() {
    let texts = texts(Industry::General, Language::French, "{}").unwrap();
    assert_eq!(texts.first_message, "l'accueil, bonjour ! Comment puis-je vous aider ?");
}

#[test]
fn a_transfer_names_the_contact_in_every_language() {
    for language in LANGUAGES {
        let transfer = transfer(language, "Dana {{x}} Reyes").unwrap();
        assert!(transfer.message.contains("Dana x Reyes"), "{transfer:?}");
        assert!(transfer.description.starts_with("Dana x Reyes"), "{transfer:?}");
        // VAPI's limit for a message of a transfer is 1,000.
        assert!(transfer.message.chars().count() < 200, "{transfer:?}");
    }
}

#[test]
fn a_broken_template_is_named() {
    let common = include_str!("../../templates/common.json");
    let general = Industry::General.file();
    let read = |text: String| {
        let text: &'static str = text.leak();
        Book::read(common, [(Industry::General, text)].into_iter()).map(|_book| ())
    };
    assert_eq!(read(general.to_owned()), Ok(()));
    for (was, becomes) in [
        ("{business_name}", "{name}"),
        ("{business_name}", "{{business_name}}"),
        ("\"whether it is urgent\"", "\" \""),
        ("\"first_message\"", "\"greeting\""),
        ("}", ""),
    ] {
        let error = read(general.replace(was, becomes)).unwrap_err();
        assert!(error.to_string().starts_with("the template general cannot be used"), "{error}");
    }
    let leaked: &'static str = common.replace("{contact_name}", "{business_name}").leak();
    assert!(Book::read(leaked, std::iter::empty()).is_err());
}
