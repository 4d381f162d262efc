"""Numbers, times and prices as people say them."""

THIN = "\N{NARROW NO-BREAK SPACE}"
DASH = "\N{EN DASH}"


def count(number: int) -> str:
    """1500 is "1 500"."""
    return f"{number:,}".replace(",", THIN)


def counted(number: int, one: str, many: str = "") -> str:
    """ "1 photo", "12 photos"."""
    return f"{count(number)} {one if number == 1 else many or one + 's'}"


def age(seconds: float) -> str:
    """How long something has been: "8 seconds", "3 minutes"."""
    return counted(max(round(seconds), 1), "second") if seconds < 90 else counted(round(seconds / 60), "minute")


def wait(low: int, high: int) -> str:
    """A range of seconds, in the coarsest unit that says something: "20 to 40 s" with a dash, "6 min", "2 h"."""
    if high < 90:
        return _range(low, high, 1, "s")
    if high < 5400:
        return _range(low, high, 60, "min")
    return _range(low, high, 3600, "h")


def money(cents: int, currency: str) -> str:
    """An amount: "1.20 €", "$1 200.00"."""
    amount = f"{cents / 100:,.2f}".replace(",", THIN)
    signs = {"EUR": f"{amount} €", "USD": f"${amount}", "GBP": f"£{amount}"}
    return signs.get(currency, f"{amount} {currency}")


def price(cents: int | None, currency: str) -> str:
    """What something will cost: "free", "about 1.20 €", or nothing when nobody knows."""
    if cents is None:
        return ""
    return f"about {money(cents, currency)}" if cents else "free"


def _range(low: int, high: int, unit_seconds: int, unit: str) -> str:
    least, most = max(low // unit_seconds, 1), max(-(-high // unit_seconds), 1)
    return f"{least} {unit}" if least >= most else f"{least}{DASH}{most} {unit}"
