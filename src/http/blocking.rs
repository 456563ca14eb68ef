//! The boundary between async and synchronous code: all work for a request starts here.

use super::body::Collected;
use super::load::HeldBody;
use super::{client, cookies};
use crate::actions::Caller;
use crate::app::{App, Gate, Lane, Permit, Turn, Turns, on_behalf_of};
use crate::domain::ids::OrganisationId;
use crate::domain::phrase::phrase;
use crate::domain::principal::Claim;
use crate::domain::spoken::Wishes;
use crate::domain::{Error, Result};
use actix_web::rt::{
    self,
    time::{sleep, timeout},
};
use actix_web::web::{self, Data};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};
use tokio::sync::oneshot;

/// How long a request waits for a permit of a gate.
const PERMIT_PATIENCE: Duration = Duration::from_secs(5);
/// The time between two checks for a free permit.
const LOOK_AGAIN: Duration = Duration::from_millis(50);

/// After each such time, work that still runs shares its core with other work if the limits allow (`Turn::share`).
const ALONE: Duration = Duration::from_millis(50);
/// After this time, work shares its core in any case.
const AT_LAST: Duration = Duration::from_secs(1);
/// How long a request waits for a core.
const PATIENCE: Duration = Duration::from_secs(10);

/// Runs `work` off the async threads once a CPU core is free; the clients' networks take turns. Until its turn, the
/// request's body may be dropped for other requests.
///
/// # Errors
/// The errors of `work`; `Unavailable` if no core becomes free or the body is dropped.
pub async fn blocking<T: Send + 'static>(
    app: &Data<App>,
    work: impl FnOnce(&App) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (result, work) = boxed(work);
    run(app, &app.turns, lane(app), work).await?;
    result.take()
}

/// As `blocking`, for short reads that find out who sends a request: they do not wait for sign-ins and other long work.
///
/// # Errors
/// The errors of `blocking`.
pub async fn looking_up<T: Send + 'static>(
    app: &Data<App>,
    work: impl FnOnce(&App) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (result, work) = boxed(work);
    run(app, &app.lookups, lane(app), work).await?;
    result.take()
}

/// Work that leaves its result in a slot. The code that runs it is compiled once, and not for each caller.
type Work = Box<dyn FnOnce(&App) + Send>;

/// The slot for the result of work.
struct Slot<T>(Arc<Mutex<Option<Result<T>>>>);

impl<T> Slot<T> {
    fn take(self) -> Result<T> {
        let result = self.0.lock().unwrap_or_else(PoisonError::into_inner).take();
        result.unwrap_or_else(|| Err(Error::internal("the work ended without a result")))
    }
}

fn boxed<T: Send + 'static>(work: impl FnOnce(&App) -> Result<T> + Send + 'static) -> (Slot<T>, Work) {
    let slot = Slot(Arc::new(Mutex::new(None)));
    let result = slot.0.clone();
    let work = Box::new(move |app: &App| {
        let outcome = work(app);
        *result.lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    });
    (slot, work)
}

async fn run(app: &Data<App>, turns: &Arc<Turns>, lane: Lane, work: Work) -> Result<()> {
    let turn = take_turn(turns, lane).await?;
    work_in(app, turn, work).await
}

/// Runs `work` on an identity provider's response off the async threads.
///
/// # Errors
/// The errors of `blocking`.
pub async fn receiving<T: Send + 'static>(
    app: &Data<App>,
    body: Collected,
    work: impl FnOnce(&App, &[u8]) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (result, work) = boxed(move |app| work(app, &body));
    run(app, &app.callbacks, Lane::Stranger, work).await?;
    result.take()
}

/// Runs the `work` of a health probe off the async threads, in a queue for probes only.
///
/// # Errors
/// The errors of `blocking`.
pub async fn probing<T: Send + 'static>(
    app: &Data<App>,
    work: impl FnOnce(&App) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (result, work) = boxed(work);
    run(app, &app.probes, Lane::Stranger, work).await?;
    result.take()
}

/// The lane in which the current request waits. Strangers have a separate lane, so that they do not delay known clients,
/// however many networks they come from.
fn lane(app: &App) -> Lane {
    client::lane(|cookies| cookies::are_of_known(app, cookies))
}

async fn take_turn(turns: &Arc<Turns>, lane: Lane) -> Result<Option<Turn>> {
    let turn = timeout(PATIENCE, turns.take(lane, client::network()));
    client::unless_ended(async { turn.await.map_err(|_| Error::busy(phrase!("busy-requests-of-all"))) }).await
}

async fn work_in(app: &Data<App>, turn: Option<Turn>, work: Work) -> Result<()> {
    let kept = Kept::body()?;
    let (app, network, turn) = (app.clone(), client::network(), Arc::new(Mutex::new(turn)));
    let (of_work, long) = (OfWork(turn.clone()), turn);
    // The watch continues after the client has disconnected, as the work does.
    let watch = rt::spawn(async move { share(&long).await });
    let wishes = Wishes::present();
    let work = move || {
        let _kept = kept;
        work(&app);
    };
    let done = web::block(move || wishes.within(|| on_behalf_of(network, of_work, work))).await;
    watch.abort();
    done.map_err(Error::internal)
}

/// The body of the current request, whose memory is kept while the request is worked on.
struct Kept(Weak<HeldBody>);

impl Kept {
    fn body() -> Result<Self> {
        let body = client::body();
        body.as_ref().map_or(Ok(()), |body| body.keep())?;
        Ok(Self(body.as_ref().map(Arc::downgrade).unwrap_or_default()))
    }
}

impl Drop for Kept {
    fn drop(&mut self) {
        if let Some(body) = self.0.upgrade() {
            // It fails only if the body was dropped, and a kept body is not dropped.
            let _ = body.release();
        }
    }
}

/// Lets other work start on the same core once this work has taken long.
async fn share(turn: &Mutex<Option<Turn>>) {
    let turn = || turn.lock().unwrap_or_else(PoisonError::into_inner);
    let deadline = Instant::now() + AT_LAST;
    while Instant::now() < deadline {
        sleep(ALONE).await;
        if turn().as_mut().is_none_or(Turn::share) {
            return;
        }
    }
    if let Some(turn) = turn().as_mut() {
        turn.share_at_last();
    }
}

/// The turn, held by the work. It ends when the work is done or waits for another thread.
struct OfWork(Arc<Mutex<Option<Turn>>>);

impl Drop for OfWork {
    fn drop(&mut self) {
        drop(self.0.lock().unwrap_or_else(PoisonError::into_inner).take());
    }
}

/// Runs long `work` off the async threads: a few at once for each organisation, and separately for operators and for
/// set-up links. The permit is held until the work is done, even if the client has disconnected.
///
/// # Errors
/// The errors of the right and of `work`; `Throttled` if no permit becomes free.
pub async fn costly<T: Send + 'static>(
    app: &Data<App>,
    caller: Caller,
    work: impl FnOnce(&App, &Caller) -> Result<T> + Send + 'static,
) -> Result<T> {
    let apart = Some(caller.actor.columns().0).filter(|kind| ["operator", "setup_link"].contains(kind));
    let key = format!("{} {}", apart.unwrap_or("organisation"), organisation_of(&caller));
    let claim = caller.claim.clone();
    at_gate(app, &app.costly, &key, claim, move |app| work(app, &caller)).await
}

/// Runs `work` off the async threads with a permit of a gate. The permit is taken after the turn, so that requests
/// waiting for a turn in a crowded network hold no permits. If no permit is free, the request waits without a thread
/// and without a turn, since a person may open several pages at once. The right that `claim` names may be revoked
/// meanwhile, so it is judged again before the work.
///
/// # Errors
/// The errors of the right and of `work`; `Throttled` if no permit becomes free.
pub async fn at_gate<T: Send + 'static>(
    app: &Data<App>,
    gate: &Gate,
    key: &str,
    claim: Claim,
    work: impl FnOnce(&App) -> Result<T> + Send + 'static,
) -> Result<T> {
    let (result, work) = boxed(move |app| {
        app.confirm(&claim)?;
        work(app)
    });
    run_at_gate(app, gate, key, work).await?;
    result.take()
}

async fn run_at_gate(app: &Data<App>, gate: &Gate, key: &str, work: Work) -> Result<()> {
    let deadline = Instant::now() + PERMIT_PATIENCE;
    loop {
        let turn = take_turn(&app.turns, lane(app)).await?;
        if let Some(permit) = gate.enter(key) {
            let work = Box::new(move |app: &App| {
                let _permit = permit;
                work(app);
            });
            return work_in(app, turn, work).await;
        }
        drop(turn);
        look_again(deadline).await?;
    }
}

/// The id of the organisation that the caller's right is for; empty if it is for the appliance.
fn organisation_of(caller: &Caller) -> &str {
    caller.claim.right.organisation().map_or("", OrganisationId::as_str)
}

/// The source of the metadata in a request.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum MetadataPlace {
    /// The request has no metadata.
    None,
    /// The text is in the request.
    Text,
    /// The metadata is fetched from an address.
    Address,
}

impl MetadataPlace {
    /// The source, from the fields of the request.
    pub fn of(xml: Option<&String>, url: Option<&String>) -> Self {
        match (xml, url) {
            (_, Some(_)) => Self::Address,
            (Some(_), None) => Self::Text,
            (None, None) => Self::None,
        }
    }
}

/// Runs `work` off the async threads after judging the caller's right again. Work that fetches runs on the threads for
/// fetches, as it waits for other servers, and counts towards the organisation's limit of fetches.
///
/// # Errors
/// The errors of `work`; `Throttled` if the organisation reads too much; `Unavailable` if too many requests wait.
pub async fn reading_metadata<T: Send + 'static>(
    app: &Data<App>,
    caller: Caller,
    place: MetadataPlace,
    work: impl FnOnce(&App, &Caller) -> Result<T> + Send + 'static,
) -> Result<T> {
    if place == MetadataPlace::None {
        return costly(app, caller, work).await;
    }
    let (organisation, claim) = (organisation_of(&caller).to_owned(), caller.claim.clone());
    let work = move |app: &App| work(app, &caller);
    if place == MetadataPlace::Text {
        return at_gate(app, &app.metadata_reads, &organisation, claim, work).await;
    }
    let permit = enter(&app.metadata_reads, &organisation).await?;
    let work = move |app: &App| {
        let _permit = permit;
        work(app)
    };
    app.throttle.charge_fetch(&organisation, app.now())?;
    calling(app, claim, work).await
}

/// Runs `work` that waits for other servers, on the threads for fetches. The claim is judged again first, as the work
/// may have waited for a thread.
///
/// # Errors
/// The errors of the right and of `work`; `Unavailable` if too many requests wait.
pub async fn calling<T: Send + 'static>(
    app: &Data<App>,
    claim: Claim,
    work: impl FnOnce(&App) -> Result<T> + Send + 'static,
) -> Result<T> {
    let kept = Kept::body()?;
    let (tell, told) = oneshot::channel();
    let shared = app.clone().into_inner();
    // `tell` has no receiver if the client has disconnected.
    let wishes = Wishes::present();
    let work = move || {
        let _kept = kept;
        wishes.within(|| {
            shared.confirm(&claim)?;
            work(&shared)
        })
    };
    app.fetches.run(move || drop(tell.send(work())))?;
    told.await.map_err(Error::internal)?
}

/// Takes a permit of a gate, which limits the number of requests at once for each key. If no permit is free, it waits
/// without a thread: a person may open several pages at once.
///
/// # Errors
/// `Throttled` if no permit becomes free.
pub async fn enter(gate: &Gate, key: &str) -> Result<Permit> {
    let deadline = Instant::now() + PERMIT_PATIENCE;
    loop {
        if let Some(permit) = gate.enter(key) {
            return Ok(permit);
        }
        look_again(deadline).await?;
    }
}

/// Waits before the next check for a free permit; `Throttled` after the deadline.
async fn look_again(deadline: Instant) -> Result<()> {
    if Instant::now() >= deadline {
        return Err(Error::Throttled { retry_after_secs: 1 });
    }
    client::unless_ended(async {
        sleep(LOOK_AGAIN).await;
        Ok(())
    })
    .await
}
