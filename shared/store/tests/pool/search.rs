//! What a search of the pool finds.

use crate::fixture::{Line, Pool, any, at, available, ids, local, of_area, organization};
use crate::meddled::{Meanwhile, Meddled};
use domain::number::Number;
use domain::request::{Match, NumberType, Wanted};
use domain::work::PoolSearch;
use std::sync::Arc;
use store::Committed;
use store::memory::{MemoryTable, Requests};
use store::table::Table;

/// As many as a search looks at.
const CANDIDATES: usize = 10;
/// The last place there is.
const LAST: u64 = 0xff_ffff_ffff;

pub(crate) async fn an_empty_class_has_nothing(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    assert_eq!(pool.search(&any(0)).await, []);
    for matching in [Match::Strict, Match::Any] {
        assert_eq!(pool.search(&of_area("415", matching)).await, []);
    }
}

pub(crate) async fn classes_are_apart(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let holder = pool.holder(1).await;
    let toll_free = Line { number_type: NumberType::TollFree, ..local(2).with("+18005550123") };
    let canadian = Line { country: "CA", ..local(3).with("+14165550123") };
    let sip = Line { number_type: NumberType::Sip, digits: None, ..local(4) };
    let british = Line { country: "GB", ..local(5).with("+442071838750") };
    let lines = [local(1), toll_free, canadian, sip, british];
    let pooled = pool.pooled(&holder, &lines).await;
    for (number, line) in pooled.iter().zip(lines) {
        let wanted =
            Wanted { country: number.country, number_type: line.number_type, ..Wanted::default() };
        let search = PoolSearch { wanted, organization: organization(), from: 0 };
        assert_eq!(pool.search(&search).await, std::slice::from_ref(number));
    }
    let wanted = Wanted { country: "FR".parse().expect("a country"), ..Wanted::default() };
    assert_eq!(
        pool.search(&PoolSearch { wanted, organization: organization(), from: 0 }).await,
        []
    );
}

pub(crate) async fn the_area_comes_first(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let holder = pool.holder(1).await;
    // The one in the area stands last in the class, behind more than a search looks at.
    let others: Vec<Line> = (1..=12).map(|place| local(place).with("+12125550123")).collect();
    let others = pool.pooled(&holder, &others).await;
    let there = pool.pooled(&holder, &[local(LAST)]).await;
    for matching in [Match::Strict, Match::Any] {
        assert_eq!(pool.search(&of_area("415", matching)).await, there);
    }
    // An area nobody has a number of: nothing, or any other.
    assert_eq!(pool.search(&of_area("628", Match::Strict)).await, []);
    let found = pool.search(&of_area("628", Match::Any)).await;
    assert_eq!(found, others[..CANDIDATES]);
}

pub(crate) async fn a_search_goes_around_from_any_point(table: Arc<impl Table>) {
    let pool = Pool::new(table);
    let holder = pool.holder(1).await;
    // At both ends, side by side and far apart.
    let places = [0, 1, 2, 0x100, 0x1_0000_0000, 0x7f_ffff_ffff, 0x80_0000_0000, 0xa0_0000_0000]
        .into_iter()
        .chain([0xb0_0000_0000, 0xc0_0000_0000, LAST - 1, LAST])
        .collect::<Vec<u64>>();
    let lines: Vec<Line> = places.iter().map(|place| local(*place)).collect();
    let pooled = pool.pooled(&holder, &lines).await;
    let between = [3, 0xff, 0x101, 0x9f_ffff_ffff, 0xd0_0000_0000];
    for point in places.iter().copied().chain(between) {
        let first = places.iter().position(|place| *place >= point).expect("the last is the last");
        let around: Vec<Number> = pooled.iter().cycle().skip(first).take(10).cloned().collect();
        assert_eq!(ids(&pool.search(&any(point)).await), ids(&around), "from {point:010x}");
        let strict = PoolSearch { from: point << 24, ..of_area("415", Match::Strict) };
        assert_eq!(ids(&pool.search(&strict).await), ids(&around), "in the area, {point:010x}");
    }
    // A smaller pool than a search looks at is found whole, and each number once.
    for number in &pooled[4..] {
        assert_eq!(pool.claim(&holder, number).await, Committed::Written);
    }
    let found = pool.search(&any(2)).await;
    assert_eq!(ids(&found), ids(&[&pooled[2..4], &pooled[..2]].concat()));
}

/// Another work takes these numbers.
fn taken(table: &Arc<impl Table + 'static>, by: u128, numbers: &[Number]) -> Meanwhile {
    let (other, numbers) = (Pool::new(Arc::clone(table)), numbers.to_vec());
    Box::pin(async move {
        let holder = other.holder(by).await;
        for number in &numbers {
            assert_eq!(other.claim(&holder, number).await, Committed::Written);
        }
    })
}

pub(crate) async fn what_left_meanwhile_is_not_found(table: Arc<impl Table + 'static>) {
    let pool = Pool::new(Arc::clone(&table));
    let holder = pool.holder(1).await;
    let lines: Vec<Line> = (1..=24).map(local).collect();
    let pooled = pool.pooled(&holder, &lines).await;
    let some = Pool::new(Meddled::new(&table, [taken(&table, 2, &pooled[..9])]));
    assert_eq!(some.search(&any(0)).await, pooled[9..10]);
    // All it saw: then there is more behind them.
    let (seen, behind) = (&pooled[9..][..CANDIDATES], &pooled[9 + CANDIDATES..]);
    let all = Pool::new(Meddled::new(&table, [taken(&table, 4, seen)]));
    assert_eq!(all.search(&any(0)).await, behind);
    assert_eq!(all.store.table().left(), 0);
}

pub(crate) async fn an_area_that_emptied_meanwhile_is_left(table: Arc<impl Table + 'static>) {
    let pool = Pool::new(Arc::clone(&table));
    let holder = pool.holder(1).await;
    let there = pool.pooled(&holder, &[local(1)]).await;
    let elsewhere = pool.pooled(&holder, &[local(2).with("+12125550123")]).await;
    let crowd = Pool::new(Meddled::new(&table, [taken(&table, 2, &there)]));
    assert_eq!(crowd.search(&of_area("415", Match::Any)).await, elsewhere);
}

pub(crate) async fn a_pool_that_keeps_emptying_is_given_up(table: Arc<impl Table + 'static>) {
    let pool = Pool::new(Arc::clone(&table));
    let holder = pool.holder(1).await;
    let lines: Vec<Line> = (0..40).map(local).collect();
    let pooled = pool.pooled(&holder, &lines).await;
    let quicker = pooled.chunks(CANDIDATES).zip(2..);
    let quicker = quicker.map(|(numbers, by)| taken(&table, by, numbers)).collect::<Vec<_>>();
    let slow = Pool::new(Meddled::new(&table, quicker));
    assert_eq!(slow.search(&any(0)).await, []);
    assert_eq!(slow.store.table().left(), 1, "it looked three times");
    assert_eq!(ids(&pool.search(&any(0)).await), ids(&pooled[30..]));
}

/// What a search costs does not depend on how many numbers there are.
#[tokio::test]
async fn requests_of_a_search_are_few() {
    let table = Arc::new(MemoryTable::new());
    let pool = Pool::new(Arc::clone(&table));
    let holder = pool.holder(1).await;
    let cost = async |search: &PoolSearch| {
        table.reset_requests();
        let found = pool.search(search).await.len();
        let Requests { get, query, write, transact } = table.reset_requests();
        assert_eq!((write, transact), (0, 0));
        (found, query, get)
    };
    assert_eq!(cost(&any(0)).await, (0, 4, 0), "both sides of the point, its own and everybody's");
    assert_eq!(cost(&of_area("628", Match::Any)).await, (0, 8, 0), "the area, then any");
    let lines: Vec<Line> = (1..=40).map(|place| local(place * 100)).collect();
    let pooled = pool.pooled(&holder, &lines).await;
    assert_eq!(cost(&any(0)).await, (CANDIDATES, 3, 1));
    assert_eq!(cost(&of_area("415", Match::Strict)).await, (CANDIDATES, 3, 1));
    assert_eq!(cost(&any(3_500)).await, (CANDIDATES, 4, 1), "around the end");
    assert_eq!(cost(&of_area("628", Match::Strict)).await, (0, 4, 0));
    assert_eq!(cost(&of_area("628", Match::Any)).await, (CANDIDATES, 7, 1));
    // A number the longer in the pool is found like any other: since when is for who claims.
    let rested = pool.number(pooled[0].id).await.expect("it is there");
    assert_eq!(rested, available(at(0), &rested));
}

/// Searches from points drawn at random begin everywhere, not at the first numbers of the class.
#[tokio::test]
async fn searches_begin_everywhere() {
    let pool = Pool::new(Arc::new(MemoryTable::new()));
    let holder = pool.holder(1).await;
    let step = LAST / 100;
    let lines: Vec<Line> = (0..100).map(|place| local(place * step)).collect();
    let pooled = pool.pooled(&holder, &lines).await;
    let mut first = vec![0; pooled.len()];
    for draw in 0..1_000_u64 {
        // Weyl's sequence: spread evenly over all of 64 bits.
        let from = draw.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        let found = pool
            .search(&PoolSearch { wanted: Wanted::default(), organization: organization(), from })
            .await;
        let place = pooled.iter().position(|number| number.id == found[0].id);
        first[place.expect("a number of the pool")] += 1;
    }
    let (least, most) = (first.iter().min(), first.iter().max());
    assert!(least >= Some(&8) && most <= Some(&12), "begun at each number so often: {first:?}");
}
