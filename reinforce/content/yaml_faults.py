"""What is wrong with a YAML file, in the words of somebody who doesn't know YAML."""

from __future__ import annotations

from typing import Any

_QUOTE_IT = 'Put the whole text into double quotes: key: "text".'

# A piece of the parser's own message → what it means, and what to do. The first that fits is taken.
_MEANINGS = (
    (
        "mapping values are not allowed here",
        'no "key: value" can begin here.',
        'See that the line is indented like its neighbours; put a text that holds ": " into double quotes.',
    ),
    ("found duplicate anchor", "an anchor (&name) stands twice.", "Write the values out; anchors are not read."),
    (
        "found unknown escape character",
        "this backslash begins no known escape.",
        "Double it: \\\\.",
    ),
    ("found unexpected end of stream", "a quotation that begins here is never closed.", "Add the closing quote."),
    ("could not find expected ':'", 'this line is no "key: value" and no list item.', "Add the colon, or indent it."),
    ("found character '\\t'", "there is a tab in the indentation.", "Indent with spaces only; two for each level."),
    ("that cannot start any token", "a text can't begin with this character.", _QUOTE_IT),
    ("but found '<block mapping start>'", "the indentation does not line up.", "Indent it like its neighbours."),
    ("but found '?'", "the indentation does not line up.", "Indent it like its neighbours."),
    ("but found '-'", "the indentation does not line up.", "Indent the list items alike, all one level in."),
    ("but found '<block sequence start>'", "the indentation does not line up.", "Indent the list items alike."),
    ("but found '}'", "a closing brace has no opening one.", _QUOTE_IT),
    ("but found ']'", "a closing bracket has no opening one.", _QUOTE_IT),
    ("expected ',' or ']'", "a bracket is not closed.", 'Close the list with "]", or put the text into quotes.'),
    ("expected ',' or '}'", "a brace is not closed.", 'Close it with "}", or put the text into quotes.'),
    ("expected alphabetic or numeric character", "a name should follow after this mark.", _QUOTE_IT),
    ("expected chomping or indentation", "nothing may follow > or | on its line.", "Begin the text on the next line."),
    ("version 1.* is required", "the YAML version of the first line is not known.", 'Take the "%YAML" line out.'),
)


def in_words(error: Exception, text: str) -> tuple[int, int, str, str]:
    """Line, column (from 1), message and advice for an error of the parser over `text`."""
    problem: str = getattr(error, "problem", None) or str(error)
    mark: Any = getattr(error, "problem_mark", None)
    context: Any = getattr(error, "context_mark", None)
    if "end of stream" in problem and context is not None:
        mark = context  # where the quotation begins helps; where the file ends doesn't
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    last_line = text.count("\n") + 1
    line = min(line, last_line)
    for piece, message, advice in _MEANINGS:
        if piece in problem:
            return line, column, message, advice
    return line, column, f"this is not valid YAML ({' '.join(problem.split())}).", _QUOTE_IT
