"""Invented names. No syllable is taken from a real register; the surnames say themselves that they are made up."""

import random

_GIVEN_NAMES = (
    "Abrel Alvi Ambro Arlo Asta Avel Belisa Benno Brisa Calo Cleo Corin Dalia Davo Delin Edda Elmo Enola Esmo Fenna "
    "Fiero Galen Gilda Hanno Ilvi Indra Ivo Jaleb Jorin Kaia Kelvo Lanno Lioba Lumi Maeri Milo Nadin Nerio Odil Orla "
    "Pavo Perl Quilla Rasmo Rilla Sanno Selma Sorin Tamsi Tavo Ulma Ursin Veda Vilo Wanda Wim Xeno Yara Ylvi Zeno"
)
_FAMILY_NAMES = (
    "Dataworth Demofield Dummond Exampley Fablewood Fakenham Fauxley Fictor Figmenti Imagini Inventado Made-Upton "
    "Makebeliev Mockridge Modelby Nobodi Notreal Paperman Phantomas Placeholt Pretendo Prototyp Samplewood Seedling "
    "Shamwell Simmons-Test Specimeno Standin Synthesi Testaverde Testley Trialson Unrealov Virtualis"
)


def invented_names(rng: random.Random, count: int) -> list[str]:
    """``count`` invented names, all different while there are combinations left."""
    pairs = [f"{given} {family}" for family in _FAMILY_NAMES.split() for given in _GIVEN_NAMES.split()]
    rng.shuffle(pairs)
    return [pairs[i % len(pairs)] + (f" {i // len(pairs) + 1}" if i >= len(pairs) else "") for i in range(count)]
