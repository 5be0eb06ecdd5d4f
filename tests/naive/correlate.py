# SPDX-License-Identifier: Apache-2.0
"""Correlations over the matches of their base rules: every window tried, every statistic counted afresh (docs/sigma.md)."""
import math

from rules import Correlation
from values import COMPARE, fold, number_of


class Match:
    """One event (or a correlation's firing) as a base rule's match. view: the names as that rule sees them."""
    __slots__ = ("time", "order", "view", "events")

    def __init__(self, time, order, view, events):
        self.time, self.order, self.view, self.events = time, order, view, events


def ticks(text):
    """RFC 3339 to 100 ns since year 1; None when it is no time."""
    import datetime
    import re
    m = re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9}))?(?:Z| UTC)?", text)
    if not m:
        return None
    parts = [int(x) for x in m.groups()[:6]]
    try:
        days = datetime.date(*parts[:3]).toordinal()
    except ValueError:
        return None
    return ((days * 24 + parts[3]) * 60 + parts[4]) * 600000000 + parts[5] * 10000000 + int((m.group(7) or "0").ljust(7, "0")[:7])


class Entry:
    """A match within one correlation: which of its rules, the group it falls in."""
    __slots__ = ("match", "base")

    def __init__(self, match, base):
        self.match, self.base = match, base


def field_of(correlation, base, name):
    """The event's own name for a group-by or condition field."""
    alias = correlation.aliases.get(name)
    if alias is None:
        return name
    for key in (base.name, base.id, base.title):
        if key is not None and key in alias:
            return str(alias[key])
    return name


def group_of(correlation, entry):
    base, out = correlation.bases[entry.base], []
    for name in correlation.group_by:
        value = entry.match.view.first(field_of(correlation, base, name).replace(" ", ""))
        if value is None:
            return None
        out.append(fold(value))
    return tuple(out)


def longest_ordered_row(entries):
    best = [0] * (1 + max(e.base for e in entries))
    for e in entries:
        best[e.base] = max(best[e.base], 1 + max(best[:e.base], default=0))
    return max(best)


def interpolated(numbers, percent):
    numbers = sorted(numbers)
    place = (len(numbers) - 1) * percent / 100
    low = math.floor(place)
    high = min(low + 1, len(numbers) - 1)
    return numbers[low] + (numbers[high] - numbers[low]) * (place - low)


def statistic(correlation, entries):
    """The number that the condition speaks of; None when there is none."""
    kind = correlation.type
    if kind == "event_count":
        # an event that two base rules match is one; firings of correlations are one each
        return len({id(e.match) if isinstance(correlation.bases[e.base], Correlation) else e.match.order for e in entries})
    if kind == "temporal":
        return len({e.base for e in entries})
    if kind == "temporal_ordered":
        return longest_ordered_row(entries)
    rows = set()
    numbers, seen = [], set()
    for e in entries:
        base = correlation.bases[e.base]
        values = [e.match.view.first(field_of(correlation, base, f).replace(" ", "")) for f in correlation.fields]
        if kind == "value_count":
            if all(v is not None for v in values):
                rows.add(tuple(fold(v) for v in values))
        elif e.match.order not in seen and values[0] is not None and number_of(values[0]) is not None:
            numbers.append(number_of(values[0]))
            seen.add(e.match.order)
    if kind == "value_count":
        return len(rows)
    if not numbers:
        return None
    if kind == "value_sum":
        return sum(numbers)
    if kind == "value_avg":
        return sum(numbers) / len(numbers)
    return interpolated(numbers, 50 if kind == "value_median" else correlation.percentile)


def holds(correlation, entries):
    got = statistic(correlation, entries)
    if got is None:
        return False
    bounds = correlation.bounds or [("gte", len(correlation.bases))]
    return all(COMPARE[op](got, number) for op, number in bounds)


def fire(correlation, matches_of):
    """Yields for each firing the Match it stands for in other correlations; its events are those of the window."""
    entries = []
    for index, base in enumerate(correlation.bases):
        entries += [Entry(m, index) for m in matches_of.get(base, ()) if m.time is not None]
    entries.sort(key=lambda e: (e.match.time, e.match.order, e.base))
    groups = {}
    for e in entries:
        key = group_of(correlation, e)
        if key is not None:
            groups.setdefault(key, []).append(e)
    span = correlation.timespan * 10000000
    for group in groups.values():
        start = 0
        while start < len(group):
            end = start
            while end < len(group) and group[end].match.time - group[start].match.time <= span:
                end += 1
            window = group[start:end]
            if not holds(correlation, window):
                start = next_event(group, start)
                continue
            at = 1
            while at < len(window):
                # an event that matches several base rules comes in as one
                whole = at == len(window) or window[at].match.order != window[at - 1].match.order
                if whole and holds(correlation, window[:at]):
                    break
                at += 1
            last = window[at - 1].match
            events = []
            for e in window:
                events += [x for x in e.match.events if x not in events]
            yield Match(last.time, last.order, last.view, events)
            start = end


def next_event(group, start):
    at = start + 1
    while at < len(group) and group[at].match.order == group[start].match.order:
        at += 1
    return at


def run(correlations, matches_of):
    """correlations: bases before those that stand on them. Adds their matches to matches_of, yields (correlation, match)."""
    for c in correlations:
        assert isinstance(c, Correlation)
        fired = sorted(fire(c, matches_of), key=lambda m: (m.time, m.order))
        matches_of[c] = fired
        for m in fired:
            yield c, m
