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
