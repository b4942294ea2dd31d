//! Starts the function.

#[cfg(planted)]
compile_error!("planted bugs are for the simulator alone");

use lambda_runtime::{Error, LambdaEvent, run, service_fn};
use runtime::config::{Lookup, environment};
use runtime::{Deadline, aws, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Error> {
    let find = |name: &str| environment(name);
    let lookup = Lookup::new(&find);
    telemetry::start(lookup.optional("AWS_LAMBDA_LOG_LEVEL").as_deref());
    let config = &sweeper::Config::from_lookup(lookup)?;
    let deps = &aws::deps_without_providers(lookup)?;
    run(service_fn(|event: LambdaEvent<_>| async move {
        let deadline = Deadline::from_epoch_millis(event.context.deadline);
        let sweep = sweeper::handle(deps, config, event.payload, deadline).await;
        sweep.map(|_sweep| ()).map_err(Error::from)
    }))
    .await
}
