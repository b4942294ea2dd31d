//! Starts the function.

#[cfg(planted)]
compile_error!("planted bugs are for the simulator alone");

use lambda_http::{Request, run, service_fn};
use runtime::config::{Lookup, environment};
use runtime::{aws, telemetry};
use webhooks::Hook;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), lambda_http::Error> {
    let find = |name: &str| environment(name);
    let lookup = Lookup::new(&find);
    telemetry::start(lookup.optional("AWS_LAMBDA_LOG_LEVEL").as_deref());
    let config = &webhooks::Config::from_lookup(lookup)?;
    let deps = &aws::deps(lookup)?;
    run(service_fn(|request: Request| async move {
        let answer = webhooks::handle(deps, config, Hook::from(request)).await;
        Ok::<_, std::convert::Infallible>(answer.into_response())
    }))
    .await
}
