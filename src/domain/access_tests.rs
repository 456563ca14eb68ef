//! Checks the access rule against the table from which it was written, and on random combinations.

use super::*;
use proptest::prelude::*;

const MODES: [AuthMode; 3] = [AuthMode::Password, AuthMode::PasswordOrSaml, AuthMode::Saml];
const STATUSES: [ConnectionStatus; 3] = [ConnectionStatus::None, ConnectionStatus::Draft, ConnectionStatus::Ready];
const MEMBER: Standing = Standing { admin: false, password_agreed: true };
const ADMIN: Standing = Standing { admin: true, password_agreed: true };

fn policy(mode: AuthMode, connection: ConnectionStatus, saml_only: bool) -> SignInPolicy {
    SignInPolicy { mode, connection, saml_only }
}

/// (mode, connection, SAML-only, member's password, admin's password, SAML, enforced), row by row.
type Row = (AuthMode, ConnectionStatus, bool, bool, bool, SamlAccess, bool);

#[test]
fn every_row_of_the_table_holds() {
    use AuthMode::{Password, PasswordOrSaml, Saml};
    use ConnectionStatus::{Draft, None, Ready};
    let rows: [Row; 15] = [
        (Password, None, false, true, true, SamlAccess::No, false),
        (Password, Draft, false, true, true, SamlAccess::No, false),
        (Password, Ready, false, true, true, SamlAccess::No, false),
        (Password, Ready, true, true, true, SamlAccess::No, false),
        (PasswordOrSaml, None, false, true, true, SamlAccess::No, false),
        (PasswordOrSaml, Draft, false, true, true, SamlAccess::TestOnly, false),
        (PasswordOrSaml, Draft, true, true, true, SamlAccess::TestOnly, false),
        (PasswordOrSaml, Ready, false, true, true, SamlAccess::Yes, false),
        (PasswordOrSaml, Ready, true, false, false, SamlAccess::Yes, true),
        (Saml, None, false, false, true, SamlAccess::No, false),
        (Saml, None, true, false, true, SamlAccess::No, false),
        (Saml, Draft, false, false, true, SamlAccess::TestOnly, false),
        (Saml, Draft, true, false, true, SamlAccess::TestOnly, false),
        (Saml, Ready, false, false, false, SamlAccess::Yes, true),
        (Saml, Ready, true, false, false, SamlAccess::Yes, true),
    ];
    for (mode, connection, saml_only, member, admin, saml, enforced) in rows {
        let policy = policy(mode, connection, saml_only);
        assert_eq!(policy.password(MEMBER), member, "member's password at {policy:?}");
        assert_eq!(policy.password(ADMIN), admin, "admin's password at {policy:?}");
        assert_eq!(policy.saml(), saml, "SAML at {policy:?}");
        assert_eq!(policy.enforced(), enforced, "enforced at {policy:?}");
    }
}

fn policies() -> impl Strategy<Value = SignInPolicy> {
    (0..3_usize, 0..3_usize, any::<bool>()).prop_map(|(mode, status, only)| policy(MODES[mode], STATUSES[status], only))
}

fn standings() -> impl Strategy<Value = Standing> {
    (any::<bool>(), any::<bool>()).prop_map(|(admin, password_agreed)| Standing { admin, password_agreed })
}

fn sessions() -> impl Strategy<Value = Vec<Vec<Method>>> {
    let grants =
        prop::collection::vec(prop::sample::select(vec![Method::Password, Method::Saml, Method::Recovery]), 0..3);
    prop::collection::vec(grants, 0..3)
}

prop_compose! {
    fn people()(
        before in standings(), after in prop::option::of(standings()), has_password in any::<bool>(),
        proved_saml in any::<bool>(), sessions in sessions(),
    ) -> Affected {
        let email = Email::parse("ann@acme.test").expect("usable");
        Affected { user: UserId::random(), email, before, after, has_password, proved_saml, disabled: false, sessions }
    }
}

proptest! {
    #[test]
    fn an_unconfirmed_password_gives_no_access(policy in policies(), admin in any::<bool>()) {
        let opens = policy.opens(Method::Password, Standing { admin, password_agreed: false });
        prop_assert!(!opens);
    }

    #[test]
    fn saml_gives_access_only_with_a_ready_connection_on_a_plan_with_sso(policy in policies(), standing in standings()) {
        let open = policy.opens(Method::Saml, standing);
        prop_assert_eq!(open, policy.sso_available() && policy.connection == ConnectionStatus::Ready);
    }

    #[test]
    fn recovery_gives_access_only_to_organisation_admins(policy in policies(), standing in standings()) {
        prop_assert_eq!(policy.opens(Method::Recovery, standing), standing.admin);
    }

    #[test]
    fn an_admin_with_a_confirmed_password_can_always_sign_in(policy in policies()) {
        let can_sign_in = policy.password(ADMIN) || policy.saml() == SamlAccess::Yes;
        prop_assert!(can_sign_in);
    }

    #[test]
    fn everybody_who_loses_access_is_listed_with_a_reason(before in policies(), after in policies(), person in people()) {
        let effect = Effect::of(before, after, std::slice::from_ref(&person));
        let could = person.known_methods(before, Some(person.before)).is_some() || before.saml() == SamlAccess::Yes;
        let can = person.known_methods(after, person.after).is_some();
        let might = person.after.is_some() && after.saml() == SamlAccess::Yes && person.known_methods(before, Some(person.before)).is_none();
        prop_assert_eq!(effect.counts.loses == 1, could && !can && !might);
        prop_assert_eq!(effect.counts.keeps == 1, can);
        let told = effect.loses.iter().chain(&effect.keeps).all(|line| !line.reason.to_string().is_empty());
        prop_assert!(told);
    }

    #[test]
    fn a_disabled_person_neither_keeps_nor_loses_access(before in policies(), after in policies(), mut person in people()) {
        person.disabled = true;
        let effect = Effect::of(before, after, std::slice::from_ref(&person));
        prop_assert_eq!(effect, Effect::default());
        prop_assert!(!person.wants_link(before, after));
    }

    #[test]
    fn enabling_restores_access_only_where_disabling_takes_it(policy in policies(), mut person in people()) {
        person.after = Some(person.before);
        let disabling = Effect::of_disabling(policy, &person);
        person.disabled = true;
        let enabling = Effect::of_enabling(policy, &person);
        prop_assert!(enabling.counts.keeps <= disabling.counts.loses);
        prop_assert!(disabling.loses.iter().all(|line| line.reason == phrase!("reason-disabled")) && enabling.loses.is_empty());
    }

    #[test]
    fn a_switch_to_the_same_sign_in_policy_ends_nothing(policy in policies(), mut person in people()) {
        person.after = Some(person.before);
        let effect = Effect::of(policy, policy, &[person]);
        prop_assert_eq!((effect.counts.loses, effect.counts.grants, effect.counts.sessions), (0, 0, 0));
    }
}

#[test]
fn people_are_listed_in_pages_of_200_and_counts_include_all() {
    let person = Affected {
        user: UserId::random(),
        email: Email::parse("ann@acme.test").expect("usable"),
        before: MEMBER,
        after: None,
        has_password: true,
        proved_saml: false,
        disabled: false,
        sessions: vec![vec![Method::Password]],
    };
    let open = policy(AuthMode::Password, ConnectionStatus::None, false);
    let effect = Effect::of(open, open, &vec![person; 250]);
    let told = |skip: usize| {
        let part = effect.clone().part(skip);
        (part.loses.len(), part.counts.loses, part.counts.grants)
    };
    assert_eq!([0, 200, 250].map(told), [(200, 250, 250), (50, 250, 250), (0, 250, 250)]);
}
