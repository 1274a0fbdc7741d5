"""Sounds as numbers: test tones to send, and what is in a recording at which moment."""

import wave
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy

RATE = 8000
"""Samples per second of everything that the phones send and record."""

HEADER = 44
"""Bytes of a plain WAV header, as pjsua writes it before the first sample."""

SILENCE = -100.0
"""Level, in dB, of nothing at all."""

AUDIBLE = -40.0
"""Level, in dB of full scale, from which a tone counts as heard; ours leave the phone at about -16 dB."""

WINDOW = 0.05
"""Seconds over which a level is taken: long enough to tell tones 50 Hz apart."""


@dataclass(frozen=True)
class Sound:
    """Samples between -1 and 1 and their rate."""

    samples: numpy.ndarray
    rate: int = RATE

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate

    def between(self, start: float, end: float) -> "Sound":
        """The part from `start` to `end` seconds."""
        return Sound(self.samples[max(0, int(start * self.rate)) : max(0, int(end * self.rate))], self.rate)

    def loudness(self) -> float:
        """Root mean square in dB of full scale."""
        if not len(self.samples):
            return SILENCE
        return decibels(float(numpy.sqrt(numpy.mean(self.samples**2))))

    def level(self, hertz: float) -> float:
        """How strong one frequency is, in dB of full scale, over the whole of this sound."""
        count = len(self.samples)
        if count < 2:
            return SILENCE
        window = numpy.hanning(count)
        turn = numpy.exp(-2j * numpy.pi * hertz * numpy.arange(count) / self.rate)
        return decibels(float(2 * abs(numpy.sum(self.samples * window * turn)) / numpy.sum(window)))

    def levels(self, hertz: float) -> list[tuple[float, float]]:
        """`(second, level)` of one frequency, window by window."""
        starts = [index * WINDOW for index in range(int(self.seconds / WINDOW))]
        return [(start, self.between(start, start + WINDOW).level(hertz)) for start in starts]

    def first_heard(self, hertz: float, after: float = 0, lasting: int = 3) -> float | None:
        """The second, from `after` on, at which a tone is first audible for `lasting` windows in a row."""
        run = 0
        for second, level in self.levels(hertz):
            run = run + 1 if second >= after and level >= AUDIBLE else 0
            if run == lasting:
                return second - (lasting - 1) * WINDOW
        return None

    def longest_gap(self, hertz: float) -> float:
        """Seconds for which a tone was not there at a stretch, between its first and its last moment."""
        present = [time for time, level in self.levels(hertz) if level >= AUDIBLE]
        return max((later - earlier for earlier, later in pairwise(present)), default=WINDOW) - WINDOW

    def share_with(self, hertz: float) -> float:
        """In how much of this sound, between 0 and 1, a tone is audible."""
        levels = self.levels(hertz)
        return sum(level >= AUDIBLE for _, level in levels) / len(levels) if levels else 0

    def hears(self, hertz: float, share: float = 0.8) -> bool:
        """Whether a tone is audible during at least `share` of this sound."""
        return self.share_with(hertz) >= share

    def resampled(self, rate: int) -> "Sound":
        """The same at another rate; `rate` must be a multiple of the present one."""
        factor = rate // self.rate
        if factor * self.rate != rate:
            raise ValueError(f"{rate} is no multiple of {self.rate}")
        if factor == 1 or not len(self.samples):
            return self
        spectrum = numpy.fft.rfft(self.samples)
        samples = numpy.fft.irfft(spectrum, len(self.samples) * factor) * factor
        return Sound(samples, rate)

    def pcm(self) -> bytes:
        """Signed 16-bit little-endian samples."""
        return (numpy.clip(self.samples, -1, 1) * 32767).astype("<i2").tobytes()


NOTHING = Sound(numpy.zeros(0))


def decibels(amplitude: float) -> float:
    return max(SILENCE, 20 * float(numpy.log10(max(amplitude, 1e-9))))


def tone(hertz: float, seconds: float = 2, amplitude: float = 0.15) -> Sound:
    """A sine wave; whole periods, when `hertz * seconds` is whole, so that it loops without a click."""
    return Sound(amplitude * numpy.sin(2 * numpy.pi * hertz * numpy.arange(int(seconds * RATE)) / RATE))


def write(path: Path, sound: Sound) -> Path:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(sound.rate)
        file.writeframes(sound.pcm())
    return path


def read(path: Path) -> Sound:
    """A recording of the phones, finished or still growing: its header tells the length only when it is closed."""
    data = path.read_bytes()[HEADER:]
    return Sound(numpy.frombuffer(data[: len(data) // 2 * 2], "<i2").astype(float) / 32768)
