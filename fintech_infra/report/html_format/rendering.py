"""From what is shown to HTML: the templates, and the policy that keeps out whatever is not ours.

Jinja2 escapes every value on its way into a template. The two texts that are not escaped, style
and script, are files of this package.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Mapping
from functools import cache
from hashlib import sha256
from importlib.resources import files
from typing import Any, Final

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from fintech_infra.report.plain import visible

_HERE: Final = __package__ or ""


def printable(value: Any) -> Any:
    r"""Return a text with every character that cannot be shown, or misleads, written out.

    >>> printable("bucket\u202etxt.exe")
    'bucket\\u202etxt.exe'
    """
    return visible(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def with_code(text: str) -> Markup:
    """Return a text with what stands between two backticks as code.

    >>> with_code("Set `a<b>`.")
    Markup('Set <code>a&lt;b&gt;</code>.')
    """
    parts = [escape(part) for part in visible(text).split("`")]
    if len(parts) % 2 == 0:
        return escape(visible(text))
    return Markup("").join(
        Markup("<code>{}</code>").format(part) if at % 2 else part for at, part in enumerate(parts)
    )


def render(shown: Mapping[str, Any]) -> str:
    """Render what is shown as an HTML document that ends with a newline."""
    style, script = own_file(_HERE, "style.css"), own_file(_HERE, "script.js")
    return (
        templates(_HERE)
        .get_template("report.html")
        .render(
            shown,
            # Both are files of ours, which have no end tag in them.
            style=Markup(style),  # noqa: S704
            script=Markup(script),  # noqa: S704
            policy=policy(style, script),
        )
    )


@cache
def templates(*packages: str) -> Environment:
    """The templates of packages; where two have the same name, that of the first is taken."""
    found = Environment(
        loader=ChoiceLoader([PackageLoader(package) for package in packages]),
        autoescape=True,
        finalize=printable,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    found.filters["with_code"] = with_code
    return found


def own_file(package: str, name: str) -> str:
    """A text file of a package of ours."""
    return (files(package) / name).read_text("utf-8")


def policy(style: str, script: str = "") -> str:
    """The content security policy: this style, this script if any, and nothing from anywhere."""
    scripts = f"script-src '{_digest(script)}'; " if script else ""
    return (
        f"default-src 'none'; style-src '{_digest(style)}'; {scripts}"
        "base-uri 'none'; form-action 'none'"
    )


def _digest(text: str) -> str:
    return f"sha256-{b64encode(sha256(text.encode()).digest()).decode()}"
