"""Variables of the environment, each read as what it has to be, in plain Python. Any can be given as NAME_FILE, naming
a file that holds the value; an empty one counts as none.

A value that cannot be meant ends the start, before anything began, with a sentence: which variable, what is wrong with
it, and an example. What may hold a password is not repeated in it.
"""

import math
import os
import re
from email.utils import parseaddr
from pathlib import Path
from typing import NoReturn
from urllib.parse import SplitResult, urlsplit
from zoneinfo import ZoneInfo, available_timezones

from dashboard import CannotStart

_YES_OR_NO = {"true": True, "yes": True, "on": True, "1": True, "false": False, "no": False, "off": False, "0": False}
_HOST = re.compile(r"\*|\.?[\w-]+(\.[\w-]+)*|\[[0-9a-f:.]+\]", re.IGNORECASE)
_WEB = {"http": "http://", "https": "https://"}


def text(name: str, *, default: str = "", like: str = "", example: str = "", is_secret: bool = False) -> str:
    """The value as it is; one that does not match the pattern *like* is refused."""
    value = _value(name)
    if value and like and not re.fullmatch(like, value):
        refuse(name, "not written as it has to be", example or default, "" if is_secret else value)
    return value or default


def one_of(name: str, *choices: str, default: str) -> str:
    value = _value(name) or default
    found = next((choice for choice in choices if choice.lower() == value.lower()), None)
    return found or refuse(name, f"none of {', '.join(choices)}", default, value)


def boolean(name: str, *, default: bool) -> bool:
    value = _value(name)
    if value and value.lower() not in _YES_OR_NO:
        refuse(name, "neither true nor false", "true", value)
    return _YES_OR_NO[value.lower()] if value else default


def whole(name: str, *, default: int, least: int = 1, most: int = 1_000_000) -> int:
    value = _value(name)
    if value and not re.fullmatch(r"[0-9]{1,18}", value):
        refuse(name, "not a whole number", str(default), value)
    return int(_between(name, float(value), default, least, most)) if value else default


def decimal(name: str, *, default: float, least: float = 0.0, most: float = 1_000_000.0) -> float:
    """A number that may have decimals, after a point."""
    value = _value(name)
    try:
        number = float(value or default)
    except ValueError:
        number = math.nan
    if math.isnan(number):
        refuse(name, "not a number", f"{default:g}", value)
    return _between(name, number, default, least, most)


def _between(name: str, number: float, default: float, least: float, most: float) -> float:
    if not least <= number <= most:
        refuse(name, f"not between {least:g} and {most:g}", f"{default:g}", _value(name))
    return number


def items(name: str, *, like: str = "", example: str = "", is_secret: bool = False) -> list[str]:
    """Values separated by commas; one that does not match the pattern *like* is refused."""
    found = [item.strip() for item in _value(name).split(",") if item.strip()]
    for item in found:
        if like and not re.fullmatch(like, item):
            refuse(name, "not written as it has to be", example, "" if is_secret else item)
    return found


def hosts(name: str, *, default: list[str]) -> list[str]:
    """Names of hosts, separated by commas, without what else an address has."""
    found = items(name)
    for item in found:
        if not _HOST.fullmatch(item):
            refuse(name, "not the name of a host alone", "studio.example,192.168.1.20", item)
    return found or default


def web_address(name: str, *, example: str, path: bool = True) -> str:
    """An address with http or https, without a slash at its end; with *path* False, nothing may follow the host."""
    value = _value(name).rstrip("/")
    if not value:
        return ""
    if not value.startswith(tuple(_WEB.values())):
        refuse(name, "an address without http:// or https://", example, value)
    found = _split(name, value, example)
    if not _HOST.fullmatch(host(found)) or found.query or found.fragment or found.username is not None:
        refuse(name, "not a web address", example, value)
    if found.path and not path:
        refuse(name, "more than an address: nothing may follow the host and its port", example, value)
    return value


def web_addresses(name: str, *, example: str) -> dict[str, str]:
    """Web addresses by names: `one=https://…`, separated by commas."""
    found = dict(item.partition("=")[::2] for item in items(name))
    for key, value in found.items():
        if not key or not value.startswith(tuple(_WEB.values())) or not host(_split(name, value, example)):
            refuse(name, "not a name with its web address", example, f"{key}={value}" if value else key)
    return found


def service(name: str, *schemes: str, example: str) -> str:
    """The address of a service, which may hold a password. It names no host after a scheme that is given with its colon
    and slashes."""
    value = _value(name)
    if not value:
        return ""
    found = _split(name, value, example)
    begins = [scheme if ":" in scheme else f"{scheme}://" for scheme in schemes]
    if not value.startswith(tuple(begins)):
        refuse(name, f"not an address that begins with {' or '.join(begins)}", example)
    if found.scheme in schemes and not found.hostname:
        refuse(name, "an address that names no host", example)
    return value


def email_sender(name: str, *, default: str) -> str:
    value = _value(name) or default
    if not re.fullmatch(r"[^@\s]+@[^@\s]+", parseaddr(value)[1]):
        refuse(name, "not an e-mail address", "Likeness <likeness@studio.example>", value)
    return value


def time_zone(name: str, *, default: str) -> str:
    value = _value(name) or default
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError):
        cities = (zone for zone in sorted(available_timezones()) if zone.lower().endswith(f"/{value.lower()}"))
        refuse(name, "not the name of a time zone", next(cities, "Europe/Berlin"), value)
    return value


def folder(name: str, *, default: Path) -> Path:
    """The whole path of a folder, which need not exist."""
    path = Path(_value(name) or default).expanduser().resolve()
    if not next(place for place in (path, *path.parents) if place.exists()).is_dir():
        refuse(name, "a file or inside one, not a folder", str(default), str(path))
    return path


def refuse(name: str, fault: str, example: str, value: str = "") -> NoReturn:
    """End the start over a variable; *value* is what is repeated of it."""
    source = name if os.environ.get(name) else f"{name}_FILE"
    said = f"is “{value}”, which is {fault}" if value else f"is {fault}"
    raise CannotStart(f"{source} {said}. For example: {name}={example}")


def _value(name: str) -> str:
    if value := os.environ.get(name, "").strip():
        return value
    if file := os.environ.get(f"{name}_FILE", "").strip():
        try:
            return Path(file).read_text().strip()
        except (OSError, ValueError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is no text"
            raise CannotStart(f"{name}_FILE names the file {file}, which cannot be read: {reason}.") from None
    return ""


def _split(name: str, value: str, example: str) -> SplitResult:
    """*value* in its parts; what may hold a password cannot hold each sign as it is."""
    try:
        found = urlsplit(value)
        port = found.port
    except ValueError:
        port, found = 0, urlsplit("")
    if port == 0 or re.search(r"\s", value):
        refuse(
            name, "no address that can be read. Write signs such as # / ? @ in a password as %23 %2F %3F %40", example
        )
    return found


def host(address: SplitResult) -> str:
    """The host of an address, as `ALLOWED_HOSTS` and addresses write it."""
    name = address.hostname or ""
    return f"[{name}]" if ":" in name else name
