//! Random changes of messages: the result must never be another identity, a panic or a crash.

use crate::cases::{KEY, PERSON, Trusted, judge_xml, valid_message};
use proptest::prelude::*;
use vestibule::saml::test_idp::Sign;

fn yields_no_other_identity(xml: &str) -> bool {
    judge_xml(xml, Trusted::Own.certificates(), Vec::new()).map_or(true, |who| who == PERSON)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn no_changed_byte_yields_another_identity(at in any::<prop::sample::Index>(), byte in 1_u8..=127, both in any::<bool>()) {
        let xml = valid_message().sign(&KEY, if both { Sign::Both } else { Sign::Assertion });
        let mut bytes = xml.into_bytes();
        let at = at.index(bytes.len());
        bytes[at] = byte;
        if let Ok(damaged) = String::from_utf8(bytes) {
            prop_assert!(yields_no_other_identity(&damaged), "{damaged}");
        }
    }

    #[test]
    fn no_missing_piece_yields_another_identity_or_a_panic(from in any::<prop::sample::Index>(), to in any::<prop::sample::Index>()) {
        let xml = valid_message().sign(&KEY, Sign::Response);
        let (from, to) = (from.index(xml.len()), to.index(xml.len()));
        let cut = format!("{}{}", &xml[..from.min(to)], &xml[from.max(to)..]);
        prop_assert!(yields_no_other_identity(&cut), "{cut}");
    }

    #[test]
    fn no_copied_piece_yields_another_identity(
        from in any::<prop::sample::Index>(), length in 1_usize..2000, to in any::<prop::sample::Index>(),
    ) {
        let xml = valid_message().sign(&KEY, Sign::Assertion);
        let from = from.index(xml.len());
        let piece = xml[from..(from + length).min(xml.len())].replace(PERSON, "eve@acme.test");
        let to = to.index(xml.len());
        let moved = format!("{}{piece}{}", &xml[..to], &xml[to..]);
        prop_assert!(yields_no_other_identity(&moved), "{moved}");
    }
}
