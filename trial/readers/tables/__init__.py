"""Schedule-of-activities tables: `read` makes drafts of them, `written` makes them of studies. `template` explains them."""
