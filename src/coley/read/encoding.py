"""Bytes of any encoding to UTF-8 with line feeds."""

from __future__ import annotations

import codecs

from coley.model.answer import Check, Where
from coley.model.errors import UnreadableInput
from coley.read.kinds import HEAD

# Tried when text is not UTF-8: encodings of languages in which most letters lie beyond ASCII. For the rest,
# a few accented letters among ASCII, the Western code page is the likely one and statistics cannot tell.
FOREIGN = ("cp932", "euc_jp", "gb18030", "big5", "cp949", "cp1251", "koi8_r")
FOREIGN_SHARE = 0.2  # of the bytes; Western text holds about 1 in 50 beyond ASCII
SAMPLE = 1 << 16  # bytes on which the encoding is decided
UTF16_SHARE = 0.4  # of the even or odd bytes are zero where ASCII text is written as UTF-16

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def to_utf8(data: bytes, file: str, *, encoding: str = "") -> tuple[bytes, tuple[Check, ...]]:
    r"""Return text as UTF-8 with line feeds and without a byte order mark.

    Parameters
    ----------
    data
        The text in its own encoding.
    file
        Name for messages.
    encoding
        Its encoding, where it is known.

    Returns
    -------
    The text, and a note where an encoding other than UTF-8 was found.

    Raises
    ------
    UnreadableInput
        For bytes that are no text, or not in the encoding that was named.

    Examples
    --------
    >>> text, notes = to_utf8("Zürich\r\n".encode("cp1252"), "sites.csv")
    >>> text.decode(), notes[0].level
    ('Zürich\n', 'pass')
    """
    found = encoding or _encoding(data)
    notes: tuple[Check, ...] = ()
    if found != "utf-8":
        try:
            data = data.decode(found).removeprefix("\ufeff").encode()
        except (UnicodeError, LookupError) as error:
            raise UnreadableInput(
                f"{file} is not text in the encoding {found}.",
                where=file,
                cause=str(error),
                remedy="Save it as UTF-8, or name its encoding (encoding = ...) in study.toml.",
            ) from None
        if not encoding and found not in ("utf-8-sig", "utf-8"):
            notes = (_note(found, file),)
    if b"\0" in data:
        raise UnreadableInput(
            f"{file} holds zero bytes: it is not text.",
            where=file,
            cause="A binary file with the name of a table, or a file that was not written to its end.",
            remedy="Export the table as CSV in UTF-8.",
        )
    if b"\r" in data:
        data = data.replace(b"\r\n", b"\n")
        if b"\n" not in data:  # only then does a lone carriage return end a line
            data = data.replace(b"\r", b"\n")
    return data, notes


def _encoding(data: bytes) -> str:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    head = data[:HEAD]
    if b"\0" in head and len(head) > 1:
        half = len(head) / 2
        if head[1::2].count(0) > UTF16_SHARE * half:
            return "utf-16-le"
        if head[0::2].count(0) > UTF16_SHARE * half:
            return "utf-16-be"
    try:
        codecs.utf_8_decode(data, "strict", True)
    except UnicodeDecodeError:
        return _guess(data)
    return "utf-8"


def _guess(data: bytes) -> str:
    from charset_normalizer import from_bytes

    sample = data[:SAMPLE].rpartition(b"\n")[0] or data[:SAMPLE]
    beyond = len(sample) - len(sample.decode("ascii", "ignore"))
    if beyond > FOREIGN_SHARE * len(sample):
        best = from_bytes(sample, cp_isolation=list(FOREIGN)).best()
        if best is not None:
            return best.encoding
    try:
        data.decode("cp1252")
    except UnicodeDecodeError:
        return "latin-1"
    return "cp1252"


def _note(encoding: str, file: str) -> Check:
    return Check(
        "encoding",
        "pass",
        f"{file} is not UTF-8; it was read as {encoding}.",
        remedy="If letters look wrong, save it as UTF-8 or set encoding in study.toml.",
        where=Where(file),
    )
