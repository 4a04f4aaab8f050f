"""Which column of a file is which field of a listing: header names in the taxonomy's nine languages.

The API's own names work everywhere. A column that is no field is a seller attribute under its own name.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import cache, lru_cache

from app.pipeline.text import fold_label

# Best first: where two columns could be the title ("Title" and "Name"), the one named earlier here is.
_NAMES: Mapping[str, tuple[str, ...]] = {
    "title": (
        "title, product title, listing title, item title, product name, item name, listing name, headline",
        "Titel, Produkttitel, Artikeltitel, Produktname, Artikelname, Produktbezeichnung, Artikelbezeichnung",
        "titre, titre du produit, titre de l'annonce, nom du produit, nom de l'article, intitulé, libellé, désignation",
        "título, título del producto, nombre del producto, nombre del artículo",
        "titolo, titolo prodotto, titolo del prodotto, nome prodotto, nome del prodotto, nome articolo, denominazione",
        "título do produto, título do anúncio, nome do produto, nome do item",
        "judul, judul produk, nama produk, nama barang",
        "タイトル, 商品タイトル, 商品名, 製品名, アイテム名, 品名",
        "标题, 商品标题, 产品标题, 宝贝标题, 商品名称, 产品名称, 商品名, 产品名",
        "name, Bezeichnung, nom, nombre, nome, nama, 名称, product, item, Artikel, Produkt, artículo, prodotto",
    ),
    "description": (
        "description, product description, item description, long description, short description, body, body html",
        "details, product details, bullet point, bullet points, about this item",
        "Beschreibung, Produktbeschreibung, Artikelbeschreibung, Kurzbeschreibung, Langbeschreibung, Produktdetails",
        "description du produit, description courte, description longue, descriptif, détails",
        "descripción, descripción del producto, descripción corta, descripción larga, detalles",
        "descrizione, descrizione prodotto, descrizione del prodotto, descrizione breve, dettagli",
        "descrição, descrição do produto, detalhes, deskripsi, deskripsi produk, keterangan",
        "説明, 説明文, 商品説明, 商品説明文, 商品詳細, 詳細, 描述, 商品描述, 产品描述, 详情, 商品详情, 说明, 卖点",
    ),
    "reviews": (
        "reviews, review, customer reviews, review text, review body, comments",
        "Bewertungen, Bewertung, Rezensionen, Rezension, Kundenbewertungen, Kundenrezensionen",
        "avis, avis clients, commentaires, reseñas, reseña, opiniones, comentarios, valoraciones",
        "recensioni, recensione, opinioni, commenti, avaliações, avaliação, comentários, ulasan, ulasan pembeli",
        "レビュー, 口コミ, カスタマーレビュー, 评论, 评价, 买家评价, 买家评论, 用户评论, 用户评价",
    ),
    "lang": (
        "lang, language, language code, content language, locale",
        "Sprache, langue, idioma, lengua, lingua, língua, bahasa, 言語, 语言, 语种",
    ),
    "id": (
        "id, listing id, product id, item id, sku, asin, handle, item number, article number",
        "Produkt-ID, Artikel-ID, Artikelnummer, Artikelnr, identifiant, id produit, référence, référence produit",
        "identificador, id del producto, referencia, id prodotto, codice prodotto, codice articolo",
        "id do produto, código do produto, id produk, kode produk, kode barang",
        "商品ID, 商品コード, 商品番号, 管理番号, 品番, 编号, 商品编号, 商品编码, 产品编号, 货号",
    ),
    "images": (
        "images, image, image url, image urls, image src, image link, picture, pictures, photos",
        "Bild, Bilder, Bild-URL, photo, imagen, imágenes, immagine, immagini, imagem, imagens, gambar, foto produk",
        "画像, 商品画像, 画像URL, 图片, 主图, 商品图片, 图片链接",
    ),
    "brand": (
        "brand, brand name, vendor, manufacturer, Marke, Markenname, Hersteller, marque, fabricant",
        "marca, marchio, fabricante, produttore, merek, merk, ブランド, ブランド名, メーカー, 品牌, 品牌名, 品牌名称",
    ),
    "attributes": ("attributes",),
}
IGNORED = frozenset({"gold", "gold_normalized", "predicted", "dataset", "split", "locales"})
"""Keys of gold files and requests that are no text of the listing; gold must not be read as the seller's word."""
ATTRIBUTE = "attribute"
"""The role of a column that is a seller attribute."""
_MANY = frozenset({"description", "reviews", "images", "attributes"})
"""Roles that several columns may have: "Short description" and "Description", "Review 1" and "Review 2"."""
_TAIL = re.compile(r"\s*(?:[(\[（【].*|\*|:|：)?\s*$")
_NUMBER = re.compile(r"\s*\d{1,3}$")


@lru_cache(maxsize=4096)
def roles(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return the role of each column: a field, `attribute`, `brand` or `ignored`.

    Of several columns that could be one field, the one with the surest name is; the others are attributes.
    """
    found = [role(name) for name in names]
    best: dict[str, int] = {}
    for index, (field, rank) in enumerate(found):
        if field not in best or rank < found[best[field]][1]:
            best[field] = index
    return tuple(
        field if field in _MANY or field == "ignored" or best[field] == index else ATTRIBUTE
        for index, (field, _) in enumerate(found)
    )


def role(name: str) -> tuple[str, int]:
    """Return (role, rank) of one column; rank 0 is the surest name. `brand` is an attribute under that very name."""
    if name in IGNORED:
        return "ignored", 0
    return _table().get(_key(name)) or (ATTRIBUTE, 0)


def known(names: Sequence[str]) -> int:
    """Return how many names are a listing's fields: how much a row looks like a header."""
    return sum(1 for name in names if role(name)[0] not in (ATTRIBUTE, "ignored"))


def _key(name: str) -> str:
    """Fold "Product_Name *", "productName", "Bullet point 3" and "Body (HTML)" for comparing."""
    return _NUMBER.sub("", _TAIL.sub("", fold_label(name))).replace(" ", "")


@cache
def _table() -> dict[str, tuple[str, int]]:
    table: dict[str, tuple[str, int]] = {}
    for field, groups in _NAMES.items():
        for rank, name in enumerate(name for group in groups for name in group.split(", ")):
            table.setdefault(_key(name), (field, rank))
    return table
