//! The deployed stack, driven from outside: emulated AWS, the template as it stands, the functions
//! as processes, the providers' simulators over HTTP.

mod crashes;
mod dead_letters;
mod entry;
mod made_ahead;
mod main_job;
mod manual;
mod onboarding;
mod organizations;
mod pool;
mod refusals;
mod table;
mod twilio;
mod webhooks;
