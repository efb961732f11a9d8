//! A text that other texts are compared with again and again.

/// A short text, ready to be compared with what stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fixed {
    text: Box<[u8]>,
    /// Its first eight bytes; fewer are filled up with 0.
    head: u64,
    /// The bits of the head that count.
    mask: u64,
    /// Its last eight bytes, if it has as many.
    tail: u64,
}

impl Fixed {
    pub(super) fn new(text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut head = [0; 8];
        let mut mask = [0; 8];
        for ((head, mask), byte) in head.iter_mut().zip(&mut mask).zip(bytes) {
            (*head, *mask) = (*byte, u8::MAX);
        }
        let tail = bytes.last_chunk::<8>().map_or(0, |tail| u64::from_le_bytes(*tail));
        let (head, mask) = (u64::from_le_bytes(head), u64::from_le_bytes(mask));
        Self { text: bytes.into(), head, mask, tail }
    }

    pub(super) fn len(&self) -> usize {
        self.text.len()
    }

    /// Whether `bytes` begin with the text.
    #[inline]
    pub(super) fn begins(&self, bytes: &[u8]) -> bool {
        let Some(head) = bytes.first_chunk::<8>() else { return bytes.starts_with(&self.text) };
        if u64::from_le_bytes(*head) & self.mask != self.head {
            return false;
        }
        match self.text.len() {
            ..=8 => true,
            // Two words that overlap.
            len @ 9..=16 => bytes
                .get(len - 8..len)
                .and_then(<[u8]>::first_chunk::<8>)
                .is_some_and(|tail| u64::from_le_bytes(*tail) == self.tail),
            _ => bytes.starts_with(&self.text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_compares_as_slices_do() {
        let text = "{\"event\":\"Signed up\",\"properties\":{";
        for len in 0..text.len() {
            let fixed = Fixed::new(text.get(..len).unwrap());
            assert_eq!(fixed.len(), len);
            for end in 0..text.len() {
                assert_eq!(fixed.begins(&text.as_bytes()[..end]), end >= len, "{len} {end}");
                let mut other = text.as_bytes().to_vec();
                other[end] ^= 1;
                assert_eq!(fixed.begins(&other), end >= len, "{len} {end}");
            }
        }
    }
}
