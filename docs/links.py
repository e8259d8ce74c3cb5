"""Check that every link within a built site leads somewhere: ``python docs/links.py FOLDER``."""

from __future__ import annotations

import sys
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit


class Page(HTMLParser):
    """The links of a page, and the places in it to which others may lead."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.links: list[str] = []
        self.anchors: set[str] = set()
        self.feed(path.read_text("utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Take down where an element leads, and by what name it can be reached."""
        of = {key: value for key, value in attrs if value}
        self.anchors |= {of[key] for key in ("id", "name") if key in of}
        self.links += [of[key] for key in ("href", "src") if key in of]


def broken(site: Path) -> list[str]:
    """Return every link to a file or an anchor that is not there, with its page."""
    pages = {
        path.resolve(): Page(path)
        for path in sorted(site.rglob("*.html"))
        if "_static" not in path.parts
    }
    out = []
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or parts.netloc:
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            there = pages[target].anchors if target in pages else set()
            if not target.exists() or (there and parts.fragment not in there | {""}):
                out.append(f"{path.relative_to(site.resolve())}: {link}")
    return out


if __name__ == "__main__":
    found = broken(Path(sys.argv[1]))
    sys.exit("\n".join(["Links that lead nowhere:", *found]) if found else 0)
