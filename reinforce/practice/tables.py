"""The practice account's own tables: columns and constraints only.

Instants of programme time (`*_at`) are milliseconds since 1970 in UTC; instants of machine time (`*_wall`) are
seconds since 1970, as floats. Ids are snowflakes; money is in millionths of a dollar.
"""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Float,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
)

metadata = MetaData()

users = Table(
    "users",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("handle", String(15, collation="NOCASE"), nullable=False, unique=True),
    Column("name", String(50), nullable=False),
    Column("description", String(160), nullable=False, default=""),
    Column("protected", Boolean, nullable=False, default=False),
    # Whether the company's account follows this person: it then sees their protected posts.
    Column("followed", Boolean, nullable=False, default=False),
    Column("automated", Boolean, nullable=False, default=False),
    Column("pinned_post_id", BigInteger),
    # "company": the account under rehearsal; "learner": answered for by the script; "person": nobody's but yours.
    Column("kind", String(10), nullable=False),
    Column("created_at", BigInteger, nullable=False),
)

posts = Table(
    "posts",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("author_id", BigInteger, ForeignKey("users.id"), nullable=False),
    Column("text", String, nullable=False),
    # Where the visible text begins: the handles X puts before a reply stand in front of it.
    Column("display_start", Integer, nullable=False, default=0),
    Column("conversation_id", BigInteger, nullable=False),
    Column("in_reply_to_id", BigInteger),
    Column("in_reply_to_user_id", BigInteger),
    Column("quoted_id", BigInteger),
    Column("poll_id", BigInteger, ForeignKey("polls.id")),
    Column("created_at", BigInteger, nullable=False),
    Column("landed_wall", Float, nullable=False),
    Column("deleted_at", BigInteger),
    Column("source", String(10), nullable=False),  # api, page or script
    Column("cost", Integer, nullable=False, default=0),
    Column("impressions", Integer, nullable=False, default=0),
    Index("posts_by_author", "author_id", "id"),
    Index("posts_by_conversation", "conversation_id", "id"),
    Index("posts_by_parent", "in_reply_to_id"),
)

# A post that is a later version of another. A table of its own: folders of before stay readable.
edits = Table(
    "edits",
    metadata,
    Column("post_id", BigInteger, ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    Column("previous_id", BigInteger, ForeignKey("posts.id"), nullable=False, unique=True),
    Column("first_id", BigInteger, ForeignKey("posts.id"), nullable=False, index=True),
)

media = Table(
    "media",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("owner_id", BigInteger, ForeignKey("users.id"), nullable=False),
    Column("media_type", String(20), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("alt_text", String(1000), nullable=False),
    Column("content", LargeBinary, nullable=False),
    Column("expires_wall", Float, nullable=False),
    # A picture that a post shows does not run out.
    Column("attached", Boolean, nullable=False),
)

# Which pictures a post shows. A table of its own, too.
attachments = Table(
    "attachments",
    metadata,
    Column("post_id", BigInteger, ForeignKey("posts.id"), primary_key=True, autoincrement=False),
    Column("position", Integer, primary_key=True),
    Column("media_id", BigInteger, ForeignKey("media.id"), nullable=False),
)

mentions = Table(
    "mentions",
    metadata,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True),
    Column("post_id", BigInteger, ForeignKey("posts.id"), primary_key=True),
    # True where only X's own reply prefix names the user.
    Column("implicit", Boolean, nullable=False),
)

polls = Table(
    "polls",
    metadata,
    Column("id", BigInteger, primary_key=True, autoincrement=False),
    Column("options", JSON, nullable=False),
    Column("duration_minutes", Integer, nullable=False),
    Column("ends_at", BigInteger, nullable=False),
)

votes = Table(
    "votes",
    metadata,
    Column("poll_id", BigInteger, ForeignKey("polls.id"), primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True),
    Column("position", Integer, nullable=False),  # from 1
)

likes = Table(
    "likes",
    metadata,
    Column("post_id", BigInteger, ForeignKey("posts.id"), primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True),
    Column("liked_at", BigInteger, nullable=False),
)

reposts = Table(
    "reposts",
    metadata,
    Column("post_id", BigInteger, ForeignKey("posts.id"), primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True),
    Column("reposted_at", BigInteger, nullable=False),
)

calls = Table(
    "calls",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("endpoint", String, nullable=False),
    Column("user_id", BigInteger),
    Column("called_at", BigInteger, nullable=False),
    Column("resources", Integer, nullable=False),
    Column("cost", Integer, nullable=False),
    Index("calls_by_time", "called_at"),
)

tokens = Table(
    "tokens",
    metadata,
    Column("digest", String(64), primary_key=True),  # SHA-256 of the token: the token itself is never stored
    Column("kind", String(10), nullable=False),  # code, access or refresh
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False),
    Column("scopes", String, nullable=False),
    Column("expires_wall", Float, nullable=False),
    Column("used_wall", Float),
    Column("challenge", String),
    Column("redirect_uri", String),
    # All tokens that came from one "allow" share a family: a refresh token used twice ends the family.
    Column("family", String(32), nullable=False),
)

settings = Table(
    "settings",
    metadata,
    Column("key", String, primary_key=True),
    Column("value", JSON, nullable=False),
)

knowledge = Table(
    "knowledge",
    metadata,
    Column("fingerprint", String, primary_key=True),
    Column("nugget", String, nullable=False),
    Column("kind", String(10), nullable=False),  # reminder or question
    Column("options", JSON, nullable=False),
    Column("correct", JSON, nullable=False),
    Column("wrong", JSON, nullable=False),
)

recollections = Table(
    "recollections",
    metadata,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True),
    Column("nugget", String, primary_key=True),
    Column("encounters", Float, nullable=False),  # a silent reading counts less than one
    Column("last_at", BigInteger, nullable=False),
)

# When a scripted learner will come across a post; what they make of it is decided then.
intentions = Table(
    "intentions",
    metadata,
    Column("id", Integer, primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False),
    Column("post_id", BigInteger, ForeignKey("posts.id"), nullable=False),
    Column("due_at", BigInteger, nullable=False),
    Index("intentions_by_time", "due_at"),
)
