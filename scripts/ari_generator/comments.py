"""Doc comments."""
import re
import textwrap

WIDTH = 120


def sentence(text):
    """A text of the description as one line that ends like a sentence."""
    text = " ".join(text.split())
    if not text:
        return ""
    return text if text[-1] in ".?!:" else f"{text}."


def paragraphs(text):
    """The paragraphs of a text: Asterisk parts them with empty lines, or as HTML does."""
    parts = re.split(r"\n\s*\n|(?:<br\s*/>)+", text)
    return [sentence(part) for part in parts if part.strip()]


def listed(words, last="or"):
    """`a`, `b` or `c`."""
    words = [f"`{word}`" for word in words]
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else words[0]


def comment(lines, indent=0):
    """A doc comment of lines, of which a list item's continuations are indented under it; long ones are wrapped."""
    made = []
    for line in lines:
        mark = re.match(r" *- ", line)
        hanging = " " * (2 + len(mark[0]) - 2) if mark else ""
        width = WIDTH - indent - len("/// ")
        wrapped = textwrap.wrap(
            line, width, subsequent_indent=hanging, break_long_words=False, break_on_hyphens=False
        )
        made += [f"{' ' * indent}/// {part}" for part in wrapped] or [f"{' ' * indent}///"]
    return "\n".join(made)
