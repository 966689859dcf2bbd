"""Telegram: receiving, conversation, cards and buttons, sending. The only room that knows telegram."""

import os

# The library's own switch for flood waits as timedelta; it reads the environment, and only that.
os.environ.setdefault("PTB_TIMEDELTA", "1")
