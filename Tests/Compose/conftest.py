"""The stack that the tests share, and phones on its network."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import images
from phone import Phone
from podman import Podman
from stack import Stack

TONES = (400.0, 730.0)


@pytest.fixture(scope="session")
def stack() -> Iterator[Stack]:
    """The services of compose.yaml, with their images, not started."""
    podman = Podman()
    try:
        images.prepare(podman)
        podman.start()
        yield Stack(podman)
    finally:
        podman.stop()


@pytest.fixture
def running(stack: Stack) -> Stack:
    """The stack with two nodes and no call, whatever the test before it did."""
    stack.up(asterisk=2)
    stack.settled(2)
    return stack


@pytest.fixture
def phones(running: Stack, tmp_path: Path) -> Iterator[Callable[[int], list[Phone]]]:
    """Registers that many phones, each with a tone of its own: the demo's subscriber, and others made for the test."""
    made: list[Phone] = []

    def make(count: int) -> list[Phone]:
        for index in range(count):
            user = "demo" if index == 0 else f"phone{index}"
            if index:
                running.asterism("subscribers", "add", user, "--password", user)
            phone = Phone(user, user, 5060, hertz=TONES[index], folder=tmp_path, place=running.place())
            made.append(phone)
            phone.register()
        return made

    yield make
    for phone in made:
        phone.close()


@pytest.fixture
def phone(phones) -> Phone:
    return phones(1)[0]
