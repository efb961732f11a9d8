//! Decoding, hot id detection and remedies: from input files to remedied blocks of events.
