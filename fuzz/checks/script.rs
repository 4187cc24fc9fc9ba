//! Bytes read as a script: what a target does step by step is decided by what the fuzzer found so far.

/// What is left of the script. At its end every number is 0 and every piece is empty.
pub(crate) struct Script<'a>(pub(crate) &'a [u8]);

impl<'a> Script<'a> {
    pub(crate) fn is_over(&self) -> bool {
        self.0.is_empty()
    }

    pub(crate) fn byte(&mut self) -> u8 {
        self.piece(1).first().copied().unwrap_or_default()
    }

    pub(crate) fn short(&mut self) -> u16 {
        u16::from_be_bytes([self.byte(), self.byte()])
    }

    /// A piece whose length stands before it.
    pub(crate) fn counted(&mut self) -> &'a [u8] {
        let length = self.byte();
        self.piece(usize::from(length))
    }

    pub(crate) fn piece(&mut self, length: usize) -> &'a [u8] {
        let (piece, rest) = self.0.split_at(length.min(self.0.len()));
        self.0 = rest;
        piece
    }
}
