"""Cards for the benchmark: small, different from one another, and of the kinds that learners' cards hold."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

WRONG_EVERY = 25  # so four percent of the cards must fail, and a benchmark that passes everything is seen

RECIPES = {
    "matmul": """\
a = tf.reshape(tf.range({n} * 3, dtype=tf.float32), ({n}, 3))
print(tf.matmul(a, a, transpose_b=True)[0])
print(a @ tf.ones((3, 2)) / {n})
""",
    "function": """\
@tf.function
def triangle(n):
    total = tf.constant(0)
    for i in tf.range(n + 1):
        if i % 2 == 0:
            total += i
    return total

print(triangle(tf.constant({n})))
""",
    "tape": """\
x = tf.Variable({n}.0)
with tf.GradientTape() as tape:
    y = x**3 + tf.sin(x)
print(tape.gradient(y, x).numpy())
""",
    "ragged": """\
words = tf.ragged.constant([["a"] * {n}, [], ["b", "c"]])
print(words.row_lengths(), words.shape)
print(tf.strings.length(words).to_tensor()[:, :2])
""",
    "sparse": """\
s = tf.sparse.SparseTensor(indices=[[0, 1], [1, {n}]], values=[1.5, {n}.0], dense_shape=[2, {n} + 1])
print(tf.sparse.to_dense(s * 2.0)[1, -2:])
print(tf.sets.size(tf.sets.union([[1, {n}]], [[{n}, 3]])).numpy())
""",
    "dataset": """\
dataset = tf.data.Dataset.range({n}).map(lambda x: x * x).batch(4)
for batch in dataset.take(2):
    print(batch)
print(dataset.element_spec)
""",
    "layer": """\
layer = tf.keras.layers.Dense({n}, kernel_initializer="ones", activation="relu")
print(layer(tf.constant([[1.0, 2.0], [-3.0, 0.5]]))[:, :2])
print(layer.name, [tuple(weight.shape) for weight in layer.weights])
""",
    "own layer": """\
class Scale(tf.keras.layers.Layer):
    def build(self, shape):
        self.factor = self.add_weight(shape=shape[-1:], initializer="ones", name="factor")

    def call(self, inputs):
        return inputs * self.factor * {n}

print(Scale()(tf.ones((2, 3))))
""",
    "loss": """\
huber = tf.keras.losses.Huber(delta={n}.0)
print(huber([0.0, 0.0], [1.0, 2.0 * {n}]).numpy())

def half_square(y_true, y_pred):
    return tf.reduce_mean(tf.square(y_true - y_pred)) / 2

print(half_square(tf.constant([1.0, {n}.0]), tf.constant([2.0, 2.0])))
""",
    "metric": """\
metric = tf.keras.metrics.Precision()
metric.update_state([0, 1, 1, 1] * {n}, [1, 1, 0, 1] * {n})
metric.update_state([1] * {n}, [1] * {n})
print(float(metric.result()), float(metric.true_positives[0]))
""",
    "variable": """\
v = tf.Variable([[1.0, 2.0], [3.0, {n}.0]])
v[0, 1].assign(42.0)
v.scatter_nd_update(indices=[[1, 0]], updates=[{n}.5])
print(v)
try:
    v.assign([1.0])
except ValueError as error:
    print(type(error).__name__)
""",
    "strings": """\
text = tf.constant(["Café", "coffee" * {n}])
print(tf.strings.unicode_decode(text, "UTF-8").row_lengths().numpy())
print(tf.strings.upper(tf.strings.substr(text, 0, 3)))
""",
    "cond": """\
@tf.function
def clip(x):
    return tf.cond(tf.reduce_sum(x) > {n}.0, lambda: tf.minimum(x, 1.0), lambda: x / 2)

print(clip(tf.constant([1.0, 3.0, 5.0])))
print(clip.get_concrete_function(tf.TensorSpec([3], tf.float32)).structured_outputs.shape)
""",
    "optimizer": """\
w = tf.Variable([1.0, {n}.0])
optimizer = tf.keras.optimizers.SGD(learning_rate=0.1, momentum=0.9)
for _ in range(2):
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(w * w)
    optimizer.apply_gradients([(tape.gradient(loss, w), w)])
print(w.numpy(), int(optimizer.iterations))
""",
    "random": """\
generator = tf.random.Generator.from_seed({n})
print(generator.normal([3]))
print(tf.random.uniform([2], seed={n}).shape)
""",
    "array": """\
array = tf.TensorArray(tf.float32, size={n})
for i in range({n}):
    array = array.write(i, tf.cast(i, tf.float32) ** 2)
stacked = array.stack()
print(stacked.shape, tf.reduce_mean(stacked).numpy(), tf.math.reduce_std(stacked).numpy())
""",
}


@dataclass(frozen=True, slots=True)
class Card:
    """One card: its id, its snippet, the output that it shows, and whether that is wrong on purpose."""

    id: str
    code: str
    want: str = ""
    wrong: bool = False


def make_cards(count: int) -> list[Card]:
    """So many cards, no two the same, without outputs."""
    recipes = list(RECIPES.items())
    return [
        Card(
            f"{recipes[i % len(recipes)][0].replace(' ', '-')}-{i}",
            "import tensorflow as tf\n\n" + recipes[i % len(recipes)][1].replace("{n}", str(2 + i // len(recipes))),
        )
        for i in range(count)
    ]


def with_outputs(cards: Sequence[Card], got: Mapping[str, str]) -> list[Card]:
    """The cards with what came out as what they want; here and there one digit of it is another."""
    return [
        replace(card, want=_spoilt(got[card.id]) if i % WRONG_EVERY == 3 else got[card.id], wrong=i % WRONG_EVERY == 3)
        for i, card in enumerate(cards)
    ]


def _spoilt(output: str) -> str:
    return re.sub(r"\d", lambda digit: str((int(digit[0]) + 1) % 10), output, count=1)


def write_project(root: Path, cards: Sequence[Card]) -> None:
    """A project in `root` (made new) with one deck of these cards, fifty a file."""
    deck = root / "cards/benchmark"
    deck.mkdir(parents=True)
    (deck / "deck.toml").write_text('id = "benchmark"\nname = "Benchmark"\n')
    for first in range(0, len(cards), 50):
        text = "\n".join(map(_markdown, cards[first : first + 50]))
        (deck / f"{first:04}.md").write_text(text)


def _markdown(card: Card) -> str:
    output = f"\n```output\n{card.want.rstrip()}\n```\n" if card.want else ""
    return f"# What does {card.id} print? {{#{card.id}}}\n\nThis.\n\n```python\n{card.code}```\n{output}"
