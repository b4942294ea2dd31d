use super::*;
use proptest::prelude::*;

proptest! {
    #[test]
    fn keys_that_are_read_back_survive(random in any::<u128>(), at in 0_i64..4_102_444_800_000, slot_number in 1_u16..2000) {
        let id = WorkId::new(ulid_of(random));
        prop_assert_eq!(parse_work(&work(id)), Some(id));
        prop_assert_eq!(parse_watched(&watched(id).sk), Some(id));
        let at = Timestamp::from_millis(at);
        prop_assert_eq!(parse_due(&due_sort(at, id)), Some(at));
        prop_assert!(due_sort(at, id) <= due_until(at));
        let slot_id = Slot::new(slot_number);
        prop_assert_eq!(parse_slot(&slot(slot_id).sk), Some(slot_id));
        prop_assert!(due_shard(id) < DUE_SHARDS);
        let number_id = NumberId::new(ulid_of(random));
        prop_assert_eq!(parse_number(&number(number_id)), Some(number_id));
        let line = history(number_id, at, "assigned", id).sk;
        prop_assert_eq!(parse_history(&line), Some((at, "assigned")));
        prop_assert!(HISTORY_FROM < line.as_str() && line.as_str() < HISTORY_TO);
    }

    #[test]
    fn places_in_the_pool_name_their_number(random in any::<u128>(), line in line()) {
        let number = number_of(random, line);
        let places = pooled(&number);
        let area = number.area_code();
        let parts: Vec<String> =
            std::iter::once(None).chain(area.as_ref().map(Some)).map(pool_part).collect();
        prop_assert_eq!(places.len(), parts.len());
        for (place, part) in places.iter().zip(parts) {
            prop_assert_eq!(&place.pk, &pool(&number.pool_class()));
            prop_assert!(place.sk.starts_with(&part));
            prop_assert_eq!(parse_pooled(&place.sk), Some(number.id));
        }
    }

    /// A search from any point on, and then from the beginning up to it, sees every place of
    /// its part once.
    #[test]
    fn places_stand_on_one_side_of_a_point(random in any::<u128>(), from in any::<u64>(), line in line()) {
        let number = number_of(random, line);
        let area = number.area_code();
        let parts = std::iter::once(None).chain(area.as_ref().map(Some)).map(pool_part);
        for (place, part) in pooled(&number).into_iter().zip(parts) {
            let (point, end) = (format!("{part}{}", pool_point(from)), format!("{part}~"));
            prop_assert!(part < point && point < end);
            let on = point <= place.sk && place.sk <= end;
            let before = part <= place.sk && place.sk <= point;
            prop_assert!(on != before);
            let upper = number.id.ulid().random() >> 40;
            prop_assert_eq!(on, u128::from(from >> 24) <= upper);
        }
    }

    /// Points are spread as wide as places are: each place is some search's first.
    #[test]
    fn every_place_has_a_point(random in any::<u128>(), line in line()) {
        let number = number_of(random, line);
        let upper = u64::try_from(number.id.ulid().random() >> 40).expect("40 bits");
        let point = format!("{}{}#", pool_part(None), pool_point(upper << 24));
        prop_assert!(pooled(&number).iter().any(|place| place.sk.starts_with(&point)));
    }
}

fn ulid_of(random: u128) -> domain::ids::Fresh {
    domain::ids::Fresh(random)
}

/// A country's letters and the digits of a number there, where it has any.
fn line() -> impl Strategy<Value = (&'static str, Option<&'static str>)> {
    prop::sample::select(vec![
        ("US", Some("+14155550123")),
        ("CA", Some("+14165550123")),
        ("GB", Some("+442071838750")),
        ("US", None),
    ])
}

fn number_of(random: u128, (country, digits): (&str, Option<&str>)) -> Number {
    let id = NumberId::new(ulid_of(random));
    let document = serde_json::json!({
        "id": id,
        "organization": "org-1",
        "source": "vapi_free",
        "carrier": { "carrier": "vapi", "slot": 1 },
        "origin": "bought",
        "number_type": "local",
        "country": country,
        "stamp": format!("DEPLOY01-{id}-1"),
        "digits": digits,
        "sip_uri": null,
        "vapi": null,
        "monthly": 0,
        "state": { "state": "available", "since": 0 },
        "work": null,
        "linked_at": null,
        "created_at": 0,
    });
    serde_json::from_value(document).expect("a number")
}

#[test]
fn attribute_names_are_all_different() {
    let mut names = ATTRIBUTES.to_vec();
    names.sort_unstable();
    names.dedup();
    assert_eq!(names.len(), ATTRIBUTES.len());
    assert!(DOCUMENTS.iter().all(|name| ATTRIBUTES.contains(name)));
}
