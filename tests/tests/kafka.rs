//! Delivery to a real broker, read back by a client that is not apitap's.
use apitap_tests::kafka::Broker;
#[test]
fn the_harness_reads_back_what_another_client_wrote() {
    let broker = Broker::shared().unwrap();
    broker.create_topic("harness", 2, &[]).unwrap();
    assert!(broker.consume("harness").unwrap().is_empty());
    println!("{}", broker.address);
}
