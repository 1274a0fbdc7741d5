"""What was said: speech recognition with a grammar so small that the only question is which name was spoken."""

import numpy
import pocketsphinx

from sound import Sound

RATE = 16000
"""What the acoustic model wants; phones record narrowband, which it copes with."""

SENTENCE = "you are connected to the asterisk called"

STRANGERS = ("mercury", "jupiter", "hercules", "saturn", "phoenix")
"""Names to listen for although no node may have them: whoever listens must be able to hear a wrong one."""

NOISE = 0.002
"""Faint noise to add: the model has never met the total silence between synthesized words."""

BEAMS = {"beam": 1e-100, "wbeam": 1e-80, "pbeam": 1e-100}
"""Wide: the grammar is small, and no path may be given up because a synthetic voice is unusual."""

PAUSE = 0.6
"""Seconds of silence that part two sentences; within one there is no such gap."""


def connected_to(heard: Sound, names: list[str]) -> list[str]:
    """The name in each complete "You are connected to the Asterisk called NAME": one of `names` or of the strangers."""
    known = {name.lower(): name for name in (*STRANGERS, *names)}
    said = (_recognise(sentence, list(known)) for sentence in sentences(heard))
    names_said = (words.removeprefix(SENTENCE).strip() for words in said if words.startswith(SENTENCE))
    return [known[name] for name in names_said if name in known]


def sentences(heard: Sound) -> list[Sound]:
    """The stretches of sound between pauses, without those that the recording's end cuts off."""
    step = int(0.05 * heard.rate)
    frames = [heard.samples[start : start + step] for start in range(0, len(heard.samples) - step + 1, step)]
    loud = [bool(numpy.sqrt(numpy.mean(frame**2)) > 0.005) for frame in frames]
    found, start, quiet = [], None, 0
    for index, is_loud in enumerate(loud):
        if is_loud:
            start, quiet = (index if start is None else start), 0
        elif start is not None:
            quiet += 1
            if quiet * 0.05 >= PAUSE:
                found.append(heard.between(start * 0.05 - 0.2, (index + 1) * 0.05))
                start = None
    return found


def _recognise(sentence: Sound, names: list[str]) -> str:
    grammar = f"#JSGF V1.0; grammar nodes; public <nodes> = {SENTENCE} ( {' | '.join(names)} );"
    decoder = pocketsphinx.Decoder(samprate=RATE, lm=None, loglevel="FATAL", **BEAMS)
    for word in {word for name in names for word in name.split()}:
        if decoder.lookup_word(word) is None:
            raise ValueError(f"'{word}' is not in the recogniser's dictionary: give the node another nickname")
    decoder.add_jsgf_string("nodes", grammar)
    decoder.activate_search("nodes")
    clean = sentence.resampled(RATE)
    noise = NOISE * numpy.random.default_rng(1).standard_normal(len(clean.samples))
    decoder.start_utt()
    decoder.process_raw(Sound(clean.samples + noise, RATE).pcm(), full_utt=True)
    decoder.end_utt()
    return decoder.hyp().hypstr if decoder.hyp() else ""
