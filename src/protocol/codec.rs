//! One bounded JSON line: how requests are read and answers written.
