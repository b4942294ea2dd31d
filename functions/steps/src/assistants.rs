//! Assistants at VAPI: made, found again, told of by their rows, deleted.

use crate::effects::{call, read};
use domain::ids::{Stamp, VapiAssistantId};
use domain::outcome::{Missing, Outcome, Refusal};
use domain::setup::Setup;
use domain::time::Timestamp;
use domain::vapi::AssistantSpec;
use domain::work::Input;
use exchange::reading::done;
use runtime::providers::CallPolicy;
use runtime::{Deps, World};

/// Makes an assistant.
pub(crate) async fn create<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    spec: &AssistantSpec,
) -> Input {
    Input::AssistantCreated(call!(deps.vapi_client(policy).await, create_assistant(spec)))
}

/// Looks whether the assistant with this stamp exists.
pub(crate) async fn find<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    stamp: &Stamp,
    created_after: Timestamp,
) -> Input {
    let vapi = deps.vapi_client(policy).await;
    Input::AssistantFound(call!(vapi, find_assistant(stamp, created_after)))
}

/// Tells VAPI what the assistant's row says. What a row of a former version does not say is as the
/// work has it.
pub(crate) async fn tell<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    vapi: &VapiAssistantId,
    spec: AssistantSpec,
) -> Input {
    Input::AssistantUpdated(told(deps, policy, vapi, spec).await)
}

async fn told<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    vapi: &VapiAssistantId,
    spec: AssistantSpec,
) -> Outcome<u64, Missing> {
    let sheet = deps.store.sheet(&spec.organization, &spec.business, spec.assistant).await;
    let sheet = match done(read(sheet, "assistant")) {
        Ok(Some(sheet)) => sheet,
        Ok(None) => return Outcome::Refused(Refusal::Because(Missing::NotFound)),
        Err(end) => return end,
    };
    let assistant = sheet.assistant;
    let setup = Setup {
        industry: assistant.industry.unwrap_or(spec.setup.industry),
        contacts: sheet.contacts,
        server: sheet.server,
    };
    let spec = AssistantSpec {
        name: assistant.name,
        language: assistant.language,
        persona: assistant.persona.unwrap_or(spec.persona),
        setup,
        ..spec
    };
    let version = assistant.version;
    match deps.vapi_client(policy).await {
        Ok(client) => client.update_assistant(vapi, &spec).await.map(|_assistant| version),
        Err(not_reached) => not_reached.outcome(),
    }
}

/// Deletes an assistant at VAPI.
pub(crate) async fn delete<W: World>(
    deps: &Deps<W>,
    policy: CallPolicy,
    id: &VapiAssistantId,
) -> Input {
    Input::AssistantDeleted(call!(deps.vapi_client(policy).await, delete_assistant(id)))
}
