"""Checkpoints: what is written while a training goes on, and how it is continued."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import textwrap
import threading

import numpy as np
import pytest

from fastw2v import (
    Corpus,
    FormatError,
    Word2Vec,
    checkpoint,
    modelfile,
    parallel,
)
from fastw2v._model import resume as resume_module
from fastw2v._model import training as training_module
from fastw2v.datasets import make_analogy_corpus

SETTINGS = {"vector_size": 24, "epochs": 3, "seed": 5, "compute_loss": True, "progress": False}


class Crash(Exception):
    """Stands for the end of the process."""


@pytest.fixture(scope="module")
def corpus():
    return Corpus(make_analogy_corpus(n_words=150_000))


@pytest.fixture
def many(monkeypatch):
    """Have a checkpoint written after every few shards."""
    monkeypatch.setattr(parallel, "INTERVAL", 0.002)
    return {"checkpoint_every": 0}


def keep_all(monkeypatch):
    """Keep every checkpoint that is written, in a file of its own; return their list."""
    kept = []

    def write(path, *arguments, **named):
        kept.append(f"{path}.{len(kept)}")
        original(kept[-1], *arguments, **named)

    original = modelfile.write
    monkeypatch.setattr(modelfile, "write", write)
    return kept


@pytest.mark.parametrize("sg", [0, 1])
def test_one_worker_resumes_bit_for_bit(corpus, tmp_path, monkeypatch, many, sg):
    undisturbed = Word2Vec(corpus, sg=sg, workers=1, **SETTINGS)
    kept = keep_all(monkeypatch)
    path = tmp_path / "run.safetensors"
    whole = Word2Vec(corpus, sg=sg, workers=1, checkpoint=path, **many, **SETTINGS)
    assert np.array_equal(whole.wv.vectors, undisturbed.wv.vectors)
    places = [modelfile.read(file).run["place"] for file in kept]
    assert any(place["shard"] for place in places), "none was written within an epoch"
    monkeypatch.undo()
    for file in kept[:: max(1, len(kept) // 6)] + kept[-1:]:
        resumed = Word2Vec.resume(file, corpus, progress=False)
        assert np.array_equal(resumed.wv.vectors, undisturbed.wv.vectors), file
        assert np.array_equal(resumed.context_vectors.vectors, undisturbed.context_vectors.vectors)
        assert resumed.loss_history == undisturbed.loss_history
        assert resumed.running_training_loss == undisturbed.running_training_loss
        assert resumed.train_count == 1


def test_many_workers_train_every_word_once(corpus, tmp_path, monkeypatch, many):
    kept = keep_all(monkeypatch)
    model = Word2Vec(sample=0, workers=4, checkpoint=tmp_path / "run", **many, **SETTINGS)
    model.build_vocab(corpus)
    trained, raw = model.train()
    assert raw == corpus.total_words * 3
    monkeypatch.undo()
    for file in kept[:: max(1, len(kept) // 4)]:
        place = modelfile.read(file).run["place"]
        resumed = Word2Vec.resume(file, corpus, progress=False)
        assert place["trained_words"] <= trained
        end = modelfile.read(file).run["place"]
        assert (end["words"], end["trained_words"]) == (raw, trained)
        assert np.isfinite(resumed.wv.vectors).all()
        assert len(resumed.loss_history) == 3


def test_a_checkpoint_is_a_model_too(corpus, tmp_path):
    path = tmp_path / "run.safetensors"
    model = Word2Vec(corpus, checkpoint=path, **SETTINGS)
    loaded = Word2Vec.load(path)
    assert np.array_equal(loaded.wv.vectors, model.wv.vectors)
    assert Word2Vec.resume(path).loss_history == model.loss_history  # it has come to its end


def test_settings_of_a_call_are_resumed_and_not_those_of_the_model(corpus, tmp_path, many):
    path = tmp_path / "run.safetensors"
    models = []
    for crashes in (False, True):
        model = Word2Vec(workers=1, **SETTINGS)
        model.build_vocab(corpus)
        model.train(epochs=1)

        class EndsEarly:
            def on_epoch_end(self, model, crashes=crashes):
                if crashes and len(model.loss_history) == 3:
                    raise Crash

        arguments = {"epochs": 4, "start_alpha": 0.02, "end_alpha": 0.01}
        checkpoints = {"checkpoint": path, "checkpoint_every": 0} if crashes else {}
        try:
            model.train(**arguments, **checkpoints, callbacks=[EndsEarly()])
        except Crash:
            model = Word2Vec.resume(path, corpus, progress=False)
        models.append(model)
    assert models[1].epochs == 3
    assert models[1].train_count == models[0].train_count == 2
    assert models[1].loss_history == models[0].loss_history
    assert np.array_equal(models[1].wv.vectors, models[0].wv.vectors)


def test_a_killed_process_is_resumed_from_its_files(tmp_path):
    settings = {**SETTINGS, "epochs": 20}
    text, path = tmp_path / "말뭉치.txt", tmp_path / "run.safetensors"
    sentences = make_analogy_corpus(n_words=150_000)
    text.write_text("\n".join(" ".join(sentence) for sentence in sentences), encoding="utf-8")
    program = f"""
        import os, signal
        from fastw2v import Word2Vec, parallel

        class Dies:
            def on_epoch_end(self, model):
                if os.path.exists({str(path)!r}):
                    os.kill(os.getpid(), signal.SIGKILL)

        parallel.INTERVAL = 0.002
        Word2Vec({str(text)!r}, **{settings!r}, workers=1, checkpoint={str(path)!r},
                 checkpoint_every=0, callbacks=[Dies()])
    """
    command = [sys.executable, "-c", textwrap.dedent(program)]
    done = subprocess.run(command, cwd=tmp_path, timeout=120)  # not where the sources lie
    assert done.returncode == -signal.SIGKILL
    undisturbed = Word2Vec(text, workers=1, **settings)
    resumed = Word2Vec.resume(path)
    assert np.array_equal(resumed.wv.vectors, undisturbed.wv.vectors)
    with text.open("a", encoding="utf-8") as file:
        file.write("한 줄 더\n")
    unfinished(path)
    with pytest.raises(ValueError, match=r"source must be the corpus .* this one has [\d,]+ words"):
        Word2Vec.resume(path)


def unfinished(path):
    """Make a checkpoint that has come to its end one that has not."""
    saved = modelfile.read(path)
    run = {**saved.run, "place": {**saved.run["place"], "epoch": 0, "shard": 0, "words": 0}}
    modelfile.write(path, saved.settings, saved.vocabulary, saved.arrays, run)


def test_an_error_leaves_the_last_checkpoint_and_nothing_else(corpus, tmp_path, many):
    path = tmp_path / "run.safetensors"

    class Fails:
        def on_epoch_end(self, model):
            if len(model.loss_history) == 2:
                raise Crash

    with pytest.raises(Crash):
        Word2Vec(corpus, workers=2, checkpoint=path, callbacks=[Fails()], **many, **SETTINGS)
    assert [file.name for file in tmp_path.iterdir()] == ["run.safetensors"]
    assert threading.active_count() == 1
    assert len(Word2Vec.resume(path, corpus, progress=False).loss_history) == 3


def test_a_checkpoint_that_cannot_be_written_is_told_of(corpus, tmp_path, monkeypatch):
    def write(*_, **__):
        raise OSError(28, "No space left on device", "run.safetensors")

    path = tmp_path / "run.safetensors"
    expected = Word2Vec(corpus, workers=1, **SETTINGS)
    monkeypatch.setattr(modelfile, "write", write)
    with pytest.warns(RuntimeWarning, match="no checkpoint was written, .*No space left"):
        model = Word2Vec(corpus, workers=1, checkpoint=path, **SETTINGS)
    assert np.array_equal(model.wv.vectors, expected.wv.vectors)


def test_want_of_memory_for_the_copy_does_not_end_the_training(corpus, tmp_path, monkeypatch):
    def copy_nothing(*_):
        raise MemoryError

    path = tmp_path / "run.safetensors"
    monkeypatch.setattr(Word2Vec, "_copy", copy_nothing)
    with pytest.warns(RuntimeWarning, match="no checkpoint was written, for want of memory"):
        model = Word2Vec(corpus, checkpoint=path, **SETTINGS)
    assert len(model.loss_history) == 3 and not path.exists()


def test_a_place_that_cannot_be_written_to_is_refused_at_once(corpus, tmp_path):
    model = Word2Vec(checkpoint=tmp_path / "nowhere" / "run", **SETTINGS)
    model.build_vocab(corpus)
    before = model.wv.vectors.copy()
    with pytest.raises(FileNotFoundError, match="nowhere"):
        model.train()
    assert np.array_equal(model.wv.vectors, before)
    with pytest.raises(ValueError, match="checkpoint_every must be"):
        Word2Vec(checkpoint_every=-1)


@pytest.mark.parametrize(
    ("options", "error"),
    [
        ({"checkpoint": "nowhere/run"}, FileNotFoundError),
        ({"checkpoint": "run", "checkpoint_every": -1}, ValueError),
        ({"total_examples": "many"}, TypeError),
        ({"checkpoint": 3}, TypeError),
    ],
)
def test_what_is_wrong_is_refused_before_reading(tmp_path, monkeypatch, options, error):
    def untouchable():
        raise AssertionError("the corpus was read")
        yield

    monkeypatch.chdir(tmp_path)
    model = Word2Vec(min_count=1, **SETTINGS)
    model.build_vocab([["나는", "달린다"]])
    with pytest.raises(error):
        model.train(untouchable(), **options)
    with pytest.raises(FileNotFoundError, match="nowhere"):
        Word2Vec(untouchable(), checkpoint="nowhere/run")
    with pytest.raises(TypeError, match="checkpoint must be a path, got 3"):
        Word2Vec(untouchable(), checkpoint=3)
    with pytest.raises(ValueError, match="progress must be"):
        Word2Vec(untouchable(), progress="no")


def test_resume_looks_at_the_corpus_once(corpus, tmp_path, monkeypatch):
    path = tmp_path / "run.safetensors"
    Word2Vec(corpus, checkpoint=path, **SETTINGS)
    unfinished(path)
    looks = []

    def look(*arguments):
        looks.append(arguments)
        return original(*arguments)

    original = checkpoint.fingerprint
    for module in (resume_module, training_module):
        monkeypatch.setattr(module, "fingerprint", look)
    Word2Vec.resume(path, corpus)
    assert len(looks) == 1


def test_resume_wants_what_was_trained_on(corpus, tmp_path):
    path = tmp_path / "run.safetensors"
    Word2Vec(corpus, checkpoint=path, **SETTINGS)
    unfinished(path)
    with pytest.raises(TypeError, match=r"pass it, as Word2Vec.resume\(path, source\)"):
        Word2Vec.resume(path)
    ids = np.array(corpus.tokens)
    other = ids.copy()
    other[[0, 1]] = other[[1, 0]]
    sentences = [
        [corpus.words[word] for word in part] for part in np.split(other, corpus.offsets[1:-1])
    ]
    assert (other != ids).any()
    with pytest.raises(ValueError, match="this one has other tokens"):
        Word2Vec.resume(path, sentences)
    with pytest.raises(ValueError, match=r"this one has 5 words instead of [\d,]+"):
        Word2Vec.resume(path, [["나는", "사과를", "먹었다"], ["나는", "달린다"]])


def test_what_is_no_checkpoint(corpus, tmp_path):
    path = tmp_path / "model.safetensors"
    model = Word2Vec(corpus, **SETTINGS)
    model.save(path)
    with pytest.raises(FormatError, match=r"no checkpoint: Word2Vec.load reads it"):
        Word2Vec.resume(path)
    with pytest.raises(AttributeError, match=r"model = Word2Vec.resume\(path\)"):
        model.resume(path)
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(FormatError, match=os.fspath(path)):
        Word2Vec.resume(path)


@pytest.mark.parametrize(
    "damage",
    [
        {"corpus": {}},
        {"corpus": {"words": "many", "sentences": 1, "distinct words": 1, "checksum": ""}},
        {"checkpoint_every": "now"},
        {"parameters": {}},
        {"place": {"epoch": 0, "words": 2**70}},
        {"place": {"nowhere": 0}},
        {"place": {"epoch": 0, "shard": 10**6}},
        {"place": {"epoch": 0, "shard": 0, "words": 10**9}},
        {"corpus": None},
        {"files": "a b"},
        {"files": []},
    ],
)
def test_a_checkpoint_whose_run_is_damaged_is_named(corpus, tmp_path, damage):
    path = tmp_path / "run.safetensors"
    Word2Vec(corpus, checkpoint=path, **SETTINGS)
    unfinished(path)
    saved = modelfile.read(path)
    modelfile.write(path, saved.settings, saved.vocabulary, saved.arrays, saved.run | damage)
    with pytest.raises(FormatError, match=r"run\.safetensors: a damaged model"):
        Word2Vec.resume(path, corpus)


def test_files_of_a_corpus(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("나는 달린다\n", encoding="utf-8")
    assert Corpus(path).files == [os.path.realpath(path)]
    assert Corpus([["나는", "달린다"]]).files is None


def test_a_text_that_is_gone_is_named(tmp_path):
    text, path = tmp_path / "a.txt", tmp_path / "run"
    text.write_text("나는 달린다 사과를 먹었다\n" * 20, encoding="utf-8")
    Word2Vec(text, checkpoint=path, min_count=1, **{**SETTINGS, "sample": 0})
    unfinished(path)
    text.rename(tmp_path / "b.txt")
    with pytest.raises(FileNotFoundError, match=r"Word2Vec\.resume\(path, source\).*a\.txt"):
        Word2Vec.resume(path)
    assert Word2Vec.resume(path, tmp_path / "b.txt").train_count == 1
