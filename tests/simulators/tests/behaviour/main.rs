//! What the simulators do, told by tests: each switch in its positions, each fault, each route.

mod calls;
mod control;
mod desk;
mod faults;
mod http;
mod in_process;
mod orders;
mod telnyx_numbers;
mod telnyx_search;
mod twilio_accounts;
mod twilio_calls;
mod twilio_client;
mod twilio_console;
mod twilio_import;
mod twilio_lists;
mod twilio_numbers;
mod twilio_purchase;
mod twilio_search;
mod vapi_assistants;
mod vapi_free;
mod vapi_import;
mod vapi_links;
mod vapi_lists;
mod webhooks;
