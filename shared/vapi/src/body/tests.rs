use super::*;
use crate::testing::{SECRET, assistant_spec, client, server_json};
use domain::persona::Persona;
use domain::setup::{EmergencyContacts, Setup};
use domain::template::Industry;
use exchange::scripted::Scripted;

const LANGUAGES: [Language; 4] =
    [Language::English, Language::Spanish, Language::French, Language::Multilingual];

fn built(spec: &AssistantSpec) -> Value {
    let exchange = Scripted::new([]);
    assistant(spec, &client(&exchange).settings).unwrap()
}

fn plain(language: Language) -> Value {
    built(&assistant_spec(language))
}

fn with(setup: Setup) -> AssistantSpec {
    AssistantSpec { setup, ..assistant_spec(Language::English) }
}

fn with_persona(settings: Value) -> AssistantSpec {
    let persona = Persona::from_json(&settings, LongestCall::DEFAULT).unwrap();
    AssistantSpec { persona, ..assistant_spec(Language::English) }
}

fn dana() -> EmergencyContact {
    EmergencyContact::new("Dana Reyes", "+14155550199".parse().unwrap()).unwrap()
}

fn contacts(all: Vec<EmergencyContact>) -> Setup {
    Setup { contacts: EmergencyContacts::new(all).unwrap(), ..Setup::default() }
}

#[test]
fn an_english_assistant_is_complete() {
    let mut body = plain(Language::English);
    let instructions = body["model"]["messages"][0]["content"].take();
    assert!(instructions.as_str().unwrap().contains("\"Rosa's Bakery\""));
    let expected = json!({
        "name": "Rosa's Bakery",
        "firstMessage": "Thank you for calling Rosa's Bakery. How can I help you today?",
        "firstMessageMode": "assistant-speaks-first",
        "model": {
            "provider": "openai",
            "model": "gpt-4.1-mini",
            "messages": [{ "role": "system", "content": null }],
            "tools": [{ "type": "endCall" }],
        },
        "voice": { "provider": "vapi", "voiceId": "Elliot" },
        "transcriber": { "provider": "deepgram", "model": "nova-3", "language": "en" },
        "endCallMessage": "Thank you for calling Rosa's Bakery. Goodbye!",
        "endCallPhrases": ["goodbye and have a great day"],
        "voicemailMessage": body["voicemailMessage"],
        "maxDurationSeconds": 600,
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
        (Language::French, "fr", "Rosa's Bakery, bonjour !"),
        (Language::Multilingual, "multi", "Thank you for calling Rosa's Bakery."),
    ] {
        let body = plain(language);
        assert_eq!(body["transcriber"]["language"], heard);
        assert_eq!(body["voice"]["language"], "auto");
        assert_eq!(body["voice"]["version"], "2");
        assert!(body["firstMessage"].as_str().unwrap().starts_with(greeting));
    }
}

#[test]
fn each_industry_speaks_from_its_template() {
    for industry in Industry::ALL {
        for language in LANGUAGES {
            let setup = Setup { industry, ..Setup::default() };
            let spec = AssistantSpec { setup, ..assistant_spec(language) };
            let texts = template::texts(industry, language, "Rosa's Bakery").unwrap();
            let body = built(&spec);
            assert_eq!(body["firstMessage"], json!(texts.first_message));
            assert_eq!(body["endCallMessage"], json!(texts.end_call_message));
            assert_eq!(body["model"]["messages"][0]["content"], json!(texts.instructions));
        }
    }
}

#[test]
fn every_setting_a_business_can_make_is_in_every_body() {
    for language in LANGUAGES {
        let body = plain(language);
        for name in Persona::FIELDS {
            assert!(!body[name].is_null(), "a PATCH would leave the {name} of before");
        }
    }
}

#[test]
fn what_the_business_set_stands_in_place_of_ours() {
    let body = built(&with_persona(json!({
        "firstMessage": "Hi!",
        "endCallPhrases": [],
        "maxDurationSeconds": 900,
        "model": { "provider": "google", "model": "gemini-2.5-flash", "temperature": 0.2 },
    })));
    assert_eq!(body["firstMessage"], "Hi!");
    assert_eq!(body["endCallPhrases"], json!([]));
    assert_eq!(body["maxDurationSeconds"], 900);
    assert_eq!(body["model"]["provider"], "google");
    assert_eq!(body["model"]["temperature"], 0.2);
    // It chose a model, not silence about what to do.
    let ours = plain(Language::English);
    assert_eq!(body["model"]["messages"], ours["model"]["messages"]);
    assert_eq!(body["endCallMessage"], ours["endCallMessage"]);
}

#[test]
fn instructions_of_the_business_replace_ours_and_the_tools_stay() {
    let messages = json!([{ "role": "system", "content": "Sell bread." }]);
    let settings = json!({
        "model": { "provider": "openai", "model": "gpt-4.1", "messages": messages },
    });
    let spec = AssistantSpec { setup: contacts(vec![dana()]), ..with_persona(settings) };
    let body = built(&spec);
    assert_eq!(body["model"]["messages"], messages);
    assert_eq!(body["model"]["tools"][1]["type"], "transferCall");
    assert_eq!(body["metadata"]["businessId"], "biz_42");
    assert_eq!(body["server"], server_json());
}

#[test]
fn a_contact_is_where_the_assistant_may_put_callers_through() {
    let body = built(&with(contacts(vec![dana()])));
    let expected = json!([{ "type": "endCall" }, {
        "type": "transferCall",
        "destinations": [{
            "type": "number",
            "number": "+14155550199",
            "message": "One moment, please. I'm putting you through to Dana Reyes.",
            "description": "Dana Reyes: for an emergency that cannot wait, \
                            or when a person is needed right away.",
        }],
    }]);
    assert_eq!(body["model"]["tools"], expected);
    let instructions = body["model"]["messages"][0]["content"].as_str().unwrap();
    assert!(instructions.contains("transferCall"), "{instructions}");
    assert!(!instructions.contains("4155550199"), "{instructions}");
    let alone = plain(Language::English);
    assert!(!alone["model"].to_string().contains("transferCall"));
}

#[test]
fn callers_hear_the_contacts_message_in_their_language() {
    let dana =
        dana().with_message(Language::French, "Ne quittez pas, je vous passe Dana.").unwrap();
    let heard = |language| {
        let spec =
            AssistantSpec { setup: contacts(vec![dana.clone()]), ..assistant_spec(language) };
        built(&spec)["model"]["tools"][1]["destinations"][0]["message"].take()
    };
    assert_eq!(heard(Language::French), "Ne quittez pas, je vous passe Dana.");
    assert_eq!(heard(Language::Spanish), "Un momento, por favor. Le comunico con Dana Reyes.");
    let text =
        |text: &str, language: &str| json!({ "type": "text", "text": text, "language": language });
    let expected = json!({ "type": "custom-message", "contents": [
        text("One moment, please. I'm putting you through to Dana Reyes.", "en"),
        text("Un momento, por favor. Le comunico con Dana Reyes.", "es"),
        text("Ne quittez pas, je vous passe Dana.", "fr"),
    ]});
    assert_eq!(heard(Language::Multilingual), expected);
}

#[test]
fn the_platforms_server_takes_the_place_of_ours_and_gets_no_secret() {
    let theirs = |credential: Option<&str>, messages: &[&str]| {
        let server = AssistantServer {
            url: "https://calls.example.com/vapi".parse().unwrap(),
            credential: credential.map(|id| id.parse().unwrap()),
            messages: messages.iter().map(|name| name.parse().unwrap()).collect(),
        };
        built(&with(Setup { server: Some(server), ..Setup::default() }))
    };
    let credential = "3d000000-0000-4000-8000-000000000004";
    let body = theirs(Some(credential), &["tool-calls", "hang"]);
    let expected = json!({
        "url": "https://calls.example.com/vapi",
        "credentialId": credential,
        "headers": {},
        "timeoutSeconds": 20,
    });
    assert_eq!(body["server"], expected);
    assert_eq!(body["serverMessages"], json!(["hang", "tool-calls"]));
    assert!(!body.to_string().contains(SECRET));
    let body = theirs(None, &[]);
    assert_eq!(body["server"].get("credentialId"), None);
    assert_eq!(body["serverMessages"].as_array().unwrap().len(), 11);
}

#[test]
fn a_name_of_others_stays_a_name() {
    let name = "Joe\" {{customer.number}}".to_owned();
    let spec = AssistantSpec { name: name.clone(), ..assistant_spec(Language::English) };
    let body = built(&spec);
    assert_eq!(body["name"], json!(name));
    assert_eq!(
        body["firstMessage"],
        "Thank you for calling Joe' customer.number. How can I help you today?"
    );
    let instructions = body["model"]["messages"][0]["content"].as_str().unwrap();
    assert!(instructions.contains("\"Joe' customer.number\""), "{instructions}");
}
