//! The people and organisations of the demo.

/// The password of everybody in the demo.
pub const PASSWORD: &str = "lantern orchid ferry 42";

/// The workspace to which everybody of an organisation belongs.
pub const OFFICE: &str = "Head office";

/// An organisation of the demo.
#[derive(Debug, Clone)]
pub struct Company {
    /// Its name.
    pub name: &'static str,
    /// Its slug.
    pub slug: &'static str,
    /// The id of its plan.
    pub plan: &'static str,
    /// Its portal key, if it has SSO.
    pub portal_key: Option<&'static str>,
    /// Its people; the first is its admin.
    pub people: Vec<Person>,
}

/// A person of the demo.
#[derive(Debug, Clone)]
pub struct Person {
    /// Their display name.
    pub name: &'static str,
    /// Their address.
    pub email: &'static str,
    /// True if they have a password; all but one do.
    pub password: bool,
}

/// Everybody in the demo.
#[derive(Debug, Clone)]
pub struct People {
    /// The operator of the appliance.
    pub operator: Person,
    /// An organisation on Business, and one on Enterprise.
    pub companies: [Company; 2],
    /// A person whom only the practice provider knows.
    pub stranger: Person,
}

const fn person(name: &'static str, email: &'static str) -> Person {
    Person { name, email, password: true }
}

impl People {
    /// The person who has the demo's custom role, and their organisation.
    pub fn with_custom_role(&self) -> (&Company, &Person) {
        let company = &self.companies[1];
        (company, &company.people[3])
    }

    /// Ten people in two organisations, and a stranger.
    pub fn new() -> Self {
        let birch = vec![
            person("Bruno Birch", "bruno@birch.example"),
            person("Bella Baker", "bella@birch.example"),
            person("Bob Brewer", "bob@birch.example"),
            person("Bea Butler", "bea@birch.example"),
        ];
        let northwind = vec![
            person("Nora North", "nora@northwind.example"),
            person("Nils Nansen", "nils@northwind.example"),
            person("Nadia Novak", "nadia@northwind.example"),
            person("Niko Nyberg", "niko@northwind.example"),
            Person { password: false, ..person("Nell Newman", "nell@northwind.example") },
        ];
        Self {
            operator: person("Olivia Operator", "olivia@vestibule.example"),
            companies: [
                Company {
                    name: "Birch Bakery",
                    slug: "birch-bakery",
                    plan: "business",
                    portal_key: None,
                    people: birch,
                },
                Company {
                    name: "Northwind Robotics",
                    slug: "northwind-robotics",
                    plan: "enterprise",
                    portal_key: Some("northwind_SSO"),
                    people: northwind,
                },
            ],
            stranger: person("Sam Stranger", "sam@elsewhere.example"),
        }
    }

    /// The people whom the practice provider can sign in: everybody in the Enterprise organisation, the first person of
    /// the other, and the stranger.
    pub fn at_provider(&self) -> Vec<Person> {
        let [birch, northwind] = &self.companies;
        let mut people = northwind.people.clone();
        people.extend(birch.people.first().cloned());
        people.push(self.stranger.clone());
        people
    }
}

impl Default for People {
    fn default() -> Self {
        Self::new()
    }
}
