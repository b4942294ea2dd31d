//! Pages of the base table and of both indexes.

use super::{A, N, assert_rejected, delete, document, item, key, put, text, update};
use crate::layout;
use crate::table::Condition::{Absent, Always};
use crate::table::{Cursor, Index, Item, Key, Page, Query, Row, Table, TableError};

/// No page of the suite has so many rows.
const PLENTY: u16 = 100;

fn query(index: Index, partition: &str) -> Query {
    Query {
        index,
        partition: partition.to_owned(),
        from: None,
        to: None,
        ascending: true,
        limit: PLENTY,
        after: None,
    }
}

/// The sort keys of the base table, in the order found.
async fn found(table: &impl Table, query: &Query) -> Result<Vec<String>, TableError> {
    let page = table.query(query).await?;
    assert_eq!(page.next, None);
    Ok(page.rows.into_iter().map(|row| row.key.sk).collect())
}

/// Reads page by page to the end; the second number is how many pages it took.
async fn follow(table: &impl Table, mut query: Query) -> Result<(Vec<String>, usize), TableError> {
    let (mut all, mut pages) = (Vec::new(), 0);
    loop {
        let page = table.query(&query).await?;
        pages += 1;
        assert!(page.rows.len() <= usize::from(query.limit));
        all.extend(page.rows.into_iter().map(|row| row.key.sk));
        match page.next {
            Some(next) => query.after = Some(next),
            None => return Ok((all, pages)),
        }
    }
}

async fn seed(table: &impl Table, at: &str, sort_keys: &[&str]) -> Result<(), TableError> {
    for sk in sort_keys {
        table.write(&put(&key(at, sk), &item([(A, text(sk))]), Absent)).await?;
    }
    Ok(())
}

fn due(at: &str, sort: &str) -> Item {
    item([(layout::DUE.partition, text(at)), (layout::DUE.sort, text(sort))])
}

fn listed(at: &str, sort: &str) -> Item {
    item([(layout::LISTING.partition, text(at)), (layout::LISTING.sort, text(sort))])
}

pub(super) async fn base_in_both_directions(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    // Texts are ordered by their bytes, so numbers must be padded.
    seed(table, at, &["10", "9", "a", "B", "ä", "09", "a#1"]).await?;
    let mut order = vec!["09", "10", "9", "B", "a", "a#1", "ä"];
    assert_eq!(found(table, &query(Index::Base, at)).await?, order);
    let backwards = Query { ascending: false, ..query(Index::Base, at) };
    order.reverse();
    assert_eq!(found(table, &backwards).await?, order);
    let page = table.query(&Query { limit: 1, ..query(Index::Base, at) }).await?;
    let row = Row { key: key(at, "09"), item: item([(A, text("09"))]) };
    let next = Cursor { key: key(at, "09"), index_sort: None };
    assert_eq!(page, Page { rows: vec![row], next: Some(next) });
    Ok(())
}

pub(super) async fn partitions_are_apart(table: &impl Table, at: &str) -> Result<(), TableError> {
    assert_eq!(table.query(&query(Index::Base, at)).await?, Page::default());
    for pk in [at.to_owned(), format!("{at}#"), format!("{at}#1")] {
        seed(table, &pk, &["only"]).await?;
    }
    for ascending in [true, false] {
        let query = Query { ascending, ..query(Index::Base, at) };
        assert_eq!(found(table, &query).await?, ["only"]);
    }
    Ok(())
}

pub(super) async fn ranges_are_inclusive(table: &impl Table, at: &str) -> Result<(), TableError> {
    seed(table, at, &["a", "b", "b#1", "c", "d"]).await?;
    for (from, to, expected) in [
        (Some("b"), None, &["b", "b#1", "c", "d"][..]),
        (None, Some("b"), &["a", "b"]),
        (None, Some("b#"), &["a", "b"]),
        (Some("b"), Some("c"), &["b", "b#1", "c"]),
        (Some("b#1"), Some("b#1"), &["b#1"]),
        (Some("bb"), Some("bz"), &[]),
        (Some("e"), None, &[]),
    ] {
        let (from, to) = (from.map(str::to_owned), to.map(str::to_owned));
        let mut query = Query { from, to, ..query(Index::Base, at) };
        assert_eq!(found(table, &query).await?, expected);
        query.ascending = false;
        let backwards: Vec<&str> = expected.iter().rev().copied().collect();
        assert_eq!(found(table, &query).await?, backwards);
    }
    Ok(())
}

pub(super) async fn pages_follow_each_other(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    const ORDER: [&str; 5] = ["a", "b", "c", "d", "e"];
    for (place, sk) in ORDER.iter().enumerate() {
        let mut item = due(at, &format!("{place}"));
        item.extend(listed(at, &format!("{place}")));
        table.write(&put(&key(at, sk), &item, Absent)).await?;
    }
    for index in [Index::Base, Index::Due, Index::Listing] {
        for ascending in [true, false] {
            for limit in [1, 2, 5, 6] {
                let query = Query { ascending, limit, ..query(index, at) };
                let (mut all, pages) = follow(table, query).await?;
                if !ascending {
                    all.reverse();
                }
                assert_eq!(all, ORDER);
                // A full page may say where to go on though nothing follows.
                let full = ORDER.len().div_ceil(usize::from(limit));
                assert!((full..=full + 1).contains(&pages), "{pages} pages of {limit}");
            }
        }
    }
    let (from, to) = (Some("b".to_owned()), Some("d".to_owned()));
    for ascending in [true, false] {
        let (from, to) = (from.clone(), to.clone());
        let query = Query { from, to, ascending, limit: 1, ..query(Index::Base, at) };
        let (mut all, _pages) = follow(table, query).await?;
        if !ascending {
            all.reverse();
        }
        assert_eq!(all, ["b", "c", "d"]);
    }
    Ok(())
}

pub(super) async fn indexes_show_keys_only(table: &impl Table, at: &str) -> Result<(), TableError> {
    for (index, keys) in [
        (Index::Due, due(at, "2026-11-20T10:00:00Z")),
        (Index::Listing, listed(at, "2026-11-20T10:00:00Z")),
    ] {
        let there = key(at, if index == Index::Due { "due" } else { "listed" });
        let mut whole = keys.clone();
        whole.extend([(A, text("hidden")), document("{}")]);
        table.write(&put(&there, &whole, Absent)).await?;
        let page = table.query(&query(index, at)).await?;
        assert_eq!(page.rows, [Row { key: there.clone(), item: keys }]);
        // What the index does not show changes nothing in it.
        table.write(&update(&there).add(N, 1).always()).await?;
        assert_eq!(table.query(&query(index, at)).await?, page);
    }
    Ok(())
}

pub(super) async fn indexes_are_sparse(table: &impl Table, at: &str) -> Result<(), TableError> {
    for (index, layout) in [(Index::Due, layout::DUE), (Index::Listing, layout::LISTING)] {
        let base = format!("{at}-{}", layout.name);
        let there = key(&base, "item");
        let elsewhere = format!("{base}-elsewhere");
        let here = query(index, &base);
        let count = async |query: &Query| Ok(found(table, query).await?.len());
        // With one of the two attributes it is not in the index.
        let half = item([(layout.partition, text(&base))]);
        table.write(&put(&there, &half, Absent)).await?;
        assert_eq!(count(&here).await?, 0);
        table.write(&update(&there).set(layout.sort, text("5")).always()).await?;
        assert_eq!(count(&here).await?, 1);
        // It moves along the index, and to another partition.
        table.write(&update(&there).set(layout.sort, text("7")).always()).await?;
        let (from, to) = (Some("5".to_owned()), Some("6".to_owned()));
        assert_eq!(count(&Query { from, to, ..here.clone() }).await?, 0);
        assert_eq!(count(&Query { from: Some("7".to_owned()), ..here.clone() }).await?, 1);
        table.write(&update(&there).set(layout.partition, text(&elsewhere)).always()).await?;
        assert_eq!(count(&here).await?, 0);
        assert_eq!(count(&query(index, &elsewhere)).await?, 1);
        // It leaves with either attribute, and with the item.
        table.write(&update(&there).remove(layout.sort).always()).await?;
        assert_eq!(count(&query(index, &elsewhere)).await?, 0);
        table.write(&update(&there).set(layout.sort, text("8")).always()).await?;
        assert_eq!(count(&query(index, &elsewhere)).await?, 1);
        table.write(&delete(&there, Always)).await?;
        assert_eq!(count(&query(index, &elsewhere)).await?, 0);
    }
    Ok(())
}

pub(super) async fn index_pages_with_equal_sort_keys(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    let names = ["a", "b", "c", "d", "e", "f"];
    for (place, sk) in names.iter().enumerate() {
        // Partitions of the base table differ too.
        let key = Key { pk: format!("{at}-{}", place % 3), sk: (*sk).to_owned() };
        table.write(&put(&key, &due(at, "same"), Absent)).await?;
    }
    for ascending in [true, false] {
        for limit in [1, 4] {
            let same = Some("same".to_owned());
            let query =
                Query { from: same.clone(), to: same, ascending, limit, ..query(Index::Due, at) };
            let (mut all, _pages) = follow(table, query).await?;
            // Their order is DynamoDB's own affair; each comes once.
            all.sort();
            assert_eq!(all, names);
        }
    }
    Ok(())
}

pub(super) async fn a_page_has_a_size(table: &impl Table, at: &str) -> Result<(), TableError> {
    const ORDER: [&str; 6] = ["a", "b", "c", "d", "e", "f"];
    let big = item([document(&"x".repeat(300 * 1024))]);
    for sk in ORDER {
        table.write(&put(&key(at, sk), &big, Absent)).await?;
    }
    let (all, pages) = follow(table, query(Index::Base, at)).await?;
    assert_eq!(all, ORDER);
    assert!(pages > 1, "more than a megabyte came in one page");
    Ok(())
}

pub(super) async fn senseless_queries_are_rejected(
    table: &impl Table,
    at: &str,
) -> Result<(), TableError> {
    seed(table, at, &["a", "b"]).await?;
    let base = query(Index::Base, at);
    let some = |text: &str| Some(text.to_owned());
    let after = |pk: &str, sk: &str, index_sort| Some(Cursor { key: key(pk, sk), index_sort });
    for senseless in [
        Query { limit: 0, ..base.clone() },
        Query { partition: String::new(), ..base.clone() },
        Query { from: some(""), ..base.clone() },
        Query { from: some("b"), to: some("a"), ..base.clone() },
        Query { after: after("elsewhere", "a", None), ..base.clone() },
        Query { after: after(at, "a", some("a")), ..base.clone() },
        Query { from: some("b"), after: after(at, "a", None), ..base },
        Query { after: after(at, "a", None), ..query(Index::Due, at) },
    ] {
        assert_rejected(&table.query(&senseless).await);
    }
    Ok(())
}
