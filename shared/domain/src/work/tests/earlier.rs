//! Works as a former version wrote them.

use super::fixtures::{
    START, activating, active, any_local, assistant_made, free_made, new_work, read, slots_free,
};
use super::script::play;
use crate::number::{Number, Proof, State};
use crate::outcome::Outcome;
use crate::persona::Persona;
use crate::setup::Setup;
use crate::source::Source;
use crate::template::Industry;
use crate::vapi::AssistantSpec;
use crate::work::{Ask, Input, Kind, Phase, Work};

#[test]
fn a_work_without_what_came_later_is_read_as_it_was_meant() {
    let work = new_work(any_local(), &[Source::VapiFree]);
    let mut written = serde_json::to_value(&work).unwrap();
    let fields = written.as_object_mut().unwrap();
    assert_eq!(fields.remove("setup"), None, "what was not chosen takes no place");
    assert!(fields.remove("persona").is_some());
    let read: Work = serde_json::from_value(written).unwrap();
    assert_eq!(read, work);
    assert_eq!(read.recipient().unwrap().setup, Setup::default());
    assert_eq!(read.recipient().unwrap().setup.industry, Industry::General);
}

/// A claim compares the whole row: what a former version wrote must be written again as it was.
#[test]
fn a_number_without_what_came_later_is_written_as_it_was() {
    let script = [
        (0, Input::Resumed),
        (0, assistant_made()),
        (0, slots_free()),
        (0, free_made()),
        (1, Input::Asked(Ask::Cancel)),
        (1, Input::Unlinked(Outcome::Done(activating()))),
    ];
    let (work, _told) = play(new_work(any_local(), &[Source::VapiFree]), script);
    let number = work.phase.number().cloned().unwrap();
    let former = Some("biz_1".parse().unwrap());
    let state = State::Quarantined { until: START, former, assistant: None, proof: Proof::Proven };
    let text = serde_json::to_string(&Number { state, ..number }).unwrap();
    for later in ["country", "\"assistant\"", "proof"] {
        assert!(!text.contains(later), "{text}");
    }
    let read: Number = serde_json::from_str(&text).unwrap();
    assert_eq!(serde_json::to_string(&read).unwrap(), text);
}

/// A former version passes over what it does not know, and knows the rest.
#[test]
fn what_is_not_proven_says_so_beside_what_a_former_version_wrote() {
    let state =
        State::Quarantined { until: START, former: None, assistant: None, proof: Proof::Unproven };
    let mut written = serde_json::to_value(&state).unwrap();
    assert_eq!(serde_json::from_value::<State>(written.clone()).unwrap(), state);
    assert_eq!(written.as_object_mut().unwrap().remove("proof"), Some("unproven".into()));
    let proof = Proof::Proven;
    let proven = State::Quarantined { until: START, former: None, assistant: None, proof };
    assert_eq!(serde_json::to_value(&proven).unwrap(), written);
    assert_eq!(serde_json::from_value::<State>(written).unwrap(), proven);
}

#[test]
fn a_release_that_a_former_version_began_is_gone_on_with() {
    let script = [
        (0, Input::Resumed),
        (0, assistant_made()),
        (0, slots_free()),
        (0, free_made()),
        (60, Input::Resumed),
        (60, read(active())),
        (99, Input::Asked(Ask::Release { number: None, quarantine_days: 3 })),
    ];
    let (work, _told) = play(new_work(any_local(), &[Source::VapiFree]), script);
    let Phase::Releasing(releasing) = &work.phase else { panic!("{:?}", work.phase.name()) };
    assert_eq!(releasing.proof, Proof::Proven);
    let written = serde_json::to_string(&work).unwrap();
    assert!(!written.contains("proof"), "{written}");
    assert_eq!(serde_json::from_str::<Work>(&written).unwrap(), work);
}

#[test]
fn a_work_keeps_how_its_assistant_is_set_up() {
    let mut work = new_work(any_local(), &[Source::VapiFree]);
    if let Kind::Answer(recipient) = &mut work.kind {
        recipient.setup.industry = Industry::Restaurant;
    }
    let written = serde_json::to_value(&work).unwrap();
    assert_eq!(written["setup"]["industry"], "restaurant");
    assert_eq!(serde_json::from_value::<Work>(written).unwrap(), work);
}

#[test]
fn a_spec_without_what_came_later_is_read_as_it_was_meant() {
    let work = new_work(any_local(), &[Source::VapiFree]);
    let recipient = work.recipient().unwrap();
    let spec = AssistantSpec {
        stamp: work.stamp(),
        name: recipient.assistant_name.clone(),
        assistant: recipient.assistant,
        business: recipient.business.clone(),
        organization: work.organization.clone(),
        language: recipient.language,
        persona: Persona::default(),
        setup: Setup::default(),
    };
    let mut written = serde_json::to_value(&spec).unwrap();
    assert!(written.as_object_mut().unwrap().remove("setup").is_some());
    assert_eq!(serde_json::from_value::<AssistantSpec>(written).unwrap(), spec);
}
