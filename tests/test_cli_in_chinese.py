"""The command line in Chinese, without a broker: help, complaints, errors; and what stays as it is, for programs."""

from __future__ import annotations

import json
import re

import pytest
from rich.cells import cell_len

from tests.command_line import in_process
from tests.test_cli import COMMANDS, words

ZH = {"PENSTOCK_LANG": "zh", "COLUMNS": "80", "NO_COLOR": "1"}

#: Names, and lines to copy, that stay as they are.
_AS_THEY_ARE = re.compile(r"penstock( [a-z-]+)*|UCI Online Retail|kcat -F")


def typed(*args: str, **env: str) -> tuple[int, str, str]:
    done = in_process(args, {**ZH, **env}, alone=True)
    return done.returncode, done.stdout, done.stderr


def english(text: str) -> list[str]:
    """Three words of a sentence one after another."""
    return re.findall(r"\b[A-Za-z][a-z']+(?: [a-z][a-z']+){2,}", _AS_THEY_ARE.sub("", text))


@pytest.mark.parametrize("command", COMMANDS)
def test_help_is_in_chinese(command: str) -> None:
    code, out, err = typed(*command.split(), "--help")
    assert (code, err) == (0, "")
    unframed = re.sub(r"[│╭╮╰╯─]", " ", out)
    assert not english(" ".join(unframed.split()))
    assert set(COMMANDS[command]) <= words(out)
    assert "用法：" in out and "显示本帮助。" in out
    # Nothing is cut, however wide a Chinese character is; what has no blank at all may be.
    assert not [line for line in out.splitlines() if re.search(r"[\u4e00-\u9fff ，。；：] ?…", line)]
    assert {cell_len(line) for line in out.splitlines() if line.startswith("│")} <= {80}


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("nix", "没有命令 'nix'。"),
        ("ordr", "没有命令 'ordr'。是不是 'order', 'worker'？"),
        ("order list --nix", "没有选项：--nix"),
        ("order list --channe taobao", "没有选项：--channe（相近的有 --channel）"),
        ("order hold", "缺少参数 'ORDER_ID'。"),
        ("order hold taobao:1", "缺少选项 '--because'。"),
        ("order list x", "多出了参数（x）"),
        ("order list --shop", "选项 '--shop' 需要一个值。"),
        ("order list --json=1", "选项 '--json' 不带值。"),
        ("stock receive a b c", "'quantity' 的值不对：应为整数"),
        ("lag --every x", "'--every' 的值不对：应为数字"),
        ("lag --every 0.1", "'--every' 的值不对：应不小于 0.5"),
        ("review list -n 100000", "'-n' 的值不对：应不大于"),
        ("gateway --log-level x", "'--log-level' 的值不对：'x' 不是 'debug', 'info', 'warning', 'error' 之一"),
    ],
)
def test_a_line_that_cannot_be(line: str, says: str) -> None:
    code, out, err = typed(*line.split(), COLUMNS="120")
    assert (code, out) == (2, "")
    assert says in err
    assert "错误" in err
    assert not english(err)


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("order show 123", "错误：'123' 不是订单号：写 平台:单号，如 taobao:2300000000000000001\n"),
        ("review list", "错误：没有 Kafka：在另一个终端运行 penstock up，或把 PENSTOCK_BROKERS 设为自己的 host:port\n"),
        ("order release taobao:1 --because=", "错误：--because 是空的：请写明原因，别人会问\n"),
    ],
)
def test_what_cannot_be_done(line: str, says: str, tmp_path_factory: pytest.TempPathFactory) -> None:
    nowhere = str(tmp_path_factory.mktemp("nowhere"))
    assert typed(*line.split(), PENSTOCK_DATA=nowhere) == (2, "", says)


def test_settings_are_warned_of_in_chinese(tmp_path_factory: pytest.TempPathFactory) -> None:
    nowhere = str(tmp_path_factory.mktemp("nowhere"))
    _, _, err = typed("topics", "list", PENSTOCK_DATA=nowhere, PENSTOCK_PARTITION="2", PENSTOCK_BROKERS="127.0.0.1:1")
    assert "PENSTOCK_PARTITION 不是设置项：是不是 PENSTOCK_PARTITIONS？；它不起作用\n" in err


def test_programs_are_told_the_same_in_every_language() -> None:
    (_, chinese, _), (_, plain, _) = typed("topology", "--json"), typed("topology", "--json", PENSTOCK_LANG="en")
    assert json.loads(chinese) == json.loads(plain)


def test_a_language_that_is_not_there() -> None:
    assert typed("topology", PENSTOCK_LANG="fr") == (
        *(2, ""),
        "error: PENSTOCK_LANG is 'fr': set it to one of en, zh\n",
    )


def test_english_comes_back_when_the_language_does() -> None:
    typed("--help")
    code, out, _ = typed("--help", PENSTOCK_LANG="en")
    assert code == 0
    assert "Usage: " in out and "[OPTIONS] COMMAND [ARGS]..." in out
    assert not re.search("[\u4e00-\u9fff]", out)
