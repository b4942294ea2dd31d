//! What requests cost: counted as they are sent, with the capacity units that DynamoDB tells of
//! each. The store and its table are left as they are; the client is asked.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use aws_sdk_dynamodb::config::interceptors::{
    AfterDeserializationInterceptorContextRef, BeforeSerializationInterceptorContextMut,
    BeforeTransmitInterceptorContextRef,
};
use aws_sdk_dynamodb::config::{ConfigBag, Intercept, RuntimeComponents};
use aws_sdk_dynamodb::error::BoxError;
use aws_sdk_dynamodb::operation::batch_get_item::{BatchGetItemInput, BatchGetItemOutput};
use aws_sdk_dynamodb::operation::get_item::{GetItemInput, GetItemOutput};
use aws_sdk_dynamodb::operation::query::{QueryInput, QueryOutput};
use aws_sdk_dynamodb::operation::transact_write_items::{
    TransactWriteItemsInput, TransactWriteItemsOutput,
};
use aws_sdk_dynamodb::operation::update_item::{UpdateItemInput, UpdateItemOutput};
use aws_sdk_dynamodb::types::{ConsumedCapacity, ReturnConsumedCapacity};

/// What is asked of the table.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Operation {
    Query,
    Read,
    Write,
    Transaction,
}

/// What was used.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Used {
    /// Requests sent, repeated ones included.
    pub(crate) requests: u64,
    /// Tenths of capacity units: they come in halves.
    pub(crate) units: BTreeMap<Operation, u64>,
}

/// Counts what a client uses. Clones count together.
#[derive(Debug, Clone, Default)]
pub(crate) struct Meter(Arc<Mutex<Used>>);

impl Meter {
    /// What was used since the last time.
    pub(crate) fn take(&self) -> Used {
        std::mem::take(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    fn count(&self, operation: Operation, told: &[ConsumedCapacity]) -> Result<(), BoxError> {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for capacity in told {
            let units = capacity.capacity_units.ok_or("no capacity units")?;
            *used.units.entry(operation).or_default() += tenths(units)?;
        }
        Ok(())
    }
}

/// The tenths of a figure with halves at most.
fn tenths(units: f64) -> Result<u64, BoxError> {
    Ok(format!("{units:.1}").replace('.', "").parse()?)
}

impl Intercept for Meter {
    fn name(&self) -> &'static str {
        "Meter"
    }

    fn modify_before_serialization(
        &self,
        context: &mut BeforeSerializationInterceptorContextMut<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let (input, total) = (context.input_mut(), Some(ReturnConsumedCapacity::Total));
        if let Some(query) = input.downcast_mut::<QueryInput>() {
            query.return_consumed_capacity = total;
        } else if let Some(read) = input.downcast_mut::<GetItemInput>() {
            read.return_consumed_capacity = total;
        } else if let Some(read) = input.downcast_mut::<BatchGetItemInput>() {
            read.return_consumed_capacity = total;
        } else if let Some(write) = input.downcast_mut::<UpdateItemInput>() {
            write.return_consumed_capacity = total;
        } else if let Some(write) = input.downcast_mut::<TransactWriteItemsInput>() {
            write.return_consumed_capacity = total;
        }
        Ok(())
    }

    fn read_before_transmit(
        &self,
        _context: &BeforeTransmitInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).requests += 1;
        Ok(())
    }

    fn read_after_deserialization(
        &self,
        context: &AfterDeserializationInterceptorContextRef<'_>,
        _components: &RuntimeComponents,
        _config: &mut ConfigBag,
    ) -> Result<(), BoxError> {
        let Ok(output) = context.output_or_error() else { return Ok(()) };
        if let Some(query) = output.downcast_ref::<QueryOutput>() {
            self.count(Operation::Query, query.consumed_capacity.as_slice())
        } else if let Some(read) = output.downcast_ref::<GetItemOutput>() {
            self.count(Operation::Read, read.consumed_capacity.as_slice())
        } else if let Some(read) = output.downcast_ref::<BatchGetItemOutput>() {
            self.count(Operation::Read, read.consumed_capacity())
        } else if let Some(write) = output.downcast_ref::<UpdateItemOutput>() {
            self.count(Operation::Write, write.consumed_capacity.as_slice())
        } else if let Some(write) = output.downcast_ref::<TransactWriteItemsOutput>() {
            self.count(Operation::Transaction, write.consumed_capacity())
        } else {
            Ok(())
        }
    }
}
