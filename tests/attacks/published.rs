//! `docs/security.md` lists every attack with its reason.

use crate::cases;
use crate::server::ATTACKS;
use std::path::Path;

#[test]
fn the_published_table_lists_exactly_these_attacks_with_their_reasons() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/security.md");
    let text = std::fs::read_to_string(path).expect("the page");
    let (_, table) = text.split_once("<!-- attacks -->").expect("the table begins");
    let (table, _) = table.split_once("<!-- /attacks -->").expect("the table ends");
    let cells = |line: &str| line.split('|').map(|cell| cell.trim().to_owned()).collect::<Vec<_>>();
    let published: Vec<_> = table
        .lines()
        .filter(|line| line.starts_with("| ") && line.contains('`'))
        .map(|line| (cells(line)[1].clone(), cells(line)[2].trim_matches('`').to_owned()))
        .collect();
    let judged = cases::all().into_iter().map(|attack| (attack.name, attack.refused_as.to_owned()));
    let served = ATTACKS.iter().map(|attack| (attack.name.to_owned(), attack.refused_as.to_owned()));
    let all: Vec<_> = judged.chain(served).collect();
    assert_eq!(published, all, "print the table with `cargo bench --bench refusals`");
}
