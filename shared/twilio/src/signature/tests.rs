use super::*;
use proptest::prelude::*;

const TOKEN: &str = "0123456789abcdef0123456789abcdef";

const VOICE_URL: &str = "https://hooks.example.test/twilio/voice?tenant=42";
const VOICE_FORM: &str = "To=%2B14155550123&From=%2B14155550100&Direction=inbound\
    &CallStatus=ringing&CallSid=CA00000000000000000000000000000001";
const VOICE_SIGNATURE: &str = "3oT1P1nhwyYcdmLp+mfsn/7G/p8=";

const JSON_URL: &str = "https://hooks.example.test/twilio/json\
    ?bodySHA256=e42a2a84e07d049d69475d8cee200a6a5af22bb4142a607d29b81dbeef3bc89d";
const JSON_BODY: &str = r#"{"status":"ok","n":1}"#;
const JSON_SIGNATURE: &str = "9tyhMNirZ8pV9IYMYbbDGr1wnG4=";

fn verified(signature: &str, url: &str, body: &str) -> Result<(), BadSignature> {
    verify(&SecretString::from(TOKEN), signature, url, body.as_bytes())
}

#[track_caller]
fn good(signature: &str, url: &str, body: &str) {
    assert_eq!(verified(signature, url, body), Ok(()), "{url} {body}");
}

#[track_caller]
fn wrong(signature: &str, url: &str, body: &str) {
    assert_eq!(verified(signature, url, body), Err(BadSignature::Wrong), "{url} {body}");
}

#[test]
fn a_form_is_signed_in_the_order_of_its_names() {
    good(VOICE_SIGNATURE, VOICE_URL, VOICE_FORM);
    let mut backwards: Vec<&str> = VOICE_FORM.split('&').collect();
    backwards.reverse();
    good(VOICE_SIGNATURE, VOICE_URL, &backwards.join("&"));
}

#[test]
fn what_was_not_signed_is_wrong() {
    wrong(VOICE_SIGNATURE, VOICE_URL, &VOICE_FORM.replace("ringing", "Ringing"));
    wrong(VOICE_SIGNATURE, VOICE_URL, &format!("{VOICE_FORM}&Digits=1"));
    wrong(VOICE_SIGNATURE, VOICE_URL, &VOICE_FORM.replace("&Direction=inbound", ""));
    wrong(VOICE_SIGNATURE, VOICE_URL, "");
    for url in [
        "https://hooks.example.test/twilio/voice?tenant=43",
        "https://hooks.example.test/twilio/voice",
        "https://hooks.example.test/dev/twilio/voice?tenant=42",
        "https://hooks.example.test/twilio/voice?tenant=%34%32",
        "http://hooks.example.test/twilio/voice?tenant=42",
        "hooks.example.test/twilio/voice?tenant=42",
    ] {
        wrong(VOICE_SIGNATURE, url, VOICE_FORM);
    }
    wrong(JSON_SIGNATURE, VOICE_URL, VOICE_FORM);
}

#[test]
fn only_the_token_itself_verifies() {
    let with = |token: &str| {
        verify(&SecretString::from(token), VOICE_SIGNATURE, VOICE_URL, VOICE_FORM.as_bytes())
    };
    assert_eq!(with(&TOKEN.to_uppercase()), Err(BadSignature::Wrong));
    assert_eq!(with("another"), Err(BadSignature::Wrong));
    for missing in ["", "  "] {
        assert_eq!(with(missing), Err(BadSignature::NoToken));
    }
}

#[test]
fn a_signature_must_come_whole() {
    for broken in ["3oT1P1nhwyYcdmLp+mfsn/7G/p8", "no base64!", " ", "3oT1P1nhwyYcdmLp-mfsn_7G_p8="]
    {
        assert_eq!(verified(broken, VOICE_URL, VOICE_FORM), Err(BadSignature::Unreadable));
    }
    // Nothing, a part, and as a gateway joins a header that came twice.
    for short in ["", "3oT1", "3oT1P1nhwyYcdmLp+mfsn/7G"] {
        wrong(short, VOICE_URL, VOICE_FORM);
    }
    let twice = format!("{VOICE_SIGNATURE},{VOICE_SIGNATURE}");
    assert_eq!(verified(&twice, VOICE_URL, VOICE_FORM), Err(BadSignature::Unreadable));
}

#[test]
fn a_value_that_comes_twice_counts_once_and_several_are_ordered() {
    // Signed: …Aa Digits1 Digits2 Namesé & co aempty, each name before its value.
    let signature = "E7Uvfk/ILcHrIEYQQR9MEmx8L50=";
    for form in [
        "aempty=&Digits=2&Digits=1&Names=%C3%A9+%26+co&Digits=2&Aa=",
        "Aa&Digits=1&Digits=1&Digits=2&Names=%C3%A9%20%26%20co&aempty",
    ] {
        good(signature, VOICE_URL, form);
    }
    wrong(signature, VOICE_URL, "Aa=&Digits=2&Names=%C3%A9+%26+co&aempty=");
}

#[test]
fn a_url_is_tried_with_and_without_its_port() {
    let with_port = VOICE_URL.replace(".test/", ".test:443/");
    let signed_with_port = "tTWUOka5kKLREjzYUPtqBIc3WAo=";
    for url in [VOICE_URL, &with_port] {
        good(VOICE_SIGNATURE, url, VOICE_FORM);
        good(signed_with_port, url, VOICE_FORM);
    }
    // Another port is dropped as well, but never added.
    good(VOICE_SIGNATURE, &VOICE_URL.replace(".test/", ".test:8443/"), VOICE_FORM);
    wrong(signed_with_port, &VOICE_URL.replace(".test/", ".test:8443/"), VOICE_FORM);
    let (signed_with_port, without) =
        ("wgMf7WdKx59DQIQXXTlByK3ti6k=", "QZsVXoro28CgRRh9m3oZrYcc82Q=");
    for url in ["http://127.0.0.1:80/twilio", "http://127.0.0.1/twilio"] {
        good(signed_with_port, url, "");
        good(without, url, "");
    }
    let json = JSON_URL.replace(".test/", ".test:443/");
    good("Q+1F/9uKz6qYz6KWYNUTBZqNfKo=", JSON_URL, JSON_BODY);
    good(JSON_SIGNATURE, &json, JSON_BODY);
}

#[test]
fn the_port_stands_behind_the_host() {
    for (url, other) in [
        ("https://a.test", Some("https://a.test:443")),
        ("https://a.test:443", Some("https://a.test")),
        ("http://a.test/x:1?y=:2", Some("http://a.test:80/x:1?y=:2")),
        ("https://a.test?x=1:2", Some("https://a.test:443?x=1:2")),
        ("https://user:pass@a.test/", Some("https://user:pass@a.test:443/")),
        ("https://user:pass@a.test:8443/", Some("https://user:pass@a.test/")),
        ("https://[::1]/", Some("https://[::1]:443/")),
        ("https://[::1]:443/", Some("https://[::1]/")),
        ("ftp://a.test/", None),
        ("/twilio", None),
        ("", None),
    ] {
        assert_eq!(with_other_port(url).as_deref(), other, "{url}");
    }
}

#[test]
fn json_is_signed_by_the_digest_in_the_url() {
    good(JSON_SIGNATURE, JSON_URL, JSON_BODY);
    wrong(JSON_SIGNATURE, JSON_URL, r#"{"status":"ok","n":2}"#);
    // Not even an empty body, which as a form would add nothing to the URL.
    wrong(JSON_SIGNATURE, JSON_URL, "");
    wrong(JSON_SIGNATURE, &JSON_URL.replace("e42a", "e42b"), JSON_BODY);
    wrong(JSON_SIGNATURE, "https://hooks.example.test/twilio/json", JSON_BODY);
    // A digest that cannot be one, in a URL that is signed.
    for digest in ["", "e42a", "no hex"] {
        let url = format!("https://hooks.example.test/twilio/json?bodySHA256={digest}");
        let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
        mac.update(url.as_bytes());
        let signature = STANDARD.encode(mac.finalize().into_bytes());
        wrong(&signature, &url, JSON_BODY);
    }
}

#[test]
fn json_without_a_digest_is_not_taken_for_signed() {
    // The signature of a URL alone, as of a webhook without parameters.
    let url = "https://hooks.example.test/twilio/voice";
    let signature = "/m1I/up95SrRQofDYp6Bz73ASe4=";
    good(signature, url, "");
    wrong(signature, url, JSON_BODY);
}

proptest! {
    #[test]
    fn anything_is_checked_without_a_crash(
        signature in ".{0,40}", url in ".{0,80}", body in proptest::collection::vec(any::<u8>(), 0..80),
    ) {
        prop_assert!(verify(&SecretString::from(TOKEN), &signature, &url, &body).is_err());
    }

    #[test]
    fn one_changed_byte_of_a_form_is_noticed(place in 0_usize..VOICE_FORM.len(), by in 1_u8..=255) {
        let mut body = VOICE_FORM.as_bytes().to_vec();
        body[place] ^= by;
        // Marks between names and values are not signed, by Twilio's design.
        prop_assume!(parameters(&body) != parameters(VOICE_FORM.as_bytes()));
        let verified = verify(&SecretString::from(TOKEN), VOICE_SIGNATURE, VOICE_URL, &body);
        prop_assert_eq!(verified, Err(BadSignature::Wrong));
    }
}
