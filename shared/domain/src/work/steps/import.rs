//! Importing a number of a carrier into VAPI, linked from the start to whom it is for.

use crate::number::{Guard, Line, Origin};
use crate::outcome::{NoReason, Outcome, Refusal};
use crate::problem::{Problem, Unresolved};
use crate::source::Passed;
use crate::vapi::{
    Digits, ImportRefusal, ImportSpec, ImportedMessages, NumberProvider, TwilioImportSpec,
    VapiNumber,
};
use crate::work::decision::{Decided, Plan};
use crate::work::phase::{Bought, Importing, Intent, Phase, Proving, Through};
use crate::work::steps::lookup::{self, Missed};
use crate::work::steps::{cancel, needs_person, prove, scout, sources};
use crate::work::{Change, Effect, Event, Limits, Note};
use planted::planted;
use std::time::Duration;

pub(super) fn begin(plan: Plan<'_>, bought: Bought) -> Decided {
    let intent = Intent::open(plan.work.stamp(), plan.now());
    import(plan, Importing { bought, intent })
}

fn import(plan: Plan<'_>, importing: Importing) -> Decided {
    let assistant = plan.work.answerer()?;
    let (stamp, digits) = (importing.intent.stamp.clone(), importing.bought.digits.clone());
    let effect = match &importing.bought.through {
        Through::Telnyx { credential, .. } => {
            let credential = credential.clone();
            Effect::Import(ImportSpec { stamp, digits, credential, assistant })
        }
        Through::Twilio { twilio } => Effect::ImportFromTwilio {
            owner: twilio.owner.clone(),
            spec: TwilioImportSpec {
                stamp,
                digits,
                account: twilio.account.clone(),
                assistant,
                messages: ImportedMessages::AsBefore,
            },
        },
    };
    plan.enter(Phase::Importing(importing))?.perform(effect)
}

pub(super) fn look(plan: Plan<'_>, importing: &Importing) -> Decided {
    plan.perform(find(importing))
}

fn find(importing: &Importing) -> Effect {
    Effect::FindImport {
        stamp: importing.intent.stamp.clone(),
        digits: importing.bought.digits.clone(),
    }
}

pub(super) fn imported(plan: Plan<'_>, outcome: Outcome<VapiNumber, ImportRefusal>) -> Decided {
    let Phase::Importing(importing) = plan.work.phase.clone() else { return plan.unexpected() };
    match outcome {
        Outcome::Done(number) => exists(plan, importing, number),
        Outcome::Refused(Refusal::Because(ImportRefusal::AlreadyImported)) => {
            let effect = find(&importing);
            plan.perform(effect)
        }
        Outcome::Refused(Refusal::Because(ImportRefusal::NotAtCarrier)) => {
            not_settled(plan, importing)
        }
        Outcome::Refused(_) if planted!(SourceLeft) => {
            sources::pass(plan, importing.bought.number.source, Passed::Unavailable)
        }
        Outcome::Refused(refusal) if can_be_let_go(&plan, &importing) => {
            let detail = match refusal {
                Refusal::Because(reason) => words(&reason).to_owned(),
                Refusal::Request(detail) => detail,
                Refusal::Key => "VAPI rejects our key".to_owned(),
                Refusal::NotConfigured => "there is no key".to_owned(),
            };
            let source = importing.bought.number.source;
            sources::pass(let_go(plan, importing), source, Passed::Refused { detail })
        }
        Outcome::Refused(refusal) => {
            let problem = Problem::from_refusal(
                refusal,
                |detail| Problem::ImportRefused { detail },
                |reason| Problem::ImportRefused { detail: words(&reason).to_owned() },
            );
            needs_person(plan, problem, Phase::Bought(importing.bought))
        }
        Outcome::Transient { retry_after } => {
            let tries = plan.work.tries.saturating_add(1);
            if tries > plan.ctx.limits.tries {
                let at = Phase::Bought(importing.bought);
                return needs_person(plan, Problem::ProviderUnavailable, at);
            }
            later(plan, importing.bought, tries, retry_after)
        }
        Outcome::Unknown => {
            let intent = importing.intent.clone();
            lookup::doubt(plan, &intent, Unresolved::Import, |intent| {
                Phase::Importing(Importing { intent, ..importing })
            })
        }
    }
}

const fn words(reason: &ImportRefusal) -> &'static str {
    match reason {
        ImportRefusal::NotAtCarrier => "VAPI does not find the number at its carrier",
        ImportRefusal::AlreadyImported => "the number is in VAPI already",
        ImportRefusal::CredentialInvalid => "VAPI does not accept the carrier's credential",
    }
}

/// Whether nothing was bought and nothing can have been imported by us, and another will do.
fn can_be_let_go(plan: &Plan<'_>, importing: &Importing) -> bool {
    let number = &importing.bought.number;
    let is_imported = number.origin == Origin::Imported;
    is_imported && !importing.intent.was_repeated() && !plan.work.prepares()
}

/// Leaves a number of the account as it was.
fn let_go(plan: Plan<'_>, importing: Importing) -> Plan<'_> {
    plan.change(Change::DropNumber(Box::new(importing.bought.number)))
}

/// The order has not settled for VAPI's eyes yet: patience, within a limit.
fn not_settled(plan: Plan<'_>, importing: Importing) -> Decided {
    let patience = importing.bought.since.after(plan.ctx.limits.import_patience);
    if plan.now() >= patience {
        let detail = words(&ImportRefusal::NotAtCarrier).to_owned();
        let at = Phase::Bought(importing.bought);
        return needs_person(plan, Problem::ImportRefused { detail }, at);
    }
    let tries = plan.work.tries.saturating_add(1);
    later(plan, importing.bought, tries, None)
}

/// Back to bought, which closes the intent.
fn later(plan: Plan<'_>, bought: Bought, tries: u16, retry_after: Option<Duration>) -> Decided {
    let until = Limits::backoff(tries, retry_after, plan.ctx.entropy(), plan.now());
    plan.enter(Phase::Bought(bought))?.record(Event::Tried)?.wait(until)
}

pub(super) fn found(plan: Plan<'_>, outcome: Outcome<Option<VapiNumber>, NoReason>) -> Decided {
    let Phase::Importing(importing) = plan.work.phase.clone() else { return plan.unexpected() };
    match outcome {
        Outcome::Done(Some(number)) if is_another(&number, &importing) => absent(plan, importing),
        Outcome::Done(Some(number)) if plan.work.stamped(number.name.as_deref()) => {
            let plan = plan.note(Note::FoundAgain { what: Unresolved::Import })?;
            exists(plan, importing, number)
        }
        // Somebody else has imported it before: it is left to them.
        Outcome::Done(Some(_)) if can_be_let_go(&plan, &importing) => {
            let digits = importing.bought.digits.clone();
            let plan = let_go(plan, importing);
            if plan.work.cancel_asked {
                return cancel::nothing_held(plan);
            }
            scout::taken(plan, digits)
        }
        Outcome::Done(Some(_)) => {
            needs_person(plan, Problem::AlreadyImported, Phase::Bought(importing.bought))
        }
        Outcome::Done(None) => absent(plan, importing),
        Outcome::Refused(_) => lookup::unresolved(plan, Unresolved::Import),
        Outcome::Transient { retry_after } => {
            lookup::unreadable(plan, retry_after, Unresolved::Import)
        }
        Outcome::Unknown => lookup::unreadable(plan, None, Unresolved::Import),
    }
}

/// A free number that the same attempt got before bears the same stamp.
fn is_another(found: &VapiNumber, importing: &Importing) -> bool {
    let differs =
        matches!(&found.digits, Digits::Known(digits) if *digits != importing.bought.digits);
    found.provider == NumberProvider::Vapi || differs
}

/// A look-up found nothing of the import.
fn absent(plan: Plan<'_>, importing: Importing) -> Decided {
    match lookup::missed(&importing.intent, &plan.ctx) {
        Missed::Again(intent, until) => {
            plan.enter(Phase::Importing(Importing { intent, ..importing }))?.wait(until)
        }
        Missed::Absent(_) if plan.work.cancel_asked => {
            let bought = importing.bought;
            let plan = plan.enter(Phase::Bought(bought.clone()))?;
            cancel::rest_unlinked(plan, bought, Vec::new())
        }
        Missed::Absent(intent) if intent.repeats >= plan.ctx.limits.repeats => {
            lookup::unresolved(plan, Unresolved::Import)
        }
        Missed::Absent(intent) => {
            let plan = plan.note(Note::Repeated { what: Unresolved::Import })?;
            let intent = intent.again();
            import(plan, Importing { intent, ..importing })
        }
    }
}

fn exists(plan: Plan<'_>, importing: Importing, at_vapi: VapiNumber) -> Decided {
    let mut number = importing.bought.number;
    number.vapi = Some(at_vapi.id.clone());
    number.linked_at = plan.work.vapi_assistant().map(|_linked| plan.now()).or(number.linked_at);
    let new_guards = vec![Guard::Vapi(at_vapi.id.clone())];
    let change = Change::UpdateNumber { number: Box::new(number.clone()), new_guards };
    let line = Line::new(at_vapi.id, number);
    let plan = plan.note(Note::NumberImported)?.change(change).enter(Phase::Proving(Proving {
        line: line.clone(),
        links: 0,
        routes: 0,
    }))?;
    if plan.work.cancel_asked {
        return super::advance(plan);
    }
    prove::look(plan, &line)
}
