# One door for everything: app/bootstrap.py builds what a command needs, then becomes that command.
#   make run     start Sitebell; without a Telegram token as a demo with a phone in the browser
#   make test    run every test, on SQLCipher and PostgreSQL, in a real browser
#   make check   lint, formatting, types, and the rule of which room may import which
#   make bench   measure; make soak: kill the service at random moments for as long as you like
#   make pictures  take the pictures of docs/pictures anew, from a demo of its own in a real browser
#   make lock    pin every package and its hashes anew (ARGUMENTS=--upgrade takes newer versions)
# Words for the command itself go through ARGUMENTS, another Python through PYTHON:
#   make test ARGUMENTS="tests/house -x"
#   make run PYTHON=python3.12
PYTHON ?= python3
ARGUMENTS ?=

.PHONY: run test check bench soak pictures lock
run test check bench soak pictures lock:
	@$(PYTHON) app/bootstrap.py $@ $(ARGUMENTS)
