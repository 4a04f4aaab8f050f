"""Numbers with units, pack sizes, dimensions and shoe sizes."""

from __future__ import annotations

import pytest

from app.domain.tags import Method
from app.pipeline.quantities.numbers import plain, read_number
from tests.unit.rule_data import candidates, find, ids


@pytest.mark.parametrize(
    ("text", "decimal", "value"),
    [
        ("1.5", ".", 1.5),
        ("1,5", ",", 1.5),
        ("1,5", ".", 1.5),
        ("1.000", ",", 1000),
        ("1.000", ".", 1),
        ("1,000", ".", 1000),
        ("1.234,5", ",", 1234.5),
        ("1,234.5", ".", 1234.5),
        ("0.500", ",", 0.5),
        ("42 1/2", ",", 42.5),
        ("42 ⅔", ",", 42.667),
        ("1" * 13, ".", None),
        ("0.000.0", ".", None),
    ],
)
def test_read_number(text: str, decimal: str, value: float | None) -> None:
    assert read_number(text, decimal) == value


def test_plain_keeps_every_place() -> None:
    text = "５００ｇ ㎝ ½ Ａ"
    assert plain(text) == "500g ㎝ ½ A"
    assert len(plain(text)) == len(text)


@pytest.mark.parametrize(
    ("lang", "title", "attributes", "found"),
    [
        ("en", "Coffee beans 500 g", ["net_weight"], {"net_weight:500_g"}),
        ("en", "Coffee beans 2.2 lb", ["net_weight"], {"net_weight:997.902_g"}),
        ("de", "Kaffee 1,5 kg", ["net_weight"], {"net_weight:1500_g"}),
        ("de", "Kaffee 1.000 g", ["net_weight"], {"net_weight:1000_g"}),
        ("zh-CN", "大米5斤装", ["net_weight"], {"net_weight:2500_g"}),
        ("ja", "コーヒー豆 ５００ｇ", ["net_weight"], {"net_weight:500_g"}),
        ("en", "Bottle 20 oz", ["volume"], {"volume:591.47_ml"}),
        # an ounce may be either where both are asked for
        ("en", "Shampoo 20 oz", ["volume", "net_weight"], set()),
        ("en", "Shampoo 20 fl oz", ["volume", "net_weight"], {"volume:591.47_ml"}),
        ("fr", "Parfum 10 cl", ["volume"], {"volume:100_ml"}),
        ("en", "Water 12 x 330 ml", ["volume", "pack_quantity"], {"volume:330_ml", "pack_quantity:12_count"}),
        ("zh-CN", "可乐330ml*24", ["volume", "pack_quantity"], {"volume:330_ml", "pack_quantity:24_count"}),
        # per what, up to what, of what
        ("de", "Preis pro 100 g", ["net_weight"], set()),
        ("en", "Chair, supports up to 150 kg", ["net_weight"], set()),
        ("en", "Bar with 20 g protein", ["net_weight"], set()),
        ("en", "Fabric 180 g/m²", ["net_weight"], set()),
        ("en", "5G phone", ["net_weight"], set()),
        # pack sizes
        ("en", "Socks, pack of 6", ["pack_quantity"], {"pack_quantity:6_count"}),
        ("en", "6-Pack socks", ["pack_quantity"], {"pack_quantity:6_count"}),
        ("de", "Socken 10er-Pack", ["pack_quantity"], {"pack_quantity:10_count"}),
        ("fr", "Lot de 6 verres", ["pack_quantity"], {"pack_quantity:6_count"}),
        ("ja", "電池 20本入り", ["pack_quantity"], {"pack_quantity:20_count"}),
        ("zh-CN", "毛巾3条装", ["pack_quantity"], {"pack_quantity:3_count"}),
        ("en", "1 piece", ["pack_quantity"], set()),
        ("en", "Pack of 2.5", ["pack_quantity"], set()),
        # lengths
        ("en", "USB cable 2m", ["length"], {"length:200_cm"}),
        ("en", "Cable 6 ft", ["length"], {"length:182.88_cm"}),
        ("en", "Pole 5 ft 3", ["length"], {"length:160.02_cm"}),
        ("en", "T-shirt M", ["length"], set()),
        ("en", "Table, height: 75 cm", ["length", "width", "height"], {"height:75_cm"}),
        ("de", "Tisch 160 cm lang, 90 cm breit", ["length", "width", "height"], {"length:160_cm", "width:90_cm"}),
        ("en", "Table 75 cm", ["length", "width", "height"], set()),
        ("en", "Towel 140x70 cm", ["length", "width"], {"length:140_cm", "width:70_cm"}),
        ("en", "Poster 50 x 70 cm", ["width", "height"], {"width:50_cm", "height:70_cm"}),
        (
            "de",
            "Regal 80 x 30 x 180 cm (BxTxH)",
            ["length", "width", "height"],
            {"width:80_cm", "height:180_cm"},
        ),
        ("en", "Shelf 80 x 30 x 180 cm", ["length", "width", "height"], set()),
        (
            "id",
            "Rak P 80 x L 30 x T 180 cm",
            ["length", "width", "height"],
            {"length:80_cm", "width:30_cm", "height:180_cm"},
        ),
        ("en", "Pumps with 8 cm heel", ["length", "height"], set()),
        ("de", "Pumps Absatzhöhe: 8 cm", ["height"], set()),
        # screens, memory, storage
        ("en", 'Monitor 27" IPS', ["screen_size", "width"], {"screen_size:68.58_cm"}),
        ("en", 'the "iPhone 15" case', ["screen_size"], set()),
        ("en", "Phone 8GB+256GB", ["memory", "storage_capacity"], {"memory:8_gb", "storage_capacity:256_gb"}),
        ("en", "Laptop RAM 16GB ROM 1TB", ["memory", "storage_capacity"], {"memory:16_gb", "storage_capacity:1024_gb"}),
        (
            "en",
            "Laptop 16GB RAM 512GB SSD",
            ["memory", "storage_capacity"],
            {"memory:16_gb", "storage_capacity:512_gb"},
        ),
        (
            "zh-CN",
            "手机8GB运行内存128GB存储",
            ["memory", "storage_capacity"],
            {"memory:8_gb", "storage_capacity:128_gb"},
        ),
        ("en", "Laptop 8GB", ["memory", "storage_capacity"], set()),
        ("en", "SSD 500GB", ["storage_capacity"], {"storage_capacity:500_gb"}),
        ("fr", "Clé USB 64 Go", ["storage_capacity"], {"storage_capacity:64_gb"}),
        # electricity
        ("en", "Charger 100-240V 65W", ["voltage", "wattage"], {"voltage:100_v", "wattage:65_w"}),
        ("zh-CN", "充电宝20000毫安", ["battery_capacity"], {"battery_capacity:20000_mah"}),
        ("de", "Akku 2,0 Ah", ["battery_capacity"], {"battery_capacity:2000_mah"}),
        # shoes
        ("de", "Schuhe Gr. 42", ["shoe_size"], {"shoe_size:42_eu"}),
        ("de", "Schuhe EUR 42 1/2", ["shoe_size"], {"shoe_size:42.5_eu"}),
        ("de", "Schuhe Gr. 36-46", ["shoe_size"], {"shoe_size:36_eu", "shoe_size:46_eu"}),
        ("de", "Schuhe Gr. 42 43 44", ["shoe_size"], {"shoe_size:42_eu", "shoe_size:43_eu", "shoe_size:44_eu"}),
        ("en", "Shoes US 10.5", ["shoe_size"], {"shoe_size:10.5_us"}),
        ("en", "Shoes,12 UK", ["shoe_size"], {"shoe_size:12_uk"}),
        ("en", "Shoes size 10", ["shoe_size"], set()),
        ("fr", "Chaussures pointure 38", ["shoe_size"], {"shoe_size:38_eu"}),
        ("ja", "スニーカー 25.5cm", ["shoe_size"], {"shoe_size:25.5_cm"}),
        ("ja", "パンプス ヒール 7cm", ["shoe_size"], set()),
        ("ja", "ぬいぐるみ 25.5cm", ["length", "width", "height"], set()),
        # letters
        ("en", "Shirt Size M", ["size"], {"size:m"}),
        ("en", "Shirt Size M-XL", ["size"], {"size:m", "size:l", "size:xl"}),
        ("en", "Shirt size S , M , L", ["size"], {"size:s", "size:m", "size:l"}),
        ("zh-CN", "大码女装", ["size"], set()),
        ("de", "Hemd Gr. XL", ["size"], {"size:xl"}),
        ("ja", "シャツ Lサイズ", ["size"], {"size:l"}),
        ("en", "Shirt M", ["size"], set()),
    ],
)
def test_quantities(lang: str, title: str, attributes: list[str], found: set[str]) -> None:
    assert ids(find(lang, title), *attributes) == found


@pytest.mark.parametrize(
    ("lang", "name", "value", "found"),
    [
        ("en", "Weight", "2.5 kg", {"net_weight:2500_g"}),
        ("de", "Länge", "30 cm", {"length:30_cm"}),
        ("en", "Shoe size", "43", {"shoe_size:43_eu"}),
        ("de", "Schuhgröße", "EU 38", {"shoe_size:38_eu"}),
        ("en", "Size", "9", set()),
        ("en", "Number of pieces", "6", {"pack_quantity:6_count"}),
        ("en", "Shipping weight", "2.5 kg", set()),
    ],
)
def test_seller_fields(lang: str, name: str, value: str, found: set[str]) -> None:
    attributes = ("net_weight", "length", "shoe_size", "pack_quantity", "size")
    findings = find(lang, "", **{name: value})
    assert {c.concept_id for c in findings.candidates("category:shoes", attributes) if c.concept_id} == found


def test_quantity_travels_with_its_range_and_evidence() -> None:
    (voltage,) = candidates(find("en", "Charger 100-240V"), "voltage")
    assert voltage.quantity is not None
    assert (voltage.quantity.value, voltage.quantity.upper, voltage.quantity.unit) == (100, 240, "V")
    assert voltage.match is not None
    assert voltage.match.method is Method.QUANTITY
    assert [(e.field, e.start, e.end) for e in voltage.evidence] == [("title", 8, 16)]
    assert voltage.raw == "100-240V"


def test_the_title_beats_the_description_and_the_seller_beats_both() -> None:
    found = find("en", "Bottle 500 ml", description="Boils 1 litre of water in three minutes.")
    assert ids(found, "volume") == {"volume:500_ml"}
    found = find("en", "Bottle 500 ml", Volume="750 ml")
    assert ids(found, "volume") == {"volume:750_ml"}


def test_a_product_has_one_length() -> None:
    found = find("de", "Bettwäsche 135x200 cm", description="Kissen 80x80 cm")
    assert ids(found, "length", "width") == {"width:135_cm", "length:200_cm"}
