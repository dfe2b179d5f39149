"""Tables of measurements in a page of docs, one section for each machine."""
import os
import re


def machine():
    """What /proc/cpuinfo and the number of CPUs say: AMD EPYC, family 25 model 17, 2 cores."""
    facts = dict(re.findall(r"^(model name|cpu family|model)\s*: (.*)$", open("/proc/cpuinfo").read(), re.M))
    return (f"{facts.get('model name', 'unknown CPU')}, family {facts.get('cpu family', '?')} model {facts.get('model', '?')}, "
            f"{len(os.sched_getaffinity(0))} cores")


def replace_section(path, title, text):
    """Puts `text` under the heading `title`, in the place of what is there, or as the last section."""
    page, section = open(path).read(), f"### {title}\n\n{text}\n"
    pattern = re.compile(rf"^### {re.escape(title)}\n.*?(?=^##|\Z)", re.M | re.S)
    if pattern.search(page):
        page = pattern.sub(lambda match: section + ("\n" if page[match.end():] else ""), page, count=1)
    else:
        page = page.rstrip() + f"\n\n{section}"
    with open(path, "w") as file:
        file.write(page)
