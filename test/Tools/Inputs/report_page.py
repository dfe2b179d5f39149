"""Reads a report's page as a browser would, and says what is wrong with it.

usage: report_page.py PAGE.html LAYERS

There must be one script, the page's own; no attribute that runs one or loads anything; every tag must be closed; each
layer must have a box, a row and a description; no boxes may overlap, and lines run downwards. Prints the words of the
first row.
"""
import re
import sys
from html.parser import HTMLParser

VOID = {"meta", "path", "rect"}


class Page(HTMLParser):
    def __init__(self):
        super().__init__()
        self.boxes = []
        self.open, self.problems, self.ids, self.scripts, self.row, self.in_row = [], [], [], 0, [], False

    def handle_starttag(self, tag, attributes):
        self.scripts += tag == "script"
        for name, value in attributes:
            if name.startswith("on") or name in ("src", "href", "srcdoc", "action"):
                self.problems.append(f"attribute {name} of {tag}")
            if name == "id":
                self.ids.append(value)
                self.in_row = value == "r0" or (self.in_row and tag == "td")
        if tag not in VOID:
            self.open.append(tag)
        values = dict(attributes)
        if tag == "g" and "transform" in values:
            self.boxes.append(tuple(map(float, re.findall(r"[0-9.]+", values["transform"])))[::-1])
        if tag == "path":
            heights = [float(y) for y in re.findall(r"(?:M[0-9.]+ |V)([0-9.]+)", values["d"])] + [
                float(values["d"].split()[-1].split("V")[-1])]
            if heights != sorted(heights):
                self.problems.append(f"a line runs upwards: {values['d']}")

    def handle_startendtag(self, tag, attributes):
        if tag not in VOID:
            self.problems.append(f"{tag} ends itself")

    def handle_endtag(self, tag):
        if not self.open or self.open.pop() != tag:
            self.problems.append(f"{tag} is closed, but is not open")
        if tag == "tr":
            self.in_row = False

    def handle_data(self, data):
        if self.in_row:
            self.row.append(data)


def main():
    page, layers = Page(), int(sys.argv[2])
    page.feed(open(sys.argv[1], encoding="utf-8").read())
    page.close()
    wanted = [f"{kind}{i}" for kind in "nrd" for i in range(layers)]
    page.problems += [f"no element {name}" for name in wanted if page.ids.count(name) != 1]
    page.problems += [f"{name} beyond the layers" for name in page.ids if name in (f"n{layers}", f"r{layers}")]
    width = 184
    page.problems += [f"boxes at {a} and {b} overlap" for a, b in zip(sorted(page.boxes), sorted(page.boxes)[1:])
                      if a[0] == b[0] and b[1] - a[1] < width]
    if page.open or page.scripts != 1:
        page.problems.append(f"open: {page.open}, scripts: {page.scripts}")
    print(" | ".join(page.row))
    sys.exit("\n".join(page.problems) or 0)


if __name__ == "__main__":
    main()
