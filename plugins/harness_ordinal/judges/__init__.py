"""Agreement of raters who judged the same items: people, language models, metrics."""
