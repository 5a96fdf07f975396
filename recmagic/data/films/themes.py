"""What synopses are about: the words that stand for a theme, which is how the simulation reads a text."""

from __future__ import annotations

import re

import numpy as np
from numpy.typing import NDArray

THEMES: dict[str, str] = {
    "space": "space spaceship spaceships planet alien aliens astronaut astronauts starship moon mars earth station",
    "machines": "robot robots machine machines computer artificial cyborg hacker simulation future time scientist",
    "crime": "gangster gangsters mafia gang gangs heist robbery thief thieves crook crooks drug robbers bank con theft",
    "murder": "murder murders murdered murderer murderous killer killers killing kill detective detectives serial",
    "law": "trial police policeman policemen lawyer prison prisoner prisoners convict jail sheriff judge agent agents",
    "love": "love loves loved lover lovers lovesick marry marriage bride wedding affair heart romance falls couple",
    "family": "family families father mother son daughter parents sister sisters brother brothers child children wife",
    "war": "war soldier soldiers army nazi nazis officer resistance general battle bomb bombs german marines wartime",
    "power": "king queen prince princess emperor empire kingdom knight knights warlord lord samurai slave rebels rebel",
    "magic": "magic wizard witch witches fairy dragon spirit spirits enchanted cursed curse hobbit ring castle god",
    "fear": "ghost ghosts haunted monster monsters vampire demon demons dead horror nightmare creature masked house",
    "youth": "school student students schoolboy schoolgirl teenage teenager boy boys girl girls teacher grows graduate",
    "stage": "music song songs singer musician pianist dancer dance actor actress actors film director star band",
    "journey": "journey road river island ocean sea desert jungle forest pirate pirates treasure train ship gold lost",
    "revenge": "revenge betrayed betrayal hunt hunts hunted fight fights fighting duel assassin assassins spy rival",
    "solitude": "lonely silent memory alone old dying death grief widow widower loses empty past orphaned regret",
    "society": "poor rich worker workers clerk job city village farm money town factory slum office people women",
    "heroes": "superhero superheroes hero spider powers costume save world villain rescue defend protect protects",
}


def theme_counts(synopses: list[str]) -> NDArray[np.float64]:
    """Return how many words of each theme stand in each synopsis, (texts, themes)."""
    vocabularies = [frozenset(words.split()) for words in THEMES.values()]
    counts = np.zeros((len(synopses), len(vocabularies)))
    for row, synopsis in enumerate(synopses):
        words = re.findall(r"[a-z]+", synopsis.lower())
        counts[row] = [sum(word in vocabulary for word in words) for vocabulary in vocabularies]
    return counts
