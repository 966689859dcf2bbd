"""A Telegram Bot API server on localhost, with a phone in the browser.

Its own process with its own file: to try Sitebell, to train sites, to test. It speaks only HTTP and
imports none of the other rooms, so it can be wrong only on its own account.
"""
