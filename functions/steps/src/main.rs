//! Starts the function.

#[cfg(planted)]
compile_error!("planted bugs are for the simulator alone");

use lambda_runtime::{LambdaEvent, run, service_fn};
use runtime::config::{Lookup, environment};
use runtime::{Deadline, aws, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_runtime::Error> {
    let find = |name: &str| environment(name);
    let lookup = Lookup::new(&find);
    telemetry::start(lookup.optional("AWS_LAMBDA_LOG_LEVEL").as_deref());
    let config = &steps::Config::from_lookup(lookup)?;
    let deps = &aws::deps(lookup)?;
    run(service_fn(|event: LambdaEvent<_>| async move {
        let deadline = Deadline::from_epoch_millis(event.context.deadline);
        let answer = steps::handle(deps, config, event.payload, deadline).await;
        Ok::<_, std::convert::Infallible>(answer)
    }))
    .await
}
