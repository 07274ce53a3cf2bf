"""What OpenStack's services notify of: messages of oslo.messaging made into events, without the secrets in them."""

from collectors.notifications.event import Event
from collectors.notifications.feed import EventFeed
from collectors.notifications.message import event_of

__all__ = ["Event", "EventFeed", "event_of"]
