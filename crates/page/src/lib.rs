//! Self-contained HTML pages with plots that need no script.
