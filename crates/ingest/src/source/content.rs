//! A source's content: its bytes after decompression.

use std::fs::File;
use std::io::{self, Cursor, Read, Seek, SeekFrom, Write};

use super::Input;
use super::codec::{Decoder, Format};
use super::cut::Ending;
use crate::Error;

/// How much is decompressed at a time. What a decompressor put out in the very call in which it
/// found the damage is lost, so the calls are kept small.
const DECODED_BYTES_AT_A_TIME: usize = 64 * 1024;

/// Decompressed bytes in order, up to the end or to where a compressed stream broke off.
pub(super) struct Content {
    name: String,
    decoder: Decoder,
    spool: Spool,
    position: u64,
    ending: Ending,
    damage: String,
}

/// What was read while the source was identified.
enum Spool {
    Off,
    /// The first bytes, to be read once more.
    Unread(Cursor<Vec<u8>>),
    /// A copy is kept, because the source can be read only once.
    Recording(File),
    /// The copy is read.
    Replaying(File),
}

impl Content {
    pub(super) fn open(input: &Input) -> Result<Self, Error> {
        let name = input.name().to_owned();
        match Decoder::new(input.open()?) {
            Ok(decoder) => Ok(Self {
                name,
                decoder,
                spool: Spool::Off,
                position: 0,
                ending: Ending::Open,
                damage: String::new(),
            }),
            Err(source) => Err(Error::Read { name, offset: 0, source }),
        }
    }

    pub(super) fn format(&self) -> Format {
        self.decoder.format()
    }

    /// How far back packed content refers, which a decompressor keeps in memory.
    pub(super) fn window_bytes(&self) -> Option<u64> {
        self.decoder.window_bytes()
    }

    pub(super) fn raw_bytes_read(&self) -> u64 {
        self.decoder.raw_bytes_read()
    }

    /// Whether and how the content has ended, as far as was read.
    pub(super) fn ending(&self) -> Ending {
        match self.spool {
            Spool::Unread(_) | Spool::Replaying(_) => Ending::Open,
            Spool::Off | Spool::Recording(_) => self.ending,
        }
    }

    /// What is wrong with the stream, where it broke off.
    pub(super) fn damage(&self) -> &str {
        &self.damage
    }

    /// Reads behind the first `filled` bytes of `buffer` until `wanted` bytes are there or the
    /// content has ended. Returns how many there are; the buffer may be longer.
    pub(super) fn fill(
        &mut self,
        buffer: &mut Vec<u8>,
        mut filled: usize,
        wanted: usize,
    ) -> Result<usize, Error> {
        if buffer.len() < wanted {
            buffer.resize(wanted, 0);
        }
        while let Some(space) = buffer.get_mut(filled..wanted)
            && !space.is_empty()
        {
            match self.read(space)? {
                0 => break,
                read => filled = filled.saturating_add(read),
            }
        }
        Ok(filled)
    }

    /// Gives back what was read, all from the start on, to be read once more.
    pub(super) fn unread(&mut self, start: Vec<u8>) {
        self.position = 0;
        self.spool = Spool::Unread(Cursor::new(start));
    }

    /// Keeps a copy of what was read (`start`) and of what will be, for [`Content::restart`].
    pub(super) fn record(&mut self, start: &[u8]) -> Result<(), Error> {
        let mut file = tempfile::tempfile().map_err(|source| Error::Spool { source })?;
        file.write_all(start).map_err(|source| Error::Spool { source })?;
        self.spool = Spool::Recording(file);
        Ok(())
    }

    /// The same content from `offset` on, an offset that was read before.
    pub(super) fn restart(self, input: &Input, offset: u64) -> Result<Self, Error> {
        if let Spool::Recording(mut file) = self.spool {
            file.seek(SeekFrom::Start(offset)).map_err(|source| Error::Spool { source })?;
            return Ok(Self { spool: Spool::Replaying(file), position: offset, ..self });
        }
        let mut again = Self::open(input)?;
        again.skip(offset)?;
        Ok(again)
    }

    fn skip(&mut self, offset: u64) -> Result<(), Error> {
        match self.decoder.seek(offset) {
            Ok(true) => {
                self.position = offset;
                return Ok(());
            }
            Ok(false) => {}
            Err(source) => return Err(self.read_error(source)),
        }
        let mut scratch = vec![0; DECODED_BYTES_AT_A_TIME];
        while self.position < offset {
            let missing = usize::try_from(offset - self.position).unwrap_or(usize::MAX);
            let space = scratch.get_mut(..missing.min(DECODED_BYTES_AT_A_TIME));
            if self.read(space.unwrap_or_default())? == 0 {
                return Err(Error::Changed { name: self.name.clone(), offset: self.position });
            }
        }
        Ok(())
    }

    fn read(&mut self, space: &mut [u8]) -> Result<usize, Error> {
        let again = match &mut self.spool {
            Spool::Unread(start) => start.read(space),
            Spool::Replaying(file) => file.read(space),
            Spool::Off | Spool::Recording(_) => Ok(0),
        };
        let again = again.map_err(|source| Error::Spool { source })?;
        if again > 0 {
            self.advance(again);
            return Ok(again);
        }
        if matches!(self.spool, Spool::Unread(_) | Spool::Replaying(_)) {
            self.spool = Spool::Off;
        }
        if self.ending != Ending::Open {
            return Ok(0);
        }
        let most = match self.decoder.format() {
            Format::Plain => space.len(),
            Format::Gzip | Format::Zstd => space.len().min(DECODED_BYTES_AT_A_TIME),
        };
        let space = space.get_mut(..most).unwrap_or_default();
        match self.decoder.read(space) {
            Ok(0) => self.ending = Ending::Clean,
            Ok(read) => {
                if let Spool::Recording(file) = &mut self.spool {
                    let bytes = space.get(..read).unwrap_or_default();
                    file.write_all(bytes).map_err(|source| Error::Spool { source })?;
                }
                self.advance(read);
                return Ok(read);
            }
            Err(source) if self.decoder.raw_failed() => return Err(self.read_error(source)),
            Err(error) => {
                self.ending = Ending::Broken;
                self.damage = self.describe(&error);
            }
        }
        Ok(0)
    }

    fn advance(&mut self, bytes: usize) {
        self.position = self.position.saturating_add(u64::try_from(bytes).unwrap_or(u64::MAX));
    }

    fn describe(&self, error: &io::Error) -> String {
        let format = self.decoder.format();
        let what = match error.kind() {
            io::ErrorKind::UnexpectedEof => "is cut off",
            _ => "is damaged",
        };
        format!("the {format} stream {what} after {} bytes of content: {error}", self.position)
    }

    fn read_error(&self, source: io::Error) -> Error {
        Error::Read { name: self.name.clone(), offset: self.position, source }
    }
}
