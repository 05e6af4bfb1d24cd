"""What a shops file may not be, and what no representation of anything may show."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from connectors.caution import only_ours
from connectors.shops import LogisticsAccount, Sender, Shop, Shops, load
from streams.settings import InvalidSetting, Settings

ROOT = Path(__file__).parents[2]
SHOP = '[[shop]]\nchannel = "taobao"\nshop = "tea"\n'


def said(path: Path, text: str) -> str:
    """What is said about a shops file."""
    path.write_text(text)
    with pytest.raises(InvalidSetting) as raised:
        load(path, {"TAOBAO_SECRET": "s3cret", "EMPTY": ""})
    return str(raised.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "shops.toml"


@pytest.mark.parametrize(
    "url",
    [
        "http://gw.example/rest",
        "ws://gw.example",
        "ftp://127.0.0.1/x",
        "gw.example/rest",
        "http://127.0.0.1.evil.example",
    ],
)
@pytest.mark.parametrize("field", ["url", "messages_url"])
def test_nothing_is_sent_in_clear_but_to_this_machine(file: Path, field: str, url: str) -> None:
    given = {"url": "https://gw.example", field: url}
    text = said(file, SHOP + "".join(f'{name} = "{value}"\n' for name, value in given.items()))
    assert f"number 1: {field} is {url!r}" in text and "write https://" in text


@pytest.mark.parametrize(
    "url", ["https://gw.example/rest", "http://127.0.0.1:8000", "http://localhost", "http://[::1]:1/x"]
)
def test_this_machine_may_be_spoken_to_in_clear(file: Path, url: str) -> None:
    file.write_text(f'{SHOP}url = "{url}"\nsecret = "env:TAOBAO_SECRET"\n')
    assert load(file, {"TAOBAO_SECRET": "s3cret"}).shops[0].secret == "s3cret"


def test_an_address_with_a_password_is_refused_and_not_shown(file: Path) -> None:
    assert "pa55" not in said(file, f'{SHOP}url = "https://me:pa55@gw.example"\n')


@pytest.mark.parametrize(
    "value",
    [
        *("env.TAOBAO_SECRET", "ENV:TAOBAO_SECRET", "evn:TAOBAO_SECRET", "env: TAOBAO_SECRET", " env:TAOBAO_SECRET"),
        *("${TAOBAO_SECRET}", "env=TAOBAO_SECRET", "TAOBAO_SECRET", "File:/run/secret", "file=/run/secret"),
        *(
            "env(TAOBAO_SECRET)",
            "$TAOBAO_SECRET",
            "{{ secret }}",
            "%TAOBAO_SECRET%",
            "s3cret ",
            "env:EMPTY",
            "env:",
            "vault:x",
        ),
    ],
)
def test_a_secret_that_is_the_name_of_one_is_refused(file: Path, value: str) -> None:
    text = said(file, f'{SHOP}url = "https://gw.example"\nsecret = "{value}"\n')
    assert "number 1: secret " in text and "s3cret" not in text


@pytest.mark.parametrize("value", ["s3cret", "0a1b2c", "shpss_0a1b2c", "aB+/=9", "6100aZZ", "S3CRET"])
def test_a_secret_is_taken_as_it_is(file: Path, value: str) -> None:
    file.write_text(f'{SHOP}url = "https://gw.example"\nsecret = "{value}"\n')
    assert load(file, {}).shops[0].secret == value


@pytest.mark.parametrize("what", ["file", "folder", "secret"])
def test_what_others_can_write_is_refused_with_the_command_that_helps(tmp_path: Path, what: str) -> None:
    folder = tmp_path / "etc"
    folder.mkdir(mode=0o755)
    file, secret = folder / "shops.toml", tmp_path / "token"
    secret.write_text("s3cret")
    file.write_text(f'{SHOP}url = "https://gw.example"\ntoken = "file:{secret}"\n')
    assert load(file, {}).shops[0].token == "s3cret"
    at = {"file": file, "folder": folder, "secret": secret}[what]
    at.chmod(at.stat().st_mode | 0o020)
    with pytest.raises(InvalidSetting, match=f"can be written by others: chmod go-w {at}$"):
        load(file, {})


def test_no_representation_shows_a_secret() -> None:
    known = "s3cret"
    shown = [
        Settings("b:1", Path(), database_url=f"postgresql://u:{known}@h/d", kafka={"sasl.password": known}),
        Shops((Shop("jd", "tea", "https://x", secret=known, token=known),)),
        LogisticsAccount("kuaidi100", "https://x", key=known, secret=known, customer=known, salt=known),
        Sender("HZ1", known, known, "浙江省", "杭州市", "余杭区", known),
    ]
    assert [it for it in shown if known in repr(it)] == []


def test_no_class_has_a_field_for_a_secret_that_it_shows() -> None:
    """So that it holds for those to come."""
    secret = re.compile(r"secret|token|passw|(^|_)salt|credential|database_url|^kafka$")
    found = []
    for folder in ("streams", "connectors", "deploy"):
        for path in (ROOT / folder).rglob("*.py"):
            for it in ast.walk(ast.parse(path.read_text())):
                if isinstance(it, ast.ClassDef) and any("dataclass" in ast.unparse(how) for how in it.decorator_list):
                    fields = [each for each in it.body if isinstance(each, ast.AnnAssign)]
                    shown = [each for each in fields if "repr=False" not in ast.unparse(each)]
                    found += [
                        f"{path}: {ast.unparse(each)}" for each in shown if secret.search(ast.unparse(each.target))
                    ]
    assert not found


def test_what_is_no_file_keeps_nothing_that_others_could_write() -> None:
    only_ours(Path("/dev/null"), "PENSTOCK_SHOPS")
