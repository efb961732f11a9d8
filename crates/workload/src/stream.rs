//! A whole stream, in order and in bounded memory.

use std::io::{self, BufRead, Read, Write};

use rayon::prelude::*;

use crate::{Workload, WorkloadError};

/// Chunks per thread that are made ahead: enough to share the work out, 5 MiB of buffer a thread.
const CHUNKS_PER_THREAD: usize = 2;

/// Chunks that follow each other, made in parallel; buffers are used again.
#[derive(Debug, Default)]
struct Batch {
    first_chunk: u64,
    buffers: Vec<Vec<u8>>,
}

impl Batch {
    /// Fills the batch with the chunks from this one on; returns the chunk that comes next.
    fn fill(&mut self, workload: &Workload, first_chunk: u64) -> u64 {
        let wanted = (rayon::current_num_threads() * CHUNKS_PER_THREAD) as u64;
        let count = workload.chunks().saturating_sub(first_chunk).min(wanted);
        self.first_chunk = first_chunk;
        self.buffers.resize_with(usize::try_from(count).unwrap_or(0), Vec::new);
        self.buffers.par_iter_mut().enumerate().for_each(|(index, buffer)| {
            buffer.clear();
            workload.write_chunk(first_chunk + index as u64, buffer);
        });
        first_chunk + count
    }

    /// The chunks with their numbers.
    fn chunks(&self) -> impl Iterator<Item = (u64, &[u8])> {
        (self.first_chunk..).zip(self.buffers.iter().map(Vec::as_slice))
    }
}

impl Workload {
    /// Writes the whole stream and flushes the output; `progress` hears after every chunk how many
    /// events are written. Returns the number of bytes.
    ///
    /// Chunks are made on the current rayon pool while earlier ones are written on this thread, so
    /// that neither waits for the other; about 10 MiB of buffers a thread.
    ///
    /// # Errors
    /// When the output fails; the error says after how many events.
    pub fn write_to(
        &self,
        output: &mut impl Write,
        mut progress: impl FnMut(u64),
    ) -> Result<u64, WorkloadError> {
        let (mut events, mut bytes) = (0, 0);
        let (mut ready, mut ahead) = (Batch::default(), Batch::default());
        let mut next_chunk = ready.fill(self, 0);
        while !ready.buffers.is_empty() {
            let written = rayon::in_place_scope(|scope| {
                scope.spawn(|_| next_chunk = ahead.fill(self, next_chunk));
                ready.chunks().try_for_each(|(chunk, lines)| {
                    output.write_all(lines)?;
                    events += self.events_in(chunk);
                    bytes += lines.len() as u64;
                    progress(events);
                    Ok(())
                })
            });
            written.map_err(|source| WorkloadError::Write { events, source })?;
            std::mem::swap(&mut ready, &mut ahead);
        }
        output.flush().map_err(|source| WorkloadError::Write { events, source })?;
        Ok(bytes)
    }

    /// The stream as a source of bytes, for readers that want no file.
    #[must_use]
    pub fn into_reader(self) -> WorkloadReader {
        WorkloadReader { workload: self, batch: Batch::default(), next_chunk: 0, buffer: 0, at: 0 }
    }
}

/// A stream read as bytes; chunks are made on the current rayon pool whenever the last are used up.
#[derive(Debug)]
pub struct WorkloadReader {
    workload: Workload,
    batch: Batch,
    next_chunk: u64,
    /// The buffer of the batch that is being read, and the position in it.
    buffer: usize,
    at: usize,
}

impl BufRead for WorkloadReader {
    fn fill_buf(&mut self) -> io::Result<&[u8]> {
        let buffer_len = |batch: &Batch, buffer| batch.buffers.get(buffer).map_or(0, Vec::len);
        if self.at == buffer_len(&self.batch, self.buffer) {
            self.buffer += 1;
            self.at = 0;
            if self.buffer >= self.batch.buffers.len() {
                self.next_chunk = self.batch.fill(&self.workload, self.next_chunk);
                self.buffer = 0;
            }
        }
        let rest = self.batch.buffers.get(self.buffer).and_then(|lines| lines.get(self.at..));
        Ok(rest.unwrap_or_default())
    }

    fn consume(&mut self, amount: usize) {
        self.at += amount;
    }
}

impl Read for WorkloadReader {
    fn read(&mut self, target: &mut [u8]) -> io::Result<usize> {
        let mut lines = self.fill_buf()?;
        let read = lines.read(target)?;
        self.consume(read);
        Ok(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{CHUNK_EVENTS, Detail, IdDistribution, RngSeed, WorkloadSpec};

    fn workload(events: u64) -> Workload {
        let spec =
            WorkloadSpec::new(events).users(10, IdDistribution::Uniform).detail(Detail::Lean);
        Workload::new(spec, RngSeed::DEFAULT).unwrap()
    }

    #[test]
    fn a_reader_gives_what_is_written() {
        for events in [1, CHUNK_EVENTS, 20 * CHUNK_EVENTS + 5] {
            let workload = workload(events);
            let (mut written, mut read) = (Vec::new(), Vec::new());
            let bytes = workload.write_to(&mut written, |_| {}).unwrap();
            assert_eq!(bytes, written.len() as u64);
            let mut reader = workload.into_reader();
            reader.read_to_end(&mut read).unwrap();
            assert!(read == written, "{events} events differ between reader and writer");
            assert_eq!(reader.read(&mut [0]).unwrap(), 0, "the end is the end");
        }
    }

    #[test]
    fn progress_rises_to_all_events() {
        let mut heard = Vec::new();
        workload(2 * CHUNK_EVENTS + 1)
            .write_to(&mut io::sink(), |events| heard.push(events))
            .unwrap();
        assert_eq!(heard, [CHUNK_EVENTS, 2 * CHUNK_EVENTS, 2 * CHUNK_EVENTS + 1]);
    }

    /// An output with room for so many bytes.
    struct Disk(usize);

    impl Write for Disk {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0 = self.0.checked_sub(bytes.len()).ok_or(io::ErrorKind::StorageFull)?;
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_failed_output_says_how_far_it_got() {
        let workload = workload(3 * CHUNK_EVENTS);
        let mut first_chunk = Vec::new();
        workload.write_chunk(0, &mut first_chunk);
        let error = workload.write_to(&mut Disk(first_chunk.len()), |_| {}).unwrap_err();
        assert_eq!(
            error.to_string(),
            "cannot write the workload: the output failed after 8192 events"
        );
        let source = std::error::Error::source(&error).unwrap().downcast_ref::<io::Error>();
        assert_eq!(source.unwrap().kind(), io::ErrorKind::StorageFull);
    }
}
