"""Buyers who do not exist: names, phones of the 13800000000 block, addresses in real provinces and cities.

Provinces are drawn by the 2020 census (millions of people): parcels go where people live.
"""

from __future__ import annotations

from itertools import accumulate
from random import Random
from typing import NamedTuple

# Province, its suffix, English name, millions of people, (city, English city, districts).
_PROVINCES: tuple[tuple[str, str, str, int, tuple[tuple[str, str, str], ...]], ...] = (
    (
        "广东",
        "省",
        "Guangdong",
        126,
        (("广州市", "Guangzhou", "天河区 番禺区 白云区"), ("深圳市", "Shenzhen", "南山区 龙岗区")),
    ),
    ("山东", "省", "Shandong", 102, (("济南市", "Jinan", "历下区 市中区"), ("青岛市", "Qingdao", "市南区 黄岛区"))),
    ("河南", "省", "Henan", 99, (("郑州市", "Zhengzhou", "金水区 中原区"), ("洛阳市", "Luoyang", "涧西区 洛龙区"))),
    ("江苏", "省", "Jiangsu", 85, (("南京市", "Nanjing", "鼓楼区 江宁区"), ("苏州市", "Suzhou", "吴中区 昆山市"))),
    ("四川", "省", "Sichuan", 84, (("成都市", "Chengdu", "武侯区 锦江区 双流区"), ("绵阳市", "Mianyang", "涪城区"))),
    ("河北", "省", "Hebei", 75, (("石家庄市", "Shijiazhuang", "长安区 桥西区"), ("保定市", "Baoding", "竞秀区"))),
    ("湖南", "省", "Hunan", 66, (("长沙市", "Changsha", "岳麓区 雨花区"), ("株洲市", "Zhuzhou", "天元区"))),
    (
        "浙江",
        "省",
        "Zhejiang",
        65,
        (("杭州市", "Hangzhou", "西湖区 余杭区 滨江区"), ("宁波市", "Ningbo", "鄞州区 海曙区")),
    ),
    ("安徽", "省", "Anhui", 61, (("合肥市", "Hefei", "蜀山区 包河区"), ("芜湖市", "Wuhu", "镜湖区"))),
    ("湖北", "省", "Hubei", 58, (("武汉市", "Wuhan", "武昌区 江汉区 洪山区"), ("宜昌市", "Yichang", "西陵区"))),
    ("广西", "壮族自治区", "Guangxi", 50, (("南宁市", "Nanning", "青秀区 西乡塘区"),)),
    ("云南", "省", "Yunnan", 47, (("昆明市", "Kunming", "五华区 官渡区"),)),
    ("江西", "省", "Jiangxi", 45, (("南昌市", "Nanchang", "东湖区 红谷滩区"),)),
    ("辽宁", "省", "Liaoning", 43, (("沈阳市", "Shenyang", "和平区 铁西区"), ("大连市", "Dalian", "沙河口区"))),
    ("福建", "省", "Fujian", 42, (("福州市", "Fuzhou", "鼓楼区 仓山区"), ("厦门市", "Xiamen", "思明区"))),
    ("陕西", "省", "Shaanxi", 40, (("西安市", "Xi'an", "雁塔区 碑林区"),)),
    ("贵州", "省", "Guizhou", 39, (("贵阳市", "Guiyang", "南明区 观山湖区"),)),
    ("山西", "省", "Shanxi", 35, (("太原市", "Taiyuan", "小店区 迎泽区"),)),
    ("重庆", "市", "Chongqing", 32, (("重庆市", "Chongqing", "渝北区 江北区"),)),
    ("黑龙江", "省", "Heilongjiang", 32, (("哈尔滨市", "Harbin", "南岗区 道里区"),)),
    ("新疆", "维吾尔自治区", "Xinjiang", 26, (("乌鲁木齐市", "Urumqi", "天山区 沙依巴克区"),)),
    ("甘肃", "省", "Gansu", 25, (("兰州市", "Lanzhou", "城关区 七里河区"),)),
    ("上海", "市", "Shanghai", 25, (("上海市", "Shanghai", "浦东新区 徐汇区 闵行区"),)),
    ("吉林", "省", "Jilin", 24, (("长春市", "Changchun", "朝阳区 南关区"),)),
    ("内蒙古", "自治区", "Inner Mongolia", 24, (("呼和浩特市", "Hohhot", "新城区 赛罕区"),)),
    ("北京", "市", "Beijing", 22, (("北京市", "Beijing", "朝阳区 海淀区 丰台区"),)),
    ("天津", "市", "Tianjin", 14, (("天津市", "Tianjin", "和平区 南开区"),)),
    ("海南", "省", "Hainan", 10, (("海口市", "Haikou", "龙华区 美兰区"),)),
    ("宁夏", "回族自治区", "Ningxia", 7, (("银川市", "Yinchuan", "兴庆区"),)),
    ("青海", "省", "Qinghai", 6, (("西宁市", "Xining", "城西区"),)),
    ("西藏", "自治区", "Tibet", 4, (("拉萨市", "Lhasa", "城关区"),)),
)
_POPULATION = list(accumulate(row[3] for row in _PROVINCES))
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林高罗"
_GIVEN = (
    "伟",
    "芳",
    "娜",
    "敏",
    "静",
    "丽",
    "强",
    "磊",
    "洋",
    "艳",
    "子涵",
    "雨桐",
    "浩然",
    "欣怡",
    "宇轩",
    "梓萱",
    "建国",
    "晓明",
)
_STREETS = ("人民路", "中山路", "解放路", "建设大街", "文化路", "和平街", "新华路", "学院路", "滨江大道", "科技园路")
_PINYIN = ("Wang Wei", "Li Na", "Zhang Min", "Liu Yang", "Chen Jing", "Yang Lei", "Zhao Li", "Huang Qiang")


class Buyer(NamedTuple):
    """Who gets the parcel. `province` comes without its suffix; `country` is ISO 3166 alpha-2."""

    name: str
    english_name: str
    phone: str
    province: str
    province_suffix: str
    english_province: str
    city: str
    english_city: str
    district: str
    street: str
    detail: str
    zip: str
    country: str = "CN"


def buyer(rng: Random) -> Buyer:
    """One invented buyer in China."""
    province, suffix, english, _, cities = rng.choices(_PROVINCES, cum_weights=_POPULATION)[0]
    city, english_city, districts = cities[int(rng.random() * len(cities))]
    number = int(rng.random() * 10_000)
    names = districts.split()
    return Buyer(
        name=_SURNAMES[number % len(_SURNAMES)] + _GIVEN[number // 7 % len(_GIVEN)],
        english_name=_PINYIN[number % len(_PINYIN)],
        phone=f"1380000{number:04d}",
        province=province,
        province_suffix=suffix,
        english_province=english,
        city=city,
        english_city=english_city,
        district=names[number % len(names)],
        street=_STREETS[number // 3 % len(_STREETS)],
        detail=f"{1 + number % 299}号{1 + number % 20}栋{1 + number % 30}0{1 + number % 4}室",
        zip=f"{100000 + number * 73:06d}",
    )
