use super::*;
use crate::testing::{assistant_spec, client, server_json};
use exchange::scripted::Scripted;

fn built(language: Language) -> Value {
    let exchange = Scripted::new([]);
    assistant(&assistant_spec(language), &client(&exchange).settings)
}

#[test]
fn an_english_assistant_is_complete() {
    let mut body = built(Language::English);
    let instructions = body["model"]["messages"][0]["content"].take();
    assert!(instructions.as_str().unwrap().contains("\"Rosa's Bakery\""));
    let expected = json!({
        "name": "Rosa's Bakery",
        "firstMessage": "Thank you for calling Rosa's Bakery. How can I help you today?",
        "model": {
            "provider": "openai",
            "model": "gpt-4.1-mini",
            "messages": [{ "role": "system", "content": null }],
        },
        "voice": { "provider": "vapi", "voiceId": "Elliot" },
        "transcriber": { "provider": "deepgram", "model": "nova-3", "language": "en" },
        "server": server_json(),
        "serverMessages": ["status-update", "end-of-call-report"],
        "metadata": {
            "stamp": crate::testing::STAMP,
            "assistantId": "01KA0000000000000000000001",
            "businessId": "biz_42",
            "organizationId": "org_7",
        },
    });
    assert_eq!(body, expected);
}

#[test]
fn each_language_greets_hears_and_speaks_its_own() {
    for (language, heard, greeting) in [
        (Language::Spanish, "es", "Gracias por llamar a Rosa's Bakery."),
        (Language::French, "fr", "Merci d'avoir appelé Rosa's Bakery."),
        (Language::Multilingual, "multi", "Thank you for calling Rosa's Bakery."),
    ] {
        let body = built(language);
        assert_eq!(body["transcriber"]["language"], heard);
        assert_eq!(body["voice"]["language"], "auto");
        assert_eq!(body["voice"]["version"], "2");
        assert!(body["firstMessage"].as_str().unwrap().starts_with(greeting));
    }
}
