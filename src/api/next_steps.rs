//! The next steps of an organisation or the appliance.

use crate::actions::next_steps::Step;
use serde::Serialize;
use utoipa::ToSchema;

/// A step of the set-up.
#[derive(Serialize, ToSchema)]
#[schema(as = Step)]
pub struct StepView {
    /// The step's name for programs.
    step: &'static str,
    /// True if it is done.
    done: bool,
    /// True if it is optional.
    optional: bool,
    /// The step's title.
    title: String,
    /// The reason for the step, or its progress.
    text: String,
    /// The page on which to do it; null if there is none.
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
    /// True if all steps are done, except optional ones.
    done: bool,
}

impl From<Vec<Step>> for NextSteps {
    fn from(items: Vec<Step>) -> Self {
        let done = items.iter().all(|step| step.done || step.optional);
        Self { done, items: items.into_iter().map(StepView::from).collect() }
    }
}
