"""The figures as Markdown, ready for docs/performance.md."""

import json
import statistics
import time
from pathlib import Path

from cpu import PROGRAMS


RESULTS = Path(__file__).resolve().parent / "results"


def save(name: str, results: dict, text: str) -> None:
    """Writes the figures and their text to files of the time of day, and prints the text."""
    RESULTS.mkdir(exist_ok=True)
    stem = RESULTS / time.strftime(f"{name}-%Y%m%d-%H%M%S")
    stem.with_suffix(".json").write_text(json.dumps(results, indent=2) + "\n")
    stem.with_suffix(".md").write_text(text.rstrip() + "\n")
    print(f"\n{text}\nwritten to {stem}.json and {stem}.md", flush=True)


def markdown(results: dict) -> str:
    machine, numbers = results["machine"], results["numbers"]
    return "\n\n".join([
        f"Measured on {machine['cores']} cores of {machine['processor']}; SIPp, phones and fleet share the machine.",
        "Calls set up per second:",
        table(
            ["nodes", *(f"{number} ({what})" for number, what in numbers.items())],
            [[size, *(rate(results["rates"], size, number) for number in numbers)] for size in sizes(results)],
        ),
        f"Processor time per call of {results['hold']:g} s, in milliseconds:",
        table(
            ["called", *PROGRAMS, "all"],
            [
                [cost["number"], *(f"{1000 * cost['per_call'][name]:.1f}" for name in PROGRAMS),
                 f"{1000 * sum(cost['per_call'].values()):.1f}"]
                for cost in results["cpu"]
            ],
        ),
        "From answer to hearing the other side in a room, in milliseconds:",
        table(
            ["callers on", "the newcomer hears (median)", "worst", "the others hear the newcomer (median)", "worst"],
            [
                [delay["where"], *median_and_worst(delay["newcomer_hears"]),
                 *median_and_worst(delay["others_hear_newcomer"])]
                for delay in results["room"]
            ],
        ),
    ]) + "\n"


def sizes(results: dict) -> list[int]:
    return sorted({each["nodes"] for each in results["rates"]})


def rate(rates: list[dict], size: int, number: str) -> str:
    found = next(each for each in rates if (each["nodes"], each["number"]) == (size, number))
    if found["median_setup"] is None:
        return "none carried"
    at_the_top = found["rate"] == max(step["rate"] for step in found["steps"])
    return f"{'at least ' if at_the_top else ''}{found['rate']:g} (set-up {1000 * found['median_setup']:.0f} ms)"


def median_and_worst(seconds: list[float]) -> list[str]:
    return [f"{1000 * statistics.median(seconds):.0f}", f"{1000 * max(seconds):.0f}"]


def table(head: list, rows: list[list]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(str(cell) for cell in line) + " |" for line in lines)
