"""Keep a picture that somebody brought in for a nugget, before its words are written and the nugget is saved."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

from reinforce.content.pictures import picture_from
from reinforce.domain.picture import ShownPicture
from reinforce.store.sending import pictures
from reinforce.store.session import Database


def keep_picture(database: Database, path: Path, *, now: datetime) -> ShownPicture:
    """The picture in the file, by what it is known here; without words as yet. Nothing shows it until a nugget does.

    Raises ContentRefused for one that X does not take."""
    picture = picture_from(path)
    with database.write() as connection:
        pictures.keep(connection, picture.content, picture.media_type, now)
    return picture.shown
