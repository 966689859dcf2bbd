"""What the trial office looks at: each page's content, read for one viewer and for no site that is not theirs."""
