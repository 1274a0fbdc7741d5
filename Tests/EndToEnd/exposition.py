"""A strict reader of Prometheus' text format 0.0.4."""

import re
from dataclasses import dataclass, field

_NAME = r"[a-zA-Z_:][a-zA-Z0-9_:]*"
_LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\["\\n])*)"'
_SAMPLE = re.compile(rf"({_NAME})(?:\{{({_LABEL}(?:,{_LABEL})*)\}})? (NaN|[+-]Inf|-?[0-9][0-9.e+-]*)")


@dataclass
class Metric:
    kind: str
    samples: dict[tuple[str, frozenset], float] = field(default_factory=dict)

    def value(self, suffix: str = "", **labels: str) -> float:
        """The sum over the series that have these labels."""
        wanted = set(labels.items())
        return sum(value for (end, found), value in self.samples.items() if end == suffix and wanted <= found)


def parse(text: str) -> dict[str, Metric]:
    """Every metric by its name; fails on whatever Prometheus would not take."""
    assert text.endswith("\n")
    metrics: dict[str, Metric] = {}
    name, helped = "", ""
    for line in text.splitlines():
        if line.startswith("# HELP "):
            helped = line.split(" ")[2]
        elif line.startswith("# TYPE "):
            _, _, name, kind = line.split(" ")
            assert re.fullmatch(_NAME, name) and name == helped, line
            assert name not in metrics, f"{name} comes twice"
            assert kind in ("counter", "gauge", "histogram"), line
            metrics[name] = Metric(kind)
        else:
            match = _SAMPLE.fullmatch(line)
            assert match, f"not a sample: {line!r}"
            series, value = match[1], float(match[len(match.groups())])
            assert series.startswith(name), f"{series} is not of {name}"
            suffix = series[len(name):]
            assert suffix in (("_bucket", "_sum", "_count") if metrics[name].kind == "histogram" else ("",)), line
            key = (suffix, frozenset(re.findall(_LABEL, match[2] or "")))
            assert key not in metrics[name].samples, f"{line!r} comes twice"
            assert value >= 0, line
            metrics[name].samples[key] = value
    for metric in metrics.values():
        for (suffix, labels), count in metric.samples.items():
            if suffix == "_count":
                assert metric.samples[("_bucket", labels | {("le", "+Inf")})] == count
    return metrics
