//! The JSON that programs read: shapes of their own, apart from the library's types, in the order
//! of docs/json.md. Names are raw, sizes carry their unit, times are RFC 3339 in UTC.

pub(crate) mod advise;
pub(crate) mod calibrate;
pub(crate) mod compact;
pub(crate) mod damage;
pub(crate) mod experiment;
pub(crate) mod hot;
pub(crate) mod ingest;
pub(crate) mod overrides;
pub(crate) mod query;
pub(crate) mod shards;
