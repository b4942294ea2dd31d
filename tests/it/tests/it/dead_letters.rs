//! Messages that fail again and again: set aside, told, and sent back once the cause is mended.

use it::queue::{Delivery, RECEIVES_MAX, VISIBILITY};
use it::{City, Person, Shown as _, from_sources, harbor};
use std::time::Duration;
use store::keys;
use store::table::{Attribute, Condition, Row, Table as _, Value, Write};

/// What a work's item may have become by somebody's hand, or by a version that is not yet here.
fn corruptions() -> [(Attribute, Value); 3] {
    [
        (keys::DOCUMENT, Value::Document("{".into())),
        (keys::DOCUMENT, Value::Document(r#"{"phase":"of a newer version"}"#.into())),
        (keys::LEASE_EPOCH, Value::Text("many".to_owned())),
    ]
}

/// The item of the city's only work.
fn work(city: &City) -> Row {
    let mut rows = city.table.rows();
    rows.retain(|row| keys::parse_work(&row.key).is_some());
    rows.remove(0)
}

/// Sets an attribute of the work by hand, and tells what stood there.
fn set_by_hand(city: &City, attribute: Attribute, value: &Value) -> Value {
    let Row { key, item } = work(city);
    let write = Write::Update {
        key,
        set: vec![(attribute, value.clone())],
        add: Vec::new(),
        remove: Vec::new(),
        condition: Condition::Present,
    };
    city.clock.run(city.table.write(&write)).unwrap();
    item[attribute].clone()
}

#[test]
fn message_that_nobody_can_read_is_told_and_not_handed_out_again() {
    let city = City::new();
    for text in ["", "{", "\u{0}", r#"{"version":9,"kind":"work"}"#] {
        city.queue.put(text.to_owned(), Duration::ZERO);
    }
    city.pass(VISIBILITY * RECEIVES_MAX * 2);
    assert_eq!((city.figures("MessageUnreadable"), city.figures("RecordFailed")), (4, 0));
    assert_eq!((city.queue.set_aside(), city.queue.next_due()), (0, None));
}

#[test]
fn message_that_fails_is_set_aside_and_completes_its_work_once_the_cause_is_mended() {
    for (attribute, corrupt) in corruptions() {
        let city = City::new();
        let asked = city.post(&harbor(), from_sources(&["telnyx"]));
        let sound = set_by_hand(&city, attribute, &corrupt);
        // Nobody else sends for the work: this is about the one message.
        city.queue.deliver(Delivery::Refused);
        let alone = city.queue.sent();
        city.pass(VISIBILITY * (RECEIVES_MAX - 1) + Duration::from_secs(60));
        assert_eq!(city.queue.set_aside(), 0, "{corrupt:?}");
        city.pass(VISIBILITY);
        // The alarm counts messages in the dead-letter queue; the log and the figure tell why.
        assert_eq!(city.queue.set_aside(), 1, "{corrupt:?}");
        assert_eq!(city.figures("RecordFailed"), usize::try_from(RECEIVES_MAX).unwrap());
        assert!(city.logs.text().contains("the record failed; it comes again"));
        let held = city.held();
        assert_eq!((held.assistants.len(), held.orders), (0, 0), "nothing is done on a guess");

        set_by_hand(&city, attribute, &sound);
        city.queue.redrive();
        city.clock.run(city.happen());
        assert_eq!(city.queue.sent(), alone, "the message alone");
        assert_eq!(city.look(&harbor(), asked.id()).text("step"), "awaiting_order");
        city.queue.deliver(Delivery::Once);
        city.settle();
        city.assert_one_number("telnyx", &city.look(&harbor(), asked.id()));
        assert_eq!(city.queue.set_aside(), 0);
    }
}

#[test]
fn dead_letters_that_pile_up_do_nothing_twice_when_all_come_back() {
    for (attribute, corrupt) in corruptions() {
        let city = City::new();
        let asked = city.post(&harbor(), from_sources(&["telnyx"]));
        let sound = set_by_hand(&city, attribute, &corrupt);
        // Somebody else's number is not held up.
        let other = Person::of("org-1", "other");
        let theirs = city.post(&other, from_sources(&["vapi_free"]));
        // The poller goes on sending for it, hour by hour.
        city.pass(Duration::from_secs(3 * 3600));
        assert_eq!(city.look(&other, theirs.id()).state(), "ready");
        let piled_up = city.queue.set_aside();
        assert!(piled_up > 3, "{corrupt:?}: {piled_up} dead letters");

        set_by_hand(&city, attribute, &sound);
        city.queue.redrive();
        city.settle();
        // What had failed for the last time before that is set aside only now.
        city.pass(VISIBILITY * 2);
        city.queue.redrive();
        city.pass(Duration::from_secs(3600));
        city.assert_answers(&city.look(&harbor(), asked.id()));
        let held = city.held();
        let once = (held.assistants.len(), held.orders, held.bought.len(), held.free.len());
        assert_eq!((once, held.spent_cents), ((2, 1, 1, 1), 200), "{corrupt:?}");
        assert_eq!((city.queue.set_aside(), city.works().len()), (0, 2));
    }
}
