"""Pictures that posts show: as they come in a file, and as they are kept."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

# What X takes: bytes of a picture, characters of an alternative text.
LARGEST_PICTURE, LONGEST_ALT = 5_000_000, 1_000


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture that is brought in. `name` is its file's; `content` its bytes, a PNG, JPEG or WebP."""

    name: str
    alt: str
    media_type: str
    content: bytes

    @property
    def shown(self) -> ShownPicture:
        """The same as it is kept."""
        return ShownPicture(picture_hash(self.content), self.alt, self.name)


@dataclass(frozen=True, slots=True)
class ShownPicture:
    """A picture as it is kept: by the SHA-256 of its bytes."""

    hash: str
    alt: str
    name: str = ""

    @property
    def media(self) -> dict[str, str]:
        """The same as the outbox takes it, and an approval: what people see."""
        return {"hash": self.hash, "alt": self.alt}


def media_of(picture: ShownPicture | None) -> list[dict[str, str]] | None:
    """What a post with this picture alone shows, as the outbox takes it."""
    return None if picture is None else [picture.media]


def picture_hash(content: bytes) -> str:
    """What a picture is known by: the SHA-256 of its bytes, in hexadecimal."""
    return hashlib.sha256(content).hexdigest()
