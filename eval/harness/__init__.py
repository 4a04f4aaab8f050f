"""Measures a tagger or an extractor on gold: `tagwright eval`.

gold.py, canonical.py   what is right           run.py, predictions.py   what was answered
    -> protocols.py     an outcome for each slot or value
    -> scores.py, calibration.py, stages.py, fairness.py, mistakes.py
    -> result.py        everything that is reported: the shape of the JSON
extraction.py           any extractor asked and judged, for tables of models
compare.py              two results, listing by listing      statistics.py   intervals and significance
"""
