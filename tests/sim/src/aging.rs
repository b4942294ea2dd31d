//! Items as a former version of the functions would have left them.

use std::pin::pin;
use std::sync::Arc;
use std::task::{Context, Waker};
use store::keys;
use store::memory::MemoryTable;
use store::table::{Condition, Key, Table as _, Value, Write};

/// Pauses one write of the table makes at most.
const POLLS_MAX: u32 = 16;

/// Takes from every work what came with later versions: the persona.
pub fn age(table: &MemoryTable) {
    let mut aged: Vec<(Key, Arc<str>, String)> = Vec::new();
    table.inspect(|key, item| {
        if keys::parse_work(key).is_some()
            && let Some(Value::Document(text)) = item.get(keys::DOCUMENT)
            && let Some(without) = text.split_once("\"persona\":{},")
        {
            aged.push((key.clone(), Arc::clone(text), [without.0, without.1].concat()));
        }
    });
    for (key, was, becomes) in aged {
        let condition = Condition::Equals(keys::DOCUMENT, Value::Document(was));
        let set = vec![(keys::DOCUMENT, Value::Document(Arc::from(becomes)))];
        let write = Write::Update { key, set, add: Vec::new(), remove: Vec::new(), condition };
        let mut writing = pin!(table.write(&write));
        for _poll in 0..POLLS_MAX {
            // One that fails leaves an item of this version, which is as good.
            if writing.as_mut().poll(&mut Context::from_waker(Waker::noop())).is_ready() {
                break;
            }
        }
    }
}
