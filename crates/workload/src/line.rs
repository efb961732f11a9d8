//! Events as lines of JSON.

use crate::Detail;
use crate::numerals::{push_decimal, push_hex, push_hundredths, push_uuid};
use crate::user::User;
use crate::vocabulary::{
    AD_SOURCES, CITIES, DEVICES, EVENT_NAMES, IMPORTED_EVENT_NAMES, NOBODYS_EVENT_NAMES, PLANS,
    pick,
};

/// Cheapest price, in hundredths.
const MIN_PRICE: u64 = 99;
/// How many different prices there are.
const PRICES: u64 = 20_000;

/// An event's time and its random bits.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Draw {
    pub(crate) time_ms: u64,
    pub(crate) insert_id: (u64, u64),
    /// Whatever else is chosen about the event.
    pub(crate) choices: u64,
}

/// What users' events of a stream carry.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Style {
    pub(crate) detail: Detail,
    /// Whether they carry `$user_id`, the user's own id.
    pub(crate) identifies: bool,
}

/// Appends an event of a user under their own id, or under `constant_id` (a JSON string).
pub(crate) fn push_users_event(
    draw: Draw,
    user: User,
    constant_id: Option<&str>,
    style: Style,
    out: &mut Vec<u8>,
) {
    push_head(pick(&EVENT_NAMES, draw.choices), draw.time_ms, out);
    match constant_id {
        Some(id) => out.extend_from_slice(id.as_bytes()),
        None => push_user_id(user, out),
    }
    push_insert_id(draw, out);
    if style.identifies {
        out.extend_from_slice(br#","$user_id":"#);
        push_user_id(user, out);
    }
    let device_id = user.device(draw.choices >> 6 & 0xff);
    let device = pick(&DEVICES, device_id);
    out.extend_from_slice(br#","$device_id":""#);
    push_hex(device_id, out);
    push_text(r#"","$os":""#, device.os, out);
    if style.detail == Detail::Full {
        push_text(r#"","$browser":""#, device.browser, out);
        push_text(r#"","$city":""#, pick(&CITIES, user.traits >> 6), out);
    }
    push_text(r#"","plan":""#, pick(&PLANS, user.traits), out);
    out.push(b'"');
    if style.detail == Detail::Full {
        out.extend_from_slice(br#","price":"#);
        push_hundredths(MIN_PRICE + (draw.choices >> 14) % PRICES, out);
        push_text(r#","screen_width":"#, device.screen_width, out);
    }
    out.extend_from_slice(b"}}\n");
}

/// Appends an event that belongs to nobody, under this id (a JSON string).
pub(crate) fn push_nobodys_event(draw: Draw, id: &str, out: &mut Vec<u8>) {
    push_head(pick(&NOBODYS_EVENT_NAMES, draw.choices), draw.time_ms, out);
    out.extend_from_slice(id.as_bytes());
    push_insert_id(draw, out);
    push_text(r#","utm_source":""#, pick(&AD_SOURCES, draw.choices >> 6), out);
    out.extend_from_slice(br#"","cost":"#);
    push_hundredths(MIN_PRICE + (draw.choices >> 14) % PRICES, out);
    out.extend_from_slice(br#","clicks":"#);
    push_decimal(draw.choices >> 32 & 0x3ff, out);
    out.extend_from_slice(b"}}\n");
}

/// Appends a user's event as a server sends it under its own name (a JSON string).
pub(crate) fn push_servers_event(draw: Draw, name: &str, out: &mut Vec<u8>) {
    push_head(pick(&EVENT_NAMES, draw.choices), draw.time_ms, out);
    out.extend_from_slice(name.as_bytes());
    push_insert_id(draw, out);
    push_text(r#","mp_lib":"python","host":"#, name, out);
    push_text(r#","plan":""#, pick(&PLANS, draw.choices >> 6), out);
    out.extend_from_slice(br#"","price":"#);
    push_hundredths(MIN_PRICE + (draw.choices >> 14) % PRICES, out);
    out.extend_from_slice(b"}}\n");
}

/// Appends a record that a job loads under its id (a JSON string).
pub(crate) fn push_imported_event(draw: Draw, id: &str, out: &mut Vec<u8>) {
    push_head(pick(&IMPORTED_EVENT_NAMES, draw.choices), draw.time_ms, out);
    out.extend_from_slice(id.as_bytes());
    push_insert_id(draw, out);
    push_text(r#","$import":true,"plan":""#, pick(&PLANS, draw.choices >> 6), out);
    out.extend_from_slice(br#"","amount":"#);
    push_hundredths(MIN_PRICE + (draw.choices >> 14) % PRICES, out);
    out.extend_from_slice(b"}}\n");
}

/// Everything up to the id.
fn push_head(name: &str, time_ms: u64, out: &mut Vec<u8>) {
    push_text(r#"{"event":""#, name, out);
    out.extend_from_slice(br#"","properties":{"time":"#);
    push_decimal(time_ms, out);
    out.extend_from_slice(br#","distinct_id":"#);
}

fn push_user_id(user: User, out: &mut Vec<u8>) {
    out.extend_from_slice(br#""u-"#);
    push_hex(user.key, out);
    out.push(b'"');
}

fn push_insert_id(draw: Draw, out: &mut Vec<u8>) {
    let (high, low) = draw.insert_id;
    out.extend_from_slice(br#","$insert_id":""#);
    push_uuid(high, low, out);
    out.push(b'"');
}

fn push_text(before: &str, text: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(before.as_bytes());
    out.extend_from_slice(text.as_bytes());
}
