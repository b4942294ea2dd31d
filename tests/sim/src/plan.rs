//! What a schedule is made of, drawn from its seed.

use crate::dice::Dice;
use crate::kinds::Kind;
use crate::outside::{Outside, Which};
use crate::people::{Act, Becoming, Business, Meddling, wants};
use crate::weather::Weather;
use serde_json::json;
use simulators::telnyx::{NoStock, TakenError};
use simulators::vapi::Unlink;
use simulators::{
    DigitsPlan, ProvidersOptions, TelnyxOptions, TwilioOptions, VapiOptions, WebhookMode,
};

/// A number that somebody bought at Twilio: the organization in whose account it is, or the
/// platform; the number; its settings.
pub type OwnedAtTwilio = (Option<u64>, &'static str, &'static [(&'static str, &'static str)]);

/// The plan of a schedule.
#[derive(Debug)]
pub struct Plan {
    /// How many deployments share the providers.
    pub deployments: usize,
    /// Free numbers each may hold at first.
    pub free_limit: u16,
    /// What an organization may spend a day, in cents.
    pub cents_a_day: u32,
    /// Days a number rests.
    pub rest_days: u16,
    /// Numbers the pool is to have.
    pub pool_target: u16,
    /// The customers.
    pub businesses: Vec<Business>,
    /// What happens when, earliest first.
    pub script: Vec<(i64, Event)>,
    /// How long things go wrong, in milliseconds.
    pub storm_ms: i64,
    /// Numbers that people bought at Twilio before: in whose account of the first deployment, and
    /// how they are set.
    pub owned: Vec<OwnedAtTwilio>,
    /// Numbers that are at Telnyx or VAPI before, and no deployment's.
    pub outside: Vec<Outside>,
    /// How the providers behave.
    pub options: ProvidersOptions,
    /// How many changes the indexes lag.
    pub index_lag: usize,
    /// Whether reads of several items may be overtaken.
    pub torn_reads: bool,
    /// Whether sweeps compare with the providers.
    pub compares: bool,
}

/// Something that happens at a time of the plan.
#[derive(Debug, Clone)]
pub enum Event {
    /// A business does something.
    Act(usize, Act),
    /// The key of a provider is changed: VAPI's, Telnyx's, or those of all accounts at Twilio.
    Rotate(simulators::Provider),
    /// A new version of a deployment.
    Deploy(usize),
    /// A sweep of every deployment.
    Sweep,
    /// Somebody calls each number.
    Ring,
    /// Somebody asks to take a number away, or such a request goes on.
    PortOut,
    /// Nothing runs for so long, in milliseconds.
    Outage(i64),
    /// Something at the providers changes.
    Providers(fn(&mut simulators::Providers)),
}

/// Which schedules are drawn.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, clap::ValueEnum)]
pub enum Sizes {
    /// Most are small: what one business meets is met soonest where nothing else takes time.
    #[default]
    Mixed,
    /// All are large.
    Large,
}

/// How much happens in a schedule.
#[derive(Debug, Clone, Copy)]
struct Size {
    /// Customers, at most.
    businesses: u64,
    /// How long things go wrong, at most, in seconds.
    storm_seconds: u64,
    /// What people do beside asking for a number once, less than so many times.
    acts: u64,
    /// Numbers given up, and sweeps, less than so many times each.
    releases: u64,
    /// Numbers the pool is to have: one of these.
    pool_targets: &'static [u16],
}

/// One business, in nobody's way. Each number made for the pool is as much work as the business's.
const SMALL: Size = Size {
    businesses: 1,
    storm_seconds: 40,
    acts: 3,
    releases: 2,
    pool_targets: &[0, 0, 0, 0, 0, 0, 0, 1],
};
/// Where everybody is in everybody's way.
const LARGE: Size =
    Size { businesses: 4, storm_seconds: 240, acts: 6, releases: 4, pool_targets: &[0, 0, 1, 3] };
/// So many of 1,024 mixed schedules are small.
const SMALL_PART: u16 = 960;

impl Sizes {
    fn drawn(self, dice: &mut Dice) -> Size {
        match self {
            Self::Mixed if dice.chance(SMALL_PART) => SMALL,
            Self::Mixed | Self::Large => LARGE,
        }
    }
}

impl Plan {
    /// Draws the plan of a schedule in this weather.
    pub fn drawn(dice: &mut Dice, weather: &Weather, sizes: Sizes) -> Self {
        let size = sizes.drawn(dice);
        let deployments = 1 + usize::from(dice.chance(256));
        let free_limit = u16::try_from(dice.below(4)).unwrap();
        let mut businesses = Vec::new();
        for name in 0..dice.between(1, size.businesses) {
            let deployment = usize::try_from(dice.below(2)).unwrap() % deployments;
            let (organization, name) = (dice.below(2), usize::try_from(name).unwrap());
            businesses.push(Business::new(deployment, organization, name, wants(dice)));
        }
        let compares = weather.rate(Kind::Drift) > 0;
        let mut plan = Self {
            deployments,
            free_limit,
            cents_a_day: dice.pick(&[2000, 2000, 400]),
            rest_days: dice.pick(&[0, 0, 30]),
            // What is compared is to stay as it is: nothing is made in between.
            pool_target: if compares { 0 } else { dice.pick(size.pool_targets) },
            businesses,
            script: Vec::new(),
            storm_ms: i64::try_from(dice.between(20, size.storm_seconds) * 1000).unwrap(),
            owned: owned(dice),
            outside: Outside::drawn(dice),
            options: options(dice, weather, free_limit),
            index_lag: 0,
            torn_reads: weather.rate(Kind::TornRead) > 0,
            compares,
        };
        if weather.rate(Kind::StaleIndex) > 0 {
            plan.index_lag = usize::try_from(dice.between(1, 6)).unwrap();
        }
        plan.write(dice, weather, size);
        plan
    }

    fn write(&mut self, dice: &mut Dice, weather: &Weather, size: Size) {
        let count = self.businesses.len();
        let storm_ms = u64::try_from(self.storm_ms).unwrap();
        let relay_ms = dice.chance(300).then(|| self.relay(dice));
        let at = |dice: &mut Dice, most_ms: u64| i64::try_from(dice.below(most_ms)).unwrap();
        for business in 0..count {
            let begins = match relay_ms {
                Some(relay_ms) if business > 0 => relay_ms + dice.pick(&[0, 0, 40, 700]),
                Some(_) | None => dice.pick(&[0, 0, 15_000, 60_000]),
            };
            let first = if dice.chance(300) { Act::StartWithKey(0, false) } else { Act::Start };
            self.script.push((begins, Event::Act(business, first.clone())));
            if dice.chance(200) {
                // A double click, or one that tries again at once.
                let soon = begins + dice.pick(&[0, 0, 40, 3_000]);
                self.script.push((soon, Event::Act(business, first)));
            }
        }
        for _act in 0..dice.below(size.acts) {
            let business = usize::try_from(dice.below(u64::try_from(count).unwrap())).unwrap();
            let when = at(dice, storm_ms);
            let first = act(dice);
            self.script.push((when, Event::Act(business, first)));
            if dice.chance(340) {
                // Two people at once, or one who thinks again.
                let soon = when + dice.pick(&[0, 0, 40, 1_000]);
                let second = act(dice);
                self.script.push((soon, Event::Act(business, second)));
            }
        }
        if dice.chance(200) {
            self.wanted_again(dice, storm_ms);
        }
        self.given_up(dice, storm_ms, size.releases);
        self.operated(dice, storm_ms);
        if weather.rate(Kind::SecretRotated) > 0 {
            let provider = dice.pick(&[
                simulators::Provider::Vapi,
                simulators::Provider::Telnyx,
                simulators::Provider::Twilio,
            ]);
            self.script.push((at(dice, storm_ms), Event::Rotate(provider)));
        }
        if weather.rate(Kind::Deploy) > 0 {
            let deployment =
                usize::try_from(dice.below(u64::try_from(self.deployments).unwrap())).unwrap();
            self.script.push((at(dice, storm_ms), Event::Deploy(deployment)));
        }
        if weather.rate(Kind::ClockStep) > 0 {
            let ms = dice.pick(&[5_000, 70_000, 70_000, 700_000, 7_200_000, 108_000_000]);
            self.script.push((at(dice, storm_ms), Event::Outage(ms)));
        }
        self.script.sort_by_key(|(at, _)| *at);
    }

    /// The first business gives its number up, and all others want one when it is in the pool, at
    /// the time that is the answer.
    fn relay(&mut self, dice: &mut Dice) -> i64 {
        let up_ms = i64::try_from(dice.between(20_000, 120_000)).unwrap();
        let swept_ms = up_ms + dice.pick(&[4_000, 20_000, 90_000]);
        self.script.push((up_ms, Event::Act(0, Act::Release)));
        self.script.push((swept_ms, Event::Sweep));
        swept_ms + dice.pick(&[-2_000, 500, 500, 4_000])
    }

    /// Numbers are given up, had back, swept into the pool, and wanted by others.
    fn given_up(&mut self, dice: &mut Dice, storm_ms: u64, releases: u64) {
        let count = u64::try_from(self.businesses.len()).unwrap();
        let at = |dice: &mut Dice| i64::try_from(dice.below(storm_ms)).unwrap();
        for _release in 0..dice.below(releases) {
            let business = usize::try_from(dice.below(count)).unwrap();
            let when = at(dice);
            self.script.push((when, Event::Act(business, Act::Release)));
            let soon = when + dice.pick(&[0, 40, 5_000, 30_000]);
            match dice.below(4) {
                0 => self.script.push((soon, Event::Act(business, Act::Undo))),
                1 => self.script.push((soon, Event::Act(business, Act::Start))),
                2 => self.script.push((soon, Event::Act(business, Act::Release))),
                _ => {}
            }
        }
        for _sweep in 0..dice.below(releases) {
            self.script.push((at(dice), Event::Sweep));
        }
        for _ring in 0..dice.below(3) {
            self.script.push((at(dice), Event::Ring));
        }
    }

    /// Operators bring numbers in, name them and say what becomes of them; assistants are changed and
    /// deleted; and somebody asks to take a number away.
    fn operated(&mut self, dice: &mut Dice, storm_ms: u64) {
        if !self.outside.is_empty() && dice.chance(BY_PEOPLE) {
            self.by_people(dice, storm_ms);
        }
        let count = u64::try_from(self.businesses.len()).unwrap();
        let at = |dice: &mut Dice, most_ms: u64| i64::try_from(dice.below(most_ms)).unwrap();
        let chances = if self.outside.is_empty() { OPERATED } else { OPERATED_OUTSIDE };
        for _act in 0..OPERATED_MAX {
            if !dice.chance(chances) {
                break;
            }
            let business = usize::try_from(dice.below(count)).unwrap();
            let when = at(dice, storm_ms);
            let act = operated(dice);
            self.script.push((when, Event::Act(business, act.clone())));
            if dice.chance(256) {
                let soon = when + dice.pick(&[0, 0, 40, 3_000]);
                let second = if dice.chance(512) { act } else { operated(dice) };
                self.script.push((soon, Event::Act(business, second)));
            }
        }
        if dice.chance(PORTED_OUT) {
            let asked = at(dice, storm_ms);
            self.script.push((asked, Event::PortOut));
            self.script.push((asked + dice.pick(&[61_000, 61_000, 200_000]), Event::PortOut));
        }
    }

    /// A business waits for a person, who names a number, or brings one in and hands it over.
    fn by_people(&mut self, dice: &mut Dice, storm_ms: u64) {
        self.businesses[0].wants = json!({ "sources": ["manual"] });
        let when = i64::try_from(dice.below(storm_ms)).unwrap();
        if dice.chance(512) {
            self.script.push((when, Event::Act(0, Act::Assign(Which::drawn(dice)))));
            return;
        }
        self.script.push((when, Event::Act(0, Act::Bring(Which::drawn(dice)))));
        let later = when + dice.pick(&[3_000, 20_000, 20_000]);
        let becoming = Becoming::Its(dice.chance(512));
        self.script.push((later, Event::Act(0, Act::Make(becoming, dice.chance(512)))));
    }

    /// A business calls off, and then several of its people want the number again, all at once.
    fn wanted_again(&mut self, dice: &mut Dice, storm_ms: u64) {
        let count = u64::try_from(self.businesses.len()).unwrap();
        let business = usize::try_from(dice.below(count)).unwrap();
        let called_off = i64::try_from(dice.below(storm_ms)).unwrap();
        self.script.push((called_off, Event::Act(business, Act::Cancel)));
        let again = called_off + dice.pick(&[5_000, 60_000]);
        for _person in 0..3 {
            let act = if dice.chance(512) { Act::Start } else { Act::Retry };
            self.script.push((again + dice.pick(&[0, 0, 40]), Event::Act(business, act)));
        }
    }
}

fn act(dice: &mut Dice) -> Act {
    match dice.below(19) {
        18 => Act::Stock(
            dice.between(1, 2),
            dice.pick(&["vapi_free", "vapi_free", "telnyx", "global_twilio"]),
        ),
        16 => Act::Release,
        17 => Act::Undo,
        0 => Act::Start,
        1 => Act::StartWithKey(dice.below(2), dice.chance(300)),
        2..=5 => Act::Cancel,
        6 | 7 => Act::Retry,
        8 => Act::OperatorRetry,
        9 => Act::OperatorCancel,
        10 | 11 => Act::Look,
        12 | 13 => Act::Mine,
        _ => Act::Stranger(dice.pick(&[Meddling::Look, Meddling::Cancel, Meddling::Retry])),
    }
}

/// An operator, or somebody whose assistant is there, does something in so many of 1,024 schedules,
/// and once more in so many of those.
const OPERATED: u16 = 180;
/// The same where there are numbers that nobody bought here.
const OPERATED_OUTSIDE: u16 = 512;
/// In so many of those a business waits for a person from the first.
const BY_PEOPLE: u16 = 400;
/// So often at most.
const OPERATED_MAX: u32 = 4;
/// Somebody asks to take a number away in so many of 1,024 schedules.
const PORTED_OUT: u16 = 80;

fn operated(dice: &mut Dice) -> Act {
    match dice.below(16) {
        0..=3 => Act::Bring(Which::drawn(dice)),
        4..=6 => Act::Assign(Which::drawn(dice)),
        7..=11 => {
            let becoming = dice.pick(&[
                Becoming::Available,
                Becoming::Available,
                Becoming::Retired,
                Becoming::Its(false),
                Becoming::Its(true),
            ]);
            Act::Make(becoming, dice.chance(512))
        }
        12 => Act::CallOff,
        13 | 14 => Act::Rename(dice.below(4)),
        _ => Act::Remove(dice.chance(512)),
    }
}

/// How the providers behave in a schedule.
fn options(dice: &mut Dice, weather: &Weather, free_limit: u16) -> ProvidersOptions {
    let lags = weather.rate(Kind::ListLag) > 0;
    let lag = |dice: &mut Dice| if lags { dice.pick(&[0, 2_000, 15_000, 60_000]) } else { 0 };
    let vapi = VapiOptions {
        digits: digits(dice),
        free_limit: u32::from(free_limit) + dice.pick(&[0, 0, 0, 3]),
        unlink: dice.pick(&[Unlink::AbsentAfter, Unlink::AbsentAfter, Unlink::NullAfter]),
        list_lag_ms: lag(dice),
        get_lag_ms: if lags { dice.pick(&[0, 0, 2_000]) } else { 0 },
        log_entries_max: 0,
        ..VapiOptions::default()
    };
    let mut telnyx = TelnyxOptions {
        order_settle_ms: dice.pick(&[200, 3_000, 3_000, 20_000, 90_000]),
        order_visible_after_ms: lag(dice),
        number_visible_after_ms: if lags { dice.pick(&[0, 5_000, 40_000]) } else { 0 },
        pending_number_visible: dice.chance(200),
        no_stock: dice.pick(&[NoStock::EmptyList, NoStock::Error10031]),
        taken: dice.pick(&[TakenError::BadRequest10015, TakenError::Conflict85001]),
        // Little for sale, so that searches are short and everybody wants the same.
        stock: 0,
        webhooks: if weather.rate(Kind::WebhookEarly) > 0 {
            WebhookMode::BeforeAnswer
        } else {
            WebhookMode::Normal
        },
        log_entries_max: 0,
        ..TelnyxOptions::default()
    };
    let stock = u32::try_from(dice.between(1, 6)).unwrap();
    telnyx.stock_by_area.insert("415".to_owned(), stock);
    let mut twilio = TwilioOptions {
        list_lag_ms: lag(dice),
        get_lag_ms: if lags { dice.pick(&[0, 0, 2_000]) } else { 0 },
        stock: 0,
        log_entries_max: TWILIO_LOG,
        ..TwilioOptions::default()
    };
    let stock = u32::try_from(dice.between(1, 4)).unwrap();
    twilio.stock_by_area.insert("415".to_owned(), stock);
    ProvidersOptions { vapi, telnyx, twilio, ..ProvidersOptions::default() }
}

/// Requests to Twilio that are remembered until the next check of who asked for what.
pub const TWILIO_LOG: usize = 8;

/// Numbers of Twilio that are there before anybody asks: some that nobody uses, and one that
/// somebody does.
fn owned(dice: &mut Dice) -> Vec<OwnedAtTwilio> {
    let mut owned: Vec<OwnedAtTwilio> = Vec::new();
    for number in ["+14155550181", "+14155550182"] {
        if dice.chance(200) {
            owned.push((dice.pick(&[None, Some(0), Some(1)]), number, &[]));
        }
    }
    if dice.chance(300) {
        let busy: &[(&str, &str)] = &[("voice_url", "https://calls.example.com/answer")];
        owned.push((dice.pick(&[None, Some(0), Some(1)]), "+14155550183", busy));
    }
    owned
}

fn digits(dice: &mut Dice) -> DigitsPlan {
    let soon = dice.pick(&[500, 1_500, 4_000, 12_000, 30_000, 90_000]);
    match dice.below(32) {
        0 => DigitsPlan::Never,
        1 => DigitsPlan::Blocked { after_ms: soon },
        2 => DigitsPlan::ActiveWithout { after_ms: soon },
        _ => DigitsPlan::After { ms: soon },
    }
}
