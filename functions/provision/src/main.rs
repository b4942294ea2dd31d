//! Starts the function.

#[cfg(planted)]
compile_error!("planted bugs are for the simulator alone");

use lambda_http::{Request, RequestExt as _, run, service_fn};
use runtime::config::{Lookup, environment};
use runtime::{Deadline, aws, telemetry};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let find = |name: &str| environment(name);
    let lookup = Lookup::new(&find);
    telemetry::start(lookup.optional("AWS_LAMBDA_LOG_LEVEL").as_deref());
    let config = &provision::Config::from_lookup(lookup)?;
    let deps = &aws::deps(lookup)?;
    run(service_fn(|request: Request| async move {
        let deadline = Deadline::from_epoch_millis(request.lambda_context().deadline);
        let call = provision::Call::from_lambda(request);
        provision::handle(deps, config, call, deadline).await.into_lambda()
    }))
    .await
}
