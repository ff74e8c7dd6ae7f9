"""Judges stories that a model generated: who is in them, and how much of them is new.

    judge_stories.py TABLES TRAINING GENERATED

TABLES is examples/stories/stories.txt, from whose tables the training text was drawn. Stories are separated by empty
lines; the last one, which may be cut, does not count. Prints Markdown: the share of stories that keep their hero (the one
named in the first sentence, and no other hero), one friend, and one thing that is wished for; and the share of sentences
and of stories that the training text does not have.
"""
import re
import sys


def column(tables, name):
    """The first field of each record of a table."""
    block = re.search(rf"^\[{name}\b.*\]\n((?:.+\n)+)", tables, re.MULTILINE)[1]
    return [line.split(" | ")[0] for line in block.split("\n") if line and not line.startswith("#")]


def named(words, text):
    return {word for word in words if re.search(rf"\b{re.escape(word)}\b", text)}


def stories(text):
    return [" ".join(story.split()) for story in text.split("\n\n") if story.strip()]


def sentences(story):
    return re.split(r'(?<=[.?!])"? ', story)


tables = open(sys.argv[1], encoding="utf-8").read()
training = stories(open(sys.argv[2], encoding="utf-8").read())
generated = stories(open(sys.argv[3], encoding="utf-8", errors="replace").read())[:-1]
heroes, friends, things = (column(tables, name) for name in ("hero", "friend", "want"))
known, known_stories = {s for story in training for s in sentences(story)}, set(training)

kept = {"hero": 0, "friend": 0, "thing": 0, "all": 0}
for story in generated:
    hero = named(heroes, sentences(story)[0])
    right = {"hero": len(hero) == 1 and named(heroes, story) == hero,
             "friend": len(named(friends, story)) == 1,
             "thing": len(named(things, story)) == 1}
    right["all"] = all(right.values())
    for what, is_right in right.items():
        kept[what] += is_right
said = [s for story in generated for s in sentences(story)]
new = sum(s not in known for s in said)
new_stories = sum(story not in known_stories for story in generated)

if not generated:
    sys.exit("judge_stories: no whole story was generated")
print("| what | of | share |")
print("| --- | --- | --- |")
for what, label in (("hero", "stories that keep their hero"), ("friend", "stories with one friend"),
                    ("thing", "stories about one thing"), ("all", "stories that keep all three")):
    print(f"| {label} | {len(generated)} | {100 * kept[what] / len(generated):.1f} % |")
print(f"| stories that the training text does not have | {len(generated)} | {100 * new_stories / len(generated):.1f} % |")
print(f"| sentences that the training text does not have | {len(said)} | {100 * new / len(said):.1f} % |")
