"""From a question to quoted, cited label text, or to an abstention with its reason."""
