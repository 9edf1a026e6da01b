"""When somebody may be called: by the clock and the calendar where they are, pure of any clock of ours."""

from offhook.callinghours.model import CallingWindow, Hours, Weekday
from offhook.callinghours.opening import may_call, next_opening
from offhook.callinghours.zones import group_of, local_day

__all__ = ["CallingWindow", "Hours", "Weekday", "group_of", "local_day", "may_call", "next_opening"]
