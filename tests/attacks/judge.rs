//! Every attack of the table is refused with its reason, and the same message without the change is accepted.

use crate::cases::{self, PERSON, Trusted, judge, own_keys};
use std::collections::HashSet;

#[test]
fn every_attack_is_refused_with_its_reason_and_the_unchanged_message_is_accepted() {
    let mut faults = Vec::new();
    for attack in cases::all() {
        let (unchanged, damaged) = (attack.unchanged(), attack.damaged());
        let result = judge(&unchanged, Trusted::Own.certificates(), own_keys());
        if result.as_deref() != Ok(PERSON) {
            faults
                .push(format!("{} / {}: the unchanged message is not accepted: {result:?}", attack.kind, attack.name));
        }
        let refused = judge(&damaged, attack.trusted().certificates(), own_keys());
        if refused != Err(attack.refused_as) {
            faults.push(format!("{} / {}: {refused:?}, not {}", attack.kind, attack.name, attack.refused_as));
        }
        let keyed = !matches!(attack.trusted(), Trusted::Own);
        if damaged == unchanged && !keyed {
            faults.push(format!("{} / {}: the message was not changed", attack.kind, attack.name));
        }
    }
    assert!(faults.is_empty(), "{} faults: {faults:#?}", faults.len());
}

#[test]
fn attack_names_are_unique_and_there_are_at_least_three_hundred() {
    let all = cases::all();
    let names: HashSet<_> = all.iter().map(|attack| (attack.kind, &attack.name)).collect();
    assert_eq!(names.len(), all.len());
    assert!(all.len() >= 300, "{}", all.len());
}

#[test]
fn all_decryption_failures_have_the_same_refusal() {
    for (what, xml) in cases::undecryptable() {
        let refused = cases::judge_xml(&xml, Trusted::Own.certificates(), own_keys());
        assert_eq!(refused, Err("decryption"), "{what}");
    }
}
