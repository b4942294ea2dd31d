//! Twilio's search: classes, patterns, stock, and how it differs from call to call.

use serde_json::json;

use crate::desk::{Desk, text};

#[test]
fn a_search_offers_numbers_of_the_area_without_a_price() {
    let mut desk = Desk::new();
    let path = "/AvailablePhoneNumbers/US/Local.json?AreaCode=415&PageSize=3&VoiceEnabled=true";
    let found = desk.get_twilio(path);
    let offers = found["available_phone_numbers"].as_array().unwrap();
    assert_eq!(offers.len(), 3);
    let first = &offers[0];
    let number = text(&first["phone_number"]);
    assert!(number.starts_with("+1415"));
    let friendly = format!("(415) {}-{}", &number[5..8], &number[8..]);
    assert_eq!(first["friendly_name"], json!(friendly));
    assert_eq!((&first["iso_country"], &first["region"]), (&json!("US"), &json!("CA")));
    assert_eq!(
        first["capabilities"],
        json!({ "voice": true, "SMS": true, "MMS": true, "fax": false })
    );
    assert_eq!(first.get("price"), None);
    let sid = simulators::STANDARD_TWILIO_SID;
    let uri = format!("/2010-04-01/Accounts/{sid}/AvailablePhoneNumbers/US/Local.json");
    assert_eq!((&found["uri"], found.get("next_page_uri")), (&json!(uri), None));
}

#[test]
fn the_same_seed_offers_the_same_numbers_and_none_of_telnyx() {
    let mut desk = Desk::with(json!({ "telnyx": { "stock": 500 }, "twilio": { "stock": 500 } }));
    let all = "US/Local.json?AreaCode=415&PageSize=1000";
    let found = desk.twilio_search(all);
    assert_eq!(found.len(), 500);
    let mut again = Desk::with(json!({ "twilio": { "stock": 500 } }));
    assert_eq!(again.twilio_search(all), found);
    let query = "filter[national_destination_code]=415&filter[limit]=500";
    let telnyx = desk.search(query);
    assert!(telnyx.len() == 500 && found.iter().all(|number| !telnyx.contains(number)));
}

#[test]
fn a_shuffled_search_shows_another_part_of_the_stock_each_time() {
    let options = json!({ "twilio": { "search_shuffled": true } });
    let mut desk = Desk::with(options.clone());
    let few = "US/Local.json?AreaCode=415&PageSize=5";
    let (first, second) = (desk.twilio_search(few), desk.twilio_search(few));
    assert_ne!(first, second);
    let mut again = Desk::with(options);
    assert_eq!((again.twilio_search(few), again.twilio_search(few)), (first.clone(), second));
    // What was offered once can still be bought.
    let buy = [("PhoneNumber", first[0].as_str())];
    assert_eq!(desk.twilio("POST /IncomingPhoneNumbers.json", &buy).0, 201);
}

#[test]
fn classes_have_their_own_numbers_and_not_in_every_country() {
    let mut desk = Desk::new();
    assert!(desk.twilio_search("US/TollFree.json?PageSize=1")[0].starts_with("+1800"));
    assert!(desk.twilio_search("US/TollFree.json?AreaCode=888")[0].starts_with("+1888"));
    assert!(desk.twilio_search("ca/Local.json")[0].starts_with("+1416"));
    assert!(desk.twilio_search("GB/Mobile.json")[0].starts_with("+4477"));
    assert!(desk.twilio_search("US/Local.json?AreaCode=888").is_empty());
    assert!(desk.twilio_search("US/Local.json?AreaCode=416").is_empty(), "that is Canada");
    for path in ["US/Mobile.json", "GB/TollFree.json", "XX/Local.json", "US/Fancy.json"] {
        let (status, body) = desk.twilio(&format!("GET /AvailablePhoneNumbers/{path}"), &[]);
        assert_eq!((status, &body["code"]), (404, &json!(20404)), "{path}");
    }
}

#[test]
fn patterns_are_matched_and_checked() {
    let mut desk = Desk::with(json!({ "twilio": { "stock": 2000 } }));
    let mut found = |pattern: &str| {
        desk.twilio_search(&format!("US/Local.json?AreaCode=415&Contains={pattern}"))
    };
    let some = |numbers: &[String], fits: &dyn Fn(&str) -> bool| {
        assert!(!numbers.is_empty() && numbers.iter().all(|number| fits(number)), "{numbers:?}");
    };
    some(&found("77"), &|number| number.contains("77"));
    some(&found("*7*3$"), &|number| {
        number.ends_with('3') && &number[number.len() - 3..number.len() - 2] == "7"
    });
    some(&found("%2B1415*5"), &|number| &number[6..7] == "5");
    some(&found("15%25"), &|number| number.contains("15"));
    some(&found("CAB"), &|number| number.contains("222"));
    assert!(found("%2B1212").is_empty());
    for bad in ["7", "*7", "4-5-6", "12345678901234567"] {
        let path = format!("GET /AvailablePhoneNumbers/US/Local.json?Contains={bad}");
        assert_eq!(desk.twilio(&path, &[]).0, 400, "{bad}");
    }
}

#[test]
fn a_whole_number_is_found_without_its_area() {
    let mut desk = Desk::new();
    for rest in ["US/Local.json?AreaCode=907", "US/TollFree.json?AreaCode=844", "GB/Local.json"] {
        let number = desk.twilio_search(rest).remove(20);
        let path = rest.split('?').next().unwrap();
        let digits = &number[1..];
        let mut patterns = vec![digits.to_owned(), format!("%2B{digits}")];
        patterns.extend(digits.strip_prefix('1').map(str::to_owned));
        for pattern in patterns {
            let found = desk.twilio_search(&format!("{path}?Contains={pattern}"));
            assert_eq!(found, std::slice::from_ref(&number), "{pattern}");
        }
    }
    assert!(desk.twilio_search("US/Local.json?Contains=9075550100").is_empty());
}

#[test]
fn places_capabilities_and_addresses_narrow_the_search() {
    let mut desk = Desk::with(json!({ "twilio": {
        "capabilities": ["voice"], "addresses": { "GB": "local", "IT": "any" },
    }}));
    assert!(desk.twilio_search("US/Local.json?InRegion=NY")[0].starts_with("+1212"));
    assert!(desk.twilio_search("US/Local.json?InLocality=austin")[0].starts_with("+1512"));
    assert!(desk.twilio_search("US/Local.json?NearNumber=%2B13125550100")[0].starts_with("+1312"));
    assert!(desk.twilio_search("US/Local.json?SmsEnabled=true").is_empty());
    assert!(!desk.twilio_search("US/Local.json?SmsEnabled=false").is_empty());
    for (query, some) in [
        ("GB/Local.json", true),
        ("GB/Local.json?ExcludeForeignAddressRequired=true", true),
        ("GB/Local.json?ExcludeLocalAddressRequired=true", false),
        ("GB/Local.json?ExcludeAllAddressRequired=true", false),
        ("IT/Local.json?ExcludeLocalAddressRequired=true", true),
        ("IT/Local.json?ExcludeAllAddressRequired=true", false),
    ] {
        assert_eq!(!desk.twilio_search(query).is_empty(), some, "{query}");
    }
    let found = desk.get_twilio("/AvailablePhoneNumbers/GB/Local.json");
    assert_eq!(found["available_phone_numbers"][0]["address_requirements"], "local");
}

#[test]
fn an_area_may_be_sold_out() {
    let mut desk = Desk::with(json!({ "twilio": { "stock_by_area": { "907": 0, "415": 1 } } }));
    assert!(desk.twilio_search("US/Local.json?AreaCode=907").is_empty());
    let last = desk.twilio_search("US/Local.json?AreaCode=415");
    assert_eq!(last.len(), 1);
    assert!(desk.providers.twilio.sell_elsewhere(desk.now_ms, &last[0]));
    assert!(desk.twilio_search("US/Local.json?AreaCode=415").is_empty());
    assert_eq!(desk.twilio("GET /AvailablePhoneNumbers/US/Local.json?AreaCode=4x", &[]).0, 400);
}
