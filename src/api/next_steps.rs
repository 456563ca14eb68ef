//! The next steps of an organisation or the appliance.

use crate::actions::next_steps::Step;
use serde::Serialize;
use utoipa::ToSchema;

/// One thing to do.
#[derive(Serialize, ToSchema)]
#[schema(as = Step)]
pub struct StepView {
    /// Its name for programs.
    step: &'static str,
    /// True if it is done.
    done: bool,
    /// True if it is optional.
    optional: bool,
    /// The step.
    title: String,
    /// Why, or how far it has come.
    text: String,
    /// The page on which it is done; `None` where that is no page.
    path: Option<String>,
}

impl From<Step> for StepView {
    fn from(step: Step) -> Self {
        let Step { step, done, optional, title, text, path } = step;
        Self { step, done, optional, title: title.spoken(), text: text.spoken(), path }
    }
}

/// The next steps, in order.
#[derive(Serialize, ToSchema)]
pub struct NextSteps {
    items: Vec<StepView>,
    /// True if every step that is not optional is done.
    done: bool,
}

impl From<Vec<Step>> for NextSteps {
    fn from(items: Vec<Step>) -> Self {
        let done = items.iter().all(|step| step.done || step.optional);
        Self { done, items: items.into_iter().map(StepView::from).collect() }
    }
}
