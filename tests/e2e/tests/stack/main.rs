//! The deployed stack, driven from outside: emulated AWS, the template as it stands, the functions
//! as processes, the providers' simulators over HTTP.

mod crashes;
mod dead_letters;
mod entry;
mod main_job;
mod manual;
mod organizations;
mod pool;
mod refusals;
mod table;
mod webhooks;
