"""What a plain reply means for the tasks that are open; its words are read in `locales.replies`. `meaning` is where it begins."""
