//! The store's suite on the table of the deployed stack: what every table must do, where there is
//! no DynamoDB Local to show it.

use aws_sdk_dynamodb::Client;
use dynamodb_local::DynamoDbLocal;
use e2e::on_stack;
use store::dynamo::{DynamoTable, configure};
use store::suite;

#[test]
fn the_stacks_table_serves_where_dynamodb_local_cannot_be_had() {
    if let Ok(Some(_local)) = DynamoDbLocal::start_if_possible() {
        println!("DynamoDB Local is here, and the store's own tests run the suite on it");
        return;
    }
    on_stack(async |stack| {
        let api = stack.api_url();
        let endpoint = api.split("/_aws/").next().expect("the emulator's address");
        let name = stack.output("TableName").expect("the template names its table").to_owned();
        let client = Client::from_conf(configure(dynamodb_local::config(endpoint)).build());
        suite::run(&DynamoTable::new(client, name), "suite").await.expect("the suite passes");
    });
}
