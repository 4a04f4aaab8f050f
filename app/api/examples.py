"""Requests as callers send them, in several languages: shown in the documentation and sent by its tests."""

from __future__ import annotations

import json
from typing import Any

TAG: dict[str, Any] = {
    "english": {
        "summary": "English, with the seller's attributes",
        "value": {
            "id": "SKU-1042",
            "title": "Women's Navy Blue Linen Dress with Pockets, Midi, Size M",
            "description": "<p>A breezy summer dress in pure linen.</p>",
            "attributes": {"Brand": "Ayla & Co", "Colour": ["navy", "white"], "Weight (g)": 310},
            "locales": ["en", "de", "zh-CN"],
        },
    },
    "german": {
        "summary": "German, with a review",
        "value": {
            "title": "Herren Winterjacke wasserdicht, dunkelgrün, mit Kapuze",
            "reviews": ["Sehr warm, hält auch starken Regen ab."],
            "lang": "de",
        },
    },
    "japanese": {
        "summary": "Japanese",
        "value": {"title": "レディース スニーカー 軽量 ランニングシューズ ブラック 24.5cm"},
    },
    "chinese": {
        "summary": "Chinese, labels in two languages",
        "value": {"title": "纯棉男士短袖T恤 藏青色 圆领 夏季", "locales": ["zh-CN", "en"]},
    },
    "indonesian": {
        "summary": "Indonesian",
        "value": {"title": "Tas Selempang Wanita Kulit Asli Warna Cokelat", "locales": ["id"]},
    },
}
ANSWER: dict[str, Any] = {
    "id": "SKU-1042",
    "lang": "en",
    "tags": [
        {
            "attribute": "category",
            "id": "category:dresses",
            "labels": {"en": "Dresses", "de": "Kleider", "zh-CN": "连衣裙"},
            "raw": "dress",
            "confidence": 0.934,
            "decision": "accept",
            "match": {"method": "rule", "score": 100.0, "label": "dress", "locale": "en"},
            "evidence": [{"field": "title", "start": 24, "end": 29}],
            "source": "rule",
            "path": ["category:apparel"],
        },
        {
            "attribute": "color",
            "id": "color:navy",
            "labels": {"en": "Navy", "de": "Marineblau", "zh-CN": "藏青色"},
            "raw": "Navy Blue",
            "confidence": 0.9908,
            "decision": "accept",
            "match": {"method": "alias", "score": 100.0, "label": "navy blue", "locale": "en"},
            "evidence": [{"field": "title", "start": 8, "end": 17}],
            "source": "rule",
        },
    ],
    "unmatched": [
        {
            "attribute": "brand",
            "raw": "Ayla & Co",
            "evidence": [{"field": "attributes.Brand", "start": 0, "end": 9}],
            "source": "rule",
        }
    ],
    "partial": False,
    "cache": "miss",
    "timings_ms": {"read": 1.2, "cache": 0.1, "rules": 3.4, "model": 402.5, "fuse": 4.0},
    "versions": {
        "model": "gemma-3-270m@a5fd3b62230aa5ec",
        "adapter": "tagwright-2@bda15dc9c128",
        "prompt": "extract-1@e199d5625b98",
        "schema": "e199d5625b98",
        "rules": "2546813201ad",
        "taxonomy": "tagwright-2026.11@d4fc9de71c46",
        "pipeline": "1+4e0a11fe4e46",
    },
    "warnings": [],
}
"""What the first of the requests is answered with, cut to two tags."""
BATCH: dict[str, Any] = {
    "mixed": {
        "summary": "Two languages, labels in one",
        "value": {
            "listings": [
                {"id": "a-1", "title": "Chaussures de randonnée homme imperméables, gris"},
                {"id": "a-2", "title": "Zapatillas deportivas rojas para niña"},
            ],
            "locales": ["en"],
        },
    }
}
EXTRACT: dict[str, Any] = {
    "coffee": {
        "summary": "The shop's own attributes",
        "value": {
            "listing": {"title": "Café Aurora Whole Bean Coffee, Dark Roast, 2 lb bag"},
            "category": "Coffee",
            "attributes": [
                {"name": "Roast Level", "examples": ["light", "medium", "dark"]},
                {"name": "Item Form", "description": "beans, ground, pods"},
            ],
        },
    }
}
RECONCILE: dict[str, Any] = {
    "materials": {
        "summary": "Two cells of a column of materials, one of any kind",
        "value": {
            "queries": [
                {"type": "material", "conditions": [{"matchType": "name", "propertyValue": "full-grain leather"}]},
                {"type": "material", "query": "Baumwolle", "properties": [{"pid": "lang", "v": "de"}]},
                {"query": "navy blue", "limit": 3},
            ]
        },
    }
}
RECONCILE_FORM: dict[str, Any] = {
    "colors": {
        "summary": "Two cells of a column of colors",
        "value": {"queries": json.dumps({"q0": {"query": "navy", "type": "color"}, "q1": {"query": "azul marino"}})},
    },
    "extend": {
        "summary": "The German name and the path of two concepts",
        "value": {
            "extend": json.dumps(
                {
                    "ids": ["color:navy", "category:dresses"],
                    "properties": [{"id": "label", "settings": {"locale": "de"}}, {"id": "path"}],
                }
            )
        },
    },
}
EXTEND: dict[str, Any] = {
    "names": {
        "summary": "The German name and the concept above",
        "value": {
            "ids": ["color:navy"],
            "properties": [{"id": "label", "settings": {"locale": "de"}}, {"id": "broader"}],
        },
    }
}
