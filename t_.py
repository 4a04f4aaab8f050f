import yaml,json
from pathlib import Path
from app.adapters.taxonomy_files import read_taxonomy
from app.training.synthesize import *
from app.training.data import *
from app.adapters.prompt_files import read_prompt
t=read_taxonomy(Path('taxonomy/tagwright-2026.11'))
pr=read_prompt(Path('prompts/extract-1.yaml'))
s=Synthesizer(t,yaml.safe_load(TEMPLATES.read_text()),0)
ex=list(s.draw(18))
for e in ex: print('\n'.join(as_pair(e,pr)),'\n')
g=list(gold_examples(Path('../shared/data/oa-mine'),'train',seed=0))
for e in g[:3]: print('\n'.join(as_pair(e,pr)),'\n')
import collections
c=collections.Counter(len(t.relevant(x.id)) for x in t.values('category')); print(sorted(c.items()))
