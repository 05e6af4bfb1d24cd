"""Names as people and platforms write them, made comparable: traditional characters, suffixes, English forms. Pure."""

from __future__ import annotations

import re
import unicodedata

from .data import table

_PEOPLES = (
    "各|阿昌|白|保安|布朗|布依|朝鲜|达斡尔|傣|德昂|东乡|侗|独龙|鄂伦春|俄罗斯|鄂温克|高山|仡佬|哈尼|哈萨克|赫哲|回|基诺|京|景颇|柯尔克孜"
    "|拉祜|黎|傈僳|珞巴|满|毛南|门巴|蒙古|苗|仫佬|纳西|怒|普米|羌|撒拉|畲|水|塔吉克|塔塔尔|土家|土|佤|维吾尔|乌孜别克|锡伯|瑶|彝|裕固|藏|壮"
)
# 恩施土家族苗族自治州 -> 恩施, 昌吉回族自治州 -> 昌吉; 东乡族自治县 -> 东乡, whose people is its name.
_AUTONOMOUS = re.compile(rf"(.{{2,}}?)(?:(?:{_PEOPLES})族?)*族?自治[区州县旗]")
# Longest first. A name keeps its suffix when it would be one character without it (忠县, 城区).
_KIND = re.compile(r"(.{2,}?)(?:特别行政区|地区|林区|新区|特区|[省市盟区县旗乡镇])")
_ENGLISH_KINDS = (
    "specialadministrativeregion",
    "autonomousprefecture",
    "autonomousregion",
    "autonomouscounty",
    "newdistrict",
    "newarea",
    "zizhiqu",
    "municipality",
    "prefecture",
    "province",
    "district",
    "township",
    "county",
    "region",
    "league",
    "banner",
    "xinqu",
    "prov",
    "dist",
    "shi",
    "sheng",
    "city",
    "zizhizhou",
    "zizhixian",
    "diqu",
    "meng",
    "xian",
    "zhou",
    "qu",
    "sar",
)


def simplified(text: str) -> str:
    """The same text, character by character: simplified for traditional, small ASCII letters. As long as before."""
    return text.translate(_FOLDED)


def plain(name: str) -> str:
    """A name in simplified characters and small letters, without accents, blanks and punctuation."""
    text = simplified(name)
    if not text.isascii():
        text = "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c)).casefold()
    return "".join(filter(str.isalnum, text))


def stem(name: str) -> str:
    """A Chinese place's short name: 浙江省 -> 浙江, 恩施土家族苗族自治州 -> 恩施, 浦东新区 -> 浦东. One without a suffix stays."""
    found = _AUTONOMOUS.fullmatch(name) or _KIND.fullmatch(name)
    return found[1] if found else name


def stems(key: str) -> tuple[str, ...]:
    """What a plain name (``plain``) may be short for, in Chinese or English: itself, and without its suffix, one at most."""
    if key.isascii():
        return key, *(key.removesuffix(kind) for kind in _ENGLISH_KINDS if key.endswith(kind))
    short = stem(key)
    # 阿坝州 is what people say; 郑州 is found before it gets here.
    return (key, short) if short != key else (key, key.removesuffix("州"))


_FOLDED = {
    **{code: chr(code + 32) for code in range(ord("A"), ord("Z") + 1)},
    **{ord(traditional): simple for traditional, simple in table("simplified")},
}
