"""The files of a backup: frames behind a header, each with a checksum, or sealed with the merchant's key.

    header   ``PSB1``, the form (0: plain, 1: AES-256-GCM), 8 bytes that tell which key (SHA-256 of it, cut; zeros where there is none)
    frame    length (4 bytes, big-endian), CRC-32 of what follows (4 bytes), zlib's bytes; sealed: 12 bytes of nonce and the ciphertext

What is sealed is bound to the file's name and the frame's number, so that no frame and no file can stand in another's place. How many
frames a file has and its SHA-256 stand in the manifest, which is such a file itself. A file is written beside its name and put there when
it is whole and on the disk.
"""

from __future__ import annotations

import hashlib
import os
import zlib
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO

import msgspec

from streams.backup.errors import BackupRefused, Damaged

_MAGIC = b"PSB1"
_HEADER = len(_MAGIC) + 1 + 8
_NONCE = 12
#: A frame is held in memory whole: a longer one is damage.
_FRAME_MAX = 256 * 1024 * 1024
KEY_BYTES = 32


class File(msgspec.Struct, frozen=True):
    """One file, as it was written; ``name`` within the backup's folder."""

    name: str
    bytes: int
    sha256: str
    frames: int


class Key:
    """The merchant's. Raises BackupRefused when it is no key."""

    def __init__(self, text: str) -> None:
        try:
            raw = bytes.fromhex(text.strip())
        except ValueError:
            raw = b""
        if len(raw) != KEY_BYTES:
            raise BackupRefused(
                f"PENSTOCK_BACKUP_KEY is no key: it must be {KEY_BYTES * 2} hexadecimal digits; openssl rand -hex {KEY_BYTES} makes one"
            )
        from cryptography.hazmat.primitives.ciphers.aead import AESGCM

        self.id = hashlib.sha256(raw).digest()[:8]
        self._sealing = AESGCM(raw)

    def seal(self, clear: bytes, about: bytes) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._sealing.encrypt(nonce, clear, about)

    def open(self, sealed: bytes, about: bytes) -> bytes:
        """Raises ValueError: it was not sealed so."""
        from cryptography.exceptions import InvalidTag

        try:
            return self._sealing.decrypt(sealed[:_NONCE], sealed[_NONCE:], about)
        except InvalidTag:
            raise ValueError("it was changed after it was sealed") from None


class Writer:
    """Writes one file; leaving the ``with`` without an error puts it in its place."""

    def __init__(self, folder: Path, name: str, key: Key | None) -> None:
        self.path, self._name, self._key = folder / name, name, key
        self._part = self.path.with_name(self.path.name + ".part")
        self._sha, self._bytes, self._frames = hashlib.sha256(), 0, 0
        self._file: BinaryIO | None = None

    def __enter__(self) -> Writer:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = open(os.open(self._part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb")
        self._write(_MAGIC + (b"\x01" + self._key.id if self._key else bytes(9)))
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        assert self._file is not None
        if error is None:
            self._file.flush()
            os.fsync(self._file.fileno())
        self._file.close()
        if error is None:
            self._part.rename(self.path)
            _sync(self.path.parent)
        else:
            self._part.unlink(missing_ok=True)

    def frame(self, clear: bytes) -> None:
        """One more."""
        body = zlib.compress(clear, 1)
        if self._key is not None:
            body = self._key.seal(body, _about(self._name, self._frames))
        self._write(len(body).to_bytes(4, "big") + zlib.crc32(body).to_bytes(4, "big") + body)
        self._frames += 1

    def written(self) -> File:
        """What the manifest says of it, once it is written."""
        return File(self._name, self._bytes, self._sha.hexdigest(), self._frames)

    def _write(self, raw: bytes) -> None:
        assert self._file is not None
        self._file.write(raw)
        self._sha.update(raw)
        self._bytes += len(raw)


def frames(folder: Path, name: str, key: Key | None, known: File | None = None) -> Iterator[bytes]:
    """A file's frames, in their order; ``known``: what the manifest says of it, held against it to the end.

    Raises:
        Damaged: names the file and what is wrong with it.
        BackupRefused: it is sealed with another key, or none is given.
    """
    sha, size, count = hashlib.sha256(), 0, 0
    try:
        with (folder / name).open("rb") as file:

            def read(length: int, what: str) -> bytes:
                nonlocal size
                raw = file.read(length)
                sha.update(raw)
                size += len(raw)
                if 0 < len(raw) < length or (not raw and what):
                    raise Damaged(name, f"it ends at byte {size}, within {what or 'a frame'}")
                return raw

            header = read(_HEADER, "its header")
            if header[:4] != _MAGIC or header[4] > 1:
                raise Damaged(name, "it does not begin as a file of a backup does")
            if header[4] and (key is None or header[5:] != key.id):
                have = "none is set" if key is None else f"PENSTOCK_BACKUP_KEY is that with the mark {key.id.hex()}"
                raise BackupRefused(f"{name} is sealed with the key with the mark {header[5:].hex()}, and {have}")
            while head := read(8, ""):
                length = int.from_bytes(head[:4], "big")
                if not 0 < length <= _FRAME_MAX:
                    raise Damaged(name, f"frame {count} claims to have {length} bytes")
                body = read(length, f"frame {count}")
                if zlib.crc32(body) != int.from_bytes(head[4:], "big"):
                    raise Damaged(
                        name, f"the bytes of frame {count}, before byte {size}, are not those that were written"
                    )
                try:
                    yield zlib.decompress(key.open(body, _about(name, count)) if header[4] and key else body)
                except (ValueError, zlib.error) as exc:
                    raise Damaged(name, f"frame {count}: {exc}") from exc
                count += 1
    except FileNotFoundError:
        raise Damaged(name, "it is not there") from None
    except OSError as exc:
        raise Damaged(name, f"it cannot be read: {exc.strerror}") from exc
    if known is not None and (size, count, sha.hexdigest()) != (known.bytes, known.frames, known.sha256):
        raise Damaged(
            name,
            f"it has {size:,} bytes in {count:,} frames, not the {known.bytes:,} in {known.frames:,} that were written",
        )


def sealed(folder: Path, name: str) -> bool:
    """Whether a file needs a key. Raises Damaged."""
    try:
        with (folder / name).open("rb") as file:
            return file.read(_HEADER)[4:5] == b"\x01"
    except OSError as exc:
        raise Damaged(name, f"it cannot be read: {exc.strerror}") from exc


def put(folder: Path, name: str, value: Any, key: Key | None) -> File:
    """A file of one frame: a value as JSON."""
    with Writer(folder, name, key) as writer:
        writer.frame(msgspec.json.encode(value))
    return writer.written()


def _about(name: str, number: int) -> bytes:
    return f"{name}#{number}".encode()


def _sync(folder: Path) -> None:
    at = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(at)
    finally:
        os.close(at)
