//! Assistants at VAPI: set up as their business asked, changed in place, read back, removed.

use domain::assistant::Language;
use domain::ids::VapiAssistantId;
use domain::outcome::{Missing, Outcome, Refusal};
use domain::persona::Persona;
use domain::setup::{AssistantServer, EmergencyContact, EmergencyContacts, Setup};
use domain::template::{Industry, texts};
use domain::vapi::{AssistantSpec, DeleteAssistantRefusal, VapiAssistant};
use exchange::Exchange;
use it::{City, Person, Shown as _, from_sources, harbor};
use secrecy::SecretString;
use serde_json::{Value, json};
use simulators::STANDARD_VAPI_KEY;
use std::collections::BTreeMap;
use std::time::Duration;
use store::keys;
use store::table::{Condition, Table as _, Value as Attribute, Write};
use vapi::{VapiClient, VapiSettings};

/// What a business asks for beside its name.
fn asks(more: &Value) -> Value {
    let mut body = from_sources(&["vapi_free"]);
    for (name, value) in more.as_object().unwrap() {
        body[name] = value.clone();
    }
    body
}

/// Asks, waits until the number is there, and reads the assistant at VAPI.
fn answering(city: &City, person: &Person, more: &Value) -> Value {
    let asked = city.post(person, asks(more));
    assert_eq!(asked.status, 202, "{:#}", asked.body);
    city.settle();
    let ready = city.look(person, asked.id());
    assert_eq!(ready.state(), "ready", "{:#}", ready.body);
    let path = format!("/assistant/{}", ready.text("vapi_assistant_id"));
    city.at_vapi("GET", &path, Value::Null).1
}

#[test]
fn a_new_assistant_speaks_from_the_general_template_in_its_language() {
    let city = City::new();
    let assistant = answering(&city, &harbor(), &json!({ "language": "spanish" }));
    let expected = texts(Industry::General, Language::Spanish, "Harbor Heating & Air").unwrap();
    assert_eq!(assistant["firstMessage"], json!(expected.first_message));
    assert_eq!(assistant["model"]["messages"][0]["content"], json!(expected.instructions));
    assert_eq!(assistant["endCallMessage"], json!(expected.end_call_message));
    assert_eq!(assistant["model"]["tools"], json!([{ "type": "endCall" }]));
}

#[test]
fn what_the_business_sets_itself_stands_and_the_rest_is_ours() {
    let city = City::new();
    let own = json!({
        "firstMessage": "Ahoy!",
        "maxDurationSeconds": 3600,
        "model": { "provider": "openai", "model": "gpt-4.1", "temperature": 0.2 },
    });
    let assistant = answering(&city, &harbor(), &json!({ "assistant": own }));
    assert_eq!(assistant["firstMessage"], "Ahoy!");
    assert_eq!(assistant["maxDurationSeconds"], 3600);
    assert_eq!(assistant["model"]["model"], "gpt-4.1");
    let expected = texts(Industry::General, Language::English, "Harbor Heating & Air").unwrap();
    assert_eq!(assistant["model"]["messages"][0]["content"], json!(expected.instructions));
}

#[test]
fn a_call_may_last_as_long_as_the_deployment_says() {
    let longest = |settings: &[(&'static str, &str)], seconds: u64| {
        let own = json!({ "assistant": { "maxDurationSeconds": seconds } });
        City::with(settings).post(&harbor(), asks(&own))
    };
    assert_eq!(longest(&[("CALL_SECONDS_MAX", "7200")], 7200).status, 202);
    for (settings, seconds, expected) in [
        (&[("CALL_SECONDS_MAX", "7200")][..], 7201, "10 to 7200"),
        (&[("CALL_SECONDS_MAX", "600")][..], 601, "10 to 600"),
        (&[][..], 3601, "10 to 3600"),
    ] {
        let refused = longest(settings, seconds);
        assert_eq!(refused.status, 422, "{:#}", refused.body);
        let detail = refused.text("detail");
        assert!(detail.contains("assistant.maxDurationSeconds"), "{detail}");
        assert!(detail.contains(expected), "{detail}");
    }
}

#[test]
fn an_organizations_own_server_hears_of_its_calls_and_of_no_others() {
    let city = City::new();
    let url = "https://calls.example.com/vapi";
    let document = json!({ "id": "org-1", "assistant_server": { "url": url } }).to_string();
    let item = BTreeMap::from([
        (keys::SCHEMA_VERSION, Attribute::Number(keys::SCHEMA)),
        (keys::DOCUMENT, Attribute::Document(document.into())),
    ]);
    let key = keys::organization(&"org-1".parse().unwrap());
    let put = Write::Put { key, item, condition: Condition::Absent };
    city.clock.run(city.table.write(&put)).unwrap();

    let theirs = answering(&city, &harbor(), &json!({}));
    assert_eq!(theirs["server"]["url"], url);
    assert!(!theirs.to_string().contains(it::deployment::WEBHOOK_SECRET));
    let other = answering(&city, &Person::of("org-2", "bakery"), &json!({}));
    assert_eq!(other["server"]["url"], format!("{}/webhooks/vapi", city.base_url));
}

fn client(city: &City) -> VapiClient<impl Exchange> {
    let clock = city.clock.clone();
    let settings = VapiSettings {
        base_url: "https://api.vapi.ai".to_owned(),
        api_key: SecretString::from(STANDARD_VAPI_KEY),
        server_url: format!("{}/webhooks/vapi", city.base_url),
        server_secret: SecretString::from("ours"),
        call_deadline: Duration::from_secs(10),
    };
    VapiClient::new(city.providers.vapi(move || clock.millis()), settings)
}

fn spec(industry: Industry, language: Language) -> AssistantSpec {
    AssistantSpec {
        stamp: "ABCDEFGH-01KA0000000000000000000000-1".to_owned().try_into().unwrap(),
        name: "Harbor".to_owned(),
        assistant: "01KA0000000000000000000001".parse().unwrap(),
        business: "harbor".parse().unwrap(),
        organization: "org-1".parse().unwrap(),
        language,
        persona: Persona::default(),
        setup: Setup { industry, ..Setup::default() },
    }
}

/// Somebody to put callers through to, and a server of the platform.
fn equipped(mut spec: AssistantSpec) -> AssistantSpec {
    let dana = EmergencyContact::new("Dana Reyes", "+14155550199".parse().unwrap()).unwrap();
    spec.setup.contacts = EmergencyContacts::new(vec![dana]).unwrap();
    spec.setup.server = Some(AssistantServer {
        url: "https://calls.example.com/vapi".parse().unwrap(),
        credential: Some("3d000000-0000-4000-8000-000000000004".parse().unwrap()),
        messages: std::iter::once("tool-calls".parse().unwrap()).collect(),
    });
    spec
}

#[track_caller]
fn done<T: std::fmt::Debug, R: std::fmt::Debug>(outcome: Outcome<T, R>) -> T {
    match outcome {
        Outcome::Done(value) => value,
        Outcome::Refused(_) | Outcome::Transient { .. } | Outcome::Unknown => {
            panic!("{outcome:?}")
        }
    }
}

/// The assistant as VAPI has it, without what changes with every write.
fn kept(city: &City, id: &VapiAssistantId) -> Value {
    let mut body = city.at_vapi("GET", &format!("/assistant/{id}"), Value::Null).1;
    body.as_object_mut().unwrap().remove("updatedAt");
    body
}

#[test]
fn vapi_takes_every_template_in_every_language_new_and_in_place() {
    let city = City::new();
    let vapi = client(&city);
    let languages =
        [Language::English, Language::Spanish, Language::French, Language::Multilingual];
    let first = equipped(spec(Industry::General, Language::English));
    let kept_one = done(city.clock.run(vapi.create_assistant(&first)));
    for industry in Industry::ALL {
        for language in languages {
            let spec = equipped(spec(industry, language));
            done(city.clock.run(vapi.create_assistant(&spec)));
            let changed = done(city.clock.run(vapi.update_assistant(&kept_one, &spec)));
            assert_eq!(changed.id, kept_one);
        }
    }
}

#[test]
fn a_change_in_place_leaves_nothing_of_what_was_set_before() {
    let city = City::new();
    let vapi = client(&city);
    let plain = spec(Industry::Dental, Language::French);
    let own = json!({
        "firstMessageMode": "assistant-waits-for-user",
        "maxDurationSeconds": 900,
        "endCallPhrases": ["so long"],
        "voicemailMessage": "Later.",
    });
    let mut loaded = equipped(spec(Industry::Legal, Language::Multilingual));
    loaded.persona = Persona::from_json(&own, domain::persona::LongestCall::DEFAULT).unwrap();

    let id = done(city.clock.run(vapi.create_assistant(&plain)));
    let before = kept(&city, &id);
    done(city.clock.run(vapi.update_assistant(&id, &loaded)));
    let between = kept(&city, &id);
    assert_eq!(between["voicemailMessage"], "Later.");
    assert_eq!(between["server"]["url"], "https://calls.example.com/vapi");
    let read = done(city.clock.run(vapi.update_assistant(&id, &plain)));
    assert_eq!(kept(&city, &id), before);
    done(city.clock.run(vapi.update_assistant(&id, &plain)));
    assert_eq!(kept(&city, &id), before);

    let expected = VapiAssistant {
        id: id.clone(),
        name: Some("Harbor".to_owned()),
        stamp: Some(plain.stamp.clone()),
        assistant: Some(plain.assistant),
        business: Some(plain.business.clone()),
        organization: Some(plain.organization.clone()),
        server_url: Some(format!("{}/webhooks/vapi", city.base_url)),
    };
    assert_eq!(read, expected);
    assert_eq!(done(city.clock.run(vapi.read_assistant(&id))), expected);
}

#[test]
fn an_assistant_with_a_number_is_not_removed_and_one_without_is_gone_for_good() {
    let city = City::new();
    let vapi = client(&city);
    let plain = spec(Industry::General, Language::English);
    let id = done(city.clock.run(vapi.create_assistant(&plain)));
    let number = json!({ "provider": "vapi", "assistantId": id.as_str() });
    let number = city.at_vapi("POST", "/phone-number", number).1;
    let number = format!("/phone-number/{}", number["id"].as_str().unwrap());

    let pinned = Outcome::Refused(Refusal::Because(DeleteAssistantRefusal::Pinned));
    assert_eq!(city.clock.run(vapi.delete_assistant(&id)), pinned);
    city.at_vapi("PATCH", &number, json!({ "assistantId": null }));
    assert_eq!(city.clock.run(vapi.delete_assistant(&id)), Outcome::Done(()));
    assert_eq!(city.clock.run(vapi.delete_assistant(&id)), Outcome::Done(()));
    let gone = Outcome::Refused(Refusal::Because(Missing::NotFound));
    assert_eq!(city.clock.run(vapi.read_assistant(&id)), gone);
    assert_eq!(city.clock.run(vapi.update_assistant(&id, &plain)), gone);
}
