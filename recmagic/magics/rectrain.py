"""%rectrain: train a model, with live progress and a stop that keeps what was learnt."""

from __future__ import annotations

from argparse import Namespace
from typing import Any

from recmagic.backends import NAMES
from recmagic.compiler.guarantee import UNITS
from recmagic.compiler.precision import PRECISIONS
from recmagic.errors import MagicError, did_you_mean
from recmagic.magics.config import choose_backend
from recmagic.magics.interrupt import clean_stop
from recmagic.magics.line import LineParser, batch, positive, setting, size, whole
from recmagic.magics.names import find_current_model
from recmagic.magics.notebook import Notebook

# What a run that goes on has already.
OF_THE_FIRST_PART = ("seed", "batch", "memory", "precision", "private", "federated")

PARSER = LineParser(
    "rectrain",
    "Train a model. The stop button ends the training after the current stretch and keeps what was learnt.",
    "In Python: history = NAME.train(epochs=20); the backend is os.environ['KERAS_BACKEND'] before Keras is imported.",
    objects=("callbacks",),
)
PARSER.add_argument("name", metavar="NAME", help="the model")
PARSER.add_argument("--epochs", type=positive, metavar="N", help="passes over the data (default 20)")
PARSER.add_argument("--batch", type=batch, metavar="N", help="examples a step, or `all` for every example at once")
PARSER.add_argument(
    "--patience", type=positive, default=10, metavar="N", help="stop after N epochs without a better one (default 10)"
)
PARSER.add_argument("--seed", type=whole, metavar="N", help="the seed of the run (default 0)")
PARSER.add_argument(
    "--resume", action="store_true", help="go on where the last run was stopped, up to --epochs in all (default: its)"
)
PARSER.add_argument(
    "--memory", type=size, metavar="SIZE", help="read the log in shards from disk, of which so much is held: 500MB, 2GB"
)
PARSER.add_argument(
    "--checkpoint", type=setting, nargs="+", metavar="KEY=VALUE",
    help="keep the run on disk, to go on with --resume after a crash: every=epoch (or every=5) [to=FOLDER] "
    "(default checkpoints/NAME)"
)
PARSER.add_argument(
    "--precision", choices=PRECISIONS, help="for a GPU: compute with 16 bits inside layers (default: 32 throughout)"
)
PARSER.add_argument(
    "--backend", choices=NAMES, help="what Keras is to run on; it is chosen before the first model, once a kernel"
)
PARSER.add_argument(
    "--private", type=setting, nargs="+", metavar="KEY=VALUE",
    help="differentially private weights: epsilon=4 [clip=0.1] [rows=20] [noise=1.1]"
)
PARSER.add_argument(
    "--delta", type=float, metavar="P", help="beside --private: how probable it is that more is told (default 1e-5)"
)
PARSER.add_argument("--unit", choices=UNITS, help="beside --private: what is protected as a whole (default user)")
PARSER.add_argument(
    "--federated", type=setting, nargs="+", metavar="KEY=VALUE",
    help="train by clients that keep their users' data, simulated here: clients=200 rounds=50 strategy=fedavg "
    "[fraction=0.1] [epochs=1 or steps=5] [dropouts=0.1] [stragglers=0.1] [mu=0.1] [rate=0.01] [noise=local]; or as "
    "one client of a Flower deployment: server=host:port [certificates=FILE]"
)
PARSER.add_argument("--callbacks", metavar="$LIST", help="a list of Keras callbacks in the notebook, such as $stops")


def rectrain(notebook: Notebook, arguments: Namespace) -> Any:
    """Return the History of the run."""
    options = {name: value for name, value in vars(arguments).items() if value is not None}
    if "backend" in options:
        choose_backend(options.pop("backend"))
    model = find_current_model(notebook, options.pop("name"))
    if arguments.checkpoint:
        options |= _kept(dict(options.pop("checkpoint")), arguments.name)
    if arguments.federated:
        options["federated"] = _federated(dict(options["federated"]))
    options |= _private({name: options.pop(name) for name in ("private", "delta", "unit") if name in options})
    given = [name for name in OF_THE_FIRST_PART if name in options]
    if arguments.resume and given:
        raise MagicError(f"--{given[0]} does not go with --resume: the run goes on with the one it began with.",
                         f"Leave --{given[0]} out, or --resume, which starts the run anew.")
    with clean_stop() as stop, notebook.live("training", stop) as listen:
        return model.train(**options, listen=listen, stop=stop)


def _kept(said: dict[str, str], name: str) -> dict[str, Any]:
    """Return where and how often a run is kept; MagicError at what is neither."""
    every, place = said.pop("every", "epoch"), said.pop("to", f"checkpoints/{name}")
    count = "1" if every == "epoch" else every
    if said or not (count.isdigit() and int(count)):
        raise MagicError("--checkpoint takes every= and to=.", "Write --checkpoint every=epoch to=FOLDER, or every=5.")
    return {"checkpoint": place, "every": int(count)}


def _private(said: dict[str, Any]) -> dict[str, Any]:
    """Return how private a run is to be, if it is; MagicError at what is no such setting."""
    if not said:
        return {}
    from recmagic.privacy import Privacy

    if "private" not in said:
        raise MagicError(f"--{next(iter(said))} goes with --private.", "Write --private epsilon=4, or leave it out.")
    settings, numbers = dict(said.pop("private")), {"epsilon": float, "clip": float, "rows": int, "noise": float}
    try:
        return {"private": Privacy(**{name: numbers[name](value) for name, value in settings.items()}, **said)}
    except (KeyError, ValueError, TypeError):
        raise MagicError("--private takes epsilon= and, if need be, clip=, rows= and noise=, all of them numbers.",
                         "Write --private epsilon=4.") from None


def _federated(said: dict[str, str]) -> Any:
    """Return how clients are to learn together; MagicError at what is no such setting."""
    from recmagic.federated import Federated

    kinds = {"clients": int, "rounds": int, "epochs": int, "steps": int, "fraction": float, "dropouts": float,
             "stragglers": float, "mu": float, "rate": float, "strategy": str, "noise": str, "server": str,
             "certificates": str}
    for name, value in said.items():
        if name not in kinds:
            raise MagicError(f"--federated has no setting '{name}'.",
                             did_you_mean(name, kinds) or f"It has {', '.join(kinds)}.")
        try:
            kinds[name](value)
        except ValueError:
            hint = "Write --federated clients=200 rounds=50."
            raise MagicError(f"{name} is a number, not '{value}'.", hint) from None
    return Federated(**{name: kinds[name](value) for name, value in said.items()})
