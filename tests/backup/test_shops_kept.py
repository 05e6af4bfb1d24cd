"""What is kept of the shops' file: all of it but what signs."""

from __future__ import annotations

from pathlib import Path

from connectors import shops

FILE = """
[[shop]]
channel = "jd"
shop = "jd-pop"
url = "https://api.jd.example"
app_key = "10000000"
secret = "env:JD_SECRET"
token = "file:/run/secrets/jd-token"

[[logistics]]
provider = "kuaidi100"
url = "https://poll.example"
key = "0123456789abcdef0123456789"
secret = "fedcba9876543210fedcba9876"
carriers = ["SF"]
"""


def test_no_secret_is_kept_and_where_it_is_had_from_is(tmp_path: Path) -> None:
    token, path = tmp_path / "token", tmp_path / "shops.toml"
    token.write_text("a-token-of-a-real-length-0123456789")
    path.write_text(FILE.replace("/run/secrets/jd-token", str(token)))
    for each in (token, path):
        each.chmod(0o600)
    kept = shops.without_secrets(path, {"JD_SECRET": "0123456789abcdef0123456789"})
    assert kept["shop"] == [
        {
            **{"channel": "jd", "shop": "jd-pop", "url": "https://api.jd.example", "app_key": "10000000"},
            **{"secret": "env:JD_SECRET", "token": f"file:{token}"},
        }
    ]
    (logistics,) = kept["logistics"]
    assert logistics == {
        "provider": "kuaidi100",
        "url": "https://poll.example",
        "key": "",
        "secret": "",
        "carriers": ["SF"],
    }
