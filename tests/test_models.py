"""One import changed: gensim's places have what fastw2v has."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

import pytest

import fastw2v

PLACES = ["", ".word2vec", ".keyedvectors", ".phrases", ".callbacks"]


@pytest.mark.parametrize("place", PLACES)
def test_each_name_is_the_one_of_fastw2v(place: str) -> None:
    module = import_module(f"fastw2v.models{place}")
    for name in module.__all__:
        found = getattr(module, name)
        if name in fastw2v.__all__ and not name.islower():
            assert found is getattr(fastw2v, name)


@pytest.mark.parametrize("place", PLACES)
def test_each_name_is_where_gensim_has_it(place: str) -> None:
    pytest.importorskip("gensim")
    theirs = import_module(f"gensim.models{place}")
    for name in import_module(f"fastw2v.models{place}").__all__:
        assert hasattr(theirs, name)


def test_a_program_with_phrases_and_a_callback(tmp_path: Path) -> None:
    from fastw2v.models import Word2Vec
    from fastw2v.models.callbacks import CallbackAny2Vec
    from fastw2v.models.phrases import FrozenPhrases, Phrases
    from fastw2v.models.word2vec import LineSentence

    class Epochs(CallbackAny2Vec):
        n = 0

        def on_epoch_end(self, model: object) -> None:
            self.n += 1

    path = tmp_path / "글"
    path.write_text("대한 민국 은 아침 의 나라\n우리 대한 민국 만세\n" * 50, encoding="utf-8")
    sentences = LineSentence(str(path))
    phrases = FrozenPhrases(Phrases(sentences, min_count=1, threshold=0.05))
    counted = Epochs()
    model = Word2Vec(
        phrases[sentences], vector_size=8, min_count=1, epochs=3, sample=0, callbacks=[counted]
    )
    assert counted.n == 3
    assert "대한_민국" in model.wv
    assert "대한" not in model.wv
    assert model.corpus_count == 100
    merged = phrases[sentences]
    model.build_vocab(merged)
    assert model.train(merged, total_examples=model.corpus_count, epochs=1)[1] == sum(
        map(len, merged)
    )
    assert model.wv.key_to_index.keys() == {token for sentence in merged for token in sentence}
