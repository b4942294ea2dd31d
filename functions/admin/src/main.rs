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
    let config = &admin::Config::from_lookup(lookup)?;
    let deps = &aws::deps_without_providers(lookup)?;
    run(service_fn(|request: Request| async move {
        let deadline = Deadline::from_epoch_millis(request.lambda_context().deadline);
        let call = admin::Call::from_lambda(request);
        admin::handle(deps, config, call, deadline).await.into_lambda()
    }))
    .await
}
